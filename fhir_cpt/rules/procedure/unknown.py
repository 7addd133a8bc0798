"""The procedure code must exist: CPT or HCPCS Level II, in any edition that is loaded.

Why it matters: a mistyped code is denied with CARC 181, however good the rest of the line is. HCPCS Level II is
held whole, so an absent code is wrong. CPT is whole with the AMA's files, for their years; without them only
the codes that CMS's public tables name are known, and an absent code is no more than a warning. A modifier in
the place of the code is no procedure. Dental codes are the ADA's (CDT): CMS's files leave them out, and one is no
more than a warning.

Fails: J9999; 99999 where CPT is held whole; 25 as the code of a line.
Passes: 99213.

Citation: 45 CFR 162.1002 (the code sets of HIPAA transactions).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fhir_cpt.claims.facts import CodeFacts
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from terminology.model import CPT, HCPCS
from terminology.systems import SHORT

_DENTAL = re.compile(r"D\d{4}")


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every code that its system does not know; silent where the system is not loaded at all."""
    for line in claim.lines:
        known = line.known
        if known is None or known.status != "unknown":
            continue
        held = facts.release.code_systems.get(known.system)
        if held is None:
            continue
        answering = held.on(known.day)
        evidence = (("system", known.system), ("code", known.code))
        text, certain = _said(known, whole=known.complete and (known.system != CPT or not answering.stale))
        yield EDIT.finding(
            text,
            line,
            expression=(line.code_path,),
            severity="error" if certain else "warning",
            evidence=evidence,
            edition=answering.edition,
        )


def _said(known: CodeFacts, *, whole: bool) -> tuple[str, bool]:
    """What is wrong, and whether that is certain."""
    name = SHORT[known.system]
    if known.concept is not None:
        return (
            f"{known.code} is a modifier, not a procedure: give the code of the service with it.",
            True,
        )
    if known.system == HCPCS and _DENTAL.fullmatch(known.code):
        return f"{known.code} looks like a dental code, and CMS's HCPCS files leave these out: check it in CDT.", False
    if whole:
        return f"{known.code} is not a {name} code in any edition loaded: check it for a typing error.", True
    if known.complete:
        return (
            f"{known.code} is in no {name} edition loaded, and none loaded is of {known.day // 10000}: check it.",
            False,
        )
    return (
        f"{known.code} is not among the {name} codes that CMS's public tables name. Only those are known here, "
        "without a licensed CPT file: check it in the CPT book.",
        False,
    )


EDIT = Edit(
    id="procedure-unknown",
    family="procedure",
    title="A procedure code that does not exist",
    check=check,
    code="code-invalid",
    carc=("181",),
    rarc=("M51",),
    citation="45 CFR 162.1002; CMS, HCPCS Quarterly Update",
    needs=("procedure",),
    when=Feature.UNKNOWN_CODE,
    dated=False,
)
