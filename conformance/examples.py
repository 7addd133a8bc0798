"""Example requests, and the answers that the sample release gives to them on a fixed day."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import yaml

from fhir_cpt.commands import sample
from fhir_cpt.dispatch import Dispatcher
from fhir_cpt.served import Source
from fhir_cpt.settings import Settings
from terminology.release.build import build

FOLDER = Path(__file__).parent / "examples"
DAY = 20261121
"""The day on which the examples are asked, so that the answers stay the same."""
_VOLATILE = ("timestamp", "identifier", "date")

Json = dict[str, Any]


def answers() -> Iterator[tuple[str, Json]]:
    """The name of each example of `examples.yaml`, and its answer: status and body without what changes with time."""
    with tempfile.TemporaryDirectory() as folder:
        build([str(sample.sources())], Path(folder), experimental=True)
        settings = Settings(release=Path(folder), today=DAY)
        source = Source(settings.release)
        dispatchers = {version: Dispatcher(version, source, settings) for version in ("r4", "r5")}
        for example in yaml.safe_load((FOLDER / "examples.yaml").read_text("utf-8")):
            yield example["name"], _answer(dispatchers[example.get("fhir", "r4")], example)


def _answer(dispatcher: Dispatcher, example: Mapping[str, Any]) -> Json:
    path, _, query = example["path"].partition("?")
    body = (FOLDER / example["body"]).read_bytes() if "body" in example else b""
    headers = {b"accept": b"application/fhir+json", b"content-type": b"application/fhir+json"}
    answer = dispatcher.answer(example["method"], path, query.encode(), headers, body, "http://127.0.0.1:8000/r4")
    return {"status": answer.status, "body": _steady(orjson.loads(answer.body))}


def _steady(value: Any) -> Any:
    """The answer without the moment and the number of an expansion."""
    if isinstance(value, dict):
        gone = _VOLATILE if "timestamp" in value else ()
        return {key: _steady(item) for key, item in value.items() if key not in gone}
    return [_steady(item) for item in value] if isinstance(value, list) else value
