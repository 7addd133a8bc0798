"""A service is covered for the diagnoses that its payer's policy lists.

Why it matters: Medicare's contractors publish for which diagnoses a service is reasonable and necessary (local coverage
determinations and their billing articles), other payers have rules of their own. A line none of whose diagnoses is on
the list is denied with CARC 50. GA says that the patient signed a notice (ABN) and will pay; GZ that none was signed;
GY that the law leaves the service out.

Several articles may govern a code, each for its contractor's states. The claim does not say whose: one that covers the
line is enough. An article without a list of covered diagnoses refuses a line only where it excludes all of them.

Fails: 93306 for Z00.00, by article A56781.
Passes: 93306 for I50.9; a line without a billable ICD-10-CM diagnosis (other edits speak of it); a ChargeItem.

Citation: Social Security Act, section 1862(a)(1)(A); Medicare Program Integrity Manual, chapter 13; Medicare Claims
Processing Manual, chapter 1, section 60, and chapter 30, section 50 (GA, GY, GZ).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from fhir_cpt.claims.diagnoses import covers
from fhir_cpt.claims.facts import Governing
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Change, Finding, Fix, Severity
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, DatedDiagnosis, Line
from fhir_cpt.claims.requirements import Requirement, nothing_asked
from fhir_cpt.rules.dated import document
from fhir_cpt.rules.diagnosis.listed import listed
from fhir_cpt.rules.diagnosis.pointer import MOST
from fhir_cpt.rules.edit import Edit

_LOCAL = ("A", "L")
"""How the ids of contractors' articles and LCDs start; other ids are of national determinations (NCD)."""

_NATIONAL = ("N386",)
_ADVICE = "Check the record for a diagnosis that is; without one the service is not paid."


class _Notice(NamedTuple):
    """What a modifier says of who bears the denial; what is given takes the place of the usual."""

    text: str = ""
    severity: Severity | None = None
    carc: tuple[str, ...] = ()
    rarc: tuple[str, ...] = ()


_NONE = _Notice()


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line whose code a policy governs, or of whose diagnoses the payer's packs ask something."""
    asking = facts.requirements is not nothing_asked
    for line in claim.coded:
        governing = line.known.policies if line.known and claim.setting else ()
        rules = facts.requirements("diagnosis", claim, line) if asking else ()
        if not governing and not rules:
            continue
        own = _diagnoses(claim, line)
        codes = frozenset([item.known.code for item in own])
        if not codes:
            continue
        if governing and _refused(governing, codes):
            yield _not_covered(claim, line, own, governing, facts)
        for rule in rules:
            if not any(covers(target, code) for target in rule.diagnoses for code in codes):
                yield _not_asked_for(claim, line, own, rule)


def _diagnoses(claim: Claim, line: Line) -> list[DatedDiagnosis]:
    """The line's billable diagnoses on its day; those of the claim where it points to none and need not."""
    billable = [item for item in claim.diagnosed if item.known.billable]
    if line.pointers and line.period is not None:
        day = line.period[1 if claim.inpatient else 0]
        return [item for item in billable if item.diagnosis.sequence in line.pointers and item.day == day]
    if claim.professional:
        return []
    paths = {diagnosis.path for diagnosis in listed(claim)}
    return [item for item in billable if item.diagnosis.path in paths]


def _refused(governing: Sequence[Governing], codes: frozenset[str]) -> bool:
    """Whether no policy covers one of the diagnoses. A group without a covered list takes what it does not exclude."""
    return all(group.covered.isdisjoint(codes) if group.covered else codes <= group.not_covered for group in governing)


