"""FHIR JSON into the claim that edits see. Works on plain JSON, R4 and R5, and never raises on bad content.

What has the wrong type is left out here: the structure check reports it. References are followed into
contained resources and into the other resources that came along (a Bundle's entries, the `context`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fhir_cpt.claims.codings import Codings, codings, sole
from fhir_cpt.claims.documented import read_documented
from fhir_cpt.claims.json import Json, days_of, dicts, integers, money, number, places, shortened, strings
from fhir_cpt.claims.lines import (
    charge_modifiers,
    item_modifiers,
    place_of_service,
    read_code,
    read_occurrence,
    read_period,
    read_quantity,
    read_serviced,
)
from fhir_cpt.claims.model import Claim, Diagnosis, Kind, Line, Npi, PreAuthRef
from fhir_cpt.claims.parties import name_of, names_of, party, payers, read_patient
from fhir_cpt.claims.resources import Resources
from terminology.edits import Setting
from terminology.model import ICD10CM
from terminology.systems import PREFERRED

_KINDS: dict[str, Kind] = {
    "professional": "professional",
    "institutional": "institutional",
    "pharmacy": "pharmacy",
    "oral": "oral",
    "vision": "vision",
}
_REFERRING = ("referring", "DN")
"""Roles in the care team of who refers and does not render. Source: CARIN Blue Button, care team roles; X12 837P, NM101
DN."""
_OUTSIDE_NCCI = ("pharmacy", "oral", "vision")


def claim_from(resource: Json, path: str, resources: Resources, setting: Setting | None = None) -> Claim:
    """A Claim resource as a claim. `path` is its FHIRPath, `setting` overrides what the claim's type implies."""
    kind = _kind(resource)
    claim = Claim(path, kind, setting or _setting(resource, kind))
    claim.setting_given = setting is not None
    claim.inpatient = kind == "institutional" and claim.setting is None
    read_patient(claim, resource.get("patient"), resource, resources)
    claim.diagnoses = tuple(_diagnoses(resource, path, resources))
    claim.total = money(resource.get("total"))
    if isinstance(use := resource.get("use"), str):
        claim.use = use
    npis: list[Npi] = []
    billing = party(resource.get("provider"), resource, resources, f"{path}.provider", npis, billing=True)
    team: dict[int, tuple[str, str]] = {}
    for at, member in enumerate(dicts(resource.get("careTeam"))):
        who = party(member.get("provider"), resource, resources, f"{path}.careTeam[{at}].provider", npis)
        if "role" in member and any(code in _REFERRING for _, code, _ in codings(member["role"])):
            claim.referring = who or "unnamed"
            continue
        specialty = next((code for _, code, _ in codings(member.get("qualification"))), "")
        if isinstance(sequence := member.get("sequence"), int):
            team[sequence] = (who, specialty)
    claim.npis = tuple(npis)
    if not claim.referring and "referral" in resource:
        claim.referring = name_of(resource["referral"])
    claim.payers = frozenset(payers(resource, resources))
    claim.names = names_of(resource)
    if isinstance(created := resource.get("created"), str) and (made := days_of(created)):
        claim.created = made.start
    _read_insurance(claim, resource, path)
    if "supportingInfo" in resource:
        claim.documented = tuple(read_documented(resource, path))
        claim.informed = bool(dicts(resource["supportingInfo"]))
    billable = resource.get("billablePeriod")
    group, lines = f"{billing}|", claim.lines
    items = dicts(resource.get("item"))
    for item, place in zip(items, places(f"{path}.item", len(items)), strict=False):
        line = _item(item, place, len(lines))
        if not read_serviced(line, item) and billable is not None:
            read_period(line, billable, f"{path}.billablePeriod")
        line.provider, line.group = billing, group
        if team:
            who, specialty = _rendering(item.get("careTeamSequence"), team)
            line.provider, line.group = who or billing, f"{billing}|{specialty}"
        if "diagnosisSequence" in item:
            line.pointers = integers(item["diagnosisSequence"])
        if "informationSequence" in item:
            line.information = integers(item["informationSequence"])
        if "quantity" in item:
            read_quantity(line, item["quantity"])
        lines.append(line)
        if "detail" in item:
            _details(lines, item["detail"], "detail", line)
    return claim


def _rendering(sequences: Any, team: Mapping[int, tuple[str, str]]) -> tuple[str, str]:
    """Who rendered a line, and their specialty: the member of the care team that the line names first."""
    first = sequences[0] if isinstance(sequences, list) and sequences else None
    return team.get(first, ("", "")) if isinstance(first, int) else ("", "")


