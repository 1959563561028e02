"""What happens at the counter: slips, their second look, their end, and the visitor log (一)."""

from __future__ import annotations

from datetime import date

from shared_rules.facts.base import Instant, Record, Role, SlipContent, Source, check_day

__all__ = [
    "LogQueried",
    "SlipAmended",
    "SlipCorrected",
    "SlipDeclaredLost",
    "SlipEntered",
    "SlipRefused",
    "SlipRenewed",
    "SlipReturned",
    "SlipStamped",
    "SlipWithdrawn",
    "VisitLogged",
]


class SlipStamped(Record, frozen=True, kw_only=True):
    """A clerk signed a new slip: the confirmation time (一.3, 二.2.1). Without content it is a paper slip by number."""

    slip: str
    """Slip number office-kiosk-counter, also the claim's id; unique offline."""
    pool: str
    office: str
    salesperson: str
    stamped_by: str
    stamped_role: Role = Role.CLERK
    handed_in_at: Instant = 0
    """Instant of the queue ticket; 0 = the stamp itself."""
    received_on: date
    """Civil day the customer was received (一.7)."""
    content: SlipContent | None = None
    source: Source = Source.WALK_IN
    exceptional: str = ""
    """The mandatory reason of a stamp by the contract office or outside the hours (一.3)."""
    paper: str = ""
    """Page of the emergency book, used once."""
    written_up_at: Instant = 0
    """Instant a slip of the emergency book was keyed; its event's time is the pen's."""
    cosigned_by: str = ""
    """Who of the contract office looked at that page and signed for it with the clerk who keyed it."""

    def __post_init__(self) -> None:
        check_day(self.received_on)


class SlipEntered(Record, frozen=True, kw_only=True):
    """The clerk's second look within 24 h (一.4); for a slip stamped by number alone it brings the content."""

    slip: str
    entered_by: str
    content: SlipContent | None = None


class SlipAmended(Record, frozen=True, kw_only=True):
    """An amendment slip was stamped: the content changes and the time moves (一.6)."""

    slip: str
    """The amendment's own number."""
    claim: str
    salesperson: str
    stamped_by: str
    stamped_role: Role = Role.CLERK
    handed_in_at: Instant = 0
    content: SlipContent
    """The whole new content, not a difference."""
    exceptional: str = ""


class SlipRenewed(Record, frozen=True, kw_only=True):
    """A renewal was stamped: the time stays, the lease is extended (六.3)."""

    slip: str
    claim: str
    salesperson: str
    stamped_by: str
    stamped_role: Role = Role.CLERK
    handed_in_at: Instant = 0
    exceptional: str = ""
    evidence: str = ""


class SlipWithdrawn(Record, frozen=True, kw_only=True):
    """The salesperson gave the claim up."""

    claim: str
    salesperson: str
    witnessed_by: str = ""


class SlipCorrected(Record, frozen=True, kw_only=True):
    """Clerk and supervisor put right what was wrongly typed; the time is kept."""

    slip: str
    content: SlipContent
    corrected_by: str
    approved_by: str
    reason: str


class SlipReturned(Record, frozen=True, kw_only=True):
    """A slip was given back: the note was printed, or signed or acknowledged by the salesperson (一.4)."""

    slip: str
    returned_by: str
    note: str = ""
    """`printed`, `shown`, or `acknowledged` (the return is done only then)."""


class SlipRefused(Record, frozen=True, kw_only=True):
    """A clerk refused a slip over the quota (一.5)."""

    slip: str
    refused_by: str


class SlipDeclaredLost(Record, frozen=True, kw_only=True):
    """A manager declared a never-entered paper slip lost."""

    slip: str
    declared_by: str


class VisitLogged(Record, frozen=True, kw_only=True):
    """A row of an office's visitor log (一.7); its event's time is the visit's or call's."""

    by: str
    """The salesperson who received the customer."""
    name: str = ""
    phone: str = ""
    kind: str = "visit"
    """`visit`, `call`, or `call_out` (made by the salesperson)."""
    entered_at: Instant = 0
    """Instant the row was written; 0 = at once."""


class LogQueried(Record, frozen=True, kw_only=True):
    """Somebody looked for the visitor log's row of the day a claim's customer was received (一.7)."""

    claim: str
    found: str = ""
    """`yes`, `no`, "" = as the rows say."""
    queried_by: str = ""
