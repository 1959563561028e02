"""The kiosks' endpoints over ASGI: limits, problem documents, the long poll, and what a lost response leaves behind."""

from __future__ import annotations

import asyncio
import base64
import gzip
import zlib

import httpx
import msgspec
import pytest

from shared_rules.interval import MINUTE
from shared_rules.protocol import FeedAnswer, Hello, LogAnswer, Problem, PushAnswer
from tests.sync_server.conftest import NINE, House
from tests.sync_server.fakes import FakeKiosk, bodies

STALE = ("other.1", "{epoch}.999", "{epoch}.2", "{epoch}.2.0123456789abcdef", "{epoch}.x", "rubbish")


def address(kiosk: FakeKiosk) -> str:
    """Return where a kiosk pushes to."""
    return f"/v1/logs/{kiosk.log.kiosk}/{kiosk.inc}"


def body(kiosk: FakeKiosk, after: int = 0, upto: int | None = None) -> bytes:
    """Return a push as it travels."""
    return msgspec.json.encode(kiosk.push(after, upto))


def problem(response: httpx.Response) -> Problem:
    """Return the problem document of a refusal."""
    assert response.headers["content-type"] == "application/problem+json"
    document = msgspec.json.decode(response.content, type=Problem)
    assert document.status == response.status_code
    return document


@pytest.fixture
def kiosk(town: House) -> FakeKiosk:
    """Return the east kiosk with one slip."""
    town.kiosks[0].stamp(NINE, by="A", name="张三", phone="13800000001")
    return town.kiosks[0]


async def test_hello_says_who_answers(town: House, client: httpx.AsyncClient) -> None:
    """A wrong server is noticed by name, epoch and fingerprint."""
    hello = msgspec.json.decode((await client.get("/v1/hello")).content, type=Hello)
    assert (hello.product, hello.server, hello.fingerprint) == ("xianhou", "测试", town.service.keys.fingerprint)


async def test_a_gzipped_push_is_acknowledged(client: httpx.AsyncClient, kiosk: FakeKiosk) -> None:
    """Compression is the kiosk's choice."""
    headers = {"content-encoding": "gzip"}
    response = await client.post(address(kiosk), content=gzip.compress(body(kiosk)), headers=headers)
    answer = msgspec.json.decode(response.content, type=PushAnswer)
    assert (response.status_code, answer.next, answer.hash) == (200, 4, kiosk.last.hex())


async def test_a_lost_response_is_answered_the_same_again(client: httpx.AsyncClient, kiosk: FakeKiosk) -> None:
    """The kiosk never heard the first 200; it sends again and nothing is doubled."""
    first = msgspec.json.decode((await client.post(address(kiosk), content=body(kiosk))).content, type=PushAnswer)
    second = msgspec.json.decode((await client.post(address(kiosk), content=body(kiosk))).content, type=PushAnswer)
    assert (first.next, first.hash) == (second.next, second.hash)
    held = await client.get(f"{address(kiosk)}?after=0", headers=kiosk.header())
    assert msgspec.json.decode(held.content, type=LogAnswer).entries == kiosk.entries


async def test_the_response_is_lost_after_the_commit_and_the_record_stays(town: House, kiosk: FakeKiosk) -> None:
    """The connection breaks while the answer is being sent: the record is held, the next push hears so.

    Sabotage: a server that answered before its commit would have nothing here.
    """

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body(kiosk), "more_body": False}

    async def broken(_: object) -> None:
        raise ConnectionResetError

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": address(kiosk), "raw_path": b"",
        "query_string": b"", "headers": [], "scheme": "https", "server": ("testserver", 443), "root_path": "",
        "client": ("127.0.0.1", 1), "state": {}, "extensions": {}, "asgi": {"version": "3.0"},
    }  # fmt: skip
    with pytest.raises(ConnectionResetError):
        await town.app(scope, receive, broken)
    with town.store.snapshot() as tx:
        (row,) = tx.rows("SELECT next, hash FROM logs WHERE kiosk = ?", kiosk.log.kiosk)
    assert (row["next"], row["hash"]) == (4, kiosk.last.hex())


async def test_a_gap_names_the_record_that_is_wanted(client: httpx.AsyncClient, kiosk: FakeKiosk) -> None:
    """409 with next and hash, and the stable type."""
    response = await client.post(address(kiosk), content=body(kiosk, 1))
    refused = problem(response)
    assert (refused.type, refused.next, refused.hash) == ("urn:xianhou:problem:gap", 1, "0" * 64)


