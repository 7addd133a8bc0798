"""Requests for authorisation and payers' answers, as R4, R5 and Da Vinci PAS write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.authorizations import authorizations_of, read_asked, read_reply
from fhir_cpt.claims.history import Authorization, AuthorizedLine
from fhir_cpt.claims.normalise import claim_from
from fhir_cpt.claims.prior import history_from, read_past
from fhir_cpt.claims.resources import Resources
from terminology.model import CPT, HCPCS

Json = dict[str, Any]
PAS = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-"
PERIOD = {"start": "2026-10-01", "end": "2026-10-31"}


def concept(code: str, system: str = CPT) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def review(action: str, number: str | None = None) -> Json:
    parts: list[Json] = [{"url": "number", "valueString": number}] if number else []
    parts.append({"url": f"{PAS}reviewActionCode", "valueCodeableConcept": concept(action, "https://x12.example/306")})
    return {"extension": [{"url": f"{PAS}reviewAction", "extension": parts}], "category": concept("submitted", "x")}


def detail(code: str, units: float, *, last: str | None = None, system: str = CPT) -> Json:
    parts: list[Json] = [{"url": "productOrServiceCode", "valueCodeableConcept": concept(code, system)}]
    if last:
        parts.append({"url": "productOrServiceCodeEnd", "valueCodeableConcept": concept(last, system)})
    return {
        "url": f"{PAS}itemAuthorizedDetail",
        "extension": [*parts, {"url": "quantity", "valueQuantity": {"value": units}}],
    }


def item(sequence: int, *extensions: Json, **elements: Any) -> Json:
    return {"itemSequence": sequence, "extension": list(extensions), **elements}


def reply(**elements: Any) -> Json:
    return {
        "resourceType": "ClaimResponse",
        "status": "active",
        "use": "preauthorization",
        "outcome": "complete",
        **elements,
    }


ASKED = {
    "resourceType": "Claim",
    "id": "asked",
    "use": "preauthorization",
    "item": [
        {"sequence": 1, "productOrService": concept("70553"), "quantity": {"value": 2}},
        {"sequence": 2, "productOrService": concept("E0601", HCPCS), "quantity": {"value": 3, "unit": "months"}},
        {"sequence": 3, "productOrService": concept("3", "https://codesystem.x12.org/005010/1365")},
    ],
}

CASES = {
    "R4 with nothing but a number": (
        reply(preAuthRef="A1"),
        [Authorization("A1", (AuthorizedLine("70553", "", 2), AuthorizedLine("E0601"), AuthorizedLine()))],
    ),
    "R4, only some of the items": (
        reply(preAuthRef="A1", preAuthPeriod=PERIOD, item=[item(1)]),
        [Authorization("A1", (AuthorizedLine("70553", "", 2, 20261001, 20261031),))],
    ),
    "an added item in the place of one that was asked for": (
        reply(
            preAuthRef="A1",
            item=[item(1), item(2)],
            addItem=[
                {
                    "itemSequence": [1],
                    "productOrService": concept("70551"),
                    "quantity": {"value": 1},
                    "servicedDate": "2026-10-05",
                }
            ],
        ),
        [Authorization("A1", (AuthorizedLine("70551", "", 1, 20261005, 20261005), AuthorizedLine("E0601")))],
    ),
    "PAS: one granted, one refused, under one number": (
        reply(preAuthRef="A1", item=[item(1, adjudication=[review("A1")]), item(2, adjudication=[review("A3")])]),
        [Authorization("A1", (AuthorizedLine("70553", "", 2),))],
    ),
    "PAS: a number for each item, and days": (
        reply(
            item=[
                item(1, {"url": f"{PAS}itemPreAuthPeriod", "valuePeriod": PERIOD}, adjudication=[review("A1", "N1")]),
                item(2, adjudication=[review("A3", "N2")]),
            ]
        ),
        [Authorization("N1", (AuthorizedLine("70553", "", 2, 20261001, 20261031),)), Authorization("N2", (), False)],
    ),
    "PAS: authorized with changes": (
        reply(item=[item(1, detail("70551", 1), adjudication=[review("A6", "N1")])]),
        [Authorization("N1", (AuthorizedLine("70551", "", 1),))],
    ),
    "PAS: a range of codes": (
        reply(item=[item(1, detail("97110", 12, last="97140"), adjudication=[review("A1", "N1")])]),
        [Authorization("N1", (AuthorizedLine("97110", "97140", 12),))],
    ),
    "PAS: a type of service, which leaves the code open": (
        reply(item=[item(3, adjudication=[review("A1", "N1")])]),
        [Authorization("N1", (AuthorizedLine(),))],
    ),
    "PAS: pended": (reply(preAuthRef="A1", item=[item(1, adjudication=[review("A4", "N1")])]), []),
    "PAS of 2019: refused as a whole": (
        reply(preAuthRef="A1", extension=[{"url": f"{PAS}reviewAction", "valueCode": "A3"}]),
        [Authorization("A1", (), False)],
    ),
    "PAS of 2019: pended as a whole": (
        reply(preAuthRef="A1", outcome="queued", extension=[{"url": f"{PAS}reviewAction", "valueString": "A4"}]),
        [],
    ),
    "R5: the outcome of each item": (
        reply(
            item=[
                item(
                    1, reviewOutcome={"decision": concept("approved", "d"), "preAuthRef": "N1", "preAuthPeriod": PERIOD}
                ),
                item(2, reviewOutcome={"decision": concept("pending", "d"), "preAuthRef": "N2"}),
                item(3, reviewOutcome={"decision": concept("denied", "d"), "preAuthRef": "N3"}),
            ]
        ),
        [Authorization("N1", (AuthorizedLine("70553", "", 2, 20261001, 20261031),)), Authorization("N3", (), False)],
    ),
    "R5: refused as a whole": (
        reply(preAuthRef="A1", decision=concept("denied", "d"), item=[item(1)]),
        [Authorization("A1", (), False)],
    ),
    "R5: not decided yet": (reply(preAuthRef="A1", decision=concept("pending", "d")), []),
    "an error is no answer": (reply(preAuthRef="A1", outcome="error"), []),
    "of another use": (reply(preAuthRef="A1", use="claim"), []),
}


@pytest.mark.parametrize(("resource", "expected"), CASES.values(), ids=CASES)
def test_an_answer_authorizes_what_it_says(resource: Json, expected: list[Authorization]) -> None:
    found = read_reply(resource, Resources())
    assert (list(authorizations_of(found, read_asked(ASKED))) if found else []) == expected


@pytest.mark.parametrize(("resource", "expected"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("order", [1, -1])
def test_a_request_and_its_answer_in_the_context_are_joined(
    resource: Json, expected: list[Authorization], order: int
) -> None:
    answer = {**resource, "request": {"reference": "https://fhir.example/r4/Claim/asked/_history/2"}}
    claim = claim_from(shorthand.claim({"lines": ["70553"]}), "Claim", Resources())
    history = history_from([ASKED, answer][::order], claim, Resources())
    assert history is not None
    assert (list(history.authorizations), history.has_lines) == (expected, False)


def test_a_request_that_is_contained_in_its_answer_is_read() -> None:
    answer = reply(preAuthRef="A1", item=[item(1)], contained=[ASKED], request={"reference": "#asked"})
    found = read_reply(answer, Resources())
    assert found is not None
    assert list(authorizations_of(found, ())) == [Authorization("A1", (AuthorizedLine("70553", "", 2),))]


def test_who_is_authorized_is_known_by_npi_and_open_where_one_has_none() -> None:
    npi = {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}}
    added = {"productOrService": concept("70553"), "provider": [npi]}
    for providers, expected in (([npi], ("1234567893",)), ([npi, {"reference": "Practitioner/1"}], ())):
        found = read_reply(reply(preAuthRef="A1", addItem=[{**added, "provider": providers}]), Resources())
        assert found is not None
        (authorization,) = authorizations_of(found, ())
        assert authorization.lines[0].providers == expected


def test_units_are_known_only_where_the_quantity_counts_units() -> None:
    assert [one.units for one in read_asked(ASKED)] == [2, None, None]


@pytest.mark.parametrize(
    ("line", "code", "named"),
    [
        (AuthorizedLine("97110"), "97110", True),
        (AuthorizedLine("97110"), "97112", False),
        (AuthorizedLine("97110", "97140"), "97110", True),
        (AuthorizedLine("97110", "97140"), "97140", True),
        (AuthorizedLine("97110", "97140"), "97150", False),
        (AuthorizedLine("97110", "97140"), "9711", False),
        (AuthorizedLine(), "97110", False),
    ],
)
def test_a_range_names_the_codes_between_its_ends(line: AuthorizedLine, code: str, named: bool) -> None:
    assert line.names(code) is named


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "item",
                    "addItem",
                    "extension",
                    "url",
                    "valueString",
                    "coding",
                    "code",
                    "system",
                    "itemSequence",
                    "start",
                    "adjudication",
                    "reviewOutcome",
                    "decision",
                    "preAuthRef",
                    "quantity",
                    "value",
                    "provider",
                    "identifier",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "item",
                "addItem",
                "extension",
                "decision",
                "preAuthRef",
                "preAuthPeriod",
                "request",
                "outcome",
                "status",
                "patient",
                "contained",
                "identifier",
                "id",
                "adjudication",
            ]
        ),
        JSON,
    ),
    st.sampled_from(["Claim", "ChargeItem", "ClaimResponse"]),
)
def test_nothing_that_may_come_along_raises(elements: Json, kind: str) -> None:
    resource = {"resourceType": kind, "use": "preauthorization", **elements}
    claim = claim_from(shorthand.claim({"lines": ["70553"]}), "Claim", Resources())
    history_from([resource], claim, Resources())
    read_past(resource, Resources())


def test_the_examples_of_da_vinci_pas_are_read(shared: Path) -> None:
    found: dict[str, list[Authorization]] = {}
    for path in sorted((shared / "data" / "claims" / "davinci-pas").glob("*response*.json")):
        bundle = json.loads(path.read_text("utf-8"))
        entries = [entry["resource"] for entry in bundle.get("entry", ())] or [bundle]
        at_hand = Resources((None, one) for one in entries)
        replies = [read_reply(one, at_hand) for one in entries if one["resourceType"] == "ClaimResponse"]
        found[path.name] = [made for one in replies if one is not None for made in authorizations_of(one, ())]
    granted = found["inferno_valid_pa_response_bundle.json"][0]
    assert (granted.ref, granted.granted, granted.lines[0].start) == ("AUTH0001", True, 20050502)
    assert found["inferno_valid_pa_response_bundle_denial.json"] == [Authorization("AUTH0001", (), False)]
    assert found["ri_claimresponse-pended.json"] == []
