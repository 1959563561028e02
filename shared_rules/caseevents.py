"""From the facts of a case to events: who is not named gets a name, what is left out gets its default.

Nothing here depends on the order of the facts in the file: they are numbered by time, then by canonical bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec

from shared_rules import casefacts as case
from shared_rules.caseplain import CLERK, plain
from shared_rules.facts import (
    CustomerKind,
    DayClosed,
    Event,
    Fact,
    FloorPromised,
    Grade,
    KioskEnrolled,
    LogId,
    Mediated,
    Need,
    Received,
    Role,
    RulingMade,
    SlipAmended,
    SlipContent,
    SlipCorrected,
    SlipEntered,
    SlipRenewed,
    SlipStamped,
)
from shared_rules.interval import Interval, day_of, exactly, from_datetime

__all__ = ["CLERK", "events_of", "in_case_order"]

_EVENTS_A_FACT: Final = 4


def in_case_order(facts: Iterable[case.CaseFact]) -> list[case.CaseFact]:
    """Return facts by time, equal times by canonical bytes."""
    return sorted(facts, key=lambda fact: (fact.at, json.dumps(msgspec.to_builtins(fact), sort_keys=True)))


def events_of(facts: Iterable[case.CaseFact]) -> list[Event]:
    """Return the events of a case's facts; each office is one journal."""
    telling = _Telling(in_case_order(facts))
    for number, fact in enumerate(telling.facts, 1):
        telling.tell(number, fact)
    telling.promise()
    return telling.events


