"""A kiosk of a run: the real desk, journal, feed and exchange in a folder, on a machine that people and faults befall.

Its network loop is the one of kiosk/sync.py without waiting: push until nothing is left, then hear until all is.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.config import Folder
from kiosk.desk import Desk
from kiosk.exchange import Exchange, ForkError, Poll, Recall, Response, WrongServerError
from kiosk.journal import Journal
from kiosk.mark import Mark, MarkFile
from shared_rules.errors import UnavailableError, XianhouError
from shared_rules.interval import HOUR, MINUTE
from shared_rules.words import say
from tests.simulation.databases import files
from tests.simulation.machines import CHEAP, CLERKS, PINS

if TYPE_CHECKING:
    from kiosk.counter import Session
    from tests.simulation.clocks import MachineClocks
    from tests.simulation.ledger import Ledger
    from tests.simulation.network import Line
    from tests.simulation.schedule import Schedule
    from tests.simulation.truth import Truth

__all__ = ["Copy", "Machine"]

_NO_LIMIT: Final = 2**30
_LONGEST_WAIT: Final = 30 * MINUTE


class _Marks(MarkFile):
    """The anchor file on a disk that may take nothing more."""

    full = False

    def write(self, mark: Mark) -> None:
        if self.full:
            raise UnavailableError(say("disk full"))
        super().write(mark)


@dataclass(frozen=True, slots=True)
class Copy:
    """An older copy of a machine's folder."""

    root: Path
    seen: int
    wall_offset: int


