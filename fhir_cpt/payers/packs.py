"""The packs in force: which of them holds for a claim, and which edits and rules run for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from fhir_cpt.claims.engine import Selection
from fhir_cpt.claims.finding import Severity
from fhir_cpt.payers.loading import Definitions
from fhir_cpt.payers.pack import Pack
from fhir_cpt.payers.rules import DELEGATES, PackRule, RuleBook, edits_of
from fhir_cpt.payers.value_sets import ValueSets
from fhir_cpt.rules.catalogue import CATALOGUE
from fhir_cpt.rules.edit import Edit
from terminology.period import LAST_DAY, Day, show

DEFAULT = "default"
"""The pack of payers that no other pack names."""

_SEVERITIES: Mapping[str, Severity] = {"error": "error", "warning": "warning", "information": "information"}
_FAMILIES = {edit.family for edit in CATALOGUE} | {"payer"}


class UnknownName(ValueError):
    """A pack, edit or family that does not exist; `known` lists those that do."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no {kind} {name!r}. Known: {', '.join(sorted(known))}")
        self.name = name


class NotInForce(ValueError):
    """A pack of which no edition is in force on the day asked about."""

    def __init__(self, name: str, day: Day, editions: Sequence[Pack]) -> None:
        spans = ", ".join(f"{one.start or '…'} to {one.end or '…'}" for one in editions)
        super().__init__(f"The payer pack {name!r} is not in force on {show(day)}: it holds {spans}")
        self.name = name


class Packs:
    """The packs, bound to a release whose value sets their rules may name. Never changed once made."""

    def __init__(self, definitions: Definitions, values: ValueSets) -> None:
        """The packs defined, and the value sets that their rules may name."""
        self.definitions = definitions
        self.values = values
        self._rules = {pack: [PackRule(rule, pack, values) for rule in pack.rules] for pack in self.definitions.packs}
        self._payers: dict[str, list[str]] = {}
        for pack in self.definitions.packs:
            for payer in pack.payers:
                if pack.id not in (named := self._payers.setdefault(payer, [])):
                    named.append(pack.id)
        self._order = {name: at for at, name in enumerate(self.definitions.by_id)}
        self._in_force = lru_cache(maxsize=4096)(self._settle)
        self._selected = lru_cache(maxsize=1024)(self._select)

    def __iter__(self) -> Iterator[Pack]:
        return iter(self.definitions.packs)

    @property
    def summary(self) -> list[dict[str, str]]:
        """The packs for machines: id and title of each edition, and its first and last day where it has them."""
        return [
            {
                "id": pack.id,
                "title": pack.title,
                **({"start": str(pack.start)} if pack.start else {}),
                **({"end": str(pack.end)} if pack.end else {}),
            }
            for pack in self.definitions.packs
        ]

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The rules of all packs as edits, each id once."""
        return edits_of(rule for rules in self._rules.values() for rule in rules)

    def matching(self, payers: frozenset[str], day: Day = LAST_DAY) -> tuple[str, ...]:
        """The ids of the packs that name one of the claim's payers and are in force, in the order of their files.

        The default pack where there is none.
        """
        found = {name for payer in payers if payer in self._payers for name in self._payers[payer]}
        if not found:
            return (DEFAULT,)
        held = [name for name in found if self.definitions.on(name, day) is not None]
        return tuple(sorted(held, key=self._order.__getitem__)) or (DEFAULT,)

    def select(
        self,
        names: str | tuple[str, ...],
        include: tuple[str, ...] = (),
        exclude: tuple[str, ...] = (),
        day: Day = LAST_DAY,
    ) -> Selection:
        """What runs for a claim of the day: the edits and rules of the packs named, of which later ones go before.

        `include` (ids or families) narrows it, and turns on an edit that the packs leave off; `exclude` leaves out.
        Raises UnknownName, NotInForce.
        """
        chosen = self._in_force((names,) if isinstance(names, str) else names, day)
        return self._selected(chosen, include, exclude)

    def check_names(self, pack: str | None, include: Iterable[str], exclude: Iterable[str]) -> None:
        """Raises UnknownName for a pack, edit, rule or family that does not exist."""
        if pack is not None and pack not in self.definitions.by_id:
            raise UnknownName("payer pack", pack, self.definitions.by_id)
        known = {edit.id for edit in (*CATALOGUE, *self.edits)} | _FAMILIES
        for name in (*include, *exclude):
            if name not in known:
                raise UnknownName("edit or family", name, known)

    def _settle(self, names: tuple[str, ...], day: Day) -> tuple[Pack, ...]:
        """The editions in force of the packs, each after the one that it extends."""
        found: dict[Pack, None] = {}
        for name in names:
            self.check_names(name, (), ())
            if self.definitions.on(name, day) is None:
                raise NotInForce(name, day, self.definitions.by_id[name])
            found.update(dict.fromkeys(self.definitions.chain(name, day)))
        return tuple(found)

    def _select(self, packs: tuple[Pack, ...], include: tuple[str, ...], exclude: tuple[str, ...]) -> Selection:
        self.check_names(None, include, exclude)
        settings: dict[str, str] = {}
        medicare = False
        for pack in packs:
            settings.update(pack.edits)
            medicare = medicare if pack.medicare is None else pack.medicare
        rules = [
            rule
            for pack in dict.fromkeys(pack.id for pack in packs)
            for edition in self.definitions.by_id[pack]
            for rule in self._rules[edition]
            if _rule_runs(rule, settings, include, exclude)
        ]
        asked = {DELEGATES[rule.asked] for rule in rules if rule.asked and {rule.id, "payer"} & set(include)}
        edits = tuple(
            edit
            for edit in CATALOGUE
            if (edit.id in include or edit.id in asked or _on(edit, medicare, settings))
            and (not include or {edit.id, edit.family} & {*include, *asked})
            and not {edit.id, edit.family} & set(exclude)
        )
        running = {edit.id for edit in edits}
        rules = [rule for rule in rules if rule.asked is None or DELEGATES[rule.asked] in running]
        ruled = edits_of(rules)
        severities = {
            edit.id: _SEVERITIES[setting]
            for edit in (*edits, *ruled)
            if (setting := settings.get(edit.id, settings.get(edit.family, ""))) in _SEVERITIES
        }
        if not rules:
            return Selection(edits, severities, medicare)
        book = RuleBook(rules, severities)
        return Selection(edits, severities, medicare, book.requirements, book.features, book.check, ruled)


def _rule_runs(rule: PackRule, settings: Mapping[str, str], include: Iterable[str], exclude: Iterable[str]) -> bool:
    """Whether a rule runs: by its own id, by the family `payer`, or by the edit that looks after it."""
    names = {rule.id, "payer"}
    if names & set(exclude) or (settings.get(rule.id, settings.get("payer")) == "off" and rule.id not in set(include)):
        return False
    if rule.asked is not None:
        delegate = next((edit for edit in CATALOGUE if edit.id == DELEGATES[rule.asked]), None)
        names |= {delegate.id, delegate.family} if delegate else set()
    return not include or bool(names & set(include))


def _on(edit: Edit, medicare: bool, settings: Mapping[str, str]) -> bool:
    """Whether the packs have an edit run. One of Medicare alone, or one that must be named, is turned on by its id."""
    own = settings.get(edit.id)
    if own is not None:
        return own != "off"
    if settings.get(edit.family) == "off":
        return False
    return (medicare or not edit.medicare) and not edit.opt_in
