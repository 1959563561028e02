"""Keep a town as the present release writes it: `python -m tests.golden.make NAME` adds `tests/golden/NAME.tar.xz`.

A server's folder and two kiosks' folders, with the rulings that held. Every later release must open them, find every
record in its place and rule the same (invariant 16). A kept town is never made again; a release that changes what is
written adds one. The keys in it protect nothing.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from kiosk.config import Folder
from kiosk.config import Settings as KioskSettings
from kiosk.enrolment import complete, request
from kiosk.exchange import Exchange, Response
from kiosk.feed import FeedStore
from kiosk.journal import Journal
from shared_rules.data import policy_text
from shared_rules.errors import XianhouError
from shared_rules.facts import Event, FloorPromised, KioskEnrolled, KioskRevoked
from shared_rules.interval import DAY, MINUTE, day_start
from shared_rules.protocol import PushRequest
from shared_rules.rulings import ActRuling, ClaimRuling, Register
from sync_server.app import create_app
from sync_server.clock import ServerClock, SystemSource
from sync_server.config import Settings, write_config
from sync_server.intake import Pushed
from sync_server.log import ServerLog
from sync_server.pki import load_keys, make_keys
from sync_server.service import Service
from sync_server.store import Store
from tests.kiosk.machine import Machine
from tests.paths import ROOT
from tests.sync_server.fakes import FakeSource
from tests.worlds import FIRST, world

__all__ = ["FOLDER", "NOW", "OFFICES", "Town", "build", "keep", "outline"]

FOLDER = ROOT / "tests" / "golden"
OFFICES = ("office1", "office2")
START = day_start(FIRST) - DAY
NOW = day_start(FIRST) + 20 * DAY
_SEED, _FACTS = 20260302, 260
_BY_MACHINES = (FloorPromised, KioskEnrolled, KioskRevoked)
"""What server and kiosks say by themselves."""


@dataclass(frozen=True, slots=True)
class Town:
    """A server and its kiosks, open."""

    service: Service
    source: FakeSource
    machine: Machine
    journals: tuple[Journal, ...]

    def close(self) -> None:
        """Close every database."""
        for journal in self.journals:
            journal.close()
        self.service.store.close()


def build(folder: Path) -> Town:
    """Make the town in an empty folder: a server, two offices, two enrolled kiosks."""
    (folder / "server").mkdir()
    config = write_config(folder / "server", Settings(name="golden", hosts=("localhost",)))
    make_keys(config.keys, "golden", now=SystemSource(error=None).wall(), random=os.urandom)
    source = FakeSource(START)
    store, clock = Store(config.database, load_keys(config.keys).bodies), ServerClock(source)
    with store.transaction() as tx:
        ServerLog(load_keys(config.keys).server, clock).begin(tx, server="golden")
    service: Service = create_app(store, clock, config).state.service
    for office in OFFICES:
        service.people.add_office(office, office, {"p": "甲", "q": "乙"}, policy=("default", policy_text("default")))
    machine = Machine(true=START)
    journals = tuple(_kiosk(service, folder / office, office, machine) for office in OFFICES)
    return Town(service, source, machine, journals)


def _kiosk(service: Service, root: Path, office: str, machine: Machine) -> Journal:
    folder, settings = Folder(root), KioskSettings(server="https://127.0.0.1:1")
    answer = service.enrolment.enrol(request(folder, service.enrolment.make_code(office, os.urandom)))
    complete(folder, answer, fingerprint=service.keys.fingerprint, settings=settings, random=os.urandom)
    journal = Journal.open(folder, ticks=machine, random=os.urandom, machine="golden")
    _push(service, journal)  # the first anchor
    return journal


def _push(service: Service, journal: Journal) -> None:
    """Bring a journal to the server, by the bytes that HTTP would carry but for their compression."""
    exchange = Exchange(journal, FeedStore(journal.database, journal.keys, os.urandom))
    more = True
    while more:
        push = exchange.push()
        sent = journal.clock.ticks.tick()
        outcome = service.intake.push(push.log, _message(push.request.body))
        assert isinstance(outcome, Pushed)
        response = Response(200, "application/json", msgspec.json.encode(outcome.answer))
        more = exchange.take_push(push, response, sent, journal.clock.ticks.tick())


def _message(body: bytes) -> PushRequest:
    return msgspec.json.decode(gzip.decompress(body), type=PushRequest)


def live(town: Town, events: list[Event]) -> None:
    """Let everything happen at its time, in the journal it belongs to; what is refused did not happen."""
    for event in sorted(events, key=lambda one: (one.time.lo, one.log, one.seq)):
        if isinstance(event.fact, _BY_MACHINES):
            continue
        ahead = event.time.lo - town.machine.true
        if ahead > 0:
            town.machine.run(ahead)
            town.source.now = town.machine.true
        if event.log.kiosk == 0:
            with town.service.store.transaction() as tx:
                town.service.log.append(tx, event.fact)
            continue
        try:
            town.journals[event.log.kiosk - 1].append(event.fact)
        except XianhouError:
            continue
    town.machine.run(max(MINUTE, NOW - town.machine.true))
    town.source.now = town.machine.true
    for journal in town.journals:
        _push(town.service, journal)
    town.service.reconciler.run()


def outline(register: Register) -> dict[str, Any]:
    """Return of each claim and act what people's pay hangs on; wording may change."""
    rulings: dict[str, ClaimRuling | ActRuling] = {**register.claims, **register.acts}
    return {
        name: {
            "status": one.decision.status.value,
            "because": list(one.decision.because()),
            "shares": [list(share) for share in one.decision.shares],
            "provisional": one.decision.provisional,
        }
        for name, one in sorted(rulings.items())
    } | {deal.deal: {"owner": deal.owner, "shares": [list(one) for one in deal.shares]} for deal in register.deals}


def keep(name: str) -> Path:
    """Write the archive of a town that lived through the world of facts."""
    target = FOLDER / f"{name}.tar.xz"
    if target.exists():
        raise SystemExit(f"{target.name} is kept already and is never made again")
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        town = build(folder)
        live(town, world(_SEED, _FACTS))
        settlement = town.service.reconciler.docket.settlement
        assert settlement is not None
        heads = {str(journal.log.kiosk): [*journal.log, journal.last_seq] for journal in town.journals}
        expected = {"as_of": settlement.as_of, "rulings": outline(settlement.register()), "heads": heads}
        town.close()
        with tarfile.open(target, "w:xz") as archive:
            for part in ("server", *OFFICES):
                archive.add(folder / part, arcname=part)
            text = json.dumps(expected, ensure_ascii=False, indent=1).encode()
            info = tarfile.TarInfo("expected.json")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    return target


if __name__ == "__main__":
    sys.stdout.write(f"{keep(sys.argv[1])}\n")
