"""The claim refers to a prior authorization that is known, and that is not for what is billed.

Why it matters: payers compare the number with what they granted, and deny with CARC 284 what it is not for (another
code, day or provider), with 198 the units beyond it, with 197 what they refused. A claim may hold lines that need no
authorization: a line is at fault where its own code was authorised otherwise, or where the payer's pack asks for one.

Fails: A100, granted for 97110 from 1 to 31 October, on a claim for 97110 of 2 November; or for 97140 alone.
Passes: A100 with 97110 of 15 October; with 97140 beside it, which no pack asks an authorization for.

Citation: X12 CARCs 197, 198 and 284; FHIR, ClaimResponse.preAuthRef and preAuthPeriod.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Change, Finding, Fix
from fhir_cpt.claims.history import Authorization, AuthorizedLine
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line, PreAuthRef
from fhir_cpt.rules.authorization.matching import admits, alternative, authorizes, concerns, exceeded, holds, may_cover
from fhir_cpt.rules.edit import Edit
from terminology.period import show


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every reference of the claim against what is known of it, then the lines for which the pack asks for one."""
    if claim.use != "claim":
        return
    known = claim.history.by_reference if claim.history is not None else {}
    unknown: list[PreAuthRef] = []
    granted: list[tuple[PreAuthRef, Authorization]] = []
    spoken: set[int] = set()
    for ref in {ref.value: ref for ref in claim.pre_auth_refs}.values():
        authorization = known.get(ref.value)
        if authorization is None or (authorization.granted and not authorization.lines):
            unknown.append(ref)
        elif authorization.granted:
            granted.append((ref, authorization))
        else:
            yield _refused(claim, ref, facts)
    for ref, authorization in granted:
        others = [other for _, other in granted if other is not authorization]
        for finding in _compared(claim, ref, authorization, others, maybe=bool(unknown)):
            spoken.update(finding.lines)
            yield finding
    if granted and not unknown:
        yield from _not_covered(claim, facts, granted, spoken)
    if unknown:
        yield _not_known(claim, unknown)


def _compared(
    claim: Claim, ref: PreAuthRef, authorization: Authorization, others: Sequence[Authorization], *, maybe: bool
) -> Iterator[Finding]:
    """One reference against the lines. `maybe`: another reference, of which nothing is known, may cover them."""
    mine = [line for line in claim.coded if may_cover(authorization, line)]
    if not mine and claim.coded:
        text = f"Authorization {ref.value} is for {_codes(authorization)}, and the claim has no such line."
        at_fault = [line for line in claim.coded if not any(authorizes(other, claim, line) for other in others)]
        fix = _replacing(claim, ref, at_fault)
        yield EDIT.finding(text, expression=(ref.path,), evidence=_evidence(authorization), fix=fix)
        return
    alone = [line for line in mine if not maybe and not any(may_cover(other, line) for other in others)]
    for line in alone:
        if (finding := _other_day_or_provider(claim, ref, authorization, line)) is not None:
            yield finding
    for more in exceeded(authorization, claim, alone):
        text = (
            f"{more.lines[0].code} is authorized under {ref.value} for {more.units:g} units; with what was billed "
            f"before, the claim makes it {more.used:g}."
        )
        evidence = (*_evidence(authorization), ("units authorized", f"{more.units:g}"), ("units", f"{more.used:g}"))
        paths = (*[line.path for line in more.lines], ref.path)
        yield EDIT.finding(text, *more.lines, expression=paths, carc=("198",), evidence=evidence)


