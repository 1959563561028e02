"""What happened, as frozen values: the only input of the rules, and the body of every fact record.

A fact says what a person or machine did; when it was done stands on the `Event` around it, as an interval. Kiosk
journals hold the counter's acts, the server's own log (kiosk 0) holds what the server saw and what people did on its
pages. Days are civil days of the pool's zone; instants are microseconds since the epoch; texts are kept as typed
(normal forms are made in `customers.py`). Optional fields are left out of the canonical bytes while at their default.
"""

from __future__ import annotations

from datetime import date
from enum import IntEnum, StrEnum
from typing import NamedTuple

import msgspec

from shared_rules.interval import Interval
from shared_rules.values import Fixed

__all__ = [
    "SERVER_KIOSK",
    "ClosedDaysDeclared",
    "CollisionSeen",
    "CustomerKind",
    "DayClosed",
    "DealCancelled",
    "DealClosed",
    "DealRenamed",
    "DutyClosed",
    "DutyOpened",
    "Event",
    "Fact",
    "FindingMade",
    "FloorPromised",
    "Grade",
    "KioskEnrolled",
    "Launched",
    "LogId",
    "LogQueried",
    "NameStruck",
    "Need",
    "PersonAdded",
    "Prelaunched",
    "QuarterReported",
    "Received",
    "Role",
    "RulingMade",
    "SlipAmended",
    "SlipContent",
    "SlipCorrected",
    "SlipDeclaredLost",
    "SlipEntered",
    "SlipRefused",
    "SlipRenewed",
    "SlipReturned",
    "SlipStamped",
    "SlipWithdrawn",
    "Source",
    "Value",
    "VisitLogged",
]

SERVER_KIOSK = 0
"""The kiosk number of the server's own log."""


class LogId(NamedTuple):
    """One journal: a kiosk and one life (incarnation) of it."""

    kiosk: int
    inc: int


class Grade(IntEnum):
    """How well a time is known: anchored, bridged over a reboot, unanchored, paper, imported."""

    A = 1
    B = 2
    C = 3
    P = 4
    I = 5  # noqa: E741 - the grade's name in the books


class Role(StrEnum):
    """What a person may do; the regulation's own offices plus the operator of the machines."""

    SALESPERSON = "salesperson"
    CLERK = "clerk"
    CONTRACT_OFFICE = "contract_office"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    LEADER = "leader"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class Source(StrEnum):
    """How the customer came (一.8, 六.2, 六.5)."""

    WALK_IN = "walk_in"
    CALL = "call"
    OLD_CUSTOMER = "old_customer"
    PRE_REGISTERED = "pre_registered"
    STAFF_INTRO = "staff_intro"
    CHANNEL = "channel"


class CustomerKind(StrEnum):
    """Who buys: a person (with kin) or a unit (二.1.4)."""

    PERSON = "person"
    COMPANY = "company"


