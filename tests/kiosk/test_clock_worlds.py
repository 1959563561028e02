"""Whatever happens to a machine: an interval holds the truth if its grade claims it, and what is proved always does."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings

from shared_rules.facts import Grade
from shared_rules.interval import DAY, HOUR, MINUTE, OPEN, SECOND
from tests.kiosk.clock_worlds import World, lived, worlds

MANY = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
SLIGHT_LIE = lived([("anchor", (0, 0, 0, 0)), ("run", (HOUR,)), ("lie", (HOUR, 12 * SECOND)), ("anchor", (0, 0, 0, 0))])
"""A battery clock that is wrong by less than what an anchor could contradict."""
BACK_AND_FORTH = lived([("anchor", (0, 0, 0, 0)), ("lie", (HOUR, 9 * DAY)), ("lie", (HOUR, -18 * DAY))])
"""Set forward, switched off, set back: nothing that the battery clock said is a lower bound."""
SNAPSHOT = lived([("anchor", (0, 0, 0, 0)), ("run", (HOUR,)), ("restore", (50,)), ("anchor", (0, 0, 0, 0))])
CREEPING = lived([("anchor", (0, 0, 0, 0)), *(("freeze", (450_000,)), ("run", (MINUTE,))) * 4])


@MANY
@example(SLIGHT_LIE)
@example(BACK_AND_FORTH)
@example(SNAPSHOT)
@example(CREEPING)
@given(worlds())
def test_the_interval_holds_the_truth_whenever_its_grade_claims_it(world: World) -> None:
    """A and C whatever a battery clock says; B as long as it said the truth. No honest anchor contradicts anything."""
    for record, truth, honest in zip(world.records, world.truths, world.honest, strict=True):
        if record.grade is not Grade.B or honest:
            assert record.time.lo <= truth <= record.time.hi
        assert (record.grade is Grade.C) == (record.time.hi == OPEN)
    assert not world.contradicted


@MANY
@example(SLIGHT_LIE)
@example(BACK_AND_FORTH)
@example(SNAPSHOT)
@given(worlds())
def test_what_the_journal_proves_always_holds_the_truth(world: World) -> None:
    """Without any battery clock's word, for every record of every grade."""
    for truth, time in zip(world.truths, world.solved(believing=False), strict=True):
        assert time.lo <= truth <= time.hi


@MANY
@example(SLIGHT_LIE)
@given(worlds())
def test_the_time_that_judges_holds_the_truth_unless_an_unrefuted_battery_clock_lied(world: World) -> None:
    """An anchor in the same run overrules what a battery clock said of it, whoever set it."""
    solved = world.solved()
    heard = {(one.boot_id, one.seg) for one in world.records if one.grade is Grade.A}
    for record, truth, honest, time in zip(world.records, world.truths, world.honest, solved, strict=True):
        fine = record.time.hi - record.time.lo < MINUTE
        if honest or record.grade is not Grade.B or ((record.boot_id, record.seg) in heard and not fine):
            assert time.lo <= truth <= time.hi


@MANY
@given(worlds())
def test_the_lower_bound_never_falls_but_below_a_battery_clocks_word(world: World) -> None:
    """Monotone per journal, as far as server and ticks alone are believed."""
    sure = 0
    for record in world.records:
        if record.grade is not Grade.B:
            assert record.time.lo >= sure
            sure = record.time.lo


@MANY
@given(worlds())
def test_a_promise_is_never_broken_by_a_wrong_clock(world: World) -> None:
    """What a head promises lies before every true time that comes after."""
    for reading, truth in zip(world.readings, world.truths, strict=True):
        assert reading.promise < truth
        assert reading.not_before <= truth


def test_without_the_order_of_writing_a_lie_between_two_boots_would_stand() -> None:
    """Sabotage: each boot looked at for itself believes a battery clock that was nine days ahead."""
    world = lived([("anchor", (0, 0, 0, 0)), ("lie", (HOUR, 9 * DAY)), ("reboot", (HOUR, 0)), ("anchor", (0, 0, 0, 0))])
    wrong = world.records[2]
    assert wrong.grade is Grade.B
    assert not wrong.time.lo <= world.truths[2] <= wrong.time.hi
    time = world.solved()[2]
    assert time.lo <= world.truths[2] <= time.hi
