"""What a code system is made of: edition, concept, designation, property.

All are immutable msgspec structs, so that importers, compiled tables and answers share one shape and a
record is decoded straight from the memory-mapped file. Days are integers YYYYMMDD (see `period`).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from terminology.period import FIRST_DAY, LAST_DAY, Day, Period

CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
PLACE_OF_SERVICE = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"

CANONICAL = "https://fhir-cpt.github.io/fhir/"
"""Every canonical URL of our own starts with this."""

Basis = Literal["rows", "snapshot", "undated"]
"""How an edition knows time: rows that carry their own dates; a snapshot of one period; or not at all."""


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Base of everything that is stored in a release: immutable, encoded by position."""


class Coding(Record, frozen=True):
    """A code in a system, with an optional display. FHIR: datatypes#Coding."""

    system: str
    code: str
    display: str | None = None


PropertyValue = str | bool | int | float | Coding
PropertyType = Literal["code", "string", "boolean", "integer", "dateTime", "decimal", "Coding"]


class Property(Record, frozen=True):
    """A property of a concept; `type` names the FHIR data type of `value`."""

    code: str
    value: PropertyValue
    type: PropertyType = "string"


class Extension(Record, frozen=True):
    """Something said of a concept or a designation beyond FHIR's own elements; `type` names the FHIR data type."""

    url: str
    value: PropertyValue
    type: str = "string"


class Designation(Record, frozen=True):
    """Another text for a concept. FHIR: CodeSystem.concept.designation.

    `source` is the canonical of the supplement that it comes from, empty where it is the code system's own.
    """

    value: str
    language: str | None = None
    use: Coding | None = None
    extensions: tuple[Extension, ...] = ()
    source: str = ""


class Concept(Record, frozen=True):
    """A code of a code system and all that one edition says of it.

    `start` and `end` are the first and the last day on which the code may be used, as far as the edition
    says. `edition` is the version of the edition that the record comes from (a table merged from several
    editions holds records of more than one).
    """

    code: str
    display: str | None = None
    start: Day = FIRST_DAY
    end: Day = LAST_DAY
    designations: tuple[Designation, ...] = ()
    properties: tuple[Property, ...] = ()
    parents: tuple[str, ...] = ()
    abstract: bool = False
    inactive: bool = False
    definition: str | None = None
    edition: str = ""
    extensions: tuple[Extension, ...] = ()

    @property
    def period(self) -> Period:
        """When the code may be used."""
        return Period(self.start, self.end)

    def value(self, code: str) -> PropertyValue | None:
        """The first value of the property, or None."""
        for item in self.properties:
            if item.code == code:
                return item.value
        return None


class Edition(Record, frozen=True):
    """One edition of one table: which days it speaks for, and what it was made from.

    `table` is a name of `terminology.release.tables`; `version` is the agency's own name for the edition
    (`2024-10` HCPCS, `2024q3` NCCI, `2025` ICD-10-CM). `start` and `end` are its natural period: quarter,
    calendar year or fiscal year.
    """

    table: str
    version: str
    start: Day = FIRST_DAY
    end: Day = LAST_DAY
    basis: Basis = "snapshot"

    @property
    def period(self) -> Period:
        """The days that the edition speaks for."""
        return Period(self.start, self.end)
