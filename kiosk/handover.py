"""交接班: what one clerk hands to the next besides the window, the paper slips above all."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from shared_rules.errors import InputError
from shared_rules.words import say

if TYPE_CHECKING:
    from kiosk.waiting import QueueRows

__all__ = ["counted", "papers_in"]

_MOST: Final = 9999
_LONGEST: Final = 200


def papers_in(queue: QueueRows) -> int:
    """Return how many paper slips were stamped by number and wait to be typed in: they must lie in the drawer."""
    return sum(row.content is None for row in queue)


def counted(typed: str, queue: QueueRows, remark: str) -> int:
    """Return the paper slips that were counted; InputError where they are not what the kiosk knows of, unexplained."""
    text = unicodedata.normalize("NFKC", typed).strip()
    if not (text.isascii() and text.isdigit() and int(text) <= _MOST):
        raise InputError(say("请点清抽屉里待录入的纸质单，写份数；没有写 0"), field="papers")
    known = papers_in(queue)
    if int(text) != known and not remark.strip():
        raise InputError(
            say("机器记着 {known} 份待录入的纸质单；请再点一遍，确实不符就写明情况", known=known), field="papers"
        )
    if len(remark) > _LONGEST:
        raise InputError(say("最多 {most} 个字", most=_LONGEST), field="remark")
    return int(text)
