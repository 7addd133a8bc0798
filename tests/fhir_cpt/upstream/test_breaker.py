"""The circuit breaker, by examples and against a model."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fhir_cpt.upstream.breaker import Breaker


def test_it_opens_after_failures_in_a_row_and_probes_after_its_rest() -> None:
    breaker = Breaker(failures=2, rest=10)
    breaker.failed(0)
    breaker.succeeded()
    breaker.failed(1)
    assert breaker.admits(1)
    breaker.failed(2)
    assert (breaker.state, breaker.admits(11.9)) == ("open", False)
    assert breaker.admits(12)
    assert (breaker.state, breaker.admits(12)) == ("half-open", False)


def test_the_probe_decides() -> None:
    breaker = Breaker(failures=1, rest=10)
    breaker.failed(0)
    assert breaker.admits(10)
    breaker.failed(11)
    assert not breaker.admits(20)
    assert breaker.admits(21)
    breaker.succeeded()
    assert breaker.state == "closed"
    assert breaker.admits(21)
    assert breaker.admits(21)


def test_a_probe_that_was_given_up_makes_room_for_another() -> None:
    breaker = Breaker(failures=1, rest=10)
    breaker.failed(0)
    assert breaker.admits(10)
    breaker.abandoned()
    assert breaker.state == "half-open"
    assert breaker.admits(10)


class Machine(RuleBasedStateMachine):
    """Any order of requests that end in any way, at any time, some of them long after they were admitted."""

    FAILURES, REST = 3, 10.0

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(self.FAILURES, self.REST)
        self.now = 0.0
        self.out = 0
        self.in_a_row = 0
        self.opened: float | None = None
        self.probed = False

    @rule(seconds=st.sampled_from([0.0, 1.0, 9.5, 10.0, 30.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def ask(self) -> None:
        admitted = self.breaker.admits(self.now)
        rested = self.opened is not None and self.now >= self.opened + self.REST
        assert admitted == (self.opened is None or (rested and not self.probed))
        if admitted:
            self.out += 1
            self.probed = self.opened is not None

    @precondition(lambda self: self.out)
    @rule()
    def it_succeeds(self) -> None:
        self.out -= 1
        self.breaker.succeeded()
        self.in_a_row, self.opened, self.probed = 0, None, False

    @precondition(lambda self: self.out)
    @rule()
    def it_fails(self) -> None:
        self.out -= 1
        self.breaker.failed(self.now)
        self.in_a_row += 1
        if self.opened is not None or self.in_a_row >= self.FAILURES:
            self.opened, self.probed = self.now, False

    @precondition(lambda self: self.out)
    @rule()
    def it_is_given_up(self) -> None:
        self.out -= 1
        self.breaker.abandoned()
        self.probed = False

    @invariant()
    def closed_means_that_nothing_is_held_against_it(self) -> None:
        assert (self.breaker.state == "closed") == (self.opened is None)

    def teardown(self) -> None:
        """Whatever happened, once it is well again it is asked again."""
        self.breaker.abandoned()
        assert self.breaker.admits(self.now + self.REST)


TestBreakerAgainstAModel = Machine.TestCase
