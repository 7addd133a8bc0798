"""Edits of other distributions, found by their entry points of the group `fhir_cpt.rules`.

An entry point names an `Edit`, or an iterable of them. All of its edits are taken, or none where one of them cannot be:
what is wrong is logged with the distribution and the entry point, and everything else goes on. Entry points are read in
the order of their distributions' names and their own, so that of two with the same id it is always the same that stays.
Source: PyPA, entry points specification; FHIR R4, valueset-issue-type.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from functools import wraps
from importlib.metadata import EntryPoint, entry_points
from typing import get_args

from fhir_cpt.claims import reason_codes
from fhir_cpt.claims.answering import Need
from fhir_cpt.claims.finding import Disposition, Finding, Severity
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit, Family

GROUP = "fhir_cpt.rules"
"""The group of entry points."""

log = logging.getLogger(__name__)

_ID = re.compile(r"(?!payer-)[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 64
_FAMILIES = frozenset(get_args(Family)) - {"payer"}
_ISSUE_TYPES = frozenset(
    {"invalid", "structure", "required", "value", "invariant", "processing", "not-supported", "duplicate"}
    | {"multiple-matches", "not-found", "code-invalid", "extension", "business-rule", "conflict", "informational"}
)
"""The types of issues that can be said of a claim's content."""


def contributed(taken: Collection[str]) -> tuple[Edit, ...]:
    """The edits of other distributions whose ids are not taken yet. What cannot be taken is logged."""
    edits: list[Edit] = []
    for point in sorted(entry_points(group=GROUP), key=lambda one: (_distribution(one), one.name)):
        try:
            found = _loaded(point)
            faults = list(_faults(found, {*taken, *(edit.id for edit in edits)}))
        except (Exception, SystemExit) as error:  # whatever a stranger's module does, the server starts
            _refuse(point, [f"it cannot be loaded: {type(error).__name__}: {error}"])
            continue
        if faults:
            _refuse(point, faults)
        else:
            edits += [replace(edit, check=_held(edit)) for edit in found]
    return tuple(edits)


def _loaded(point: EntryPoint) -> list[Edit]:
    """What the entry point names. Raises whatever its module raises, and TypeError for what is no edit."""
    named = point.load()
    found = [named] if isinstance(named, Edit) else list(named)
    for item in found:
        if not isinstance(item, Edit):
            raise TypeError(f"{type(item).__name__} is not an Edit")
    return found


def _faults(edits: Iterable[Edit], taken: Collection[str]) -> Iterator[str]:
    """Why edits cannot be taken."""
    seen = set(taken)
    for edit in edits:
        if not isinstance(edit.id, str) or not _ID.fullmatch(edit.id) or len(edit.id) > _LONGEST:
            yield (
                f"the id {edit.id!r:.80} is not made of small letters, digits and hyphens (at most {_LONGEST}), "
                "or begins with payer-, as rules of packs do"
            )
            continue
        if edit.id in seen or edit.id in _FAMILIES or edit.id == "payer":
            yield f"the id {edit.id!r} is taken"
        seen.add(edit.id)
        yield from (f"{edit.id}: {fault}" for fault in _faults_of(edit))


def _faults_of(edit: Edit) -> Iterator[str]:
    chosen = (
        ("family", edit.family, _FAMILIES),
        ("severity", edit.severity, get_args(Severity)),
        ("code", edit.code, _ISSUE_TYPES),
        ("disposition", edit.disposition, (None, *get_args(Disposition))),
        *(("need", need, get_args(Need)) for need in edit.needs),
    )
    for name, value, known in chosen:
        if value not in known:
            yield f"the {name} {value!r:.80} is none of {', '.join(sorted(filter(None, known)))}"
    for name, text in (("title", edit.title), ("citation", edit.citation)):
        if not isinstance(text, str) or not text.strip():
            yield f"it has no {name}"
    yield from filter(None, (reason_codes.fault("carc", code) for code in edit.carc))
    yield from filter(None, (reason_codes.fault("rarc", code) for code in edit.rarc))


def _held(edit: Edit) -> Callable[[Claim, Facts], Iterable[Finding]]:
    """The edit's check, which where it breaks down says that it could not be carried out.

    The log names the edit and the kind of error alone: its text may hold what the claim tells of a patient.
    """

    @wraps(edit.check)
    def check(claim: Claim, facts: Facts) -> list[Finding]:
        try:
            found = list(edit.check(claim, facts))
            if not all(isinstance(item, Finding) for item in found):
                raise TypeError("something else than a Finding")
        except Exception as error:
            log.error("the edit %s broke down: %s", edit.id, type(error).__name__)
            text = f"{edit.id} could not be carried out: it broke down on this claim. Tell whoever maintains it."
            return [edit.no_data(text, "a working edit", expression=(claim.path,))]
        return found

    return check


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist else ""


def _refuse(point: EntryPoint, faults: Iterable[str]) -> None:
    log.error(
        "the edits of %s (entry point %s = %s) are not taken: %s",
        _distribution(point) or "an unnamed distribution",
        point.name,
        point.value,
        "; ".join(faults),
    )
