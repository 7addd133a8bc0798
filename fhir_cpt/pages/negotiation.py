"""Who gets a page: a browser that prefers HTML, at a FHIR URL that has a page. FHIR clients never do."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode

_JSON = ("application/fhir+json", "application/json")
_HTML = "text/html"
_PAGES = {"": "", "CodeSystem": "codes", "ValueSet": "value-sets"}
_CARRIED = ("date", "filter")
_UNDERSTOOD = frozenset({"_format", "code", *_CARRIED})


def prefers_html(accept: str, wanted: str | None) -> bool:
    """Whether HTML is asked for. `wanted` is the parameter `_format`, which wins over the header Accept.

    HTML must be named, and rated higher than JSON, by whatever name or wildcard JSON is taken: a client that takes
    anything is a FHIR client. Source: FHIR R4, http#mime-type; RFC 9110, 12.5.1.
    """
    if wanted is not None:
        return wanted.split(";")[0].strip().lower() in ("html", _HTML)
    if _HTML not in accept.lower():
        return False
    rated = _rated(accept)
    html = rated.get(_HTML, 0.0)
    json = max((rated[kind] for kind in _JSON if kind in rated), default=None)
    if json is None:
        json = rated.get("application/*", rated.get("*/*", 0.0))
    return html > json


def page_of(path: str, query: bytes) -> str | None:
    """The page for a path below a FHIR base, without a leading slash; None where there is none.

    `CodeSystem/hcpcs?code=J0129&date=2026-10-15` has its page at `codes/hcpcs/J0129?date=2026-10-15`. Searches and
    operations have no page.
    """
    kind, *rest = path.strip("/").split("/")
    page = _PAGES.get(kind)
    if page is None or len(rest) > 1 or any(part.startswith(("$", "_")) for part in rest) or (rest and not kind):
        return None
    asked = dict(parse_qsl(query.decode("latin-1")))
    if not _UNDERSTOOD.issuperset(asked):
        return None
    parts = [page, *rest]
    if kind == "CodeSystem" and rest and "code" in asked:
        parts.append(asked["code"])
    elif "code" in asked:
        return None
    carried = urlencode({name: asked[name] for name in _CARRIED if name in asked})
    return "/".join(quote(part, safe="") for part in parts) + (f"?{carried}" if carried else "")


def asked_for_page(path: str, query: bytes, headers: Mapping[bytes, bytes]) -> str | None:
    """`page_of` where the request prefers HTML, else None."""
    wanted = dict(parse_qsl(query.decode("latin-1"))).get("_format") if b"_format" in query else None
    if not prefers_html(headers.get(b"accept", b"").decode("latin-1"), wanted):
        return None
    return page_of(path, query)


def _rated(accept: str) -> dict[str, float]:
    """Media type → quality, 0 to 1; what cannot be read counts as 0."""
    rated: dict[str, float] = {}
    for part in accept.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        try:
            rated[kind] = min(max(float(quality), 0.0), 1.0)
        except ValueError:
            rated[kind] = 0.0
    return rated
