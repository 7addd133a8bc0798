"""The cases of a suite: which there are, what each asks and what it expects. Source: test-cases.json and readme.md."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

Json = dict[str, Any]
PATTERNS = ("metadata", "term-caps")
"""Operations of which the answer may hold more than is expected."""
_PATHS = {
    "expand": "ValueSet/$expand",
    "validate-code": "ValueSet/$validate-code",
    "batch-validate": "ValueSet/$batch-validate-code",
    "cs-validate-code": "CodeSystem/$validate-code",
    "lookup": "CodeSystem/$lookup",
    "subsumes": "CodeSystem/$subsumes",
    "translate": "ConceptMap/$translate",
}


class Case(NamedTuple):
    """One case: `path` below the base (with its query), the Parameters to post (None for a GET), and what is expected.

    `status` is the class of HTTP status, such as `4xx`.
    """

    suite: str
    name: str
    operation: str
    path: str
    headers: dict[str, str]
    body: Json | None
    expected: Json
    status: str

    @property
    def title(self) -> str:
        """What the case is called."""
        return f"{self.suite}/{self.name}"


class Suite:
    """A folder of cases."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError, or ValueError where a file is not JSON."""
        self._folder = folder
        self._index = self._json("test-cases.json")
        self._files: dict[str, Json] = {}

    def cases(self, modes: Collection[str] = ("general",)) -> Iterator[Case]:
        """The cases of the modes; those of no mode always. Raises ValueError for an operation that is not known."""
        for suite in self._index["suites"]:
            if "mode" in suite and suite["mode"] not in modes:
                continue
            for test in suite["tests"]:
                if ("mode" in test and test["mode"] not in modes) or suite.get("disabled") or test.get("disabled"):
                    continue
                yield self._case(suite, test, modes)

    def tested_extensions(self) -> frozenset[str]:
        """The URLs of the extensions that answers are expected to hold, and those that they are expected to drop."""
        urls: set[str] = set()
        for path in self._folder.glob("*/*.json"):
            _extensions(orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf")), urls)
        return frozenset(url for url in urls if "/StructureDefinition/" in url)

    def _case(self, suite: Json, test: Json, modes: Collection[str]) -> Case:
        operation = test["operation"]
        headers = {"Accept-Language": test["Accept-Language"]} if "Accept-Language" in test else {}
        if "header" in test and ("mode" not in test["header"] or test["header"]["mode"] in modes):
            headers[test["header"]["name"]] = test["header"]["value"]
        expected = self._file(self._named(test, "response", modes))
        body: Json | None = None
        if operation in PATTERNS:
            path = "metadata" if operation == "metadata" else "metadata?mode=terminology"
        elif operation in _PATHS:
            path = _PATHS[operation]
            body = self._request(suite, test, modes)
        else:
            raise ValueError(f"{suite['name']}/{test['name']}: the operation {operation!r} is not known")
        status = str(test.get("http-code", "2xx"))
        return Case(suite["name"], test["name"], operation, path, headers, body, expected, status)

    def _request(self, suite: Json, test: Json, modes: Collection[str]) -> Json:
        """The Parameters of a case, with the resources of its suite and the parameters of its profile."""
        given = self._file(self._named(test, "request", modes))
        profile = self._file(test.get("profile", "parameters-default.json"))
        setup = [{"name": "tx-resource", "resource": self._file(name)} for name in suite.get("setup", ())]
        return {
            "resourceType": "Parameters",
            "parameter": [_typed(item) for item in (*given.get("parameter", ()), *setup, *profile["parameter"])],
        }

    @staticmethod
    def _named(test: Json, name: str, modes: Collection[str]) -> str:
        special = next((test[f"{name}:{mode}"] for mode in modes if f"{name}:{mode}" in test), None)
        return str(special or test[name])

    def _file(self, name: str) -> Json:
        if name not in self._files:
            self._files[name] = self._json(name)
        return self._files[name]

    def _json(self, name: str) -> Json:
        found: Json = orjson.loads((self._folder / name).read_bytes().removeprefix(b"\xef\xbb\xbf"))
        return found


def _typed(node: Any) -> Any:
    """Some files write booleans as strings."""
    if isinstance(node, list):
        return [_typed(item) for item in node]
    if isinstance(node, dict):
        return {
            name: value == "true" if name == "valueBoolean" and isinstance(value, str) else _typed(value)
            for name, value in node.items()
        }
    return node


def _extensions(node: Any, urls: set[str]) -> None:
    if isinstance(node, list):
        for item in node:
            _extensions(item, urls)
    elif isinstance(node, dict):
        urls.update(item["url"] for item in node.get("extension", ()) if isinstance(item, dict) and "url" in item)
        for value in node.values():
            _extensions(value, urls)