async def test_a_fork_is_told_as_such(client: httpx.AsyncClient, kiosk: FakeKiosk) -> None:
    """409 with the stable type."""
    clone = kiosk.clone()
    kiosk.stamp(NINE + MINUTE, by="A", name="李四", phone="13900000009")
    clone.stamp(NINE + MINUTE, by="A", name="王五", phone="13900000008")
    await client.post(address(kiosk), content=body(kiosk))
    assert problem(await client.post(address(clone), content=body(clone))).type == "urn:xianhou:problem:fork"


@pytest.mark.parametrize(
    ("content", "headers", "kind"),
    [
        pytest.param(b"", {}, "malformed", id="nothing"),
        pytest.param(b"{", {}, "malformed", id="cut off"),
        pytest.param(b"\xff\xfe", {}, "malformed", id="no text"),
        pytest.param(b'{"head": 1}', {}, "malformed", id="another shape"),
        pytest.param(b'{"unknown": 1}', {}, "malformed", id="an unknown key"),
        pytest.param(b"x" * (1024 * 1024 + 1), {}, "too-large", id="over the limit"),
        pytest.param(gzip.compress(b"0" * 300_000_000), {"content-encoding": "gzip"}, "too-large", id="a bomb"),
        pytest.param(b"no gzip", {"content-encoding": "gzip"}, "malformed", id="not compressed at all"),
        pytest.param(gzip.compress(b"{}")[:-3], {"content-encoding": "gzip"}, "malformed", id="cut compression"),
        pytest.param(gzip.compress(b"{}") * 2, {"content-encoding": "gzip"}, "malformed", id="two members"),
        pytest.param(zlib.compress(b"{}"), {"content-encoding": "deflate"}, "malformed", id="another coding"),
        pytest.param(b"[" * 100_000, {}, "malformed", id="deep nesting"),
    ],
)
async def test_bad_bodies_are_refused_with_a_problem(
    client: httpx.AsyncClient, kiosk: FakeKiosk, content: bytes, headers: dict[str, str], kind: str
) -> None:
    """Whatever was sent, the answer is a problem document and nothing was kept."""
    response = await client.post(address(kiosk), content=content, headers=headers)
    assert problem(response).type == f"urn:xianhou:problem:{kind}"


async def test_a_signed_head_that_is_no_head_is_malformed(client: httpx.AsyncClient, kiosk: FakeKiosk) -> None:
    """The payload must be a head in canonical form."""
    push = msgspec.structs.replace(kiosk.push(), head=msgspec.structs.replace(kiosk.head(), payload=b"{}"))
    response = await client.post(address(kiosk), content=msgspec.json.encode(push))
    assert problem(response).type == "urn:xianhou:problem:malformed"


async def test_a_strangers_signature_is_told_as_such(client: httpx.AsyncClient, town: House, kiosk: FakeKiosk) -> None:
    """403 with the stable type; an unknown kiosk is 404."""
    stranger = FakeKiosk(answer=kiosk.answer)
    assert problem(await client.post(address(kiosk), content=body(stranger))).type.endswith("bad-signature")
    assert problem(await client.post("/v1/logs/99/1", content=body(kiosk))).type.endswith("unknown-log")
    assert problem(await client.get("/v1/feed", headers=stranger.header())).type.endswith("bad-signature")


