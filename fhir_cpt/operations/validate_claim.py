"""`Claim/$validate` and `ChargeItem/$validate`: will this claim pass?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import orjson

from fhir_cpt.claims.engine import validate
from fhir_cpt.claims.finding import Report
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.claims.normalise import charges_from, claim_from
from fhir_cpt.claims.prior import history_of, pasts_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.errors import RequestError
from fhir_cpt.history import Keeper
from fhir_cpt.operations.call import Call, Operation
from fhir_cpt.operations.claim_views import viewed
from fhir_cpt.operations.tx import IGNORED
from fhir_cpt.payers.packs import NotInForce, UnknownName
from fhir_cpt.wire.arguments import Parameter
from fhir_cpt.wire.faults import StructureFault
from fhir_cpt.wire.http import Answer
from fhir_cpt.wire.structure import check
from fhir_cpt.wire.views import VIEWS, wanted_view
from terminology.edits import Setting
from terminology.model import CPT

Json = dict[str, Any]
_SETTINGS: dict[str, Setting] = {"practitioner": "practitioner", "outpatient-hospital": "hospital", "dme": "dme"}
TYPES = ("Claim", "ChargeItem", "Bundle")


class Examined(NamedTuple):
    """What was found out about a resource: its structural faults, its claims, and a report for each of them."""

    faults: list[StructureFault]
    claims: list[Claim]
    reports: list[Report]


def handle(call: Call) -> Answer:
    """Answer `$validate`: 200 whether or not the claim is good. Raises RequestError where it could not be run."""
    view = wanted_view(call.arguments.text("_view"), call.accept, ndjson=call.ndjson)
    found = examine(call)
    licence = call.served.release.licence(CPT)
    resource, context = call.arguments.object("resource") or {}, _context(call)
    return viewed(view, resource, found, context, call.version, call.today, licence.notice if licence else None)


def examine(call: Call) -> Examined:
    """Check the resource of the call and the claims in it. Raises RequestError where that could not be done."""
    resource = call.arguments.object("resource")
    if resource is None:
        raise RequestError(
            400, "required", "Send a Claim, a ChargeItem, a Bundle, or Parameters with resource", "resource"
        )
    kind = resource.get("resourceType")
    if kind not in TYPES:
        raise RequestError(
            400,
            "invalid",
            f"A Claim, ChargeItem or Bundle is expected, not {str(kind)[:40]!r}",
            "resource.resourceType",
        )
    faults = _placed(check(call.version, None, call.raw), call.raw, kind) if call.raw else []
    claims = list(claims_in(dict(resource), _context(call), _setting(call), call.history))
    if not claims:
        raise RequestError(400, "required", "There is no Claim and no ChargeItem in the Bundle", "Bundle.entry")
    return Examined(faults, claims, [run(call, claim) for claim in claims])


def _placed(faults: list[StructureFault], raw: bytes, kind: str) -> list[StructureFault]:
    """The faults, those of a resource within Parameters placed as the findings are: from the resource on."""
    body = orjson.loads(raw) if faults else {}
    if body.get("resourceType") != "Parameters":
        return faults
    at = next(at for at, item in enumerate(body["parameter"]) if item["name"] == "resource")
    around = f"Parameters.parameter[{at}].resource"
    return [
        fault._replace(expression=kind + fault.expression.removeprefix(around))
        if fault.expression.startswith(around)
        else fault
        for fault in faults
    ]


def run(call: Call, claim: Claim) -> Report:
    """The report of the edits on one claim. Raises RequestError for an unknown pack, edit or family."""
    arguments, served = call.arguments, call.served
    payer = arguments.text("payer")
    day = claim.first_day or call.today
    packs = payer or served.packs.matching(claim.payers, day)
    include, exclude = tuple(arguments.all("include")), tuple(arguments.all("exclude"))
    try:
        selection = served.packs.select(packs, include, exclude, day)
    except UnknownName as error:
        at_fault = "include" if error.name in include else "exclude" if error.name in exclude else "payer"
        raise RequestError(400, "invalid", str(error), at_fault) from None
    except NotInForce as error:
        raise RequestError(400, "invalid", str(error), "payer") from None
    facts = Facts(served.knowledge, call.today, selection.medicare, selection.requirements)
    return validate(claim, facts, selection, passes=_wants_all(call))


def claims_in(
    resource: Json, context: Iterable[Json], setting: Setting | None, kept: Keeper | None = None
) -> Iterator[Claim]:
    """The claims of a resource: a Claim, a ChargeItem, or those of a Bundle's entries, each with its history.

    ChargeItems of one patient in a Bundle make one claim: the edits between lines hold among them. The history is
    what the context tells, and what is `kept` here.
    """
    context = list(context)
    at_hand = Resources((None, item) for item in context)
    for claim, owner in _claims_of(resource, at_hand, setting):
        pasts = list(pasts_from(context, claim, at_hand))
        claim.history = kept.recall(claim, owner, at_hand, pasts) if kept else history_of(pasts, claim)
        yield claim


def _claims_of(resource: Json, at_hand: Resources, setting: Setting | None) -> Iterator[tuple[Claim, Json]]:
    """The claims, each with the resource (the first of several charges) that names its patient."""
    if resource["resourceType"] == "Claim":
        yield claim_from(resource, "Claim", at_hand, setting), resource
        return
    if resource["resourceType"] == "ChargeItem":
        yield charges_from([(resource, "ChargeItem")], "ChargeItem", at_hand, setting), resource
        return
    entries = resource.get("entry")
    found: list[tuple[Json, str]] = []
    for at, entry in enumerate(entries if isinstance(entries, list) else ()):
        item = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(item, dict):
            full_url = entry.get("fullUrl")
            at_hand.add(item, full_url if isinstance(full_url, str) else None)
            found.append((item, f"Bundle.entry[{at}].resource"))
    charges: dict[str, list[tuple[Json, str]]] = defaultdict(list)
    for item, path in found:
        if item.get("resourceType") == "Claim":
            yield claim_from(item, path, at_hand, setting), item
        elif item.get("resourceType") == "ChargeItem":
            charges[str(item.get("subject"))].append((item, path))
    for group in charges.values():
        yield charges_from(group, "Bundle", at_hand, setting), group[0][0]


def _context(call: Call) -> list[Json]:
    return [item for item in call.arguments.all("context") if isinstance(item, dict)]


def _setting(call: Call) -> Setting | None:
    text = call.arguments.text("setting")
    if text is None:
        return None
    if text not in _SETTINGS:
        raise RequestError(400, "invalid", f"The parameter setting is one of {', '.join(_SETTINGS)}", "setting")
    return _SETTINGS[text]


def _wants_all(call: Call) -> bool:
    report = call.arguments.text("report") or "findings"
    if report not in ("findings", "all"):
        raise RequestError(400, "invalid", "The parameter report is findings or all", "report")
    return report == "all"


OPERATION = Operation(
    name="validate",
    title="Validate a claim against published coding and billing edits",
    definition="https://fhir-cpt.github.io/fhir/OperationDefinition/claim-validate",
    handle=handle,
    types=("Claim", "ChargeItem"),
    parameters=(
        Parameter("resource", "Resource", "the Claim, ChargeItem or Bundle to validate", least=1),
        Parameter("context", "Resource", "Patient, Coverage, prior Claims and what else belongs to it", most=None),
        Parameter("payer", "string", "the payer's rule pack; without it, the one that matches the claim"),
        Parameter("setting", "code", "practitioner, outpatient-hospital or dme, where the claim's type misleads"),
        Parameter("include", "string", "an edit or family to run; without it, those of the pack", most=None),
        Parameter("exclude", "string", "an edit or family to leave out", most=None),
        Parameter("report", "code", "findings (the default), or all to see what passed as well"),
        Parameter("_view", "code", f"the form of the answer: {', '.join(VIEWS)}; without it, what Accept asks for"),
        Parameter("mode", "code", "of the base operation; every mode runs the same edits", ignored=True),
        Parameter("profile", "canonical", "of the base operation; no profile is checked", most=None, ignored=True),
        *IGNORED,
    ),
    takes=TYPES,
    body="resource",
    returns="OperationOutcome",
    views=("ClaimResponse", "Bundle"),
    safe=False,
    bulk=True,
)
