"""Which upstream is asked about what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_cpt.upstream.routes import Route, chosen, parse

SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("https://tx.example/r4", Route("https://tx.example/r4")),
        ("https://tx.example/r4/", Route("https://tx.example/r4")),
        ("https://tx.example", Route("https://tx.example")),
        ("r4:https://tx.example/r4", Route("https://tx.example/r4", "r4")),
        ("r5:https://tx.example/r5", Route("https://tx.example/r5", "r5")),
        ("http://loinc.org=http://[::1]:8080/fhir", Route("http://[::1]:8080/fhir", "r4", LOINC)),
        ("r5:http://loinc.org=https://tx.example/r5", Route("https://tx.example/r5", "r5", LOINC)),
        (
            "http://snomed.info/sct?fhir_vs=https://tx.example/r4",
            Route("https://tx.example/r4", "r4", "http://snomed.info/sct?fhir_vs"),
        ),
        ("https://me:a%40b@tx.example/r4", Route("https://tx.example/r4", auth=("me", "a@b"))),
    ],
)
def test_a_route_is_read_as_it_is_written(text: str, route: Route) -> None:
    assert parse(text) == route


@pytest.mark.parametrize(
    "text",
    [
        "tx.example/r4",
        "ftp://tx.example",
        "http://",
        "http://loinc.org=",
        "https://tx.example/r4?x",
        "https://tx.example:port/r4",
        "https://tx.example/#r4",
        "r6:https://tx.example",
        "https://tx.example/a b",
        "",
        "https://[::1/r4",
    ],
)
def test_what_is_no_route_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="FHIR_CPT_UPSTREAM"):
        parse(text)


def test_no_message_and_no_representation_shows_a_password() -> None:
    with pytest.raises(ValueError, match="FHIR_CPT_UPSTREAM") as refused:
        parse("ftp://me:secret@tx.example")
    assert "secret" not in str(refused.value)
    assert "secret" not in repr(parse("https://me:secret@tx.example"))


@given(st.text(max_size=60))
def test_any_text_is_a_route_or_is_refused(text: str) -> None:
    try:
        route = parse(text)
    except ValueError:
        return
    assert route.url.startswith(("http://", "https://"))
    assert not route.url.endswith("/")


@pytest.mark.parametrize(
    ("prefix", "subject", "covered"),
    [
        ("", "", True),
        ("", LOINC, True),
        (LOINC, LOINC, True),
        (LOINC, f"{LOINC}/vs/LL1-1", True),
        (LOINC, f"{LOINC}anic", False),
        (LOINC, "http://loinc", False),
        (LOINC, "", False),
        (SNOMED, f"{SNOMED}?fhir_vs=ecl/<<1", True),
        ("urn:oid:2.16.", "urn:oid:2.16.840", True),
    ],
)
def test_a_prefix_covers_what_is_below_it(prefix: str, subject: str, covered: bool) -> None:
    assert Route("https://tx.example", prefix=prefix).covers(subject) is covered


def test_the_longest_prefix_wins_and_plain_routes_are_for_the_rest() -> None:
    plain, second = Route("https://a.example"), Route("https://b.example")
    loinc, sets = Route("https://l.example", prefix=LOINC), Route("https://s.example", prefix=f"{LOINC}/vs")
    routes = [plain, sets, loinc, second]
    assert chosen(routes, "r4", SNOMED) == [plain, second]
    assert chosen(routes, "r4", LOINC) == [loinc]
    assert chosen(routes, "r4", f"{LOINC}/vs/LL1-1") == [sets]


def test_routes_of_the_other_version_are_never_chosen() -> None:
    r4, r5 = Route("https://a.example", "r4"), Route("https://b.example", "r5")
    assert chosen([r4, r5], "r4", LOINC) == [r4]
    assert chosen([r4, r5], "r5", LOINC) == [r5]
    assert chosen([r4], "r5", LOINC) == []
