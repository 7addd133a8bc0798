"""Addresses of the pages. Every link carries the day that was asked for, so that it is chosen once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import quote, urlencode

from terminology.period import Day, show

_HCPCS = re.compile("[A-Z][0-9]{4}")


@dataclass(frozen=True)
class Links:
    """Makes addresses. `root` is the path below which the server is mounted; `day` the day asked for, if any."""

    root: str
    day: Day | None

    def to(self, *parts: str, **query: object) -> str:
        """The address of a path, with a query of what is not empty and the day."""
        asked = {name: str(value) for name, value in query.items() if value not in (None, "", 0)}
        if self.day is not None:
            asked.setdefault("date", show(self.day))
        return self.path(*parts) + (f"?{urlencode(asked)}" if asked else "")

    def path(self, *parts: str) -> str:
        """The address of a path alone, for a form that adds its own fields."""
        return f"{self.root}/" + "/".join(quote(part, safe=":") for part in parts)

    def code(self, system: str, code: str) -> str:
        """A concept's page; `system` is the id of its CodeSystem."""
        return self.to("codes", system, code)

    def procedure(self, code: str) -> str:
        """The page of a CPT or HCPCS Level II code, told apart by their form."""
        return self.code("hcpcs" if _HCPCS.fullmatch(code) else "cpt", code)

    def static(self, name: str) -> str:
        """A file of our own, under a name that changes with its content."""
        return f"{self.root}/static/{name}?v={digest(name)}"


@cache
def static_file(name: str) -> bytes:
    """The content of a file in `static`."""
    return files("fhir_cpt.pages").joinpath("static", name).read_bytes()


@cache
def digest(name: str) -> str:
    """Eight digits that change with the file's content."""
    return hashlib.sha256(static_file(name)).hexdigest()[:8]
