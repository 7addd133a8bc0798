"""What is kept of which resource, and what a claim's history is made of."""

from __future__ import annotations

import gc
import logging
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from redis import Redis

from fhir_cpt.claims import prior
from fhir_cpt.claims.history import Authorization, AuthorizedLine, History
from fhir_cpt.claims.normalise import charges_from, claim_from
from fhir_cpt.claims.prior import Past, pasts_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.history import redis, sqlite
from fhir_cpt.history.keeper import MOST_LINES, Keeper, NotKept
from fhir_cpt.history.keys import Keys
from fhir_cpt.history.store import Document, Info, Store, StoreUnavailable

from .conftest import DAYS, SALT
from .making import PATIENT, Json, answer, charge, claim

TODAY = 20261120
OTHER = {"identifier": {"system": "https://hospital.example/mrn", "value": "4712"}}


def recalled(keeper: Keeper, resource: Json | None = None, context: Sequence[Json] = ()) -> History:
    resource = resource or claim("asking", "99214")
    if resource["resourceType"] == "Claim":
        read = claim_from(resource, "Claim", Resources())
    else:
        read = charges_from([(resource, "ChargeItem")], "ChargeItem", Resources())
    return keeper.recall(read, resource, Resources(), list(pasts_from(context, read, Resources())))


def codes(history: History) -> list[str]:
    return sorted(line.code for line in history.lines)


def test_lines_of_a_claim_are_recalled_for_the_next_one(keeper: Keeper) -> None:
    keeper.keep(claim("1", {"code": "99213", "modifiers": ["25"], "units": 2}, "20610", auth=["A1"]), TODAY)
    history = recalled(keeper)
    assert history.has_lines
    line = next(line for line in history.lines if line.code == "99213")
    assert (line.modifiers, line.start, line.units, line.place, line.refs) == (("25",), 20261015, 2, "11", ("A1",))
    assert line.claim == "https://sender.example/numbers|1"
    assert codes(history) == ["20610", "99213"]


def test_of_another_patient_nothing_is_recalled(keeper: Keeper) -> None:
    keeper.keep(claim("1"), TODAY)
    history = recalled(keeper, claim("2", patient=OTHER))
    assert (list(history.lines), history.has_lines) == ([], True)


def test_a_claim_that_comes_again_takes_the_place_of_the_first(keeper: Keeper) -> None:
    first = keeper.keep(claim("1", "99213"), TODAY)
    again = keeper.keep(claim("1", "99214", "20610"), TODAY)
    assert (first.id, first.replaced, again.replaced) == (again.id, False, True)
    assert codes(recalled(keeper)) == ["20610", "99214"]


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_a_claim_that_is_taken_back_is_removed(keeper: Keeper, status: str) -> None:
    keeper.keep(claim("1"), TODAY)
    stored = keeper.keep(claim("1", status=status), TODAY)
    assert (stored.past, stored.replaced) == (None, True)
    assert codes(recalled(keeper)) == []


def test_a_claim_is_not_its_own_past(keeper: Keeper) -> None:
    keeper.keep(claim("1", "99213"), TODAY)
    keeper.keep(claim("2", "20610"), TODAY)
    assert codes(recalled(keeper, claim("1", "99213"))) == ["20610"]


def test_a_long_identifier_is_not_its_own_past_either(keeper: Keeper) -> None:
    number = "n" * 200
    keeper.keep(claim(number, "99213"), TODAY)
    assert codes(recalled(keeper, claim(number, "99213"))) == []
    keeper.keep(claim(number[:-1] + "m", "20610"), TODAY)
    assert keeper.info().documents == 2


def test_what_came_along_goes_before_what_is_kept_of_the_same_claim(keeper: Keeper) -> None:
    keeper.keep(claim("1", "99213"), TODAY)
    keeper.keep(claim("2", "20610"), TODAY)
    assert codes(recalled(keeper, context=[claim("1", "99212"), claim("3", "97110")])) == ["20610", "97110", "99212"]


def test_a_charge_and_the_claim_that_bills_it_are_one_service(keeper: Keeper) -> None:
    keeper.keep(charge("c1", "99454"), TODAY)
    assert codes(recalled(keeper, claim("1", "99454"))) == []
    assert codes(recalled(keeper, claim("1", {"code": "99454", "date": "2026-10-16"}))) == ["99454"]
    keeper.keep(claim("1", "99454"), TODAY)
    assert codes(recalled(keeper)) == ["99454"]
    assert codes(recalled(keeper, charge("c1", "99454"))) == []


