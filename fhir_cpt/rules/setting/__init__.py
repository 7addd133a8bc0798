"""Places of service in which a service is given, or paid."""

from __future__ import annotations

from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.setting import place_not_payable, place_procedure

EDITS: tuple[Edit, ...] = (place_procedure.EDIT, place_not_payable.EDIT)
"""The edits of the family, in the order of the catalogue."""
