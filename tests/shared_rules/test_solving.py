"""A journal's times solved again: exact after the fact, never outside the truth, whatever the pieces it came in."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared_rules.facts import Grade
from shared_rules.interval import DAY, HOUR, MINUTE, OPEN, SECOND, Interval, day_start, exactly, to_datetime
from shared_rules.journal import Record, RecordKind
from shared_rules.solving import Solver, judged
from shared_rules.timekeeping import HALT, longest, shortest
from tests.stamps import NINE_TEN, STAMP

MORNING = day_start(to_datetime(NINE_TEN).date()) + DAY
"""The next midnight in Shanghai."""
WIDTH = 100 * 1000


def record(at: int, grade: Grade, time: Interval, *, boot: int = 1, seg: int = 0) -> Record:
    """Return a record that a counter stamped which shows true time."""
    return replace(STAMP, grade=grade, time=time, tick=at, boot_id=boot.to_bytes(16, "big"), seg=seg)


def unanchored(at: int, *, since: int = NINE_TEN, boot: int = 1) -> Record:
    """Return a stamp of grade C."""
    return record(at, Grade.C, Interval(since, OPEN), boot=boot)


def anchored(at: int, *, boot: int = 1, seg: int = 0) -> Record:
    """Return a record of grade A, exact to a tenth of a second."""
    return record(at, Grade.A, Interval(at - WIDTH // 2, at + WIDTH // 2), boot=boot, seg=seg)


def bridged(at: int, *, wrong: int = 0, boot: int = 2) -> Record:
    """Return a record of grade B whose battery clock was wrong by so much."""
    return record(at, Grade.B, Interval(at + wrong - 13 * SECOND, at + wrong + 14 * SECOND), boot=boot)


def solved(*records: Record) -> list[Interval]:
    """Return the times by which the records of one journal are judged."""
    solver = Solver()
    for number, one in enumerate(records):
        solver.add(one, number)
    changes = solver.changes()
    return [changes[number] for number in range(len(records))]


# --- what an anchor proves of the records before it


def test_a_stamp_without_an_anchor_stays_open() -> None:
    """Nothing bounds it from above, and its day is a person's matter."""
    assert solved(unanchored(NINE_TEN + HOUR)) == [Interval(NINE_TEN, OPEN)]


def test_an_anchor_later_in_the_same_run_makes_a_stamp_exact() -> None:
    """An hour between the two costs 1.5 s, and half a second more for which it may have stood still unseen."""
    stamp, _ = solved(unanchored(NINE_TEN), anchored(NINE_TEN + HOUR))
    assert stamp.lo <= NINE_TEN <= stamp.hi
    assert stamp.hi - stamp.lo < 2.1 * SECOND
    assert stamp.certain_day() == to_datetime(NINE_TEN).date()


