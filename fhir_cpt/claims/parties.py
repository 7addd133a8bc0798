"""Who is named on a claim: patient, providers, payers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fhir_cpt.claims.json import LONGEST_NAME, LONGEST_SYSTEM, MOST_NAMES, Json, days_of, dicts, shortened
from fhir_cpt.claims.model import Claim, Npi, Sex
from fhir_cpt.claims.resources import Resources
from terminology.systems import NPI


def party(
    reference: Any, owner: Json, resources: Resources, path: str, npis: list[Npi], *, billing: bool = False
) -> str:
    """What tells this provider from others: the NPI, else the reference. NPIs found are added to `npis`."""
    if not isinstance(reference, dict):
        return ""
    resource: Json | None = resources.find(reference, owner)
    identifiers = _identifiers(reference)
    if resource is not None:
        identifiers = [*identifiers, *_identifiers(resource)]
        if resource.get("resourceType") == "PractitionerRole":
            person = resources.find(resource.get("practitioner"), resource)
            identifiers = [*identifiers, *_identifiers(person)] if person else identifiers
    for identifier in identifiers:
        value = identifier.get("value")
        if identifier.get("system") == NPI and isinstance(value, str):
            npis.append(Npi(npi := shortened(value), path, billing))
            return npi
    return name_of(reference)


def name_of(reference: Any) -> str:
    """A reference as a short text that tells whom it names apart: the reference, identifier or display."""
    if not isinstance(reference, dict):
        return ""
    text, identifier = reference.get("reference"), reference.get("identifier")
    if not isinstance(text, str) and isinstance(identifier, dict) and isinstance(identifier.get("value"), str):
        text = f"{identifier.get('system')}|{identifier['value']}"
    if not isinstance(text, str):
        text = reference.get("display")
    return shortened(text, LONGEST_NAME) if isinstance(text, str) else ""


def names_of(resource: Json) -> frozenset[str]:
    """All names of a claim or charge: `system|value` of its identifiers, and its type and id."""
    names = set(identifiers_of(resource)) if "identifier" in resource else set()
    if isinstance(name := resource.get("id"), str):
        names.add(f"{resource.get('resourceType')}/{shortened(name)}")
    return frozenset(names)


def identifiers_of(resource: Json) -> Iterator[str]:
    """The identifiers of a resource, as `system|value`."""
    for identifier in dicts(resource.get("identifier")):
        if isinstance(value := identifier.get("value"), str) and value:
            system = identifier.get("system")
            yield f"{shortened(system, LONGEST_SYSTEM) if isinstance(system, str) else ''}|{shortened(value)}"


def payers(resource: Json, resources: Resources) -> Iterator[str]:
    """Everything that may name the payer: references, identifiers and names of insurer and of each Coverage's payor."""
    parties = [(resource.get("insurer"), resource)]
    seen: set[int] = set()
    for insurance in dicts(resource.get("insurance")):
        coverage = resources.find(insurance.get("coverage"), resource)
        if coverage is not None and id(coverage) not in seen:
            seen.add(id(coverage))
            payors = coverage.get("payor") or coverage.get("insurer")
            parties += [(payor, coverage) for payor in dicts(payors)]
    for reference, owner in parties:
        if not isinstance(reference, dict):
            continue
        yield name_of(reference)
        organisation = resources.find(reference, owner)
        for identifier in (*_identifiers(reference), *_identifiers(organisation or {})):
            if isinstance(value := identifier.get("value"), str):
                yield value
                yield f"{identifier.get('system')}|{value}"
        if organisation is not None and isinstance(name := organisation.get("name"), str):
            yield name


def _identifiers(resource: Json) -> Sequence[Json]:
    """The identifiers of a resource or reference, as many as are looked at."""
    given = resource.get("identifier")
    return dicts(given[:MOST_NAMES] if isinstance(given, list) else given)


def read_patient(claim: Claim, reference: Any, owner: Json, resources: Resources) -> None:
    """The patient's reference, birth date and sex, as far as the resource is at hand."""
    claim.patient = name = name_of(reference)
    patient = resources.find(reference, owner)
    claim.patient_keys = (name,) if name and not name.startswith(("#", "urn:")) else ()
    if isinstance(reference, dict) and "identifier" in reference:
        claim.patient_keys = (*identifiers_of({"identifier": reference["identifier"]}), *claim.patient_keys)
    if patient is None:
        return
    if "identifier" in patient:
        claim.patient_keys = (*identifiers_of(patient), *claim.patient_keys)
    birth, gender = patient.get("birthDate"), patient.get("gender")
    days = days_of(birth) if isinstance(birth, str) else None
    claim.birth = days.start if days else None
    if isinstance(gender, str):
        claim.sex = Sex(gender, "Patient.gender")
