"""What the settled register says of each slip, deal and quota, picked out for counting."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from shared_rules.decision import Status
from shared_rules.facts import (
    DealClosed,
    SlipAmended,
    SlipContent,
    SlipCorrected,
    SlipEntered,
    SlipRenewed,
    SlipStamped,
)
from shared_rules.interval import day_of
from shared_rules.rulings import NOBODYS
from sync_server.masking import masked_name, masked_phone
from sync_server.tally import Kind, SlipLine, Wait

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from shared_rules.decision import Decision
    from shared_rules.facts import Event
    from shared_rules.rulings import ActRuling, ClaimRuling, Register
    from sync_server.archive import Contents

__all__ = ["DealLine", "collisions", "deal_lines", "slip_lines", "with_customers"]

_WAITS: Final = {
    Status.WITH_MANAGER: Wait.MANAGER,
    Status.WAITING_CONTRACT: Wait.CONTRACT,
    Status.LATE: Wait.DISPUTE,
}
_KINDS: Final = {SlipStamped: Kind.NEW, SlipAmended: Kind.AMENDED, SlipRenewed: Kind.RENEWED}
_Stamp = SlipStamped | SlipAmended | SlipRenewed


@dataclass(frozen=True, slots=True)
class DealLine:
    """A deal; `pool` "" = nobody said. `shares` are salesperson -> percent, empty = undecided, or nobody's."""

    closer: str
    pool: str
    day: date
    shares: tuple[tuple[str, int], ...]


def collisions(register: Register) -> frozenset[tuple[str, str]]:
    """Return the pairs of different salespeople's claims of which one lost to the other, or both wait."""
    people = {name: one.salesperson for name, one in register.claims.items()}
    return frozenset(
        (min(name, other), max(name, other))
        for name, one in register.claims.items()
        for other in one.against
        if people.get(other, one.salesperson) != one.salesperson
    )


def deal_lines(register: Register, events: Iterable[Event]) -> list[DealLine]:
    """Return the deals with who closed them and whose the rulings say they are."""
    pools = {event.fact.deal: event.fact.pool for event in events if isinstance(event.fact, DealClosed)}
    return [
        DealLine(
            one.closer, pools.get(one.deal, ""), day_of(one.closed_at),
            one.shares or (() if one.owner in NOBODYS else ((one.owner, 100),)),
        )
        for one in register.deals
    ]  # fmt: skip


def slip_lines(
    register: Register, contents: Contents, only_pool: Mapping[str, str], collided: frozenset[str]
) -> Iterator[SlipLine]:
    """Yield a line for each slip that is ruled on, by the time of its stamp; of its customer it says nothing.

    `only_pool` is office -> its pool where it sells but one: where an act that builds on nothing was handed in.
    """
    stamps = {event.fact.slip: event for event in contents.events if isinstance(event.fact, _Stamp)}
    for event in sorted(stamps.values(), key=lambda one: (one.time, one.log, one.seq)):
        fact = event.fact
        assert isinstance(fact, _Stamp)
        new, claim = isinstance(fact, SlipStamped), fact.slip if isinstance(fact, SlipStamped) else fact.claim
        held, office = register.claims.get(claim), contents.office_of.get(fact.slip, "")
        ruling: ClaimRuling | ActRuling | None = held if new else register.acts.get(fact.slip)
        if ruling is None:
            continue  # dated ahead of the server's clock: it is ruled on when its time has come
        decision = ruling.decision
        waits, dark = _waits(decision)
        yield SlipLine(
            slip=fact.slip, claim=claim, kind=_KINDS[type(fact)],
            pool=held.pool if held else only_pool.get(office, ""), office=office, salesperson=fact.salesperson,
            stamped_at=event.time.lo, day=day_of(event.time.lo), status=decision.status, clauses=decision.because(),
            provisional=decision.provisional, waits=waits, dark=dark, collides=new and claim in collided,
        )  # fmt: skip


def with_customers(
    lines: Iterable[SlipLine], register: Register, contents: Contents, *, seen: str
) -> Iterator[SlipLine]:
    """Yield the lines with their customers, masked but for those of the claim `seen`; a renewal has its claim's."""
    texts = _contents(contents.events)
    for line in lines:
        held = register.claims.get(line.claim)
        content = texts.get(line.slip, texts.get(held.slip) if held else None) or SlipContent()
        who = [one for one in (*content.names, content.company, content.contact) if one]
        if line.claim == seen:
            yield replace(line, customer="/".join(who), phones=" ".join(content.phones), masked=False)
        else:
            phones = " ".join(map(masked_phone, content.phones))
            yield replace(line, customer="/".join(map(masked_name, who)), phones=phones)


def _contents(events: Iterable[Event]) -> dict[str, SlipContent]:
    """Return what stands on each slip: as stamped, as entered, as corrected."""
    found: dict[str, SlipContent] = {}
    for event in events:
        fact = event.fact
        if isinstance(fact, SlipStamped | SlipEntered | SlipAmended | SlipCorrected) and fact.content is not None:
            found[fact.slip] = fact.content
    return found


def _waits(decision: Decision) -> tuple[tuple[Wait, ...], tuple[str, ...]]:
    """Return what a ruling waits for, each kind once, and the offices among it."""
    keys = [key.partition(":") for key in decision.pending_keys]
    kinds = {Wait(kind) for kind, _, _ in keys}
    if decision.status in _WAITS:
        kinds.add(_WAITS[decision.status])
    dark = tuple(office for kind, _, office in keys if kind == Wait.OFFICE)
    return tuple(wait for wait in Wait if wait in kinds), dark