class Value(Fixed, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A frozen value, strictly decoded: the base of everything that travels."""


class Need(Value, frozen=True, kw_only=True):
    """What the customer wants to buy, on a small taxonomy; an empty field is unknown and never separates (二)."""

    kind: str = ""
    """Property type as typed: flat, shop, office, parking, villa …, or its Chinese word."""
    area_from: int = 0
    """Square metres, 0 = not said."""
    area_to: int = 0
    units: int = 0


class SlipContent(Value, frozen=True, kw_only=True):
    """What stands on a slip (一.2), as typed; a mandatory field may be missing here, 一.2 judges that."""

    kind: CustomerKind = CustomerKind.PERSON
    names: tuple[str, ...] = ()
    """The principal first, then the kin group of 二.1.2."""
    company: str = ""
    contact: str = ""
    """Contact person of a unit."""
    phones: tuple[str, ...] = ()
    need: Need = Need()
    other: dict[str, str] = msgspec.field(default_factory=dict)
    """Further fields that a policy's `mandatory_fields` demands."""


class _Fact(Value, frozen=True, tag_field="fact"):
    pass


class SlipStamped(_Fact, frozen=True, kw_only=True):
    """A clerk signed a new slip: the confirmation time (一.3, 二.2.1). Without content it is a paper slip by number."""

    slip: str
    """Slip number office-kiosk-counter, also the claim's id; unique offline."""
    pool: str
    office: str
    salesperson: str
    stamped_by: str
    stamped_role: Role = Role.CLERK
    handed_in_at: int = 0
    """Instant of the queue ticket; 0 = the stamp itself."""
    received_on: date
    """Civil day the customer was received (一.7)."""
    content: SlipContent | None = None
    source: Source = Source.WALK_IN
    exceptional: str = ""
    """The mandatory reason of a stamp by the contract office or outside the hours (一.3)."""
    paper: str = ""
    """Page of the emergency book, used once."""
    written_up_at: int = 0
    """Instant a slip of the emergency book was keyed; its event's time is the pen's."""


class SlipEntered(_Fact, frozen=True, kw_only=True):
    """The clerk's second look within 24 h (一.4); for a slip stamped by number alone it brings the content."""

    slip: str
    entered_by: str
    content: SlipContent | None = None


class SlipAmended(_Fact, frozen=True, kw_only=True):
    """An amendment slip was stamped: the content changes and the time moves (一.6)."""

    slip: str
    """The amendment's own number."""
    claim: str
    salesperson: str
    stamped_by: str
    stamped_role: Role = Role.CLERK
    handed_in_at: int = 0
    content: SlipContent
    """The whole new content, not a difference."""
    exceptional: str = ""


class SlipRenewed(_Fact, frozen=True, kw_only=True):
    """A renewal was stamped: the time stays, the lease is extended (六.3)."""

    slip: str
    claim: str
    salesperson: str
    stamped_by: str
    stamped_role: Role = Role.CLERK
    handed_in_at: int = 0
    exceptional: str = ""
    evidence: str = ""


class SlipWithdrawn(_Fact, frozen=True, kw_only=True):
    """The salesperson gave the claim up."""

    claim: str
    salesperson: str
    witnessed_by: str = ""


class SlipCorrected(_Fact, frozen=True, kw_only=True):
    """Clerk and supervisor put right what was wrongly typed; the time is kept."""

    slip: str
    content: SlipContent
    corrected_by: str
    approved_by: str
    reason: str


class SlipReturned(_Fact, frozen=True, kw_only=True):
    """A slip was given back: the note was printed, or signed or acknowledged by the salesperson (一.4)."""

    slip: str
    returned_by: str
    note: str = ""
    """`printed`, `shown`, or `acknowledged` (the return is done only then)."""


class SlipRefused(_Fact, frozen=True, kw_only=True):
    """A clerk refused a slip over the quota (一.5)."""

    slip: str
    refused_by: str


class SlipDeclaredLost(_Fact, frozen=True, kw_only=True):
    """A manager declared a never-entered paper slip lost."""

    slip: str
    declared_by: str


class FindingMade(_Fact, frozen=True, kw_only=True):
    """A person's dated answer about two claims (二.1.1, 二.1.3)."""

    claims: tuple[str, str]
    answer: str
    """`same` or `different`."""
    ground: str = ""
    """kin, alias …"""
    found_by: str = ""
    reason: str = ""


class NameStruck(_Fact, frozen=True, kw_only=True):
    """A name on a slip proved not to be kin of the first one (二.1.2)."""

    claim: str
    name: str
    found_by: str = ""


class VisitLogged(_Fact, frozen=True, kw_only=True):
    """A row of an office's visitor log (一.7); its event's time is the visit's or call's."""

    by: str
    """The salesperson who received the customer."""
    name: str = ""
    phone: str = ""
    kind: str = "visit"
    """`visit`, `call`, or `call_out` (made by the salesperson)."""
    entered_at: int = 0
    """Instant the row was written; 0 = at once."""


class LogQueried(_Fact, frozen=True, kw_only=True):
    """Somebody looked for the visitor log's row of the day a claim's customer was received (一.7)."""

    claim: str
    found: str = ""
    """`yes`, `no`, "" = as the rows say."""
    queried_by: str = ""


class QuarterReported(_Fact, frozen=True, kw_only=True):
    """A salesperson's result of a quarter, for the quota (一.5)."""

    person: str
    quarter: str
    """`2026Q1`."""
    signings: int
    target_met_on: date | None = None
    """Civil day on which the quarter's signing task was met."""


class RulingMade(_Fact, frozen=True, kw_only=True):
    """A person ruled among claims (二.2.4, 三.3)."""

    claims: tuple[str, ...]
    winner: str = ""
    shares: dict[str, int] = msgspec.field(default_factory=dict)
    """Salesperson -> percent, where the ruling shares."""
    losers: tuple[str, ...] = ()
    clause: str
    ruled_by: str
    session: str = ""
    """Login session at the server under which the act was authenticated."""
    reason: str = ""
    dispute: str = ""


class DealClosed(_Fact, frozen=True, kw_only=True):
    """A subscription or signing (二.2.2, 二.2.3)."""

    deal: str
    closer: str
    contract_name: str
    kind: str = "subscription"
    claims: tuple[str, ...] = ()


class DealCancelled(_Fact, frozen=True, kw_only=True):
    """A subscription was cancelled; its claim opens again."""

    deal: str


class DealRenamed(_Fact, frozen=True, kw_only=True):
    """The name on the contract changed."""

    deal: str
    contract_name: str


class Prelaunched(_Fact, frozen=True, kw_only=True):
    """Sales have not opened yet: slips from here on are early claims (六.3)."""

    pool: str = ""


class Launched(_Fact, frozen=True, kw_only=True):
    """Formal notice of internal subscription; a later one replaces it (六.3)."""

    pool: str = ""
    day: date


class CollisionSeen(_Fact, frozen=True, kw_only=True):
    """A collision came to light; without claims, among all (二.2.2)."""

    claims: tuple[str, ...] = ()


class ClosedDaysDeclared(_Fact, frozen=True, kw_only=True):
    """Days on which the office is shut, declared in advance (一.1)."""

    first: date
    last: date
    office: str = ""


class KioskEnrolled(_Fact, frozen=True, kw_only=True):
    """The server took a kiosk in: from here on its floor counts for finality."""

    kiosk: int
    office: str
    pools: tuple[str, ...]
    certificate: str
    """SHA-256 of the kiosk's certificate, hex."""


class PersonAdded(_Fact, frozen=True, kw_only=True):
    """The operator created or changed a person; PIN and badge are not in the log."""

    person: str
    name: str
    office: str
    roles: tuple[Role, ...]
    left: str = ""
    """`yes` once the person has left."""


class Received(_Fact, frozen=True, kw_only=True):
    """The server has this log's records up to a sequence number."""

    kiosk: int
    inc: int
    upto: int


class DayClosed(_Fact, frozen=True, kw_only=True):
    """An office's business day was closed with these records known (finality)."""

    office: str
    day: date
    known: dict[str, int] = msgspec.field(default_factory=dict)
    """`kiosk.inc` -> highest sequence number known at the closing."""
    without: tuple[str, ...] = ()
    """Offices that a manager closed the day without."""


class FloorPromised(_Fact, frozen=True, kw_only=True):
    """A journal promises to stamp nothing at or before `floor` (microseconds); from its latest signed head."""

    office: str
    floor: int
    kiosk: int = 0
    inc: int = 0


class DutyOpened(_Fact, frozen=True, kw_only=True):
    """The clerk opened the window with badge and PIN."""

    clerk: str
    office: str


class DutyClosed(_Fact, frozen=True, kw_only=True):
    """The clerk closed the window; `floor` is the promise until the next opening, 0 = none."""

    clerk: str
    floor: int = 0


Fact = (
    SlipStamped
    | SlipEntered
    | SlipAmended
    | SlipRenewed
    | SlipWithdrawn
    | SlipCorrected
    | SlipReturned
    | SlipRefused
    | SlipDeclaredLost
    | FindingMade
    | NameStruck
    | VisitLogged
    | LogQueried
    | QuarterReported
    | RulingMade
    | DealClosed
    | DealCancelled
    | DealRenamed
    | Prelaunched
    | Launched
    | CollisionSeen
    | ClosedDaysDeclared
    | KioskEnrolled
    | PersonAdded
    | Received
    | DayClosed
    | FloorPromised
    | DutyOpened
    | DutyClosed
)


class Event(NamedTuple):
    """One fact with its place in a log and its time: what `settle` takes a set of."""

    time: Interval
    log: LogId
    seq: int
    fact: Fact
    grade: Grade = Grade.A
