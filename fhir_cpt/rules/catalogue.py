"""Every edit there is, in the order in which they run and are listed. An id is never used again."""

from __future__ import annotations

from fhir_cpt.rules import claim, diagnosis, ncci, procedure
from fhir_cpt.rules.edit import Edit

CATALOGUE: tuple[Edit, ...] = (*claim.EDITS, *procedure.EDITS, *ncci.EDITS, *diagnosis.EDITS)

BY_ID = {edit.id: edit for edit in CATALOGUE}
"""Id → edit."""
