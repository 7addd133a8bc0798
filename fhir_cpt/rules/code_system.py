"""The edits as a code system: each id is a code, its title the display, its citation the definition."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import metadata

from fhir_cpt.rules.catalogue import BUILT_IN
from fhir_cpt.rules.edit import Edit
from terminology.memory import MemoryCodeSystem
from terminology.model import CANONICAL, Concept, Property

CLAIM_EDIT = f"{CANONICAL}CodeSystem/claim-edit"


def claim_edits(further: Sequence[Edit] = ()) -> MemoryCodeSystem:
    """Our edits, and further ones: those of other distributions, and the rules of packs.

    Two servers with other further ones have other versions. A hyphen joins their digest to the version: a plus
    sign would be a blank in a query.
    """
    version = metadata.version("fhir-cpt")
    if further:
        told = "\n".join(f"{edit.id}|{edit.title}|{edit.citation}" for edit in further)
        version += f"-{hashlib.sha256(told.encode()).hexdigest()[:8]}"
    concepts = [
        Concept(edit.id, edit.title, definition=edit.citation, properties=(Property("family", edit.family, "code"),))
        for edit in (*BUILT_IN, *further)
    ]
    return MemoryCodeSystem(CLAIM_EDIT, concepts, version=version, title="Claim edits")
