"""True time always lies inside the bounds, whatever the drift within 200 ppm, the network and the order of anchors."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared_rules.errors import EvidenceError
from shared_rules.facts import Value
from shared_rules.interval import DAY, HOUR, OPEN, SECOND, Interval
from shared_rules.protocol import Anchor
from shared_rules.timekeeping import (
    AnchorBody,
    ClockEventBody,
    Folded,
    advance,
    anchor_interval,
    bridge,
    fold,
    hull,
    intersect,
    longest,
    shortest,
)
from tests.stamps import NINE_TEN

ERR = 50_000
DRIFT = st.integers(-200, 200).map(lambda ppm: Fraction(ppm, 1_000_000))
"""How much longer than a microsecond one tick truly is."""
GAP = st.integers(0, 3 * DAY)
DELAY = st.integers(0, 40 * SECOND)


def anchor(rx: int, tx: int, err: int = ERR) -> Anchor:
    """Return the server's note of an exchange."""
    return Anchor(nonce="", head_hash="", rx=rx, tx=tx, err=err, epoch="")


def tick_at(true: int, drift: Fraction) -> int:
    """Return what a counter shows at a true time: it cuts to whole microseconds."""
    return int(true / (1 + drift))


@st.composite
def exchanges(draw: st.DrawFn) -> tuple[int, int, int, int, int]:
    """Draw t1, rx, tx, t4 of true time with any asymmetry, and the server's own error of that moment."""
    t1 = NINE_TEN + draw(GAP)
    rx = t1 + draw(DELAY)
    tx = rx + draw(st.integers(0, 2 * SECOND))
    return t1, rx, tx, tx + draw(DELAY), draw(st.integers(-ERR, ERR))


def proved(exchange: tuple[int, int, int, int, int], drift: Fraction) -> tuple[int, Interval]:
    """Return the tick at t4 and the bounds that the exchange proves of that instant."""
    t1, rx, tx, t4, wrong = exchange
    sent, received = tick_at(t1, drift), tick_at(t4, drift)
    return received, anchor_interval(anchor(rx + wrong, tx + wrong), received - sent)


@given(exchanges(), DRIFT)
def test_an_anchor_bounds_the_instant_of_its_answer(exchange: tuple[int, int, int, int, int], drift: Fraction) -> None:
    """However unequal the two ways are, t4 lies in [tx - err, rx + err + (t4 - t1)(1 + ρ)]."""
    _, bounds = proved(exchange, drift)
    assert bounds.lo <= exchange[3] <= bounds.hi


def half_round_trip(exchange: tuple[int, int, int, int, int], drift: Fraction) -> Interval:
    """Sabotage: the form of NTP, offset ± half the round trip, without drift, rounded as it comes."""
    t1, rx, tx, t4, wrong = exchange
    sent, received = tick_at(t1, drift), tick_at(t4, drift)
    middle = received + ((rx + wrong - sent) + (tx + wrong - received)) // 2
    half = ((received - sent) - (tx - rx)) // 2
    return Interval(middle - half - ERR, middle + half + ERR)


def test_offset_and_half_the_round_trip_is_unsound() -> None:
    """A slow tick, a server behind by its whole error, all delay on the way back: the half trip loses the truth."""
    drift = Fraction(200, 1_000_000)
    exchange = (NINE_TEN, NINE_TEN, NINE_TEN, NINE_TEN + 40 * SECOND, -ERR)
    wrong, right = half_round_trip(exchange, drift), proved(exchange, drift)[1]
    assert not wrong.lo <= exchange[3] <= wrong.hi
    assert right.lo <= exchange[3] <= right.hi


@given(st.integers(0, 400 * DAY), DRIFT)
@example(0, Fraction(0))
@example(1, Fraction(200, 1_000_000))
def test_the_true_length_of_a_stretch_lies_between_shortest_and_longest(true: int, drift: Fraction) -> None:
    """Also for the first microseconds, where cutting to integers weighs most."""
    start = NINE_TEN + 7
    ticks = tick_at(start + true, drift) - tick_at(start, drift)
    assert shortest(ticks) <= true <= longest(ticks)


def test_rounding_inward_would_lose_the_true_time() -> None:
    """Sabotage: without the tick's own error, a stretch that crosses one microsecond less than it lasts is lost."""
    drift = Fraction(200, 1_000_000)
    lost = 0
    for true in range(1, 2000):
        ticks = tick_at(true, drift) - tick_at(0, drift)
        lost += not ticks * 999_800 // 1_000_000 <= true <= ticks * 1_000_200 // 1_000_000
    assert lost > 0


