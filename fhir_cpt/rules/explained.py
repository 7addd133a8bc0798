"""What an edit's module says of it, and its examples: for CATALOGUE.md and for `fhir-cpt edits`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from inspect import getdoc
from typing import Any, NamedTuple

import yaml

from fhir_cpt.claims.shorthand import spelled
from fhir_cpt.rules.edit import Edit

Example = Mapping[str, Any]
_OF_A_CLAIM = ("claim", "charges", "history", "context", "requires", "setting", "today", "medicare")
"""The keys of an example that say what it is run on."""


class Explained(NamedTuple):
    """An edit in words: what it checks, why it matters, what fails and what passes, and the rule that it cites."""

    what: str
    why: str
    cases: tuple[str, ...]
    citation: str


def explained(edit: Edit) -> Explained:
    """The edit's docstring, by its paragraphs; of a rule of a pack, which has none, title and citation.

    That is its module's; where the module has none, that of the function that checks.
    """
    paragraphs = _docstring(edit).strip().split("\n\n")
    parts = {"what": "", "Why it matters": "", "Citation": ""}
    cases: list[str] = []
    more: list[str] = []
    for at, paragraph in enumerate(paragraphs):
        text = " ".join(paragraph.split())
        head, colon, rest = text.partition(": ")
        if at == 0:
            parts["what"] = text
        elif colon and head in parts:
            parts[head] = rest
        elif head.startswith(("Fails", "Passes")):
            cases += _lines(paragraph)
        else:
            more.append(text)
    what = " ".join((parts["what"] or edit.title, *more))
    why = parts["Why it matters"]
    return Explained(what, why[:1].upper() + why[1:], tuple(cases), parts["Citation"] or edit.citation)


@cache
def examples() -> Sequence[Example]:
    """The examples of all edits, as written."""
    folder = files("fhir_cpt.rules") / "examples"
    entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda one: one.name)
    return [example for entry in entries for example in yaml.safe_load(entry.read_text("utf-8"))]


def shown(edit: str) -> tuple[Example | None, Example | None]:
    """The first example on which the edit speaks, and the first that it passes."""
    own = [example for example in examples() if example["edit"] == edit]
    speaking = next((one for state in ("fail", "bypassed", "no-data") for one in own if one["expect"] == state), None)
    return speaking, next((one for one in own if one["expect"] == "pass"), None)


def written(example: Example) -> str:
    """What an example is run on, in the short form, as one line of YAML for each part."""
    return spelled({key: example[key] for key in _OF_A_CLAIM if key in example})


def marks(edit: Edit) -> str:
    """When an edit runs, for people; empty for one that always does."""
    found = []
    if edit.medicare:
        found.append("for Medicare alone")
    if edit.opt_in:
        found.append("where a pack names it")
    return ", ".join(found)


def _docstring(edit: Edit) -> str:
    if edit.family == "payer":  # a rule of a pack: its check is ours, and tells nothing of it
        return ""
    module = sys.modules.get(edit.check.__module__)
    return (module and module.__doc__) or getdoc(edit.check) or ""


def _lines(paragraph: str) -> list[str]:
    """The cases of a paragraph, each begun by Fails or Passes, a continued line joined to its own."""
    found: list[str] = []
    for line in paragraph.splitlines():
        if line.startswith(("Fails", "Passes")) or not found:
            found.append(line.strip())
        else:
            found[-1] += f" {line.strip()}"
    return found
