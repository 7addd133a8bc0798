"""What an 837's front end would send back: lines, days, units, charges, identifiers."""

from __future__ import annotations

from fhir_cpt.rules.claim import (
    charge_invalid,
    date_invalid,
    date_missing,
    diagnosis_limit,
    duplicate,
    line_limit,
    no_lines,
    place_of_service,
    provider_npi,
    total_mismatch,
    units_invalid,
)
from fhir_cpt.rules.edit import Edit

EDITS: tuple[Edit, ...] = (
    no_lines.EDIT,
    line_limit.EDIT,
    diagnosis_limit.EDIT,
    total_mismatch.EDIT,
    provider_npi.EDIT,
    date_missing.EDIT,
    date_invalid.EDIT,
    units_invalid.EDIT,
    charge_invalid.EDIT,
    place_of_service.EDIT,
    duplicate.EDIT,
)
