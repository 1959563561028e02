"""Disputes, looks, routing and report lines: small state machines over what people did, apart from the claims.

A dispute goes filed -> mediation -> settled | manager_signed -> queried -> statements -> ruled -> final | appealed ->
upheld | reversed (三, 四). An act out of its order is kept and refused, never half taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from shared_rules.chronicle import Place
from shared_rules.clauses.access import may_look
from shared_rules.clauses.disputes import filed_in_time, may_mediate, may_query, may_rule
from shared_rules.clauses.penalties import appealed_in_time, proposed
from shared_rules.facts import (
    AppealDecided,
    Appealed,
    DisputeFiled,
    Event,
    Fact,
    LookApproved,
    LookAsked,
    Mediated,
    QuerySigned,
    RegisterQueried,
    RulingMade,
    StatementDefaulted,
    StatementGiven,
)
from shared_rules.interval import day_end, day_of
from shared_rules.policy import Policy
from shared_rules.rulings import DisputeRuling, Look, Penalty, Refusal
from shared_rules.words import Say, say

__all__ = ["Course", "dispute_ruling", "looks", "take_course"]

_SATURDAY: Final = 5
Step = tuple[Place, int, Fact]
"""Place, instant and fact."""


@dataclass(slots=True)
class Course:
    """How far a dispute has come."""

    dispute: str
    policy: Policy
    people: Mapping[str, str]
    """Claim -> salesperson."""
    leaders: frozenset[str] = frozenset()
    state: str = "filed"
    claims: tuple[str, ...] = ()
    filers: dict[str, int] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    signed: bool = False
    queried: bool = False
    stated: set[str] = field(default_factory=set)
    level: int = 0
    """Rung of the policy's ladder that decides."""
    since: int = 0
    """Instant from which the present step runs."""
    ruling: RulingMade | None = None
    ruled_at: int = 0
    appellant: str = ""
    penalties: list[Penalty] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    effects: dict[Place, RulingMade] = field(default_factory=dict)
    """Place of an act -> the ruling among claims that follows from it."""

    @property
    def parties(self) -> tuple[str, ...]:
        """Salespeople whose claims are in dispute, and who filed."""
        own = (self.people.get(claim, "") for claim in self.claims)
        return tuple(dict.fromkeys(person for person in (*own, *self.filers) if person))

    @property
    def is_open(self) -> bool:
        """Whether it has no outcome yet, or one that was appealed."""
        return self.ruling is None or self.state == "appealed"

    def proceed(self, state: str) -> None:
        """Take the next step before an outcome; afterwards only an appeal or another outcome moves a dispute on."""
        if self.ruling is None:
            self.state = state

    def refuse(self, at: int, by: str, clause: str, why: Say) -> None:
        """Keep an act that was not allowed."""
        self.refusals.append(Refusal(at, by, clause, why))


def take_course(course: Course, steps: Sequence[Step], learned: Mapping[str, int]) -> Course:
    """Go through a dispute's facts in order; `learned` = salesperson -> instant of the acknowledged notice."""
    for place, at, fact in steps:
        before = course.state
        _take_step(course, place, at, fact, learned)
        if course.state != before or not course.since:
            course.since = at
    return course


def _take_step(course: Course, place: Place, at: int, fact: Fact, learned: Mapping[str, int]) -> None:
    match fact:
        case DisputeFiled():
            _filed(course, at, fact, learned)
        case Mediated():
            _mediated(course, place, at, fact)
        case QuerySigned():
            course.signed = True
            course.proceed("manager_signed")
        case RegisterQueried():
            _queried(course, at, fact)
        case StatementGiven(by=by) | StatementDefaulted(by=by):
            course.stated.add(by)
            course.proceed("statements")
        case RulingMade():
            _ruled(course, place, at, fact)
        case Appealed():
            _appealed(course, at, fact)
        case _:
            assert isinstance(fact, AppealDecided)  # the facts of a dispute are a closed list
            _decided(course, place, at, fact)


def _filed(course: Course, at: int, fact: DisputeFiled, learned: Mapping[str, int]) -> None:
    course.claims = tuple(dict.fromkeys((*course.claims, *fact.claims)))
    if fact.by:
        course.filers.setdefault(fact.by, at)
        if not filed_in_time(at, learned.get(fact.by), course.policy):
            course.late.append(fact.by)


def _mediated(course: Course, place: Place, at: int, fact: Mediated) -> None:
    barred = may_mediate(fact.supervisors, course.parties)
    if barred is not None:
        course.refuse(at, "、".join(fact.supervisors), "三.1", barred)
        return
    if not (fact.winner or fact.shares):
        course.proceed("mediation")
        return
    course.state, course.ruled_at = "settled", at
    course.ruling = course.effects[place] = RulingMade(
        claims=course.claims, winner=fact.winner, shares=fact.shares, clause="三.1",
        ruled_by="、".join(fact.supervisors or fact.parties), dispute=course.dispute,
    )  # fmt: skip


