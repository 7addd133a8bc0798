"""What a release says of the modifiers of a line: known, in force, and which edits they concern."""

from __future__ import annotations

from fhir_cpt.claims.facts import ModifierFacts
from fhir_cpt.claims.features import Feature
from terminology import Release
from terminology.model import CPT, HCPCS, Concept
from terminology.period import Day

REMEMBERED = 50_000
"""Sets of modifiers (by day) whose facts are kept; when more are asked for, all are forgotten and gathered anew."""


_CODES: dict[Feature, str] = {
    Feature.UNRELATED_VISIT_MODIFIER: "24",
    Feature.SEPARATE_VISIT_MODIFIER: "25",
    Feature.DECISION_MODIFIER: "57",
    Feature.SEPARATING_MODIFIER: "59 XE XS XP XU",
    Feature.COMPONENT_MODIFIER: "26 TC",
    Feature.BILATERAL_MODIFIER: "50",
    Feature.SIDE_MODIFIER: "LT RT",
    Feature.MULTIPLE_MODIFIER: "51",
    Feature.ASSISTANT_MODIFIER: "80 81 82 AS",
    Feature.SURGEONS_MODIFIER: "62 66",
    Feature.DISCONTINUED_MODIFIER: "53",
    Feature.SETTING_MODIFIER: "27 53 73 74",
    Feature.LABORATORY_MODIFIER: "90 91 92",
    Feature.PHYSICAL_STATUS_MODIFIER: "P1 P2 P3 P4 P5 P6",
    Feature.CATEGORY_II_MODIFIER: "1P 2P 3P 8P",
    Feature.DOCUMENTED_MODIFIER: "22 52 53 66",
    Feature.TELEHEALTH_MODIFIER: "93 95 GT GQ G0 FQ",
}
"""The modifiers that edits wait for. All others (anatomic, repeated, staged and the like) give none of their own."""

_FEATURES: dict[str, Feature] = {}
for _feature, _listed in _CODES.items():
    for _code in _listed.split():
        _FEATURES[_code] = _FEATURES.get(_code, Feature.NONE) | _feature

ROOM = 4
"""Modifiers that a line has room for. Source: X12 837P, SV101-3 to SV101-6; the 1500 claim form, item 24D."""

_PHYSICAL_STATUS = frozenset(_CODES[Feature.PHYSICAL_STATUS_MODIFIER].split())


def system_of(code: str) -> str:
    """The code system whose modifiers look like this one: CPT's start with a digit, or tell a physical status."""
    return CPT if code[:1].isdigit() or code in _PHYSICAL_STATUS else HCPCS


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
        features = Feature.SEVERAL_MODIFIERS if len(modifiers) > 1 else Feature.NONE
        unknown: list[str] = []
        untold: list[str] = []
        ended: list[tuple[str, Concept]] = []
        for code in modifiers:
            features |= _FEATURES.get(code, Feature.NONE)
            concept = self.concept(code, day)
            if concept is None:
                held = self._release.code_systems.get(system_of(code))
                (unknown if held is not None and held.holds(day) else untold).append(code)
            elif not concept.start <= day <= concept.end:
                ended.append((code, concept))
        if unknown or untold or ended:
            features |= Feature.UNFIT_MODIFIER
        return ModifierFacts(tuple(unknown), tuple(ended), int(features), tuple(untold))

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
