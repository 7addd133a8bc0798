"""Inputs that several operations share: a coding in any of its forms, the code system or value set of an instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fhir_cpt.errors import RequestError
from fhir_cpt.operations import tx
from fhir_cpt.operations.call import Call
from fhir_cpt.wire.arguments import is_code, is_uri
from fhir_cpt.wire.claim_edits import ID as CLAIM_EDITS
from terminology.model import Coding
from terminology.queries.directory import DayDirectory
from terminology.release.concepts import CompiledCodeSystem
from terminology.systems import PREFERRED
from terminology.valueset import ValueSet

NOTHING_TO_CHECK = (
    "Unable to find code to validate "
    "(looked for coding | codeableConcept | code+system | code+inferSystem in parameters"
)
"""HL7's text, without the closing bracket as HL7 has it."""


def given_coding(call: Call) -> tuple[Coding, str | None]:
    """The coding that is asked about, and the version: from `coding`, or from `code`, `system`, `version`, `display`.

    The system is empty where none is given. Raises RequestError where both forms or neither is given.
    """
    arguments = call.arguments
    value = arguments.object("coding")
    if value is None:
        code = arguments.text("code")
        if code is None:
            raise RequestError(400, "invalid", NOTHING_TO_CHECK, "code")
        coding = Coding(arguments.text("system") or "", code, arguments.text("display"))
        return coding, given_version(call)
    if "code" in arguments:
        raise RequestError(400, "invalid", "Give either code or coding, not both", "coding")
    coding, version = coding_from(value, "coding")
    return coding, version or given_version(call)


def given_version(call: Call) -> str | None:
    """The version of the code system that is asked for. Raises RequestError for one with blanks."""
    name = "version" if "version" in call.arguments else "systemVersion"
    version = call.arguments.text(name)
    if version and not is_uri(version):
        raise RequestError(400, "invalid", f"The parameter {name} must be a version, without blanks", name)
    return version


def coding_from(value: Mapping[str, Any], path: str) -> tuple[Coding, str | None]:
    """A Coding and its version, from FHIR JSON. Raises RequestError that names the element at fault."""
    code, system = value.get("code"), value.get("system") or ""
    display, version = value.get("display"), value.get("version")
    if not isinstance(code, str) or not code:
        raise RequestError(400, "required", f"{path} must have a code", f"{path}.code")
    if not is_code(code):
        raise RequestError(
            400, "invalid", f"{path}.code must have no blanks at its ends, nor two in a row", f"{path}.code"
        )
    for name, text in (("system", system), ("display", display), ("version", version)):
        if text is not None and not isinstance(text, str):
            raise RequestError(400, "structure", f"{path}.{name} must be a text", f"{path}.{name}")
    for name, text in (("system", system), ("version", version or "")):
        if not is_uri(text):
            raise RequestError(400, "invalid", f"{path}.{name} must hold no blanks", f"{path}.{name}")
    return Coding(system, code, display), version


def agreed_system(given: str, other: str, place: str) -> str:
    """The one code system that a coding and the rest of the request name; either may be empty.

    Raises RequestError where they name two, or none.
    """
    if given and other and PREFERRED.get(given, given) != PREFERRED.get(other, other):
        raise RequestError(400, "invalid", f"The code is of {given}, but {other} is asked about", place)
    if not (given or other):
        raise RequestError(400, "required", "The code system is required: system, url, or coding.system", place)
    return given or other


def code_system_of(call: Call) -> tuple[str, str | None]:
    """The URL of the code system that an instance-level call is about, and its version where the id names one.

    The URL is empty at type level. Raises RequestError 404 for an id that is not served.
    """
    if call.instance is None:
        return "", None
    for editions in call.served.release.code_systems.values():
        for held in editions.versions:
            if call.instance == held.table.name:
                return editions.url, None
            if call.instance == code_system_id(held):
                return editions.url, held.version
    if call.instance == CLAIM_EDITS:
        return call.served.claim_edits.url, None
    raise RequestError(404, "not-found", f"There is no CodeSystem {call.instance[:64]!r} here")


def code_system_id(system: CompiledCodeSystem) -> str:
    """The id of the CodeSystem resource of one edition: `hcpcs-2024-10`."""
    return f"{system.table.name}-{system.version}"


def value_set_of(call: Call, directory: DayDirectory) -> ValueSet | None:
    """The value set that is asked about: by instance, by `url`, or sent as `valueSet`. None where none is given.

    Raises RequestError 404 for an id that is not served, ValueSetUnknown for a URL.
    """
    if call.instance is not None:
        found = call.served.value_sets_by_id.get(call.instance)
        if found is None:
            raise RequestError(404, "not-found", f"There is no ValueSet {call.instance[:64]!r} here")
        return found
    given = tx.given_value_set(call)
    if given is not None:
        return given
    url = call.arguments.text("url")
    version = call.arguments.text("valueSetVersion")
    if url is None:
        return None
    return directory.value_set(f"{url}|{version}" if version and "|" not in url else url)
