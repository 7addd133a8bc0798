"""Every operation that the server offers, in an explicit tuple, and how a request finds it."""

from __future__ import annotations

from fhir_cpt.operations import expand, lookup, subsumes, validate_claim, validate_code
from fhir_cpt.operations.call import Operation

OPERATIONS: tuple[Operation, ...] = (
    lookup.OPERATION,
    *validate_code.OPERATIONS,
    expand.OPERATION,
    subsumes.OPERATION,
    validate_claim.OPERATION,
)

BY_TYPE: dict[tuple[str, str], Operation] = {
    (kind, f"${operation.name}"): operation for operation in OPERATIONS for kind in operation.types
}
"""Resource type and `$name` → operation."""
