"""三: how a collision becomes a dispute, and what a claim that comes too late may still do."""

from __future__ import annotations

from shared_rules.decision import Reason, Status, Verdict
from shared_rules.words import say

__all__ = ["arrived_after_the_day_was_closed"]


def arrived_after_the_day_was_closed(slip: str, against: tuple[str, ...]) -> Verdict:
    """Return that a late claim changes no final ruling; who hands it in may open a dispute."""
    sentence = say("在这一天封账之后才报到，不改变已终局的判定，可按争议程序提出")
    return Verdict("三.1", Status.LATE, Reason("二.2.1", sentence, sentence, (slip,)), against=against)
