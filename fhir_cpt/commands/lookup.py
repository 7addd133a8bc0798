"""`fhir-cpt lookup`: what a release knows of a code on a day."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rich.console import Console

from fhir_cpt.commands.code_facts import facts_of
from fhir_cpt.commands.console import CommandError, Subparsers, complain, err, out, say
from fhir_cpt.commands.release_folder import add_option, chosen
from fhir_cpt.wire.concepts import shown
from terminology import open_release
from terminology.model import CPT, HCPCS, ICD10CM, PLACE_OF_SERVICE, Coding, Concept
from terminology.period import ALWAYS, Day, parse_fhir, show, today
from terminology.queries.directory import DayDirectory
from terminology.queries.lookup import Answer, CodeNotFound, lookup
from terminology.systems import PROCEDURE, SHORT

SYSTEMS = {"cpt": CPT, "hcpcs": HCPCS, "icd10cm": ICD10CM, "pos": PLACE_OF_SERVICE}


def add_to(commands: Subparsers) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "lookup",
        help="tell what is known of a code on a day",
        description="Without --system the code is looked up in every code system that the release holds, and shown "
        "for each that has it. Exit status: 0 found; 1 not found; 2 there is no release to look in, or wrong usage.",
    )
    parser.add_argument("code", metavar="CODE", help="a code; for CPT also with modifiers, 99213:25")
    parser.add_argument("--system", choices=SYSTEMS, help="the code system (default: all)")
    parser.add_argument("--date", type=_day, metavar="D", help="the day, 2024-08-15 (default: today)")
    add_option(parser)
    parser.set_defaults(run=run, failed=2)


def run(arguments: argparse.Namespace) -> int:
    """Show the code. Raises ReleaseError; CommandError where the release does not hold the system asked for."""
    release = open_release(chosen(arguments.release))
    day: Day = today() if arguments.date is None else arguments.date
    directory = DayDirectory(release, {}, day)
    wanted = [SYSTEMS[arguments.system]] if arguments.system else list(SYSTEMS.values())
    held = [url for url in wanted if url in release.code_systems]
    if not held:
        raise CommandError(f"the release holds no {' and no '.join(SHORT[url] for url in wanted)} codes")
    found, absent = _search(directory, held, arguments.code)
    for answer in found:
        _show(out(), directory, answer, arguments.code)
    if not found:
        complain(f"{arguments.code} is not known on {show(day)}")
    hints = dict.fromkeys(error.hint for error in absent if error.hint)
    for text in hints if hints and not found else [error for error in absent if error.elsewhere or len(absent) == 1]:
        say(err(), f"  {text}")
    return 0 if found else 1


def _search(directory: DayDirectory, urls: list[str], code: str) -> tuple[list[Answer], list[CodeNotFound]]:
    found, absent = [], []
    for url in urls:
        try:
            found.append(lookup(directory, url, code))
        except CodeNotFound as error:
            absent.append(error)
    return found, absent


def _show(console: Console, directory: DayDirectory, answer: Answer, given: str) -> None:
    resolved, located = answer.resolved, answer.located
    concept, provider, day = located.concept, resolved.provider, directory.day
    text = concept.display or "(no text: it needs the publisher's licensed file)"
    say(console, f"{SHORT[provider.url]} {concept.code}  {text}", "bold")
    if located.given_as:
        _row(console, "asked for", f"{given}; the code is written {concept.code}")
    _row(console, "system", provider.url)
    content = f", {provider.content}" if provider.content != "complete" else ""
    _row(console, "edition", f"{shown(resolved.edition)}{content}")
    if resolved.stale or resolved.early:
        _row(console, "", f"the edition {'ends before' if resolved.stale else 'starts after'} {show(day)}", "yellow")
    _row(console, f"on {show(day)}", *_in_force(answer))
    for name, value in _described(concept):
        _row(console, name, value)
    if provider.url in PROCEDURE:
        base = concept.value("base")
        for name, value in facts_of(directory.release, base if isinstance(base, str) else concept.code, day):
            _row(console, name, value)
    if licence := directory.release.licence(provider.url):
        _row(console, "copyright", licence.notice, "dim")
    console.print()


def _in_force(answer: Answer) -> tuple[str, str]:
    concept = answer.located.concept
    period = "" if concept.period == ALWAYS else f" ({concept.period})"
    if answer.inactive:
        return f"not in force{period}", "red"
    if answer.resolved.early:
        return "not known: every edition held starts later", "yellow"
    if answer.resolved.provider.content == "fragment":
        return f"may be in force: the release holds no dates for this code system{period}", ""
    return f"in force{period}", "green"


def _described(concept: Concept) -> Iterator[tuple[str, str]]:
    if concept.definition:
        yield "definition", concept.definition
    for designation in concept.designations:
        use = designation.use.display or designation.use.code if designation.use else "designation"
        yield use, designation.value
    values: dict[str, list[str]] = {}
    for item in concept.properties:
        value = item.value.code if isinstance(item.value, Coding) else item.value
        values.setdefault(item.code, []).append(str(value).lower() if isinstance(value, bool) else str(value))
    for name, several in values.items():
        yield name, ", ".join(several)
    if concept.parents:
        yield "parent", ", ".join(concept.parents)


def _row(console: Console, name: str, value: str, style: str = "") -> None:
    say(console, f"  {name:<22} {value}", style)


def _day(text: str) -> Day:
    try:
        days = parse_fhir(text)
    except ValueError:
        days = None
    if days is None or days.start != days.end:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day of the form 2024-08-15")
    return days.start