def _not_covered(
    claim: Claim, line: Line, own: Sequence[DatedDiagnosis], governing: Sequence[Governing], facts: Facts
) -> Finding:
    policies = {group.policy.id: group.policy for group in governing}
    covered = frozenset().union(*[group.covered for group in governing])
    named = " and ".join(f"{policy.id} ({policy.title})" for policy in policies.values())
    text = f"{line.shown} is not covered for {_shown(own)} by {named}."
    notice = _notice(line)
    fix = None if notice.text else _pointing(claim, line, covered)
    text += f" {notice.text or (fix.text if fix else _ADVICE)}"
    groups = [f"{group.policy.id} version {group.policy.version} group {group.policy.group}" for group in governing]
    return EDIT.finding(
        text,
        line,
        expression=_paths(line, own),
        severity=notice.severity,
        carc=notice.carc or EDIT.carc,
        rarc=notice.rarc or (EDIT.rarc if any(name.startswith(_LOCAL) for name in policies) else _NATIONAL),
        evidence=(*(("policy", group) for group in groups), ("diagnoses", _shown(own))),
        edition=facts.knowledge.coverage.edition(line.known.day) if line.known else None,
        fix=fix,
    )


def _not_asked_for(claim: Claim, line: Line, own: Sequence[DatedDiagnosis], rule: Requirement) -> Finding:
    listed_codes = [item.known.code for item in claim.diagnosed if item.known.billable]
    covered = frozenset([code for code in listed_codes if any(covers(target, code) for target in rule.diagnoses)])
    notice = _notice(line)
    fix = None if notice.text else _pointing(claim, line, covered)
    text = rule.message or f"{line.shown} is not covered for {_shown(own)}: {rule.title.rstrip('.')}."
    if notice.text or fix:
        text += f" {notice.text or (fix.text if fix else '')}"
    return EDIT.finding(
        text,
        line,
        expression=_paths(line, own),
        severity=notice.severity if notice.severity and rule.severity == "error" else rule.severity,
        carc=rule.carc or notice.carc or EDIT.carc,
        rarc=rule.rarc if rule.carc else rule.rarc or notice.rarc,
        citation=rule.citation,
        evidence=(("rule", rule.id), ("asked-for", ", ".join(rule.diagnoses)), ("diagnoses", _shown(own))),
        fix=fix,
        also=(rule.id,),
    )


def _pointing(claim: Claim, line: Line, covered: frozenset[str]) -> Fix | None:
    """The fix that points the line to a covered diagnosis of the claim; None where there is none, or no room for it."""
    if not line.pointers or line.detail or len(line.pointers) >= MOST:
        return None
    for diagnosis in listed(claim):
        if diagnosis.sequence in line.pointers:
            continue
        item = next((item for item in claim.diagnosed if item.diagnosis is diagnosis and item.known.billable), None)
        if item is not None and item.known.code in covered:
            text = f"If {line.code} was done for {item.known.code}, which is on the claim, point the line to it."
            change = Change("add", line.path, "diagnosisSequence", diagnosis.sequence, "positiveInt")
            return Fix(text, (change,), documentation=True)
    return None


def _paths(line: Line, own: Sequence[DatedDiagnosis]) -> tuple[str, ...]:
    """The code, and what names its diagnoses: the line's own pointers, else the diagnoses themselves."""
    if not line.pointers or line.detail:
        return (line.code_path, *dict.fromkeys(item.diagnosis.path for item in own))
    sequences = {item.diagnosis.sequence for item in own}
    pointers = [at for at, pointer in enumerate(line.pointers) if pointer in sequences]
    return (line.code_path, *(line.path_of(f"diagnosisSequence[{at}]") for at in pointers))


def _shown(own: Sequence[DatedDiagnosis]) -> str:
    return ", ".join(dict.fromkeys(item.known.code for item in own))


def _notice(line: Line) -> _Notice:
    """What the line's modifiers say of who bears the denial."""
    return next((notice for code, notice in _notices().items() if code in line.modifiers), _NONE)


@cache
def _notices() -> dict[str, _Notice]:
    """By modifier, in the order in which they count."""
    return {
        item["modifier"]: _Notice(
            item["text"], item.get("severity"), tuple(item.get("carc", ())), tuple(item.get("rarc", ()))
        )
        for item in document(__package__, "notices.yaml")
    }


EDIT = Edit(
    id="medical-necessity",
    family="diagnosis",
    title="A service that the payer's policy does not cover for the diagnoses",
    check=check,
    carc=("50",),
    rarc=("N115",),
    citation="Social Security Act, section 1862(a)(1)(A); CMS, Medicare Coverage Database",
    needs=("coverage", "icd10cm"),
    when=Feature.COVERED | Feature.PACK_DIAGNOSIS,
)
