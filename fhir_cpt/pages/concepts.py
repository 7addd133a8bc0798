"""One concept on a day: its texts, what each edition says of it, when it is in force, what stands above and below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fhir_cpt.pages.diagnosis_edits import DiagnosisEdits, diagnosis_edits
from fhir_cpt.pages.procedure_edits import ProcedureEdits, procedure_edits
from fhir_cpt.pages.standing import State, state_of
from fhir_cpt.pages.systems import System, system_of
from fhir_cpt.pages.wording import period_text
from fhir_cpt.served import Served
from terminology.model import ICD10CM, Coding, Concept, Edition
from terminology.period import ALWAYS, Day, Period
from terminology.provider import CodeSystemProvider
from terminology.queries.lookup import lookup
from terminology.release.manifest import Licence
from terminology.systems import PROCEDURE

CHILDREN = 200
"""Concepts directly below that are listed; no code of ICD-10-CM has as many."""


@dataclass(frozen=True)
class Text:
    """A text of the concept: what kind it is, its language, the editions that have it (none: the only one held)."""

    use: str
    value: str
    language: str
    editions: tuple[str, ...]


@dataclass(frozen=True)
class PropertyRow:
    """A property: one text for each edition, '' where the edition does not have it; whether the editions differ."""

    name: str
    values: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether the editions that list the code disagree."""
        return len(set(self.values)) > 1


@dataclass(frozen=True)
class Relative:
    """A concept above or below."""

    code: str
    display: str | None


@dataclass(frozen=True)
class ConceptPage:
    """All that a concept's page shows. `editions` are those that list the code, newest first."""

    system: System
    concept: Concept
    given: str | None
    edition: Edition
    stale: bool
    early: bool
    content: str
    state: State
    period: Period | None
    """When the code may be used; None where no dates are held."""
    texts: list[Text]
    editions: list[Edition]
    properties: list[PropertyRow]
    above: list[Relative]
    children: list[Relative]
    more_children: int
    procedure: ProcedureEdits | None
    diagnosis: DiagnosisEdits | None
    licence: Licence | None
    successor: str | None

    @property
    def title(self) -> str:
        """The code and its text."""
        return f"{self.concept.code} {self.concept.display or ''}".strip()


def concept_page(served: Served, name: str, code: str, day: Day) -> ConceptPage:
    """A code of the CodeSystem of that id. Raises RequestError 404 for the system, CodeNotFound for the code."""
    system = system_of(served, name)
    answer = lookup(served.on(day), system.url, code, system.version)
    located, resolved = answer.located, answer.resolved
    concept, provider = located.concept, resolved.provider
    told = [
        (held.edition, found.concept)
        for held in reversed(system.editions.versions)
        if (found := held.locate(concept.code)) is not None
    ]
    children = [] if located.at is None else list(provider.children(located.at))
    modifier = concept.value("modifier") is True
    successor = concept.value("cross-reference")
    return ConceptPage(
        system=system,
        concept=concept,
        given=code if located.given_as else None,
        edition=resolved.edition,
        stale=resolved.stale,
        early=resolved.early,
        content=provider.content,
        state=state_of(concept, provider.content, day, early=resolved.early),
        period=None if concept.period == ALWAYS else concept.period,
        texts=_texts(told),
        editions=[edition for edition, _ in told],
        properties=_properties([held for _, held in told], concept),
        above=_above(provider, located.at),
        children=[_relative(provider.concept(at)) for at in children[:CHILDREN]],
        more_children=max(len(children) - CHILDREN, 0),
        procedure=procedure_edits(served.release, billed(concept), day)
        if system.url in PROCEDURE and not modifier
        else None,
        diagnosis=diagnosis_edits(served.release, concept.code, day) if system.url == ICD10CM else None,
        licence=served.release.licence(system.url),
        successor=successor if isinstance(successor, str) else None,
    )


def billed(concept: Concept) -> str:
    """The code that the tables know the concept by: of an expression (99213:25), the one without its modifiers."""
    base = concept.value("base")
    return base if isinstance(base, str) else concept.code


def _texts(told: Sequence[tuple[Edition, Concept]]) -> list[Text]:
    """Every text of every edition once, newest first."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for edition, concept in told:
        own = [("Display", concept.display or "", "")]
        if concept.definition:
            own.append(("Definition", concept.definition, ""))
        for item in concept.designations:
            use = item.use.display or item.use.code if item.use else "Designation"
            own.append((use, item.value, item.language or ""))
        for key in own:
            if key[1]:
                found.setdefault(key, []).append(edition.version)
    several = len(told) > 1
    return [
        Text(use, value, language, tuple(versions) if several else ())
        for (use, value, language), versions in found.items()
    ]


def _properties(held: Sequence[Concept], composed: Concept) -> list[PropertyRow]:
    """The properties, one column an edition; of an expression, which no edition lists, its own."""
    columns = [_values(concept) for concept in held or (composed,)]
    names = dict.fromkeys(name for column in columns for name in column)
    rows = [PropertyRow(name, tuple(column.get(name, "") for column in columns)) for name in names]
    in_force = PropertyRow("in force", tuple(_told(concept.period) for concept in held or (composed,)))
    return [in_force, *rows]


def _values(concept: Concept) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for item in concept.properties:
        value = item.value.code if isinstance(item.value, Coding) else item.value
        text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        values.setdefault(item.code.replace("-", " "), []).append(text)
    return {name: ", ".join(several) for name, several in values.items()}


def _told(period: Period) -> str:
    return "no dates of its own" if period == ALWAYS else period_text(period)


def _above(provider: CodeSystemProvider, at: int | None) -> list[Relative]:
    """The concepts above, from the top down, along the first parent of each."""
    found: list[Relative] = []
    while at is not None:
        parents = provider.parents(at)
        at = parents[0] if parents else None
        if at is not None:
            found.append(_relative(provider.concept(at)))
    return found[::-1]


def _relative(concept: Concept) -> Relative:
    return Relative(concept.code, concept.display)
