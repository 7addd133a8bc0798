from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.finding import Finding
from fhir_cpt.rules.procedure import (
    EDITS,
    bundled,
    display_mismatch,
    injection_not_separate,
    missing,
    not_in_force,
    restricted,
    tracking_only,
    unknown,
    wrong_system,
)
from terminology import Release, open_release
from terminology.model import CPT, HCPCS
from terminology.release.build import build

from ..conftest import checker
from ..patching import patched

Check = Callable[..., list[Finding]]
CPT_FILES = Path(__file__).parents[3] / "sources" / "cpt"
SAMPLE = Path(__file__).parents[4] / "fhir_cpt" / "sample"
MEDICARE = tuple(edit for edit in EDITS if edit.medicare)


def item_of(**item: Any) -> dict[str, Any]:
    made = shorthand.claim({"lines": ["99213"], "kind": item.pop("kind", "professional")})
    made["item"][0] |= item
    return made


def local(code: str = "X1") -> dict[str, Any]:
    return {"coding": [{"system": "https://lab.example", "code": code}]}


def test_a_line_with_other_codes_names_their_system(check: Check) -> None:
    found = check(missing.EDIT, resource=item_of(productOrService=local()))
    assert [(item.state, item.disposition) for item in found] == [("fail", "reject")]
    assert "https://lab.example" in found[0].text


@pytest.mark.parametrize(
    "resource",
    [
        item_of(kind="institutional", productOrService={"text": "room"}, revenue=local("0120")),
        item_of(kind="oral", productOrService=local("D0120")),
        item_of(
            productOrService={"text": "a group"},
            detail=[{"productOrService": {"coding": [{"system": CPT, "code": "85025"}]}}],
        ),
        item_of(detail=[{"productOrService": local("00002-7597-01")}]),
    ],
    ids=["billed by revenue code", "dental", "a group of coded details", "a drug as detail"],
)
def test_a_line_that_needs_no_procedure_code_passes(check: Check, resource: dict[str, Any]) -> None:
    assert check(missing.EDIT, resource=resource) == []


def test_a_charge_needs_a_procedure_code(check: Check) -> None:
    charge = {**shorthand.charge("99213"), "code": local(), "occurrenceDateTime": "2026-10-15"}
    assert [item.expression for item in check(missing.EDIT, resource=charge)] == [("ChargeItem.code",)]


def test_an_unknown_code_of_a_fragment_says_that_it_is_one(check: Check) -> None:
    found = check(unknown.EDIT, lines=["99999", "J9999"])
    assert [item.severity for item in found] == ["warning", "error"]
    assert "public tables" in found[0].text


