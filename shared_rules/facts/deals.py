"""Subscriptions and signings (二.2.2, 二.2.3)."""

from __future__ import annotations

from shared_rules.facts.base import Record

__all__ = ["DealCancelled", "DealClosed", "DealRenamed", "FollowedUp", "HelpGiven"]


class DealClosed(Record, frozen=True, kw_only=True):
    """A subscription or signing (二.2.2, 二.2.3)."""

    deal: str
    closer: str
    contract_name: str
    kind: str = "subscription"
    claims: tuple[str, ...] = ()
    pool: str = ""


class DealCancelled(Record, frozen=True, kw_only=True):
    """A subscription was cancelled; its claim opens again."""

    deal: str


class DealRenamed(Record, frozen=True, kw_only=True):
    """The name on the contract changed."""

    deal: str
    contract_name: str


class HelpGiven(Record, frozen=True, kw_only=True):
    """A helper closed while the owner was absent (一.8)."""

    deal: str
    by: str
    owner_phoned: str = ""
    """`yes` where the helper phoned the owner."""


class FollowedUp(Record, frozen=True, kw_only=True):
    """A follow-up with a customer: what some regulations count validity from."""

    by: str
    """A salesperson, or `house` for an in-house follower."""
    effective: str = "yes"
    """`yes`, or "" for a call that reached nobody."""
    claim: str = ""
    name: str = ""
    phone: str = ""
    kind: str = "call"
    """`visit` or `call`."""
    who: str = "customer"
    """customer, spouse, parent, child or other."""
