"""Evaluation and management: new patients, levels by time and decision making, prolonged service."""

from __future__ import annotations

from fhir_cpt.rules.edit import Edit

EDITS: tuple[Edit, ...] = ()
"""The edits of the family, in the order of the catalogue."""
