"""Which code system a code without one is of, in a value set. FHIR: inferSystem of ValueSet/$validate-code."""

from __future__ import annotations

from terminology import messages
from terminology.errors import CodeSystemUnknown, EditionNotLoaded
from terminology.holding import holds
from terminology.imports import check_imports, imported
from terminology.queries.directory import DayDirectory
from terminology.queries.validate import Checked, Request
from terminology.valueset import ValueSet


def infer_system(directory: DayDirectory, code: str, value_set: ValueSet, request: Request) -> str | Checked:
    """The one code system of which the value set holds the code; an outcome that says why it cannot be told.

    Raises what the value set's definition may raise.
    """
    check_imports(value_set, directory)
    directory = directory.requiring(value_set)
    looked: list[str] = []
    found = sorted(_systems(directory, code, value_set, looked))
    if len(found) == 1:
        return found[0]
    name, path = value_set.canonical, request.at("code")
    reason = (
        messages.several_systems(code, name, found, path)
        if found
        else messages.cannot_infer(code, name, sorted(set(looked)), path)
    )
    return Checked(False, (messages.not_in_value_set(f"#{code}", name, path), reason), code)


def _systems(directory: DayDirectory, code: str, value_set: ValueSet, looked: list[str]) -> set[str]:
    """The code systems of which the value set holds the code; `looked` gets all that it draws on."""
    found: set[str] = set()
    for item in value_set.include:
        if item.system is None:
            for reference in item.value_sets:
                found |= _systems(directory, code, imported(value_set, reference, directory), looked)
            continue
        looked.append(item.system)
        try:
            provider = directory.code_system(item.system, directory.rules.wanted(item.system, item.version))
        except (CodeSystemUnknown, EditionNotLoaded):
            continue
        located = provider.locate(code)
        if located is not None and holds(value_set, provider, located, directory):
            found.add(provider.url)
    return found
