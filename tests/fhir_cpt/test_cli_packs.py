"""`fhir-cpt packs` and `fhir-cpt edits`: what is in force, what is wrong with a file, what it would alter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from fhir_cpt.claims import shorthand
from fhir_cpt.cli import main
from fhir_cpt.rules.catalogue import CATALOGUE

from .payers.conftest import pack, rule


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path / "test.yaml", pack())


@pytest.fixture
def past(tmp_path: Path) -> Path:
    """Three visits under the test payer, one without a charge, one under nobody's, and an injection."""
    claims = [
        {"lines": ["99213"], "id": "a"},
        {"lines": ["99213", "20610"], "id": "b"},
        {"lines": [{"code": "99213", "net": None}]},
        {"lines": ["99213"], "payer": "NOBODY"},
        {"lines": ["20610"]},
    ]
    made = tmp_path / "past.ndjson"
    rows = (orjson.dumps(shorthand.claim({"date": "2026-10-15", "payer": "TEST", **claim})) for claim in claims)
    made.write_bytes(b"\n".join(rows))
    return made


def written(path: Path, content: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
    return path


def test_packs_are_listed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["packs", "--packs", str(file)]) == 0
    out = capsys.readouterr().out
    for name in ("default", "medicare-part-b", "example-health", "test-payer"):
        assert name in out


def test_a_good_pack_is_said_to_be_good(file: Path, sample_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["packs", "check", str(file), "--release", str(sample_folder)]) == 0
    assert "test-payer is good: 1 rule, 2 examples" in capsys.readouterr().out


