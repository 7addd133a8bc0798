"""CPT descriptor files: one text a code, and the clinician and consumer tables."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminology.errors import EditionUnknown, SourceRefused
from terminology.importers import cpt_clinician_consumer, cpt_descriptors
from terminology.importers.cpt_notice import DISPLAY_USES, NOTE_PREFIX, USES
from terminology.importers.source import Batch, Importer, Member
from terminology.model import CPT, Concept

SOURCES = Path(__file__).parents[2] / "sources" / "cpt"
IMPORTERS = (*cpt_descriptors.IMPORTERS, *cpt_clinician_consumer.IMPORTERS)
NOTICE = "Invented. Copyright 2025 American Medical Association.\r\n\r\n"


def importer_of(source: Member) -> Importer:
    takers = [importer for importer in IMPORTERS if importer.recognise(source)]
    assert len(takers) == 1, [taker.name for taker in takers]
    return takers[0]


def read(source: Member) -> Batch:
    (batch,) = importer_of(source).read(source)
    return batch


def written(folder: Path, content: str, name: str = "file.txt", encoding: str = "cp1252") -> Member:
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return Member(path)


def concepts(batch: Batch) -> dict[str, Concept]:
    assert isinstance(batch.records, list)
    return {record.code: record for record in batch.records}


@pytest.mark.parametrize(
    ("file", "use", "code", "text"),
    [
        ("LONGUT.txt", "long-upper", "00100", "SINGING TO A TEAPOT"),
        ("LONGULF.txt", "long", "99213", "Talk with a gardener about roses"),
        ("LONGUF.txt", "long-upper", "00100", "SINGING TO A TEAPOT"),
        ("MEDU.txt", "medium", "10004", "PAINTING A GARDEN FENCE EACH FURTHER PLANK"),
        ("SHORTU.txt", "short", "10004", "PAINT FENCE EA PLANK"),
        ("ConsumerDescriptor.txt", "consumer", "00100", "A song for the café’s teapot"),
    ],
)
def test_each_file_gives_its_text_as_a_designation_of_its_use(file: str, use: str, code: str, text: str) -> None:
    concept = concepts(read(Member(SOURCES / file)))[code]
    (designation,) = concept.designations
    assert concept.display is None
    assert designation.value == text
    assert designation.use is not None
    assert (designation.use.system, designation.use.code) == (CPT, use)


def test_only_longult_gives_the_display() -> None:
    batch = read(Member(SOURCES / "LONGULT.txt"))
    assert concepts(batch)["00100"] == Concept("00100", "Singing to a teapot – once", edition="2026")
    assert len(concepts(batch)) == batch.rows_read == 5


def test_every_use_that_can_stand_in_for_the_display_is_a_use_of_designations() -> None:
    assert set(DISPLAY_USES) < set(USES)


def test_a_code_may_have_several_clinician_descriptors() -> None:
    batch = read(Member(SOURCES / "ClinicianDescriptor.txt"))
    assert [item.value for item in concepts(batch)["00100"].designations] == ["Teapot song", "Teapot song with refrain"]
    assert batch.rows_read == 3


def test_the_edition_is_the_year_after_the_notice_and_lasts_the_calendar_year() -> None:
    edition = read(Member(SOURCES / "MEDU.txt")).edition
    assert (edition.table, edition.version, edition.start, edition.end) == ("cpt", "2026", 20260101, 20261231)
    assert edition.basis == "snapshot"


def test_the_year_given_wins_over_the_notice_and_a_contradiction_is_noted() -> None:
    batch = read(Member(SOURCES / "MEDU.txt", version="2021"))
    assert batch.edition.version == "2021"
    assert any("copyright year is 2025" in note for note in batch.notes)


def test_the_year_in_the_name_wins_over_the_notice(tmp_path: Path) -> None:
    batch = read(written(tmp_path, NOTICE + "99213 ROSES\r\n", "CPT2025 SHORTU.txt"))
    assert batch.edition.version == "2025"
    assert not any("copyright year" in note for note in batch.notes)


def test_a_notice_without_a_year_leaves_the_edition_unknown(tmp_path: Path) -> None:
    source = written(tmp_path, "Invented, but for the American Medical Association.\r\n\r\n99213 ROSES\r\n")
    with pytest.raises(EditionUnknown, match="FILE@2025"):
        read(source)


@pytest.mark.parametrize("file", sorted(path.name for path in SOURCES.glob("*U*T.txt")))
def test_the_notice_travels_with_the_batch(file: str) -> None:
    notice = next(note for note in read(Member(SOURCES / file)).notes if note.startswith(NOTE_PREFIX))
    assert "2001-2025 American Medical Association" in notice
    assert "Nothing in this file was written" in notice


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
def test_text_is_read_as_utf_8_or_windows_1252(tmp_path: Path, encoding: str) -> None:
    batch = read(written(tmp_path, NOTICE + "99213\tCafé — roses\r\n", encoding=encoding))
    assert concepts(batch)["99213"].display == "Café — roses"


def test_bytes_that_are_neither_encoding_refuse_the_file(tmp_path: Path) -> None:
    path = tmp_path / "LONGULT.txt"
    path.write_bytes(NOTICE.encode() + b"99213\tRoses \x81\xff\r\n")
    with pytest.raises(SourceRefused, match="neither UTF-8 nor Windows-1252"):
        list(cpt_descriptors.IMPORTERS[0].read(Member(path)))


def test_sequences_of_2001_have_two_digits(tmp_path: Path) -> None:
    batch = read(written(tmp_path, NOTICE + "9921301  Talk about\r\n9921302  roses\r\n"))
    assert concepts(batch)["99213"].designations[0].value == "Talk about roses"


def test_sequences_are_joined_in_their_order_not_in_that_of_the_lines(tmp_path: Path) -> None:
    batch = read(written(tmp_path, NOTICE + "99213002 roses\r\n99213001 Talk about\r\n"))
    assert concepts(batch)["99213"].designations[0].value == "Talk about roses"


def test_a_code_with_a_missing_sequence_is_left_out_and_named(tmp_path: Path) -> None:
    batch = read(written(tmp_path, NOTICE + "99213001 Talk\r\n99213003 roses\r\n99214001 Fence\r\n"))
    assert list(concepts(batch)) == ["99214"]
    assert batch.refused == [(3, "the parts of 99213 are numbered 1, 3, not 1 to 2")]


def test_a_second_and_different_text_for_a_code_is_refused_with_its_line(tmp_path: Path) -> None:
    batch = read(written(tmp_path, NOTICE + "99213\tRoses\r\n99213\tRoses\r\n99213\tTulips\r\n"))
    assert concepts(batch)["99213"].display == "Roses"
    assert batch.refused == [(5, "gives 99213 a second, different text")]
    assert batch.rows_read == 3


def test_a_blank_line_among_the_rows_loses_none(tmp_path: Path) -> None:
    batch = read(written(tmp_path, NOTICE + "99213\tRoses\r\n\r\n99214\tTulips\r\n\r\n"))
    assert list(concepts(batch)) == ["99213", "99214"]


def test_a_row_without_a_code_is_refused_with_its_line(tmp_path: Path) -> None:
    rows = "".join(f"{number}\tRoses\r\n" for number in range(99201, 99221))
    batch = read(written(tmp_path, NOTICE + rows + "9921x\tRoses\r\n"))
    assert len(concepts(batch)) == 20
    assert batch.refused == [(23, "is not a code and a text: '9921x\\tRoses'")]


def test_a_file_of_other_rows_is_refused_whole(tmp_path: Path) -> None:
    source = written(tmp_path, NOTICE + "99213\tRoses\r\n" + "x\r\n" * 11)
    with pytest.raises(SourceRefused, match="more than 10 rows"):
        list(cpt_descriptors.IMPORTERS[0].read(source))


@pytest.mark.parametrize(
    "content",
    [
        "Copyright 2025 Somebody Else.\r\n\r\n99213\tRoses\r\n",
        NOTICE.strip() + "\r\n99213\tRoses\r\n",
        NOTICE + "99213\t10004\t\t20240101\t*\t1\tRoses\r\n",
        NOTICE + "99213 " + "R" * 49 + "\r\n",
        NOTICE,
    ],
    ids=["another's notice", "no blank line", "more cells", "too wide", "no rows"],
)
def test_what_is_not_quite_the_layout_is_not_recognised(tmp_path: Path, content: str) -> None:
    source = written(tmp_path, content)
    assert not any(importer.recognise(source) for importer in IMPORTERS)


@pytest.mark.parametrize(("width", "use"), [(28, "short"), (29, "medium"), (48, "medium")])
def test_width_tells_short_from_medium(tmp_path: Path, width: int, use: str) -> None:
    batch = read(written(tmp_path, f"{NOTICE}99213 ROSES\r\n99214 {'R' * width}\r\n"))
    (designation,) = concepts(batch)["99213"].designations
    assert designation.use is not None
    assert designation.use.code == use


@pytest.mark.parametrize("file", ["ClinicianDescriptor", "ConsumerDescriptor"])
def test_a_workbook_gives_what_its_text_twin_gives(tmp_path: Path, file: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (SOURCES / f"{file}.txt").read_text("utf-8").splitlines():
        # Excel holds 00100 as the number 100
        sheet.append([int(cell) if cell.isdigit() else cell for cell in line.split("\t")])
    book.save(tmp_path / "table.xlsx")
    batch, twin = read(Member(tmp_path / "table.xlsx")), read(Member(SOURCES / f"{file}.txt"))
    assert batch.records == twin.records
    assert batch.rows_read == twin.rows_read
    assert batch.edition == twin.edition


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1\tE1234\tRoses", "'E1234' is not a CPT code"),
        ("1\t99214\t", "has no text for 99214"),
        ("1", "'' is not a CPT"),
    ],
)
def test_a_bad_row_of_a_table_is_refused_with_its_line(tmp_path: Path, row: str, reason: str) -> None:
    header = "Concept Id\tCPT Code\tConsumer Friendly Descriptor\r\n"
    batch = read(written(tmp_path, NOTICE + header + row + "\r\n2\t99213\tRoses\r\n"))
    assert list(concepts(batch)) == ["99213"]
    assert [line for line, _ in batch.refused] == [4]
    assert reason in batch.refused[0][1]


CODES = st.builds("{:04}{}".format, st.integers(0, 9999), st.sampled_from("0123456789AFMTU"))
TEXTS = st.text(st.sampled_from("abXYZ019,;()%®é—’ÿ"), min_size=1, max_size=60)


@settings(deadline=None)
@given(st.dictionaries(CODES, TEXTS.map("a{}".format), min_size=1))
def test_tab_files_round_trip(tmp_path_factory: pytest.TempPathFactory, texts: dict[str, str]) -> None:
    rows = "".join(f"{code}\t{text}\r\n" for code, text in texts.items())
    source = written(tmp_path_factory.getbasetemp(), NOTICE + rows, encoding="utf-8")
    assert {code: concept.display for code, concept in concepts(read(source)).items()} == texts


@settings(deadline=None)
@given(st.dictionaries(CODES, st.lists(TEXTS, min_size=1, max_size=4), min_size=1))
def test_fixed_files_round_trip(tmp_path_factory: pytest.TempPathFactory, texts: dict[str, list[str]]) -> None:
    lines = [f"{code}{at:03} {part:<71}" for code, parts in texts.items() for at, part in enumerate(parts, 1)]
    source = written(tmp_path_factory.getbasetemp(), NOTICE + "\r\n".join(lines) + "\r\n", encoding="utf-8")
    found = {code: concept.designations[0].value for code, concept in concepts(read(source)).items()}
    assert found == {code: " ".join(parts) for code, parts in texts.items()}
