"""Machines that come back: an open time, another life, and what was final before stays final."""

from __future__ import annotations

from datetime import date

from shared_rules.facts import Event, FloorPromised, Grade, LogId
from shared_rules.interval import exactly
from shared_rules.settlement import Settlement, settle
from tests.builders import DEFAULT, at, closed, enrolled, entered, floor, slip

MONDAY = date(2026, 3, 2)


def test_a_stamp_without_an_upper_bound_does_not_reopen_a_day_that_was_closed_without_it() -> None:
    """A restored machine knows only that it is later than the last anchor of its backup, which lies in a final day."""
    final = [
        slip("03-02 09:10", "1.1", "A"), entered("03-02 09:30", "1.1"), enrolled(1), enrolled(2),
        floor("03-03 10:00", 1, "03-03 08:00"), floor("03-03 10:00", 2, "03-03 08:00"),
        closed("03-03 10:00", 2, MONDAY, 0), closed("03-03 10:00", 1, MONDAY, 1001),
    ]  # fmt: skip
    before = settle(final, DEFAULT, at("03-04 12:00")).claims["1.1"]
    assert (before.decision.status, before.decision.provisional) == ("upheld", False)
    restored = slip("03-02 08:00", "2.7", "B", grade=Grade.C)
    same = settle([*final, restored], DEFAULT, at("03-04 12:00"))
    assert same.claims["1.1"] == before
    assert same.claims["2.7"].decision.status == "late"
    unentered = slip("03-02 08:00", "2.7", "B", "李四", "13800000002", grade=Grade.C)
    other = settle([*final, unentered], DEFAULT, at("03-04 12:00"))
    assert not other.claims["1.1"].decision.provisional


def _floor(time: str, inc: int, upto: str) -> Event:
    promise = FloorPromised(office="office1", floor=at(upto), kiosk=1, inc=inc)
    return Event(exactly(at(time)), LogId(1, inc), 0, promise, Grade.A)


def test_the_life_heard_from_last_promises_for_its_kiosk_whatever_number_it_drew() -> None:
    """Numbers of lives are drawn at random: a lower one may be the newer."""
    first = [slip("03-02 09:10", "1.1", "A"), entered("03-02 09:30", "1.1"), enrolled(1)]
    old, new = _floor("03-02 12:00", 900, "03-02 12:00"), _floor("03-03 09:00", 7, "03-03 08:00")
    told = Settlement(DEFAULT)
    told.begin([*first, old], at("03-02 13:00"))
    told.apply([new], at("03-03 10:00"))
    told.apply([old], at("03-03 10:00"))
    assert not told.register().claims["1.1"].decision.provisional
    for facts in ([*first, old, new], [*first, new, old]):
        assert not settle(facts, DEFAULT, at("03-03 10:00")).claims["1.1"].decision.provisional
