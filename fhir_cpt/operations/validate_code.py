"""`CodeSystem/$validate-code` and `ValueSet/$validate-code`: whether a code is right, on a day, in a value set."""

from __future__ import annotations

from typing import Any

import msgspec

from fhir_cpt.errors import RequestError
from fhir_cpt.operations.call import Call, Operation
from fhir_cpt.operations.inputs import (
    IGNORED,
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
from terminology.model import Coding
from terminology.queries.directory import DayDirectory
from terminology.queries.validate import Checked, Issue, Request, check, check_all
from terminology.systems import PREFERRED
from terminology.valueset import ValueSet

_CODE = Request()
_CODING = Request(
    code_path="Coding.code", system_path="Coding.system", display_path="Coding.display", version_path="Coding.version"
)


def in_code_system(call: Call) -> Answer:
    """Answer `CodeSystem/$validate-code`. Raises RequestError."""
    own, pinned = code_system_of(call)
    url = call.arguments.text("url") or own
    return _answer(call, call.served.on(call.arguments.day("date", call.today)), url, pinned, None)


def in_value_set(call: Call) -> Answer:
    """Answer `ValueSet/$validate-code`. Raises RequestError, and what a value set's definition may raise."""
    directory = call.served.on(call.arguments.day("date", call.today))
    value_set = value_set_of(call, directory)
    if value_set is None:
        raise RequestError(400, "required", "Name the value set: the parameter url, or an instance", "url")
    if "code" in call.arguments and "system" not in call.arguments:
        return _answer(call, directory, _implied(value_set), None, value_set)
    return _answer(call, directory, "", None, value_set)


def _implied(value_set: ValueSet) -> str:
    """The one code system that all includes draw on. Raises RequestError where there are several."""
    systems = {include.system for include in value_set.include}
    system = systems.pop() if len(systems) == 1 else None
    if system is None:
        raise RequestError(
            400, "required", "The parameter system is required: the value set draws on several", "system"
        )
    return system


def _answer(call: Call, directory: DayDirectory, url: str, pinned: str | None, value_set: ValueSet | None) -> Answer:
    lenient = call.arguments.flag("lenient-display-validation")
    concept = call.arguments.object("codeableConcept")
    if concept is not None:
        for name in ("code", "coding"):
            if name in call.arguments:
                raise RequestError(400, "invalid", f"Give either {name} or codeableConcept, not both", name)
        version = given_version(call) or pinned
        return _wire(call, _concept(directory, concept, url, version, value_set, lenient), _echoed(concept))
    coding, version = given_coding(call)
    form = _CODING if "coding" in call.arguments else _CODE
    if lenient:
        form = msgspec.structs.replace(form, lenient_display=True)
    system = agreed_system(coding.system, url, form.system_path)
    checked = check(directory, Coding(system, coding.code, coding.display), version or pinned, value_set, form)
    return _wire(call, checked)


def _concept(
    directory: DayDirectory, concept: Any, url: str, own: str | None, value_set: ValueSet | None, lenient: bool
) -> Checked:
    """Check the codings of a concept; `own` is the version asked for of the code system at `url`."""
    items = concept.get("coding")
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise RequestError(400, "required", "codeableConcept must have at least one coding", "codeableConcept.coding")
    codings, versions, forms = [], [], []
    for at, item in enumerate(items):
        path = f"CodeableConcept.coding[{at}]"
        coding, version = coding_from(item, path)
        system = coding.system or url
        if not system:
            raise RequestError(400, "required", f"{path} must have a system", f"{path}.system")
        codings.append(Coding(system, coding.code, coding.display))
        versions.append(version)
        forms.append(Request(lenient, f"{path}.code", f"{path}.system", f"{path}.display", f"{path}.version"))
    systems = [PREFERRED.get(coding.system, coding.system) for coding in codings]
    wanted = PREFERRED.get(url, url) or (systems[0] if len(set(systems)) == 1 else "")
    versions = [
        version or (own if system == wanted else None) for version, system in zip(versions, systems, strict=True)
    ]
    checked = check_all(directory, codings, value_set, forms, versions)
    if not url or wanted in systems:
        return checked
    issue = Issue("error", "code-invalid", "invalid-code", f"No coding of the concept is of {url}", "codeableConcept")
    return msgspec.structs.replace(checked, result=False, issues=(issue, *checked.issues))


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
    return Answer(validate_answer(checked, licence, concept))


_SHARED = (
    Parameter("code", "code", "the code to check"),
    Parameter("display", "string", "the display that goes with the code; it must be one of the code's texts"),
    Parameter("coding", "Coding", "code and system together"),
    Parameter("codeableConcept", "CodeableConcept", "several codings for one thing"),
    Parameter("date", "date", "the day on which the code should be right; today where none is given"),
    Parameter("displayLanguage", "code", "the language of the display; texts here are in English"),
    Parameter("abstract", "boolean", "whether codes that only group others count as right", ignored=True),
    Parameter("lenient-display-validation", "boolean", "whether a wrong display is a warning only"),
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
            Parameter("version", "string", "the edition of the code system; without it, the one of the date"),
            *_SHARED,
            *IGNORED,
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
            Parameter("valueSetVersion", "string", "the version of the value set", ignored=True),
            Parameter("system", "uri", "the code system of the code"),
            Parameter("systemVersion", "string", "the edition of the code system; without it, the one of the date"),
            *_SHARED,
            *IGNORED,
        ),
        instance=True,
    ),
)
