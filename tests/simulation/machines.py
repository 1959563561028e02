"""Folders that are prepared once for each process: a server with its people, and three kiosks enrolled at it.

Making keys, certificates and PINs is slow and no run is about it; a run copies these folders and starts from there.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from starlette.applications import Starlette

from kiosk.config import Folder
from kiosk.config import Settings as KioskSettings
from kiosk.desk import Desk
from kiosk.enrolment import complete, request
from kiosk.exchange import Exchange
from kiosk.journal import Journal
from shared_rules.data import policy_text
from shared_rules.facts import Role
from shared_rules.interval import HOUR, MINUTE, day_start
from sync_server.app import create_app
from sync_server.clock import ServerClock
from sync_server.config import Settings, load_config, write_config
from sync_server.log import ServerLog
from sync_server.pki import load_keys, make_keys
from sync_server.service import Service
from sync_server.store import Store
from tests.simulation.asgi import ask
from tests.simulation.clocks import MachineClocks, ServerTime
from tests.simulation.schedule import Schedule
from tests.worlds import FIRST

__all__ = [
    "CHEAP", "CLERKS", "KIOSKS", "LIMIT", "MANAGER", "MIDNIGHT", "PASSWORD", "PINS", "SALES", "Prepared", "prepared",
    "scratch",
]  # fmt: skip

MIDNIGHT: Final = day_start(FIRST)
"""00:00 of the first day, a Monday."""
LIMIT: Final = 3
POLICY: Final = (
    policy_text("default")
    .replace("limit = 50", f"limit = {LIMIT}")
    .replace("limit_no_signing = 30", f"limit_no_signing = {LIMIT}")
    .replace("validity_days = 10", "validity_days = 1")
    .replace("renewal_days = 10", "renewal_days = 1")
)
"""Places are few and leases short, so that both run out within days."""
KIOSKS: Final = ("east", "east", "west")
"""Office of kiosk 1, 2, 3."""
SALES: Final = {"east": ("A", "C"), "west": ("B", "D")}
CLERKS: Final = {"east": "K1", "west": "K2"}
MANAGER: Final = "M"
PASSWORD: Final = "a long password"
_START, _OWN = "204060", "482913"
PINS: Final = _OWN
CHEAP: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Where the folders lie: `server`, and `kiosk1` to `kiosk3`."""

    root: Path

    def copy(self, target: Path) -> None:
        """Copy all of it."""
        shutil.copytree(self.root, target)


def scratch() -> Path:
    """Return a new folder, in memory where the system has such a place: a run syncs thousands of times."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
    return Path(tempfile.mkdtemp(prefix="xianhou-simulation-", dir=memory if memory.is_dir() else None))


@cache
def prepared() -> Prepared:
    """Return the folders, made at the first call of a process."""
    root = scratch()
    # also in the processes of a pool, which run no exit handlers but these
    Finalize(None, shutil.rmtree, args=(root, True), exitpriority=0)
    schedule = Schedule(MIDNIGHT + 6 * HOUR)
    app = _server(root / "server", schedule)
    for number, office in enumerate(KIOSKS, 1):
        _kiosk(root / f"kiosk{number}", office, f"machine{number}", app, schedule)
        schedule.now += MINUTE
    app.state.service.store.close()
    return Prepared(root)


def _server(folder: Path, schedule: Schedule) -> Starlette:
    dice = random.Random(0)
    folder.mkdir()
    write_config(folder, Settings(name="演习", hosts=("localhost",)))
    config = load_config(folder)
    make_keys(config.keys, "演习", now=schedule.now, random=dice.randbytes)
    store, clock = Store(config.database, load_keys(config.keys).bodies), ServerClock(ServerTime(schedule))
    with store.transaction() as tx:
        ServerLog(load_keys(config.keys).server, clock).begin(tx, server="演习")
    app = create_app(store, clock, config)
    service: Service = app.state.service
    people = replace(service.people, hasher=CHEAP)
    for office in sorted(set(KIOSKS)):
        people.add_office(office, f"{office}店", {"river": "滨江"}, policy=("tight", POLICY))
    for office, numbers in SALES.items():
        for number in (*numbers, CLERKS[office]):
            role = Role.CLERK if number == CLERKS[office] else Role.SALESPERSON
            people.add_person(number, f"人{number}", office=office, roles=(role,), badge=f"B{number}", pin=_START)
    people.add_person(MANAGER, "经理", office="", roles=(Role.MANAGER,), badge="BM", pin=_START, password=PASSWORD)
    return app


def _kiosk(root: Path, office: str, machine: str, app: Starlette, schedule: Schedule) -> None:
    service: Service = app.state.service
    folder, dice = Folder(root), random.Random(root.name)
    code = service.enrolment.make_code(office, dice.randbytes)
    answer = service.enrolment.enrol(request(folder, code))
    settings = KioskSettings(server="https://127.0.0.1:1")
    complete(folder, answer, fingerprint=service.keys.fingerprint, settings=settings, random=dice.randbytes)
    clocks = MachineClocks(schedule)
    journal = Journal.open(folder, ticks=clocks, random=dice.randbytes, machine=machine)
    desk = Desk(journal, dice.randbytes, hasher=CHEAP)
    exchange = Exchange(desk.journal, desk.feed)
    push = exchange.push()
    exchange.take_push(push, ask(app, push.request), clocks.tick(), clocks.tick())
    poll = exchange.ask(0)
    while exchange.take_feed(poll, ask(app, poll.request))[1]:
        poll = exchange.ask(0)
    for number in (*SALES[office], CLERKS[office]):
        desk.people.set_pin(f"B{number}", _START, _OWN)
    desk.close()
