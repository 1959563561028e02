"""Facts in, rulings out: the one call that server and kiosk make.

`settle` is a pure function of the set of facts: it orders them itself, by confirmation time, log and sequence, so that
neither the order of arrival nor a second delivery changes a byte of the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from shared_rules.claims import ClaimState
from shared_rules.clauses.registration import deadline_of_return, waits_for_entry
from shared_rules.decision import Decision, Reason, Status, Verdict
from shared_rules.facts import Event, LogId, SlipReturned
from shared_rules.finality import Doubt, Promises
from shared_rules.hearing import Act, Hearing, hear, presumption_of
from shared_rules.interval import HOUR, day_end, day_of, to_datetime
from shared_rules.policy import Policies
from shared_rules.rulings import ActRuling, ClaimRuling, Duties, Quota, Register, SameDay
from shared_rules.wire import encode_fact
from shared_rules.words import say

__all__ = ["ActRuling", "ClaimRuling", "Duties", "Quota", "Register", "SameDay", "in_order", "settle"]


def in_order(facts: Iterable[Event], as_of: int) -> list[Event]:
    """Return the events up to an instant, each once, by confirmation time, log, sequence and bytes."""
    unique = {(event.log, event.seq, encode_fact(event.fact)): event for event in facts if event.time.lo <= as_of}
    return [event for _, event in sorted(unique.items(), key=lambda item: (item[1].time, item[0]))]


def settle(facts: Iterable[Event], policies: Policies, as_of: int) -> Register:
    """Return the rulings that hold at `as_of` (microseconds), from scratch; facts later than that are ignored."""
    events = in_order(facts, as_of)
    promises = Promises.of(events)
    hearing, late = _heard(events, policies, promises)
    beaten_by = _beaten_by(hearing)
    claims = {
        state.claim: _ruling(state, hearing, promises, beaten_by, as_of, late=state.claim in late)
        for state in sorted(hearing.claims.values(), key=lambda one: one.claim)
    }
    acts = {act.slip: _act(act, hearing, promises) for _, act in sorted(hearing.acts.items())}
    quotas = _quotas(hearing, policies, as_of)
    return Register(as_of, claims, acts, _same_day(hearing), _duties(hearing, events, as_of), quotas)


def _heard(events: Sequence[Event], policies: Policies, promises: Promises) -> tuple[Hearing, frozenset[str]]:
    """Hear the facts; a late arrival takes part only where it upsets nothing that was ruled without it."""
    arrivals = promises.late_arrivals(events)
    if not arrivals:
        return hear(events, policies), frozenset()
    before = hear(events, policies, left_out=arrivals)
    upsetting: set[tuple[LogId, int]] = set()
    for arrival in arrivals:
        # the late ones are tried one by one: two late claims may both be harmless to what was final
        others = [one for one in arrivals if one != arrival]
        trial = hear(events, policies, left_out=others)
        if any(trial.claims[claim].status is not state.status for claim, state in before.claims.items()):
            upsetting.add(arrival)
    after = hear(events, policies, left_out=upsetting)
    everything = hear(events, policies)
    late = {state.claim: state for state in everything.claims.values() if state.recorded in upsetting}
    for claim, state in late.items():
        state.verdict = _late(state)
        state.status = Status.LATE
        after.claims[claim] = state
    return after, frozenset(late)


def _late(state: ClaimState) -> Verdict:
    sentence = say("在这一天封账之后才报到，不改变已终局的判定，可按争议程序提出")
    return Verdict("三.1", Status.LATE, Reason("二.2.1", sentence, sentence, (state.view.slip,)))


def _ruling(
    state: ClaimState, hearing: Hearing, promises: Promises, beaten_by: Mapping[str, Sequence[str]], as_of: int,
    *, late: bool,
) -> ClaimRuling:  # fmt: skip
    background = hearing.background
    last = state.lease.last_day(background.launch(state.pool), background.closed)
    status, reasons = _outcome(state, beaten_by, last, as_of)
    doubts = () if late else promises.doubts(state, hearing.claims.values())
    if status is Status.WITH_MANAGER:
        doubts = (Doubt("manager", say("等销售经理判定")), *doubts)
    decision = Decision(
        status=status,
        shares=state.verdict.shares if state.verdict else (),
        reasons=reasons,
        set_aside=state.aside,
        pending_on=tuple(doubt.sentence for doubt in doubts),
        pending_keys=tuple(doubt.key for doubt in doubts),
        provisional=bool(doubts),
        policy=state.policy.id,
    )
    held = status in (Status.UPHELD, Status.AWAITING_ENTRY, Status.WITH_MANAGER, Status.LAPSED, Status.CLOSED)
    return ClaimRuling(
        claim=state.claim,
        slip=state.view.slip,
        salesperson=state.view.salesperson,
        pool=state.pool,
        office=state.office,
        decision=decision,
        stamped_at=state.view.stamp,
        effective_at=state.effective,
        valid_until=last if held else None,
        due_at=deadline_of_return(state.view.stamp, state.policy),
        against=tuple(sorted(state.against)),
        flags=tuple(dict.fromkeys((*state.flags, *(state.verdict.flags if state.verdict else ())))),
    )


def _beaten_by(hearing: Hearing) -> dict[str, list[str]]:
    """Return claim -> the claims that were returned against it, in order."""
    beaten: dict[str, list[str]] = {}
    for one in sorted(hearing.claims.values(), key=lambda state: state.claim):
        for claim in one.against if one.status is Status.RETURNED else ():
            beaten.setdefault(claim, []).append(one.claim)
    return beaten


def _outcome(
    state: ClaimState, beaten_by: Mapping[str, Sequence[str]], last: date | None, as_of: int
) -> tuple[Status, tuple[Reason, ...]]:
    slips = (state.view.slip,)
    if state.status is Status.UPHELD and not state.entered:
        waiting = waits_for_entry(state.judged(), state.policy)
        return Status.AWAITING_ENTRY, (waiting.reason,)
    if state.status is Status.UPHELD and last is not None and as_of > day_end(last):
        sentence = say("有效期至 {day}，期内没有再次确认", day=last.isoformat())
        return Status.LAPSED, (Reason("六.3", sentence, sentence, slips),)
    if state.status is Status.WITH_MANAGER and (state.verdict is None or state.verdict.status is not state.status):
        sentence = say("与 {claims} 同一天盖章，由销售经理看日报判定", claims="、".join(sorted(state.against)))
        masked = say("同日撞单或先后不明，等销售经理判定")
        return state.status, _with_presumption(state, Reason("二.2.4", sentence, masked, slips))
    if state.verdict is not None and state.verdict.status is state.status:
        return state.status, _with_presumption(state, *state.verdict.reasons())
    return state.status, (_standing(state, beaten_by),)


def _with_presumption(state: ClaimState, *reasons: Reason) -> tuple[Reason, ...]:
    presumption = presumption_of(state)
    return reasons if presumption is None else (*reasons, presumption)


def _standing(state: ClaimState, beaten_by: Mapping[str, Sequence[str]]) -> Reason:
    """Why a claim stands: it was earlier than those returned against it, or nobody stood against it."""
    slips = (state.view.slip,)
    if state.status is Status.CLOSED:
        sentence = say("已成交")
        return Reason("六.3", sentence, sentence, slips)
    time = to_datetime(state.effective.lo).strftime("%m-%d %H:%M")
    beaten = beaten_by.get(state.claim, ())
    if beaten:
        sentence = say("盖章 {time}，早于 {claims}", time=time, claims="、".join(beaten))
        return Reason("二.2.1", sentence, say("盖章 {time}，时间在先", time=time), (*slips, *beaten))
    sentence = say("盖章 {time}，没有在先的确认", time=time)
    return Reason("一.3", sentence, sentence, slips)


def _act(act: Act, hearing: Hearing, promises: Promises) -> ActRuling:
    state = hearing.claims.get(act.claim)
    doubts: tuple[Doubt, ...] = promises.doubts(state, hearing.claims.values()) if state else ()
    if act.verdict is None:
        sentence = say("变更成立，时间改为这一次") if act.kind == "amend" else say("再次确认成立，时间不变")
        reasons: tuple[Reason, ...] = (
            Reason("一.6" if act.kind == "amend" else "六.3", sentence, sentence, (act.slip, act.claim)),
        )
        status = Status.UPHELD
    else:
        status, reasons = act.verdict.status, act.verdict.reasons()
    decision = Decision(
        status=status,
        shares=(),
        reasons=reasons,
        set_aside=act.aside,
        pending_on=tuple(doubt.sentence for doubt in doubts),
        pending_keys=tuple(doubt.key for doubt in doubts),
        provisional=bool(doubts),
        policy=act.policy.id,
    )
    return ActRuling(act.slip, act.claim, act.kind, decision, act.stamp, deadline_of_return(act.stamp, act.policy))


def _same_day(hearing: Hearing) -> tuple[SameDay, ...]:
    """Return the cases that wait for the manager: what hangs together stands on one page, each edge is ruled."""
    waiting = {claim: one for claim, one in hearing.claims.items() if one.status is Status.WITH_MANAGER}
    edges = sorted(
        {
            (min(claim, other), max(claim, other))
            for claim, one in waiting.items()
            for other in one.against
            if other in waiting
        }
    )
    cases: list[set[str]] = []
    for edge in edges:
        touched = [case for case in cases if case & set(edge)]
        merged = set(edge).union(*touched)
        cases = [case for case in cases if case not in touched] + [merged]
    return tuple(
        SameDay(
            claims=tuple(sorted(case)),
            pool=waiting[min(case)].pool,
            day=day_of(max(waiting[claim].view.stamp.lo for claim in case)),
            edges=tuple(edge for edge in edges if edge[0] in case),
        )
        for case in sorted(cases, key=min)
    )


def _quotas(hearing: Hearing, policies: Policies, as_of: int) -> tuple[Quota, ...]:
    """Return where everybody stands who ever handed in a slip, and who has a quarter's result."""
    pools = {pool for _, pool in hearing.held} or {""}
    known = set(hearing.held) | {(person, pool) for person in hearing.background.results for pool in pools}
    standings = {key: hearing.standing(*key, as_of, policies.at(key[1], as_of)) for key in sorted(known)}
    return tuple(Quota(*key, standing.limit, standing.live) for key, standing in standings.items())


def _duties(hearing: Hearing, events: Sequence[Event], as_of: int) -> Duties:
    given_back = {event.fact.slip for event in events if isinstance(event.fact, SlipReturned)}
    unentered = [one for one in hearing.claims.values() if not one.entered and one.status is Status.UPHELD]
    owed = [one for one in hearing.claims.values() if one.status in (Status.RETURNED, Status.REFUSED)]

    def overdue(states: Iterable[ClaimState], hours: Mapping[str, int]) -> tuple[str, ...]:
        return tuple(sorted(one.view.slip for one in states if as_of > one.view.stamp.lo + hours[one.claim] * HOUR))

    return Duties(
        overdue_entries=overdue(unentered, {one.claim: one.policy.entry.entry_hours for one in unentered}),
        lost_or_enter=overdue(unentered, {one.claim: one.policy.entry.lost_after_hours for one in unentered}),
        overdue_returns=overdue(
            (one for one in owed if one.view.slip not in given_back),
            {one.claim: one.policy.entry.return_hours for one in owed},
        ),
    )
