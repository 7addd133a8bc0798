"""`fhir-cpt edits`: which edits there are, and what one of them says, with an example."""

from __future__ import annotations

import argparse
import sys
from difflib import get_close_matches
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fhir_cpt.claims.finding import Finding
from fhir_cpt.claims.knowledge import Knowledge
from fhir_cpt.commands.console import CommandError, Subparsers, out, plain, say
from fhir_cpt.commands.pack_folders import add_packs_option, defined
from fhir_cpt.commands.release_folder import add_option, chosen
from fhir_cpt.payers.loading import Definitions
from fhir_cpt.payers.pack import Pack, Rule
from fhir_cpt.payers.rules import rule_edit
from fhir_cpt.payers.trial import written as written_rule
from fhir_cpt.rules.catalogue import BY_ID, CATALOGUE
from fhir_cpt.rules.edit import Edit
from fhir_cpt.rules.explained import Example, explained, marks, shown, written
from fhir_cpt.rules.trial import findings_of, resources_of
from terminology import open_release


def add_to(commands: Subparsers) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "edits",
        help="list the claim edits, or explain one of them",
        description="Without an id, list the edits and the rules of the packs in force. With one, say what it checks "
        "and why, and show a claim that fails and one that passes, in the short form, with what the edit says of them. "
        "Exit status: 0; 2 there is no such edit, or wrong usage.",
    )
    parser.add_argument("id", nargs="?", metavar="ID", help="the id of an edit, or of a rule of a pack")
    parser.add_argument("--family", metavar="FAMILY", help="list this family alone: claim, ncci, diagnosis, payer …")
    parser.add_argument("--format", choices=("table", "json"), default="table", help="(default: %(default)s)")
    parser.add_argument("--fhir", action="store_true", help="print the example as FHIR JSON instead")
    add_option(parser)
    add_packs_option(parser)
    parser.set_defaults(run=run, failed=2)


def run(arguments: argparse.Namespace) -> int:
    """List or explain. Raises CommandError for an edit or family that is not there, and for packs that are refused."""
    definitions = defined(arguments.packs)
    rules = {rule.id: (rule, pack) for pack in definitions.packs for rule in pack.rules}
    if arguments.id is None:
        _list(arguments, definitions)
    elif arguments.id in BY_ID:
        _explain(BY_ID[arguments.id], arguments)
    elif arguments.id in rules:
        _explain_rule(*rules[arguments.id], arguments)
    else:
        known = [*BY_ID, *rules]
        near = get_close_matches(arguments.id, known, 3, 0.5)
        hint = f" Did you mean {' or '.join(near)}?" if near else " `fhir-cpt edits` lists them."
        raise CommandError(f"There is no edit {arguments.id[:80]!r}.{hint}")
    return 0


def _list(arguments: argparse.Namespace, definitions: Definitions) -> None:
    ruled = {rule.id: rule_edit(rule) for pack in definitions.packs for rule in pack.rules}
    edits = [*CATALOGUE, *ruled.values()]
    families = list(dict.fromkeys(edit.family for edit in edits))
    if arguments.family is not None and arguments.family not in families:
        raise CommandError(f"There is no family {arguments.family[:80]!r}. Known: {', '.join(families)}")
    listed = [edit for edit in edits if arguments.family in (None, edit.family)]
    if arguments.format == "json":
        _write([_told(edit) for edit in listed])
        return
    table = Table("Edit", "Severity", "CARC/RARC", "Runs", "What fails", box=None, header_style="bold", pad_edge=False)
    for edit in listed:
        runs = "payer's pack" if edit.family == "payer" else marks(edit)
        cells = (edit.id, edit.severity, "/".join((*edit.carc, *edit.rarc)), runs, edit.title)
        table.add_row(*(Text(plain(cell)) for cell in cells))
    console = out()
    console.print(table)
    say(console, f"{len(listed)} edits. `fhir-cpt edits ID` explains one.", "dim")


def _told(edit: Edit) -> dict[str, Any]:
    return {
        "id": edit.id,
        "family": edit.family,
        "title": edit.title,
        "severity": edit.severity,
        "carc": edit.carc,
        "rarc": edit.rarc,
        "medicare": edit.medicare,
        "opt_in": edit.opt_in,
        "history": edit.history,
        "needs": edit.needs,
        "citation": edit.citation,
    }


def _explain(edit: Edit, arguments: argparse.Namespace) -> None:
    told = explained(edit)
    speaking, passing = shown(edit.id)
    if arguments.fhir:
        for example in (speaking, passing):
            for resource in resources_of(example) if example else ():
                _write(resource)
        return
    if arguments.format == "json":
        details = {"what": told.what, "why": told.why, "cases": told.cases, "citation": told.citation}
        _write({**_told(edit), **details, "examples": [written(one) for one in (speaking, passing) if one]})
        return
    console = out()
    _head(console, edit, told.what, told.why)
    for case in told.cases:
        say(console, case)
    say(console, f"Citation: {told.citation}", "dim")
    knowledge = Knowledge(open_release(chosen(arguments.release)))
    for example in (speaking, passing):
        if example is not None:
            _show(console, edit, example, findings_of(edit, example, knowledge))


def _explain_rule(rule: Rule, pack: Pack, arguments: argparse.Namespace) -> None:
    edit = rule_edit(rule)
    if arguments.format == "json":
        _write({**_told(edit), "pack": pack.id, "examples": [written_rule(one) for one in rule.examples]})
        return
    console = out()
    _head(console, edit, f"A rule of {pack.title} (pack {pack.id}).", "")
    say(console, f"Citation: {rule.citation}", "dim")
    for example in rule.examples:
        say(console, f"\n# {example.name}: ends as {example.expect}", "bold")
        say(console, written_rule(example))


def _head(console: Console, edit: Edit, what: str, why: str) -> None:
    reasons = "/".join((*edit.carc, *edit.rarc))
    parts = filter(None, (edit.severity, reasons, marks(edit), "looks at prior claims" if edit.history else ""))
    say(console, f"{edit.id}: {edit.title}", "bold")
    say(console, f"Family {edit.family}; {'; '.join(parts)}")
    for text in filter(None, (what, why)):
        console.print(Text(plain(f"\n{text}")))


def _show(console: Console, edit: Edit, example: Example, findings: list[Finding]) -> None:
    say(console, f"\n# {example['name']}", "bold")
    say(console, written(example))
    for finding in findings:
        if finding.state == "pass":
            say(console, "→ pass", "green")
        else:
            weight = finding.severity if finding.state == "fail" else finding.state
            say(console, f"→ {weight}: {finding.text}", "red" if weight == "error" else "yellow")
            if finding.fix is not None and finding.fix.text not in finding.text:
                say(console, f"  {finding.fix.text}")
    if not findings:
        say(console, f"→ this release cannot show it: {edit.id} said nothing", "dim")


def _write(value: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
