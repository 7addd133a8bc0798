"""Every edit there is, in the order in which they run and are listed: ours, then those of other distributions.

An id is never used again.
"""

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
from fhir_cpt.rules.contributed import contributed
from fhir_cpt.rules.edit import Edit

BUILT_IN: tuple[Edit, ...] = (
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
"""The edits of spec/claim-edits, which CATALOGUE.md lists."""

CONTRIBUTED: tuple[Edit, ...] = contributed({edit.id for edit in BUILT_IN})
"""The edits of other distributions."""

CATALOGUE: tuple[Edit, ...] = (*BUILT_IN, *CONTRIBUTED)

BY_ID = {edit.id: edit for edit in CATALOGUE}
"""Id → edit."""
