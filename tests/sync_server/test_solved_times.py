"""The server solves a journal's times again when an anchor arrives: an open day closes, and the ruling follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared_rules.errors import RefusedError
from shared_rules.facts import Grade, Role, RulingMade, SlipStamped
from shared_rules.interval import DAY, HOUR, MINUTE, OPEN, SECOND, Interval
from shared_rules.journal import RecordKind
from shared_rules.settlement import settle
from shared_rules.timekeeping import ClockEventBody
from shared_rules.wire import canonical
from sync_server.archive import Archive, floors, policies_in_force
from sync_server.docket import Docket
from sync_server.sessions import Visitor
from tests.sync_server.conftest import NINE, House, rebuilt

if TYPE_CHECKING:
    from sync_server.archive import Contents

EAST, WEST = 0, 1
TUESDAY = NINE + DAY


def open_and_closed(town: House) -> tuple[str, str]:
    """Stamp one customer at both offices: on Monday in the west, on Tuesday in the east.

    The east's kiosk was started again and has not heard the server since: all it knows is that it is not Sunday any
    more.
    """
    east, west = town.kiosks
    theirs = west.stamp(NINE + 10 * MINUTE, by="B", name="张三", phone="13800000001")
    east.boot, east.grade, east.err = b"1" * 16, Grade.C, 2 * DAY
    ours = east.stamp(TUESDAY, by="A", name="张三", phone="13800000001")
    east.grade, east.err = Grade.A, 0
    town.push(west)
    town.push(east)
    town.settle(TUESDAY + HOUR)
    return ours, theirs


def anchored(town: House, at: int = TUESDAY + 2 * HOUR) -> None:
    """Let the east's kiosk hear the server's time in the same run, and tell of it."""
    town.kiosks[EAST].anchor(at)
    town.push(town.kiosks[EAST])
    town.settle(at)


def stamps(contents: Contents) -> dict[str, Interval]:
    """Return slip -> the time by which it is judged."""
    return {event.fact.slip: event.time for event in contents.events if isinstance(event.fact, SlipStamped)}


def test_an_open_stamp_waits_for_the_manager_and_is_ruled_once_an_anchor_closes_it(town: House) -> None:
    """Nobody could say who was first; afterwards the day decides, and both offices are told."""
    ours, theirs = open_and_closed(town)
    assert {claim: status for claim, (status, _) in town.rulings("east", "west").items()} == {
        ours: "with_manager",
        theirs: "with_manager",
    }
    anchored(town)
    assert {claim: status for claim, (status, _) in town.rulings("east", "west").items()} == {
        ours: "returned",
        theirs: "upheld",
    }
    assert [row["slip"] for row in town.told("east", "return")] == [ours]
    time = stamps(town.service.reconciler.archive.read())[ours]
    assert time.lo <= TUESDAY <= time.hi
    assert time.hi - time.lo < 4 * SECOND


def test_without_solving_again_the_case_would_wait_for_ever(town: House) -> None:
    """Sabotage: a docket that does not look at revisions leaves the offices with yesterday's answer."""

    class Deaf(Docket):
        def read(self, contents: Contents) -> None:
            self._revision = contents.revision
            super().read(contents)

    object.__setattr__(town.service.reconciler, "docket", Deaf())
    ours, _ = open_and_closed(town)
    anchored(town)
    assert town.rulings("east")[ours][0] == "with_manager"


