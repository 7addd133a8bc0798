"""The code should come under the URI of its own code system.

Why it matters: receivers look a code up under the URI that comes with it. CPT is Level I of HCPCS, and many
senders put both levels under one URI; a receiver that takes the URI at its word will not find the code. The rest
of the edits treat the line by its right system.

Fails: J3301 under CPT's URI; 99213 under `urn:oid:2.16.840.1.113883.6.12`.
Passes: J3301 under HCPCS's URI.

Citation: HL7 Terminology (THO), external code systems CPT and HCPCS.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Change, Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.rules.edit import Edit
from terminology.systems import PREFERRED, SHORT


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Every line whose URI is not that of the system that the code belongs to."""
    del facts
    for line in claim.lines:
        if line.given is None or line.system is None or line.given[0] == line.system:
            continue
        uri = line.given[0]
        meant = PREFERRED.get(uri, uri)
        if meant == line.system:
            text = f"{uri} is another name for {SHORT[line.system]}: write {line.system}."
        elif line.known is not None and line.known.status == "unknown":
            continue  # a modifier, of which procedure-unknown speaks
        else:
            text = f"{line.code} is a {SHORT[line.system]} code, not a {SHORT[meant]} code: write {line.system}."
        change = Change("replace", f"{line.coding_path}.system", value=line.system, value_type="uri")
        yield EDIT.finding(
            text,
            line,
            expression=(line.code_path,),
            evidence=(("system", uri), ("preferred", line.system)),
            fix=Fix(f"Replace the system by {line.system}.", (change,)),
        )


EDIT = Edit(
    id="procedure-wrong-system",
    family="procedure",
    title="A procedure code under another system's URI",
    check=check,
    severity="warning",
    code="code-invalid",
    citation="HL7 Terminology (THO), external code systems CPT and HCPCS Level II",
    needs=("procedure",),
    when=Feature.WRONG_SYSTEM,
    dated=False,
)
