"""Modifiers: known, in force, fitting the code, one another and the diagnosis."""

from __future__ import annotations

from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier import telehealth

EDITS: tuple[Edit, ...] = (telehealth.EDIT,)
"""The edits of the family, in the order of the catalogue."""
