"""Which packs hold for a claim, on its day, and what they make of the edits and of their rules."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NoReturn

import pytest

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.finding import Report
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.normalise import claim_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.payers.faults import MOST_FAULTS, PacksRefused
from fhir_cpt.payers.loading import load, stamp
from fhir_cpt.payers.packs import NotInForce, Packs, UnknownName
from fhir_cpt.served import Served

from .conftest import pack, rule, write


def packs_of(folder: Path, served: Served, *packs: dict[str, Any]) -> Packs:
    return Packs(load([write(folder, *packs)]), served.packs.values)


def report(selection: Selection, served: Served, *, passes: bool = False, **claim: Any) -> Report:
    facts = Facts(served.knowledge, 20261120, selection.medicare, selection.requirements)
    made = claim_from(shorthand.claim({"date": "2026-10-15", **claim}), "Claim", Resources())
    return validate(made, facts, selection, passes=passes)


def states(found: Report, edit: str) -> list[tuple[str, str]]:
    return [(item.state, item.severity) for item in found.findings if edit in (item.edit, *item.also)]


def ids(selection: Selection) -> set[str]:
    return {edit.id for edit in (*selection.edits, *selection.ruled)}


def test_a_payer_is_known_by_identifier_or_name_and_any_other_gets_the_default(tmp_path: Path, served: Served) -> None:
    packs = packs_of(tmp_path, served, pack(payers=["urn:x|1", "T"]), pack(id="other", payers=["T"], rules=None))
    assert packs.matching(frozenset({"urn:x|1", "1"})) == ("test-payer",)
    assert packs.matching(frozenset({"T"})) == ("test-payer", "other")
    assert packs.matching(frozenset({"t", "urn:x|2", ""})) == ("default",)
    assert packs.matching(frozenset({"Medicare Part B"})) == ("medicare-part-b",)


def test_each_day_has_its_edition_of_a_pack_with_its_own_rules(tmp_path: Path, served: Served) -> None:
    packs = packs_of(
        tmp_path,
        served,
        pack(start="2026-01-01", edits={"ncci-ptp": "off"}, rules=[rule(severity="warning")]),
        pack(end="2025-12-31"),
    )
    before, after = packs.select("test-payer", day=20251231), packs.select("test-payer", day=20260101)
    assert "ncci-ptp" in ids(before)
    assert "ncci-ptp" not in ids(after)
    lines = [{"code": "99213", "date": "2025-12-31"}, {"code": "99213", "date": "2026-01-01"}]
    found = report(before, served, lines=lines)
    assert states(found, "payer-test-visit") == [("fail", "error"), ("fail", "warning")]
    assert {edit.id for edit in before.ruled} == {"payer-test-visit"}
    assert len(before.ruled) == 1


def test_a_pack_that_is_not_in_force_is_not_chosen_and_not_to_be_named(tmp_path: Path, served: Served) -> None:
    packs = packs_of(tmp_path, served, pack(start="2026-01-01", end="2026-06-30"))
    assert packs.matching(frozenset({"TEST"}), 20260630) == ("test-payer",)
    assert packs.matching(frozenset({"TEST"}), 20260701) == ("default",)
    with pytest.raises(NotInForce, match="not in force on 2026-07-01: it holds 2026-01-01 to 2026-06-30"):
        packs.select("test-payer", day=20260701)


def test_a_pack_has_the_settings_and_rules_of_those_it_extends_and_changes_them(tmp_path: Path, served: Served) -> None:
    packs = packs_of(
        tmp_path,
        served,
        pack(edits={"line-duplicate": "off", "ncci": "warning"}, medicare=True),
        pack(
            id="child",
            payers=["C"],
            extends="test-payer",
            edits={"line-duplicate": "on", "ncci-ptp": "error", "payer-test-visit": "warning"},
            rules=None,
        ),
        pack(id="grandchild", extends="child", medicare=False, edits={"payer-test-visit": "off"}, rules=None),
    )
    parent, child, grandchild = (packs.select(name) for name in ("test-payer", "child", "grandchild"))
    assert (parent.medicare, child.medicare, grandchild.medicare) == (True, True, False)
    assert "line-duplicate" not in ids(parent)
    assert "line-duplicate" in ids(child)
    assert "procedure-bundled" in ids(child) - ids(grandchild)
    assert child.severities["ncci-ptp"] == "error"
    assert child.severities["ncci-mue-line"] == "warning"
    assert states(report(child, served, lines=["99213"]), "payer-test-visit") == [("fail", "warning")]
    assert "payer-test-visit" not in ids(grandchild)


def test_of_two_packs_that_name_the_payer_the_later_file_goes_before(tmp_path: Path, served: Served) -> None:
    other = rule(id="payer-other", applies={"codes": ["20610"]})
    packs = packs_of(
        tmp_path,
        served,
        pack(edits={"ncci-ptp": "off", "line-duplicate": "off"}),
        pack(id="other", edits={"ncci-ptp": "warning"}, rules=[other]),
    )
    both = packs.select(packs.matching(frozenset({"TEST"})))
    assert "line-duplicate" not in ids(both)
    assert both.severities["ncci-ptp"] == "warning"
    assert {"payer-test-visit", "payer-other"} <= ids(both)


@pytest.mark.parametrize(
    ("include", "exclude", "running"),
    [
        ((), (), {"ncci-ptp", "payer-test-visit", "payer-auth", "authorization-missing"}),
        (("payer",), (), {"payer-test-visit", "payer-auth", "authorization-missing"}),
        (("payer-test-visit",), (), {"payer-test-visit"}),
        (("payer-auth",), (), {"payer-auth", "authorization-missing"}),
        (("authorization-missing",), (), {"payer-auth", "authorization-missing"}),
        (("authorization",), (), {"payer-auth", "authorization-missing"}),
        (("ncci-ptp",), (), {"ncci-ptp"}),
        ((), ("payer",), {"ncci-ptp", "authorization-missing"}),
        ((), ("payer-auth",), {"ncci-ptp", "payer-test-visit", "authorization-missing"}),
        ((), ("authorization-missing",), {"ncci-ptp", "payer-test-visit"}),
        (("payer",), ("payer-auth",), {"payer-test-visit"}),
    ],
)
def test_include_and_exclude_name_rules_as_they_name_edits(
    include: tuple[str, ...], exclude: tuple[str, ...], running: set[str], tmp_path: Path, served: Served
) -> None:
    asking = rule(id="payer-auth", require={"prior-authorization": True}, carc=None)
    packs = packs_of(tmp_path, served, pack(rules=[rule(), asking]))
    found = ids(packs.select("test-payer", include, exclude))
    watched = {"ncci-ptp", "payer-test-visit", "payer-auth", "authorization-missing"}
    assert found & watched == running


def test_a_name_that_nobody_knows_is_refused(tmp_path: Path, served: Served) -> None:
    packs = packs_of(tmp_path, served, pack())
    for names, include in (("nobody", ()), ("default", ("payer-nothing",))):
        with pytest.raises(UnknownName, match=r"nobody|payer-nothing"):
            packs.select(names, include)


def test_an_edit_that_must_be_named_is_turned_on_by_its_own_name_alone(tmp_path: Path, served: Served) -> None:
    packs = packs_of(
        tmp_path,
        served,
        pack(edits={"diagnosis": "warning", "procedure": "on"}, rules=None),
        pack(id="b", edits={"diagnosis-sex": "on", "procedure-bundled": "error"}, rules=None),
    )
    assert not {"diagnosis-sex", "procedure-bundled"} & ids(packs.select("test-payer"))
    assert ids(packs.select("b")) >= {"diagnosis-sex", "procedure-bundled"}


def test_what_passed_is_told_of_rules_too_each_once(tmp_path: Path, served: Served) -> None:
    asking = rule(id="payer-auth", require={"prior-authorization": True}, carc=None, applies={"codes": ["70553"]})
    packs = packs_of(tmp_path, served, pack(rules=[rule(), asking]))
    selection = packs.select("test-payer")
    found = report(selection, served, passes=True, lines=["20610"])
    assert states(found, "payer-test-visit") == [("pass", "information")]
    assert states(found, "payer-auth") == [("pass", "information")]
    assert found.checked == len(selection.edits) + 2
    failed = report(selection, served, passes=True, lines=["99213", "70553"])
    assert states(failed, "payer-test-visit") == [("fail", "error")]
    assert states(failed, "payer-auth") == [("fail", "error")]


def test_a_rule_may_make_its_edit_milder_and_speak_in_its_own_words(tmp_path: Path, served: Served) -> None:
    asking = rule(
        id="payer-auth",
        require={"prior-authorization": True},
        severity="warning",
        carc=None,
        message="{code} on {day} needs a number ({units} unit).",
    )
    packs = packs_of(tmp_path, served, pack(rules=[asking]))
    (finding,) = [
        one for one in report(packs.select("test-payer"), served, lines=["99213"]).findings if "payer-auth" in one.also
    ]
    assert finding.text == "99213 on 2026-10-15 needs a number (1 unit)."
    assert finding.severity == "warning"


@pytest.mark.parametrize(
    ("packs", "faults"),
    [
        ([pack(extends="defualt")], ["there is no pack 'defualt' to extend; did you mean 'default'?"]),
        (
            [pack(id="a", extends="b", rules=None), pack(id="b", extends="a", rules=None)],
            ["the pack 'a' extends itself, by way of 'b'", "the pack 'b' extends itself, by way of 'a'"],
        ),
        ([pack(), pack(start="2026-01-01")], ["two of 'test-payer' are in force on the same days"]),
        ([pack(), pack(id="b")], ["the rule 'payer-test-visit' is one of the pack 'test-payer'"]),
        (
            [pack(edits={"ncci-ppt": "off", "modifers": "off", "payer-tset-visit": "off"})],
            [
                "'modifers'",
                "'ncci-ppt'; did you mean 'ncci-ptp'?",
                "'payer-tset-visit'; did you mean 'payer-test-visit'?",
            ],
        ),
    ],
)
def test_packs_that_do_not_fit_together_are_refused(
    packs: list[dict[str, Any]], faults: list[str], tmp_path: Path
) -> None:
    with pytest.raises(PacksRefused) as refused:
        load([write(tmp_path, *packs)])
    found = [fault.reason for fault in refused.value.faults]
    assert len(found) == len(faults)
    for wanted in faults:
        assert any(wanted in one for one in found), found


def test_one_bad_file_keeps_all_of_them_out(tmp_path: Path) -> None:
    write(tmp_path, pack())
    (tmp_path / "bad.yml").write_text("id: x\ntitel: X", "utf-8")
    (tmp_path / "notes.txt").write_text("not a pack", "utf-8")
    with pytest.raises(PacksRefused, match=r"bad.yml:2:1: unknown key 'titel'; did you mean 'title'"):
        load([tmp_path])


def test_a_pack_with_the_id_of_a_built_in_one_takes_its_place(tmp_path: Path) -> None:
    definitions = load([write(tmp_path, pack(id="medicare-part-b", medicare=True))])
    (found,) = definitions.by_id["medicare-part-b"]
    assert found.title == "Test Payer"
    assert [one.id for one in definitions.own] == ["medicare-part-b"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"applies": {"value-set": "hcpcs-zz"}}, "there is no value set 'hcpcs-zz' here"),
        ({"applies": {"codes": ["99214"]}}, "the example 'a visit' ends as pass, not as fail"),
        (
            {
                "applies": {"codes": ["J9999"]},
                "examples": [
                    {"name": "x", "claim": {"lines": ["J9999"], "date": "2026-10-15"}, "expect": "fail"},
                    {"name": "y", "claim": {"lines": ["99213"]}, "expect": "pass"},
                ],
            },
            "the example 'x' ends as pass, not as fail (the release does not know J9999)",
        ),
        (
            {"examples": [{"name": "x", "claim": {"lines": ["99213"]}, "expect": one} for one in ("pass", "fail")]},
            "the example 'x' ends as fail, not as pass: Test Payer does not cover 99213.",
        ),
    ],
)
def test_a_release_refuses_what_does_not_hold_on_it(
    changes: dict[str, Any], reason: str, tmp_path: Path, served: Served
) -> None:
    with pytest.raises(PacksRefused) as refused:
        served.with_packs(load([write(tmp_path, pack(rules=[rule(**changes)]))]))
    assert reason in [fault.reason for fault in refused.value.faults]


def test_a_pipe_in_a_folder_of_packs_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    write(tmp_path, pack())
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(PacksRefused, match=r"pipe.yaml:1:1: is no regular file"):
        load([tmp_path])


@pytest.mark.parametrize("target", ["loop.yaml", "nowhere.yaml"])
def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "loop.yaml").symlink_to(tmp_path / target)
    with pytest.raises(PacksRefused, match=r"loop.yaml:1:1: cannot be read"):
        load([tmp_path])


def test_a_folder_that_cannot_be_read_is_not_taken_for_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Path) -> NoReturn:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refused)
    assert stamp([tmp_path]) == ()
    with pytest.raises(PacksRefused, match="cannot be read: Permission denied"):
        load([tmp_path])


FAULTY = {
    "unknown keys": "".join(f"key-{at}: 1\n" for at in range(5000)),
    "unknown edits": "id: x\ntitle: X\nedits:\n" + "".join(f"  edit-{at}: off\n" for at in range(5000)),
}


@pytest.mark.parametrize("name", FAULTY)
def test_of_thousands_of_faults_a_hundred_are_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "faulty.yaml").write_text(FAULTY[name])
    with pytest.raises(PacksRefused) as refused:
        load([tmp_path])
    told = str(refused.value).split("\n")
    assert len(told) == MOST_FAULTS + 1
    assert told[-1] == "and 1 more"
