"""An order that nobody can tell is never settled by a machine: it goes to the sales manager (二.2.4)."""

from __future__ import annotations

from datetime import date

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from shared_rules.facts import Event, Grade
from shared_rules.interval import DAY, HOUR, MINUTE, OPEN, Interval, Trit, day_start
from shared_rules.settlement import Settlement, settle
from tests.builders import DEFAULT, at, entered, slip

MONDAY = day_start(date(2026, 3, 2))
LATER = at("03-20 12:00")
WINDOW = st.builds(
    lambda day, minute: MONDAY + day * DAY + 9 * HOUR + minute * MINUTE, st.integers(0, 3), st.integers(1, 59)
)
"""An instant of the hand-in hours of one of four days."""
WIDTHS = st.one_of(st.integers(0, MINUTE), st.integers(0, 3 * DAY), st.just(OPEN))


@st.composite
def stamps(draw: st.DrawFn) -> Interval:
    """Draw the bounds of a stamp: fine, wide or open."""
    instant, width = draw(WINDOW), draw(WIDTHS)
    return Interval(instant - draw(st.integers(0, 2 * DAY)), OPEN if width == OPEN else instant + width)


def pair(one: Interval, other: Interval) -> list[Event]:
    """Return one customer's two slips, of two salespeople at two offices, both entered."""
    grade = {True: Grade.C, False: Grade.A}
    first = slip("03-02 09:10", "1.1", "A")._replace(time=one, grade=grade[one.hi == OPEN])
    second = slip("03-02 09:10", "2.1", "B")._replace(time=other, grade=grade[other.hi == OPEN])
    return [first, second, entered("03-19 12:00", "1.1"), entered("03-19 12:00", "2.1")]


SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@SLOWLY
@given(stamps(), stamps())
def test_an_order_that_nobody_can_tell_never_settles_by_itself(one: Interval, other: Interval) -> None:
    """Unless all days of one lie before all days of the other, neither wins; incremental or at once."""
    assume(one.day_before(other) is not Trit.YES and other.day_before(one) is not Trit.YES)
    facts = pair(one, other)
    register = settle(facts, DEFAULT, LATER)
    assert {claim: ruling.decision.status.value for claim, ruling in register.claims.items()} == {
        "1.1": "with_manager",
        "2.1": "with_manager",
    }
    assert [case.claims for case in register.same_day] == [("1.1", "2.1")]
    step_by_step = Settlement(DEFAULT)
    step_by_step.begin(facts[1:], LATER)
    step_by_step.apply(facts[:1], LATER)
    assert step_by_step.register() == register


@SLOWLY
@given(stamps(), stamps())
def test_an_order_that_is_certain_needs_no_manager(one: Interval, other: Interval) -> None:
    """The days decide, however wide each interval is: the earlier one never loses by it."""
    assume(one.day_before(other) is Trit.YES)
    statuses = {
        claim: ruling.decision.status.value for claim, ruling in settle(pair(one, other), DEFAULT, LATER).claims.items()
    }
    assert statuses["2.1"] in ("returned", "upheld")
    assert statuses["1.1"] in ("upheld", "lapsed")
    assert (statuses["2.1"] == "upheld") <= (statuses["1.1"] == "lapsed")