def test_an_answer_is_joined_with_the_request_whichever_comes_first(keeper: Keeper) -> None:
    request = claim("r1", {"code": "70553", "units": 2}, use="preauthorization")
    reply = answer(
        "r2",
        request={"identifier": request["identifier"][0]},
        item=[{"itemSequence": 1, "adjudication": [{"category": {"text": "granted"}}]}],
    )
    expected = [Authorization("A-r2", (AuthorizedLine("70553", "", 2, 20261001, 20261031),))]
    for first, second in ((request, reply), (reply, request)):
        keeper.keep(first, TODAY)
        keeper.keep(second, TODAY)
        history = recalled(keeper)
        assert list(history.authorizations) == expected
        assert codes(history) == []
        keeper.forget_patient("https://hospital.example/mrn|Zebra-4711")
    stored = keeper.keep(request, TODAY)
    keeper.keep({**reply, "request": {"reference": f"https://here.example/r4/Claim/{stored.id}"}}, TODAY)
    assert list(recalled(keeper).authorizations) == expected


def test_a_request_and_a_claim_may_have_the_same_identifier(keeper: Keeper) -> None:
    request = keeper.keep(claim("1", "70553", use="preauthorization"), TODAY)
    billed = keeper.keep(claim("1", "70553"), TODAY)
    assert request.id != billed.id
    assert not billed.replaced
    assert keeper.info().documents == 2
    assert keeper.remove_identified("Claim", "https://sender.example/numbers|1")
    assert keeper.info().documents == 0


def test_an_answer_that_is_pended_takes_the_one_before_away(keeper: Keeper) -> None:
    keeper.keep(answer("1", "70553"), TODAY)
    assert keeper.keep(answer("1", "70553", outcome="queued"), TODAY).replaced
    assert list(recalled(keeper).authorizations) == []


def test_the_newer_answer_of_a_number_counts(keeper: Keeper) -> None:
    keeper.keep(answer("1", "70553", preAuthRef="A"), TODAY)
    keeper.keep(answer("2", "70551", preAuthRef="A"), TODAY)
    assert recalled(keeper).by_reference["A"].lines[0].code == "70551"


REFUSED = {
    "no identifier": ({**claim("1"), "identifier": []}, "Claim.identifier"),
    "an identifier without a system": ({**claim("1"), "identifier": [{"value": "1"}]}, "Claim.identifier"),
    "too many identifiers": (
        {**claim("1"), "identifier": [{"system": "urn:x", "value": str(at)} for at in range(60)]},
        "Claim.identifier",
    ),
    "a relative reference": (claim("1", patient={"reference": "Patient/1"}), "Claim.patient"),
    "a charge of nobody": (charge("1", patient={"display": "Ann"}), "ChargeItem.subject"),
    "a draft": (claim("1", status="draft"), "Claim.status"),
    "a planned charge": ({**charge("1"), "status": "planned"}, "ChargeItem.status"),
    "a predetermination": (claim("1", use="predetermination"), "Claim.use"),
    "an answer to a claim": (answer("1", use="claim"), "ClaimResponse.use"),
}


