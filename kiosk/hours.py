"""The hand-in windows as the counter tells and holds them (一.1), and who may stamp outside them (一.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kiosk.counter import Window
from shared_rules.clauses.registration import in_a_window
from shared_rules.errors import InputError, RefusedError
from shared_rules.interval import DAY, Trit, exactly, from_datetime, to_datetime
from shared_rules.words import say

if TYPE_CHECKING:
    from kiosk.counter import Session
    from shared_rules.policy import Policy

__all__ = ["refuse_outside", "window"]


def window(policy: Policy, now: int) -> Window:
    """Return today's windows, whether one is open, and when the next one opens."""
    opened = in_a_window(exactly(now), policy) is Trit.YES
    return Window(opened, policy.hand_in.windows, _next_open(policy, now), policy.stamp.exceptional_reasons)


def _next_open(policy: Policy, now: int) -> int:
    spans = policy.hand_in.spans()
    if not spans:
        return now
    today = to_datetime(now)
    starts = [
        from_datetime(day.replace(hour=first.hour, minute=first.minute, second=0, microsecond=0))
        for day in (today, today + timedelta(days=1))
        for first, _ in spans
    ]
    return min((start for start in starts if start > now), default=now + DAY)


def refuse_outside(policy: Policy, now: int, exceptional: str, duty: Session | None) -> None:
    """Raise RefusedError for a slip outside the hours that may not be stamped by exception; names the next window."""
    if in_a_window(exactly(now), policy) is not Trit.NO or exceptional in policy.stamp.always_admitted_reasons:
        return
    may = duty is not None and duty.may(*policy.stamp.exceptional_roles)
    if exceptional.strip() and may:
        return
    next_ = to_datetime(_next_open(policy, now)).strftime("%m-%d %H:%M")
    if may:
        raise InputError(
            say("现在不在递交时段；签约室盖章须写明特殊情况的原因，或等到 {next}", next=next_), field="exceptional"
        )
    raise RefusedError(say("现在不在递交时段，下一个时段 {next}；特殊情况请签约室开窗盖章", next=next_), clause="一.1")
