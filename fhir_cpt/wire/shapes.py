"""msgspec types derived from fhir.resources' models, to accept good resources fast.

The law: what a shape accepts, fhir.resources accepts. A shape may refuse more, and does so wherever
that keeps it small: companions of primitives (`_birthDate`), extensions within extensions' values,
rare extension values, items within items, nulls. Every shape is finite (no type holds itself), so that
nesting is bounded. Shapes are built when a resource type is first met; those of a Claim take some 70 ms.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import cache
from operator import attrgetter
from typing import Any, Literal, NamedTuple

import msgspec
import orjson

from fhir_cpt.wire.models import Element, FhirVersion, Model, elements, resource_model, type_name
from fhir_cpt.wire.primitives import PRIMITIVES, TIGHT, is_plain, is_tight

_EXTENSION_VALUES = frozenset(
    {"Address", "Attachment", "CodeableConcept", "Coding", "ContactPoint", "HumanName", "Identifier", "Money"}
    | {"Period", "Quantity", "Reference"}
)
"""Complex types that a shape takes as an extension's or a parameter's value; each other costs an import."""

_MUTUAL = frozenset({"Identifier", "Reference"})
"""Types that hold each other."""

_MUTUAL_LEVELS = 3
"""How long a chain of them a shape takes: an identifier, its assigner, that one's identifier."""

_EXTENSION_LEVELS = 2
"""An extension may hold extensions, these none."""

_RESOURCE_LEVELS = 4
"""Parameters hold a Bundle, that a Claim, that a contained resource."""


_CONTAINED = "contained"
_GROUPS = (_CONTAINED, "entry", "parameter")
"""The members of a resource under which other resources may lie."""


_HOLDERS = frozenset({"BundleEntry", "ParametersParameter"})
"""The types of those members, as far as they hold it as `resource`."""


class _Place(NamedTuple):
    """What surrounds a type, as far as its shape depends on it."""

    extensions: int = 0
    """The extensions around it."""
    mutual: int = 0
    """The length of the chain of mutual types that it ends."""
    tight: bool = False
    """Whether it is for texts of which `is_tight` is true."""
    backbones: frozenset[str] = frozenset()
    """The backbone elements around it: `item.answer.item` is left to fhir.resources."""


class _Peek(msgspec.Struct, gc=False):
    resourceType: str  # noqa: N815  (FHIR's spelling)


_peek = msgspec.json.Decoder(_Peek)


def accepts(version: FhirVersion, resource_type: str | None, raw: bytes) -> bool:
    """Whether `raw` is surely a resource of that type (None: of any) that fhir.resources would take.

    False means no more than that fhir.resources has to decide. Never raises for what `raw` holds.
    """
    if is_tight(raw) and _accepted(version, resource_type, raw, tight=True):
        return True
    return is_plain(raw) and _accepted(version, resource_type, raw, tight=False)


def _accepted(version: FhirVersion, resource_type: str | None, raw: bytes, *, tight: bool) -> bool:
    met: set[str] = set()
    try:
        if not _accepts(version, resource_type or _peek.decode(raw).resourceType, raw, tight, met):
            return False
        # Of a member that is given twice only the last is looked at, and a skipped resource may hide bad JSON in the
        # first. Members without resources are decoded each time. Contained resources alone, as in most claims, lie in
        # one member, and a tight text has no escapes in which its name could hide.
        if met and not (tight and met == {_CONTAINED} and raw.count(f'"{_CONTAINED}"'.encode()) == 1):
            orjson.loads(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, orjson.JSONDecodeError, RecursionError):
        return False
    return True


def _accepts(
    version: FhirVersion, resource_type: str, raw: bytes | msgspec.Raw, tight: bool, met: set[str], level: int = 1
) -> bool:
    """Whether a resource and those within it are taken. The groups that they have are added to `met`.

    Raises what decoding raises.
    """
    model = resource_model(version, resource_type)
    decoder = None if model is None or level > _RESOURCE_LEVELS else _decoder(model, tight)
    if decoder is None:
        return False
    resource = decoder.decode(raw)
    groups = {name: group for name in _GROUPS if isinstance(group := getattr(resource, name, None), list)}
    met.update(groups)
    return all(
        _accepts(version, _peek.decode(nested).resourceType, nested, tight, met, level + 1)
        for group in groups.values()
        for nested in _resources(group)
    )


