"""What clients leave with the server stays within bounds."""

from __future__ import annotations

import threading
import time

import pytest

from fhir_cpt.errors import RequestError
from fhir_cpt.sessions import Sessions


def resource(url: str, version: str = "1") -> dict[str, str]:
    return {"resourceType": "ValueSet", "url": url, "version": version}


def test_what_was_left_is_there_again_and_the_later_of_one_version_counts() -> None:
    sessions = Sessions(10, 1000, 60)
    sessions.joined("me", [resource("a"), resource("b")], 10)
    changed = {**resource("a"), "title": "new"}
    found = sessions.joined("me", [changed, resource("a", "2")], 10)
    assert found == [changed, resource("b"), resource("a", "2")]
    assert sessions.joined("other", [], 0) == []


def test_the_session_not_used_for_longest_goes_first() -> None:
    sessions = Sessions(2, 1000, 60)
    for name in ("one", "two"):
        sessions.joined(name, [resource(name)], 10)
    sessions.joined("one", [], 0)
    sessions.joined("three", [resource("three")], 10)
    assert len(sessions) == 2
    assert sessions.joined("one", [], 0) == [resource("one")]
    assert sessions.joined("two", [], 0) == []


def test_sessions_together_stay_below_the_size() -> None:
    sessions = Sessions(100, 100, 60)
    for number in range(20):
        sessions.joined(str(number), [resource(str(number))], 30)
        assert len(sessions) <= 3
    assert sessions.joined("19", [], 0) == [resource("19")]


@pytest.mark.parametrize(("count", "size"), [(1, 101), (1001, 50)])
def test_a_session_that_grows_too_large_is_refused_and_forgotten(count: int, size: int) -> None:
    sessions = Sessions(10, 100, 60)
    with pytest.raises(RequestError) as error:
        sessions.joined("me", [resource(str(number)) for number in range(count)], size)
    assert error.value.status == 413
    assert sessions.joined("me", [], 0) == []


def test_what_is_not_used_in_time_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Sessions(10, 1000, 60)
    sessions.joined("me", [resource("a")], 10)
    later = time.monotonic() + 61
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert sessions.joined("me", [], 0) == []


def test_without_sessions_nothing_is_held() -> None:
    sessions = Sessions(0, 1000, 60)
    assert not sessions
    assert sessions.joined("me", [resource("a")], 10) == [resource("a")]
    assert sessions.joined("me", [], 0) == []


def test_threads_do_not_lose_count() -> None:
    sessions = Sessions(5, 10_000, 60)

    def work(name: str) -> None:
        for number in range(200):
            sessions.joined(name, [resource(str(number % 7))], 1)

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sessions) <= 5
    for number in range(8):
        sessions.joined(str(number), [], 0)
    assert sessions._total == sum(held.size for held in sessions._held.values())
