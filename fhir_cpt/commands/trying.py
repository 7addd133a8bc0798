"""A pack that is not in force yet, beside those that are: each claim is checked with the one and with the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fhir_cpt.claims.engine import validate
from fhir_cpt.claims.finding import Report
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim
from fhir_cpt.commands.claim_files import Document
from fhir_cpt.commands.console import unforeseen
from fhir_cpt.operations.validate_claim import TYPES, claims_in
from fhir_cpt.payers.dry_run import DryRun
from fhir_cpt.payers.loading import load
from fhir_cpt.payers.packs import NotInForce, Packs
from fhir_cpt.served import Served
from terminology.period import today


class Trial(NamedTuple):
    """A server's release with the packs in force, and with those that would be."""

    before: Served
    after: Served

    def compare(self, document: Document, pack: str, against: str | None, result: DryRun) -> str | None:
        """Count the claims of a document; why it could not be read, where that is so."""
        if document.resource is None:
            return document.problem
        if document.resource.get("resourceType") not in TYPES:
            return "not a claim"
        try:
            for at, claim in enumerate(claims_in(document.resource, [], None)):
                self._count(_name(document, claim, at), claim, pack, against, result)
        except NotInForce as error:
            return str(error)
        except Exception as error:  # one document's failure is its own
            return unforeseen(error)
        return None

    def _count(self, name: str, claim: Claim, pack: str, against: str | None, result: DryRun) -> None:
        day = claim.first_day or today()
        old = (against,) if against else self.before.packs.matching(claim.payers, day)
        new = (pack,) if against else self.after.packs.matching(claim.payers, day)
        before, after = (_report(one, names, claim, day) for one, names in ((self.before, old), (self.after, new)))
        result.count(name, claim, before, after, concerned=pack in new or pack in old)


def tried(in_force: Served, paths: Sequence[Path], file: Path) -> tuple[Trial, str]:
    """The packs in force, and these with the pack of a file in the place of those with its id; and that id.

    Raises PacksRefused.
    """
    definitions = load(paths, [file])
    name = next(pack.id for pack in definitions.own if definitions.sources[pack].file == str(file))
    return Trial(in_force, in_force.with_packs(definitions)), name


def _report(served: Served, names: tuple[str, ...], claim: Claim, day: int) -> Report:
    packs: Packs = served.packs
    selection = packs.select(names, day=day)
    facts = Facts(served.knowledge, today(), selection.medicare, selection.requirements)
    return validate(claim, facts, selection)


def _name(document: Document, claim: Claim, at: int) -> str:
    """The claim's own id, else its place in the file: nothing of the patient."""
    own = next((name for name in sorted(claim.names) if name.startswith(("Claim/", "ChargeItem/"))), None)
    return own or (document.place if at == 0 else f"{document.place}#{at + 1}")
