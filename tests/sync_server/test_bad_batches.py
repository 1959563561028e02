"""Bad input over real HTTP: a typed answer, nothing lost, and the next good push succeeds."""

from __future__ import annotations

import gzip
import socket
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest

from shared_rules.evidence import sign_payload
from shared_rules.interval import DAY, HOUR, from_datetime, to_datetime
from shared_rules.protocol import HEAD_CONTEXT, MAX_BATCH_BYTES, Entry, Head, Problem, PushAnswer, PushRequest, Signed
from shared_rules.wire import canonical, decode_canonical
from sync_server import intake
from sync_server.store import journals
from tests.sync_server.conftest import MONDAY, NINE, House
from tests.sync_server.fakes import FakeKiosk
from tests.sync_server.listening import listening
from tests.sync_server.test_intake import alarms, held

if TYPE_CHECKING:
    from collections.abc import Iterator

FAR = from_datetime(to_datetime(0).replace(year=2099, month=1, day=5, hour=9))
LONG_AGO = DAY
JSON = {"content-type": "application/json"}
ZIPPED = JSON | {"content-encoding": "gzip"}


@pytest.fixture
def line(town: House) -> Iterator[httpx.Client]:
    """Return a client of the town's server on a real socket."""
    with listening(town.app) as (host, port), httpx.Client(base_url=f"http://{host}:{port}") as client:
        yield client


