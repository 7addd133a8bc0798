"""The payer asks for a prior authorization of a service, and the claim refers to none.

Why it matters: without the number the line is denied with CARC 197, and after the service no payer need give one.
A number that is not known here counts as given. Where the history holds an authorization for the service, the edit is
lifted, and the fix puts its number on the claim.

Fails: a service that the payer's pack asks an authorization for, on a claim without `insurance.preAuthRef`.
Passes: the same with a number.

Citation: the rule of the payer's pack; X12 CARC 197.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Change, Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.claims.requirements import Requirement
from fhir_cpt.rules.authorization.matching import authorizes
from fhir_cpt.rules.edit import Edit


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Lines of a claim without reference for which a rule asks for one. Charges have no place for a reference."""
    if claim.use != "claim" or claim.kind == "charge" or claim.pre_auth_refs:
        return
    known = claim.history.authorizations if claim.history is not None else ()
    added: set[str] = set()
    for line in claim.coded:
        asked = facts.requirements("prior-authorization", claim, line)
        if not asked:
            continue
        refs = [item.ref for item in known if authorizes(item, claim, line)]
        if not refs:
            yield _missing(claim, line, asked[0], tuple([rule.id for rule in asked]))
            continue
        ref = next(filter(None, reversed(refs)), "")
        finding = _known(claim, line, ref, tuple([rule.id for rule in asked]), fixed=ref not in added)
        added.add(ref)
        yield finding


def _missing(claim: Claim, line: Line, rule: Requirement, rules: tuple[str, ...]) -> Finding:
    text = rule.message or (
        f"The payer asks for a prior authorization of {line.code}: put its number into insurance.preAuthRef."
    )
    return EDIT.finding(
        text,
        line,
        expression=(line.code_path, *filter(None, (claim.insurance,))),
        severity=rule.severity,
        carc=rule.carc or EDIT.carc,
        rarc=rule.rarc,
        citation=rule.citation or EDIT.citation,
        evidence=(("rule", rule.id), ("title", rule.title)),
        also=rules,
    )


def _known(claim: Claim, line: Line, ref: str, rules: tuple[str, ...], *, fixed: bool) -> Finding:
    named = f"Authorization {ref}" if ref else "An authorization without a number"
    text = f"{named}, known from the history, is for {line.code}; the claim does not refer to it."
    fix = None
    if ref and claim.insurance and fixed:
        change = Change("add", claim.insurance, "preAuthRef", ref, "string")
        fix = Fix(f"Add the number {ref} to the insurance.", (change,))
    return EDIT.bypassed(
        text, line, expression=(line.code_path,), evidence=(("authorization", ref),), fix=fix, also=rules
    )


EDIT = Edit(
    id="authorization-missing",
    family="authorization",
    title="A service that the payer must authorise first, without a reference to it",
    check=check,
    carc=("197",),
    citation="The payer's rule pack; X12 claim adjustment reason code 197",
    when=Feature.PACK_AUTHORIZATION,
)
