"""Hears the facts in the order of their times: each slip is judged as of its own stamp, against what was live then.

What works from the start, whenever it was said, is known before the hearing begins: the content of a slip entered
later, findings that two customers are different, launch and closed days, late arrivals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from shared_rules.background import Background
from shared_rules.claims import ClaimState, Lease
from shared_rules.clauses import ON_ACTS, ON_COLLISION, ON_NEW, ON_RULING
from shared_rules.clauses.kinship import about_kin, kin_are_one_customer
from shared_rules.clauses.sameness import presumption_reason
from shared_rules.customers import Customer, normal_company, normal_name
from shared_rules.decision import (
    Presumption,
    Reason,
    Situation,
    SlipView,
    Status,
    Verdict,
    decide,
)
from shared_rules.facts import (
    DealCancelled,
    DealClosed,
    Event,
    FindingMade,
    Grade,
    LogId,
    RulingMade,
    SlipAmended,
    SlipContent,
    SlipCorrected,
    SlipDeclaredLost,
    SlipRenewed,
    SlipStamped,
    SlipWithdrawn,
)
from shared_rules.interval import HOUR, Interval
from shared_rules.policy import Policies, Policy
from shared_rules.roll import Roll
from shared_rules.words import say

__all__ = ["Act", "Hearing", "hear", "presumption_of"]


@dataclass(frozen=True, slots=True)
class Act:
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

    left_out: frozenset[tuple[LogId, int]] = frozenset()
    """Slips that may not take part: late arrivals that would upset final rulings."""
    acts: dict[str, Act] = field(default_factory=dict)

    # --- judging

    def judge(self, state: ClaimState, act: str) -> tuple[Verdict | None, tuple[Reason, ...]]:
        """Judge a slip as of its own stamp; where two policies could be in force and differ, the manager decides."""
        clauses = ON_NEW if act == "new" else ON_ACTS
        outcomes = []
        for policy in self.policies.candidates(state.pool, state.view.stamp):
            rivals = self.rivals(state, state.view.stamp.lo, policy)
            state.situation = Situation(
                state.view, state.customer, rivals, act, renewals=state.renewals, logged=state.logged,
                quota=self.standing_of(state, policy),
            )  # fmt: skip
            outcomes.append(decide(state.situation, policy, clauses))
        if len({verdict.status if verdict else None for verdict, _ in outcomes}) == 1:
            return outcomes[0]
        sentence = say("盖章时刻跨越两份政策，结论不同，由销售经理判定")
        reason = Reason("二.2.4", sentence, sentence, (state.view.slip,))
        return Verdict("二.2.4", Status.WITH_MANAGER, reason, flags=("policy_not_certain",)), ()

    def settle_into(self, state: ClaimState, verdict: Verdict | None, aside: tuple[Reason, ...]) -> None:
        """Give a claim its verdict and draw those it waits with into the case."""
        state.verdict, state.aside = verdict, aside
        state.status = Status.UPHELD if verdict is None else verdict.status
        state.against = set(verdict.against) if verdict else set()
        self.keep(state)
        if state.status is not Status.WITH_MANAGER:
            return
        state.undecided_since = state.view.stamp.lo
        for other in verdict.against if verdict else ():
            self.claims[other].hold(state.claim, state.view.stamp.lo)

    def drop(self, state: ClaimState, status: Status, at: int) -> None:
        """End a claim; whoever only waited with it is released."""
        state.status = status
        for other in self.claims.values():
            if state.claim in other.against and other.status is Status.WITH_MANAGER:
                other.release(state.claim, at)

    # --- facts

    def stamped(self, event: Event, fact: SlipStamped) -> None:
        """A new slip."""
        if (event.log, event.seq) in self.left_out:
            return
        entry = self.background.entries.get(fact.slip)
        content = fact.content if fact.content is not None else (entry.content if entry else None)
        policy = self.policies.at(fact.pool, event.time.lo)
        customer = None if content is None else self.customer(fact.slip, content)
        late_paper = event.grade is Grade.P and fact.written_up_at - event.time.hi > policy.stamp.paper_hours * HOUR
        state = ClaimState(
            claim=fact.slip,
            pool=fact.pool,
            office=fact.office,
            view=_view(event, fact, fact.slip, content),
            policy=policy,
            customer=customer,
            effective=event.time,
            lease=Lease(event.time.days()[1], policy, early=self.background.early(fact.pool, event.time.lo)),
            recorded=(event.log, event.seq),
            doubtful_day=late_paper,
            entered=entry is not None,
            flags=_flags(event, fact),
            logged=self.logged(fact, customer, policy),
        )
        self.settle_into(state, *self.judge(state, "new"))

    def amended(self, event: Event, fact: SlipAmended) -> None:
        """An amendment: judged with its new content at its own stamp, the old version stays if it is refused."""
        old = self._acting(event, fact)
        if old is None:
            return
        policy = self.policies.at(old.pool, event.time.lo)
        view = _view(event, fact, fact.claim, fact.content)
        customer = self.customer(fact.claim, fact.content)
        candidate = replace(old, view=view, customer=customer, policy=policy, effective=event.time, flags=old.flags)
        verdict, aside = self.judge(candidate, "amend" if self._live(old, event) else "new")
        self._note(event, fact, policy, verdict, aside)
        if verdict is not None and verdict.status is not Status.WITH_MANAGER and self._live(old, event):
            return
        moved = _moves(old, candidate, policy) or not self._live(old, event)
        candidate.effective = event.time if moved else old.effective
        candidate.fallback = old if verdict is not None else None
        if moved:
            candidate.lease = Lease(event.time.days()[1], policy)
            candidate.renewals = 0
        candidate.recorded = (event.log, event.seq)
        candidate.entered = fact.slip in self.background.entries
        self.settle_into(candidate, verdict, aside)

    def renewed(self, event: Event, fact: SlipRenewed) -> None:
        """A renewal inside validity keeps the time; after it the customer is judged as new (六.3)."""
        old = self._acting(event, fact)
        if old is None:
            return
        policy = self.policies.at(old.pool, event.time.lo)
        live = self._live(old, event)
        view = _view(event, fact, fact.claim, old.view.content)
        candidate = replace(old, view=view, policy=policy)
        if live:
            candidate.situation = Situation(
                view, old.customer, (), "renew", renewals=old.renewals, quota=self.standing_of(candidate, policy)
            )
            verdict, aside = decide(candidate.situation, policy, ON_ACTS)
        else:
            candidate.effective = event.time
            verdict, aside = self.judge(candidate, "new")
        self._note(event, fact, policy, verdict, aside)
        if live and verdict is None:
            old.lease = Lease(event.time.days()[1], policy)
            old.renewals += 1
        if not live:
            candidate.lease = Lease(event.time.days()[1], policy)
            candidate.renewals = 0
            candidate.flags = (*old.flags, "restarted")
            self.settle_into(candidate, verdict, aside)

    def _acting(self, event: Event, fact: SlipAmended | SlipRenewed) -> ClaimState | None:
        """Return the claim an act builds on, or note the act as refused."""
        state = self.claims.get(fact.claim)
        may = state is not None and state.view.salesperson == fact.salesperson and state.status is Status.UPHELD
        if may:
            return state
        policy = self.policies.at(state.pool if state else "", event.time.lo)
        sentence = say("{claim} 当时没有本人可用的有效确认", claim=fact.claim)
        clause = "一.6" if isinstance(fact, SlipAmended) else "六.3"
        verdict = Verdict(clause, Status.REFUSED, Reason(clause, sentence, sentence, (fact.slip, fact.claim)))
        self._note(event, fact, policy, verdict)
        return None

    def _live(self, state: ClaimState, event: Event) -> bool:
        return state.live_at(event.time.lo, self.background.launch(state.pool), self.background.closed)

    def _note(
        self,
        event: Event,
        fact: SlipAmended | SlipRenewed,
        policy: Policy,
        verdict: Verdict | None,
        aside: tuple[Reason, ...] = (),
    ) -> None:
        kind = "amend" if isinstance(fact, SlipAmended) else "renew"
        self.acts[fact.slip] = Act(fact.slip, fact.claim, kind, event.time, policy, verdict, aside)

    def corrected(self, event: Event, fact: SlipCorrected) -> None:
        """A correction keeps the time, unless the right content collides: then it is an amendment (一.6)."""
        state = next((one for one in self.claims.values() if fact.slip in (one.claim, one.view.slip)), None)
        if state is None or state.status is not Status.UPHELD:
            return
        view = replace(state.view, content=fact.content)
        candidate = replace(state, view=view, customer=self.customer(state.claim, fact.content))
        old_rivals = {rival.claim for rival in self.rivals(state, event.time.lo, state.policy)}
        fresh = {rival.claim for rival in self.rivals(candidate, event.time.lo, state.policy)} - old_rivals
        if not fresh:
            self.keep(candidate)
            return
        candidate.view = replace(view, stamp=event.time, handed_in_at=0)
        candidate.effective = event.time
        candidate.situation = Situation(
            candidate.view, candidate.customer, self.rivals(candidate, event.time.lo, state.policy), "amend"
        )
        verdict, aside = decide(candidate.situation, state.policy, ON_COLLISION)
        if verdict is None or verdict.status is Status.WITH_MANAGER:
            candidate.fallback = state
            self.settle_into(candidate, verdict, aside)

    def ruled(self, event: Event, fact: RulingMade) -> None:
        """A person's ruling: the losers are returned, the winner is upheld unless it waits with others still."""
        named = [self.claims[claim] for claim in sorted({*fact.claims, *fact.losers}) if claim in self.claims]
        for state in named:
            if state.status not in (Status.WITH_MANAGER, Status.UPHELD):
                continue
            verdict, aside = decide(replace(state.judged(), ruling=fact), state.policy, ON_RULING)
            assert verdict is not None  # the ruling itself is one
            if verdict.status is Status.RETURNED and state.fallback is not None:
                self._fall_back(state, state.fallback, verdict, event.time.lo)
                continue
            rest = state.against - {other.claim for other in named}
            state.verdict, state.aside = verdict, aside
            state.against = set(verdict.against) if verdict.status is Status.RETURNED else rest
            if verdict.status is Status.RETURNED:
                self.drop(state, Status.RETURNED, event.time.lo)
            elif not rest:
                state.status = Status.UPHELD
                state.resume(event.time.lo)

    def _fall_back(self, state: ClaimState, old: ClaimState, verdict: Verdict, at: int) -> None:
        """A refused amendment or correction leaves the version before it, with its time (一.6)."""
        self.drop(state, Status.RETURNED, at)
        self.keep(old)
        act = self.acts.get(state.view.slip)
        if act is not None:
            self.acts[act.slip] = replace(act, verdict=replace(verdict, status=Status.REFUSED), aside=())

    def found_same(self, event: Event, fact: FindingMade) -> None:
        """A finding that two customers are one compares what is live at the finding."""
        pair = [self.claims[claim] for claim in fact.claims if claim in self.claims]
        live = sorted((one for one in pair if self._live(one, event)), key=lambda one: (one.effective, one.claim))
        if fact.answer != "same" or len(live) < 2:
            return
        first, second = live
        if about_kin(fact) and not kin_are_one_customer(fact, self.need(first, second), second.policy):
            return
        if second.status is Status.CLOSED or first.view.salesperson == second.view.salesperson:
            return
        rival = replace(
            self.rival(second, first, Presumption.KIN if about_kin(fact) else Presumption.FOUND),
            earlier=first.effective.day_before(second.effective),
        )
        second.situation = Situation(second.view, second.customer, (rival,), "found")
        self.settle_into(second, *decide(second.situation, second.policy, ON_COLLISION))

    def dealt(self, fact: DealClosed) -> None:
        """A deal closes the closer's claims that it names, or those of the name on the contract."""
        name = {normal_name(fact.contract_name), normal_company(fact.contract_name)} - {""}
        for state in self.claims.values():
            names = {state.customer.company, *state.customer.names} if state.customer else set()
            meant = state.claim in fact.claims if fact.claims else bool(name & names)
            if meant and state.view.salesperson == fact.closer and state.status is Status.UPHELD:
                state.status = Status.CLOSED
                state.flags = (*state.flags, f"deal:{fact.deal}")

    def cancelled(self, event: Event, fact: DealCancelled) -> None:
        """A cancelled deal opens its claim again, with its old time and a lease from the cancellation."""
        for state in self.claims.values():
            if f"deal:{fact.deal}" in state.flags and state.status is Status.CLOSED:
                state.status = Status.UPHELD
                state.lease = Lease(event.time.days()[1], state.policy)
                state.flags = tuple(flag for flag in state.flags if flag != f"deal:{fact.deal}")

    def ended(self, event: Event, fact: SlipWithdrawn | SlipDeclaredLost) -> None:
        """The salesperson gave the claim up, or the manager declared the slip lost."""
        withdrawn = isinstance(fact, SlipWithdrawn)
        state = self.claims.get(fact.claim if isinstance(fact, SlipWithdrawn) else fact.slip)
        if state is not None and state.status in (Status.UPHELD, Status.WITH_MANAGER):
            state.verdict = _ending(state, withdrawn=withdrawn)
            self.drop(state, Status.WITHDRAWN if withdrawn else Status.VOID, event.time.lo)


