"""Reading FHIR JSON that a client sent: every access checks the type, and names the place where it is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fhir_cpt.errors import RequestError
from terminology.model import Coding, Extension, PropertyType, PropertyValue

Json = Mapping[str, Any]
_TYPES: dict[str, PropertyType] = {
    "valueCode": "code",
    "valueString": "string",
    "valueBoolean": "boolean",
    "valueInteger": "integer",
    "valueDecimal": "decimal",
    "valueDateTime": "dateTime",
    "valueCoding": "Coding",
}


class Element:
    """A JSON object of a resource, and its FHIRPath."""

    __slots__ = ("json", "path")

    def __init__(self, json: Any, path: str) -> None:
        """Raises RequestError where it is no object."""
        if not isinstance(json, dict):
            raise RequestError(400, "structure", f"{path} must be an object", path)
        self.json: Json = json
        self.path = path

    def __contains__(self, name: str) -> bool:
        return name in self.json

    def text(self, name: str) -> str | None:
        """A text, None where there is none. Raises RequestError for another type."""
        value = self.json.get(name)
        if value is not None and not isinstance(value, str):
            raise self.wrong(name, "a text")
        return value

    def required(self, name: str) -> str:
        """As `text`. Raises RequestError where it is missing or empty."""
        value = self.text(name)
        if not value:
            raise RequestError(400, "required", f"{self.path} must have a {name}", f"{self.path}.{name}")
        return value

    def flag(self, name: str) -> bool | None:
        """A boolean, None where there is none. Raises RequestError for another type."""
        value = self.json.get(name)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(name, "true or false")
        return value

    def element(self, name: str) -> Element | None:
        """An object, None where there is none. Raises RequestError for another type."""
        return Element(self.json[name], f"{self.path}.{name}") if name in self.json else None

    def elements(self, name: str) -> Iterator[Element]:
        """The objects of an array. Raises RequestError where it is none."""
        for at, item in enumerate(self._array(name)):
            yield Element(item, f"{self.path}.{name}[{at}]")

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of an array. Raises RequestError where it is none."""
        items = self._array(name)
        if not all(isinstance(item, str) for item in items):
            raise self.wrong(name, "an array of texts")
        return tuple(items)

    def extensions(self) -> tuple[Extension, ...]:
        """The extensions that have a simple value."""
        if "extension" not in self.json:
            return ()
        found = []
        for item in self.elements("extension"):
            url = item.text("url")
            key = next((name for name in item.json if name.startswith("value")), None)
            if url and key and isinstance(item.json[key], (str, bool, int, float)):
                kind = key[len("value") :]
                found.append(Extension(url, item.json[key], kind[:1].lower() + kind[1:]))
        return tuple(found)

    def extended(self, url: str) -> Iterator[Element]:
        """The extensions of that URL."""
        return (item for item in self.elements("extension") if item.text("url") == url)

    def value(self) -> tuple[PropertyValue, PropertyType]:
        """The value[x] of a concept's property and its type. Raises RequestError where it has none."""
        key = next((name for name in self.json if name in _TYPES), None)
        if key is None:
            raise RequestError(400, "required", f"{self.path} must have a value", f"{self.path}.value")
        value = self.json[key]
        if key == "valueCoding":
            coding = self.element(key)
            assert coding is not None
            return coding_of(coding), "Coding"
        if not isinstance(value, (str, bool, int, float)):
            raise self.wrong(key, "a simple value")
        return value, _TYPES[key]

    def wrong(self, name: str, wanted: str) -> RequestError:
        """The error that says what an element must be."""
        return RequestError(400, "structure", f"{self.path}.{name} must be {wanted}", f"{self.path}.{name}")

    def _array(self, name: str) -> list[Any]:
        items = self.json.get(name)
        if items is None:
            return []
        if not isinstance(items, list):
            raise self.wrong(name, "an array")
        return items


def coding_of(element: Element) -> Coding:
    """A Coding."""
    return Coding(element.text("system") or "", element.text("code") or "", element.text("display"))
