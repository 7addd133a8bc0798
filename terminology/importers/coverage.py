"""Billing articles of the Medicare Coverage Database: which diagnoses cover which procedures.

The database is exported as one CSV a table; those of an article belong together and are read as a group. Where an
export holds several versions of an article, the newest speaks. The database pairs groups of procedures with groups of
diagnoses only in prose. Here
- one group of procedures takes the diagnoses of all groups;
- of several, each takes the group of its own number where both lists have the same numbers, else all of them.
Asterisks, and the paragraphs that explain them, are not read. Source: CMS, Medicare Coverage Database, export tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from terminology.edits import CoveragePolicy
from terminology.errors import SourceRefused
from terminology.importers.cells import diagnosis, first_line, headed, procedure, whole
from terminology.importers.source import Batch, GroupImporter, Member, Refusals
from terminology.model import Edition
from terminology.period import FIRST_DAY, LAST_DAY, Day, parse_fhir, show

Row = dict[str, str]

# The columns by which each table is known, and which are read. Earlier entries win.
_TABLES: dict[str, tuple[str, ...]] = {
    "articles": ("article_eff_date", "article_end_date", "date_retired", "title", "display_id", "last_updated"),
    "procedures": ("hcpc_code_id", "hcpc_code_group", "range"),
    "covered": ("icd10_code_id", "icd10_covered_group", "range"),
    "noncovered": ("icd10_code_id", "icd10_noncovered_group", "range"),
    "related": ("r_lcd_id", "r_article_id"),
    "paragraphs of procedures": ("hcpc_code_group", "paragraph"),
    "paragraphs of covered": ("icd10_covered_group", "paragraph"),
    "paragraphs of noncovered": ("icd10_noncovered_group", "paragraph"),
}
_NEEDED = ("articles", "procedures", "covered")
_KEY = ("article_id", "article_version")
_US_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})")

Groups = dict[str, list[str]]
"""Codes by the number of their group."""


class CoverageDatabase:
    """The tables of articles: `article.csv`, `article_x_hcpc_code.csv`, `article_x_icd10_covered.csv` and others."""

    name = "Medicare Coverage Database articles"

    def recognise(self, source: Member) -> bool:
        """A header that starts with article id and version, and has the columns of one of the tables."""
        return _table(source) is not None

    def read_group(self, sources: Sequence[Member]) -> Iterator[Batch]:
        """One batch of CoveragePolicy. The edition is named after the newest update in the table of articles.

        Rows carry their own dates, so the edition's basis is `rows`: it stands from that update on, and the newest
        one answers for any day. Raises SourceRefused where articles, procedures or covered diagnoses are missing, or
        one table is given twice.
        """
        files: dict[str, Member] = {}
        for source in sources:
            table = _table(source) or "unknown"
            if table in files:
                raise SourceRefused(source.name, f"is the same table as {files[table].name}: {table}")
            files[table] = source
        if missing := [table for table in _NEEDED if table not in files]:
            raise SourceRefused(sources[0].name, f"the files given with it lack the table of {', '.join(missing)}")
        tables = _Tables()
        for table in (name for name in _TABLES if name in files and not name.startswith("paragraphs")):
            tables.read(table, files[table])
        records = [policy for key in tables.articles for policy in _policies(key, tables)]
        if not records:
            raise SourceRefused(files["articles"].name, "no article names procedures")
        without = len(tables.articles) - len({record.id for record in records})
        notes = [f"{without} articles name no procedures and are left out"] if without else []
        updated = max(_day(row["last_updated"]) or FIRST_DAY for row in tables.articles.values())
        edition = Edition("coverage", files["articles"].version or show(updated), updated, LAST_DAY, "rows")
        yield Batch(edition, records, tables.rows_read, tables.refused, notes)


class _Tables:
    """What the files hold of the newest version of each article, by article id."""

    def __init__(self) -> None:
        self.articles: dict[str, Row] = {}
        self.groups: dict[str, dict[str, Groups]] = {name: {} for name in ("procedures", "covered", "noncovered")}
        self.related: dict[str, list[str]] = {}
        self.rows_read = 0
        self.refused: list[tuple[int, str]] = []

    def read(self, table: str, source: Member) -> None:
        """Take the rows of one table; the articles come first, since they tell which version is the newest."""
        refusals = Refusals(source.name)
        for line, row in headed(source, (*_KEY, *_TABLES[table])):
            self.rows_read += 1
            try:
                self._take(table, whole(row))
            except ValueError as error:
                refusals.refuse(line, f"{source.name}: {error}")
        self.refused += refusals.rows

    def _take(self, table: str, row: Row) -> None:
        key, version = row["article_id"], _version(row)
        if table == "articles":
            for column in ("article_eff_date", "article_end_date", "date_retired", "last_updated"):
                _day(row[column])
            if key not in self.articles or _version(self.articles[key]) < version:
                self.articles[key] = row
            return
        if key not in self.articles:
            raise ValueError(f"article {key} is not in the table of articles")
        if _version(self.articles[key]) != version:
            return
        if table == "related":
            lcd, article = row["r_lcd_id"], row["r_article_id"]
            self.related.setdefault(key, []).extend([f"L{lcd}"] * bool(lcd) + [f"A{article}"] * bool(article))
            return
        code, group, _ = _TABLES[table]
        if row["range"] not in ("", "N"):
            raise ValueError(f"{row[code]} belongs to a range of codes; only single codes are read")
        parse = procedure if table == "procedures" else diagnosis
        self.groups[table].setdefault(key, {}).setdefault(row[group], []).append(parse(row[code]))


def _policies(key: str, tables: _Tables) -> Iterator[CoveragePolicy]:
    article = tables.articles[key]
    procedures = tables.groups["procedures"].get(key, {})
    ends = [end for column in ("article_end_date", "date_retired") if (end := _day(article[column]))]
    for group, codes in procedures.items():
        yield CoveragePolicy(
            id=article["display_id"] or f"A{key}",
            version=article["article_version"],
            title=article["title"],
            group=group,
            procedures=tuple(dict.fromkeys(codes)),
            covered=_diagnoses(group, procedures, tables.groups["covered"].get(key, {})),
            not_covered=_diagnoses(group, procedures, tables.groups["noncovered"].get(key, {})),
            start=_day(article["article_eff_date"]) or FIRST_DAY,
            end=min(ends, default=LAST_DAY),
            related=tuple(dict.fromkeys(tables.related.get(key, []))),
        )


def _diagnoses(group: str, procedures: Groups, diagnoses: Groups) -> tuple[str, ...]:
    """The diagnoses that go with a group of procedures; see the module."""
    if len(procedures) > 1 and procedures.keys() == diagnoses.keys():
        return tuple(dict.fromkeys(diagnoses[group]))
    return tuple(dict.fromkeys(code for codes in diagnoses.values() for code in codes))


def _table(source: Member) -> str | None:
    header = [cell.strip().strip('"').lower() for cell in first_line(source).split(",")]
    if tuple(header[:2]) != _KEY:
        return None
    return next((name for name, columns in _TABLES.items() if set(columns) <= set(header)), None)


def _version(row: Row) -> int:
    if not row["article_version"].isdecimal():
        raise ValueError(f"{row['article_version']!r} is not the number of a version")
    return int(row["article_version"])


def _day(text: str) -> Day | None:
    """A day from `2025-08-01 00:00:00`, `08/01/2025`, or None for nothing and `N/A`."""
    if text.upper() in ("", "N/A"):
        return None
    if found := _US_DATE.fullmatch(text):
        text = f"{found[3]}-{found[1]}-{found[2]}"
    period = parse_fhir(text[:10])
    if period.start != period.end:
        raise ValueError(f"{text!r} is not a date")
    return period.start


IMPORTERS: tuple[GroupImporter, ...] = (CoverageDatabase(),)
