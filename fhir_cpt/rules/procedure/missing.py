"""A line must say which service it charges for: a CPT or HCPCS code.

Why it matters: a line without a procedure code cannot be priced, and the claim is sent back.

Fails: a line with a text alone, or with a code of a laboratory's own catalogue.
Passes: a line with 99213; an institutional line that is billed by its revenue code; a line that only groups
details which have codes; a detail with a drug's NDC; a pharmacy, dental or vision line coded in another system.

Citation: CMS-1500 item 24D, 837P segment SV101; Medicare Claims Processing Manual, chapter 26, section 10.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.json import shortened
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit

_NAMED = 5
"""Systems that a text names; a line may have a hundred."""


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Lines without a code in CPT or HCPCS that need one."""
    del facts
    grouping = {above for line in claim.lines if line.detail and line.code for above in _above(line.path)}
    for line in claim.lines:
        if line.code is not None or line.path in grouping or _needs_none(claim, line):
            continue
        if line.codings:
            named = dict.fromkeys(f"“{shortened(system)}”" if system else "no system" for system, _, _ in line.codings)
            systems = ", ".join([*named][:_NAMED])
            text = f"The line has no CPT or HCPCS code, only codes of {systems}: add the code of the service."
            if claim.use not in ("", "claim"):  # a request may name a type of service (X12 1365) before it is coded
                yield EDIT.finding(text, line, expression=(line.code_path,), severity="warning")
                continue
        else:
            text = "The line has no procedure code: add the CPT or HCPCS code of the service."
        yield EDIT.finding(text, line, expression=(line.code_path or line.path,))


def _needs_none(claim: Claim, line: Line) -> bool:
    if line.codings and (line.detail or claim.kind in ("pharmacy", "oral", "vision")):
        return True
    return claim.kind == "institutional" and line.revenue


def _above(path: str) -> Iterator[str]:
    """The item, and the detail, in which a detail or subDetail stands."""
    while "etail[" in path:
        path = path.rpartition(".")[0]
        yield path


EDIT = Edit(
    id="procedure-missing",
    family="procedure",
    title="A line without a procedure code",
    check=check,
    code="required",
    carc=("16",),
    rarc=("M51",),
    citation="CMS-1500 item 24D; 837P SV101; Medicare Claims Processing Manual, chapter 26, section 10.4",
    when=Feature.NO_CODE,
    disposition="reject",
    dated=False,
)