def test_a_pack_is_checked_in_the_place_of_the_one_in_force(
    file: Path, tmp_path: Path, sample_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    milder = written(tmp_path / "milder.yaml", pack(rules=[rule(severity="warning")]))
    for command in (["packs", "--packs", str(file), "check"], ["packs", "check", "--packs", str(file)]):
        assert main([*command, str(milder), "--release", str(sample_folder)]) == 0
        assert capsys.readouterr().out == f"{milder}: test-payer is good: 1 rule, 2 examples\n"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"rules": [rule(severity="eror")]}, ":29:13: 'eror' is not one of error, information, warning"),
        ({"rules": [rule(applies={"codes": ["99214"]})]}, "the example 'a visit' ends as pass, not as fail"),
    ],
)
def test_a_bad_pack_is_told_with_its_place(
    changes: dict[str, Any], told: str, tmp_path: Path, sample_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = written(tmp_path / "bad.yaml", pack(**changes))
    assert main(["packs", "check", str(bad), "--release", str(sample_folder)]) == 1
    assert f"{bad}:" in (err := capsys.readouterr().err)
    assert told in err


@pytest.mark.parametrize(
    "arguments", [["packs", "check", "none.yaml"], ["packs", "dry-run", "none.yaml", "x"], ["packs", "--packs", "none"]]
)
def test_a_file_that_is_not_there_is_wrong_usage(
    arguments: list[str], sample_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FHIR_CPT_RELEASE", str(sample_folder))
    assert main(arguments) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_a_dry_run_counts_what_a_new_pack_would_alter(
    file: Path, past: Path, sample_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["packs", "dry-run", str(file), str(past), "--release", str(sample_folder), "--format", "json"]
    assert main(arguments) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["claims"], told["altered"]) == (5, 3)
    assert (told["concerned"], told["pack"]) == (4, "test-payer")
    (change,) = told["changes"]
    assert change["edit"] == "payer-test-visit"
    assert (change["fails"], change["passes"], change["charges_failing"]) == (3, 0, 200.0)
    assert change["examples"][:2] == ["Claim/a", "Claim/b"]
    assert change["examples"][2].endswith("past.ndjson:3")


def test_a_dry_run_compares_with_the_pack_in_force(
    file: Path, past: Path, tmp_path: Path, sample_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    milder = written(tmp_path / "milder.yaml", pack(rules=[rule(severity="warning")]))
    options = ["--release", str(sample_folder), "--packs", str(file)]
    assert main(["packs", "dry-run", str(milder), str(past), *options, "--format", "json", "--examples", "1"]) == 1
    (change,) = json.loads(capsys.readouterr().out)["changes"]
    assert (change["passes"], change["warned"], change["fails"], len(change["examples"])) == (3, 3, 0, 1)
    assert main(["packs", "dry-run", str(file), str(past), *options]) == 0
    assert "0 would end otherwise" in capsys.readouterr().out


def test_a_dry_run_against_a_pack_compares_all_claims(
    file: Path, past: Path, sample_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--release", str(sample_folder), "--against", "default"]
    assert main(["packs", "dry-run", str(file), str(past), *options]) == 1
    out = capsys.readouterr().out
    assert "5 claims, 5 of them under test-payer; 4 would end otherwise" in out
    assert "payer-test-visit" in out
    assert main(["packs", "dry-run", str(file), str(past), *options[:2], "--against", "nobody"]) == 2


def test_a_dry_run_says_what_it_cannot_read(
    file: Path, tmp_path: Path, sample_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = tmp_path / "odd.ndjson"
    odd.write_text('{"resourceType": "Patient"}\n{oops\n', "utf-8")
    assert main(["packs", "dry-run", str(file), str(odd), "--release", str(sample_folder)]) == 2
    told = capsys.readouterr()
    assert "odd.ndjson:1: not a claim" in told.err
    assert "odd.ndjson:2: not JSON" in told.err
    assert "0 claims" in told.out


def test_a_dry_run_is_of_one_file(past: Path, tmp_path: Path, sample_folder: Path) -> None:
    assert main(["packs", "dry-run", str(tmp_path), str(past), "--release", str(sample_folder)]) == 2


def test_a_dry_run_of_a_bad_pack_is_refused(
    past: Path, tmp_path: Path, sample_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = written(tmp_path / "bad.yaml", pack(extends="nobody"))
    assert main(["packs", "dry-run", str(bad), str(past), "--release", str(sample_folder)]) == 2
    assert "there is no pack 'nobody'" in capsys.readouterr().err


def test_claims_are_validated_with_the_packs_named(
    file: Path, tmp_path: Path, sample_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = tmp_path / "claim.json"
    one.write_bytes(orjson.dumps(shorthand.claim({"date": "2026-10-15", "payer": "TEST", "lines": ["99213"]})))
    options = ["--release", str(sample_folder), "--packs", str(file), "--format", "ndjson"]
    assert main(["validate", str(one), *options]) == 1
    assert "payer-test-visit" in capsys.readouterr().out
    assert main(["validate", str(one), *options, "--payer", "default"]) == 0
    assert main(["validate", str(one), *options, "--payer", "nobody"]) == 2


def test_edits_are_listed_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["edits", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in told][: len(CATALOGUE)] == [edit.id for edit in CATALOGUE]
    assert {one["family"] for one in told[len(CATALOGUE) :]} == {"payer"}
    assert main(["edits", "--family", "ncci"]) == 0
    out = capsys.readouterr().out
    assert "ncci-ptp" in out
    assert "diagnosis-age" not in out


@pytest.mark.parametrize("edit", ["ncci-ptp", "procedure-bundled", "authorization-missing", "claim-no-lines"])
def test_an_edit_is_explained_with_what_it_says_of_its_example(
    edit: str, sample_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["edits", edit, "--release", str(sample_folder)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{edit}: ")
    assert "Citation: " in out
    assert "→ error: " in out or "→ warning: " in out
    assert "→ pass" in out


def test_every_edit_can_be_explained(capsys: pytest.CaptureFixture[str]) -> None:
    for edit in CATALOGUE:
        assert main(["edits", edit.id, "--format", "json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["what"]
        assert told["why"]
        assert told["cases"]
        assert len(told["examples"]) == 2


def test_an_example_may_be_had_as_fhir(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["edits", "ncci-ptp", "--fhir"]) == 0
    assert '"resourceType": "Claim"' in capsys.readouterr().out


def test_a_rule_of_a_pack_is_explained_too(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["edits", "payer-test-visit", "--packs", str(file)]) == 0
    out = capsys.readouterr().out
    assert "A rule of Test Payer (pack test-payer)." in out
    assert "# a visit: ends as fail" in out
    assert main(["edits", "payer-test-visit", "--packs", str(file), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["pack"] == "test-payer"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["edits", "ncci-ppt"], "There is no edit 'ncci-ppt'. Did you mean ncci-ptp"),
        (["edits", "zzz"], "`fhir-cpt edits` lists them"),
        (["edits", "--family", "ncic"], "There is no family 'ncic'. Known: claim"),
    ],
)
def test_an_unknown_name_is_told_with_those_near_it(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert told in capsys.readouterr().err
