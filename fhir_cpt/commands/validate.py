"""`fhir-cpt validate`: will the claims in these files pass?"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from fhir_cpt.commands import claim_bulk
from fhir_cpt.commands.claim_files import Document, documents
from fhir_cpt.commands.claim_results import Result, Tally
from fhir_cpt.commands.claim_writers import ENCODERS, TableWriter
from fhir_cpt.commands.console import CommandError, Subparsers, unforeseen
from fhir_cpt.commands.history_store import opened
from fhir_cpt.commands.pack_folders import add_packs_option, with_packs
from fhir_cpt.commands.release_folder import add_option, chosen
from fhir_cpt.errors import RequestError
from fhir_cpt.operations.call import Call
from fhir_cpt.operations.validate_claim import OPERATION, TYPES, examine
from fhir_cpt.payers.packs import UnknownName
from fhir_cpt.served import Served
from fhir_cpt.wire.arguments import Arguments, from_parameters
from terminology import open_release
from terminology.model import CPT
from terminology.period import today

_MOST_JOBS = 256
"""Processes; who asks for more has mistyped the number."""


def add_to(commands: Subparsers) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "validate",
        help="check claims against the published edits",
        description="Check each Claim, ChargeItem, Bundle, and Parameters of Claim/$validate. The options hold for all "
        "of them, over what Parameters say. Exit status: 0 no errors; 1 errors were found; 2 an input could not be "
        "read as a claim or is empty (whatever was found in the others), there is no release to check with, or wrong "
        "usage.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="JSON or NDJSON; - is standard input")
    add_option(parser)
    add_packs_option(parser)
    parser.add_argument("--payer", metavar="PACK", help="the payer's rule pack (default: the one that matches)")
    parser.add_argument(
        "--setting",
        choices=("practitioner", "outpatient-hospital", "dme"),
        help="where the claim's type misleads: which of the NCCI tables hold",
    )
    for name, told in (("include", "run only this edit or family"), ("exclude", "leave this edit or family out")):
        parser.add_argument(f"--{name}", action="append", default=[], metavar="EDIT", help=f"{told} (may be repeated)")
    parser.add_argument("--report", choices=("findings", "all"), help="all: the edits that passed, too")
    parser.add_argument("--fhir", choices=("r4", "r5"), default="r4", help="the FHIR version (default: %(default)s)")
    parser.add_argument(
        "--format",
        choices=("table", *ENCODERS),
        default="table",
        help="table for people; ndjson: a line a finding; fhir: an OperationOutcome a resource; flat: a verdict a "
        "resource, as the server's _view=flat (default: %(default)s)",
    )
    parser.add_argument(
        "--jobs",
        type=_jobs,
        metavar="N",
        help="processes that work on ndjson, fhir and flat answers (default: a core each, where there is much to do)",
    )
    parser.add_argument(
        "--edits-only", action="store_true", help="leave out the check of FHIR's structure, for good FHIR in a hurry"
    )
    parser.add_argument(
        "--history",
        metavar="STORE",
        help="what went before, as `serve --history` keeps it: an SQLite file or a redis:// URL (its salt is "
        "$FHIR_CPT_HISTORY_SALT); nothing is added to it",
    )
    parser.set_defaults(run=run, failed=2)


def run(arguments: argparse.Namespace) -> int:
    """Check the files. Raises CommandError for an unknown pack, edit or family, or no such history; ReleaseError."""
    work = _Work(arguments)
    try:
        if arguments.format == "table":
            return _for_people(work, arguments.files)
        pinned = argparse.Namespace(**{**vars(arguments), "release": work.served.release.folder})
        return claim_bulk.run(arguments.files, work.checker, arguments.jobs, _made_anew, pinned)
    finally:
        work.close()


class _Work:
    """What documents are checked with, by the command's options."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.served = with_packs(Served(open_release(chosen(options.release))), options.packs)
        try:
            self.served.packs.check_names(options.payer, options.include, options.exclude)
        except UnknownName as error:
            raise CommandError(str(error)) from None
        self.licence = self.served.release.licence(CPT)
        self._options = options
        self._given = _optional(options)
        self._history = opened(options.history, 2) if options.history else None

    @property
    def checker(self) -> claim_bulk.Checker:
        """The same for answers to machines."""
        return claim_bulk.Checker(self.check, ENCODERS[self._options.format](self.licence))

    def check(self, document: Document) -> Result | str:
        """What was found in the document, or why it could not be checked."""
        if document.resource is None:
            return document.problem
        try:
            given = _given(document.resource, self._given)
            resource = given.object("resource") or {}
            kind = resource.get("resourceType")
            if kind not in TYPES:
                return f"not a claim: {kind[:60] if isinstance(kind, str) else 'no resourceType'}"
            raw = b"" if self._options.edits_only else document.raw
            call = Call(self.served, self._options.fhir, given, today(), raw=raw, history=self._history)
            return Result(document, resource, examine(call))
        except RequestError as error:
            return str(error)
        except Exception as error:  # one document's failure is its own
            return unforeseen(error)

    def close(self) -> None:
        """Let go of the history."""
        if self._history is not None:
            self._history.close()


def _made_anew(options: argparse.Namespace) -> claim_bulk.Checker:
    """The checker in a process of its own, with the same release: its pages are shared between them."""
    return _Work(options).checker


def _for_people(work: _Work, files: list[str]) -> int:
    writer, tally = TableWriter(work.licence), Tally()
    for document in documents(files):
        result = work.check(document)
        if isinstance(result, Result):
            writer.result(result)
            for claim in result.claims:
                tally.count(claim)
        else:
            writer.unread(document, result)
            tally.unread += 1
    writer.end(tally)
    return tally.status


def _given(resource: dict[str, Any], optional: Mapping[str, list[Any]]) -> Arguments:
    """The inputs of `Claim/$validate`: those of Parameters, with the options over them. Raises RequestError."""
    if resource.get("resourceType") == "Parameters":
        given = from_parameters(resource, OPERATION.known)
        return Arguments({**given.but(*optional), **optional})
    return Arguments({"resource": [resource], **optional})


def _optional(options: argparse.Namespace) -> Mapping[str, list[Any]]:
    """The inputs that the command's options give, for every document."""
    single = {name: [value] for name in ("payer", "setting", "report") if (value := getattr(options, name)) is not None}
    return {**single, **{name: values for name in ("include", "exclude") if (values := getattr(options, name))}}


def _jobs(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= _MOST_JOBS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes from 1 to {_MOST_JOBS}")
    return int(text)
