"""The history in one SQLite file, which several processes of one machine may share."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from fhir_cpt.history.store import (
    FORM,
    MOST_FOUND,
    Document,
    Info,
    StoreRefused,
    StoreUnavailable,
    TooMuchKept,
    refuse_other,
)
from fhir_cpt.upstream.breaker import Breaker
from terminology.period import Day

_PATIENCE = 5.0
"""Seconds to wait while another process writes."""
_TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (id INTEGER PRIMARY KEY, last INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS by_age ON documents (last);
CREATE TABLE IF NOT EXISTS names (
    name BLOB PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS of_names ON names (document);
CREATE TABLE IF NOT EXISTS patients (
    patient BLOB, document INTEGER REFERENCES documents ON DELETE CASCADE, PRIMARY KEY (patient, document)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS of_patients ON patients (document);
"""


class SqliteStore:
    """Documents in a file, readable by its owner alone. What is removed is overwritten.

    One connection reads and another writes (write-ahead log), so that nobody who reads waits for a writer. What was
    put is on the disk when `put` returns.
    """

    def __init__(self, path: Path, seal: str) -> None:
        """Open the file, or make it; `seal` marks the salt. Raises StoreRefused."""
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            pass
        except OSError as error:
            raise StoreRefused(f"the history cannot be kept in {path}: {error.strerror}") from None
        self._path, self._at = path, _place(path)
        self._breaker = Breaker(failures=1, rest=_PATIENCE)  # else each of many changes would wait by itself
        self._reading, self._writing = threading.Lock(), threading.Lock()
        try:
            self._writer = _connected(path)
            self._reader = _connected(path)
            with self._transaction() as write:
                for statement in _TABLES.split(";"):
                    write.execute(statement)
                write.executemany("INSERT OR IGNORE INTO about VALUES (?, ?)", [("form", str(FORM)), ("seal", seal)])
                about = dict(write.execute("SELECT name, value FROM about"))
        except (sqlite3.DatabaseError, StoreUnavailable) as error:
            cause = error.__cause__ or error
            raise StoreRefused(f"the history cannot be kept in {path}: {cause}") from None
        try:
            refuse_other(about["form"], about["seal"], seal)
        except StoreRefused:
            self.close()
            raise

    def put(self, document: Document) -> bool:
        """Keep the document in the place of all that have one of its names; whether there were any."""
        with self._transaction() as write:
            replaced = _delete(write, "SELECT document FROM names WHERE name", document.names)
            at = write.execute(
                "INSERT INTO documents (last, body) VALUES (?, ?)", (document.last, document.body)
            ).lastrowid
            write.executemany("INSERT INTO names VALUES (?, ?)", [(name, at) for name in set(document.names)])
            write.executemany("INSERT INTO patients VALUES (?, ?)", [(key, at) for key in set(document.patients)])
        return replaced > 0

    def remove(self, names: Sequence[bytes]) -> int:
        """Remove the documents that have one of the names; how many there were."""
        with self._transaction() as write:
            return _delete(write, "SELECT document FROM names WHERE name", names)

    def find(self, patients: Sequence[bytes]) -> list[bytes]:
        """What is kept of the documents that have one of the patient's keys, each once, in no order.

        Raises TooMuchKept.
        """
        marks = ", ".join("?" * len(patients))
        query = f"SELECT body FROM documents WHERE id IN (SELECT document FROM patients WHERE patient IN ({marks}))"
        found: list[bytes] = []
        size = 0
        with self._reading, _failing(), closing(self._reader.execute(query, tuple(patients))) as rows:
            for (body,) in rows:
                size += len(body)
                if size > MOST_FOUND:
                    raise TooMuchKept(f"more than {MOST_FOUND} bytes are kept of the patient")
                found.append(body)
        return found

    def forget(self, before: Day) -> int:
        """Remove the documents that grew old before the day; how many there were."""
        with self._transaction() as write:
            return write.execute("DELETE FROM documents WHERE last < ?", (before,)).rowcount

    def forget_patient(self, patients: Sequence[bytes]) -> int:
        """Remove the documents that have one of the patient's keys; how many there were."""
        with self._transaction() as write:
            return _delete(write, "SELECT document FROM patients WHERE patient", patients)

    def info(self) -> Info:
        """What the store holds."""
        with self._reading, _failing():
            (documents, oldest), *_ = self._reader.execute("SELECT count(*), min(last) FROM documents")
            (patients,), *_ = self._reader.execute("SELECT count(DISTINCT patient) FROM patients")
        return Info(documents, patients, oldest)

    def close(self) -> None:
        """Close the file."""
        for lock, connection in ((self._reading, self._reader), (self._writing, self._writer)):
            with lock:
                connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """A change that is whole or not made at all; one at a time over all processes."""
        if not self._writing.acquire(timeout=_PATIENCE):
            raise StoreUnavailable("SQLite: another change takes too long")
        try:
            with self._begun() as writer:
                yield writer
        finally:
            self._writing.release()

    @contextmanager
    def _begun(self) -> Iterator[sqlite3.Connection]:
        if not self._breaker.admits(time.monotonic()):
            raise StoreUnavailable("SQLite: the file is locked, and left alone for a while")
        if _place(self._path) != self._at:
            raise StoreUnavailable("SQLite: the file was removed or replaced. Start the server anew")
        with _failing():
            try:
                self._writer.execute("BEGIN IMMEDIATE")
            except sqlite3.Error:
                self._breaker.failed(time.monotonic())
                raise
            self._breaker.succeeded()
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # SQLite ends it by itself where the disk is full
                    self._writer.execute("ROLLBACK")
                raise


def _place(path: Path) -> tuple[int, int] | None:
    """What tells the file from another of its name; None where there is none."""
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_dev, told.st_ino


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, _PATIENCE, isolation_level=None, check_same_thread=False)
    until = time.monotonic() + _PATIENCE
    while True:  # SQLite does not wait by itself where two processes change to the log at once
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                connection.close()
                raise
            time.sleep(0.02)
    for setting in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {setting}")
    return connection


def _delete(write: sqlite3.Connection, found_by: str, keys: Sequence[bytes]) -> int:
    marks = ", ".join("?" * len(keys))
    return write.execute(f"DELETE FROM documents WHERE id IN ({found_by} IN ({marks}))", tuple(keys)).rowcount


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreUnavailable(f"SQLite: {error}") from error
