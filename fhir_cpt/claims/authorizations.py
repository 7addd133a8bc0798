"""Prior authorisations: what was asked of a payer, and what the payer answered. Works on plain JSON, R4 and R5.

The request is a Claim (`use` preauthorization), the answer a ClaimResponse. R5 tells of the payer's decision in
`reviewOutcome`, Da Vinci PAS on R4 in extensions; plain R4 has nothing but the number, which stands for a yes. Bad
content is passed over. Sources: FHIR R4 and R5, ClaimResponse; Da Vinci PAS STU 2, Claim Response Base.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from fhir_cpt.claims.codings import codings
from fhir_cpt.claims.history import Authorization, AuthorizedLine
from fhir_cpt.claims.json import Json, days_of, dicts, integers, money, shortened, strings
from fhir_cpt.claims.parties import identifiers_of, party
from fhir_cpt.claims.resources import Resources
from terminology.period import Day
from terminology.systems import PREFERRED, PROCEDURE

_GRANTED = frozenset({"A1", "A2", "A6", "NA", "approved", "partial"})
_REFUSED = frozenset({"A3", "C", "denied"})
"""Decisions on a request; all others leave it open (A4 and `pending`: pended; CT: the payer is to be called).
Sources: X12 code list 306, action codes; HL7 THO, claim-decision. NA: no authorisation is needed."""
_ACTION = "reviewAction"
_UNITS = frozenset({"un", "unit", "units", "1", "{unit}", "{units}"})
"""How quantities say that they count units. Sources: X12 code list 355; UCUM."""


class Asked(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An item of a request: its sequence, and the service. `code` is empty where no code of a procedure is named."""

    sequence: int
    code: str = ""
    last: str = ""
    units: float | None = None


