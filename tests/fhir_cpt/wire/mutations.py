"""Good resources, odd values, and resources with something changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from fhir_cpt.wire.models import FhirVersion, resource_model

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
