"""What facts are made of: places in a log, grades of time, roles, a slip's content."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import IntEnum, StrEnum
from typing import Annotated, Final, NamedTuple

import msgspec

from shared_rules.interval import FIRST_DAY, LAST_DAY, LATEST
from shared_rules.values import Fixed

__all__ = [
    "ASSERTED",
    "SERVER_KIOSK",
    "WHOLE",
    "Count",
    "CustomerKind",
    "Grade",
    "Instant",
    "LogId",
    "Need",
    "Quarter",
    "Record",
    "Role",
    "SlipContent",
    "Source",
    "Value",
    "check_day",
    "check_shares",
]

Instant = Annotated[int, msgspec.Meta(ge=0, le=LATEST)]
"""Microseconds since 1970-01-01T00:00Z."""
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""A number of things, or a place in a journal: what a database column holds."""
Quarter = Annotated[str, msgspec.Meta(pattern=r"^(19[7-9]|[2-8]\d\d)\dQ[1-4]$")]
"""`2026Q1`."""


def check_day(day: date | None) -> None:
    """Refuse a civil day that nobody means, and from which days could not be counted on; ValueError."""
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        message = f"the day must lie between {FIRST_DAY} and {LAST_DAY}"
        raise ValueError(message)


WHOLE: Final = 100
"""Percent."""


def check_shares(shares: Mapping[str, int]) -> None:
    """Refuse shares (salesperson -> percent) that leave something over or give somebody nothing; ValueError."""
    if shares and (sum(shares.values()) != WHOLE or min(shares.values()) < 1):
        message = "shares are whole percents that make one hundred"
        raise ValueError(message)


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


ASSERTED: Final = frozenset({Grade.P, Grade.I})
"""Times that people say: no clock measured them."""


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
    area_from: Count = 0
    """Square metres, 0 = not said."""
    area_to: Count = 0
    units: Count = 0


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


class Record(Value, frozen=True, tag_field="fact"):
    """The base of every fact: its name travels in the key `fact`."""
