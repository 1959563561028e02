"""Facts in, rulings out: the one call that server and kiosk make, from scratch and incrementally.

Both are functions of the set of facts: each fact has its place (confirmation time, log, sequence), so that neither the
order of arrival nor a second delivery changes a byte of the answer. `settle` hears all facts in order, once. A
`Settlement` lives on: `apply` hears what is new and again what depends on it, and says which rulings changed. What
depends on a claim is known from topics: the events that name it, those that name a claim with a mark in common, and
the slips of its salesperson, because of the quota.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from heapq import heappop, heappush
from itertools import chain
from operator import itemgetter
from typing import Any, Final

import msgspec

from shared_rules.answers import Answers
from shared_rules.background import DEALS, EVERYTHING, Again, person_topic
from shared_rules.chronicle import LAST, Place
from shared_rules.claims import NOBODY, WAITING, ClaimState
from shared_rules.customers import normal_name
from shared_rules.facts import (
    DayClosed,
    Event,
    FloorPromised,
    LogId,
    SlipAmended,
    SlipContent,
    SlipCorrected,
    SlipEntered,
    SlipRenewed,
    SlipReturned,
    SlipStamped,
    SlipWithdrawn,
)
from shared_rules.finality import Promises
from shared_rules.hearing import HEARD, Hearing, hear, looks_at, pass_by
from shared_rules.policy import Policies
from shared_rules.rulings import ActRuling, Changes, ClaimRuling, DisputeRuling, Duties, Quota, Register, SameDay
from shared_rules.turns import Turns
from shared_rules.values import uncollected

__all__ = [
    "ActRuling",
    "Changes",
    "ClaimRuling",
    "Duties",
    "Quota",
    "Register",
    "SameDay",
    "Settlement",
    "in_order",
    "settle",
]

_ACTS: Final = (SlipAmended, SlipRenewed, SlipWithdrawn, SlipCorrected)
_HANDED_IN: Final = (SlipStamped, *_ACTS)
_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
"""Any encoding does, as long as one fact has one; the canonical one of `wire.py` is ten times slower."""
_OWN: Final = 6
"""Parts of an event's own place."""
_SEQUENCE: Final[itemgetter[Any]] = itemgetter(4)
"""Where in its journal an event stands, by its own place."""


def settle(facts: Iterable[Event], policies: Policies, as_of: int) -> Register:
    """Return the rulings that hold at `as_of` (microseconds), from scratch; facts later than that are ignored."""
    settlement = Settlement(policies)
    settlement.begin(facts, as_of)
    return settlement.register()


def in_order(facts: Iterable[Event], as_of: int) -> list[Event]:
    """Return the events up to an instant, each once, in their places."""
    unique = {own_place(event): event for event in facts if event.time.lo <= as_of}
    return [event for _, event in sorted(unique.items(), key=lambda item: item[0])]


def own_place(event: Event) -> Place:
    """Return where an event stands among all others: by time, log and sequence, then by its bytes."""
    fingerprint = blake2b(_ENCODER.encode(event.fact), digest_size=8).digest()
    return (event.time.lo, event.time.hi, event.log.kiosk, event.log.inc, event.seq, fingerprint)


_Written = tuple[tuple[str, ...], tuple[str, ...]]
"""Claims and acts."""


