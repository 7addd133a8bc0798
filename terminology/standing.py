"""In what standing a code system, a value set or a concept is: active, draft, deprecated, withdrawn, inactive.

Source: FHIR, CodeSystem.status, concept properties (http://hl7.org/fhir/concept-properties), the extension
structuredefinition-standards-status.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from terminology.model import Concept, Extension, PropertyValue

PROPERTIES = "http://hl7.org/fhir/concept-properties#"
_SD = "http://hl7.org/fhir/StructureDefinition/"
STANDARDS_STATUS = f"{_SD}structuredefinition-standards-status"
VALUE_SET_DEPRECATED = f"{_SD}valueset-deprecated"
_OUTDATED = ("deprecated", "withdrawn")


class Standing(msgspec.Struct, frozen=True):
    """The standing of a code system or value set. `standards` is its standards status."""

    status: str = "active"
    experimental: bool = False
    standards: str | None = None

    def caveat(self, user: Standing | None = None) -> str | None:
        """What a user should know of it: withdrawn, deprecated, retired, experimental or draft; None for nothing.

        What is itself experimental or a draft may use what is; without a user these two are not worth telling.
        """
        if self.standards in _OUTDATED:
            return self.standards
        if self.status == "retired":
            return "retired"
        if user is None:
            return None
        if self.experimental and not user.experimental:
            return "experimental"
        return "draft" if self._draft and not user._draft else None

    @property
    def _draft(self) -> bool:
        return "draft" in (self.status, self.standards)


GOOD = Standing()


def said(extensions: tuple[Extension, ...], url: str) -> PropertyValue | None:
    """The value of the extension of that URL, None where there is none."""
    return next((item.value for item in extensions if item.url == url), None)


def known_as(name: str, uris: Mapping[str, str]) -> list[str]:
    """The codes under which a code system has one of FHIR's concept properties: by its URI, or by its own name."""
    wanted = PROPERTIES + name
    return [*(code for code, uri in uris.items() if uri == wanted and code != name), name]


def status(concept: Concept, stated_by: Sequence[str]) -> str | None:
    """The concept's status, by the properties with which its code system states it; None where it says nothing."""
    for code in stated_by:
        value = concept.value(code)
        if isinstance(value, str):
            return value
    stated = said(concept.extensions, STANDARDS_STATUS) if concept.extensions else None
    return stated if isinstance(stated, str) else None


def is_outdated(extensions: tuple[Extension, ...]) -> bool:
    """Whether the extensions mark a designation, or a value set's concept, as deprecated or withdrawn."""
    return said(extensions, STANDARDS_STATUS) in _OUTDATED or said(extensions, VALUE_SET_DEPRECATED) in (True, "true")
