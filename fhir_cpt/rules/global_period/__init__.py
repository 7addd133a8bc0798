"""The global period of a surgery: what its payment covers on the days after it."""

from __future__ import annotations

from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.global_period import em, procedure

EDITS: tuple[Edit, ...] = (em.EDIT, procedure.EDIT)
"""The edits of the family, in the order of the catalogue."""
