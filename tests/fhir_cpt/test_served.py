"""A release in use is replaced by a new one without anybody noticing, and never by a broken one."""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fhir_cpt.served import Source
from terminology.errors import ReleaseError
from terminology.importers.source import Batch
from terminology.model import HCPCS, Concept, Edition
from terminology.period import Period
from terminology.queries.lookup import lookup
from terminology.release.compiler import compile_release
from terminology.release.manifest import CURRENT, NAME

DAY = 20260815


def make(out: Path, display: str) -> Path:
    """A release whose one code has that display, made the current one."""
    edition = Edition("hcpcs", "2026-07", *Period(20260701, 20260930), "rows")
    return compile_release([Batch(edition, [Concept("A0001", display)], 1)], [], out)[0]


def display(source: Source) -> str | None:
    return lookup(source.get().on(DAY), HCPCS, "A0001").located.concept.display


def wait_for(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def activate(out: Path, name: str) -> None:
    (out / "next").write_text(name)
    (out / "next").replace(out / CURRENT)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    make(tmp_path, "first")
    return Source(tmp_path, interval=0.0)


def test_a_new_release_is_served_once_it_is_current(tmp_path: Path, source: Source) -> None:
    assert display(source) == "first"
    make(tmp_path, "second")
    assert wait_for(lambda: display(source) == "second")


def test_what_was_taken_before_stays_whole_until_it_is_let_go(tmp_path: Path, source: Source) -> None:
    before = source.get()
    first = before.release.folder
    make(tmp_path, "second")
    assert wait_for(lambda: display(source) == "second")
    shutil.rmtree(first)
    assert lookup(before.on(DAY), HCPCS, "A0001").located.concept.display == "first"


def test_the_payer_packs_are_kept(tmp_path: Path, source: Source) -> None:
    packs = source.get().packs.definitions
    make(tmp_path, "second")
    assert wait_for(lambda: display(source) == "second")
    assert source.get().packs.definitions is packs


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / NAME).unlink(),
        lambda folder: (folder / NAME).write_text("nonsense"),
        lambda folder: next(folder.glob("*.table")).write_bytes(b"nonsense"),
        lambda folder: next(folder.glob("*.table")).unlink(),
        shutil.rmtree,
    ],
    ids=["no-manifest", "bad-manifest", "bad-table", "no-table", "no-folder"],
)
def test_a_broken_release_is_logged_and_the_old_one_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], object]
) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    make(out, "first")
    source = Source(out, interval=0.0)
    broken = make(elsewhere, "broken")
    shutil.move(broken, out)
    damage(out / broken.name)
    with caplog.at_level(logging.ERROR, "fhir_cpt.served"):
        activate(out, broken.name)
        source.get()
        assert wait_for(lambda: bool(caplog.records))
    assert "the new release is not served" in caplog.text
    assert str(broken.name) in caplog.text
    for _ in range(20):
        assert display(source) == "first"
    assert len(caplog.records) == 1
    make(out, "third")
    assert wait_for(lambda: display(source) == "third")


def test_a_failure_nobody_thought_of_leaves_the_old_release_in_use(
    tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr("fhir_cpt.served.Served", fail)
    make(tmp_path, "second")
    source.get()
    assert wait_for(lambda: "no room" in caplog.text)
    assert display(source) == "first"


def test_while_no_release_is_named_the_one_in_use_stays(tmp_path: Path, source: Source) -> None:
    (tmp_path / CURRENT).unlink()
    assert display(source) == "first"
    make(tmp_path, "second")
    assert wait_for(lambda: display(source) == "second")


def test_the_folder_is_not_looked_at_before_the_interval_is_over(tmp_path: Path) -> None:
    make(tmp_path, "first")
    source = Source(tmp_path, interval=3600)
    make(tmp_path, "second")
    assert {display(source) for _ in range(100)} == {"first"}
    assert not [thread for thread in threading.enumerate() if thread.name == "fhir-cpt-release"]


def test_a_folder_without_a_release_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="fhir-cpt build"):
        Source(tmp_path)


def test_a_release_may_be_named_itself(tmp_path: Path) -> None:
    source = Source(make(tmp_path, "first"), interval=0.0)
    make(tmp_path, "second")
    assert {display(source) for _ in range(20)} == {"first"}


def test_sixteen_threads_see_one_release_or_the_other_and_no_failure(tmp_path: Path, source: Source) -> None:
    seen: list[list[str | None]] = []
    failures: list[BaseException] = []
    stop = threading.Event()

    def ask() -> None:
        mine: list[str | None] = []
        try:
            while not stop.is_set():
                found = display(source)
                if not mine or mine[-1] != found:
                    mine.append(found)
        except BaseException as failure:
            failures.append(failure)
        seen.append(mine)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    names = ["first", "second", "third", "fourth"]
    for name in names[1:]:
        make(tmp_path, name)
        assert wait_for(lambda wanted=name: display(source) == wanted)  # type: ignore[misc]
    stop.set()
    for thread in threads:
        thread.join(20)
    assert failures == []
    assert len(seen) == 16
    for mine in seen:
        assert mine == [name for name in names if name in mine]  # each once, in order


def test_a_refused_release_that_is_mended_in_place_is_served(tmp_path: Path, source: Source) -> None:
    whole = make(tmp_path, "second")
    table = next(whole.glob("*.table"))
    kept = table.read_bytes()
    table.write_bytes(kept[:-1])
    assert display(source) == "first"
    assert wait_for(lambda: source._refused is not None)
    assert display(source) == "first"
    table.write_bytes(kept)
    os.utime(whole / NAME)
    assert wait_for(lambda: display(source) == "second")
