"""What is found of a line in the days after a surgery: lifted by a modifier, failed, or not to be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.global_period.modifiers import Role, lifting
from fhir_cpt.rules.global_period.surgeries import Surgery, doubt, edition_of, within
from fhir_cpt.rules.mending import adding


class Wording(NamedTuple):
    """How an edit words its findings on a line and the surgery before it.

    `lifted` is what a modifier says where one lifts the edit; `covered` what the surgery's payment covers, and what to
    do about the line; `remedy` when to add `modifier`; `undetermined` that it is not known whether the line lies in
    the period. The first two end a sentence, the others are whole ones.
    """

    lifted: str
    covered: Callable[[Line], str]
    remedy: Callable[[Line, Surgery], str]
    modifier: str
    undetermined: Callable[[Line, Surgery], str]


def after_surgery(
    edit: Edit, claim: Claim, facts: Facts, lines: Iterable[Line], role: Role, wording: Wording
) -> Iterator[Finding]:
    """The edit's findings on those of the claim's lines that start in the days after a surgery of that surgeon.

    A modifier of the role lifts the edit. Where the fee schedule of the surgery's day is not held, the edit cannot be
    carried out, and of a line with such a modifier nothing is said.
    """
    for line, surgery in within(claim, facts, lines):
        modifier = lifting(role, line)
        if not surgery.known:
            if modifier is None:
                text, evidence = wording.undetermined(line, surgery), surgery.evidence()[:2]
                yield edit.no_data(text, "pfs", *surgery.lines(line), evidence=evidence)
        elif modifier is None:
            yield _failed(edit, line, surgery, facts, wording)
        else:
            text = (
                f"{line.code} is on {surgery.phrase(line)} by the same surgeon: modifier {modifier} says "
                f"{wording.lifted}. The record must show it."
            )
            evidence = (*surgery.evidence(), ("modifier", modifier))
            yield edit.bypassed(text, *surgery.lines(line), evidence=evidence, edition=edition_of(surgery, facts))


def _failed(edit: Edit, line: Line, surgery: Surgery, facts: Facts, wording: Wording) -> Finding:
    text = (
        f"{line.shown} is on {surgery.phrase(line)} by the same surgeon, whose payment covers {wording.covered(line)}"
        f"{doubt(surgery, facts)}"
    )
    return edit.finding(
        text,
        *surgery.lines(line),
        expression=surgery.paths(line),
        evidence=surgery.evidence(),
        edition=edition_of(surgery, facts),
        fix=adding(line, wording.remedy(line, surgery), wording.modifier),
    )
