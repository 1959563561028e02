"""What kiosks and server promise and notice, and who is on duty."""

from __future__ import annotations

from datetime import date

import msgspec

from shared_rules.facts.base import Count, Instant, Record, Role, check_day

__all__ = [
    "DayClosed",
    "DutyClosed",
    "DutyOpened",
    "FloorPromised",
    "KioskEnrolled",
    "KioskRevoked",
    "PersonAdded",
    "Received",
    "RecordErased",
]


class KioskEnrolled(Record, frozen=True, kw_only=True):
    """The server took a kiosk in: from here on its floor counts for finality."""

    kiosk: Count
    office: str
    pools: tuple[str, ...]
    certificate: str
    """SHA-256 of the kiosk's certificate, hex."""


class KioskRevoked(Record, frozen=True, kw_only=True):
    """The operator took a kiosk's certificate back: for the days before this nobody waits for its promise any more."""

    kiosk: Count
    certificate: str
    """SHA-256 of the certificate that counts no more, hex."""
    reason: str


class PersonAdded(Record, frozen=True, kw_only=True):
    """The operator created or changed a person; PIN and badge are not in the log."""

    person: str
    name: str
    office: str
    roles: tuple[Role, ...]
    supervisor: str = ""
    """Whose query slips this person's go to (三.1)."""
    left: str = ""
    """`yes` once the person has left."""


class Received(Record, frozen=True, kw_only=True):
    """The server has this log's records up to a sequence number."""

    kiosk: Count
    inc: Count
    upto: Count


class RecordErased(Record, frozen=True, kw_only=True):
    """A record's body was erased with its salt; `redacted` stands in its place (a customer asked, or time is up)."""

    kiosk: Count
    inc: Count
    seq: Count
    redacted: str
    """Canonical JSON of the fact without what tells who the customer is."""
    reason: str


class DayClosed(Record, frozen=True, kw_only=True):
    """An office's business day was closed with these records known (finality)."""

    office: str
    day: date
    known: dict[str, Count] = msgspec.field(default_factory=dict)
    """`kiosk.inc` -> highest sequence number known at the closing."""
    without: tuple[str, ...] = ()
    """Offices that a manager closed the day without; `known` names what was held of their journals."""
    closed_by: str = ""
    """Who signed for an office that did not promise; "" = the office promised."""
    session: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        check_day(self.day)


class FloorPromised(Record, frozen=True, kw_only=True):
    """A journal promises to stamp nothing at or before `floor` (microseconds); from its latest signed head."""

    office: str
    floor: Instant
    kiosk: Count = 0
    inc: Count = 0


class DutyOpened(Record, frozen=True, kw_only=True):
    """The clerk opened the window with badge and PIN."""

    clerk: str
    office: str


class DutyClosed(Record, frozen=True, kw_only=True):
    """The clerk closed the window; `floor` is the promise until the next opening, 0 = none."""

    clerk: str
    floor: Instant = 0
    taken_by: str = ""
    """The clerk who took the window over on the spot, by badge and PIN."""
    papers: Count = 0
    """Paper slips that both of them counted and that were handed over."""
    remark: str = ""
