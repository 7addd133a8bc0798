"""The structure check: what shapes accept fhir.resources accepts, and what is refused is told exactly."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_cpt.wire.models import FhirVersion, resource_model
from fhir_cpt.wire.primitives import PRIMITIVES, is_tight
from fhir_cpt.wire.shapes import accepts
from fhir_cpt.wire.structure import MAX_FAULTS, check

SOURCES = Path(__file__).parents[2] / "sources" / "fhir"
VERSIONS: tuple[FhirVersion, ...] = ("r4", "r5")
KINDS = {"claim": "Claim", "chargeitem": "ChargeItem", "bundle": "Bundle", "parameters": "Parameters"}
SAMPLES = [(version, kind) for version in VERSIONS for kind in KINDS]

ODD_VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 1.5, 1.0, -0.0, 2**31 - 1, 2**31, 2**63, 10**30, 1e-7, 1e300, "", " ", "\t", "\n",
    "\x0b", "\x0c", "\x1c", "\x85", "\xa0", "\u2003", "\u3000\u2028", "\u200b", "\xa0x", "é", "😀", "\x00", "x", "x y",
    "x  y", " x", "x ", "x\n", "x\xa0y", "x\ty", "x/y", "1", "1.5", "true", "null", "{}", "[]", '{"text": "x"}',
    "x" * 65, "x" * 256, "2024", "2024-02", "2024-13", "2024-00", "2024-02-29", "2023-02-29", "2024-02-30",
    "1900-02-29", "2000-02-29", "0000", "0001-01-01", "9999-12-31", "2024-04-31", "2024-7-1", "20240701",
    "2024-07-01T", "2024-07-01T10:00:00", "2024-07-01T10:00:00Z", "2024-07-01T24:00:00Z", "2024-07-01T10:00Z",
    "2024-07-01T10:00:60Z", "2024-07-01T10:00:00.123456789Z", "2024-07-01T10:00:00+14:00", "2024-07-01T10:00:00+14:01",
    "2024-02-30T10:00:00Z", "9999-12-31T23:59:59-14:00", "2024\n", "٢٠٢٤-07-01", "10:00:00", "urn:oid:1.2",
    "urn:oid:3.2", "http://a b", "http://[", "YQ==", "Y", "====", "<div>x</div>", [], [None], [[]], [1], ["x"],
    ["x", None], {}, {"x": 1}, {"resourceType": "Patient"}, {"resourceType": "Nothing"}, {"resourceType": 5},
    {"resourceType": "Resource"}, {"resourceType": "Coding"}, {"resourceType": "Parameters"}, {"text": "x"},
    {"value": 1}, {"reference": "Patient/x"}, {"extension": []}, {"extension": [{"url": "x", "valueCode": "y"}]},
    {"id": "x"}, {"url": "x", "valueString": "y", "valueCode": "z"}, {"start": "2024"}, {"fhir_comments": "x"},
]  # fmt: skip
ODD_NAMES = [
    "resourceType", "resource_type", "fhir_comments", "id", "_id", "extension", "modifierExtension", "contained",
    "status", "_status", "value", "valueString", "valueCode", "valueUrl", "valueUuid", "valueBase64Binary",
    "valueInteger64", "valueTime", "valueOid", "valueInstant", "valueDecimal", "valueId", "valueReference",
    "valueTiming", "servicedPeriod", "servicedDate", "locationReference", "timingPeriod", "diagnosisReference",
    "occurrencePeriod", "deceasedDateTime", "multipleBirthInteger", "multipleBirthBoolean", "class", "class_fhir",
    "resource", "part", "outcome", "response", "item", "detail", "subDetail", "text", "display", "identifier",
    "userSelected", "unknown", "", "self", "implicitRules__ext", "language", "photo", "communication", "link",
    "signature", "data",
]  # fmt: skip
TEXT_EDITS: list[tuple[str, str]] = [
    ("1", "01"), ("1", "1."), ("1", "1e400"), ("1", "NaN"), ("1", "-Infinity"), ("1", "1E0"), ("1", "-0"),
    ("true", "True"), ("{", "{,"), ("}", ",}"), ("]", ",]"), (":", ""), (",", ""), ('"', ""), ('"', "'"),
    ('"', '"\\ud800'), ('"', '"\\udc00'), ('"', '"\\u00a0'), ('"', '"\\ud83d\\ude00'), ('"', '"\\x'), ('"', '"\x01'),
    ("e", "\x0b"), ("e", "\x1c"), ("e", "\t"), ("e", "\n"), ("e", " "), ("e", "  "), ('"', '" '), ('"', ' "'),
    ('"', '"\xff'), ("e", "\\u0065"), ("e", "é"), ("{", "\ufeff{"),
    ('"resourceType"', '"resourceType": "Patient", "resourceType"'),
    ('"resource": {', '"resource": 1e400, "resource": {'),
    ('"resource": {', '"resource": {"a": "\\ud800"}, "resource": {'),
    ('"item": [', '"item": [{"sequence": 0}], "item": ['),
    ('"contained": [', '"contained": [{"a": 1e400}], "contained": ['),
    ('"parameter": [', '"parameter": [{"resource": 01}], "parameter": ['),
    ('"entry": [', '"entry": [{"resource": {"a": 1e400}}], "entry": ['),
    ('"servicedDate"', '"servicedPeriod": {}, "servicedDate"'),
]  # fmt: skip


def sample(version: str, kind: str) -> Any:
    return json.loads((SOURCES / f"{kind}-{version}.json").read_bytes())


def encoded(resource: Any) -> bytes:
    return json.dumps(resource).encode()


def compact(resource: Any) -> bytes:
    """As programs write it: without blanks between tokens, which is what the fastest shapes are for."""
    return json.dumps(resource, separators=(",", ":")).encode()


def reference_takes(version: FhirVersion, raw: bytes) -> bool:
    """Whether fhir.resources itself takes the resource, by its own reading of the JSON."""
    try:
        model = resource_model(version, json.loads(raw)["resourceType"])
        if model is None:
            return False
        model.model_validate_json(raw)
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
    return True


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (object or array, key or index) of a JSON value."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield value, key
        yield from places(member)


def mutated(resource: Any, pick: Callable[[Sequence[Any]], Any]) -> bytes:
    """The resource with one to three changes, as JSON text that need not be valid."""
    for _ in range(pick((1, 1, 1, 2, 3))):
        found = list(places(resource))
        if not found:
            break
        holder, key = pick(found)
        change = pick(("set", "set", "set", "delete", "add", "wrap", "unwrap", "swap", "repeat", "nest"))
        if change == "set":
            holder[key] = deepcopy(pick(ODD_VALUES))
        elif change == "delete":
            del holder[key]
        elif change == "add" and isinstance(holder, dict):
            holder[pick(ODD_NAMES)] = deepcopy(pick(ODD_VALUES))
        elif change == "wrap":
            holder[key] = [holder[key]]
        elif change == "unwrap" and isinstance(holder[key], list) and holder[key]:
            holder[key] = holder[key][0]
        elif change == "swap":
            other, name = pick(found)
            holder[key], other[name] = deepcopy([other[name], holder[key]])
        elif change == "repeat" and isinstance(holder, list):
            holder.append(deepcopy(holder[key]))
        elif change == "nest":
            holder[key] = {"extension": [{"url": "x", "extension": [{"url": "y", "extension": [{"url": "z"}]}]}]}
    wide = pick((True, False, False))
    text = json.dumps(resource, ensure_ascii=pick((True, False)), separators=None if wide else (",", ":"))
    if pick((0, 0, 0, 1)):
        old, new = pick(TEXT_EDITS)
        if not wide:
            old, new = (part.replace(": ", ":") for part in (old, new))
        parts = text.split(old)
        if len(parts) > 1:
            cut = pick(range(1, len(parts)))
            text = old.join(parts[:cut]) + new + old.join(parts[cut:])
    return text.encode("utf-8", "surrogatepass") if pick((1, 1, 1, 1, 0)) else text.encode("latin-1", "replace")


@pytest.mark.parametrize(("version", "kind"), SAMPLES)
def test_a_good_resource_takes_the_fast_path(version: FhirVersion, kind: str) -> None:
    for raw in (encoded(sample(version, kind)), compact(sample(version, kind))):
        assert accepts(version, KINDS[kind], raw)
        assert accepts(version, None, raw)
        assert check(version, KINDS[kind], raw) == []
        assert reference_takes(version, raw)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"text":"a b"}', True),
        (b'{"text": "a"}', False),
        (b'{"text":" a"}', False),
        (b'{"text":"a "}', False),
        (b'{"text":"a  b"}', False),
        (b'{"text":"a\\tb"}', False),
        (b'{"text":"a\xc2\xa0b"}', False),
        (b'{"a":1, "b":2}', False),
        (b'{"a" :1}', False),
    ],
)
def test_only_single_blanks_between_other_characters_are_tight(text: bytes, expected: bool) -> None:
    assert is_tight(text) is expected


@pytest.mark.parametrize(("version", "kind"), SAMPLES)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_what_a_shape_accepts_fhir_resources_accepts(version: FhirVersion, kind: str, data: st.DataObject) -> None:
    raw = mutated(sample(version, kind), lambda options: data.draw(st.sampled_from(options)))
    if accepts(version, None, raw):
        assert reference_takes(version, raw)


@pytest.mark.parametrize("version", VERSIONS)
def test_no_value_of_a_primitive_is_accepted_that_fhir_resources_refuses(version: FhirVersion) -> None:
    taken = set()
    for primitive in PRIMITIVES.keys() - {"xhtml"}:
        member = f"value{primitive[0].upper()}{primitive[1:]}"
        for value in ODD_VALUES:
            resource = {"resourceType": "Parameters", "parameter": [{"name": "x", member: value}]}
            for raw in (encoded(resource), compact(resource)):
                if accepts(version, "Parameters", raw):
                    assert reference_takes(version, raw), (primitive, value)
                    taken.add(primitive)
    assert taken == PRIMITIVES.keys() - {"xhtml"}


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


def changed(kind: str, path: str, value: Any, version: str = "r4") -> bytes:
    """A sample with one member set (`item.0.quantity.value`), or taken away where `value` is `...`."""
    resource = sample(version, kind)
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    holder = resource
    for step in way:
        holder = holder[step]
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return encoded(resource)


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
        ("item.0.quantity.value", 1.25), ("item.0.quantity.value", -3), ("created", "2024"), ("created", "2024-07"),
        ("created", "2024-02-29"), ("created", "2000-02-29"), ("item.0.servicedDate", "2024-12-31"), ("item", []),
        ("total", {}), ("use", "two words"), ("id", "a.b-C"), ("item.0.modifier.0.text", "José — “knee”"),
        ("contained", []), ("extension.0", {"url": "x", "valueBoolean": False}),
        ("provider", {"identifier": {"value": "1"}}),
    ],
)  # fmt: skip
def test_the_fast_path_takes_what_claims_usually_hold(path: str, value: Any) -> None:
    raw = changed("claim", path, value)
    assert accepts("r4", "Claim", raw)
    assert reference_takes("r4", raw)


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


@pytest.mark.parametrize(
    "text",
    [
        '"entry": [{"resource": {"a": 1e400}}], "entry": [',
        '"entry": [{"resource": {"a": "\\ud800"}}], "entry": [',
        '"entry": [{"resource": {"a": 01}, "resource": {}}], "entry": [',
    ],
)
def test_a_member_given_twice_hides_no_bad_json(text: str) -> None:
    raw = encoded(sample("r4", "bundle")).decode().replace('"entry": [', text, 1)
    assert not accepts("r4", "Bundle", raw.encode())
    assert not accepts("r4", "Bundle", compacted(raw).encode())


@pytest.mark.parametrize(
    "text", ['"resource": {"a": 1e400}, "resource": {', '"resource": {"a": "\\ud800"}, "resource": {']
)
def test_a_resource_given_twice_hides_no_bad_json(text: str) -> None:
    raw = encoded(sample("r4", "bundle")).decode().replace('"resource": {', text, 1)
    assert not accepts("r4", "Bundle", raw.encode())
    assert not accepts("r4", "Bundle", compacted(raw).encode())


def compacted(text: str) -> str:
    """A JSON text, which may be bad, without the blanks between its tokens."""
    return re.sub(r'(?<=[,:]) (?=["\[{0-9tfn-])', "", text)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("resource", "path"),
    [
        ({"resourceType": "Questionnaire", "status": "active", "item": [{"linkId": "1", "type": "group"}]}, "item"),
        ({"resourceType": "Parameters", "parameter": [{"name": "x"}]}, "part"),
        (
            {"resourceType": "CodeSystem", "status": "active", "content": "complete", "concept": [{"code": "x"}]},
            "concept",
        ),
    ],
)
def test_a_type_that_holds_itself_is_left_to_fhir_resources_where_it_does(
    version: FhirVersion, resource: dict[str, Any], path: str
) -> None:
    assert accepts(version, None, encoded(resource))
    nested = deepcopy(resource)
    member = next(value for value in nested.values() if isinstance(value, list))[0]
    member[path] = [deepcopy(member)]
    assert not accepts(version, None, encoded(nested))
    assert check(version, None, encoded(nested)) == []


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
