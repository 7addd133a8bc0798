from __future__ import annotations

import pytest

from terminology.edits import AddOnEdit, FeeScheduleRow, Gpci, Mue, PtpColumns
from terminology.importers.cpt_notice import designation
from terminology.model import Concept, Property
from terminology.period import LAST_DAY, calendar_year, fiscal_year, quarter
from terminology.release import editions

Q3 = {"start": 20240701, "end": 20240930}
FISCAL = dict(zip(("start", "end"), fiscal_year(2026), strict=True))
GPCI = [Gpci("01112", str(number), "CA", "Somewhere", 1.0, 1.0, float(number)) for number in (5, 6)]


def planned(*batches):
    """The plans by name, and the notes."""
    plans, notes = editions.plan(batches)
    return {plan.name: plan for plan in plans}, notes


def fee_row(code):
    return FeeScheduleRow(
        code, "", "A", *(1.0, 1.0, False, 1.0, False, 1.0, 1.0, 1.0), "0", "XXX", *(0.0,) * 3, *("0",) * 5, "",
        32.0, "09", "0", "99", *(0.0,) * 3,
    )  # fmt: skip


def test_files_of_one_edition_that_say_the_same_are_one_table_without_a_note(batch):
    plans, notes = planned(batch("gpci", GPCI), batch("gpci", GPCI[::-1]))
    assert (list(plans), notes) == (["gpci-2024"], [])
    assert plans["gpci-2024"].records == GPCI


def test_of_files_of_one_edition_that_differ_the_first_is_taken_and_the_rest_is_counted(batch):
    other = [
        GPCI[0],
        Gpci("01112", "7", "CA", "Elsewhere", 1.0, 1.0, 1.0),
        Gpci("01112", "8", "CA", "x", 1.0, 1.0, 1.0),
    ]
    plans, notes = planned(batch("gpci", GPCI), batch("gpci", other))
    assert plans["gpci-2024"].records == GPCI
    assert notes == [
        "gpci 2024: given twice, and not alike; the file given first was taken. "
        "1 of its rows are not in the other, which has 2 of its own"
    ]


def test_an_update_of_icd_10_cm_covers_the_year_where_it_is_alone(batch):
    plans, _ = planned(batch("icd10cm", [Concept("I10")], "2026-04", **FISCAL))
    (edition,) = plans["icd10cm-2026-04"].editions
    assert edition.period == fiscal_year(2026)


@pytest.mark.parametrize("table", ["icd10cm", "icd10cm-notes"])
def test_an_update_starts_on_its_own_day_where_the_base_is_held_too(batch, table):
    records = [Concept("I10")] if table == "icd10cm" else []
    base, update = batch(table, records, "2026", **FISCAL), batch(table, records, "2026-04", **FISCAL)
    plans, _ = planned(update, base)
    assert plans[f"{table}-2026"].editions[0].period == fiscal_year(2026)
    assert plans[f"{table}-2026-04"].editions[0].period == (20260401, 20260930)
    assert update.edition.period == fiscal_year(2026)  # what was given is not changed


def test_the_base_of_another_year_does_not_cut_an_update(batch):
    earlier = dict(zip(("start", "end"), fiscal_year(2025), strict=True))
    plans, _ = planned(
        batch("icd10cm", [Concept("I10")], "2025", **earlier), batch("icd10cm", [Concept("I10")], "2026-04", **FISCAL)
    )
    assert plans["icd10cm-2026-04"].editions[0].period == fiscal_year(2026)


