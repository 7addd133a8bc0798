"""The codes that an instructional note of the ICD-10-CM tabular list names.

Taken are the codes in parentheses: `(A05.-)`, `(J00-J22)`, `(E08.3-, E09.3-)`; and, where a note has none, those of its
running text (`classified to A74.-`). `(E08-E13 with .44)` is spelled out as E08.44, E09.44 …, and `(I69. with final
characters -23)` as I69.023, I69.123 …, as far as these exist. Other conditions (`T36-T50 with fifth or sixth character
5`) are not expressible as codes and ranges: such targets are left out rather than widened, and the note keeps its text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_CODE = r"[A-Z](?:[0-9][0-9A-Z]|A[0-9])(?:\.[0-9A-Z]{1,4})?"
_TARGET = re.compile(rf"\b({_CODE})[.-]*(?: ?(?:to|-) ?({_CODE})[.-]*)?(?![0-9A-Za-z])")
# One note of FY2026 closes with a brace.
_IN_PARENTHESES = re.compile(r"[(]([^()]*)[)}]?")
_CONDITION = re.compile(r"(.*?),? ?\bwith\b(.*)$")
_SUFFIXES = re.compile(r"(?: final characters)?((?:(?:,| and| or)? ?\.[0-9A-Z]{1,4}(?:-\.[0-9A-Z]{1,4})?[.-]?)+)")
_SUFFIX = re.compile(r"\.([0-9A-Z]{1,4})(?:-\.([0-9A-Z]{1,4}))?")
_FINAL = re.compile(r" final characters -([0-9A-Z]{1,3})")


def targets(text: str, codes: Collection[str]) -> tuple[tuple[str, ...], bool]:
    """The codes and ranges that the note names, and whether some were left out as not expressible.

    `codes` are all codes of the edition, with the dot.
    """
    found: list[str] = []
    left_out = False
    parts = [part for part in _IN_PARENTHESES.findall(text) if _TARGET.search(part)]
    # "for codes A to B" names the codes that the note stands on, not those that it asks for.
    for part in parts or ([] if "for codes" in text else [text]):
        first = _TARGET.search(part)
        condition = _CONDITION.match(part, first.start()) if first else None
        if condition is None:
            found += _spans(part)
        elif spelled := list(_spelled_out(_spans(condition[1]), condition[2], codes)):
            found += spelled
        else:
            left_out = True
    return tuple(dict.fromkeys(found)), left_out


def _spans(text: str) -> list[str]:
    return [f"{first}-{last}" if last else first for first, last in _TARGET.findall(text)]


def _spelled_out(bases: list[str], condition: str, codes: Collection[str]) -> Iterator[str]:
    """The codes below the bases that end as the condition says; none where it says something else."""
    categories = sorted(code for code in codes if len(code) == 3 and any(_covers(base, code) for base in bases))
    if suffixes := _SUFFIXES.fullmatch(condition):
        ends = [end for first, last in _SUFFIX.findall(suffixes[1]) for end in _run(first, last or first)]
        yield from (code for category in categories for end in ends if (code := f"{category}.{end}") in codes)
    elif final := _FINAL.fullmatch(condition):
        wanted = re.compile(rf"(?:{'|'.join(categories)})\.[0-9A-Z]{final[1]}")
        yield from sorted(code for code in codes if categories and wanted.fullmatch(code))


def _covers(base: str, category: str) -> bool:
    first, _, last = base.partition("-")
    return first <= category <= (last or first)


def _run(first: str, last: str) -> list[str]:
    if first.isdigit() and last.isdigit() and len(first) == len(last):
        return [str(value).zfill(len(first)) for value in range(int(first), int(last) + 1)]
    return list(dict.fromkeys((first, last)))
