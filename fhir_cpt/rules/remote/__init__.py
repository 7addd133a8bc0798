"""Care at a distance: remote monitoring and telehealth."""

from __future__ import annotations

from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.remote import days, frequency, minutes, place

EDITS: tuple[Edit, ...] = (days.EDIT, minutes.EDIT, frequency.EDIT, place.EDIT)
"""The edits of the family, in the order of the catalogue."""