@pytest.mark.parametrize(
    ("given", "parts", "missing"),
    [
        (["f1", "f2", "f3", "f4"], ("f1", "f2", "f3", "f4"), None),
        (["f2", "f1"], ("f1", "f2"), None),
        (["f1"], ("f1",), None),
        ([""], (), None),
        (["f1", "f3"], ("f1", "f3"), "f2"),
        (["f4"], ("f4",), "f1, f2, f3"),
    ],
)
def test_a_gap_between_the_parts_of_an_edition_is_told(batch, given, parts, missing):
    plans, notes = planned(*(batch("ptp-hospital", PtpColumns([part]), "2024q3", part) for part in given))
    assert plans["ptp-hospital-2024q3"].parts == parts
    assert len(plans["ptp-hospital-2024q3"].records) == len(given)
    expected = f"ptp-hospital 2024q3: part {missing} was not given; the edits that it holds are not known here"
    assert notes == ([expected] if missing else [])


def test_a_part_that_is_given_twice_is_taken_once(batch):
    columns = PtpColumns(["99213"])
    same = [
        batch("ptp-hospital", columns, "2024q3", "f1", **Q3),
        batch("ptp-hospital", PtpColumns(["99213"]), "2024q3", "f1", **Q3),
    ]
    plans, notes = planned(*same)
    assert (plans["ptp-hospital-2024q3"].records, notes) == ([columns], [])
    _, notes = planned(*same, batch("ptp-hospital", PtpColumns(["99214"]), "2024q3", "f1", **Q3))
    assert notes == ["ptp-hospital 2024q3: part f1 was given twice with different rows; the first was taken"]


@pytest.mark.parametrize("code", ["99213", "99441", "0001U", "0071U", "0591T", "3008F", "0002M", "0001A"])
@pytest.mark.parametrize("table", ["ptp-practitioner", "ptp-hospital", "mue-dme", "mue-hospital", "addon", "pfs"])
def test_a_cpt_code_that_any_one_table_names_is_in_the_fragment(batch, code, table):
    records = {
        "ptp-practitioner": PtpColumns([code]),
        "ptp-hospital": PtpColumns([code]),
        "addon": [AddOnEdit(1, "A1001", code)],
        "pfs": [fee_row(code)],
    }.get(table, [Mue(code, 1, 3, "Roses")])
    plans, _ = planned(batch(table, records, "2024q3", **Q3))
    fragment = plans["cpt-2024"]
    assert fragment.content == "fragment"
    assert fragment.editions[0].period == calendar_year(2024)
    found = {concept.code: concept for concept in fragment.records}
    assert found[code].value("known-from") == f"{table} 2024q3"
    assert found[code].display is None
    assert "25" in found
    assert "A1001" not in found


def test_one_fragment_answers_for_all_years_that_tables_are_of(batch):
    plans, _ = planned(
        batch("mue-dme", [Mue("99213", 1, 3, "")], "2024q3", **Q3),
        batch("mue-dme", [Mue("99214", 1, 3, "")], "2025q1", start=20250101, end=20250331),
    )
    assert [edition.version for edition in plans["cpt-2024"].editions] == ["2024", "2025"]
    assert {"99213", "99214"} <= {concept.code for concept in plans["cpt-2024"].records}


def test_a_year_of_which_the_ama_s_files_are_held_has_no_fragment(batch):
    year = dict(zip(("start", "end"), calendar_year(2024), strict=True))
    plans, _ = planned(
        batch("cpt", [Concept("99213", "Roses")], "2024", **year),
        batch("mue-dme", [Mue("99213", 1, 3, "")], "2024q3", **Q3),
        batch("mue-dme", [Mue("99215", 1, 3, "")], "2025q1", start=20250101, end=20250331),
    )
    cpt = {
        (edition.version, plan.content)
        for plan in plans.values()
        for edition in plan.editions
        if edition.table == "cpt"
    }
    assert cpt == {("2024", "complete"), ("2025", "fragment")}


def cpt(batch, *files):
    """The one edition of CPT made of the files, by code."""
    plans, notes = planned(*(batch("cpt", concepts, "2024", start=20240101, end=20241231) for concepts in files))
    assert notes == []
    return {concept.code: concept for concept in plans["cpt-2024"].records}


