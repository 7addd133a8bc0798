"""A claim as edits see it: lines with codes, days, units and providers, whatever resource they came from.

Everything is already read, resolved and brought to one form by `normalise`; edits never look at FHIR JSON.
Money is in the claim's currency, units are units of service, days are integers YYYYMMDD.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from fhir_cpt.claims.facts import CodeFacts, DiagnosisFacts, ModifierFacts
from fhir_cpt.claims.history import History
from terminology.edits import Setting
from terminology.period import Day, Period

Kind = Literal["professional", "institutional", "pharmacy", "oral", "vision", "charge"]
"""What kind of claim: the code of Claim.type, or `charge` for ChargeItems."""


class Diagnosis(msgspec.Struct, frozen=True):
    """A diagnosis of the claim. `sequence` is what lines point to; `path` is its FHIRPath."""

    sequence: int
    code: str | None
    system: str | None
    path: str
    kinds: tuple[str, ...] = ()


class DatedDiagnosis(msgspec.Struct, frozen=True):
    """An ICD-10-CM diagnosis of the claim on a day on which it is used, and what the release says of it that day."""

    diagnosis: Diagnosis
    code: str
    day: Day
    known: DiagnosisFacts


class Npi(msgspec.Struct, frozen=True):
    """A National Provider Identifier found on the claim: where, and whether it is the billing provider's."""

    value: str
    path: str
    billing: bool


class Documented(msgspec.Struct, frozen=True):
    """A documented fact: minutes or days (a number), an element of decision making (its level) or a note (its text).

    `sequence` is what lines name it by; `kind` a code of our CodeSystem supporting-info; `path` is its FHIRPath.
    """

    sequence: int
    kind: str
    value: float | str
    path: str


class PreAuthRef(msgspec.Struct, frozen=True):
    """A reference to a prior authorisation, and the element that gives it."""

    value: str
    path: str


class Sex(NamedTuple):
    """Administrative gender as FHIR has it, and the element that says so."""

    value: str
    path: str


_PLACE = re.compile(r"(?:item|[dD]etail)\[(\d+)\]")


class Line:
    """A claim line: an item, a detail or subDetail with its own code, or a ChargeItem.

    `given` are the system and code as they arrived in `codings`, `coding` is their place in the CodeableConcept.
    `is_charge_item` marks a ChargeItem, whose code stands in `code` and which has no element for modifiers.
    `detail` marks a detail or subDetail, whose charge is part of its item's; `revenue` a line with a revenue
    code. `information` are the sequences of the supporting information that the line names.
    `units` are units a day (the quantity divided by the days of the span, rounded half up); `quantity` is
    as given, None where absent. `provider` identifies who rendered the service (NPI, else reference), `group` the
    billing organisation and specialty. `known` is what the release says of the code on the line's first day;
    None where the line has no code or no day. `modified` is what it says of the modifiers, all of them together; None
    where there are none, or no day.

    What a line does not have stays with the class: most lines have little, and a claim has many lines.
    """

    system: str | None = None
    code: str | None = None
    display: str | None = None
    modifiers: tuple[str, ...] = ()
    modifier_paths: tuple[str, ...] = ()
    codings: Sequence[tuple[str | None, str, str | None]] = ()
    given: tuple[str, str] | None = None
    coding: int = 0
    period: Period | None = None
    period_path: str = ""
    date_fault: str | None = None
    quantity: float | None = None
    units: float = 1
    unit_price: float | None = None
    factor: float | None = None
    net: float | None = None
    place: str | None = None
    provider: str = ""
    group: str = ""
    pointers: tuple[int, ...] = ()
    information: tuple[int, ...] = ()
    is_charge_item: bool = False
    detail: bool = False
    revenue: bool = False
    known: CodeFacts | None = None
    modified: ModifierFacts | None = None

    def __init__(self, path: str, number: int) -> None:
        """The line at a FHIRPath, the `number`-th of its claim counted from 0."""
        self.path = path
        self.number = number

    @property
    def shown(self) -> str:
        """The code with its modifiers, for people: `99213-25`; the line's number where it has no code."""
        return "-".join((self.code or f"Line {self.label}", *self.modifiers))

    @property
    def label(self) -> str:
        """The line's number for people, from 1: `2`, or `2.1` for the first detail of the second item."""
        places = _PLACE.findall(self.path)
        return ".".join(str(int(place) + 1) for place in places) or str(self.number + 1)

    @property
    def code_path(self) -> str:
        """The FHIRPath of the element that holds the code."""
        return f"{self.path}.{'code' if self.is_charge_item else 'productOrService'}"

    @property
    def coding_path(self) -> str:
        """The FHIRPath of the coding that the code was taken from."""
        return f"{self.code_path}.coding[{self.coding}]"

    def path_of(self, element: str) -> str:
        """The FHIRPath of one of the line's own elements."""
        return f"{self.path}.{element}"


