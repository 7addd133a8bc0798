"""The routes of the pages: each reads what its address asks for, has a view gather it, and renders a template."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from fhir_cpt.errors import described
from fhir_cpt.pages.asked import Asked, asked
from fhir_cpt.pages.concepts import billed, concept_page
from fhir_cpt.pages.home import home_page
from fhir_cpt.pages.links import Links, static_file
from fhir_cpt.pages.negotiation import prefers_html
from fhir_cpt.pages.partners import NAMES, partner_list
from fhir_cpt.pages.render import SECURITY, STATIC, Renderer
from fhir_cpt.pages.searching import Hit, only_one, search, suggest
from fhir_cpt.pages.systems import system_of, system_page, systems
from fhir_cpt.pages.value_sets import value_set_page, value_sets
from fhir_cpt.served import Served, Source
from fhir_cpt.settings import Settings
from terminology.period import Day, today
from terminology.queries.lookup import lookup

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Visit:
    """One request for a page: what it asks for, the release it is answered from, and how links are made."""

    request: Request
    served: Served
    asked: Asked
    links: Links

    @property
    def day(self) -> Day:
        """The date of service."""
        return self.asked.day

    def part(self, name: str) -> str:
        """The part of the path of that name."""
        return str(self.request.path_params[name])


View = Callable[[Visit], Response]


class Site:
    """The pages of one server. `routes` are to be added to an application's own."""

    def __init__(self, source: Source, settings: Settings) -> None:
        self._source = source
        self._settings = settings
        self._renderer = Renderer()
        views: tuple[tuple[str, View], ...] = (
            ("/", self._home),
            ("/search", self._search),
            ("/search.json", self._suggest),
            ("/codes", self._systems),
            ("/codes/{system}", self._system),
            ("/codes/{system}/{code}", self._concept),
            ("/codes/{system}/{code}/ptp", self._partners),
            ("/value-sets", self._value_sets),
            ("/value-sets/{id}", self._value_set),
        )
        self.routes = [
            *(Route(path, self._answering(view, path), methods=["GET"]) for path, view in views),
            Route("/static/{name}", _static, methods=["GET"]),
        ]

    def failed(self, request: Request, status: int, text: str) -> Response:
        """A page that says what went wrong."""
        visit = Visit(
            request,
            self._source.get(),
            Asked(request.query_params, self._today, False),
            Links(request.scope.get("root_path", ""), None),
        )
        return self._show("error.html", visit, status, reason=text, status=status)

    def _answering(self, view: View, path: str) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            if path == "/" and not _wants_page(request):
                raise HTTPException(404)
            try:
                wanted = asked(request.query_params, self._today)
                links = Links(request.scope.get("root_path", ""), wanted.day if wanted.given else None)
                return view(Visit(request, self._source.get(), wanted, links))
            except Exception as failure:  # the last line of defence: a person sees a page, never a stack trace
                return self._described(request, failure)

        return answer

    def _described(self, request: Request, failure: Exception) -> Response:
        known = described(failure)
        if known is None:
            log.error("unforeseen failure in %s", request.url.path[:200], exc_info=failure)
            return self.failed(request, 500, "Something went wrong here; it has been logged.")
        status, outcome, _ = known
        return self.failed(request, status, outcome["issue"][0]["details"]["text"])

    @property
    def _today(self) -> Day:
        return self._settings.today or today()

    def _show(self, name: str, visit: Visit, status_code: int = 200, **values: Any) -> Response:
        manifest = visit.served.release.manifest
        notices = [licence.notice for licence in manifest.licences]
        shared = {"notices": notices, "experimental": manifest.experimental, "text": ""}
        return self._renderer.page(name, visit.links, visit.day, status_code, **{**shared, **values})

    def _home(self, visit: Visit) -> Response:
        base = str(visit.request.base_url).rstrip("/")
        return self._show("home.html", visit, page=home_page(visit.served, visit.day), base=base)

    def _search(self, visit: Visit) -> Response:
        served, day, text = visit.served, visit.day, visit.asked.text("q")
        only = visit.asked.choice("system", "", *(system.id for system in systems(served)))
        if not only and (hit := only_one(served, text, day)):
            return RedirectResponse(visit.links.code(hit.system.id, hit.code), 303, SECURITY)
        groups = search(served, text, day, only, visit.asked.offset if only else 0)
        return self._show("search.html", visit, text=text, groups=groups, only=only)

    def _suggest(self, visit: Visit) -> Response:
        def item(hit: Hit) -> dict[str, object]:
            address = visit.links.code(hit.system.id, hit.code)
            shown = {"system": hit.system.name, "code": hit.code, "display": hit.display or ""}
            return {**shown, "state": hit.state, "href": address}

        hits = suggest(visit.served, visit.asked.text("q"), visit.day)
        notices = [licence.notice for licence in visit.served.release.manifest.licences]
        body = {"items": [item(hit) for hit in hits], "notices": notices}
        return JSONResponse(body, headers={**SECURITY, "cache-control": "no-cache"})

    def _systems(self, visit: Visit) -> Response:
        return self._show("systems.html", visit, page=home_page(visit.served, visit.day))

    def _system(self, visit: Visit) -> Response:
        return self._show("system.html", visit, page=system_page(visit.served, visit.part("system"), visit.day))

    def _concept(self, visit: Visit) -> Response:
        page = concept_page(visit.served, visit.part("system"), visit.part("code"), visit.day)
        return self._show("concept.html", visit, page=page)

    def _partners(self, visit: Visit) -> Response:
        served, wanted = visit.served, visit.asked
        system = system_of(served, visit.part("system"))
        concept = lookup(served.on(visit.day), system.url, visit.part("code"), system.version).located.concept
        code = billed(concept)
        setting = next(name for name in NAMES if name == wanted.choice("setting", *NAMES))
        column, start = int(wanted.choice("column", "1", "2")), wanted.text("partner")
        page = partner_list(served.release, setting, column, code, visit.day, start=start, offset=wanted.offset)
        return self._show("partners.html", visit, page=page, system=system, code=code, start=start, settings=NAMES)

    def _value_sets(self, visit: Visit) -> Response:
        return self._show("value_sets.html", visit, value_sets=value_sets(visit.served))

    def _value_set(self, visit: Visit) -> Response:
        text, active = visit.asked.text("filter"), visit.asked.choice("active", "", "true") == "true"
        page = value_set_page(visit.served, visit.part("id"), visit.day, text, visit.asked.offset, active_only=active)
        return self._show("value_set.html", visit, page=page, filter=text, active=active)


def _wants_page(request: Request) -> bool:
    """Whether the request prefers HTML at an address that FHIR clients know too."""
    return prefers_html(request.headers.get("accept", ""), request.query_params.get("_format"))


def _static(request: Request) -> Response:
    """A file of our own; its address changes with its content, so browsers may keep it for a year."""
    name = request.path_params["name"]
    kind = STATIC.get(name)
    if kind is None:
        raise HTTPException(404)
    headers = {**SECURITY, "cache-control": "public, max-age=31536000, immutable"}
    return Response(static_file(name), 200, headers, kind)
