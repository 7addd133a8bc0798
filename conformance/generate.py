"""Writes what is generated: `python -m conformance.generate`; with `--check`, only says whether it is up to date."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import orjson

from conformance.catalogue import catalogue
from conformance.definitions import definitions
from conformance.examples import FOLDER as EXAMPLES
from conformance.examples import answers
from conformance.schemas import pack_schema

_DEFINITIONS = Path(__file__).parent / "resources"
_ROOT = Path(__file__).parent.parent
_STYLE = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def generated() -> Iterator[tuple[Path, bytes]]:
    """Every generated file and its content."""
    for definition in definitions():
        name = f"{definition['resourceType']}-{definition['id']}.json"
        yield _DEFINITIONS / name, orjson.dumps(definition, option=_STYLE)
    yield _ROOT / "CATALOGUE.md", catalogue().encode()
    yield _ROOT / "fhir_cpt" / "payers" / "pack.schema.json", orjson.dumps(pack_schema(), option=_STYLE)
    for name, answer in answers():
        yield EXAMPLES / f"{name}.answer.json", orjson.dumps(answer, option=_STYLE)


def main(arguments: list[str]) -> int:
    """Write, or with `--check` compare. 1 where a file is out of date or should not be there."""
    wanted = dict(generated())
    present = {*_DEFINITIONS.glob("*.json"), *EXAMPLES.glob("*.answer.json")}
    stale = [path for path, content in wanted.items() if not path.exists() or path.read_bytes() != content]
    left = sorted(present - wanted.keys())
    if "--check" in arguments:
        for path in (*stale, *left):
            print(f"{path}: not as generated; run `python -m conformance.generate`")  # noqa: T201
        return 1 if stale or left else 0
    for path in stale:
        path.write_bytes(wanted[path])
    for path in left:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
