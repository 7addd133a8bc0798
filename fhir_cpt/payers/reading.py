"""A pack from its YAML: every value brought to the type that the pack's schema has for it, every fault with its place.

Plain scalars have no type of their own here: `off` is a word where a word is wanted, and 00100 keeps its zeros.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect as kinds
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from fhir_cpt.payers.faults import MOST_FAULTS, Fault, Mark, PacksRefused, Path, Source, nearest
from fhir_cpt.payers.pack import Pack
from fhir_cpt.payers.yaml_nodes import MOST_NESTED, compose, mark

MOST_VALUES = 100_000
"""Values of a pack, those that an alias repeats among them: aliases of aliases could be billions."""

_NUMBER = re.compile(r"[-+]?(\d{1,15})(\.\d{1,9})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WRONG = object()
_SCHEMA = kinds.type_info(Pack)


class Written(NamedTuple):
    """A pack, and where each of its parts stands in its file."""

    pack: Pack
    source: Source


def read(content: bytes, file: str) -> Written:
    """The pack in the content of a file. Raises PacksRefused with every fault of form that it has."""
    reader = _Reader(file)
    value = reader.value(compose(content, file), _SCHEMA, ())
    if reader.faults:
        raise PacksRefused(reader.faults)
    source = Source(file, reader.marks)
    try:
        return Written(msgspec.convert(value, Pack), source)
    except msgspec.ValidationError as error:  # nothing that is known of; said with its place all the same
        raise PacksRefused([source.fault(_path(str(error)), str(error).partition(" - at ")[0])]) from None


class _Reader:
    """One walk over a file's nodes along the schema."""

    def __init__(self, file: str) -> None:
        self.faults: list[Fault] = []
        self.marks: dict[Path, Mark] = {}
        self._file = file
        self._values = 0

    def value(self, node: Node, kind: kinds.Type, path: Path) -> Any:
        """The node's value as a value of that kind; `_WRONG` where it is none, with a fault noted."""
        self._values += 1
        if self._values > MOST_VALUES:
            raise PacksRefused([Fault(self._file, mark(node), f"more than {MOST_VALUES} values")])
        if len(path) > MOST_NESTED:
            raise PacksRefused([Fault(self._file, mark(node), "something stands within itself")])
        self.marks[path] = mark(node)
        kind = _chosen(kind, node)
        if isinstance(kind, kinds.StructType):
            return self._struct(node, kind, path)
        if isinstance(kind, kinds.DictType):
            return self._mapping(node, kind, path)
        if isinstance(kind, kinds.VarTupleType | kinds.ListType):
            if not isinstance(node, SequenceNode):
                return self._wrong(node, "a list is expected")
            return [self.value(item, kind.item_type, (*path, at)) for at, item in enumerate(node.value)]
        if isinstance(kind, kinds.AnyType):
            return self._anything(node, path)
        if not isinstance(node, ScalarNode):
            return self._wrong(node, f"{_wanted(kind)} is expected, not a {_shape(node)}")
        return self._scalar(node, kind)

    def _struct(self, node: Node, kind: kinds.StructType, path: Path) -> Any:
        fields = {field.encode_name: field for field in kind.fields}
        found: dict[str, Any] = {}
        for key, item in self._pairs(node):
            field = fields.get(key.value)
            if field is None:
                name = str(key.value)[:60]
                self._wrong(key, f"unknown key {name!r}{nearest(name, fields) or _listed(fields)}")
            else:
                found[field.encode_name] = self.value(item, field.type, (*path, field.encode_name))
        if isinstance(node, MappingNode):
            for name, field in fields.items():
                if field.required and name not in found:
                    self._wrong(node, f"the key {name!r} is missing")
        return found

    def _mapping(self, node: Node, kind: kinds.DictType, path: Path) -> Any:
        pairs = self._pairs(node)
        return {key.value: self.value(item, kind.value_type, (*path, key.value)) for key, item in pairs}

    def _pairs(self, node: Node) -> Iterator[tuple[ScalarNode, Node]]:
        if not isinstance(node, MappingNode):
            self._wrong(node, f"a mapping is expected, not {'nothing' if _is_null(node) else 'a ' + _shape(node)}")
            return
        seen: set[str] = set()
        for key, item in node.value:
            if not isinstance(key, ScalarNode):
                self._wrong(key, "a key must be a word")
            elif key.value in seen:
                self._wrong(key, f"the key {key.value[:60]!r} is there twice")
            else:
                seen.add(key.value)
                yield key, item

    def _anything(self, node: Node, path: Path) -> Any:
        if isinstance(node, MappingNode):
            return {key.value: self.value(item, _ANY, (*path, key.value)) for key, item in self._pairs(node)}
        if isinstance(node, SequenceNode):
            return [self.value(item, _ANY, (*path, at)) for at, item in enumerate(node.value)]
        text, plain = str(node.value), isinstance(node, ScalarNode) and not node.style
        if plain and _NUMBER.fullmatch(text):
            return float(text) if "." in text else int(text)
        if plain and text in ("true", "false"):
            return text == "true"
        return None if _is_null(node) else text

    def _scalar(self, node: ScalarNode, kind: kinds.Type) -> Any:
        text: str = node.value
        if _is_null(node):
            return None if isinstance(kind, kinds.NoneType) else self._wrong(node, f"{_wanted(kind)} is missing")
        found: Any = _WRONG
        if isinstance(kind, kinds.StrType):
            found = text
        elif isinstance(kind, kinds.LiteralType):
            found = text if text in kind.values else _WRONG
        elif isinstance(kind, kinds.BoolType):
            found = {"true": True, "false": False}.get(text, _WRONG)
        elif isinstance(kind, kinds.IntType | kinds.FloatType) and (number := _NUMBER.fullmatch(text)):
            whole = isinstance(kind, kinds.IntType)
            found = (_WRONG if number[2] else int(text)) if whole else float(text)
        elif isinstance(kind, kinds.DateType) and _DAY.fullmatch(text):
            found = _day(text)
        if found is not _WRONG:
            bounded = _out_of_bounds(found, kind)
            return self._wrong(node, f"{text[:60]!r} {bounded}") if bounded else found
        near = nearest(text, map(str, kind.values)) if isinstance(kind, kinds.LiteralType) else ""
        return self._wrong(node, f"{text[:60]!r} is not {_wanted(kind)}{near}")

    def _wrong(self, node: Node, reason: str) -> Any:
        self.faults.append(Fault(self._file, mark(node), reason))
        if len(self.faults) > MOST_FAULTS:
            raise PacksRefused(self.faults)
        return _WRONG


