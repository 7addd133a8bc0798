"""Whether the codings of a concept are right together. FHIR: CodeableConcept in $validate-code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from terminology import messages
from terminology.issues import Issue
from terminology.model import Coding
from terminology.queries.directory import DayDirectory
from terminology.queries.membership import check_member
from terminology.queries.validate import PLAIN, Checked, Request
from terminology.valueset import ValueSet


def check_concept_members(
    directory: DayDirectory,
    codings: Sequence[Coding],
    versions: Sequence[str | None],
    value_set: ValueSet,
    request: Request = PLAIN,
) -> Checked:
    """Check the codings of a concept: one of them must be in the value set, and each right in its code system."""
    results = [
        check_member(
            directory,
            coding,
            version,
            value_set,
            msgspec.structs.replace(request, root=f"CodeableConcept.coding[{at}]", of_many=True),
        )
        for at, (coding, version) in enumerate(zip(codings, versions, strict=True))
    ]
    issues = list(dict.fromkeys(issue for result in results for issue in result.issues))
    member = next((one for one in results if one.member and one.result), None)
    member = member or next((one for one in results if one.member), None)
    if member is None and not any(result.undecided for result in results):
        issues.insert(0, messages.no_valid_coding(value_set.canonical))
    return merged(results, issues, member)


def merged(results: Sequence[Checked], issues: Iterable[Issue], told: Checked | None) -> Checked:
    """One outcome of several: `told` is the coding of which code, system and display are told."""
    issues = tuple(issues)
    result = not any(issue.severity == "error" for issue in issues)
    unknown = tuple(dict.fromkeys(system for one in results for system in one.unknown))
    caused_by = tuple(dict.fromkeys(system for one in results for system in one.caused_by))
    return msgspec.structs.replace(
        told or Checked(False), result=result, issues=issues, unknown=unknown, caused_by=caused_by
    )
