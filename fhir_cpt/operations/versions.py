"""`$versions`: which versions of FHIR this base speaks. FHIR: CapabilityStatement-operation-versions."""

from __future__ import annotations

from fhir_cpt.operations.call import Call, Operation
from fhir_cpt.wire.concepts import parameters
from fhir_cpt.wire.http import FHIR_NUMBERS, Answer


def handle(call: Call) -> Answer:
    """Answer `$versions`: the one version of the base, major and minor."""
    number = FHIR_NUMBERS[call.version].rpartition(".")[0]
    return Answer(parameters({"name": name, "valueCode": number} for name in ("version", "default")))


OPERATION = Operation(
    name="versions",
    title="Versions of FHIR",
    definition="http://hl7.org/fhir/OperationDefinition/CapabilityStatement-versions",
    handle=handle,
    types=(),
    parameters=(),
    system=True,
)
