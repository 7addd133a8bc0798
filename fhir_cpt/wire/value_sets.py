"""ValueSet resources as value sets. FHIR: ValueSet, R4 and R5."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.errors import RequestError
from fhir_cpt.wire.code_systems import designations, standing
from fhir_cpt.wire.elements import Element
from terminology.valueset import Filter, Include, Listed, ValueSet

SUPPLEMENT = "http://hl7.org/fhir/StructureDefinition/valueset-supplement"
PARAMETER = "http://hl7.org/fhir/StructureDefinition/valueset-expansion-parameter"
FILTER_OP = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.compose.include.filter.op"
"""Where R4 puts an operator that only R5 has. Source: FHIR, cross-version extensions."""


def value_set(element: Element) -> ValueSet:
    """The value set that a resource defines, by its compose, or by its expansion where it has only that.

    Raises RequestError that names the place of what is wrong.
    """
    compose = element.element("compose")
    if compose is not None:
        include = tuple(_include(item) for item in compose.elements("include"))
        exclude = tuple(_include(item) for item in compose.elements("exclude"))
    else:
        include, exclude = tuple(_expanded(element)), ()
    contained = {
        name: value_set(item)
        for item in element.elements("contained")
        if item.text("resourceType") == "ValueSet" and (name := item.text("id"))
    }
    supplements = [item.text("valueCanonical") or item.text("valueUri") for item in element.extended(SUPPLEMENT)]
    return ValueSet(
        url=element.text("url") or "",
        id=element.text("id") or "",
        version=element.text("version") or "",
        name=element.text("name") or "",
        title=element.text("title") or "",
        include=include,
        exclude=exclude,
        copyright=element.text("copyright"),
        experimental=bool(element.flag("experimental")),
        language=element.text("language"),
        inactive=compose.flag("inactive") if compose else None,
        standing=standing(element),
        parameters=dict((*_parameters(element), *(_parameters(compose) if compose else ()))),
        supplements=tuple(item for item in supplements if item),
        contained=contained,
    )


def _include(element: Element) -> Include:
    made = Include(
        element.text("system"),
        element.text("version"),
        tuple(_listed(item) for item in element.elements("concept")),
        tuple(_filter(item) for item in element.elements("filter")),
        element.texts("valueSet"),
    )
    if made.system is None and not made.value_sets:
        raise RequestError(400, "required", f"{element.path} must have a system or a valueSet", element.path)
    return made


def _listed(element: Element) -> Listed:
    return Listed(element.required("code"), element.text("display"), designations(element), element.extensions())


def _filter(element: Element) -> Filter:
    """A filter. One without a value is told of when it is applied: the value set may not be asked about."""
    op = element.text("op")
    extended = element.element("_op")
    if op is None and extended is not None:
        op = next((item.text("valueCode") for item in extended.extended(FILTER_OP)), None)
    return Filter(element.required("property"), op or element.required("op"), element.text("value") or "", element.path)


def _parameters(element: Element) -> Iterator[tuple[str, str]]:
    """The expansion parameters that the value set sets."""
    for item in element.extended(PARAMETER):
        parts = {
            part.text("url"): next((value for key, value in part.json.items() if key.startswith("value")), None)
            for part in item.elements("extension")
        }
        name, value = parts.get("name"), parts.get("value")
        if isinstance(name, str) and isinstance(value, (str, bool)):
            yield name, value if isinstance(value, str) else str(value).lower()


def _expanded(element: Element) -> Iterator[Include]:
    """Includes that list what an expansion lists."""
    expansion = element.element("expansion")
    if expansion is None:
        return
    left = list(expansion.elements("contains"))
    codes: dict[tuple[str | None, str | None], list[Listed]] = {}
    while left:
        item = left.pop(0)
        left += item.elements("contains")
        if code := item.text("code"):
            found = Listed(code, item.text("display"), designations(item), item.extensions())
            codes.setdefault((item.text("system"), item.text("version")), []).append(found)
    for (system, version), listed in codes.items():
        yield Include(system, version, tuple(listed))
