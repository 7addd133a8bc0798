"""`CodeSystem/$lookup` over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from terminology.model import CPT, HCPCS, ICD10CM, PLACE_OF_SERVICE
from terminology.systems import ALIASES

from .client import Client

LOOKUP = "CodeSystem/$lookup"


@pytest.mark.parametrize(
    ("system", "code", "version", "display"),
    [
        (CPT, "99213", "2026", None),
        (CPT, "25", "2026", None),
        (CPT, "0001U", "2026", None),
        (HCPCS, "A0425", "2026-10", "Mileage of a ground ambulance, each mile"),
        (HCPCS, "XE", "2026-10", "Distinct: other encounter"),
        (ICD10CM, "E11.65", "2027", "Diabetes, type 2, with high blood sugar"),
    ],
)
def test_a_code_of_each_system_is_found_by_get_by_parameters_and_by_coding(
    client: Client, system: str, code: str, version: str, display: str | None
) -> None:
    by_get = client.get(LOOKUP, system=system, code=code)
    by_post = client.call(LOOKUP, ("code", "code", code), ("system", "uri", system))
    by_coding = client.call(LOOKUP, ("coding", "Coding", {"system": system, "code": code}))
    by_query_coding = client.get(LOOKUP, coding=f"{system}|{code}")
    by_form = client.request("POST", LOOKUP, data={"system": system, "code": code})
    assert by_get.status == 200
    assert by_get.resource == by_post.resource == by_coding.resource == by_query_coding.resource == by_form.resource
    assert by_get.named("version") == version
    assert (by_get.named("display") or "").startswith(display or "")
    assert by_get.named("code") == code
    assert by_get.named("system") == system
    assert by_get.named("name")


def test_cpt_answers_carry_the_copyright_notice_and_others_none(client: Client) -> None:
    assert "American Medical Association" in client.get(LOOKUP, system=CPT, code="99213").named("copyright")
    assert client.get(LOOKUP, system=HCPCS, code="A0425").named("copyright") is None


def test_properties_tell_the_section_the_category_and_the_dates(client: Client) -> None:
    cpt = client.get(LOOKUP, system=CPT, code="99213").properties
    assert (cpt["section"], cpt["category"], cpt["modifier"]) == (["evaluation-and-management"], ["I"], [False])
    hcpcs = client.get(LOOKUP, system=HCPCS, code="C9990", date="2026-03-31").properties
    assert (hcpcs["effective"], hcpcs["expires"]) == (["2025-07-01"], ["2026-03-31"])


def test_only_the_properties_asked_for_are_told(client: Client) -> None:
    one = client.get(LOOKUP, system=ICD10CM, code="E11.6", property="parent")
    assert one.properties == {"parent": ["E11"]}
    two = client.get(LOOKUP, system=ICD10CM, code="E11.6", property=["child", "billable"])
    assert two.properties == {"child": ["E11.65"], "billable": [False]}
    assert client.get(LOOKUP, system=ICD10CM, code="E11.6", property="no-such").properties == {}


def test_designations_are_told_unless_other_properties_are_asked_for(client: Client) -> None:
    assert client.get(LOOKUP, system=HCPCS, code="J9990").all("designation")[0]["value"] == "Sample drug 1 mg"
    assert client.get(LOOKUP, system=HCPCS, code="J9990", property="designation").all("designation")
    assert not client.get(LOOKUP, system=HCPCS, code="J9990", property="betos").all("designation")


@pytest.mark.parametrize(
    ("code", "day", "inactive"),
    [
        ("C9990", "2025-07-01", False),
        ("C9990", "2026-03-31", False),
        ("C9990", "2026-04-01", True),
        ("J9990", "2026-03-31", True),
        ("J9990", "2026-04-01", False),
    ],
)
def test_a_code_is_active_up_to_its_last_day(client: Client, code: str, day: str, inactive: bool) -> None:
    found = client.get(LOOKUP, system=HCPCS, code=code, date=day)
    assert found.properties["inactive"] == [inactive]


@pytest.mark.parametrize(
    ("code", "day", "version", "status"),
    [
        ("U99.9", "2026-09-30", "2026", 200),
        ("U99.9", "2026-10-01", "2027", 404),
        ("U99.8", "2026-09-30", "2026", 404),
        ("U99.8", "2026-10-01", "2027", 200),
    ],
)
def test_the_fiscal_year_of_the_day_answers(client: Client, code: str, day: str, version: str, status: int) -> None:
    found = client.get(LOOKUP, system=ICD10CM, code=code, date=day)
    assert found.status == status
    if status == 200:
        assert found.named("version") == version
    else:
        assert f"version '{version}'; it is in version" in found.texts


def test_an_edition_is_asked_for_by_its_version(client: Client) -> None:
    assert client.get(LOOKUP, system=ICD10CM, code="U99.9", version="2026").named("version") == "2026"
    missing = client.get(LOOKUP, system=ICD10CM, code="U99.9", version="1999")
    assert missing.status == 404
    assert "2026, 2027" in missing.texts


def test_a_day_after_the_newest_edition_is_answered_and_said_to_be_out_of_date(client: Client) -> None:
    found = client.get(LOOKUP, system=ICD10CM, code="E11.65", date="2031-01-01")
    assert found.status == 200
    assert [issue["severity"] for issue in found.issues] == ["information"]
    assert "ends before the day asked about" in found.texts
    assert client.get(LOOKUP, system=ICD10CM, code="E11.65").issues == []


@pytest.mark.parametrize("alias", sorted(ALIASES))
def test_another_name_of_a_system_is_taken_with_a_warning_that_names_the_preferred_one(
    client: Client, alias: str
) -> None:
    code = {CPT: "99213", HCPCS: "A0425", ICD10CM: "E11.65", PLACE_OF_SERVICE: "11"}[ALIASES[alias]]
    found = client.get(LOOKUP, system=alias, code=code)
    assert found.named("system") == ALIASES[alias]
    assert [issue["severity"] for issue in found.issues] == ["warning"]
    assert ALIASES[alias] in found.texts


@pytest.mark.parametrize("code", ["99213:25", "99213:25:95", "99213:95:25", "99213:GT"])
def test_a_code_with_modifiers_is_an_expression_without_a_display(client: Client, code: str) -> None:
    found = client.get(LOOKUP, system=CPT, code=code)
    assert found.named("code") == code
    assert found.named("display") is None
    assert (found.properties["modified"], found.properties["base"]) == ([True], ["99213"])


def test_an_unknown_modifier_is_named(client: Client) -> None:
    found = client.get(LOOKUP, system=CPT, code="99213:25:ZZ")
    assert found.status == 404
    assert "Not a known modifier: ZZ" in found.texts


@pytest.mark.parametrize("code", ["99213-25", "99213.25", "99213 25", "99213,25"])
def test_another_separator_is_refused_with_the_right_form(client: Client, code: str) -> None:
    found = client.get(LOOKUP, system=CPT, code=code)
    assert found.status == 404
    assert "write 99213:25" in found.texts


def test_an_icd_code_without_its_dot_is_found_under_its_own_code(client: Client) -> None:
    assert client.get(LOOKUP, system=ICD10CM, code="e1165").named("code") == "E11.65"


@pytest.mark.parametrize("name", ["cpt", "cpt-2026"])
def test_an_instance_answers_for_its_own_system(client: Client, name: str) -> None:
    found = client.get(f"CodeSystem/{name}/$lookup", code="99213")
    assert (found.named("code"), found.named("version")) == ("99213", "2026")


def test_an_instance_of_one_edition_answers_from_it(client: Client) -> None:
    assert client.get("CodeSystem/icd10cm-2026/$lookup", code="U99.9").named("version") == "2026"
    assert client.get("CodeSystem/icd10cm-2027/$lookup", code="U99.9").status == 404
    assert client.get("CodeSystem/icd10cm-1999/$lookup", code="U99.9").status == 404


@pytest.mark.parametrize(
    ("parameters", "status", "named"),
    [
        ({}, 400, "code"),
        ({"code": "99213"}, 400, "system"),
        ({"system": CPT}, 400, "code"),
        ({"system": CPT, "code": ""}, 400, "code"),
        ({"system": CPT, "code": " 99213"}, 400, "code"),
        ({"system": CPT, "code": "99213", "coding": f"{CPT}|99213"}, 400, "coding"),
        ({"system": CPT, "code": "99213", "date": "yesterday"}, 400, "date"),
        ({"system": CPT, "code": "99213", "date": "2026-02-30"}, 400, "date"),
        ({"system": CPT, "code": "99213", "colour": "red"}, 400, "colour"),
        ({"system": CPT, "code": ["99213", "99214"]}, 400, "code"),
        ({"system": "http://loinc.org", "code": "1-8"}, 404, "http://loinc.org"),
        ({"system": "two words", "code": "1-8"}, 400, "system"),
    ],
)
def test_a_request_that_cannot_be_answered_says_why(
    client: Client, parameters: dict[str, Any], status: int, named: str
) -> None:
    found = client.get(LOOKUP, **parameters)
    assert found.status == status
    assert named in found.texts
    assert all(issue["severity"] == "error" for issue in found.issues)


def test_an_instance_refuses_a_code_of_another_system(client: Client) -> None:
    found = client.get("CodeSystem/cpt/$lookup", system=HCPCS, code="A0425")
    assert found.status == 400
    assert HCPCS in found.texts
    assert CPT in found.texts
