"""`CodeSystem/$lookup`: what is known of a code on a day."""

from __future__ import annotations

from fhir_cpt.operations import tx
from fhir_cpt.operations.call import Call, Operation
from fhir_cpt.operations.inputs import agreed_system, code_system_of, given_coding
from fhir_cpt.wire.arguments import Parameter
from fhir_cpt.wire.concepts import lookup_answer
from fhir_cpt.wire.http import Answer
from terminology.queries.lookup import lookup


def handle(call: Call) -> Answer:
    """Answer a `$lookup`. Raises RequestError, and what `terminology.queries.lookup` raises."""
    arguments = call.arguments
    coding, version = given_coding(call)
    own, pinned = code_system_of(call)
    system = agreed_system(coding.system, own, "system")
    answer = lookup(tx.directory(call), system, coding.code, version or pinned)
    wanted = frozenset(arguments.all("property"))
    licence = call.served.release.licence(answer.resolved.provider.url)
    return Answer(lookup_answer(answer, wanted, licence, tx.languages(call)))


OPERATION = Operation(
    name="lookup",
    title="Concept look-up",
    definition="http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup",
    handle=handle,
    types=("CodeSystem",),
    parameters=(
        Parameter("code", "code", "the code to look up"),
        Parameter("system", "uri", "the code system of the code"),
        Parameter("version", "string", "the edition of the code system; without it, the one of the date"),
        Parameter("coding", "Coding", "code and system together"),
        Parameter("date", "date", "the day for which the answer should hold; today where none is given"),
        Parameter("displayLanguage", "string", "the language of the display, as in the header Accept-Language"),
        Parameter("property", "code", "a property to return; all where none is named", most=None),
        *tx.CONTEXT,
    ),
    instance=True,
)
