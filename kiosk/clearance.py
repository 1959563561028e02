"""What the server's answer before a deal says to the clerk; nothing of the other side's customer is in it (五)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared_rules.interval import to_the_minute
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from shared_rules.protocol import ClearanceAnswer

__all__ = ["advice", "clear"]


def clear(answer: ClearanceAnswer) -> bool:
    """Return whether nothing stands in the way."""
    return answer.status == "upheld" and not (answer.silent or answer.unentered or answer.other_claim)


def advice(answer: ClearanceAnswer) -> tuple[Say, ...]:
    """Return the sentences, the gravest first; the last one says up to when all offices have reported."""
    found: list[Say] = []
    if answer.status != "upheld":
        found.append(say("{claim} 现在不是有效的确认；请先弄清楚再签约", claim=answer.claim))
    if answer.other_claim:
        found.append(say("还有别人对可能是同一位客户的有效确认；请先找销售经理"))
    found += [say("{office} 联系不上或没有报齐：那里可能有更早的确认", office=name) for name in answer.silent]
    found += [say("{office} 还有待录入的单子", office=name) for name in answer.unentered]
    if not found:
        found.append(say("可以签约：各店都已报到，没有别的确认"))
    if answer.heard_upto:
        moment = to_the_minute(answer.heard_upto)
        found.append(say("各店都已报到 {moment}", moment=moment))
    return tuple(found)
