"""What a form says about the hand-in windows: pure, from the policy's windows and the time of day (一.1, 一.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from shared_rules.words import Say, say

__all__ = ["hours_sentence", "is_open", "next_opening"]

Windows = Sequence[tuple[time, time]]


def is_open(windows: Windows, now: datetime) -> bool:
    """Return whether a slip handed in now lies in a window; no windows = always."""
    clock = now.timetz().replace(tzinfo=None)
    return not windows or any(first <= clock <= last for first, last in windows)


def next_opening(windows: Windows, now: datetime) -> datetime:
    """Return when the next window opens, today or tomorrow."""
    starts = sorted(first for first, _ in windows)
    clock = now.timetz().replace(tzinfo=None)
    today = [start for start in starts if start > clock]
    day = now.date() if today else now.date() + timedelta(days=1)
    return datetime.combine(day, (today or starts)[0], now.tzinfo)


def hours_sentence(windows: Windows, now: datetime) -> tuple[Say, str]:
    """Return the sentence and its tone: until when it is open, or when it opens next and what 一.3 allows."""
    if not windows:
        return say("全天可以递交"), "good"
    if is_open(windows, now):
        clock = now.timetz().replace(tzinfo=None)
        last = next(last for first, last in windows if first <= clock <= last)
        return say("递交窗口开着，到 {time} 止", time=f"{last:%H:%M}"), "good"
    opening = next_opening(windows, now)
    day = say("今天") if opening.date() == now.date() else say("明天")
    sentence = say(
        "现在不在递交时间内；下一窗口 {day} {time}。可先填好存草稿；特殊情况由签约室人员写明原因签时间（一.3）",
        day=day,
        time=f"{opening:%H:%M}",
    )
    return sentence, "waiting"
