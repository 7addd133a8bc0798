"""The exceptions of the terminology package; none knows of HTTP.

TerminologyError
├── SourceError                 a file that an importer was given
│   ├── SourceNotRecognised     no importer knows the content
│   └── SourceRefused           recognised, but too much of it is wrong
├── EditionUnknown              the file does not say which edition it is, and nobody else did
├── ReleaseError                a compiled release on disk
│   ├── ReleaseNotFound
│   ├── ReleaseMismatch         a file is not the one that the manifest describes
│   └── ReleaseBusy             another build holds the folder
└── QueryError                  a question that cannot be answered as put
    ├── CodeSystemUnknown
    ├── EditionNotLoaded        the system is known, that version of it is not loaded
    ├── ValueSetUnknown
    ├── FilterInvalid           a compose filter that the system does not support
    ├── ExpansionTooCostly      more concepts than the caller or the licence allows
    ├── ImportsCircular         value sets that import one another in a circle
    ├── SupplementMissing       a supplement that is required is not known
    ├── VersionRefused          the version that answers is not the one that is demanded
    └── LanguageInvalid         a display language that is none
"""

from __future__ import annotations

from collections.abc import Sequence

from terminology.issues import Issue


class TerminologyError(Exception):
    """Base of all errors raised by this package."""


class SourceError(TerminologyError):
    """A source file could not be taken; `source` is the name shown to people."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class SourceNotRecognised(SourceError):
    """No importer knows the content of this file."""


class SourceRefused(SourceError):
    """The file is of a known kind, but is refused whole."""


class EditionUnknown(SourceError):
    """The file names no edition (year or quarter), and none was given with it.

    `companion` is the table that comes in the same archive and whose edition is this file's too; '' where none does.
    """

    def __init__(self, source: str, reason: str, companion: str = "") -> None:
        super().__init__(source, reason)
        self.companion = companion


class ReleaseError(TerminologyError):
    """A release on disk could not be written or opened."""


class ReleaseNotFound(ReleaseError):
    """There is no release in the folder."""


class ReleaseMismatch(ReleaseError):
    """A file of the release is missing, of another format, or not what the manifest says."""


class ReleaseBusy(ReleaseError):
    """Another build is writing to the folder."""


class QueryError(TerminologyError):
    """A question that cannot be answered as it was put; `issue` says so in HL7's words, where HL7 has some."""

    def __init__(self, told: str | Issue) -> None:
        super().__init__(told if isinstance(told, str) else told.text)
        self.issue = None if isinstance(told, str) else told


class CodeSystemUnknown(QueryError):
    """The code system is not held in any edition."""

    def __init__(self, system: str, issue: Issue | None = None) -> None:
        super().__init__(issue or f"The code system {system} is not known here")
        self.system = system


class EditionNotLoaded(QueryError):
    """The code system is held, but not in the edition asked for."""

    def __init__(self, system: str, version: str, held: Sequence[str], issue: Issue | None = None) -> None:
        super().__init__(issue or f"Version {version} of {system} is not loaded; held: {', '.join(held) or 'none'}")
        self.system = system
        self.version = version
        self.held = tuple(held)


class ValueSetUnknown(QueryError):
    """The value set is not known."""

    def __init__(self, url: str, issue: Issue | None = None) -> None:
        text = f"A definition for the value Set '{url}' could not be found"
        super().__init__(issue or Issue("error", "not-found", "not-found", text, "", "Unable_to_resolve_value_Set_"))
        self.url = url


class FilterInvalid(QueryError):
    """A compose filter names a property, operator or value that the code system does not have."""


class ExpansionTooCostly(QueryError):
    """The expansion would hold more concepts than allowed."""


class ImportsCircular(QueryError):
    """A value set imports itself, directly or through others."""


class SupplementMissing(QueryError):
    """A supplement that the value set or the request requires is not known."""


class VersionRefused(QueryError):
    """The version that answers is not the one that the request demands."""


class LanguageInvalid(QueryError):
    """A display language that is no list of language tags."""
