"""Every service has a diagnosis that says why it was done.

Why it matters: without one the line is sent back, and nobody can tell whether it was needed. On a professional claim
every line points to a diagnosis; an institutional claim has no pointers and needs a diagnosis on the claim.

Fails: a professional line without diagnosisSequence; an institutional claim without a diagnosis.
Passes: a line that points to diagnosis 1; a ChargeItem; a request for authorisation.

Citation: ASC X12N 005010X222A1, SV107; 005010X223A2, loop 2300, HI; Medicare Claims Processing Manual, chapter 26,
section 10.4, items 21 and 24E.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.finding import Change, Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Pointers of every item of a professional claim (a detail has its item's), diagnoses of an institutional one."""
    del facts
    if claim.use != "claim":
        return
    if claim.kind == "professional":
        without = [line for line in claim.lines if not line.pointers and not line.detail]
        if without and not claim.diagnoses:
            text = "The claim has no diagnosis: add those that the services were for, and point the lines to them."
            yield EDIT.finding(text, *without)
        else:
            for line in without:
                yield _finding(line, claim)
    elif claim.kind == "institutional" and not claim.diagnoses:
        text = "The claim has no diagnosis: add at least the principal one, as an ICD-10-CM code."
        yield EDIT.finding(text, expression=(claim.path,))


def _finding(line: Line, claim: Claim) -> Finding:
    text = f"{line.shown} points to no diagnosis: say which of the claim's diagnoses it was for."
    fix = None
    if len(claim.diagnoses) == 1:
        sequence = claim.diagnoses[0].sequence
        change = Change(type="add", path=line.path, name="diagnosisSequence", value=sequence, value_type="positiveInt")
        fix = Fix(f"Point the line to the claim's only diagnosis, {claim.diagnoses[0].code}.", (change,), True)
    return EDIT.finding(text, line, fix=fix)


EDIT = Edit(
    id="diagnosis-missing",
    family="diagnosis",
    title="A service without a diagnosis",
    check=check,
    code="required",
    carc=("16",),
    rarc=("M76",),
    disposition="reject",
    citation="ASC X12N 005010X222A1, SV107, and 005010X223A2, HI; Medicare Claims Processing Manual, chapter 26, 10.4",
    dated=False,
)