@dataclass
class Machine:
    """One machine with a kiosk's folder on it."""

    name: str
    number: int
    office: str
    root: Path
    clocks: MachineClocks
    line: Line
    schedule: Schedule
    ledger: Ledger
    truth: Truth
    rng: random.Random
    identity: str = ""
    """What the machine calls itself; copies of an image share it."""
    on: bool = False
    busy: bool = False
    seen: int = 0
    """Position of the last record whose time was checked."""
    copies: int = 0
    filling: bool = False
    """The disk is about to be full: it will be at the next stamp."""
    _life: int = 0
    _sessions: dict[str, Session] = field(default_factory=dict)
    _pause: int = MINUTE
    _resting: bool = False

    # --- the machine

    def start(self) -> None:
        """Switch the program on."""
        folder = Folder(self.root)
        self._marks = _Marks(folder.anchor)
        journal = Journal.open(
            folder, ticks=self.clocks, random=self.rng.randbytes, machine=self.identity or self.name, marks=self._marks
        )
        self.desk = Desk(journal, self.rng.randbytes, hasher=CHEAP)
        self.exchange = Exchange(journal, self.desk.feed)
        self.on, self.busy = True, False
        self._sessions.clear()
        self.truth.wrote(self)

    def stop(self) -> None:
        """Switch it off, whatever is on its way."""
        self._life += 1
        self.on = False
        self.desk.close()

    @property
    def journal(self) -> Journal:
        """The journal."""
        return self.desk.journal

    def copy(self) -> Copy:
        """Copy the whole folder as it lies there."""
        self.copies += 1
        target = self.root.parent / f"{self.root.name}-copy-{self.copies}"
        shutil.copytree(self.root, target, ignore=shutil.ignore_patterns("*-shm", "lock"))
        return Copy(target, self.seen, self.clocks.wall_offset)

    def put_back(self, copy: Copy, *, whole: bool) -> None:
        """Put an older copy back: the whole folder (an image), or the database alone (a backup)."""
        for file in files(Folder(self.root).database):
            file.unlink()
        source = Folder(copy.root)
        for file in (*files(source.database), *([source.anchor] if whole else [])):
            shutil.copy2(file, self.root)
        self.seen = copy.seen

    def fill_disk(self, *, full: bool) -> None:
        """Let the disk take nothing more, or make room again."""
        connection = self.journal.database.conn
        pages = connection.execute("PRAGMA page_count").fetchone()[0] if full else _NO_LIMIT
        connection.execute(f"PRAGMA max_page_count = {pages}")
        self._marks.full = full

    # --- people at it

    def act(self, verb: Callable[[], object]) -> bool:
        """Let somebody do something; return whether it was done. A refusal is an answer, anything else a bug."""
        if not self.on:
            return False
        before = (self.journal.last_seq, self.journal.slips)
        try:
            verb()
        except UnavailableError:
            self.truth.nothing_half_done(self, before)
            return False
        except XianhouError as error:
            self.truth.refused(self, error)
            return False
        finally:
            self.truth.wrote(self)
        return True

    def clerk(self) -> Session:
        """Return the session of the clerk who opened the window."""
        return self.desk.people.duty or self.desk.people.open_duty(f"B{CLERKS[self.office]}", PINS)

    def session(self, number: str) -> Session:
        """Return a salesperson's session."""
        self.clerk()
        held = self._sessions.get(number)
        if held is None or held.token not in self.desk.people._live:
            held = self._sessions[number] = self.desk.people.log_in(f"B{number}", PINS)
        return held

    # --- its network

    def beat(self) -> None:
        """Look at the clock, as the heartbeat does every few seconds."""
        self.act(lambda: self.journal.head(cursor=""))

    def call(self) -> None:
        """Do a round of the network."""
        if self.on and not self.busy:
            self.busy = True
            self._push()

    def _push(self) -> None:
        life = self._life
        try:
            push = self.exchange.push()
        except XianhouError:
            self._rest()
            return
        finally:
            self.truth.wrote(self)
        self.truth.promised(self, push.head)
        sent = self.clocks.tick()

        def answered(response: Response | None) -> None:
            if life == self._life:
                received = self.clocks.tick()
                self._take(response, lambda got: self.exchange.take_push(push, got, sent, received), self._push)

        self.line.send(push.request, answered)

    def _recall(self) -> None:
        """Ask for the next page of what this machine lost; then hear what is new."""
        life = self._life
        try:
            recall = self.exchange.recall()
        except XianhouError:
            self._rest()
            return
        finally:
            self.truth.wrote(self)
        if recall is None:
            self._hear()
            return

        def answered(response: Response | None) -> None:
            if life == self._life:
                self._take(response, partial(self._take_recall, recall), self._recall)

        self.line.send(recall.request, answered)

    def _take_recall(self, recall: Recall, response: Response) -> bool:
        if self.exchange.take_recall(recall, response):
            self.ledger.note("history read back")
        self.truth.read_back(self)
        return False

    def _hear(self) -> None:
        life = self._life
        try:
            poll = self.exchange.ask(0)
        except XianhouError:
            self._rest()
            return
        finally:
            self.truth.wrote(self)

        def answered(response: Response | None) -> None:
            if life == self._life:
                self._take(response, partial(self._take_feed, poll), self._hear)

        self.line.send(poll.request, answered)

    def _take_feed(self, poll: Poll, response: Response) -> bool:
        reading = self.desk.feed._state()[0]
        more = self.exchange.take_feed(poll, response)[1]
        if self.desk.feed._state()[0] != reading:
            self.ledger.note("stale cursor")
        return more

    def _take(self, response: Response | None, take: Callable[[Response], bool], again: Callable[[], None]) -> None:
        if not self.on:
            return
        if response is None:
            self._rest()
            return
        try:
            more = take(response)
        except XianhouError as error:
            self._failed(error)
            return
        finally:
            self.truth.wrote(self)
            self.truth.heard(self)
        self._pause = MINUTE
        if more:
            again()
        elif again in {self._push, self._recall}:
            self._recall()
        else:
            self.busy = False

    def _failed(self, error: XianhouError) -> None:
        if isinstance(error, ForkError):
            self.truth.excuse()
            if "旧备份" in str(error):
                self.ledger.note("server ahead")
        elif not isinstance(error, UnavailableError | WrongServerError):
            self.truth.trouble.append(f"{self.name}: {error}")
        self._rest()

    def _rest(self) -> None:
        """Try again after a while, with jitter."""
        self.busy = False
        wait = self.rng.randrange(1, self._pause)
        self._pause = min(2 * self._pause, _LONGEST_WAIT, HOUR)
        if self._resting:
            return
        self._resting = True
        self.schedule.after(wait, self._wake)

    def _wake(self) -> None:
        self._resting = False
        self.call()
