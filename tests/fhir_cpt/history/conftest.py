"""Stores of both kinds, empty, and a keeper on each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from fhir_cpt.history.keeper import Keeper
from fhir_cpt.history.keys import Keys
from fhir_cpt.history.redis import RedisStore
from fhir_cpt.history.sqlite import SqliteStore
from fhir_cpt.history.store import Store

SALT = "a secret of sixteen characters, or more"
DAYS = 1500


@pytest.fixture(params=["sqlite", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a history may be kept: a path, or a URL. Nothing is there yet."""
    if request.param == "sqlite":
        return str(tmp_path / "history.db")
    url: str = request.getfixturevalue("redis_url")
    with Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture
def opened(place: str) -> Iterator[Callable[..., Store]]:
    """Opens the place, once or several times; `salt` is ours where none is given."""
    stores: list[Store] = []

    def open_it(salt: str = SALT) -> Store:
        seal = Keys(salt).seal
        stores.append(RedisStore(place, seal) if "://" in place else SqliteStore(Path(place), seal))
        return stores[-1]

    yield open_it
    for store in stores:
        store.close()


@pytest.fixture
def keeper(opened: Callable[..., Store]) -> Keeper:
    return Keeper(opened(), Keys(SALT), DAYS)
