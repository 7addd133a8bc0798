"""FHIR JSON into claims: systems, expressions, days, units, details, ChargeItems, and whatever else may come."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.json import LARGEST, LONGEST
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.claims.normalise import charges_from, claim_from
from fhir_cpt.claims.resources import Resources
from terminology.model import CPT, HCPCS, ICD10CM, PLACE_OF_SERVICE
from terminology.systems import ALIASES, NPI, PROCEDURE


def read(resource: dict[str, Any]) -> Claim:
    return claim_from(resource, "Claim", Resources())


def one_line(**item: Any) -> Line:
    return read({"resourceType": "Claim", "item": [{"sequence": 1, **item}]}).lines[0]


def concept(*codings: tuple[str | None, str]) -> dict[str, Any]:
    return {"coding": [{"code": code} | ({"system": system} if system else {}) for system, code in codings]}


def charge(**elements: Any) -> Line:
    return charges_from([({"resourceType": "ChargeItem", **elements}, "ChargeItem")], "ChargeItem", Resources()).lines[
        0
    ]


@pytest.mark.parametrize("uri", sorted(uri for uri, system in ALIASES.items() if system in PROCEDURE))
def test_an_alias_stands_for_its_system_and_is_kept_as_given(uri: str) -> None:
    line = one_line(productOrService=concept((uri, "99213")))
    assert (line.system, line.code) == (ALIASES[uri], "99213")
    assert line.given == (uri, "99213")


def test_the_first_coding_in_a_known_system_is_taken() -> None:
    line = one_line(productOrService=concept(("https://lab.example", "X1"), (HCPCS, "J3301"), (CPT, "99213")))
    assert (line.system, line.code, line.coding_path) == (HCPCS, "J3301", "Claim.item[0].productOrService.coding[1]")
    assert [coding[:2] for coding in line.codings] == [("https://lab.example", "X1"), (HCPCS, "J3301"), (CPT, "99213")]


def test_a_coding_without_a_code_is_passed_over_and_still_counted_in_paths() -> None:
    codings = [{"display": "no code"}, 7, {"system": CPT, "code": "99213"}]
    line = one_line(productOrService={"coding": codings})
    assert (line.code, line.coding_path) == ("99213", "Claim.item[0].productOrService.coding[2]")


def test_a_code_without_a_system_or_in_others_is_no_procedure_code() -> None:
    line = one_line(productOrService=concept((None, "99213"), ("http://snomed.info/sct", "1234")))
    assert (line.system, line.code) == (None, None)
    assert len(line.codings) == 2


@pytest.mark.parametrize(
    ("text", "code", "modifiers"),
    [
        ("99213:25", "99213", ("25",)),
        ("99213:25:LT", "99213", ("25", "LT")),
        (" j3301 : jz ", "J3301", ("JZ",)),
        ("99213:", "99213", ()),
        (":25", None, ()),
    ],
)
def test_an_expression_is_a_code_with_its_modifiers(text: str, code: str | None, modifiers: tuple[str, ...]) -> None:
    line = one_line(productOrService=concept((CPT, text)))
    assert (line.code, line.modifiers) == (code, modifiers)


def test_modifiers_of_the_expression_come_before_those_of_the_elements() -> None:
    line = one_line(
        productOrService=concept((CPT, "99213:25")),
        modifier=[concept((CPT, "59"), (HCPCS, "59")), concept((HCPCS, "lt"))],
    )
    assert line.modifiers == ("25", "59", "LT")
    path = "Claim.item[0]."
    assert line.modifier_paths == (f"{path}productOrService", f"{path}modifier[0]", f"{path}modifier[1]")


def test_details_with_their_own_code_are_lines_with_the_days_of_their_item() -> None:
    item = {
        "productOrService": concept((CPT, "99213")),
        "servicedDate": "2026-10-15",
        "diagnosisSequence": [2],
        "detail": [
            {"productOrService": {"text": "no code"}},
            {
                "productOrService": concept((HCPCS, "J3301")),
                "quantity": {"value": 4},
                "subDetail": [{"productOrService": concept((HCPCS, "A4206"))}],
            },
        ],
    }
    lines = read({"item": [item, {"productOrService": concept((CPT, "85025"))}]}).lines
    assert [(line.number, line.code, line.detail) for line in lines] == [
        (0, "99213", False),
        (1, "J3301", True),
        (2, "A4206", True),
        (3, "85025", False),
    ]
    assert lines[2].path == "Claim.item[0].detail[1].subDetail[0]"
    assert lines[2].period == lines[1].period == lines[0].period
    assert (lines[1].units, lines[1].pointers) == (4, (2,))
    assert lines[3].path == "Claim.item[1]"


@pytest.mark.parametrize(
    ("serviced", "period", "fault"),
    [
        ({"servicedDate": "2026-10-15"}, (20261015, 20261015), None),
        ({"servicedDate": "2026-02"}, (20260201, 20260228), None),
        ({"servicedDate": "15.10.2026"}, None, "is not a date"),
        ({"servicedPeriod": {"start": "2026-10-15", "end": "2026-10-17"}}, (20261015, 20261017), None),
        ({"servicedPeriod": {"start": "2026-10-15T23:30:00-05:00"}}, (20261015, 20261015), None),
        ({"servicedPeriod": {"end": "2026-10-15"}}, (20261015, 20261015), None),
        (
            {"servicedPeriod": {"start": "2026-10-17", "end": "2026-10-15"}},
            (20261015, 20261017),
            "ends before it starts",
        ),
        ({"servicedPeriod": {"start": "soon"}}, None, "holds no date"),
        ({}, (20260901, 20260930), None),
    ],
)
def test_the_days_are_those_of_the_line_else_of_the_claim(
    serviced: dict[str, Any], period: tuple[int, int] | None, fault: str | None
) -> None:
    resource = {
        "billablePeriod": {"start": "2026-09-01", "end": "2026-09-30"},
        "item": [{"productOrService": concept((CPT, "99213")), **serviced}],
    }
    line = read(resource).lines[0]
    assert (line.period, line.date_fault) == (period, fault)
    assert line.period_path == ("Claim.item[0]." + next(iter(serviced)) if serviced else "Claim.billablePeriod")


@pytest.mark.parametrize(
    ("units", "last", "daily"),
    [(6, 15, 6), (6, 17, 2), (5, 16, 3), (4, 17, 1), (1, 31, 1), (0, 17, 0), (-3, 17, -3), (2.5, 15, 2.5)],
)
def test_units_of_a_span_are_divided_by_its_days_and_halves_go_up(units: float, last: int, daily: float) -> None:
    period = {"start": "2026-10-15", "end": f"2026-10-{last}"}
    line = one_line(servicedPeriod=period, quantity={"value": units})
    assert (line.units, line.quantity) == (daily, units)


def test_units_that_are_not_given_are_one() -> None:
    assert (one_line().units, one_line().quantity) == (1, None)


def test_the_provider_is_the_one_rendering_else_the_billing_one() -> None:
    made = shorthand.claim({"lines": ["99213", {"code": "99214", "provider": "1999999984", "specialty": "207Q00000X"}]})
    lines = read(made).lines
    billing = shorthand.BILLING_NPI
    assert [line.provider for line in lines] == [billing, "1999999984"]
    assert [line.group for line in lines] == [f"{billing}|", f"{billing}|207Q00000X"]


def test_references_are_followed_into_contained_resources() -> None:
    made = shorthand.claim({"lines": ["99213"], "patient": {"birth": "1950-02-03", "sex": "female"}})
    made["contained"].append(
        {"resourceType": "Organization", "id": "us", "identifier": [{"system": NPI, "value": "1999999984"}]}
    )
    made["provider"] = {"reference": "#us"}
    found = read(made)
    assert (found.birth, found.sex and found.sex.value) == (19500203, "female")
    assert found.lines[0].provider == "1999999984"


@pytest.mark.parametrize(
    ("kind", "bill", "setting"),
    [
        ("professional", None, "practitioner"),
        ("institutional", "131", "hospital"),
        ("institutional", "0131", "hospital"),
        ("institutional", "0111", None),
        ("institutional", None, "hospital"),
        ("pharmacy", None, None),
        ("something else", None, "practitioner"),
    ],
)
def test_the_type_of_the_claim_chooses_the_setting(kind: str, bill: str | None, setting: str | None) -> None:
    resource = {"type": concept((None, kind))} | ({"subType": concept((None, bill))} if bill else {})
    assert read(resource).setting == setting
    assert claim_from(resource, "Claim", Resources(), "dme").setting == "dme"


def test_a_diagnosis_is_read_from_a_concept_or_from_the_condition_referred_to() -> None:
    resource = {
        "contained": [{"resourceType": "Condition", "id": "c", "code": concept((ICD10CM, "I10"))}],
        "diagnosis": [
            {"sequence": 1, "diagnosisCodeableConcept": concept(("http://snomed.info/sct", "1"), (ICD10CM, "M17.11"))},
            {"sequence": 2, "diagnosisReference": {"reference": "#c"}},
        ],
    }
    assert [(item.sequence, item.code) for item in read(resource).diagnoses] == [(1, "M17.11"), (2, "I10")]


def test_a_place_of_another_system_is_no_place_of_service() -> None:
    other = concept(("http://terminology.hl7.org/CodeSystem/ex-serviceplace", "19"))
    assert one_line(locationCodeableConcept=other).place is None
    assert one_line(locationCodeableConcept=concept((PLACE_OF_SERVICE, "11"))).place == "11"


def test_a_charge_takes_its_modifiers_from_expressions_codings_and_extensions() -> None:
    line = charge(
        code=concept((CPT, "25"), (CPT, "99213:24"), (HCPCS, "25")),
        extension=[
            {"url": "https://example.org/StructureDefinition/modifier", "valueCodeableConcept": concept((HCPCS, "LT"))},
            {"url": "https://example.org/procedureModifier", "valueString": "gt, 95"},
            {"url": "https://example.org/other", "valueString": "59"},
        ],
    )
    assert (line.code, line.modifiers) == ("99213", ("24", "25", "LT", "GT", "95"))
    assert line.modifier_paths[-1] == "ChargeItem.extension[1]"
    assert line.coding_path == "ChargeItem.code.coding[1]"


@pytest.mark.parametrize(
    ("occurrence", "period"),
    [
        ({"occurrenceDateTime": "2026-10-15T08:00:00Z"}, (20261015, 20261015)),
        ({"occurrencePeriod": {"start": "2026-10-15", "end": "2026-10-16"}}, (20261015, 20261016)),
        ({"occurrenceTiming": {"event": ["2026-10-17", "2026-10-15", "never"]}}, (20261015, 20261017)),
        ({}, None),
    ],
)
def test_a_charge_has_the_days_of_its_occurrence(occurrence: dict[str, Any], period: tuple[int, int] | None) -> None:
    assert charge(code=concept((CPT, "99213")), **occurrence).period == period


def test_charges_of_one_patient_are_the_lines_of_one_claim() -> None:
    items = [
        (shorthand.charge("20610"), "Bundle.entry[0].resource"),
        (shorthand.charge("99213"), "Bundle.entry[2].resource"),
    ]
    found = charges_from(items, "Bundle", Resources())
    assert (found.kind, found.setting, found.patient) == ("charge", "practitioner", "Patient/example")
    assert [(line.number, line.code_path) for line in found.lines] == [
        (0, "Bundle.entry[0].resource.code"),
        (1, "Bundle.entry[2].resource.code"),
    ]


NAMES = """
type subType patient provider insurance insurer coverage careTeam sequence qualification diagnosis item detail
subDetail productOrService coding system code modifier servicedDate servicedPeriod start end billablePeriod
quantity value unitPrice net factor total locationCodeableConcept diagnosisSequence careTeamSequence
supportingInfo identifier reference contained resourceType id diagnosisCodeableConcept diagnosisReference
preAuthRef extension url event occurrenceDateTime occurrencePeriod occurrenceTiming performer actor
performingOrganization priceOverride subject payor birthDate gender revenue use created name valueString
valueCoding display
"""
ELEMENTS = st.sampled_from(NAMES.split())
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        [CPT, HCPCS, NPI, "99213", "99213:25", "25", "2026-10-15", "9999-12-31", "0001-01", "#a", "Patient/a"]
    )
    | st.just(10**400)
)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ELEMENTS, inner, max_size=5), max_leaves=30
)
HOSTILE = st.dictionaries(ELEMENTS, JSON, max_size=10)


@settings(max_examples=150, deadline=None)
@given(HOSTILE, st.lists(HOSTILE, max_size=2))
def test_no_json_whatever_makes_reading_raise(resource: dict[str, Any], others: list[dict[str, Any]]) -> None:
    resources = Resources([(None, other) for other in others])
    claim = claim_from(resource, "Claim", resources)
    assert len(claim.lines) >= (len(resource["item"]) if isinstance(resource.get("item"), list) else 0)
    charges = charges_from([(resource, "ChargeItem")], "ChargeItem", resources)
    assert len(charges.lines) == 1


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """A good claim with one element, somewhere, replaced by anything."""
    made = shorthand.claim(
        {"lines": ["99213:25", {"code": "J3301", "units": 2, "provider": "1"}], "patient": {"sex": "male"}}
    )
    node: Any = made
    while True:
        key = draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if not node[key] or not isinstance(node[key], (dict, list)) or draw(st.booleans()):
            node[key] = draw(JSON)
            return made
        node = node[key]


@settings(max_examples=150, deadline=None)
@given(spoilt())
def test_a_good_claim_with_one_element_spoilt_is_still_read(resource: dict[str, Any]) -> None:
    claim = read(resource)
    assert claim.path == "Claim"


def test_a_code_longer_than_any_code_is_cut_before_it_is_remembered() -> None:
    claim = claim_from(shorthand.claim({"lines": ["9" * 100_000], "dx": ["E" * 100_000]}), "Claim", Resources())
    assert len(claim.lines[0].code or "") == LONGEST
    assert len(claim.diagnoses[0].code or "") == LONGEST


@pytest.mark.parametrize(("given", "kept"), [(1e308, LARGEST), (-1e308, -LARGEST), (10**400, LARGEST), (2.5, 2.5)])
def test_a_number_beyond_any_amount_counts_as_the_largest(given: float, kept: float) -> None:
    line = one_line(net={"value": given}, quantity={"value": given})
    assert (line.net, line.quantity) == (kept, kept)


def test_of_a_providers_identifiers_as_many_are_looked_at_as_anybody_has() -> None:
    npi = {"system": NPI, "value": "1234567893"}
    other = {"system": "urn:x", "value": "1"}
    for place, found in ((99, "1234567893"), (100, "#p")):
        contained = [{"resourceType": "Practitioner", "id": "p", "identifier": [*[other] * place, npi]}]
        made = {**shorthand.claim({"lines": ["99213"]}), "contained": contained, "provider": {"reference": "#p"}}
        assert claim_from(made, "Claim", Resources()).lines[0].provider == found


def test_a_coverage_that_is_named_over_and_over_is_read_once() -> None:
    class Counting(Resources):
        asked = 0

        def find(self, reference: Any, owner: Any) -> Any:
            self.asked += 1
            return super().find(reference, owner)

    payors = [{"reference": f"Organization/{at}"} for at in range(50)]
    coverage = {"resourceType": "Coverage", "id": "c", "payor": payors}
    insurance = [{"sequence": 1, "focal": True, "coverage": {"reference": "#c"}}] * 50
    at_hand = Counting()
    made = {**shorthand.claim({"lines": ["99213"]}), "contained": [coverage], "insurance": insurance}
    assert {f"Organization/{at}" for at in range(50)} <= claim_from(made, "Claim", at_hand).payers
    assert at_hand.asked < 200
