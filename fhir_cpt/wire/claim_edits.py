"""The CodeSystem resource of the claim edits, with all its concepts."""

from __future__ import annotations

from typing import Any

from terminology.memory import MemoryCodeSystem

Json = dict[str, Any]
ID = "claim-edit"
"""The id under which it is served."""


def claim_edit_json(system: MemoryCodeSystem) -> Json:
    """The resource for the code system that `fhir_cpt.rules.code_system` makes."""
    concepts = [system.concept(at) for at in range(len(system))]
    return {
        "resourceType": "CodeSystem",
        "id": ID,
        "url": system.url,
        "version": system.version,
        "name": "ClaimEdit",
        "title": system.title,
        "status": "active",
        "experimental": False,
        "description": "The edits that $validate runs; each code is the id of one edit.",
        "caseSensitive": True,
        "content": "complete",
        "count": len(concepts),
        "concept": [
            {"code": concept.code, "display": concept.display, "definition": concept.definition} for concept in concepts
        ],
    }
