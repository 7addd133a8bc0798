"""The engine: every finding, who speaks first, what could not be checked, what a pack changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, _said_once, validate
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Report
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.model import Claim
from fhir_cpt.claims.normalise import claim_from
from fhir_cpt.claims.preparing import prepare
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.catalogue import CATALOGUE
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.ncci import EDITS as NCCI
from fhir_cpt.rules.procedure import EDITS as PROCEDURE
from terminology import Release, open_release
from terminology.model import CPT, HCPCS
from terminology.release.build import build

EDITS = (*PROCEDURE, *NCCI)
DEFAULT = tuple(edit for edit in EDITS if not edit.medicare)
SAMPLE = Path(__file__).parents[3] / "fhir_cpt" / "sample"
TODAY = 20261120


@pytest.fixture(scope="module")
def facts(sample_release: Release) -> Facts:
    return Facts(Knowledge(sample_release), TODAY)


@pytest.fixture(scope="module")
def hcpcs_alone(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """Facts of a release without NCCI tables, fee schedule and CPT."""
    out = tmp_path_factory.mktemp("hcpcs-alone")
    build([str(SAMPLE / "hcpcs")], out)
    return Facts(Knowledge(open_release(out)), TODAY)


def claim(**spec: Any) -> Claim:
    return claim_from(shorthand.claim(spec), "Claim", Resources())


def check(facts: Facts, selection: Selection | None = None, *, passes: bool = False, **spec: Any) -> Report:
    return validate(claim(**spec), facts, selection or Selection(DEFAULT), passes=passes)


def said(report: Report) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(item.edit, item.state, item.lines) for item in report.findings]


def speaking(name: str, **details: Any) -> Edit:
    """An edit that fails on the first line."""

    def look(claim: Claim, facts: Facts) -> Iterator[Finding]:
        del facts
        yield edit.finding(f"{name} speaks.", claim.lines[0])

    edit = Edit(id=name, family="claim", title=f"About {name}", check=look, citation="none", **details)
    return edit


def test_no_finding_stops_another(facts: Facts) -> None:
    report = check(facts, lines=["20610", "99213", "99292", {"code": "A0425", "units": 300}, "J9999", {"code": None}])
    assert said(report) == [
        ("procedure-missing", "fail", (5,)),
        ("procedure-unknown", "fail", (4,)),
        ("ncci-ptp", "fail", (1, 0)),
        ("ncci-ptp", "fail", (2, 0)),
        ("ncci-mue-line", "fail", (3,)),
        ("ncci-add-on", "fail", (2,)),
    ]


def test_the_same_claim_gives_the_same_report(facts: Facts) -> None:
    one = claim(lines=[{"code": "J3301", "system": CPT}, "99999"])
    selection = Selection(DEFAULT)
    assert validate(one, facts, selection) == validate(one, facts, selection)


def test_an_edit_yields_to_one_that_spoke_of_the_same_lines(facts: Facts) -> None:
    selection = Selection((speaking("second", yields_to=("first",)), speaking("first")))
    assert [item.edit for item in check(facts, selection, lines=["99213"]).findings] == ["first"]


def test_an_edit_does_not_yield_to_one_that_is_silent_or_speaks_of_other_lines(facts: Facts) -> None:
    selection = Selection((speaking("second", yields_to=("ncci-add-on",)), *NCCI))
    lines = [item.edit for item in check(facts, selection, lines=["99213", "99292"]).findings]
    assert lines == ["second", "ncci-add-on"]
    assert [item.edit for item in check(facts, selection, lines=["99292"]).findings] == ["ncci-add-on"]


def test_missing_tables_are_told_once_with_every_edit_that_they_hold_up(hcpcs_alone: Facts) -> None:
    report = check(hcpcs_alone, lines=["J3301", "J1885"])
    (found,) = report.findings
    assert found.missing == "ptp, mue, addon"
    assert (found.edit, *found.also) == ("ncci-ptp", "ncci-mue-line", "ncci-mue-date", "ncci-add-on")
    assert found.lines == (0, 1)
    assert "2026-10-15" in found.text


def test_an_edit_that_lacks_two_tables_is_named_once(hcpcs_alone: Facts) -> None:
    one = check(hcpcs_alone, Selection(CATALOGUE), lines=["J3301"], dx=["E10.9", "E11.9"])
    (found,) = [item for item in one.findings if item.missing and "icd10cm" in item.missing]
    named = [found.edit, *found.also]
    assert len(named) == len(set(named))
    assert {"diagnosis-excludes1", "diagnosis-age"} <= set(named)
    assert "icd10cm-notes" not in found.missing.split(", ")
    assert not any(item.missing == "Patient.birthDate" for item in one.findings)


def test_edits_of_the_fee_schedule_do_not_pass_for_want_of_it(hcpcs_alone: Facts) -> None:
    selection = Selection(EDITS, medicare=True)
    report = validate(claim(lines=["A4550"]), msgspec.structs.replace(hcpcs_alone, medicare=True), selection)
    held_up = next(item for item in report.findings if "pfs" in (item.missing or ""))
    assert {held_up.edit, *held_up.also} >= {edit.id for edit in EDITS if edit.medicare}


def test_a_code_system_that_is_not_loaded_is_missing_and_its_codes_are_not_unknown(hcpcs_alone: Facts) -> None:
    report = check(hcpcs_alone, Selection(PROCEDURE[:6]), lines=["99213"])
    assert [(item.state, item.missing) for item in report.findings] == [("no-data", "procedure")]


def test_a_table_that_starts_later_is_missing_for_the_day(facts: Facts) -> None:
    report = check(facts, Selection(NCCI), date="2026-06-30", lines=["99213"])
    assert [(item.missing, item.edit, item.also) for item in report.findings] == [
        ("mue", "ncci-mue-line", ("ncci-mue-date",))
    ]


def test_only_the_lines_of_the_missing_day_are_named(facts: Facts) -> None:
    report = check(facts, Selection(NCCI), lines=["99213", {"code": "99213", "date": "2026-06-30"}])
    assert [item.lines for item in report.findings] == [(1,)]


def test_an_edition_that_ended_before_the_day_answers_and_is_called_stale(facts: Facts) -> None:
    report = check(facts, date="2027-01-01", lines=["20610", "99213"])
    assert [(item.edit, item.state) for item in report.findings] == [("ncci-ptp", "fail")]
    assert {(edition.table, day) for edition, day in report.stale} == {
        ("ptp-practitioner", 20270101),
        ("mue-practitioner", 20270101),
        ("cpt", 20270101),
    }


def test_the_editions_that_were_consulted_are_named(facts: Facts) -> None:
    report = check(facts, lines=["20610", "J3301"])
    assert {(edition.table, edition.version) for edition in report.editions} == {
        ("cpt", "2026"),
        ("hcpcs", "2026-10"),
        ("ptp-practitioner", "2026q4"),
        ("mue-practitioner", "2026q4"),
    }
    assert report.stale == ()


def test_each_day_is_answered_by_its_own_edition(facts: Facts) -> None:
    lines = [{"code": "11045", "units": 11, "date": day} for day in ("2026-09-30", "2026-10-01")]
    report = check(facts, Selection(tuple(edit for edit in NCCI if edit.id == "ncci-mue-date")), lines=lines)
    assert [(item.lines, item.edition and item.edition.version) for item in report.findings] == [((0,), "2026q3")]


def test_a_selection_runs_its_own_edits_alone(facts: Facts) -> None:
    selection = Selection(tuple(edit for edit in NCCI if edit.id == "ncci-add-on"))
    report = check(facts, selection, lines=["20610", "99213", "99292"])
    assert [item.edit for item in report.findings] == ["ncci-add-on"]
    assert report.checked == 1


def test_a_pack_changes_the_severity_of_failures_alone(facts: Facts) -> None:
    selection = Selection(NCCI, {"ncci-ptp": "warning", "ncci-add-on": "information"})
    report = check(
        facts, selection, lines=["20610", "99213", {"code": "29881"}, {"code": "20605", "modifiers": ["59"]}]
    )
    found = {(item.state, item.severity) for item in report.findings if item.edit == "ncci-ptp"}
    assert found == {("fail", "warning"), ("bypassed", "information")}


def test_edits_that_found_nothing_are_told_when_asked_for(facts: Facts) -> None:
    report = check(facts, passes=True, lines=["20610", "99213"])
    passed = {item.edit for item in report.findings if item.state == "pass"}
    assert passed == {edit.id for edit in DEFAULT} - {"ncci-ptp"}
    assert report.checked == len(DEFAULT)


@pytest.mark.parametrize("kind", ["pharmacy", "oral", "vision"])
def test_a_claim_outside_ncci_says_so_once_for_all_its_edits(facts: Facts, kind: str) -> None:
    report = check(facts, passes=True, kind=kind, lines=["J3301", {"code": "A0425", "units": 999}, "99292"])
    outside = [item for item in report.findings if item.state == "no-data"]
    assert [(item.edit, item.also) for item in outside] == [
        ("ncci-ptp", ("ncci-mue-line", "ncci-mue-date", "ncci-add-on"))
    ]
    assert kind in outside[0].text
    assert not any(item.edit.startswith("ncci") and item.state != "no-data" for item in report.findings)


def test_lines_of_a_span_meet_on_any_day_of_it(facts: Facts) -> None:
    lines: list[object] = [{"code": "20610", "date": "2026-10-10/2026-10-12"}, {"code": "99213", "date": "2026-10-12"}]
    assert [item.edit for item in check(facts, lines=lines).findings] == ["ncci-ptp"]
    lines[1] = {"code": "99213", "date": "2026-10-13"}
    assert check(facts, lines=lines).findings == ()


@pytest.mark.parametrize(
    ("code", "given", "right"), [("J3301", CPT, HCPCS), ("99213", HCPCS, CPT), ("99213", CPT, CPT)]
)
def test_a_code_under_the_other_systems_uri_is_treated_by_its_right_system(
    facts: Facts, code: str, given: str, right: str
) -> None:
    one = claim(lines=[{"code": code, "system": given}])
    prepare(one, facts)
    assert one.lines[0].system == right
    assert [line.code for line in one.coded] == [code]
    assert bool(one.features & Feature.WRONG_SYSTEM) is (given != right)


def test_a_code_that_no_system_knows_stays_in_the_system_given(facts: Facts) -> None:
    one = claim(lines=[{"code": "J9999", "system": HCPCS}, {"code": "99999", "system": CPT}])
    prepare(one, facts)
    assert [line.system for line in one.lines] == [HCPCS, CPT]


def test_a_claim_without_lines_or_days_is_no_fault_of_the_engine(facts: Facts) -> None:
    assert check(facts, lines=[]).findings == ()
    assert check(facts, date=None, lines=["99213"]).findings == ()


def test_a_dme_suppliers_claim_is_not_held_up_by_a_table_that_nobody_publishes(facts: Facts) -> None:
    one = claim_from(shorthand.claim({"lines": ["E0260", "K0001"]}), "Claim", Resources(), "dme")
    assert validate(one, facts, Selection(NCCI)).findings == ()


def missing(report: Report) -> set[str]:
    return {need for item in report.findings for need in (item.missing or "").split(", ")}


def test_a_missing_diagnosis_table_is_not_reported_where_no_diagnosis_is_of_icd_10_cm(hcpcs_alone: Facts) -> None:
    everything = Selection(CATALOGUE)
    snomed = {"code": "73211009", "system": "http://snomed.info/sct"}
    assert "icd10cm" not in missing(check(hcpcs_alone, everything, lines=["J0129"], dx=[snomed]))
    assert "icd10cm" in missing(check(hcpcs_alone, everything, lines=["J0129"], dx=["I10"]))


@pytest.mark.parametrize("code", ["C50.911", "M54.50", "M17.1", "Z99.99999"])
def test_a_diagnosis_on_a_day_before_every_edition_is_no_data_and_nothing_else(facts: Facts, code: str) -> None:
    selection = Selection(tuple(edit for edit in CATALOGUE if edit.family == "diagnosis" and not edit.opt_in))
    (found,) = check(facts, selection, date="2024-08-15", lines=["99213"], dx=[code]).findings
    assert (found.state, found.missing) == ("no-data", "icd10cm")
    named = {found.edit, *found.also}
    assert {"diagnosis-unknown", "diagnosis-not-in-force", "diagnosis-not-billable", "diagnosis-primary"} <= named


def test_a_stay_that_ends_in_a_year_that_is_loaded_lacks_no_diagnosis_table(facts: Facts) -> None:
    selection = Selection(tuple(edit for edit in CATALOGUE if edit.id == "diagnosis-unknown"))
    stay = shorthand.claim({"kind": "institutional", "lines": [{"code": "99223", "date": "2025-09-28/2025-10-03"}]})
    stay["subType"] = {"coding": [{"code": "111"}]}
    assert validate(claim_from(stay, "Claim", Resources()), facts, selection).findings == ()
    stay["item"][0]["servicedPeriod"]["end"] = "2025-09-30"
    (found,) = validate(claim_from(stay, "Claim", Resources()), facts, selection).findings
    assert found.missing == "icd10cm"


def test_a_text_names_a_few_of_many_missing_days(facts: Facts) -> None:
    lines = [{"code": "99213", "date": f"2026-06-{day:02}"} for day in range(1, 9)]
    (found,) = check(facts, Selection(NCCI), lines=lines).findings
    assert "2026-06-05 and 3 more" in found.text
    assert found.lines == tuple(range(8))


def test_the_edits_that_run_are_remembered_for_few_kinds_of_claims() -> None:
    selection = Selection(DEFAULT)
    for features in range(10_000):
        selection.running(features)
    assert len(selection._running) <= 4096


def test_a_set_of_days_is_remembered_for_few_sets(sample_release: Release) -> None:
    knowledge = Knowledge(sample_release)
    for day in range(1000):
        knowledge.answering("practitioner", frozenset(), (20260101 + day,))
    assert knowledge._answering.cache_info().currsize <= 256


@pytest.mark.parametrize("count", [2000, 2001])
def test_lines_beyond_the_bound_are_not_compared_and_that_is_said(facts: Facts, count: int) -> None:
    report = check(facts, Selection(CATALOGUE), lines=["20610", "99203", "99292", *["A0425"] * (count - 3)])
    skipped = [item for item in report.findings if item.missing == "fewer lines"]
    assert "claim-line-limit" in {item.edit for item in report.findings}
    if count > 2000:
        assert not any(item.edit in ("ncci-ptp", "line-duplicate") and item.state == "fail" for item in report.findings)
        assert {skipped[0].edit, *skipped[0].also} >= {
            "ncci-ptp",
            "ncci-mue-date",
            "ncci-add-on",
            "line-duplicate",
            "em-new-patient",
        }
    else:
        assert skipped == []
        assert any(item.edit == "ncci-ptp" and item.state == "fail" for item in report.findings)


@pytest.mark.parametrize("kind", ["charge", "vision"])
def test_a_claim_without_a_limit_of_its_own_has_the_bound_of_comparing(facts: Facts, kind: str) -> None:
    one = claim(lines=["99213"] * 2001)
    one.kind = kind  # type: ignore[assignment]
    found = {item.edit for item in validate(one, facts, Selection(CATALOGUE)).findings}
    assert "claim-line-limit" in found


def test_the_work_on_contained_resources_does_not_grow_with_their_square() -> None:
    class Counted(list[dict[str, Any]]):
        """A list that counts how often it is walked."""

        walks = 0

        def __iter__(self) -> Iterator[dict[str, Any]]:
            Counted.walks += 1
            return super().__iter__()

    contained = Counted({"resourceType": "Practitioner", "id": f"p{at}"} for at in range(50))
    owner = {"resourceType": "Claim", "contained": contained}
    resources = Resources()
    found = [resources.find({"reference": f"#p{at}"}, owner) for at in range(50)]
    assert [item and item["id"] for item in found] == [f"p{at}" for at in range(50)]
    assert resources.find({"reference": "#other"}, owner) is None
    assert resources.find({"reference": "#p1"}, {"resourceType": "Claim"}) is None
    assert Counted.walks <= 2  # to see what they are, and to file them; never once a reference


def test_contained_resources_are_those_of_their_own_owner() -> None:
    resources = Resources()
    for at in range(200):
        owner = {"contained": [{"id": "p", "at": at}, {"id": "p", "at": "the second of an id"}]}
        found = resources.find({"reference": "#p"}, owner)
        assert found is not None
        assert found["at"] == at


def test_no_two_features_share_a_bit() -> None:
    features = [feature for feature in Feature if feature]
    assert sum(features) == 2 ** len(features) - 1


FINDINGS = st.builds(
    lambda edit, state, lines: Finding(edit, state=state, severity="error", text="", lines=tuple(lines)),
    st.sampled_from("abc"),
    st.sampled_from(["fail", "bypassed", "no-data", "pass"]),
    st.lists(st.integers(0, 3), max_size=3, unique=True),
)


@given(st.lists(FINDINGS, max_size=8))
def test_a_finding_is_silent_where_one_that_goes_before_has_spoken_of_all_its_lines(findings: list[Finding]) -> None:
    before = {"b": ("a",), "c": ("a", "b")}
    spoken = [item for item in findings if item.state in ("fail", "bypassed")]
    assert _said_once(findings, before) == [
        finding
        for finding in findings
        if not finding.lines
        or not any(
            item.edit in before.get(finding.edit, ()) and set(finding.lines) <= set(item.lines) for item in spoken
        )
    ]
