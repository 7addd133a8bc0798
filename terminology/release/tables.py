"""The tables that a release can hold: the type of their records and the code that each is found by.

One entry here is all that the compiler and the reader need to know of a table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from terminology.edits import (
    AddOnEdit,
    AnesthesiaFactor,
    CoveragePolicy,
    DiagnosisEdit,
    DiagnosisNote,
    FeeScheduleRow,
    Gpci,
    Locality,
    Mue,
    OppsCap,
    ZipLocality,
)
from terminology.model import CPT, HCPCS, ICD10CM, PLACE_OF_SERVICE


@dataclass(frozen=True)
class CodeSystemTable:
    """A table of concepts: one code system."""

    name: str
    url: str
    title: str
    dotted: bool = False
    """Whether codes are also written without their dot (ICD-10-CM)."""
    postcoordinated: bool = False
    """Whether codes and modifiers are composed into expressions (CPT)."""


@dataclass(frozen=True)
class PtpTable:
    """A table of procedure-to-procedure edits of one setting."""

    name: str


@dataclass(frozen=True)
class KeyedTable:
    """A table of records found by a code; several records may share one."""

    name: str
    record: type[Any]
    key: Callable[[Any], str]


CODE_SYSTEMS = (
    CodeSystemTable("cpt", CPT, "Current Procedural Terminology (CPT)", postcoordinated=True),
    CodeSystemTable("hcpcs", HCPCS, "Healthcare Common Procedure Coding System (HCPCS) Level II"),
    CodeSystemTable(
        "icd10cm",
        ICD10CM,
        "International Classification of Diseases, 10th Revision, Clinical Modification",
        dotted=True,
    ),
    CodeSystemTable("pos", PLACE_OF_SERVICE, "CMS place of service codes for professional claims"),
)
PTP = (PtpTable("ptp-practitioner"), PtpTable("ptp-hospital"))
KEYED = (
    KeyedTable("mue-practitioner", Mue, lambda row: row.code),
    KeyedTable("mue-hospital", Mue, lambda row: row.code),
    KeyedTable("mue-dme", Mue, lambda row: row.code),
    KeyedTable("addon", AddOnEdit, lambda row: row.code),
    KeyedTable("pfs", FeeScheduleRow, lambda row: row.code),
    KeyedTable("pfs-qpp", FeeScheduleRow, lambda row: row.code),
    KeyedTable("gpci", Gpci, lambda row: row.contractor + row.locality),
    KeyedTable("anesthesia", AnesthesiaFactor, lambda row: row.contractor + row.locality),
    KeyedTable("locality", Locality, lambda row: row.contractor + row.locality),
    KeyedTable("oppscap", OppsCap, lambda row: row.code),
    KeyedTable("zip5", ZipLocality, lambda row: row.zip),
    KeyedTable("mce", DiagnosisEdit, lambda row: row.code),
    KeyedTable("icd10cm-notes", DiagnosisNote, lambda row: row.code),
    KeyedTable("coverage", CoveragePolicy, lambda row: row.id),
)
