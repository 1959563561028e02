"""The tables of a policy file, one struct each: every number and switch with its unit, its meaning and its clause."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from shared_rules.facts import Role, Source
from shared_rules.policy_spans import Clock, Days, Window, after_midnight, backwards, days_of, no_days, spans_of

__all__ = [
    "AccessRules",
    "AmendmentRules",
    "ClosingRules",
    "CompanyRules",
    "ContractRules",
    "DisputeRules",
    "EntryRules",
    "HandInRules",
    "HandOverRules",
    "KinRules",
    "LeaseRules",
    "LikenessRules",
    "MatchRules",
    "OldCustomerRules",
    "PenaltyRules",
    "PreRegistrationRules",
    "PrecedenceRules",
    "QuotaRules",
    "ReportRules",
    "ReposeRules",
    "ReservedRules",
    "SameDayRules",
    "SameRules",
    "SlipRules",
    "StaffIntroRules",
    "StampRules",
    "Table",
    "VisitorLogRules",
]

Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Copies = Annotated[int, msgspec.Meta(ge=1, le=5)]
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One table of a policy file; `clause` is mandatory and must be the table's own."""

    clause: str
    text: str = ""
    """The clause of the company's own regulation, where its numbers are others."""


class HandInRules(Table, frozen=True, kw_only=True):
    """一.1: when slips are handed in."""

    windows: tuple[Window, ...]
    """Local wall times `HH:MM-HH:MM`; empty = all day."""
    end_inclusive: bool
    """Whether the closing minute's first instant still counts."""
    test_on: Literal["hand_in", "stamp"]
    """Which time must lie in a window: the queue ticket's or the stamp's."""
    outside: Literal["refuse", "hold_to_next", "exceptional_only"] = "refuse"
    """Outside the windows: refused but for exceptional stamps; or held, so that it counts from when the next window
    opens; or refused even for a reason that is always admitted, unless a substitute stamps (一.3)."""

    def __post_init__(self) -> None:
        wrong = backwards(self.windows, "windows")
        if wrong:
            raise ValueError(wrong)

    def spans(self) -> tuple[tuple[int, int], ...]:
        """Return the windows as microseconds after midnight."""
        return spans_of(self.windows)


class SlipRules(Table, frozen=True, kw_only=True):
    """一.2: what a slip must hold."""

    mandatory_fields: tuple[str, ...]
    """Fields of a personal slip: name, phone, contact, need, or a key of `other`."""
    mandatory_company_fields: tuple[str, ...]
    """Fields of a unit's slip: company, contact, phone, …"""
    incomplete: Literal["refuse", "void"]
    """Whether an incomplete slip is given back at the counter, or counts for nothing when a dispute asks."""
    day_limit: Count
    """How many slips a person may hand in a day; the next ones are void; 0 = any number."""
    lead_minutes: Count
    """Minutes by which the stamp must precede the customer's first visit; 0 = none."""


class StampRules(Table, frozen=True, kw_only=True):
    """一.3: who signs the time."""

    exceptional_roles: tuple[Role, ...]
    """Who may stamp in place of a clerk, with a reason."""
    exceptional_reasons: tuple[str, ...]
    """Reasons offered on the screen; free text is taken too."""
    always_admitted_reasons: tuple[str, ...]
    """Reasons that are admitted outside the windows in any case (一.9)."""
    self_stamp: bool
    """Whether a person may stamp the own slip."""
    paper_hours: Count
    """Hours in which a slip of the emergency book must be keyed to count as the pen's day."""


