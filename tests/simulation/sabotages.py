"""Small patches of the real code, each of which some seed must catch: what no sabotage trips, no check holds.

A sabotage is a function that patches through `Patches` and is undone after the run. Its docstring says what is broken.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec.structs import replace

import kiosk.clock
import kiosk.pen
import shared_rules.hearing.slips
import shared_rules.outcome
import shared_rules.settlement
import sync_server.feed
import sync_server.links
from kiosk.chain import Chain
from kiosk.clock import KioskClock
from kiosk.database import transaction
from kiosk.exchange import Exchange
from kiosk.feed import FeedStore
from kiosk.journal import Journal
from kiosk.pen import Pen
from kiosk.register import OfficeRegister
from shared_rules.answers import Answers
from shared_rules.decision import Status
from shared_rules.errors import EvidenceError, UnavailableError, WireError
from shared_rules.facts import SlipRenewed
from shared_rules.finality import Promises
from shared_rules.hearing import HEARD
from shared_rules.interval import Interval, exactly
from shared_rules.roll import Roll
from shared_rules.rulings import Duties
from shared_rules.settlement import Settlement
from shared_rules.timekeeping import advance
from shared_rules.words import say
from sync_server.docket import Docket
from sync_server.feed import Feed
from sync_server.intake import Intake
from sync_server.reconciler import Reconciler
from sync_server.store import Store, Transaction, feeds, journals, persons

__all__ = ["SABOTAGES", "sabotaged"]


@dataclass(slots=True)
class Patches:
    """What was replaced, to be put back."""

    _undo: list[Callable[[], None]] = field(default_factory=list)

    def set(self, where: Any, name: str, value: Any) -> None:
        """Replace an attribute."""
        kept = where.__dict__[name]
        self._undo.append(lambda: setattr(where, name, kept))
        setattr(where, name, value)

    def put(self, where: Any, key: Any, value: Any) -> None:
        """Replace an item."""
        kept = where[key]
        self._undo.append(lambda: where.__setitem__(key, kept))
        where[key] = value

    def undo(self) -> None:
        """Put everything back, the last first."""
        while self._undo:
            self._undo.pop()()


Sabotage = Callable[[Patches], None]
SABOTAGES: Final[dict[str, Sabotage]] = {}


def _sabotage(function: Sabotage) -> Sabotage:
    SABOTAGES[function.__name__.strip("_").replace("_", " ")] = function
    return function


@contextmanager
def sabotaged(name: str) -> Iterator[None]:
    """Let the code be broken inside the block."""
    patches = Patches()
    try:
        SABOTAGES[name](patches)
        yield
    finally:
        patches.undo()


# --- intake and store


@_sabotage
def _acknowledged_before_the_commit(patches: Patches) -> None:
    """Every fifth push is answered and then rolled back."""
    push, block, count, lying = Intake.push, Store._transaction, itertools.count(1), [False]

    def answered(self: Intake, log: Any, request: Any) -> Any:
        lying[0] = next(count) % 5 == 0
        try:
            return push(self, log, request)
        finally:
            lying[0] = False

    def transaction_of(self: Store, begin: str) -> Any:
        if not lying[0] or begin != "BEGIN IMMEDIATE":
            yield from block(self, begin)
            return
        db = self._connection()
        db.conn.execute(begin)
        yield Transaction(db, self._sealer)
        db.conn.execute("ROLLBACK")

    patches.set(Intake, "push", answered)
    patches.set(Store, "_transaction", transaction_of)


@_sabotage
def _duplicates_not_recognised(patches: Patches) -> None:
    """A record that is held already is taken for a new one."""
    patches.set(journals, "has_record", lambda *_: False)


@_sabotage
def _second_branch_thrown_away(patches: Patches) -> None:
    """A fork is answered as one, but what it brought is not kept."""
    add = journals.add_record

    def add_record(*arguments: Any, branch: int = 0, **more: Any) -> int:
        return 0 if branch else add(*arguments, branch=branch, **more)

    patches.set(journals, "add_record", add_record)


@_sabotage
def _fork_without_alarm(patches: Patches) -> None:
    """A fork freezes the journal and nobody is told."""
    add = persons.add_alarm

    def add_alarm(tx: Any, subject: str, *arguments: Any, **more: Any) -> bool:
        return False if subject.startswith("fork") else add(tx, subject, *arguments, **more)

    patches.set(persons, "add_alarm", add_alarm)


@_sabotage
def _new_life_without_alarm(patches: Patches) -> None:
    """A kiosk comes back with another journal and nobody is told."""
    add = persons.add_alarm

    def add_alarm(tx: Any, subject: str, *arguments: Any, **more: Any) -> bool:
        return False if subject.startswith("incarnation") else add(tx, subject, *arguments, **more)

    patches.set(persons, "add_alarm", add_alarm)


@_sabotage
def _poisoned_record_refused(patches: Patches) -> None:
    """A body that cannot be read refuses the whole batch."""
    look = sync_server.links._quarantine

    def quarantine(*arguments: Any) -> str:
        why = look(*arguments)
        if why:
            raise WireError(say("报文无法解读：{why}", why=why), field="body")
        return why

    patches.set(sync_server.links, "_quarantine", quarantine)


# --- what kiosk and server say to each other


@_sabotage
def _gap_ignored(patches: Patches) -> None:
    """The server's "these are missing" is taken for a passing trouble."""

    def problem(self: Exchange, push: Any, response: Any) -> bool:
        raise UnavailableError(say("服务器暂时不能处理，稍后自动再试"))

    patches.set(Exchange, "_push_problem", problem)


