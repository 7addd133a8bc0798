"""Resources that come with a request (`tx-resource`): read into what the engine works on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fhir_cpt.errors import RequestError
from fhir_cpt.wire.code_systems import code_system
from fhir_cpt.wire.concept_maps import concept_map
from fhir_cpt.wire.elements import Element
from fhir_cpt.wire.value_set_json import value_set_json
from fhir_cpt.wire.value_sets import value_set
from terminology.concept_map import ConceptMap
from terminology.memory import MemoryCodeSystem
from terminology.resources import Resources
from terminology.valueset import ValueSet

Json = Mapping[str, Any]
_TOLD = frozenset(
    {
        "resourceType",
        "id",
        "language",
        "url",
        "version",
        "name",
        "title",
        "_title",
        "status",
        "experimental",
        "date",
        "publisher",
        "immutable",
        "copyright",
    }
)
"""Elements of a value set that stand on its expansion too."""
_NEVER = frozenset({"expansion", "text", "meta"})


class Brought:
    """The resources of a request, as the engine works on them, and the value sets' own JSON for the answer."""

    def __init__(self, resources: Iterable[Json]) -> None:
        """Read the resources. Raises RequestError that names the place of what is wrong."""
        code_systems: list[MemoryCodeSystem] = []
        value_sets: list[ValueSet] = []
        concept_maps: list[ConceptMap] = []
        self._json: dict[str, Json] = {}
        for resource in resources:
            kind = resource.get("resourceType")
            element = Element(resource, str(kind)[:64])
            if kind == "CodeSystem":
                code_systems.append(code_system(element))
            elif kind == "ValueSet":
                value_sets.append(self.value_set(resource))
            elif kind == "ConceptMap":
                concept_maps.append(concept_map(element))
            else:
                raise RequestError(
                    400,
                    "not-supported",
                    f"A resource to work with is a CodeSystem, a ValueSet or a ConceptMap, not a {str(kind)[:64]}",
                    "tx-resource",
                )
        self.resources = Resources(code_systems, value_sets, concept_maps)

    def value_set(self, resource: Json) -> ValueSet:
        """A value set, whose JSON is kept. Raises RequestError."""
        found = value_set(Element(resource, "ValueSet"))
        self._json[found.canonical] = resource
        return found

    def header(self, found: ValueSet, *, definition: bool) -> dict[str, Any]:
        """What is told of a value set beside its expansion; with `definition`, all that defines it."""
        own = self._json.get(found.canonical)
        told: Json = value_set_json(found) if own is None else own
        made = {name: item for name, item in told.items() if name in _TOLD or (definition and name not in _NEVER)}
        return {"status": "unknown", **made}


NOTHING = Brought(())
