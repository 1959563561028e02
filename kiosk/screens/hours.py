"""What a form says about the hand-in windows: until when one is open, when the next opens, what 一.3 allows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from shared_rules.interval import HOUR, MINUTE, SECOND, to_datetime
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from kiosk.counter import Window

__all__ = ["hours_sentence", "left", "length", "moment"]

_SHORT: Final = 4 * HOUR
"""Less time left than this is shown as waiting for a person."""


def hours_sentence(window: Window, now: int) -> tuple[Say, str]:
    """Return the sentence and its tone; `now` in microseconds since the epoch."""
    if not window.spans:
        return say("全天可以递交"), "good"
    if window.open:
        return say("现在可以递交；每天 {spans}", spans="，".join(window.spans)), "good"
    opening, today = to_datetime(window.next_open), to_datetime(now).date()
    days = {today: say("今天"), today + timedelta(days=1): say("明天")}
    return (
        say(
            "现在不在递交时段，{day} {time} 再开。可先填好，草稿会留着；特殊情况请签约室写明原因盖章（{clause}）",
            clause="一.3",
            day=days.get(opening.date(), f"{opening:%m-%d}"),
            time=f"{opening:%H:%M}",
        ),
        "waiting",
    )


def moment(instant: int) -> str:
    """Return an instant as the counter writes it, `03-02 09:10`; nothing for 0.

    A lower bound some milliseconds before the minute is that minute: the receipt shows the middle of the bounds.
    """
    return f"{to_datetime(instant + SECOND // 2):%m-%d %H:%M}" if instant else ""


def left(due_at: int, now: int) -> tuple[Say, str]:
    """Return how much time is left until an instant, and the tone of it."""
    if due_at < now:
        return say("超时 {time}", time=length(now - due_at)), "wrong"
    return length(due_at - now), "waiting" if due_at - now < _SHORT else ""


def length(span: int) -> Say:
    """Return a span of microseconds as people say it."""
    hours, minutes = divmod(max(0, span) // MINUTE, 60)
    if not hours:
        return say("{minutes} 分钟", minutes=minutes)
    if hours < 2 * 24:
        return say("{hours} 小时 {minutes} 分", hours=hours, minutes=minutes)
    return say("{days} 天", days=hours // 24)
