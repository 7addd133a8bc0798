"""How a server is set up: from keyword arguments, the command line, or the environment (`FHIR_CPT_…`)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from fhir_cpt.upstream.routes import parse
from terminology.period import to_date

_LEAST = {
    "max_answer": 1,
    "max_body": 1,
    "max_batch": 1,
    "max_expansion": 1,
    "max_sessions": 0,
    "session_bytes": 0,
    "session_age": 0,
    "upstream_retries": 0,
    "upstream_max_body": 1,
    "upstream_cache": 0,
    "history_days": 1,
}
_REDIS = ("redis://", "rediss://", "unix://")
_MOST_DAYS = 36_500
_SALT = 16
"""Characters that a salt must have: patients could be found out with one that can be guessed."""


def variable(name: str) -> str:
    """The environment variable of a setting: what an operator sets, and what messages name."""
    return f"FHIR_CPT_{name.upper()}"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a server.

    `release` is a release or a folder of releases; `packs` are files and folders of payers' packs; `max_body` the
    largest request body in bytes (of NDJSON, which may be of any length, the longest line); `max_batch` the most
    entries of a batch; `max_answer` the bytes of a batch's answers after which no more are made; `cors` the origins of
    browsers that may call (`*` for all); `poll` the seconds between looks for a newly activated release and for packs
    that changed; `today` fixes the current day (YYYYMMDD) for tests and for looking back.

    `max_expansion` is how many concepts an expansion lists without paging. What clients leave under a `cache-id` is
    held for `session_age` seconds after its last use, at most `max_sessions` of together `session_bytes` of JSON;
    with 0 sessions nothing is held, as must be where several workers share a port.

    `upstream` are the terminology servers to ask about what is not held here, each `[r4:|r5:][prefix=]URL` (see
    `fhir_cpt.upstream.routes`); `upstream_timeout` the seconds for one attempt, `upstream_retries` how often it is
    repeated where that may help, `upstream_deadline` the seconds for all of a request's questions together;
    `upstream_max_body` the largest answer taken, in bytes. Answers are kept in `redis` (redis://…), else in
    `upstream_cache` bytes of each process.

    `history` is where prior claims and authorisations are kept, the path of an SQLite file or a Redis URL; without it,
    or with `none`, nothing is kept. `history_salt` is the secret that patients' keys are hashed with, `history_days`
    how long anything is kept after its day of service, `history_namespace` the FHIR base below which relative
    references to patients lie; without it they are taken for nobody's.
    """

    release: Path
    packs: tuple[str, ...] = ()
    max_body: int = 16 << 20
    max_batch: int = 1000
    max_answer: int = 32 << 20
    cors: tuple[str, ...] = ()
    poll: float = 1.0
    today: int | None = None
    max_expansion: int = 1000
    max_sessions: int = 100
    session_bytes: int = 64 << 20
    session_age: float = 1800.0
    upstream: tuple[str, ...] = ()
    upstream_timeout: float = 3.0
    upstream_retries: int = 2
    upstream_deadline: float = 6.0
    upstream_max_body: int = 8 << 20
    upstream_cache: int = 32 << 20
    redis: str | None = None
    history: str | None = None
    history_salt: str | None = None
    history_days: int = 1500
    history_namespace: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError that names the setting which cannot be, as the environment has it."""
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value < least:
                raise ValueError(f"{variable(name)} must be {least} at least, not {value}")
        if not 0 <= self.poll < float("inf"):
            raise ValueError(f"{variable('poll')} must be a number of seconds, not {self.poll}")
        if self.today is not None:
            try:
                to_date(self.today)
            except ValueError:
                raise ValueError(f"{variable('today')} must be a day (YYYYMMDD), not {self.today}") from None
        for name in ("upstream_timeout", "upstream_deadline"):
            seconds = getattr(self, name)
            if not 0 < seconds < float("inf"):
                raise ValueError(f"{variable(name)} must be a number of seconds above 0, not {seconds}")
        for text in self.upstream:
            parse(text)
        if self.redis is not None and not self.redis.startswith(_REDIS):
            raise ValueError(f"{variable('redis')} must be a URL that starts with redis://, rediss:// or unix://")
        self._check_history()

    @property
    def keeps_history(self) -> bool:
        """Whether a history is kept."""
        return self.history not in (None, "", "none")

    def _check_history(self) -> None:
        """Raises ValueError that repeats neither the salt nor a password."""
        if self.history is not None and "://" in self.history and not self.history.startswith(_REDIS):
            raise ValueError(
                f"--history ({variable('history')}) must be the path of a file, or a URL that starts with redis://, "
                "rediss:// or unix://"
            )
        if self.keeps_history and len(self.history_salt or "") < _SALT:
            raise ValueError(
                f"{variable('history_salt')} must be a secret of {_SALT} characters at least where a history is kept "
                "(and the same for all who share it); `openssl rand -hex 32` makes one"
            )
        if self.history_days > _MOST_DAYS:
            raise ValueError(f"{variable('history_days')} must be {_MOST_DAYS} at most, not {self.history_days}")
        if self.history_namespace is not None and not self.history_namespace.startswith(("http://", "https://")):
            raise ValueError(f"{variable('history_namespace')} must be the http(s) URL of a FHIR base")


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `FHIR_CPT_RELEASE`, `FHIR_CPT_MAX_BODY` and so on; lists are separated by commas.

    Raises ValueError that names the variable which is missing or wrong.
    """
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        name = variable(field.name)
        text = environment.get(name)
        if text is None:
            continue
        listed = field.type == tuple[str, ...]
        value: Any = tuple(part.strip() for part in text.split(",") if part.strip()) if listed else text
        try:
            values[field.name] = Path(text) if field.type is Path else msgspec.convert(value, field.type, strict=False)
        except msgspec.ValidationError as error:
            raise ValueError(f"{name}: {error}") from None
    if "release" not in values:
        raise ValueError("FHIR_CPT_RELEASE: names no release; make one with `fhir-cpt build --out DIR FILE…`")
    return Settings(**values)
