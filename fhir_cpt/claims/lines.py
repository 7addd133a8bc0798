"""The parts of a claim line, read from FHIR JSON: code and modifiers, days, units, place."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from fhir_cpt.claims.codings import codings, procedure, sole
from fhir_cpt.claims.json import Json, days_of, dicts, money, strings
from fhir_cpt.claims.model import Line
from terminology.model import PLACE_OF_SERVICE
from terminology.period import Period, days_between
from terminology.systems import PREFERRED, PROCEDURE

_MODIFIER_EXTENSIONS = ("modifier", "procedureModifier", "modifiers")


def read_code(line: Line, concept: Any, modifiers: list[tuple[str, str]] | None = None) -> None:
    """The line's code: the first coding in a procedure system; none where all are in other systems.

    An expression such as `99213:25` gives its modifiers before those of the modifier elements. Codings of two
    characters on a ChargeItem are modifiers that stand beside the code, and never the code.
    """
    own: tuple[str, ...] = ()
    if (plain := sole(concept)) is not None and (read := plain.procedure) is not None and not line.is_charge_item:
        line.codings = plain.codings
        line.system, line.code, line.given, own = read  # nearly always
    else:
        line.codings = found = codings(concept)
        for at, (system, code, display) in enumerate(found):
            read = procedure(system, code)
            if read is not None and not (line.is_charge_item and len(code) == 2):
                line.system, line.code, line.given, own = read
                if display is not None:
                    line.display = display
                if at or len(found) > 1 or len(concept["coding"]) > 1:
                    line.coding = _element(concept["coding"], at, len(found))
                break
    if own:
        modifiers = [(text, line.code_path) for text in own] + (modifiers or [])
    if modifiers:
        line.modifiers = tuple([code for code, _ in modifiers])
        line.modifier_paths = tuple([where for _, where in modifiers])


def _element(elements: Any, at: int, count: int) -> int:
    """The place in `coding` of the coding that is the `at`-th of the `count` that have a code."""
    if len(elements) == count or not isinstance(elements, list):
        return at
    return [place for place, coding in enumerate(elements) if codings({"coding": coding})][at]


def item_modifiers(elements: Any, path: str) -> list[tuple[str, str]]:
    """Code and FHIRPath of every modifier of an item."""
    if not elements:
        return []
    return [
        (code.strip().upper(), f"{path}.modifier[{at}]")
        for at, element in enumerate(dicts(elements))
        for code in _one_of_each(element)
    ]


def _one_of_each(concept: Json) -> Iterator[str]:
    """The modifier codes of a CodeableConcept; the same code in a second system is no second modifier.

    A code of another system than CPT and HCPCS that has not their two characters (HL7's example modifiers) is none.
    """
    return iter(dict.fromkeys(code for system, code, _ in codings(concept) if len(code) == 2 or _of_ours(system)))


def _of_ours(system: str | None) -> bool:
    return system is None or PREFERRED.get(system) in PROCEDURE


def charge_modifiers(charge: Json, path: str) -> list[tuple[str, str]]:
    """Modifiers of a ChargeItem: further two-character codings of `code`, and extensions that hold modifiers."""
    beside = dict.fromkeys(
        code.upper()
        for system, code, _ in codings(charge.get("code"))
        if len(code) == 2 and (system is None or PREFERRED.get(system) in PROCEDURE)
    )
    found = [(code, f"{path}.code") for code in beside]
    for at, extension in enumerate(dicts(charge.get("extension"))):
        url = extension.get("url")
        if isinstance(url, str) and url.rstrip("/").rsplit("/", 1)[-1].endswith(_MODIFIER_EXTENSIONS):
            where = f"{path}.extension[{at}]"
            for key in ("valueCodeableConcept", "valueCoding", "valueCode", "valueString"):
                value = extension.get(key)
                if isinstance(value, str):
                    found.extend((text.upper(), where) for text in value.replace(",", " ").split())
                elif isinstance(value, dict):
                    concept = value if key == "valueCodeableConcept" else {"coding": [value]}
                    found.extend((code.upper(), where) for code in _one_of_each(concept))
    return found


def read_serviced(line: Line, item: Json) -> bool:
    """The line's own day; False where it names none."""
    text = item.get("servicedDate")
    if isinstance(text, str):
        line.period_path = line.path + ".servicedDate"
        line.period = days_of(text)
        if line.period is None:
            line.date_fault = "is not a date"
        return True
    period = item.get("servicedPeriod")
    if isinstance(period, dict):
        read_period(line, period, f"{line.path}.servicedPeriod")
        return True
    return False


def read_period(line: Line, value: Any, path: str) -> None:
    """The days of a FHIR Period; one without an end is one day."""
    if not isinstance(value, dict):
        return
    start, end = (days_of(text) if isinstance(text := value.get(name), str) else None for name in ("start", "end"))
    if start is None and end is None:
        line.date_fault = "holds no date" if value else None
        line.period_path = path
        return
    first, last = (start or end), (end or start)
    line.period_path = path
    if first is not None and last is not None:
        line.period = Period(first.start, last.end)
        if line.period.end < line.period.start:
            line.date_fault = "ends before it starts"
            line.period = Period(line.period.end, line.period.start)


def read_occurrence(line: Line, charge: Json, path: str) -> None:
    """The days of a ChargeItem: occurrenceDateTime, occurrencePeriod, or the events of occurrenceTiming."""
    text = charge.get("occurrenceDateTime")
    if isinstance(text, str):
        line.period_path = f"{path}.occurrenceDateTime"
        line.period = days_of(text)
        line.date_fault = None if line.period else "is not a date"
    elif isinstance(charge.get("occurrencePeriod"), dict):
        read_period(line, charge["occurrencePeriod"], f"{path}.occurrencePeriod")
    else:
        timing = charge.get("occurrenceTiming")
        events = strings(timing.get("event")) if isinstance(timing, dict) else []
        days = [found for found in map(days_of, events) if found]
        if days:
            line.period_path = f"{path}.occurrenceTiming"
            line.period = Period(min(day.start for day in days), max(day.end for day in days))


def read_quantity(line: Line, quantity: Any) -> None:
    """Units as given, and units a day: over a span, units ÷ days to the nearest whole number, halves up.

    Source: NCCI Policy Manual, chapter I, on units of service that span days.
    """
    value = money(quantity)
    if value is None:
        return
    line.quantity = line.units = value
    period = line.period
    if period is not None and period[1] > period[0]:
        line.units = max(1, math.floor(value / (days_between(*period) + 1) + 0.5)) if value > 0 else value


def place_of_service(concept: Any) -> str | None:
    """The place of service code; a coding of another system (HL7's example places, say) is none."""
    if (plain := sole(concept)) is not None:
        return plain.place
    for system, code, _ in codings(concept):
        if system is None or PREFERRED.get(system) == PLACE_OF_SERVICE:
            return code
    return None
