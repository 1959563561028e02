"""The facts of a case file, one struct a kind, strictly decoded (the public interface described in docs/cases.md).

Unknown kinds, unknown keys and times without a zone are refused by the reader; nothing is passed over in silence.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from shared_rules.facts import Need, Source

__all__ = [
    "Amend",
    "Appeal",
    "AppealOutcome",
    "Approval",
    "Arrival",
    "Brought",
    "CaseFact",
    "ClosedDays",
    "Correction",
    "CustomerChoice",
    "DayClosedFact",
    "Deal",
    "DealCancelledFact",
    "DealRenamedFact",
    "DeclaredLost",
    "Discovered",
    "DisputeFact",
    "EntryFact",
    "Finding",
    "Floor",
    "FollowUp",
    "HandOver",
    "Helped",
    "InDispute",
    "Launch",
    "LogQuery",
    "Look",
    "ManagerSigned",
    "Mediation",
    "OfficeClosed",
    "Opening",
    "Prelaunch",
    "Quarter",
    "Queried",
    "ReceivedFact",
    "Refusal",
    "Renew",
    "ReportLine",
    "ReportSigned",
    "Reserved",
    "ReturnNote",
    "Ruling",
    "Service",
    "Slip",
    "SlipFields",
    "Staff",
    "Statement",
    "StatementDefault",
    "Strike",
    "Transfer",
    "Visit",
    "Withdraw",
]

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Day = date
Texts = str | list[str]


class CaseFact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="fact"):
    """Every fact has an instant with its zone."""

    at: Instant


class SlipFields(CaseFact, frozen=True, kw_only=True):
    """What may stand on a slip."""

    name: Texts | None = None
    phone: Texts | None = None
    company: str | None = None
    contact: str | None = None
    need: str | Need | None = None
    other: dict[str, str] | None = None


class Slip(SlipFields, frozen=True, kw_only=True, tag="slip"):
    """A new slip at its stamp."""

    claim: str
    by: str
    stamped_by: str = ""
    stamped_role: Literal["clerk", "contract_office"] = "clerk"
    blank: bool = False
    imported: bool = False
    source: Source = Source.WALK_IN
    received_on: Day | None = None
    handed_in_at: Instant | None = None
    entered_at: Instant | bool | None = None
    exceptional: str = ""
    paper: str = ""
    written_up_at: Instant | None = None
    doubt: tuple[Instant, Instant] | None = None
    office: str = ""
    pool: str = ""


class Amend(SlipFields, frozen=True, kw_only=True, tag="amend"):
    """An amendment: only the fields that change."""

    claim: str
    id: str = ""
    exceptional: str = ""
    stamped_by: str = ""
    stamped_role: Literal["clerk", "contract_office"] = "clerk"
    handed_in_at: Instant | None = None


class Renew(CaseFact, frozen=True, kw_only=True, tag="renew"):
    """A renewal."""

    claim: str
    id: str = ""
    evidence: bool = False
    exceptional: str = ""
    stamped_by: str = ""
    stamped_role: Literal["clerk", "contract_office"] = "clerk"
    handed_in_at: Instant | None = None


class Withdraw(CaseFact, frozen=True, kw_only=True, tag="withdraw"):
    """A withdrawal."""

    claim: str
    id: str = ""


class EntryFact(SlipFields, frozen=True, kw_only=True, tag="entry"):
    """The clerk's second look; for a blank slip with its content."""

    claim: str


class Correction(SlipFields, frozen=True, kw_only=True, tag="correction"):
    """A correction by two people."""

    claim: str
    by: tuple[str, str]
    reason: str


class ReturnNote(CaseFact, frozen=True, kw_only=True, tag="return_note"):
    """A return note was given."""

    claim: str
    acknowledged: bool = False


class Finding(CaseFact, frozen=True, kw_only=True, tag="finding"):
    """A person's answer about two claims."""

    claims: tuple[str, str]
    answer: Literal["same", "different"] = msgspec.field(name="is")
    ground: str = ""
    by: str = ""


