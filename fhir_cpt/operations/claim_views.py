"""The answer of `Claim/$validate` in the view that was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fhir_cpt.claims.finding import Report
from fhir_cpt.claims.json import dicts
from fhir_cpt.claims.model import Claim
from fhir_cpt.claims.resources import Resources
from fhir_cpt.wire.claim_response import About, claim_response, collection
from fhir_cpt.wire.copied import is_id
from fhir_cpt.wire.faults import StructureFault
from fhir_cpt.wire.findings import claim_outcome
from fhir_cpt.wire.flat import verdict, verdicts
from fhir_cpt.wire.http import JSON, Answer
from fhir_cpt.wire.models import FhirVersion
from fhir_cpt.wire.views import View
from terminology.period import Day

Json = dict[str, Any]
Found = tuple[Sequence[StructureFault], Sequence[Claim], Sequence[Report]]
"""What was found in a resource: structural faults, claims, and a report for each claim."""


def viewed(
    view: View,
    resource: Mapping[str, Any],
    found: Found,
    context: Iterable[Mapping[str, Any]],
    version: FhirVersion,
    today: Day,
    notice: str | None,
) -> Answer:
    """The answer for a resource in which faults, claims and a report for each claim were found.

    A Bundle is answered by a Bundle of ClaimResponses, or by one object with a verdict for each claim.
    """
    faults, claims, reports = found
    if view == "outcome":
        return Answer(claim_outcome(faults, reports, notice))
    if view == "flat":
        return Answer(flat_view(resource, found, notice), media=JSON)
    about = About(version, _at_hand(resource, context), today, notice)
    responses = [
        claim_response(claim, source_of(claim, resource), report, own, about)
        for claim, report, own in zip(claims, reports, _shared(faults, claims), strict=True)
    ]
    return Answer(collection(responses) if resource["resourceType"] == "Bundle" else responses[0])


def flat_view(resource: Mapping[str, Any], found: Found, notice: str | None) -> Json:
    """The verdict on a resource; of a Bundle, the verdicts on its claims and the worst of them."""
    faults, claims, reports = found
    each = [
        verdict(claim, _id(source_of(claim, resource), claim), report, own, notice)
        for claim, report, own in zip(claims, reports, _shared(faults, claims), strict=True)
    ]
    return verdicts(each) if resource["resourceType"] == "Bundle" else each[0]


def source_of(claim: Claim, resource: Mapping[str, Any]) -> Json:
    """The Claim that a claim was made from, or the first of its ChargeItems."""
    path = claim.lines[0].path if claim.kind == "charge" else claim.path
    if not path.startswith("Bundle.entry["):
        return dict(resource)
    at = int(path.removeprefix("Bundle.entry[").partition("]")[0])
    return dict(resource["entry"][at]["resource"])


def _id(source: Json, claim: Claim) -> str | None:
    own = source.get("id")
    return own if is_id(own) and (claim.kind != "charge" or len(claim.lines) == 1) else None


def _shared(faults: Sequence[StructureFault], claims: Sequence[Claim]) -> Iterator[list[StructureFault]]:
    """The faults of each claim; those that lie in none of them are told with the first."""
    owners = [tuple(line.path for line in claim.lines) if claim.kind == "charge" else (claim.path,) for claim in claims]
    owned: list[list[StructureFault]] = [[] for _ in claims]
    for fault in faults:
        at = next((at for at, paths in enumerate(owners) if any(_within(fault.expression, path) for path in paths)), 0)
        owned[at].append(fault)
    yield from owned


def _within(expression: str, path: str) -> bool:
    return expression == path or expression.startswith(f"{path}.")


def _at_hand(resource: Mapping[str, Any], context: Iterable[Mapping[str, Any]]) -> Resources:
    """The resources that came along, by their references."""
    found = Resources((None, item) for item in context)
    if resource["resourceType"] == "Bundle":
        for entry in dicts(resource.get("entry")):
            full_url = entry.get("fullUrl")
            if isinstance(item := entry.get("resource"), dict):
                found.add(item, full_url if isinstance(full_url, str) else None)
    return found