def hear(events: Sequence[Event], policies: Policies, *, left_out: Iterable[tuple[LogId, int]] = ()) -> Hearing:
    """Hear events that are in order of their times, and return the state after the last."""
    hearing = Hearing(policies, Background.of(events), left_out=frozenset(left_out))
    for event in events:
        _hear_one(hearing, event)
    return hearing


def _hear_one(hearing: Hearing, event: Event) -> None:
    match event.fact:
        case SlipStamped() as fact:
            hearing.stamped(event, fact)
        case SlipAmended() as fact:
            hearing.amended(event, fact)
        case SlipRenewed() as fact:
            hearing.renewed(event, fact)
        case SlipCorrected() as fact:
            hearing.corrected(event, fact)
        case RulingMade() as fact:
            hearing.ruled(event, fact)
        case FindingMade() as fact:
            hearing.found_same(event, fact)
        case DealClosed() as fact:
            hearing.dealt(fact)
        case DealCancelled() as fact:
            hearing.cancelled(event, fact)
        case SlipWithdrawn() | SlipDeclaredLost() as fact:
            hearing.ended(event, fact)
        case _:
            pass


def _view(
    event: Event, fact: SlipStamped | SlipAmended | SlipRenewed, claim: str, content: SlipContent | None
) -> SlipView:
    return SlipView(
        slip=fact.slip,
        claim=claim,
        salesperson=fact.salesperson,
        stamped_by=fact.stamped_by,
        stamped_role=fact.stamped_role,
        stamp=event.time,
        handed_in_at=fact.handed_in_at,
        grade=event.grade,
        content=content,
        exceptional=fact.exceptional,
    )