@pytest.mark.parametrize("headers", [{}, {"xianhou-head": "%%%"}, {"xianhou-head": base64.b64encode(b"{}").decode()}])
async def test_the_feed_is_for_those_who_sign(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """Without a signed head nobody is told anything."""
    assert problem(await client.get("/v1/feed?after=&wait=0", headers=headers)).type.endswith("malformed")


async def test_the_feed_is_read_by_its_cursor_without_loss_or_repetition(
    client: httpx.AsyncClient, town: House, kiosk: FakeKiosk
) -> None:
    """Each page goes on where the one before ended; the office sees its own people only."""
    first = msgspec.json.decode((await client.get("/v1/feed", headers=kiosk.header())).content, type=FeedAnswer)
    people = {item["person"] for item in bodies(first.items) if item["kind"] == "staff"}
    assert people == {"A", "C", "M"}
    rest = await client.get(f"/v1/feed?after={first.cursor}&wait=0", headers=kiosk.header())
    assert msgspec.json.decode(rest.content, type=FeedAnswer).items == []


@pytest.mark.parametrize("cursor", STALE)
async def test_a_cursor_of_another_epoch_is_gone(client: httpx.AsyncClient, kiosk: FakeKiosk, cursor: str) -> None:
    """A restored or exchanged server is noticed: 410, read again from the start."""
    epoch = msgspec.json.decode((await client.get("/v1/hello")).content, type=Hello).epoch
    asked = cursor.replace("{epoch}", epoch)
    response = await client.get(f"/v1/feed?after={asked}&wait=0", headers=kiosk.header())
    assert (response.status_code, problem(response).type) == (410, "urn:xianhou:problem:stale-cursor")


async def test_a_waiting_feed_request_is_woken_by_what_is_published(
    client: httpx.AsyncClient, town: House, kiosk: FakeKiosk
) -> None:
    """A push from one office wakes the long poll of the other as soon as it is settled."""
    west = town.kiosks[1]
    everything = msgspec.json.decode((await client.get("/v1/feed", headers=west.header())).content, type=FeedAnswer)
    waiting = asyncio.create_task(client.get(f"/v1/feed?after={everything.cursor}&wait=20", headers=west.header()))
    await asyncio.sleep(0)
    west.stamp(NINE, by="B", name="李四", phone="13900000009")
    town.source.now = NINE + MINUTE
    await client.post(address(west), content=body(west))
    async with asyncio.timeout(10):
        found = msgspec.json.decode((await waiting).content, type=FeedAnswer)
    assert [item["kind"] for item in bodies(found.items)] == ["ruling"]


async def test_a_waiting_feed_request_ends_when_the_server_stops(
    client: httpx.AsyncClient, town: House, kiosk: FakeKiosk
) -> None:
    """A stop does not wait for the longest poll."""
    everything = msgspec.json.decode((await client.get("/v1/feed", headers=kiosk.header())).content, type=FeedAnswer)
    waiting = asyncio.create_task(client.get(f"/v1/feed?after={everything.cursor}&wait=25", headers=kiosk.header()))
    await asyncio.sleep(0.2)
    town.service.bells.close()
    async with asyncio.timeout(3):
        assert (await waiting).status_code == 200


async def test_a_kiosk_gets_its_own_journal_back_and_nobody_elses(
    client: httpx.AsyncClient, town: House, kiosk: FakeKiosk
) -> None:
    """A replaced disk is filled again from the server."""
    await client.post(address(kiosk), content=body(kiosk))
    held = await client.get(f"{address(kiosk)}?after=1", headers=kiosk.header())
    answer = msgspec.json.decode(held.content, type=LogAnswer)
    assert (answer.entries, answer.next) == (kiosk.entries[1:], 4)
    other = await client.get(f"{address(kiosk)}?after=0", headers=town.kiosks[1].header())
    assert problem(other).type.endswith("unknown-log")


async def test_while_the_clock_is_not_synchronised_pushes_count_but_bring_no_anchor(
    client: httpx.AsyncClient, town: House, kiosk: FakeKiosk
) -> None:
    """Better no time than a wrong one; a slip is taken in all the same."""
    town.source.bound = None
    response = await client.post(address(kiosk), content=body(kiosk))
    answer = msgspec.json.decode(response.content, type=PushAnswer)
    assert (answer.next, answer.anchor) == (4, None)


async def test_a_full_disk_acknowledges_nothing(town: House, client: httpx.AsyncClient, kiosk: FakeKiosk) -> None:
    """503, and the kiosk keeps the record as unsent. Sabotage: without the trigger the same push is acknowledged."""
    with town.store.transaction() as tx:
        tx.run("CREATE TRIGGER full BEFORE INSERT ON records BEGIN SELECT RAISE(FAIL, 'disk full'); END")
    refused = await client.post(address(kiosk), content=body(kiosk))
    assert problem(refused).type == "urn:xianhou:problem:unavailable"
    with town.store.transaction() as tx:
        assert tx.rows("SELECT * FROM logs WHERE kiosk = ?", kiosk.log.kiosk) == []
        tx.run("DROP TRIGGER full")
    assert (await client.post(address(kiosk), content=body(kiosk))).status_code == 200
