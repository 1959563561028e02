"""What becomes of the customers beyond a number of places that falls (一.5)."""

from __future__ import annotations

from msgspec.structs import replace

from shared_rules.background import person_topic
from shared_rules.claims import NOBODY, ClaimState, Release
from shared_rules.clauses.quota import beyond_the_fallen_number
from shared_rules.decision import Status
from shared_rules.hearing.core import Hearing

__all__ = ["fallen"]


def fallen(hearing: Hearing, person: str, at: int) -> None:
    """Release what a salesperson holds in each pool beyond a number that falls at an instant, the latest first."""
    hearing.watchers.watch(person_topic(person), hearing.now)
    for pool in sorted(hearing.held.get(person, ())):
        policy = hearing.policies.at(pool, at)
        limit = hearing.limit(person, at, policy)
        before = hearing.limit(person, at - 1, hearing.policies.at(pool, at - 1))
        taking = list(hearing.taking_a_place(person, pool, at, policy))
        most = beyond_the_fallen_number(before, limit, len(taking), policy)
        open_ = sorted((one for one in taking if one.status is not Status.CLOSED), key=_rank, reverse=True)
        for state in open_[:most]:
            _release(hearing, state, Release(at, limit))


def _rank(state: ClaimState) -> tuple[object, ...]:
    """Return where a claim stands among all of its salesperson's: by its confirmation time, at whichever office."""
    return (state.effective, state.view.stamp, state.recorded, state.claim)


def _release(hearing: Hearing, state: ClaimState, release: Release) -> None:
    """Let a claim lapse before its last day; whoever only waited with it is released."""
    hearing.watchers.watch(state.claim, hearing.now)
    verdict = state.verdict if state.status is Status.UPHELD else None
    alone = replace(state, status=Status.UPHELD, verdict=verdict, against=NOBODY, undecided_since=None, fallback=None)
    hearing.keep(hearing.leased(alone, replace(state.lease, released=release)))
    hearing.release_all(state, release.at)
