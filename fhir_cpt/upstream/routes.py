"""Which upstream is asked about what: a route is a base URL, the FHIR version it speaks, and what it is for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

if TYPE_CHECKING:  # not when running: it loads fhir.resources, which the command line can do without
    from fhir_cpt.wire.models import FhirVersion

_CREDENTIALS = re.compile(r"//.*@")


@dataclass(frozen=True)
class Route:
    """A terminology server to ask.

    `url` is its FHIR base, without credentials and without a slash at its end; `prefix` what the URLs of the code
    systems and value sets that it is for begin with, '' for all; `auth` the user and password of HTTP Basic.
    """

    url: str
    version: FhirVersion = "r4"
    prefix: str = ""
    auth: tuple[str, str] | None = field(default=None, repr=False)

    def covers(self, subject: str) -> bool:
        """Whether it is for the code system or value set of that URL: `http://loinc.org` not for `…loinc.organic`."""
        rest = subject[len(self.prefix) :]
        ends = not self.prefix or not self.prefix[-1].isalnum() or not rest[:1].isalnum()
        return subject.startswith(self.prefix) and ends


def parse(text: str) -> Route:
    """The route written `[r4:|r5:][prefix=]url`; without a version it is of R4.

    Raises ValueError that says what is wrong, and repeats no password.
    """
    marked, rest = text[:3], text
    version: FhirVersion = "r5" if marked == "r5:" else "r4"
    if marked in ("r4:", "r5:"):
        rest = text[3:]
    prefix, _, url = rest.rpartition("=")
    shown = _CREDENTIALS.sub("//…@", text)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"FHIR_CPT_UPSTREAM: {shown!r}: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or " " in url:
        raise ValueError(
            f"FHIR_CPT_UPSTREAM: {shown!r} must be [r4:|r5:][prefix=]URL with an http(s) URL of a FHIR base"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    base = urlunsplit((parts.scheme, host if port is None else f"{host}:{port}", parts.path.rstrip("/"), "", ""))
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return Route(base, version, prefix, auth)


def chosen(routes: Iterable[Route], version: FhirVersion, subject: str) -> list[Route]:
    """The routes to try, in their order: those of the longest prefix that covers the subject, of that version only.

    Routes without a prefix are tried where none with one is for the subject: a system that has a server of its own
    is asked about nowhere else.
    """
    fitting = [route for route in routes if route.version == version and route.covers(subject)]
    longest = max((len(route.prefix) for route in fitting), default=0)
    return [route for route in fitting if len(route.prefix) == longest]
