"""The faults of a resource, told in plain sentences with the FHIRPath of the element.

Two readers find them. A walk over the resource looks at what fhir.resources hides or trips over: wrong
JSON types, unknown resource types within, required elements (which it names only once all else is
right), choices. Then fhir.resources judges the rest: unknown elements and the values. No message repeats
a value that was sent, which may be a patient's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from fhir_cpt.wire.models import Element, FhirVersion, Model, elements, resource_model, type_name


class StructureFault(NamedTuple):
    """One thing wrong with the structure of a resource."""

    expression: str
    """FHIRPath of the element (`Claim.item[1].quantity.value`); a choice by its FHIRPath name (`item[0].serviced`)."""
    message: str
    """One sentence that says what was expected. Holds no value of the resource."""
    code: str
    """OperationOutcome issue type: structure, required, value, invalid, too-costly."""


_EXPECTED: Mapping[str, str] = {
    "base64Binary": "base64 text",
    "boolean": "true or false",
    "canonical": "a URL, with a version after a bar if need be",
    "code": "a code: a string without blanks at its ends or two in a row",
    "date": "a date that exists (YYYY, YYYY-MM or YYYY-MM-DD)",
    "dateTime": "a date that exists (YYYY, YYYY-MM, YYYY-MM-DD), or one with time and zone (YYYY-MM-DDThh:mm:ss+zz:zz)",
    "decimal": "a number",
    "id": "an id: letters, digits, hyphens and dots",
    "instant": "a date with time and zone (YYYY-MM-DDThh:mm:ss+zz:zz)",
    "integer": "a whole number from -2147483648 to 2147483647",
    "integer64": "a whole number of 64 bits",
    "markdown": "Markdown text",
    "oid": "an OID (urn:oid:…)",
    "positiveInt": "a whole number from 1 to 2147483647",
    "string": "a string that is not empty",
    "time": "a time (hh:mm:ss)",
    "unsignedInt": "a whole number from 0 to 2147483647",
    "uri": "a URI",
    "url": "a URL",
    "uuid": "a UUID (urn:uuid:…)",
    "xhtml": "XHTML text",
}

_NUMBERS = frozenset({"decimal", "integer", "integer64", "positiveInt", "unsignedInt"})


class _Reported(str):
    """Stands in for what the walk has reported. An empty string, since no validator trips over that."""

    __slots__ = ()


_REPORTED = _Reported()


def find_faults(version: FhirVersion, model: Model, resource: dict[str, Any]) -> list[StructureFault]:
    """The faults of a resource of that model; empty exactly where fhir.resources takes it and the walk finds none.

    `resource` (JSON as Python values) is changed: what the walk reports is blanked out. Raises
    RecursionError where it is nested too deeply for Python's stack.
    """
    root = type_name(model)
    faults = list(_walk(version, model, resource, root))
    try:
        model.model_validate(resource)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False, include_context=False):
            place = _locate(version, model, resource, detail["loc"])
            if not _told(place, detail["type"], faults):
                faults.append(_translate(place, detail["type"]))
    except (AttributeError, KeyError, TypeError):
        # fhir.resources' validators trip over some JSON types instead of refusing them.
        if not faults:
            faults.append(StructureFault(root, "An element is of the wrong JSON type.", "structure"))
    return list(dict.fromkeys(faults))


def _walk(version: FhirVersion, model: Model, value: dict[str, Any], path: str) -> Iterator[StructureFault]:
    known = elements(model)
    yield from _absent(known, value, path, type_name(model))
    for name, sent in value.items():
        element = known.get(name)
        if element is None or sent is None or sent is _REPORTED:
            continue
        where = f"{path}.{_step(element)}"
        if not element.many:
            faults = list(_walk_one(version, element, sent, where))
            if any(fault.expression == where for fault in faults):
                value[name] = _REPORTED
            yield from faults
        elif not isinstance(sent, list):
            yield StructureFault(
                where, f"{name} repeats: an array was expected, {json_kind(sent)} was sent.", "structure"
            )
            value[name] = _REPORTED
        else:
            for index, item in enumerate(sent):
                faults = [] if item is None else list(_walk_one(version, element, item, f"{where}[{index}]"))
                if any(fault.expression == f"{where}[{index}]" for fault in faults):
                    sent[index] = _REPORTED
                yield from faults


def _walk_one(version: FhirVersion, element: Element, sent: Any, where: str) -> Iterator[StructureFault]:
    """The faults of one value of an element; one at `where` itself means that it must not be looked at further."""
    if element.primitive is not None:
        if not _is_written_as(element.primitive, sent):
            yield _unexpected(element, sent, where)
    elif not isinstance(sent, dict):
        yield _unexpected(element, sent, where)
    elif not element.any_resource:
        yield from _walk(version, element.model, sent, where)
    else:
        resource_type = sent.get("resourceType")
        model = resource_model(version, resource_type) if isinstance(resource_type, str) else None
        if model is not None:
            yield from _walk(version, model, sent, where)
        elif resource_type is None:
            yield StructureFault(where, "The resource must have a resourceType.", "required")
        else:
            told = f"{resource_type[:40]!r}" if isinstance(resource_type, str) else json_kind(resource_type)
            yield StructureFault(where, f"No resource type of this FHIR release: {told}.", "invalid")


def _is_written_as(primitive: str, sent: Any) -> bool:
    """Whether the JSON type is the primitive's, as far as fhir.resources is not the one to say so.

    It reads `"30"` as a number, 1.0 as a whole one and `"true"` as true. FHIR's JSON has none of them, and edits, which
    go by the JSON, would pass over the value. Source: FHIR R4, json#primitive.
    """
    if primitive == "boolean":
        return isinstance(sent, bool)
    if primitive in _NUMBERS:
        number = isinstance(sent, int | float) and not isinstance(sent, bool)
        return number and (primitive == "decimal" or isinstance(sent, int))
    return not isinstance(sent, dict | list) and (primitive != "url" or isinstance(sent, str))


def _absent(known: Mapping[str, Element], value: dict[str, Any], path: str, owner: str) -> Iterator[StructureFault]:
    """The required elements that are not there, and the choices of which none or too many are."""
    choices: dict[str, list[str]] = {}
    forced: dict[str, bool] = {}
    for name, element in known.items():
        there = value.get(name, value.get(element.attribute)) is not None
        if element.choice:
            forced[element.choice] = element.choice_required
            choices.setdefault(element.choice, []).extend([name] if there else [])
        if not element.required or there:
            continue
        if element.primitive is None or not _has_extension(known, value, name):
            if name in value:
                value[name] = _REPORTED
            yield StructureFault(f"{path}.{_step(element)}", f"{owner} must have {name}.", "required")
    for choice, names in choices.items():
        if len(names) > 1:
            told = ", ".join(names)
            yield StructureFault(f"{path}.{choice}", f"Only one of these may be there, not all: {told}.", "structure")
        elif forced[choice] and not names:
            yield StructureFault(f"{path}.{choice}", f"{owner} must have one {choice}[x].", "required")


def _has_extension(known: Mapping[str, Element], value: dict[str, Any], name: str) -> bool:
    """Whether the companion of a primitive stands in for its value (https://hl7.org/fhir/R4/extensibility.html)."""
    companion = value.get(f"_{name}", value.get(f"{name}__ext")) if f"_{name}" in known else None
    return bool(companion.get("extension")) if isinstance(companion, dict) else bool(companion)


class _Place(NamedTuple):
    """Where an error of fhir.resources lies."""

    expression: str
    owner: Model
    element: Element | None
    member: str | None
    """The last member named, known or not."""
    sent: Any


def _told(place: _Place, kind: str, faults: list[StructureFault]) -> bool:
    """Whether the walk has told an error of fhir.resources: the value itself, or a choice in the object."""
    if kind == "value_error" and (place.member is None or isinstance(place.sent, dict)):
        return any(fault.expression.startswith(place.expression + ".") for fault in faults)
    return place.sent is _REPORTED


def _translate(place: _Place, kind: str) -> StructureFault:
    expression, element, owner = place.expression, place.element, type_name(place.owner)
    if kind == "extra_forbidden":
        told = (place.member or "")[:40]
        return StructureFault(expression, f"{owner} has no element named {told!r}.", "structure")
    if kind in ("missing", "model_field_validation.missing"):
        return StructureFault(expression, f"{owner} must have {place.member}.", "required")
    if kind == "fhir-validation-wrong-resource-type":
        return StructureFault(expression, f"resourceType has no place here, or is not {owner}.", "invalid")
    if element is None:
        return StructureFault(expression, f"This is not a {owner} as FHIR defines it.", "structure")
    if element.companion and isinstance(place.sent, dict):
        return StructureFault(expression, f"{element.name} must hold an id or an extension.", "required")
    if isinstance(place.sent, list):
        return StructureFault(expression, f"An array of {element.name} may not hold null.", "structure")
    return _unexpected(element, place.sent, expression)


def _locate(version: FhirVersion, model: Model, value: Any, loc: tuple[int | str, ...]) -> _Place:
    """Follows an error's path through the models and the resource at once, as far as both know it."""
    path, owner, element, member = type_name(model), model, None, None
    inner: Model | None = model
    for step in loc:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                break
            path, value = f"{path}[{step}]", value[step]
        else:
            if inner is None or step in ("root", "resource_type"):
                break
            owner, member = inner, step
            element = elements(owner).get(step)
            if element is None:
                return _Place(path, owner, None, step, None)
            path = f"{path}.{_step(element)}"
            value = value.get(step) if isinstance(value, dict) else None
        inner = _inner(version, element, value)
    return _Place(
        path, inner if inner is not None and loc[-1:] == ("resource_type",) else owner, element, member, value
    )


def _inner(version: FhirVersion, element: Element | None, value: Any) -> Model | None:
    if element is None or element.primitive is not None:
        return None
    if element.any_resource and isinstance(value, dict):
        return resource_model(version, str(value.get("resourceType")))
    return element.model


def _unexpected(element: Element, sent: Any, where: str) -> StructureFault:
    """The fault of a value that is not what its element takes."""
    if element.primitive is None:
        expected = "a resource" if element.any_resource else f"an object ({element.type_name})"
        return StructureFault(where, f"{element.name} takes {expected}; {json_kind(sent)} was sent.", "structure")
    expected = _EXPECTED[element.primitive]
    if element.primitive in _NUMBERS:
        fitting = isinstance(sent, int | float) and not isinstance(sent, bool)
    else:
        fitting = isinstance(sent, bool) if element.primitive == "boolean" else isinstance(sent, str)
    if fitting:
        return StructureFault(where, f"{element.name} takes {expected}; this value is not.", "value")
    return StructureFault(where, f"{element.name} takes {expected}; {json_kind(sent)} was sent.", "structure")


def _step(element: Element) -> str:
    """The element's name in FHIRPath, where a choice and the companion of a primitive go by the bare name."""
    return element.choice or element.name.removeprefix("_")


def json_kind(value: Any) -> str:
    """What a JSON value is, with its article: `an array`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string" if value else "an empty string"
    if isinstance(value, dict):
        return "an object"
    return "an array" if isinstance(value, list) else "a number"
