"""What a request may fail with, and the one table that gives each failure its HTTP status and issue code."""

from __future__ import annotations

from typing import Any

import orjson

from fhir_cpt.wire.outcome import TX_ISSUE_TYPE, error, issue_json, outcome
from terminology import errors as known
from terminology.queries.lookup import CodeNotFound


class RequestError(Exception):
    """A request that cannot be answered: HTTP status, IssueType, a sentence, and the parameters or paths at fault."""

    def __init__(
        self, status: int, code: str, text: str, *expression: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.expression = expression
        self.headers = headers or {}
        self.issues: list[dict[str, Any]] | None = None


_STATUS: tuple[tuple[type[Exception], int, str, str], ...] = (
    (CodeNotFound, 404, "not-found", "invalid-code"),
    (known.CodeSystemUnknown, 404, "not-found", "not-found"),
    (known.EditionNotLoaded, 404, "not-found", "not-found"),
    (known.ValueSetUnknown, 404, "not-found", "not-found"),
    (known.FilterInvalid, 422, "invalid", "vs-invalid"),
    (known.ExpansionTooCostly, 422, "too-costly", "too-costly"),
    (known.ImportsCircular, 422, "processing", "vs-invalid"),
    (known.SupplementMissing, 404, "not-found", "not-found"),
    (known.VersionRefused, 422, "exception", "version-error"),
    (known.LanguageInvalid, 400, "processing", "invalid-display"),
)
"""Failure of a query → HTTP status, IssueType, tx-issue-type."""


def _too_deep(failure: Exception) -> bool:
    """Whether something nests too deeply for Python, or for the JSON of an answer."""
    return isinstance(failure, RecursionError) or (
        isinstance(failure, orjson.JSONEncodeError) and "Recursion" in str(failure)
    )


def described(failure: Exception) -> tuple[int, dict[str, Any], dict[str, str]] | None:
    """Status, OperationOutcome and headers for a failure that is the client's to mend; None for a fault of ours."""
    if isinstance(failure, RequestError):
        if failure.issues is not None:
            return failure.status, outcome(failure.issues), failure.headers
        return failure.status, error(failure.code, str(failure), expression=failure.expression), failure.headers
    if _too_deep(failure):  # of a client's making: nothing that is served nests deeply
        return 400, error("too-costly", "The body is nested too deeply"), {}
    for kind, status, code, tx_type in _STATUS:
        if isinstance(failure, kind):
            said = getattr(failure, "issue", None)
            if said is not None:
                return status, outcome([issue_json(said)]), {}
            coding = [{"system": TX_ISSUE_TYPE, "code": tx_type}]
            return status, error(code, str(failure), coding=coding), {}
    return None