@_sabotage
def _any_200_acknowledges(patches: Patches) -> None:
    """A 200 is believed whoever gave it."""
    take = Exchange.take_push

    def take_push(self: Exchange, push: Any, response: Any, sent: int, received: int) -> bool:
        try:
            return take(self, push, response, sent, received)
        except (UnavailableError, EvidenceError):
            if response.status == 200:
                with transaction(self.journal.database):
                    self.journal.chain.acknowledge(push.log.inc, push.last_seq)
            raise

    patches.set(Exchange, "take_push", take_push)


@_sabotage
def _rewind_lost(patches: Patches) -> None:
    """What was acknowledged once counts as acknowledged for ever."""
    acknowledge = Chain.acknowledge

    def only_up(self: Chain, inc: int, seq: int) -> None:
        if all(life.acknowledged < seq for life in self.lives() if life.inc == inc):
            acknowledge(self, inc, seq)

    patches.set(Chain, "acknowledge", only_up)


@_sabotage
def _fork_shrugged_off(patches: Patches) -> None:
    """A journal of which the server holds another history is continued."""
    patches.set(Journal, "forked", lambda *_: None)


@_sabotage
def _feed_item_left_out(patches: Patches) -> None:
    """Every ninth item is kept and has no effect."""
    effect, count = FeedStore._effect, itertools.count(1)

    def now_and_then(self: FeedStore, payload: bytes, on_item: Any) -> str:
        return effect(self, payload, on_item) if next(count) % 9 else ""

    patches.set(FeedStore, "_effect", now_and_then)


@_sabotage
def _feed_applied_twice(patches: Patches) -> None:
    """An item that is held already is appended to the feed again."""
    patches.set(FeedStore, "_last", lambda *_: (0, bytes(32)))


@_sabotage
def _older_database_not_noticed(patches: Patches) -> None:
    """A cursor says how far, and not of which history."""
    patches.set(sync_server.feed, "_mark", lambda digest: "same" if digest else "")


@_sabotage
def _old_rulings_remembered(patches: Patches) -> None:
    """What a lost database ruled stays on the screens."""
    patches.set(OfficeRegister, "forgot", staticmethod(lambda _: None))


# --- the journal


@_sabotage
def _floor_not_kept(patches: Patches) -> None:
    """The counter stamps before the opening that it had promised."""
    patches.set(Journal, "_keep_promise", lambda *_: None)


@_sabotage
def _anchor_file_ignored(patches: Patches) -> None:
    """A database on doubt is continued."""
    patches.set(kiosk.pen, "doubt", lambda *_, **__: "")


@_sabotage
def _slip_number_reused(patches: Patches) -> None:
    """A new life goes on counting where its database stands."""
    patches.set(Pen, "_slips", lambda self, reason, _: 0 if reason == "first" else self.state.slips)


# --- time


@_sabotage
def _wall_clock_instead_of_the_interval(patches: Patches) -> None:
    """A stamp says what the machine's wall clock shows."""
    read = KioskClock.read

    def wall(self: KioskClock) -> Any:
        import dataclasses

        return dataclasses.replace(read(self), time=exactly(self.ticks.wall()))

    patches.set(KioskClock, "read", wall)


@_sabotage
def _stall_not_noticed(patches: Patches) -> None:
    """The bounds follow the counter alone, also where the machine stood still."""

    def bounds(state: Any, tick: int, wall: int) -> Any:
        return advance(Interval(state.lo, state.hi), tick - state.tick)

    patches.set(kiosk.clock, "_bounds", bounds)


