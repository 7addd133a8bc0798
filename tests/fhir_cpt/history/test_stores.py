"""What both stores do alike, and what each must do alone."""

from __future__ import annotations

import socket
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from fhir_cpt.history import redis as redis_store
from fhir_cpt.history import sqlite as sqlite_store
from fhir_cpt.history.keys import Keys
from fhir_cpt.history.redis import RedisStore
from fhir_cpt.history.sqlite import SqliteStore
from fhir_cpt.history.store import Document, Info, Store, StoreRefused, StoreUnavailable, TooMuchKept
from fhir_cpt.upstream.breaker import Breaker

from .conftest import SALT

Open = Callable[..., Store]


def document(name: str, patient: str, body: str = "", last: int = 20261001) -> Document:
    names, patients = (tuple(part.encode() for part in text.split()) for text in (name, patient))
    return Document(names, patients, last, body.encode() or name.encode())


def test_a_document_is_found_under_each_of_its_patients_keys_and_once_under_all(opened: Open) -> None:
    store = opened()
    assert store.put(document("a", "p1 p2")) is False
    assert store.put(document("b", "p2")) is False
    assert sorted(store.find([b"p1", b"p2"])) == [b"a", b"b"]
    assert store.find([b"p1"]) == [b"a"]
    assert store.find([b"p3"]) == []
    assert store.find([]) == []


def test_what_has_one_of_its_names_is_replaced(opened: Open) -> None:
    store = opened()
    store.put(document("a x", "p1", "first"))
    store.put(document("b", "p1", "other"))
    assert store.put(document("x y", "p1", "second")) is True
    assert sorted(store.find([b"p1"])) == [b"other", b"second"]
    assert store.remove([b"a"]) == 0
    assert store.put(document("y b", "p1", "one for two")) is True
    assert store.find([b"p1"]) == [b"one for two"]


def test_a_replacement_for_another_patient_takes_the_first_one_away(opened: Open) -> None:
    store = opened()
    store.put(document("a", "p1"))
    store.put(document("a", "p2"))
    assert store.find([b"p1"]) == []
    assert store.find([b"p2"]) == [b"a"]


def test_what_is_removed_is_gone_under_all_keys(opened: Open) -> None:
    store = opened()
    store.put(document("a x", "p1 p2"))
    assert store.remove([b"x", b"a"]) == 1
    assert store.remove([b"x"]) == 0
    assert store.find([b"p1", b"p2"]) == []
    assert store.info() == Info(0, 0, None)


def test_what_grew_old_is_forgotten(opened: Open) -> None:
    store = opened()
    for name, last in (("a", 20230101), ("b", 20230102), ("c", 20230103)):
        store.put(document(name, "p", last=last))
    assert store.info() == Info(3, 1, 20230101)
    assert store.forget(20230102) == 1
    assert sorted(store.find([b"p"])) == [b"b", b"c"]
    assert store.forget(20230102) == 0


def test_a_patient_is_forgotten(opened: Open) -> None:
    store = opened()
    for name, patient in (("a", "p1 p2"), ("b", "p2"), ("c", "p3")):
        store.put(document(name, patient))
    assert store.forget_patient([b"p2"]) == 2
    assert store.find([b"p1", b"p2", b"p3"]) == [b"c"]


def test_bytes_come_back_as_they_were(opened: Open) -> None:
    store = opened()
    store.put(Document((b"\x00a",), (b"\xff",), 20260101, bytes(range(256))))
    assert store.find([b"\xff"]) == [bytes(range(256))]


def test_what_is_kept_is_there_when_the_store_is_opened_again(opened: Open) -> None:
    opened().put(document("a", "p"))
    assert opened().find([b"p"]) == [b"a"]


def test_a_store_of_another_salt_is_refused(opened: Open) -> None:
    opened()
    with pytest.raises(StoreRefused, match="FHIR_CPT_HISTORY_SALT"):
        opened("another secret of sixteen characters")


