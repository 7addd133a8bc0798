"""A circuit breaker: whom to leave alone for a while. No clock of its own: the time is told with every call."""

from __future__ import annotations

from typing import Literal

State = Literal["closed", "open", "half-open"]


class Breaker:
    """Opens after `failures` in a row, and stays open for `rest` seconds; then one probe is let through.

    Closed: all are admitted. Open: none is. Half-open: one is admitted, the probe, whose success closes it and whose
    failure opens it again. Each that is admitted ends in `succeeded`, `failed` or `abandoned`; those admitted before
    it opened count as evidence too.
    """

    def __init__(self, failures: int = 5, rest: float = 30.0) -> None:
        self._most = failures
        self._rest = rest
        self._failures = 0
        self._until = 0.0
        self._probing = False
        self.state: State = "closed"

    def admits(self, now: float) -> bool:
        """Whether to go ahead at the time `now`, in seconds of any clock that does not go back."""
        if self.state == "closed":
            return True
        if self.state == "open" and now >= self._until:
            self.state = "half-open"
        if self.state == "open" or self._probing:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """It works: closed from now on."""
        self.state, self._failures, self._probing = "closed", 0, False

    def failed(self, now: float) -> None:
        """It does not work."""
        self._failures += 1
        if self.state != "closed" or self._failures >= self._most:
            self.state, self._until, self._probing = "open", now + self._rest, False

    def abandoned(self) -> None:
        """Nothing was learnt: given up before it could succeed or fail. The next one is the probe."""
        self._probing = False