def test_an_unknown_code_is_certain_where_the_ama_file_of_the_year_is_held(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    out = tmp_path_factory.mktemp("licensed")
    build([f"{CPT_FILES / 'LONGULT.txt'}@2026", str(SAMPLE / "hcpcs")], out)
    check = checker(open_release(out))
    for day, severity in (("2026-12-31", "error"), ("2027-01-01", "warning"), ("2025-12-31", "warning")):
        found = check(unknown.EDIT, date=day, lines=["99999"])
        assert [item.severity for item in found if item.state == "fail"] == [severity], day


@pytest.mark.parametrize(("code", "system"), [("25", CPT), ("LT", HCPCS), ("LT", CPT), ("25", HCPCS)])
def test_a_modifier_is_no_procedure_whatever_system_it_comes_under(check: Check, code: str, system: str) -> None:
    found = check(unknown.EDIT, wrong_system.EDIT, not_in_force.EDIT, lines=[{"code": code, "system": system}])
    assert [(item.edit, item.severity) for item in found] == [("procedure-unknown", "error")]
    assert "is a modifier" in found[0].text


def test_an_ended_code_tells_its_days_and_its_successor(check: Check) -> None:
    found = check(not_in_force.EDIT, date="2026-10-15", lines=["C9166"])
    assert dict(found[0].evidence) == {"start": "2024-04-01", "end": "2024-06-30", "successors": "J3247"}
    assert "from 2024-04-01 to 2024-06-30" in found[0].text
    assert "J3247" in found[0].text
    assert found[0].expression == ("Claim.item[0].productOrService", "Claim.item[0].servicedDate")


@pytest.mark.parametrize(
    ("code", "day", "told"),
    [
        ("C9990", "2026-04-01", "C9990 was in force from 2025-07-01 to 2026-03-31, not on 2026-04-01: CMS names J9990"),
        ("C9990", "2025-06-30", "C9990 is in force from 2025-07-01 to 2026-03-31, not on 2025-06-30"),
        ("J9990", "2026-03-31", "J9990 is in force from 2026-04-01, not yet on 2026-03-31"),
    ],
)
def test_it_is_said_in_plain_words_when_a_code_was_or_is_in_force(check: Check, code: str, day: str, told: str) -> None:
    (found,) = check(not_in_force.EDIT, date=day, lines=[code])
    assert found.text.startswith(told)


def test_a_successor_that_is_not_yet_in_force_is_not_offered(check: Check) -> None:
    found = check(not_in_force.EDIT, date="2024-03-31", lines=["C9166"])
    assert [(item.fix, dict(item.evidence)["successors"]) for item in found] == [(None, "none")]


def test_the_fix_keeps_the_modifiers_of_an_expression_and_drops_the_old_text(check: Check) -> None:
    claim = shorthand.claim({"lines": [{"code": "J1030:JZ", "system": HCPCS, "display": "Methylprednisolone"}]})
    fix = check(not_in_force.EDIT, resource=claim)[0].fix
    assert fix is not None
    assert fix.documentation
    coding = patched(claim, fix)["item"][0]["productOrService"]["coding"]
    assert coding == [{"system": HCPCS, "code": "J1010:JZ"}]


def test_a_code_that_the_schedule_of_the_day_lacks_names_the_schedule(check: Check) -> None:
    found = check(not_in_force.EDIT, lines=["99441"])
    assert [(item.severity, item.edition and item.edition.table) for item in found] == [("warning", "pfs")]


@pytest.mark.parametrize("code", ["0071U", "0001U"])
def test_a_laboratorys_own_code_is_never_on_the_fee_schedule_and_no_fault(check: Check, code: str) -> None:
    assert check(not_in_force.EDIT, lines=[code]) == []


@pytest.mark.parametrize(
    ("code", "given", "preferred"),
    [
        ("J3301", CPT, HCPCS),
        ("99213", HCPCS, CPT),
        ("99213", "http://www.ama-assn.org/go/cpt/", CPT),
        ("J3301", "urn:oid:2.16.840.1.113883.6.12", HCPCS),
    ],
)
def test_the_fix_puts_the_preferred_system(check: Check, code: str, given: str, preferred: str) -> None:
    claim = shorthand.claim({"lines": [{"code": code, "system": given}]})
    found = check(wrong_system.EDIT, resource=claim)
    assert dict(found[0].evidence) == {"system": given, "preferred": preferred}
    assert found[0].fix is not None
    mended = patched(claim, found[0].fix)
    assert mended["item"][0]["productOrService"]["coding"][0]["system"] == preferred
    assert check(wrong_system.EDIT, resource=mended) == []


def test_the_coding_that_was_taken_is_the_one_that_the_fix_changes(check: Check) -> None:
    codings = [{"system": "https://lab.example", "code": "X"}, {"display": "none"}, {"system": CPT, "code": "J3301"}]
    found = check(wrong_system.EDIT, resource=item_of(productOrService={"coding": codings}))
    assert found[0].fix is not None
    assert found[0].fix.changes[0].path == "Claim.item[0].productOrService.coding[2].system"


def test_an_expression_has_no_display_of_its_own(check: Check) -> None:
    assert check(display_mismatch.EDIT, lines=[{"code": "J1010:JZ", "display": "anything"}]) == []


def test_the_fix_of_a_display_puts_the_codes_own(check: Check) -> None:
    claim = shorthand.claim({"lines": [{"code": "J1010", "display": "Crutches"}]})
    found = check(display_mismatch.EDIT, resource=claim)
    assert found[0].expression == ("Claim.item[0].productOrService.coding[0].display",)
    assert found[0].fix is not None
    assert check(display_mismatch.EDIT, resource=patched(claim, found[0].fix)) == []


def test_the_text_of_a_cpt_code_is_never_quoted(tmp_path_factory: pytest.TempPathFactory) -> None:
    out = tmp_path_factory.mktemp("licensed")
    build([f"{CPT_FILES / 'LONGULT.txt'}@2026"], out)
    release = open_release(out)
    system = release.code_system(CPT).versions[0]
    concept = next(item for item in map(system.concept, range(len(system))) if item.display and len(item.code) == 5)
    check = checker(release)
    found = check(display_mismatch.EDIT, lines=[{"code": concept.code, "system": CPT, "display": "another text"}])
    assert len(found) == 1
    assert concept.display is not None
    assert concept.display not in str(found[0])
    assert check(display_mismatch.EDIT, lines=[{"code": concept.code, "system": CPT, "display": concept.display}]) == []


@pytest.mark.parametrize(
    ("line", "element"),
    [
        ({"net": 0.02}, "net"),
        ({"price": 5, "units": 2}, "unitPrice"),
        ({"price": 0.01, "units": 1}, None),
        ({"net": None}, None),
    ],
)
def test_the_charge_is_the_net_else_the_price(check: Check, line: dict[str, Any], element: str | None) -> None:
    found = check(tracking_only.EDIT, lines=[{"code": "3008F", **line}])
    assert [item.expression[0] for item in found] == ([f"Claim.item[0].{element}"] if element else [])


def test_a_charge_for_tracking_names_its_price(check: Check) -> None:
    charge = shorthand.charge("3008F", occurrenceDateTime="2026-10-15", priceOverride={"value": 9})
    assert [item.expression[0] for item in check(tracking_only.EDIT, resource=charge)] == ["ChargeItem.priceOverride"]


def test_two_supplies_beside_each_other_are_not_bundled(check: Check) -> None:
    assert check(bundled.EDIT, lines=["A4253", {"code": "A4253", "modifiers": ["76"]}], medicare=True) == []


@pytest.mark.parametrize(
    ("beside", "speaks"), [("99213", True), ("85025", False), ("99396", False), ("99100", False), ("00400", True)]
)
def test_a_minor_service_goes_into_what_the_schedule_pays(check: Check, beside: str, speaks: bool) -> None:
    found = check(injection_not_separate.EDIT, lines=["94760", beside], medicare=True)
    assert bool(found) is speaks


@pytest.mark.parametrize("kind", ["institutional", "pharmacy"])
def test_the_fee_schedules_status_speaks_of_practitioners_alone(check: Check, kind: str) -> None:
    lines = ["99100", "99417", "99396", "94760", "99213", "0591T"]
    assert [item for item in check(*MEDICARE, lines=lines, kind=kind, medicare=True) if item.state == "fail"] == []
    assert len(check(*MEDICARE, lines=lines, medicare=True)) == 5


def test_what_the_contractor_decides_is_information(check: Check) -> None:
    found = check(restricted.EDIT, lines=["0591T", "R0070", "99213"], medicare=True)
    assert [(item.severity, item.carc, item.disposition) for item in found] == [("information", (), "inform")] * 2


def test_codes_of_which_no_table_tells_are_told_once(check: Check) -> None:
    (found,) = check(not_in_force.EDIT, date="2025-06-15", lines=["99470", "99213", "99470", "17003"])
    assert (found.state, found.missing, found.lines) == ("no-data", "pfs", (0, 2))
    assert "whether 99470 was in force on 2025-06-15" in found.text


def test_a_code_whose_edits_have_ended_names_the_day_and_the_table(check: Check) -> None:
    (found,) = check(not_in_force.EDIT, date="2025-06-15", lines=["99443"])
    assert "until 2024-12-31" in found.text
    assert found.edition is not None
    assert found.edition.table.startswith("ptp-")


def test_an_item_that_groups_subdetails_with_codes_needs_none_itself(check: Check) -> None:
    coded = {"productOrService": {"coding": [{"system": CPT, "code": "85025"}]}}
    group = {"productOrService": {"text": "a group"}}
    nested = item_of(**group, detail=[{**group, "subDetail": [coded]}])
    assert check(missing.EDIT, resource=nested) == []


@pytest.mark.realdata
def test_the_agencies_tables_tell_which_telephone_and_office_codes_had_ended(real_release: Release) -> None:
    look = checker(real_release)
    (found,) = look(not_in_force.EDIT, date="2024-08-15", lines=["99201", "99443", "99213"])
    assert (found.lines, found.severity) == ((0,), "warning")
    assert "until 2020-12-31" in found.text
    assert look(not_in_force.EDIT, date="2020-08-15", lines=["99201"]) == []
