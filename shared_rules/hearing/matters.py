"""What a dispute does to claims: leases stand still while it is open, its outcome is a ruling among them (三, 四).

A query slip filed soon enough after an import takes the decision from the imported times and gives it to the manager.
"""

from __future__ import annotations

from msgspec.structs import replace

from shared_rules.background import roles_topic
from shared_rules.chronicle import Place
from shared_rules.claims import ClaimState
from shared_rules.clauses.disputes import imported_time_contested, imported_time_is_contested, may_rule
from shared_rules.decision import Status
from shared_rules.facts import AppealDecided, DisputeFiled, Event, Grade, Mediated, Role, RulingMade
from shared_rules.hearing.core import Hearing
from shared_rules.hearing.people import ruled_among
from shared_rules.interval import OPEN
from shared_rules.policy import Policy
from shared_rules.procedure import Course, take_course

__all__ = ["concluded", "course_of", "filed", "ruled"]


def course_of(hearing: Hearing, dispute: str, place: Place) -> Course:
    """Return how far a dispute had come at a place."""
    steps = [step for step in hearing.background.disputes.get(dispute, ()) if step[0] <= place]
    named = {claim for _, _, fact in steps if isinstance(fact, DisputeFiled) for claim in fact.claims}
    states = {claim: state for claim in sorted(named) if (state := hearing.claim(claim)) is not None}
    pool = next((state.pool for state in states.values()), "")
    course = Course(
        dispute,
        hearing.policies.at(pool, steps[0][1] if steps else 0),
        {claim: state.salesperson for claim, state in states.items()},
        leaders=hearing.background.with_role(Role.LEADER),
    )
    learned = hearing.background.learned((state.view.slip, state.salesperson) for state in states.values())
    return take_course(course, steps, learned)


def filed(hearing: Hearing, event: Event, fact: DisputeFiled) -> None:
    """While a dispute is open the leases in question do not run, where the policy says so."""
    for name in fact.claims:
        state = hearing.claim(name)
        if state is not None and state.status is Status.UPHELD and _tolls(hearing, state, event):
            since = event.time.lo if state.undecided_since is None else state.undecided_since
            hearing.keep(replace(state, undecided_since=since, until=OPEN))
    for name in fact.claims:
        state = hearing.claim(name)
        if state is not None and state.salesperson == fact.by and state.lost_by_time:
            _contest(hearing, event, state)


def _contest(hearing: Hearing, event: Event, state: ClaimState) -> None:
    """Bring a claim that lost by time, and the imported ones it lost to, before the manager, if it is soon enough."""
    for other in state.against:
        hearing.watchers.watch(other, hearing.now)
    policy = hearing.policies.at(state.pool, event.time.lo)
    rivals = [one for other in sorted(state.against) if (one := hearing.claim(other)) is not None]
    if not all(_contestable(hearing, one, event, policy) for one in rivals):
        return
    _to_the_manager(hearing, replace(state, undecided_since=state.view.stamp.lo), frozenset(state.against))
    for one in rivals:
        since = event.time.lo if one.undecided_since is None else one.undecided_since
        _to_the_manager(hearing, replace(one, undecided_since=since), one.against | {state.claim})


def _contestable(hearing: Hearing, state: ClaimState, event: Event, policy: Policy) -> bool:
    held = state.view.grade is Grade.I and state.status in (Status.UPHELD, Status.WITH_MANAGER)
    imported_at = hearing.background.imported.get(state.claim)
    in_time = imported_time_is_contested(imported_at, event.time.lo, policy)
    return held and state.live_at(event.time.lo) and in_time


def _to_the_manager(hearing: Hearing, state: ClaimState, against: frozenset[str]) -> None:
    before = state.verdict
    verdict = imported_time_contested(state.view.slip, tuple(sorted(against)), before.also if before else ())
    aside = (*state.aside, *((before.reason,) if before else ()))
    hearing.keep(replace(state, status=Status.WITH_MANAGER, against=against, verdict=verdict, aside=aside))


def _tolls(hearing: Hearing, state: ClaimState, event: Event) -> bool:
    tolls = hearing.policies.at(state.pool, event.time.lo).dispute.tolls_expiry
    return tolls and state.live_at(event.time.lo)


def concluded(hearing: Hearing, event: Event, fact: Mediated | AppealDecided) -> None:
    """A settlement binds its parties, a reversal turns the ruling round."""
    _take_effect(hearing, event, fact.dispute)


def ruled(hearing: Hearing, event: Event, fact: RulingMade) -> None:
    """A ruling within a dispute has effect only where the procedure lets it; one without a dispute has it at once."""
    if fact.dispute and fact.dispute in hearing.background.disputes:
        _take_effect(hearing, event, fact.dispute)
    elif _may_rule(hearing, fact):
        ruled_among(hearing, event, fact)


def _may_rule(hearing: Hearing, fact: RulingMade) -> bool:
    """Return whether somebody may rule among these claims: nobody judges the own case, a leader does (三.3)."""
    hearing.watchers.watch(roles_topic(fact.ruled_by), hearing.now)
    states = (hearing.claim(name) for name in {*fact.claims, *fact.losers})
    parties = {state.salesperson for state in states if state is not None}
    leader = fact.ruled_by in hearing.background.with_role(Role.LEADER)
    return may_rule(fact.ruled_by, parties, parties, queried=False, leader=leader) is None


def _take_effect(hearing: Hearing, event: Event, dispute: str) -> None:
    course = course_of(hearing, dispute, hearing.now)
    for claim in course.claims:
        hearing.watchers.watch(claim, hearing.now)
    ruling = course.effects.get(hearing.now)
    if ruling is not None:
        ruled_among(hearing, event, ruling)
