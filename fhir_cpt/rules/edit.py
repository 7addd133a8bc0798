"""What an edit is: one metadata object and one pure function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from fhir_cpt.claims.answering import Need
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Disposition, Finding, Fix, Severity, State
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from terminology.model import Edition

Check = Callable[[Claim, Facts], Iterable[Finding]]
"""What an edit does: the findings on a claim."""

Family = Literal[
    "claim",
    "procedure",
    "ncci",
    "modifier",
    "diagnosis",
    "em",
    "time",
    "remote",
    "setting",
    "global",
    "authorization",
    "payer",
]
"""What the ids of a family start with, but for a few: `payer` are the rules of payers' packs."""

MOST_COMPARED = 2_000
"""Lines of a claim up to which lines are compared with one another: the work grows with their square. Well above what
any claim may hold (999 on an 837I, by rules/claim/limits.yaml since 2012). A bound of ours, not of an agency."""
FEWER_LINES = "fewer lines"
"""What is missing where a claim has more lines than are compared."""

_DISPOSITION: dict[Severity, Disposition] = {"error": "deny", "warning": "review", "information": "inform"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Edit:
    """One edit of the catalogue.

    `severity`, `carc` and `rarc` are those of its usual finding; a finding may differ. `needs` are the tables
    without which it says `no-data`; `when` are the features (any of them) without which a claim passes unseen, and
    `when_also` more of them, of which it needs one too; `consults` are features with which its tables were consulted
    even where it passes unseen, so that their editions are told; `history` marks an edit that looks at prior lines
    as well; `medicare` marks an edit that only a payer pack turns on because Medicare's rules hold, `opt_in` one
    that a pack must name; `yields_to` are edits that, having spoken of the same lines, silence this one; `pairwise`
    marks an edit that compares lines with one another, and does not run on claims of more lines than the engine
    compares; `dated` is False for an edit that ends the same whatever the day, since it reads no table or list that
    has days (the tests hold it to that, and ask all others for a claim that ends otherwise a day earlier). Source of
    the catalogue: spec/claim-edits, CATALOGUE.
    """

    id: str
    family: Family
    title: str
    check: Check
    severity: Severity = "error"
    code: str = "business-rule"
    carc: tuple[str, ...] = ()
    rarc: tuple[str, ...] = ()
    citation: str
    needs: tuple[Need, ...] = ()
    when: Feature = Feature.NONE
    when_also: Feature = Feature.NONE
    consults: Feature = Feature.NONE
    history: bool = False
    medicare: bool = False
    opt_in: bool = False
    yields_to: tuple[str, ...] = ()
    pairwise: bool = False
    dated: bool = True
    disposition: Disposition | None = None

    def finding(
        self,
        text: str,
        *lines: Line,
        expression: tuple[str, ...] = (),
        state: State = "fail",
        severity: Severity | None = None,
        evidence: tuple[tuple[str, object], ...] = (),
        edition: Edition | None = None,
        fix: Fix | None = None,
        missing: str | None = None,
        also: tuple[str, ...] = (),
        code: str | None = None,
        carc: tuple[str, ...] | None = None,
        rarc: tuple[str, ...] | None = None,
        disposition: Disposition | None = None,
        citation: str | None = None,
    ) -> Finding:
        """A finding of this edit on the lines, the one at fault first.

        `expression` names the elements; where it is not given, the lines themselves. `code`, `carc`, `rarc`,
        `disposition` and `citation` are the edit's own where they are not given. Other sequences than tuples, which
        edits of other distributions may give, become tuples.
        """
        severity = severity or self.severity
        return Finding(
            edit=self.id,
            state=state,
            severity=severity,
            text=text,
            expression=tuple(expression) or tuple([line.path for line in lines]),
            code=self.code if code is None else code,
            carc=self.carc if carc is None else tuple(carc),
            rarc=self.rarc if rarc is None else tuple(rarc),
            disposition=disposition or self.disposition or _DISPOSITION[severity],
            citation=self.citation if citation is None else citation,
            evidence=tuple([(name, str(value)) for name, value in evidence]) if evidence else (),
            edition=edition,
            fix=fix,
            missing=missing,
            lines=tuple([line.number for line in lines]),
            also=tuple(also),
        )

    def bypassed(self, text: str, *lines: Line, **details: Any) -> Finding:
        """A finding that the edit applies and a modifier lifts it; not a denial, so without reason codes."""
        details = {"severity": "information", "carc": (), "rarc": (), "code": "informational", **details}
        return self.finding(text, *lines, state="bypassed", **details)

    def no_data(self, text: str, missing: str, *lines: Line, **details: Any) -> Finding:
        """A finding that the edit could not be carried out, because the named table or fact is missing."""
        details = {"severity": "information", "carc": (), "rarc": (), "code": "incomplete", **details}
        return self.finding(text, *lines, state="no-data", missing=missing, **details)
