"""Medicare Code Editor: age, sex and manifestation edits on ICD-10-CM codes, as a CSV of code, text, kind and rule.

Ages are in years, both ends included: `Maternity (Ages 9-64)`, `Perinatal/Newborn (Age 0 Only)`. MCE version n is for
fiscal year 1983 + n (v41: fiscal year 2024). Source: CMS, Definitions of Medicare Code Edits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from terminology.edits import DiagnosisEdit
from terminology.errors import EditionUnknown
from terminology.importers.cells import diagnosis, first_line, headed, take, whole
from terminology.importers.source import Batch, Importer, Member
from terminology.model import Edition
from terminology.period import fiscal_year

_COLUMNS = ("icd_code", "icd_description", "icd_conflict_group", "icd_conflict_rule")
_VERSION = re.compile(r"v?(\d{2})(?:\.\d)?", re.IGNORECASE)
_NAMED = re.compile(r"(?<![a-z0-9])v(\d{2})(?![0-9])", re.IGNORECASE)
_AGES = re.compile(r"(.+?) \(Ages? (\d{1,3})(?:-(\d{1,3})| Only)\)", re.IGNORECASE)
_SEX = re.compile(r"(Female|Male) Only", re.IGNORECASE)
_MANIFESTATION = re.compile(r"Manifestation\b", re.IGNORECASE)
_FIRST_FISCAL_YEAR = 1983


class CodeEditor:
    """The MCE's tables of diagnoses as one CSV."""

    name = "Medicare Code Editor edits"

    def recognise(self, source: Member) -> bool:
        """The header."""
        return first_line(source).lower().replace('"', "").startswith(",".join(_COLUMNS))

    def read(self, source: Member) -> Iterator[Batch]:
        """One batch of DiagnosisEdit for the fiscal year of the version, which is in the name or given (`41`)."""
        rows = headed(source, _COLUMNS)
        yield take(source, _edition(source), rows, lambda row: _record(whole(row)), _key)


def _edition(source: Member) -> Edition:
    found = _VERSION.fullmatch(source.version) if source.version else None
    if not source.version:
        found = next(filter(None, (re.search(_NAMED, text.replace("_", " ")) for text in source.names)), None)
    if not found:
        raise EditionUnknown(source.name, "the MCE version is neither in the name nor given; give it as FILE@41")
    return Edition("mce", found[1], *fiscal_year(_FIRST_FISCAL_YEAR + int(found[1])))


def _key(edit: DiagnosisEdit) -> str:
    return " ".join(filter(None, (edit.code, edit.kind, edit.group, edit.sex)))


def _record(row: dict[str, str]) -> DiagnosisEdit:
    code, rule = diagnosis(row["icd_code"]), row["icd_conflict_rule"]
    if found := _AGES.fullmatch(rule):
        low = int(found[2])
        high = int(found[3]) if found[3] else low
        if high < low:
            raise ValueError(f"{rule!r} is not a range of ages")
        return DiagnosisEdit(code, "age", low=low, high=high, group=found[1])
    if found := _SEX.fullmatch(rule):
        return DiagnosisEdit(code, "sex", sex=found[1].lower())
    if _MANIFESTATION.match(rule):
        return DiagnosisEdit(code, "manifestation")
    raise ValueError(f"{rule!r} is no rule on age, sex or manifestation")


IMPORTERS: tuple[Importer, ...] = (CodeEditor(),)
