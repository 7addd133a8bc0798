"""Under which keys a patient's history and a document are kept: salted hashes (HMAC-SHA-256) of what names them.

To mistake one patient for another is worse than to miss something. So a patient is known by what is unique beyond one
sender: identifiers with a system, and absolute references. Two senders may both have a `Patient/123`: a relative
reference counts only where the server serves one namespace. Numbers that a family may share do not count.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from fhir_cpt.claims.codings import codings
from fhir_cpt.claims.json import Json, dicts
from fhir_cpt.claims.resources import Resources

_SHARED = frozenset({"MB", "SN"})
"""Types of identifiers that a family may share: member and subscriber numbers. Source: HL7 v2-0203."""
_PASSING = ("temp", "old")
"""Uses of identifiers that may be given to another patient later. Source: FHIR R4, identifier-use."""
_RELATIVE = re.compile(r"Patient/[A-Za-z0-9\-.]{1,64}")
_ABSOLUTE = re.compile(r"https?://[^\s?#|]+/Patient/[A-Za-z0-9\-.]{1,64}")
_SYSTEM = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s|]+")
"""A URI, which holds no `|`: with one, two identifiers might be written alike."""
MOST = 50
"""Names of one patient, or of one document, that are looked at."""
_LONGEST = 500
"""Characters of a system or value. A longer one is no identifier; cut short it might be another's."""


class Keys:
    """Makes keys with one salt. `namespace` is the FHIR base below which relative references lie, if there is one."""

    def __init__(self, salt: str, namespace: str | None = None) -> None:
        self._salt = salt.encode()
        self._namespace = namespace.rstrip("/") if namespace else None
        self.seal = self._hash("seal", "").hex()

    def patient(self, reference: Any, owner: Json, resources: Resources) -> tuple[bytes, ...]:
        """The patient's keys: of the Reference, and of the Patient where it is at hand; none where no name counts."""
        names = dict.fromkeys(islice(self._names(reference, owner, resources), MOST))
        return tuple([self._hash("patient", name) for name in names])

    def identified(self, identifier: str) -> bytes:
        """The key of a patient by an identifier alone, written `system|value`."""
        return self._hash("patient", identifier)

    def document(self, kind: str, name: str) -> bytes:
        """The key of a claim, charge, request or reply by one of its names."""
        return self._hash(kind, name)

    def _names(self, reference: Any, owner: Json, resources: Resources) -> Iterator[str]:
        if not isinstance(reference, dict):
            return
        patient = resources.find(reference, owner) or {}
        for identifier in [*dicts(reference.get("identifier")), *dicts(patient.get("identifier"))]:
            kinds = {code for _, code, _ in codings(identifier.get("type"))}
            if identifier.get("use") not in _PASSING and kinds.isdisjoint(_SHARED):
                yield from system_and_value(identifier)
        text = reference.get("reference")
        if isinstance(text, str):
            text = text.partition("/_history/")[0]
            if self._namespace is not None and _RELATIVE.fullmatch(text):
                yield f"{self._namespace}/{text}"
            elif _ABSOLUTE.fullmatch(text):
                yield text

    def _hash(self, kind: str, text: str) -> bytes:
        return hmac.digest(self._salt, f"{kind}\0{text}".encode("utf-8", "surrogatepass"), hashlib.sha256)


def system_and_value(identifier: Json) -> Iterator[str]:
    """An Identifier as `system|value`; nothing where it lacks either: without a system anybody may have the same."""
    system, value = identifier.get("system"), identifier.get("value")
    if not isinstance(system, str) or not isinstance(value, str) or max(len(system), len(value)) > _LONGEST:
        return
    if _SYSTEM.fullmatch(system) and (value := value.strip()):
        yield f"{system}|{value}"
