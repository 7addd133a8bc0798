"""Recognition of any file by its content, in folders and archives."""

from __future__ import annotations

import gzip
import importlib
import io
import pkgutil
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from terminology import importers
from terminology.importers import archives
from terminology.importers.recognise import Recognised, recognise
from terminology.importers.registry import all_importers
from terminology.importers.source import Member

SOURCES = Path(__file__).parents[2] / "sources"
SMALL = sorted(path for path in SOURCES.rglob("*") if path.is_file() and path.parent.name != "fhir")
TABLE = SOURCES / "cpt" / "LONGULT.txt"
KIND = "CPT long descriptors (LONGULT)"


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def only(found: list[Recognised]) -> Recognised:
    assert len(found) == 1, found
    return found[0]


def kinds(found: list[Recognised]) -> dict[str, str | None]:
    return {item.source.name: item.importer.name if item.importer else None for item in found}


def test_every_importer_of_the_package_is_in_the_registry() -> None:
    names = [module.name for module in pkgutil.iter_modules(importers.__path__)]
    modules = [importlib.import_module(f"terminology.importers.{name}") for name in names]
    declared = [item for module in modules for item in getattr(module, "IMPORTERS", ())]
    assert declared
    assert sorted(item.name for item in declared) == sorted(item.name for item in all_importers())


