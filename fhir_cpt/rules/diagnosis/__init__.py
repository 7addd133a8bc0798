"""The diagnoses: known, in force, billable, pointed to, fitting one another."""

from __future__ import annotations

from fhir_cpt.rules.diagnosis import (
    age,
    duplicate,
    excludes1,
    medical_necessity,
    missing,
    not_billable,
    not_in_force,
    pointer,
    primary,
    sex,
    unknown,
)
from fhir_cpt.rules.edit import Edit

EDITS: tuple[Edit, ...] = (
    missing.EDIT,
    pointer.EDIT,
    unknown.EDIT,
    not_in_force.EDIT,
    not_billable.EDIT,
    primary.EDIT,
    age.EDIT,
    sex.EDIT,
    excludes1.EDIT,
    duplicate.EDIT,
    medical_necessity.EDIT,
)
