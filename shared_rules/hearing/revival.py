"""When a returned slip comes to life: the claim it lost to is no more, or, by time, has moved behind it (一.6).

Whatever changes a claim brings up the slips that it keeps from coming to life, the earliest first. Each is compared
with what is live now: with what was stamped before it as a slip is at its stamp; what was stamped after it stands
against it or, where time alone counts, loses to it. What arrived after its day had been closed takes from nobody.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from shared_rules.claims import LEASED, LIVE, NOBODY, ClaimState
from shared_rules.clauses.registration import come_to_life, overtaken
from shared_rules.decision import Presumption, Reason, Rival, Status, Verdict
from shared_rules.hearing.core import WAITING, Hearing

__all__ = ["lapsed", "revive"]


def lapsed(hearing: Hearing, name: str) -> None:
    """Let slips come to life that lost to a claim whose lease is over since the instant before, if it is."""
    hearing.watchers.watch(name, hearing.now)
    state = hearing.claim(name)
    if state is not None and state.status in LEASED and state.until + 1 == hearing.at:
        revive(hearing, name)


def revive(hearing: Hearing, *over: str) -> None:
    """Let slips come to life that lost to a claim which the event being heard has changed, or whose lease is over."""
    changed, heard = list(over), 0
    waiting: set[str] = set()
    while True:
        changed += hearing.writes[heard:]
        heard = len(hearing.writes)
        for name in dict.fromkeys(changed):
            hearing.watchers.watch(name, hearing.now)
            waiting |= _brought_up(hearing, hearing.lost.get(name, set()))
        changed = []
        if not waiting:
            return
        first = min((state for name in waiting if (state := hearing.claim(name)) is not None), key=_order)
        waiting.discard(first.claim)
        if _may_come_to_life(first, hearing.at):
            _compare(hearing, first)


def _order(state: ClaimState) -> tuple[object, ...]:
    return (state.effective, state.claim)


def _brought_up(hearing: Hearing, names: Iterable[str]) -> set[str]:
    """Return the returned slips among these, and those before them on their customers: the same midnight may end both.

    What keeps the earlier one returned may end at this instant as well, and only be heard next.
    """
    found: set[str] = set()
    ahead = [state for name in sorted(names) if (state := hearing.claim(name)) is not None]
    while ahead:
        state = ahead.pop()
        found.add(state.claim)
        hearing.watchers.watch(state.claim, hearing.now)
        ahead += [
            one
            for one in hearing.alike(state)
            if one.claim not in found and _order(one) < _order(state) and _may_come_to_life(one, hearing.at)
        ]
    return found


def _may_come_to_life(state: ClaimState, at: int) -> bool:
    """Return whether a slip lost by time only, under a policy that lets it come to life, and its days are not over."""
    return state.lost_by_time and state.policy.amendment.returned_revives != "never" and at <= state.until


def _compare(hearing: Hearing, state: ClaimState) -> None:
    if _waits_for_its_holders(hearing, state):
        return
    met = _met(hearing, state)
    standing = [name for name, (other, rival) in met.items() if hearing.late or _stands_against(state, other, rival)]
    if standing:
        hearing.lose(state.claim, standing)
        return
    before = tuple(rival for other, rival in met.values() if _order(other) < _order(state))
    verdict, aside = hearing.collide(state, before)
    if verdict is not None and verdict.status not in WAITING:
        hearing.lose(state.claim, verdict.against)
        return
    _live_again(hearing, state, verdict, aside)
    for other, rival in sorted(met.values(), key=lambda one: _order(one[0])):
        if rival not in before:
            _overtake(hearing, other.claim, state.claim, rival.presumption)


def _waits_for_its_holders(hearing: Hearing, state: ClaimState) -> bool:
    """Return whether, time alone not counting, a claim that a slip lost to is live, on whichever customer."""
    holders = (hearing.claim(name) for name in state.against)
    live = any(holder is not None and holder.live_at(hearing.at) for holder in holders)
    return live and state.policy.amendment.returned_revives != "by_time"


def _met(hearing: Hearing, state: ClaimState) -> dict[str, tuple[ClaimState, Rival]]:
    """Return the live claims on a slip's customer: by what they say, or as people found of those it lost to."""
    rivals = {rival.claim: rival for rival in hearing.rivals(state, hearing.at, state.policy)}
    for name in state.against - set(rivals):
        found, other = hearing.background.finding(state.claim, name), hearing.claim(name)
        if found is not None and other is not None and other.live_at(hearing.at):
            rivals[name] = hearing.rival(state, other, Presumption.FOUND)
    states = {name: hearing.claim(name) for name in sorted(rivals)}
    return {name: (other, rivals[name]) for name, other in states.items() if other is not None}


def _stands_against(state: ClaimState, other: ClaimState, rival: Rival) -> bool:
    """Return whether a live claim keeps a slip returned, whichever was first.

    Its own salesperson's does, one that has bought, one whose amendment waits, one that stands by a person's word or by
    another clause than time; and where not time alone counts, every one but those that came to life before it.
    """
    if other.salesperson == state.salesperson or other.status is Status.CLOSED:
        return True
    if other.status in WAITING and other.fallback is not None:
        return True
    stands = other.verdict is not None and other.verdict.status is Status.UPHELD
    lives_again = other.verdict is not None and other.verdict.rule == "一.6"
    if state.policy.amendment.returned_revives == "by_time" or rival.presumption is Presumption.ASKED:
        return stands and not lives_again
    return not (lives_again and _order(other) < _order(state))


def _live_again(hearing: Hearing, state: ClaimState, verdict: Verdict | None, aside: tuple[Reason, ...]) -> None:
    """Let a slip hold its customer, or wait with those of its day; it held nothing while another's claim did."""
    holders = [holder for name in state.against if (holder := hearing.claim(name)) is not None]
    held = any(holder.status in LIVE for holder in holders)
    lost = state.verdict.reasons() if state.verdict else ()
    alive = replace(state, against=NOBODY, alive_from=hearing.at if held else 0)
    stands = come_to_life(state.view.slip, state.policy) if verdict is None else verdict
    hearing.settle_into(alive, stands, (*state.aside, *lost, *aside), since=hearing.at)
    hearing.close_if_dealt(state.claim, hearing.at)


def _overtake(hearing: Hearing, name: str, winner: str, presumption: Presumption) -> None:
    """Compare a claim with a slip that came to life before it in time; it may lose to it."""
    state, first = hearing.claim(name), hearing.claim(winner)
    assert state is not None  # it was met
    assert first is not None  # it lives
    verdict, aside = hearing.collide(state, (hearing.rival(state, first, presumption),))
    if verdict is None:
        return
    if verdict.status in WAITING and state.status in WAITING:  # it goes on waiting with the others, too
        hearing.keep(state.held(winner, hearing.at, verdict))
        hearing.keep(first.held(name, hearing.at, verdict))
        return
    aside = (*state.aside, *(state.verdict.reasons() if state.verdict else ()), *aside)
    if verdict.status is Status.RETURNED:
        verdict = replace(verdict, also=(*verdict.also, overtaken(state.view.slip, winner)))
    hearing.settle_into(state, verdict, aside, since=hearing.at)
    if verdict.status is Status.RETURNED:
        hearing.release_all(state, hearing.at)
