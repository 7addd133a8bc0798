from __future__ import annotations

import pytest

from terminology.edits import CoveragePolicy
from terminology.errors import SourceRefused
from terminology.importers import coverage
from terminology.importers.source import Member

(IMPORTER,) = coverage.IMPORTERS
ARTICLE = (
    "article_id,article_version,title,article_eff_date,article_end_date,date_retired,display_id,status,last_updated"
)
PROCEDURE = "article_id,article_version,hcpc_code_id,hcpc_code_group,range"
COVERED = "article_id,article_version,icd10_code_id,icd10_covered_group,range,asterisk"
NONCOVERED = "article_id,article_version,icd10_code_id,icd10_noncovered_group,range"
RELATED = "article_id,article_version,related_num,r_article_id,r_lcd_id"
PARAGRAPHS = "article_id,article_version,icd10_covered_group,paragraph"


@pytest.fixture
def group_of(file_of):
    """The files of a small database, each by the rows under its header; `None` leaves a file out."""

    def write(**changed):
        tables = {
            "article": [ARTICLE, "10,2,Listening,2020-05-01 00:00:00,,N/A,A10,A,2025-08-01 00:00:00"],
            "procedure": [PROCEDURE, "10,2,93306,1,N", "10,2,C8929,1,N"],
            "covered": [COVERED, "10,2,A18.84,1,N,N", "10,2,A36.81,2,N,Y"],
            "noncovered": [NONCOVERED, "10,2,Z00.00,1,N"],
            "related": [RELATED, "10,2,1,,33577", "10,2,2,11,"],
        }
        for name, rows in changed.items():
            if rows is None:
                del tables[name]
            else:
                tables[name] = [*tables.get(name, [])[:1], *rows]
        return [file_of("\ufeff" + "\r\n".join([*rows, ""]), f"{name}.csv") for name, rows in tables.items()]

    return write


def _read(sources):
    (batch,) = IMPORTER.read_group(sources)
    return batch


def test_an_article_is_one_policy_with_its_procedures_diagnoses_and_relations(group_of):
    sources = group_of()
    assert all(IMPORTER.recognise(source) for source in sources)
    batch = _read(sources)
    assert batch.records == [
        CoveragePolicy(
            id="A10",
            version="2",
            title="Listening",
            group="1",
            procedures=("93306", "C8929"),
            covered=("A18.84", "A36.81"),
            not_covered=("Z00.00",),
            start=20200501,
            related=("L33577", "A11"),
        )
    ]
    assert (batch.rows_read, batch.refused, batch.notes) == (8, [], [])


def test_the_edition_is_named_after_the_newest_update(group_of):
    edition = _read(group_of()).edition
    assert (edition.table, edition.version, edition.start, edition.basis) == (
        "coverage",
        "2025-08-01",
        20250801,
        "rows",
    )


def test_groups_pair_by_number_where_both_lists_have_the_same_numbers(group_of):
    batch = _read(group_of(procedure=["10,2,93306,1,N", "10,2,C8929,2,N"]))
    assert [(row.group, row.procedures, row.covered) for row in batch.records] == [
        ("1", ("93306",), ("A18.84",)),
        ("2", ("C8929",), ("A36.81",)),
    ]


def test_groups_take_all_diagnoses_where_the_numbers_differ(group_of):
    batch = _read(group_of(procedure=["10,2,93306,1,N", "10,2,C8929,2,N", "10,2,93307,3,N"]))
    assert [row.covered for row in batch.records] == [("A18.84", "A36.81")] * 3


def test_only_the_newest_version_of_an_article_speaks(group_of):
    batch = _read(
        group_of(
            article=["10,9,Old,,,,A10,A,", "10,10,New,,,,A10,A,08/02/2025"],
            procedure=["10,9,93306,1,N", "10,10,93307,1,N"],
            covered=["10,9,A18.84,1,N,N"],
            noncovered=None,
            related=None,
        )
    )
    assert [(row.version, row.title, row.procedures, row.covered) for row in batch.records] == [
        ("10", "New", ("93307",), ())
    ]
    assert batch.edition.version == "2025-08-02"


def test_a_policy_ends_on_the_earlier_of_its_end_and_its_retirement(group_of):
    (row,) = _read(group_of(article=["10,2,T,01/02/2020,2024-12-31,11/30/2024,,R,2025-08-01"])).records
    assert (row.id, row.start, row.end) == ("A10", 20200102, 20241130)


def test_an_article_without_procedures_is_counted_and_left_out(group_of):
    batch = _read(group_of(article=["10,2,T,,,,A10,A,2025-08-01", "12,1,Prose,,,,A12,A,2025-07-01"]))
    assert [row.id for row in batch.records] == ["A10"]
    assert batch.notes == ["1 articles name no procedures and are left out"]


@pytest.mark.parametrize(
    ("table", "rows", "reason"),
    [
        ("procedure", ["10,2,93306,1,N", "10,2,9330,1,N"], "procedure.csv: '9330' is not a procedure code"),
        (
            "procedure",
            ["10,2,93306,1,N", "99,1,93306,1,N"],
            "procedure.csv: article 99 is not in the table of articles",
        ),
        ("covered", ["10,2,A18.84,1,N,N", "10,2,A36.81,1,Y,N"], "covered.csv: A36.81 belongs to a range of codes"),
        ("covered", ["10,2,A18.84,1,N,N", "10,two,A36.81,1,N,N"], "covered.csv: 'two' is not the number of a version"),
        ("related", ["10,2,1,,5", "10,2"], "related.csv: 2 cells where the header names 5"),
        (
            "article",
            ["10,2,T,,,,A10,A,2025-08-01", "11,1,T,1.1.2020,,,A11,A,"],
            "article.csv: '1.1.2020' is not a FHIR",
        ),
    ],
)
def test_a_row_that_is_not_as_expected_is_refused_with_its_file_and_line(group_of, table, rows, reason):
    ((line, why),) = _read(group_of(**{table: rows})).refused
    assert (line, why[: len(reason)]) == (3, reason)


@pytest.mark.parametrize("table", ["article", "procedure", "covered"])
def test_a_group_that_lacks_a_table_is_refused(group_of, table):
    with pytest.raises(SourceRefused, match="lack the table of"):
        _read(group_of(**{table: None}))


def test_a_table_given_twice_is_refused(group_of):
    sources = group_of()
    with pytest.raises(SourceRefused, match=r"is the same table as article\.csv"):
        _read([*sources, sources[0]])


def test_paragraphs_belong_to_the_group_and_are_not_read(group_of, file_of):
    paragraphs = file_of(f'{PARAGRAPHS}\n10,2,1,"{"<p>x</p>" * 20_000}"\n', "paragraphs.csv")
    assert IMPORTER.recognise(paragraphs)
    assert _read([*group_of(), paragraphs]).rows_read == 8


def test_another_file_is_not_recognised(file_of):
    assert not IMPORTER.recognise(file_of("article,version\n"))


@pytest.mark.realdata
def test_the_real_article_on_echocardiography_is_one_policy(shared):
    sources = [Member(path) for path in sorted((shared / "data/mcd").glob("*.csv"))]
    assert all(IMPORTER.recognise(source) for source in sources)
    batch = _read(sources)
    (row,) = batch.records
    assert (row.id, row.version, row.related) == ("A56781", "34", ("L33577",))
    assert row.procedures == ("93306", "93307", "93308", "C8923", "C8924", "C8929")
    assert (len(row.covered), row.not_covered) == (121, ())
    assert (batch.edition.version, batch.refused) == ("2025-08-01", [])
