"""A town at full trade: twenty offices, one pool, every claim live; made by arithmetic, the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from shared_rules.facts import (
    Event,
    Fact,
    FloorPromised,
    Grade,
    KioskEnrolled,
    LogId,
    Need,
    SlipContent,
    SlipEntered,
    SlipRenewed,
    SlipStamped,
)
from shared_rules.interval import DAY, HOUR, SECOND, day_start, exactly

__all__ = ["FIRST_DAY", "NOW", "OFFICES", "entry", "history", "new_slip"]

FIRST_DAY = date(2026, 3, 2)
OFFICES = 20
DAYS = 8
NOW = day_start(FIRST_DAY) + (DAYS - 1) * DAY + 17 * HOUR
_HELD = 44
"""Claims of a salesperson: six below the lowest number of places."""
_MORNING, _AFTERNOON = 9 * HOUR, 16 * HOUR
_WINDOW = 3500
"""Seconds in which slips are handed in (一.1)."""
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = 900
_ENTRIES = 1 << 40
_RENEWALS = 1 << 41


def history(count: int) -> Iterator[Event]:
    """Yield `count` slips with their entries: each fiftieth collides, each twentieth is renewed; today is not over."""
    for office in range(OFFICES):
        fact = KioskEnrolled(kiosk=office + 1, office=f"o{office}", pools=("p",), certificate="")
        yield Event(exactly(day_start(FIRST_DAY) - DAY), LogId(0, 1), office + 1, fact, Grade.A)
    for index in range(count):
        stamped = _stamp(index, count, index * DAYS // count)
        yield stamped
        yield entry(stamped)
        if index % 20 == 0 and index * DAYS // count < DAYS - 1:
            yield _renewal(stamped)
    for office in range(OFFICES):
        floor = FloorPromised(office=f"o{office}", floor=NOW - 10 * HOUR, kiosk=office + 1, inc=1)
        yield Event(exactly(NOW - HOUR), LogId(0, 1), 100 + office, floor, Grade.A)


def new_slip(count: int, number: int, *, late: bool = False, collides: bool = False) -> Event:
    """Return one more slip of this afternoon, for a register of `count`; a late one was stamped in the morning."""
    index = count + number * 37
    same = number * 101 % (count // 2) if collides else -1
    event = _stamp(index, count, DAYS - 1, same=same)
    begin = day_start(FIRST_DAY) + (DAYS - 1) * DAY + (_MORNING if late else _AFTERNOON)
    return event._replace(time=exactly(begin + number * SECOND))


def entry(stamped: Event) -> Event:
    """Return the clerk's second look, an hour later."""
    assert isinstance(stamped.fact, SlipStamped)
    return _after(stamped, HOUR, _ENTRIES, SlipEntered(slip=stamped.fact.slip, entered_by="K"))


def _renewal(stamped: Event) -> Event:
    fact = stamped.fact
    assert isinstance(fact, SlipStamped)
    renewed = SlipRenewed(slip=f"{fact.slip}r", claim=fact.slip, salesperson=fact.salesperson, stamped_by="K")
    return _after(stamped, DAY, _RENEWALS, renewed)


def _after(stamped: Event, later: int, behind: int, fact: Fact) -> Event:
    return Event(exactly(stamped.time.lo + later), stamped.log, stamped.seq + behind, fact, Grade.A)


def _stamp(index: int, count: int, day: int, *, same: int = -1) -> Event:
    office = index % OFFICES
    person = f"S{index % max(1, count // _HELD)}"
    if same < 0:
        same = index - count // 2 if index % 50 == 0 and index > count // 2 else index
    fact = SlipStamped(
        slip=f"{office}.{index}", pool="p", office=f"o{office}", salesperson=person, stamped_by="K",
        received_on=FIRST_DAY, content=customer(same),
    )  # fmt: skip
    time = day_start(FIRST_DAY) + day * DAY + _MORNING + index * 997 % _WINDOW * SECOND
    return Event(exactly(time), LogId(office + 1, 1), index + 1, fact, Grade.A)


def customer(index: int) -> SlipContent:
    surname, rest = _SURNAMES[index % 20], index // 20
    name = surname + chr(0x4E00 + rest % _GIVEN * 7) + chr(0x4E00 + rest // _GIVEN * 11 % 18000)
    return SlipContent(names=(name,), phones=(f"139{index:08d}",), need=Need(kind="flat"))
