"""What an edit has to say of a claim, with the evidence for it and a way to mend it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from terminology.model import Edition
from terminology.period import Day

State = Literal["fail", "bypassed", "pass", "no-data"]
"""How an edit ended: it fails; it applies and a modifier lifts it; it passes; it lacks a table or a fact."""
Severity = Literal["error", "warning", "information"]
Disposition = Literal["deny", "reject", "review", "inform"]
"""What the payer would do: deny the line, reject the claim at the front end, look into it, nothing."""


class Change(msgspec.Struct, frozen=True):
    """One operation of a FHIRPath Patch. `value` is FHIR JSON, `value_type` its type (`CodeableConcept`).

    Source: FHIR R4, fhirpatch.
    """

    type: Literal["add", "insert", "delete", "replace"]
    path: str
    name: str | None = None
    value: Any = None
    value_type: str | None = None
    index: int | None = None


class Fix(msgspec.Struct, frozen=True):
    """A way to mend what was found: what to do, in words and as a patch of the resource.

    `documentation` is True where the record must show that it is warranted before anybody applies it.
    """

    text: str
    changes: tuple[Change, ...]
    documentation: bool = False


class Finding(msgspec.Struct, frozen=True):
    """One statement of one edit.

    `text` is one plain sentence for a biller; `expression` names the elements concerned as FHIRPath, the line
    at fault first; `evidence` are name and value pairs from the table row that was used; `edition` is the
    edition that the row comes from; `missing` names the table or fact that a `no-data` finding lacks; `lines`
    are the numbers of the lines.
    """

    edit: str
    state: State
    severity: Severity
    text: str
    expression: tuple[str, ...] = ()
    code: str = "business-rule"
    carc: tuple[str, ...] = ()
    rarc: tuple[str, ...] = ()
    disposition: Disposition = "inform"
    citation: str = ""
    evidence: tuple[tuple[str, str], ...] = ()
    edition: Edition | None = None
    fix: Fix | None = None
    missing: str | None = None
    lines: tuple[int, ...] = ()
    also: tuple[str, ...] = ()
    """Other edits for which the same holds: the ones that the missing table holds up."""


class Used(msgspec.Struct, frozen=True, cache_hash=True):
    """The editions that were consulted, and those out of date, each with the first day asked about that it misses."""

    editions: tuple[Edition, ...] = ()
    stale: tuple[tuple[Edition, Day], ...] = ()


class Report(msgspec.Struct, frozen=True):
    """All that was found: the findings, and the editions that were consulted."""

    findings: tuple[Finding, ...]
    used: Used = msgspec.field(default_factory=Used)
    checked: int = 0
    """How many edits ran or passed unseen."""

    @property
    def editions(self) -> tuple[Edition, ...]:
        """The editions that were consulted."""
        return self.used.editions

    @property
    def stale(self) -> tuple[tuple[Edition, Day], ...]:
        """Those out of date, each with the first day asked about that it no longer covers."""
        return self.used.stale
