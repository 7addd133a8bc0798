"""The messages of HL7's terminology ecosystem, each with its id: clients and the ecosystem's test cases compare them.

Source: the ids and texts of the answers in the tx-ecosystem test cases (HL7, CC0).
"""

from __future__ import annotations

from collections.abc import Sequence

from terminology.issues import Issue, Severity

NOT_IN_VALUE_SET = "None_of_the_provided_codes_are_in_the_value_set_one"


def canonical(url: str, version: str | None) -> str:
    """A canonical with its version, where there is one."""
    return f"{url}|{version}" if version else url


def unknown_system(system: str, path: str) -> Issue:
    """The code system is not held at all."""
    text = f"A definition for CodeSystem '{system}' could not be found, so the code cannot be validated"
    return Issue("error", "not-found", "not-found", text, path, "UNKNOWN_CODESYSTEM")


def unknown_version(system: str, version: str, held: Sequence[str], path: str) -> Issue:
    """The code system is not held in that version."""
    text = f"A definition for CodeSystem '{system}' version '{version}' could not be found, "
    text += "so the code cannot be validated"
    if not held:
        text += ". No versions of this code system are known"
        return Issue("error", "not-found", "not-found", text, path, "UNKNOWN_CODESYSTEM_VERSION_NONE")
    text += f". Valid versions: {' or '.join(held)}"
    return Issue("error", "not-found", "not-found", text, path, "UNKNOWN_CODESYSTEM_VERSION")


def cannot_expand(system: str, version: str | None, held: Sequence[str]) -> Issue:
    """A value set draws on a code system that is not held, or not in that version."""
    if not version:
        text = f"A definition for CodeSystem '{system}' could not be found, so the value set cannot be expanded"
        return Issue("error", "not-found", "not-found", text, "", "UNKNOWN_CODESYSTEM_EXP")
    text = f"A definition for CodeSystem '{system}' version '{version}' could not be found, "
    text += "so the value set cannot be expanded"
    if not held:
        text += ". No versions of this code system are known"
        return Issue("error", "not-found", "not-found", text, "", "UNKNOWN_CODESYSTEM_VERSION_EXP_NONE")
    text += f". Valid versions: {' or '.join(held)}"
    return Issue("error", "not-found", "not-found", text, "", "UNKNOWN_CODESYSTEM_VERSION_EXP")


def circular(url: str, path: Sequence[str]) -> Issue:
    """A value set imports itself, through the others of the path."""
    text = f"Found a circularity pointing to {url} processing ValueSet with pathway [{', '.join(path)}]"
    return Issue("error", "processing", "vs-invalid", text, "", "VALUESET_CIRCULAR_REFERENCE")


def too_costly(value_set: str, most: int) -> Issue:
    """An expansion is larger than the server gives at once."""
    text = f"The value set '{value_set}' expansion has too many codes to produce (>{most})"
    return Issue("error", "too-costly", "", text, "", "VALUESET_TOO_COSTLY")


def unknown_import(url: str, version: str) -> Issue:
    """A value set that is drawn on is not held, or not in that version."""
    text = f"Unable to find included value set '{url}'"
    if version:
        text += f" version '{version}'"
        return Issue("error", "not-found", "not-found", text, "", "VS_EXP_IMPORT_UNK_PINNED")
    return Issue("error", "not-found", "not-found", text, "", "VS_EXP_IMPORT_UNK")


def supplement_missing(canonicals: Sequence[str]) -> Issue:
    """A supplement that the value set or the client requires is not held."""
    text = f"Required supplement not found: {', '.join(canonicals)}"
    return Issue("error", "not-found", "not-found", text, "", "VALUESET_SUPPLEMENT_MISSING")


def supplement_as_system(system: str, path: str) -> Issue:
    """A Coding names a supplement as its system."""
    text = f"CodeSystem {system} is a supplement, so can't be used as a value in Coding.system"
    return Issue("error", "invalid", "invalid-data", text, path, "CODESYSTEM_CS_NO_SUPPLEMENT")


def filter_without_value(system: str, prop: str, op: str, path: str) -> Issue:
    """A compose filter has no value."""
    text = f"The system {system} filter with property = {prop}, op = {op} has no value"
    return Issue("error", "invalid", "vs-invalid", text, path, "UNABLE_TO_HANDLE_SYSTEM_FILTER_WITH_NO_VALUE")


def language_invalid(text: str) -> Issue:
    """The display language is no list of language tags."""
    return Issue(
        "error", "processing", "invalid-display", f"Invalid displayLanguage: '{text}'", "", "INVALID_DISPLAY_NAME"
    )


