"""How a payer's pack is written: the types behind the YAML, from which its JSON Schema for editors is made.

Codes stand for themselves or are ranges (`J0100-J9999`), days are `YYYY-MM-DD` and the last one counts. Source:
spec/claim-edits, authorisation and payer packs.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from fhir_cpt.claims.finding import Disposition, Severity

Codes = tuple[Annotated[str, Meta(description="a code, or a range such as J0100-J9999")], ...]
Age = Annotated[int, Meta(ge=0, le=150, description="whole years on the day of service")]
Amount = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=1, le=36_600)]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", omit_defaults=True):
    """Any part of a pack."""


class Ages(_Part, frozen=True):
    """Whole years on the day of service, both ends included."""

    min: Age | None = None
    max: Age | None = None


class Units(_Part, frozen=True):
    """Units of a line a day, both ends included."""

    min: Amount | None = None
    max: Amount | None = None


class Modifiers(_Part, frozen=True):
    """Modifiers of a line: at least one of `any`, every one of `all`, not one of `none`."""

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


class Diagnoses(_Part, frozen=True):
    """ICD-10-CM codes to which a line points. A code stands for all that start with it; ranges: `E08-E13`."""

    codes: Codes = ()
    value_set: str | None = None


class Places(_Part, frozen=True):
    """Place of service codes."""

    within: tuple[str, ...] = msgspec.field(default=(), name="in")
    not_in: tuple[str, ...] = ()


class Applies(_Part, frozen=True):
    """The lines that a rule speaks of: every condition given must hold, of several values one will do.

    `codes` and `value-set` name the procedures together; a rule with neither speaks of every line. `value-set` is one
    that the server has, by its URL or id.
    """

    codes: Codes = ()
    value_set: str | None = None
    place: tuple[str, ...] = ()
    age: Ages | None = None
    sex: Literal["male", "female", "other", "unknown"] | None = None
    modifiers: Modifiers | None = None
    diagnosis: Diagnoses | None = None
    units: Units | None = None
    setting: tuple[Literal["practitioner", "outpatient-hospital", "dme"], ...] = ()
    kind: tuple[Literal["professional", "institutional", "pharmacy", "oral", "vision", "charge"], ...] = ()


class Span(_Part, frozen=True):
    """A span of time that ends with the day of service.

    One of: that many days, the day of service among them; or that many full months, which must lie between the month
    of one service and the month of the next (Medicare's "11 full months").
    """

    days: Count | None = None
    full_months: Count | None = None


class MaxUnits(_Part, frozen=True):
    """At most so many units of a code in a period; `counting` names codes whose units count as well."""

    units: Amount
    per: Literal["day", "calendar-year", "lifetime"] | Span = "day"
    counting: Codes = ()


class Filing(_Part, frozen=True):
    """From the day of service until the claim is made (Claim.created, else today): one of days or months."""

    days: Count | None = None
    months: Count | None = None


class Require(_Part, frozen=True):
    """What the payer asks for: exactly one of these."""

    prior_authorization: bool | None = None
    modifier: Modifiers | None = None
    diagnosis: Diagnoses | None = None
    max_units: MaxUnits | None = None
    age: Ages | None = None
    place: Places | None = None
    referring_provider: bool | None = None
    not_covered: bool | None = None
    timely_filing: Filing | None = None


class ShortLine(_Part, frozen=True):
    """A line in the short form: what is left out gets an ordinary value, what is null is left out of the claim."""

    code: str | UnsetType | None = UNSET
    system: str | UnsetType = UNSET
    display: str | UnsetType = UNSET
    modifiers: tuple[str, ...] | UnsetType = UNSET
    units: float | UnsetType = UNSET
    date: str | UnsetType | None = UNSET
    place: str | UnsetType | None = UNSET
    provider: str | UnsetType = UNSET
    specialty: str | UnsetType = UNSET
    dx: tuple[int, ...] | UnsetType | None = UNSET
    info: tuple[int, ...] | UnsetType = UNSET
    net: float | UnsetType | None = UNSET
    price: float | UnsetType = UNSET
    factor: float | UnsetType = UNSET


class ShortPatient(_Part, frozen=True):
    """A patient in the short form."""

    birth: dt.date | UnsetType = UNSET
    sex: str | UnsetType = UNSET


class ShortClaim(_Part, frozen=True):
    """A claim in the short form: what is left out gets an ordinary value."""

    lines: tuple[str | ShortLine, ...]
    date: str | UnsetType | None = UNSET
    created: str | UnsetType = UNSET
    kind: Literal["professional", "institutional", "pharmacy", "oral", "vision"] | UnsetType = UNSET
    place: str | UnsetType | None = UNSET
    dx: tuple[str, ...] | UnsetType | None = UNSET
    provider: str | UnsetType = UNSET
    referring: str | UnsetType = UNSET
    patient: ShortPatient | UnsetType = UNSET
    payer: str | UnsetType = UNSET
    total: float | UnsetType | None = UNSET
    use: str | UnsetType = UNSET
    id: str | UnsetType = UNSET
    auth: tuple[str, ...] | UnsetType = UNSET
    info: tuple[dict[str, Any], ...] | UnsetType = UNSET


class Example(_Part, frozen=True):
    """A claim, and how the rule ends on it. `history` are prior claims; an empty list says that nothing went before."""

    name: str
    claim: ShortClaim
    expect: Literal["pass", "fail", "bypassed", "no-data"]
    today: dt.date | None = None
    history: tuple[ShortClaim, ...] | None = None


class Rule(_Part, frozen=True):
    """One rule of a payer.

    It holds for services from `start` to `end`. `message` is what the biller reads, with {code}, {day}, {limit}
    and {found} (what is asked for, and what is there), {units}, {age}, {place} and {modifiers} filled in; where it has
    none, a sentence is made. Each rule has at least
    one example that passes and one that fails.
    """

    id: Annotated[str, Meta(pattern="^payer-[a-z0-9-]+$", max_length=64)]
    title: str
    citation: str
    require: Require
    applies: Applies = Applies()
    start: dt.date | None = None
    end: dt.date | None = None
    severity: Severity = "error"
    carc: tuple[str, ...] = ()
    rarc: tuple[str, ...] = ()
    message: str = ""
    disposition: Disposition | None = None
    examples: tuple[Example, ...] = ()


Setting = Literal["off", "on", "error", "warning", "information"]


class Pack(_Part, frozen=True, eq=False):
    """A payer's pack, in force for services from `start` to `end`.

    `payers` are what claims name the payer by: `system|value` or the value of an identifier, or a name. `extends` is
    the id of another pack, whose settings and rules hold here too. `medicare` tells whether the edits of Medicare
    alone hold. `edits` sets edits, by id or family, off, on, or to another severity; an id goes before its family.
    """

    id: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]*$", max_length=64)]
    title: str
    source: str = ""
    payers: tuple[str, ...] = ()
    start: dt.date | None = None
    end: dt.date | None = None
    extends: str | None = None
    medicare: bool | None = None
    edits: dict[str, Setting] = {}
    rules: tuple[Rule, ...] = ()
