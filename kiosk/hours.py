"""The hand-in windows as the counter tells and holds them (一.1), and who may stamp outside them (一.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.counter import Window
from shared_rules.clauses.registration import handed_in_outside_the_windows, in_a_window, signed_by_the_wrong_person
from shared_rules.decision import Situation, SlipView
from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import Role
from shared_rules.interval import DAY, OPEN, Interval, Trit, day_of, day_start, exactly, to_the_minute
from shared_rules.words import say

if TYPE_CHECKING:
    from kiosk.clock import Reading
    from kiosk.counter import Session, SlipFact
    from shared_rules.policy import Policy

__all__ = ["asks_reason", "middle", "refuse_outside", "refuse_unsound", "ticket", "window"]


def window(policy: Policy, now: int) -> Window:
    """Return today's windows, whether one is open, and when the next one opens."""
    opened = in_a_window(exactly(now), policy) is Trit.YES
    return Window(opened, policy.hand_in.windows, _next_open(policy, now), policy.stamp.exceptional_reasons)


def _next_open(policy: Policy, now: int) -> int:
    spans = policy.hand_in.spans()
    if not spans:
        return now
    today = day_start(day_of(now))
    starts = [day + first for day in (today, today + DAY) for first, _ in spans]
    return min((start for start in starts if start > now), default=now + DAY)


def middle(moment: Interval) -> int:
    """Return the instant people are told of a bounded moment."""
    return (moment.lo + moment.hi) // 2


def ticket(moment: Interval, policy: Policy) -> int:
    """Return the instant of a queue ticket, 0 while no clock can say one; where in doubt, one inside the hours."""
    if moment.hi == OPEN:
        return 0
    instants = (middle(moment), moment.lo, moment.hi)
    inside = (instant for instant in instants if in_a_window(exactly(instant), policy) is Trit.YES)
    return next(inside, instants[0])


def asks_reason(duty: Session | None, window: Window, given: str = "") -> bool:
    """Return whether whoever opened the window stamps by exception (一.3) and the slip does not say why."""
    if duty is None or not duty.may(Role.CONTRACT_OFFICE) or given:
        return False
    return not duty.may(Role.CLERK) or not window.open


def refuse_outside(policy: Policy, moment: Interval, exceptional: str, duty: Session | None) -> None:
    """Raise RefusedError for a slip outside the hours that may not be stamped by exception; names the next window.

    Only what is certain is held against anybody: while no clock can say the time, every hour is admitted.
    """
    if moment.hi == OPEN or in_a_window(moment, policy) is not Trit.NO:
        return
    if exceptional in policy.stamp.always_admitted_reasons:
        return
    now = middle(moment)
    may = duty is not None and duty.may(*policy.stamp.exceptional_roles)
    if exceptional.strip() and may:
        return
    next_ = to_the_minute(_next_open(policy, now))
    if may:
        raise InputError(
            say("现在不在递交时段；签约室盖章须写明特殊情况的原因，或等到 {next}", next=next_), field="exceptional"
        )
    raise RefusedError(say("现在不在递交时段，下一个时段 {next}；特殊情况请签约室开窗盖章", next=next_), clause="一.1")


def refuse_unsound(fact: SlipFact, reading: Reading, policy: Policy) -> None:
    """Raise what the rules would hold against this stamp afterwards, before it has a time (一.1, 一.3)."""
    view = SlipView(
        slip=fact.slip, claim="", salesperson=fact.salesperson, stamped_by=fact.stamped_by,
        stamped_role=fact.stamped_role, stamp=reading.time, handed_in_at=fact.handed_in_at, grade=reading.grade,
        content=None, exceptional=fact.exceptional,
    )  # fmt: skip
    verdict = signed_by_the_wrong_person(Situation(view), policy)
    if verdict is not None and not fact.exceptional and fact.stamped_role in policy.stamp.exceptional_roles:
        raise InputError(verdict.reason.masked, field="exceptional")
    if verdict is None and reading.time.hi != OPEN:
        verdict = handed_in_outside_the_windows(Situation(view), policy)
    if verdict is not None:
        raise RefusedError(verdict.reason.masked, clause=verdict.clause)
