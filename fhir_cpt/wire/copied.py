"""Parts of a client's resource that an answer repeats: what is valid is taken over, and nothing else."""

from __future__ import annotations

import re
from typing import Any, TypeGuard

from fhir_cpt.claims.json import dicts
from fhir_cpt.wire.arguments import is_code, is_uri

Json = dict[str, Any]
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_CURRENCY = re.compile("[A-Z]{3}")
_LONGEST = 1000
"""Characters of a text that is repeated; no name, reference or identifier is as long."""


def unknown() -> Json:
    """An element that must be there and whose value is not known. Source: FHIR R4, extension-data-absent-reason."""
    return {"extension": [{"url": ABSENT, "valueCode": "unknown"}]}


def is_id(value: Any) -> bool:
    """Whether the value is a FHIR id."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def copied_reference(value: Any) -> Json | None:
    """A Reference with its reference, identifier and display; None where nothing of it can be used elsewhere.

    A reference into the client's own resource (`#patient`) means nothing outside it and is left out.
    """
    if not isinstance(value, dict):
        return None
    made: Json = {}
    target = value.get("reference")
    if _text(target) and is_uri(target) and not target.startswith("#"):
        made["reference"] = target
    if (identifier := copied_identifier(value.get("identifier"))) is not None:
        made["identifier"] = identifier
    if _text(display := value.get("display")):
        made["display"] = display
    return made or None


def copied_identifier(value: Any) -> Json | None:
    """System and value of an Identifier; None without a value."""
    if not isinstance(value, dict) or not _text(text := value.get("value")):
        return None
    system = value.get("system")
    return {"system": system, "value": text} if _text(system) and is_uri(system) else {"value": text}


def copied_concept(value: Any) -> Json | None:
    """Codes and text of a CodeableConcept; None where it has neither."""
    if not isinstance(value, dict):
        return None
    made: Json = {}
    if codings := [coding for item in dicts(value.get("coding")) if (coding := _coding(item))]:
        made["coding"] = codings
    if _text(text := value.get("text")):
        made["text"] = text
    return made or None


def _coding(value: Any) -> Json:
    code, system = value.get("code"), value.get("system")
    if not (_text(code) and is_code(code)):
        return {}
    return {"system": system, "code": code} if _text(system) and is_uri(system) else {"code": code}


def copied_money(value: Any) -> Json | None:
    """An amount and its currency, as they were sent; None where it is no amount."""
    amount = value.get("value") if isinstance(value, dict) else None
    if not isinstance(amount, int | float) or isinstance(amount, bool):
        return None
    currency = value.get("currency")
    known = isinstance(currency, str) and _CURRENCY.fullmatch(currency)
    return {"value": amount, "currency": currency} if known else {"value": amount}


def _text(value: Any) -> TypeGuard[str]:
    """Whether the value is a text that may be repeated as it is: not empty, not too long, nothing unprintable."""
    return isinstance(value, str) and bool(value.strip()) and len(value) <= _LONGEST and value.isprintable()
