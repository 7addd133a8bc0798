"""A FHIR client that trusts nobody: every answer is parsed by fhir.resources, and checked where that is lenient."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
import orjson
import uvicorn
from pydantic import BaseModel

from fhir_cpt.app import create_app
from fhir_cpt.settings import Settings
from fhir_cpt.wire.models import FhirVersion, resource_model

Json = dict[str, Any]
TODAY = 20261120
"""The current day of the servers under test."""
FHIR = "application/fhir+json"


class Reply:
    """An answer: status, headers (lower-case names) and resource."""

    def __init__(self, response: httpx.Response, version: FhirVersion) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.content = response.content
        self.resource: Json = {}
        if response.content:
            assert response.headers["content-type"] == FHIR, response.text[:500]
            self.resource = orjson.loads(response.content)
            check(self.resource, version)
        if self.status >= 400 and response.content:
            assert self.kind == "OperationOutcome", response.text[:500]

    @property
    def kind(self) -> str:
        """The type of the resource."""
        return str(self.resource["resourceType"])

    def named(self, name: str) -> Any:
        """The value of the one output parameter of that name; None where there is none."""
        found = self.all(name)
        assert len(found) < 2, f"{name} is there {len(found)} times"
        return found[0] if found else None

    def all(self, name: str) -> list[Any]:
        """The values of the output parameters of that name; `part`s as a mapping."""
        return [_value(item) for item in self.resource["parameter"] if item["name"] == name]

    @property
    def properties(self) -> dict[str, list[Any]]:
        """The properties of a `$lookup`."""
        found: dict[str, list[Any]] = {}
        for item in self.all("property"):
            found.setdefault(item["code"], []).append(item["value"])
        return found

    @property
    def issues(self) -> list[Json]:
        """The issues of an OperationOutcome, or of the one in the output parameter `issues`."""
        outcome = self.resource if self.kind == "OperationOutcome" else self.named("issues")
        return list(outcome["issue"]) if outcome else []

    @property
    def texts(self) -> str:
        """What the issues say."""
        return "\n".join(issue["details"]["text"] for issue in self.issues)

    @property
    def codes(self) -> list[str]:
        """The codes of an expansion, those below others after them."""
        return list(_codes(self.resource["expansion"]))


def _codes(item: Json) -> Iterator[str]:
    for below in item.get("contains", ()):
        yield below["code"]
        yield from _codes(below)


def _value(item: Json) -> Any:
    if "part" in item:
        return {part["name"]: _value(part) for part in item["part"]}
    return next(value for key, value in item.items() if key != "name")


def check(resource: Json, version: FhirVersion) -> None:
    """Fails where the resource is not one of that FHIR version, or holds what FHIR's JSON may not: nothing."""
    model = resource_model(version, resource["resourceType"])
    assert model is not None, resource["resourceType"]
    empty = list(_empty(resource, resource["resourceType"]))
    assert not empty, f"nothing at {empty}"
    strange = list(_unbound(model.model_validate_json(orjson.dumps(resource)), resource["resourceType"]))
    assert not strange, f"codes that FHIR does not have at {strange}"


def _unbound(model: BaseModel, path: str) -> Iterator[str]:
    """Where a code is none of those that FHIR asks for, which fhir.resources knows of and does not look at."""
    for name, info in type(model).model_fields.items():
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        wanted = extra.get("enum_values") if name != "format" else None  # a MIME type will do there
        value = getattr(model, name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, BaseModel):
                yield from _unbound(item, f"{path}.{name}")
            elif isinstance(wanted, list) and item is not None and item not in wanted:
                yield f"{path}.{name}: {item}"


def _empty(value: Any, path: str) -> Iterator[str]:
    if value is None or value in ("", [], {}):
        yield path
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _empty(item, f"{path}.{key}")
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _empty(item, f"{path}[{at}]")


class Client:
    """Requests to one FHIR base; each gives a `Reply`, whose resource has been checked."""

    def __init__(self, http: httpx.Client, version: FhirVersion) -> None:
        self.http = http
        self.version = version

    def request(self, method: str, path: str = "", **options: Any) -> Reply:
        """Any request; `options` as httpx has them."""
        return Reply(self.http.request(method, f"/{self.version}/{path}", **options), self.version)

    def get(self, path: str, **parameters: Any) -> Reply:
        """A GET with query parameters (a hyphen in a name is written `__`)."""
        return self.request("GET", path, params={name.replace("__", "-"): one for name, one in parameters.items()})

    def post(self, path: str, resource: Any, **options: Any) -> Reply:
        """A POST of a resource, or of bytes as they are."""
        body = resource if isinstance(resource, bytes) else orjson.dumps(resource)
        return self.request("POST", path, content=body, **{"headers": {"content-type": FHIR}, **options})

    def call(self, path: str, *parameters: tuple[str, str, Any]) -> Reply:
        """A POST of Parameters: name, type (`uri`, `Coding`; `resource`) and value of each."""
        return self.post(path, parameters_of(*parameters))


def parameters_of(*parameters: tuple[str, str, Any]) -> Json:
    """A Parameters resource of names, types and values."""
    items = [
        {"name": name, ("resource" if kind == "resource" else f"value{kind[0].upper()}{kind[1:]}"): value}
        for name, kind, value in parameters
    ]
    return {"resourceType": "Parameters", "parameter": items}


def served(settings: Settings, port: int = 0) -> AbstractContextManager[httpx.Client]:
    """The whole server with those settings."""
    return serving(create_app(settings), port)


@contextmanager
def serving(app: Any, port: int = 0) -> Iterator[httpx.Client]:
    """An ASGI app on a port (0: a free one), in a thread of its own, for as long as the context lasts."""
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, ws="none", access_log=False)
    server = uvicorn.Server(config)
    ready = threading.Event()
    startup = server.startup

    async def started(sockets: Any = None) -> None:
        await startup(sockets)
        ready.set()

    server.startup = started  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        assert ready.wait(30), "the server did not start"
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            yield http
    finally:
        server.should_exit = True
        thread.join(30)
