"""The codings of a CodeableConcept that may hold anything, and what our code systems make of them.

Nearly every concept on a claim has one coding of nothing but a system and a code, and the same ones recur: what such a
coding says is found out once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from fhir_cpt.claims.json import LONGEST, LONGEST_SYSTEM, MOST_NAMES, shortened
from terminology.model import PLACE_OF_SERVICE
from terminology.systems import PREFERRED, PROCEDURE

Codings = Sequence[tuple[str | None, str, str | None]]
"""System, code and display of codings."""

_REMEMBERED = 16_384
"""Codings of which it is remembered what they say; when more are met, all are forgotten and found out anew."""


class Procedure(NamedTuple):
    """A procedure code: its preferred system, the code, both as given, the modifiers of an expression `99213:25`."""

    system: str
    code: str
    given: tuple[str, str]
    modifiers: tuple[str, ...]


class Sole(msgspec.Struct, frozen=True, eq=False):
    """What a concept says whose one coding has nothing but a system and a code.

    `preferred` is the system by its preferred URI; `procedure` is None for a code of another kind, and `place` for one
    that is no place of service.
    """

    preferred: str
    code: str
    codings: Codings
    procedure: Procedure | None
    place: str | None


_known: dict[tuple[str, str], Sole] = {}


def sole(concept: Any) -> Sole | None:
    """What the concept says; None where it is not of that plain kind, or says nothing. See `codings` for the rest."""
    try:
        (coding,) = concept["coding"]
        if len(coding) == 2:
            return _known[coding["system"], coding["code"]]
    except (TypeError, KeyError, ValueError):
        pass
    return _first_met(concept)


def _first_met(concept: Any) -> Sole | None:
    """What `sole` answers for a coding that it does not know yet."""
    items = concept.get("coding") if isinstance(concept, dict) else None
    coding = items[0] if isinstance(items, list) and len(items) == 1 else None
    if not isinstance(coding, dict) or len(coding) != 2:
        return None
    system, given = coding.get("system"), coding.get("code")
    if not (isinstance(system, str) and isinstance(given, str) and system):
        return None
    code = given.strip()
    if not code or len(given) > LONGEST or len(system) > LONGEST_SYSTEM:
        return None
    if len(_known) >= _REMEMBERED:
        _known.clear()
    preferred = PREFERRED.get(system, system)
    place = code if preferred == PLACE_OF_SERVICE else None
    found = Sole(preferred, code, ((system, code, None),), procedure(system, code), place)
    _known[system, given] = found
    return found


def codings(concept: Any) -> Codings:
    """System, code and display of the codings of a CodeableConcept that have a code; of the first `MOST_NAMES`."""
    if (plain := sole(concept)) is not None:
        return plain.codings
    items = concept.get("coding") if isinstance(concept, dict) else None
    if not items:
        return ()
    several = items[:MOST_NAMES] if isinstance(items, list) else (items,)
    return [found for found in map(_coding, several) if found is not None]


def procedure(system: str | None, code: str) -> Procedure | None:
    """The procedure that a coding names; None where it names none."""
    preferred = PREFERRED.get(system or "")
    if system is None or preferred not in PROCEDURE:
        return None
    base, _, more = code.partition(":")
    if not (base := base.strip().upper()):
        return None
    modifiers = tuple(text.strip().upper() for text in more.split(":") if text.strip())
    return Procedure(preferred, base, (system, code), modifiers)


def _coding(coding: Any) -> tuple[str | None, str, str | None] | None:
    code = coding.get("code") if isinstance(coding, dict) else None
    if not isinstance(code, str):
        return None
    code = code.strip()
    if not code:
        return None
    if len(code) > LONGEST:
        code = shortened(code)
    system, display = coding.get("system"), coding.get("display")
    return (
        system if isinstance(system, str) else None,
        code,
        display if isinstance(display, str) else None,
    )
