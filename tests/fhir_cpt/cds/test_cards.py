"""What cards are made from findings, and how feedback finds the edit again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from fhir_cpt.cds.cards import Checked, cards, edit_of
from fhir_cpt.cds.patching import corrected
from fhir_cpt.cds.request import HookRequest, Placed
from fhir_cpt.cds.work import Alias, Work, not_of_orders
from fhir_cpt.claims.finding import Change, Finding, Fix, Report
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.catalogue import CATALOGUE

BASE = "http://server.example"
PATH = "context.draftOrders.entry[0].resource"


def made(*findings: Finding, resource: dict[str, Any] | None = None, **prefetch: Any) -> list[dict[str, Any]]:
    """The cards for findings on an order (or on another resource)."""
    source = Placed(
        resource or {"resourceType": "ServiceRequest", "id": "1", "code": {"coding": [{"code": "a"}]}}, PATH
    )
    claim = Claim("context.draftOrders", "charge", "practitioner")
    claim.lines.append(Line(PATH, 0))
    work = Work(claim, {PATH: Alias(source, ""), f"{PATH}.code": Alias(source, "code")})
    request = HookRequest("p", (source,), None, prefetch)
    return cards([Checked(work, Report(findings))], request, BASE)


def finding(edit: str = "ncci-ptp", **changes: Any) -> Finding:
    told: dict[str, Any] = {"state": "fail", "severity": "error", "text": "A text.", "lines": (0,), **changes}
    return Finding(edit, **told)


@pytest.mark.parametrize(
    ("told", "indicator"),
    [
        (finding(), "warning"),
        (finding(severity="warning"), "info"),
        (finding(severity="information"), None),
        (finding(state="no-data", severity="information", missing="fewer lines", lines=()), "info"),
        (finding("authorization-missing", severity="information"), "info"),
        (finding("a-rule-of-the-payer", severity="information"), "info"),
        (finding(state="bypassed", severity="information"), None),
        (finding(state="pass", severity="information"), None),
        (finding(state="no-data", severity="information"), None),
        (finding("authorization-missing", state="no-data", severity="information"), "info"),
        (finding("diagnosis-age", state="no-data", severity="information", missing="Patient.birthDate"), "info"),
    ],
)
def test_a_card_is_made_of_what_the_user_can_act_on(told: Finding, indicator: str | None) -> None:
    assert [card["indicator"] for card in made(told)] == ([indicator] if indicator else [])


def test_what_is_not_known_of_a_patient_who_was_looked_up_is_no_card() -> None:
    told = finding("diagnosis-age", state="no-data", severity="information", missing="Patient.birthDate")
    assert made(told, patient=()) == []


def test_the_gravest_comes_first() -> None:
    told = [
        finding(text="1", severity="warning"),
        finding(text="2"),
        finding(text="3", severity="warning"),
        finding(text="4"),
    ]
    assert [card["summary"] for card in made(*told)] == ["2", "4", "1", "3"]


def test_twenty_findings_are_shown_and_of_more_the_last_card_tells_how_many() -> None:
    assert [card["source"]["label"] for card in made(*[finding(citation="A rule")] * 20)] == ["A rule"] * 20
    *shown, last = made(*[finding(citation="A rule")] * 21)
    assert len(shown) == 19
    assert last["summary"] == "2 more findings are not shown"
    assert "ncci-ptp (2)" in last["detail"]


def test_a_long_text_is_cut_in_the_summary_and_whole_in_the_detail() -> None:
    (card,) = made(finding(text="word " * 100 + "<end>"))
    assert len(card["summary"]) < 140
    assert card["summary"].endswith("word…")
    assert card["detail"].endswith(r"\<end\>")


def fixes() -> Iterator[tuple[Fix, bool]]:
    yield Fix("x", (Change("replace", f"{PATH}.code.coding[0].code", value="b"),)), True
    yield Fix("x", (Change("delete", f"{PATH}.code.coding[0].code"),)), True
    yield Fix("x", (Change("replace", f"{PATH}.code.coding[0].code", value="a:25"),)), False
    yield Fix("x", (Change("add", PATH, "modifier", {"coding": []}),)), False
    yield Fix("x", (Change("replace", f"{PATH}.code.coding[7].code", value="b"),)), False
    yield Fix("x", (Change("replace", f"{PATH}.code.coding[0].system", value="b"),)), False
    yield Fix("x", (Change("replace", "elsewhere.code", value="b"),)), False
    yield Fix("x", ()), False


@pytest.mark.parametrize(("fix", "offered"), list(fixes()))
def test_a_suggestion_is_offered_where_the_order_can_take_it(fix: Fix, offered: bool) -> None:
    (card,) = made(finding(fix=fix))
    assert ("suggestions" in card) is offered
    if offered:
        assert card["suggestions"][0]["isRecommended"] is True


def test_a_fix_of_two_resources_is_no_suggestion() -> None:
    paths = ("context.draftOrders.entry[0].resource", "context.draftOrders.entry[1].resource")
    resource = {"resourceType": "ServiceRequest", "id": "1", "code": {"coding": [{"code": "a"}]}}
    work = Work(Claim("x", "charge", None), {path: Alias(Placed(resource, path), "") for path in paths})
    one, two = (Change("replace", f"{path}.code.coding[0].code", value="b") for path in paths)
    assert corrected(Fix("x", (one,)), work) == {**resource, "code": {"coding": [{"code": "b"}]}}
    assert corrected(Fix("x", (one, two)), work) is None
    assert resource["code"] == {"coding": [{"code": "a"}]}


def test_a_fix_that_needs_documentation_is_not_recommended() -> None:
    fix = Fix("x", (Change("replace", f"{PATH}.code.coding[0].code", value="b"),), documentation=True)
    (card,) = made(finding(fix=fix))
    assert "isRecommended" not in card["suggestions"][0]
    assert "The record must show" in card["detail"]


def test_an_order_without_an_id_cannot_be_updated() -> None:
    fix = Fix("x", (Change("replace", f"{PATH}.code.coding[0].code", value="b"),))
    (card,) = made(finding(fix=fix), resource={"resourceType": "ServiceRequest", "code": {"coding": [{"code": "a"}]}})
    assert "suggestions" not in card


@pytest.mark.parametrize("edit", [edit.id for edit in CATALOGUE])
def test_the_id_of_a_card_tells_its_edit(edit: str) -> None:
    severity = {"severity": "error", "state": "fail"}
    numbers = {uuid.UUID(made(finding(edit, **severity))[0]["uuid"]) for _ in range(5)}
    assert len(numbers) == 5
    assert {edit_of(number) for number in numbers} == {edit}
    assert {(number.version, number.variant) for number in numbers} == {(8, uuid.RFC_4122)}


def test_the_edits_left_out_of_orders_exist() -> None:
    assert "line-place-of-service" in not_of_orders()
    assert set(not_of_orders()) <= {edit.id for edit in CATALOGUE}
