"""The parameters of an operation, from a query string or a Parameters resource, checked against its definition."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote_plus

from fhir_cpt.errors import RequestError
from terminology.period import Day, parse_fhir

Json = Mapping[str, Any]
Type = Literal[
    "string", "code", "uri", "canonical", "boolean", "integer", "date", "Coding", "CodeableConcept", "Resource"
]

_PRIMITIVES = frozenset({"string", "code", "uri", "canonical", "boolean", "integer", "date"})
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True)
class Parameter:
    """An input of an operation. `most` is the highest number of times it may appear, None for any number.

    A parameter that is `ignored` is accepted, because clients send it, and has no effect.
    """

    name: str
    type: Type
    doc: str
    least: int = 0
    most: int | None = 1
    ignored: bool = False


class Known(dict[str, Parameter]):
    """The inputs of an operation, by name."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        super().__init__((parameter.name, parameter) for parameter in parameters)
        self.required = tuple(parameter for parameter in self.values() if parameter.least)


class Arguments:
    """The values given, by parameter name; primitives in Python's types, the others as JSON objects."""

    def __init__(self, values: Mapping[str, list[Any]]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def has_any(self, names: Collection[str]) -> bool:
        """Whether any of the parameters is given."""
        return not self._values.keys().isdisjoint(names)

    def but(self, *names: str) -> dict[str, list[Any]]:
        """The values of all parameters but those named."""
        return {name: values for name, values in self._values.items() if name not in names}

    def all(self, name: str) -> list[Any]:
        """Every value of a parameter."""
        return self._values.get(name, [])

    def text(self, name: str) -> str | None:
        """The one value of a parameter of a text type."""
        values = self._values.get(name)
        return values[0] if values else None

    def required(self, name: str) -> str:
        """As `text`. Raises RequestError where it is missing."""
        value = self.text(name)
        if value is None:
            raise RequestError(400, "required", f"The parameter {name} is required", name)
        return value

    def object(self, name: str) -> Json | None:
        """The one value of a parameter of a complex type."""
        values = self._values.get(name)
        return values[0] if values else None

    def flag(self, name: str, default: bool = False) -> bool:
        """The one value of a boolean parameter."""
        values = self._values.get(name)
        return values[0] if values else default

    def number(self, name: str) -> int | None:
        """The one value of an integer parameter."""
        values = self._values.get(name)
        return values[0] if values else None

    def day(self, name: str, default: Day) -> Day:
        """The one value of a date parameter, the first day where it names a month or a year."""
        values = self._values.get(name)
        return values[0] if values else default


def from_query(raw: bytes, known: Known) -> Arguments:
    """The arguments in a query string. `coding` is written `system|code`.

    Raises RequestError that names a parameter that is not known, given too often, or not of its type.
    """
    return _counted(_in_query(raw, known), known)


def _in_query(raw: bytes, known: Known) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {}
    for name, text in pairs(raw):
        parameter = known.get(name)
        if parameter is None:
            if name.startswith("_"):
                continue
            raise _unknown(name, known)
        if parameter.ignored:
            continue
        values.setdefault(name, []).append(_from_text(parameter, text))
    return values


def pairs(raw: bytes) -> Iterable[tuple[str, str]]:
    """Names and values of a query string, decoded. Raises RequestError where it is not UTF-8."""
    if not raw:
        return []
    try:
        return [
            (_decoded(name), _decoded(value))
            for name, _, value in (part.partition("=") for part in raw.decode("ascii").split("&") if part)
        ]
    except UnicodeDecodeError:
        raise RequestError(400, "invalid", "The query string is not URL-encoded UTF-8") from None


def _decoded(text: str) -> str:
    return unquote_plus(text, errors="strict") if "%" in text or "+" in text else text


def from_parameters(resource: Json, known: Known, query: bytes = b"") -> Arguments:
    """The arguments in a Parameters resource, and in the query string that came with it.

    Raises RequestError that names the place of what is wrong.
    """
    values = _in_query(query, known)
    items = resource.get("parameter", [])
    if not isinstance(items, list):
        raise RequestError(400, "structure", "Parameters.parameter must be an array", "Parameters.parameter")
    for at, item in enumerate(items):
        where = f"Parameters.parameter[{at}]"
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str):
            raise RequestError(400, "structure", f"{where} must be an object with a name", where)
        parameter = known.get(name)
        if parameter is None:
            raise _unknown(name, known, where)
        if not parameter.ignored:
            values.setdefault(name, []).append(_from_item(parameter, item, where))
    return _counted(values, known)