class ReplyItem(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a payer answered to an item of a request, or (`sequence` 0) authorised beside it.

    `lines` are the services as the payer named them; empty where they are those of the request.
    """

    sequence: int
    ref: str = ""
    granted: bool = True
    lines: tuple[AuthorizedLine, ...] = ()
    start: Day | None = None
    end: Day | None = None
    providers: tuple[str, ...] = ()


class Reply(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A payer's answer: `requests` are names of the request; `asked` its items, where it came along."""

    ref: str = ""
    granted: bool = True
    start: Day | None = None
    end: Day | None = None
    items: tuple[ReplyItem, ...] = ()
    requests: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()


def read_asked(resource: Json) -> tuple[Asked, ...]:
    """The items of a request for authorisation."""
    found = []
    for at, item in enumerate(dicts(resource.get("item"))):
        sequence = item.get("sequence")
        last = item.get("productOrServiceEnd") or _extension(item, "productOrServiceCodeEnd")
        number = sequence if isinstance(sequence, int) else at + 1
        found.append(Asked(number, _code(item.get("productOrService")), _code(last), _units(item.get("quantity"))))
    return tuple(found)


def read_reply(resource: Json, resources: Resources) -> Reply | None:
    """The payer's answer in a ClaimResponse; None for one of another use, and where nothing is decided yet.

    Where an item is refused, it is left out if others of the same number are granted. The request is looked for among
    the resources at hand; a ClaimResponse that names none answers, as in Da Vinci PAS, the one of its identifier.
    """
    if resource.get("use") != "preauthorization" or resource.get("outcome") in ("queued", "error"):
        return None
    decided = _decided(resource)
    if decided is None and _decisions(resource):
        return None
    ref = _text(resource.get("preAuthRef"))
    start, end = _period(resource.get("preAuthPeriod"))
    request = resource.get("request")
    found = resources.find(request, resource)
    named = request if isinstance(request, dict) else {}
    requests = [*_names(named.get("reference")), *identifiers_of({"identifier": named.get("identifier")})]
    reply = Reply(
        ref,
        decided is not False,
        start,
        end,
        tuple(_items(resource, resources, decided)),
        tuple(requests) or tuple(identifiers_of(resource)),
        read_asked(found) if found is not None else (),
    )
    return reply if reply.items or not dicts(resource.get("item")) else None


def authorizations_of(reply: Reply, requested: Sequence[Asked]) -> Iterator[Authorization]:
    """The authorisations that an answer gives or refuses, one for each number; `requested` is what was asked."""
    asked = reply.asked or requested
    items = reply.items or tuple([ReplyItem(one.sequence, granted=reply.granted) for one in asked])
    by_ref: dict[str, list[ReplyItem]] = {}
    for item in items:
        by_ref.setdefault(item.ref or reply.ref, []).append(item)
    for ref, of_ref in by_ref.items():
        granted = [item for item in of_ref if item.granted]
        lines = tuple([line for item in granted for line in _lines(item, reply, asked)])
        if ref or any(line.code for line in lines):
            yield Authorization(ref, lines, bool(granted))
    if not items and reply.ref:
        open_line = AuthorizedLine(start=reply.start, end=reply.end)
        dated = reply.granted and (reply.start is not None or reply.end is not None)
        yield Authorization(reply.ref, (open_line,) if dated else (), reply.granted)


def _lines(item: ReplyItem, reply: Reply, asked: Iterable[Asked]) -> Iterator[AuthorizedLine]:
    """What a granted item authorises, with the days of the item, else those of the whole answer.

    Where neither the answer nor the request says what for, one line that leaves the code open.
    """
    dated = item.start is not None or item.end is not None
    start, end = (item.start, item.end) if dated else (reply.start, reply.end)
    lines = item.lines or tuple(
        [AuthorizedLine(one.code, one.last, one.units) for one in asked if one.sequence == item.sequence]
    )
    for line in lines or (AuthorizedLine(),):
        of_line = (line.start, line.end) if line.start is not None or line.end is not None else (start, end)
        yield AuthorizedLine(line.code, line.last, line.units, *of_line, line.providers or item.providers)


def _items(resource: Json, resources: Resources, decided: bool | None) -> Iterator[ReplyItem]:
    """The items that are decided; those that an added item replaces are left out."""
    replaced: set[int] = set()
    for item in dicts(resource.get("addItem")):
        verdict = _verdict(item, decided)
        if verdict is None:
            continue
        replaced.update(integers(item.get("itemSequence")))
        start, end = _period(item.get("servicedPeriod") or item.get("servicedDate"))
        outcome = _outcome(item)
        dated = start is not None or end is not None
        start, end = (start, end) if dated else _period(outcome.get("preAuthPeriod"))
        line = AuthorizedLine(_code(item.get("productOrService")), "", _units(item.get("quantity")))
        providers = _npis(dicts(item.get("provider")), resource, resources)
        yield ReplyItem(0, _ref(item), verdict, (line,), start, end, providers)
    for item in dicts(resource.get("item")):
        given, verdict = item.get("itemSequence"), _verdict(item, decided)
        sequence = given if isinstance(given, int) else 0
        if verdict is None or sequence in replaced:
            continue
        period = _extension(item, "itemPreAuthPeriod") or _outcome(item).get("preAuthPeriod")
        start, end = _period(period or _extension(item, "itemAuthorizedDate"))
        who = [_extension(one, "provider") for one in _extensions(item, "itemAuthorizedProvider")]
        yield ReplyItem(
            sequence,
            _ref(item),
            verdict,
            tuple(map(_authorized, _extensions(item, "itemAuthorizedDetail"))),
            start,
            end,
            _npis(who, resource, resources),
        )


def _authorized(detail: Json) -> AuthorizedLine:
    """A service as Da Vinci PAS names it in itemAuthorizedDetail."""
    last = _extension(detail, "productOrServiceCodeEnd")
    return AuthorizedLine(
        _code(_extension(detail, "productOrServiceCode")), _code(last), _units(_extension(detail, "quantity"))
    )


def _verdict(item: Json, otherwise: bool | None) -> bool | None:
    """Whether an item is granted; None where that is open. What is said of the whole answer holds without more."""
    if not _decisions(item):
        return otherwise is not False
    return _decided(item)


def _decided(element: Json) -> bool | None:
    codes = _decisions(element)
    if not _GRANTED.isdisjoint(codes):
        return True
    return None if _REFUSED.isdisjoint(codes) else False


def _decisions(element: Json) -> list[str]:
    """The codes of the decisions on an answer or an item of it: R5's, and those of Da Vinci PAS."""
    found = [code for _, code, _ in codings(element.get("decision"))]
    found += [code for _, code, _ in codings(_outcome(element).get("decision"))]
    for action in _actions(element):
        value = _extension(action, "reviewActionCode") or _value(action)
        found += strings(value) or [code for _, code, _ in codings(value)]
    return found


def _actions(element: Json) -> list[Json]:
    """The review actions of Da Vinci PAS, at the element or in its adjudications."""
    within = [element, *dicts(element.get("adjudication"))]
    return [action for one in within for action in _extensions(one, _ACTION)]


def _ref(item: Json) -> str:
    numbers = [_text(_extension(action, "number")) for action in _actions(item)]
    return next(filter(None, numbers), "") or _text(_outcome(item).get("preAuthRef"))


def _outcome(element: Json) -> Json:
    found = element.get("reviewOutcome")
    return found if isinstance(found, dict) else {}


def _extensions(element: Json, name: str) -> list[Json]:
    """The extensions of that name: Da Vinci PAS writes it after `extension-`; parts have it as their whole url."""
    return [
        item
        for item in dicts(element.get("extension"))
        if isinstance(url := item.get("url"), str) and (url == name or url.endswith(f"extension-{name}"))
    ]


def _extension(element: Json, name: str) -> Any:
    return next((_value(item) for item in _extensions(element, name)), None)


def _value(extension: Json) -> Any:
    return next((value for key, value in extension.items() if key.startswith("value")), None)


def _code(concept: Any) -> str:
    """The code of a procedure, without modifiers; empty where there is none."""
    for system, code, _ in codings(concept):
        if system and PREFERRED.get(system) in PROCEDURE and (base := code.partition(":")[0].strip().upper()):
            return base
    return ""


def _units(quantity: Any) -> float | None:
    """Units of service; None where the quantity counts something else, such as visits or months."""
    unit = (quantity.get("code") or quantity.get("unit")) if isinstance(quantity, dict) else None
    counted = unit is None or (isinstance(unit, str) and unit.strip().casefold() in _UNITS)
    return money(quantity) if counted else None


def _period(value: Any) -> tuple[Day | None, Day | None]:
    """The first and last day of a Period, a date or a dateTime; None for what it leaves open."""
    if isinstance(value, str):
        day = days_of(value)
        return (day.start, day.end) if day else (None, None)
    if not isinstance(value, dict):
        return None, None
    start, end = (days_of(text) if isinstance(text := value.get(name), str) else None for name in ("start", "end"))
    return start.start if start else None, end.end if end else None


def _npis(references: Iterable[Any], owner: Json, resources: Resources) -> tuple[str, ...]:
    """The NPIs of the providers; empty where one of them has none at hand, since then it may be anybody."""
    given = [reference for reference in references if isinstance(reference, dict)]
    found: list[str] = []
    for reference in given:
        npis: list[Any] = []
        party(reference, owner, resources, "", npis)
        found += [npi.value for npi in npis[:1]]
    return tuple(found) if len(found) == len(given) else ()


def _names(reference: Any) -> list[str]:
    """The names by which a request may be remembered: its type and id."""
    parts = reference.split("/_history/")[0].split("/") if isinstance(reference, str) else []
    return [shortened("/".join(parts[-2:]))] if len(parts) > 1 else []


def _text(value: Any) -> str:
    return shortened(value.strip()) if isinstance(value, str) else ""
