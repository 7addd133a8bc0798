"""medical-necessity: articles of the Medicare Coverage Database, and what payers' packs ask of diagnoses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.facts import Governing
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.normalise import claim_from
from fhir_cpt.claims.requirements import Requirement, nothing_asked
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.diagnosis import unknown
from fhir_cpt.rules.diagnosis.medical_necessity import EDIT
from terminology import Release, open_release
from terminology.edits import CoveragePolicy
from terminology.release.build import build

PACK = Selection((EDIT,), features=lambda _: int(Feature.PACK_DIAGNOSIS))


def policy(name: str, covered: str = "", not_covered: str = "", group: str = "1") -> Governing:
    lists = tuple(covered.split()), tuple(not_covered.split())
    made = CoveragePolicy(name, "1", f"Policy {name}", group, ("93000",), *lists)
    return Governing(made, frozenset(lists[0]), frozenset(lists[1]))


@pytest.fixture
def knowledge(sample_release: Release) -> Knowledge:
    return Knowledge(sample_release)


def found(knowledge: Knowledge, requirements: Any = nothing_asked, **spec: Any) -> list[Finding]:
    claim = claim_from(shorthand.claim({"date": "2026-10-15", **spec}), "Claim", Resources())
    facts = Facts(knowledge, 20261120, requirements=requirements)
    selection = PACK if requirements is not nothing_asked else Selection((EDIT,))
    return list(validate(claim, facts, selection).findings)


def governed(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch, *policies: Governing) -> None:
    by_code = {"93000": policies}
    monkeypatch.setattr(knowledge.coverage, "policies", lambda code, _day: by_code.get(code, ()))


ECG = {"lines": ["93000"]}


@pytest.mark.parametrize(
    ("policies", "dx", "refused"),
    [
        ([policy("A1", "I10")], "E11.9", True),
        ([policy("A1", "I10")], "I10", False),
        ([policy("A1", "I10"), policy("A2", "E11.9")], "E11.9", False),
        ([policy("A1", "I10"), policy("A2", "K21.9")], "E11.9", True),
        ([policy("A1", "I10"), policy("A1", "E11.9", group="2")], "E11.9", False),
        ([policy("A1", "", "E11.9")], "E11.9", True),
        ([policy("A1", "", "E11.9")], "I10", False),
        ([policy("A1", "I10", "E11.9"), policy("A2", "", "E11.9")], "E11.9", True),
        ([policy("A1", "I10"), policy("A2")], "E11.9", False),
        ([policy("A1")], "E11.9", False),
    ],
)
def test_a_line_is_refused_where_every_policy_refuses_it(knowledge, monkeypatch, policies, dx, refused):
    governed(knowledge, monkeypatch, *policies)
    assert [finding.state for finding in found(knowledge, **ECG, dx=[dx])] == ["fail"] * refused


def test_a_policy_that_only_excludes_lets_a_line_with_another_diagnosis_pass(knowledge, monkeypatch):
    governed(knowledge, monkeypatch, policy("A1", "", "E11.9"))
    assert found(knowledge, lines=[{"code": "93000", "dx": [1, 2]}], dx=["E11.9", "I10"]) == []


def test_all_policies_are_named_with_their_versions_and_groups(knowledge, monkeypatch):
    governed(knowledge, monkeypatch, policy("A1", "I10"), policy("A1", "K21.9", group="2"), policy("A2", "I10"))
    (finding,) = found(knowledge, **ECG, dx=["E11.9"])
    assert finding.text.startswith("93000 is not covered for E11.9 by A1 (Policy A1) and A2 (Policy A2).")
    assert finding.evidence == (
        ("policy", "A1 version 1 group 1"),
        ("policy", "A1 version 1 group 2"),
        ("policy", "A2 version 1 group 1"),
        ("diagnoses", "E11.9"),
    )
    assert finding.edition is not None
    assert finding.edition.table == "coverage"


@pytest.mark.parametrize(
    ("names", "rarc"), [(["A1"], "N115"), (["L33577"], "N115"), (["220.4"], "N386"), (["220.4", "A1"], "N115")]
)
def test_the_remark_tells_a_local_decision_from_a_national_one(knowledge, monkeypatch, names, rarc):
    governed(knowledge, monkeypatch, *(policy(name, "I10") for name in names))
    (finding,) = found(knowledge, **ECG, dx=["E11.9"])
    assert finding.rarc == (rarc,)


def test_a_covered_diagnosis_that_stands_elsewhere_on_the_claim_is_offered(knowledge):
    (finding,) = found(knowledge, lines=[{"code": "93306", "dx": [1]}], dx=["E11.9", "I50.9"])
    assert finding.fix is not None
    assert finding.fix.documentation
    (change,) = finding.fix.changes
    assert (change.path, change.name, change.value) == ("Claim.item[0]", "diagnosisSequence", 2)
    assert "I50.9" in finding.text


@pytest.mark.parametrize(
    "line",
    [
        {"code": "93306", "dx": [1], "modifiers": ["GA"]},
        {"code": "93306", "dx": [1, 2, 3, 4]},
    ],
)
def test_no_pointer_is_offered_where_the_patient_pays_or_the_line_is_full(knowledge, line):
    dx = ["E11.9", "I10", "K21.9", "E78.5", "I50.9"]
    (finding,) = found(knowledge, lines=[line], dx=dx)
    assert finding.fix is None


def test_a_heading_is_no_diagnosis_to_go_by(knowledge):
    assert found(knowledge, lines=["93306"], dx=["I50"]) == []


@pytest.mark.parametrize(
    ("modifiers", "severity", "carc", "rarc"),
    [
        ([], "error", "50", "N115"),
        (["GX"], "error", "50", "N115"),
        (["26", "GA"], "warning", "50", "N115"),
        (["GZ"], "error", "50", "N115"),
        (["GX", "GY"], "error", "96", "N425"),
        (["GA", "GY"], "error", "96", "N425"),
    ],
)
def test_a_notice_changes_the_outcome(knowledge, modifiers, severity, carc, rarc):
    (finding,) = found(knowledge, lines=[{"code": "93306", "modifiers": modifiers}], dx=["E11.9"])
    assert (finding.severity, finding.carc, finding.rarc) == (severity, (carc,), (rarc,))


def test_a_notice_on_a_covered_line_says_nothing(knowledge):
    assert found(knowledge, lines=[{"code": "93306", "modifiers": ["GA"]}], dx=["I50.9"]) == []


@pytest.mark.parametrize(("code", "held_up"), [("93306", True), ("93000", False)])
def test_a_diagnosis_that_is_no_icd_10_cm_code_holds_the_edit_up_where_a_policy_governs(knowledge, code, held_up):
    dx = [{"code": "84114007", "system": "http://snomed.info/sct"}]
    claim = claim_from(shorthand.claim({"date": "2026-10-15", "lines": [code], "dx": dx}), "Claim", Resources())
    (finding,) = validate(claim, Facts(knowledge, 20261120), Selection((unknown.EDIT, EDIT))).findings
    assert finding.state == "no-data"
    assert ("medical-necessity" in finding.also) is held_up


@pytest.mark.parametrize("kind", ["pharmacy", "oral", "vision"])
def test_medicares_policies_do_not_speak_of_other_kinds_of_claims(knowledge, kind):
    assert found(knowledge, kind=kind, lines=["93306"], dx=["E11.9"]) == []


RULE = Requirement("acme-ecg", "An ECG is paid for heart disease", "Acme policy 7", diagnoses=("I20-I52", "R07"))


def asking(*rules: Requirement) -> Any:
    def requirements(asked: str, claim: Any, line: Any) -> tuple[Requirement, ...]:
        return rules if asked == "diagnosis" and line.code == "93000" else ()

    return requirements


@pytest.mark.parametrize(
    ("dx", "fails"),
    [("I10", True), ("I20.0", False), ("I50.9", False), ("R07.9", False), ("R06.02", True), ("I48.91", False)],
)
def test_a_pack_asks_for_codes_headings_and_ranges(knowledge, dx, fails):
    said = found(knowledge, asking(RULE), **ECG, dx=[dx])
    assert [(finding.also, finding.state) for finding in said] == [(("acme-ecg",), "fail")] * fails


def test_a_packs_finding_has_the_packs_words(knowledge):
    (finding,) = found(knowledge, asking(RULE), **ECG, dx=["I10"])
    assert finding.text == "93000 is not covered for I10: An ECG is paid for heart disease."
    assert (finding.severity, finding.carc, finding.rarc) == ("error", ("50",), ())
    assert finding.citation == "Acme policy 7"
    assert dict(finding.evidence) == {"rule": "acme-ecg", "asked-for": "I20-I52, R07", "diagnoses": "I10"}
    own = RULE._replace(message="We pay for this in heart disease.", severity="warning", carc=("11",), rarc=("M76",))
    (finding,) = found(knowledge, asking(own), **ECG, dx=["I10"])
    assert finding.text == "We pay for this in heart disease."
    assert (finding.severity, finding.carc, finding.rarc) == ("warning", ("11",), ("M76",))


def test_a_packs_rule_offers_a_diagnosis_of_the_claim(knowledge):
    (finding,) = found(knowledge, asking(RULE), lines=["93000"], dx=["I10", "R07.9"])
    assert finding.fix is not None
    assert finding.fix.changes[0].value == 2


@pytest.mark.parametrize(
    ("modifier", "severity", "carc"), [("GA", "warning", "50"), ("GZ", "error", "50"), ("GY", "error", "96")]
)
def test_a_notice_counts_for_a_packs_rule_too(knowledge, modifier, severity, carc):
    line = {"code": "93000", "modifiers": [modifier]}
    (finding,) = found(knowledge, asking(RULE), lines=[line], dx=["I10"])
    assert (finding.severity, finding.carc) == (severity, (carc,))


def test_a_notice_makes_no_warning_of_what_the_pack_only_mentions(knowledge):
    line = {"code": "93000", "modifiers": ["GA"]}
    (finding,) = found(knowledge, asking(RULE._replace(severity="information")), lines=[line], dx=["I10"])
    assert finding.severity == "information"


def test_each_rule_speaks_for_itself(knowledge):
    other = RULE._replace(id="acme-other", diagnoses=("I10",))
    assert [item.also for item in found(knowledge, asking(RULE, other), **ECG, dx=["I10"])] == [("acme-ecg",)]
    assert len(found(knowledge, asking(RULE, other), **ECG, dx=["K21.9"])) == 2


def test_without_coverage_tables_a_pack_is_still_heard_and_the_gap_is_told(tmp_path):
    sample = Path(__file__).parents[4] / "fhir_cpt" / "sample"
    build([str(sample / "pfs" / "PPRRVU2026_Oct.csv"), str(sample / "icd10cm")], tmp_path, experimental=True)
    bare = Knowledge(open_release(tmp_path))
    told = found(bare, asking(RULE), **ECG, dx=["I10"])
    assert {(finding.state, finding.missing) for finding in told} == {("fail", None), ("no-data", "coverage")}
    assert [finding.state for finding in found(bare, lines=["93306"], dx=["I10"])] == ["no-data"]


@pytest.mark.realdata
def test_article_a56781_covers_what_its_list_names(shared: Path, tmp_path: Path):
    data = shared / "data"
    files = [data / "mcd", data / "pfs" / "PPRRVU2025_Oct.csv", *sorted((data / "icd10cm").glob("*order*"))]
    build([str(file) for file in files], tmp_path, experimental=True)
    real = Knowledge(open_release(tmp_path))

    def states(**spec: Any) -> list[str]:
        return [item.state for item in found(real, date="2025-09-15", **spec)]

    assert states(lines=["93306"], dx=["A18.84"]) == []
    assert states(lines=[{"code": "93306", "dx": [1, 2]}], dx=["Z00.00", "A41.01"]) == []
    assert states(lines=["93306"], dx=["Z00.00"]) == ["fail"]
    assert states(lines=["93000"], dx=["Z00.00"]) == []
    (finding,) = found(real, date="2025-09-15", lines=["93308"], dx=["Z00.00"])
    assert finding.text.startswith("93308 is not covered for Z00.00 by A56781 (")
    assert finding.rarc == ("N115",)
    assert dict(finding.evidence)["policy"] == "A56781 version 34 group 1"