class EntryRules(Table, frozen=True, kw_only=True):
    """一.4: entry, and the return of a colliding slip."""

    entry_hours: Positive
    """Hours from the stamp until a slip that was not entered stands in the overdue list."""
    lost_after_hours: Positive
    """Hours from the stamp until it becomes a manager's task."""
    return_hours: Positive
    """Hours from the stamp until a colliding slip must be back."""
    closed_before_notice: Literal["owner", "manager"]
    """Whose the customer is when the later claimant closed a deal before being told."""
    business_hours: bool = False
    """Whether the hours above run only while the office is open, on days not declared closed (一.1)."""
    office_hours: Window = "09:00-17:00"
    """When the office is open, local wall time; nothing looks at it unless `business_hours` is on."""
    reveal_holder: Literal["nobody", "office", "salesperson"] = "nobody"
    """Whom the note of a return names: nobody, the holder's office, or the holder's salesperson as well (五)."""

    def __post_init__(self) -> None:
        wrong = backwards((self.office_hours,), "office_hours")
        if wrong:
            raise ValueError(wrong)

    def open_span(self) -> tuple[int, int]:
        """Return when the office opens and closes, as microseconds after midnight."""
        return spans_of((self.office_hours,))[0]


class QuotaRules(Table, frozen=True, kw_only=True):
    """一.5: how many customers a salesperson may hold at once, per pool."""

    limit: Count
    """The ordinary number; 0 = no limit at all."""
    limit_target_met: Count
    """From the day on which the quarter's task was met, to the quarter's end."""
    limit_no_signing: Count
    """While there is no signing."""
    evaluation: Literal["previous", "current", "live"]
    """No signing when: in the quarter before and none yet in this one, simply none yet in this one, or none in the
    three months up to the moment, for which a target that was met counts, too."""
    counts_closed: bool
    """Whether customers who have bought take a place."""
    counts_early: bool
    """Whether early claims take a place before the launch (六.3)."""
    on_drop: Literal["drain", "grandfather", "release"]
    """When the number falls: renewals must find a place, too; or may always be had; or whatever is beyond it lapses at
    that moment, the latest confirmation first."""
    may_refuse: Literal["always", "discretion"]
    """Whether the number refuses, or only a clerk above it."""

    def lowest(self) -> int:
        """Return the number that anybody may hold at any time; 0 = somebody may hold any number."""
        return min(self.limit, self.limit_target_met, self.limit_no_signing)


class VisitorLogRules(Table, frozen=True, kw_only=True):
    """一.7: the row that a newly received customer needs."""

    check: Literal["on_query", "always"]
    """When the row is looked for."""
    required_for: tuple[Source, ...]
    """Which customers need one."""
    cure_hours: Count
    """Hours after the day within which a row may still be written."""
    call_out_after_lapse: bool
    """Whether the salesperson's own call is a contact where the own claim has lapsed."""


class AmendmentRules(Table, frozen=True, kw_only=True):
    """一.6: what an amendment does to the time."""

    resets: Literal["all", "identity_only", "changed_fields", "none"]
    """Which changes move the confirmation time to the second hand-in."""
    returned_revives: Literal["never", "when_holder_lapses", "by_time"]
    """Whether a returned slip comes to life when the claim it lost to is no more; by time, also as soon as that claim
    has moved behind it, and against whoever was stamped after it."""


class SameRules(Table, frozen=True, kw_only=True):
    """二 (head): when two needs are basically equal."""

    need_required: bool
    """Whether an unknown need separates; by default it never does."""
    need_fields: tuple[Literal["kind", "area", "units"], ...]
    """Fields of the need that are compared; none = the need is ignored."""
    area_tolerance_percent: Count
    """How far two area bands may lie apart and still be equal."""


class MatchRules(Table, frozen=True, kw_only=True):
    """二.1.3: name or contact."""

    name_only: Literal["presume_same", "query_first", "invalid_unless_proven", "ignore"]
    """What equal names with different contacts mean."""
    key: Literal["name_or_phone", "phone", "phone_and_surname", "company"]
    """Which fields identify a customer."""


class OldCustomerRules(Table, frozen=True, kw_only=True):
    """一.8: an old customer brings a newcomer."""

    old: Literal["bought", "confirmed"]
    """Who is an old customer: one who has bought, or also one with a live confirmation."""
    must_accompany_or_name: bool = True
    """Whether a newcomer is the original salesperson's only where the old customer comes along or names somebody; if
    not, having sent the newcomer is enough."""
    helper_share: Percent
    """Percent for a helper who closes for the absent owner, having told the owner."""
    helper_share_concealed: Percent
    """Percent for a helper who did not."""