@pytest.mark.parametrize("pieces", [1, 2, 3, 99], ids=["one by one", "in twos", "in threes", "at once"])
def test_the_pieces_in_which_a_journal_comes_change_no_ruling(town: House, pieces: int) -> None:
    """Times and register are the same however the records are cut into pushes, and after a restart."""
    east, west = town.kiosks
    west.stamp(NINE + 10 * MINUTE, by="B", name="张三", phone="13800000001")
    east.boot, east.grade, east.err = b"1" * 16, Grade.C, 2 * DAY
    east.stamp(TUESDAY, by="A", name="张三", phone="13800000001")
    east.stamp(TUESDAY + HOUR, by="C", name="李四", phone="13900000001")
    east.grade, east.err = Grade.A, 0
    east.anchor(TUESDAY + 2 * HOUR)
    town.push(west)
    for first in range(0, len(east.entries), pieces):
        town.push(east, first, min(first + pieces, len(east.entries)))
        town.settle(TUESDAY + 3 * HOUR)
    contents, docket = town.service.reconciler.archive.read(), town.service.reconciler.docket
    assert docket.settlement is not None
    fresh = Archive(town.store).read()
    assert contents.events == fresh.events
    with town.store.snapshot() as tx:
        policies = policies_in_force(tx)
    scratch = settle((*fresh.events, *floors(fresh.logs)), policies, docket.settlement.as_of)
    assert docket.settlement.register() == scratch
    again = rebuilt(town)
    again.settle()
    assert again.rulings("east", "west") == {
        "east-1-1": ("returned", "yes"),
        "east-1-2": ("upheld", "yes"),
        "west-2-1": ("upheld", "yes"),
    }


def test_facts_handed_out_before_are_not_changed_under_their_reader(town: House) -> None:
    """A page that is being made goes on with the times it began with; the next one has the new ones."""
    ours, _ = open_and_closed(town)
    before = town.service.reconciler.archive.read()
    anchored(town)
    assert stamps(before)[ours].hi == OPEN
    after = town.service.reconciler.archive.read()
    assert stamps(after)[ours].hi < OPEN
    assert before.uncertain == {ours}
    assert not after.uncertain


def test_a_ruling_of_the_managers_stands_when_the_day_becomes_certain(town: House) -> None:
    """A person decided what nobody could tell, and signed; what comes to light later is a matter for 三."""
    ours, theirs = open_and_closed(town)
    visitor = Visitor("M", "人M", (Role.MANAGER,), "session")
    town.service.rulings.rule(visitor, 1, winner=ours, reason="看了日报")
    town.settle()
    anchored(town)
    assert {claim: status for claim, (status, _) in town.rulings("east", "west").items()} == {
        ours: "upheld",
        theirs: "returned",
    }
    assert any(isinstance(event.fact, RulingMade) for event in town.service.reconciler.archive.read().events)


def test_the_manager_sees_the_bounds_and_why_they_are_open(town: House) -> None:
    """The receipt's bounds, what the journal proves, when the server was heard, and what befell the machine."""
    east = town.kiosks[EAST]
    east.anchor(NINE)
    east.boot = b"1" * 16
    event = canonical(ClockEventBody(event="rtc_set_back", by=-3600 * SECOND))
    east.append(event, TUESDAY - HOUR, kind=RecordKind.CLOCK_EVENT, grade=Grade.C, err=2 * DAY)
    ours, theirs = open_and_closed(town)
    visitor = Visitor("M", "人M", (Role.MANAGER,), "session")
    (item,) = town.service.library.inbox(visitor)
    assert item.uncertain
    slips = {slip.claim: slip for slip in town.service.library.case(visitor, item.number).slips}
    doubt = slips[ours].doubt
    assert slips[theirs].doubt is None
    assert doubt is not None
    assert doubt.before == Interval(NINE, NINE)
    assert doubt.after is None
    assert (doubt.own.hi, doubt.solved.hi) == (OPEN, OPEN)
    assert [sentence.chinese() for sentence in doubt.witnesses] == ["停机期间硬件时钟被拨回约 3600 秒"]
    assert "没有与服务器对过时" in doubt.why.chinese()


def test_only_who_rules_sees_the_evidence(town: House) -> None:
    """A salesperson asks in vain, and the question leaves its row (五)."""
    open_and_closed(town)
    visitor = Visitor("A", "人A", (Role.SALESPERSON,), "session")
    with pytest.raises(RefusedError):
        town.service.library.case(visitor, 1)
