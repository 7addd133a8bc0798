"""Which authorisations of the history are for a line: by code, day, provider, and units left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fhir_cpt.claims.history import Authorization, AuthorizedLine
from fhir_cpt.claims.model import Claim, Line
from terminology.period import days_between


class Exceeded(NamedTuple):
    """Lines of one code that need more units than were authorised: `used` with those of prior lines, of `units`."""

    lines: list[Line]
    used: float
    units: float


def authorizes(authorization: Authorization, claim: Claim, line: Line) -> bool:
    """Whether the payer granted the line's code by name, on its day, to somebody on the claim."""
    return authorization.granted and any(
        holds(item, line) and admits(item, claim) for item in authorization.lines if names(item, line)
    )


def names(item: AuthorizedLine, line: Line) -> bool:
    """Whether the payer named the line's code."""
    return line.code is not None and item.names(line.code)


def concerns(item: AuthorizedLine, line: Line) -> bool:
    """Whether it may be for the line: the payer named its code, or left the code open."""
    return not item.code or names(item, line)


def may_cover(authorization: Authorization, line: Line) -> bool:
    """Whether one of the authorised services may be the line's."""
    return any(concerns(item, line) for item in authorization.lines)


def holds(item: AuthorizedLine, line: Line) -> bool:
    """Whether all the line's days are authorised."""
    return line.period is not None and item.holds(line.period.start) and item.holds(line.period.end)


def admits(item: AuthorizedLine, claim: Claim) -> bool:
    """Whether somebody on the claim may give the service; where either names nobody by NPI, there is no telling."""
    return not item.providers or not claim.npis or any(npi.value in item.providers for npi in claim.npis)


def alternative(claim: Claim, lines: Sequence[Line]) -> Authorization | None:
    """The one authorisation of the history that the claim does not refer to, and that is for some of these lines.

    It must be right for every line of the claim that it may be for: a fix may bring no new error.
    """
    if claim.history is None:
        return None
    cited = {ref.value for ref in claim.pre_auth_refs}
    found = [
        item
        for ref, item in claim.history.by_reference.items()
        if ref not in cited
        and any(authorizes(item, claim, line) for line in lines)
        and all(authorizes(item, claim, line) for line in claim.coded if may_cover(item, line))
        and not any(exceeded(item, claim, claim.coded))
    ]
    return found[0] if len(found) == 1 else None


def exceeded(authorization: Authorization, claim: Claim, lines: Sequence[Line]) -> Iterator[Exceeded]:
    """For each code, whether the lines need more units than are left after the prior lines that used the reference.

    Units of several authorised items of one code add up; one without a number leaves the units open. A prior line of
    the same code and days as a line is the same service, sent before.
    """
    by_code: dict[str, list[Line]] = {}
    for line in lines:
        if line.code is not None:
            by_code.setdefault(line.code, []).append(line)
    for code, own in by_code.items():
        items = [item for item in authorization.lines if item.names(code)]
        own = [line for line in own if any(holds(item, line) for item in items)]
        limits = [item.units for item in items]
        if not own or any(item.units is None or not item.code for item in (*items, *authorization.lines)):
            continue
        units = sum(limit for limit in limits if limit is not None)
        sent = {line.period for line in own}
        prior = claim.history.by_code.get(code, ()) if claim.history else ()
        used = sum(max(line.quantity if line.quantity is not None else 1, 0) for line in own) + sum(
            max(line.units, 0) * (days_between(line.start, line.end) + 1)
            for line in prior
            if authorization.ref in line.refs
            and (line.start, line.end) not in sent
            and any(item.holds(line.start) for item in items)
        )
        if used > units:
            yield Exceeded(own, used, units)
