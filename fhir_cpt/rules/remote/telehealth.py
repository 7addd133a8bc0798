"""Which services may be given by telehealth on a day, as `telehealth.yaml` and the families of telehealth have it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal, NamedTuple

from fhir_cpt.claims.facts import CodeFacts
from fhir_cpt.rules.dated import document, period_of
from terminology.period import Day, Period

List = Literal["video", "audio"]

_VIDEO, _AUDIO, _OTHER_PAYERS = "telehealth", "telehealth-audio-only", "telehealth-other-payers"
_WITHOUT_PLACE = frozenset({"remote-by-nature", "quality-codes"})
OWN_CODES: Mapping[str, List] = {"telemedicine-video": "video", "telemedicine-audio": "audio"}
"""Families whose codes say themselves how the patient was seen."""


class Modifier(NamedTuple):
    """A telehealth modifier: the list that it asks for, and whether it is Medicare's alone."""

    list: List
    medicare: bool


class WrongPlace(NamedTuple):
    """Places that Medicare does not take with a telehealth modifier, but for services of some families."""

    places: frozenset[str]
    modifiers: frozenset[str]
    exempt: frozenset[str]
    period: Period


def held(day: Day) -> bool:
    """Whether the lists of telehealth services are held for the day."""
    return _held().holds(day)


def may_be(known: CodeFacts, asked: List, *, medicare: bool) -> bool:
    """Whether the service is on the list of the day. For another payer than Medicare, on what such payers take too."""
    families = known.families
    if asked == "video" or (medicare and _audio_for_all(known.day)):
        listed = _VIDEO in families or _AUDIO in families
    else:
        listed = _AUDIO in families
    return listed or (not medicare and _OTHER_PAYERS in families)


def has_no_place(known: CodeFacts) -> bool:
    """Whether the place says nothing of the service: it is remote by nature, or reports on care alone."""
    return not _WITHOUT_PLACE.isdisjoint(known.families)


@cache
def modifiers() -> Mapping[str, Modifier]:
    """The telehealth modifiers."""
    return {
        row["code"]: Modifier(row["list"], row.get("medicare", False))
        for row in document(__package__, "telehealth.yaml")["modifiers"]
    }


@cache
def wrong_places() -> tuple[WrongPlace, ...]:
    """Medicare's rules on places beside telehealth modifiers."""
    return tuple(
        WrongPlace(frozenset(row["places"]), frozenset(row["modifiers"]), frozenset(row["except"]), period_of(row))
        for row in document(__package__, "telehealth.yaml")["medicare-place"]
    )


@cache
def _audio_from() -> Day:
    return min(period_of(row).start for row in document(__package__, "telehealth.yaml")["medicare-audio"])


def _audio_for_all(day: Day) -> bool:
    return day >= _audio_from()


@cache
def _held() -> Period:
    return period_of(document(__package__, "telehealth.yaml")["lists"])
