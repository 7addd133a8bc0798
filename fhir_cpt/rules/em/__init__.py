"""Evaluation and management: new patients, levels by time and decision making, prolonged service."""

from __future__ import annotations

from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.em import level, multiple, new_patient, prolonged, time

EDITS: tuple[Edit, ...] = (new_patient.EDIT, multiple.EDIT, time.EDIT, level.EDIT, prolonged.EDIT)
"""The edits of the family, in the order of the catalogue."""
