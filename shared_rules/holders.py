"""Whom the note of a returned slip may name: nobody, unless the policy at its stamp says so (一.4, 五)."""

from __future__ import annotations

from shared_rules.decision import GOES_BACK
from shared_rules.rulings import ActRuling, ClaimRuling
from shared_rules.settlement import Settlement
from shared_rules.values import Fixed

__all__ = ["Holder", "holders"]


class Holder(Fixed, frozen=True):
    """Who holds what a slip collided with, by number."""

    office: str
    salesperson: str = ""
    """"" where only the office may be named."""


def holders(settlement: Settlement, ruling: ClaimRuling | ActRuling) -> tuple[Holder, ...]:
    """Return the others against whom a slip goes back, the earliest first, as far as its note may name them."""
    own = settlement.ruling(ruling.claim)
    if own is None or ruling.decision.status not in GOES_BACK:
        return ()
    reveal = settlement.policies.at(own.pool, ruling.stamped_at.lo).entry.reveal_holder
    if reveal == "nobody":
        return ()
    rivals = [one for claim in ruling.against if (one := settlement.ruling(claim)) is not None]
    others = [one for one in rivals if one.salesperson != own.salesperson]
    others.sort(key=lambda one: (one.effective_at or one.stamped_at, one.claim))
    named = (Holder(one.office, one.salesperson if reveal == "salesperson" else "") for one in others)
    return tuple(dict.fromkeys(named))
