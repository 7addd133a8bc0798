"""What is known of a patient beside the claim: prior lines, and authorisations. Days are integers YYYYMMDD.

Source of the term: spec/claim-edits, Terms, History.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from operator import attrgetter

import msgspec

from terminology.edits import Setting
from terminology.period import Day


class PriorLine(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A line that was billed or charged before: what edits over time need of it, and nothing more.

    `start` and `end` are its first and last day, `units` its units a day, `provider` and `group` as on `Line`,
    `claim` names the claim or charge that it came with (identifier, or type and id), `refs` are the prior
    authorisations that this claim referred to.
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
    refs: tuple[str, ...] = ()


class AuthorizedLine(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A service that a payer authorised. What is None or empty, the payer left open.

    `last` is the last code of a range that starts with `code`. `units` are all the units authorised, over the whole
    period from `start` to `end` (both included); `providers` the numbers (NPI) of those who may give the service.
    """

    code: str = ""
    last: str = ""
    units: float | None = None
    start: Day | None = None
    end: Day | None = None
    providers: tuple[str, ...] = ()

    def names(self, code: str) -> bool:
        """Whether the payer named the code, by itself or in a range of codes of the same length."""
        return self.code == code or (len(self.last) == len(code) == len(self.code) and self.code <= code <= self.last)

    def holds(self, day: Day) -> bool:
        """Whether the service may be given on the day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


class Authorization(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A payer's answer to a request for authorisation: its reference number, days, and the services it names.

    `ref` is empty where the payer gave no number. `granted` is False where the payer refused. Without `lines` the
    reference is known, but not for what. Source: FHIR R4, ClaimResponse.preAuthRef and preAuthPeriod; Da Vinci PAS,
    ClaimResponse.
    """

    ref: str
    lines: tuple[AuthorizedLine, ...] = ()
    granted: bool = True


_BY_START = attrgetter("start")


class History:
    """The prior lines and authorisations of one patient. Never changed once made; may be shared between claims.

    `lines` are those that start last first, so that edits that ask about the last days need not see the years before.

    A history without lines is not the same as none: it says that nothing went before, as far as it is kept.
    `has_lines` is False where only authorisations came along, which tell nothing of prior services, or where
    `problem`, a sentence, says why what is kept could not be read.
    """

    def __init__(
        self,
        lines: Iterable[PriorLine] = (),
        authorizations: Iterable[Authorization] = (),
        *,
        has_lines: bool = True,
        problem: str = "",
    ) -> None:
        self.lines: Sequence[PriorLine] = sorted(lines, key=_BY_START, reverse=True)
        self.authorizations: Sequence[Authorization] = tuple(authorizations)
        self.has_lines = has_lines
        self.problem = problem

    @cached_property
    def by_code(self) -> dict[str, list[PriorLine]]:
        """The prior lines by their code."""
        found: dict[str, list[PriorLine]] = {}
        for line in self.lines:
            found.setdefault(line.code, []).append(line)
        return found

    def since(self, day: Day) -> Sequence[PriorLine]:
        """The prior lines that start on the day or later, the latest first."""
        found = 0
        for line in self.lines:  # most of a history is long past
            if line.start < day:
                break
            found += 1
        return self.lines[:found]

    @cached_property
    def by_reference(self) -> dict[str, Authorization]:
        """The authorisations by their reference numbers; of several with the same number, the last given."""
        return {item.ref: item for item in self.authorizations if item.ref}