class ClosingRules(Table, frozen=True, kw_only=True):
    """一.9: a closing needs a slip, too."""

    slip_by: Literal["same_day", "closing"]
    """Whether a slip of the closing's day suffices, or only one stamped before it."""
    without_claim: Literal["none", "house"]
    """Whose a deal is that nobody has a claim to."""
    needs_visit: bool
    """Whether a claim owns only once its customer has visited within its validity."""


class ReportRules(Table, frozen=True, kw_only=True):
    """一.10: the daily report."""

    contact_details: Literal["refuse", "allow"]
    """What is done with a line that tells how to reach the customer."""
    copies: Copies = 3
    """How many copies are printed: the salesperson's, the manager's, the archive's, then further ones."""
    mask: Literal["code", "name"] = "code"
    """What stands for a customer on paper: the code alone, or the name as well, masked to its first character."""


class KinRules(Table, frozen=True, kw_only=True):
    """二.1.1: who is close kin."""

    relations: tuple[Literal["spouse", "parent_child", "siblings", "grandparent"], ...]
    """Findings of these relations make one customer."""
    together: Literal["earlier", "split"]
    """Spouses with two salespeople who buy together: the earlier one's, or shared equally."""


Rows = Literal["shipped"] | dict[str, tuple[str, ...]]
"""Of a table of likeness: the rows that ship, or own ones (columns, and a row for each level of contact)."""


class LikenessRules(Table, frozen=True, kw_only=True):
    """二.1.3: what likeness of names and contacts makes of a pair, and when a person is asked; it rules nothing."""

    person: Rows = "shipped"
    """Of two persons."""
    unit: Rows = "shipped"
    """Of two units."""
    mixed: Rows = "shipped"
    """Of a unit beside a person."""


class CompanyRules(Table, frozen=True, kw_only=True):
    """二.1.4: a unit buys."""

    representative_only: Literal["person", "refuse"] = "person"
    """A slip whose unit bears only its representative's name: that person's claim, or given back."""


class ReposeRules(Table, frozen=True, kw_only=True):
    """二.2.2: a collision found long after a deal."""

    days: Count
    """After how many days the closer keeps the customer; the day of the deal is not counted."""
    count: Literal["days", "hours"]
    """Whether civil days or hours (24 a day) are counted."""
    anchor: Literal["subscribe", "sign", "first"]
    """From which event: the subscription, the signing, or whichever was first."""
    requires_slip: bool
    """Whether a closer without any claim is protected, too."""
    on_late_sync: Literal["closer", "manager", "by_time"]
    """Who has the customer where only a dark office kept the collision from being seen in time."""


class ContractRules(Table, frozen=True, kw_only=True):
    """二.2.3: a unit against a person."""

    unit_against_person: Literal["by_contract", "manager", "by_time"]
    """What decides between a unit's claim and a person's."""
    kin_match: bool
    """Whether a contract in the name of somebody's kin on the slip is that slip's."""
    choice: Literal["service", "owner"]
    """What a customer's written choice of another person does: that person serves, or owns from that day."""


class SameDayRules(Table, frozen=True, kw_only=True):
    """二.2.4: claims of one day."""

    rule: Literal["manager", "minute_order", "split"]
    """Who or what decides among claims of one day."""
    earliest_ruling: Clock
    """Local time of the next day from which the day's reports are in."""

    def reports_in(self) -> int:
        """Return that time as microseconds after midnight."""
        return after_midnight(self.earliest_ruling)


class PrecedenceRules(Table, frozen=True, kw_only=True):
    """二.2: which rule's answer takes out which others, where several speak about one slip."""

    beats: dict[str, tuple[str, ...]]
    """Rule -> rules it takes out; a rule is a clause, or one of its parts (`own`, `lead`, `day_limit`)."""


