"""Makes the published test vectors: `python -m tests.vectors` writes docs/vectors, a test holds that they are current.

Whoever writes a verifier of receipts in another language checks it against these files. Keys are those of small
secret numbers and prove nothing outside of them. Every byte is the same in every run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.receipt import link, to_base45
from shared_rules.evidence import signed_attributes, time_stamp_info
from shared_rules.facts import Grade
from shared_rules.interval import DAY, HOUR, OPEN, Interval
from shared_rules.journal import Record
from shared_rules.protocol import Anchor
from shared_rules.timekeeping import advance, anchor_interval, bridge
from shared_rules.token import time_stamp_token
from tests.certificates import Issued
from tests.paths import ROOT
from tests.stamps import BODY, NINE_TEN, SALT, STAMP, chain, stamp, stamped
from tests.tree_vectors import proofs, seals

__all__ = ["FOLDER", "files"]

FOLDER: Final = ROOT / "docs" / "vectors"
CA: Final = Issued.authority()
KIOSK: Final = CA.kiosk()
OTHER: Final = CA.kiosk("kiosk-8", secret=8)
MEASURED: Final = (Grade.A, Grade.B, Grade.C)
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _keys() -> dict[str, Any]:
    return {
        "ca": CA.pem.decode(),
        "kiosk": KIOSK.pem.decode(),
        "kiosk_private_number": 7,
        "kiosk_public_point": KIOSK.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex(),
        "certificate_sha256": KIOSK.digest.hex(),
    }


def _record(record: Record) -> dict[str, Any]:
    return {
        "kiosk": record.log.kiosk, "inc": record.log.inc, "seq": record.seq, "kind": record.kind.name,
        "grade": record.grade.name, "lo": record.time.lo, "hi": record.time.hi, "tick": record.tick,
        "boot_id": record.boot_id.hex(), "seg": record.seg, "prev": record.prev.hex(), "body": record.body.hex(),
        "packed": record.pack().hex(), "sha256": record.digest().hex(),
    }  # fmt: skip


def _records() -> dict[str, Any]:
    return {
        "commitment": {"salt": SALT.hex(), "canonical": BODY.decode(), "body": STAMP.body.hex()},
        "single": [_record(stamp(grade)) for grade in Grade],
        "chain": [_record(record) for record in chain(4)],
    }


def _receipts() -> list[dict[str, Any]]:
    made = [(record, stamped(record, KIOSK)) for record in map(stamp, MEASURED)]
    return [
        {
            "grade": record.grade.name,
            "tst_info": time_stamp_info(record).hex(),
            "signed_attributes": signed_attributes(record, KIOSK.digest).hex(),
            "signature": signed.signature.hex(),
            "receipt": signed.receipt.hex(),
            "base45": to_base45(signed.receipt),
            "link": link(signed.receipt, "https://stamps.example/r/"),
        }
        for record, signed in made
    ]


def _tokens() -> list[dict[str, Any]]:
    return [
        {
            "grade": grade.name,
            "record": stamp(grade).pack().hex(),
            "token": time_stamp_token(stamp(grade), stamped(stamp(grade), KIOSK).signature, KIOSK.certificate).hex(),
        }
        for grade in MEASURED
    ]


def _changed() -> Iterator[tuple[str, str, str, bytes]]:
    """Yield field, what a verifier names, what is wrong, and the receipt."""
    good = stamped(STAMP, KIOSK)
    places = {
        "magic": 0, "kiosk": 5, "grade": 6, "kind": 7, "seq": 15, "lo": 23, "hi": 31, "tick": 39, "boot_id": 40,
        "inc": 57, "seg": 59, "prev": 60, "body": 123, "r": 124, "s": 187,
    }  # fmt: skip
    for field, place in places.items():
        data = bytearray(good.receipt)
        data[place] ^= 3 if field == "grade" else 1
        yield field, field if field in ("magic", "kind") else "signature", f"byte {place} changed", bytes(data)
    low = int.from_bytes(good.signature[32:], "big")
    yield "s", "s", "n - s: the other half", good.receipt[:156] + (_ORDER - low).to_bytes(32, "big")
    yield "s", "s", "zero", good.receipt[:156] + bytes(32)
    yield "r", "r", "zero", good.receipt[:124] + bytes(32) + good.receipt[156:]
    yield "r", "r", "n itself", good.receipt[:124] + _ORDER.to_bytes(32, "big") + good.receipt[156:]
    yield "length", "length", "one byte short", good.receipt[:-1]
    yield "length", "length", "one byte long", good.receipt + b"\0"
    yield "certificate", "signature", "signed by kiosk 8", stamped(STAMP, OTHER).receipt
    paper = stamped(stamp(Grade.P), KIOSK)
    yield "grade", "grade", "P: an asserted time, well signed, is no receipt", paper.record.pack() + paper.signature
    late = replace(STAMP, time=Interval(STAMP.time.lo, OPEN))
    yield "hi", "hi", "open under grade A", late.pack() + good.signature
    shut = replace(stamp(Grade.C), time=STAMP.time)
    yield "hi", "hi", "not open under grade C", shut.pack() + good.signature
    for field, why, place, size, value in _OUT_OF_RANGE:
        data = bytearray(good.receipt)
        data[place : place + size] = value.to_bytes(size, "big", signed=value < 0)
        yield field, field, why, bytes(data)


_OUT_OF_RANGE: Final = (
    ("grade", "9: unknown", 6, 1, 9), ("kind", "8: unknown", 7, 1, 8), ("seq", "zero", 8, 8, 0),
    ("seq", "2^63", 8, 8, 2**63), ("lo", "before 1970", 16, 8, -1), ("lo", "after hi", 16, 8, STAMP.time.hi + 1),
    ("hi", "after the year 9999", 24, 8, 2**63 - 2), ("tick", "2^63", 32, 8, 2**63),
)  # fmt: skip
"""Field, what is wrong, place, size, value: found by the layout alone."""


def _bad() -> list[dict[str, Any]]:
    return [
        {"field": field, "named": named, "why": why, "receipt": data.hex()} for field, named, why, data in _changed()
    ]


def _exhibits() -> list[dict[str, Any]]:
    """Files that a verifier is handed together, under kiosk 7's certificate; what it names for each, "" = it holds."""
    forger = Issued.authority(secret=666).kiosk(secret=667)
    good, token = stamped(STAMP, KIOSK), _token(STAMP, KIOSK)
    links = chain(4)
    whole = [stamped(record, KIOSK) for record in links]
    body, salt = BODY.decode(), SALT.hex()
    cases: list[tuple[str, list[tuple[str, bytes, str]]]] = [
        ("a proof as a kiosk exports it", [("record", STAMP.pack(), ""), ("token", token, "")]),
        ("a time stamp under a forged root of the same names",
         [("record", STAMP.pack(), "signature"), ("token", _token(STAMP, forger), "certificate")]),
        ("a time stamp of another record",
         [("record", replace(STAMP, seq=13).pack(), "signature"), ("token", token, "record")]),
        ("a time stamp whose last bit was changed",
         [("record", STAMP.pack(), "signature"), ("token", token[:-1] + bytes((token[-1] ^ 1,)), "signature")]),
        ("one number used twice",
         [("receipt", good.receipt, ""), ("receipt", stamped(replace(STAMP, seg=4), KIOSK).receipt, "seq")]),
        ("a journal file", [("journal", b"".join(one.receipt for one in whole), "")]),
        ("a journal file without its third record",
         [("journal", b"".join(one.receipt for one in (*whole[:2], whole[3])), "seq")]),
        ("a journal file whose third record was changed and signed again",
         [("journal", b"".join(one.receipt for one in (
             *whole[:2], stamped(replace(links[2], body=bytes(32)), KIOSK), whole[3])), "prev")]),
    ]  # fmt: skip
    opened = {"salt": salt, "canonical": body}
    return [
        {"why": why, "files": [{"kind": kind, "data": data.hex(), "named": named} for kind, data, named in files]}
        for why, files in cases
    ] + [
        {"why": "the content of the record", "body": opened, "record": STAMP.pack().hex(), "named": ""},
        {"why": "another salt", "body": opened | {"salt": "00" * 16}, "record": STAMP.pack().hex(), "named": "body"},
    ]


