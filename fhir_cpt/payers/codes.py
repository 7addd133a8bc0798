"""Codes and ranges of codes as packs write them: how they look, and which codes they hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from fhir_cpt.claims.diagnoses import covers

_PROCEDURE = re.compile(r"[A-Z]\d{4}|\d{4}[\dA-Z]")
_DIAGNOSIS = re.compile(r"[A-Z]\d[\dA-Z](\.[\dA-Z]{1,4})?")


class Procedures(NamedTuple):
    """Procedure codes: single ones, and ranges as (low, high)."""

    single: frozenset[str]
    ranges: tuple[tuple[str, str], ...]

    def hold(self, code: str) -> bool:
        """Whether the code is one of these. A range holds codes of its own form alone: 00100-01999 no 0100T."""
        if code in self.single:
            return True
        return any(low <= code <= high and form(code) == form(low) for low, high in self.ranges)


def procedures(written: Iterable[str]) -> Procedures:
    """The codes as written, `99213` and `J0100-J9999`."""
    ends = [(low, high or low) for low, _, high in (item.partition("-") for item in written)]
    return Procedures(
        frozenset(low for low, high in ends if low == high), tuple(pair for pair in ends if pair[0] != pair[1])
    )


def form(code: str) -> tuple[str, str]:
    """What codes of one range share: the letter before the digits, or the one after them."""
    return code[0] if code[0].isalpha() else "", code[-1] if code[-1].isalpha() else ""


def procedure_fault(written: str) -> str | None:
    """What is wrong with a procedure code or range as written; None where nothing is."""
    low, dash, high = written.partition("-")
    if not _PROCEDURE.fullmatch(low) or (dash and not _PROCEDURE.fullmatch(high)):
        return f"{written[:40]!r} is no procedure code (99213, J0129, 0001U) and no range of them (J0100-J9999)"
    if dash and (form(low) != form(high) or low > high):
        return f"the range {written!r} does not lead from a code to a higher one of the same form"
    return None


def diagnosis_fault(written: str) -> str | None:
    """What is wrong with an ICD-10-CM code or range as written; None where nothing is."""
    low, dash, high = written.partition("-")
    if not _DIAGNOSIS.fullmatch(low) or (dash and not _DIAGNOSIS.fullmatch(high)):
        return f"{written[:40]!r} is no ICD-10-CM code with its dot (M17.11, E11) and no range of them (E08-E13)"
    if dash and low > high:
        return f"the range {written!r} does not lead from a code to a higher one"
    return None


def diagnoses_hold(written: Iterable[str], code: str) -> bool:
    """Whether an ICD-10-CM code, with or without its dot, is one of those written; a code stands for all below it."""
    dotted = code if "." in code or len(code) < 4 else f"{code[:3]}.{code[3:]}"
    return any(covers(item, dotted) for item in written)
