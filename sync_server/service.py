"""The server's verbs wired together: what the endpoints and pages call. It holds no request and no page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from shared_rules.interval import HOUR, MINUTE
from shared_rules.protocol import ClearanceAnswer, FeedAnswer, Hello, LogAnswer, Signed, TreeAnswer
from shared_rules.words import say
from sync_server.archive import Archive, active_logs
from sync_server.backup import daily
from sync_server.clearance import Clearance
from sync_server.closings import Closings, DarkOffice
from sync_server.enrolment import Enrolment
from sync_server.erasure import Erasure
from sync_server.feed import Bells, Feed
from sync_server.findings import Findings
from sync_server.intake import Intake, UnknownLogError
from sync_server.letters import Letters
from sync_server.library import Library
from sync_server.log import ServerLog, epoch_of
from sync_server.looks import Looks
from sync_server.people import People
from sync_server.pki import load_keys, pem
from sync_server.pockets import Pockets
from sync_server.questions import Questions
from sync_server.reconciler import Reconciler
from sync_server.report import Reports
from sync_server.rounds import Rounds
from sync_server.rulings import Rulings
from sync_server.searching import Searches
from sync_server.sessions import Sessions
from sync_server.store import journals, persons, places
from sync_server.tree import Tree
from sync_server.watch import DailyCheck

if TYPE_CHECKING:
    from shared_rules.facts import LogId
    from sync_server.clock import ServerClock
    from sync_server.config import Config
    from sync_server.sessions import Visitor
    from sync_server.store import Store
    from sync_server.store.persons import Alarm

__all__ = ["OfficeHeard", "Service"]

_HISTORY_PAGE = 200


@dataclass(frozen=True, slots=True)
class OfficeHeard:
    """An office and the last word of its quietest kiosk, microseconds; 0 = never."""

    name: str
    heard_at: int


class Service:
    """One server: its store, its clock, its keys, and the verbs on them."""

    def __init__(self, store: Store, clock: ServerClock, config: Config) -> None:
        self.store = store
        self.clock = clock
        self.config = config
        self.keys = load_keys(config.keys)
        self.log = ServerLog(self.keys.server, clock)
        self.feed = Feed(self.keys.server)
        self.tree = Tree(self.keys.server, self.keys.authority.digest)
        self.bells = Bells()
        self.intake = Intake(store, self.log)
        archive = Archive(store)
        self.enrolment = Enrolment(store, self.keys, self.log, archive.highest_slip)
        self.people = People(store, self.log, self.feed, os.urandom)
        settings = config.settings
        idle, absolute = settings.idle_minutes * MINUTE, settings.session_hours * HOUR
        self.sessions = Sessions(store, self.log, self.keys.pepper, idle, absolute, os.urandom)
        self.library = Library(store, self.log, archive)
        self.rulings = Rulings(store, self.log, self.library)
        self.letters = Letters(store, self.intake, self.feed, self.tree, self.keys, os.urandom)
        self.closings = Closings(store, self.log, settings.dark_hours)
        questions = Questions(self.feed, self.keys.pepper)
        self.reconciler = Reconciler(store, self.log, self.feed, archive, questions=questions)
        self.findings = Findings(store, self.log, archive, self.reconciler)
        self.clearance = Clearance(store, self.log, self.reconciler)
        self.erasure = Erasure(store, self.log, self.feed, archive, self.keys.pepper)
        self.looks = Looks(store, self.log, archive, self.keys.pepper)
        self.searches = Searches(store, self.log, archive, self.keys.pepper)
        self.reports = Reports(store, self.log, archive, self.looks)
        self.daily_check = DailyCheck(store, self.log)
        self.pockets = Pockets(store, self.log, self.feed, settings.name, config.receipt_page)
        self.rounds = Rounds(self.settle, self.bells.ring, seconds=settings.settle_seconds, store=store, log=self.log)

    def settle(self) -> bool:
        """Settle what has arrived and tell the offices what is new; return whether anything is."""
        settled = self.reconciler.run()
        return self.pockets.tell_offices() or settled

    def hello(self) -> Hello:
        """Say who this is."""
        with self.store.snapshot() as tx:
            epoch = epoch_of(tx)
        name, release = self.config.settings.name, version("xianhou")
        return Hello(product="xianhou", server=name, epoch=epoch, version=release, fingerprint=self.keys.fingerprint)

    def authority_pem(self) -> str:
        """Return the CA certificate."""
        return pem(self.keys.authority.certificate)

    def office_of(self, signed: Signed) -> str:
        """Return the office of the kiosk that signed this head."""
        with self.store.snapshot() as tx:
            return self.intake.identify(tx, signed)[0].office

    def read_feed(self, office: str, cursor: str) -> FeedAnswer:
        """Return an office's items after a cursor."""
        with self.store.snapshot() as tx:
            return self.feed.read(tx, office, cursor)

    def history(self, signed: Signed, log: LogId, after: int) -> LogAnswer:
        """Return what a kiosk once sent of one of its journals; nobody else may ask for it."""
        with self.store.snapshot() as tx:
            kiosk, _ = self.intake.identify(tx, signed)
            state = journals.log_state(tx, log)
            if kiosk.kiosk != log.kiosk or state is None:
                raise UnknownLogError(say("本服务器没有 {kiosk} 号机的这本日志", kiosk=log.kiosk))
            entries = journals.entries_after(tx, log, after, most=_HISTORY_PAGE)
            return LogAnswer(entries=entries, next=state.next, hash=state.hash)

    def prove(self, signed: Signed, log: LogId, seqs: list[int], known: int) -> TreeAnswer:
        """Return the proofs of a kiosk's own records in the tree, and that its first `known` records stand."""
        with self.store.snapshot() as tx:
            kiosk, _ = self.intake.identify(tx, signed)
            if kiosk.kiosk != log.kiosk or journals.log_state(tx, log) is None:
                raise UnknownLogError(say("本服务器没有 {kiosk} 号机的这本日志", kiosk=log.kiosk))
            return self.tree.prove(tx, log, seqs, known)

    def clear_to_sign(self, signed: Signed, claim: str) -> ClearanceAnswer:
        """Settle what has arrived, then say what stands in the way of signing on a claim."""
        with self.store.snapshot() as tx:
            kiosk, _ = self.intake.identify(tx, signed)
        self.rounds.once()
        return self.clearance.ask(kiosk, claim)

    def rule(self, visitor: Visitor, number: int, winner: str, reason: str) -> None:
        """Rule on a same-day case, and have the consequences published."""
        self.rulings.rule(visitor, number, winner=winner, reason=reason)
        self.rounds.wake()

    def find(self, visitor: Visitor, number: int, *, answer: str, reason: str, known: str) -> None:
        """Find who is who, and have the consequences published."""
        self.findings.find(visitor, number, answer=answer, reason=reason, known=known)
        self.rounds.wake()

    def close_without(self, visitor: Visitor, office: str, day: str, reason: str) -> None:
        """Close a day without an office, and have the consequences published."""
        self.closings.close_without(visitor, office, day, reason)
        self.rounds.wake()

    def dark_offices(self) -> tuple[DarkOffice, ...]:
        """Return the offices not heard from for too long."""
        return self.closings.dark()

    def back_up_daily(self) -> None:
        """Make the day's backup unless it is there."""
        daily(self.store, self.log, self.config, self.keys)

    def names(self) -> dict[str, str]:
        """Return the names of everybody, by number."""
        with self.store.snapshot() as tx:
            return {person.person: person.name for person in persons.persons(tx)}

    def alarms(self) -> tuple[Alarm, ...]:
        """Return what somebody must look at, newest first."""
        with self.store.snapshot() as tx:
            return tuple(persons.alarms(tx))

    def offices_heard(self) -> tuple[OfficeHeard, ...]:
        """Return when each office was heard from last, by its quietest kiosk."""
        with self.store.snapshot() as tx:
            active = active_logs(tuple(journals.logs(tx)))
            offices, kiosks = places.offices(tx), places.kiosks(tx)
        heard = {kiosk.kiosk: active[kiosk.kiosk].heard_at if kiosk.kiosk in active else 0 for kiosk in kiosks}
        return tuple(
            OfficeHeard(office.name, min((heard[k.kiosk] for k in kiosks if k.office == office.office), default=0))
            for office in offices
        )
