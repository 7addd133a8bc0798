"""`CodeSystem/$validate-code` and `ValueSet/$validate-code`: whether a code is right, on a day, in a value set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from fhir_cpt.errors import RequestError
from fhir_cpt.operations import tx
from fhir_cpt.operations.call import Call, Operation
from fhir_cpt.operations.inputs import (
    NOTHING_TO_CHECK,
    agreed_system,
    code_system_of,
    coding_from,
    given_coding,
    given_version,
    value_set_of,
)
from fhir_cpt.wire.arguments import Parameter
from fhir_cpt.wire.concepts import validate_answer
from fhir_cpt.wire.http import Answer
from fhir_cpt.wire.outcome import plain
from terminology.issues import Issue
from terminology.model import Coding
from terminology.queries.codings import check_concept_members, merged
from terminology.queries.directory import DayDirectory
from terminology.queries.infer import infer_system
from terminology.queries.membership import check_member
from terminology.queries.validate import PLAIN, Checked, Request, check
from terminology.systems import PREFERRED
from terminology.valueset import ValueSet

_CODING = Request("Coding")
_CODES = ("code", "coding", "codeableConcept")
_HOW = frozenset(
    {"lenient-display-validation", "abstract", "activeOnly", "valueset-membership-only", "displayLanguage"}
)


def in_code_system(call: Call) -> Answer:
    """Answer `CodeSystem/$validate-code`. Raises RequestError."""
    own, pinned = code_system_of(call)
    directory = tx.directory(call)
    url = call.arguments.text("url") or call.arguments.text("system") or own
    if not url and "codeSystem" in call.arguments:
        url = str(call.arguments.all("codeSystem")[0].get("url") or "")
    if "|" in url:
        url, _, pinned = url.partition("|")
    concept = call.arguments.object("codeableConcept")
    if concept is not None:
        return _concept_in_system(call, directory, concept, url, pinned)
    coding, version = given_coding(call)
    request = _request(call, _CODING if "coding" in call.arguments else PLAIN)
    system = agreed_system(coding.system, url, request.at("system"))
    if system != coding.system:
        coding = Coding(system, coding.code, coding.display)
    return _wire(call, check(directory, coding, version or pinned, request))


def in_value_set(call: Call) -> Answer:
    """Answer `ValueSet/$validate-code`. Raises RequestError, and what a value set's definition may raise."""
    directory = tx.directory(call)
    if not call.arguments.has_any(_CODES):
        raise RequestError(400, "invalid", NOTHING_TO_CHECK)
    value_set = value_set_of(call, directory)
    if value_set is None:
        raise RequestError(400, "required", "Name the value set: the parameter url, or an instance", "url")
    concept = call.arguments.object("codeableConcept")
    if concept is not None:
        request = _request(call, PLAIN, value_set)
        codings, versions = _codings(call, concept, "")
        checked = check_concept_members(directory, codings, versions, value_set, request)
        return _wire(call, checked, _echoed(concept))
    coding, version = given_coding(call)
    request = _request(call, _CODING if "coding" in call.arguments else PLAIN, value_set)
    if "code" in call.arguments and "system" not in call.arguments:
        inferred = (
            infer_system(directory, coding.code, value_set, request)
            if call.arguments.flag("inferSystem")
            else _implied(value_set)
        )
        if isinstance(inferred, Checked):
            return _wire(call, inferred)
        coding = Coding(inferred, coding.code, coding.display)
    return _wire(call, check_member(directory, coding, version, value_set, request))


def _implied(value_set: ValueSet) -> str:
    """The one code system that all includes draw on. Raises RequestError where there are several."""
    systems = {include.system for include in value_set.include}
    system = systems.pop() if len(systems) == 1 else None
    if system is None:
        raise RequestError(
            400, "required", "The parameter system is required: the value set draws on several", "system"
        )
    return system


def _request(call: Call, form: Request, value_set: ValueSet | None = None) -> Request:
    """How to check, by the request's parameters and the languages that it asks for."""
    arguments = call.arguments
    as_usual = not arguments.has_any(_HOW)
    if as_usual and call.language is None and (value_set is None or not tx.has_language(value_set)):
        return form
    languages = tx.languages(call, value_set)
    if as_usual and languages is None:
        return form
    return msgspec.structs.replace(
        form,
        lenient_display=arguments.flag("lenient-display-validation"),
        languages=languages,
        abstract=arguments.flag("abstract") if "abstract" in arguments else None,
        active_only=arguments.flag("activeOnly"),
        membership_only=arguments.flag("valueset-membership-only"),
    )


