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
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a server.

    `release` is a release or a folder of releases; `packs` are files and folders of payers' packs; `max_body` the
    largest request body in bytes; `max_batch` the most entries of a batch; `max_answer` the bytes of a batch's answers
    after which no more are made; `cors` the origins of browsers that may call (`*` for all); `poll` the seconds between
    looks for a newly activated release and for packs that changed; `today` fixes the current day (YYYYMMDD) for tests
    and for looking back.

    `max_expansion` is how many concepts an expansion lists without paging. What clients leave under a `cache-id` is
    held for `session_age` seconds after its last use, at most `max_sessions` of together `session_bytes` of JSON;
    with 0 sessions nothing is held, as must be where several workers share a port.

    `upstream` are the terminology servers to ask about what is not held here, each `[r4:|r5:][prefix=]URL` (see
    `fhir_cpt.upstream.routes`); `upstream_timeout` the seconds for one attempt, `upstream_retries` how often it is
    repeated where that may help, `upstream_deadline` the seconds for all of a request's questions together;
    `upstream_max_body` the largest answer taken, in bytes. Answers are kept in `redis` (redis://…), else in
    `upstream_cache` bytes of each process.
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

    def __post_init__(self) -> None:
        """Raises ValueError that names the setting which cannot be."""
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value < least:
                raise ValueError(f"{name} must be {least} at least, not {value}")
        if not 0 <= self.poll < float("inf"):
            raise ValueError(f"poll must be a number of seconds, not {self.poll}")
        if self.today is not None:
            try:
                to_date(self.today)
            except ValueError:
                raise ValueError(f"today must be a day (YYYYMMDD), not {self.today}") from None
        for name in ("upstream_timeout", "upstream_deadline"):
            seconds = getattr(self, name)
            if not 0 < seconds < float("inf"):
                raise ValueError(f"{name} must be a number of seconds above 0, not {seconds}")
        for text in self.upstream:
            parse(text)
        if self.redis is not None and not self.redis.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("redis must be a URL that starts with redis://, rediss:// or unix://")


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `FHIR_CPT_RELEASE`, `FHIR_CPT_MAX_BODY` and so on; lists are separated by commas.

    Raises ValueError that names the variable which is missing or wrong.
    """
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        name = f"FHIR_CPT_{field.name.upper()}"
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
