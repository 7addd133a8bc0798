"""A telehealth modifier stands on a service that may be given by telehealth.

Why it matters: 95, GT and the like say that the patient was seen by sound and picture, 93 and FQ by sound alone; on a
service that is on no such list the line is denied (CARC 4). The telemedicine visits 98000-98015 say themselves how
the patient was seen, so that the modifier is one too many.

Fails: 20610-95; 97110-93 in 2024; 98000-95 (a warning); 98000-93.
Passes: 99213-95; 90834-93; for Medicare 97110-93 in 2025. On days without a telehealth list: `no-data`.

Citation: CPT, modifiers 93 and 95, Appendices P and T; CMS, list of telehealth services.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.facts import CodeFacts
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Severity
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.modifier.mending import dropping
from fhir_cpt.rules.remote.telehealth import OWN_CODES, List, held, may_be, modifiers
from terminology.period import show

_SAID = {"video": "by sound and picture", "audio": "by sound alone"}


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every telehealth modifier against the list that it asks for."""
    known_modifiers = modifiers()
    for line in claim.coded:
        known = line.known
        if known is None or not line.modifiers:
            continue
        for at, code in enumerate(line.modifiers):
            modifier = known_modifiers.get(code)
            if modifier is None or (modifier.medicare and not facts.medicare) or _ended(line, code):
                continue
            if own := _own(known):
                yield _one_too_many(line, at, own, modifier.list)
            elif not held(known.day):
                yield _unknown(line, at)
            elif not may_be(known, modifier.list, medicare=facts.medicare):
                yield _not_listed(line, at, modifier.list, medicare=facts.medicare)


def _ended(line: Line, code: str) -> bool:
    ended = line.modified.not_in_force if line.modified else ()
    return bool(ended) and any(other == code for other, _ in ended)


def _own(known: CodeFacts) -> List | None:
    if known.families.isdisjoint(OWN_CODES):
        return None
    return next(said for family, said in OWN_CODES.items() if family in known.families)


def _one_too_many(line: Line, at: int, own: List, asked: List) -> Finding:
    modifier = line.modifiers[at]
    if own == asked:
        text = f"{line.code} says itself that the patient was seen {_SAID[own]}: modifier {modifier} is not put on it."
    else:
        text = (
            f"{line.code} says that the patient was seen {_SAID[own]}, and modifier {modifier} that it was "
            f"{_SAID[asked]}: report the code of what was done, without the modifier."
        )
    return _finding(line, at, text, severity="warning" if own == asked else "error", documentation=own != asked)


def _not_listed(line: Line, at: int, asked: List, *, medicare: bool) -> Finding:
    whose = "Medicare's list" if medicare else "the list"
    year = line.known.day // 10000 if line.known else ""
    text = (
        f"{line.code} is not on {whose} of services that may be given by telehealth {_SAID[asked]} in {year}, so that "
        f"modifier {line.modifiers[at]} does not fit it."
    )
    return _finding(line, at, text, severity="error", documentation=True)


def _unknown(line: Line, at: int) -> Finding:
    day = show(line.known.day) if line.known else ""
    modifier = line.modifiers[at]
    text = f"Not checked: whether {line.code} may have modifier {modifier}, as no telehealth list is held for {day}."
    return EDIT.no_data(text, "telehealth list", line, expression=(line.modifier_paths[at],))


def _finding(line: Line, at: int, text: str, *, severity: Severity, documentation: bool) -> Finding:
    modifier = line.modifiers[at]
    told = f"Take modifier {modifier} off"
    if documentation:
        told += ", if the record shows that the patient was seen as the code says"
    return EDIT.finding(
        text,
        line,
        expression=(line.modifier_paths[at], line.code_path),
        severity=severity,
        evidence=(("modifier", modifier), ("code", line.code or "")),
        fix=dropping(line, f"{told}.", modifier, documentation=documentation),
    )


EDIT = Edit(
    id="modifier-telehealth",
    family="modifier",
    title="A telehealth modifier on a service that is not given by telehealth",
    check=check,
    carc=("4",),
    citation="CPT, modifiers 93 and 95, Appendices P and T; CMS, list of telehealth services; 42 CFR 410.78",
    when=Feature.TELEHEALTH_MODIFIER,
    yields_to=("procedure-unknown", "procedure-not-in-force"),
)