@pytest.fixture
def kiosk(town: House) -> FakeKiosk:
    """Return the east kiosk with three slips stamped, entered and not sent."""
    for index in range(3):
        town.kiosks[0].stamp(NINE + index * HOUR // 60, by="A", name=f"客户{index}", phone=f"1380000000{index}")
    town.source.now = NINE + HOUR
    return town.kiosks[0]


def send(line: httpx.Client, kiosk: FakeKiosk, request: PushRequest | bytes, **headers: str) -> httpx.Response:
    """Push a request as it is, or these very bytes."""
    body = request if isinstance(request, bytes) else msgspec.json.encode(request)
    return line.post(f"/v1/logs/{kiosk.log.kiosk}/{kiosk.inc}", content=body, headers=JSON | headers)


def acknowledged(response: httpx.Response) -> int:
    """Return the number that an acknowledgement wants next."""
    assert response.status_code == 200, response.text
    return msgspec.json.decode(response.content, type=PushAnswer).next


def refused(response: httpx.Response) -> str:
    """Return the kind of a refusal."""
    document = msgspec.json.decode(response.content, type=Problem)
    assert (response.headers["content-type"], document.status) == ("application/problem+json", response.status_code)
    return document.type.removeprefix("urn:xianhou:problem:")


def signed(kiosk: FakeKiosk, **changed: int) -> Signed:
    """Return the kiosk's head with some fields changed, properly signed."""
    head = decode_canonical(kiosk.head().payload, Head)
    return sign_payload(HEAD_CONTEXT, canonical(msgspec.structs.replace(head, **changed)), kiosk.key)


def state(house: House, kiosk: FakeKiosk) -> journals.LogState:
    """Return what the server knows of a kiosk's journal."""
    with house.store.snapshot() as tx:
        found = journals.log_state(tx, kiosk.log)
    assert found is not None
    return found


def reordered(kiosk: FakeKiosk) -> bytes:
    """Return a push whose second and third record changed places."""
    one, two, three, *rest = kiosk.entries
    return msgspec.json.encode(PushRequest(head=kiosk.head(), entries=[one, three, two, *rest]))


def twice(kiosk: FakeKiosk) -> bytes:
    """Return a push that holds its records two times."""
    return msgspec.json.encode(PushRequest(head=kiosk.head(), entries=[*kiosk.entries, *kiosk.entries]))


BAD = {
    "cut off": (lambda kiosk: msgspec.json.encode(kiosk.push())[:-20], {}, "malformed"),
    "gzip cut off": (lambda kiosk: gzip.compress(msgspec.json.encode(kiosk.push()))[:-20], ZIPPED, "malformed"),
    "gzip with a tail": (lambda kiosk: gzip.compress(msgspec.json.encode(kiosk.push())) + b"!", ZIPPED, "malformed"),
    "two orders": (reordered, {}, "malformed"),
    "records doubled in one batch": (twice, {}, "malformed"),
    "too large": (lambda _: b" " * (MAX_BATCH_BYTES + 1), {}, "too-large"),
    "too large when unpacked": (lambda _: gzip.compress(b" " * (MAX_BATCH_BYTES + 1)), ZIPPED, "too-large"),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD.keys())
def test_a_bad_body_is_refused_by_its_kind_and_blocks_nothing(
    town: House, line: httpx.Client, kiosk: FakeKiosk, case: tuple[object, dict[str, str], str]
) -> None:
    """The records stay with the kiosk, and the good push afterwards brings all of them."""
    make, headers, kind = case
    assert refused(send(line, kiosk, make(kiosk), **headers)) == kind  # type: ignore[operator]
    assert held(town, kiosk) == []
    assert acknowledged(send(line, kiosk, kiosk.push())) == len(kiosk.entries) + 1
    assert held(town, kiosk) == kiosk.entries


def test_a_body_that_ends_early_on_the_wire_keeps_nothing(town: House, line: httpx.Client, kiosk: FakeKiosk) -> None:
    """The line breaks in the middle of a request: no answer is owed, nothing was kept, the next push succeeds."""
    body = msgspec.json.encode(kiosk.push())
    address = (str(line.base_url.host), line.base_url.port or 0)
    with socket.create_connection(address, timeout=10) as wire:
        start = (
            f"POST /v1/logs/{kiosk.log.kiosk}/{kiosk.inc} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        wire.sendall(start.encode() + body[: len(body) // 2])
    assert acknowledged(send(line, kiosk, kiosk.push())) == len(kiosk.entries) + 1
    assert held(town, kiosk) == kiosk.entries


def test_a_bomb_is_refused_within_bounded_memory(line: httpx.Client, kiosk: FakeKiosk) -> None:
    """Half a gigabyte of spaces in half a megabyte. Sabotage: unpacked whole it would show in the measured peak."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * 1024 * 1024) for _ in range(512)) + packer.flush()
    assert len(bomb) < MAX_BATCH_BYTES
    tracemalloc.start()
    try:
        assert refused(send(line, kiosk, bomb, **ZIPPED)) == "too-large"
        assert tracemalloc.get_traced_memory()[1] < 16 * MAX_BATCH_BYTES
    finally:
        tracemalloc.stop()


def test_another_kiosks_key_is_refused_and_the_right_one_still_counts(
    town: House, line: httpx.Client, kiosk: FakeKiosk
) -> None:
    """A kiosk can speak for itself only, whatever it knows of its neighbour's records."""
    thief = FakeKiosk(town.kiosks[1].key, kiosk.answer, kiosk.inc, list(kiosk.entries), kiosk.last)
    assert refused(send(line, kiosk, thief.push())) == "bad-signature"
    assert held(town, kiosk) == []
    assert acknowledged(send(line, kiosk, kiosk.push())) == len(kiosk.entries) + 1


def test_a_replayed_head_lowers_nothing_and_raises_nothing(town: House, line: httpx.Client, kiosk: FakeKiosk) -> None:
    """Neither floor, unsent nor the time of the last word: a recording must not make a dark office look alive."""
    older = PushRequest(head=signed(kiosk, lo=NINE, floor=NINE, unsent=7), entries=kiosk.entries)
    newer = PushRequest(head=signed(kiosk, lo=NINE + HOUR, floor=NINE + HOUR))
    for request in (older, newer):
        acknowledged(send(line, kiosk, request))
    before = state(town, kiosk)
    assert (before.floor, before.unsent, before.heard_at) == (NINE + HOUR, 0, NINE + HOUR)
    town.source.now = NINE + 5 * HOUR
    for replayed in (older, newer):
        acknowledged(send(line, kiosk, replayed))
        assert state(town, kiosk) == before
    acknowledged(send(line, kiosk, PushRequest(head=signed(kiosk, lo=NINE + 2 * HOUR, floor=NINE + HOUR))))
    assert state(town, kiosk).heard_at == NINE + 5 * HOUR


@pytest.mark.parametrize(("at", "says"), [(LONG_AGO, "早于它的登记"), (FAR, "服务器的时间之后")], ids=["1970", "2099"])
def test_a_stamp_of_an_impossible_time_is_kept_and_alarmed_and_blocks_nobody(
    town: House, line: httpx.Client, kiosk: FakeKiosk, at: int, says: str
) -> None:
    """The slip is evidence; the other office's claim is live, and final when its day is promised to be over."""
    west = town.kiosks[1]
    kiosk.stamp(at, by="A", name="李四", phone="13900000009")
    claim = west.stamp(NINE, by="B", name="李四", phone="13900000009")
    assert acknowledged(send(line, kiosk, kiosk.push())) == len(kiosk.entries) + 1
    assert len([text for text in alarms(town) if says in text]) == 1
    town.source.now = MONDAY + DAY + HOUR
    for one in (kiosk, west):
        floor = MONDAY + DAY
        send(line, one, PushRequest(head=one.head(floor=floor), entries=one.entries))
    town.settle()
    assert town.rulings("west")[claim] == ("upheld", "")


@pytest.mark.parametrize("lo", [NINE, FAR], ids=["only the floor", "the whole clock"])
def test_a_promise_until_2099_is_not_taken_and_somebody_is_told(
    town: House, line: httpx.Client, kiosk: FakeKiosk, lo: int
) -> None:
    """Taken, it would close every day for ever: nothing the office stamps would ever be in time again."""
    promise = PushRequest(head=signed(kiosk, lo=lo, hi=lo, floor=FAR), entries=kiosk.entries)
    assert acknowledged(send(line, kiosk, promise)) == len(kiosk.entries) + 1
    assert state(town, kiosk).floor == 0
    assert len([text for text in alarms(town) if "太远" in text]) == 1


def test_closing_up_for_a_long_holiday_is_a_promise(town: House, line: httpx.Client, kiosk: FakeKiosk) -> None:
    """The floor may lie ahead as far as an office is ever closed, in a head of a sound clock."""
    holiday = PushRequest(head=signed(kiosk, lo=NINE, hi=NINE, floor=NINE + 16 * DAY), entries=kiosk.entries)
    acknowledged(send(line, kiosk, holiday))
    assert state(town, kiosk).floor == NINE + 16 * DAY


def test_without_the_rule_a_promise_until_2099_makes_a_fresh_slip_final_at_once(
    town: House, line: httpx.Client, kiosk: FakeKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sabotage: believe it, and a day that is not over counts as over."""
    number = "east-" + str(kiosk.log.kiosk) + "-1"
    for sabotaged in (False, True):
        if sabotaged:
            monkeypatch.setattr(intake, "_credible", lambda *_: True)
        for one in (kiosk, town.kiosks[1]):
            acknowledged(send(line, one, PushRequest(head=signed(one, lo=FAR, floor=FAR), entries=one.entries)))
        town.settle()
        assert town.rulings("east")[number][1] == ("" if sabotaged else "yes")


def test_a_poisoned_record_in_the_middle_waits_apart_and_the_others_take_effect(
    town: House, line: httpx.Client, kiosk: FakeKiosk
) -> None:
    """A body that does not fit its commitment: kept verbatim, alarmed, and the slips before and after it settle."""
    entry = kiosk.entries[3]
    kiosk.entries[3] = Entry(record=entry.record, signature=entry.signature, salt=entry.salt, body=b"{}")
    assert acknowledged(send(line, kiosk, kiosk.push())) == len(kiosk.entries) + 1
    assert len([text for text in alarms(town) if "无法采用" in text]) == 1
    assert held(town, kiosk)[3] == kiosk.entries[3]
    town.settle()
    assert sorted(town.rulings("east")) == [f"east-{kiosk.log.kiosk}-{n}" for n in (1, 3)]


def test_without_the_rule_a_replayed_head_makes_a_dark_office_look_alive(
    town: House, line: httpx.Client, kiosk: FakeKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sabotage: take every head for a new one, and the last word moves with each replay."""
    recorded = kiosk.push()
    for sabotaged in (False, True):
        if sabotaged:
            monkeypatch.setattr(intake, "_told_before", lambda *_: False)
        acknowledged(send(line, kiosk, recorded))
        town.source.now += HOUR
        acknowledged(send(line, kiosk, recorded))
        assert (state(town, kiosk).heard_at == town.source.now) == sabotaged
