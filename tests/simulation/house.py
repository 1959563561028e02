"""The server of a run: the real application over a real database, which can be stopped, copied and put back."""

from __future__ import annotations

import gzip
import hashlib
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from kiosk.exchange import Request, Response
from shared_rules.interval import SECOND
from shared_rules.protocol import PushAnswer, PushRequest
from sync_server.app import create_app
from sync_server.clock import ServerClock
from sync_server.config import load_config
from sync_server.pki import load_keys
from sync_server.rulings import NOBODY, CaseMovedError
from sync_server.service import Service
from sync_server.store import Store
from tests.simulation.asgi import ask
from tests.simulation.clocks import ServerTime
from tests.simulation.databases import files, peep, reader
from tests.simulation.machines import MANAGER, PASSWORD
from tests.simulation.violation import Violation

if TYPE_CHECKING:
    from tests.simulation.ledger import Ledger
    from tests.simulation.schedule import Schedule

__all__ = ["House"]

_SOON: Final = 5 * SECOND
_BOUND: Final = 50_000


@dataclass
class House:
    """The server and its operator."""

    folder: Path
    schedule: Schedule
    ledger: Ledger
    rng: random.Random
    settled: Callable[[], None] = lambda: None
    """Called after each run of the reconciler."""
    restored: Callable[[], None] = lambda: None
    """Called when an older database was put back."""
    time: ServerTime = field(init=False)
    service: Service = field(init=False)
    up: bool = False
    requests: list[Request] = field(default_factory=list)
    """Pushes as they came, to be sent again."""
    copies: int = 0
    _app: Any = None
    _woken: bool = False

    def __post_init__(self) -> None:
        self._offset = self.rng.randrange(-_BOUND, _BOUND)
        self.time = ServerTime(self.schedule, offset=self._offset)
        self.start()

    # --- the machine

    def start(self) -> None:
        """Start the server on what lies in its folder."""
        config = load_config(self.folder)
        store = Store(config.database, load_keys(config.keys).bodies)
        self._app = create_app(store, ServerClock(self.time), config)
        self.service = self._app.state.service
        self.service.rounds.wake = self.wake  # type: ignore[method-assign]
        self._reader = reader(config.database)
        self.up = True
        self.wake()

    def stop(self) -> None:
        """Stop it."""
        self.up = False
        self._reader.close()
        self.service.store.close()

    def backup(self) -> Path:
        """Copy the database, as it lies there."""
        self.copies += 1
        target = self.folder.parent / f"server-copy-{self.copies}"
        target.mkdir()
        for file in files(self.folder / "server.db"):
            shutil.copy2(file, target)
        return target

    def restore(self, copy: Path) -> None:
        """Put an older copy of the database back."""
        if self.up:
            self.stop()
        for file in files(self.folder / "server.db"):
            file.unlink()
        for file in copy.iterdir():
            shutil.copy2(file, self.folder)
        self.requests.clear()  # what this database never saw would not be sent again, but for the first time
        self.restored()
        self.start()

    def synchronise(self) -> None:
        """Let the clock be right again, and say so."""
        self.time.bound, self.time.offset = _BOUND, self._offset

    # --- what kiosks ask

    def serve(self, request: Request) -> Response | None:
        """Return the answer to a request, None while nobody is there."""
        if not self.up:
            return None
        if request.method == "POST":
            self.requests.append(request)
        response = ask(self._app, request)
        if request.method == "POST" and response.status == 200:
            self._is_safe(request, msgspec.json.decode(response.body, type=PushAnswer))
        if b"urn:xianhou:problem:fork" in response.body:
            self._is_kept(request)
        return response

    def _is_kept(self, request: Request) -> None:
        """Look whether both branches of a fork are there, and the alarm of it."""
        push = msgspec.json.decode(gzip.decompress(request.body), type=PushRequest)
        kiosk, inc = request.path.split("/")[-2:]
        held = {row[0] for row in peep(self.folder / "server.db", "SELECT hash FROM records")}
        if any(hashlib.sha256(entry.record).hexdigest() not in held for entry in push.entries):
            raise Violation(12, f"a branch of {kiosk}.{inc} was not kept")
        alarm = peep(self.folder / "server.db", "SELECT 1 FROM alarms WHERE subject = ?", f"fork {kiosk}.{inc}")
        if not alarm:
            raise Violation(12, f"the fork of {kiosk}.{inc} raised no alarm")

    def _is_safe(self, request: Request, answer: PushAnswer) -> None:
        """Look with another connection, as after a power cut: what is acknowledged must be on the disk."""
        kiosk, inc = (int(part) for part in request.path.split("/")[-2:])
        sql = "SELECT 1 FROM records WHERE kiosk = ? AND inc = ? AND seq = ? AND hash = ?"
        found = self._reader.execute(sql, (kiosk, inc, answer.next - 1, answer.hash)).fetchall()
        if answer.next > 1 and not found:
            raise Violation(1, f"{kiosk}.{inc}.{answer.next - 1} was acknowledged and is not on the disk")

    # --- what it does by itself

    def wake(self) -> None:
        """Let the reconciler run soon."""
        if not self._woken:
            self._woken = True
            self.schedule.after(_SOON, self.reconcile)

    def reconcile(self) -> bool:
        """Let the reconciler run once; it must never fail."""
        self._woken = False
        if not self.up:
            return False
        told = self.service.reconciler.run()
        self.settled()
        return told

    # --- the manager

    def rule(self) -> None:
        """Let the manager rule on some of the open cases."""
        if not self.up or self.time.bound is None:
            return
        service = self.service
        visitor = service.sessions.visitor(service.sessions.login(MANAGER, PASSWORD))
        assert visitor is not None
        for item in service.library.inbox(visitor):
            if item.state != "open" or self.rng.random() < 0.3:
                continue
            view = service.library.case(visitor, item.number)
            winner = self.rng.choice((*(slip.claim for slip in view.slips), NOBODY))
            try:
                service.rule(visitor, item.number, winner, "日报")
            except CaseMovedError:
                continue
            self.ledger.note("same-day tie")
