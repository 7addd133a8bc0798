from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_cpt.cli import main
from fhir_cpt.commands import sample, validate
from fhir_cpt.commands.claim_files import documents
from fhir_cpt.settings import Settings
from fhir_cpt.wire import flat

from .http.client import FHIR, served

CPT = "http://www.ama-assn.org/go/cpt"
Json = dict[str, Any]
Run = Callable[..., tuple[int, str, str]]


def claim(*codes: str, day: str = "2026-10-15", **elements: Any) -> Json:
    """A professional Claim of one line a code."""
    return {
        "resourceType": "Claim",
        "id": "c1",
        "status": "active",
        "type": {"coding": [{"code": "professional"}]},
        "use": "claim",
        "patient": {"reference": "Patient/p"},
        "created": "2026-10-16",
        "provider": {"reference": "Organization/o"},
        "priority": {"coding": [{"code": "normal"}]},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/c"}}],
        "item": [
            {
                "sequence": at,
                "productOrService": {"coding": [{"system": CPT, "code": code}]},
                "servicedDate": day,
            }
            for at, code in enumerate(codes, start=1)
        ],
        **elements,
    }


BUNDLED = claim("20610", "93000")
"""Two lines that NCCI keeps apart unless a modifier says that they were separate."""
ALONE = claim("93000")


