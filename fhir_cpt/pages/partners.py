"""The PTP partners of a code, from every edition that speaks for the pair, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from terminology.edits import PtpEdit, Setting
from terminology.model import Edition
from terminology.period import Day
from terminology.release.ptp import PtpReader
from terminology.release.reader import Release

PAGE = 100
"""Partners on one page."""
NAMES: dict[Setting, str] = {"practitioner": "Practitioner", "hospital": "Outpatient hospital"}
INDICATORS = {0: "no modifier lifts it", 1: "a modifier may lift it"}


@dataclass(frozen=True)
class Partner:
    """One edit in force on the day: the other code, and the edition that says so."""

    code: str
    edit: PtpEdit
    meaning: str
    edition: Edition


@dataclass(frozen=True)
class PartnerList:
    """The partners of one setting with the code in one column, by code, from `offset` on."""

    setting: Setting
    name: str
    column: int
    editions: list[Edition]
    partners: list[Partner]
    total: int
    offset: int
    stale: bool
    """Whether the newest edition ends before the day."""

    @property
    def more(self) -> int:
        """Where the next page begins; 0 where this is the last."""
        following = self.offset + len(self.partners)
        return following if self.partners and following < self.total else 0


def partner_list(
    release: Release,
    setting: Setting,
    column: int,
    code: str,
    day: Day,
    *,
    start: str = "",
    offset: int = 0,
    count: int = PAGE,
) -> PartnerList:
    """The partners whose codes start with `start`; `column` is the column that `code` itself stands in."""
    wanted = start.upper()
    found = sorted(
        ((other, edit, edition) for other, edit, edition in _edits(release, setting, column, code, day)),
        key=lambda item: item[0],
    )
    chosen = [item for item in found if item[0].startswith(wanted)] if wanted else found
    shown = [
        Partner(other, edit, INDICATORS.get(edit.indicator, ""), edition)
        for other, edit, edition in islice(chosen, offset, offset + count)
    ]
    answering = release.ptp(setting).on(day)
    stale = answering is not None and answering.stale
    editions = [edition for edition, _ in release.ptp(setting).newest_first]
    return PartnerList(setting, NAMES[setting], column, editions, shown, len(chosen), offset, stale)


def _edits(
    release: Release, setting: Setting, column: int, code: str, day: Day
) -> Iterator[tuple[str, PtpEdit, Edition]]:
    """The newest edition speaks for every code that it lists, an older one for pairs that no newer one lists."""
    newer: list[PtpReader] = []
    for edition, table in release.ptp(setting).newest_first:
        for edit in table.partners(code, day) if column == 1 else table.bundlers(code, day):
            other = edit.column2 if column == 1 else edit.column1
            if not any(code in one and other in one for one in newer):
                yield other, edit, edition
        newer.append(table)
