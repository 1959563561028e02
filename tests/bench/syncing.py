"""What the sync costs: `python -m tests.bench.syncing [--records 10000] [--offices 20] [--json FILE]`.

A real server process and real HTTPS over the loopback. A push is compared with a ceiling of the same run: the same
batches unpacked, every signature and commitment checked, every record inserted and committed, with no HTTP and no
protocol around it. A ratio means the same on every machine, a second does not.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.exchange import Request
from kiosk.sync import HttpxTransport
from shared_rules.data import policy_text
from shared_rules.evidence import certificate_digest, verify_record
from shared_rules.interval import DAY, HOUR, MINUTE, day_start
from shared_rules.journal import Record, check_body
from shared_rules.protocol import MAX_BATCH_RECORDS, FeedAnswer, PushAnswer, PushRequest
from shared_rules.wire import decode_fact
from sync_server.cli.opening import opened
from sync_server.store import Store, journals
from tests.bench.town import FIRST_DAY
from tests.sync_server.fakes import FakeKiosk

__all__ = ["GOALS", "main", "measure"]

GOALS: Final = {"push_of_ceiling": 0.6, "empty_sync_ms": 20.0}
BEGIN: Final = day_start(FIRST_DAY) + 9 * HOUR
"""Microseconds: when the kiosks are enrolled, and the first hand-in window opens."""
_EMPTY: Final = 60
"""Empty syncs timed."""


def _command(*arguments: str) -> str:
    run = [sys.executable, "-m", "kiosk.cli", "server", *arguments]
    return subprocess.run(run, check=True, capture_output=True, text=True).stdout


class Town:
    """A server's folder on a practice clock, with offices, and the kiosks enrolled there."""

    def __init__(self, folder: Path, offices: int) -> None:
        self.folder = folder
        _command("init", "--dir", str(folder), "--name", "bench", "--clock", "practice")
        self.set_time(BEGIN)
        self.kiosks: list[FakeKiosk] = []
        with opened(folder) as service:
            text = policy_text("default")
            for number in range(offices):
                service.people.add_office(f"o{number}", f"{number}店", {"river": "滨江"}, policy=("default", text))
                kiosk = FakeKiosk()
                kiosk.answer = service.enrolment.enrol(
                    kiosk.request(service.enrolment.make_code(f"o{number}", os.urandom))
                )
                kiosk.genesis(BEGIN)
                self.kiosks.append(kiosk)

    def set_time(self, instant: int) -> None:
        """Let it be this instant."""
        (self.folder / "practice-clock").write_text(str(instant), encoding="ascii")

    def stamp(self, kiosk: FakeKiosk, slips: int, days: int) -> None:
        """Stamp and enter so many slips of different customers over so many days, in the hand-in hours."""
        pick = random.Random(kiosk.log.kiosk)
        for number in range(slips):
            at = BEGIN + number % days * DAY + number // days * (50 * MINUTE * days // slips)
            name, phone = _name(pick), f"1{pick.choice('35789')}{pick.randrange(10**9):09d}"
            kiosk.stamp(at, by=f"{kiosk.office}-{number % 40}", name=name, phone=phone)

    @contextmanager
    def running(self) -> Iterator[str]:
        """Run the server; yield its address."""
        command = [sys.executable, "-m", "kiosk.cli", "server", "run", "--dir", str(self.folder), "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield str(json.loads(process.stdout.readline())["url"])
            finally:
                process.send_signal(signal.SIGTERM)


def _name(pick: random.Random) -> str:
    """Return a name that hardly anybody shares or resembles: what asking costs is measured in asking.py."""
    return "".join(chr(pick.randrange(0x4E00, 0x9FA5)) for _ in range(3))


def _batches(kiosk: FakeKiosk) -> list[bytes]:
    head, entries = kiosk.head(), kiosk.entries
    pushes = [
        PushRequest(head=head, entries=entries[at : at + MAX_BATCH_RECORDS])
        for at in range(0, len(entries), MAX_BATCH_RECORDS)
    ]
    return [gzip.compress(msgspec.json.encode(push), 6, mtime=0) for push in pushes]


def _request(kiosk: FakeKiosk, body: bytes) -> Request:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    return Request("POST", f"/v1/logs/{kiosk.log.kiosk}/{kiosk.inc}", 60, headers, body)


async def _push(url: str, kiosk: FakeKiosk, batches: list[bytes]) -> None:
    assert kiosk.answer is not None
    transport = HttpxTransport(url, kiosk.answer.ca)
    try:
        for body in batches:
            response = await transport.send(_request(kiosk, body))
            assert response.status == 200, response.body
        answer = msgspec.json.decode(response.body, type=PushAnswer)
        assert (answer.next, answer.hash) == (len(kiosk.entries) + 1, kiosk.last.hex())
    finally:
        await transport.close()


async def _empty(url: str, kiosk: FakeKiosk) -> float:
    """Return the median milliseconds of one heartbeat and one question to the feed by a kiosk that has read it all."""
    assert kiosk.answer is not None
    transport, took = HttpxTransport(url, kiosk.answer.ca), []
    body = gzip.compress(msgspec.json.encode(PushRequest(head=kiosk.head())), 6, mtime=0)
    try:
        cursor = await _end_of_feed(transport, kiosk)
        for _ in range(_EMPTY):
            begin = time.perf_counter()
            for request in (_request(kiosk, body), _question(kiosk, cursor)):
                response = await transport.send(request)
                assert response.status == 200, response.body
            took.append(1000 * (time.perf_counter() - begin))
        assert not msgspec.json.decode(response.body, type=FeedAnswer).items
    finally:
        await transport.close()
    return round(median(took), 2)


def _question(kiosk: FakeKiosk, cursor: str) -> Request:
    return Request("GET", f"/v1/feed?after={cursor}&wait=0", 30, kiosk.header())


async def _end_of_feed(transport: HttpxTransport, kiosk: FakeKiosk) -> str:
    """Return the cursor behind everything that is told to a kiosk so far."""
    cursor = ""
    while True:
        response = await transport.send(_question(kiosk, cursor))
        answer = msgspec.json.decode(response.body, type=FeedAnswer)
        if not answer.items:
            return cursor
        cursor = answer.cursor


def _ceiling(file: Path, kiosk: FakeKiosk, batches: list[bytes]) -> tuple[float, int]:
    """Unpack, verify, hash and insert the same records, one transaction a batch; return the seconds, and how many."""
    assert kiosk.answer is not None
    store = Store(file, bytes(32))
    certificate = x509.load_pem_x509_certificate(kiosk.answer.certificate.encode())
    digest = certificate_digest(certificate.public_bytes(Encoding.DER))
    key = kiosk.key.public_key()
    with store.transaction() as tx:
        journals.add_log(tx, kiosk.log)
    begin = time.perf_counter()
    for body in batches:
        push = msgspec.json.decode(gzip.decompress(body), type=PushRequest)
        with store.transaction() as tx:
            for entry in push.entries:
                record = Record.unpack(entry.record)
                verify_record(record, entry.signature, key, digest)
                check_body(record, entry.salt, entry.body)
                if entry.body.startswith(b'{"fact'):
                    decode_fact(entry.body)
                journals.add_record(tx, kiosk.log, entry, seq=record.seq, digest=record.digest().hex(), at=BEGIN)
    took = time.perf_counter() - begin
    with store.snapshot() as tx:
        taken = journals.last_position(tx)
    store.close()
    return took, taken


def _ruled(folder: Path) -> int:
    with opened(folder) as service, service.store.snapshot() as tx:
        row = tx.one("SELECT count(*) AS n FROM published WHERE subject LIKE 'ruling %'")
        return int(row["n"]) if row else 0


async def _measured(town: Town, records: int, offices: int) -> dict[str, Any]:
    first = town.kiosks[0]
    town.stamp(first, records // 2, days=1)
    week = town.kiosks[1 : 1 + offices]
    for kiosk in week:
        town.stamp(kiosk, 875, days=7)
    packed = {kiosk.log.kiosk: _batches(kiosk) for kiosk in [first, *week]}
    town.set_time(BEGIN + 7 * DAY)
    # while no server runs: once it has the records it rules on them, and takes the processor from whoever measures
    ceiling, taken_by_ceiling = _ceiling(town.folder / "before.db", first, packed[first.log.kiosk])
    with town.running() as url:
        begin = time.perf_counter()
        await _push(url, first, packed[first.log.kiosk])
        push = time.perf_counter() - begin
        _wait_until_ruled(town.folder, records // 2)
        empty = await _empty(url, first)
        begin = time.perf_counter()
        await asyncio.gather(*(_push(url, kiosk, packed[kiosk.log.kiosk]) for kiosk in week))
        taken = time.perf_counter() - begin
        _wait_until_ruled(town.folder, records // 2 + 875 * len(week))
        ruled = time.perf_counter() - begin
    ceiling = min(ceiling, _ceiling(town.folder / "after.db", first, packed[first.log.kiosk])[0])
    sent, backlog = len(first.entries), sum(len(kiosk.entries) for kiosk in week)
    return {
        "records": sent, "taken_by_ceiling": taken_by_ceiling,
        "push_per_s": round(sent / push), "ceiling_per_s": round(sent / ceiling),
        "push_of_ceiling": round(ceiling / push, 2), "empty_sync_ms": empty, "offices": len(week), "backlog": backlog,
        "backlog_taken_s": round(taken, 2), "backlog_ruled_s": round(ruled, 2),
    }  # fmt: skip


def _wait_until_ruled(folder: Path, slips: int) -> None:
    deadline = time.monotonic() + 600
    while _ruled(folder) < slips:
        if time.monotonic() > deadline:
            message = f"{_ruled(folder)} of {slips} ruled"
            raise TimeoutError(message)
        time.sleep(0.2)


def measure(records: int, offices: int) -> dict[str, Any]:
    """Push, sync with nothing to send, and let a week's backlog in; records a second, milliseconds, seconds."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measured(Town(Path(folder) / "server", offices + 1), records, offices))


def _table(run: dict[str, Any]) -> str:
    rows = [
        (f"push of {run['records']:,} records over HTTPS", f"{run['push_per_s']:,} records/s"),
        ("ceiling: unpack, verify, hash, insert", f"{run['ceiling_per_s']:,} records/s"),
        (f"  of the ceiling (goal ≥ {GOALS['push_of_ceiling']:.0%})", f"{run['push_of_ceiling']:.0%}"),
        (f"sync with nothing to send (goal ≤ {GOALS['empty_sync_ms']:.0f} ms)", f"{run['empty_sync_ms']} ms"),
        (f"{run['backlog']:,} records of {run['offices']} offices, a week: taken in", f"{run['backlog_taken_s']} s"),
        ("  and every slip ruled", f"{run['backlog_ruled_s']} s"),
    ]
    return "\n".join(f"{name:<62}{value:>20}" for name, value in rows)


def main(arguments: list[str]) -> int:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--offices", type=int, default=20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    run = measure(options.records, options.offices)
    if options.json:
        options.json.write_text(json.dumps({**run, "goals": GOALS}, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(_table(run) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
