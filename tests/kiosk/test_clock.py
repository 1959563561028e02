"""The kiosk's clock on machines that drift, stall, sleep, are set, switched off and lied to."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.clock import ClockState, KioskClock, SystemTicks
from kiosk.words import LEXICON
from shared_rules.errors import EvidenceError
from shared_rules.facts import Grade
from shared_rules.interval import DAY, HOUR, OPEN, SECOND, Interval
from shared_rules.protocol import Anchor
from tests.kiosk.machine import Bench, Machine, bench, kinds
from tests.stamps import NINE_TEN

BEFORE = NINE_TEN - HOUR


def anchored(machine: Machine | None = None) -> Bench:
    """Return a bench that has heard the server once."""
    made = bench(machine)
    made.read()
    assert made.anchor() == []
    return made


# --- grades ---


def test_a_clock_that_never_heard_the_server_tells_a_lower_bound_and_nothing_more() -> None:
    """Grade C: [not_before, open); it stamps all the same."""
    reading = bench().read()
    assert (reading.grade, reading.time, kinds(reading)) == (Grade.C, Interval(BEFORE, OPEN), [])
    assert reading.promise == BEFORE - 1


def test_the_lower_bound_of_an_unanchored_clock_rises_with_the_tick() -> None:
    """What was true at not_before is later by what has passed since, even without a server."""
    made = bench()
    made.read()
    made.machine.run(HOUR)
    assert BEFORE + HOUR * 0.999 < made.read().time.lo <= BEFORE + HOUR


def test_an_anchor_makes_the_clock_exact() -> None:
    """Grade A on a local network: about one millisecond and twice the server's error."""
    made = anchored()
    reading = made.read()
    assert reading.grade is Grade.A
    assert reading.time.hi - reading.time.lo < 102_000
    assert made.sound()
    assert reading.promise == reading.time.lo - 1


def test_a_reboot_is_bridged_by_the_battery_clock() -> None:
    """Grade B after a night: about 27 s wide, and said in an event; the next anchor makes it A again."""
    made = anchored()
    promised = made.read().promise
    made.machine.reboot(16 * HOUR, battery_error=900_000)
    reading = made.read()
    assert (reading.grade, kinds(reading), reading.seg) == (Grade.B, ["rebooted"], 0)
    assert 26 < (reading.time.hi - reading.time.lo) / SECOND < 28
    assert made.sound()
    assert reading.promise <= promised
    assert made.anchor() == []
    assert made.read().grade is Grade.A


def test_a_clock_that_never_heard_the_server_stays_c_over_a_reboot() -> None:
    """A battery clock bridges bounds, it does not make them."""
    made = bench()
    made.read()
    made.machine.reboot(HOUR)
    reading = made.read()
    assert (reading.grade, reading.time.hi) == (Grade.C, OPEN)


def test_the_bounds_go_on_over_a_restart_of_the_program_alone() -> None:
    """Same boot, state from disk: grade A stays, without an event."""
    made = anchored()
    made.machine.run(HOUR)
    reading = made.read()
    assert (reading.grade, kinds(reading)) == (Grade.A, [])
    assert made.sound()


# --- witnesses ---


def test_a_clock_set_back_22_hours_moves_no_bound() -> None:
    """The attacker wants yesterday's date on one slip: the event is recorded, the time stays."""
    made = anchored()
    made.machine.wall_offset -= 22 * HOUR
    reading = made.read()
    assert (kinds(reading), reading.grade, reading.seg) == (["set_back"], Grade.A, 0)
    assert reading.time.hi - reading.time.lo < 102_000
    assert made.sound()
    assert kinds(made.read()) == []


def test_a_clock_set_forward_3_days_widens_the_later_bound_and_splits_the_run() -> None:
    """It cannot be told from a machine that stood still, so nothing provable is claimed until the next anchor."""
    made = anchored()
    made.machine.wall_offset += 3 * DAY
    reading = made.read()
    assert (kinds(reading), reading.seg) == (["set_forward"], 1)
    assert reading.time.hi - reading.time.lo >= 3 * DAY
    assert made.sound()
    made.machine.wall_offset -= 3 * DAY
    assert kinds(made.read()) == ["set_back"]
    assert made.read().time.hi - reading.time.lo >= 3 * DAY
    assert made.anchor() == []
    assert made.read().time.hi - made.read().time.lo < 102_000


