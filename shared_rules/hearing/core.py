"""Hears one fact at a time, in its place: each slip is judged as of its own stamp, against what was live then.

What works from the start, whenever it was said, is looked up in the background: the content of a slip entered later,
findings that two customers are different, launch and closed days. Nothing here knows in which order facts arrive;
`settlement.py` sees to it that a fact is heard again when something before it has changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from msgspec.structs import replace

from shared_rules.chronicle import Place, Versions
from shared_rules.claims import NOBODY, WAITING, ClaimState, Lease
from shared_rules.clauses import ALONE, ON_ACTS, ON_COLLISION, ON_NEW
from shared_rules.clauses.disputes import arrived_after_the_day_was_closed
from shared_rules.closings import contract_of, notice_of, reposes_of
from shared_rules.decision import Reason, Rival, Situation, Status, Verdict, decide
from shared_rules.interval import OPEN, Interval, day_of, day_start
from shared_rules.policy import Policy
from shared_rules.roll import Roll
from shared_rules.values import Fixed
from shared_rules.words import say

__all__ = ["WAITING", "Act", "Hearing"]

_PLACE: Final = 6
"""Parts of an ordinary place; a late arrival's is longer."""


def _status(verdict: Verdict | None) -> Status | None:
    return None if verdict is None else verdict.status


def _restarted(state: ClaimState, act: str, policy: Policy, near: list[ClaimState]) -> str:
    """Return how a slip is judged: a new one for a customer whom the same person lost by lapse is a restart."""
    if act != "new" or policy.lease.after_lapse != "new_unless_followed":
        return act
    own = (one for one in near if one.salesperson == state.salesperson)
    lapsed = any(one.status is Status.UPHELD and not one.live_at(state.view.stamp.lo) for one in own)
    return "restart" if lapsed else act


def _unopposed(state: ClaimState, aside: tuple[Reason, ...]) -> ClaimState:
    """Return a claim against which nothing stands; a new one is so as it is made, nearly always."""
    if state.status is Status.UPHELD and state.verdict is None and state.aside == aside and not state.against:
        return state
    return replace(state, verdict=None, aside=aside, status=Status.UPHELD, against=NOBODY)


class Act(Fixed, frozen=True):
    """An amendment or renewal with its outcome."""

    slip: str
    claim: str
    kind: str
    stamp: Interval
    policy: Policy
    verdict: Verdict | None
    aside: tuple[Reason, ...]


