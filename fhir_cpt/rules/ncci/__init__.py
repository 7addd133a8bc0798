"""CMS's National Correct Coding Initiative: procedure pairs, units of service, add-on codes."""

from __future__ import annotations

from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.ncci import add_on, mue_date, mue_line, ptp

EDITS: tuple[Edit, ...] = (ptp.EDIT, mue_line.EDIT, mue_date.EDIT, add_on.EDIT)
"""The edits of the family, in the order of the catalogue."""
