"""`ValueSet/$batch-validate-code`: several validations in one request, with the same resources.

Source: the operation as HL7's validator calls it (tx-ecosystem, suite batch).
"""

from __future__ import annotations

from typing import Any

from fhir_cpt.errors import RequestError, described
from fhir_cpt.operations import tx, validate_code
from fhir_cpt.operations.call import Call, Operation
from fhir_cpt.operations.inputs import NOTHING_TO_CHECK
from fhir_cpt.wire.arguments import Arguments, Parameter, from_parameters
from fhir_cpt.wire.brought import NOTHING
from fhir_cpt.wire.concepts import parameters
from fhir_cpt.wire.http import Answer

MOST = 1000
"""Validations in one request."""
_OPERATION = next(one for one in validate_code.OPERATIONS if "ValueSet" in one.types)
_CODES = ("code", "coding", "codeableConcept")


def handle(call: Call) -> Answer:
    """Answer each validation by itself: Parameters, or the OperationOutcome that says why it cannot be answered."""
    items = call.arguments.all("validation")
    if len(items) > MOST:
        raise RequestError(413, "too-costly", f"A batch may hold {MOST} validations, not {len(items)}", "validation")
    call.brought = tx.brought(call)
    return Answer(parameters({"name": "validation", "resource": _one(call, item)} for item in items))


def _one(call: Call, item: Any) -> Any:
    try:
        if item.get("resourceType") != "Parameters":
            raise RequestError(400, "structure", "A validation must be a Parameters resource", "validation")
        if not any(isinstance(one, dict) and one.get("name") in _CODES for one in item.get("parameter") or ()):
            raise RequestError(400, "invalid", NOTHING_TO_CHECK)
        own = from_parameters(item, _OPERATION.known)
        values = {**call.arguments.but("validation"), **own.but()}
        if "tx-resource" in own:
            values["tx-resource"] = [*call.arguments.all("tx-resource"), *own.all("tx-resource")]
        single = Call(
            call.served,
            call.version,
            Arguments(values),
            call.today,
            "ValueSet",
            language=call.language,
            most=call.most,
            sessions=call.sessions,
            brought=NOTHING if own.has_any(("tx-resource", "cache-id")) else call.brought,
        )
        return validate_code.in_value_set(single).resource
    except Exception as failure:
        known = described(failure)
        if known is None:
            raise
        return known[1]


OPERATION = Operation(
    name="batch-validate-code",
    title="Several value set based validations",
    definition="http://hl7.org/fhir/tools/OperationDefinition/ValueSet-batch-validate-code",
    handle=handle,
    types=("ValueSet",),
    parameters=(
        Parameter("validation", "Resource", "the Parameters of one $validate-code", least=1, most=None),
        *_OPERATION.parameters,
    ),
)