class LeaseRules(Table, frozen=True, kw_only=True):
    """六.3: how long a claim holds."""

    validity_days: Positive
    """Civil days; the day of the event is not counted."""
    anchor: Literal["stamp", "follow_up"]
    """Whether the days run from the stamp, or anew from every effective follow-up."""
    renewal_days: Positive
    """Civil days that a renewal gives."""
    renewal_from: Literal["renewal", "end"]
    """Whether a renewal's days run from its own day, or from the end of the lease."""
    renewal_evidence: bool
    """Whether a renewal needs evidence."""
    after_lapse: Literal["new", "new_unless_followed", "refuse"]
    """A renewal after the lease: a new claim, a new claim unless the house follows the customer, or too late."""
    renewal_cap: Count
    """How many renewals a claim may have; 0 = no limit."""
    launch_days: Positive
    """Civil days after the launch for which an early claim holds."""
    roll_over_closed_days: bool
    """Whether a lease that ends on a closed day runs to the next open one (一.1)."""
    day_end: Literal["midnight", "last_window"] = "midnight"
    """Whether the last day ends at 24:00, or when its last hand-in window closes (一.1)."""
    public_holidays: tuple[Days, ...] = ()
    """Days that a lease's end runs over as over declared closed days; sales offices work on them, so none is listed."""

    def __post_init__(self) -> None:
        wrong = no_days(self.public_holidays, "public_holidays")
        if wrong:
            raise ValueError(wrong)

    def is_holiday(self, day: date) -> bool:
        """Return whether a civil day is a listed public holiday."""
        return any(first <= day <= last for first, last in days_of(self.public_holidays))


class HandOverRules(Table, frozen=True, kw_only=True):
    """六.1: what a claim rests on, and who takes over whose."""

    basis: Literal["slip", "report"]
    """What orders claims: the slip's stamp, or the first line in the daily report."""
    exempt_days: Count
    """Days for which claims taken over from somebody who left take no place (一.5)."""


class PreRegistrationRules(Table, frozen=True, kw_only=True):
    """六.2: customers registered in advance."""

    counts_in_quota: bool
    """Whether they take a place (一.5)."""


class ReservedRules(Table, frozen=True, kw_only=True):
    """六.4: customers whom the company keeps for itself."""

    earlier_claims: Literal["closed_and_reported", "reported", "kept"]
    """Which claims from before the notice stay: closed and in the daily report, in the report, or all."""


class StaffIntroRules(Table, frozen=True, kw_only=True):
    """六.5: customers whom staff introduced (the source breaks off here)."""

    effective: Literal["arrival", "stamp"]
    """Which time orders them: the arrival at the sales office, or the stamp."""


class DisputeRules(Table, frozen=True, kw_only=True):
    """三: the procedure."""

    filing_days: Count
    """Days after the notice within which a query slip is in time; 0 = the same day."""
    mediation_days: Count
    """Working days for mediation before it becomes a task."""
    query_days: Count
    """Working days for the query."""
    ruling_days: Count
    """Working days for the ruling."""
    tolls_expiry: bool
    """Whether leases stand still while a dispute about them is open."""
    ladder: tuple[str, ...]
    """Who decides, from the first level up."""
    imported_days: Count = 0
    """Civil days after an import within which a query slip brings an imported time before the manager; 0 = none does.
    The day of the import is not counted; later the imported time stands."""


class PenaltyRules(Table, frozen=True, kw_only=True):
    """四: appeals and what they may cost."""

    on: bool
    """Whether penalties are proposed at all; they are never posted by the system."""
    appeal_rejected: Count
    """Yuan proposed for an appellant whose appeal was rejected."""
    unfair_ruling: Count
    """Yuan proposed for each who did not rule by the regulation."""
    appeal_days: Count
    """Days after the ruling within which it may be appealed; 0 = any time."""


class AccessRules(Table, frozen=True, kw_only=True):
    """五: who may look into the register."""

    single_use: bool
    """Whether an approval is used up by one look."""
    approver_may_look: bool
    """Whether a leader may approve an own look."""