def test_no_two_importers_have_the_same_name() -> None:
    names = [importer.name for importer in all_importers()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", SMALL, ids=[str(path.relative_to(SOURCES)) for path in SMALL])
def test_exactly_one_importer_takes_each_small_source(path: Path, tmp_path: Path) -> None:
    # under a name that says nothing
    copy = shutil.copyfile(path, tmp_path / "file")
    assert only(recognise(copy)).importer is not None


HEADS = {
    "NCCI PTP edits": "Column1/Column2 Edits\t\t\t\t\t\t\r\n0001A\t0591T\t\t19960101\t20231231\t1\tRoses\r\n",
    "NCCI medically unlikely edits (MUE)": (
        '"Invented notice,\r\nof the American Medical Association",,,\r\n'
        '"HCPCS/\nCPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\r\n'
        "0001U,1,2 Date of Service Edit: Policy,Roses\r\n"
    ),
    "NCCI add-on code edits (AOC)": f"10071U       0070U       2013091       {'Roses':58}\r\n",
    "HCPCS Level II (ANWEB)": f"{'   A1001007Red rose':91}{'Rose':28}{'':149}20200101\r\n",
    "outpatient payment caps (OPPSCAP, csv)": (
        "HCPCS,MOD,PROCSTAT,CARRIER,LOCALITY,FACILITY PRICE,NON-FACILTY PRICE\r\n0633T,TC,C,01112,05,150.69,150.69\r\n"
    ),
    "outpatient payment caps (OPPSCAP, text)": "0633TTC C 01112  05   150.69    150.69\r\n",
    "Medicare localities of the ZIP codes (ZIP5)": f"AK995010210201 Z9   0 A{'':52}20254\r\n",
    "ICD-10-CM codes (order file)": f"00001 A00     0 {'Rose':60} Rose\r\n00002 A000    1 {'Red':60} Red rose\r\n",
    "Medicare Code Editor edits": (
        "icd_code,icd_description,icd_conflict_group,icd_conflict_rule\r\nA33,Rose,Age,Newborn (Age 0 Only)\r\n"
    ),
    "place of service codes": "pos_code,pos_type,pos_name,pos_description\r\n01,Non-Facility,Rose,A rose\r\n",
}


@pytest.mark.parametrize("kind", HEADS)
def test_exactly_one_importer_takes_the_head_of_each_kind(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path / "file", HEADS[kind].encode())
    assert kinds(recognise(path)) == {"file": kind}


def test_the_version_given_reaches_the_member() -> None:
    assert only(recognise(TABLE, "2024")).source.version == "2024"


def test_a_gzip_file_is_looked_into(tmp_path: Path) -> None:
    assert kinds(recognise(written(tmp_path / "a.gz", gzip.compress(TABLE.read_bytes())))) == {"a.gz": KIND}


def test_an_archive_answers_for_each_member(tmp_path: Path) -> None:
    path = written(tmp_path / "cpt.zip", zipped(**{"a/one.txt": TABLE.read_bytes(), "read_me.txt": b"Roses\n"}))
    found = recognise(path)
    assert kinds(found) == {"cpt.zip!a/one.txt": KIND, "cpt.zip!read_me.txt": None}
    assert found[1].ignored
    assert found[1].reason == "is a read-me, not a table"


def test_an_archive_in_an_archive_is_looked_into_and_its_members_can_be_read(tmp_path: Path) -> None:
    inner = zipped(**{"LONGULT.txt": TABLE.read_bytes(), "b.txt.gz": gzip.compress(TABLE.read_bytes())})
    found = recognise(written(tmp_path / "outer.zip", zipped(**{"inner.zip": inner})), "2026")
    assert kinds(found) == {"outer.zip!inner.zip!LONGULT.txt": KIND, "outer.zip!inner.zip!b.txt.gz": KIND}
    assert [item.source.read() for item in found] == [TABLE.read_bytes()] * 2
    assert found[0].source.names[:3] == ("LONGULT.txt", "inner.zip", "outer.zip")
    assert found[0].source.version == "2026"


def test_a_third_archive_inside_is_not_looked_into(tmp_path: Path) -> None:
    deep = zipped(**{"inner.zip": zipped(**{"innermost.zip": zipped(**{"a.txt": b"a"})})})
    assert "inside two others" in only(recognise(written(tmp_path / "outer.zip", deep))).reason


def test_a_workbook_is_one_file_wherever_it_lies(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Concept Id", "CPT Code", "Consumer Friendly Descriptor"])
    sheet.append([1, "99213", "Roses"])
    book.save(tmp_path / "a.xlsx")
    content = (tmp_path / "a.xlsx").read_bytes()
    nested = zipped(**{"b.xlsx": content, "inner.zip": zipped(**{"c.xlsx": content})})
    (tmp_path / "z.zip").write_bytes(nested)
    found = kinds(recognise(tmp_path))
    assert list(found) == ["a.xlsx", "z.zip!b.xlsx", "z.zip!inner.zip!c.xlsx"]
    assert set(found.values()) == {"CPT consumer friendly descriptors (ConsumerDescriptor)"}


def test_the_reason_for_an_unknown_workbook_shows_its_first_row(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Rose", None, "Tulip"])
    book.save(tmp_path / "a.xlsx")
    assert "it begins 'Rose, Tulip'" in only(recognise(tmp_path / "a.xlsx")).reason


def test_a_folder_means_the_files_in_it_and_in_its_subfolders(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "sub" / "deeper"):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(TABLE, folder / f"{folder.name}.txt")
    assert set(kinds(recognise(tmp_path))) == {f"{tmp_path.name}.txt", "deeper.txt"}
    assert set(kinds(recognise(tmp_path)).values()) == {KIND}


def test_hidden_files_and_folders_empty_folders_and_read_mes_call_for_no_attention(tmp_path: Path) -> None:
    for name in (".git", "sub", "empty"):
        (tmp_path / name).mkdir()
    for name in (".hidden", ".git/config", "sub/.DS_Store", "README.md", "sub/Read Me.txt"):
        (tmp_path / name).write_bytes(b"x")
    found = recognise(tmp_path)
    assert sorted(item.source.name for item in found) == [
        ".DS_Store",
        ".git",
        ".hidden",
        "README.md",
        "Read Me.txt",
        "empty",
    ]
    assert all(item.ignored for item in found)


def test_a_folder_that_was_named_is_looked_into_though_it_is_hidden(tmp_path: Path) -> None:
    (tmp_path / ".data").mkdir()
    shutil.copyfile(TABLE, tmp_path / ".data" / "a.txt")
    assert kinds(recognise(tmp_path / ".data")) == {"a.txt": KIND}


def test_links_that_lead_back_are_not_followed_for_ever(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    shutil.copyfile(TABLE, tmp_path / "sub" / "a.txt")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "twin").symlink_to(tmp_path / "sub")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    found = recognise(tmp_path)
    assert [item.source.name for item in found if item.importer] == ["a.txt"]
    reasons = {item.source.name: item.reason for item in found if not item.importer}
    assert reasons["loop"] == reasons["twin"] == "leads to a folder that has been looked into"
    assert "self" in reasons


def test_a_folder_too_deep_is_named(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"abcdefghi")
    deep.mkdir(parents=True)
    shutil.copyfile(TABLE, deep / "low.txt")
    shutil.copyfile(TABLE, deep.parent / "high.txt")
    found = {item.source.name: item for item in recognise(tmp_path)}
    assert sorted(found) == ["high.txt", "i"]
    assert found["high.txt"].importer is not None
    assert "lies more than 8 folders deep; name it by itself" in found["i"].reason


def test_a_header_that_is_not_known_is_shown(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", b"\r\nrose,tulip," + b"x" * 100 + b"\r\n1,2,3\r\n")
    assert f"it begins 'rose,tulip,{'x' * 49}…'" in only(recognise(path)).reason


GOOD = zipped(**{"a.txt": b"rose " * 500})
ENCRYPTED = bytearray(GOOD)
ENCRYPTED[6] |= 1
ENCRYPTED[GOOD.index(b"PK\x01\x02") + 8] |= 1
PACKED_ZEROS = zipped(**{"a.txt": b"0" * 3_000_000})
CUT_GZIP = gzip.compress(bytes(range(256)) * 50)[:60]
PAGE = b"\xef\xbb\xbf<!-- licence --> <!-- page -->\n<!DOCTYPE html><html><body>Accept</body></html>"
REASONS: list[tuple[str, bytes, str]] = [
    ("page.zip", PAGE, "fhir-cpt fetch --accept-ama-license"),
    ("page.txt", b"<html lang='en'>", "an HTML page, probably the AMA licence page"),
    ("empty.txt", b"", "is empty"),
    ("blank.txt", b" \r\n\t\r\n", "nothing but blanks"),
    ("empty.gz", gzip.compress(b""), "is empty"),
    ("empty.zip", zipped(), "nothing in it"),
    ("member.zip", zipped(**{"a.txt": b""}), "is empty"),
    ("cut.zip", GOOD[:-30], "damaged zip archive"),
    ("holed.zip", GOOD[:40] + b"\xff" * 10 + GOOD[50:], "while decompressing"),
    ("inner.zip", zipped(**{"b.zip": GOOD[:-30]}), "damaged zip archive"),
    ("cut.gz", CUT_GZIP, "is damaged"),
    ("not.gz", b"\x1f\x8b\x08\x00nothing of the kind", "is damaged"),
    ("locked.zip", bytes(ENCRYPTED), "password"),
    ("bomb.zip", PACKED_ZEROS, "1000 times its size"),
    ("zip.gz", gzip.compress(GOOD), "packed once more"),
    ("word.docx", zipped(**{"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "not a workbook"),
    ("broken.xlsx", zipped(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x"}), "workbook"),
    ("paper.pdf", b"%PDF-1.7\n%...", "a PDF document"),
    ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .xlsx"),
    ("claim.json", b'{"resourceType": "Claim"}', "a FHIR resource (Claim)"),
    ("claim.xml", b'<?xml version="1.0"?>\n<Claim xmlns="http://hl7.org/fhir">', "a FHIR resource (Claim)"),
    ("list.json", b"\xef\xbb\xbf [1, 2]", "is JSON"),
    ("claim.837", b"ISA*00*          *00*", "an X12 message, not a table"),
    ("headless.837", b"GS*HC*1*2*", "an X12 message, not a table"),
    ("charge.hl7", b"MSH|^~\\&|A|B", "an HL7 v2 message, not a table"),
    ("wide.csv", "rose,tulip".encode("utf-16"), "UTF-16"),
    ("code.bin", b"rose\0tulip", "is binary"),
    ("mac.zip", zipped(**{"__MACOSX/._a.txt": b"x"}), "added by macOS"),
]


@pytest.mark.parametrize(("name", "content", "reason"), REASONS, ids=[name for name, _, _ in REASONS])
def test_what_is_not_a_table_is_named_plainly(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    found = only(recognise(written(tmp_path / name, content)))
    assert found.importer is None
    assert reason in found.reason


def test_a_name_that_stands_twice_in_an_archive_is_taken_neither_time(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", TABLE.read_bytes())
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.txt", TABLE.read_bytes())
    assert only(recognise(path)).reason.startswith("stands 2 times in the archive")


def test_a_member_that_declares_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST", 2000)
    assert "is refused" in only(recognise(written(tmp_path / "a.zip", GOOD))).reason


def test_an_inner_archive_too_large_for_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_INNER", 10)
    path = written(tmp_path / "a.zip", zipped(**{"b.zip": GOOD}))
    assert "unpack it first" in only(recognise(path)).reason


@pytest.mark.parametrize(
    ("name", "reason"), [("missing", "does not exist"), ("", "is an empty folder")], ids=["missing", "empty folder"]
)
def test_a_path_with_no_file_is_said_to_have_none(tmp_path: Path, name: str, reason: str) -> None:
    assert only(recognise(tmp_path / name)).reason == reason


class Stumbling:
    name = "stumbling"

    def recognise(self, source: Member) -> bool:
        raise KeyError(source.name)


def test_an_importer_that_stumbles_hides_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module = importlib.import_module("terminology.importers.recognise")
    monkeypatch.setattr(module, "all_importers", lambda: (Stumbling(), *all_importers()))
    found = only(recognise(TABLE))
    assert found.importer is not None
    assert found.importer.name == KIND
    assert only(recognise(written(tmp_path / "a.txt", b"rose"))).reason == "stumbling: KeyError: 'a.txt'"


def test_a_file_that_two_importers_claim_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("terminology.importers.recognise")
    monkeypatch.setattr(module, "all_importers", lambda: all_importers() * 2)
    assert only(recognise(TABLE)).reason == f"looks like {KIND} and like {KIND}; not taken"


STARTS = [
    b"",
    b"PK\x03\x04",
    b"\x1f\x8b\x08",
    b"<?xml version='1.0'?>",
    b"MSH|",
    b"0001A\t0591T\t",
    b"HCPCS,MOD,",
    b"{",
]
CONTENTS = st.builds(bytes.__add__, st.sampled_from(STARTS), st.binary(max_size=400))


@given(CONTENTS, st.sampled_from(["txt", "csv", "xlsx", "xml", "zip", "gz", "TXT", "json", ""]))
@example(GOOD, "zip")
@settings(deadline=None, max_examples=150)
def test_any_bytes_under_any_name_get_an_answer(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, extension: str
) -> None:
    path = written(tmp_path_factory.getbasetemp() / f"any.{extension}", content)
    for found in recognise(path):
        assert (found.importer is None) == bool(found.reason)


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_any_damage_to_an_archive_gets_an_answer(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([GOOD, zipped(**{"b.zip": GOOD}), gzip.compress(b"rose " * 99)])))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = written(
        tmp_path_factory.getbasetemp() / "damaged", bytes(content[: data.draw(st.integers(1, len(content)))])
    )
    for found in recognise(path):
        assert (found.importer is None) == bool(found.reason)


@pytest.mark.realdata
@pytest.mark.parametrize("folder", ["ncci_ptp", "ncci_mue", "ncci_aoc", "hcpcs", "pfs", "icd10cm", "mcd", "lists"])
def test_every_file_of_the_agencies_is_taken_by_exactly_one_importer(shared: Path, folder: str) -> None:
    for path in sorted((shared / "data" / folder).iterdir()):
        found = recognise(path)
        taken = [item for item in found if item.importer]
        assert taken, found
        if path.suffix != ".zip":
            assert len(found) == 1, found


@pytest.mark.realdata
def test_an_archive_of_cms_gives_its_tables_and_names_the_rest(shared: Path) -> None:
    found = recognise(shared / "data" / "hcpcs" / "2019-Alpha-Numeric-HCPCS-File.zip")
    assert [item.source.member for item in found if item.importer] == [
        "HCPC2019_CONTR_ANWEB.txt",
        "HCPC2019_CONTR_ANWEB.xlsx",
    ]
    assert [item.source.member for item in found if item.ignored] == ["HCPC2019_README.txt"]


@pytest.mark.realdata
def test_no_claim_is_taken_for_a_table(shared: Path) -> None:
    expected = {".json": "is a FHIR resource", ".hl7": "is an HL7 v2 message", ".md": "is a read-me"}
    for path in sorted((shared / "data" / "claims").rglob("*")):
        if path.is_file():
            found = only(recognise(path))
            assert found.importer is None
            assert found.reason.startswith(expected.get(path.suffix, "is an X12 message")), (path.name, found.reason)
