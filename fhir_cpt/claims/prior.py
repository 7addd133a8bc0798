"""What went before a claim: prior claims and charges, requests for authorisation and payers' answers to them.

Each is read from its resource into a `Past`, which is also what a server keeps of it. Source: spec/claim-edits, Terms,
History; DESIGN, The wire, `context`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import msgspec

from fhir_cpt.claims.authorizations import Asked, Reply, authorizations_of, read_asked, read_reply
from fhir_cpt.claims.history import Authorization, History, PriorLine
from fhir_cpt.claims.json import Json
from fhir_cpt.claims.model import Claim
from fhir_cpt.claims.normalise import charges_from, claim_from
from fhir_cpt.claims.parties import names_of, read_patient
from fhir_cpt.claims.resources import Resources

TOLD = ("Claim", "ChargeItem", "ClaimResponse")
"""The types of resources that tell of the past."""
MOST_PAIRS = 5_000_000
"""Lines of a claim times prior lines up to which they are compared: some seconds for an edit that looks at them all.
999 lines, the most of an 837I, with 5,000 prior ones. A bound of ours, not of an agency."""
NOT_YET = ("draft", "planned")
VOID = ("cancelled", "entered-in-error", "aborted")
"""Statuses of what was not done (yet), or is taken back. Source: FHIR R4, fm-status and chargeitem-status."""


class Past(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One claim, charge, request or reply, as it is remembered. `names` are its identifiers, and its type and id.

    `posted` orders what a server keeps: milliseconds since 1970.
    """

    kind: Literal["claim", "charge", "request", "reply"]
    names: tuple[str, ...] = ()
    lines: tuple[PriorLine, ...] = ()
    asked: tuple[Asked, ...] = ()
    reply: Reply | None = None
    posted: int = 0


def history_from(context: Iterable[Json], claim: Claim, resources: Resources) -> History | None:
    """The history of the claim's patient in the resources that came along; None where none of them tells of any."""
    return history_of(list(pasts_from(context, claim, resources)), claim)


def pasts_from(context: Iterable[Json], claim: Claim, resources: Resources) -> Iterator[Past]:
    """What the resources that came along tell of the claim's patient.

    A resource counts where it names the same patient, or where either of the two names none.
    """
    for resource in context:
        if resource.get("resourceType") in TOLD and resource.get("status") not in NOT_YET + VOID:
            past = read_past(resource, resources)
            if past is not None and _same_patient(resource, claim, resources):
                yield past


def read_past(resource: Json, resources: Resources) -> Past | None:
    """A Claim, ChargeItem or ClaimResponse as it is remembered; None where there is nothing to remember.

    Nothing is remembered of a predetermination, nor of a payer's answer that decides nothing about an authorisation.
    """
    names = tuple(sorted(names_of(resource)))
    if resource.get("resourceType") == "ClaimResponse":
        reply = read_reply(resource, resources)
        return Past("reply", names, reply=reply) if reply is not None else None
    if resource.get("resourceType") == "ChargeItem":
        charge = charges_from([(resource, "ChargeItem")], "ChargeItem", resources)
        return Past("charge", names, tuple(prior_lines(charge)))
    use = resource.get("use", "claim")
    if use == "preauthorization":
        return Past("request", names, asked=read_asked(resource))
    return (
        Past("claim", names, tuple(prior_lines(claim_from(resource, "Claim", resources)))) if use == "claim" else None
    )


def history_of(pasts: Sequence[Past], claim: Claim) -> History | None:
    """The history that they make up for the claim; None where they are none."""
    if not pasts:
        return None
    return history_for(claim, pasts, has_lines=any(past.kind in ("claim", "charge") for past in pasts))


def history_for(claim: Claim, pasts: Sequence[Past], *, has_lines: bool = True, problem: str = "") -> History:
    """The history that they make up for the claim; without prior lines where there are too many to compare.

    `has_lines` and `problem` are as on `History`.
    """
    lines = lines_of(pasts, claim)
    if len(lines) * len(claim.lines) > MOST_PAIRS:
        problem = problem or (
            f"the patient has {len(lines)} prior lines, too many to compare with the {len(claim.lines)} lines of the "
            "claim. Split the claim."
        )
        lines, has_lines = [], False
    return History(lines, authorizations_from(pasts), has_lines=has_lines, problem=problem)


def lines_of(pasts: Iterable[Past], claim: Claim) -> list[PriorLine]:
    """The prior lines, each service once.

    The claim itself, known by its identifier or id, is not its own past. A charge and a claim's line of the same code
    and days are one service, which was charged first and billed then.
    """
    others = [past for past in pasts if past.lines and claim.names.isdisjoint(past.names)]
    billed = [line for past in others if past.kind == "claim" for line in past.lines]
    charged = [line for past in others if past.kind == "charge" for line in past.lines]
    own = {(line.code, line.period) for line in claim.lines}
    if claim.kind == "charge":
        billed = [line for line in billed if _service(line) not in own]
    elif charged:
        charged = [line for line in charged if _service(line) not in own]
    if charged and billed:
        again = set(map(_service, billed))
        charged = [line for line in charged if _service(line) not in again]
    return billed + charged


def authorizations_from(pasts: Iterable[Past]) -> list[Authorization]:
    """The authorisations, each reply joined with the request that it answers."""
    told = [past for past in pasts if past.reply is not None or past.asked]
    requests = {name: past.asked for past in told for name in past.names if past.kind == "request"}
    found: list[Authorization] = []
    for past in told:
        if past.reply is not None:
            requested = next((requests[name] for name in past.reply.requests if name in requests), ())
            found.extend(authorizations_of(past.reply, requested))
    return found


def prior_lines(claim: Claim) -> Iterator[PriorLine]:
    """The lines of a claim as they will be remembered: those with a code and a day."""
    name = min(claim.names, default="")
    refs = tuple([ref.value for ref in claim.pre_auth_refs])
    for line in claim.lines:
        if line.code is not None and line.system is not None and line.period is not None:
            yield PriorLine(
                system=line.system,
                code=line.code,
                modifiers=line.modifiers,
                start=line.period.start,
                end=line.period.end,
                units=line.units,
                provider=line.provider,
                group=line.group,
                place=line.place,
                setting=claim.setting,
                claim=name,
                refs=refs,
            )


def _service(line: PriorLine) -> tuple[str, Any]:
    return line.code, (line.start, line.end)


def _same_patient(resource: Json, claim: Claim, resources: Resources) -> bool:
    """Whether the resource is of the claim's patient, as far as the two say."""
    other = Claim("", claim.kind, None)
    read_patient(other, resource.get("patient") or resource.get("subject"), resource, resources)
    keys = other.patient_keys
    return not keys or not claim.patient_keys or not set(keys).isdisjoint(claim.patient_keys)
