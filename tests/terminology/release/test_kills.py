"""A build that is killed at any moment leaves the release in force whole, and the next build clears up."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# A process that forks one build for each moment: the child kills itself just before its n-th event of the file system
# (an audit event: open, rename, mkdir, remove …). The parent then opens what `out` stands for, and builds once more.
DRIVER = r"""
import json, os, shutil, signal, sys
from pathlib import Path
from terminology.release.build import build
from terminology.release.reader import open_release

work, old, new = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
out, pristine = work / "out", work / "pristine"
WATCHED = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree"}


def killed_at(moment):
    pid = os.fork()
    if pid:
        return os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    seen = 0

    def watch(event, arguments):
        nonlocal seen
        if event in WATCHED and str(out) in str(arguments[0]):
            seen += 1
            if seen == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    try:
        build(new, out)
    finally:
        os._exit(0)


def state():
    return {"id": open_release(out).id, "names": sorted(path.name for path in out.iterdir())}


build([old], pristine)
results, killed = [], True
while killed:
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(pristine, out)
    before = state()
    killed = killed_at(len(results) + 1)
    after = state()
    build(new, out)
    results.append({"killed": killed, "before": before, "after": after, "again": state()})
print(json.dumps(results))
"""


@pytest.fixture(scope="module")
def moments(sample, tmp_path_factory):
    """For each moment, what `out` was before, after the kill, and after one more build. The last had no kill."""
    old, new = sample / "lists", [sample / "lists", sample / "hcpcs", sample / "ncci"]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, tmp_path_factory.mktemp("kills"), old, *new],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_after_a_kill_the_old_release_opens_whole_until_the_moment_of_the_switch_and_then_the_new(moments):
    assert len(moments) > 40
    assert [moment["killed"] for moment in moments] == [True] * (len(moments) - 1) + [False]
    old, new = moments[0]["before"]["id"], moments[-1]["after"]["id"]
    found = [moment["after"]["id"] for moment in moments]
    switched = found.index(new)
    assert found == [old] * switched + [new] * (len(moments) - switched)
    assert switched < len(moments) - 1


def test_the_next_build_succeeds_and_removes_what_the_killed_one_left(moments):
    assert any(name.startswith(".partial-") for moment in moments for name in moment["after"]["names"])
    assert all(moment["again"] == moments[-1]["after"] for moment in moments)
