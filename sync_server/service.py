"""The server's verbs wired together: what the endpoints and pages call. It holds no request and no page."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import TYPE_CHECKING

from shared_rules.interval import SECOND
from shared_rules.protocol import FeedAnswer, Hello, LogAnswer, Signed
from shared_rules.words import say
from sync_server.enrolment import Enrolment
from sync_server.feed import Bells, Feed
from sync_server.intake import Intake, UnknownLogError
from sync_server.log import ServerLog, epoch_of
from sync_server.people import People
from sync_server.pki import load_keys, pem
from sync_server.store import journals

if TYPE_CHECKING:
    from shared_rules.facts import LogId
    from sync_server.clock import ServerClock
    from sync_server.config import Config
    from sync_server.store import Store

__all__ = ["Service"]

_HISTORY_PAGE = 200


class Service:
    """One server: its store, its clock, its keys, and the verbs on them."""

    def __init__(self, store: Store, clock: ServerClock, config: Config) -> None:
        self.store = store
        self.clock = clock
        self.config = config
        self.keys = load_keys(config.keys)
        self.log = ServerLog(self.keys.server, clock)
        self.feed = Feed(self.keys.server)
        self.bells = Bells()
        self.intake = Intake(store, self.log)
        self.enrolment = Enrolment(store, self.keys, self.log)
        self.people = People(store, self.log, self.feed, os.urandom)

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

    def wake(self) -> None:
        """Have the rulings looked at again, because something new came in."""

    @property
    def session_limits(self) -> tuple[int, int]:
        """Return (idle, absolute) life of a console session in microseconds."""
        settings = self.config.settings
        return settings.idle_minutes * 60 * SECOND, settings.session_hours * 3600 * SECOND
