"""`ValueSet/$expand`: the codes of a value set, a page at a time, or those that a typed text may mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fhir_cpt.errors import RequestError
from fhir_cpt.operations import tx
from fhir_cpt.operations.call import Call, Operation
from fhir_cpt.operations.inputs import value_set_of
from fhir_cpt.wire.arguments import Parameter
from fhir_cpt.wire.expansion import Shape, expansion_json
from fhir_cpt.wire.http import Answer
from fhir_cpt.wire.outcome import plain
from terminology.languages import Languages
from terminology.period import show
from terminology.queries.expand import Expansion, Wanted, expand


def handle(call: Call) -> Answer:
    """Answer `$expand`. Raises RequestError, and what `terminology.queries.expand` raises."""
    arguments = call.arguments
    directory = tx.directory(call)
    value_set = value_set_of(call, directory)
    if value_set is None:
        raise RequestError(400, "required", "Name the value set: the parameter url, or an instance", "url")
    languages = tx.languages(call, value_set)
    wanted = Wanted(
        arguments.text("filter"),
        arguments.number("offset"),
        arguments.number("count"),
        arguments.flag("activeOnly"),
        not arguments.flag("excludeNested"),
        call.most,
        languages,
    )
    found = expand(directory, value_set, wanted)
    properties = arguments.all("property")
    shape = Shape(
        call.version, languages, arguments.flag("includeDesignations"), arguments.all("designation"), properties
    )
    asked = list(_asked(call, found, languages))
    offset = (wanted.offset or 0) if wanted.count is not None or wanted.offset is not None else None
    header = call.brought.header(value_set, definition=arguments.flag("includeDefinition"))
    return Answer(expansion_json(header, value_set, found, asked, shape, offset))


def _asked(call: Call, found: Expansion, languages: Languages | None) -> Iterator[dict[str, Any]]:
    """The parameters of the request that shaped the expansion."""
    arguments = call.arguments
    dated = any(edition.table for _, edition, _ in found.editions)
    if dated or "date" in arguments:
        yield {"name": "date", "valueDateTime": show(arguments.day("date", call.today))}
    if (text := arguments.text("filter")) is not None:
        yield {"name": "filter", "valueString": plain(text)}
    for name in ("count", "offset"):
        if (number := arguments.number(name)) is not None:
            yield {"name": name, "valueInteger": number}
    for name in ("activeOnly", "excludeNested", "includeDesignations", "includeDefinition"):
        if name in arguments:
            yield {"name": name, "valueBoolean": arguments.flag(name)}
    if languages is not None:
        yield {"name": "displayLanguage", "valueCode": languages.echo}
    for item in arguments.all("designation"):
        yield {"name": "designation", "valueString": item}


OPERATION = Operation(
    name="expand",
    title="Value set expansion",
    definition="http://hl7.org/fhir/OperationDefinition/ValueSet-expand",
    handle=handle,
    types=("ValueSet",),
    parameters=(
        Parameter("url", "uri", "the value set"),
        Parameter("valueSet", "Resource", "the value set itself"),
        Parameter("valueSetVersion", "string", "the version of the value set"),
        Parameter("filter", "string", "text that a person typed: the start of a code, or starts of words"),
        Parameter("date", "date", "the day on which the codes should be right; today where none is given"),
        Parameter("offset", "integer", "how many concepts to pass over"),
        Parameter("count", "integer", "how many concepts to return at most"),
        Parameter("activeOnly", "boolean", "whether to leave out codes that are not in force on the day"),
        Parameter("includeDesignations", "boolean", "whether to return all texts of each concept"),
        Parameter("designation", "string", "a use or language (system|code) of the texts to return", most=None),
        Parameter("includeDefinition", "boolean", "whether to return the definition of the value set too"),
        Parameter("property", "string", "a property to return with each concept", most=None),
        Parameter("excludeNested", "boolean", "whether to list all concepts side by side, none below its parent"),
        Parameter("displayLanguage", "string", "the language of the displays, as in the header Accept-Language"),
        *tx.CONTEXT,
    ),
    instance=True,
    costly=True,
    returns="ValueSet",
)
