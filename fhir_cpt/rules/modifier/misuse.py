"""Modifiers that are for visits, on codes that are none."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.carriers import carrying, paths
from fhir_cpt.rules.modifier.mending import dropping


def outside_visits(edit: Edit, claim: Claim, feature: Feature, modifier: str, advice: str) -> Iterator[Finding]:
    """The edit's findings on the lines with the modifier (which has the feature) whose codes are no encounters."""
    for line in carrying(claim, int(feature)):
        if line.known is not None and "encounters" not in line.known.families:
            yield on_no_visit(edit, line, modifier, advice)


def on_no_visit(edit: Edit, line: Line, modifier: str, advice: str) -> Finding:
    """The edit's finding on a line whose code is no encounter; `advice` ends the sentence: what to do instead."""
    return edit.finding(
        f"Modifier {modifier} belongs on E/M codes, and {line.code} is none: {advice}.",
        line,
        expression=paths(line, modifier),
        evidence=(("modifier", modifier), ("code", line.code)),
        fix=dropping(line, f"Take modifier {modifier} off {line.code}.", modifier, documentation=True),
    )