def _codings(call: Call, concept: Any, url: str) -> tuple[list[Coding], list[str | None]]:
    """The codings of a concept and their versions. Raises RequestError that names the element at fault."""
    for name in ("code", "coding"):
        if name in call.arguments:
            raise RequestError(400, "invalid", f"Give either {name} or codeableConcept, not both", name)
    items = concept.get("coding")
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise RequestError(400, "required", "codeableConcept must have at least one coding", "codeableConcept.coding")
    codings, versions = [], []
    for at, item in enumerate(items):
        path = f"CodeableConcept.coding[{at}]"
        coding, version = coding_from(item, path)
        codings.append(Coding(coding.system or url, coding.code, coding.display))
        versions.append(version)
    return codings, versions


def _concept_in_system(call: Call, directory: DayDirectory, concept: Any, url: str, pinned: str | None) -> Answer:
    """Check the codings of a concept: right where every coding is right in its system."""
    codings, versions = _codings(call, concept, url)
    for at, coding in enumerate(codings):
        if not coding.system:
            path = f"CodeableConcept.coding[{at}]"
            raise RequestError(400, "required", f"{path} must have a system", f"{path}.system")
    systems = [PREFERRED.get(coding.system, coding.system) for coding in codings]
    wanted = PREFERRED.get(url, url) or (systems[0] if len(set(systems)) == 1 else "")
    own = given_version(call) or pinned
    request = _request(call, PLAIN)
    results = [
        check(
            directory,
            coding,
            version or (own if system == wanted else None),
            msgspec.structs.replace(request, root=f"CodeableConcept.coding[{at}]", of_many=True),
        )
        for at, (coding, version, system) in enumerate(zip(codings, versions, systems, strict=True))
    ]
    return _wire(call, _together(results, url, wanted in systems), _echoed(concept))


def _together(results: Sequence[Checked], url: str, asked: bool) -> Checked:
    """The outcome for a concept: `asked` tells whether a coding is of the code system that is asked about."""
    issues = [issue for result in results for issue in result.issues]
    if url and not asked:
        text = f"No coding of the concept is of {url}"
        issues.insert(0, Issue("error", "code-invalid", "invalid-code", text, "codeableConcept"))
    return merged(results, issues, next((result for result in results if result.result), results[0]))


def _echoed(concept: Any) -> dict[str, Any]:
    """The codeableConcept as it was understood: what else the client may have put into it is not sent back."""
    parts = ("system", "version", "code", "display")
    codings = [
        {part: plain(item[part]) for part in parts if (item.get(part) or "").strip()} for item in concept["coding"]
    ]
    text = concept.get("text")
    return {"coding": codings, **({"text": plain(text)} if isinstance(text, str) and text.strip() else {})}


def _wire(call: Call, checked: Checked, concept: dict[str, Any] | None = None) -> Answer:
    licence = call.served.release.licence(checked.system) if checked.system else None
    if concept is not None and not checked.member and call.resource_type == "ValueSet":
        checked = msgspec.structs.replace(checked, code=None, system=None, version=None, display=None)
    return Answer(validate_answer(checked, licence, concept))


_SHARED = (
    Parameter("code", "code", "the code to check"),
    Parameter("display", "string", "the display that goes with the code; it must be one of the code's texts"),
    Parameter("coding", "Coding", "code and system together"),
    Parameter("codeableConcept", "CodeableConcept", "several codings for one thing"),
    Parameter("date", "date", "the day on which the code should be right; today where none is given"),
    Parameter("displayLanguage", "string", "the language of the display, as in the header Accept-Language"),
    Parameter("abstract", "boolean", "whether codes that only group others count as right; they do unless it is false"),
    Parameter("activeOnly", "boolean", "whether codes that are inactive count as wrong"),
    Parameter("lenient-display-validation", "boolean", "whether a wrong display is a warning only"),
    Parameter("valueset-membership-only", "boolean", "whether to check nothing but that the code is in the value set"),
)

OPERATIONS = (
    Operation(
        name="validate-code",
        title="Code system based validation",
        definition="http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code",
        handle=in_code_system,
        types=("CodeSystem",),
        parameters=(
            Parameter("url", "uri", "the code system"),
            Parameter("system", "uri", "another name for url, as lookup has it"),
            Parameter("codeSystem", "Resource", "the code system itself"),
            Parameter("version", "string", "the edition of the code system; without it, the one of the date"),
            *_SHARED,
            *tx.CONTEXT,
        ),
        instance=True,
    ),
    Operation(
        name="validate-code",
        title="Value set based validation",
        definition="http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code",
        handle=in_value_set,
        types=("ValueSet",),
        parameters=(
            Parameter("url", "uri", "the value set"),
            Parameter("valueSet", "Resource", "the value set itself"),
            Parameter("valueSetVersion", "string", "the version of the value set"),
            Parameter("system", "uri", "the code system of the code"),
            Parameter("systemVersion", "string", "the edition of the code system; without it, the one of the date"),
            Parameter("inferSystem", "boolean", "whether to find the code system of a code without one"),
            *_SHARED,
            *tx.CONTEXT,
        ),
        instance=True,
    ),
)
