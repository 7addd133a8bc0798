"""The URIs under which codes arrive, and the one that each stands for. Source: HL7 THO; spec/terminology."""

from __future__ import annotations

from terminology.model import CPT, HCPCS, ICD10CM, PLACE_OF_SERVICE

NPI = "http://hl7.org/fhir/sid/us-npi"

ALIASES = {
    "urn:oid:2.16.840.1.113883.6.12": CPT,
    "https://www.ama-assn.org/go/cpt": CPT,
    "http://www.ama-assn.org/go/cpt/": CPT,
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": HCPCS,
    "https://bluebutton.cms.gov/resources/codesystem/hcpcs": HCPCS,
    "urn:oid:2.16.840.1.113883.6.285": HCPCS,
    "http://terminology.hl7.org/CodeSystem/HCPCS-all-codes": HCPCS,
    "http://terminology.hl7.org/CodeSystem/POS": PLACE_OF_SERVICE,
    "urn:oid:2.16.840.1.113883.6.90": ICD10CM,
    "https://hl7.org/fhir/sid/icd-10-cm": ICD10CM,
}
"""Other URIs seen for our systems, and the preferred one."""

PREFERRED = {**ALIASES, **{url: url for url in (CPT, HCPCS, ICD10CM, PLACE_OF_SERVICE)}}
"""Every URI that stands for a system we know, its own among them."""


def same(one: str | None, other: str) -> bool:
    """Whether two URIs name one code system."""
    return one == other or (one is not None and PREFERRED.get(one, one) == PREFERRED.get(other, other))


PROCEDURE = frozenset({CPT, HCPCS})
"""The systems whose codes name procedures, services and supplies."""

SHORT = {CPT: "CPT", HCPCS: "HCPCS", ICD10CM: "ICD-10-CM", PLACE_OF_SERVICE: "place of service"}
"""What people call the systems."""
