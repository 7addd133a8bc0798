"""CPT without the AMA's files: which codes exist, as CMS's tables show, and the facts that need no licence.

The concepts made here have no display and no descriptor. Source of the ranges: `cpt.yaml` beside this file.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import yaml

from terminology.model import Concept, Property
from terminology.period import FIRST_DAY, from_date

SHAPE = re.compile(r"[0-9]{4}[0-9AFTUM]")
"""A CPT code: five characters, the last of which tells the category."""


@cache
def facts() -> Mapping[str, Any]:
    """The content of `cpt.yaml`."""
    return yaml.safe_load((files(__package__) / "cpt.yaml").read_text("utf-8"))  # type: ignore[no-any-return]


def is_code(code: str) -> bool:
    """Whether the text has the shape of a CPT code (not of a modifier)."""
    return SHAPE.fullmatch(code) is not None


def section_of(code: str) -> str | None:
    """The section that the code falls in, such as `surgery`; None for codes outside all ranges."""
    for section in facts()["sections"]:
        for span in section["ranges"]:
            low, high = span.split("-")
            if low <= code <= high and low[-1].isdigit() == code[-1].isdigit() and _same_letter(low, code):
                return str(section["id"])
    return None


def _same_letter(low: str, code: str) -> bool:
    return low[-1].isdigit() or low[-1] == code[-1]


def category_of(code: str) -> str:
    """The category of a code: I, II, III, PLA or MAAA."""
    return next(str(item["id"]) for item in facts()["categories"] if code[-1] in item["ends"])


def described(concept: Concept) -> Concept:
    """The concept with the properties that its code alone tells: modifier, modified, kind, category, section."""
    told = {item.code for item in concept.properties}
    if concept.value("modifier") is True:
        known = next((item for item in modifiers() if item.code == concept.code), None)
        extra = known.properties if known else ()
    else:
        extra = (
            Property("modifier", False, "boolean"),
            Property("modified", False, "boolean"),
            Property("kind", "code", "code"),
            Property("category", category_of(concept.code), "code"),
        )
        if section := section_of(concept.code):
            extra += (Property("section", section, "code"),)
    return msgspec.structs.replace(
        concept, properties=(*concept.properties, *(item for item in extra if item.code not in told))
    )


@cache
def modifiers() -> tuple[Concept, ...]:
    """The modifiers of CPT, codes only."""
    return tuple(
        Concept(
            str(code),
            start=from_date(group["start"]) if isinstance(group.get("start"), dt.date) else FIRST_DAY,
            properties=(
                Property("modifier", True, "boolean"),
                Property("modified", False, "boolean"),
                Property("kind", group["kind"], "code"),
            ),
        )
        for group in facts()["modifiers"]
        for code in group["codes"]
    )


def fragment(known: Mapping[str, Iterable[str]]) -> Iterator[Concept]:
    """The concepts of the codes that CMS's tables name.

    `known` maps a code to the editions that list it (`pfs 2025q4`); they become the property `known-from`.
    """
    yield from modifiers()
    for code, editions in known.items():
        properties = tuple(Property("known-from", edition, "string") for edition in sorted(editions))
        yield described(Concept(code, properties=properties))