class Deal(CaseFact, frozen=True, kw_only=True, tag="deal"):
    """A subscription or signing."""

    deal: str
    by: str
    name: str
    kind: Literal["subscription", "signing"] = "subscription"
    claims: tuple[str, ...] = ()


class DealCancelledFact(CaseFact, frozen=True, kw_only=True, tag="deal_cancelled"):
    """A deal was cancelled."""

    deal: str


class DealRenamedFact(CaseFact, frozen=True, kw_only=True, tag="deal_renamed"):
    """The name on the contract changed."""

    deal: str
    name: str


class Discovered(CaseFact, frozen=True, kw_only=True, tag="discovered"):
    """A collision came to light."""

    claims: tuple[str, ...] = ()


class Prelaunch(CaseFact, frozen=True, kw_only=True, tag="prelaunch"):
    """Sales have not opened."""


class Launch(CaseFact, frozen=True, kw_only=True, tag="launch"):
    """Formal notice of internal subscription."""

    day: Day | None = None


class Ruling(CaseFact, frozen=True, kw_only=True, tag="ruling"):
    """A person ruled."""

    by: str
    dispute: str = ""
    claims: tuple[str, ...] = ()
    winner: str = ""
    shares: dict[str, int] = {}
    losers: tuple[str, ...] = ()
    reason: str = ""


class DisputeFact(CaseFact, frozen=True, kw_only=True, tag="dispute"):
    """A query slip: a matter is open."""

    claims: tuple[str, ...]
    dispute: str = ""
    by: str = ""


class ReceivedFact(CaseFact, frozen=True, kw_only=True, tag="received"):
    """The server has that office's stamps up to then."""

    office: str
    upto: Instant | None = None


class DayClosedFact(CaseFact, frozen=True, kw_only=True, tag="day_closed"):
    """The office's day was closed."""

    office: str
    day: Day


class Floor(CaseFact, frozen=True, kw_only=True, tag="floor"):
    """The office promises no stamp at or before `at`."""

    office: str = ""


class OfficeClosed(CaseFact, frozen=True, kw_only=True, tag="office_closed"):
    """Closing up: a floor of `until` signed at `at`."""

    office: str = ""
    until: Instant


class DeclaredLost(CaseFact, frozen=True, kw_only=True, tag="declared_lost"):
    """A manager declared a slip lost."""

    claim: str
    by: str


class Opening(CaseFact, frozen=True, kw_only=True, tag="opening"):
    """Imported claims stand in opening lists for two signatures."""

    claims: tuple[str, ...]


class ClosedDays(CaseFact, frozen=True, kw_only=True, tag="closed_days"):
    """Days declared closed in advance."""

    first: Day = msgspec.field(name="from")
    last: Day = msgspec.field(name="to")


class Visit(CaseFact, frozen=True, kw_only=True, tag="visit"):
    """A row of the visitor log."""

    by: str
    name: str = ""
    phone: str = ""
    kind: Literal["visit", "call", "call_out"] = "visit"
    entered_at: Instant | None = None


class LogQuery(CaseFact, frozen=True, kw_only=True, tag="log_query"):
    """A person looked for the row of the day received."""

    claim: str
    found: bool | None = None


class FollowUp(CaseFact, frozen=True, kw_only=True, tag="follow_up"):
    """A follow-up with a customer."""

    by: str
    effective: bool
    claim: str = ""
    name: str = ""
    phone: str = ""
    kind: Literal["visit", "call"] = "visit"
    who: Literal["customer", "spouse", "parent", "child", "other"] = "customer"


class Strike(CaseFact, frozen=True, kw_only=True, tag="strike"):
    """A name on a slip proved not to be kin of the principal."""

    claim: str
    name: str


