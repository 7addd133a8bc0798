"""Templates to HTML, under headers that let a browser run nothing but our own files."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response

from fhir_cpt.pages.links import Links
from fhir_cpt.pages.wording import day_text, number_text, period_text
from terminology.period import Day

SECURITY = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


def environment() -> Environment:
    """Jinja, escaping everything and refusing names that no view gave."""
    made = Environment(
        loader=PackageLoader("fhir_cpt.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(day=day_text, period=period_text, number=number_text)
    return made


class Renderer:
    """Renders the templates of this package. Safe between threads."""

    def __init__(self) -> None:
        self._environment = environment()

    def page(self, name: str, link: Links, day: Day, status_code: int = 200, **values: Any) -> Response:
        """The template as an answer. `day` is the date of service that the page speaks of."""
        html = self._environment.get_template(name).render(link=link, day=day, **values)
        headers = {**SECURITY, "vary": "Accept", "cache-control": "no-cache"}
        return Response(html, status_code, headers, "text/html; charset=utf-8")


STATIC = {
    item.name: {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}[item.name.rpartition(".")[2]]
    for item in files("fhir_cpt.pages").joinpath("static").iterdir()
}
"""Our own files, and the media type of each."""
