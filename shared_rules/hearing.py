"""Hears one fact at a time, in its place: each slip is judged as of its own stamp, against what was live then.

What works from the start, whenever it was said, is looked up in the background: the content of a slip entered later,
findings that two customers are different, launch and closed days. Nothing here knows in which order facts arrive;
`settlement.py` sees to it that a fact is heard again when something before it has changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from msgspec.structs import replace

from shared_rules.background import person_topic
from shared_rules.chronicle import Versions
from shared_rules.claims import NOBODY, ClaimState, Lease
from shared_rules.clauses import ON_ACTS, ON_COLLISION, ON_NEW
from shared_rules.clauses.disputes import arrived_after_the_day_was_closed
from shared_rules.clauses.kinship import about_kin, kin_are_one_customer
from shared_rules.clauses.ownership import ruled_by_a_person
from shared_rules.clauses.registration import given_up
from shared_rules.customers import Customer, normal_company, normal_name
from shared_rules.decision import Presumption, Reason, Situation, SlipView, Status, Verdict, decide, weigh
from shared_rules.facts import (
    DealCancelled,
    DealClosed,
    Event,
    FindingMade,
    Grade,
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
from shared_rules.matching import marks
from shared_rules.policy import Policy
from shared_rules.roll import Roll
from shared_rules.values import Fixed
from shared_rules.words import say

__all__ = ["Act", "Hearing"]

_PLACE: Final = 6
"""Parts of an ordinary place; a late arrival's is longer."""
_WAITING: Final = (Status.WITH_MANAGER, Status.WAITING_CONTRACT)


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
    act_writes: list[str] = field(default_factory=list)
    leases: dict[tuple[date, str, bool], Lease] = field(default_factory=dict)

    @property
    def late(self) -> bool:
        """Whether the event being heard came after its day had been closed without it."""
        return len(self.now) > _PLACE

    # --- judging

    def judge(self, state: ClaimState, act: str) -> tuple[Verdict | None, tuple[Reason, ...]]:
        """Judge a slip as of its own stamp; where two policies could be in force and differ, the manager decides."""
        clauses = ON_NEW if act == "new" else ON_ACTS
        outcomes = [
            decide(self.situation(state, act, policy), policy, clauses)
            for policy in self.policies.candidates(state.pool, state.view.stamp)
        ]
        if len({verdict.status if verdict else None for verdict, _ in outcomes}) == 1:
            return self._in_time(state, *outcomes[0])
        sentence = say("盖章时刻跨越两份政策，结论不同，由销售经理判定")
        reason = Reason("二.2.4", sentence, sentence, (state.view.slip,))
        return Verdict("二.2.4", Status.WITH_MANAGER, reason, flags=("policy_not_certain",)), ()

    def situation(self, state: ClaimState, act: str, policy: Policy) -> Situation:
        """Return what the clauses may look at when a slip is judged."""
        return Situation(
            state.view, state.customer, self.rivals(state, state.view.stamp.lo, policy), act,
            effective=state.effective, renewals=state.renewals, logged=state.logged,
            quota=self.standing_of(state, policy),
        )  # fmt: skip

    def _in_time(
        self, state: ClaimState, verdict: Verdict | None, aside: tuple[Reason, ...]
    ) -> tuple[Verdict | None, tuple[Reason, ...]]:
        """Keep a late arrival from upsetting what was final without it: it may lose, but it draws nobody in."""
        if not self.late or verdict is None or verdict.status not in _WAITING:
            return verdict, aside
        return arrived_after_the_day_was_closed(state.view.slip, verdict.against), (*aside, verdict.reason)

    def settle_into(self, state: ClaimState, verdict: Verdict | None, aside: tuple[Reason, ...]) -> None:
        """Give a claim its verdict and draw those it waits with into the case."""
        status = Status.UPHELD if verdict is None else verdict.status
        waits = status in _WAITING
        self.keep(
            replace(
                state, verdict=verdict, aside=aside, status=status,
                against=frozenset(verdict.against) if verdict and verdict.against else NOBODY,
                undecided_since=state.view.stamp.lo if waits else state.undecided_since,
            )
        )  # fmt: skip
        for name in verdict.against if verdict and waits else ():
            other = self.claim(name)
            if other is not None:
                self.keep(other.held(state.claim, state.view.stamp.lo, status))

    def drop(self, state: ClaimState, status: Status, at: int) -> None:
        """End a claim; whoever only waited with it is released."""
        self.keep(replace(state, status=status))
        for name in sorted(state.against):
            other = self.claim(name)
            if other is not None and other.status in _WAITING and state.claim in other.against:
                self._release(other, state.claim, at)

    def _release(self, state: ClaimState, other: str, at: int) -> None:
        """Take another claim out of the case; without any left the claim is upheld and its lease runs on."""
        rest = state.against - {other}
        if rest:
            self.keep(replace(state, against=rest))
        else:
            self.keep(self._resumed(replace(state, against=rest, status=Status.UPHELD), at))

    def _resumed(self, state: ClaimState, at: int) -> ClaimState:
        return self.leased(replace(state, undecided_since=None), state.suspended(at))

    def leased(self, state: ClaimState, lease: Lease) -> ClaimState:
        """Return a claim with another lease under the calendar as it is known."""
        return state.leased(lease, self._until(state.pool, lease))

    def _lease(self, day: date, policy: Policy, *, early: bool) -> Lease:
        """Return the lease that all slips of a day share."""
        key = (day, policy.id, early)
        lease = self.leases.get(key)
        if lease is None:
            lease = self.leases[key] = Lease(day, policy, early=early)
        return lease

    def _until(self, pool: str, lease: Lease) -> int:
        return lease.until(self.background.launch(pool) if lease.early else None, self.background.closed)

    # --- slips

    def stamped(self, event: Event, fact: SlipStamped) -> None:
        """A new slip."""
        content = self.background.content(fact)
        policy = self.policies.at(fact.pool, event.time.lo)
        customer = None if content is None else self.customer(fact.slip, content)
        late_paper = event.grade is Grade.P and fact.written_up_at - event.time.hi > policy.stamp.paper_hours * HOUR
        lease = self._lease(event.time.days()[1], policy, early=self.background.early(fact.pool, event.time.lo))
        state = ClaimState(
            claim=fact.slip,
            pool=fact.pool,
            office=fact.office,
            view=_view(event, fact, fact.slip, content),
            policy=policy,
            customer=customer,
            effective=event.time,
            lease=lease,
            until=self._until(fact.pool, lease),
            marks=marks(customer) if customer else (),
            recorded=(event.log, event.seq),
            doubtful_day=late_paper,
            needs_entry=fact.slip,
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
        candidate = replace(
            old, view=view, customer=customer, marks=marks(customer), policy=policy, effective=event.time
        )
        self.look_at(candidate)
        live = old.live_at(event.time.lo)
        verdict, aside = self.judge(candidate, "amend" if live else "new")
        self._note(event, fact, policy, verdict, aside)
        if verdict is not None and verdict.status not in _WAITING and live:
            return
        moved = _moves(old, candidate, policy) or not live
        candidate = replace(
            candidate, effective=event.time if moved else old.effective, fallback=old if verdict is not None else None,
            recorded=(event.log, event.seq), needs_entry=fact.slip, renewals=0 if moved else old.renewals,
        )  # fmt: skip
        if moved:
            candidate = self.leased(candidate, Lease(event.time.days()[1], policy))
        self.settle_into(candidate, verdict, aside)

    def renewed(self, event: Event, fact: SlipRenewed) -> None:
        """A renewal inside validity keeps the time; after it the customer is judged as new (六.3)."""
        old = self._acting(event, fact)
        if old is None:
            return
        policy = self.policies.at(old.pool, event.time.lo)
        lease = Lease(event.time.days()[1], policy)
        candidate = replace(old, view=_view(event, fact, fact.claim, old.view.content), policy=policy)
        if old.live_at(event.time.lo):
            verdict, aside = decide(self._renewal(candidate, policy), policy, ON_ACTS)
            self._note(event, fact, policy, verdict, aside)
            if verdict is None:
                self.keep(replace(self.leased(old, lease), renewals=old.renewals + 1))
            return
        candidate = replace(candidate, effective=event.time, renewals=0, flags=(*old.flags, "restarted"))
        verdict, aside = self.judge(candidate, "new")
        self._note(event, fact, policy, verdict, aside)
        self.settle_into(self.leased(candidate, lease), verdict, aside)

    def _renewal(self, candidate: ClaimState, policy: Policy) -> Situation:
        """Return what a renewal is judged by: nobody stands against it, unless it is late and others came since."""
        rivals = self.rivals(candidate, candidate.view.stamp.lo, policy) if self.late else ()
        return Situation(
            candidate.view, candidate.customer, rivals, "renew", effective=candidate.effective,
            renewals=candidate.renewals, quota=self.standing_of(candidate, policy),
        )  # fmt: skip

    def _acting(self, event: Event, fact: SlipAmended | SlipRenewed) -> ClaimState | None:
        """Return the claim an act builds on, or note the act as refused."""
        state = self.claim(fact.claim)
        if state is not None and state.salesperson == fact.salesperson and state.status is Status.UPHELD:
            return state
        policy = self.policies.at(state.pool if state else "", event.time.lo)
        sentence = say("{claim} 当时没有本人可用的有效确认", claim=fact.claim)
        clause = "一.6" if isinstance(fact, SlipAmended) else "六.3"
        verdict = Verdict(clause, Status.REFUSED, Reason(clause, sentence, sentence, (fact.slip, fact.claim)))
        self._note(event, fact, policy, verdict)
        return None

    def _note(
        self,
        event: Event,
        fact: SlipAmended | SlipRenewed,
        policy: Policy,
        verdict: Verdict | None,
        aside: tuple[Reason, ...] = (),
    ) -> None:
        kind = "amend" if isinstance(fact, SlipAmended) else "renew"
        self.keep_act(Act(fact.slip, fact.claim, kind, event.time, policy, verdict, aside))

    def keep_act(self, act: Act) -> None:
        """Let an act's outcome be what it is now."""
        self.acts.write(act.slip, self.now, act)
        self.act_writes.append(act.slip)

    def corrected(self, event: Event, fact: SlipCorrected) -> None:
        """A correction keeps the time, unless the right content collides: then it is an amendment (一.6)."""
        state = self.claim(fact.slip) or self._amended_by(fact.slip)
        if state is None or state.status is not Status.UPHELD:
            return
        view = replace(state.view, content=fact.content)
        customer = self.customer(state.claim, fact.content)
        candidate = replace(state, view=view, customer=customer, marks=marks(customer))
        self.look_at(candidate)
        old_rivals = {rival.claim for rival in self.rivals(state, event.time.lo, state.policy)}
        fresh = {rival.claim for rival in self.rivals(candidate, event.time.lo, state.policy)} - old_rivals
        if not fresh:
            self.keep(candidate)
            return
        candidate = replace(candidate, view=replace(view, stamp=event.time, handed_in_at=0), effective=event.time)
        rivals = self.rivals(candidate, event.time.lo, state.policy)
        situation = Situation(candidate.view, candidate.customer, rivals, "amend", effective=event.time)
        verdict, aside = self._in_time(candidate, *decide(situation, state.policy, ON_COLLISION))
        if verdict is None or verdict.status in _WAITING:
            self.settle_into(replace(candidate, fallback=state), verdict, aside)

    def _amended_by(self, slip: str) -> ClaimState | None:
        """Return the claim whose present version an amendment's slip made."""
        act = self.acts.at(slip, self.now)
        state = self.claim(act.claim) if act else None
        return state if state and state.view.slip == slip else None

    # --- what people say

    def ruled(self, event: Event, fact: RulingMade) -> None:
        """A person's ruling: the losers are returned, the winner is upheld unless it waits with others still."""
        named = sorted({*fact.claims, *fact.losers})
        for name in named:
            state = self.claim(name)
            if state is None or state.status not in (*_WAITING, Status.UPHELD):
                continue
            before = state.verdict
            ruling = ruled_by_a_person(state.view, fact, also=before.also if before else ())
            verdict, aside = weigh([*([replace(before, also=())] if before else []), ruling], state.policy)
            assert verdict is not None  # the ruling itself is one
            if verdict.status is Status.RETURNED and state.fallback is not None:
                self._fall_back(state, state.fallback, verdict, event.time.lo)
                continue
            rest = state.against - set(named)
            if verdict.status is Status.RETURNED:
                self.drop(replace(state, verdict=verdict, aside=aside), Status.RETURNED, event.time.lo)
                dropped = self.claim(name)
                assert dropped is not None
                self.keep(replace(dropped, against=frozenset(verdict.against)))
            elif rest:
                self.keep(replace(state, verdict=verdict, aside=aside, against=rest))
            else:
                upheld = replace(state, verdict=verdict, aside=aside, against=rest, status=Status.UPHELD)
                self.keep(self._resumed(upheld, event.time.lo))

    def _fall_back(self, state: ClaimState, old: ClaimState, verdict: Verdict, at: int) -> None:
        """A refused amendment or correction leaves the version before it, with its time (一.6)."""
        self.drop(state, Status.RETURNED, at)
        self.keep(old)
        act = self.acts.at(state.view.slip, self.now)
        if act is not None:
            self.keep_act(replace(act, verdict=replace(verdict, status=Status.REFUSED), aside=()))

    def found_same(self, event: Event, fact: FindingMade) -> None:
        """A finding that two customers are one compares what is live at the finding."""
        pair = [state for claim in fact.claims if (state := self.claim(claim)) is not None]
        live = [one for one in pair if one.live_at(event.time.lo)]
        live.sort(key=lambda one: (one.effective, one.claim))
        if fact.answer != "same" or len(live) < 2:
            return
        first, second = live
        if about_kin(fact) and not kin_are_one_customer(fact, self.need(first, second), second.policy):
            return
        if second.status is Status.CLOSED or first.salesperson == second.salesperson:
            return
        rival = self.rival(second, first, Presumption.KIN if about_kin(fact) else Presumption.FOUND)
        situation = Situation(second.view, second.customer, (rival,), "found", effective=second.effective)
        self.settle_into(second, *decide(situation, second.policy, ON_COLLISION))

    # --- deals and endings

    def dealt(self, fact: DealClosed) -> None:
        """A deal closes the closer's claims that it names, or those of the name on the contract."""
        name = {normal_name(fact.contract_name), normal_company(fact.contract_name)} - {""}
        for state in self._of_closer(fact.closer):
            names = {state.customer.company, *state.customer.names} if state.customer else set()
            meant = state.claim in fact.claims if fact.claims else bool(name & names)
            if meant and state.status is Status.UPHELD:
                self.keep(replace(state, status=Status.CLOSED, deal=fact.deal))

    def _of_closer(self, closer: str) -> Iterable[ClaimState]:
        names = sorted(name for names in self.held.get(closer, {}).values() for name in names)
        states = (self.claim(name) for name in names)
        return [state for state in states if state is not None and state.salesperson == closer]

    def cancelled(self, event: Event, fact: DealCancelled) -> None:
        """A cancelled deal opens its claim again, with its old time and a lease from the cancellation."""
        deal = self.background.deals.known[fact.deal]
        self.watchers.watch(person_topic(deal.closer), self.now)
        for state in self._of_closer(deal.closer):
            if state.deal == fact.deal and state.status is Status.CLOSED:
                open_again = replace(state, status=Status.UPHELD, deal="")
                self.keep(self.leased(open_again, Lease(event.time.days()[1], state.policy)))

    def ended(self, event: Event, fact: SlipWithdrawn | SlipDeclaredLost) -> None:
        """The salesperson gave the claim up, or the manager declared the slip lost."""
        withdrawn = isinstance(fact, SlipWithdrawn)
        state = self.claim(fact.claim if isinstance(fact, SlipWithdrawn) else fact.slip)
        if state is not None and state.status in (*_WAITING, Status.UPHELD):
            verdict = given_up(state.view.slip, withdrawn=withdrawn)
            self.drop(replace(state, verdict=verdict), verdict.status, event.time.lo)

    # --- one fact

    def hear(self, event: Event) -> None:
        """Hear the fact that stands at `now`."""
        match event.fact:
            case SlipStamped() as fact:
                self.stamped(event, fact)
            case SlipAmended() as fact:
                self.amended(event, fact)
            case SlipRenewed() as fact:
                self.renewed(event, fact)
            case SlipCorrected() as fact:
                self.corrected(event, fact)
            case RulingMade() as fact:
                self.ruled(event, fact)
            case FindingMade() as fact:
                self.found_same(event, fact)
            case DealClosed() as fact:
                self.dealt(fact)
            case DealCancelled() as fact:
                self.cancelled(event, fact)
            case SlipWithdrawn() | SlipDeclaredLost() as fact:
                self.ended(event, fact)
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
