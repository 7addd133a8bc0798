"""Claims as a practice bills them: ten lines, mostly clean, of codes that the tables of 2024's third quarter know."""

from __future__ import annotations

import random
from typing import Any

from fhir_cpt.claims import shorthand

_VISITS = ("99203", "99204", "99212", "99213", "99214", "99215", "99283", "99396")
_OTHERS = [
    "36415",
    "80048",
    "80053",
    "80061",
    "81002",
    "83036",
    "84443",
    "85025",
    "85610",
    "87086",
    "87880",
    "93000",
    "71046",
    "73030",
    "73562",
    "76700",
    "77067",
    "88305",
    "90471",
    "90686",
    "90834",
    "92014",
    "94640",
    "95004",
    "96372",
    "97110",
    "97140",
    "97530",
    "11042",
    "17000",
    "17110",
    "20610",
    "29881",
    "43239",
    "45380",
    "64483",
    "66984",
    "G0008",
    "J0129",
    "J0696",
    "J1100",
    "J1885",
    "J3301",
    "Q3014",
    "A0425",
    "E0601",
]
_DIAGNOSES = ("E11.9", "I10", "J02.9", "Z23", "M17.11", "M25.561", "K21.9", "R07.9", "E78.5", "N39.0", "F33.1", "L57.0")


def ten_lines(seed: int) -> dict[str, Any]:
    """A ten-line professional claim of July to September 2024; the same for the same seed."""
    chance = random.Random(seed)
    day = f"2024-{chance.randint(7, 9):02}-{chance.randint(1, 28):02}"
    codes = [chance.choice(_VISITS), *chance.sample(_OTHERS, 9)]
    lines = [
        {
            "code": code,
            "units": 1,
            "dx": chance.sample(range(1, 5), chance.randint(1, 2)),
            "modifiers": ["25"] if at == 0 else [],
        }
        for at, code in enumerate(codes)
    ]
    patient = {"birth": f"{chance.randint(1940, 2005)}-05-17", "sex": chance.choice(("male", "female"))}
    return shorthand.claim({"date": day, "lines": lines, "dx": chance.sample(_DIAGNOSES, 4), "patient": patient})
