"""Prior authorisations: asked for by a payer's pack, or referred to by the claim."""

from __future__ import annotations

from fhir_cpt.rules.authorization import mismatch, missing
from fhir_cpt.rules.edit import Edit

EDITS: tuple[Edit, ...] = (missing.EDIT, mismatch.EDIT)
"""The edits of the family, in the order of the catalogue."""
