"""The display that comes with a code should be one of the code's own texts.

Why it matters: a display that says something else is the trace of a slip: the right text with the wrong code.
Case and spaces do not count; short, medium and consumer texts do. Without a licensed CPT file its codes have no
texts, and nothing is said of them. An expression (`99213:25`) has no display of its own.

Fails: LT's text on J3301.
Passes: J3301 with its long or short description, in any case.

Citation: FHIR R4, Coding.display.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Change, Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.edit import Edit
from terminology.model import CPT, Concept


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every display that is none of the texts of its code."""
    del facts
    for line in claim.coded:
        if line.display is None or line.known is None or line.known.concept is None:
            continue
        if line.given is not None and ":" in line.given[1]:
            continue
        concept = line.known.concept
        texts = [item.value for item in concept.designations]
        if concept.display is not None:
            texts.append(concept.display)
        if texts and _bare(line.display) not in map(_bare, texts):
            yield _finding(line, concept)


def _finding(line: Line, concept: Concept) -> Finding:
    """The text of a HCPCS code is quoted; that of a CPT code is the AMA's, and is left where its licence holds."""
    path = f"{line.coding_path}.display"
    if line.system == CPT or concept.display is None:
        text = f"The display given is none of the texts of {line.code}: check whether the code or its text is meant."
        fix = Fix(f"If {line.code} is meant, leave its display out.", (Change("delete", path),))
    else:
        text = f"The display given is none of the texts of {line.code} ({concept.display}): check which is meant."
        change = Change("replace", path, value=concept.display, value_type="string")
        fix = Fix(f"If {line.code} is meant, replace the display by its own.", (change,))
    return EDIT.finding(text, line, expression=(path,), evidence=(("display", line.display or ""),), fix=fix)


def _bare(text: str) -> str:
    return " ".join(text.split()).casefold()


EDIT = Edit(
    id="procedure-display-mismatch",
    family="procedure",
    title="A display that is not the code's",
    check=check,
    severity="information",
    code="value",
    citation="FHIR R4, Coding.display",
    needs=("procedure",),
    when=Feature.DISPLAY,
    dated=False,
)
