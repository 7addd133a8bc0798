from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from terminology.edits import Mue
from terminology.errors import ReleaseBusy, ReleaseError
from terminology.model import CPT, Concept
from terminology.release import compiler, manifest
from terminology.release.compiler import compile_release
from terminology.release.manifest import Licence, SourceFile
from terminology.release.reader import open_release


def tree(folder: Path) -> dict[str, bytes]:
    """All files below the folder with their content, but for the lock."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "build.lock"
    }


def releases(out: Path) -> list[str]:
    """The folders in a folder of releases."""
    return sorted(path.name for path in out.iterdir() if path.is_dir())


@pytest.fixture
def old(batch, compiled):
    """A release in force."""
    return compiled(batch("pos", [Concept("11", "Bench")], basis="undated"))


@pytest.fixture
def newer(batch):
    """Batches of another release."""
    return [batch("pos", [Concept("12", "Lawn")], basis="undated"), batch("mue-dme", [Mue("A1001", 1, 3, "Roses")])]


def test_a_release_is_a_folder_named_by_its_id_and_current_points_to_it(old, tmp_path):
    assert (tmp_path / "out" / "current").read_text() == f"{old.id}\n"
    assert sorted(path.name for path in old.folder.iterdir()) == ["manifest.json", "pos-2024.table"]
    assert open_release(tmp_path / "out").id == old.id == old.folder.name


def test_the_same_content_gives_the_same_release_which_is_left_alone(old, batch, compiled):
    before = {path.name: path.stat().st_ino for path in old.folder.iterdir()}
    again = compiled(batch("pos", [Concept("11", "Bench")], basis="undated"))
    assert again.folder == old.folder
    assert {path.name: path.stat().st_ino for path in old.folder.iterdir()} == before
    assert releases(old.folder.parent) == [old.id]


@pytest.mark.parametrize(
    "options",
    [
        {"experimental": True},
        {"licences": [Licence(CPT, "notice", 7)]},
        {"sources": [SourceFile("pos.csv", "00", 1, "place of service codes", 1, ((2, "no code"),))]},
    ],
    ids=["experimental", "terms", "sources"],
)
def test_other_terms_or_sources_give_another_release(old, batch, tmp_path, options):
    options = {"sources": []} | options
    folder, _ = compile_release(
        [batch("pos", [Concept("11", "Bench")], basis="undated")], out=tmp_path / "out", **options
    )
    assert folder != old.folder
    assert open_release(tmp_path / "out").id == folder.name


def test_a_release_that_was_damaged_is_built_anew(old, batch, compiled):
    (table,) = old.folder.glob("*.table")
    content = table.read_bytes()
    table.write_bytes(content[:-1])
    compiled(batch("pos", [Concept("11", "Bench")], basis="undated"))
    assert table.read_bytes() == content
    assert releases(old.folder.parent) == [old.id]


def test_the_release_before_is_kept_and_older_ones_are_removed(batch, compiled, tmp_path):
    made = [compiled(batch("pos", [Concept(code)], basis="undated")) for code in ("11", "12", "13", "14")]
    for at, release in enumerate(made):
        os.utime(release.folder, (at, at)) if release.folder.exists() else None
    assert releases(tmp_path / "out") == sorted(release.id for release in made[-2:])
    assert made[0].code_systems  # the maps of what is open stay valid
    assert next(iter(made[0].code_systems.values())).versions[0].locate("11") is not None


def test_what_a_killed_build_left_is_removed(old, newer, tmp_path):
    out = tmp_path / "out"
    (out / ".partial-release").mkdir()
    (out / ".partial-release" / "pos-2024.table").write_bytes(b"half")
    (out / ".partial-0123456789abcdef").mkdir()
    (out / ".partial-current").write_text("half")
    folder, _ = compile_release(newer, [], out)
    assert sorted(path.name for path in out.iterdir()) == sorted(["build.lock", "current", folder.name, old.id])


def test_two_builds_at_once_are_refused_with_a_message(old, newer, tmp_path):
    before = tree(tmp_path / "out")
    with (tmp_path / "out" / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ReleaseBusy, match="out: another build is writing here; try again when it has ended"):
            compile_release(newer, [], tmp_path / "out")
    assert tree(tmp_path / "out") == before
    compile_release(newer, [], tmp_path / "out")


def test_a_build_of_nothing_makes_no_folder(tmp_path):
    with pytest.raises(ReleaseError, match="nothing to build"):
        compile_release([], [], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_out_that_is_a_file_is_refused_and_kept(newer, tmp_path):
    (tmp_path / "out").write_bytes(b"precious")
    with pytest.raises(ReleaseError, match="out: the release cannot be written: File exists"):
        compile_release(newer, [], tmp_path / "out")
    with pytest.raises(ReleaseError, match="out/x: the release cannot be written: Not a directory"):
        compile_release(newer, [], tmp_path / "out" / "x")
    assert (tmp_path / "out").read_bytes() == b"precious"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_out_that_may_not_be_written_is_refused(old, newer, tmp_path):
    (tmp_path / "out").chmod(0o500)
    try:
        with pytest.raises(ReleaseError, match="Permission denied"):
            compile_release(newer, [], tmp_path / "out")
    finally:
        (tmp_path / "out").chmod(0o700)
    assert open_release(tmp_path / "out").id == old.id


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (compiler.concepts, "write"),
        (compiler.keyed, "write"),
        (compiler.manifest, "encode"),
        (compiler, "_flush"),
        (Path, "rename"),
        (Path, "replace"),
        (Path, "mkdir"),
    ],
    ids=lambda item: getattr(item, "__name__", item),
)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_where_the_disk_fails_the_release_in_force_stays(old, newer, tmp_path, monkeypatch, where, name, code):
    before = tree(tmp_path / "out")
    broken = []

    def fail(*_: object, **__: object) -> None:
        broken.append(name)
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(where, name, fail)
        with pytest.raises(ReleaseError, match=os.strerror(code)):
            compile_release(newer, [], tmp_path / "out")
    assert broken
    assert open_release(tmp_path / "out").id == old.id
    kept = {name: content for name, content in tree(tmp_path / "out").items() if name in before}
    assert kept == before
    assert not (tmp_path / "out" / ".partial-release").exists()
    folder, _ = compile_release(newer, [], tmp_path / "out")
    assert open_release(tmp_path / "out").folder == folder


def test_a_code_that_is_there_twice_stops_the_build_and_names_the_table(old, batch, tmp_path):
    before = tree(tmp_path / "out")
    with pytest.raises(ReleaseError, match="pos-2025: the code 11 is there twice"):
        compile_release([batch("pos", [Concept("11"), Concept("11", "x")], "2025")], [], tmp_path / "out")
    assert tree(tmp_path / "out") == before


def test_a_code_too_long_for_a_key_stops_the_build_and_names_the_table(batch, tmp_path):
    with pytest.raises(ReleaseError, match="mue-dme-2024: 'A10010000' cannot be a key"):
        compile_release([batch("mue-dme", [Mue("A10010000", 1, 3, "")])], [], tmp_path / "out")


def test_cpt_codes_from_public_files_are_served_under_a_notice_and_a_cap(batch, compiled):
    release = compiled(batch("mue-dme", [Mue("99213", 1, 3, "")], start=20240701, end=20240930))
    licence = release.licence(CPT)
    assert licence is not None
    assert (licence.licensed, licence.expansion_cap) == (False, compiler.EXPANSION_CAP)
    assert "no descriptors" in licence.notice


def test_a_release_without_cpt_has_no_terms(old):
    assert old.manifest.licences == ()
    assert old.licence(CPT) is None


def test_progress_ends_with_all_steps_done(newer, tmp_path):
    steps: list[tuple[str, int, int]] = []
    compile_release(newer, [], tmp_path / "out", progress=lambda *step: steps.append(step))
    assert steps == [("mue-dme-2024", 0, 2), ("pos-2024", 1, 2), ("manifest", 2, 2)]


def test_the_manifest_can_be_read_by_people(old):
    lines = (old.folder / manifest.NAME).read_text().splitlines()
    assert lines[0] == "{"
    assert any(line.strip().startswith('"sha256"') for line in lines)
