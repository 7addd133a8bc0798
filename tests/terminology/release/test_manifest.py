from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from terminology.errors import ReleaseMismatch, ReleaseNotFound
from terminology.model import PLACE_OF_SERVICE, Concept
from terminology.release import manifest
from terminology.release.reader import open_release


@pytest.fixture
def folder(batch, compiled):
    """A small release with one table."""
    return compiled(batch("pos", [Concept("11", "Bench"), Concept("12", "Lawn")], basis="undated")).folder


def rewrite(folder, **changes):
    """Change top-level members of the manifest, keeping its id true."""
    path = folder / manifest.NAME
    changed = msgspec.convert(json.loads(path.read_bytes()) | changes, manifest.Manifest)
    path.write_bytes(manifest.encode(msgspec.structs.replace(changed, id=manifest.identity(changed))))


def test_a_release_as_it_was_built_verifies(folder):
    assert manifest.verify(folder).id == folder.name
    assert manifest.read(folder) == manifest.verify(folder)


def test_a_release_verifies_wherever_it_is_moved(folder, tmp_path):
    moved = shutil.copytree(folder, tmp_path / "elsewhere")
    assert open_release(moved).id == folder.name


@pytest.mark.parametrize("other", [0, 2, 99])
def test_a_release_of_another_format_says_so(folder, other):
    rewrite(folder, format=other)
    with pytest.raises(ReleaseMismatch, match=f"release of format {other}, this software reads format 1; build it"):
        open_release(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": "1"}', b"\xff\xfe"])
def test_a_manifest_that_cannot_be_read_is_named(folder, content):
    (folder / manifest.NAME).write_bytes(content)
    with pytest.raises(ReleaseMismatch, match=r"manifest\.json: cannot be read"):
        open_release(folder)


def test_a_manifest_that_was_changed_is_found_out(folder):
    path = folder / manifest.NAME
    content = json.loads(path.read_bytes())
    content["tables"][0]["edition"][1] = "2025"
    path.write_bytes(json.dumps(content).encode())
    with pytest.raises(ReleaseMismatch, match=r"manifest\.json: was changed after the release was built"):
        open_release(folder)


@pytest.mark.parametrize("check", [True, False])
def test_a_missing_table_is_named(folder, check):
    (table,) = folder.glob("*.table")
    table.unlink()
    with pytest.raises(ReleaseMismatch, match=table.name):
        open_release(folder, check=check)


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
@pytest.mark.parametrize("check", [True, False])
def test_a_table_that_was_cut_short_is_named(folder, keep, check):
    (table,) = folder.glob("*.table")
    table.write_bytes(table.read_bytes()[: keep if keep >= 0 else -1])
    with pytest.raises(ReleaseMismatch, match=table.name):
        open_release(folder, check=check)


def test_a_byte_that_was_flipped_is_found_wherever_it_is(folder):
    (table,) = folder.glob("*.table")
    content = table.read_bytes()
    for at in range(0, len(content), len(content) // 40):
        table.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(ReleaseMismatch, match=f"{table.name}: is not the file that the manifest describes"):
            manifest.verify(folder)


@pytest.mark.parametrize("shape", ["concepts", "keyed", "ptp"])
def test_a_table_of_an_unknown_kind_is_named(folder, shape):
    entry = json.loads((folder / manifest.NAME).read_bytes())["tables"][0]
    entry["edition"][0] = "wands"
    rewrite(folder, tables=[entry | {"shape": shape}])
    with pytest.raises(ReleaseMismatch, match=rf"{entry['file']}: a table of a kind \(wands\)"):
        open_release(folder)


def test_a_table_of_an_unknown_shape_is_refused(folder):
    content = json.loads((folder / manifest.NAME).read_bytes())
    content["tables"][0]["shape"] = "graph"
    (folder / manifest.NAME).write_bytes(json.dumps(content).encode())
    with pytest.raises(ReleaseMismatch, match="cannot be read"):
        open_release(folder)


def test_a_file_that_the_manifest_does_not_name_is_not_opened(folder):
    (folder / "wands.table").write_bytes(b"?")
    assert list(open_release(folder).code_systems) == [PLACE_OF_SERVICE]


@pytest.mark.parametrize("make", [Path.exists, Path.mkdir, Path.touch], ids=["nothing", "an empty folder", "a file"])
def test_where_there_is_no_release_the_message_says_how_to_make_one(tmp_path, make):
    make(tmp_path / "none")
    with pytest.raises(ReleaseNotFound, match=r"none: no release here; make one with `fhir-cpt build --out"):
        open_release(tmp_path / "none")


@pytest.mark.parametrize("name", [b"0123456789abcdef\n", b"\n", b"\xff\n", b"../x\n"])
def test_a_current_that_names_no_release_is_not_followed(folder, name):
    (folder.parent / manifest.CURRENT).write_bytes(name)
    with pytest.raises(ReleaseNotFound):
        open_release(folder.parent)


def test_the_id_covers_tables_sources_and_terms_but_not_the_hour(folder):
    made = manifest.read(folder)
    assert manifest.identity(msgspec.structs.replace(made, created="", software="", id="")) == made.id
    for change in (
        {"experimental": True},
        {"licences": (manifest.Licence("http://x", "notice", 5),)},
        {"sources": (manifest.SourceFile("a.csv", "00", 1),)},
        {"tables": ()},
    ):
        assert manifest.identity(msgspec.structs.replace(made, **change)) != made.id
