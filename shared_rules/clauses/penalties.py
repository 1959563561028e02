"""四: what an appeal may cost; the system only ever proposes, and a policy may turn even that off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from shared_rules.interval import day_end, day_of
from shared_rules.policy import Policy
from shared_rules.regulation import clause

__all__ = ["appealed_in_time", "proposed"]


@clause("四", digest="9f2e704b0dfa297d")
def proposed(outcome: str, appellant: str, unfair: Iterable[str], policy: Policy) -> tuple[tuple[str, int], ...]:
    """Return person -> yuan proposed: for a rejected appeal, or for each who did not rule by the regulation."""
    rules = policy.penalty
    if not rules.on:
        return ()
    if outcome == "upheld":
        return ((appellant, rules.appeal_rejected),) if rules.appeal_rejected else ()
    return tuple((person, rules.unfair_ruling) for person in sorted(set(unfair)) if rules.unfair_ruling)


def appealed_in_time(ruled_at: int, appealed_at: int, policy: Policy) -> bool:
    """Return whether a ruling was appealed within the policy's days (instants)."""
    days = policy.penalty.appeal_days
    return not days or appealed_at <= day_end(day_of(ruled_at) + timedelta(days=days))
