"""What proof costs: `python -m tests.bench.proving [--slips 100000] [--dir PLACE] [--json FILE]`.

Receipts beside a bare signature of the same key; a stamp until it is on the disk beside an fdatasync on the same disk,
taken in turn in the same run; the tree beside the hashes that it cannot do without. The journal, the anchor file, the
server's database and the tree are the product's own. `--dir` names the disk to measure.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256

from kiosk.clock import SystemTicks
from kiosk.journal import Journal
from shared_rules.checkpoints import check_proof, proof_text
from shared_rules.evidence import open_receipt, receipt_of, sign_record
from shared_rules.facts import Grade, LogId
from shared_rules.interval import SECOND, Interval
from shared_rules.journal import Record, RecordKind
from shared_rules.protocol import Entry
from shared_rules.token import time_stamp_token
from sync_server.clock import ServerClock
from sync_server.log import ServerLog
from sync_server.pki import Signer
from sync_server.store import Store, journals
from sync_server.tree import Tree
from tests.certificates import Issued
from tests.kiosk.places import Authority, slip
from tests.stamps import NINE_TEN
from tests.sync_server.fakes import FakeSource

__all__ = ["GOALS", "main", "measure"]

GOALS: Final = {"stamp_p50_of_fdatasync": 5.0, "stamp_p99_of_fdatasync": 10.0}
_AT_ONCE: Final = 5000
_PROOFS: Final = 200
"""A kiosk asks for so many at once."""


def _per_second(act: Callable[[int], object], times: int) -> int:
    begin = time.perf_counter()
    for number in range(times):
        act(number)
    return round(times / (time.perf_counter() - begin))


def _records(count: int) -> list[Record]:
    """Return records as a kiosk makes them; their chain is of no matter here."""
    log = LogId(1, 40001)
    return [
        Record(
            log, seq, RecordKind.FACT, Grade.A, Interval(NINE_TEN + seq * SECOND, NINE_TEN + seq * SECOND + 900),
            seq, bytes(16), 0, bytes(32), hashlib.sha256(seq.to_bytes(8, "big")).digest(),
        )
        for seq in range(1, count + 1)
    ]  # fmt: skip


def _receipts(count: int) -> dict[str, Any]:
    kiosk = Issued.authority().kiosk()
    key, public, records = kiosk.key, kiosk.key.public_key(), _records(count)
    signatures = [sign_record(record, key, kiosk.digest) for record in records]
    receipts = [receipt_of(*pair) for pair in zip(records, signatures, strict=True)]
    algorithm = ECDSA(SHA256(), deterministic_signing=True)
    bare = key.sign(bytes(124), algorithm)
    runs = {
        "signed_per_s": lambda n: sign_record(records[n], key, kiosk.digest),
        "bare_signed_per_s": lambda _: key.sign(bytes(124), algorithm),
        "verified_per_s": lambda n: open_receipt(receipts[n], public, kiosk.digest),
        "bare_verified_per_s": lambda _: public.verify(bare, bytes(124), ECDSA(SHA256())),
        "tokens_per_s": lambda n: time_stamp_token(records[n], signatures[n], kiosk.certificate),
    }
    found: dict[str, Any] = {name: _per_second(act, count) for name, act in runs.items()}
    found["token_bytes"] = len(time_stamp_token(records[-1], signatures[-1], kiosk.certificate))
    return found


def _stamps(place: Path, count: int) -> dict[str, Any]:
    """Stamp, and in turn write a page and fdatasync it, on the same disk; microseconds."""
    folder = Authority().enrol(place / "kiosk")
    journal = Journal.open(folder, ticks=SystemTicks(), random=os.urandom, machine="m")
    scratch = os.open(place / "scratch", os.O_WRONLY | os.O_CREAT, 0o600)
    stamps, syncs = [], []
    try:
        for number in range(count + 5):
            fact = slip(journal, "张三", f"138{number:08d}")
            begin = time.perf_counter()
            journal.append(fact)
            middle = time.perf_counter()
            os.pwrite(scratch, bytes(4096), 4096 * number)
            os.fdatasync(scratch)
            syncs.append(time.perf_counter() - middle)
            stamps.append(middle - begin)
    finally:
        os.close(scratch)
        journal.close()
    found: dict[str, Any] = {"stamps": count}
    for name, taken in (("stamp", stamps[5:]), ("fdatasync", syncs[5:])):
        found[f"{name}_p50_us"] = round(1e6 * median(taken))
        found[f"{name}_p99_us"] = round(1e6 * quantiles(taken, n=100)[98])
    for cut in ("p50", "p99"):
        found[f"stamp_{cut}_of_fdatasync"] = round(found[f"stamp_{cut}_us"] / max(1, found[f"fdatasync_{cut}_us"]), 2)
    return found


def _tree(place: Path, slips: int) -> dict[str, Any]:
    """Let records arrive at a server's database, then prove some of them."""
    ca = Issued.authority()
    server = ca.kiosk("server", secret=99)
    signer = Signer(server.key, server.certificate, server.digest)
    store, tree = Store(place / "server.db", bytes(32)), Tree(signer, ca.digest)
    log, records = LogId(1, 40001), _records(slips)
    with store.transaction() as tx:
        ServerLog(signer, ServerClock(FakeSource(NINE_TEN))).begin(tx, server="bench")
        journals.add_log(tx, log)
    begin = time.perf_counter()
    for first in range(0, slips, _AT_ONCE):
        with store.transaction() as tx:
            for record in records[first : first + _AT_ONCE]:
                entry = Entry(record=record.pack(), signature=bytes(64), salt=bytes(16), body=b"{}")
                journals.add_record(tx, log, entry, seq=record.seq, digest=record.digest().hex(), at=NINE_TEN)
    arrived = time.perf_counter() - begin
    asked = range(slips - min(_PROOFS, slips) + 1, slips + 1)
    begin = time.perf_counter()
    with store.snapshot() as tx:
        answer = tree.prove(tx, log, asked, slips // 2)
    proved = time.perf_counter() - begin
    begin = time.perf_counter()
    with store.snapshot() as tx:
        single = tree.prove(tx, log, [slips // 3 + 1], 0).proofs[0]
    one = time.perf_counter() - begin
    with store.snapshot() as tx:
        note = tree.checkpoint(tx)
    store.close()
    text, receipt = proof_text(single.index, single.path, note), records[slips // 3].pack() + bytes(64)
    public = server.key.public_key()
    hashes = _per_second(lambda _: hashlib.sha256(bytes(65)).digest(), 20_000)
    checked = _per_second(lambda _: check_proof(text, receipt, public, ca.digest), 200)
    return {
        "slips": slips, "arrived_per_s": round(slips / arrived), "proof_bytes": len(text.encode()),
        "path_hashes": len(single.path), "one_proof_ms": round(1000 * one, 2), "proofs_asked": len(asked),
        "proofs_ms": round(1000 * proved, 2), "consistency_hashes": len(answer.consistency),
        "checked_per_s": checked, "bare_hashes_per_s": hashes,
    }  # fmt: skip


def measure(receipts: int, stamps: int, slips: int, place: Path | None = None) -> dict[str, Any]:
    """Measure all three; counts a second, microseconds, bytes."""
    with tempfile.TemporaryDirectory(dir=place) as folder:
        return _receipts(receipts) | _stamps(Path(folder), stamps) | _tree(Path(folder), slips)


def _table(run: dict[str, Any]) -> str:
    signed = run["bare_signed_per_s"] / run["signed_per_s"]
    verified, checked = (run["bare_verified_per_s"] / run[name] for name in ("verified_per_s", "checked_per_s"))
    rows = [
        ("receipts signed", f"{run['signed_per_s']:,}/s", f"{signed:.2f} x a bare signature"),
        ("receipts verified", f"{run['verified_per_s']:,}/s", f"{verified:.2f} x a bare verification"),
        ("RFC 3161 token rebuilt", f"{run['tokens_per_s']:,}/s", f"{run['token_bytes']:,} bytes"),
        ("stamp until on the disk, p50", f"{run['stamp_p50_us']:,} us",
         f"{run['stamp_p50_of_fdatasync']} x fdatasync (goal <= {GOALS['stamp_p50_of_fdatasync']:.0f})"),
        ("stamp until on the disk, p99", f"{run['stamp_p99_us']:,} us",
         f"{run['stamp_p99_of_fdatasync']} x fdatasync (goal <= {GOALS['stamp_p99_of_fdatasync']:.0f})"),
        ("fdatasync of a page, p50 / p99", f"{run['fdatasync_p50_us']:,} us", f"{run['fdatasync_p99_us']:,} us"),
        (f"second receipt of {run['slips']:,}", f"{run['proof_bytes']:,} bytes", f"{run['path_hashes']} hashes"),
        ("  proved by the server", f"{run['one_proof_ms']} ms", f"{run['proofs_asked']} at once {run['proofs_ms']} ms"),
        ("  checked", f"{run['checked_per_s']:,}/s", f"{checked:.2f} x a bare verification"),
        ("records arriving, tree grown", f"{run['arrived_per_s']:,}/s", ""),
    ]  # fmt: skip
    return "\n".join(f"{name:<34}{value:>14}   {beside}".rstrip() for name, value, beside in rows)


def main(arguments: list[str]) -> int:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", type=int, default=2000)
    parser.add_argument("--stamps", type=int, default=1000)
    parser.add_argument("--slips", type=int, default=100_000)
    parser.add_argument("--dir", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    run = measure(options.receipts, options.stamps, options.slips, options.dir)
    if options.json:
        options.json.write_text(json.dumps({**run, "goals": GOALS}, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(_table(run) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
