"""Claims as practices bill them, for days on which every table of the agencies' files answers."""

from __future__ import annotations

import random
from typing import Any

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.history import PriorLine

TODAY = 20260115
_VISITS = ("99203", "99204", "99212", "99213", "99214", "99215")
_ORDERS = ("36415", "80053", "80061", "83036", "84443", "85025", "85610", "87086", "87880", "93000", "71046", "73030")
_MORE = ("73562", "76700", "77067", "81002", "82306", "82607", "84153", "86803", "87491", "87591", "G0008", "90686")
_PROCEDURES = (
    "11042",
    "17000",
    "17110",
    "20610",
    "29881",
    "29877",
    "43239",
    "45378",
    "45380",
    "64483",
    "66984",
    "96372",
)
_DIAGNOSES = ("E11.9", "I10", "J02.9", "Z23", "M17.11", "M25.561", "K21.9", "R07.9", "E78.5", "N39.0", "F33.1", "L57.0")


def ordinary(seed: int) -> dict[str, Any]:
    """A visit with modifier 25 and nine tests, images and immunisations; the same for the same seed."""
    chance = random.Random(seed)
    return _claim(chance, chance.sample(_ORDERS, 5) + chance.sample(_MORE, 4))


def past(seed: int) -> list[PriorLine]:
    """Two hundred prior lines of a patient over some three years, five to a claim; the same for the same seed."""
    chance = random.Random(seed)
    found: list[PriorLine] = []
    for at in range(40):
        day = int(f"{chance.randint(2022, 2024)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}")
        for code in (chance.choice(_VISITS[2:]), *chance.sample(_ORDERS + _MORE + _PROCEDURES, 4)):
            system = shorthand.system_of(code)
            found.append(
                PriorLine(system, code, (), day, day, 1, shorthand.BILLING_NPI, "", "11", "practitioner", f"urn:x|{at}")
            )
    return found


def bundled(seed: int) -> dict[str, Any]:
    """A visit, four tests and five procedures, most of which NCCI keeps apart; the same for the same seed."""
    chance = random.Random(seed)
    return _claim(chance, chance.sample(_ORDERS, 4) + chance.sample(_PROCEDURES, 5))


def _claim(chance: random.Random, codes: list[str]) -> dict[str, Any]:
    lines = [{"code": chance.choice(_VISITS), "modifiers": ["25"], "dx": [1, 2], "units": 1}]
    lines += [{"code": code, "dx": chance.sample(range(1, 5), chance.randint(1, 2)), "units": 1} for code in codes]
    return shorthand.claim(
        {
            "date": f"2025-{chance.randint(10, 12)}-{chance.randint(1, 28):02}",
            "lines": lines,
            "dx": chance.sample(_DIAGNOSES, 4),
            "patient": {"birth": f"{chance.randint(1940, 2005)}-05-17", "sex": chance.choice(("male", "female"))},
        }
    )