def test_a_machine_that_stood_still_keeps_the_true_time_inside() -> None:
    """A halted virtual machine: the wall clock was put right, the tick was not."""
    made = anchored()
    made.machine.stall(5 * HOUR)
    assert made.sound()
    assert made.read().seg == 1


def test_a_stall_counted_by_a_slow_battery_clock_keeps_the_true_time_inside() -> None:
    """What the wall clock counted alone meanwhile is as uncertain as any counter: 200 ppm of five hours are 3.6 s."""
    made = anchored()
    made.machine.stall(5 * HOUR)
    made.machine.wall_offset -= 5 * HOUR * 200 // 1_000_000
    assert made.sound()


@pytest.mark.parametrize("set_back", [0, -5 * SECOND], ids=["alone", "then the wall is set back"])
def test_a_short_stall_is_no_event_but_is_inside_all_the_same(set_back: int) -> None:
    """Below half a second nothing is said, and still nothing is lost."""
    made = anchored()
    made.machine.stall(400_000)
    assert kinds(made.read()) == []
    assert made.sound()
    made.machine.wall_offset += set_back
    assert made.sound()


def test_a_stall_inside_the_tolerance_of_a_long_run_is_not_taken_back_by_the_wall() -> None:
    """Three days with a slow tick, a stall of 0.4 s, the wall back by 0.39 s: no event, and the truth stays inside."""
    made = anchored(Machine(drift=Fraction(200, 1_000_000)))
    made.machine.run(3 * DAY)
    made.machine.stall(400_000)
    assert made.sound()
    made.machine.wall_offset -= 390_000
    assert kinds(made.read()) == []
    assert made.sound()


def test_a_wall_set_back_after_a_long_run_is_seen_at_once() -> None:
    """Sixty seconds of drift were tolerable over four days; a jump between two readings is not."""
    made = anchored(Machine(drift=Fraction(200, 1_000_000)))
    made.machine.run(3 * DAY)
    made.read()
    made.machine.wall_offset -= 40 * SECOND
    assert kinds(made.read()) == ["set_back"]
    made.machine.stall(40 * SECOND)
    assert kinds(made.read()) == ["set_forward"]
    assert made.sound()


def test_a_wall_that_creeps_away_is_seen_once_it_is_half_a_second_off() -> None:
    """Steps too small for one reading add up against the reading at which the bounds were set."""
    made = anchored()
    seen = []
    for _ in range(10):
        made.machine.run(SECOND)
        made.machine.wall_offset -= 100_000
        seen += kinds(made.read())
    assert seen == ["set_back"]


def test_without_the_wall_as_witness_a_stall_would_lose_the_true_time() -> None:
    """Sabotage: a wall clock that only repeats the tick lets the stalled machine claim a wrong interval."""

    @dataclass(slots=True)
    class Mute(Machine):
        def wall(self) -> int:
            return self.ran

    made = anchored(Mute())
    made.machine.stall(5 * HOUR)
    assert not made.sound()


def test_a_battery_clock_set_back_while_off_leaves_grade_c() -> None:
    """The gap cannot be bridged; the lower bound stands, because time does not run backwards."""
    made = anchored()
    lower = made.read().time.lo
    made.machine.reboot(HOUR, battery_error=-2 * HOUR)
    reading = made.read()
    assert (reading.grade, kinds(reading), reading.time.hi) == (Grade.C, ["rebooted", "rtc_set_back"], OPEN)
    assert reading.time.lo >= lower
    assert made.sound()


def test_a_battery_clock_set_forward_while_off_is_caught_by_the_next_anchor() -> None:
    """Grade B believes it, the server contradicts it: an event, the server's bounds, and not_before never fell."""
    made = anchored()
    server_said = made.read().not_before
    made.machine.reboot(HOUR, battery_error=3 * DAY)
    wrong = made.read()
    assert (wrong.grade, made.sound()) == (Grade.B, False)
    assert wrong.promise < made.machine.true
    assert made.anchor() == ["contradicted"]
    right = made.read()
    assert (right.grade, right.seg, made.sound()) == (Grade.A, 0, True)
    assert right.not_before >= server_said


