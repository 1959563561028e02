"""Plays one conformance case (docs/sync.md) against a running server, by HTTP alone."""

from __future__ import annotations

import base64
import gzip
import hashlib
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from shared_rules.evidence import sign_payload
from shared_rules.interval import MINUTE, from_datetime
from shared_rules.journal import ZERO_HASH
from shared_rules.protocol import HEAD_CONTEXT, EnrolAnswer, FeedItem, Head, Signed
from shared_rules.wire import canonical, decode_canonical
from tests.sync_server.fakes import FakeKiosk

if TYPE_CHECKING:
    import httpx

    from shared_rules.protocol import Entry

__all__ = ["Play", "Town"]

_PATIENCE: Final = 20.0
_COUNTED: Final = {"records": "entries", "items": "items"}
"""Word of a case -> list of the answer of which it says the length."""
_RECORD_PARTS: Final = {"magic": 0, "grade": 6, "number": 8, "time": 16}
"""Where in the 124 bytes of a record what is bent begins."""


class Town(Protocol):
    """What a server under test must lend: a one-time code of an office, its clock, and its revocation."""

    def code(self, office: str) -> str:
        """Return a new enrolment code."""

    def set_clock(self, now: int) -> None:
        """Put the server's clock there (microseconds)."""

    def revoke(self, kiosk: int) -> None:
        """Take a kiosk's certificate back."""