@pytest.fixture
def run(sample_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`validate --include ncci-ptp` on files with the given contents: exit status, answer, complaints."""

    def validated(*contents: object, options: tuple[str, ...] = (), name: str = "claims.json") -> tuple[int, str, str]:
        files = []
        for at, content in enumerate(contents):
            file = tmp_path / str(at) / name
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else json.dumps(content, indent=1).encode())
            files.append(str(file))
        chosen = ("--include", "ncci-ptp", *options)
        status = main(["validate", "--release", str(sample_folder), *chosen, *files])
        told = capsys.readouterr()
        return status, told.out, told.err

    return validated


def lines(*resources: Json) -> bytes:
    return b"".join(json.dumps(resource).encode() + b"\n" for resource in resources)


def test_a_clean_claim_ends_with_0(run: Run) -> None:
    status, told, _ = run(ALONE)
    assert status == 0
    assert "Claim/c1: clean\n" in told
    assert "1 claim: 1 clean" in told


def test_an_error_ends_with_1_and_is_told_by_line(run: Run) -> None:
    status, told, _ = run(BUNDLED)
    assert status == 1
    assert "Claim/c1: 1 error\n" in told
    row = next(line for line in told.splitlines() if "ncci-ptp" in line)
    assert row.split()[:5] == ["2", "93000", "error", "ncci-ptp", "236"]
    assert "Editions used: " in told
    assert "ptp-practitioner 2026q4" in told
    assert "American Medical Association" in told
    assert "1 claim: 1 with errors" in told


def test_a_bypassed_edit_is_shown_and_is_no_error(run: Run) -> None:
    separate = claim("20610", "93000")
    separate["item"][1]["modifier"] = [{"coding": [{"code": "59"}]}]
    status, told, _ = run(separate)
    assert status == 0
    assert "bypassed" in told
    assert "93000-59" in told


def test_passes_are_shown_when_all_is_asked_for(run: Run) -> None:
    _, told, _ = run(ALONE, options=("--report", "all"))
    assert "pass" in told


def test_a_day_that_no_edition_covers_makes_no_claim_wholly_clean(run: Run) -> None:
    status, told, _ = run(claim("20610", "99205", day="2031-01-15"))
    assert status == 0
    assert "clean as far as it could be checked" in told
    assert "Out of date: no edition of ptp-practitioner held covers 2031-01-15" in told


def test_a_table_that_is_not_loaded_is_told_as_no_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(path) for path in (sample.sources() / "lists").iterdir()]
    assert main(["build", "--out", str(tmp_path / "out"), *files]) == 0
    (tmp_path / "c.json").write_text(json.dumps(claim("20610", "93000", "99213", "36415")))
    options = ["--release", str(tmp_path / "out"), "--include", "ncci-ptp"]
    assert main(["validate", *options, str(tmp_path / "c.json")]) == 0
    told = capsys.readouterr().out
    assert "no-data" in told
    assert next(line for line in told.splitlines() if "no-data" in line).startswith("1, 2, 3 …")
    assert "1 clean as far as could be checked" in told


def test_structural_faults_are_errors_with_their_place(run: Run) -> None:
    status, told, _ = run({**ALONE, "status": ["active"]})
    assert status == 1
    assert "structure" in told
    assert "Claim.status" in told


def test_a_fault_inside_a_line_is_told_with_the_line(run: Run) -> None:
    faulty = claim("93000", "20610", item=[*ALONE["item"], {**ALONE["item"][0], "sequence": "two"}])
    _, told, _ = run(faulty)
    row = next(line for line in told.splitlines() if "structure" in line)
    assert row.split()[:3] == ["2", "93000", "error"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"resourceType": "ClaimResponse"}, "not a claim: ClaimResponse"),
        ({"resourceType": "Bundle", "type": "collection"}, "There is no Claim and no ChargeItem in the Bundle"),
        ({"resourceType": "Parameters"}, "The parameter resource is required"),
        ({"resourceType": "Parameters", "parameter": [{"name": "claim"}]}, "The parameter 'claim' is not known"),
        ({"resourceType": 7}, "not a claim: no resourceType"),
        ({}, "not a claim: no resourceType"),
        ([], "not a claim: the JSON is no object"),
        (b"", "is empty"),
        (b"ISA*00*", "not JSON: "),
        (b'{\n"a": \xff}', "not JSON: "),
        (b'{"resourceType": "Claim",\n', "not JSON: "),
    ],
    ids=str,
)
@pytest.mark.parametrize("style", ["table", "ndjson", "fhir", "flat"])
def test_what_is_no_claim_ends_with_2_and_the_others_are_checked(
    run: Run, content: object, why: str, style: str
) -> None:
    status, told, complaint = run(content, BUNDLED, options=("--format", style))
    assert status == 2
    assert why in told + complaint
    assert "ncci-ptp" in told
    assert "1 input could not be checked" in told + complaint


@pytest.mark.parametrize("style", ["table", "ndjson", "fhir", "flat"])
@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\n\t\n", b"\xef\xbb\xbf\n"], ids=repr)
def test_ndjson_without_a_claim_is_not_clean(run: Run, content: bytes, style: str) -> None:
    status, told, complaint = run(content, name="claims.ndjson", options=("--format", style))
    assert status == 2
    assert "claims.ndjson: is empty: there is no claim in it" in (told if style == "table" else complaint)
    assert "No claim; 1 input could not be checked" in told + complaint


def test_a_file_that_cannot_be_read_is_named(
    sample_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = str(tmp_path / "absent.json")
    assert main(["validate", "--release", str(sample_folder), absent, str(tmp_path)]) == 2
    told = capsys.readouterr().out
    assert f"{absent}: cannot be read" in told
    assert "No claim; 2 inputs could not be checked" in told


def test_the_lines_of_ndjson_are_claims_of_their_own(run: Run) -> None:
    content = lines(ALONE) + b"\n" + lines(BUNDLED) + b"{oops\n"
    status, told, _ = run(content, name="claims.ndjson")
    assert status == 2
    assert "claims.ndjson:1  Claim/c1: clean" in told
    assert "claims.ndjson:3  Claim/c1: 1 error" in told
    assert "claims.ndjson:4: not JSON" in told


def test_ndjson_is_told_by_its_first_line_where_the_name_does_not_say(
    sample_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines(ALONE, BUNDLED))))
    assert main(["validate", "--release", str(sample_folder), "--include", "ncci", "-"]) == 1
    assert "stdin:2  Claim/c1: 1 error" in capsys.readouterr().out


def test_one_resource_on_one_line_is_a_file_of_its_own(run: Run) -> None:
    status, told, _ = run(b"\xef\xbb\xbf" + lines(ALONE))
    assert status == 0
    assert "claims.json  Claim/c1: clean" in told


def test_ndjson_has_a_line_a_finding(run: Run) -> None:
    status, told, complaint = run(BUNDLED, ALONE, options=("--format", "ndjson"))
    assert status == 1
    [finding] = [json.loads(line) for line in told.splitlines()]
    assert finding["file"].endswith("claims.json")
    assert finding["record"] is None
    assert (finding["claim"], finding["edit"], finding["state"]) == ("Claim/c1", "ncci-ptp", "fail")
    assert (finding["severity"], finding["carc"]) == ("error", ["236"])
    assert finding["expression"][0].startswith("Claim.item[1].productOrService")
    assert finding["edition"].startswith("ptp-practitioner 2026q4")
    assert finding["fix"]["text"]
    assert "2 claims: 1 with errors, 1 clean" in complaint


def test_fhir_has_an_outcome_a_resource_in_step_with_the_input(run: Run) -> None:
    content = lines(BUNDLED, {"resourceType": "Patient"}, ALONE)
    status, told, _ = run(content, name="claims.ndjson", options=("--format", "fhir"))
    assert status == 2
    outcomes = [json.loads(line) for line in told.splitlines()]
    assert [item["resourceType"] for item in outcomes] == ["OperationOutcome"] * 3
    assert [item["issue"][0]["severity"] for item in outcomes] == ["error", "error", "information"]
    assert outcomes[1]["issue"][0]["details"]["text"] == "Line 2, column 1: not a claim: Patient"


def test_flat_has_the_verdict_of_the_server_a_resource(run: Run, sample_folder: Path) -> None:
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": BUNDLED}, {"resource": ALONE}]}
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": BUNDLED}]}
    resources = (BUNDLED, ALONE, bundle, parameters, {**ALONE, "status": ["active"]})
    status, told, complaint = run(lines(*resources), name="claims.ndjson", options=("--format", "flat"))
    assert status == 1
    path = "/r4/Claim/$validate?_view=flat&include=ncci-ptp"
    with served(Settings(release=sample_folder)) as http:
        answers = [http.post(path, json=resource, headers={"content-type": FHIR}).json() for resource in resources]
    assert [json.loads(line) for line in told.splitlines()] == answers
    assert [answer["result"] for answer in answers] == ["fail", "pass", "fail", "fail", "fail"]
    assert "6 claims: 4 with errors, 2 clean" in complaint


@pytest.mark.parametrize("content", [b"", b"{oops", b"[]", b'{"resourceType": "Patient"}'], ids=repr)
@pytest.mark.parametrize("name", ["claim.json", "claims.ndjson"])
def test_what_cannot_be_read_is_a_flat_verdict_by_the_schema(run: Run, content: bytes, name: str) -> None:
    status, told, _ = run(content, name=name, options=("--format", "flat"))
    [verdict] = [json.loads(line) for line in told.splitlines()]
    jsonschema_rs.Draft202012Validator(json.loads(flat.schema())).validate(verdict)
    assert (status, verdict["result"], len(verdict["findings"])) == (2, "unread", 1)
    assert verdict["text"].startswith("Line 1, column ") is (name == "claims.ndjson" and content != b"")


def test_the_claims_of_a_bundle_are_told_apart(run: Run) -> None:
    entries = [{"resource": {**BUNDLED, "id": "first"}}, {"resource": {**ALONE, "id": "second", "status": ["x"]}}]
    status, told, _ = run({"resourceType": "Bundle", "type": "collection", "entry": entries})
    assert status == 1
    assert "Claim/first: 1 error\n" in told
    assert "Claim/second: 1 error\n" in told


def test_charge_items_of_one_patient_are_checked_together(run: Run) -> None:
    charges = [
        {
            "resource": {
                "resourceType": "ChargeItem",
                "status": "billable",
                "subject": {"reference": "Patient/p"},
                "code": {"coding": [{"system": CPT, "code": code}]},
                "occurrenceDateTime": "2026-10-15",
            }
        }
        for code in ("20610", "93000")
    ]
    status, told, _ = run({"resourceType": "Bundle", "id": "b", "type": "collection", "entry": charges})
    assert status == 1
    assert "Bundle/b: 1 error" in told


def test_parameters_are_followed_and_options_go_before_them(run: Run) -> None:
    parameters = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "resource", "resource": BUNDLED},
            {"name": "exclude", "valueString": "ncci-ptp"},
            {"name": "report", "valueCode": "all"},
        ],
    }
    status, told, _ = run(parameters)
    assert (status, "Claim/c1: clean" in told) == (0, True)
    status, told, _ = run(parameters, options=("--exclude", "claim", "--report", "findings"))
    assert status == 1
    assert "pass" not in told


def test_the_setting_of_the_option_holds(run: Run) -> None:
    _, told, _ = run(BUNDLED, options=("--setting", "outpatient-hospital"))
    assert "ptp-hospital" in told


@pytest.mark.parametrize("options", [("--payer", "nobody"), ("--include", "magic"), ("--exclude", "magic")])
def test_an_unknown_pack_or_edit_is_told_before_any_file_is_read(run: Run, options: tuple[str, str]) -> None:
    status, told, complaint = run(BUNDLED, options=options)
    assert (status, told) == (2, "")
    assert options[1] in complaint
    assert "Known: " in complaint


def test_a_fault_of_our_own_in_one_claim_does_not_stop_the_others(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    examine = validate.examine

    def broken(call: Any) -> Any:
        if call.arguments.object("resource")["id"] == "bad":
            raise KeyError("Jane Doe")
        return examine(call)

    monkeypatch.setattr(validate, "examine", broken)
    status, told, complaint = run({**ALONE, "id": "bad"}, BUNDLED)
    assert status == 2
    assert "a fault of fhir-cpt itself: KeyError" in told
    assert "Jane" not in told + complaint
    assert "Claim/c1: 1 error" in told


def test_what_a_file_holds_does_not_steer_the_terminal(run: Run) -> None:
    _, told, _ = run({**BUNDLED, "id": "\x1b[2J[red]c[/red]"}, {"resourceType": "\x1b[2J"})
    assert "\x1b" not in told
    assert "[red]c[/red]" in told


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=80)
    | st.lists(st.sampled_from([b"{", b"}", b'{"a":1}', b"\n", b" ", b"x"])).map(b"".join)
)
def test_any_bytes_are_read_or_told_why_not(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "any.json"
    file.write_bytes(content)
    found = list(documents([str(file)]))
    assert found
    assert all((document.resource is None) == bool(document.problem) for document in found)


@pytest.mark.realdata
def test_the_published_examples_are_checked_or_told_why_not(
    shared: Path, sample_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = sorted(str(path) for path in (shared / "data" / "claims").glob("*/*.json"))
    assert main(["validate", "--release", str(sample_folder), *files]) == 2
    told = capsys.readouterr()
    assert "not a claim: ClaimResponse" in told.out
    assert "a fault of fhir-cpt" not in told.out + told.err