class Reserved(CaseFact, frozen=True, kw_only=True, tag="reserved"):
    """Developer-related customers announced in writing."""

    names: tuple[str, ...]


class Arrival(CaseFact, frozen=True, kw_only=True, tag="arrival"):
    """A staff-introduced customer reached the office."""

    name: str
    introduced_by: str
    received_by: str
    phone: str = ""


class ReportLine(CaseFact, frozen=True, kw_only=True, tag="report_line"):
    """The customer stands in that day's daily report."""

    by: str
    claim: str
    text: str = ""


class HandOver(CaseFact, frozen=True, kw_only=True, tag="hand_over"):
    """六.1 was done."""

    giver: str = msgspec.field(name="from")
    to: str
    claim: str


class Transfer(CaseFact, frozen=True, kw_only=True, tag="transfer"):
    """Claims of somebody who leaves."""

    giver: str = msgspec.field(name="from")
    to: str
    claims: tuple[str, ...]


class Service(CaseFact, frozen=True, kw_only=True, tag="service"):
    """A colleague serves without owning."""

    claim: str
    by: str


class InDispute(CaseFact, frozen=True, kw_only=True):
    """Something done within a dispute."""

    dispute: str
    by: str


class Mediation(CaseFact, frozen=True, kw_only=True, tag="mediation"):
    """The supervisors mediated."""

    dispute: str
    by: Texts
    shares: dict[str, int] = {}
    winner: str = ""
    supervisors: tuple[str, ...] = ()


class ManagerSigned(InDispute, frozen=True, kw_only=True, tag="manager_signed"):
    """The manager signed the query."""


class Queried(InDispute, frozen=True, kw_only=True, tag="queried"):
    """The clerk queried the register."""


class Statement(InDispute, frozen=True, kw_only=True, tag="statement"):
    """A party's written material."""


class StatementDefault(InDispute, frozen=True, kw_only=True, tag="statement_default"):
    """A party brought nothing in time."""


class Appeal(InDispute, frozen=True, kw_only=True, tag="appeal"):
    """A ruling was appealed."""


class AppealOutcome(InDispute, frozen=True, kw_only=True, tag="appeal_outcome"):
    """The company answered an appeal."""

    outcome: Literal["upheld", "reversed"] = "upheld"
    unfair: bool | Texts = False


class Approval(CaseFact, frozen=True, kw_only=True, tag="approval"):
    """A leader approved one look."""

    by: str
    requester: str
    customer: str
    purpose: str
    until: Instant


class Look(CaseFact, frozen=True, kw_only=True, tag="look"):
    """Somebody looks into the register."""

    by: str
    customer: str


class Quarter(CaseFact, frozen=True, kw_only=True, tag="quarter"):
    """A quarter's result."""

    by: str
    quarter: Annotated[str, msgspec.Meta(pattern=r"^\d{4}Q[1-4]$")]
    signings: int
    target_met_on: Day | None = None


class Refusal(CaseFact, frozen=True, kw_only=True, tag="refusal"):
    """A clerk refused a slip over the quota."""

    claim: str
    by: str


class Brought(CaseFact, frozen=True, kw_only=True, tag="brought"):
    """An old customer brings a friend."""

    by_customer: str
    name: str
    phone: str = ""
    names: str = ""
    on_duty: str = ""
    accompanied: bool = False


class Helped(CaseFact, frozen=True, kw_only=True, tag="helped"):
    """A helper closed while the owner was absent."""

    deal: str
    by: str
    owner_phoned: bool


class CustomerChoice(CaseFact, frozen=True, kw_only=True, tag="customer_choice"):
    """The customer chose another person in writing."""

    claim: str
    to: str


class Staff(CaseFact, frozen=True, kw_only=True, tag="staff"):
    """Who is who."""

    person: str
    role: str
    supervisor: str = ""


class ReportSigned(CaseFact, frozen=True, kw_only=True, tag="report_signed"):
    """The manager signed a day's report."""

    by: str
    day: Day
