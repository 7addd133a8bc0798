"""The procedure code itself: known, in force, in the right system, payable."""

from __future__ import annotations

from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.procedure import (
    bundled,
    display_mismatch,
    injection_not_separate,
    missing,
    not_covered,
    not_in_force,
    not_valid_for_payer,
    restricted,
    tracking_only,
    unknown,
    wrong_system,
)

EDITS: tuple[Edit, ...] = (
    missing.EDIT,
    unknown.EDIT,
    not_in_force.EDIT,
    wrong_system.EDIT,
    display_mismatch.EDIT,
    tracking_only.EDIT,
    bundled.EDIT,
    not_valid_for_payer.EDIT,
    not_covered.EDIT,
    injection_not_separate.EDIT,
    restricted.EDIT,
)
"""The edits of the family, in the order of the catalogue."""
