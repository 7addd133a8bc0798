"""Edits of other distributions are found by their entry points; what is wrong with one stops nothing else."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fhir_cpt.rules.contributed import contributed
from fhir_cpt.rules.edit import Edit

from .conftest import Check

HEAD = '''"""Visits are looked into.

Why it matters: so that there is an edit.

Fails: any line.
Passes: a claim without one.
"""
from fhir_cpt.rules.edit import Edit

def check(claim, facts):
    for line in claim.lines:
        yield EDIT.finding("The line was looked into.", line)

def edit(**changed):
    told = {"id": "acme-visit", "family": "em", "title": "A visit", "check": check, "citation": "Acme, 2026"}
    return Edit(**{**told, **changed})

'''
TAKEN = {"ncci-ptp"}

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put distributions on the path: by name, the text of a module whose `EDIT` or `EDITS` its entry point names."""

    def install(**modules: str) -> Path:
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(HEAD + text, "utf-8")
            info = tmp_path / f"{name}-1.0.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
            attribute = "EDITS" if "EDITS =" in text else "EDIT"
            (info / "entry_points.txt").write_text(f"[fhir_cpt.rules]\nedits = {name}:{attribute}\n", "utf-8")
            monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.syspath_prepend(str(tmp_path))
        return tmp_path

    return install


def ids(edits: tuple[Edit, ...]) -> list[str]:
    return [edit.id for edit in edits]


def test_an_entry_point_names_one_edit_or_several(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    install(acme_one="EDIT = edit()\n", acme_two="EDITS = (edit(id=f'acme-{n}') for n in (1, 2))\n")
    assert ids(contributed(TAKEN)) == ["acme-visit", "acme-1", "acme-2"]
    assert not caplog.records


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("EDIT = 1 / 0\n", "it cannot be loaded: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)\n", "it cannot be loaded: SystemExit: 3"),
        ("import no_such_module\n", "it cannot be loaded: ModuleNotFoundError"),
        ("OTHER = edit()\n", "it cannot be loaded: AttributeError"),
        ("EDIT = check\n", "it cannot be loaded: TypeError: 'function' object is not iterable"),
        ("EDITS = [edit(), check]\n", "it cannot be loaded: TypeError: function is not an Edit"),
        ("EDIT = edit(needs=None)\n", "it cannot be loaded: TypeError"),
        ("EDIT = edit(id='ncci-ptp')\n", "the id 'ncci-ptp' is taken"),
        ("EDIT = edit(id='modifier')\n", "the id 'modifier' is taken"),
        ("EDITS = [edit(), edit()]\n", "the id 'acme-visit' is taken"),
        ("EDIT = edit(id='payer-visit')\n", "the id 'payer-visit' is not made of"),
        ("EDIT = edit(id='Acme Visit')\n", "the id 'Acme Visit' is not made of"),
        ("EDIT = edit(family='payer')\n", "acme-visit: the family 'payer' is none of authorization, claim"),
        ("EDIT = edit(needs=('xyz',))\n", "acme-visit: the need 'xyz' is none of addon"),
        ("EDIT = edit(code='bad')\n", "acme-visit: the code 'bad' is none of business-rule"),
        ("EDIT = edit(severity='fatal')\n", "acme-visit: the severity 'fatal' is none of error"),
        ("EDIT = edit(citation=' ')\n", "acme-visit: it has no citation"),
        ("EDIT = edit(carc=('15',))\n", "acme-visit: the CARC 15 has ended at X12"),
        ("EDIT = edit(rarc=('N9999',))\n", "acme-visit: there is no RARC 'N9999'"),
    ],
)
def test_a_broken_one_is_refused_with_its_name_and_the_others_are_taken(
    text: str, reason: str, install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    install(broken=text, sound="EDIT = edit(id='sound-visit')\n")
    with caplog.at_level(logging.ERROR):
        assert ids(contributed(TAKEN)) == ["sound-visit"]
    (told,) = [record.getMessage() for record in caplog.records]
    attribute = "EDITS" if "EDITS =" in text else "EDIT"
    assert told.startswith(f"the edits of broken (entry point edits = broken:{attribute}) are not taken: ")
    assert reason in told


def test_of_two_with_one_id_the_first_by_name_stays(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    install(beta="EDIT = edit(title='Beta')\n", alpha="EDIT = edit(title='Alpha')\n")
    (edit,) = contributed(TAKEN)
    assert edit.title == "Alpha"
    assert "the edits of beta" in caplog.text


def test_an_edit_that_breaks_down_could_not_be_carried_out(
    install: Install, check: Check, caplog: pytest.LogCaptureFixture
) -> None:
    broken = "def check(claim, facts):\n    raise ValueError(claim.patient)\n\nEDIT = edit(check=check)\n"
    strange = "def check(claim, facts):\n    return ['text']\n\nEDIT = edit(id='acme-strange', check=check)\n"
    install(broken=broken, strange=strange, sound="EDIT = edit(id='sound-visit')\n")
    states = {item.edit: item.state for item in check(*contributed(TAKEN), lines=["99213"])}
    assert states == {"acme-visit": "no-data", "acme-strange": "no-data", "sound-visit": "fail"}
    assert "the edit acme-visit broke down: ValueError" in caplog.text
    assert "Patient" not in caplog.text


def told_by(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder), str(Path(__file__).parents[3])])
    command = [sys.executable, "-m", "fhir_cpt.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=False)


ALONE = '''from fhir_cpt.rules.edit import Edit


def check(claim, facts):
    """Lines in place 99.

    Why it matters: nobody can tell where that is.

    Fails: a line in place 99.
    """
    return ()


EDIT = Edit(id="acme-place", family="setting", title="Place 99", check=check, citation="Acme, 2026")
'''
"""A module as README shows it: only the function has a docstring."""


def test_without_a_docstring_of_its_module_an_edit_is_explained_by_that_of_its_check(
    install: Install, sample_folder: Path
) -> None:
    folder = install(acme="EDIT = edit()\n")
    (folder / "acme.py").write_text(ALONE, "utf-8")
    told = json.loads(told_by(folder, "edits", "acme-place", "--format", "json").stdout)
    assert told["what"] == "Lines in place 99."
    assert told["why"] == "Nobody can tell where that is."
    assert told["cases"] == ["Fails: a line in place 99."]
    assert "Lines in place 99." in told_by(folder, "edits", "acme-place", "--release", str(sample_folder)).stdout


def test_the_program_runs_lists_and_explains_them_as_its_own(
    install: Install, sample_folder: Path, tmp_path: Path
) -> None:
    folder = install(acme="EDIT = edit()\n", broken="EDIT = 1 / 0\n")
    listed = told_by(folder, "edits", "--format", "json")
    edits: list[dict[str, Any]] = json.loads(listed.stdout)
    assert [one["title"] for one in edits if one["id"] == "acme-visit"] == ["A visit"]
    assert "the edits of broken (entry point edits = broken:EDIT) are not taken" in listed.stderr
    explained = json.loads(told_by(folder, "edits", "acme-visit", "--format", "json").stdout)
    assert (explained["what"], explained["examples"]) == ("Visits are looked into.", [])
    claim = tmp_path / "claim.json"
    claim.write_text(json.dumps({"resourceType": "Claim", "item": [{"sequence": 1}]}), "utf-8")
    found = told_by(folder, "validate", str(claim), "--release", str(sample_folder), "--format", "ndjson")
    assert "acme-visit" in found.stdout
