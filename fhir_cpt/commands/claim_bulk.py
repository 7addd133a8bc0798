"""Claims by the thousand, for machines: files are read, checked and answered piece by piece, on several cores."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from msgspec import msgpack

from fhir_cpt.bulk.workers import Work, WorkerLost, Workers, cores
from fhir_cpt.commands.claim_files import Document, Piece, pieces
from fhir_cpt.commands.claim_results import Result, Tally
from fhir_cpt.commands.claim_writers import Encoder, sum_up
from fhir_cpt.commands.console import CommandError, complain
from terminology.model import Edition
from terminology.period import Day

SMALL = 8 << 20
"""Bytes that are worked on before other processes are started, which takes as long as some two thousand claims."""


class Answered(NamedTuple):
    """The answer to a piece: lines for standard output, complaints for standard error, and the sum."""

    text: bytes
    complaints: list[str]
    unread: int
    verdicts: dict[str, int]
    editions: list[Edition]
    stale: list[tuple[Edition, Day]]

    @property
    def tally(self) -> Tally:
        """The sum."""
        return Tally(self.unread, Counter(self.verdicts), dict.fromkeys(self.editions), dict(self.stale))


class Checker:
    """Checks pieces, in whichever process."""

    def __init__(self, check: Callable[[Document], Result | str], encoder: Encoder) -> None:
        """`check` tells what was found in a document, or why it could not be checked."""
        self._check = check
        self._encoder = encoder

    def __call__(self, piece: Piece) -> Answered:
        """The answer to the piece: all of its documents, in their order."""
        tally = Tally()
        lines: list[bytes] = []
        complaints: list[str] = []
        for document in piece.documents():
            found = self._check(document)
            if isinstance(found, Result):
                for claim in found.claims:
                    tally.count(claim)
                lines.append(self._encoder.result(found))
            else:
                tally.unread += 1
                lines.append(self._encoder.unread(document, found))
                complaints.append(f"{document.place}: {found}{document.spot}")
        stale = list(tally.stale.items())
        return Answered(b"".join(lines), complaints, tally.unread, dict(tally.verdicts), list(tally.editions), stale)


def run(names: Iterable[str], own: Checker, jobs: int | None, make: Callable[..., Checker], *arguments: Any) -> int:
    """Answer the files on standard output in their order, and return the exit status.

    `own` works here; `make(*arguments)` makes its like in each of `jobs` processes (None: one for each core, where
    there is much to do). Raises CommandError where one of them is lost: what it worked on has no answer.
    """
    tally = Tally()
    out = sys.stdout.buffer
    try:
        for answered in _answers(pieces(names), own, jobs, make, arguments):
            out.write(answered.text)
            out.flush()
            for text in answered.complaints:
                complain(text)
            tally.add(answered.tally)
    except WorkerLost as lost:
        raise CommandError(f"{lost}; the answers end here, and what follows was not checked") from None
    sum_up(tally)
    return tally.status


def _answers(
    coming: Iterator[Piece], own: Checker, jobs: int | None, make: Callable[..., Checker], arguments: tuple[Any, ...]
) -> Iterator[Answered]:
    count, done = jobs or cores(), 0
    for piece in coming:
        if count > 1 and (jobs or done >= SMALL):
            with Workers(count, _work, make, *arguments) as workers:
                messages = map(msgpack.encode, chain((piece,), coming))
                yield from map(msgpack.Decoder(Answered).decode, workers.answers(messages))
            return
        yield own(piece)
        done += piece.size


def _work(make: Callable[..., Checker], *arguments: Any) -> Work:
    checker, decoder = make(*arguments), msgpack.Decoder(Piece)
    return lambda message: msgpack.encode(checker(decoder.decode(message)))
