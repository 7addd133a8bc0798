"""FHIR's primitive types as msgspec reads them (https://hl7.org/fhir/R4/datatypes.html#primitive).

Each takes a subset of what fhir.resources takes: the JSON type that FHIR asks for, and the values on
which no two readers disagree. What lies outside (a leap second, say) is left to fhir.resources. Patterns are searched
by `re`, so all are anchored.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from msgspec import Meta

_DAY = (
    r"(?:(?!0000)[0-9]{4}(?:"  # fhir.resources knows no year 0
    r"-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    r"|-(?:0[13-9]|1[0-2])-(?:29|30)"
    r"|-(?:0[13578]|1[02])-31)"
    r"|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)-02-29)"
)
_MONTH = r"(?!0000)[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
_ZONE = r"(?:Z|[+\-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"

# fhir.resources refuses a string of nothing but exotic white space. Shapes are only used on texts without
# one (`is_plain`), so that the length is all that need be looked at.
_Text = Annotated[str, Meta(min_length=1)]

PRIMITIVES: dict[str, Any] = {
    "base64Binary": bytes,
    "boolean": bool,
    "canonical": _Text,
    "code": Annotated[str, Meta(pattern=r"\A\S++(?: \S++)*+\Z")],
    "date": Annotated[str, Meta(pattern=rf"^(?:{_DAY}|{_MONTH})\Z")],
    "dateTime": Annotated[str, Meta(pattern=rf"^(?:{_DAY}(?:T{_TIME}{_ZONE})?|{_MONTH})\Z")],
    "decimal": float,
    "id": Annotated[str, Meta(pattern=r"^[A-Za-z0-9\-.]{1,64}\Z")],
    "instant": Annotated[str, Meta(pattern=rf"^{_DAY}T{_TIME}{_ZONE}\Z")],
    "integer": Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)],
    "markdown": _Text,
    "oid": Annotated[str, Meta(pattern=r"^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+\Z")],
    "positiveInt": Annotated[int, Meta(ge=1, le=2**31 - 1)],
    "string": _Text,
    "time": Annotated[str, Meta(pattern=rf"^{_TIME}\Z")],
    "unsignedInt": Annotated[int, Meta(ge=0, le=2**31 - 1)],
    "uri": _Text,
    "url": _Text,
    "xhtml": _Text,
}
"""The type that msgspec decodes each primitive to; integer64 and uuid, which claims do not hold, are missing."""

TIGHT: dict[str, Any] = {**PRIMITIVES, "code": _Text, "date": date}
"""The same for texts of which `is_tight` is true, without the patterns of which a claim has most; whole dates only."""

_LOOSE = re.compile(rb' (?:[ "]|(?<=" ))')
"""A blank beside another one, or at the edge of a string."""

_UNPLAIN = re.compile(
    rb'"(?:\\f|\\u(?:00[08]|00a0|1680|20|3000)'  # a string that starts with white space beyond blank, tab and line ends
    rb"|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)"  # the same in UTF-8
    rb"|\\ud[89a-f]",  # a surrogate, which may stand alone
    re.IGNORECASE,
)


def is_plain(raw: bytes) -> bool:
    """Whether no string in a JSON text starts with exotic white space, and no surrogate is escaped.

    May answer no for a text that is plain.
    """
    return (raw.isascii() and b"\\" not in raw) or _UNPLAIN.search(raw) is None


def is_tight(raw: bytes) -> bool:
    """Whether the strings in a JSON text hold no white space but single blanks between other characters.

    May answer no for a text that is tight: one with blanks or line ends between its tokens, say, or with escapes.
    """
    return raw.isascii() and b"\\" not in raw and _LOOSE.search(raw) is None
