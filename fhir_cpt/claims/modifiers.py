"""What a release says of the modifiers of a line: known, in force, and which edits they concern."""

from __future__ import annotations

from collections.abc import Iterable

from fhir_cpt.claims.facts import ModifierFacts
from fhir_cpt.claims.features import Feature
from terminology import Release
from terminology.model import CPT, HCPCS, Concept
from terminology.period import Day

REMEMBERED = 50_000
"""Sets of modifiers (by day) whose facts are kept; when more are asked for, all are forgotten and gathered anew."""


def _each(codes: str, feature: Feature) -> Iterable[tuple[str, Feature]]:
    return ((code, feature) for code in codes.split())


_FEATURES: dict[str, Feature] = dict(
    [
        *_each("24 25 57", Feature.EM_MODIFIER),
        *_each("59 XE XS XP XU", Feature.SEPARATING_MODIFIER),
        *_each("26 TC", Feature.COMPONENT_MODIFIER),
        *_each("50 LT RT", Feature.SIDE_MODIFIER),
        *_each("80 81 82 AS 62 66", Feature.ASSISTING_MODIFIER),
        *_each("93 95 GT GQ G0 FQ", Feature.TELEHEALTH_MODIFIER),
        *_each("GA GX GY GZ", Feature.COVERAGE_MODIFIER),
    ]
)
"""Modifiers that have a feature of their own; all others are `OTHER_MODIFIER`."""


class Modifiers:
    """The modifiers of one release. Shared by all requests; safe between threads (a race only looks up twice)."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._known: dict[tuple[tuple[str, ...], Day], ModifierFacts] = {}

    def facts(self, modifiers: tuple[str, ...], day: Day) -> ModifierFacts:
        """The facts of a line's modifiers on its day."""
        key = (modifiers, day)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            found = self._known[key] = self._gather(modifiers, day)
        return found

    def _gather(self, modifiers: tuple[str, ...], day: Day) -> ModifierFacts:
        features = Feature.MODIFIER
        if len(modifiers) > 1:
            features |= Feature.SEVERAL_MODIFIERS
        unknown: list[str] = []
        ended: list[tuple[str, Concept]] = []
        for code in modifiers:
            features |= _FEATURES.get(code, Feature.OTHER_MODIFIER)
            concept = self.concept(code, day)
            if concept is None:
                unknown.append(code)
            elif not concept.start <= day <= concept.end:
                ended.append((code, concept))
        if unknown or ended:
            features |= Feature.UNFIT_MODIFIER
        return ModifierFacts(tuple(unknown), tuple(ended), int(features))

    def concept(self, code: str, day: Day) -> Concept | None:
        """The modifier of CPT or HCPCS in the edition of the day, else in any; None where there is none."""
        for system in (CPT, HCPCS):
            editions = self._release.code_systems.get(system)
            if editions is None:
                continue
            for held in (editions.on(day).table, *reversed(editions.versions)):
                found = held.locate(code)
                if found is not None and found.concept.value("modifier") is True:
                    return found.concept
        return None
