"""Value sets that draw on others: finding them, and noticing circles."""

from __future__ import annotations

from typing import Protocol

from terminology import messages
from terminology.errors import ExpansionTooCostly, ImportsCircular
from terminology.provider import CodeSystemProvider
from terminology.valueset import ValueSet
from terminology.versions import Rules

MOST_IMPORTS = 1000
"""Value sets that one value set may draw on, through however many others."""


class Directory(Protocol):
    """Where an include's systems and value sets are found, and what the request says of versions."""

    @property
    def rules(self) -> Rules:
        """What the request says of versions."""
        ...

    def code_system(self, url: str, version: str | None) -> CodeSystemProvider:
        """The code system in the version, or the one of the day. Raises CodeSystemUnknown, EditionNotLoaded."""
        ...

    def value_set(self, url: str) -> ValueSet:
        """The value set of that canonical. Raises ValueSetUnknown."""
        ...


def imported(value_set: ValueSet, reference: str, directory: Directory) -> ValueSet:
    """The value set that an include refers to, by canonical or as `#id` of a contained one. Raises ValueSetUnknown."""
    if reference.startswith("#") and reference[1:] in value_set.contained:
        return value_set.contained[reference[1:]]
    return directory.value_set(reference)


def check_imports(value_set: ValueSet, directory: Directory) -> None:
    """Check that the value set imports itself nowhere. Raises ImportsCircular, ExpansionTooCostly, ValueSetUnknown."""
    if any(item.value_sets for item in (*value_set.include, *value_set.exclude)):
        _descend(value_set, directory, [], [0])


def _descend(value_set: ValueSet, directory: Directory, path: list[str], count: list[int]) -> None:
    name = value_set.canonical
    if value_set.url and name in path:
        raise ImportsCircular(messages.circular(name, path))
    count[0] += 1
    if count[0] > MOST_IMPORTS:
        raise ExpansionTooCostly(f"{path[0]} draws on more than {MOST_IMPORTS} value sets")
    path.append(name)
    for item in (*value_set.include, *value_set.exclude):
        for reference in item.value_sets:
            _descend(imported(value_set, reference, directory), directory, path, count)
    path.pop()
