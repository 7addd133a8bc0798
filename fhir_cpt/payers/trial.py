"""Packs on a release: whether the value sets that they name are there, and whether their examples end as they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from fhir_cpt.claims import shorthand
from fhir_cpt.claims.engine import Selection, validate
from fhir_cpt.claims.finding import Report
from fhir_cpt.claims.history import History
from fhir_cpt.claims.knowledge import Facts, Knowledge
from fhir_cpt.claims.normalise import claim_from
from fhir_cpt.claims.prior import history_from
from fhir_cpt.claims.resources import Resources
from fhir_cpt.payers.faults import Fault, Source
from fhir_cpt.payers.pack import Example, Pack, Rule, ShortClaim
from fhir_cpt.payers.rules import DELEGATES, PackRule, RuleBook
from fhir_cpt.payers.value_sets import ValueSets
from fhir_cpt.rules.catalogue import BY_ID
from terminology.period import from_date, today


def faults_of(
    packs: Iterable[Pack], sources: Mapping[Pack, Source], knowledge: Knowledge, values: ValueSets
) -> Iterator[Fault]:
    """What a release has against packs: value sets that it lacks, examples that end otherwise on it."""
    for pack in packs:
        for at, rule in enumerate(pack.rules):
            missing = [
                sources[pack].fault(("rules", at, *path), f"there is no value set {name!r} here")
                for path, name in _value_sets(rule)
                if name not in values
            ]
            yield from missing
            if missing:
                continue
            bound = PackRule(rule, pack, values)
            for number, example in enumerate(rule.examples):
                if reason := _differs(bound, example, knowledge):
                    yield sources[pack].fault(("rules", at, "examples", number), reason)


def run(rule: PackRule, example: Example, knowledge: Knowledge) -> Report:
    """The report of the rule alone, and of the edit that looks after it, on the claim of an example."""
    claim = claim_from(short(example.claim), "Claim", Resources())
    if example.history is not None:
        prior = [short(item) for item in example.history]
        claim.history = history_from(prior, claim, Resources()) or History()
    book = RuleBook([rule])
    edits = tuple(BY_ID[name] for name in [DELEGATES[rule.asked] if rule.asked else ""] if name in BY_ID)
    selection = Selection(edits, {}, False, book.requirements, book.features, book.check, (rule.edit,))
    day = from_date(example.today) if example.today else claim.created or today()
    return validate(claim, Facts(knowledge, day, False, book.requirements), selection, passes=True)


def short(claim: ShortClaim) -> dict[str, Any]:
    """The FHIR Claim for one in the short form."""
    spec: dict[str, Any] = msgspec.to_builtins(claim)
    return shorthand.claim(spec)


def written(example: Example) -> str:
    """What an example is run on, in the short form: a line of YAML for each part."""
    told: dict[str, Any] = msgspec.to_builtins(example)
    return shorthand.spelled({key: told[key] for key in ("claim", "history", "today") if told.get(key) is not None})


def _differs(rule: PackRule, example: Example, knowledge: Knowledge) -> str | None:
    """How the example ends where it should not; None where it ends as it says."""
    report = run(rule, example, knowledge)
    states = {item.state for item in report.findings if rule.id in (item.edit, *item.also)}
    if states == {example.expect}:
        return None
    ended = " and ".join(sorted(states)) or "nothing"
    why = "".join(f": {item.text}" for item in report.findings if item.edit == rule.id and item.state != "pass")
    unknown = "" if example.expect == "pass" else _unknown(example, knowledge)
    return f"the example {example.name!r} ends as {ended}, not as {example.expect}{why}{unknown}"


def _unknown(example: Example, knowledge: Knowledge) -> str:
    """Which codes of the claim the release does not know: no rule speaks of these."""
    claim = claim_from(short(example.claim), "Claim", Resources())
    missing = [
        line.code
        for line in claim.lines
        if line.code and line.system and line.period
        if knowledge.code(line.system, line.code, line.period.start, claim.setting).concept is None
    ]
    return f" (the release does not know {', '.join(missing)})" if missing else ""


def _value_sets(rule: Rule) -> Iterator[tuple[tuple[str, ...], str]]:
    """The value sets that a rule names, each with its place in the rule."""
    applies, wanted = rule.applies, rule.require.diagnosis
    named = (
        (("applies", "value-set"), applies.value_set),
        (("applies", "diagnosis", "value-set"), applies.diagnosis.value_set if applies.diagnosis else None),
        (("require", "diagnosis", "value-set"), wanted.value_set if wanted else None),
    )
    for path, name in named:
        if name is not None:
            yield path, name