def test_an_anchor_says_nothing_through_a_run_that_was_split() -> None:
    """A machine that stood still, or was set forward: the tick did not count across it, the order of writing does."""
    stamp, _ = solved(unanchored(NINE_TEN), anchored(NINE_TEN + HOUR, seg=1))
    assert stamp == Interval(NINE_TEN, NINE_TEN + HOUR + WIDTH // 2)


def test_a_run_without_an_anchor_lies_between_its_neighbours() -> None:
    """Stamped after Friday's last record and before Monday's first: the journal is written in order."""
    friday, monday = NINE_TEN, NINE_TEN + 3 * DAY
    _, first, second, _ = solved(
        anchored(friday), unanchored(friday + DAY, boot=2), unanchored(friday + DAY + HOUR, boot=2),
        anchored(monday, boot=3),
    )  # fmt: skip
    late = monday + WIDTH // 2
    assert first == Interval(NINE_TEN, late - shortest(HOUR))
    assert second == Interval(NINE_TEN + shortest(HOUR), late)


def test_a_lower_bound_rises_within_a_run_that_nothing_anchors() -> None:
    """Two stamps an hour apart: the second is an hour later than the first one's earliest."""
    first, second = solved(unanchored(NINE_TEN), unanchored(NINE_TEN + HOUR))
    assert (first.lo, second.lo) == (NINE_TEN, NINE_TEN + shortest(HOUR))


def test_several_boots_without_an_anchor_are_bounded_one_by_the_next() -> None:
    """The first anchor anywhere later bounds them all."""
    times = solved(*(unanchored(NINE_TEN + boot * HOUR, boot=boot) for boot in (1, 2, 3)), anchored(NINE_TEN + DAY))
    assert [time.hi for time in times[:3]] == [NINE_TEN + DAY + WIDTH // 2] * 3


def test_a_counter_that_fell_back_begins_another_run() -> None:
    """A restored snapshot counts again from an earlier number: its ticks say nothing about those before."""
    times = solved(unanchored(NINE_TEN + HOUR), anchored(NINE_TEN))
    assert times[0] == Interval(NINE_TEN, NINE_TEN + WIDTH // 2)


# --- battery clocks


def test_a_battery_clocks_word_stands_where_nothing_contradicts_it() -> None:
    """A night off costs 27 s, and the day is certain."""
    first, second = solved(anchored(NINE_TEN), bridged(NINE_TEN + 16 * HOUR))
    assert second == bridged(NINE_TEN + 16 * HOUR).time
    assert first == anchored(NINE_TEN).time


def test_a_battery_clock_a_day_ahead_is_overruled_by_the_next_anchor_of_its_run() -> None:
    """The stamp was given under tomorrow's date; it is judged under today's."""
    at = NINE_TEN + HOUR
    wrong, _ = solved(bridged(at, wrong=DAY), anchored(at + MINUTE, boot=2))
    assert wrong.lo <= at <= wrong.hi
    assert wrong.hi - wrong.lo < SECOND


def test_a_battery_clock_ahead_of_the_next_boots_anchor_is_overruled_too() -> None:
    """Nothing can have been stamped after what was written later: between its neighbours is all that is known."""
    _, wrong, _ = solved(anchored(NINE_TEN), bridged(NINE_TEN + HOUR, wrong=3 * DAY), anchored(NINE_TEN + DAY, boot=3))
    assert wrong == Interval(NINE_TEN - WIDTH // 2, NINE_TEN + DAY + WIDTH // 2)
    assert wrong.certain_day() is None


def test_a_battery_clock_bounds_no_other_record() -> None:
    """What it said of one boot is no lower bound for the next: it may have been days ahead."""
    *_, last = solved(anchored(NINE_TEN), bridged(NINE_TEN + 3 * DAY), unanchored(NINE_TEN + HOUR, boot=3))
    assert last.lo == NINE_TEN


# --- which bounds judge


FINE = Interval(NINE_TEN, NINE_TEN + 27 * SECOND)
WIDE = Interval(NINE_TEN, NINE_TEN + HOUR)
MIDNIGHT = Interval(MORNING - 10 * SECOND, MORNING + 10 * SECOND)


@pytest.mark.parametrize(
    ("grade", "own", "proved", "judges"),
    [
        (Grade.B, FINE, exactly(NINE_TEN + SECOND), FINE),
        (Grade.A, WIDE, exactly(NINE_TEN + SECOND), exactly(NINE_TEN + SECOND)),
        (Grade.A, MIDNIGHT, Interval(MORNING - SECOND, MORNING - 1), Interval(MORNING - SECOND, MORNING - 1)),
        (Grade.C, Interval(NINE_TEN, OPEN), Interval(0, NINE_TEN + 5), Interval(NINE_TEN, NINE_TEN + 5)),
        (Grade.B, FINE, exactly(NINE_TEN + HOUR), exactly(NINE_TEN + HOUR)),
        (Grade.A, FINE, Interval(NINE_TEN - HOUR, NINE_TEN + HOUR), Interval(NINE_TEN - HOUR, NINE_TEN + HOUR)),
        (Grade.P, WIDE, exactly(0), WIDE),
        (Grade.I, WIDE, exactly(0), WIDE),
    ],
    ids=[
        "a pocketed receipt that leaves nothing open", "an hour wide", "across midnight", "open", "disproved",
        "two anchors that contradict each other", "paper", "imported",
    ],
)  # fmt: skip
def test_a_receipts_own_bounds_judge_where_they_leave_nothing_open(
    grade: Grade, own: Interval, proved: Interval, judges: Interval
) -> None:
    """Whoever holds a receipt is judged by what stands on it, unless it leaves the day open or is disproved."""
    assert judged(grade, own, proved) == judges


def test_a_later_time_that_its_own_counter_belies_disproves_the_earlier_one() -> None:
    """A kiosk that signs two incompatible times in one run is left with the span between, and with the manager."""
    first, second = solved(anchored(NINE_TEN), replace(anchored(NINE_TEN), tick=NINE_TEN + DAY))
    assert first.certain_day() is None
    assert second == anchored(NINE_TEN).time


def test_a_halt_too_short_to_be_seen_is_allowed_for() -> None:
    """A counter that stood still for 0.4 s makes what went before earlier; each clock event may hide another one."""
    event = replace(unanchored(NINE_TEN), kind=RecordKind.CLOCK_EVENT)
    one, _ = solved(unanchored(NINE_TEN), anchored(NINE_TEN + HOUR))
    other, *_ = solved(unanchored(NINE_TEN), event, anchored(NINE_TEN + HOUR))
    assert one.lo == NINE_TEN == other.lo
    early = NINE_TEN - DAY
    one, _ = solved(unanchored(NINE_TEN, since=early), anchored(NINE_TEN + HOUR))
    other, *_ = solved(unanchored(NINE_TEN, since=early), event, anchored(NINE_TEN + HOUR))
    assert one.lo == NINE_TEN + HOUR - WIDTH // 2 - longest(HOUR) - HALT
    assert other.lo == one.lo - HALT


# --- pieces and properties


def test_only_what_changed_is_told_again() -> None:
    """A new anchor tells of the open stamp, not of those that were exact."""
    solver = Solver()
    solver.add(anchored(NINE_TEN), 1)
    solver.add(unanchored(NINE_TEN + HOUR, boot=2), 2)
    assert sorted(solver.changes()) == [1, 2]
    assert solver.changes() == {}
    solver.add(anchored(NINE_TEN + 2 * HOUR, boot=2), 3)
    assert sorted(solver.changes()) == [2, 3]
    assert len(solver._runs) == 1


DRIFT = st.integers(-200, 200).map(lambda ppm: Fraction(ppm, 1_000_000))
GRADES = st.sampled_from([Grade.A, Grade.B, Grade.C, Grade.C])
STEP = st.tuples(
    GRADES,
    st.integers(0, 3 * DAY),
    st.integers(0, 5 * MINUTE),
    st.integers(0, 2 * SECOND),
    st.sampled_from([0, 0, 1, 2]),
)
"""Grade, time since the last record, lie of the battery clock, width; whether the run goes on, is split, or ends."""
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def journals(draw: st.DrawFn) -> tuple[list[int], list[Record]]:
    """Draw true times and the records that an honest kiosk makes of them, with battery clocks that lie."""
    drift, now, tick, boot, seg, lower = draw(DRIFT), NINE_TEN, 0, 1, 0, NINE_TEN
    truths, records = [], []
    for grade, gap, lie, width, ends in draw(st.lists(STEP, min_size=1, max_size=10)):
        now += gap
        tick = 1000 if ends == 2 else tick + int(gap / (1 + drift))
        boot, seg = boot + ends // 2, 0 if ends == 2 else seg + ends
        if grade is Grade.A:
            time = Interval(now - width, now + width)
            lower = max(lower, time.lo)
        elif grade is Grade.B:
            time = Interval(now + lie - width, now + lie + width)
        else:
            time = Interval(lower, OPEN)
        records.append(replace(record(tick, grade, time), boot_id=boot.to_bytes(16, "big"), seg=seg))
        truths.append(now)
    return truths, records


def disbelieved(one: Record) -> Record:
    """Return a record of grade B that says nothing itself, so that what is proved about it shows."""
    return replace(one, time=Interval(0, OPEN)) if one.grade is Grade.B else one


@UNHURRIED
@given(journals())
def test_what_is_proved_always_holds_the_truth(drawn: tuple[list[int], list[Record]]) -> None:
    """Also where every battery clock lies, in any mixture of runs with and without anchors."""
    truths, records = drawn
    for truth, own, time in zip(truths, records, solved(*map(disbelieved, records)), strict=True):
        assert time.lo <= truth <= time.hi
        assert own.grade is Grade.B or own.time.lo <= time.lo


@UNHURRIED
@given(journals(), st.data())
def test_the_pieces_in_which_a_journal_comes_change_nothing(
    drawn: tuple[list[int], list[Record]], data: st.DataObject
) -> None:
    """Record by record, in batches or at once: the same times in the end."""
    _, records = drawn
    solver, said = Solver(), dict[int, Interval]()
    for number, one in enumerate(records):
        solver.add(one, number)
        if data.draw(st.booleans()):
            said |= solver.changes()
    said |= solver.changes()
    assert [said[number] for number in range(len(records))] == solved(*records)


def test_every_record_of_an_anchored_run_is_as_exact_as_the_distance_to_an_anchor_allows() -> None:
    """Twice 200 ppm of the way to the next anchor, its own width, and one halt that nobody saw."""
    times = solved(*(unanchored(NINE_TEN + hour * HOUR) for hour in range(24)), anchored(NINE_TEN + DAY))
    for hour, time in enumerate(times[:-1]):
        away = (24 - hour) * HOUR
        assert time.hi - time.lo <= longest(away) - shortest(away) + WIDTH + HALT