def _token(record: Record, kiosk: Issued) -> bytes:
    return time_stamp_token(record, stamped(record, kiosk).signature, kiosk.certificate)


def _times() -> list[dict[str, Any]]:
    notes = [(0, 0, 1000), (400, 900, 5_000_000), (7, 7, 0)]
    anchors = [
        {
            "rx": NINE_TEN + rx, "tx": NINE_TEN + tx, "err": 50_000, "ticks": trip,
            "bounds": _bounds(anchor_interval(
                Anchor(nonce="", head_hash="", rx=NINE_TEN + rx, tx=NINE_TEN + tx, err=50_000, epoch=""), trip,
            )),
        }
        for rx, tx, trip in notes
    ]  # fmt: skip
    start = Interval(NINE_TEN, NINE_TEN + 100_000)
    later = [
        {"from": _bounds(start), "ticks": ticks, "later": _bounds(advance(start, ticks))}
        for ticks in (0, 1, 49, 50, 51, 999_999, HOUR, 16 * HOUR, 365 * DAY)
    ]
    off = [
        {"from": _bounds(start), "elapsed": elapsed, "later": _bounds(bridge(start, elapsed))}
        for elapsed in (0, 1_000_000, 16 * HOUR)
    ]
    return [{"anchor": anchors}, {"advance": later}, {"bridge": off}]


def _bounds(time: Interval) -> list[int]:
    return [time.lo, time.hi]


def files() -> dict[str, str]:
    """Return the text of each vector file by its name."""
    made = {
        "keys": _keys(), "records": _records(), "receipts": _receipts(), "tokens": _tokens(), "bad": _bad(),
        "exhibits": _exhibits(),
        "times": _times(),
        "seals": seals(KIOSK),
        "proofs": proofs(KIOSK, CA),
    }  # fmt: skip
    return {f"{name}.json": json.dumps(content, indent=1, sort_keys=True) + "\n" for name, content in made.items()}


def main() -> None:
    """Write the files."""
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