def _resources(group: Any) -> Iterator[msgspec.Raw]:
    for member in group:
        nested = member if isinstance(member, msgspec.Raw) else getattr(member, "resource", None)
        if isinstance(nested, msgspec.Raw):
            yield nested


_building = threading.Lock()
"""Held while a decoder is made. Decoders share shapes, and msgspec completes a shape when a decoder is made of it: a
thread that decodes with one which another is completing ends the process (a segmentation fault)."""
_decoders: dict[tuple[Model, bool], msgspec.json.Decoder[Any] | None] = {}


def _decoder(model: Model, tight: bool) -> msgspec.json.Decoder[Any] | None:
    key = model, tight
    if key not in _decoders:
        with _building:
            if key not in _decoders:
                shape = _shape(model, _Place(tight=tight))
                _decoders[key] = None if shape is None else msgspec.json.Decoder(shape)
    return _decoders[key]


@cache
def _shape(model: Model, place: _Place) -> Any:
    """The Struct for a model at a place; None where a required element cannot be had there."""
    name = type_name(model)
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    renamed: dict[str, str] = {}
    choices: dict[str, list[str]] = {}
    forced: set[str] = set()
    if model.has_resource_base():
        fields.append(("resourceType", Literal[name]))
    for element in elements(model).values():
        type_ = _type(element, name, place)
        if type_ is None:
            if element.required:
                return None
            continue
        if element.choice:
            choices.setdefault(element.choice, []).append(element.attribute)
            if element.choice_required:
                forced.add(element.choice)
        renamed[element.attribute] = element.name
        fields.append((element.attribute, type_) if element.required else (element.attribute, type_, None))
    return msgspec.defstruct(
        name,
        sorted(fields, key=len),  # the required ones first, as Python's constructors want them
        forbid_unknown_fields=True,
        rename=renamed,
        eq=False,
        gc=False,
        namespace=_choice_check(choices, forced),
    )


def _type(element: Element, owner: str, place: _Place) -> Any:
    """The type of an element as msgspec reads it; None where the shape does without it."""
    if element.companion:
        return None
    type_: Any
    if element.primitive is not None:
        type_ = (TIGHT if place.tight else PRIMITIVES).get(element.primitive)
    elif element.any_resource:
        held = element.name == "contained" or (element.name == "resource" and owner in _HOLDERS)
        type_ = msgspec.Raw if held else None
    else:
        type_ = _complex(element, owner, place)
    return list[type_] if type_ is not None and element.many else type_


def _complex(element: Element, owner: str, place: _Place) -> Any:
    kind = element.type_name
    if kind == "Extension":
        if place.extensions >= (_EXTENSION_LEVELS if owner == "Extension" else 1):
            return None
        return _shape(element.model, place._replace(extensions=place.extensions + 1))
    if owner in ("Extension", "ParametersParameter") and kind not in _EXTENSION_VALUES:
        return None
    if kind in place.backbones or kind == owner:
        return None
    mutual = place.mutual + 1 if kind in _MUTUAL else 0
    if mutual > _MUTUAL_LEVELS:
        return None
    backbones = place.backbones | {owner} if "modifierExtension" in elements(element.model) else frozenset()
    return _shape(element.model, place._replace(mutual=mutual, backbones=backbones))


def _choice_check(choices: dict[str, list[str]], forced: set[str]) -> dict[str, Callable[[Any], None]]:
    """A `__post_init__` that refuses more than one value of a choice (`serviced[x]`), or none of a required one."""
    checks = [
        (attrgetter(*names, "__post_init__"), len(names) - 1, len(names) - (choice in forced))
        for choice, names in choices.items()
        if len(names) > 1 or choice in forced
    ]
    if not checks:
        return {}

    def __post_init__(self: Any) -> None:  # noqa: N807
        for values, least, most in checks:
            # `values` holds the method too: with it attrgetter answers with a tuple for a single name
            if not least <= values(self).count(None) <= most:
                raise ValueError("one value of a choice is wanted")

    return {"__post_init__": __post_init__}