_ANY = kinds.AnyType()


def _chosen(kind: kinds.Type, node: Node) -> kinds.Type:
    """Of several kinds the one that the node's shape asks for."""
    while isinstance(kind, kinds.Metadata):
        kind = kind.type
    if not isinstance(kind, kinds.UnionType):
        return kind
    offered = [one for one in kind.types if not isinstance(one, kinds.NoneType)]
    if len(offered) < len(kind.types) and _is_null(node):
        return kinds.NoneType()
    collections = [one for one in offered if isinstance(one, kinds.StructType | kinds.DictType | kinds.VarTupleType)]
    scalars = [one for one in offered if one not in collections]
    fitting = scalars if isinstance(node, ScalarNode) else collections
    return _chosen((fitting or offered)[0], node)


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and not node.style and node.value in ("", "~", "null")


def _shape(node: Node) -> str:
    return "mapping" if isinstance(node, MappingNode) else "list" if isinstance(node, SequenceNode) else "single value"


def _wanted(kind: kinds.Type) -> str:
    if isinstance(kind, kinds.LiteralType):
        return f"one of {', '.join(map(str, kind.values))}"
    names = {
        kinds.StrType: "a text",
        kinds.BoolType: "true or false",
        kinds.IntType: "a whole number",
        kinds.FloatType: "a number",
        kinds.DateType: "a day (YYYY-MM-DD)",
        kinds.NoneType: "nothing",
    }
    return names.get(type(kind), "a value")


def _out_of_bounds(value: Any, kind: kinds.Type) -> str:
    """What the schema says against a value of the right type; nothing where it fits."""
    if isinstance(kind, kinds.StrType):
        if kind.max_length is not None and len(value) > kind.max_length:
            return f"is longer than {kind.max_length} characters"
        if kind.pattern and not re.search(kind.pattern, value):
            return f"is not of the form {kind.pattern}"
    elif isinstance(kind, kinds.IntType | kinds.FloatType):
        if kind.ge is not None and value < kind.ge:
            return f"is less than {kind.ge}"
        if kind.le is not None and value > kind.le:
            return f"is more than {kind.le}"
    return ""


def _day(text: str) -> Any:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return _WRONG


def _listed(names: Any) -> str:
    return f"; known here: {', '.join(names)}"


def _path(message: str) -> Path:
    """The place that msgspec names at the end of its message: `$.rules[0].id`."""
    steps = re.findall(r"\.([a-z_-]+)|\[(\d+)\]", message.rpartition("`$")[2])
    return tuple(int(at) if at else name for name, at in steps)