def test_a_snapshot_that_was_restored_is_seen_by_its_tick() -> None:
    """The same boot counting again from an earlier number is a new start, bridged like a reboot."""
    made = anchored()
    made.machine.run(HOUR)
    made.read()
    made.machine.ran -= HOUR // 2
    reading = made.read()
    assert (reading.grade, kinds(reading)) == (Grade.B, ["tick_fell"])
    assert reading.seg == 1  # of another run than what the same boot counted before
    assert made.sound()


def test_an_answer_that_waits_to_be_taken_is_dated_by_when_it_came() -> None:
    """A busy counter takes the server's answer seconds after it came: the time between is counted."""
    made = bench()
    made.read()
    answer = made.machine.exchange()
    made.machine.run(30 * SECOND)
    clock = made.clock()
    clock.anchored(*answer)
    made.state = clock.state
    reading = made.read()
    assert reading.grade is Grade.A
    assert reading.time.hi - reading.time.lo < SECOND
    assert made.sound()


def test_the_segment_number_fits_two_bytes_for_ever() -> None:
    """After 65,535 splits in one boot it starts again; a run is never joined to its neighbour."""
    made = anchored()
    made.state = ClockState(
        **{name: getattr(made.state, name) for name in made.state.__struct_fields__} | {"seg": 65_535}
    )
    made.machine.stall(HOUR)
    assert made.read().seg == 0


# --- anchors that disagree ---


@pytest.mark.parametrize("wrong", [-HOUR, HOUR], ids=["server earlier", "server later"])
def test_an_anchor_that_contradicts_the_tick_widens_to_the_hull(wrong: int) -> None:
    """Either may be right: both are inside, the run is split, the lower bound stays above what the server signed."""
    made = anchored()
    made.machine.run(DAY)
    before = made.read()
    assert made.anchor(server_wrong=wrong) == ["contradicted"]
    after = made.read()
    assert (after.grade, after.seg) == (Grade.A, 1)
    assert after.time.lo <= made.machine.true <= after.time.hi
    assert after.time.lo <= made.machine.true + wrong <= after.time.hi
    assert after.not_before >= before.not_before
    assert after.time.lo >= before.not_before


def test_a_server_below_what_it_signed_before_never_lowers_not_before() -> None:
    """A server restored from an old image contradicts itself; its old signature stands."""
    made = anchored()
    signed = made.read().not_before
    assert made.anchor(server_wrong=-HOUR) == ["contradicted"]
    reading = made.read()
    assert (reading.not_before, reading.time.lo >= signed) == (signed, True)
    unanchored = bench()
    unanchored.read()
    assert unanchored.anchor(server_wrong=-2 * HOUR) == ["contradicted"]
    assert unanchored.read().grade is Grade.C


def test_an_anchor_that_contradicts_itself_leaves_the_clock_alone() -> None:
    """Refused with a sentence; the state is the one before."""
    made = anchored()
    clock = made.clock()
    with pytest.raises(EvidenceError):
        clock.anchored(Anchor(nonce="", head_hash="", rx=NINE_TEN, tx=NINE_TEN - 1, err=1, epoch=""), 1, 2)
    assert clock.state == made.state


def test_a_failed_transaction_puts_the_state_back_and_the_event_comes_again() -> None:
    """Disk full at the stamp must not swallow the trace of a clock that was set back."""
    made = anchored()
    clock = made.clock()
    before = clock.state
    made.machine.wall_offset -= HOUR
    assert kinds(clock.read()) == ["set_back"]
    clock.state = before
    assert kinds(clock.read()) == ["set_back"]


def test_every_event_has_its_sentence_in_both_languages() -> None:
    """The operator reads it, in seconds."""
    made = anchored()
    made.machine.wall_offset -= HOUR
    (event,) = made.read().events
    assert LEXICON.text(event.sentence, "zh") == "系统时钟被拨回约 3600 秒"
    assert "3600" in LEXICON.text(event.sentence, "en")


# --- everything at once ---

