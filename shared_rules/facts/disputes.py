"""What happens in the procedure of 三, in appeals (四), and where somebody asks to look into the register (五)."""

from __future__ import annotations

import msgspec

from shared_rules.facts.base import Instant, Record, check_shares

__all__ = [
    "AppealDecided",
    "Appealed",
    "DisputeFiled",
    "LookApproved",
    "LookAsked",
    "Mediated",
    "OpeningListed",
    "QuerySigned",
    "RegisterQueried",
    "StatementDefaulted",
    "StatementGiven",
]


class DisputeFiled(Record, frozen=True, kw_only=True):
    """A party's query slip reached its supervisor (三.1)."""

    dispute: str
    claims: tuple[str, ...]
    by: str = ""


class OpeningListed(Record, frozen=True, kw_only=True):
    """Claims were imported and stand in opening lists for two signatures: from here on their times may be contested."""

    claims: tuple[str, ...]


class Mediated(Record, frozen=True, kw_only=True):
    """The supervisors mediated; without winner or shares they failed (三.1)."""

    dispute: str
    parties: tuple[str, ...]
    """Who agreed."""
    supervisors: tuple[str, ...] = ()
    winner: str = ""
    shares: dict[str, int] = msgspec.field(default_factory=dict)
    """Salesperson -> percent."""

    def __post_init__(self) -> None:
        check_shares(self.shares)


class QuerySigned(Record, frozen=True, kw_only=True):
    """The manager signed the query (三.2)."""

    dispute: str
    by: str


class RegisterQueried(Record, frozen=True, kw_only=True):
    """The clerk queried the register for a dispute (三.2)."""

    dispute: str
    by: str


class StatementGiven(Record, frozen=True, kw_only=True):
    """A party's written material reached the contract office (三.3)."""

    dispute: str
    by: str


class StatementDefaulted(Record, frozen=True, kw_only=True):
    """A party brought nothing in time, and that was recorded (三.3)."""

    dispute: str
    by: str


class Appealed(Record, frozen=True, kw_only=True):
    """A ruling was taken to the company (四)."""

    dispute: str
    by: str


class AppealDecided(Record, frozen=True, kw_only=True):
    """The company answered an appeal (四)."""

    dispute: str
    by: str
    outcome: str
    """`upheld` or `reversed`."""
    unfair: tuple[str, ...] = ()
    """Who did not rule by the regulation."""


class LookApproved(Record, frozen=True, kw_only=True):
    """A leader approved one look into the register (五)."""

    by: str
    requester: str
    customer: str
    purpose: str
    until: Instant
    """Last instant."""


class LookAsked(Record, frozen=True, kw_only=True):
    """Somebody asked to look into the register (五)."""

    by: str
    customer: str