def charges_from(
    items: Iterable[tuple[Json, str]], path: str, resources: Resources, setting: Setting | None = None
) -> Claim:
    """ChargeItems of one patient as a claim of one line each; `items` are the resources and their FHIRPaths."""
    claim = Claim(path, "charge", setting or "practitioner")
    claim.setting_given = setting is not None
    npis: list[Npi] = []
    names: set[str] = set()
    for charge, own in items:
        names |= names_of(charge)
        if not claim.patient:
            read_patient(claim, charge.get("subject"), charge, resources)
        line = Line(own, len(claim.lines))
        line.is_charge_item = True
        read_code(line, charge.get("code"), charge_modifiers(charge, own))
        read_occurrence(line, charge, own)
        read_quantity(line, charge.get("quantity"))
        performers = [
            party(member.get("actor"), charge, resources, f"{own}.performer[{at}].actor", npis)
            for at, member in enumerate(dicts(charge.get("performer")))
        ]
        organisation = charge.get("performingOrganization")
        billing = party(organisation, charge, resources, f"{own}.performingOrganization", npis, billing=True)
        line.provider = next(filter(None, performers), billing)
        line.group = f"{billing}|"
        line.net = money(charge.get("priceOverride"))
        claim.lines.append(line)
    claim.npis = tuple(npis)
    claim.names = frozenset(names)
    return claim


def _item(item: Json, path: str, at: int) -> Line:
    line = Line(path, at)
    read_code(
        line, item.get("productOrService"), item_modifiers(item["modifier"], path) if "modifier" in item else None
    )
    if "unitPrice" in item:
        line.unit_price = money(item["unitPrice"])
    if "net" in item:
        line.net = money(item["net"])
    if "factor" in item:
        line.factor = number(item["factor"])
    if "locationCodeableConcept" in item:
        line.place = place_of_service(item["locationCodeableConcept"])
    if "revenue" in item:
        line.revenue = True
    return line


def _details(lines: list[Line], details: Any, element: str, parent: Line) -> None:
    """Lines for the details that carry their own code; day, place, provider and pointers are the parent's."""
    for at, detail in enumerate(dicts(details)):
        path = f"{parent.path}.{element}[{at}]"
        line = _item(detail, path, len(lines))
        line.period, line.period_path, line.date_fault = parent.period, parent.period_path, None
        line.provider, line.group, line.pointers = parent.provider, parent.group, parent.pointers
        line.information = parent.information
        line.place = line.place or parent.place
        line.detail = True
        read_quantity(line, detail.get("quantity"))
        if line.codings:
            lines.append(line)
        if "subDetail" in detail:
            _details(lines, detail["subDetail"], "subDetail", line)


def _read_insurance(claim: Claim, resource: Json, path: str) -> None:
    """The insurance that is to pay (the focal one, else the first), and the prior authorisations of all of them."""
    refs: list[PreAuthRef] = []
    for at, item in enumerate(dicts(resource.get("insurance"))):
        if not claim.insurance or item.get("focal") is True:
            claim.insurance = f"{path}.insurance[{at}]"
        if "preAuthRef" in item:
            refs.extend(
                PreAuthRef(shortened(ref.strip()), f"{path}.insurance[{at}].preAuthRef[{place}]")
                for place, ref in enumerate(strings(item["preAuthRef"]))
                if ref.strip()
            )
    claim.pre_auth_refs = tuple(refs)


def _diagnoses(resource: Json, path: str, resources: Resources) -> Iterator[Diagnosis]:
    items = dicts(resource.get("diagnosis"))
    for at, (item, place) in enumerate(zip(items, places(f"{path}.diagnosis", len(items)), strict=False)):
        sequence, element = item.get("sequence"), "diagnosisCodeableConcept"
        concept = item.get(element)
        if element not in item:
            element = "diagnosisReference"
            condition = resources.find(item.get(element), resource)
            concept = condition.get("code") if condition else None
        system: str | None
        code: str | None
        if (plain := sole(concept)) is not None:
            system, code = plain.preferred, plain.code
        else:
            system, code = _diagnosed(codings(concept))
        kinds: tuple[str, ...] = ()
        if "type" in item:
            kinds = tuple([code for kind in dicts(item["type"]) for _, code, _ in codings(kind)])
        yield Diagnosis(
            sequence if isinstance(sequence, int) else at + 1,
            code,
            system,
            f"{place}.{element}",
            kinds,
        )


def _diagnosed(found: Codings) -> tuple[str | None, str | None]:
    """The preferred system and the code of the coding that names the diagnosis: of ICD-10-CM, else the first."""
    if not found:
        return None, None
    system, code, _ = next((one for one in found if PREFERRED.get(one[0] or "") == ICD10CM), found[0])
    return PREFERRED.get(system or "", system), code


def _kind(resource: Json) -> Kind:
    for _, code, _ in codings(resource.get("type")):
        if code in _KINDS:
            return _KINDS[code]
    return "professional"


def _setting(resource: Json, kind: Kind) -> Setting | None:
    """Which NCCI tables hold; None outside NCCI: pharmacy, oral, vision, and inpatient stays (bill type 11x)."""
    if kind in _OUTSIDE_NCCI:
        return None
    if kind == "institutional":
        inpatient = any(code.lstrip("0").startswith("11") for _, code, _ in codings(resource.get("subType")))
        return None if inpatient else "hospital"
    return "practitioner"