@pytest.mark.parametrize(
    ("ticks", "width"),
    [(HOUR, 1.44), (16 * HOUR, 23.04), (64 * HOUR, 92.16), (365 * DAY, 3.5 * 3600)],
    ids=["an hour", "a night", "a weekend", "a year"],
)
def test_bounds_widen_as_the_design_foretold(ticks: int, width: float) -> None:
    """1.6 s an hour offline with the server's error, 23 s a night, 92 s a weekend, 3.5 h a year."""
    bounds = advance(Interval(NINE_TEN, NINE_TEN), ticks)
    assert (bounds.hi - bounds.lo) / SECOND == pytest.approx(width, rel=0.01)


def test_a_night_with_the_machine_off_costs_four_seconds_more() -> None:
    """The battery clock counts whole seconds: two at each end."""
    off = bridge(Interval(NINE_TEN, NINE_TEN), 16 * HOUR)
    assert (off.hi - off.lo) / SECOND == pytest.approx(27.04, rel=0.01)
    assert bridge(Interval(NINE_TEN, NINE_TEN + 5), 0).lo == NINE_TEN


def test_an_open_end_stays_open() -> None:
    """No amount of ticking bounds from above what nothing bounded."""
    never = Interval(NINE_TEN, OPEN)
    for bounds in (advance(never, HOUR), bridge(never, HOUR)):
        assert bounds.hi == OPEN


@given(st.lists(exchanges(), min_size=1, max_size=6), DRIFT, GAP)
def test_true_time_stays_inside_through_any_number_of_anchors(
    drawn: list[tuple[int, int, int, int, int]], drift: Fraction, later: int
) -> None:
    """Every new anchor is intersected with what was known; honest ones never contradict each other."""
    drawn.sort(key=lambda exchange: exchange[3])
    tick, known = proved(drawn[0], drift)
    for exchange in drawn[1:]:
        now, bounds = proved(exchange, drift)
        folded = fold(advance(known, now - tick), bounds)
        assert folded.apart == 0
        tick, known = now, folded.time
        assert known.lo <= exchange[3] <= known.hi
    true = drawn[-1][3] + later
    after = advance(known, tick_at(true, drift) - tick)
    assert after.lo <= true <= after.hi


@pytest.mark.parametrize(
    ("rx", "tx", "err", "trip"),
    [(10, 5, 1, 100), (5, 10, -1, 100), (5, 10, 1, -1), (0, 10 * SECOND, 1, 1000)],
    ids=["answered before asked", "negative error", "arrived before sent", "worked longer than the round trip"],
)
def test_an_anchor_that_contradicts_itself_is_refused(rx: int, tx: int, err: int, trip: int) -> None:
    """A server whose clock was stepped while it answered proves nothing."""
    with pytest.raises(EvidenceError, match="自相矛盾"):
        anchor_interval(anchor(rx, tx, err), trip)


def test_contradicting_bounds_are_widened_to_their_hull_and_said() -> None:
    """Neither side is believed alone, and the distance is told."""
    early, late = Interval(10, 20), Interval(50, 60)
    assert intersect(early, late) is None
    assert hull(late, early) == Interval(10, 60)
    assert fold(early, late) == fold(late, early) == Folded(Interval(10, 60), 30)


def test_bounds_that_meet_in_one_microsecond_agree() -> None:
    """An interval of width zero is an interval."""
    assert fold(Interval(10, 20), Interval(20, 30)) == Folded(Interval(20, 20), 0)


def test_what_the_clock_records_are_values_that_travel() -> None:
    """Bodies of ANCHOR and CLOCK_EVENT records are strict values, like facts."""
    assert issubclass(AnchorBody, Value)
    assert issubclass(ClockEventBody, Value)


def test_what_befell_a_clock_is_said_in_seconds_and_an_unknown_event_by_its_name() -> None:
    """The manager reads it as evidence; a newer release may know of more."""
    assert ClockEventBody(event="set_back", by=-3600 * SECOND).sentence.chinese() == "系统时钟被拨回约 3600 秒"
    assert ClockEventBody(event="leapt").sentence.chinese() == "leapt"


def test_two_readings_of_a_counter_may_be_fifty_microseconds_off() -> None:
    """So far apart nothing certain has passed yet, and at once as much may have."""
    assert [shortest(ticks) for ticks in (0, 50, 51, 1_000_051)] == [0, 0, 0, 999_800]
    assert [longest(ticks) for ticks in (0, 50)] == [51, 101]
