"""The rules of packs, ready to run: each as an edit of the catalogue's kind, and all of a selection behind one call.

A claim of ten lines costs ten look-ups, whatever the number of rules: which rules speak of a code on a day is found out
once. Source: spec/claim-edits, authorisation and payer packs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from fhir_cpt.claims.facts import CodeFacts
from fhir_cpt.claims.features import Feature
from fhir_cpt.claims.finding import Finding, Severity
from fhir_cpt.claims.knowledge import Facts
from fhir_cpt.claims.model import Claim, Line
from fhir_cpt.claims.requirements import Asked, Requirement
from fhir_cpt.payers.applying import among, conditions, start, unknown_of_patient
from fhir_cpt.payers.breach import Breach, amount
from fhir_cpt.payers.codes import procedures
from fhir_cpt.payers.pack import Pack, Rule
from fhir_cpt.payers.requirements import Case, check_of, is_in_time
from fhir_cpt.payers.value_sets import ValueSets
from fhir_cpt.rules.edit import Edit
from terminology.period import FIRST_DAY, LAST_DAY, Day, Period, from_date, show

DELEGATES: Mapping[Asked, str] = {
    "prior-authorization": "authorization-missing",
    "diagnosis": "medical-necessity",
}
"""The edits of the catalogue that look after what a pack asks for."""
_FEATURES: Mapping[Asked, int] = {
    "prior-authorization": int(Feature.PACK_AUTHORIZATION),
    "diagnosis": int(Feature.PACK_DIAGNOSIS),
}
_REMEMBERED = 5_000
"""Codes (by day and setting) of which a book remembers which rules speak of them. Their facts are kept with them."""


class PackRule:
    """One rule of a pack on one release. `asked` is what another edit looks after for it; `period` when it holds."""

    def __init__(self, rule: Rule, pack: Pack, values: ValueSets) -> None:
        """`values` are the value sets that the rule may name."""
        self.rule = rule
        self.pack = pack
        self.id = rule.id
        own, around = _period(rule), _period(pack)
        self.period = Period(max(own.start, around.start), min(own.end, around.end))
        self.asked = _asked(rule)
        self._values = values
        self._codes = procedures(rule.applies.codes)
        self._conditions = conditions(rule.applies, values)
        self.is_personal = rule.applies.age is not None or rule.applies.sex is not None
        self.filing = rule.require.timely_filing
        self._check = check_of(rule.require)
        self.edit = rule_edit(rule, lambda claim, facts: RuleBook([self]).check(claim, facts))

    @property
    def is_for_all(self) -> bool:
        """Whether it speaks by itself of every line of its days, whatever its code, place and patient."""
        applies = self.rule.applies
        return self.asked is None and not (applies.codes or applies.value_set or self._conditions)

    def names(self, system: str, code: str, day: Day) -> bool:
        """Whether the rule holds on the day and speaks of the code, as far as codes go."""
        if not self.period.holds(day):
            return False
        applies = self.rule.applies
        if not applies.codes and applies.value_set is None:
            return True
        if self._codes.hold(code):
            return True
        return applies.value_set is not None and self._values.hold(applies.value_set, system, code, day)

    def applies(self, claim: Claim, line: Line) -> bool:
        """Whether the rule speaks of the line, whose code it names."""
        return not self._conditions or all(condition(claim, line) for condition in self._conditions)

    def unknown(self, claim: Claim) -> str | None:
        """What is not known of the patient, without which it cannot be told whether the rule speaks of the claim."""
        return unknown_of_patient(self.rule.applies, claim) if self.is_personal else None

    def check(self, claim: Claim, lines: Sequence[Line], facts: Facts) -> Iterable[Finding]:
        """The findings on lines of which the rule speaks."""
        if self.is_personal and (missing := self.unknown(claim)) is not None:
            text = f"Whether “{self.rule.title}” concerns this claim depends on {missing}, which is not given."
            return (self.edit.no_data(text, missing, *lines, evidence=self._evidence()),)
        if self._check is None:
            return ()
        return [self._finding(breach) for breach in self._check(Case(self.pack.title, claim, lines, facts.today))]

    def requirement(self, severity: Severity) -> Requirement:
        """What the edit that looks after the rule is told."""
        rule = self.rule
        wanted = rule.require.diagnosis.codes if rule.require.diagnosis else ()
        return Requirement(
            self.id, rule.title, rule.citation, rule.message, severity, rule.carc, rule.rarc, diagnoses=wanted
        )

    def addressed(self, requirement: Requirement, line: Line) -> Requirement:
        """The requirement with its message filled in for the line."""
        if "{" not in requirement.message:
            return requirement
        return requirement._replace(message=self._worded(Breach((line,), "", ())))

    def met_by_value_set(self, claim: Claim, line: Line) -> bool:
        """Whether a diagnosis of the line is in the value set that the rule names, which the requirement cannot say."""
        wanted = self.rule.require.diagnosis
        return wanted is not None and wanted.value_set is not None and among(wanted, claim, line, self._values)

    def _finding(self, breach: Breach) -> Finding:
        lines, evidence = breach.lines, self._evidence(breach)
        if breach.missing is not None:
            return self.edit.no_data(
                breach.text, breach.missing, *lines, expression=breach.expression, evidence=evidence
            )
        text = self._worded(breach) if self.rule.message else breach.text
        return self.edit.finding(text, *lines, expression=breach.expression, evidence=evidence, fix=breach.fix)

    def _worded(self, breach: Breach) -> str:
        line = breach.lines[0]
        return self.rule.message.format(
            code=line.code,
            day=show(start(line)),
            limit=breach.limit,
            found=breach.found,
            units=amount(line.units),
            age=breach.age,
            place=line.place or "",
            modifiers=" ".join(line.modifiers),
        )

    def _evidence(self, breach: Breach | None = None) -> tuple[tuple[str, object], ...]:
        named = (("pack", self.pack.id), ("rule", self.id))
        return named if breach is None else (*named, ("limit", breach.limit), ("found", breach.found))


class Speaking(NamedTuple):
    """The rules that speak of a code on a day, but for those that speak of all codes.

    `own` are those that find something by themselves, `asked` those that other edits look after, by what they ask;
    `features` tell those edits that they are asked (of `Feature`, as an integer).
    """

    own: tuple[PackRule, ...]
    asked: Mapping[Asked, Sequence[PackRule]]
    features: int


_NOTHING = Speaking((), {}, 0)


class RuleBook:
    """The rules that run for one selection of packs. Safe between threads (a race only looks up twice)."""

    def __init__(self, rules: Sequence[PackRule], severities: Mapping[str, Severity] | None = None) -> None:
        """`severities` replace those of rules, by id."""
        self._own = [rule for rule in rules if rule.asked is None]
        self._rules = rules
        self._requirements = {
            rule: rule.requirement((severities or {}).get(rule.id, rule.rule.severity)) for rule in rules if rule.asked
        }
        self._everywhere = [rule for rule in self._own if rule.is_for_all]
        self._of: dict[CodeFacts, Speaking] = {}

    def check(self, claim: Claim, facts: Facts) -> list[Finding]:
        """What the rules find; of those that other edits look after, only that it cannot be told whether they apply."""
        concerned: dict[PackRule, list[Line]] = {}
        if self._everywhere and claim.coded:
            first, last = claim.days[0], claim.days[-1]
            filed = claim.created or facts.today
            for rule in self._everywhere:
                if rule.filing is not None and is_in_time(rule.filing, first, filed):  # as nearly always
                    continue
                start, end = rule.period
                if start <= first and last <= end:
                    concerned[rule] = claim.coded
                elif inside := [line for line in claim.coded if line.period and start <= line.period[0] <= end]:
                    concerned[rule] = inside
        for line in claim.coded if claim.unruled_by is not self else ():
            for rule in self._speaking_of(line).own:
                if (rule.asked is None or rule.unknown(claim)) and rule.applies(claim, line):
                    concerned.setdefault(rule, []).append(line)
        found: list[Finding] = []
        for rule, lines in concerned.items():
            found.extend(rule.check(claim, lines, facts))
        return found

    def features(self, claim: Claim) -> int:
        """The features that the rules give a claim, for the edits that look after them; `prepare` must have run.

        It is noted on the claim where no rule speaks of any of its codes, as is common: `check` need not look again.
        """
        found, ruled, known = 0, False, self._of.get
        for line in claim.coded:
            speaking = known(line.known) if line.known is not None else _NOTHING
            if speaking is not _NOTHING:
                speaking = speaking or self._speaking_of(line)
                found |= speaking.features
                ruled = ruled or bool(speaking.own)
        claim.unruled_by = None if ruled else self
        return found

    def requirements(self, asked: Asked, claim: Claim, line: Line) -> Sequence[Requirement]:
        """What the rules ask of a line, on its day."""
        rules = self._speaking_of(line).asked.get(asked)
        if rules is None:
            return ()
        return [
            rule.addressed(self._requirements[rule], line)
            for rule in rules
            if rule.unknown(claim) is None and rule.applies(claim, line) and not rule.met_by_value_set(claim, line)
        ]

    def _speaking_of(self, line: Line) -> Speaking:
        known = line.known
        if known is None:
            return _NOTHING
        found = self._of.get(known)
        if found is None:
            if len(self._of) >= _REMEMBERED:
                self._of.clear()
            rules = [rule for rule in self._rules if rule.names(known.system, known.code, known.day)]
            found = self._of[known] = _sorted(rules)
        return found


def _sorted(rules: Sequence[PackRule]) -> Speaking:
    own = tuple([rule for rule in rules if not rule.is_for_all and (rule.asked is None or rule.is_personal)])
    asked: dict[Asked, list[PackRule]] = {}
    for rule in rules:
        if rule.asked is not None:
            asked.setdefault(rule.asked, []).append(rule)
    features = 0
    for each in asked:
        features |= _FEATURES[each]
    return Speaking(own, asked, features) if own or asked else _NOTHING


def rule_edit(rule: Rule, check: Callable[[Claim, Facts], Iterable[Finding]] = lambda _claim, _facts: ()) -> Edit:
    """A rule as an edit of the catalogue's kind; without a check, to be told of."""
    limit = rule.require.max_units
    return Edit(
        id=rule.id,
        family="payer",
        title=rule.title,
        check=check,
        severity=rule.severity,
        carc=rule.carc,
        rarc=rule.rarc,
        citation=rule.citation,
        history=limit is not None and limit.per != "day",
        disposition=rule.disposition,
    )


def edits_of(rules: Iterable[PackRule]) -> tuple[Edit, ...]:
    """The rules as edits, each id once: of several editions of a pack, the last."""
    return tuple({rule.id: rule.edit for rule in rules}.values())


def _asked(rule: Rule) -> Asked | None:
    if rule.require.prior_authorization:
        return "prior-authorization"
    return "diagnosis" if rule.require.diagnosis is not None else None


def _period(part: Rule | Pack) -> Period:
    return Period(
        from_date(part.start) if part.start else FIRST_DAY,
        from_date(part.end) if part.end else LAST_DAY,
    )
