"""YAML text as nodes that know their place, bounded in size and depth. Nothing is made of what a tag asks for."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.events import CollectionEndEvent, CollectionStartEvent, MappingStartEvent, ScalarEvent, SequenceStartEvent
from yaml.nodes import Node

from fhir_cpt.payers.faults import Fault, Mark, PacksRefused

MOST_BYTES = 1 << 20
"""A pack's file. Some ten thousand lines."""
MOST_NESTED = 24
"""Lists and mappings within one another; a pack that is well made needs nine."""

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_TAGS = "tag:yaml.org,2002:"


def compose(content: bytes, file: str) -> Node:
    """The root of the one document in the content. Raises PacksRefused for what is no YAML, or too much of it."""
    if len(content) > MOST_BYTES:
        raise _refused(file, Mark(1, 1), f"the file is larger than {MOST_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(file, Mark(line, 1), "the file is not UTF-8") from None
    try:
        _check_events(text, file)
        root = yaml.compose(text, Loader=_Loader)
    except PacksRefused:
        raise
    except yaml.MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        raise _refused(file, _mark(where), f"not YAML: {error.problem or error.context}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, int(error.position)) + 1
        raise _refused(file, Mark(line, 1), "not YAML: a character that may not stand in it") from None
    except (yaml.YAMLError, ValueError, OverflowError):
        raise _refused(file, Mark(1, 1), "not YAML") from None
    if root is None:
        raise _refused(file, Mark(1, 1), "the file is empty")
    return root


def mark(node: Node) -> Mark:
    """Where the node starts."""
    return _mark(node.start_mark)


def _check_events(text: str, file: str) -> None:
    """Refuses nesting that is too deep, and tags of other languages' objects, before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, CollectionStartEvent):
            depth += 1
            if depth > MOST_NESTED:
                raise _refused(file, _mark(event.start_mark), f"nested more than {MOST_NESTED} deep")
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        if isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent):
            tag = event.tag
            if tag and tag != "!" and not tag.removeprefix(_PLAIN_TAGS).isalpha():
                raise _refused(file, _mark(event.start_mark), f"the tag {tag[:60]!r} means nothing here")


def _mark(where: Any) -> Mark:
    return Mark(1, 1) if where is None else Mark(where.line + 1, where.column + 1)


def _refused(file: str, where: Mark, reason: str) -> PacksRefused:
    return PacksRefused([Fault(file, where, reason)])
