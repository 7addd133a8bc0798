from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest

from terminology.errors import EditionUnknown, ReleaseError, SourceRefused
from terminology.model import CPT, HCPCS
from terminology.release.build import build
from terminology.release.reader import open_release

SOURCES = Path(__file__).parents[2] / "sources"
POS = "pos_code,pos_type,pos_name,pos_description\r\n01,Non-Facility,Rose,A rose\r\n"
CAPS = "HCPCS,MOD,PROCSTAT,CARRIER,LOCALITY,FACILITY PRICE,NON-FACILTY PRICE\r\n0633T,TC,C,01112,05,150.69,150.69\r\n"
MUE = (
    '"Invented notice",,,\r\n'
    '"HCPCS/\nCPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\r\n'
)
MUE_ROW = "{code},{units},2 Date of Service Edit: Policy,Roses\r\n"
MUE_NAME = "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv"
FEES = SOURCES / "pfs" / "PPRRVU2025_Oct.csv"


@pytest.fixture
def pos(tmp_path) -> Path:
    """A file that is a table."""
    path = tmp_path / "pos.csv"
    path.write_text(POS)
    return path


@pytest.fixture
def out(tmp_path) -> Path:
    """Where to build."""
    return tmp_path / "out"


def test_the_sample_is_built_whole(sample, out):
    built = build([str(sample)], out)
    assert built.left == []
    assert built.notes == []
    assert not any(item.refused for item in built.taken)
    release = open_release(out)
    assert release.folder == built.folder
    tables = {edition.table for edition in release.editions()}
    assert tables >= {"cpt", "hcpcs", "icd10cm", "pos", "ptp-practitioner", "ptp-hospital", "mue-dme", "addon", "pfs"}
    assert {source.kind for source in release.manifest.sources} == {item.kind for item in built.taken}


@pytest.mark.parametrize("code", ["0001U", "0071U", "99441"])
def test_a_cpt_code_that_only_ncci_names_is_in_the_sample_s_fragment(sample, out, code):
    build([str(sample)], out)
    release = open_release(out)
    located = release.code_system(CPT).on(20261115).table.locate(code)
    assert located is not None
    assert located.concept.display is None
    fees = release.fee_schedule.on(20261115)
    assert fees is not None
    assert {str(item.value).split()[0] for item in located.concept.properties if item.code == "known-from"} <= {
        *(("pfs",) if code in fees.table else ()),
        "addon",
        "mue-dme",
        "mue-hospital",
        "mue-practitioner",
        "ptp-hospital",
        "ptp-practitioner",
    }


def test_the_same_sources_give_the_same_release_in_any_order(sample, tmp_path):
    folders = sorted(str(path) for path in sample.iterdir() if path.is_dir())
    one = build(folders, tmp_path / "one")
    other = build(folders[::-1], tmp_path / "other")
    assert one.folder.name == other.folder.name


def test_files_that_are_no_tables_are_left_with_their_reason(pos, tmp_path, out):
    (tmp_path / "notes.txt").write_text("roses are red\n")
    (tmp_path / "README.txt").write_text("read me\n")
    built = build([str(pos), str(tmp_path / "notes.txt"), str(tmp_path / "README.txt"), str(tmp_path / "none")], out)
    assert [item.source.name for item in built.left] == ["notes.txt", "none"]
    assert "begins 'roses are red'" in built.left[0].reason
    assert [item.source.name for item in built.ignored] == ["README.txt"]


@pytest.mark.parametrize("content", [None, b"", b"roses are red\n", b"PK\x03\x04broken", b"%PDF-1.7"])
def test_a_build_without_any_table_changes_nothing_and_says_why(tmp_path, out, content):
    if content is not None:
        (tmp_path / "file").write_bytes(content)
    with pytest.raises(ReleaseError, match=r"nothing was built \(file "):
        build([str(tmp_path / "file")], out)
    assert not out.exists()


