"""What is kept of claims, charges, requests and payers' answers, and how a claim's history is made of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from fhir_cpt.claims.history import History
from fhir_cpt.claims.json import Json, dicts
from fhir_cpt.claims.model import Claim
from fhir_cpt.claims.parties import identifiers_of
from fhir_cpt.claims.prior import NOT_YET, VOID, Past, history_for, read_past
from fhir_cpt.claims.resources import Resources
from fhir_cpt.history.kept import KeptHistory
from fhir_cpt.history.keys import MOST, Keys, system_and_value
from fhir_cpt.history.store import Document, Info, Store, StoreUnavailable, TooMuchKept
from terminology.period import Day, add_days

log = logging.getLogger(__name__)
_BETWEEN_SWEEPS = 3600.0
"""Seconds between looks for what has grown old."""
_KINDS = {"Claim": ("claim", "request"), "ChargeItem": ("charge",), "ClaimResponse": ("reply",)}
"""What may be kept of each type of resource. A claim and its request for authorisation may share an identifier."""
MOST_LINES = 2000
"""Lines of one claim, or items of one answer, that are kept; X12's 837 has 999 service lines at most."""
MOST_BYTES = 1 << 20
"""What is kept of one resource. A claim of 1,000 lines takes some 150 kB."""
_UNREAD = "the server's history could not be read. Try again later."
_TOO_MUCH = "more is kept of the patient than is read for a claim."
_NOBODY = (
    "it does not name the patient by anything that a history is kept under (an identifier with a system, or an "
    "absolute reference)."
)


class NotKept(Exception):
    """A resource that cannot be kept: why, the IssueType, and the element at fault."""

    def __init__(self, text: str, expression: str, code: str = "business-rule") -> None:
        super().__init__(text)
        self.expression = expression
        self.code = code


class Stored(NamedTuple):
    """What became of a resource: its id here, what is kept of it (None: nothing), and whether it was known before."""

    id: str
    past: Past | None
    replaced: bool


class Keeper:
    """Keeps what went before, and recalls it. Safe between threads. `days` is how long anything is kept."""

    def __init__(self, store: Store, keys: Keys, days: int) -> None:
        self._store = store
        self._keys = keys
        self._days = days
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Past)
        self._sweeping = threading.Lock()
        self._swept = float("-inf")

    def keep(self, resource: Json, today: Day) -> Stored:
        """Keep a Claim, ChargeItem or ClaimResponse in the place of what was kept under any of its identifiers.

        Where it is cancelled, undecided, or older than anything is kept, what was kept before is removed. Raises
        NotKept where it may not be kept, StoreUnavailable.
        """
        kind: str = resource["resourceType"]
        identifiers = _identifiers(resource)
        past = _past(resource)
        what = _what(resource)
        of_identifiers = [self._keys.document(what, name) for name in identifiers]
        own = min(of_identifiers).hex()[:32]
        names = (*of_identifiers, self._keys.document(kind, own))
        last = _last(past, today) if past is not None else 0
        if past is None or last < self._oldest(today):
            return Stored(own, None, self._store.remove(names) > 0)
        element = "subject" if kind == "ChargeItem" else "patient"
        patients = self._keys.patient(resource.get(element), resource, Resources())
        if not patients:
            raise NotKept(
                f"The {kind} must name its patient by an identifier with a system (in {element}.identifier, or in a "
                "contained Patient; no member or subscriber number, which a family may share), or by an absolute "
                "reference. A relative reference counts where FHIR_CPT_HISTORY_NAMESPACE says whose it is.",
                f"{kind}.{element}",
                "required",
            )
        past = msgspec.structs.replace(
            past, names=(*identifiers_of(resource), f"{kind}/{own}"), posted=time.time_ns() // 1_000_000
        )
        until = min(last, add_days(today, self._days))
        replaced = self._store.put(Document(names, patients, until, self._encoded(past, kind)))
        self._sweep(today)
        return Stored(own, past, replaced)

    def remove(self, kind: str, name: str) -> bool:
        """Remove what is kept of a resource of that type by its id here. Raises StoreUnavailable."""
        return self._store.remove([self._keys.document(kind, name)]) > 0

    def remove_identified(self, kind: str, identifier: str) -> bool:
        """Remove what is kept under an identifier, `system|value`. Raises StoreUnavailable."""
        system, _, value = identifier.partition("|")
        identifier = f"{system}|{value.strip()}"  # as `keep` has it
        return self._store.remove([self._keys.document(what, identifier) for what in _KINDS[kind]]) > 0

    def recall(self, claim: Claim, resource: Json, resources: Resources, pasts: Sequence[Past]) -> History:
        """The claim's history: what is kept of its patient, and what came along (`pasts`, which go before).

        `resource` is the Claim or ChargeItem itself. The store is asked when the history is first looked at; where it
        does not answer, the history says so.
        """
        return KeptHistory(lambda: self._recalled(claim, resource, resources, pasts))

    def _recalled(self, claim: Claim, resource: Json, resources: Resources, pasts: Sequence[Past]) -> History:
        kept: list[Past] = []
        problem = ""
        patients = self._keys.patient(resource.get("patient") or resource.get("subject"), resource, resources)
        if not patients:
            problem = "" if any(past.lines for past in pasts) else _NOBODY
        else:
            try:
                kept = [self._decoder.decode(body) for body in self._store.find(patients)]
            except TooMuchKept:
                problem = _TOO_MUCH
            except (StoreUnavailable, msgspec.DecodeError, ValueError) as error:
                log.warning("the history could not be read: %s", type(error).__name__)
                problem = _UNREAD
        given = {(past.kind, name) for past in pasts for name in past.names}
        kept = [past for past in kept if given.isdisjoint((past.kind, name) for name in past.names)] if given else kept
        kept.sort(key=_posted)
        every = [*kept, *pasts]
        return history_for(claim, every, has_lines=not problem, problem=problem)

    def forget_patient(self, identifier: str) -> int:
        """Remove all that is kept of a patient, by an identifier `system|value`; how many documents there were."""
        return self._store.forget_patient([self._keys.identified(identifier)])

    def forget(self, before: Day) -> int:
        """Remove what grew old before the day; how many documents there were."""
        return self._store.forget(before)

    def info(self) -> Info:
        """What is kept."""
        return self._store.info()

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def _encoded(self, past: Past, kind: str) -> bytes:
        """What is kept. Raises NotKept where that is too much: every claim of the patient would have to read it."""
        items = past.reply.items if past.reply is not None else ()
        parts = max(len(past.lines), len(past.asked), len(items))
        if parts > MOST_LINES:
            raise NotKept(
                f"The {kind} has {parts} lines, more than the {MOST_LINES} that are kept of one.", kind, "too-costly"
            )
        refs = past.lines[0].refs if past.lines else ()
        if len(refs) > MOST:
            text = f"The Claim names {len(refs)} prior authorizations, more than {MOST}."
            raise NotKept(text, f"{kind}.insurance", "too-costly")
        body = self._encoder.encode(past)
        if len(body) > MOST_BYTES:
            text = f"What would be kept of the {kind} takes {len(body)} bytes, more than {MOST_BYTES}."
            raise NotKept(text, kind, "too-costly")
        return body

    def _oldest(self, today: Day) -> Day:
        return add_days(today, -self._days)

    def _sweep(self, today: Day) -> None:
        """Remove what has grown old, now and then. Nothing is lost where that fails: it is tried again."""
        if time.monotonic() - self._swept < _BETWEEN_SWEEPS or not self._sweeping.acquire(blocking=False):
            return
        try:
            self._store.forget(self._oldest(today))
            self._swept = time.monotonic()
        except StoreUnavailable as error:
            log.warning("the history could not be swept: %s", error)
        finally:
            self._sweeping.release()


