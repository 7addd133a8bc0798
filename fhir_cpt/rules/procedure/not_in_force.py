"""The procedure code must be in force on the day of the service.

Why it matters: codes come and go each quarter, and one used a day late is denied. What counts is the day of the
service, not of the claim.

Fails: J1030, which ended on 2024-03-31, on 2024-04-01; the successor in CMS's file is J1010.
Passes: J1030 on 2024-03-31.
Without a licensed CPT file, a code that the fee schedule of the day does not list is a warning. Where no fee schedule
of the day is loaded, NCCI's tables of the day may speak for the code or against it; where they are silent, `no-data`.

Citation: CMS, HCPCS Quarterly Update (ADD DT, TERM DT, cross-reference); 45 CFR 162.1002.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fhir_cpt.claims.answering import shown
from fhir_cpt.claims.facts import CodeFacts
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.mending import replacing_code
from terminology.model import CPT, HCPCS, Edition
from terminology.period import FIRST_DAY, LAST_DAY, Day, show
from terminology.systems import SHORT

_NAMED = 6
"""How many codes a text names before it says how many more there are."""
_USABLE = ("in-force", "undetermined")


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every code that is known, but not for the line's day; once, the codes of which no table of the day tells."""
    open_: list[Line] = []
    for line in claim.coded:
        known = line.known
        if known is None or known.concept is None:
            continue
        if known.status == "not-in-force":
            yield _ended(claim, line, known, facts)
        elif known.status == "unlisted":
            yield _unlisted(line, known, facts)
        elif known.status == "undetermined":
            open_.append(line)
    if open_:
        yield _undetermined(open_)


def _ended(claim: Claim, line: Line, known: CodeFacts, facts: Facts) -> Finding:
    concept = known.concept
    assert concept is not None
    day, answering = show(known.day), facts.release.code_system(known.system).on(known.day)
    if concept.period.holds(known.day):
        version = answering.edition.version
        told = f"{known.code} is not in the {SHORT[known.system]} edition {version}, which holds on {day}"
    elif concept.end == LAST_DAY:
        told = f"{known.code} is in force from {show(concept.start)}, not yet on {day}"
    elif concept.start == FIRST_DAY:
        told = f"{known.code} was in force until {show(concept.end)}, not on {day}"
    else:
        verb = "was" if concept.end < known.day else "is"
        told = f"{known.code} {verb} in force from {show(concept.start)} to {show(concept.end)}, not on {day}"
    after = _successors(claim, known, facts)
    if not after:
        text = f"{told}: use the code that holds on the day of the service."
    else:
        text = f"{told}: CMS names {' and '.join(code for _, code in after)} in its place."
    return EDIT.finding(
        text,
        line,
        expression=(line.code_path, line.period_path),
        evidence=(("start", show(concept.start)), ("end", show(concept.end)), ("successors", _listed(after))),
        edition=answering.edition,
        fix=_replacing(line, *after[0]) if len(after) == 1 else None,
    )


def _unlisted(line: Line, known: CodeFacts, facts: Facts) -> Finding:
    day = show(known.day)
    edition: Edition | None
    schedule = facts.release.fee_schedule.on(known.day)
    if known.complete:
        edition = facts.release.code_system(known.system).on(known.day).edition
        reason = (
            f"no {SHORT[known.system]} edition of that time is loaded, and edition {edition.version} does not have it"
        )
    elif schedule is None or schedule.stale:
        last, edition = _last_listed(known, facts)
        reason = f"no fee schedule of that day is loaded, and NCCI's tables have the code until {show(last)}"
    else:
        edition = schedule.edition
        reason = f"the fee schedule of that quarter ({edition.version}) does not list it"
    text = f"{known.code} may not be in force on {day}: {reason}. Check that it was still valid."
    return EDIT.finding(text, line, expression=(line.code_path, line.period_path), severity="warning", edition=edition)


def _last_listed(known: CodeFacts, facts: Facts) -> tuple[Day, Edition | None]:
    """The last day of a code that NCCI's tables speak against, by its PTP edits or as an add-on; and who says so."""
    spans = [(span.end, answer.edition) for answer, span in facts.knowledge.pair_spans(known.code, known.day)]
    if spans:
        return max(spans, key=lambda item: item[0])
    edition = next((edition for edition, table in facts.release.add_ons.newest_first if known.code in table), None)
    return max(row.code_end for row in known.add_ons), edition


def _undetermined(lines: Sequence[Line]) -> Finding:
    days = shown(sorted({line.known.day for line in lines if line.known}))
    codes = list(dict.fromkeys(line.code or "" for line in lines))
    names = ", ".join(codes[:_NAMED]) + (f" and {len(codes) - _NAMED} more" if len(codes) > _NAMED else "")
    text = (
        f"Not checked: whether {names} {'was' if len(codes) == 1 else 'were'} in force on {days}. Without a licensed "
        "CPT file the fee schedule of the day would tell, and none is loaded."
    )
    return EDIT.no_data(text, "pfs", *lines, expression=tuple([line.code_path for line in lines]))


def _successors(claim: Claim, known: CodeFacts, facts: Facts) -> list[tuple[str, str]]:
    """System and code of the cross-references of the code that are in force on the day."""
    found = []
    for item in known.concept.properties if known.concept else ():
        if item.code == "cross-reference" and isinstance(item.value, str):
            for system in (HCPCS, CPT):
                if facts.knowledge.code(system, item.value, known.day, claim.setting).status in _USABLE:
                    found.append((system, item.value))
                    break
    return found


def _listed(successors: list[tuple[str, str]]) -> str:
    return ", ".join(code for _, code in successors) or "none"


def _replacing(line: Line, system: str, code: str) -> Fix:
    """The fix that puts the successor in the place of the code; an expression keeps its modifiers."""
    text = f"Replace {line.code} by {code}, and count the units anew: the two may stand for different amounts."
    return Fix(text, replacing_code(line, code, system), documentation=True)


EDIT = Edit(
    id="procedure-not-in-force",
    family="procedure",
    title="A procedure code that is not in force on the day",
    check=check,
    code="code-invalid",
    carc=("181",),
    rarc=("N56",),
    citation="CMS, HCPCS Quarterly Update; 45 CFR 162.1002",
    needs=("procedure",),
    when=Feature.OUT_OF_FORCE,
)