def test_what_several_files_of_cpt_say_of_a_code_is_put_together(batch):
    files = (
        [Concept("99213", "Rose", edition="2024")],
        [Concept("99213", designations=(designation("medium", "ROSE"),), edition="2024")],
        [Concept("99213", designations=(designation("consumer", "A rose"),), start=20240401, edition="2024")],
    )
    found = cpt(batch, *files)["99213"]
    assert (found.display, found.start, found.end, found.edition) == ("Rose", 20240401, LAST_DAY, "2024")
    assert {item.value for item in found.designations} == {"ROSE", "A rose"}
    other_way = cpt(batch, *files[::-1])["99213"]
    assert (other_way.display, set(other_way.designations)) == (found.display, set(found.designations))


def test_a_designation_that_two_files_give_is_there_once(batch):
    one = [Concept("99213", "Rose", designations=(designation("long", "Rose"), designation("medium", "Rose")))]
    found = cpt(batch, one, one)["99213"]
    assert [(item.use.code, item.value) for item in found.designations] == [("long", "Rose"), ("medium", "Rose")]


@pytest.mark.parametrize(
    ("uses", "display"),
    [
        (("short", "medium", "long-upper", "long"), "long"),
        (("short", "medium", "long-upper"), "long-upper"),
        (("short", "medium", "consumer"), "medium"),
        (("consumer", "short"), "short"),
        (("consumer", "clinician"), None),
        ((), None),
    ],
)
def test_the_best_designation_stands_in_for_the_display(batch, uses, display):
    files = [[Concept("99213", designations=(designation(use, use),))] for use in uses] or [[Concept("99213")]]
    assert cpt(batch, *files)["99213"].display == display


def modifier(code, *sections):
    told = (Property("modifier", True, "boolean"), *(Property("modifier-section", item, "code") for item in sections))
    return Concept(code, f"The {code}", properties=told)


def test_a_modifier_of_hcpcs_that_the_ama_s_list_repeats_is_left_to_hcpcs(batch):
    listed = {"25": ["general"], "E1": ["level-ii"], "P1": ["physical-status"], "XE": ["asc", "level-ii"]}
    found = cpt(batch, [modifier(code, *sections) for code, sections in listed.items()])
    assert {"25", "P1", "XE"} <= set(found)
    assert "E1" not in found
    assert found["25"].display == "The 25"
    assert found["25"].value("kind") == "general"
    assert found["59"].display is None  # not in the list, but known


def test_a_code_tells_its_kind_category_and_section(batch):
    found = cpt(batch, [Concept("99213", "Rose"), Concept("0591T", "Tulip")])
    assert found["99213"].value("category") == "I"
    assert found["99213"].value("section") == "evaluation-and-management"
    assert (found["0591T"].value("category"), found["0591T"].value("section")) == ("III", None)


def test_dated_rows_of_several_editions_are_merged_the_newest_first(batch):
    old = batch("hcpcs", [Concept("A1", "old"), Concept("A2", "gone")], "2019-01", **Q3, basis="rows")
    new = batch("hcpcs", [Concept("A1", "new"), Concept("A3", "come")], "2024-10", start=20241001, basis="rows")
    plans, _ = planned(new, old)
    assert {concept.code: concept.display for concept in plans["hcpcs"].records} == {
        "A1": "new",
        "A2": "gone",
        "A3": "come",
    }
    assert plans["hcpcs"].merged
    assert plans["hcpcs"].editions[0].version == "2024-10"


def test_snapshots_are_not_merged(batch):
    third, fourth = quarter(2024, 3), quarter(2024, 4)
    plans, _ = planned(
        batch("icd10cm", [Concept("I10")], "2024", start=third.start, end=third.end),
        batch("icd10cm", [Concept("I11")], "2025", start=fourth.start, end=fourth.end),
    )
    assert sorted(plans) == ["icd10cm-2024", "icd10cm-2025"]
