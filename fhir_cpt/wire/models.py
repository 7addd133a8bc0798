"""What fhir.resources' models say of a resource: its elements, their types and cardinalities.

The only module that reads those models. A model is imported when it is first asked for: the 150
resource types together would take seconds. `/r4` is served by the R4B models (fhir.resources has no
4.0.1; for claims the two are the same), `/r5` by the default ones.
"""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

FhirVersion = Literal["r4", "r5"]
"""A base of the server; the two are never mixed."""

Model: TypeAlias = Any
"""A model class of fhir.resources (a pydantic model), whose making mypy cannot follow."""

_PACKAGES: dict[FhirVersion, str] = {"r4": "fhir.resources.R4B", "r5": "fhir.resources"}

_ABSTRACT = frozenset({"Resource", "DomainResource", "CanonicalResource", "MetadataResource"})

_LONGEST_NAME = 64
"""Characters; no name of a resource type comes near."""

_ANY_RESOURCE = "Resource"
"""The model name of an element that takes any resource (`contained`, `Bundle.entry.resource`)."""

_COMPANION = "FHIRPrimitiveExtension"

_BARE: dict[Any, str] = {bool: "boolean", uuid.UUID: "uuid"}
"""Primitives that fhir.resources annotates with Python's own type."""


class Element(NamedTuple):
    """One element of a resource or data type, as the wire spells it."""

    name: str
    """The JSON member: `servicedDate`, or `_servicedDate` for the companion of a primitive."""
    attribute: str
    """The model's attribute: `class_fhir` for `class`."""
    primitive: str | None
    """The FHIR primitive type (`code`, `date`), or None for a complex type."""
    type_: Any
    """fhir.resources' type of a complex element; see `model`."""
    constraint: Any
    """fhir.resources' constraint object of a primitive element (bounds of an integer), if any."""
    many: bool
    """Whether it repeats: a JSON array."""
    required: bool
    """Whether its value must be there (for a primitive, a companion with an extension may stand in)."""
    choice: str | None
    """`serviced` for `servicedDate`: of the elements with the same choice at most one may be there."""
    choice_required: bool
    """Whether one of the choice must be there."""

    @property
    def model(self) -> Model:
        """The model of a complex element, imported now if it has not been."""
        model: Model = self.type_.get_model_klass()
        return model

    @property
    def type_name(self) -> str:
        """The name of a complex element's type, told without importing its model."""
        return str(self.type_.__name__).removesuffix("Type")

    @property
    def any_resource(self) -> bool:
        """Whether the element takes a resource of any type."""
        return self.primitive is None and self.type_name == _ANY_RESOURCE

    @property
    def companion(self) -> bool:
        """Whether this is the `_name` that carries the extensions of the primitive `name`."""
        return self.primitive is None and self.type_name == _COMPANION


def resource_model(version: FhirVersion, resource_type: str) -> Model | None:
    """The model of a resource type; None where that version of FHIR has no such resource."""
    return _resource_model(version, resource_type) if len(resource_type) <= _LONGEST_NAME else None


@lru_cache(maxsize=1024)  # bounded, as is the name's length: anyone may ask for anything
def _resource_model(version: FhirVersion, resource_type: str) -> Model | None:
    if resource_type in _ABSTRACT or not resource_type.isalnum():
        return None
    package = importlib.import_module(_PACKAGES[version])
    try:
        model: Model = package.get_fhir_model_class(resource_type)
    except ValueError:
        return None
    return model if model.has_resource_base() else None


@cache
def elements(model: Model) -> Mapping[str, Element]:
    """The elements of a model by the name on the wire, in the model's order.

    Left out is `fhir_comments`, which is of no FHIR release that is served here.
    """
    described = (_element(attribute, info) for attribute, info in model.model_fields.items())
    return {element.name: element for element in described if element is not None}


def type_name(model: Model) -> str:
    """The FHIR name of a model: `Claim`, `ClaimItem`, `Reference`."""
    return str(model.get_resource_type())


def _element(attribute: str, info: Any) -> Element | None:
    extra = info.json_schema_extra or {}
    primitive, type_, constraint = _type(info.annotation, info.metadata)
    if primitive is None and type_ is None:
        return None
    return Element(
        name=info.alias or attribute,
        attribute=attribute,
        primitive=primitive,
        type_=type_,
        constraint=constraint,
        many=_repeats(info.annotation),
        required=info.is_required() or bool(extra.get("element_required")),
        choice=extra.get("one_of_many"),
        choice_required=bool(extra.get("one_of_many_required")),
    )


def _type(annotation: Any, metadata: Any) -> tuple[str | None, Any, Any]:
    """(primitive name, complex type, constraint) of an annotation such as `List[Annotated[str, Code()] | None]`."""
    for constraint in (*metadata, *getattr(annotation, "__metadata__", ())):
        name = getattr(constraint, "__visit_name__", None)
        if name:
            return name, None, constraint
    if isinstance(annotation, type) and annotation in _BARE:
        return _BARE[annotation], None, None
    if hasattr(annotation, "get_model_klass"):
        return None, annotation, None
    for argument in get_args(annotation):
        found = _type(argument, ())
        if found != (None, None, None):
            return found
    return None, None, None


def _repeats(annotation: Any) -> bool:
    origin = getattr(annotation, "__origin__", None)
    return origin is list or any(_repeats(argument) for argument in get_args(annotation))
