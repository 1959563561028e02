"""Events for tests, in the words of the counter; times are local and written as people write them."""

from __future__ import annotations

from datetime import date, datetime

from shared_rules.facts import (
    DayClosed,
    Event,
    Fact,
    FloorPromised,
    Grade,
    KioskEnrolled,
    LogId,
    Need,
    Role,
    SlipAmended,
    SlipContent,
    SlipEntered,
    SlipStamped,
)
from shared_rules.interval import OPEN, SHANGHAI, Interval, exactly, from_datetime
from shared_rules.policy import Policies, shipped

__all__ = ["DEFAULT", "amended", "at", "closed", "enrolled", "entered", "event", "floor", "paper", "slip"]

DEFAULT = Policies.single(shipped())


def at(text: str) -> int:
    """Return the instant of `03-02 09:10` (2026, Asia/Shanghai)."""
    return from_datetime(datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI))


def event(time: str, kiosk: int, seq: int, fact: Fact, *, grade: Grade = Grade.A, until: str = "") -> Event:
    """Return an event of kiosk's log; grade C leaves its end open, `until` makes it an interval."""
    first = at(time)
    interval = Interval(first, OPEN) if grade is Grade.C else Interval(first, at(until)) if until else exactly(first)
    return Event(interval, LogId(kiosk, 1), seq, fact, grade)


def slip(time: str, number: str, by: str, name: str = "张三", phone: str = "13800000001", **more: object) -> Event:
    """Return a stamped slip; `number` is kiosk.seq, as `1.7`; `need` and `grade` may be given."""
    kiosk, seq = (int(part) for part in number.split("."))
    content = SlipContent(names=(name,), phones=(phone,), need=Need(kind=str(more.get("need", ""))))
    stamped = SlipStamped(
        slip=number, pool="p", office=f"office{kiosk}", salesperson=by, stamped_by=str(more.get("stamped_by", "K")),
        stamped_role=Role(str(more.get("role", "clerk"))), exceptional=str(more.get("exceptional", "")),
        received_on=date(2026, 3, 2), content=content,
    )  # fmt: skip
    grade = more.get("grade", Grade.A)
    assert isinstance(grade, Grade)
    return event(time, kiosk, seq, stamped, grade=grade)


def paper(time: str, number: str, by: str) -> Event:
    """Return a paper slip stamped by its number alone."""
    kiosk, seq = (int(part) for part in number.split("."))
    stamped = SlipStamped(
        slip=number, pool="p", office=f"office{kiosk}", salesperson=by, stamped_by="K", received_on=date(2026, 3, 2)
    )
    return event(time, kiosk, seq, stamped)


def amended(time: str, number: str, claim: str, by: str, *, name: str, phone: str) -> Event:
    """Return an amendment of a claim, a slip of its own number."""
    kiosk, seq = (int(part) for part in number.split("."))
    content = SlipContent(names=(name,), phones=(phone,))
    return event(
        time, kiosk, seq, SlipAmended(slip=number, claim=claim, salesperson=by, stamped_by="K", content=content)
    )


def entered(time: str, number: str, content: SlipContent | None = None) -> Event:
    """Return the clerk's second look at a slip."""
    kiosk, seq = (int(part) for part in number.split("."))
    return event(time, kiosk, 1000 + seq, SlipEntered(slip=number, entered_by="K", content=content))


def enrolled(kiosk: int) -> Event:
    """Return the server's record that a kiosk is active."""
    fact = KioskEnrolled(kiosk=kiosk, office=f"office{kiosk}", pools=("p",), certificate="")
    return event("01-01 00:00", 0, kiosk, fact)


def floor(time: str, kiosk: int, upto: str, *, seq: int = 1) -> Event:
    """Return a journal's promise to stamp nothing at or before `upto`."""
    fact = FloorPromised(office=f"office{kiosk}", floor=at(upto), kiosk=kiosk, inc=1)
    return event(time, 0, 100 * kiosk + seq, fact)


def closed(time: str, kiosk: int, day: date, known: int) -> Event:
    """Return the closing of an office's day with the records up to `known`."""
    fact = DayClosed(office=f"office{kiosk}", day=day, known={f"{kiosk}.1": known})
    return event(time, 0, 900 + 10 * kiosk + day.day, fact)
