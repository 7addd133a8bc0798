"""`CodeSystem/$subsumes`: how two codes of one system stand to each other."""

from __future__ import annotations

from fhir_cpt.errors import RequestError
from fhir_cpt.operations import tx
from fhir_cpt.operations.call import Call, Operation
from fhir_cpt.operations.inputs import code_system_of, coding_from
from fhir_cpt.wire.arguments import Parameter
from fhir_cpt.wire.concepts import parameters
from fhir_cpt.wire.http import Answer
from terminology.queries.subsume import subsumes
from terminology.systems import PREFERRED


def handle(call: Call) -> Answer:
    """Answer `$subsumes`. Raises RequestError, and what `terminology.queries.subsume` raises."""
    arguments = call.arguments
    own, pinned = code_system_of(call)
    codes, systems = [], {arguments.text("system") or own} - {""}
    for name in ("A", "B"):
        coding = arguments.object(f"coding{name}")
        if coding is None:
            codes.append(arguments.required(f"code{name}"))
            continue
        given, _ = coding_from(coding, f"coding{name}")
        codes.append(given.code)
        systems.update({given.system} - {""})
    systems = {PREFERRED.get(system, system) for system in systems}
    if not systems:
        raise RequestError(400, "required", "The parameter system is required", "system")
    if len(systems) > 1:
        raise RequestError(
            400, "invalid", f"Both codes must be of one system, not {' and '.join(sorted(systems))}", "system"
        )
    found = subsumes(tx.directory(call), systems.pop(), codes[0], codes[1], arguments.text("version") or pinned)
    return Answer(parameters([{"name": "outcome", "valueCode": found}]))


OPERATION = Operation(
    name="subsumes",
    title="Subsumption testing",
    definition="http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes",
    handle=handle,
    types=("CodeSystem",),
    parameters=(
        Parameter("codeA", "code", "the first code"),
        Parameter("codeB", "code", "the second code"),
        Parameter("system", "uri", "the code system of both"),
        Parameter("version", "string", "the edition of the code system; without it, the one of the date"),
        Parameter("date", "date", "the day for which the answer should hold; today where none is given"),
        Parameter("codingA", "Coding", "the first code with its system"),
        Parameter("codingB", "Coding", "the second code with its system"),
        *tx.CONTEXT,
    ),
    instance=True,
)