class Claim(msgspec.Struct, eq=False):
    """A claim, or a group of ChargeItems of one patient.

    `coded` are the lines whose code is known to the release on some day; edits that need the code look at
    these alone (`procedure-unknown` speaks for the others); `evaluations` are those among them whose codes have the
    feature EVALUATION. `days` are the first days of the lines that have one, each once, in order, of an inpatient stay
    the last too; `systems` are the procedure code systems of the lines. `use` is `claim`, or `preauthorization` and
    `predetermination` for what is yet to be done. `diagnosed` are the ICD-10-CM diagnoses, each with the days
    on which lines use it. `setting` chooses the NCCI tables; None where the claim is outside NCCI (pharmacy,
    oral, vision, inpatient). `setting_given` tells whether the sender chose it, or the claim's type did.
    `referring` names who referred the patient (careTeam with the role `referring`, or Claim.referral), empty where
    nobody did. `patient` names the patient as the claim does, `patient_keys` are all names by which the patient may
    be known elsewhere (references, and identifiers as `system|value`); `names` are those of the claim itself.
    `history` is None where nothing is known of what went before. `created` is the day on which the claim was made.
    `unruled_by` are the payer's rules that were found to speak of none of its codes.
    `insurance` is the FHIRPath of the insurance that is to pay, empty where there is none.

    What depends on a release or a payer (`coded`, `evaluations`, `diagnosed`, `days`, `systems`, `features`) is empty
    until `prepare` has filled it in.
    """

    path: str
    kind: Kind
    setting: Setting | None
    lines: list[Line] = []
    coded: list[Line] = []
    evaluations: list[Line] = []
    days: tuple[Day, ...] = ()
    systems: frozenset[str] = frozenset()
    use: str = "claim"
    diagnoses: tuple[Diagnosis, ...] = ()
    diagnosed: list[DatedDiagnosis] = []
    npis: tuple[Npi, ...] = ()
    total: float | None = None
    patient: str = ""
    patient_keys: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    created: Day | None = None
    birth: Day | None = None
    sex: Sex | None = None
    payers: frozenset[str] = frozenset()
    referring: str = ""
    inpatient: bool = False
    setting_given: bool = False
    pre_auth_refs: tuple[PreAuthRef, ...] = ()
    insurance: str = ""
    documented: tuple[Documented, ...] = ()
    informed: bool = False
    """Whether supporting information of any kind came along."""
    history: History | None = None
    features: int = 0
    unruled_by: object = None
    notes: list[str] = []

    @property
    def professional(self) -> bool:
        """Whether the rules of the professional claim (837P, CMS-1500) hold."""
        return self.kind == "professional"

    @property
    def outside(self) -> str:
        """What makes the claim one that NCCI does not speak of: `pharmacy`, `inpatient` …"""
        return "inpatient" if self.inpatient else self.kind

    @property
    def first_day(self) -> Day | None:
        """The first day of any line."""
        return min([line.period.start for line in self.lines if line.period is not None], default=None)


def common_day(one: Line, other: Line) -> Day | None:
    """The first day that two lines share, or None."""
    first, second = one.period, other.period
    if first is None or second is None:
        return None
    if first is second:  # nearly always
        return first[0]
    day = max(first.start, second.start)
    return day if day <= min(first.end, second.end) else None