STEPS = st.one_of(
    st.tuples(st.just("run"), st.integers(0, 3 * DAY)),
    st.tuples(st.just("anchor"), st.tuples(*(st.integers(0, 20 * SECOND),) * 3, st.integers(-50_000, 50_000))),
    st.tuples(st.just("set"), st.integers(-3 * DAY, 3 * DAY).filter(lambda by: abs(by) > SECOND)),
    st.tuples(st.just("stall"), st.one_of(st.integers(0, SECOND), st.integers(0, DAY))),
    st.tuples(st.just("reboot"), st.tuples(st.integers(0, 3 * DAY), st.integers(-SECOND, SECOND))),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=14), st.integers(-200, 200))
def test_true_time_never_leaves_the_bounds(steps: list[tuple[str, object]], ppm: int) -> None:
    """Drift within 200 ppm, any network, wall steps, stalls and reboots with an honest battery clock, in any order.

    The lower bound falls back only over what a battery clock alone had said.
    """
    made = bench(Machine(drift=Fraction(ppm, 1_000_000)))
    lower, floor = 0, 0
    for kind, value in [("run", 0), *steps]:
        match kind, value:
            case "run", int(length):
                made.machine.run(length)
            case "anchor", (int(out), int(work), int(back), int(wrong)):
                assert "contradicted" not in made.anchor(out, work, back, wrong)
            case "set", int(by):
                made.machine.wall_offset += by
            case "stall", int(length):
                made.machine.stall(length)
            case "reboot", (int(off), int(error)):
                made.machine.reboot(off, battery_error=error)
        reading = made.read()
        assert reading.time.lo <= made.machine.true <= reading.time.hi
        assert reading.time.lo >= lower
        assert reading.not_before >= floor
        assert (reading.grade is Grade.C) == (reading.time.hi == OPEN)
        assert reading.promise < reading.time.lo
        lower = max(lower, made.clock().state.surely)
        floor = reading.not_before


# --- this machine ---


def test_this_machines_tick_never_falls_and_its_boot_has_one_name() -> None:
    """Two readers of one boot agree, so a restart of the program is not a reboot."""
    ticks, other = SystemTicks(), SystemTicks()
    seen = [reader.tick() for _ in range(2000) for reader in (ticks, other)]
    assert all(later >= earlier - 50 for earlier, later in pairwise(seen))
    assert seen[::2] == sorted(seen[::2])
    assert len(ticks.boot_id()) == 16
    assert ticks.wall() > NINE_TEN - 10 * 365 * DAY


@pytest.mark.parametrize("content", [None, "", "no name", "00ff"], ids=["missing", "empty", "not hex", "short"])
def test_a_system_without_a_boot_id_counts_every_start_as_a_boot(tmp_path: Path, content: str | None) -> None:
    """Where the kernel gives no name, a random one is drawn: grade B is the safe side."""
    file = tmp_path / "boot_id"
    if content is not None:
        file.write_text(content)
    assert SystemTicks(boot_id_file=file, random=lambda size: b"\7" * size).boot_id() == b"\7" * 16


def test_elsewhere_the_plain_monotonic_clock_ticks() -> None:
    """Without Linux's raw clocks there is still one that cannot be set."""
    ticks = SystemTicks()
    ticks._linux = False
    first = ticks.tick()
    assert ticks.tick() >= first


def test_time_spent_suspended_counts() -> None:
    """A laptop that slept an hour is an hour later; a microsecond of noise between two clocks is no sleep."""
    ticks = SystemTicks()
    awake = ticks.tick()
    ticks._asleep += HOUR * 1000
    assert ticks.tick() - awake >= HOUR
    ticks._asleep = -HOUR * 1000
    assert 0 <= ticks.tick() - awake < HOUR


def test_the_real_clock_reads_and_is_anchored() -> None:
    """End to end on this machine, without a fake."""
    clock = KioskClock(SystemTicks(), ClockState.start(NINE_TEN))
    assert clock.read().grade is Grade.C
    sent, wall = clock.ticks.tick(), clock.ticks.wall()
    note = Anchor(nonce="", head_hash="", rx=wall, tx=wall + 10, err=50_000, epoch="")
    clock.anchored(note, sent, clock.ticks.tick() + 20)
    reading = clock.read()
    assert reading.grade is Grade.A
    assert reading.time.lo <= clock.ticks.wall() <= reading.time.hi + SECOND
