"""What a form says about the hand-in windows: until when one is open, when the next opens, what 一.3 allows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared_rules.interval import to_datetime
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from kiosk.counter import Window

__all__ = ["hours_sentence", "left", "moment"]


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
            "现在不在递交时段，{day} {time} 再开。可以先填好，草稿会留着；特殊情况请签约室开窗，写明原因盖章（一.3）",
            day=days.get(opening.date(), f"{opening:%m-%d}"),
            time=f"{opening:%H:%M}",
        ),
        "waiting",
    )


def moment(instant: int) -> str:
    """Return an instant as the counter writes it, `03-02 09:10`; nothing for 0."""
    return f"{to_datetime(instant):%m-%d %H:%M}" if instant else ""


def left(due_at: int, now: int) -> tuple[Say, str]:
    """Return how much time is left until an instant, and the tone of it."""
    minutes = (due_at - now) // 60_000_000
    if minutes < 0:
        return say("超时 {hours} 小时 {minutes} 分", hours=-minutes // 60, minutes=-minutes % 60), "wrong"
    return say(
        "{hours} 小时 {minutes} 分", hours=minutes // 60, minutes=minutes % 60
    ), "waiting" if minutes < 240 else ""
