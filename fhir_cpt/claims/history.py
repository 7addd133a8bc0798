"""What is known of a patient beside the claim: prior lines, and authorisations. Days are integers YYYYMMDD.

Source of the term: spec/claim-edits, Terms, History.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import msgspec

from terminology.edits import Setting
from terminology.period import Day


class PriorLine(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A line that was billed or charged before: what edits over time need of it, and nothing more.

    `start` and `end` are its first and last day, `units` its units a day, `provider` and `group` as on `Line`,
    `claim` names the claim or charge that it came with (identifier, or type and id).
    """

    system: str
    code: str
    modifiers: tuple[str, ...]
    start: Day
    end: Day
    units: float = 1
    provider: str = ""
    group: str = ""
    place: str | None = None
    setting: Setting | None = None
    claim: str = ""


class AuthorizedLine(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A service that a payer authorised. What is None or empty, the payer left open.

    `units` are all the units authorised, over the whole period from `start` to `end` (both included).
    """

    system: str
    code: str
    modifiers: tuple[str, ...] = ()
    units: float | None = None
    start: Day | None = None
    end: Day | None = None
    provider: str = ""


class Authorization(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A payer's answer to a request for authorisation: its reference number, days, and the services it names.

    `granted` is False where the payer refused. Without `lines` the reference is known, but not for what.
    Source: FHIR R4, ClaimResponse.preAuthRef and preAuthPeriod; Da Vinci PAS, ClaimResponse.
    """

    ref: str
    lines: tuple[AuthorizedLine, ...] = ()
    start: Day | None = None
    end: Day | None = None
    provider: str = ""
    granted: bool = True
    claim: str = ""


class History:
    """The prior lines and authorisations of one patient. Never changed once made; may be shared between claims.

    A history without lines is not the same as none: it says that nothing went before, as far as it is kept.
    `has_lines` is False where only authorisations came along, which tell nothing of prior services.
    """

    def __init__(
        self, lines: Iterable[PriorLine] = (), authorizations: Iterable[Authorization] = (), *, has_lines: bool = True
    ) -> None:
        self.lines: Sequence[PriorLine] = tuple(lines)
        self.authorizations: Sequence[Authorization] = tuple(authorizations)
        self.has_lines = has_lines

    @cached_property
    def by_code(self) -> dict[str, list[PriorLine]]:
        """The prior lines by their code."""
        found: dict[str, list[PriorLine]] = {}
        for line in self.lines:
            found.setdefault(line.code, []).append(line)
        return found

    @cached_property
    def latest(self) -> Day:
        """The last day on which a prior line starts; 0 where there is none."""
        return max((line.start for line in self.lines), default=0)

    @cached_property
    def by_reference(self) -> dict[str, Authorization]:
        """The authorisations by their reference numbers; of several with the same number, the last given."""
        return {item.ref: item for item in self.authorizations}

    def without(self, claims: frozenset[str]) -> History:
        """The history without what came with the named claims: a claim that is sent again is not its own past."""
        if not any(line.claim in claims for line in self.lines):
            return self
        kept = [line for line in self.lines if line.claim not in claims]
        return History(kept, self.authorizations, has_lines=self.has_lines)