def _from_item(parameter: Parameter, item: Json, where: str) -> Any:
    if parameter.type == "Resource":
        value = item.get("resource")
        if not isinstance(value, dict):
            raise RequestError(
                400, "structure", f"The parameter {parameter.name} must hold a resource", f"{where}.resource"
            )
        return value
    key = next((key for key in item if key.startswith("value")), None)
    value = item[key] if key else None
    if parameter.type in ("Coding", "CodeableConcept"):
        if key != f"value{parameter.type}" or not isinstance(value, dict):
            raise RequestError(400, "invalid", f"The parameter {parameter.name} must be a value{parameter.type}", where)
        return value
    if isinstance(value, (dict, list)) or value is None:
        raise RequestError(400, "invalid", f"The parameter {parameter.name} must be a {parameter.type}", where)
    if parameter.type == "boolean" and isinstance(value, bool):
        return value
    return _from_text(parameter, str(value).lower() if isinstance(value, bool) else str(value), where)


def _from_text(parameter: Parameter, text: str, where: str | None = None) -> Any:
    place = where or parameter.name
    if parameter.type == "boolean":
        if text not in _TRUTH:
            raise RequestError(
                400, "invalid", f"The parameter {parameter.name} must be true or false, not {text[:40]!r}", place
            )
        return _TRUTH[text]
    if parameter.type == "integer":
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise _bad(parameter, "a whole number from 0 on", text, place)
        return int(text)
    if parameter.type == "date":
        try:
            return parse_fhir(text).start
        except ValueError:
            raise _bad(parameter, "a date such as 2024-08-15", text, place) from None
    if parameter.type == "Coding":
        system, bar, code = text.rpartition("|")
        return {"system": system, "code": code} if bar and system else {"code": code}
    if parameter.type not in _PRIMITIVES:
        raise RequestError(
            400, "invalid", f"The parameter {parameter.name} is a {parameter.type} and must be sent in a body", place
        )
    if not text:
        raise RequestError(400, "invalid", f"The parameter {parameter.name} must not be empty", place)
    if parameter.type == "code" and not is_code(text):
        raise _bad(parameter, "a code, without blanks at its ends or two in a row", text, place)
    if parameter.type in ("uri", "canonical") and not is_uri(text):
        raise _bad(parameter, "a URI, without blanks", text, place)
    return text


def is_uri(text: str) -> bool:
    """Whether the text may be a FHIR uri, as far as its characters tell. Source: FHIR R4, datatypes#uri."""
    return text.isprintable() and " " not in text


def is_code(text: str) -> bool:
    """Whether the text may be a FHIR code. Source: FHIR R4, datatypes#code."""
    return text.isprintable() and text == " ".join(text.split())


def _counted(values: dict[str, list[Any]], known: Known) -> Arguments:
    for name, given in values.items():
        most = known[name].most
        if most is not None and len(given) > most:
            raise RequestError(
                400, "invalid", f"The parameter {name} may be given {most} time(s), not {len(given)}", name
            )
    for parameter in known.required:
        if parameter.name not in values:
            name = parameter.name
            raise RequestError(400, "required", f"The parameter {name} is required: {parameter.doc}", name)
    return Arguments(values)


def _bad(parameter: Parameter, wanted: str, text: str, place: str) -> RequestError:
    return RequestError(400, "invalid", f"The parameter {parameter.name} must be {wanted}, not {text[:40]!r}", place)


def _unknown(name: str, known: Known, where: str | None = None) -> RequestError:
    text = f"The parameter {name[:60]!r} is not known here. Known: {', '.join(sorted(known))}"
    return RequestError(400, "not-supported", text, where or name[:60])
