"""Every edit there is, in the order in which they run and are listed. An id is never used again."""

from __future__ import annotations

from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.ncci import ptp

CATALOGUE: tuple[Edit, ...] = (ptp.EDIT,)

BY_ID = {edit.id: edit for edit in CATALOGUE}