@pytest.mark.parametrize(("resource", "expression"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_kept_is_refused_with_the_element_at_fault(
    keeper: Keeper, resource: Json, expression: str
) -> None:
    with pytest.raises(NotKept) as refused:
        keeper.keep(resource, TODAY)
    assert refused.value.expression == expression
    assert "Zebra" not in str(refused.value)
    assert keeper.info() == Info(0, 0, None)


def test_whose_a_relative_reference_is_is_said_by_what_the_operator_sets(keeper: Keeper) -> None:
    with pytest.raises(NotKept, match="FHIR_CPT_HISTORY_NAMESPACE"):
        keeper.keep({**claim("1"), "patient": {"reference": "Patient/123"}}, TODAY)


def test_a_service_on_the_last_day_that_is_kept_is_and_on_the_day_before_is_not(keeper: Keeper) -> None:
    kept = keeper.keep(claim("1", {"code": "99213", "date": "2022-10-12"}), TODAY)
    assert kept.past is not None
    old = keeper.keep(claim("2", {"code": "99213", "date": "2022-10-11"}), TODAY)
    assert old.past is None
    assert keeper.info().documents == 1


def test_what_has_grown_old_is_swept_when_something_is_kept(opened: Callable[..., Store]) -> None:
    store = opened()
    Keeper(store, Keys(SALT), DAYS).keep(claim("1", {"code": "99213", "date": "2023-01-01"}), TODAY)
    Keeper(store, Keys(SALT), DAYS).keep(claim("2", "20610"), 20270301)
    assert codes(recalled(Keeper(store, Keys(SALT), DAYS))) == ["20610"]


def test_what_is_to_come_grows_old_too(keeper: Keeper) -> None:
    keeper.keep(answer("1", "70553", preAuthPeriod={"start": "2026-10-01", "end": "9999-12-31"}), TODAY)
    keeper.keep(claim("2", {"code": "99213", "date": "9999-12-31"}), TODAY)
    assert keeper.forget(20330101) == 2


def test_a_patient_is_forgotten_by_an_identifier(keeper: Keeper) -> None:
    keeper.keep(claim("1"), TODAY)
    keeper.keep(claim("2", patient=OTHER), TODAY)
    assert keeper.forget_patient("https://hospital.example/mrn|Zebra-4711") == 1
    assert keeper.info().documents == 1


def test_of_the_patient_nothing_is_kept_but_hashes(keeper: Keeper, place: str) -> None:
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "identifier": [PATIENT["identifier"]],
        "name": [{"family": "Zebra-family"}],
        "birthDate": "1950-02-03",
        "address": [{"city": "Zebra-town"}],
    }
    made = claim("1", patient={"reference": "#p", "display": "Zebra-display"})
    noted = {"sequence": 1, "category": {"text": "note"}, "valueString": "Zebra-note"}
    keeper.keep({**made, "contained": [patient], "supportingInfo": [noted]}, TODAY)
    if "://" in place:
        with Redis.from_url(place) as client:
            held = b"".join(client.dump(key) + key for key in client.scan_iter("*"))
    else:
        held = b"".join(path.read_bytes() for path in Path(place).parent.iterdir())
    assert b"Zebra" not in held
    assert b"1950" not in held
    assert len(recalled(keeper).lines) == 1


class Broken(Store):
    """A store that does not answer, or answers with what nobody put there."""

    def __init__(self, bodies: list[bytes] | None = None) -> None:
        self._bodies = bodies

    def find(self, patients: Sequence[bytes]) -> list[bytes]:
        del patients
        if self._bodies is None:
            raise StoreUnavailable("away")
        return self._bodies

    def put(self, document: Document) -> bool:
        del document
        raise StoreUnavailable("away")


@pytest.mark.parametrize("bodies", [None, [b"\xc1"], [msgspec.msgpack.encode({"kind": "claim"})], [b""]])
def test_a_store_that_cannot_be_read_says_so_and_what_came_along_counts(
    bodies: list[bytes] | None, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = Keeper(Broken(bodies), Keys(SALT), DAYS)
    with caplog.at_level(logging.DEBUG):
        history = recalled(keeper, context=[claim("1", "20610")])
        assert (codes(history), history.has_lines) == (["20610"], False)
    assert "could not be read" in history.problem
    assert "Zebra" not in caplog.text


def test_a_patient_without_a_name_that_counts_has_no_history_and_the_claim_says_why(keeper: Keeper) -> None:
    asking = claim("1", patient={"reference": "Patient/1"})
    history = recalled(keeper, asking)
    assert not history.has_lines
    assert "identifier with a system" in history.problem
    given = recalled(keeper, asking, [{**claim("2", "20610"), "patient": {"reference": "Patient/1"}}])
    assert (codes(given), given.has_lines, given.problem) == (["20610"], True, "")


def test_the_store_is_asked_when_the_history_is_looked_at_and_once() -> None:
    asked: list[Sequence[bytes]] = []

    class Counting(Broken):
        def find(self, patients: Sequence[bytes]) -> list[bytes]:
            asked.append(patients)
            return [msgspec.msgpack.encode(Past("claim"))]

    history = recalled(Keeper(Counting(), Keys(SALT), DAYS))
    assert not asked
    assert history.has_lines
    assert (history.by_code, history.by_reference, list(history.lines)) == ({}, {}, [])
    assert len(asked) == 1
    with pytest.raises(AttributeError):
        _ = history.nothing  # type: ignore[attr-defined]


def test_any_identifier_of_a_claim_names_it(keeper: Keeper) -> None:
    both = claim("1")
    both["identifier"].append({"system": "urn:payer", "value": "ICN"})
    keeper.keep(both, TODAY)
    assert keeper.keep({**claim("x"), "identifier": [{"system": "urn:payer", "value": "ICN"}]}, TODAY).replaced
    assert keeper.info().documents == 1


LONG = "x" * 1_000_000
TOO_MUCH = {
    "too many lines": (claim("1", *["99213"] * (MOST_LINES + 1)), "Claim"),
    "too many items of a request": (claim("1", *["99213"] * (MOST_LINES + 1), use="preauthorization"), "Claim"),
    "too many items of an answer": (answer("1", *["99213"] * (MOST_LINES + 1)), "ClaimResponse"),
    "too many references": (claim("1", auth=[f"A{at}" for at in range(51)]), "Claim.insurance"),
    "many lines with many references": (
        claim("1", *["99213"] * MOST_LINES, auth=[f"{at}" * 30 for at in range(50)]),
        "Claim",
    ),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_is_too_much_to_read_with_every_claim_is_not_kept(keeper: Keeper, name: str) -> None:
    resource, element = TOO_MUCH[name]
    keeper.keep(claim("1", "99214") if resource["resourceType"] == "Claim" else claim("2", "99214"), TODAY)
    with pytest.raises(NotKept) as refused:
        keeper.keep(resource, TODAY)
    assert (refused.value.expression, refused.value.code) == (element, "too-costly")
    assert codes(recalled(keeper)) == ["99214"]


@pytest.mark.parametrize(
    "elements",
    [
        {"provider": {"reference": f"Organization/{LONG}"}},
        {"provider": {"display": LONG}},
        {"careTeam": [{"sequence": 1, "provider": {"identifier": {"system": "urn:x:y", "value": LONG}}}]},
        {"identifier": [{"system": "urn:x:y", "value": "1"}, {"system": f"urn:{LONG}", "value": "1"}]},
        {"id": LONG},
    ],
    ids=["reference", "display", "care team", "system", "id"],
)
def test_a_name_as_long_as_a_book_is_not_kept_with_every_line(keeper: Keeper, elements: Json) -> None:
    made = {**claim("1", *["99213"] * 500), **elements}
    for item in made["item"]:
        item["careTeamSequence"] = [1]
    past = keeper.keep(made, TODAY).past
    assert past is not None
    assert len(msgspec.msgpack.encode(past)) < 500 * 1000


def test_providers_whose_long_names_start_alike_are_two(keeper: Keeper) -> None:
    for at in ("1", "2"):
        keeper.keep({**claim(at), "provider": {"reference": f"Organization/{'x' * 1000}{at}"}}, TODAY)
    assert len({line.provider for line in recalled(keeper).lines}) == 2


def test_claims_whose_long_identifiers_start_alike_are_two(keeper: Keeper) -> None:
    keeper.keep(claim("x" * 100 + "1", "99213"), TODAY)
    assert codes(recalled(keeper, claim("x" * 100 + "2", "99214"))) == ["99213"]


def test_a_patient_of_whom_too_much_is_kept_is_not_taken_for_one_without_a_past(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.keep(claim("1"), TODAY)
    for module in (sqlite, redis):
        monkeypatch.setattr(module, "MOST_FOUND", 10)
    history = recalled(keeper)
    assert (history.has_lines, list(history.lines)) == (False, [])
    assert "more is kept" in history.problem


def test_more_prior_lines_than_can_be_compared_are_said_to_be_too_many(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.keep(claim("1", "99213", "20610"), TODAY)
    monkeypatch.setattr(prior, "MOST_PAIRS", 3)
    assert recalled(keeper, claim("2", "99214")).has_lines
    history = recalled(keeper, claim("2", "99214", "99215"))
    assert (history.has_lines, list(history.lines)) == (False, [])
    assert "2 prior lines" in history.problem


def test_a_history_is_let_go_with_its_claim(keeper: Keeper) -> None:
    keeper.keep(claim("1"), TODAY)
    resource = claim("2")
    read = claim_from(resource, "Claim", Resources())
    read.history = keeper.recall(read, resource, Resources(), [])
    assert read.history.lines
    gone = weakref.ref(read.history)
    gc.disable()
    try:
        del read
        assert gone() is None
    finally:
        gc.enable()


def test_what_is_removed_by_its_identifier_is_named_as_it_was_kept(keeper: Keeper) -> None:
    keeper.keep(claim(" 1 "), TODAY)
    assert keeper.remove_identified("Claim", "https://sender.example/numbers|1 ")
