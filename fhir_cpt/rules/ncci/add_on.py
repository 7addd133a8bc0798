"""An add-on code is paid only beside its primary service, by the same provider on the same day.

Why it matters: an add-on code stands for extra work within another service. Without that service on the day it
is denied (CARC 107); where the primary is denied, the add-on is denied along with it. For type 1 CMS lists all
primaries; for type 3 some, so that a missing one is a warning; for type 2, and wherever a row names no primary,
the contractor decides, and a listed primary that is missing proves nothing.

Fails: 99292 without 99291 (type 1); 11045 with an 11042 that is itself column 2 of an edit that fails.
Passes: 99291 and 99292; 99350 and 99417, which CMS's table does not have, and CPT does.

Citation: CMS, NCCI add-on code edits; NCCI Policy Manual for Medicare Services, chapter I, section R.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from fhir_cpt.claims.facts import CodeFacts
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Severity
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line, common_day
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.em.prolonged import prolonged_on
from fhir_cpt.rules.ncci.pairs import Pair, denied
from terminology.edits import AddOnEdit
from terminology.period import show

_PROLONGED = int(Feature.PROLONGED)
_CONTRACTOR, _INCOMPLETE = 2, 3
_NAMED = 6
"""How many primaries a text names before it says how many more there are."""


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every add-on code whose primary is not among the lines of that provider and day, or is denied itself."""
    if claim.setting is None:
        return
    refused: Mapping[int, Sequence[Pair]] | None = None
    for line in claim.coded:
        if line.known is None or not line.known.add_ons:
            continue
        day = line.known.day
        rows = [
            row
            for row in line.known.add_ons
            if row.start <= day <= row.end and day <= row.code_end and day <= row.primary_end
        ]
        if not rows:
            continue
        primaries = {row.primary for row in rows} | _visits(line.code or "", line.known)
        refusal: tuple[Line, str] | None = None
        for other in claim.coded:
            if other.code in primaries and _together(other, line):
                if refused is None:
                    refused = denied(claim, facts)
                reason = _reason(other, line, refused)
                if reason is None:
                    break
                refusal = refusal or (other, reason)
        else:
            yield _finding(claim, line, rows, facts, refusal)


def _visits(code: str, known: CodeFacts) -> Set[str]:
    """The visits that CPT lets a code of prolonged service accompany, of which CMS's table has those of Medicare."""
    return prolonged_on(code, known.day).bases.keys() if known.features & _PROLONGED else frozenset()


def _together(primary: Line, line: Line) -> bool:
    return primary is not line and primary.provider == line.provider and common_day(primary, line) is not None


def _reason(primary: Line, add_on: Line, refused: Mapping[int, Sequence[Pair]]) -> str | None:
    """Why the primary is denied for the sake of its own code; None where it is not, or by an edit with the add-on."""
    if primary.known is not None and primary.known.status == "not-in-force":
        return f"not in force on {show(primary.known.day)}"
    others = (pair.edit.column1 for pair in refused.get(primary.number, ()) if pair.edit.column1 != add_on.code)
    return next((f"column 2 of the NCCI edit with {code}" for code in others), None)


def _finding(
    claim: Claim, line: Line, rows: Sequence[AddOnEdit], facts: Facts, refusal: tuple[Line, str] | None
) -> Finding:
    """What is wrong: no primary at all, or, by `refusal`, one that is denied for the reason given."""
    edition = next((edition for edition, table in facts.release.add_ons.newest_first if table.get(rows[0].code)), None)
    visits = _visits(line.code or "", line.known) if line.known else frozenset[str]()
    primaries = sorted({row.primary for row in rows if row.primary} | visits)
    kind = max(row.type for row in rows)
    evidence = (
        ("add-on", rows[0].code),
        ("type", kind),
        ("primaries", ", ".join(primaries) or "contractor"),
        ("start", show(min(row.start for row in rows))),
    )
    paths: tuple[str, ...] = (line.code_path,)
    if refusal is None:
        told = f"{line.code} is an add-on code, and none of its primary services is here by the same provider that day"
    else:
        paths = (line.code_path, refusal[0].code_path)
        told = f"{line.code} is an add-on code, and its primary {refusal[0].code} is itself denied ({refusal[1]})"
    if kind == _CONTRACTOR or any(row.primary is None for row in rows):
        text = (
            f"{line.code} is an add-on code for which the Medicare contractor says what it may accompany: "
            "check its list for the services of that day."
        )
        return EDIT.no_data(text, "contractor's primaries", line, expression=paths, evidence=evidence, edition=edition)
    if kind == _INCOMPLETE and refusal is None:
        text = f"{told} ({_named(primaries)}). CMS's list is incomplete: check that the record shows another one."
    elif refusal is not None:
        text = f"{told}, which takes the add-on along: mend that line, or take both off."
    elif claim.kind == "charge":
        text = f"{told} ({_named(primaries)}): see that the primary is charged too."
    else:
        text = f"{told} ({_named(primaries)}): report the primary too, or take the add-on off."
    severity: Severity = "error" if kind == 1 and claim.kind != "charge" else "warning"
    return EDIT.finding(text, line, expression=paths, severity=severity, evidence=evidence, edition=edition)


def _named(primaries: Sequence[str]) -> str:
    more = len(primaries) - _NAMED
    return ", ".join(primaries[:_NAMED]) + (f" and {more} more" if more > 0 else "")


EDIT = Edit(
    id="ncci-add-on",
    family="ncci",
    title="An add-on code without its primary service",
    check=check,
    carc=("107",),
    rarc=("N122",),
    citation="CMS, NCCI add-on code edits; NCCI Policy Manual for Medicare Services, chapter I, section R",
    needs=("procedure", "addon"),
    when=Feature.ADD_ON,
    yields_to=("procedure-bundled", "procedure-not-valid-for-payer", "procedure-not-covered"),
    pairwise=True,
)
