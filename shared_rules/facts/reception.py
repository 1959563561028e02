"""How customers are received and change hands: daily report, introductions, hand-over (一.8, 一.10, 六)."""

from __future__ import annotations

from datetime import date

from shared_rules.facts.base import Record, check_day

__all__ = [
    "CustomerChose",
    "HandedOver",
    "OldCustomerBrought",
    "ReportLineWritten",
    "ReportSigned",
    "ReservedAnnounced",
    "ServiceAssigned",
    "StaffIntroArrived",
    "Transferred",
]


class ReservedAnnounced(Record, frozen=True, kw_only=True):
    """Developer-related customers were announced in writing (六.4)."""

    names: tuple[str, ...]


class StaffIntroArrived(Record, frozen=True, kw_only=True):
    """A customer whom staff introduced reached the sales office (六.5)."""

    name: str
    introduced_by: str
    received_by: str
    phone: str = ""


class ReportLineWritten(Record, frozen=True, kw_only=True):
    """A customer stands in the daily report of a day (一.10)."""

    by: str
    claim: str
    """The customer code: the first slip's number."""
    text: str = ""


class ReportSigned(Record, frozen=True, kw_only=True):
    """The sales manager signed a salesperson's daily report (一.10)."""

    by: str
    day: date

    def __post_init__(self) -> None:
        check_day(self.day)


class OldCustomerBrought(Record, frozen=True, kw_only=True):
    """An old customer brings a friend (一.8)."""

    by_customer: str
    """Claim or deal of the old customer."""
    name: str
    phone: str = ""
    names: str = ""
    """The salesperson whom the old customer names."""
    on_duty: str = ""
    accompanied: str = ""
    """`yes` where the old customer came along."""


class HandedOver(Record, frozen=True, kw_only=True):
    """Who learned of a collision handed the customer to the earliest confirmer (六.1)."""

    giver: str
    to: str
    claim: str


class Transferred(Record, frozen=True, kw_only=True):
    """Claims of somebody who leaves went to somebody else by the manager's list."""

    giver: str
    to: str
    claims: tuple[str, ...]


class ServiceAssigned(Record, frozen=True, kw_only=True):
    """A colleague serves a customer without owning (二.2.3)."""

    claim: str
    by: str


class CustomerChose(Record, frozen=True, kw_only=True):
    """The customer chose another person in writing."""

    claim: str
    to: str
