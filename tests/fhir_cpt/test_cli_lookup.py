from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fhir_cpt.cli import main
from fhir_cpt.commands import sample

Look = Callable[..., tuple[int, str, str]]


@pytest.fixture
def look(sample_folder: Path, capsys: pytest.CaptureFixture[str]) -> Look:
    """`lookup` with the sample release: exit status, answer and complaints."""

    def run(*argv: str) -> tuple[int, str, str]:
        status = main(["lookup", *argv, "--release", str(sample_folder)])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def test_a_procedure_code_is_shown_with_what_cms_says_of_it(look: Look) -> None:
    status, told, _ = look("20610", "--date", "2026-10-15")
    assert status == 0
    for fact in ("CPT 20610", "MUE practitioner", "add-on code", "fee schedule", "PTP practitioner", "copyright"):
        assert fact in told
    assert "[2026q4]" in told


def test_a_table_without_an_edition_for_the_day_is_said_to_be_missing(look: Look) -> None:
    status, told, _ = look("20610", "--date", "2020-01-15")
    assert status == 0
    assert "not known: no edition is loaded for the day" in told


def test_a_late_day_is_answered_by_an_edition_that_is_out_of_date(look: Look) -> None:
    _, told, _ = look("20610", "--date", "2031-01-15")
    assert "the edition ends before 2031-01-15" in told
    assert "out of date]" in told


@pytest.mark.parametrize(
    ("day", "state"),
    [("2026-03-31", "in force"), ("2026-04-01", "not in force")],
)
def test_a_code_is_in_force_until_its_last_day(look: Look, day: str, state: str) -> None:
    status, told, _ = look("C9990", "--date", day)
    assert status == 0
    assert f"on {day}          {state} (" in told


def test_a_code_of_another_edition_is_named_and_not_found(look: Look) -> None:
    status, told, complaint = look("U99.9", "--system", "icd10cm", "--date", "2026-10-15")
    assert (status, told) == (1, "")
    assert "it is in version 2026" in complaint


@pytest.mark.parametrize("argv", [["ZZZZZ"], ["99213", "--system", "pos"], ["\x1b[31m"]])
def test_an_unknown_code_ends_with_1(look: Look, argv: list[str]) -> None:
    status, told, complaint = look(*argv)
    assert (status, told) == (1, "")
    assert "is not known on" in complaint
    assert "\x1b" not in complaint


@pytest.mark.parametrize(("code", "heading"), [("i10", "ICD-10-CM I10"), ("11", "place of service 11")])
def test_every_code_system_is_asked_where_none_is_named(look: Look, code: str, heading: str) -> None:
    status, told, _ = look(code, "--date", "2026-10-15")
    assert status == 0
    assert heading in told


def test_a_modifier_of_two_systems_is_shown_for_both(look: Look) -> None:
    status, told, _ = look("99", "--date", "2026-10-15")
    assert status == 0
    assert "CPT 99 " in told
    assert "place of service 99 " in told


def test_a_code_with_modifiers_has_the_facts_of_the_code(look: Look) -> None:
    status, told, _ = look("99213:25", "--date", "2026-10-15")
    assert status == 0
    assert "CPT 99213:25" in told
    assert "units" in told


def test_a_system_that_the_release_does_not_hold_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(path) for path in (sample.sources() / "lists").iterdir()]
    assert main(["build", "--out", str(tmp_path), *files]) == 0
    assert main(["lookup", "99213", "--system", "cpt", "--release", str(tmp_path)]) == 2
    assert "holds no CPT codes" in capsys.readouterr().err
