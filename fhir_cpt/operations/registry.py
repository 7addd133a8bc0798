"""Every operation that the server offers, in an explicit tuple, and how a request finds it."""

from __future__ import annotations

from fhir_cpt.operations import (
    batch_validate,
    expand,
    lookup,
    subsumes,
    translate,
    validate_claim,
    validate_code,
    versions,
)
from fhir_cpt.operations.call import Operation

OPERATIONS: tuple[Operation, ...] = (
    lookup.OPERATION,
    *validate_code.OPERATIONS,
    batch_validate.OPERATION,
    expand.OPERATION,
    subsumes.OPERATION,
    translate.OPERATION,
    versions.OPERATION,
    validate_claim.OPERATION,
)

BY_TYPE: dict[tuple[str, str], Operation] = {
    (kind, f"${operation.name}"): operation
    for operation in OPERATIONS
    for kind in (*operation.types, *(("",) if operation.system else ()))
}
"""Resource type ('' for the server as a whole) and `$name` → operation."""
