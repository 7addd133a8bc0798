"""The manifest of a release: what it holds, from which files, under whose terms."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import msgspec

from terminology.errors import ReleaseMismatch, ReleaseNotFound
from terminology.model import Edition
from terminology.provider import Content

FORMAT = 1
"""Raised whenever a reader of the old format would misread the new one."""
NAME = "manifest.json"
CURRENT = "current"
"""The file in a folder of releases that holds the id of the one in force."""


class TableFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One compiled file: an edition of a table."""

    file: str
    shape: Literal["concepts", "keyed", "ptp"]
    edition: Edition
    rows: int
    bytes: int
    sha256: str
    content: Content = "complete"
    merged: bool = False
    """True for the table of concepts that stands for all editions of a system whose rows carry their dates."""
    parts: tuple[str, ...] = ()
    """Which pieces of an edition that comes in several files were given."""


class SourceFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file that the release was built from."""

    name: str
    sha256: str
    bytes: int
    kind: str = ""
    rows_read: int = 0
    refused: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()


class Licence(msgspec.Struct, frozen=True, omit_defaults=True):
    """The terms under which the content of one code system may be served.

    `notice` goes into every answer that holds content of the system; `expansion_cap` is the most concepts that
    one expansion may hold (None: no cap); `licensed` tells whether licensed text is in the release.
    """

    system: str
    notice: str
    expansion_cap: int | None = None
    licensed: bool = False


class Manifest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything a reader must know before it opens the tables.

    `id` is the digest of all the rest but for `created` and `software`: see `identity`. Fields that are added later
    have defaults, which are not written, so that the digest of an older release stays.
    """

    format: int
    id: str
    created: str
    software: str
    tables: tuple[TableFile, ...]
    sources: tuple[SourceFile, ...]
    licences: tuple[Licence, ...] = ()
    experimental: bool = False


def identity(manifest: Manifest) -> str:
    """The id of a release: 16 hexadecimal digits that tell its tables, sources and terms from any others."""
    content = msgspec.structs.replace(manifest, id="", created="", software="")
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()[:16]


def digest(path: Path) -> str:
    """The file's SHA-256, hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(folder: Path) -> Manifest:
    """The manifest in the folder. Raises ReleaseNotFound, ReleaseMismatch (another format, or not readable)."""
    try:
        raw = (folder / NAME).read_bytes()
    except OSError as error:
        raise ReleaseNotFound(f"{folder}: no release here ({error.strerror or error})") from error
    try:
        found = msgspec.json.decode(raw, type=_Format).format
        if found != FORMAT:
            raise ReleaseMismatch(
                f"{folder}: release of format {found}, this software reads format {FORMAT}; build it again"
            )
        return msgspec.json.decode(raw, type=Manifest)
    except msgspec.MsgspecError as error:
        raise ReleaseMismatch(f"{folder / NAME}: cannot be read: {error}") from error


def verify(folder: Path) -> Manifest:
    """Check the manifest against its id and every file of the release against the manifest, and return it.

    Raises ReleaseNotFound, and ReleaseMismatch that names the first file that is missing or differs, and how.
    """
    manifest = read(folder)
    if identity(manifest) != manifest.id:
        raise ReleaseMismatch(f"{folder / NAME}: was changed after the release was built; build it again")
    files = {table.file: table for table in manifest.tables}
    with ThreadPoolExecutor(2) as pool:  # hashing leaves the interpreter lock
        for table, found in zip(files.values(), pool.map(lambda name: _found(folder / name), files), strict=True):
            if found != (table.bytes, table.sha256):
                raise ReleaseMismatch(
                    f"{folder / table.file}: is not the file that the manifest describes "
                    f"({table.bytes} bytes, SHA-256 {table.sha256[:12]}…); found {found[0]} bytes, {found[1][:12]}…"
                )
    return manifest


def _found(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_size, digest(path)
    except OSError as error:
        raise ReleaseMismatch(f"{path}: cannot be read: {error.strerror or error}") from error


def encode(manifest: Manifest) -> bytes:
    """The manifest as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2)


class _Format(msgspec.Struct):
    format: int