@dataclass(slots=True)
class Settlement:
    """All facts so far with what follows from them."""

    policies: Policies
    _hearing: Hearing = field(init=False)
    _answers: Answers = field(init=False)
    _promises: Promises = field(default_factory=Promises)
    _known: set[Place] = field(default_factory=set)
    """Own places of the facts that are not heard: a second delivery is recognised."""
    _events: dict[Place, Event] = field(default_factory=dict)
    """Facts that are heard, by the place at which they are."""
    _logs: defaultdict[LogId, list[Place]] = field(default_factory=lambda: defaultdict(list))
    """Journal -> places of its slips and acts, by sequence: what a closing may have missed."""
    _moved: dict[Place, Place] = field(default_factory=dict)
    """Own place of a late arrival -> place at which it is heard."""
    _slips: dict[str, Place] = field(default_factory=dict)
    """Claim -> place at which its first slip is heard."""
    _written: dict[Place, _Written] = field(default_factory=dict)
    """Place -> what its event wrote, where that is not the usual."""
    _turns: Turns = field(default_factory=Turns)
    _future: list[tuple[Place, Event]] = field(default_factory=list)
    _queue: list[Place] = field(default_factory=list)
    _queued: set[Place] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._hearing = Hearing(self.policies)
        self._answers = Answers(self._hearing, self._promises)

    # --- the two ways

    def begin(self, facts: Iterable[Event], as_of: int) -> Changes:
        """Hear all facts up to an instant in order, each once: only for a settlement that has heard nothing yet."""
        with uncollected():
            self._place_all(facts, as_of)
            self._turns.upto = as_of
            for place, event in sorted(self._events.items(), key=itemgetter(0)):
                self._look(place, event)
                if isinstance(event.fact, _HANDED_IN):
                    self._logs[event.log].append(place[-_OWN:])
                if self._queue:
                    self._pass_time(place)
                self._hear(place, event)
            self._pass_time(LAST)
            for places in self._logs.values():  # nobody has asked for their order until now
                places.sort(key=_SEQUENCE)
            return self._answers.render(as_of)

    def _place_all(self, facts: Iterable[Event], as_of: int) -> None:
        """Let every fact work from the start, and give those that are heard places; an act's hangs on its slip's."""
        slips: list[Place] = []
        others: list[Place] = []
        for event in facts:
            fact, ahead = event.fact, event.time.lo > as_of
            if isinstance(fact, SlipEntered) and fact.content is None and not ahead:
                # it works from the start, however often it is said; what it is about is heard and ruled on below
                self._hearing.background.entered.add(fact.slip)
                continue
            own = own_place(event)
            if own in self._events or own in self._known:
                continue
            if ahead:
                self._wait(own, event)
                continue
            self._learn(own, event)
            if type(fact) in HEARD:
                self._events[own] = event
                (slips if isinstance(fact, SlipStamped) else others).append(own)
        for own in chain(slips, others):
            event = self._events[own]
            place = self._place_of(own, event)
            if place != own:
                del self._events[own]
            self._settle_at(own, place, event)

    def apply(self, facts: Iterable[Event], as_of: int) -> Changes:
        """Take new facts in and return the rulings that changed; `as_of` (microseconds) never goes back."""
        for event in facts:
            own = own_place(event)
            if own in self._known or own in self._events or own in self._moved:
                continue
            if event.time.lo > as_of:
                self._wait(own, event)
            else:
                self._take(own, event)
        while self._future and self._future[0][1].time.lo <= as_of:
            self._take(*heappop(self._future))
        self._push(self._turns.come_by(as_of))
        while self._queue:
            place = self._next()
            if place in self._events or place in self._turns.come:
                self._hear_again(place)
        return self._answers.render(as_of)

    @property
    def as_of(self) -> int:
        """The moment of the last question."""
        return self._answers.as_of

    def ruling(self, claim: str) -> ClaimRuling | None:
        """Return what holds for a claim now; None = there is no such claim."""
        return self._answers.claims.get(claim)

    def next_end(self) -> int | None:
        """Return the last instant before time alone may change something: a lease ends, say; None = nothing does."""
        turn, end = self._turns.next, self._answers.next_end()
        return end if turn is None else turn - 1 if end is None else min(turn - 1, end)

    def circle(self, claim: str) -> frozenset[str]:
        """Return the claims that ever bore a mark of a claim's customer, itself included: one customer's history."""
        states = self._hearing.claims.history(claim)
        near = (self._hearing.bearers(state.pool, state.marks) for state in states)
        return frozenset({claim}.union(*near, *(state.against for state in states)))

    def content(self, claim: str) -> SlipContent | None:
        """Return what a claim's slips say of its customer now, without the names found not to be kin (二.1.2)."""
        state = self._hearing.claims.last(claim)
        content = state.view.content if state is not None else None
        gone = {normal_name(name) for name in self._hearing.background.struck.get(claim, ())}
        if content is None or not gone:
            return content
        kept = tuple(name for place, name in enumerate(content.names) if place == 0 or normal_name(name) not in gone)
        return msgspec.structs.replace(content, names=kept)

    def unentered(self, pool: str) -> dict[str, str]:
        """Return slip -> office of a pool's live slips that await entry: any of them may name any customer."""
        return self._answers.unentered(pool)

    def outcomes(self, claim: str) -> dict[str, ClaimRuling | ActRuling]:
        """Return slip -> ruling for a claim and its amendments and renewals; empty = no such claim."""
        return self._answers.outcomes(claim)

    def same_day(self) -> tuple[SameDay, ...]:
        """Return the cases that wait for the manager now (二.2.4)."""
        return self._answers.same_day()

    def quota(self, salesperson: str, pool: str) -> Quota:
        """Return how many customers a salesperson holds in a pool now, and how many are allowed (一.5)."""
        return self._answers.quota(salesperson, pool)

    def dispute(self, name: str) -> DisputeRuling | None:
        """Return where a dispute stands now (三); None = nobody has filed it."""
        return self._answers.dispute(name)

    def register(self) -> Register:
        """Return all rulings at the moment of the last question."""
        return self._answers.register()

    # --- taking a fact in

    def _wait(self, own: Place, event: Event) -> None:
        """Keep a fact of the future until its time has come."""
        self._known.add(own)
        heappush(self._future, (own, event))

    def _learn(self, own: Place, event: Event) -> tuple[Again, ...]:
        """Let a fact work from the start; return what has to be heard again because of it."""
        if isinstance(event.fact, SlipEntered):
            self._answers.entered(event.fact.slip)  # a second delivery changes nothing: nothing to remember
        elif isinstance(event.fact, FloorPromised):
            self._promises.add(own, event)  # the latest head's promise comes with every delivery: nothing to remember
            self._answers.promised = True
        elif type(event.fact) not in HEARD:
            self._known.add(own)
            self._answers.promised |= self._promises.add(own, event)
            if isinstance(event.fact, SlipReturned):
                self._answers.returned.add(event.fact.slip)
        return self._hearing.background.add(own, event)

    def _take(self, own: Place, event: Event) -> None:
        for again in self._learn(own, event):
            everything = chain(self._events, self._turns.come)
            self._push(everything if again.topic == EVERYTHING else self._hearing.looking_at(again))
        if isinstance(event.fact, DayClosed):
            self._move_late_arrivals(event.fact)
        if type(event.fact) in HEARD:
            self._push((self._put(own, event),))
            if isinstance(event.fact, SlipStamped):
                self._move_acts_of(event.fact.slip)

    def _put(self, own: Place, event: Event) -> Place:
        """Give an event the place at which it is heard."""
        place = self._place_of(own, event)
        self._settle_at(own, place, event)
        self._note(place, event)
        return place

    def _settle_at(self, own: Place, place: Place, event: Event) -> None:
        self._events[place] = event
        if place != own:
            self._moved[own] = place
        if isinstance(event.fact, SlipStamped):
            self._slips[event.fact.slip] = place

    def _note(self, place: Place, event: Event) -> None:
        """Note what an event looks at, and where in its journal it stands."""
        self._look(place, event)
        if isinstance(event.fact, _HANDED_IN):
            insort(self._logs[event.log], place[-_OWN:], key=_SEQUENCE)

    def _look(self, place: Place, event: Event) -> None:
        for topic in looks_at(event.fact):
            self._hearing.watchers.watch(topic, place)

    # --- late arrivals

    def _place_of(self, own: Place, event: Event) -> Place:
        """Return where an event is heard: in its own place, or after the last closing that did not know it."""
        fact = event.fact
        if isinstance(fact, SlipStamped):
            closing = self._promises.closed_without(fact.office, event.time.lo, event.log, event.seq)
            return own if closing is None else closing + own
        if not isinstance(fact, _ACTS):
            return own
        first = self._slips.get(fact.slip if isinstance(fact, SlipCorrected) else fact.claim)
        if first is None:
            return own
        slip = self._events[first].fact
        assert isinstance(slip, SlipStamped)
        closing = self._promises.closed_without(slip.office, event.time.lo, event.log, event.seq)
        place = own if closing is None else closing + own
        return place if first < place else first[:-_OWN] + own

    def _move_late_arrivals(self, closing: DayClosed) -> None:
        """Hear the slips and acts that a closing did not know after it, not before."""
        for log, places in self._logs.items():
            known = closing.known.get(f"{log.kiosk}.{log.inc}", 0)
            for own in places[bisect_right(places, known, key=_SEQUENCE) :]:
                self._move(own)

    def _move_acts_of(self, claim: str) -> None:
        """An act that came before the slip it builds on now learns where it belongs."""
        for place in tuple(self._hearing.watchers.after((claim,), ())):
            if place in self._events and isinstance(self._events[place].fact, _ACTS):
                self._move(place[-_OWN:])

    def _move(self, own: Place) -> None:
        old = self._moved.get(own, own)
        event = self._events[old]
        place = self._place_of(own, event)
        if place == old:
            return
        self._withdraw(old)
        del self._events[old]
        self._settle_at(own, place, event)
        self._look(place, event)
        self._push((place,))
        if isinstance(event.fact, SlipStamped):
            self._move_acts_of(event.fact.slip)

    # --- hearing

    def _push(self, places: Iterable[Place]) -> None:
        for place in places:
            if place not in self._queued:
                self._queued.add(place)
                heappush(self._queue, place)

    def _next(self) -> Place:
        place = heappop(self._queue)
        self._queued.discard(place)
        return place

    def _pass_time(self, until: Place) -> None:
        """Hear what time alone does before a place."""
        while self._queue and self._queue[0] < until:
            turn = self._next()
            self._hear(turn, self._events.get(turn))

    def _hear(self, place: Place, event: Event | None) -> None:
        hearing = self._hearing
        hearing.now = place
        hearing.writes.clear()
        hearing.act_writes.clear()
        if event is not None:
            hear(hearing, event)
        else:
            pass_by(hearing, self._turns.come[place])
        if hearing.turns:
            self._push(self._turns.tell(hearing.turns))
            hearing.turns.clear()
        self._answers.touch(hearing.writes, hearing.act_writes)
        if (tuple(hearing.writes), tuple(hearing.act_writes)) != _usual(event):
            self._written[place] = tuple(dict.fromkeys(hearing.writes)), tuple(dict.fromkeys(hearing.act_writes))

    def _hear_again(self, place: Place) -> None:
        """Hear an event and, where it now writes something else, push what depends on that."""
        counted, before = self._counted(place), self._withdraw(place, quietly=True)
        event = self._events.get(place)
        self._hear(place, event)
        self._push(self._hearing.watchers.after(counted ^ self._counted(place), place))
        claims, acts = self._written.get(place, _usual(event))
        for name in {*claims, *before}:
            old = before.get(name) or self._hearing.claims.before(name, place)
            new = self._hearing.claims.at(name, place)
            if old != new:
                self._push(self._dependents(name, (old, new), place))
        for act in acts:
            self._push(self._hearing.watchers.after((act,), place))

    def _withdraw(self, place: Place, *, quietly: bool = False) -> dict[str, ClaimState | None]:
        """Take back what the event at a place wrote, and return it."""
        claims, acts = self._written.pop(place, _usual(self._events.get(place)))
        before = {name: self._hearing.claims.retract(name, place) for name in sorted(claims)}
        for act in acts:
            self._hearing.acts.retract(act, place)
        self._answers.touch(claims, acts)
        counted = self._counted(place)
        self._hearing.uncount(place)
        if not quietly:
            self._push(self._hearing.watchers.after(counted, place))
            for name, old in before.items():
                self._push(self._dependents(name, (old, self._hearing.claims.at(name, place)), place))
        return before

    def _counted(self, place: Place) -> frozenset[str]:
        """Return the topic of whoever counts the slip at a place among those of a day (一.5), if anybody does."""
        whose = self._hearing.counted.get(place)
        return NOBODY if whose is None else frozenset({person_topic(whose[0])})

    def _dependents(self, name: str, states: Iterable[ClaimState | None], place: Place) -> Iterator[Place]:
        """Return the later events that may have read a claim: by its name, by its customer, by its salesperson.

        Those that met a slip which may come to life with the claim's end depend on the claim, too (一.6); and those
        that may end a claim which waits with this one: they release this one (二.2.3, 二.2.4).
        """
        wanted, hearing = {name}, self._hearing
        losers = (one for loser in hearing.lost.get(name, ()) for one in hearing.claims.history(loser))
        for state in (*states, *losers):
            if state is None:
                continue
            wanted |= {person_topic(state.salesperson), *state.against} | self._near(state)
            for other in state.against if state.status in WAITING else ():
                wanted = wanted.union(*map(self._near, hearing.claims.history(other)))
        return hearing.watchers.after(wanted, place)

    def _near(self, state: ClaimState) -> set[str]:
        """Return the claims and topics by which events find a claim through its customer, or a deal on that one."""
        near = self._hearing.near(state.pool, (*state.marks, *(state.fallback.marks if state.fallback else ())))
        return near | {DEALS} if self._hearing.background.deals.about(state.claim, state.customer) else near


def _usual(event: Event | None) -> _Written:
    """Return what an event writes as a rule: a new slip its claim, an act itself, others and time alone nothing."""
    fact = event.fact if event is not None else None
    if isinstance(fact, SlipStamped):
        return (fact.slip,), ()
    return (), (fact.slip,) if isinstance(fact, (SlipAmended, SlipRenewed)) else ()
