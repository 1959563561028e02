"""What the counter shows of its slips is kept up act by act, and is what it would be if it were read anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from kiosk import filing
from kiosk.counter import Form
from kiosk.register import OfficeRegister
from shared_rules.facts import Need, SlipContent, SlipWithdrawn
from shared_rules.interval import DAY
from tests.builders import at, event, slip
from tests.kiosk.counters import CLERK, OTHER, PEOPLE, Kiosk
from tests.stamps import STAMP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared_rules.facts import Event
    from shared_rules.journal import Record


def shown(kiosk: Kiosk, register: OfficeRegister) -> object:
    """Return everything that the screens read of a register."""
    as_of = kiosk.desk.now()
    people = [(filing.claim_rows(register, as_of, number), filing.meters(register, as_of, number)) for number in PEOPLE]
    counted = register.book().counted(kiosk.desk.journal.acknowledged_of)
    return people, filing.return_rows(register, as_of, kiosk.desk.staff.name), counted, register.book().contents


def anew(kiosk: Kiosk) -> object:
    """Return the same from a register that has read nothing yet."""
    return shown(kiosk, OfficeRegister(kiosk.desk.journal.database, kiosk.desk.journal.chain.read))


def as_read(facts: list[Event], seen: int) -> Iterator[tuple[int, Record, Event]]:
    """Yield facts as a journal would, each in its record."""
    for position, one in enumerate(facts[seen:], seen + 1):
        record = replace(STAMP, log=one.log, seq=one.seq, time=one.time, tick=one.time.lo, grade=one.grade)
        yield position, record, one


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    """Return a counter at 09:10."""
    return Kiosk(tmp_path / "kiosk")


def test_lists_and_counts_kept_up_are_the_same_as_read_anew(kiosk: Kiosk) -> None:
    """Slips that collide, second looks, an amendment, an acknowledged return."""
    desk, clerk = kiosk.desk, kiosk.duty()
    first = kiosk.stamped("张伟", "13800000001")
    desk.enter(clerk, first.slip)
    assert shown(kiosk, desk.register) == anew(kiosk)
    kiosk.machine.run(DAY)
    second, third = (kiosk.stamped("张伟", "13800000001", by=OTHER), kiosk.stamped("李强", "13800000009", by=OTHER))
    assert [row.slip for row in desk.returns.rows()] == [second.slip]
    assert shown(kiosk, desk.register) == anew(kiosk)
    session = kiosk.log_in(OTHER)
    content = SlipContent(names=("张伟",), phones=("13800000001",), need=Need(kind="住宅"))
    form = Form(kind="amend", claim=third.claim, content=content, received_on=date(2026, 3, 3))
    act = desk.stamp(desk.hand_in(session, form).id, f"B{CLERK}")
    assert [row.slip for row in desk.returns.rows()] == [second.slip, act.slip]
    assert shown(kiosk, desk.register) == anew(kiosk)
    desk.returns.record(session, act.slip, "acknowledged")
    assert [row.slip for row in desk.returns.rows()] == [second.slip]
    assert shown(kiosk, desk.register) == anew(kiosk)
    kiosk.machine.run(DAY)
    assert shown(kiosk, desk.register) == anew(kiosk)


def test_a_slip_that_stands_after_all_leaves_the_list(kiosk: Kiosk) -> None:
    """The first claim turns out to have been given up before the second slip: that one no longer goes back."""
    facts = [slip("03-02 09:00", "1.1", "A"), slip("03-03 09:00", "1.2", "B")]
    register = OfficeRegister(kiosk.desk.journal.database, lambda seen: as_read(facts, seen))
    assert set(register.going_back(at("03-03 10:00"))) == {"1.2"}
    facts.append(event("03-02 10:00", 1, 9, SlipWithdrawn(claim="1.1", salesperson="A")))
    assert not register.going_back(at("03-03 10:00"))
    assert [ruling.claim for ruling in register.claims_of("B", at("03-03 10:00"))] == ["1.2"]
