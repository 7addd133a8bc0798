"""`ValueSet/$expand`: the codes of a value set, a page at a time, or those that a typed text may mean."""

from __future__ import annotations

from typing import Any

from fhir_cpt.errors import RequestError
from fhir_cpt.operations.call import Call, Operation
from fhir_cpt.operations.inputs import IGNORED, value_set_of
from fhir_cpt.wire.arguments import Parameter
from fhir_cpt.wire.concepts import expansion_json
from fhir_cpt.wire.http import Answer
from fhir_cpt.wire.outcome import plain
from terminology.period import show
from terminology.queries.expand import expand


def handle(call: Call) -> Answer:
    """Answer `$expand`. Raises RequestError, and what `terminology.queries.expand` raises."""
    arguments = call.arguments
    day = arguments.day("date", call.today)
    directory = call.served.on(day)
    value_set = value_set_of(call, directory)
    if value_set is None:
        raise RequestError(400, "required", "Name the value set: the parameter url, or an instance", "url")
    text, offset, count = arguments.text("filter"), arguments.number("offset") or 0, arguments.number("count")
    active = arguments.flag("activeOnly")
    designations = arguments.flag("includeDesignations")
    found = expand(directory, value_set, text=text, offset=offset, count=count, active_only=active)
    asked: list[dict[str, Any]] = [{"name": "date", "valueDateTime": show(day)}]
    if text is not None:
        asked.append({"name": "filter", "valueString": plain(text)})
    if count is not None:
        asked.append({"name": "count", "valueInteger": count})
    if offset:
        asked.append({"name": "offset", "valueInteger": offset})
    if active:
        asked.append({"name": "activeOnly", "valueBoolean": True})
    if designations:
        asked.append({"name": "includeDesignations", "valueBoolean": True})
    return Answer(expansion_json(value_set, found, asked, designations=designations))


OPERATION = Operation(
    name="expand",
    title="Value set expansion",
    definition="http://hl7.org/fhir/OperationDefinition/ValueSet-expand",
    handle=handle,
    types=("ValueSet",),
    parameters=(
        Parameter("url", "uri", "the value set"),
        Parameter("valueSetVersion", "string", "the version of the value set", ignored=True),
        Parameter("filter", "string", "text that a person typed: the start of a code, or starts of words"),
        Parameter("date", "date", "the day on which the codes should be right; today where none is given"),
        Parameter("offset", "integer", "how many concepts to pass over"),
        Parameter("count", "integer", "how many concepts to return at most"),
        Parameter("activeOnly", "boolean", "whether to leave out codes that are not in force on the day"),
        Parameter("includeDesignations", "boolean", "whether to return all texts of each concept"),
        Parameter("includeDefinition", "boolean", "whether to return the definition too", ignored=True),
        Parameter("excludeNested", "boolean", "expansions here are flat in any case", ignored=True),
        Parameter("displayLanguage", "code", "the language of the display; texts here are in English", ignored=True),
        *IGNORED,
    ),
    instance=True,
    costly=True,
)
