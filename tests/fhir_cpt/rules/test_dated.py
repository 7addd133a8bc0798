"""The dated facts of the rules: which rows hold on a day, and that each file names where it comes from."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from fhir_cpt.rules.dated import first_days, holds, period_of
from terminology.period import ALWAYS, Period

FOLDER = Path(__file__).parents[3] / "fhir_cpt" / "rules"
FILES = [file for file in sorted(FOLDER.rglob("*.yaml")) if file.parent.name != "examples"]
ROW = {"start": dt.date(2020, 1, 1), "end": dt.date(2020, 12, 31)}


@pytest.mark.parametrize(
    ("row", "period"),
    [
        (ROW, Period(20200101, 20201231)),
        ({"start": ROW["start"]}, Period(start=20200101)),
        ({"start": None, "end": ROW["end"]}, Period(end=20201231)),
        ({}, ALWAYS),
    ],
)
def test_a_row_holds_from_its_first_day_to_its_last(row: dict[str, Any], period: Period) -> None:
    assert period_of(row) == period


@pytest.mark.parametrize(("day", "held"), [(20191231, False), (20200101, True), (20201231, True), (20210101, False)])
def test_first_and_last_day_are_days_on_which_it_holds(day: int, held: bool) -> None:
    assert holds(ROW, day) is held


def test_codes_of_a_group_share_their_first_day() -> None:
    assert first_days([{"codes": [59]}, {"codes": ["XE"], "start": ROW["start"]}]) == {"59": 0, "XE": 20200101}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FOLDER)))
def test_a_file_of_facts_names_its_sources(file: Path) -> None:
    assert re.search("source[:,]", file.read_text("utf-8").lower())


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FOLDER)))
def test_no_row_ends_before_it_starts(file: Path) -> None:
    def rows(value: Any) -> list[Any]:
        if isinstance(value, list):
            return [row for item in value for row in rows(item)]
        return [value, *rows(list(value.values()))] if isinstance(value, dict) else []

    found = [period_of(row) for row in rows(yaml.safe_load(file.read_text("utf-8"))) if {"start", "end"} & row.keys()]
    assert [period for period in found if period.start > period.end] == []


FAMILIES = [
    (file.stem, name, family)
    for file in sorted((FOLDER / "families").glob("*.yaml"))
    for name, family in yaml.safe_load(file.read_text("utf-8")).items()
]


@pytest.mark.parametrize(("file", "name", "family"), FAMILIES, ids=[name for _, name, _ in FAMILIES])
def test_a_family_of_codes_has_a_title_and_a_source(file: str, name: str, family: dict[str, Any]) -> None:
    assert family["title"], f"{file}: {name}"
    assert family["source"], f"{file}: {name}"
