"""What facts are made of: places in a log, grades of time, roles, a slip's content."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

import msgspec

from shared_rules.values import Fixed

__all__ = [
    "ASSERTED",
    "SERVER_KIOSK",
    "CustomerKind",
    "Grade",
    "LogId",
    "Need",
    "Record",
    "Role",
    "SlipContent",
    "Source",
    "Value",
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


class Record(Value, frozen=True, tag_field="fact"):
    """The base of every fact: its name travels in the key `fact`."""
