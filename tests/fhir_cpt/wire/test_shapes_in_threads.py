"""Shapes are built when first met, and a server checks claims in several threads from its first request on."""

from __future__ import annotations

import subprocess
import sys

_COLD = """
import json, sys, threading
from fhir_cpt.claims import shorthand
from fhir_cpt.wire.structure import check
sys.setswitchinterval(1e-6)
raw = json.dumps(shorthand.claim({"lines": ["99213"] * 20})).encode()
start = threading.Barrier(8)
found = []
def run():
    start.wait()
    found.append(check("r4", "Claim", raw))
threads = [threading.Thread(target=run) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert found == [[]] * 8, found
"""


def test_threads_that_meet_a_shape_at_once_in_a_new_process_do_not_end_it() -> None:
    for _ in range(4):  # before shapes were built one at a time, more than half of such processes crashed
        done = subprocess.run([sys.executable, "-c", _COLD], capture_output=True, text=True, check=False)
        assert done.returncode == 0, (done.returncode, done.stderr)
