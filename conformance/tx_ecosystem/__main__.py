"""`python -m conformance.tx_ecosystem --suite DIR [--base-url URL] [--fhir r4|r5] [--loose]`.

Exit status: 0 all cases passed, 1 some failed, 2 nothing could be run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

import httpx

from conformance.tx_ecosystem.replay import Outcome, Send, in_process, over_http, replay
from conformance.tx_ecosystem.suite import Suite
from fhir_cpt.commands import sample
from fhir_cpt.dispatch import Dispatcher
from fhir_cpt.served import Source
from fhir_cpt.settings import Settings
from terminology.release.build import build


def main(arguments: list[str]) -> int:
    """Run the cases and say which failed."""
    parser = argparse.ArgumentParser(prog="python -m conformance.tx_ecosystem", description=__doc__)
    parser.add_argument("--suite", type=Path, required=True, help="the folder that holds test-cases.json")
    parser.add_argument("--base-url", help="the FHIR base of a server; the sample release in this process without it")
    parser.add_argument("--fhir", choices=("r4", "r5"), help="the version of FHIR; by the base URL's end without it")
    parser.add_argument("--mode", action="append", help="a mode to run (general)")
    parser.add_argument("--loose", action="store_true", help="count differences of punctuation alone as passed")
    given = parser.parse_args(arguments)
    try:
        suite = Suite(given.suite)
        extensions = suite.tested_extensions()
    except (OSError, ValueError) as error:
        print(f"{given.suite}: not a suite of cases: {error}", file=sys.stderr)  # noqa: T201
        return 2
    modes = tuple(given.mode or ("general",))
    version = given.fhir or ("r5" if (given.base_url or "").rstrip("/").endswith("r5") else "r4")
    try:
        with tempfile.TemporaryDirectory() as folder, httpx.Client(timeout=60) as client:
            send: Send
            if given.base_url:
                send = over_http(client, given.base_url)
            else:
                build([str(sample.sources())], Path(folder), experimental=True)
                settings = Settings(release=Path(folder))
                send = in_process(Dispatcher(version, Source(settings.release), settings))
            outcomes = list(replay(suite.cases(modes), send, version, extensions, modes))
    except (httpx.HTTPError, ValueError) as error:
        print(f"The cases could not be run: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return _told(outcomes, loose=given.loose)


def _told(outcomes: list[Outcome], *, loose: bool) -> int:
    """Print how the cases ended."""
    failed = [one for one in outcomes if one.reason is not None and not (loose and one.loose)]
    for one in failed:
        mark = " (punctuation alone)" if one.loose else ""
        print(f"{one.case.title}{mark}: {one.reason}")  # noqa: T201
    by_suite = Counter(one.case.suite for one in outcomes)
    bad = Counter(one.case.suite for one in failed)
    for name, count in by_suite.items():
        print(f"{name:<20} {count - bad[name]:>4} of {count}")  # noqa: T201
    print(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed")  # noqa: T201
    return 2 if not outcomes else 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