def not_in_value_set(code: str, value_set: str, path: str, *, of_many: bool = False) -> Issue:
    """The code is not in the value set; one of several codings of a concept may be in it (`of_many`)."""
    text = f"The provided code '{code}' was not found in the value set '{value_set}'"
    if of_many:
        return Issue("information", "code-invalid", "this-code-not-in-vs", text, path, NOT_IN_VALUE_SET, told=False)
    return Issue("error", "code-invalid", "not-in-vs", text, path, NOT_IN_VALUE_SET)


def no_valid_coding(value_set: str) -> Issue:
    """No coding of the concept is in the value set."""
    text = f"No valid coding was found for the value set '{value_set}'"
    return Issue("error", "code-invalid", "not-in-vs", text, "", "TX_GENERAL_CC_ERROR_MESSAGE")


def unknown_code(code: str, system: str, version: str, path: str) -> Issue:
    """The code is not in the code system."""
    text = f"Unknown code '{code}' in the CodeSystem '{system}'"
    if version:
        return Issue(
            "error", "code-invalid", "invalid-code", f"{text} version '{version}'", path, "Unknown_Code_in_Version"
        )
    return Issue("error", "code-invalid", "invalid-code", text, path, "Unknown_Code_in")


def unknown_in_fragment(code: str, system: str, version: str, path: str) -> Issue:
    """The code is not in what is held of the code system."""
    text = (
        f"Unknown Code '{code}' in the CodeSystem '{system}' version '{version}' - note that the code system is "
        "labeled as a fragment, so the code may be valid in some other fragment"
    )
    return Issue("warning", "code-invalid", "invalid-code", text, path, "UNKNOWN_CODE_IN_FRAGMENT", told=False)


def case_differs(given: str, code: str, system: str, path: str) -> Issue:
    """The code is written in other letters' case than the code system has it."""
    text = (
        f"The code '{given}' differs from the correct code '{code}' by case. Although the code system '{system}' is "
        "case insensitive, implementers are strongly encouraged to use the correct case anyway"
    )
    return Issue("information", "business-rule", "code-rule", text, path, "CODE_CASE_DIFFERENCE", told=False)


def inactive(code: str, status: str | None, path: str) -> Issue:
    """The concept is no longer active."""
    standing = "inactive" if status in (None, "inactive") else f"{status} and inactive"
    text = f"The concept '{code}' has a status of {standing} and its use should be reviewed"
    return Issue("warning", "business-rule", "code-comment", text, path, "INACTIVE_CONCEPT_FOUND")


def not_active(code: str, path: str) -> Issue:
    """The concept is not active where only active ones are wanted."""
    text = f"The concept '{code}' is valid but is not active"
    return Issue("error", "business-rule", "code-rule", text, path, "STATUS_CODE_WARNING_CODE")


def deprecated(code: str, path: str) -> Issue:
    """The concept is deprecated in its code system."""
    text = f"The concept '{code}' is deprecated and its use should be reviewed"
    return Issue("warning", "business-rule", "code-comment", text, path, "DEPRECATED_CONCEPT_FOUND")


def deprecated_in_value_set(code: str, system: str, value_set: str, path: str) -> Issue:
    """The value set lists the concept as deprecated."""
    text = (
        f"The presence of the concept '{code}' in the system '{system}' in the value set {value_set} is marked with a "
        "status of deprecated and its use should be reviewed"
    )
    return Issue("warning", "business-rule", "code-comment", text, path, "CONCEPT_DEPRECATED_IN_VALUESET", told=False)


def abstract(system: str, code: str, path: str) -> Issue:
    """The concept only groups others."""
    text = f"Code '{system}#{code}' is abstract, and not allowed in this context"
    return Issue("error", "business-rule", "code-rule", text, path, "ABSTRACT_CODE_NOT_ALLOWED")


def wrong_display(
    given: str, code: str, valid: Sequence[str], languages: str, path: str, *, severity: Severity, spaces: bool
) -> Issue:
    """The display is none of the code's; `spaces` where it differs from one by white space alone."""
    several = f"one of {len(valid)} choices: {' or '.join(valid)}"
    shown = valid[0] if len(valid) == 1 else several
    what, name = (
        ("Wrong whitespace in Display Name", "Display_Name_WS_for__")
        if spaces
        else ("Wrong Display Name", "Display_Name_for__")
    )
    text = f"{what} '{given}' for {code}. Valid display is {shown} (for the language(s) '{languages}')"
    return Issue(severity, "invalid", "invalid-display", text, path, f"{name}should_be_one_of__instead_of")


def no_display_in_language(given: str, code: str, languages: str, default: str, path: str, severity: Severity) -> Issue:
    """The display is none of the code's, and the code has none in the languages that are wanted."""
    text = (
        f"Wrong Display Name '{given}' for {code}. There are no valid display names found for language(s) "
        f"'{languages}'. Default display is '{default}'"
    )
    return Issue(severity, "invalid", "invalid-display", text, path, "NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_ERR")