@_sabotage
def _dead_battery_believed(patches: Patches) -> None:
    """After a reboot the battery clock is believed, however far it fell back."""
    patches.set(kiosk.clock, "RTC_ERROR", 10**18)
    patches.set(kiosk.clock, "bridge", advance)


# --- the rules and their docket


@_sabotage
def _order_of_arrival(patches: Patches) -> None:
    """Facts are ordered by when a settlement heard of them."""
    place, begin, apply = shared_rules.settlement.own_place, Settlement.begin, Settlement.apply
    books: dict[int, dict[Any, int]] = {}
    book: list[dict[Any, int]] = [{}]

    def arrived(event: Any) -> Any:
        own = place(event)
        return (book[0].setdefault(own, len(book[0])), *own[1:])

    def begin_with_a_book(self: Settlement, facts: Any, as_of: int) -> Any:
        book[0] = books[id(self)] = {}
        return begin(self, facts, as_of)

    def apply_by_the_book(self: Settlement, facts: Any, as_of: int) -> Any:
        book[0] = books[id(self)]
        return apply(self, facts, as_of)

    patches.set(shared_rules.settlement, "own_place", arrived)
    patches.set(Settlement, "begin", begin_with_a_book)
    patches.set(Settlement, "apply", apply_by_the_book)


@_sabotage
def _dependents_forgotten(patches: Patches) -> None:
    """Only what is new is heard, not what depends on it."""
    patches.set(Settlement, "_dependents", lambda *_: iter(()))


@_sabotage
def _docket_skips_a_fact(patches: Patches) -> None:
    """After each run the docket passes over the first fact that comes."""
    settle = Docket.settle

    def skip(self: Docket, contents: Any, policies: Any, as_of: int) -> Any:
        self._settled += bool(self._settled)
        return settle(self, contents, policies, as_of)

    patches.set(Docket, "settle", skip)


@_sabotage
def _provisional_dropped(patches: Patches) -> None:
    """Every ruling calls itself final."""
    decision = shared_rules.outcome._decision

    def final(*arguments: Any, **more: Any) -> Any:
        return replace(decision(*arguments, **more), provisional=False)

    patches.set(shared_rules.outcome, "_decision", final)


@_sabotage
def _entry_not_needed_for_finality(patches: Patches) -> None:
    """A ruling is final though its slip was never looked at a second time."""
    doubts = Promises.doubts
    patches.set(Promises, "doubts", lambda self, pool, day, _: doubts(self, pool, day, ()))


@_sabotage
def _amendment_keeps_its_time(patches: Patches) -> None:
    """一.6 is not carried out."""
    patches.set(shared_rules.hearing.slips, "_moves", lambda *_: False)


@_sabotage
def _renewal_moves_the_time(patches: Patches) -> None:
    """六.3 is read as if a renewal were a new slip."""
    handler, names = HEARD[SlipRenewed]

    def renewed(hearing: Any, event: Any, fact: SlipRenewed) -> None:
        handler(hearing, event, fact)
        state = hearing.claim(fact.claim)
        if state is not None and state.status is Status.UPHELD and fact.claim in hearing.writes:
            hearing.keep(replace(state, effective=event.time))

    patches.put(HEARD, SlipRenewed, (renewed, names))


@_sabotage
def _quota_not_counted(patches: Patches) -> None:
    """一.5 finds every salesperson without customers."""
    standing = Roll.standing_of

    def nobody(self: Roll, *arguments: Any) -> Any:
        found = standing(self, *arguments)
        return replace(found, live=0) if found else found

    patches.set(Roll, "standing_of", nobody)


@_sabotage
def _overdue_list_empty(patches: Patches) -> None:
    """Nobody is told what is owed."""
    patches.set(Answers, "_duties", lambda _: Duties())


# --- what the offices are told


@_sabotage
def _told_once_only(patches: Patches) -> None:
    """A ruling that changes is not published again."""
    publish = Feed.publish_changed

    def once(self: Feed, tx: Any, office: str, subject: str, body: Any, *, at: int) -> bool:
        if subject.startswith("ruling") and feeds.published_body(tx, office, subject) is not None:
            return False
        return publish(self, tx, office, subject, body, at=at)

    patches.set(Feed, "publish_changed", once)


@_sabotage
def _return_not_withdrawn(patches: Patches) -> None:
    """A slip that need not go back any more is still asked for."""
    patches.set(Reconciler, "_told_returns", lambda *_: set())
