"""What this office knows of its slips: its own journal settled by the rules, and over it what the server ruled.

The times are those that the journal proves by now: an anchor makes exact what was stamped before it without one.
Only the office's own live slips are compared, and only after a stamp; the receipt says so. The server's word, once it
came, stands above the kiosk's own view.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import date
from typing import TYPE_CHECKING, TypeVar

import msgspec

from kiosk.database import Database
from kiosk.slips import SlipBook
from kiosk.waiting import Waiting
from shared_rules.decision import GOES_BACK, Status
from shared_rules.facts import ClosedDaysDeclared, Event, Grade, LogId
from shared_rules.interval import Interval, exactly
from shared_rules.journal import Record
from shared_rules.policy import Policies, Policy, load_policy, shipped
from shared_rules.protocol import (
    ClosedDaysItem,
    NoticeItem,
    PolicyItem,
    QuestionItem,
    ReceiptPageItem,
    ReturnItem,
    RulingItem,
    Sentence,
)
from shared_rules.rulings import ActRuling, Changes, ClaimRuling, Quota
from shared_rules.settlement import Settlement
from shared_rules.solving import Solver
from shared_rules.words import Say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["OfficeRegister", "spoken"]

R = TypeVar("R", ClaimRuling, ActRuling)

_GOES_BACK = (*GOES_BACK, Status.VOID)
Item = RulingItem | ReturnItem | QuestionItem | PolicyItem | ClosedDaysItem | NoticeItem | ReceiptPageItem


class OfficeRegister:
    """Facts of the own journal, policies and rulings of the feed."""

    def __init__(self, db: Database, read: Callable[[int], Iterator[tuple[int, Record, Event | None]]]) -> None:
        self._db = db
        self._read = read
        self._events: list[Event] = []
        self._positions: list[int] = []
        """Where each fact stands in the journal."""
        self._seen = 0
        self._solvers: dict[LogId, Solver] = {}
        self._settlement: Settlement | None = None
        self._settled = 0
        self._waiting = Waiting()
        self._book = SlipBook()
        self._claims_of: dict[str, set[str]] = {}
        """Salesperson -> own claims."""
        self._claims_back: dict[str, ClaimRuling] = {}
        """Claims that go back by this office's own view."""
        self._acts_back: dict[str, ActRuling] = {}
        self._told: tuple[bytes, ...] = ()
        self._policies: Policies | None = None
        self._heard_returns: dict[str, ReturnItem] | None = None
        self._heard_questions: dict[str, QuestionItem] | None = None
        self._heard_rulings: int | None = None

    # --- what the feed says

    def heard(self, db: Database, item: Item, at: int) -> None:
        """Keep an item of the feed; inside the feed's transaction."""
        if isinstance(item, PolicyItem):
            load_policy(item.text, name=item.policy)  # one that this release cannot read is passed over by the feed
        kind, subject = type(item).__name__, _subject(item, at)
        db.run("INSERT OR REPLACE INTO heard VALUES (?, ?, ?, ?)", kind, subject, at, msgspec.json.encode(item))
        self._heard_returns = self._heard_rulings = self._heard_questions = None

    def forgot(self, db: Database) -> None:
        """Forget what the server ruled: its database is an older one, and it tells again what it still knows.

        Policies and closed days stand until it tells others, so that the counter goes on by them meanwhile.
        """
        for kind in (RulingItem, ReturnItem, QuestionItem, NoticeItem):
            db.run("DELETE FROM heard WHERE kind = ?", kind.__name__)
        self._heard_returns = self._heard_rulings = self._heard_questions = None

    def _items(self, kind: type[msgspec.Struct]) -> list[bytes]:
        return [row[0] for row in self._db.rows("SELECT item FROM heard WHERE kind = ? ORDER BY at", kind.__name__)]

    def rulings(self) -> dict[str, RulingItem]:
        """Return the server's latest ruling of each claim."""
        items = (msgspec.json.decode(item, type=RulingItem) for item in self._items(RulingItem))
        return {item.claim: item for item in items}

    def told(self, claim: str, *, since: int = -1) -> RulingItem | None:
        """Return the server's latest ruling of one claim, if it came after an instant (µs)."""
        row = self._db.one(
            "SELECT item FROM heard WHERE kind = ? AND subject = ? AND at > ?", RulingItem.__name__, claim, since
        )
        return msgspec.json.decode(row[0], type=RulingItem) if row else None

    def latest(self, most: int) -> list[tuple[RulingItem, int]]:
        """Return the rulings that the server told last, and when it said so."""
        rows = self._db.rows(
            "SELECT item, at FROM heard WHERE kind = ? ORDER BY at DESC, subject LIMIT ?", RulingItem.__name__, most
        )
        return [(msgspec.json.decode(item, type=RulingItem), at) for item, at in rows]

    def ruled(self) -> int:
        """Return how many claims the server has ruled on."""
        if self._heard_rulings is None:
            row = self._db.one("SELECT count(*) FROM heard WHERE kind = ?", RulingItem.__name__)
            self._heard_rulings = int(row[0]) if row else 0
        return self._heard_rulings

    def returns(self) -> dict[str, ReturnItem]:
        """Return the server's latest word on each slip that must go back, withdrawn notices too."""
        if self._heard_returns is None:
            items = (msgspec.json.decode(item, type=ReturnItem) for item in self._items(ReturnItem))
            self._heard_returns = {item.slip: item for item in items}
        return self._heard_returns

    def questions(self) -> dict[str, QuestionItem]:
        """Return the server's latest word on each question about a slip of this office."""
        if self._heard_questions is None:
            items = (msgspec.json.decode(item, type=QuestionItem) for item in self._items(QuestionItem))
            self._heard_questions = {item.question: item for item in items}
        return self._heard_questions

    def notices(self) -> tuple[Say, ...]:
        """Return the notice board, the latest first."""
        items = [msgspec.json.decode(item, type=NoticeItem) for item in self._items(NoticeItem)]
        return tuple(spoken(item.sentence) for item in reversed(items))

    def receipt_page(self) -> str:
        """Return where receipts are checked on the open network, "" = nowhere: their codes are no links then."""
        items = self._items(ReceiptPageItem)
        return msgspec.json.decode(items[-1], type=ReceiptPageItem).address if items else ""

    def policies(self) -> Policies:
        """Return the schedules that the feed told; until then the shipped regulation holds everywhere."""
        told = tuple(self._items(PolicyItem))
        if self._policies is None or told != self._told:
            self._told, self._policies = told, self._read_policies(told)
        return self._policies

    @staticmethod
    def _read_policies(told: tuple[bytes, ...]) -> Policies:
        schedules: dict[str, list[tuple[date, Policy]]] = {}
        for raw in told:
            item = msgspec.json.decode(raw, type=PolicyItem)
            schedules.setdefault(item.pool, []).append((item.start, load_policy(item.text, name=item.policy)))
        common = {"": [(date.min, shipped())]}
        return Policies.of(common | schedules)

    # --- the office's own view

    def _own_events(self) -> list[Event]:
        """Return the facts of the own journal, each with the time that all of the journal proves by now."""
        known = len(self._events)
        for position, record, event in self._read(self._seen):
            self._solvers.setdefault(record.log, Solver()).add(record, position)
            self._seen = position
            if event is not None:
                self._events.append(event)
                self._positions.append(position)
        changed: dict[int, Interval] = {}
        for solver in self._solvers.values():
            changed |= solver.changes()
        moved = [self._moved(position, time) for position, time in changed.items()]
        if any(number < known for number in moved):
            self._begin_again()
        return self._events

    def _moved(self, position: int, time: Interval) -> int:
        """Give the fact at a position another time, and return its number among all; a great one where it is none."""
        number = bisect_left(self._positions, position)
        if number == len(self._positions) or self._positions[number] != position:
            return len(self._positions)
        self._events[number] = self._events[number]._replace(time=time)
        return number

    def forget(self) -> None:
        """Read the own journal anew: what stood in it was replaced."""
        self._events, self._positions, self._seen, self._solvers = [], [], 0, {}
        self._begin_again()

    def _begin_again(self) -> None:
        """Let go of what followed from facts that are others now."""
        self._settlement, self._settled = None, 0
        self._waiting, self._book = Waiting(), SlipBook()

    def _closed_days(self) -> list[Event]:
        """Return the closed days that the feed told."""
        closed = [msgspec.json.decode(item, type=ClosedDaysItem) for item in self._items(ClosedDaysItem)]
        return [
            Event(exactly(0), LogId(0, 0), number, ClosedDaysDeclared(first=item.first, last=item.last), Grade.A)
            for number, item in enumerate(closed, 1)
        ]

    def _closed(self) -> frozenset[date]:
        """Return the days that the feed told to be closed."""
        declared = (event.fact for event in self._closed_days())
        return frozenset().union(*(fact.days() for fact in declared if isinstance(fact, ClosedDaysDeclared)))

    def events(self) -> list[Event]:
        """Return the facts of the own journal and the closed days of the feed."""
        return [*self._own_events(), *self._closed_days()]

    def waiting(self) -> Waiting:
        """Return the slips that wait for the second look."""
        own = self._own_events()
        self._waiting.catch_up(own, self.policies(), self._closed())
        return self._waiting

    def book(self) -> SlipBook:
        """Return what the own journal says of each slip."""
        own = self._own_events()
        self._book.catch_up(own)
        return self._book

    def settled(self, as_of: int) -> Settlement:
        """Return the office's own settlement at an instant; only what is new since the last question is settled."""
        policies, own, declared = self.policies(), self._own_events(), self._closed_days()
        held = self._settlement
        if held is None or held.policies != policies or as_of < held.as_of:
            held = self._settlement = Settlement(policies)
            self._claims_of, self._claims_back, self._acts_back = {}, {}, {}
            self._keep(held.begin((*own, *declared), as_of))
        else:
            self._keep(held.apply((*own[self._settled :], *declared), as_of))
        self._settled = len(own)
        return held

    def _keep(self, changes: Changes) -> None:
        """Note whose the changed claims are, and which slips go back now."""
        for claim in changes.claims.values():
            self._claims_of.setdefault(claim.salesperson, set()).add(claim.claim)
        _keep_back(self._claims_back, changes.claims)
        _keep_back(self._acts_back, changes.acts)

    def claims_of(self, salesperson: str, as_of: int) -> list[ClaimRuling]:
        """Return a salesperson's claims as this office's own slips rule them."""
        settled = self.settled(as_of)
        found = (settled.ruling(claim) for claim in sorted(self._claims_of.get(salesperson, ())))
        return [ruling for ruling in found if ruling is not None and ruling.salesperson == salesperson]

    def going_back(self, as_of: int) -> dict[str, ClaimRuling | ActRuling]:
        """Return slip -> why it goes back by this office's own view; an act speaks for its own slip."""
        self.settled(as_of)
        claims: dict[str, ClaimRuling | ActRuling] = {one.slip: one for one in self._claims_back.values()}
        return claims | {one.slip: one for one in self._acts_back.values()}

    def quotas(self, salesperson: str, as_of: int) -> list[Quota]:
        """Return a salesperson's places in each pool, as far as this kiosk knows."""
        settled = self.settled(as_of)
        pools = sorted({ruling.pool for ruling in self.claims_of(salesperson, as_of)})
        return [settled.quota(salesperson, pool) for pool in pools]


def _keep_back(back: dict[str, R], changed: Mapping[str, R]) -> None:
    for name, ruling in changed.items():
        if ruling.decision.status in _GOES_BACK:
            back[name] = ruling
        else:
            back.pop(name, None)


def spoken(sentence: Sentence) -> Say:
    """Return a sentence from the wire as one to be translated here."""
    return Say(sentence.msgid, tuple(sorted(sentence.args.items())))


def _subject(item: Item, at: int) -> str:
    match item:
        case RulingItem(claim=subject) | ReturnItem(slip=subject) | QuestionItem(question=subject):
            return subject
        case PolicyItem():
            return f"{item.pool} {item.start.isoformat()}"
        case ClosedDaysItem():
            return f"{item.first} {item.last}"
        case NoticeItem():
            return f"{at} {item.sentence.msgid}"
        case ReceiptPageItem():
            return ""