def _flags(event: Event, fact: SlipStamped) -> tuple[str, ...]:
    flags = ("exceptional",) if fact.exceptional else ()
    return (*flags, *(("imported",) if event.grade is Grade.I else ()), *(("paper",) if event.grade is Grade.P else ()))


def _moves(old: ClaimState, new: ClaimState, policy: Policy) -> bool:
    """Return whether an amendment moves the time under the policy's reading of 一.6."""
    return {
        "all": True,
        "none": False,
        "identity_only": _identity(old.customer) != _identity(new.customer),
        "changed_fields": old.customer != new.customer,
    }[policy.amendment.resets]


def _identity(customer: Customer | None) -> object:
    return None if customer is None else (customer.names, customer.company, customer.phones)


def _ending(state: ClaimState, *, withdrawn: bool) -> Verdict:
    clause = "六.3" if withdrawn else "一.4"
    sentence = say("业务员已撤回确认") if withdrawn else say("纸质单未能录入，经理宣布遗失")
    status = Status.WITHDRAWN if withdrawn else Status.VOID
    return Verdict(clause, status, Reason(clause, sentence, sentence, (state.view.slip,)))


def presumption_of(state: ClaimState) -> Reason | None:
    """Return the reason of 二.1.3 for a claim that was returned or waits, where one is due."""
    if state.status not in (Status.RETURNED, Status.WITH_MANAGER):
        return None
    return presumption_reason(state.judged())
