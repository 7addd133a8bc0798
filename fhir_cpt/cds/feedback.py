"""Feedback on cards: what became of them. It is checked and counted; nothing of it is kept or logged but edit ids.

Source: CDS Hooks 2.0, feedback.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any

from fhir_cpt.cds.cards import edit_of
from fhir_cpt.cds.request import HookError
from fhir_cpt.cds.services import Service
from fhir_cpt.wire.faults import json_kind

log = logging.getLogger(__name__)
_OUTCOMES = ("accepted", "overridden")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)", re.ASCII)


def take(body: Any, service: Service) -> None:
    """Check the feedback and log how often which edit's cards were accepted or overridden.

    Raises HookError 400 that names the element at fault.
    """
    items = body.get("feedback") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items:
        raise HookError(400, f"feedback must be an array of one or more, not {json_kind(items)}", "feedback")
    counts: Counter[tuple[str, str]] = Counter()
    for at, item in enumerate(items):
        card, outcome = _checked(item, f"feedback[{at}]")
        counts[edit_of(card) or "another card", outcome] += 1
    for (edit, outcome), count in sorted(counts.items()):
        log.info("feedback on %s: %s %s %d", service.id, edit, outcome, count)


def _checked(item: Any, where: str) -> tuple[uuid.UUID, str]:
    if not isinstance(item, dict):
        raise HookError(400, f"{where} must be an object, not {json_kind(item)}", where)
    card, outcome = _uuid(item.get("card"), f"{where}.card"), item.get("outcome")
    if outcome not in _OUTCOMES:
        raise HookError(400, f"{where}.outcome is accepted or overridden", f"{where}.outcome")
    moment = item.get("outcomeTimestamp")
    if not isinstance(moment, str) or not _INSTANT.fullmatch(moment):
        path = f"{where}.outcomeTimestamp"
        raise HookError(400, f"{path} must be a moment such as 2026-11-21T13:30:00Z", path)
    if outcome == "accepted":
        _suggestions(item.get("acceptedSuggestions"), f"{where}.acceptedSuggestions")
    elif item.get("overrideReason") is not None:
        _reason(item["overrideReason"], f"{where}.overrideReason")
    return card, outcome


def _suggestions(value: Any, where: str) -> None:
    if not isinstance(value, list) or not value:
        raise HookError(400, f"{where} must be an array of one or more where the card is accepted", where)
    for at, item in enumerate(value):
        _uuid(item.get("id") if isinstance(item, dict) else None, f"{where}[{at}].id")


def _reason(value: Any, where: str) -> None:
    if not isinstance(value, dict):
        raise HookError(400, f"{where} must be an object, not {json_kind(value)}", where)
    reason, comment = value.get("reason"), value.get("userComment")
    if reason is not None and not (isinstance(reason, Mapping) and isinstance(reason.get("code"), str)):
        raise HookError(400, f"{where}.reason must be a Coding with a code", f"{where}.reason")
    if comment is not None and not isinstance(comment, str):
        raise HookError(400, f"{where}.userComment must be a text", f"{where}.userComment")


def _uuid(value: Any, where: str) -> uuid.UUID:
    try:
        return uuid.UUID(value if isinstance(value, str) else "")
    except ValueError:
        raise HookError(400, f"{where} must be a UUID", where) from None
