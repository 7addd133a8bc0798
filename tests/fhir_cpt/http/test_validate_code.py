"""`CodeSystem/$validate-code` and `ValueSet/$validate-code` over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from terminology.model import CANONICAL, CPT, HCPCS, ICD10CM, PLACE_OF_SERVICE
from terminology.systems import ALIASES

from .client import Client, Reply

IN_SYSTEM = "CodeSystem/$validate-code"
IN_SET = "ValueSet/$validate-code"
THO = "http://terminology.hl7.org/ValueSet"
OWN = f"{CANONICAL}ValueSet"


def kinds(reply: Reply) -> list[tuple[str, str, str]]:
    """Severity, tx-issue-type and expression of each issue."""
    return [
        (issue["severity"], issue["details"]["coding"][0]["code"], issue["expression"][0]) for issue in reply.issues
    ]


@pytest.mark.parametrize(
    ("system", "code"), [(CPT, "99213"), (CPT, "99213:25"), (HCPCS, "A0425"), (ICD10CM, "E11.65"), (CPT, "25")]
)
def test_a_right_code_is_right_in_every_way_of_asking(client: Client, system: str, code: str) -> None:
    replies = [
        client.get(IN_SYSTEM, url=system, code=code),
        client.get(IN_SYSTEM, system=system, code=code),
        client.call(IN_SYSTEM, ("url", "uri", system), ("code", "code", code)),
        client.call(IN_SYSTEM, ("coding", "Coding", {"system": system, "code": code})),
        client.call(IN_SYSTEM, ("url", "uri", system), ("coding", "Coding", {"code": code})),
        client.request("POST", IN_SYSTEM, data={"url": system, "code": code}),
    ]
    assert all(reply.named("result") is True for reply in replies)
    assert all(reply.resource == replies[0].resource for reply in replies)
    assert replies[0].named("code") == code
    assert replies[0].named("system") == system
    assert replies[0].named("message") is None


@pytest.mark.parametrize(
    ("system", "code", "text"),
    [
        (CPT, "99213-25", "write 99213:25"),
        (CPT, "99213:ZZ", "Not a known modifier: ZZ"),
        (HCPCS, "A042", "Unknown code 'A042'"),
        (ICD10CM, "U99.9", "it is in version 2026"),
    ],
)
def test_a_wrong_code_is_wrong_and_the_message_says_why(client: Client, system: str, code: str, text: str) -> None:
    found = client.get(IN_SYSTEM, url=system, code=code)
    assert found.status == 200
    assert found.named("result") is False
    assert text in found.named("message")
    assert kinds(found) == [("error", "invalid-code", "code")]


def test_a_code_missing_from_a_fragment_is_warned_of(client: Client) -> None:
    found = client.get(IN_SYSTEM, url=CPT, code="10004")
    assert found.named("result") is True
    assert kinds(found) == [("warning", "invalid-code", "code")]
    assert "fragment" in found.texts


@pytest.mark.parametrize(
    ("code", "day", "right"),
    [
        ("C9990", "2026-03-31", True),
        ("C9990", "2026-04-01", False),
        ("J9990", "2026-03-31", False),
        ("J9990", "2026-04-01", True),
    ],
)
def test_a_code_is_right_on_its_last_day_and_wrong_the_day_after(
    client: Client, code: str, day: str, right: bool
) -> None:
    found = client.get(IN_SYSTEM, url=HCPCS, code=code, date=day)
    assert found.named("result") is right
    assert found.named("inactive") is (None if right else True)
    in_set = client.get(IN_SET, url=f"{OWN}/hcpcs-{code[0].lower()}", code=code, date=day)
    assert in_set.named("result") is right


def test_a_code_that_ended_names_its_successor(client: Client) -> None:
    assert "see J9990" in client.get(IN_SYSTEM, url=HCPCS, code="C9990", date="2026-04-01").named("message")


def test_a_day_that_no_edition_reaches_is_said_to_be_answered_from_an_older_one(client: Client) -> None:
    found = client.get(IN_SYSTEM, url=ICD10CM, code="E11.65", date="2031-01-01")
    assert found.named("result") is True
    assert kinds(found) == [("information", "process-note", "code")]
    assert "ends before 2031-01-01" in found.texts


@pytest.mark.parametrize(
    ("display", "lenient", "right", "severity"),
    [
        ("Mileage of a ground ambulance, each mile", "false", True, None),
        ("MILEAGE of a ground ambulance, each mile", "false", True, None),
        ("Mileage  of a ground ambulance, each mile", "false", False, "error"),
        ("Something else", "false", False, "error"),
        ("Something else", "true", True, "warning"),
    ],
)
def test_a_display_must_be_one_of_the_codes_texts(
    client: Client, display: str, lenient: str, right: bool, severity: str | None
) -> None:
    own = client.get(IN_SYSTEM, url=HCPCS, code="A0425").named("display")
    given = display if display == "Something else" else display.replace("each mile", own.rsplit(", ", 1)[1])
    found = client.get(IN_SYSTEM, url=HCPCS, code="A0425", display=given, lenient__display__validation=lenient)
    assert found.named("result") is right
    assert kinds(found) == ([] if severity is None else [(severity, "invalid-display", "display")])
    assert found.named("display") == own


def test_a_display_of_a_code_without_texts_is_taken(client: Client) -> None:
    assert client.get(IN_SYSTEM, url=CPT, code="99213", display="anything").named("result") is True


def test_the_language_of_the_display_may_be_named(client: Client) -> None:
    assert client.get(IN_SYSTEM, url=HCPCS, code="A0425", displayLanguage="en").named("result") is True


@pytest.mark.parametrize("alias", sorted(ALIASES))
def test_another_name_of_a_system_is_taken_with_a_warning(client: Client, alias: str) -> None:
    code = {CPT: "99213", HCPCS: "A0425", ICD10CM: "E11.65", PLACE_OF_SERVICE: "11"}[ALIASES[alias]]
    found = client.get(IN_SYSTEM, url=alias, code=code)
    assert found.named("result") is True
    assert kinds(found) == [("warning", "code-rule", "system")]
    assert ALIASES[alias] in found.named("message")


def test_other_spellings_are_right_and_the_right_one_is_told(client: Client) -> None:
    found = client.get(IN_SYSTEM, url=ICD10CM, code="E1165")
    assert (found.named("result"), found.named("normalized-code")) == (True, "E11.65")
    assert found.issues[0]["severity"] == "warning"
    lower = client.get(IN_SYSTEM, url=HCPCS, code="a0425")
    assert (lower.named("result"), lower.named("normalized-code")) == (True, "A0425")


def test_an_unknown_system_is_named_for_the_clients_that_look_elsewhere(client: Client) -> None:
    found = client.get(IN_SYSTEM, url="http://loinc.org", code="1-8")
    assert found.status == 200
    assert found.named("result") is False
    assert found.named("x-caused-by-unknown-system") == "http://loinc.org"
    version = client.get(IN_SYSTEM, url=ICD10CM, version="1999", code="E11.65")
    assert version.named("result") is False
    assert version.named("x-caused-by-unknown-system") == f"{ICD10CM}|1999"


def test_every_coding_of_a_concept_must_be_right(client: Client) -> None:
    good = {"coding": [{"system": CPT, "code": "99213"}, {"system": HCPCS, "code": "A0425"}], "text": "two"}
    bad = {"coding": [{"system": CPT, "code": "99213"}, {"system": HCPCS, "code": "A9999"}]}
    found = client.call(IN_SYSTEM, ("codeableConcept", "CodeableConcept", good))
    assert found.named("result") is True
    assert found.named("codeableConcept") == good
    wrong = client.call(IN_SYSTEM, ("codeableConcept", "CodeableConcept", bad))
    assert wrong.named("result") is False
    assert kinds(wrong) == [("error", "invalid-code", "CodeableConcept.coding[1].code")]


def test_a_concept_must_have_a_coding_of_the_system_asked_about(client: Client) -> None:
    concept = ("codeableConcept", "CodeableConcept", {"coding": [{"system": HCPCS, "code": "A0425"}]})
    assert client.call(IN_SYSTEM, ("url", "uri", HCPCS), concept).named("result") is True
    wrong = client.call(IN_SYSTEM, ("url", "uri", CPT), concept)
    assert wrong.named("result") is False
    assert kinds(wrong) == [("error", "invalid-code", "codeableConcept")]


@pytest.mark.parametrize(
    ("path", "extra"),
    [
        ("CodeSystem/icd10cm-2026/$validate-code", []),
        (IN_SYSTEM, [("url", "uri", ICD10CM), ("version", "string", "2026")]),
        (IN_SYSTEM, [("version", "string", "2026")]),
    ],
)
def test_the_version_asked_for_holds_for_a_concept_too(
    client: Client, path: str, extra: list[tuple[str, str, str]]
) -> None:
    concept = ("codeableConcept", "CodeableConcept", {"coding": [{"system": ICD10CM, "code": "U99.9"}]})
    found = client.call(path, concept, *extra)
    assert (found.named("result"), found.named("version")) == (True, "2026")


def test_what_a_client_puts_beside_a_coding_is_not_sent_back(client: Client) -> None:
    concept = {"coding": [{"system": CPT, "code": "99213", "colour": "red"}], "shape": [None, [], {}], "text": ""}
    found = client.call(IN_SYSTEM, ("codeableConcept", "CodeableConcept", concept))
    assert found.named("codeableConcept") == {"coding": [{"system": CPT, "code": "99213"}]}


@pytest.mark.parametrize(
    ("url", "code", "right"),
    [
        (f"{THO}/cpt-all", "99213", True),
        (f"{THO}/cpt-all", "25", True),
        (f"{THO}/cpt-all", "99213:25", True),
        (f"{CPT}/vs", "99213:25", True),
        (f"{THO}/cpt-base", "99213", True),
        (f"{THO}/cpt-base", "25", False),
        (f"{THO}/cpt-base", "99213:25", False),
        (f"{THO}/cpt-modifiers", "25", True),
        (f"{THO}/cpt-modifiers", "99213", False),
        (f"{THO}/cpt-modifiers", "99213:25", False),
        (f"{THO}/cpt-usable", "99213", True),
        (f"{THO}/cpt-usable", "99213:25", True),
        (f"{THO}/cpt-usable", "25", False),
        (f"{OWN}/cpt-section-surgery", "20610", True),
        (f"{OWN}/cpt-section-surgery", "99213", False),
        (f"{OWN}/cpt-section-evaluation-and-management", "99213", True),
        (f"{OWN}/cpt-section-evaluation-and-management", "99213:25", True),
        (f"{OWN}/cpt-category-iii", "0591T", True),
        (f"{OWN}/cpt-category-ii", "3008F", True),
        (f"{OWN}/cpt-category-i", "3008F", False),
        (f"{OWN}/hcpcs", "A0425", True),
        (f"{OWN}/hcpcs-codes", "XE", False),
        (f"{OWN}/hcpcs-modifiers", "XE", True),
        (f"{OWN}/hcpcs-a", "A0425", True),
        (f"{OWN}/hcpcs-g", "A0425", False),
        (f"{OWN}/icd10cm-billable", "E11.65", True),
        (f"{OWN}/icd10cm-billable", "E11.6", False),
        (f"{ICD10CM}/vs", "E11.6", True),
        (f"{OWN}/place-of-service", "11", True),
    ],
)
def test_the_built_in_value_sets_hold_what_they_say(client: Client, url: str, code: str, right: bool) -> None:
    found = client.get(IN_SET, url=url, code=code)
    assert found.named("result") is right
    if not right:
        assert ("error", "not-in-vs", "code") in kinds(found)
    by_id = client.get(f"ValueSet/{url.rsplit('/', 1)[1]}/$validate-code", code=code)
    assert by_id.resource == found.resource or url.endswith("/vs")


def test_a_concept_is_in_a_value_set_where_one_coding_is(client: Client) -> None:
    concept = {"coding": [{"system": HCPCS, "code": "A0425"}, {"system": CPT, "code": "20610"}]}
    surgery = ("url", "uri", f"{OWN}/cpt-section-surgery")
    found = client.call(IN_SET, surgery, ("codeableConcept", "CodeableConcept", concept))
    assert (found.named("result"), found.named("code")) == (True, "20610")
    concept["coding"].pop()
    assert client.call(IN_SET, surgery, ("codeableConcept", "CodeableConcept", concept)).named("result") is False


def test_a_code_of_another_system_is_not_in_the_value_set(client: Client) -> None:
    found = client.get(IN_SET, url=f"{THO}/cpt-all", system=HCPCS, code="A0425")
    assert found.named("result") is False


def test_the_version_of_a_coding_chooses_the_edition(client: Client) -> None:
    old = {"system": ICD10CM, "version": "2026", "code": "U99.9"}
    assert client.call(IN_SYSTEM, ("coding", "Coding", old)).named("version") == "2026"
    in_set = client.get(IN_SET, url=f"{OWN}/icd10cm", code="U99.9", systemVersion="2026")
    assert in_set.named("version") == "2026"


@pytest.mark.parametrize(
    ("path", "parameters", "status", "named"),
    [
        (IN_SYSTEM, [], 400, "code"),
        (IN_SYSTEM, [("code", "code", "99213")], 400, "system"),
        (IN_SYSTEM, [("url", "uri", CPT), ("coding", "Coding", {"system": HCPCS, "code": "A0425"})], 400, HCPCS),
        (IN_SYSTEM, [("coding", "Coding", {"system": CPT})], 400, "coding"),
        (IN_SYSTEM, [("coding", "string", "x")], 400, "valueCoding"),
        (IN_SYSTEM, [("coding", "Coding", {"system": 1, "code": "99213"})], 400, "coding.system"),
        (IN_SYSTEM, [("coding", "Coding", {"system": CPT, "code": 99213})], 400, "coding"),
        (IN_SYSTEM, [("codeableConcept", "CodeableConcept", {})], 400, "codeableConcept"),
        (IN_SYSTEM, [("codeableConcept", "CodeableConcept", {"coding": [1]})], 400, "codeableConcept"),
        (IN_SYSTEM, [("codeableConcept", "CodeableConcept", {"coding": [{"code": "1"}]})], 400, "coding[0]"),
        (IN_SYSTEM, [("url", "uri", CPT), ("code", "code", {"a": 1})], 400, "code"),
        (IN_SYSTEM, [("url", "uri", CPT), ("code", "code", "99213"), ("date", "boolean", True)], 400, "date"),
        (IN_SYSTEM, [("code", "code", "1"), ("codeableConcept", "CodeableConcept", {"coding": [{}]})], 400, "both"),
        (IN_SYSTEM, [("coding", "Coding", {"code": "1"}), ("codeableConcept", "CodeableConcept", {})], 400, "both"),
        (IN_SYSTEM, [("coding", "Coding", {"system": CPT, "code": "1", "version": "a b"})], 400, "version"),
        (IN_SYSTEM, [("url", "uri", CPT), ("code", "code", "1"), ("version", "string", "a b")], 400, "version"),
        (IN_SYSTEM, [("nonsense", "string", "x")], 400, "nonsense"),
        (IN_SET, [("code", "code", "99213")], 400, "url"),
        (IN_SET, [("url", "uri", "http://nowhere.example/vs"), ("code", "code", "1")], 404, "nowhere"),
        ("ValueSet/nowhere/$validate-code", [("code", "code", "1")], 404, "nowhere"),
    ],
)
def test_a_request_that_cannot_be_answered_says_why(
    client: Client, path: str, parameters: list[tuple[str, str, Any]], status: int, named: str
) -> None:
    found = client.call(path, *parameters)
    assert found.status == status
    assert named in found.texts
