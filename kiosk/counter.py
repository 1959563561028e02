"""What goes over the counter, as values: people, forms, stamps, queues. No screen, no store, no verb."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec

from kiosk.clock import in_doubt
from shared_rules.facts import (
    Grade,
    Role,
    SlipAmended,
    SlipContent,
    SlipRenewed,
    SlipStamped,
    Source,
    Value,
)  # fmt: skip
from shared_rules.interval import Interval
from shared_rules.words import Say, say

__all__ = [
    "ClaimRow",
    "Consequence",
    "Draft",
    "FieldProblem",
    "Form",
    "Meter",
    "PaperPage",
    "Pending",
    "Person",
    "Place",
    "QueueRow",
    "ReturnRow",
    "Sealed",
    "Session",
    "SlipFact",
    "Stamped",
    "Status",
    "Window",
]

SlipFact = SlipStamped | SlipAmended | SlipRenewed
"""What a stamp may write."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where this kiosk stands."""

    kiosk: int
    office: str
    office_name: str
    pools: dict[str, str]
    """Pool id -> name."""
    practice: bool = False
    """A training kiosk: 【练习】 stands on everything."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here, as the server said."""

    number: str
    name: str
    office: str
    roles: frozenset[Role]
    badge: str


@dataclass(frozen=True, slots=True)
class PaperPage:
    """A page of the emergency book, as it is keyed afterwards."""

    page: str
    """The printed number of the page."""
    pen_at: int
    """Instant (µs) of the minute that the clerk wrote beside the signature."""
    salesperson: str
    """Badge or number of whoever handed the slip in."""
    signed_by: str
    """Badge or number of the clerk whose signature stands on the page."""
    form: Form


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in; it lives as long as the program, a restart asks for the PIN again."""

    person: Person
    token: int

    @property
    def number(self) -> str:
        """Staff number."""
        return self.person.number

    @property
    def name(self) -> str:
        """Name as people know it."""
        return self.person.name

    @property
    def called(self) -> Say:
        """Role and name as the counter says them; whoever may hand in is a salesperson here."""
        if self.may(Role.MANAGER) and not self.may(Role.SALESPERSON):
            return say("销售部经理 {name}", name=self.name)
        if self.may(Role.SUPERVISOR) and not self.may(Role.SALESPERSON):
            return say("主管 {name}", name=self.name)
        return say("业务员 {name}", name=self.name)

    def may(self, *roles: Role) -> bool:
        """Return whether the person has one of these roles."""
        return bool(self.person.roles & set(roles))


class Form(Value, frozen=True, kw_only=True):
    """What a salesperson hands in: a new slip, an amendment or a renewal."""

    content: SlipContent = SlipContent()
    kind: str = "new"
    """`new`, `amend`, `renew`, or `paper` (a paper slip stamped by its number alone)."""
    claim: str = ""
    """The claim an amendment or renewal builds on."""
    received_on: date | None = None
    """Civil day the customer was received; None = today (一.7)."""
    source: Source = Source.WALK_IN
    exceptional: str = ""
    """Reason for a stamp outside the hours (一.3)."""
    pool: str = ""
    """Of a new slip; "" = the office's only pool. An amendment or renewal stays in its claim's."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that cannot be taken, and what to do."""

    field: str
    sentence: Say


@dataclass(frozen=True, slots=True)
class Pending:
    """A form handed in that waits for the clerk's stamp; it survives a restart."""

    id: int
    form: Form
    salesperson: str
    salesperson_name: str
    handed_in_at: int
    """Instant of the queue ticket (µs); 0 while the kiosk cannot say the time."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """A slip that is on the disk: only now it has a time."""

    slip: str
    claim: str
    time: Interval
    grade: Grade
    answer: Say
    """What the check of this office's live slips says."""
    conflict: bool
    """The office already knows a reason why the slip cannot stand."""
    receipt: bytes
    """188 bytes; the QR shows them."""
    lines: tuple[Say, ...]
    """The receipt in words."""

    @property
    def in_doubt(self) -> bool:
        """Whether its time is known too badly to be told to people; the server will say."""
        return in_doubt(self.time, self.grade)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seal that is on the disk: every stamp before it stands fast for whoever keeps its code."""

    name: str
    """Names its paper."""
    end: int
    """Instant at which the sealed window ended; 0 = the counter closed up."""
    time: Interval
    slips: int
    """Stamped since the seal before."""
    receipt: bytes
    """188 bytes; the QR shows them."""
    lines: tuple[Say, ...]
    """The seal in words."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A stamped slip that waits for the clerk's second look (一.4)."""

    slip: str
    claim: str
    salesperson: str
    salesperson_name: str
    stamped_at: int
    due_at: int
    """Instant by which it must be entered."""
    content: SlipContent | None
    """None = a paper slip: entry types its content."""
    pool: str = ""
    """"" where the claim's first slip names it."""


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """A slip that must go back to its salesperson (一.4)."""

    slip: str
    claim: str
    salesperson: str
    salesperson_name: str
    reasons: tuple[tuple[str, Say], ...]
    """Clause and masked sentence."""
    due_at: int
    provisional: bool
    note: str = ""
    """`printed` or `shown`, "" = the salesperson knows nothing yet."""
    holders: tuple[tuple[str, str], ...] = ()
    """Office ("" = this one) and salesperson, each by name, as far as the policy lets the note name them."""


@dataclass(frozen=True, slots=True)
class RulingRow:
    """What the server ruled on a claim of this office."""

    claim: str
    slip: str
    salesperson: str
    status: str
    reasons: tuple[tuple[str, Say], ...]
    """Clause and masked sentence."""
    waits_for: tuple[Say, ...]
    provisional: bool
    at: int
    """When the server said so."""


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One of a salesperson's own claims."""

    claim: str
    slip: str
    content: SlipContent | None
    status: str
    reasons: tuple[tuple[str, Say], ...]
    provisional: bool
    effective_at: int
    valid_until: date | None
    by_server: bool
    """False = this kiosk's own view, the server has not ruled yet."""
    pool: str = ""


@dataclass(frozen=True, slots=True)
class Meter:
    """How many customers a salesperson holds as this kiosk knows it, and how many are allowed (一.5)."""

    live: int
    limit: int
    free_on: date | None
    """Civil day on which the next place is free again where all are taken; None = there is one now."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What an amendment and a renewal would each do to a claim, side by side (一.6, 六.3)."""

    claim: str
    effective_at: int
    """The time that an amendment gives up and a renewal keeps."""
    valid_until: date | None
    amended_valid_until: date
    renewed_valid_until: date


@dataclass(frozen=True, slots=True)
class Window:
    """The hand-in windows of today and what 一.3 allows outside them."""

    open: bool
    spans: tuple[str, ...]
    next_open: int
    """Instant at which the next one opens."""
    reasons: tuple[str, ...] = ()
    """Reasons for a stamp outside."""


@dataclass(frozen=True, slots=True)
class Status:
    """The top line."""

    stamped: int
    reported: int
    ruled: int
    unsent: int
    oldest_unsent_at: int = 0
    """Instant of the oldest act that the server has not acknowledged; 0 = none."""
    online: bool = False
    operator_needed: bool = False
    sentence: Say | None = None
    """One sentence, only when something needs a person."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A half-filled form; it has no claim time."""

    name: str
    """Which form: `new`, `amend`, …"""
    values: dict[str, str]
    at: str
    """Field that had the focus."""
    saved_at: int = 0
