"""Prior lines of a patient, from the claims and charges that came along as context.

Source: spec/claim-edits, Terms, History; DESIGN, The wire, `context`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fhir_cpt.claims.history import Authorization, History, PriorLine
from fhir_cpt.claims.json import Json
from fhir_cpt.claims.model import Claim
from fhir_cpt.claims.normalise import charges_from, claim_from
from fhir_cpt.claims.resources import Resources

_TOLD = ("Claim", "ChargeItem")


def history_from(context: Iterable[Json], claim: Claim, resources: Resources) -> History | None:
    """The history of the claim's patient in the resources that came along; None where none of them tells of any.

    A prior claim counts where it names the same patient, or where either of the two names none. The claim itself,
    sent along by its identifier or id, is not its own past; nor is what was only asked for, not done.
    """
    lines: list[PriorLine] = []
    authorizations: list[Authorization] = []
    told = False
    for resource in context:
        if resource.get("resourceType") not in _TOLD:
            continue
        prior = read_prior(resource, resources)
        if same_patient(prior, claim) and prior.use == "claim":
            told = True
            if prior.names.isdisjoint(claim.names):
                lines.extend(prior_lines(prior))
    return History(lines, authorizations, has_lines=told) if told or authorizations else None


def read_prior(resource: Json, resources: Resources) -> Claim:
    """A Claim or ChargeItem as a claim."""
    if resource.get("resourceType") == "Claim":
        return claim_from(resource, "Claim", resources)
    return charges_from([(resource, "ChargeItem")], "ChargeItem", resources)


def same_patient(one: Claim, other: Claim) -> bool:
    """Whether two claims are of one patient, as far as they say."""
    return not one.patient_keys or not other.patient_keys or not set(one.patient_keys).isdisjoint(other.patient_keys)


def prior_lines(claim: Claim) -> Iterator[PriorLine]:
    """The lines of a claim as they will be remembered: those with a code and a day."""
    name = min(claim.names, default="")
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
            )
