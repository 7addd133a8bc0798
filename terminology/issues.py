"""An issue: one thing to say of a question or of its answer, in the words of HL7's terminology ecosystem."""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["error", "warning", "information"]


class Issue(msgspec.Struct, frozen=True):
    """One thing to say. FHIR: OperationOutcome.issue.

    `code` is an IssueType, `kind` a code of tx-issue-type ('' for none), `path` the element at fault ('' for none),
    `id` names the message in HL7's catalogue ('' for one of our own). `told` tells whether the text also belongs
    into the parameter `message`, which clients show to people.
    """

    severity: Severity
    code: str
    kind: str
    text: str
    path: str = ""
    id: str = ""
    told: bool = True
