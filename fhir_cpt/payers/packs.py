"""Payer rule packs: which edits hold for which payer, and how severely.

A pack is a YAML file with `id`, `title`, `payers` (identifiers that it matches), `extends` (another pack's id),
`medicare` (whether the Medicare edits hold) and `edits` (an edit id or family → `off`, `on` or a severity).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import msgspec
import yaml

from fhir_cpt.claims.engine import Selection
from fhir_cpt.claims.finding import Severity
from fhir_cpt.rules.catalogue import CATALOGUE
from fhir_cpt.rules.edit import Edit

DEFAULT = "default"
_SEVERITIES: Mapping[str, Severity] = {"error": "error", "warning": "warning", "information": "information"}


class UnknownName(ValueError):
    """A pack, edit or family that does not exist; `known` lists those that do."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no {kind} {name!r}. Known: {', '.join(sorted(known))}")
        self.name = name


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A payer's pack as written."""

    id: str
    title: str
    source: str = ""
    payers: tuple[str, ...] = ()
    extends: str | None = None
    medicare: bool | None = None
    edits: dict[str, str] = {}


class Packs:
    """The packs in force, by id; the built-in ones."""

    def __init__(self) -> None:
        folder = files(__package__)
        self._packs: dict[str, Pack] = {}
        for entry in sorted(folder.iterdir(), key=lambda item: item.name):
            if entry.name.endswith(".yaml"):
                pack = msgspec.convert(yaml.safe_load(entry.read_text("utf-8")), Pack)
                self._packs[pack.id] = pack
        self.select = lru_cache(maxsize=1024)(self._select)

    def __iter__(self) -> Any:
        return iter(self._packs.values())

    def matching(self, payers: frozenset[str]) -> str:
        """The id of the pack for a claim's payers; the default pack where none matches."""
        for pack in self._packs.values():
            if not payers.isdisjoint(pack.payers):
                return pack.id
        return DEFAULT

    def _select(self, pack: str, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> Selection:
        """The edits that run: those of the pack, narrowed to `include` and without `exclude` (ids or families).

        An edit that is named in `include` runs even where the pack leaves it off. Raises UnknownName.
        """
        families = {edit.family for edit in CATALOGUE}
        known = {edit.id for edit in CATALOGUE} | families
        for name in (*include, *exclude):
            if name not in known:
                raise UnknownName("edit or family", name, known)
        medicare, settings = self._settled(pack)
        edits = tuple(
            edit
            for edit in CATALOGUE
            if (edit.id in include or self._on(edit, medicare, settings))
            and (not include or edit.id in include or edit.family in include)
            and edit.id not in exclude
            and edit.family not in exclude
        )
        severities = {
            edit.id: _SEVERITIES[setting]
            for edit in edits
            if (setting := settings.get(edit.id, settings.get(edit.family, ""))) in _SEVERITIES
        }
        return Selection(edits, severities, medicare)

    def _settled(self, name: str) -> tuple[bool, dict[str, str]]:
        """Whether the pack is Medicare's, and its settings over those of the packs that it extends."""
        pack = self._packs.get(name)
        if pack is None:
            raise UnknownName("payer pack", name, self._packs)
        medicare, settings = self._settled(pack.extends) if pack.extends else (False, {})
        return medicare if pack.medicare is None else pack.medicare, {**settings, **pack.edits}

    @staticmethod
    def _on(edit: Edit, medicare: bool, settings: Mapping[str, str]) -> bool:
        setting = settings.get(edit.id, settings.get(edit.family))
        if setting == "off":
            return False
        if setting is not None:
            return True
        return (medicare or not edit.medicare) and not getattr(edit, "opt_in", False)
