"""A history that is read from the store when an edit first looks at it: most claims need none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fhir_cpt.claims.history import History

_READ = frozenset({"lines", "authorizations", "has_lines", "problem"})


class KeptHistory(History):
    """A history whose content is loaded at its first use, once.

    It lets go of `load` then, which holds the claim: a circle would keep both, with all prior lines, until Python
    looks for circles.
    """

    def __init__(self, load: Callable[[], History]) -> None:
        self._load: Callable[[], History] | None = load

    def __getattr__(self, name: str) -> Any:
        """What is not there yet."""
        if name not in _READ or self._load is None:
            raise AttributeError(name)
        loaded = self._load()
        self._load = None
        super().__init__(loaded.lines, loaded.authorizations, has_lines=loaded.has_lines, problem=loaded.problem)
        return getattr(self, name)
