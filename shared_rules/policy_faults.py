"""What is wrong with a value of a policy file, in words that say what would be right.

The decoder speaks English and of types; whoever writes a policy is told in the own language which values there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from shared_rules.policy_spans import LONGEST
from shared_rules.words import Say, say

__all__ = ["remedy"]

_KINDS: Final = {
    "int": say("应为整数"),
    "bool": say("应为 true 或 false"),
    "str": say("应为带引号的文字"),
    "array": say("应为方括号里的列表"),
    "object": say("应为一张表"),
}


def remedy(message: str, table: type, key: str) -> Say:
    """Return what to write instead, for the decoder's `message` on a key of a table."""
    for part, sentence in {
        "unknown field": say("没有这个键，请删去或改名"),
        "missing required": say("缺这个键，请补上"),
    }.items():
        if part in message:
            return sentence
    if "Invalid enum value" in message:
        return say("应为其中之一：{values}", values="、".join(_choices(get_type_hints(table)[key])))
    return _span(message) or _number_or_kind(message)


def _span(message: str) -> Say | None:
    """Return what is wrong with a time of day or a day of the calendar, None where the message is of something else."""
    if "matching regex" in message and "/" in message:
        return say("日期应写成 2026-10-01，几天写成 2026-10-01/2026-10-07")
    if "matching regex" in message:
        return say("时刻应写成 {example}", example="09:00-10:00" if "-(" in message else "09:00")
    written = message.split("`")[1] if message.startswith("`") else ""
    return {
        f"`{written}` ends before it begins": say("时段 {window} 的结束早于开始", window=written),
        f"`{written}` is no day": say("没有 {day} 这样的日期", day=written),
        f"`{written}` is too long": say("{days} 超过 {most} 天", days=written, most=LONGEST),
    }.get(message.partition(" - at ")[0])


def _number_or_kind(message: str) -> Say:
    bound = re.search(r"Expected `int` ([<>])= (\d+)", message)
    if bound:
        number = int(bound.group(2))
        return (
            say("应不小于 {number}", number=number)
            if bound.group(1) == ">"
            else say("应不大于 {number}", number=number)
        )
    kind = re.search(r"Expected `(\w+)", message)
    return _KINDS.get(kind.group(1) if kind else "", say("值不合要求"))


def _choices(hint: Any) -> Iterator[str]:
    """Yield the values that a type allows, inside lists as well."""
    if get_origin(hint) is Literal:
        yield from get_args(hint)
    elif isinstance(hint, type) and issubclass(hint, Enum):
        yield from (one.value for one in hint)
    else:
        for inner in get_args(hint):
            yield from _choices(inner)
