"""Whether a pack makes sense: what its schema cannot say, each fault with its place in the file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from string import Formatter

from msgspec import UNSET

from fhir_cpt.claims import reason_codes
from fhir_cpt.payers.codes import diagnosis_fault, procedure_fault
from fhir_cpt.payers.faults import Fault, Path, nearest
from fhir_cpt.payers.pack import Ages, Applies, Diagnoses, Modifiers, Pack, Require, Rule, ShortClaim, ShortLine, Units
from fhir_cpt.payers.reading import Written

PLACEHOLDERS = ("code", "day", "limit", "found", "units", "age", "place", "modifiers")
"""What a rule's message may hold in braces."""

_TWO = re.compile(r"[A-Z0-9]{2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Complain = Callable[[Path, str], Fault]


def check(written: Written) -> Iterator[Fault]:
    """Every fault of the pack in itself; what it says of other packs and of a release is looked at elsewhere."""
    pack, complain = written.pack, written.source.fault
    yield from _period(pack, pack, (), complain)
    for at, payer in enumerate(pack.payers):
        if not payer.strip():
            yield complain(("payers", at), "an identifier or name of the payer is expected")
    if pack.extends == pack.id:
        yield complain(("extends",), f"the pack {pack.id!r} extends itself")
    seen: set[str] = set()
    for at, rule in enumerate(pack.rules):
        path: Path = ("rules", at)
        if rule.id in seen:
            yield complain((*path, "id"), f"the rule {rule.id!r} is there twice")
        seen.add(rule.id)
        yield from _rule(rule, pack, path, complain)


def _rule(rule: Rule, pack: Pack, path: Path, complain: Complain) -> Iterator[Fault]:
    yield from _period(rule, pack, path, complain)
    for name, text in (("title", rule.title), ("citation", rule.citation)):
        if not text.strip():
            yield complain((*path, name), f"a rule has a {name}")
    yield from _applies(rule.applies, (*path, "applies"), complain)
    yield from _require(rule.require, (*path, "require"), complain)
    for kind in ("carc", "rarc"):
        for at, code in enumerate(getattr(rule, kind)):
            if reason := reason_codes.fault(kind, code):
                yield complain((*path, kind, at), reason)
    delegated = rule.require.prior_authorization or rule.require.diagnosis
    if rule.severity == "error" and not rule.carc and not delegated:
        yield complain((*path, "carc"), f"the rule {rule.id!r} is an error and gives no CARC")
    yield from _message(rule.message, (*path, "message"), complain)
    yield from _examples(rule, path, complain)


def _examples(rule: Rule, path: Path, complain: Complain) -> Iterator[Fault]:
    expected = {example.expect for example in rule.examples}
    for wanted in ("pass", "fail"):
        if wanted not in expected:
            yield complain((*path, "examples"), f"the rule {rule.id!r} has no example that ends as {wanted!r}")
    for at, example in enumerate(rule.examples):
        yield from _claim(example.claim, (*path, "examples", at, "claim"), complain)
        for number, prior in enumerate(example.history or ()):
            yield from _claim(prior, (*path, "examples", at, "history", number), complain)


def _claim(claim: ShortClaim, path: Path, complain: Complain) -> Iterator[Fault]:
    """Days and documented facts of a claim in the short form, which are plain texts there."""
    dated: list[tuple[Path, object]] = [((*path, "date"), claim.date), ((*path, "created"), claim.created)]
    for at, line in enumerate(claim.lines):
        if isinstance(line, ShortLine):
            dated.append(((*path, "lines", at, "date"), line.date))
    for where, value in dated:
        if isinstance(value, str) and not all(map(_is_day, value.split("/", 1))):
            yield complain(where, f"{value[:40]!r} is not a day (YYYY-MM-DD)")
    for at, item in enumerate(() if claim.info is UNSET else claim.info):
        if not item:
            yield complain((*path, "info", at), "a documented fact is expected, such as {minutes: 40}")


def _period(part: Pack | Rule, pack: Pack, path: Path, complain: Complain) -> Iterator[Fault]:
    if part.start and part.end and part.end < part.start:
        yield complain((*path, "end"), f"the end {part.end} comes before the start {part.start}")
    elif part is not pack and (
        (part.start and pack.end and part.start > pack.end) or (part.end and pack.start and part.end < pack.start)
    ):
        yield complain((*path, "start" if part.start else "end"), f"{part.id!r} never holds while the pack does")


def _applies(applies: Applies, path: Path, complain: Complain) -> Iterator[Fault]:
    yield from _each(applies.codes, (*path, "codes"), procedure_fault, complain)
    yield from _each(applies.place, (*path, "place"), _place_fault, complain)
    yield from _bounds(applies.age, (*path, "age"), complain)
    yield from _bounds(applies.units, (*path, "units"), complain)
    yield from _modifiers(applies.modifiers, (*path, "modifiers"), complain)
    yield from _diagnoses(applies.diagnosis, (*path, "diagnosis"), complain)


def _require(require: Require, path: Path, complain: Complain) -> Iterator[Fault]:
    asked = [name for name in require.__struct_fields__ if getattr(require, name) is not None]
    if len(asked) != 1:
        names = ", ".join(require.__struct_encode_fields__)
        yield complain(path, f"a rule requires exactly one thing, not {len(asked)}: one of {names}")
    for name in ("prior_authorization", "referring_provider", "not_covered"):
        if getattr(require, name) is False:
            yield complain((*path, name.replace("_", "-")), "write true, or leave the rule out")
    yield from _modifiers(require.modifier, (*path, "modifier"), complain)
    yield from _diagnoses(require.diagnosis, (*path, "diagnosis"), complain)
    yield from _bounds(require.age, (*path, "age"), complain)
    if (limit := require.max_units) is not None:
        yield from _each(limit.counting, (*path, "max-units", "counting"), procedure_fault, complain)
        if not isinstance(limit.per, str):
            yield from _one_of(limit.per.days, limit.per.full_months, (*path, "max-units", "per"), complain)
    if (places := require.place) is not None:
        yield from _each(places.within, (*path, "place", "in"), _place_fault, complain)
        yield from _each(places.not_in, (*path, "place", "not-in"), _place_fault, complain)
        if bool(places.within) == bool(places.not_in):
            yield complain((*path, "place"), "name places under one of in and not-in")
    if (filing := require.timely_filing) is not None:
        yield from _one_of(filing.days, filing.months, (*path, "timely-filing"), complain)


def _modifiers(given: Modifiers | None, path: Path, complain: Complain) -> Iterator[Fault]:
    if given is None:
        return
    if not (given.any or given.all or given.none):
        yield complain(path, "name modifiers under any, all or none")
    for name in ("any", "all", "none"):
        yield from _each(getattr(given, name), (*path, name), _modifier_fault, complain)


def _diagnoses(given: Diagnoses | None, path: Path, complain: Complain) -> Iterator[Fault]:
    if given is None:
        return
    if not given.codes and not given.value_set:
        yield complain(path, "name codes or a value-set")
    yield from _each(given.codes, (*path, "codes"), diagnosis_fault, complain)


def _bounds(given: Ages | Units | None, path: Path, complain: Complain) -> Iterator[Fault]:
    if given is None:
        return
    if given.min is None and given.max is None:
        yield complain(path, "name min, max or both")
    elif given.min is not None and given.max is not None and given.max < given.min:
        yield complain((*path, "max"), f"the most, {given.max}, is less than the least, {given.min}")


def _one_of(one: object, other: object, path: Path, complain: Complain) -> Iterator[Fault]:
    if (one is None) == (other is None):
        yield complain(path, "name exactly one length of time")


def _each(values: Iterable[str], path: Path, fault: Callable[[str], str | None], complain: Complain) -> Iterator[Fault]:
    for at, value in enumerate(values):
        if reason := fault(value):
            yield complain((*path, at), reason)


def _message(text: str, path: Path, complain: Complain) -> Iterator[Fault]:
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        yield complain(path, f"the message cannot be filled in: {error}")
        return
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            yield complain(path, f"{{{name[:40]}}} means nothing here{nearest(name, PLACEHOLDERS)}; known: {known}")
        elif form or conversion:
            yield complain(path, f"write {{{name}}} alone, without a format")


def _modifier_fault(text: str) -> str | None:
    return None if _TWO.fullmatch(text) else f"{text[:40]!r} is no modifier: two letters or digits"


def _place_fault(text: str) -> str | None:
    fits = len(text) == 2 and text.isascii() and text.isdigit()
    return None if fits else f"{text[:40]!r} is no place of service code: two digits"


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True
