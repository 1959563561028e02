"""Random worlds: facts of every kind among few people, few customers and few days, so that much of it collides."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

from shared_rules.data import policy_text
from shared_rules.facts import (
    AppealDecided,
    Appealed,
    ClosedDaysDeclared,
    CollisionSeen,
    CustomerChose,
    CustomerKind,
    DayClosed,
    DealCancelled,
    DealClosed,
    DealRenamed,
    DisputeFiled,
    Event,
    Fact,
    FindingMade,
    FloorPromised,
    FollowedUp,
    Grade,
    HandedOver,
    HelpGiven,
    KioskEnrolled,
    KioskRevoked,
    Launched,
    LogId,
    LogQueried,
    Mediated,
    NameStruck,
    Need,
    PersonAdded,
    Prelaunched,
    QuarterReported,
    QuerySigned,
    Received,
    RegisterQueried,
    ReportLineWritten,
    ReservedAnnounced,
    Role,
    RulingMade,
    ServiceAssigned,
    SlipAmended,
    SlipContent,
    SlipCorrected,
    SlipDeclaredLost,
    SlipEntered,
    SlipRefused,
    SlipRenewed,
    SlipReturned,
    SlipStamped,
    SlipWithdrawn,
    Source,
    StaffIntroArrived,
    StatementDefaulted,
    StatementGiven,
    Transferred,
    VisitLogged,
)
from shared_rules.interval import DAY, HOUR, MINUTE, OPEN, Interval, day_start, exactly
from shared_rules.policy import Policies, load_policy

__all__ = ["BY_TIME", "DAILY", "FIRST", "RELEASING", "REVIVING", "SWITCHED", "TIGHT", "World", "turned", "world"]

FIRST = date(2026, 3, 2)
PEOPLE = ("A", "B", "C")
NAMES = ("张三", "李四", "王五", "赵六")
PHONES = tuple(f"1380000000{n}" for n in range(6))
UNITS = ("甲有限公司", "乙有限公司")
POOLS = ("p", "q")


def turned(name: str, *changes: tuple[str, str]) -> Policies:
    """Return the shipped policy with switches set otherwise."""
    text = policy_text("default")
    for old, new in changes:
        assert f"\n{old}" in text
        text = text.replace(f"\n{old}", f"\n{new}", 1)
    return Policies.single(load_policy(text, name=name))


_FEW = (("limit = 50", "limit = 4"), ("limit_no_signing = 30", "limit_no_signing = 2"))
TIGHT = turned("tight", *_FEW)
"""Places are few, so that one slip more or less moves others of the same salesperson."""
SWITCHED = turned(
    "switched", ("business_hours = false", "business_hours = true"),
    ("public_holidays = []", 'public_holidays = ["2026-03-12/2026-03-14", "2026-03-16"]'),
)  # fmt: skip
"""What is off by default is on, as far as the calendar or the order of facts could matter to it."""
DAILY = turned("daily", *_FEW, ("day_limit = 0", "day_limit = 1"))
"""Nobody may hand in a second slip on one day."""
REVIVING = turned("reviving", *_FEW, ('returned_revives = "never"', 'returned_revives = "when_holder_lapses"'))
"""Returned slips come to life when the claim they lost to is no more."""
BY_TIME = turned("by time", *_FEW, ('returned_revives = "never"', 'returned_revives = "by_time"'))
"""Returned slips come to life also when that claim has moved behind them."""
RELEASING = turned(
    "releasing",
    _FEW[0],
    ("limit_no_signing = 30", "limit_no_signing = 1"),
    ('on_drop = "drain"', 'on_drop = "release"'),
)
"""What somebody holds beyond a number that falls lapses at once."""


class World:
    """Makes facts that refer to each other, each with its place in one of three logs."""

    def __init__(self, seed: int, *, closings: bool = True, first: date = FIRST) -> None:
        self.random = random.Random(seed)
        self.first = first
        self.closings = closings
        self.events: list[Event] = []
        self.claims: list[str] = []
        self.owner: dict[str, str] = {}
        self.slips: list[str] = []
        self.deals: list[str] = []
        self._seq = dict.fromkeys((0, 1, 2), 0)

    def moment(self) -> int:
        """Return an instant of the three weeks, often inside a window."""
        day = day_start(self.first + timedelta(days=self.random.choice((0, 0, 1, 1, 2, 3, 5, 9, 11, 14, 17))))
        return (
            day + self.random.choice((9 * HOUR, 16 * HOUR, 16 * HOUR, 12 * HOUR)) + self.random.randrange(58) * MINUTE
        )

    def say(self, fact: Fact, kiosk: int = 0, at: int | None = None, grade: Grade = Grade.A) -> None:
        """Append a fact to a log."""
        self._seq[kiosk] += 1
        lo = self.moment() if at is None else at
        chance = self.random.random()
        time = exactly(lo)
        if kiosk and chance < 0.04:
            time = Interval(lo, lo + DAY)
        elif kiosk and grade is Grade.C:
            time = Interval(lo, OPEN)
        self.events.append(Event(time, LogId(kiosk, 1), self._seq[kiosk], fact, grade))

    def content(self) -> SlipContent:
        """Return a customer: a person, kin, or a unit."""
        pick = self.random.choice
        need = Need(kind=pick(("", "", "flat", "shop")))
        if self.random.random() < 0.15:
            return SlipContent(
                kind=CustomerKind.COMPANY,
                company=pick(UNITS),
                contact=pick((*NAMES, "")),
                phones=(pick(PHONES),),
                need=need,
            )
        names = tuple(self.random.sample(NAMES, self.random.choice((1, 1, 1, 2))))
        return SlipContent(names=names, phones=(pick(PHONES),) if self.random.random() < 0.95 else (), need=need)

    def any_claim(self) -> str:
        """Return a claim, sometimes one that no slip makes."""
        return self.random.choice(self.claims) if self.claims and self.random.random() < 0.95 else "9.9"

    def shares(self, one: str, other: str) -> dict[str, int]:
        """Return the parts of two claims' salespeople."""
        people = {self.owner.get(one, "A"), self.owner.get(other, "B")}
        return {person: 100 // len(people) for person in people}

    # --- one method a fact

    def slip(self) -> None:
        """A slip, mostly with its second look."""
        pick, kiosk = self.random.choice, self.random.choice((1, 2))
        number, by = f"{kiosk}.{self._seq[kiosk] + 1}", pick(PEOPLE)
        at, blank, grade = (
            self.moment(),
            self.random.random() < 0.1,
            pick((Grade.A,) * 12 + (Grade.B, Grade.C, Grade.P)),
        )
        exceptional = pick(("", "", "", "当日成交", "其他"))
        fact = SlipStamped(
            slip=number, pool=pick(("p", "p", "p", "q")), office=f"office{kiosk}", salesperson=by,
            stamped_by=pick(("K", "K", "K", by)), stamped_role=pick((Role.CLERK, Role.CLERK, Role.CONTRACT_OFFICE)),
            received_on=self.first, content=None if blank else self.content(), exceptional=exceptional,
            source=pick((*[Source.WALK_IN] * 6, Source.STAFF_INTRO, Source.PRE_REGISTERED)),
            written_up_at=at + pick((HOUR, 40 * HOUR)) if grade is Grade.P else 0,
        )  # fmt: skip
        self.say(fact, kiosk, at, grade)
        self.claims.append(number)
        self.slips.append(number)
        self.owner[number] = by
        if self.random.random() < 0.85:
            self.say(
                SlipEntered(slip=number, entered_by="K", content=self.content() if blank else None), kiosk, at + HOUR
            )

    def act(self) -> None:
        """An amendment or a renewal."""
        kiosk, claim = self.random.choice((1, 2)), self.any_claim()
        number, by = f"{kiosk}.{self._seq[kiosk] + 1}", self.owner.get(claim, "A")
        self.slips.append(number)
        if self.random.random() < 0.5:
            self.say(SlipRenewed(slip=number, claim=claim, salesperson=by, stamped_by="K"), kiosk)
        else:
            fact = SlipAmended(slip=number, claim=claim, salesperson=by, stamped_by="K", content=self.content())
            self.say(fact, kiosk)

    def ending(self) -> None:
        """A withdrawal, a correction, a loss, a return note or a refusal."""
        claim = self.any_claim()
        slip = self.random.choice(self.slips or ["9.9"])
        self.say(
            self.random.choice((
                SlipWithdrawn(claim=claim, salesperson=self.owner.get(claim, "A")),
                SlipCorrected(slip=slip, content=self.content(), corrected_by="K", approved_by="S", reason="x"),
                SlipDeclaredLost(slip=claim, declared_by="M"),
                SlipReturned(slip=slip, returned_by="K"),
                SlipRefused(slip=claim, refused_by="K"),
            )),
            self.random.choice((1, 2)),
        )  # fmt: skip

    def word(self) -> None:
        """What a person says at the server: a finding, a strike, a ruling, a look into the visitor log."""
        one, other = self.any_claim(), self.any_claim()
        ground = self.random.choice(("", "kin", "spouse", "siblings"))
        winner = self.random.choice((one, other, ""))
        self.say(
            self.random.choice((
                FindingMade(claims=(one, other), answer=self.random.choice(("same", "different")), ground=ground),
                NameStruck(claim=one, name=self.random.choice(NAMES)),
                RulingMade(claims=(one, other), winner=winner, clause="二.2.4", ruled_by=self.random.choice("MMMA"),
                           shares={} if winner else self.shares(one, other)),
                LogQueried(claim=one, found=self.random.choice(("", "yes", "no"))),
                VisitLogged(by=self.random.choice(PEOPLE), name=self.random.choice((*NAMES, ""))),
                CollisionSeen(claims=self.random.choice(((one, other), ()))),
                HandedOver(giver=self.owner.get(one, "A"), to="B", claim=one),
                Transferred(giver=self.owner.get(one, "A"), to=self.random.choice(PEOPLE), claims=(one, other)),
                ServiceAssigned(claim=one, by="C"),
                CustomerChose(claim=one, to="C"),
                ReportLineWritten(by=self.owner.get(one, "A"), claim=one, text=self.random.choice(("", "13800000001"))),
                Received(kiosk=1, inc=1, upto=self.random.randrange(40)),
                FollowedUp(by=self.random.choice((*PEOPLE, "house")), claim=self.random.choice((one, "")),
                           name=self.random.choice(NAMES), phone=self.random.choice(PHONES)),
                StaffIntroArrived(name=self.random.choice(NAMES), introduced_by="x", received_by="D"),
                ReservedAnnounced(names=(self.random.choice((*NAMES, *UNITS)),)),
            ))
        )  # fmt: skip

    def dispute(self) -> None:
        """A step of one of two disputes."""
        one, other = self.any_claim(), self.any_claim()
        name, person = self.random.choice(("D1", "D2")), self.owner.get(one, "A")
        self.say(
            self.random.choice((
                DisputeFiled(dispute=name, claims=(one, other), by=person),
                DisputeFiled(dispute=name, claims=(one,), by=person),
                Mediated(dispute=name, parties=(person,), winner=self.random.choice((one, ""))),
                QuerySigned(dispute=name, by="M"), RegisterQueried(dispute=name, by="K"),
                StatementGiven(dispute=name, by=person), StatementDefaulted(dispute=name, by=person),
                RulingMade(claims=(one, other), winner=one, clause="三.3", ruled_by=self.random.choice(("M", "A")),
                           dispute=name),
                Appealed(dispute=name, by=person),
                AppealDecided(dispute=name, by="L", outcome=self.random.choice(("upheld", "reversed")), unfair=("M",)),
                PersonAdded(person="A", name="A", office="", roles=(self.random.choice((Role.LEADER, Role.CLERK)),)),
                SlipReturned(slip=one, returned_by="K", note="acknowledged"),
                HelpGiven(deal=self.random.choice(self.deals or ["D0"]), by="C"),
            ))
        )  # fmt: skip

    def deal(self) -> None:
        """A deal, a second closing, a new name, a cancellation."""
        known = self.random.choice(self.deals) if self.deals else "D0"
        if not self.deals or self.random.random() < 0.5:
            known = f"D{len(self.deals)}"
            self.deals.append(known)
        claims = (self.any_claim(),) if self.random.random() < 0.5 else ()
        name = self.random.choice((*NAMES, *UNITS))
        self.say(
            self.random.choice((
                DealClosed(deal=known, closer=self.random.choice(PEOPLE), contract_name=name, claims=claims,
                           kind=self.random.choice(("subscription", "signing"))),
                DealClosed(deal=known, closer=self.random.choice(PEOPLE), contract_name=name, claims=claims),
                DealRenamed(deal=known, contract_name=name),
                DealCancelled(deal=known),
            ))
        )  # fmt: skip

    def calendar(self) -> None:
        """Launch, closed days, quarter results."""
        day = self.first + timedelta(days=self.random.randrange(20))
        self.say(
            self.random.choice((
                Prelaunched(), Launched(day=day), ClosedDaysDeclared(first=day, last=day + timedelta(days=1)),
                QuarterReported(person=self.random.choice(PEOPLE), quarter=self.random.choice(("2025Q4", "2026Q1")),
                                signings=self.random.randrange(2), target_met_on=self.random.choice((None, day))),
            ))
        )  # fmt: skip

    def promise(self) -> None:
        """What makes a ruling final."""
        kiosk, day = self.random.choice((1, 2)), self.first + timedelta(days=self.random.randrange(9))
        if not self.closings:
            return
        known = self.random.randrange(1 + self._seq[kiosk])
        self.say(
            self.random.choice((
                KioskEnrolled(kiosk=kiosk, office=f"office{kiosk}", pools=("p", "q"), certificate=""),
                KioskRevoked(kiosk=kiosk, certificate="", reason="stolen"),
                FloorPromised(office=f"office{kiosk}", floor=self.moment(), kiosk=kiosk, inc=1),
                DayClosed(office=f"office{kiosk}", day=day, known={f"{kiosk}.1": known}),
            ))
        )  # fmt: skip


def world(seed: int, facts: int = 60, *, closings: bool = True, words: bool = True, first: date = FIRST) -> list[Event]:
    """Return a world of at least `facts` facts; without words nobody finds, rules, transfers or disputes anything."""
    made = World(seed, closings=closings, first=first)
    kinds: list[tuple[Callable[[], None], int]] = [
        (made.slip, 10), (made.act, 4), (made.ending, 2), (made.word, 6 * words), (made.deal, 2), (made.calendar, 1),
        (made.promise, 1), (made.dispute, 3 * words),
    ]  # fmt: skip
    makers, weights = zip(*kinds, strict=True)
    while len(made.events) < facts:
        made.random.choices(makers, weights)[0]()
    return made.events