def test_a_build_of_no_files_changes_nothing(out):
    with pytest.raises(ReleaseError, match="no file was given"):
        build([], out)
    assert not out.exists()


def mue(tmp_path: Path, bad: int) -> Path:
    """An MUE table of twenty good rows and some bad ones."""
    rows = [MUE_ROW.format(code=f"A10{number}", units=1) for number in range(10, 30)]
    rows += [MUE_ROW.format(code="A2001", units="many")] * bad
    path = tmp_path / MUE_NAME
    path.write_text(MUE + "".join(rows), newline="")
    return path


def test_a_refused_row_is_in_the_manifest_with_its_line(tmp_path, out):
    built = build([str(mue(tmp_path, bad=1))], out)
    (taken,) = built.taken
    assert (taken.rows, len(taken.refused)) == (21, 1)
    (source,) = open_release(out).manifest.sources
    assert source.refused == tuple(taken.refused)
    line, reason = source.refused[0]
    lines = (MUE + "".join(["\r\n"] * 20)).count("\n") + 1
    assert line == lines
    assert "many" in reason


def test_a_file_with_too_many_bad_rows_stops_the_build_and_the_old_release_stays(pos, tmp_path, out):
    old = build([str(pos)], out).folder
    before = sorted(out.rglob("*"))
    with pytest.raises(SourceRefused, match=f"{MUE_NAME}: more than 10 rows"):
        build([str(pos), str(mue(tmp_path, bad=11))], out)
    assert sorted(out.rglob("*")) == before
    assert open_release(out).folder == old


def test_an_edition_is_given_with_the_file(tmp_path, out):
    (tmp_path / "OPPSCAP.csv").write_text(CAPS)
    build([f"{tmp_path / 'OPPSCAP.csv'}@2025q4"], out)
    assert [edition.version for edition in open_release(out).editions() if edition.table == "oppscap"] == ["2025q4"]


def test_a_file_whose_name_holds_an_at_sign_is_taken_as_it_stands(tmp_path, out):
    (tmp_path / "pos@2024.csv").write_text(POS)
    assert [item.name for item in build([str(tmp_path / "pos@2024.csv")], out).taken] == ["pos@2024.csv"]


def caps_beside(folder: Path, *fees: str) -> Path:
    """A folder with price caps that name no edition, and fee schedules of these names."""
    folder.mkdir()
    (folder / "OPPSCAP_Oct.csv").write_text(CAPS)
    content = FEES.read_text("latin-1")
    for name in fees:
        year = name[6:10]
        (folder / name).write_text(content.replace("2025", year), "latin-1")
    return folder


def test_a_file_that_names_no_edition_is_of_the_fee_schedule_s_beside_it(tmp_path, out):
    built = build([str(caps_beside(tmp_path / "rvu", "PPRRVU2025_Oct.csv"))], out)
    (caps,) = (item for item in built.taken if "OPPSCAP" in item.name)
    assert caps.editions == ["oppscap 2025q4"]
    assert caps.notes == ["names no edition; taken as 2025q4, as the pfs file beside it"]
    found = open_release(out).table("oppscap").on(20251231)
    assert found is not None
    assert not found.stale
    assert len(found.table.get("0633T")) == 1


def test_a_file_that_names_no_edition_has_its_companion_in_the_same_archive(tmp_path, out):
    folder = caps_beside(tmp_path / "rvu", "PPRRVU2025_Oct.csv")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    assert {name for item in build([str(tmp_path / "a.zip")], out).taken for name in item.editions} == {
        "pfs 2025q4",
        "oppscap 2025q4",
    }


