"""Services billed by documented minutes."""

from __future__ import annotations

from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.time import therapy_units

EDITS: tuple[Edit, ...] = (therapy_units.EDIT,)
"""The edits of the family, in the order of the catalogue."""
