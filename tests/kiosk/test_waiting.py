"""The queue of the second look, kept up event by event, is what it would be if it were read anew each time."""

from __future__ import annotations

import time
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.waiting import Waiting
from shared_rules.data import policy_text
from shared_rules.facts import Event, LogId, SlipEntered, SlipReturned, SlipStamped
from shared_rules.interval import HOUR, MINUTE, exactly
from shared_rules.policy import Policies, load_policy, shipped
from tests.builders import DEFAULT, at

NINE = at("03-02 09:00")
ENTRY = shipped().entry.entry_hours * HOUR


def stamped(number: int, seq: int) -> Event:
    """Return a stamp, a minute after the one before."""
    fact = SlipStamped(
        slip=f"E-{number}", pool="river", office="E", salesperson="A", stamped_by="K", received_on=date(2026, 3, 2)
    )
    return Event(exactly(NINE + number * MINUTE), LogId(1, 1), seq, fact)


def ended(number: int, seq: int, *, entered: bool) -> Event:
    """Return what takes a slip off the queue."""
    slip = f"E-{number}"
    fact = SlipEntered(slip=slip, entered_by="K") if entered else SlipReturned(
        slip=slip, returned_by="A", note="acknowledged"
    )  # fmt: skip
    return Event(exactly(NINE + HOUR), LogId(1, 1), seq, fact)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.booleans()), max_size=30), st.integers(0, 30))
@settings(max_examples=100)
def test_kept_up_is_the_same_as_read_anew(acts: list[tuple[int, bool, bool]], cut: int) -> None:
    """In whatever order slips are stamped and entered, and wherever one looks in between."""
    events, seen = [], set()
    for seq, (number, is_stamp, entered) in enumerate(acts, 1):
        if is_stamp and number in seen:
            continue
        events.append(stamped(number, seq) if is_stamp else ended(number, seq, entered=entered))
        seen |= {number} if is_stamp else set()
    kept, anew = Waiting(), Waiting()
    kept.catch_up(events[:cut], DEFAULT)
    before = kept.rows(str)
    kept.catch_up(events, DEFAULT)
    anew.catch_up(events, DEFAULT)
    assert list(kept.rows(str)) == list(anew.rows(str))
    assert [row.slip for row in before] == [row.slip for row in before[:]], "an old list can still be read"
    over = {event.fact.slip for event in events if isinstance(event.fact, SlipEntered | SlipReturned)}
    assert {row.slip for row in kept.rows(str)} == {f"E-{number}" for number in seen} - over


def test_the_least_time_left_stands_first_and_what_is_late_is_counted() -> None:
    """By the policy's hours; another policy orders anew."""
    waiting = Waiting()
    waiting.catch_up([stamped(2, 1), stamped(1, 2), stamped(3, 3)], DEFAULT)
    rows = waiting.rows(str)
    assert [row.slip for row in rows] == ["E-1", "E-2", "E-3"]
    assert rows[0].due_at == NINE + MINUTE + ENTRY
    assert rows.overdue(NINE + 2 * MINUTE + ENTRY + 1) == 2
    assert rows.find("E-9") is None
    found = rows.find("E-3")
    assert found is not None
    assert found.salesperson == "A"
    waiting.catch_up([stamped(2, 1)], Policies.single(shipped("onsite")))
    assert [row.slip for row in waiting.rows(str)] == ["E-2"]


def test_by_office_hours_a_closed_day_orders_the_queue_anew() -> None:
    """一.4, business_hours: what was due on Thursday is due on Friday once Tuesday is declared closed."""
    text = policy_text("default").replace("business_hours = false", "business_hours = true")
    policies, waiting = Policies.single(load_policy(text, name="office")), Waiting()
    events = [stamped(0, 1), stamped(30, 2), ended(0, 3, entered=True)]
    waiting.catch_up(events, policies)
    assert [(row.slip, row.due_at) for row in waiting.rows(str)] == [("E-30", at("03-05 09:30"))]
    waiting.catch_up(events, policies, frozenset({date(2026, 3, 3)}))
    assert [(row.slip, row.due_at) for row in waiting.rows(str)] == [("E-30", at("03-06 09:30"))]


def test_two_hundred_thousand_slips_open_like_a_hundred() -> None:
    """A page of a long queue costs what a page of a short one does: rows are made when they are looked at.

    The comparison is with making all of them, in the same run; the measured figures are in tests/bench.
    """
    long = Waiting()
    long.catch_up([stamped(number, number + 1) for number in range(20_000)], DEFAULT)
    begin = time.perf_counter()
    assert len(long.rows(str)[:64]) == 64
    page = time.perf_counter() - begin
    begin = time.perf_counter()
    assert len(list(long.rows(str))) == 20_000
    assert page < (time.perf_counter() - begin) / 4
