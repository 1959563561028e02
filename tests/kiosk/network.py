"""A hand-written server behind a network that loses, repeats, cuts and lies, one fault for each push."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from kiosk.exchange import Request, Response, UnreachableError
from shared_rules.evidence import sign_payload
from shared_rules.facts import LogId
from shared_rules.journal import Arrival, ChainHead, Record, arrival
from shared_rules.protocol import (
    ANCHOR_CONTEXT,
    Anchor,
    Entry,
    FeedAnswer,
    Head,
    LogAnswer,
    PushAnswer,
    PushRequest,
    Signed,
)
from shared_rules.wire import canonical, decode_canonical
from shared_rules.words import say

if TYPE_CHECKING:
    from tests.kiosk.machine import Machine
    from tests.kiosk.places import Authority

PORTAL = Response(200, "text/html", b"<html>please log in</html>")
Fault = Callable[[Request, Callable[[], Response]], Response]


def lost_request(_: Request, __: Callable[[], Response]) -> Response:
    """Lose the request: the server never sees it."""
    raise UnreachableError(say("lost"))


def lost_response(_: Request, serve: Callable[[], Response]) -> Response:
    """Lose the answer: the server did it all."""
    serve()
    raise UnreachableError(say("lost"))


def repeated(_: Request, serve: Callable[[], Response]) -> Response:
    """Deliver the request twice."""
    serve()
    return serve()


def portal(_: Request, __: Callable[[], Response]) -> Response:
    """Answer as a captive portal does."""
    return PORTAL


def truncated(_: Request, serve: Callable[[], Response]) -> Response:
    """Cut the answer short after the server did it all."""
    answer = serve()
    return Response(answer.status, answer.content_type, answer.body[: len(answer.body) // 2])


@dataclass
class FakeServer:
    """A transport that ends in a server of a few lines; it keeps records as intake does."""

    authority: Authority
    machine: Machine
    records: dict[LogId, list[Record]] = field(default_factory=dict)
    entries: dict[LogId, list[Entry]] = field(default_factory=dict)
    heads: list[Head] = field(default_factory=list)
    feed: list[Signed] = field(default_factory=list)
    epoch: str = "e1"
    faults: list[Fault] = field(default_factory=list)
    pushes: int = 0
    closed: bool = False
    anchors: bool = True

    async def send(self, request: Request) -> Response:
        await asyncio.sleep(0)
        self.machine.run(1000)
        fault = self.faults.pop(0) if self.faults and request.method == "POST" else None
        return fault(request, partial(self.serve, request)) if fault else self.serve(request)

    async def close(self) -> None:
        self.closed = True

    def serve(self, request: Request) -> Response:
        if request.method == "POST":
            return self.push(msgspec.json.decode(gzip.decompress(request.body), type=PushRequest))
        if request.path.startswith("/v1/tree/"):
            return self.problem("not-found", 404)
        if request.path.startswith("/v1/logs/"):
            return self.history(request.path)
        return self.tell(request.path)

    def history(self, path: str) -> Response:
        where, _, after = path.partition("?after=")
        log = LogId(*map(int, where.split("/")[-2:]))
        if log not in self.entries:
            return self.problem("unknown-log", 404)
        end, page = self.end(log), self.entries[log][int(after) : int(after) + 3]
        answer = LogAnswer(entries=page, next=end.seq + 1, hash=end.hash.hex())
        return Response(200, "application/json", msgspec.json.encode(answer))

    def take_back(self, log: LogId, seq: int) -> list[Entry]:
        """Lose what comes after `seq`, and return it."""
        lost = self.entries[log][seq:]
        del self.entries[log][seq:], self.records[log][seq:]
        return lost

    def put(self, log: LogId, entries: list[Entry]) -> None:
        """Hold more of a log, from wherever it came."""
        self.entries[log] += entries
        self.records[log] += [Record.unpack(entry.record) for entry in entries]

    def chain(self, log: LogId) -> list[Record]:
        return self.records.setdefault(log, [])

    def end(self, log: LogId) -> ChainHead:
        chain = self.chain(log)
        return ChainHead(log, len(chain), chain[-1].digest()) if chain else ChainHead(log)

    def push(self, message: PushRequest) -> Response:
        self.pushes += 1
        head = decode_canonical(message.head.payload, Head)
        self.heads.append(head)
        records = [Record.unpack(entry.record) for entry in message.entries]
        log = LogId(head.kiosk, head.inc)
        for record, entry in zip(records, message.entries, strict=True):
            chain = self.chain(log)
            held = chain[record.seq - 1].digest() if record.seq <= len(chain) else None
            kind = arrival(record, self.end(log), held)
            if kind is Arrival.NEXT:
                chain.append(record)
                self.entries.setdefault(log, []).append(entry)
            elif kind is not Arrival.DUPLICATE:
                return self.problem("gap" if kind is Arrival.GAP else "fork", 409, log)
        end = self.end(log)
        note = Anchor(
            nonce=head.nonce, head_hash=head.hash, rx=self.machine.true, tx=self.machine.true, err=50_000, epoch="e1"
        )
        anchor = sign_payload(ANCHOR_CONTEXT, canonical(note), self.authority.server.key) if self.anchors else None
        answer = PushAnswer(next=end.seq + 1, hash=end.hash.hex(), anchor=anchor)
        return Response(200, "application/json", msgspec.json.encode(answer))

    def tell(self, path: str) -> Response:
        cursor = path.partition("after=")[2].partition("&")[0]
        epoch, _, at = cursor.partition(".")
        if cursor and (epoch != self.epoch or int(at) > len(self.feed)):
            return self.problem("stale-cursor", 410)
        after = int(at or 0)
        answer = FeedAnswer(items=self.feed[after : after + 2], cursor=f"{self.epoch}.{min(len(self.feed), after + 2)}")
        more = int(after + 2 < len(self.feed))
        return Response(200, "application/json", msgspec.json.encode(msgspec.structs.replace(answer, more=more)))

    def problem(self, kind: str, status: int, log: LogId | None = None) -> Response:
        document: dict[str, object] = {"type": f"urn:xianhou:problem:{kind}", "title": kind, "status": status}
        if log is not None:
            end = self.end(log)
            document |= {"next": end.seq + 1, "hash": end.hash.hex()}
        return Response(status, "application/problem+json", msgspec.json.encode(document))