def _identifiers(resource: Json) -> list[str]:
    """The identifiers by which the resource is known, as `system|value`. Raises NotKept."""
    kind = resource["resourceType"]
    found = [name for item in dicts(resource.get("identifier")) for name in system_and_value(item)]
    if not found:
        raise NotKept(
            f"The {kind} must have an identifier with a system and a value: by it the {kind} is known when it comes "
            "again, and removed.",
            f"{kind}.identifier",
            "required",
        )
    if len(found) > MOST:
        raise NotKept(f"The {kind} has {len(found)} identifiers, more than {MOST}.", f"{kind}.identifier")
    return found


def _past(resource: Json) -> Past | None:
    """What the resource tells of the past; None where that is taken back, or not decided. Raises NotKept."""
    kind, status, use = (resource.get(name) for name in ("resourceType", "status", "use"))
    if status in NOT_YET:
        raise NotKept(f"A {kind} with status {status} is not history yet.", f"{kind}.status")
    if kind == "Claim" and use == "predetermination":
        raise NotKept("A predetermination is not history: nothing was done or authorized.", "Claim.use")
    if kind == "ClaimResponse" and use != "preauthorization":
        raise NotKept("Of ClaimResponses only those with use preauthorization are history.", "ClaimResponse.use")
    return None if status in VOID else read_past(resource, Resources())


def _what(resource: Json) -> str:
    """What the resource is kept as; see `Past.kind`."""
    kinds = _KINDS[resource["resourceType"]]
    return kinds[-1] if resource.get("use") == "preauthorization" else kinds[0]


def _last(past: Past, today: Day) -> Day:
    """The day from which a document grows old: its last day of service, or of an authorisation; else today."""
    if past.lines:
        return min(max(line.end for line in past.lines), today)
    if past.reply is None:
        return today
    items = [line.end for item in past.reply.items for line in item.lines]
    ends = [past.reply.end, *[item.end for item in past.reply.items], *items]
    return max((end for end in ends if end is not None), default=today)


def _posted(past: Past) -> int:
    return past.posted
