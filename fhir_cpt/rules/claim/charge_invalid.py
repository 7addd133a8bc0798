"""A charge is not negative, and is its unit price times units (times factor).

Why it matters: a line that contradicts itself is priced wrong or sent back; credits are not billed as negative lines.

Fails: 3 units at 50.00 for 100.00; a charge of -10.00.
Passes: 3 units at 50.00 for 150.00; a charge without unit price.

Citation: HL7 FHIR, Claim.item.net; ASC X12N 837 implementation guides, SV102 and SV203.
"""

from __future__ import annotations

from collections.abc import Iterator

from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Change, Finding, Fix
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.rules.claim.amounts import differ
from fhir_cpt.rules.edit import Edit


def check(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Net and unit price of every line."""
    del facts
    for line in claim.lines:
        net, price = line.net, line.unit_price
        if net is not None and net < 0:
            where = line.path_of("priceOverride" if claim.kind == "charge" else "net")
            yield _negative(line, net, where)
        elif price is not None:
            if price < 0:
                yield _negative(line, price, line.path_of("unitPrice"))
            elif net is not None:
                units = 1 if line.quantity is None else line.quantity
                factor = 1 if line.factor is None else line.factor
                product = price * units * factor
                if product != net and differ(net, product):
                    yield _mismatch(line, net, price, units, factor)


def _negative(line: Line, amount: float, path: str) -> Finding:
    text = f"{line.shown} has a negative charge ({amount:.2f}): give the charge itself; credits go another way."
    return EDIT.finding(text, line, expression=(path,), evidence=(("charge", amount),))


def _mismatch(line: Line, net: float, price: float, units: float, factor: float) -> Finding:
    product = round(price * units * factor, 2)
    by = f"{price:.2f} times {units:g} {'unit' if units == 1 else 'units'}" + (
        f" times {factor:g}" if factor != 1 else ""
    )
    text = f"{line.shown} is charged at {net:.2f}, and {by} makes {product:.2f}: correct whichever is off."
    path = line.path_of("net")
    evidence = (("net", net), ("unitPrice", price), ("units", f"{units:g}"), ("factor", f"{factor:g}"))
    fix = None
    if product >= 0:
        change = Change(type="replace", path=f"{path}.value", value=product, value_type="decimal")
        fix = Fix(f"If price and units are right, make the charge {product:.2f}.", (change,))
    return EDIT.finding(text, line, expression=(path,), evidence=evidence, fix=fix)


EDIT = Edit(
    id="line-charge-invalid",
    family="claim",
    title="A charge that cannot be right",
    check=check,
    severity="warning",
    code="value",
    carc=("16",),
    rarc=("M79",),
    disposition="reject",
    citation="HL7 FHIR R4, Claim.item.net; ASC X12N 837 implementation guides, SV102, SV203 (line charge)",
    when=Feature.PRICED,
    dated=False,
)
