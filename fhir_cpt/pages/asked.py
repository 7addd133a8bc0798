"""What a page's address asks for: the day, the text typed, where in a list. Says what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import QueryParams

from fhir_cpt.errors import RequestError
from terminology.period import Day, parse_fhir, show

LONGEST = 100
"""Characters of the longest text that is searched for."""


@dataclass(frozen=True)
class Asked:
    """The query of a page. `day` is the date of service, `given` whether the address names it."""

    query: QueryParams
    day: Day
    given: bool

    def text(self, name: str) -> str:
        """The text of a field, without blanks around it; '' where it is not given. Raises RequestError 400."""
        value = self.query.get(name, "").strip()
        if len(value) > LONGEST:
            raise RequestError(400, "too-long", f"The field {name} takes {LONGEST} characters at most", name)
        return value

    def choice(self, name: str, *values: str) -> str:
        """One of the values; the first where none is given. Raises RequestError 400."""
        value = self.query.get(name, "") or values[0]
        if value not in values:
            raise RequestError(400, "invalid", f"The field {name} is one of {', '.join(values)}", name)
        return value

    @property
    def offset(self) -> int:
        """How many items of a list to pass over. Raises RequestError 400."""
        value = self.query.get("offset", "0")
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise RequestError(400, "invalid", "The field offset is a whole number", "offset")
        return int(value)


def asked(query: QueryParams, today: Day) -> Asked:
    """Read the query. An empty date is today. Raises RequestError 400 for a date that is no day."""
    text = query.get("date", "").strip()
    if not text:
        return Asked(query, today, False)
    try:
        days = parse_fhir(text)
    except ValueError:
        days = None
    if days is None or days.start != days.end:
        wanted = show(today)
        raise RequestError(400, "invalid", f"The date {text[:40]!r} is not a day; write it like {wanted}", "date")
    return Asked(query, days.start, True)
