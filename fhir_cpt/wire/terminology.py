"""CodeSystem resources for the code systems of a release."""

from __future__ import annotations

from typing import Any

from terminology.model import CPT, HCPCS, ICD10CM
from terminology.release.concepts import CompiledCodeSystem
from terminology.release.manifest import Licence

Json = dict[str, Any]
_PUBLISHERS = {
    CPT: "American Medical Association",
    HCPCS: "Centers for Medicare & Medicaid Services",
    ICD10CM: "National Center for Health Statistics",
}
HIERARCHICAL = frozenset({ICD10CM})
"""The code systems in which one code subsumes another; CPT, HCPCS and place of service are flat."""


def code_system_json(system: CompiledCodeSystem, name: str, licence: Licence | None, *, experimental: bool) -> Json:
    """A CodeSystem resource under the id `name`: what it is and how much of it is held, without its concepts.

    `content` tells how much of the code system can be asked about; the concepts are listed by `$expand`.
    """
    made: Json = {
        "resourceType": "CodeSystem",
        "id": name,
        "url": system.url,
        "version": system.version,
        "name": "".join(part for part in system.table.name.title() if part.isalnum()),
        "title": system.title,
        "status": "active",
        "experimental": experimental,
        "publisher": _PUBLISHERS.get(system.url, "Centers for Medicare & Medicaid Services"),
        "caseSensitive": system.case_sensitive,
        "compositional": system.postcoordinated,
        "content": system.content,
        "count": len(system),
    }
    if licence:
        made["copyright"] = licence.notice
    if system.url in HIERARCHICAL:
        made["hierarchyMeaning"] = "is-a"
    types = {"inactive": "boolean", "effective": "dateTime", "expires": "dateTime", **system.property_types}
    made["filter"] = [
        {"code": code, "operator": ["=", "in", "not-in", "exists"], "value": "a value of the property"}
        for code in sorted(system.property_types)
    ]
    made["filter"].append({"code": "code", "operator": ["=", "in"], "value": "codes and ranges: 20100-69990,99213"})
    if system.url in HIERARCHICAL:
        operators = ["is-a", "is-not-a", "descendent-of"]  # child-of too, but R4 has no code for it
        made["filter"].append({"code": "concept", "operator": operators, "value": "a code"})
    made["property"] = [{"code": code, "type": kind} for code, kind in sorted(types.items())]
    return made
