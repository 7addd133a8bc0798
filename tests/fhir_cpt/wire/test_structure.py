"""The structure check: what is refused is told exactly, and what is told is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_cpt.wire.models import FhirVersion
from fhir_cpt.wire.shapes import accepts
from fhir_cpt.wire.structure import MAX_FAULTS, check

from .mutations import (
    SAMPLES,
    VERSIONS,
    changed,
    encoded,
    mutated,
    places,
    reference_takes,
    sample,
)


@pytest.mark.parametrize(("version", "kind"), SAMPLES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_what_fhir_resources_refuses_has_faults(version: FhirVersion, kind: str, data: st.DataObject) -> None:
    raw = mutated(sample(version, kind), lambda options: data.draw(st.sampled_from(options)))
    faults = check(version, None, raw)
    assert faults or reference_takes(version, raw)
    assert all(fault.expression and fault.message for fault in faults)


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=40) | st.text(max_size=20).map(lambda text: json.dumps({"resourceType": text}).encode()))
def test_whatever_is_sent_is_answered_by_faults(raw: bytes) -> None:
    assert check("r4", "Claim", raw)


@pytest.mark.parametrize(
    ("path", "value", "expression", "code", "said"),
    [
        ("patient", ..., "Claim.patient", "required", "must have patient"),
        ("status", ..., "Claim.status", "required", "must have status"),
        ("item.1.sequence", ..., "Claim.item[1].sequence", "required", "must have sequence"),
        ("item.1.quantity.value", "many", "Claim.item[1].quantity.value", "structure", "a number; a string was sent"),
        ("item.1.sequence", 0, "Claim.item[1].sequence", "value", "from 1 to"),
        ("item.1.sequence", 2**31, "Claim.item[1].sequence", "value", "2147483647"),
        ("item.2.servicedDate", "2024-02-30", "Claim.item[2].serviced", "value", "a date that exists"),
        ("item.2.servicedDate", "07/15/2024", "Claim.item[2].serviced", "value", "YYYY-MM-DD"),
        ("item.2.servicedPeriod", {"start": "noon"}, "Claim.item[2].serviced.start", "value", "a date that exists"),
        ("item.2.servicedPeriod", {"stop": "2024"}, "Claim.item[2].serviced", "structure", "no element named 'stop'"),
        ("item.2.servicedPeriod", {"start": "2024"}, "Claim.item[2].serviced", "structure", "Only one"),
        ("supportingInfo.0.category", ..., "Claim.supportingInfo[0].category", "required", "must have category"),
        ("diagnosis.0.diagnosisCodeableConcept", ..., "Claim.diagnosis[0].diagnosis", "required", "one diagnosis[x]"),
        ("created", "2024-07-20T09:30:00", "Claim.created", "value", "with time and zone"),
        ("created", "", "Claim.created", "value", "a date that exists"),
        ("use", " claim", "Claim.use", "value", "without blanks"),
        ("use", 5, "Claim.use", "structure", "a number was sent"),
        ("_use", {}, "Claim.use", "required", "an id or an extension"),
        ("_use", {"extension": [{"valueCode": "x"}]}, "Claim.use.extension[0].url", "required", "must have url"),
        ("_use", [], "Claim.use", "structure", "an array was sent"),
        ("item", {"sequence": 1}, "Claim.item", "structure", "an array was expected, an object"),
        ("item.3", None, "Claim.item", "structure", "may not hold null"),
        ("item.3", [], "Claim.item[3]", "structure", "an array was sent"),
        ("patient", [{"reference": "Patient/x"}], "Claim.patient", "structure", "an array was sent"),
        ("patient", '{"reference": "Patient/x"}', "Claim.patient", "structure", "a string was sent"),
        ("item.0.colour", "red", "Claim.item[0]", "structure", "no element named 'colour'"),
        ("contained.0.resourceType", "Nothing", "Claim.contained[0]", "invalid", "'Nothing'"),
        ("contained.0.resourceType", "Coding", "Claim.contained[0]", "invalid", "'Coding'"),
        ("contained.0.resourceType", 5, "Claim.contained[0]", "invalid", "a number"),
        ("contained.0.resourceType", ..., "Claim.contained[0]", "required", "resourceType"),
        ("contained.0.address.state", 7, "Claim.contained[0].address.state", "structure", "a number was sent"),
        ("extension.0.valueUrl", [], "Claim.extension[0].value", "structure", "a URL; an array"),
        ("extension.0.valueUrl", 5, "Claim.extension[0].value", "structure", "a URL; a number"),
        ("item.0.quantity.resourceType", "Money", "Claim.item[0].quantity", "invalid", "is not Quantity"),
        ("resourceType", "Nothing", "Claim", "invalid", "FHIR R4 has no resource type 'Nothing'"),
        ("resourceType", "Claim" * 20, "Claim", "invalid", "FHIR R4 has no"),
        ("resourceType", "Coding", "Claim", "invalid", "no resource type 'Coding'"),
        ("resourceType", "Patient", "Claim", "invalid", "A Claim was expected"),
        ("resourceType", 5, "Claim", "structure", "a number was sent"),
        ("resourceType", ..., "Claim", "required", "must have a resourceType"),
    ],
)  # fmt: skip
def test_a_fault_names_the_element_and_what_was_expected(
    path: str, value: Any, expression: str, code: str, said: str
) -> None:
    faults = check("r4", "Claim", changed("claim", path, value))
    assert any(f.expression == expression and f.code == code and said in f.message for f in faults), faults


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("_use", {"extension": [{"url": "x", "valueCode": "y"}]}), ("total", None), ("fhir_comments", "x"),
        ("created", "2016-12-31T23:59:60Z"),
        ("extension.0", {"url": "x", "valueRatio": {"numerator": {"value": 1}}}), ("extension.0.id", "\U0001f600"),
    ],
)  # fmt: skip
def test_what_only_fhir_resources_takes_has_no_faults_either(path: str, value: Any) -> None:
    raw = changed("claim", path, value)
    assert not accepts("r4", "Claim", raw)
    assert reference_takes("r4", raw)
    assert check("r4", "Claim", raw) == []


@pytest.mark.parametrize(
    ("path", "value", "expression", "said"),
    [
        ("item.0.quantity.value", "1.5", "Claim.item[0].quantity.value", "value takes a number; a string was sent."),
        ("item.0.quantity.value", True, "Claim.item[0].quantity.value", "value takes a number; a boolean was sent."),
        ("item.0.sequence", 1.0, "Claim.item[0].sequence", "sequence takes a whole number from 1 to 2147483647; this"),
        ("item.0.sequence", "1", "Claim.item[0].sequence", "sequence takes a whole number from 1 to 2147483647; a str"),
        ("item.0.diagnosisSequence", ["1"], "Claim.item[0].diagnosisSequence[0]", "takes a whole number"),
        ("insurance.0.focal", "true", "Claim.insurance[0].focal", "focal takes true or false; a string was sent."),
        ("priority", None, "Claim.priority", "Claim must have priority."),
        ("insurance", None, "Claim.insurance", "Claim must have insurance."),
    ],
)  # fmt: skip
def test_what_fhir_resources_reads_as_something_else_is_a_fault(
    path: str, value: Any, expression: str, said: str
) -> None:
    (fault,) = check("r4", "Claim", changed("claim", path, value))
    assert fault.expression == expression
    assert said in fault.message


def test_a_companion_with_an_extension_stands_in_for_a_required_value() -> None:
    claim = sample("r4", "claim")
    del claim["use"]
    claim["_use"] = {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
    }
    assert check("r4", "Claim", encoded(claim)) == []


def test_all_faults_of_one_element_are_told_at_once() -> None:
    claim = sample("r4", "claim")
    del claim["status"], claim["patient"]
    claim["colour"] = "red"
    claim["item"][4].update(sequence="first", servicedPeriod={"start": "yesterday"})
    found = {(fault.expression, fault.code) for fault in check("r4", "Claim", encoded(claim))}
    assert found == {
        ("Claim.status", "required"),
        ("Claim.patient", "required"),
        ("Claim", "structure"),
        ("Claim.item[4].sequence", "structure"),
        ("Claim.item[4].serviced", "structure"),
        ("Claim.item[4].serviced.start", "value"),
    }


def test_the_releases_are_not_mixed() -> None:
    raw = encoded(sample("r5", "chargeitem"))
    assert check("r5", "ChargeItem", raw) == []
    assert "ChargeItem has no element named 'encounter'." in [fault.message for fault in check("r4", "ChargeItem", raw)]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "not JSON"),
        (b'{"resourceType": "Claim",\n "status": }', "(line 2, column 12)"),
        (b'{"resourceType": "Claim", "id": "\xff"}', "the byte at offset 33"),
        (b'{"resourceType": "Claim", "total": {"value": 1e400}}', "infinity"),
        (b'{"resourceType": "Claim", "total": {"value": NaN}}', "not JSON"),
        (b"[" * 10_000, "not JSON"),
        (b"[" * 10_000 + b"]" * 10_000, "not JSON"),
        (b'"Claim"', "a string was sent"),
        (b"[]", "an array was sent"),
        (b"null", "null was sent"),
        (b'{"extension":' * 400 + b"1" + b"}" * 400, "resourceType"),
        (b'{"resourceType": "Claim", "extension": [' + b'{"extension": [' * 400 + b"]}" * 401, "nested too deeply"),
    ],
)
def test_what_is_no_resource_at_all_is_one_fault(raw: bytes, said: str) -> None:
    faults = check("r4", "Claim", raw)
    assert len(faults) == 1
    assert said in faults[0].message


def test_a_hundred_faults_are_told_and_the_rest_counted() -> None:
    claim = sample("r4", "claim")
    claim["item"] = [{**claim["item"][0], "sequence": 0} for _ in range(MAX_FAULTS + 50)]
    faults = check("r4", "Claim", encoded(claim))
    assert len(faults) == MAX_FAULTS + 1
    assert faults[-1].message == "50 more faults are not listed."


def test_a_hundred_faults_and_no_more_are_told_without_a_count() -> None:
    claim = sample("r4", "claim")
    claim["item"] = [{**claim["item"][0], "sequence": 0} for _ in range(MAX_FAULTS)]
    faults = check("r4", "Claim", encoded(claim))
    assert {fault.code for fault in faults} == {"value"}
    assert len(faults) == MAX_FAULTS


def test_no_message_repeats_a_value() -> None:
    secret = "Jane-Q-Roe  1960"
    bundle = sample("r4", "bundle")
    for holder, key in list(places(bundle)):
        if key == "resourceType":
            continue
        kept = holder[key]
        holder[key] = [secret] if isinstance(kept, str) else secret
        faults = check("r4", None, encoded(bundle))
        assert faults
        assert not any("Jane" in fault.message for fault in faults)
        holder[key] = kept


def test_the_models_are_imported_only_when_a_resource_comes_in() -> None:
    code = (
        "import sys, fhir_cpt.wire.structure as s; early = [m for m in sys.modules if m.startswith('fhir.')]; "
        "s.check('r4', 'Patient', b'{\"resourceType\": \"Patient\"}'); "
        "print(early, 'fhir.resources.R4B.patient' in sys.modules, 'fhir.resources.R4B.claim' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "True", "False"]


@pytest.mark.realdata
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("folder", ["fhir-r4-examples", "davinci-pas", "carin-bb"])
def test_published_examples_get_the_verdict_of_fhir_resources(version: FhirVersion, folder: str, shared: Path) -> None:
    files = sorted((shared / "data" / "claims" / folder).glob("*.json"))
    assert files
    for file in files:
        raw = file.read_bytes()
        taken = reference_takes(version, raw)
        assert taken or not accepts(version, None, raw), file.name
        assert (check(version, None, raw) == []) is taken, file.name
