"""global-em and global-procedure: whose days they are, which surgery is named, and what the findings tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.history import History, PriorLine
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.normalise import claim_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.rules.families import families_of
from fhir_cpt.rules.global_period import EDITS, em
from fhir_cpt.rules.global_period.modifiers import first
from terminology import Release
from terminology.model import CPT
from terminology.period import add_days, show

SURGEON = shorthand.BILLING_NPI
Said = Callable[..., list[Finding]]


def prior(code: str, day: int, *modifiers: str, **more: Any) -> PriorLine:
    told = {"provider": SURGEON, "group": f"{SURGEON}|", "setting": "practitioner", **more}
    return PriorLine(CPT, code, modifiers, day, told.pop("end", day), **told)


@pytest.fixture(scope="module")
def knowledge(sample_release: Release) -> Knowledge:
    return Knowledge(sample_release)


@pytest.fixture
def said(knowledge: Knowledge) -> Said:
    """What the edits of the family, or all, say of a claim in the short form after the prior lines."""

    def run(*lines: PriorLine, edits: Any = EDITS, **spec: Any) -> list[Finding]:
        claim = claim_from(shorthand.claim(spec), "Claim", Resources())
        claim.history = History(lines)
        return list(validate(claim, Facts(knowledge, 20270301), Selection(tuple(edits))).findings)

    return run


def evidence(finding: Finding) -> Mapping[str, str]:
    return dict(finding.evidence)


def test_the_nearest_of_several_surgeries_is_named(said):
    earlier = [prior("27447", 20261001, claim="Claim/knee"), prior("64721", 20261105, claim="Claim/wrist")]
    for lines in (earlier, earlier[::-1]):
        (finding,) = said(*lines, date="2026-11-10", lines=["99213"])
        assert evidence(finding) == {
            "surgery": "64721",
            "surgery-day": "2026-11-05",
            "global-days": "090",
            "period-end": "2027-02-03",
            "prior-claim": "Claim/wrist",
        }
        assert "day 5 of the 90 days after 64721 (2026-11-05)" in finding.text


def test_an_earlier_surgery_counts_where_the_days_of_a_nearer_one_are_over(said):
    (finding,) = said(prior("27447", 20261001), prior("10060", 20261010), date="2026-10-21", lines=["99213"])
    assert evidence(finding)["surgery"] == "27447"


def test_a_known_surgery_goes_before_a_nearer_one_that_nothing_is_known_of(said, knowledge):
    (finding,) = said(prior("27447", 20260930), prior("64721", 20261001), date="2026-10-05", lines=["99213"])
    assert (finding.state, evidence(finding)["surgery"]) == ("fail", "64721")
    (finding,) = said(prior("27447", 20260930), date="2026-10-05", lines=["99213"])
    assert (finding.state, finding.missing) == ("no-data", "pfs")


@pytest.mark.parametrize("modifier", ["24", "58"])
def test_a_modifier_that_lifts_the_edit_leaves_nothing_to_know(said, modifier):
    code = "99213" if modifier == "24" else "64721"
    line = {"code": code, "modifiers": [modifier]}
    assert said(prior("27447", 20260930), date="2026-10-05", lines=[line]) == []


def test_a_prior_surgery_that_may_have_ten_days_at_most_is_not_asked_about_for_longer(said):
    assert said(prior("10060", 20260920), date="2026-10-01", lines=["99213"]) == []
    (finding,) = said(prior("10060", 20260921), date="2026-10-01", lines=["99213"])
    assert finding.state == "no-data"


def test_a_fee_schedule_that_is_out_of_date_for_the_surgery_is_told(said):
    (finding,) = said(prior("27447", 20270105), date="2027-02-10", lines=["99213"])
    assert (finding.state, finding.severity) == ("fail", "error")
    assert "fee schedule for 2026-10-01 to 2026-12-31" in finding.text
    (finding,) = said(prior("27447", 20261230), date="2027-02-10", lines=["99213"])
    assert "fee schedule" not in finding.text


@pytest.mark.parametrize("setting", ["hospital", "dme", None])
def test_lines_of_hospitals_and_suppliers_start_no_days(said, setting):
    assert said(prior("27447", 20261001, setting=setting), date="2026-10-05", lines=["99213"]) == []


def test_days_count_from_the_first_day_of_the_surgery_and_start_after_its_last(said):
    surgery = prior("10060", 20261001, end=20261003)
    states = {
        day: bool(said(surgery, date=f"2026-10-{day:02}", lines=["99213"])) for day in (1, 2, 3, 4, 5, 10, 11, 12)
    }
    assert states == {1: False, 2: False, 3: False, 4: True, 5: True, 10: True, 11: True, 12: False}


@pytest.mark.parametrize(
    ("provider", "group", "same"),
    [
        (SURGEON, "other|X", True),
        ("", "", False),
        ("", "|", False),
        ("1999999984", f"{SURGEON}|", False),
        ("1999999984", f"{SURGEON}|207X00000X", True),
        ("1999999984", f"{SURGEON}|207W00000X", False),
        ("1999999984", "|207X00000X", False),
        ("#surgeon", "#group|207X00000X", False),
    ],
)
def test_the_days_are_those_of_the_surgeon_or_of_the_group_and_specialty(said, provider, group, same):
    line = {"code": "99213", "provider": SURGEON, "specialty": "207X00000X"}
    assert bool(said(prior("27447", 20261001, provider=provider, group=group), date="2026-10-05", lines=[line])) is same


def test_a_name_that_means_something_in_one_message_only_is_nobody_in_another(knowledge):
    resource = shorthand.claim({"date": "2026-10-05", "lines": ["99213"]})
    resource["provider"] = {"reference": "#surgeon"}
    claim = claim_from(resource, "Claim", Resources())
    claim.history = History([prior("27447", 20261001, provider="#surgeon", group="#surgeon|")])
    assert validate(claim, Facts(knowledge, 20270301), Selection(EDITS)).findings == ()


def test_a_surgery_that_another_denies_starts_no_days(said):
    lines = ["29877", "29881", {"code": "99213", "date": "2026-10-20"}]
    found = said(date="2026-10-15", lines=lines)
    assert [(finding.edit, finding.lines) for finding in found] == [("global-em", (2, 1))]


def test_the_day_before_a_second_surgery_belongs_to_modifier_57_needed():
    assert "modifier-57-needed" in em.EDIT.yields_to


def test_a_line_with_four_modifiers_gets_no_fix(said):
    line = {"code": "99213", "modifiers": ["25", "GC", "QJ", "57"]}
    (finding,) = said(prior("27447", 20261001), date="2026-10-05", lines=[line])
    assert finding.fix is None
    (finding,) = said(prior("27447", 20261001), date="2026-10-05", lines=[{**line, "modifiers": ["25", "GC", "QJ"]}])
    assert finding.fix is not None
    assert finding.fix.documentation


def test_each_line_is_told_once_and_the_fixes_are_24_and_79(said):
    lines = ["99213", "20610", "99214", "73562"]
    found = said(prior("27447", 20261001), date="2026-10-05", lines=lines)
    assert [(finding.edit, finding.lines) for finding in found] == [
        ("global-em", (0,)),
        ("global-em", (2,)),
        ("global-procedure", (1,)),
    ]
    added = [finding.fix.changes[0].value["coding"][0]["code"] for finding in found]
    assert added == ["24", "24", "79"]


def test_the_edition_of_the_fee_schedule_stands_beside_the_finding(said):
    (finding,) = said(prior("27447", 20261001), date="2026-10-05", lines=["99213"])
    assert finding.edition is not None
    assert (finding.edition.table, finding.edition.version) == ("pfs", "2026q4")


@pytest.mark.parametrize(
    ("code", "day", "visit"),
    [
        ("99213", 20261001, True),
        ("99024", 20261001, False),
        ("99457", 20261001, False),
        ("99490", 20261001, False),
        ("99397", 20261001, True),
        ("99498", 20261001, False),
        ("92014", 20261001, True),
        ("98000", 20241231, False),
        ("98000", 20250101, True),
        ("98016", 20250101, False),
        ("99441", 20241231, True),
        ("99441", 20250101, False),
        ("99217", 20221231, True),
        ("99217", 20230101, False),
        ("99201", 20201231, True),
        ("99201", 20210101, False),
    ],
)
def test_visits_are_a_family_of_codes_by_day(code, day, visit):
    assert ("post-operative-visit" in families_of(code, day)) is visit


@pytest.mark.parametrize(
    ("code", "place", "advised"),
    [
        ("99213", "11", True),
        ("99232", "21", True),
        ("92014", "11", True),
        ("99397", "11", False),
        ("G0439", "11", False),
        ("99291", "21", False),
    ],
)
def test_99024_is_advised_only_for_what_may_be_follow_up(said, code, place, advised):
    found = said(prior("27447", 20261001), edits=[em.EDIT], date="2026-10-05", place=place, lines=[code])
    (finding,) = found
    assert finding.state == "fail"
    assert ("99024" in finding.text) is advised
    assert "add 24 if the visit was for another reason" in finding.text


def test_ft_lifts_from_2022():
    assert first("lifts-visit", ("FT",), 20211231) is None
    assert first("lifts-visit", ("FT",), 20220101) == "FT"


@pytest.mark.parametrize("days", [10, 90])
def test_the_period_ends_with_the_last_day_over_the_end_of_a_year(knowledge, days):
    code = {10: "10060", 90: "27447"}[days]
    for start in (20261001, 20261130, 20261231):
        last = add_days(start, days)
        for day, inside in ((last, True), (add_days(last, 1), False)):
            claim = claim_from(shorthand.claim({"date": show(day), "lines": ["99213"]}), "Claim", Resources())
            claim.history = History([prior(code, start)])
            found = validate(claim, Facts(knowledge, 20270601), Selection((em.EDIT,))).findings
            assert bool([item for item in found if item.state == "fail"]) is inside
