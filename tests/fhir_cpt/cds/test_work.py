"""What claims are made of the orders, charges and draft claims of a hook."""

from __future__ import annotations

from typing import Any

from fhir_cpt.cds.request import HookRequest, Placed
from fhir_cpt.cds.work import Work, work_of
from fhir_cpt.claims.shorthand import charge, claim, system_of
from terminology.model import ICD10CM

TODAY = 20261120
Json = dict[str, Any]


def ordered(code: str, kind: str = "ServiceRequest", **elements: Any) -> Json:
    element = "codeCodeableConcept" if kind == "DeviceRequest" else "code"
    return {"resourceType": kind, element: {"coding": [{"system": system_of(code), "code": code}]}, **elements}


def placed(where: str, *resources: Json) -> tuple[Placed, ...]:
    return tuple(Placed(item, f"{where}.entry[{at}].resource") for at, item in enumerate(resources))


def made(*orders: Json, **prefetch: Any) -> list[Work]:
    """The work for draft orders, and for prefetched resources by key."""
    held = {name: placed(f"prefetch.{name}", *items) for name, items in prefetch.items()}
    return work_of(HookRequest("p", placed("context.draftOrders", *orders), None, held), TODAY)


def reasons(*codes: str) -> list[Json]:
    return [{"coding": [{"system": ICD10CM, "code": code}]} for code in codes]


def test_orders_devices_charges_and_claims_are_claims_of_their_own() -> None:
    draft = claim({"lines": ["99213"], "kind": "institutional"})
    works = made(
        ordered("99213"), ordered("E0100", "DeviceRequest"), ordered("20610"), charges=[charge("36415")], claims=[draft]
    )
    told = [
        (work.claim.kind, work.claim.setting, work.claim.use, [line.code for line in work.claim.lines])
        for work in works
    ]
    assert told == [
        ("charge", "practitioner", "predetermination", ["99213", "20610"]),
        ("charge", "dme", "predetermination", ["E0100"]),
        ("charge", "practitioner", "claim", ["36415"]),
        ("institutional", "hospital", "claim", ["99213"]),
    ]
    assert [bool(work.exclude) for work in works] == [True, True, False, False]


def test_nothing_to_check_is_no_work() -> None:
    assert made() == []
    assert (
        made({"resourceType": "Patient"}, {"resourceType": "ServiceRequest"}, charges=[{"resourceType": "Device"}])
        == []
    )


def test_a_line_stands_where_its_order_does_and_leads_back_to_it() -> None:
    (work,) = made({"resourceType": "Patient"}, ordered("99213"), {"resourceType": "ServiceRequest"}, ordered("20610"))
    assert [line.path for line in work.claim.lines] == [f"context.draftOrders.entry[{at}].resource" for at in (1, 3)]
    alias = work.source_of("context.draftOrders.entry[3].resource.code.coding[0].code")
    assert alias is not None
    assert (alias.source.path, alias.element) == ("context.draftOrders.entry[3].resource", "code.coding[0].code")
    assert work.source_of("context.draftOrders.entry[2].resource.code") is None


def test_a_diagnosis_that_two_orders_name_is_on_the_claim_once() -> None:
    (work,) = made(
        ordered("99213", reasonCode=reasons("M17.11", "E11.9")), ordered("20610", reasonCode=reasons("m1711"))
    )
    assert [diagnosis.code for diagnosis in work.claim.diagnoses] == ["M17.11", "E11.9"]
    assert [line.pointers for line in work.claim.lines] == [(1, 2), (1,)]


def test_reasons_in_other_code_systems_are_passed_over() -> None:
    snomed = {"coding": [{"system": "http://snomed.info/sct", "code": "73211009"}]}
    both = {"coding": [*snomed["coding"], *reasons("E11.9")[0]["coding"]]}
    (work,) = made(ordered("99213", reasonCode=[snomed, both]))
    assert [diagnosis.code for diagnosis in work.claim.diagnoses] == ["E11.9"]


def test_reasons_of_charges_are_diagnoses_too() -> None:
    (work,) = made(charges=[charge("99213", reason=reasons("E11.9"))])
    assert [diagnosis.code for diagnosis in work.claim.diagnoses] == ["E11.9"]
    assert work.claim.lines[0].pointers == (1,)


def test_details_of_an_order_are_modifiers_where_they_have_two_characters() -> None:
    system = system_of("99213")
    details = [
        {"coding": [{"system": given, "code": code}]}
        for given, code in ((system, "25"), (system, "99214"), ("urn:x", "26"))
    ]
    (work,) = made(ordered("99213", orderDetail=details))
    assert work.claim.lines[0].modifiers == ("25",)


def test_the_order_of_a_device_counts_its_pieces_as_units() -> None:
    (work,) = made(ordered("E0100", "DeviceRequest", quantity=3))
    assert work.claim.lines[0].units == 3
    (lied,) = made(ordered("E0100", "DeviceRequest", quantity="3"))
    assert lied.claim.lines[0].units == 1
