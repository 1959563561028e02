"""A line that breaks anywhere in handshake, request or answer: nothing is lost, doubled, or held for safe too early."""

from __future__ import annotations

import gzip
import json
import os
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import msgspec
import pytest

from kiosk.clock import SystemTicks
from kiosk.config import Folder
from kiosk.exchange import Request, Response
from kiosk.feed import FeedStore
from kiosk.journal import Journal
from kiosk.sync import HttpxTransport, Sync
from shared_rules.errors import UnavailableError
from shared_rules.protocol import FeedItem, Head, PushAnswer, PushRequest
from shared_rules.wire import decode_canonical
from tests.faults.proxy import FAULTS, Proxy
from tests.kiosk.places import slip
from tests.kiosk.test_real_server import data, url, xianhou

__all__ = ["data", "url"]

ROUNDS = 60


class Believer(HttpxTransport):
    """The sabotage: a line that broke is taken for an answer that said yes."""

    async def send(self, request: Request) -> Response:
        try:
            return await HttpxTransport.send(self, request)
        except UnavailableError:
            if request.method != "POST":
                raise
            push = msgspec.json.decode(gzip.decompress(request.body), type=PushRequest)
            head = decode_canonical(push.head.payload, Head)
            answer = PushAnswer(next=head.seq + 1, hash=head.hash)
            return Response(200, "application/json", msgspec.json.encode(answer))


class Office:
    """A kiosk whose server lies behind the proxy."""

    def __init__(self, folder: Folder, server: Path, transport: type[HttpxTransport]) -> None:
        self.journal = Journal.open(folder, ticks=SystemTicks(), random=os.urandom)
        self.feed = FeedStore(self.journal.database, self.journal.keys, os.urandom, self._take)
        place = self.journal.keys.config
        self.transport = transport(place.server, place.place.ca)
        self.heard: list[int] = []
        self._server = server
        self.sync = Sync(
            self.journal, self.feed, rng=random.Random(1), transport=self.transport, on_change=self.check
        )  # fmt: skip

    def _take(self, _: object, item: FeedItem) -> None:
        self.heard.append(item.seq)

    def check(self) -> None:
        """Hold what counts as safe against what the server has, at the moment it counts."""
        assert self.journal.acknowledged <= len(self.held()), "acknowledged, and not held"

    def held(self) -> list[int]:
        """Return the sequence numbers that the server holds, in order, as often as it holds them."""
        with closing(sqlite3.connect(self._server / "server.db")) as db:
            log = self.journal.log
            sql = "SELECT seq FROM records WHERE kiosk = ? AND inc = ? ORDER BY seq"
            return [seq for (seq,) in db.execute(sql, (log.kiosk, log.inc))]


@asynccontextmanager
async def office(
    data: Path, url: str, folder: Folder, transport: type[HttpxTransport]
) -> AsyncIterator[tuple[Office, Proxy]]:
    """Enrol a kiosk through a proxy that does not break yet."""
    proxy = Proxy(int(url.rpartition(":")[2]), random.Random(7))
    port = await proxy.start()
    ticket = json.loads(xianhou("server", "enrol-code", "--dir", str(data), "--office", "east", "--json"))
    order = ["--server", url, "--code", ticket["code"], "--fingerprint", ticket["fingerprint"]]
    xianhou("enrol", "--dir", str(folder.root), *order)
    settings = folder.root / "kiosk.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace(url, f"https://127.0.0.1:{port}"), encoding="utf-8"
    )
    here = Office(folder, data, transport)
    try:
        yield here, proxy
    finally:
        await here.transport.close()
        here.journal.close()
        await proxy.stop()


async def played(here: Office, proxy: Proxy) -> int:
    """Stamp and report on the breaking line; return how many rounds failed. Checks what counts as safe each time."""
    failed = 0
    proxy.faulty = True
    for _ in range(ROUNDS):
        here.journal.append(slip(here.journal))
        try:
            await here.sync.round()
        except UnavailableError:
            failed += 1
        # the next round opens a line of its own, with a fault of its own
        await here.transport.close()
        here.check()
    proxy.faulty = False
    await here.sync.round()
    return failed


async def test_on_a_line_that_breaks_anywhere_each_slip_arrives_once(data: Path, url: str, tmp_path: Path) -> None:
    """Every kind of break happened; afterwards the server holds the journal, each record once, and told all it had."""
    async with office(data, url, Folder(tmp_path / "kiosk"), HttpxTransport) as (here, proxy):
        failed = await played(here, proxy)
        assert failed > ROUNDS // 10
        assert set(proxy.struck) == set(FAULTS)
        assert here.journal.unsent == 0
        assert here.held() == list(range(1, here.journal.last_seq + 1))
        assert here.heard == sorted(set(here.heard))
        here.journal.verify()


async def test_a_kiosk_that_takes_a_broken_line_for_a_yes_is_caught(data: Path, url: str, tmp_path: Path) -> None:
    """The check can fail: believed answers leave slips that count as safe and lie nowhere."""
    async with office(data, url, Folder(tmp_path / "kiosk"), Believer) as (here, proxy):
        with pytest.raises(AssertionError, match="not held"):
            await played(here, proxy)