def _queried(course: Course, at: int, fact: RegisterQueried) -> None:
    barred = may_query(signed=course.signed)
    if barred is not None:
        course.refuse(at, fact.by, "三.2", barred)
        return
    course.signed, course.queried = False, True
    course.proceed("queried")


def _ruled(course: Course, place: Place, at: int, fact: RulingMade) -> None:
    leader = fact.ruled_by in course.leaders
    barred = may_rule(fact.ruled_by, course.parties, course.stated, queried=course.queried, leader=leader)
    if barred is not None:
        course.refuse(at, fact.ruled_by, "三.3", barred)
        return
    course.state, course.ruling, course.ruled_at = "ruled", fact, at
    course.effects[place] = fact


def _appealed(course: Course, at: int, fact: Appealed) -> None:
    if course.ruling is None:
        course.refuse(at, fact.by, "四", say("还没有判定，不能申诉"))
    elif not appealed_in_time(course.ruled_at, at, course.policy):
        course.refuse(at, fact.by, "四", say("申诉期限已过"))
    elif course.level + 1 >= len(course.policy.dispute.ladder):
        course.refuse(at, fact.by, "四", say("已是最后一级，不能再申诉"))
    else:
        course.state, course.appellant, course.level = "appealed", fact.by, course.level + 1


def _decided(course: Course, place: Place, at: int, fact: AppealDecided) -> None:
    if course.state != "appealed" or course.ruling is None:
        course.refuse(at, fact.by, "四", say("没有待复核的申诉"))
        return
    course.state = fact.outcome
    course.penalties += [
        Penalty(course.dispute, person, yuan)
        for person, yuan in proposed(fact.outcome, course.appellant, fact.unfair, course.policy)
    ]
    if fact.outcome == "reversed":
        own = [claim for claim in course.claims if course.people.get(claim) == course.appellant]
        course.ruling = course.effects[place] = RulingMade(
            claims=course.claims, winner=own[0] if own else "", clause="四", ruled_by=fact.by, dispute=course.dispute
        )


def dispute_ruling(course: Course, as_of: int) -> DisputeRuling:
    """Return where a dispute stands at an instant; a ruling nobody may appeal any more is final."""
    state, days = course.state, course.policy.penalty.appeal_days
    if state == "ruled" and days and as_of > day_end(day_of(course.ruled_at) + timedelta(days=days)):
        state = "final"
    ruling = course.ruling
    return DisputeRuling(
        dispute=course.dispute,
        state=state,
        claims=course.claims,
        parties=course.parties,
        late=tuple(sorted(course.late)),
        winner=ruling.winner if ruling else "",
        shares=tuple(sorted(ruling.shares.items())) if ruling else (),
        waits_for=_waits_for(course, state),
        due_on=_due_on(course, state),
        refused=tuple(course.refusals),
    )


def _waits_for(course: Course, state: str) -> tuple[str, ...]:
    """Return who has to act next, as stable keys: `mediation`, `clerk`, `statement:A`, a rung of the ladder."""
    missing = tuple(f"statement:{person}" for person in sorted(set(course.parties) - course.stated))
    decides = course.policy.dispute.ladder[course.level : course.level + 1]
    return {
        "filed": ("mediation",),
        "mediation": decides,
        "manager_signed": ("clerk",),
        "queried": missing or decides,
        "statements": missing or decides,
        "appealed": decides,
    }.get(state, ())


def _due_on(course: Course, state: str) -> date | None:
    """Return the last day of the present step: working days of the policy, Monday to Friday (三.3)."""
    rules = course.policy.dispute
    days = {
        "filed": rules.mediation_days,
        "mediation": rules.query_days,
        "manager_signed": rules.query_days,
        "queried": rules.ruling_days,
        "statements": rules.ruling_days,
    }.get(state)
    if days is None:
        return None
    last = day_of(course.since)
    while days:
        last += timedelta(days=1)
        days -= last.weekday() < _SATURDAY
    return last


def looks(steps: Iterable[tuple[Place, Event]], policy: Policy, leaders: frozenset[str]) -> tuple[Look, ...]:
    """Return each look that was asked for with its answer; an approval is used up by one look where it is single."""
    open_: list[LookApproved] = []
    answers: list[Look] = []
    for _, event in sorted(steps, key=lambda step: step[0]):
        fact = event.fact
        if isinstance(fact, LookApproved):
            open_.append(fact)
        elif isinstance(fact, LookAsked):
            used, why = may_look(fact, event.time.lo, open_, policy, leaders=leaders)
            answers.append(Look(event.time.lo, fact.by, fact.customer, used is not None, why))
            if used is not None and policy.access.single_use:
                open_.remove(used)
    return tuple(answers)
