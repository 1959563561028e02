"""The invariants that can be seen on the server: after each run of the reconciler, and more slowly now and then."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from shared_rules.decision import Status
from shared_rules.facts import (
    Event,
    RulingMade,
    SlipAmended,
    SlipEntered,
    SlipRenewed,
    SlipReturned,
    SlipStamped,
    SlipWithdrawn,
)
from shared_rules.interval import HOUR
from shared_rules.rulings import ClaimRuling, Register
from shared_rules.settlement import Settlement, settle
from sync_server.archive import Archive, floors, policies_in_force
from tests.simulation.machines import LIMIT
from tests.simulation.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulation.house import House
    from tests.simulation.ledger import Ledger

__all__ = ["Checks"]

_OWNS = (Status.UPHELD, Status.AWAITING_ENTRY)
_STOOD = (Status.UPHELD, Status.WITH_MANAGER, Status.WAITING_CONTRACT)
_GIVEN_UP = (Status.WITHDRAWN, Status.VOID)


@dataclass(frozen=True, slots=True)
class _Final:
    slip: str
    status: Status
    acts: int
    """How many signed human acts there were on the claim by then."""
    rulings: int
    """How many rulings on any claims: one may bring back a slip of that day which awaits entry."""


@dataclass
class Checks:
    """Looks at the docket of a house."""

    house: House
    ledger: Ledger
    rng: random.Random
    _finals: dict[str, _Final] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)
    """Customer -> provisional owner's claim."""
    _acts: dict[str, list[int]] = field(default_factory=dict)
    """Claim -> when signed human acts were done on it."""
    _amendments: dict[str, list[Event]] = field(default_factory=dict)
    _claim_of: dict[str, str] = field(default_factory=dict)
    """Amendment or renewal -> claim."""
    _rulings: int = 0
    _position: int = 0

    def forget(self) -> None:
        """An older database was put back: what it never knew is no promise any more."""
        self._finals.clear()
        self._owners.clear()
        self._acts.clear()
        self._amendments.clear()
        self._position = 0

    # --- after each run

    def after_a_run(self) -> None:
        """Check what holds at every instant."""
        docket = self.house.service.reconciler.docket
        settlement = docket.settlement
        assert settlement is not None
        self._learn(self.house.service.library.archive.read().events)
        rulings = settlement._answers.claims
        self._finality(rulings, settlement.as_of)
        if settlement._moved:
            self.ledger.note("late claim")
        self._one_owner(settlement, rulings)
        self._quota(rulings)

    def _learn(self, events: Sequence[Event]) -> None:
        for event in events[self._position :]:
            match event.fact:
                case RulingMade(claims=claims):
                    self._rulings += 1
                    for claim in claims:
                        self._acts.setdefault(claim, []).append(event.time.lo)
                case SlipEntered(slip=slip):
                    claim = self._claim_of.get(slip, slip)
                    self._acts.setdefault(claim, []).append(event.time.lo)
                case SlipAmended(claim=claim) | SlipRenewed(claim=claim) | SlipWithdrawn(claim=claim):
                    self._acts.setdefault(claim, []).append(event.time.lo)
                    self._amendments.setdefault(claim, []).append(event)
                    self._claim_of[getattr(event.fact, "slip", claim)] = claim
                case _:
                    pass
        self._position = len(events)

    def _finality(self, rulings: dict[str, ClaimRuling], as_of: int) -> None:
        for claim, ruling in rulings.items():
            decision, before = ruling.decision, self._finals.get(claim)
            acts = sum(at <= as_of for at in self._acts.get(claim, ()))
            if before is not None and before.acts == acts:
                lapsed = before.status is Status.UPHELD and decision.status is Status.LAPSED
                if decision.status is not before.status and not lapsed:
                    raise Violation(5, f"{claim} was final as {before.status} and is {decision.status} without an act")
                if decision.provisional and before.rulings == self._rulings:
                    raise Violation(5, f"{claim} was final and is provisional again without an act")
            if not decision.provisional:
                if before is None:
                    self.ledger.note("final")
                self._finals[claim] = _Final(ruling.slip, decision.status, acts, self._rulings)
            self._note(claim, ruling)

    def _note(self, claim: str, ruling: ClaimRuling) -> None:
        decision = ruling.decision
        if decision.status is Status.REFUSED and "一.5" in decision.because():
            self.ledger.note("quota hit")

    def _one_owner(self, settlement: Settlement, rulings: dict[str, ClaimRuling]) -> None:
        owners: dict[str, list[str]] = defaultdict(list)
        needs: dict[str, str] = {}
        for claim, ruling in rulings.items():
            state = settlement._hearing.claims.last(claim)
            if ruling.decision.status in _OWNS and state is not None and state.customer is not None:
                needs[claim] = state.customer.need.kind
                for phone in state.customer.phones:
                    owners[phone].append(claim)
        for phone, claims in owners.items():
            for one, other in combinations(claims, 2):
                apart = needs[one] and needs[other] and needs[one] != needs[other]  # another need, another customer
                if rulings[one].salesperson != rulings[other].salesperson and not apart:
                    raise Violation(4, f"{phone} belongs to {one} and to {other}")
            before = self._owners.get(phone)
            if before not in (None, *claims) and before in rulings:
                lost = rulings[before]
                if lost.decision.status is Status.RETURNED and set(lost.against) & set(claims):
                    self.ledger.note("late earlier stamp")
            self._owners[phone] = claims[0]

    def _quota(self, rulings: dict[str, ClaimRuling]) -> None:
        held: dict[str, int] = defaultdict(int)
        for ruling in rulings.values():
            held[ruling.salesperson] += ruling.decision.status in _OWNS
        for person, count in held.items():
            if count > LIMIT:
                raise Violation(6, f"{person} holds {count} customers of at most {LIMIT}")

    # --- now and then

    def thoroughly(self) -> Register:
        """Settle everything from scratch in another order, and check the whole register."""
        house = self.house
        docket = house.service.reconciler.docket
        assert docket.settlement is not None
        fresh = Archive(house.service.store).read()
        with house.service.store.snapshot() as tx:
            policies = policies_in_force(tx)
        facts = [*fresh.events, *floors(fresh.logs)]
        self.rng.shuffle(facts)
        scratch, held = settle(facts, policies, docket.settlement.as_of), docket.settlement.register()
        for name in Register.__dataclass_fields__:
            one, other = getattr(scratch, name), getattr(held, name)
            if one != other:
                raise Violation(3, f"{name}: {_difference(one, other)}")
        self._numbers(fresh.events)
        self._times(held, fresh.events)
        self._entered(held, fresh.events)
        if any(one.time.lo > other.time.lo for one, other in zip(fresh.events, fresh.events[1:], strict=False)):
            self.ledger.note("settled in another order")
        return held

    def _numbers(self, events: Sequence[Event]) -> None:
        numbers: dict[str, Event] = {}
        for event in events:
            if isinstance(event.fact, SlipStamped | SlipAmended | SlipRenewed):
                other = numbers.setdefault(event.fact.slip, event)
                if other is not event:
                    raise Violation(1, f"{event.fact.slip} was given out twice: {other.log} and {event.log}")

    def _times(self, register: Register, events: Sequence[Event]) -> None:
        stamps = {event.fact.slip: event.time.lo for event in events if isinstance(event.fact, SlipStamped)}
        for claim, ruling in register.claims.items():
            if ruling.effective_at is None or ruling.decision.status is not Status.UPHELD or claim not in stamps:
                continue
            acts = {getattr(one.fact, "slip", ""): one for one in self._amendments.get(claim, ())}
            stood = [slip for slip in acts if slip in register.acts and register.acts[slip].decision.status in _STOOD]
            moving = {stamps[claim], *(acts[slip].time.lo for slip in stood if register.acts[slip].act == "amend")}
            keeping = [slip for slip in stood if register.acts[slip].act == "renew"]
            amended = ruling.slip in stood and register.acts[ruling.slip].act == "amend"
            if amended and ruling.effective_at.lo != acts[ruling.slip].time.lo:
                raise Violation(7, f"{claim} was amended by {ruling.slip} and kept its time")
            if "restarted" not in ruling.flags and ruling.effective_at.lo not in moving:
                raise Violation(7, f"{claim} has a time that no stamp or amendment of it has")
            if amended:
                self.ledger.note("amended")
            elif keeping:
                self.ledger.note("renewed")

    def _entered(self, register: Register, events: Sequence[Event]) -> None:
        entered = {event.fact.slip for event in events if isinstance(event.fact, SlipEntered)}
        given_back = {event.fact.slip for event in events if isinstance(event.fact, SlipReturned)}
        duties = register.duties
        listed = {*duties.overdue_entries, *duties.overdue_returns, *duties.lost_or_enter}
        if duties.overdue_entries:
            self.ledger.note("overdue")
        settlement = self.house.service.reconciler.docket.settlement
        assert settlement is not None
        for claim, ruling in register.claims.items():
            slip, status, state = ruling.slip, ruling.decision.status, settlement._hearing.claims.last(claim)
            assert state is not None
            settled = state.needs_entry in entered and status not in (Status.RETURNED, Status.REFUSED)
            over = register.as_of > ruling.stamped_at.lo + 24 * HOUR
            if over and not settled and status not in _GIVEN_UP and slip not in given_back | listed:
                raise Violation(8, f"{slip} ({status}) is neither entered nor given back, and in no list")
        for slip, act in register.acts.items():
            over = register.as_of > act.stamped_at.lo + 24 * HOUR
            if over and act.decision.status in (Status.RETURNED, Status.REFUSED) and slip not in given_back | listed:
                raise Violation(8, f"{slip} ({act.act}, {act.decision.status}) is not given back, and in no list")


def _difference(one: object, other: object) -> str:
    """Return where two parts of a register differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [key for key in sorted({*one, *other}) if one.get(key) != other.get(key)]
        return "; ".join(f"{key}: {one.get(key)} != {other.get(key)}" for key in keys[:2])
    return f"{one} != {other}"
