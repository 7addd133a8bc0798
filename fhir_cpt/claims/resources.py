"""The resources that came along with a claim, and how references find them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fhir_cpt.claims.json import Json, dicts

_OWNERS = 64
"""Resources whose contained ones are kept by id."""


class Resources:
    """The resources at hand, by every reference that may name them."""

    def __init__(self, entries: Iterable[tuple[str | None, Json]] = ()) -> None:
        self._known: dict[str, Json] = {}
        self._inside: dict[int, tuple[Json, dict[str, Json]]] = {}
        for full_url, resource in entries:
            self.add(resource, full_url)

    def add(self, resource: Json, full_url: str | None = None) -> None:
        """Make a resource known by `Type/id` and, where given, by its full URL."""
        kind, name = resource.get("resourceType"), resource.get("id")
        if isinstance(kind, str) and isinstance(name, str):
            self._known.setdefault(f"{kind}/{name}", resource)
        if full_url:
            self._known.setdefault(full_url, resource)

    def find(self, reference: Any, owner: Json) -> Json | None:
        """The resource that a Reference names: contained in its owner, or one of those at hand."""
        text = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(text, str):
            return None
        if text.startswith("#"):
            return self._contained(owner).get(text[1:]) if owner.get("contained") else None
        found = self._known.get(text)
        if found is None and text.count("/") > 1 and "://" in text:
            found = self._known.get("/".join(text.split("/")[-2:]))
        return found

    def _contained(self, owner: Json) -> dict[str, Json]:
        """The resources contained in the owner, by id. Kept with the owner, so that its identity stays its own."""
        found = self._inside.get(id(owner))
        if found is None:
            if len(self._inside) >= _OWNERS:
                self._inside.clear()
            by_id: dict[str, Json] = {}
            for item in dicts(owner["contained"]):
                if isinstance(name := item.get("id"), str):
                    by_id.setdefault(name, item)
            found = self._inside[id(owner)] = owner, by_id
        return found[1]