def _text_list(value: str | list[str] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def _instant(moment: datetime | None) -> int:
    return 0 if moment is None else from_datetime(moment)


def _content(fact: case.SlipFields, base: SlipContent | None = None) -> SlipContent:
    base = base or SlipContent()
    company = base.company if fact.company is None else fact.company
    need = base.need if fact.need is None else Need(kind=fact.need) if isinstance(fact.need, str) else fact.need
    return SlipContent(
        kind=CustomerKind.COMPANY if company else CustomerKind.PERSON,
        names=base.names if fact.name is None else _text_list(fact.name),
        company=company,
        contact=base.contact if fact.contact is None else fact.contact,
        phones=base.phones if fact.phone is None else _text_list(fact.phone),
        need=need,
        other=base.other if fact.other is None else fact.other,
    )


@dataclass(slots=True)
class _Telling:
    """What has been told so far of one case."""

    facts: Sequence[case.CaseFact]
    events: list[Event] = field(default_factory=list)
    contents: dict[str, SlipContent] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    """Claim -> salesperson."""
    offices: dict[str, str] = field(default_factory=dict)
    """Claim -> office."""
    disputes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    acts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for fact in self.facts:
            if isinstance(fact, case.Slip):
                self.people[fact.claim], self.offices[fact.claim] = fact.by, fact.office
            elif isinstance(fact, case.DisputeFact):
                self.disputes[fact.dispute] = (*self.disputes.get(fact.dispute, ()), *fact.claims)

    def kiosk(self, office: str) -> int:
        """Return the journal's number of an office: its place among all offices of the case."""
        return self.all_offices().index(office) + 1

    def all_offices(self) -> list[str]:
        """Return every office that a fact names, the unnamed one included where a slip leaves it out."""
        named = {str(fact.office) for fact in self.facts if isinstance(fact, case.ReceivedFact | case.DayClosedFact)}
        named |= {fact.office for fact in self.facts if isinstance(fact, case.Floor | case.OfficeClosed)}
        return sorted(named | set(self.offices.values()) | ({""} if not self.offices else set()))

    def add(self, number: int, fact: Fact, time: Interval, office: str = "", grade: Grade = Grade.A) -> None:
        """Append one event of the fact with this number."""
        offices = self.all_offices()
        log = LogId(offices.index(office) + 1 if office in offices else 0, 1)
        taken = sum(1 for event in self.events[-_EVENTS_A_FACT:] if event.seq // _EVENTS_A_FACT == number)
        self.events.append(Event(time, log, number * _EVENTS_A_FACT + taken, fact, grade))

    def tell(self, number: int, fact: case.CaseFact) -> None:
        """Append the events of one fact."""
        at = exactly(from_datetime(fact.at))
        match fact:
            case case.Slip():
                self._slip(number, fact, at)
            case case.Amend() | case.Renew():
                self._act(number, fact, at)
            case case.EntryFact() | case.Correction():
                self._content_changed(number, fact, at)
            case case.Ruling():
                self._ruling(number, fact, at)
            case case.Mediation():
                self._mediation(number, fact, at)
            case case.ReceivedFact():
                self._received(number, fact, at)
            case case.DayClosedFact():
                self.add(number, self._day_closed(fact), at, fact.office)
            case _:
                told = plain(fact)
                if told is not None:
                    self.add(number, told, at, self.offices.get(getattr(fact, "claim", ""), ""))

    def _slip(self, number: int, fact: case.Slip, at: Interval) -> None:
        content = None if fact.blank else _content(fact)
        if content is not None:
            self.contents[fact.claim] = content
        time = Interval(*(from_datetime(end) for end in fact.doubt)) if fact.doubt else at
        grade = Grade.I if fact.imported else Grade.P if fact.paper else Grade.A
        stamped = SlipStamped(
            slip=fact.claim, pool=fact.pool, office=fact.office, salesperson=fact.by,
            stamped_by=fact.stamped_by or CLERK, stamped_role=Role(fact.stamped_role),
            handed_in_at=_instant(fact.handed_in_at), received_on=fact.received_on or day_of(at.lo), content=content,
            source=fact.source, exceptional=fact.exceptional, paper=fact.paper,
            written_up_at=_instant(fact.written_up_at),
        )  # fmt: skip
        self.add(number, stamped, time, fact.office, grade)
        if fact.entered_at is not False and not fact.blank:
            moment = fact.entered_at if isinstance(fact.entered_at, datetime) else None
            entered = exactly(max(time.lo, _instant(moment)))
            self.add(number, SlipEntered(slip=fact.claim, entered_by=CLERK), entered, fact.office)

    def _act(self, number: int, fact: case.Amend | case.Renew, at: Interval) -> None:
        self.acts[fact.claim] = self.acts.get(fact.claim, 0) + 1
        slip = fact.id or f"{fact.claim}/{self.acts[fact.claim]}"
        office, person = self.offices.get(fact.claim, ""), self._person_at(fact.claim, fact.at)
        stamped_by, handed_in = fact.stamped_by or CLERK, _instant(fact.handed_in_at)
        if isinstance(fact, case.Renew):
            renewed = SlipRenewed(
                slip=slip, claim=fact.claim, salesperson=person, stamped_by=stamped_by,
                stamped_role=Role(fact.stamped_role), handed_in_at=handed_in, exceptional=fact.exceptional,
                evidence="yes" if fact.evidence else "",
            )  # fmt: skip
            self.add(number, renewed, at, office)
            return
        self.contents[fact.claim] = _content(fact, self.contents.get(fact.claim))
        amended = SlipAmended(
            slip=slip, claim=fact.claim, salesperson=person, stamped_by=stamped_by,
            stamped_role=Role(fact.stamped_role), handed_in_at=handed_in, exceptional=fact.exceptional,
            content=self.contents[fact.claim],
        )  # fmt: skip
        self.add(number, amended, at, office)
        self.add(number, SlipEntered(slip=slip, entered_by=CLERK), at, office)

    def _person_at(self, claim: str, moment: datetime) -> str:
        """Return whose claim it was at a moment: handed on by a list, or chosen by the customer."""
        person = self.people.get(claim, "")
        for fact in self.facts:
            if isinstance(fact, case.Transfer) and fact.at <= moment and claim in fact.claims and fact.giver == person:
                person = fact.to
        return person

    def _content_changed(self, number: int, fact: case.EntryFact | case.Correction, at: Interval) -> None:
        old = self.contents.get(fact.claim)
        content = _content(fact, old)
        office = self.offices.get(fact.claim, "")
        if isinstance(fact, case.EntryFact):
            entered = SlipEntered(slip=fact.claim, entered_by=CLERK, content=content if old is None else None)
            self.add(number, entered, at, office)
        else:
            first, second = fact.by
            corrected = SlipCorrected(
                slip=fact.claim, content=content, corrected_by=first, approved_by=second, reason=fact.reason
            )
            self.add(number, corrected, at, office)
        self.contents[fact.claim] = content

    def _ruling(self, number: int, fact: case.Ruling, at: Interval) -> None:
        claims = fact.claims or tuple(dict.fromkeys(self.disputes.get(fact.dispute, ()))) or tuple(self.people)
        ruling = RulingMade(
            claims=claims,
            winner=self._claim_of(fact.winner, claims),
            shares=fact.shares,
            losers=tuple(self._claim_of(loser, claims) for loser in fact.losers),
            clause="三.3" if fact.dispute else "二.2.4",
            ruled_by=fact.by,
            reason=fact.reason,
            dispute=fact.dispute,
        )
        self.add(number, ruling, at)

    def _mediation(self, number: int, fact: case.Mediation, at: Interval) -> None:
        claims = tuple(dict.fromkeys(self.disputes.get(fact.dispute, ())))
        mediated = Mediated(
            dispute=fact.dispute, parties=_text_list(fact.by), supervisors=fact.supervisors,
            winner=self._claim_of(fact.winner, claims), shares=fact.shares,
        )  # fmt: skip
        self.add(number, mediated, at)

    def _received(self, number: int, fact: case.ReceivedFact, at: Interval) -> None:
        """Say up to which record of an office's journal the server has everything."""
        upto = fact.upto or fact.at
        known = [place for place, one in enumerate(self.facts, 1) if one.at <= upto]
        records = max(known, default=0) * _EVENTS_A_FACT + _EVENTS_A_FACT - 1
        self.add(number, Received(kiosk=self.kiosk(fact.office), inc=1, upto=records), at)

    def _claim_of(self, name: str, claims: tuple[str, ...]) -> str:
        """Return a claim named by itself or by its salesperson."""
        return next((claim for claim in claims if claim != name and self.people.get(claim) == name), name)

    def _day_closed(self, fact: case.DayClosedFact) -> DayClosed:
        """Return the closing with what the server had received of the office by then."""
        heard = [one for one in self.facts if isinstance(one, case.ReceivedFact) and one.office == fact.office]
        before = [one.upto or one.at for one in heard if one.at <= fact.at]
        upto = max(before, default=None) if heard else fact.at
        known = [
            number * _EVENTS_A_FACT + _EVENTS_A_FACT - 1
            for number, one in enumerate(self.facts, 1)
            if upto is not None and one.at <= upto
        ]
        return DayClosed(
            office=fact.office, day=fact.day, known={f"{self.kiosk(fact.office)}.1": max(known, default=0)}
        )

    def promise(self) -> None:
        """Enrol the offices where any floor is told of; without one nothing is provisional."""
        if not any(isinstance(fact, case.Floor | case.OfficeClosed) for fact in self.facts):
            return
        for fact in self.facts:
            if isinstance(fact, case.Floor | case.OfficeClosed):
                until = fact.until if isinstance(fact, case.OfficeClosed) else fact.at
                floor = FloorPromised(office=fact.office, floor=from_datetime(until), kiosk=self.kiosk(fact.office))
                self.add(len(self.facts) + self.facts.index(fact) + 1, floor, exactly(from_datetime(fact.at)))
        for office in self.all_offices():
            enrolled = KioskEnrolled(kiosk=self.kiosk(office), office=office, pools=(), certificate="")
            self.add(0, enrolled, exactly(0), office)
