"""What keeps documents by hashed keys: the protocol that SQLite and Redis fulfil. No FHIR, and no patients, here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from terminology.period import Day

FORM = 1
"""The form of what is kept. A store of another form is refused; the number changes whenever an old document would be
misread."""


MOST_FOUND = 32 << 20
"""Bytes that are read of one patient; a thousand claims of ten lines take some 2 MB."""


class StoreRefused(ValueError):
    """The store cannot be used as it is set up: of another form or salt, or no place for one. Says what to do."""


class StoreUnavailable(Exception):
    """The store does not answer now. Its text names no patient and no password."""


class TooMuchKept(StoreUnavailable):
    """More is kept of a patient than is read."""


class Document(NamedTuple):
    """One thing to be kept: the hashes of its own names and of the patient's, and what is kept of it.

    `last` is the day by which it grows old.
    """

    names: tuple[bytes, ...]
    patients: tuple[bytes, ...]
    last: Day
    body: bytes


class Info(NamedTuple):
    """What a store holds: documents, keys of patients, and the day of the oldest document."""

    documents: int
    patients: int
    oldest: Day | None


class Store(Protocol):
    """Keeps documents. Safe between threads and processes; every change is whole or not made at all.

    All methods raise StoreUnavailable.
    """

    def put(self, document: Document) -> bool:
        """Keep the document in the place of all that have one of its names; whether there were any."""

    def remove(self, names: Sequence[bytes]) -> int:
        """Remove the documents that have one of the names; how many there were."""

    def find(self, patients: Sequence[bytes]) -> list[bytes]:
        """What is kept of the documents that have one of the patient's keys, each once, in no order.

        Raises TooMuchKept where that is more than `MOST_FOUND`.
        """

    def forget(self, before: Day) -> int:
        """Remove the documents that grew old before the day; how many there were."""

    def forget_patient(self, patients: Sequence[bytes]) -> int:
        """Remove the documents that have one of the patient's keys; how many there were."""

    def info(self) -> Info:
        """What the store holds."""

    def close(self) -> None:
        """Close what is open."""


def refuse_other(form: str, seal: str, expected: str) -> None:
    """Refuse a store of another form or salt. `seal` is the mark that the store's salt left, `expected` ours.

    Raises StoreRefused.
    """
    if form != str(FORM):
        raise StoreRefused(
            f"the history is of form {form[:10]}, and this version of fhir-cpt reads form {FORM}: name another store, "
            "or empty this one"
        )
    if seal != expected:
        raise StoreRefused(
            "the history was made with another salt (FHIR_CPT_HISTORY_SALT): with this one no patient would be found "
            "in it. Give the salt that it was made with, or name another store"
        )
