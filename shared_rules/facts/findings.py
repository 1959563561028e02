"""What people find out and rule (二)."""

from __future__ import annotations

import msgspec

from shared_rules.facts.base import Record, check_shares

__all__ = ["CollisionSeen", "FindingMade", "NameStruck", "QuestionAnswered", "RulingMade"]


class FindingMade(Record, frozen=True, kw_only=True):
    """A person's dated answer about two claims (二.1.1, 二.1.3)."""

    claims: tuple[str, str]
    answer: str
    """`same` or `different`."""
    ground: str = ""
    """kin, alias …"""
    found_by: str = ""
    session: str = ""
    """Login session at the server under which the act was authenticated."""
    reason: str = ""


class QuestionAnswered(Record, frozen=True, kw_only=True):
    """A clerk asked the own salesperson who a customer is, and wrote the answers down (二.1.3). It rules nothing."""

    question: str
    """As the feed named it; the other office's has another name."""
    claim: str
    salesperson: str
    clerk: str
    answers: dict[str, str] = msgspec.field(default_factory=dict)
    """Field of the question -> what was said; none = the salesperson cannot say."""


class NameStruck(Record, frozen=True, kw_only=True):
    """A name on a slip proved not to be kin of the first one (二.1.2)."""

    claim: str
    name: str
    found_by: str = ""


class RulingMade(Record, frozen=True, kw_only=True):
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

    def __post_init__(self) -> None:
        check_shares(self.shares)


class CollisionSeen(Record, frozen=True, kw_only=True):
    """A collision came to light; without claims, among all (二.2.2)."""

    claims: tuple[str, ...] = ()