@dataclass
class Play:
    """One case under way: the kiosks by name, and what the server answered last."""

    client: httpx.Client
    town: Town
    now: int
    kiosks: dict[str, FakeKiosk] = field(default_factory=dict)
    last_code: str = ""
    cursor: str = ""

    def begin(self) -> None:
        """Enrol `east` and `west`, each with a journal of five records: its first, and two slips with their entry."""
        for office, by, phone in (("east", "A", "1380000000"), ("west", "B", "1390000000")):
            kiosk = self.kiosks[office] = FakeKiosk()
            self.last_code = self.town.code(office)
            response = self.client.post("/v1/enrol", json=msgspec.to_builtins(kiosk.request(self.last_code)))
            assert response.status_code == 200, response.text
            kiosk.answer = msgspec.json.decode(response.content, type=EnrolAnswer)
            kiosk.genesis(self.now)
            for index in range(2):
                kiosk.stamp(self.now + index * MINUTE, by=by, name=f"{office}{index}", phone=f"{phone}{index}")
        self.now += 5 * MINUTE
        self.town.set_clock(self.now)

    def steps(self, steps: list[dict[str, Any]]) -> None:
        """Do what a case says; AssertionError where the server answers otherwise."""
        for step in steps:
            self._step({name: value for name, value in step.items() if name != "answer"}, step.get("answer"))

    def _step(self, step: dict[str, Any], expected: dict[str, Any] | None) -> None:
        (verb, given), *rest = step.items()
        assert not rest, f"a step has one verb and an answer: {step}"
        response = getattr(self, f"do_{verb}")(**given)
        if expected is not None:
            self._compare(response, **expected)

    # --- the verbs

    def do_push(self, kiosk: str, **how: Any) -> httpx.Response:
        """POST /v1/logs/…: records `first-last`, or a list; without `records` a heartbeat."""
        one = self.kiosks[kiosk]
        body = msgspec.json.encode({
            "head": self.head(kiosk, how.pop("head", {}), signed_by=how.pop("signed_by", kiosk)),
            "entries": self.entries(one, how.pop("records", ""), how.pop("bend", {})) * how.pop("times", 1),
        })  # fmt: skip
        to = {"kiosk": one.log.kiosk, "inc": one.log.inc} | how.pop("to", {})
        headers = {"content-type": "application/json"}
        if coding := how.pop("coding", ""):
            body, headers["content-encoding"] = gzip.compress(body), coding
        body = (how.pop("body", "").encode() or body)[: -how.pop("cut", 0) or None] + b"!" * how.pop("tail", 0)
        body += b" " * how.pop("padding", 0)
        assert not how, f"unknown: {how}"
        return self.client.post(f"/v1/logs/{to['kiosk']}/{to['inc']}", content=body, headers=headers)

    def do_get(self, path: str, by: str = "", header: str = "", query: dict[str, str] | None = None) -> httpx.Response:
        """GET a path, signed by a kiosk; `{kiosk}` and `{inc}` are the asker's, `after = "last"` the last cursor."""
        if by:
            one = self.kiosks[by]
            path = path.format(kiosk=one.log.kiosk, inc=one.log.inc)
            header = base64.b64encode(msgspec.json.encode(one.head())).decode()
        query = {name: self.cursor if value == "last" else value for name, value in (query or {}).items()}
        return self.client.get(path, params=query, headers={"xianhou-head": header} if header else {})

    def do_hear(self, by: str, kind: str) -> httpx.Response:
        """Read the feed from its start until an item of this kind is there, for 20 seconds at most."""
        end = time.monotonic() + _PATIENCE
        while True:
            response = self.do_get("/v1/feed", by=by, query={"after": ""})
            kinds = [item["body"]["kind"] for item in items_of(response)] if response.status_code == 200 else []
            if kind in kinds or time.monotonic() > end:
                assert kind in kinds, f"no {kind} among {kinds}"
                return response
            time.sleep(0.05)

    def do_final(self, by: str, claim: str, *, is_final: bool) -> None:
        """Wait until a claim's last ruling is final, or see that it stays provisional for a second."""
        self.do_hear(by, "ruling")
        end = time.monotonic() + (_PATIENCE if is_final else 1.0)
        while (final := self._final(by, claim)) != is_final or not is_final:
            assert not (final and not is_final), "a ruling became final too early"
            if time.monotonic() > end:
                assert not is_final, "the ruling never became final"
                return
            time.sleep(0.05)

    def _final(self, by: str, claim: str) -> bool:
        items = [item["body"] for item in items_of(self.do_get("/v1/feed", by=by, query={"after": ""}))]
        rulings = [body for body in items if body["kind"] == "ruling" and body["claim"] == claim]
        return bool(rulings) and not rulings[-1].get("provisional")

    def do_enrol(self, code: str = "new", csr: str = "") -> httpx.Response:
        """POST /v1/enrol with a new, the used, or a wrong code."""
        text = {"new": lambda: self.town.code("east"), "used": lambda: self.last_code}.get(code, lambda: code)()
        request = FakeKiosk().request(text)
        return self.client.post("/v1/enrol", json={"code": text, "csr": csr or request.csr})

    def do_again(self, kiosk: str) -> httpx.Response:
        """Enrol with the last code and the key that used it: its answer was lost."""
        return self.client.post("/v1/enrol", json=msgspec.to_builtins(self.kiosks[kiosk].request(self.last_code)))

    def do_stamp(self, kiosk: str, at: str = "", name: str = "王五") -> None:
        """Append a new slip with its entry to a kiosk's journal; it is not sent yet."""
        self.kiosks[kiosk].stamp(instant(at) if at else self.now, by="A", name=name, phone="13911112222")

    def do_append(self, kiosk: str, body: str, at: str | int = "") -> None:
        """Append a record with any body, properly chained and signed."""
        self.kiosks[kiosk].append(body.encode(), instant(at) if at else self.now)

    def do_copy(self, kiosk: str, name: str, keep: int = 0, inc: int = 0) -> None:
        """Make a copy of the machine as it was after `keep` records; with `inc`, one that begins that life anew."""
        one = self.kiosks[kiosk]
        held = [] if inc else one.entries[:keep]
        copy = self.kiosks[name] = replace(one.clone(), inc=inc or one.inc, entries=held)
        copy.last = digest_of(held[-1]) if held else ZERO_HASH
        if inc:
            copy.genesis(self.now)

    def do_clock(self, at: str) -> None:
        """Move the server's clock."""
        self.now = instant(at)
        self.town.set_clock(self.now)

    def do_revoke(self, kiosk: str) -> None:
        """Have the operator take a kiosk's certificate back."""
        self.town.revoke(self.kiosks[kiosk].log.kiosk)

    # --- what they are made of

    def head(self, kiosk: str, changed: dict[str, Any], *, signed_by: str) -> Signed:
        """Return the kiosk's head with some fields changed (times as ISO texts), signed by whom the case says."""
        head = decode_canonical(self.kiosks[kiosk].head().payload, Head)
        changed = {name: instant(value) if name in {"floor", "lo", "hi"} else value for name, value in changed.items()}
        if "seq" in changed and "hash" not in changed:
            head = decode_canonical(self.kiosks[kiosk].head(seq=changed["seq"]).payload, Head)
        changed = msgspec.to_builtins(head) | changed
        return sign_payload(HEAD_CONTEXT, canonical(changed), self.kiosks[signed_by].key)

    def entries(self, one: FakeKiosk, records: str | list[int], bend: dict[str, Any]) -> list[Entry]:
        """Return the named records, one of them bent."""
        if isinstance(records, str):
            first, _, last = records.partition("-")
            records = list(range(int(first), int(last or first) + 1)) if records else []
        return [bent(one.entries[n - 1], bend["part"]) if n == bend.get("record") else one.entries[n - 1]
                for n in records]  # fmt: skip

    def _compare(self, response: httpx.Response, status: int, **rest: Any) -> None:
        assert response.status_code == status, response.text
        if "type" in rest:
            assert response.headers["content-type"] == "application/problem+json"
            assert response.json()["type"] == "urn:xianhou:problem:" + rest.pop("type")
        found = response.json()
        if "cursor" in found:
            self.cursor = found["cursor"]
        if "holds" in rest:
            held = self.kiosks[rest.pop("holds")].entries[: found["next"] - 1]
            assert found["hash"] == (digest_of(held[-1]).hex() if held else "0" * 64)
        for name in _COUNTED.keys() & rest.keys():
            assert len(found[_COUNTED[name]]) == rest.pop(name)
        for name, value in rest.items():
            assert found.get(name.rstrip("_")) == value, (name, found)


def bent(entry: Entry, part: str) -> Entry:
    """Return a record of which one part was damaged on the way."""
    if part in {"body", "signature", "salt"}:
        whole = getattr(entry, part)
        return msgspec.structs.replace(entry, **{part: whole[:-1] + bytes([whole[-1] ^ 1])})
    at = _RECORD_PARTS[part]
    record = bytearray(entry.record)
    record[at] ^= 0xFF
    return msgspec.structs.replace(entry, record=bytes(record))


def digest_of(entry: Entry) -> bytes:
    """Return the hash that the next record names."""
    return hashlib.sha256(entry.record).digest()


def instant(text: str | int) -> int:
    """Return the microseconds of an ISO time with its zone, or of a number as it is."""
    return text if isinstance(text, int) else from_datetime(datetime.fromisoformat(text))


def items_of(response: httpx.Response) -> list[dict[str, Any]]:
    """Return the items of a feed answer, decoded."""
    signed = [base64.b64decode(item["payload"]) for item in response.json()["items"]]
    return [msgspec.to_builtins(msgspec.json.decode(payload, type=FeedItem)) for payload in signed]
