"""The sample release: built from the package's own source files, kept in the user's cache."""

from __future__ import annotations

import hashlib
import os
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from terminology.errors import ReleaseError
from terminology.release import manifest
from terminology.release.build import build
from terminology.release.reader import current

_MADE_FROM = "made-from"
"""The file beside the releases that holds the digest of what the current one was built from."""


def sources() -> Path:
    """The folder of the sample's source files."""
    return Path(str(files("fhir_cpt"))) / "sample"


def folder() -> Path:
    """Where the sample release is kept: `$XDG_CACHE_HOME/fhir-cpt/sample`, by default below `~/.cache`.

    Source: XDG Base Directory Specification, which has a relative path ignored.
    """
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else Path.home() / ".cache") / "fhir-cpt" / "sample"


def release() -> Path:
    """The folder of the sample release, built anew where the sample, the software or the kept files have changed.

    Raises SourceError, ReleaseError: it cannot be built.
    """
    kept, wanted = folder(), _digest()
    if not _is_whole(kept, wanted):
        build([str(sources())], kept, experimental=True)
        (kept / _MADE_FROM).write_text(wanted, "ascii")
    return kept


def _is_whole(kept: Path, wanted: str) -> bool:
    try:
        if (kept / _MADE_FROM).read_text("ascii") != wanted:
            return False
        manifest.verify(current(kept))
    except (OSError, ReleaseError):
        return False
    return True


def _digest() -> str:
    """The digest of the sample's files and of the modules that compile and read them."""
    digest = hashlib.sha256(version("fhir-cpt").encode())
    for root, pattern in ((sources(), "*"), (Path(str(files("terminology"))), "*.py")):
        for path in sorted(path for path in root.rglob(pattern) if path.is_file()):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