def display_of_default_language(given: str, code: str, languages: str, path: str) -> Issue:
    """The display is right, in another language than those wanted: the code has none in these."""
    text = (
        f"There are no valid display names found for the code {code} for language(s) '{languages}'. The display is "
        f"'{given}' which is a valid display for the default language"
    )
    return Issue("information", "invalid", "invalid-display", text, path, "NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_OK")


def outdated_display(given: str, code: str, valid: Sequence[str], path: str) -> Issue:
    """The display was once right."""
    shown = ", ".join(f'"{text}"' for text in valid)
    text = (
        f"'{given}' is no longer considered a correct display for code '{code}' (status = deprecated). "
        f"The correct display is one of {shown}."
    )
    return Issue("warning", "invalid", "display-comment", text, path, "INACTIVE_DISPLAY_FOUND", told=False)


def system_is_value_set(url: str, path: str) -> Issue:
    """A Coding names a value set as its system."""
    text = f"The Coding references a value set, not a code system ('{url}')"
    return Issue("error", "invalid", "invalid-data", text, path, "Terminology_TX_System_ValueSet2")


def system_relative(path: str) -> Issue:
    """A Coding's system is no absolute URI."""
    text = "Coding.system must be an absolute reference, not a local reference"
    return Issue("error", "invalid", "invalid-data", text, path, "Terminology_TX_System_Relative")


def no_system(path: str) -> Issue:
    """A Coding has no system."""
    text = (
        "Coding has no system. A code with no system has no defined meaning, and it cannot be validated. "
        "A system should be provided"
    )
    return Issue("warning", "invalid", "invalid-data", text, path, "Coding_has_no_system__cannot_validate")


def cannot_infer(code: str, value_set: str, systems: Sequence[str], path: str) -> Issue:
    """No code system of the value set has the code, so its system cannot be told."""
    text = f"The System URI could not be determined for the code '{code}' in the ValueSet '{value_set}'"
    if systems:
        text += f": it is in none of [{', '.join(systems)}]"
    return Issue("error", "not-found", "cannot-infer", text, path, "UNABLE_TO_INFER_CODESYSTEM")


def several_systems(code: str, value_set: str, systems: Sequence[str], path: str) -> Issue:
    """Several code systems of the value set have the code, so its system cannot be told."""
    text = (
        f"The System URI could not be determined for the code '{code}' in the ValueSet '{value_set}': "
        f"value set expansion has multiple matches: [{', '.join(systems)}]"
    )
    return Issue(
        "error", "not-found", "cannot-infer", text, path, "Unable_to_resolve_system__value_set_has_multiple_matches"
    )


def version_mismatch(system: str, wanted: str | None, included: str | None, used: str, given: str, path: str) -> Issue:
    """The value set draws on another version of the code system than the one that the coding names.

    `included` is the version that the include names, `wanted` the one that the rules of the request make of it,
    `used` the one that answers.
    """
    if not wanted:
        text = (
            f"The code system '{system}' version '{used}' for the versionless include in the ValueSet include is "
            f"different to the one in the value ('{given}')"
        )
        return Issue("warning", "invalid", "vs-invalid", text, path, "VALUESET_VALUE_MISMATCH_DEFAULT", told=False)
    if wanted != included:
        text = (
            f"The code system '{system}' version '{wanted}' resulting from the version '{included or ''}' in the "
            f"ValueSet include is different to the one in the value ('{given}')"
        )
        return Issue("error", "invalid", "vs-invalid", text, path, "VALUESET_VALUE_MISMATCH_CHANGED")
    text = (
        f"The code system '{system}' version '{wanted}' in the ValueSet include is different to the one in the value "
        f"('{given}')"
    )
    return Issue("error", "invalid", "vs-invalid", text, path, "VALUESET_VALUE_MISMATCH")


def version_not_allowed(system: str, version: str, wanted: str, path: str) -> Issue:
    """The version that answers is not the one that a check-system-version parameter demands."""
    text = (
        f"The version '{version}' is not allowed for system '{system}': required to be '{wanted}' by a "
        "version-check parameter"
    )
    return Issue("error", "exception", "version-error", text, path, "VALUESET_VERSION_CHECK")


def standing(kind: str, status: str, reference: str) -> Issue:
    """A code system or value set that is used is not in good standing: withdrawn, deprecated, experimental, draft."""
    text = f"Reference to {status} {kind} {reference}"
    return Issue("information", "business-rule", "status-check", text, "", f"MSG_{status.upper()}", told=False)