@dataclass(slots=True)
class Hearing(Roll):
    """The state while facts are heard, and after the last one its result."""

    acts: Versions[Act] = field(default_factory=Versions)
    handed_in: dict[tuple[str, date], set[Place]] = field(default_factory=dict)
    """Salesperson and day -> places of the slips handed in, where a policy counts them."""
    counted: dict[Place, tuple[str, date]] = field(default_factory=dict)
    """Place of a slip -> whose it was counted as, and on which day."""
    act_writes: list[str] = field(default_factory=list)
    leases: dict[tuple[date, str, bool], Lease] = field(default_factory=dict)

    @property
    def late(self) -> bool:
        """Whether the event being heard came after its day had been closed without it."""
        return len(self.now) > _PLACE

    # --- judging

    def judge(self, state: ClaimState, act: str, near: list[ClaimState]) -> tuple[Verdict | None, tuple[Reason, ...]]:
        """Judge a slip as of its own stamp; where two policies could be in force and differ, the manager decides.

        `near` are the claims alike.
        """
        policies = self.policies.candidates(state.pool, state.view.stamp)
        verdict, aside = self._judge_under(policies[0], state, act, near)
        if len(policies) == 1 or _status(verdict) is _status(self._judge_under(policies[1], state, act, near)[0]):
            return self.in_time(state, verdict, aside)
        sentence = say("盖章时刻跨越两份政策，结论不同，由销售经理判定")
        reason = Reason("二.2.4", sentence, sentence, (state.view.slip,))
        return Verdict("二.2.4", Status.WITH_MANAGER, reason, flags=("policy_not_certain",)), ()

    def _judge_under(
        self, policy: Policy, state: ClaimState, act: str, near: list[ClaimState]
    ) -> tuple[Verdict | None, tuple[Reason, ...]]:
        situation = self.situation(state, _restarted(state, act, policy, near), policy, near)
        on_new = ON_NEW if situation.rivals else ALONE
        return decide(situation, policy, on_new if act in ("new", "restart") else ON_ACTS)

    def situation(self, state: ClaimState, act: str, policy: Policy, near: list[ClaimState]) -> Situation:
        """Return what the clauses may look at when a slip is judged; `near` are the claims alike."""
        background, rivals = self.background, self.rivals(state, state.view.stamp.lo, policy, near)
        return Situation(
            state.view, rivals, act,
            effective=state.effective, renewals=state.renewals, logged=state.logged, source=state.source,
            quota=self.standing_of(state, policy),
            reposes=reposes_of(self, state, rivals),
            contract=contract_of(self, state, rivals, policy),
            notice=notice_of(self, state),
            slips_before=self.slips_before(state) if policy.slip.day_limit else 0,
            first_visit=background.first_visit(state.marks) if policy.slip.lead_minutes else None,
            followed_by_house=act == "restart"
            and background.followed_by_house(state.claim, state.marks, state.view.stamp.lo),
        )  # fmt: skip

    def collide(self, state: ClaimState, rivals: tuple[Rival, ...]) -> tuple[Verdict | None, tuple[Reason, ...]]:
        """Judge a claim against others because of a finding, or because one lives again; nobody hands anything in."""
        situation = Situation(state.view, rivals, "found", effective=state.effective)
        return decide(situation, state.policy, ON_COLLISION)

    def slips_before(self, state: ClaimState) -> int:
        """Return how many slips the salesperson had handed in that day before the one being heard."""
        key = self.counted[self.now] = (state.salesperson, day_of(state.view.stamp.lo))
        day = self.handed_in.setdefault(key, set())
        day.add(self.now)
        return sum(place < self.now for place in day)

    def uncount(self, place: Place) -> None:
        """Count the slip at a place no more: it is heard again, or somewhere else."""
        key = self.counted.pop(place, None)
        if key is not None:
            self.handed_in[key].discard(place)

    def in_time(
        self, state: ClaimState, verdict: Verdict | None, aside: tuple[Reason, ...]
    ) -> tuple[Verdict | None, tuple[Reason, ...]]:
        """Keep a late arrival from upsetting what was final without it: it may lose, but it draws nobody in."""
        if verdict is None or verdict.status not in WAITING or not self.late:
            return verdict, aside
        return arrived_after_the_day_was_closed(state.view.slip, verdict.against), (*aside, verdict.reason)

    def settle_into(
        self, state: ClaimState, verdict: Verdict | None, aside: tuple[Reason, ...], *, since: int | None = None
    ) -> None:
        """Give a claim its verdict and draw those it waits with into the case, which is open from the stamp on."""
        if verdict is None:
            self.keep(_unopposed(state, aside))
            return
        waits, since = verdict.status in WAITING, state.view.stamp.lo if since is None else since
        self.keep(
            replace(
                state, verdict=verdict, aside=aside, status=verdict.status, against=frozenset(verdict.against),
                undecided_since=since if verdict.status is Status.WITH_MANAGER else state.undecided_since,
            )
        )  # fmt: skip
        for other in self._named(verdict.over if verdict.loses else ()):
            self._take_from(other, state, verdict)
        for other in self._named(verdict.against if waits else ()):
            self.keep(other.held(state.claim, since, verdict))

    def _named(self, names: tuple[str, ...]) -> list[ClaimState]:
        return [state for name in names if (state := self.claim(name)) is not None]

    def _take_from(self, loser: ClaimState, winner: ClaimState, verdict: Verdict) -> None:
        """Return another's claim to its salesperson, because the customer is the winner's."""
        assert verdict.loses is not None  # whoever takes says what the others are told
        lost = Verdict(verdict.clause, Status.RETURNED, verdict.loses, verdict.part, verdict.flags)
        aside = (*loser.aside, *(loser.verdict.reasons() if loser.verdict else ()))
        dropped = replace(loser, verdict=lost, aside=aside)
        self.drop(dropped, Status.RETURNED, winner.view.stamp.lo)
        self.keep(replace(dropped, status=Status.RETURNED, against=frozenset({winner.claim})))

    def drop(self, state: ClaimState, status: Status, at: int) -> None:
        """End a claim; whoever only waited with it is released."""
        self.keep(replace(state, status=status))
        self.release_all(state, at)

    def _release(self, state: ClaimState, other: str, at: int) -> None:
        """Take another claim out of the case; without any left the claim is upheld and its lease runs on."""
        rest = state.against - {other}
        if rest:
            self.keep(replace(state, against=rest))
        else:
            self.keep(self.resumed(replace(state, against=rest, status=Status.UPHELD), at))
            self.close_if_dealt(state.claim, at)

    def release_all(self, old: ClaimState, at: int) -> None:
        """Release whoever only waited with the version before an amendment that stands."""
        for other in self._named(tuple(sorted(old.against))):
            if other.status in WAITING and old.claim in other.against:
                self._release(other, old.claim, at)

    def close_if_dealt(self, name: str, at: int) -> None:
        """Let a claim that stands belong to its salesperson's deal on its customer, if there is one by then (一.9)."""
        state = self.claim(name) if self.background.deals.known else None
        if state is None or state.status is not Status.UPHELD:
            return
        for deal in self.background.deals.about(name, state.customer):
            stands = state.alive_from <= deal.closed_at <= at and not 0 < deal.cancelled_at <= at
            if stands and deal.closer == state.salesperson and deal.pool in ("", state.pool):
                self.keep(replace(state, status=Status.CLOSED, deal=deal.deal))
                return

    def resumed(self, state: ClaimState, at: int) -> ClaimState:
        """Return a claim whose case is over: its lease runs on."""
        lease = state.suspended(at, self.background.launch(state.pool))
        return self.leased(replace(state, undecided_since=None), lease)

    def leased(self, state: ClaimState, lease: Lease) -> ClaimState:
        """Return a claim with another lease under the calendar as it is known; it stands still in an open dispute."""
        if state.undecided_since is None or lease.counted_from == date.max:
            return state.leased(lease, self.until(state.pool, lease))
        since = max(state.undecided_since, day_start(lease.counted_from))
        return replace(state.leased(lease, OPEN), undecided_since=since)

    def lease(self, day: date, policy: Policy, *, early: bool = False) -> Lease:
        """Return the lease that all slips of a day share."""
        key = (day, policy.id, early)
        lease = self.leases.get(key)
        if lease is None:
            lease = self.leases[key] = Lease(day, policy.lease.validity_days, policy, early=early)
        return lease

    def until(self, pool: str, lease: Lease) -> int:
        """Return the last instant of a lease under the calendar as it is known."""
        return lease.until(self.background.launch(pool) if lease.early else (), self.background.closed)

    def keep_act(self, act: Act) -> None:
        """Let an act's outcome be what it is now."""
        self.acts.write(act.slip, self.now, act)
        self.act_writes.append(act.slip)
