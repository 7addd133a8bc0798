"""Claims written short, for examples and tests: a few words in, a whole FHIR Claim out.

    {date: 2026-10-15, lines: ["20610", {code: "99213", modifiers: ["25"], dx: [1]}], dx: ["M17.11"]}

What is left out gets an ordinary value, so that the claim is clean but for what the example is about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from terminology.model import CANONICAL, CPT, HCPCS, ICD10CM, PLACE_OF_SERVICE
from terminology.systems import NPI

Json = dict[str, Any]

BILLING_NPI = "1234567893"
"""A number with a right check digit, as CMS's own specification of the NPI uses it."""
_CHARGE = 100.0
_CLAIM_TYPE = "http://terminology.hl7.org/CodeSystem/claim-type"


def claim(spec: Mapping[str, Any]) -> Json:
    """The FHIR Claim (valid in R4 and R5) for a short description.

    Keys: `date`, `created`, `kind`, `place`, `lines`, `dx`, `provider`, `referring` (NPIs), `patient` ({birth, sex}),
    `payer`, `total`, `use`, `id`, `auth` (numbers of prior authorisations), `info` (supportingInfo: `{minutes: 40}`,
    `{mdm-risk: low}`, or as FHIR). A line is a code, or a mapping with `code`, `system`, `display`, `modifiers`,
    `units`, `date` (a day, or `first/last`), `place`, `provider` (an NPI), `specialty`, `dx` (pointers), `info`
    (sequences of supportingInfo), `net`, `price`, `factor`. A key given as null is left out of the claim.
    """
    lines = [item if isinstance(item, Mapping) else {"code": str(item)} for item in spec["lines"]]
    kind = spec.get("kind", "professional")
    providers: dict[tuple[str, str], int] = {}
    items = [_item(at, line, spec, kind, providers) for at, line in enumerate(lines, 1)]
    made: Json = {
        "resourceType": "Claim",
        "status": "active",
        "type": {"coding": [{"system": _CLAIM_TYPE, "code": kind}]},
        "use": spec.get("use", "claim"),
        "patient": {"reference": "Patient/example"},
        "created": str(spec.get("created") or spec.get("date") or "2026-10-15"),
        "provider": {"identifier": {"system": NPI, "value": str(spec.get("provider", BILLING_NPI))}},
        "priority": {"coding": [{"code": "normal"}]},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/example"}}],
        "item": items,
        "total": {"value": round(sum(item.get("net", {}).get("value", 0) for item in items), 2), "currency": "USD"},
    }
    dx = spec.get("dx", ["I10"])
    made["diagnosis"] = [_diagnosis(at, code) for at, code in enumerate(dx or (), 1)]
    team = [_member(at, npi, specialty) for (npi, specialty), at in providers.items()]
    if referring := spec.get("referring"):
        role = {"coding": [{"code": "referring"}]}
        team.append({**_member(len(team) + 1, str(referring), ""), "role": role})
    made["careTeam"] = team
    if patient := spec.get("patient"):
        made["contained"] = [_patient(patient)]
        made["patient"] = {"reference": "#patient"}
    if payer := spec.get("payer"):
        made["insurer"] = {"identifier": {"value": payer}}
    if "total" in spec:
        made["total"] = None if spec["total"] is None else {"value": spec["total"], "currency": "USD"}
    if info := spec.get("info"):
        made["supportingInfo"] = [{"sequence": at, **_documented(item)} for at, item in enumerate(info, 1)]
    if auth := spec.get("auth"):
        made["insurance"][0]["preAuthRef"] = [str(ref) for ref in auth]
    if "id" in spec:
        made["id"] = str(spec["id"])
    return {key: value for key, value in made.items() if value not in (None, [])}


