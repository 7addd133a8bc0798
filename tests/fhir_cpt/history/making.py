"""Claims, charges and answers of one patient, as senders post them."""

from __future__ import annotations

from typing import Any

from fhir_cpt.claims import shorthand
from terminology.model import CPT

Json = dict[str, Any]
PATIENT = {"identifier": {"system": "https://hospital.example/mrn", "value": "Zebra-4711"}}
TYPE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "professional"}]}


def identified(resource: Json, number: str) -> Json:
    return {**resource, "identifier": [{"system": "https://sender.example/numbers", "value": number}]}


def claim(number: str, *lines: Any, patient: Json = PATIENT, **elements: Any) -> Json:
    """A claim of 15 October 2026; `elements` as the short form has them, `status` as FHIR."""
    status = elements.pop("status", "active")
    made = shorthand.claim({"date": "2026-10-15", "lines": list(lines) or ["99213"], **elements})
    return {**identified(made, number), "patient": patient, "status": status}


def charge(number: str, code: str = "99213", patient: Json = PATIENT, **elements: Any) -> Json:
    made = shorthand.charge(code, occurrenceDateTime="2026-10-15", **elements)
    return {**identified(made, number), "subject": patient}


def answer(number: str, *codes: str, patient: Json = PATIENT, **elements: Any) -> Json:
    """A payer's answer that authorises the codes as `A-number`, in October 2026."""
    added = [
        {
            "productOrService": {"coding": [{"system": CPT, "code": code}]},
            "adjudication": [{"category": {"text": "granted"}}],
        }
        for code in codes
    ]
    made: Json = {
        "resourceType": "ClaimResponse",
        "status": "active",
        "type": TYPE,
        "use": "preauthorization",
        "patient": patient,
        "created": "2026-10-01",
        "insurer": {"display": "Example Health"},
        "outcome": "complete",
        "preAuthRef": f"A-{number}",
        "preAuthPeriod": {"start": "2026-10-01", "end": "2026-10-31"},
        **({"addItem": added} if added else {}),
        **elements,
    }
    return identified(made, number)