def test_a_store_of_another_form_is_refused(opened: Open, place: str) -> None:
    opened().close()
    if "://" in place:
        with Redis.from_url(place) as client:
            client.set("fhir-cpt:history:about", f"0 {Keys(SALT).seal}")
    else:
        with sqlite3.connect(place) as connection:
            connection.execute("UPDATE about SET value = '0' WHERE name = 'form'")
        connection.close()
    with pytest.raises(StoreRefused, match="of form 0"):
        opened()


def test_threads_that_put_at_once_lose_nothing(opened: Open) -> None:
    stores = [opened(), opened()]

    def put(at: int) -> None:
        for number in range(25):
            stores[at % 2].put(document(f"{at}-{number}", f"p{number % 5}"))

    threads = [threading.Thread(target=put, args=(at,)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stores[0].info().documents == 100
    assert len(stores[1].find([b"p0"])) == 20


@given(st.lists(st.tuples(st.sampled_from(["put", "remove"]), st.sets(st.sampled_from("abc"), min_size=1)), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
def test_a_store_is_a_mapping_of_names_in_which_documents_may_have_several(
    opened: Open, steps: list[tuple[str, set[str]]]
) -> None:
    store = opened()
    store.remove([b"a", b"b", b"c"])
    model: list[tuple[frozenset[str], bytes]] = []
    for at, (step, names) in enumerate(steps):
        hit = [item for item in model if not item[0].isdisjoint(names)]
        model = [item for item in model if item not in hit]
        if step == "put":
            body = str(at)
            assert store.put(document(" ".join(sorted(names)), "p", body)) is bool(hit)
            model.append((frozenset(names), body.encode()))
        else:
            assert store.remove([name.encode() for name in sorted(names)]) == len(hit)
        assert sorted(store.find([b"p"])) == sorted(body for _, body in model)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "history.db", "seal")
    store.put(document("a", "p"))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}, modes
    store.close()


@pytest.mark.parametrize("kind", ["absent folder", "folder", "no database"])
def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path, kind: str) -> None:
    path = {"absent folder": tmp_path / "absent" / "h.db", "folder": tmp_path, "no database": tmp_path / "text"}[kind]
    if kind == "no database":
        path.write_text("this is no database, and long enough to be told from an empty file " * 20)
    with pytest.raises(StoreRefused, match="cannot be kept in"):
        SqliteStore(path, "seal")


def test_a_file_that_cannot_be_read_any_more_is_said_to_be_unavailable(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "history.db", "seal")
    store.close()
    with pytest.raises(StoreUnavailable):
        store.find([b"p"])
    with pytest.raises(StoreUnavailable):
        store.put(document("a", "p"))


def test_a_redis_that_is_down_does_not_stop_a_server_and_is_left_alone(tmp_path: Path) -> None:
    breaker = Breaker(failures=2, rest=60)
    store = RedisStore(f"unix://{tmp_path}/absent", "seal", breaker)
    for _ in range(4):
        with pytest.raises(StoreUnavailable):
            store.find([b"p"])
    assert breaker.state == "open"
    store.close()


def test_a_redis_that_is_silent_is_given_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        store = RedisStore(f"unix://{tmp_path}/s", "seal", Breaker(failures=1, rest=60))
        with pytest.raises(StoreUnavailable):
            store.put(document("a", "p"))
        store.close()


def test_a_redis_of_another_salt_that_was_down_at_the_start_is_not_used(redis_url: str, tmp_path: Path) -> None:
    with Redis.from_url(redis_url) as client:
        client.flushdb()
    RedisStore(redis_url, "first").close()
    store = RedisStore(f"unix://{tmp_path}/absent", "second")
    store._client.connection_pool.connection_kwargs["path"] = redis_url.removeprefix("unix://")
    with pytest.raises(StoreUnavailable):
        store.put(document("a", "p"))
    store.close()


def test_a_redis_that_holds_something_else_under_the_key_is_refused(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        client.set("fhir-cpt:history:about", b"\xff")
    with pytest.raises(StoreRefused, match="of form"):
        RedisStore(redis_url, "seal")


def test_a_full_disk_loses_nothing_and_stops_nothing_once_there_is_room_again(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    store = SqliteStore(path, Keys(SALT).seal)
    store.put(document("a", "p1", "first"))
    store._writer.execute("PRAGMA max_page_count = 20")
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="full"):
            store.put(document("a", "p1", "x" * 200_000))
        assert store.find([b"p1"]) == [b"first"]
    store._writer.execute("PRAGMA max_page_count = 1000000")
    assert store.put(document("a", "p1", "second"))
    assert store.find([b"p1"]) == [b"second"]
    store.close()


def test_a_change_that_cannot_be_finished_leaves_the_store_ready_for_the_next(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "history.db", Keys(SALT).seal)

    def put_what_cannot_be_finished() -> None:
        with store._transaction() as write:
            write.execute("PRAGMA defer_foreign_keys = ON")
            write.execute("INSERT INTO names VALUES (?, ?)", (b"of nothing", 4711))

    with pytest.raises(StoreUnavailable, match="FOREIGN KEY"):
        put_what_cannot_be_finished()
    assert store.put(document("a", "p1")) is False
    store.close()


def test_more_than_is_read_of_a_patient_is_refused(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (redis_store, sqlite_store):
        monkeypatch.setattr(module, "MOST_FOUND", 5)
    store = opened()
    store.put(document("a", "p1", "123"))
    store.put(document("b", "p1", "12"))
    store.put(document("c", "p2", "1"))
    assert sorted(store.find([b"p1"])) == [b"12", b"123"]
    with pytest.raises(TooMuchKept):
        store.find([b"p1", b"p2"])
    assert store.find([b"p2"]) == [b"1"]


def test_a_locked_file_is_waited_for_once_and_left_alone_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_store, "_PATIENCE", 0.1)
    path = tmp_path / "history.db"
    store = SqliteStore(path, Keys(SALT).seal)
    store.put(document("a", "p1"))
    store._breaker = Breaker(failures=1, rest=3600)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="database is locked"):
        store.put(document("b", "p1"))
    other.execute("ROLLBACK")
    other.close()
    with pytest.raises(StoreUnavailable, match="left alone"):
        store.put(document("b", "p1"))
    assert store.find([b"p1"]) == [b"a"]
    store._breaker = Breaker(failures=1, rest=3600)
    assert store.put(document("b", "p1")) is False
    store.close()


def test_a_change_does_not_wait_for_ever_for_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteStore(tmp_path / "history.db", Keys(SALT).seal)
    monkeypatch.setattr(sqlite_store, "_PATIENCE", 0.01)
    with store._writing, pytest.raises(StoreUnavailable, match="takes too long"):
        store.put(document("a", "p1"))
    assert store.put(document("a", "p1")) is False
    store.close()


@pytest.mark.parametrize("replaced", [False, True], ids=["removed", "replaced"])
def test_nothing_is_put_into_a_file_that_is_not_there_any_more(tmp_path: Path, *, replaced: bool) -> None:
    path = tmp_path / "history.db"
    store = SqliteStore(path, Keys(SALT).seal)
    path.rename(tmp_path / "elsewhere.db")
    if replaced:
        path.touch()
    with pytest.raises(StoreUnavailable, match="removed or replaced"):
        store.put(document("a", "p1"))
    store.close()


@pytest.mark.parametrize(
    "url",
    [
        "redis://[",
        "redis://u:secret@127.0.0.1:99999/0",
        "redis://u:secret",
        "redis://u:secret@127.0.0.1:1/0?foo=bar",
        "redis://u:secret@127.0.0.1:1/0?socket_timeout=abc",
    ],
)
def test_a_redis_url_that_cannot_be_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreRefused, match="Redis URL") as refused:
        RedisStore(url, Keys(SALT).seal)
    assert "secret" not in str(refused.value)
