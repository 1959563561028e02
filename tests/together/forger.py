"""A server, a kiosk enrolled at it, and somebody who has root on the kiosk and its key."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import httpx
import msgspec

from kiosk.chain import _ABOUT
from kiosk.config import Folder
from kiosk.database import connect_to
from kiosk.enrolment import complete, load_keys, request
from kiosk.exchange import Request, Response
from kiosk.feed import FeedStore
from kiosk.journal import Journal
from kiosk.mark import read_mark, write_mark
from kiosk.sealing import Sealer
from kiosk.sync import Sync
from shared_rules.evidence import sign_record
from shared_rules.interval import MINUTE, SECOND
from shared_rules.journal import SALT_SIZE, ZERO_HASH, Record, commitment
from shared_rules.protocol import Entry
from shared_rules.wire import encode_fact
from sync_server.store import persons
from tests.kiosk.machine import Machine
from tests.kiosk.places import SETTINGS, slip
from tests.sync_server.conftest import NINE, House, new_house

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from shared_rules.facts import Fact
    from shared_rules.interval import Interval

__all__ = ["Forger", "Office", "Page", "office"]


@dataclass
class Line:
    """The network, as a call of the server's application."""

    app: Callable[[], object]

    async def send(self, request: Request) -> Response:
        transport = httpx.ASGITransport(app=self.app())  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="https://server") as client:
            answer = await client.request(request.method, request.path, headers=request.headers, content=request.body)
        return Response(answer.status_code, answer.headers.get("content-type", ""), answer.content)

    async def close(self) -> None:
        return


@dataclass
class Office:
    """One office: its server, its kiosk, and the machine that the kiosk runs on."""

    server: House
    folder: Folder
    machine: Machine
    journal: Journal = field(init=False)
    feed: FeedStore = field(init=False)
    sync: Sync = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Start the kiosk's program."""
        self.journal = Journal.open(self.folder, ticks=self.machine, random=os.urandom, machine="m")
        self.feed = FeedStore(self.journal.database, self.journal.keys, os.urandom)
        self.sync = Sync(self.journal, self.feed, rng=_Even(), transport=Line(lambda: self.server.app))

    async def round(self) -> None:
        """Tell everything and hear everything; the server's clock is right."""
        self.machine.run(SECOND)
        self.server.source.now = self.machine.true
        await self.sync.round()

    def stamp(self, name: str = "张三", phone: str = "13800000001") -> bytes:
        """Stamp a slip a minute later and return its receipt."""
        self.machine.run(MINUTE)
        written = self.journal.append(slip(self.journal, name, phone))
        return written.record.pack() + written.signature

    def alarms(self) -> list[str]:
        """Return what the server's people are told."""
        with self.server.store.snapshot() as tx:
            return [alarm.sentence.msgid for alarm in persons.alarms(tx)]


class _Even:
    def uniform(self, a: float, b: float, /) -> float:
        return (a + b) / 2


@contextmanager
def office(folder: Path, keys: Path) -> Iterator[Office]:
    """Set up a server with one office and a kiosk enrolled there."""
    house = new_house(folder / "data", keys)
    house.office("east")
    place, service = Folder(folder / "kiosk"), house.service
    answer = service.enrolment.enrol(request(place, service.enrolment.make_code("east", os.urandom)))
    complete(place, answer, fingerprint=service.keys.fingerprint, settings=SETTINGS, random=os.urandom)
    made = Office(house, place, Machine(true=NINE + SECOND))
    try:
        yield made
    finally:
        made.journal.close()
        house.store.close()


@dataclass(frozen=True, slots=True)
class Page:
    """A record as the forger wants it: everything but its place in the chain."""

    record: Record
    salt: bytes
    body: bytes

    def at(self, time: Interval) -> Page:
        """Return the same with another time."""
        return Page(replace(self.record, time=time), self.salt, self.body)

    def saying(self, fact: Fact) -> Page:
        """Return the same with another content."""
        return Page(self.record, self.salt, encode_fact(fact))


@dataclass
class Forger:
    """Writes the kiosk's journal anew, as if it had always been so: nothing on the machine can tell afterwards."""

    office: Office

    def pages(self) -> list[Page]:
        """Read the journal."""
        entries = self.office.journal.entries(0, 10_000, 1 << 30)
        return [Page(Record.unpack(entry.record), entry.salt, entry.body) for entry in entries]

    def write(self, pages: list[Page]) -> None:
        """Put these in the place of the journal, numbered, chained, signed and sealed anew; anchor file and all.

        A fact keeps the slip's number that stands in it.
        """
        journal = self.office.journal
        state = journal.database.one("SELECT value FROM state WHERE name = 'journal'")
        assert state is not None
        journal.close()
        keys = load_keys(self.office.folder)
        sealer, log = Sealer(keys.data, os.urandom), journal.log
        db = connect_to(self.office.folder.database)
        for trigger in ("records_stand", "records_stay", "bodies_stand"):
            db.execute(f"DROP TRIGGER {trigger}")
        for table in ("slips", "bodies", "proofs", "proved", "records"):
            db.execute(f"DELETE FROM {table}")
        last, count = ZERO_HASH, 0
        for seq, page in enumerate(pages, 1):
            salt = page.salt or os.urandom(SALT_SIZE)
            record = replace(page.record, seq=seq, prev=last, body=commitment(salt, page.body))
            last, signature = record.digest(), sign_record(record, keys.signing, keys.certificate)
            db.execute(
                "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)",
                (seq, log.inc, seq, int(record.kind), last, record.pack(), signature),
            )
            sealed = sealer.seal(salt + page.body, _ABOUT.pack(log.kiosk, log.inc, seq))
            db.execute("INSERT INTO bodies VALUES (?, ?)", (seq, sealed))
            number = json.loads(page.body).get("slip")
            if number:
                count += 1
                db.execute("INSERT INTO slips VALUES (?, ?)", (number, seq))
        db.execute("UPDATE lives SET acknowledged = min(acknowledged, ?)", (len(pages),))
        value = json.loads(state[0]) | {"slips": count}
        db.execute("UPDATE state SET value = ? WHERE name = 'journal'", (json.dumps(value).encode(),))
        db.close()
        mark = read_mark(self.office.folder.anchor)
        assert mark is not None
        write_mark(self.office.folder.anchor, msgspec.structs.replace(mark, seq=len(pages), hash=last, slips=count))
        self.office.open()
        self.office.journal.verify()

    def entry(self, seq: int) -> Entry:
        """Return a record of the journal as it travels."""
        found = self.office.journal.chain.entry(self.office.journal.log.inc, seq)
        assert found is not None
        return found