@pytest.mark.parametrize("fees", [(), ("PPRRVU2025_Oct.csv", "PPRRVU2024_Oct.csv")], ids=["none", "two"])
def test_without_one_companion_the_edition_is_asked_for(tmp_path, out, pos, fees):
    folder = caps_beside(tmp_path / "rvu", *fees)
    elsewhere = caps_beside(tmp_path / "elsewhere", "PPRRVU2025_Oct.csv")
    (elsewhere / "OPPSCAP_Oct.csv").unlink()
    with pytest.raises(EditionUnknown, match=r"OPPSCAP_Oct\.csv: .* give it as FILE@2025q4"):
        build([str(folder), str(elsewhere), str(pos)], out)
    assert not out.exists()


def test_a_file_that_is_named_twice_is_read_once_with_the_edition_given(tmp_path, out):
    caps = caps_beside(tmp_path / "rvu") / "OPPSCAP_Oct.csv"
    built = build([str(caps.parent), f"{caps}@2025q4", str(caps)], out)
    assert [item.editions for item in built.taken] == [["oppscap 2025q4"]]


def test_a_workbook_beside_the_same_table_as_text_is_not_read(tmp_path, out):
    path = mue(tmp_path, bad=0)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["HCPCS/\nCPT Code", "Practitioner Services MUE Values", "MUE Adjudication Indicator", "MUE Rationale"],
        ["A1010", 1, "2 Date of Service Edit: Policy", "Roses"],
    ):
        sheet.append(row)
    book.save(path.with_suffix(".xlsx"))
    built = build([str(tmp_path)], out)
    assert [item.name for item in built.taken] == [path.name]
    assert [(item.source.name, item.reason) for item in built.ignored] == [
        (path.with_suffix(".xlsx").name, f"holds the same rows as {path.name}")
    ]


def test_the_ama_s_files_are_one_licensed_edition_under_their_own_notice(tmp_path, out):
    shutil.copytree(SOURCES / "cpt", tmp_path / "cpt")
    built = build([str(tmp_path / "cpt")], out, expansion_cap=7)
    assert built.left == []
    release = open_release(out)
    (cpt,) = release.code_system(CPT).versions
    assert cpt.content == "complete"
    licence = release.licence(CPT)
    assert licence is not None
    assert (licence.licensed, licence.expansion_cap) == (True, 7)
    assert licence.notice.startswith("Invented")
    assert not any(note.startswith("notice: ") for item in built.taken for note in item.notes)
    concepts = [cpt.concept(at) for at in range(len(cpt))]
    assert all(
        len({(item.use, item.value) for item in concept.designations}) == len(concept.designations)
        for concept in concepts
    )
    assert cpt.locate("E1") is None
    assert [concept.code for concept in concepts if concept.display and concept.value("modifier") is not True]


def test_the_ama_s_files_give_the_same_release_in_any_order(tmp_path):
    files = sorted(str(path) for path in (SOURCES / "cpt").iterdir())
    assert build(files, tmp_path / "one").folder.name == build(files[::-1], tmp_path / "other").folder.name


def test_another_cap_gives_another_release(tmp_path, out):
    one = build([str(SOURCES / "cpt")], out, expansion_cap=7).folder
    other = build([str(SOURCES / "cpt")], out, expansion_cap=None).folder
    assert one != other
    licence = open_release(out).licence(CPT)
    assert licence is not None
    assert licence.expansion_cap is None


def test_progress_goes_up_to_its_end(sample, out):
    steps: list[tuple[int, int]] = []
    build([str(sample)], out, progress=lambda _, done, of: steps.append((done, of)))
    assert steps == sorted(steps)
    assert steps[0][0] == 0
    assert steps[-1][0] == steps[-1][1]


def test_a_release_that_is_open_outlives_the_builds_after_it(sample, pos, tmp_path, out):
    build([str(sample / "hcpcs")], out)
    release = open_release(out)
    for content in ("01", "02", "03"):
        pos.write_text(POS.replace("01", content))
        build([str(pos)], out)
    assert not release.folder.exists()
    system = release.code_system(HCPCS).on(20261115).table
    assert all(system.concept(at).code == system.code(at) for at in range(len(system)))