def _item(
    at: int, line: Mapping[str, Any], spec: Mapping[str, Any], kind: str, providers: dict[tuple[str, str], int]
) -> Json:
    item: Json = {"sequence": at}
    code = line.get("code")
    if code is not None:
        coding = {"system": line.get("system", system_of(str(code))), "code": str(code)}
        if display := line.get("display"):
            coding["display"] = display
        item["productOrService"] = {"coding": [coding]}
    else:
        item["productOrService"] = {"text": "no code given"}
    item["modifier"] = [_modifier(str(modifier)) for modifier in line.get("modifiers", ())]
    item.update(_serviced(line.get("date", spec.get("date", dt.date(2026, 10, 15)))))
    place = line.get("place", spec.get("place", "11" if kind == "professional" else None))
    if place is not None:
        item["locationCodeableConcept"] = {"coding": [{"system": PLACE_OF_SERVICE, "code": str(place)}]}
    pointers = line.get("dx", [1])
    item["diagnosisSequence"] = list(pointers) if pointers else []
    if "info" in line:
        item["informationSequence"] = list(line["info"])
    if "units" in line:
        item["quantity"] = {"value": line["units"]}
    for key, name in (("price", "unitPrice"), ("net", "net")):
        value = line.get(key, _CHARGE if key == "net" and "price" not in line else None)
        if value is not None:
            item[name] = {"value": value, "currency": "USD"}
    if "factor" in line:
        item["factor"] = line["factor"]
    if "provider" in line or "specialty" in line:
        who = (str(line.get("provider", BILLING_NPI)), str(line.get("specialty", "")))
        item["careTeamSequence"] = [providers.setdefault(who, len(providers) + 1)]
    return {key: value for key, value in item.items() if value != []}


def _documented(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """A documented fact as supportingInfo: `{minutes: 40}`, `{mdm-risk: low}`, `{note: …}`; FHIR as it is."""
    if len(item) != 1:
        return item
    (kind, value), *_ = item.items()
    told = {"valueQuantity": {"value": value}} if kind in ("minutes", "days") else {"valueString": value}
    return {"category": {"coding": [{"system": f"{CANONICAL}CodeSystem/supporting-info", "code": kind}]}, **told}


def system_of(code: str) -> str:
    """CPT or HCPCS Level II, by the shape of a procedure code or modifier; for examples only."""
    return HCPCS if code[0].isalpha() and code[1:].isdigit() and len(code) == 5 else CPT


def _modifier(code: str) -> Json:
    return {"coding": [{"system": CPT if code.isdigit() or code[-1] == "P" or code[0] == "P" else HCPCS, "code": code}]}


def _serviced(value: Any) -> Json:
    if value is None:
        return {}
    first, _, last = str(value).partition("/")
    return {"servicedPeriod": {"start": first, "end": last}} if last else {"servicedDate": first}


def _diagnosis(at: int, given: Any) -> Json:
    code = given if isinstance(given, Mapping) else {"code": str(given)}
    coding = {"system": code.get("system", ICD10CM), "code": code["code"]}
    return {"sequence": code.get("sequence", at), "diagnosisCodeableConcept": {"coding": [coding]}}


def _member(at: int, npi: str, specialty: str) -> Json:
    member: Json = {"sequence": at, "provider": {"identifier": {"system": NPI, "value": npi}}}
    if specialty:
        member["qualification"] = {"coding": [{"system": "http://nucc.org/provider-taxonomy", "code": specialty}]}
    return member


def _patient(given: Mapping[str, Any]) -> Json:
    patient: Json = {"resourceType": "Patient", "id": "patient"}
    if "birth" in given:
        patient["birthDate"] = str(given["birth"])
    if "sex" in given:
        patient["gender"] = given["sex"]
    return patient


def charge(code: str, **elements: Any) -> Json:
    """A FHIR ChargeItem for one code; `elements` are set as given."""
    return {
        "resourceType": "ChargeItem",
        "status": "billable",
        "code": {"coding": [{"system": system_of(code.split(":")[0]), "code": code}]},
        "subject": {"reference": "Patient/example"},
        **elements,
    }


def spelled(parts: Mapping[str, Any]) -> str:
    """The parts of an example as text: a line of YAML for each."""
    dumped = (
        f"{key}: {yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10_000).strip()}"
        for key, value in parts.items()
    )
    return "\n".join(text.removesuffix("\n...") for text in dumped)


__all__: Sequence[str] = ("BILLING_NPI", "charge", "claim", "spelled", "system_of")
