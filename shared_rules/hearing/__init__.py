"""Hears one fact at a time, in its place: each slip is judged as of its own stamp, against what was live then.

What works from the start, whenever it was said, is looked up in the background: the content of a slip entered later,
findings that two customers are different, launch and closed days. Nothing here knows in which order facts arrive;
`settlement.py` sees to it that a fact is heard again when something before it has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from shared_rules.background import deal_topic, dispute_topic, person_topic
from shared_rules.chronicle import Turn
from shared_rules.facts import (
    AppealDecided,
    CollisionSeen,
    CustomerChose,
    DealCancelled,
    DealClosed,
    DealRenamed,
    DisputeFiled,
    Event,
    Fact,
    FindingMade,
    FollowedUp,
    HandedOver,
    Mediated,
    RulingMade,
    ServiceAssigned,
    SlipAmended,
    SlipCorrected,
    SlipDeclaredLost,
    SlipRenewed,
    SlipStamped,
    SlipWithdrawn,
    Transferred,
)
from shared_rules.hearing import deals, matters, people, places, revival, slips
from shared_rules.hearing.core import Act, Hearing

__all__ = ["HEARD", "Act", "Hearing", "hear", "looks_at", "pass_by"]

_Names = Callable[[Any], tuple[str, ...]]


def _claim(fact: Any) -> tuple[str, ...]:
    return (fact.claim,)


def _slip(fact: Any) -> tuple[str, ...]:
    return (fact.slip,)


def _act(fact: Any) -> tuple[str, ...]:
    return fact.claim, fact.slip, person_topic(fact.salesperson)


def _dispute(fact: Any) -> tuple[str, ...]:
    return (dispute_topic(fact.dispute),)


HEARD: Final[dict[type[Fact], tuple[Callable[[Hearing, Event, Any], None], _Names]]] = {
    SlipStamped: (slips.stamped, lambda fact: (fact.slip, person_topic(fact.salesperson))),
    SlipAmended: (slips.amended, _act),
    SlipRenewed: (slips.renewed, _act),
    SlipCorrected: (slips.corrected, _slip),
    SlipWithdrawn: (slips.ended, _claim),
    SlipDeclaredLost: (slips.ended, _slip),
    RulingMade: (matters.ruled, lambda fact: (*fact.claims, *fact.losers, dispute_topic(fact.dispute))),
    DisputeFiled: (matters.filed, lambda fact: (*fact.claims, dispute_topic(fact.dispute))),
    Mediated: (matters.concluded, _dispute),
    AppealDecided: (matters.concluded, _dispute),
    FindingMade: (people.found_same, lambda fact: fact.claims),
    HandedOver: (people.handed_over, _claim),
    Transferred: (people.transferred, lambda fact: (*fact.claims, person_topic(fact.giver))),
    ServiceAssigned: (people.served, _claim),
    CustomerChose: (people.chosen, _claim),
    DealClosed: (deals.dealt, lambda fact: (person_topic(fact.closer), deal_topic(fact.deal), *fact.claims)),
    DealRenamed: (deals.renamed, lambda fact: (deal_topic(fact.deal),)),
    CollisionSeen: (deals.seen, lambda fact: fact.claims),
    DealCancelled: (deals.cancelled, lambda fact: (deal_topic(fact.deal),)),
    FollowedUp: (deals.followed_up, lambda fact: (person_topic(fact.by), fact.claim)),
}
"""The facts that are heard in their place, by whom, and the topics they look at; all others work from the start."""


def hear(hearing: Hearing, event: Event) -> None:
    """Hear the fact that stands at the hearing's `now`."""
    handler, _ = HEARD[type(event.fact)]
    handler(hearing, event, event.fact)
    if hearing.revives:
        revival.revive(hearing)


def pass_by(hearing: Hearing, turn: Turn) -> None:
    """Let time do what it does at an instant: a lease is over (一.6), or a number of places falls (一.5)."""
    if turn.claim:
        revival.lapsed(hearing, turn.claim)
        return
    hearing.await_fall(turn.person)
    places.fallen(hearing, turn.person, turn.at)
    if hearing.revives:
        revival.revive(hearing)


def looks_at(fact: Fact) -> tuple[str, ...]:
    """Return the topics that an event looks at by what it says."""
    return HEARD[type(fact)][1](fact)
