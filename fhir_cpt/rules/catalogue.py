"""Every edit there is, in the order in which they run and are listed. An id is never used again."""

from __future__ import annotations

from fhir_cpt.rules import (
    authorization,
    claim,
    diagnosis,
    em,
    global_period,
    modifier,
    ncci,
    procedure,
    remote,
    setting,
    time,
)
from fhir_cpt.rules.edit import Edit

CATALOGUE: tuple[Edit, ...] = (
    *claim.EDITS,
    *procedure.EDITS,
    *ncci.EDITS,
    *modifier.EDITS,
    *diagnosis.EDITS,
    *em.EDITS,
    *time.EDITS,
    *remote.EDITS,
    *setting.EDITS,
    *global_period.EDITS,
    *authorization.EDITS,
)

BY_ID = {edit.id: edit for edit in CATALOGUE}
"""Id → edit."""