def _other_day_or_provider(claim: Claim, ref: PreAuthRef, authorization: Authorization, line: Line) -> Finding | None:
    items = [item for item in authorization.lines if concerns(item, line)]
    of_day = [item for item in items if holds(item, line)]
    if of_day and any(admits(item, claim) for item in of_day):
        return None
    if line.period is None:
        return None
    if of_day:
        text = f"Authorization {ref.value} for {line.code} was given to another provider, who is not on the claim."
        paths = (line.path, ref.path)
    else:
        text = f"Authorization {ref.value} covers {line.code} {_days(items)}, not on {show(line.period.start)}."
        paths = (line.period_path or line.path, ref.path)
    other = alternative(claim, [line])
    fix = None
    if other is not None and claim.insurance:
        change = Change("add", claim.insurance, "preAuthRef", other.ref, "string")
        fix = Fix(f"Add the number {other.ref}, which is for {line.code} on that day.", (change,))
    return EDIT.finding(text, line, expression=paths, evidence=_evidence(authorization), fix=fix)


def _not_covered(
    claim: Claim, facts: Facts, granted: Sequence[tuple[PreAuthRef, Authorization]], spoken: set[int]
) -> Iterator[Finding]:
    """Lines for which the pack asks for an authorization, and none of those given is for their code."""
    for line in claim.coded:
        if line.number in spoken or any(may_cover(item, line) for _, item in granted):
            continue
        rules = facts.requirements("prior-authorization", claim, line)
        if rules:
            refs = ", ".join(ref.value for ref, _ in granted)
            text = f"The payer asks for a prior authorization of {line.code}, and {refs} is not for this code."
            paths = (line.code_path, *[ref.path for ref, _ in granted])
            evidence = tuple([pair for _, item in granted for pair in _evidence(item)])
            yield EDIT.finding(text, line, expression=paths, evidence=evidence, also=tuple([rule.id for rule in rules]))


def _refused(claim: Claim, ref: PreAuthRef, facts: Facts) -> Finding:
    text = f"The payer refused the authorization {ref.value} that the claim refers to."
    lines = [line for line in claim.coded if facts.requirements("prior-authorization", claim, line)]
    fix = _replacing(claim, ref, lines or claim.coded)
    return EDIT.finding(
        text, expression=(ref.path,), carc=("197",), evidence=(("authorization", ref.value), ("granted", "no")), fix=fix
    )


def _not_known(claim: Claim, refs: Sequence[PreAuthRef]) -> Finding:
    named = ", ".join(ref.value for ref in refs)
    problem = claim.history.problem if claim.history is not None else ""
    why = problem or "what the payer granted is not known here. Give the ClaimResponse as `context`."
    text = f"Whether authorization {named} is for what is billed was not checked: {why}"
    return EDIT.no_data(text, "ClaimResponse", expression=tuple([ref.path for ref in refs]), citation="")


def _replacing(claim: Claim, ref: PreAuthRef, lines: Sequence[Line]) -> Fix | None:
    """The fix that puts the number of the authorization for the lines in the place of this one."""
    other = alternative(claim, lines)
    if other is None:
        return None
    text = f"Replace {ref.value} by {other.ref}, which is for what is billed."
    return Fix(text, (Change("replace", ref.path, value=other.ref, value_type="string"),))


def _codes(authorization: Authorization) -> str:
    return ", ".join(dict.fromkeys(map(_code, authorization.lines)))


def _code(item: AuthorizedLine) -> str:
    return f"{item.code}-{item.last}" if item.last else item.code or "any code"


def _days(items: Sequence[AuthorizedLine]) -> str:
    """The days that are authorised, for people: `from 2026-10-01 to 2026-10-31`."""
    spans = []
    for item in items:
        first = f"from {show(item.start)} " if item.start is not None else ""
        spans.append(first + (f"to {show(item.end)}" if item.end is not None else "on"))
    return " and ".join(dict.fromkeys(spans))


def _evidence(authorization: Authorization) -> tuple[tuple[str, object], ...]:
    days = _days([item for item in authorization.lines if item.start is not None or item.end is not None])
    return ("authorization", authorization.ref), ("for", _codes(authorization)), ("days", days)


EDIT = Edit(
    id="authorization-mismatch",
    family="authorization",
    title="A reference to a prior authorization that is not for what is billed",
    check=check,
    carc=("284",),
    citation="X12 claim adjustment reason codes 197, 198 and 284; FHIR, ClaimResponse.preAuthRef",
    when=Feature.AUTHORIZATION,
)
