"""The rulings as they were last given: made anew only where a claim, the time or a doubt over its day has changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from heapq import heappop, heappush

from shared_rules.chronicle import LAST
from shared_rules.claims import ClaimState
from shared_rules.clauses.registration import deadline_of_entry, deadline_of_loss, deadline_of_return
from shared_rules.dealing import contenders, deal_ruling
from shared_rules.decision import GOES_BACK, Status
from shared_rules.finality import Doubt, Promises, Unentered
from shared_rules.hearing import Hearing
from shared_rules.hearing.matters import course_of
from shared_rules.interval import Interval, day_of
from shared_rules.matters import matters
from shared_rules.outcome import act_ruling, claim_ruling, same_day_cases
from shared_rules.policy import Policy
from shared_rules.procedure import dispute_ruling
from shared_rules.rulings import (
    ActRuling,
    Changes,
    ClaimRuling,
    DealRuling,
    DisputeRuling,
    Duties,
    Quota,
    Register,
    SameDay,
)

__all__ = ["Answers"]

_AWAITED = (Status.UPHELD, Status.WITH_MANAGER, Status.WAITING_CONTRACT)
"""While a slip is one of these its missing entry holds up the rulings of its day."""
_Day = tuple[str, date]
"""A pool's civil day."""


@dataclass(slots=True)
class Answers:
    """What was last said of each claim and act, and what makes it change."""

    hearing: Hearing
    promises: Promises
    as_of: int = 0
    promised: bool = False
    """Whether a floor or a closing has come since the last question."""
    returned: set[str] = field(default_factory=set)
    """Slips that were given back."""
    claims: dict[str, ClaimRuling] = field(default_factory=dict)
    acts: dict[str, ActRuling] = field(default_factory=dict)
    deals: dict[str, DealRuling] = field(default_factory=dict)
    _deals_of: dict[str, set[str]] = field(default_factory=dict)
    """Claim -> deals that it may own."""
    _states: dict[str, ClaimState] = field(default_factory=dict)
    """Claims as they stood when they were last ruled on."""
    _disputed: dict[str, dict[str, bool]] = field(default_factory=dict)
    """Claim -> disputes about it, and whether they are open."""
    _beaten: dict[str, set[str]] = field(default_factory=dict)
    """Claim -> claims that were returned against it."""
    _acts_of: dict[str, set[str]] = field(default_factory=dict)
    _touched: dict[str, None] = field(default_factory=dict)
    """In the order of the hearing: what lies together in memory is asked for together."""
    _touched_acts: set[str] = field(default_factory=set)
    _ends: list[int] = field(default_factory=list)
    """Last instants of leases that are not over yet, the next one first."""
    _ending: dict[int, set[str]] = field(default_factory=dict)
    _waiting: set[str] = field(default_factory=set)
    """Claims that wait for the manager."""
    _unentered: defaultdict[str, dict[str, Unentered]] = field(default_factory=lambda: defaultdict(dict))
    """Pool -> live slips that await entry."""
    _stamped_on: defaultdict[str, defaultdict[date, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    """Pool -> civil day -> claims of that day."""
    _doubts: dict[_Day, tuple[Doubt, ...]] = field(default_factory=dict)
    _stale: set[_Day] = field(default_factory=set)
    _reopened: dict[str, date] = field(default_factory=dict)
    """Pool -> first day over which a slip that awaits entry has come or gone."""

    def touch(self, claims: Iterable[str], acts: Iterable[str] = ()) -> None:
        """Note that claims and acts may have changed."""
        for claim in claims:
            self._touched[claim] = None
        self._touched_acts.update(acts)

    def entered(self, slip: str) -> None:
        """Note that a slip has had its second look."""
        act = self.hearing.acts.last(slip)
        self.touch((act.claim if act else slip,))

    # --- making the answers

    def render(self, as_of: int) -> Changes:
        """Rule anew on what has changed until an instant; return what differs from what was said before."""
        self.as_of = as_of
        while self._ends and self._ends[0] < as_of:
            self.touch(self._ending.pop(heappop(self._ends)))
        self._follow_disputes()
        self.hearing.now = LAST
        for name in tuple(self._touched):
            self._follow(name)
        self._doubt_again()
        deals = self._deals_again()
        claims = {name: ruling for name in self._touched if (ruling := self._ruled(name)) is not None}
        acts = {slip: act for slip in sorted(self._touched_acts) if (act := self._acted(slip)) is not None}
        self._touched.clear()
        self._touched_acts.clear()
        return Changes(claims, acts, deals)

    def _follow_disputes(self) -> None:
        """Keep which claims hang on a dispute that has no outcome yet (三)."""
        fresh = self.hearing.background.fresh_disputes
        fresh.update(dispute for claim in self._touched for dispute in self._disputed.get(claim, ()))
        for dispute in sorted(fresh):
            course = course_of(self.hearing, dispute, LAST)
            for claim in course.claims:
                self._disputed.setdefault(claim, {})[dispute] = course.is_open
            self.touch(course.claims)
        fresh.clear()

    def _deals_again(self) -> dict[str, DealRuling]:
        """Rule anew on the deals that a touched claim may own, and on those of which something was heard."""
        known = self.hearing.background.deals
        touched, known_fresh = set(), self.hearing.background.fresh_deals
        for name in self._touched if known.known else ():
            state = self._states.get(name)
            for near in (name, *self.hearing.background.spouses(name)):
                touched |= self._deals_of.get(near, set())
            touched |= {deal.deal for deal in known.about(name, state.customer if state else None)}
        changed: dict[str, DealRuling] = {}
        for deal in (known.known[name] for name in sorted(touched | known_fresh) if name in known.known):
            if not deal.closings:
                continue
            claims = contenders(self.hearing, deal)
            for one in claims:
                self._deals_of.setdefault(one.claim, set()).add(deal.deal)
            ruling = deal_ruling(self.hearing, deal, claims)
            if self.deals.get(deal.deal) != ruling:
                self.deals[deal.deal] = changed[deal.deal] = ruling
        known_fresh.clear()
        return changed

    def _follow(self, name: str) -> None:
        """Keep what hangs on a claim's state: whom it lost to, when it ends, whether it awaits entry, its day."""
        old, new = self._states.get(name), self.hearing.claims.last(name)
        if new is None:
            return  # nothing but a name that somebody said
        if old is new:
            self._await(new)
            return
        for beater in old.against if old and old.status is Status.RETURNED else ():
            self._beaten.get(beater, set()).discard(name)
            self.touch((beater,))
        for beater in new.against if new.status is Status.RETURNED else ():
            self._beaten.setdefault(beater, set()).add(name)
            self.touch((beater,))
        if old is not None:
            self._stamped_on[old.pool][old.view.stamp.last_day()].discard(name)
        self._states[name] = new
        if new.status is Status.WITH_MANAGER:
            self._waiting.add(name)
        else:
            self._waiting.discard(name)
        day = (new.pool, new.view.stamp.last_day())
        self._stamped_on[day[0]][day[1]].add(name)
        if day not in self._doubts:
            self._stale.add(day)
        if new.lease_ends and new.until >= self.as_of:
            self._watch_end(new.until, name)
        self._await(new)

    def _watch_end(self, until: int, name: str) -> None:
        if until not in self._ending:
            self._ending[until] = set()
            heappush(self._ends, until)
        self._ending[until].add(name)

    def _await(self, state: ClaimState) -> None:
        """Note whether the rulings of a slip's day wait for its entry."""
        waiting = self._unentered[state.pool]
        awaited = (
            state.status in _AWAITED
            and not self._is_entered(state)
            and self.promises.closed_without(state.office, state.view.stamp.lo, *state.recorded) is None
        )
        entry = Unentered(state.claim, state.office, day_of(state.view.stamp.lo)) if awaited else None
        before = waiting.get(state.claim)
        if before == entry:
            return
        if entry is None:
            del waiting[state.claim]
        else:
            waiting[state.claim] = entry
        for one in (before, entry):
            if one is not None:
                self._reopen(state.pool, one.first_day)

    def _reopen(self, pool: str, day: date) -> None:
        self._reopened[pool] = min(day, self._reopened.get(pool, day))

    def _is_entered(self, state: ClaimState) -> bool:
        return state.needs_entry in self.hearing.background.entered

    def _doubt_again(self) -> None:
        """Look again at the days over which a doubt may have come or gone; whoever was stamped then is ruled anew."""
        if not self.promises.journals:
            self._stale.clear()
            self._reopened.clear()
            return
        if self.promised:
            self._stale.update((pool, day) for pool, days in self._stamped_on.items() for day in days)
            for name in {name for waiting in self._unentered.values() for name in waiting}:
                self._await(self._states[name])
        for pool, first in self._reopened.items():
            self._stale.update((pool, day) for day in self._stamped_on.get(pool, ()) if day >= first)
        for pool, day in self._stale:
            doubts = self.promises.doubts(pool, day, self._unentered.get(pool, {}).values())
            if doubts != self._doubts.get((pool, day), ()):
                self.touch(self._stamped_on[pool][day])
            self._doubts[pool, day] = doubts
        self.promised = False
        self._stale.clear()
        self._reopened.clear()

    def _doubts_of(self, state: ClaimState) -> tuple[Doubt, ...]:
        return self._doubts.get((state.pool, state.view.stamp.last_day()), ())

    def _ruled(self, name: str) -> ClaimRuling | None:
        state = self._states.get(name)
        if state is None:
            return None
        if name in self._acts_of:
            self._touched_acts.update(self._acts_of[name])
        ruling = claim_ruling(
            state, entered=self._is_entered(state), beaten=sorted(self._beaten[name]) if name in self._beaten else (),
            doubts=self._doubts_of(state), disputes=self._open_disputes(name) if name in self._disputed else (),
            closed=self.hearing.background.closed, as_of=self.as_of,
        )  # fmt: skip
        if self.claims.get(name) == ruling:
            return None
        self.claims[name] = ruling
        return ruling

    def _open_disputes(self, claim: str) -> list[str]:
        return sorted(dispute for dispute, is_open in self._disputed[claim].items() if is_open)

    def _acted(self, slip: str) -> ActRuling | None:
        act = self.hearing.acts.last(slip)
        assert act is not None  # an act always has an outcome
        self._acts_of.setdefault(act.claim, set()).add(slip)
        state = self._states.get(act.claim)
        ruling = act_ruling(act, self._doubts_of(state) if state else (), self.hearing.background.closed)
        if self.acts.get(slip) == ruling:
            return None
        self.acts[slip] = ruling
        return ruling

    # --- parts of the register

    def next_end(self) -> int | None:
        """Return the last instant of the lease that ends next; None = none does."""
        return self._ends[0] if self._ends else None

    def outcomes(self, claim: str) -> dict[str, ClaimRuling | ActRuling]:
        """Return slip -> ruling for a claim's present version and its acts; an act speaks for its own slip."""
        ruling = self.claims.get(claim)
        if ruling is None:
            return {}
        own: dict[str, ClaimRuling | ActRuling] = {ruling.slip: ruling}
        return own | {slip: self.acts[slip] for slip in sorted(self._acts_of.get(claim, ()))}

    def unentered(self, pool: str) -> dict[str, str]:
        """Return slip -> office of a pool's live slips that await entry."""
        return {one.slip: one.office for _, one in sorted(self._unentered.get(pool, {}).items())}

    def same_day(self) -> tuple[SameDay, ...]:
        """Return the cases that wait for the manager."""
        return same_day_cases(self._states[name] for name in sorted(self._waiting))

    def dispute(self, name: str) -> DisputeRuling | None:
        """Return where a dispute stands; None = nobody has filed it."""
        if name not in self.hearing.background.disputes:
            return None
        self.hearing.now = LAST
        return dispute_ruling(course_of(self.hearing, name, LAST), self.as_of)

    # --- the whole register

    def register(self) -> Register:
        """Return everything at the moment of the last question."""
        return Register(
            self.as_of,
            dict(sorted(self.claims.items())),
            dict(sorted(self.acts.items())),
            self.same_day(),
            self._duties(),
            self._quotas(),
            tuple(sorted(self.deals.values(), key=lambda one: (one.closed_at, one.deal))),
            *matters(self.hearing, self.as_of, self.deals),
        )

    def _quotas(self) -> tuple[Quota, ...]:
        """Return where everybody stands who ever handed in a slip, and who has a quarter's result."""
        known = {(state.salesperson, state.pool) for state in self._states.values()}
        pools = {pool for _, pool in known} or {""}
        known |= {
            (person, pool)
            for person, results in self.hearing.background.results.items()
            if results.reports or results.deals
            for pool in pools
        }
        return tuple(self.quota(*key) for key in sorted(known))

    def quota(self, salesperson: str, pool: str) -> Quota:
        """Return where one salesperson stands in one pool."""
        self.hearing.now = LAST
        policy = self.hearing.policies.at(pool, self.as_of)
        standing = self.hearing.standing(salesperson, pool, self.as_of, policy)
        return Quota(salesperson, pool, standing.limit, standing.live)

    def _duties(self) -> Duties:
        """Return what is owed: a slip that waits for the manager must be entered too, a refused act goes back too."""
        states, closed = self._states.values(), self.hearing.background.closed
        unentered = [one for one in states if one.status in _AWAITED and not self._is_entered(one)]
        owed = {one.view.slip: deadline_of_return(one.view.stamp, one.policy, closed)
                for one in states if one.status in GOES_BACK}  # fmt: skip
        owed |= {slip: act.due_at for slip, act in self.acts.items() if act.decision.status in GOES_BACK}

        def overdue(deadline: Callable[[Interval, Policy, frozenset[date]], int]) -> tuple[str, ...]:
            late = (one for one in unentered if self.as_of > deadline(one.view.stamp, one.policy, closed))
            return tuple(sorted(one.view.slip for one in late))

        return Duties(
            overdue_entries=overdue(deadline_of_entry),
            lost_or_enter=overdue(deadline_of_loss),
            overdue_returns=tuple(
                sorted(slip for slip, due in owed.items() if self.as_of > due and slip not in self.returned)
            ),
        )
