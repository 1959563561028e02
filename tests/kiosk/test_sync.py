"""The network may lose, repeat, cut and lie: every slip arrives once, and nothing counts as told before it was."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import ssl
from typing import TYPE_CHECKING

import pytest

from kiosk.database import transaction
from kiosk.exchange import Exchange, Response, UnreachableError, WrongServerError
from kiosk.feed import FeedStore
from kiosk.sync import Pace, Sync, _unreachable, pinned
from shared_rules.errors import EvidenceError, RefusedError, UnavailableError
from shared_rules.facts import DutyOpened, Grade
from shared_rules.interval import HOUR
from shared_rules.protocol import FeedItem, NoticeItem, Sentence
from shared_rules.wire import canonical
from shared_rules.words import say
from tests.kiosk.machine import Machine
from tests.kiosk.network import FakeServer, lost_request, lost_response, portal, repeated, truncated
from tests.kiosk.places import Authority, opened, slip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kiosk.config import Folder
    from kiosk.database import Database
    from kiosk.journal import Journal

DUTY = DutyOpened(clerk="201", office="E")
PACE = Pace(heartbeat=0.05, wait=0, first=0.001, most=0.01, breath=0.01)


class Bench:
    """A kiosk and a server with the network between them."""

    def __init__(self, root: Path) -> None:
        self.authority = Authority()
        self.machine = Machine()
        self.folder: Folder = self.authority.enrol(root / "kiosk")
        self.server = FakeServer(self.authority, self.machine)
        self.heard: list[FeedItem] = []
        self.changes = 0
        self.start()

    def start(self) -> None:
        self.journal: Journal = opened(self.folder, self.machine)
        self.feed = FeedStore(self.journal.database, self.journal.keys, os.urandom, self.take)
        self.sync = self.new_sync()

    def new_sync(self) -> Sync:
        return Sync(
            self.journal, self.feed, rng=random.Random(1), on_change=self.changed, transport=self.server, pace=PACE
        )

    def take(self, _: Database, item: FeedItem) -> None:
        if isinstance(item.body, NoticeItem) and item.body.sentence.msgid == "poison":
            raise RefusedError(say("poison"))
        self.heard.append(item)

    def changed(self) -> None:
        self.changes += 1

    def stamp(self, times: int = 1) -> None:
        for _ in range(times):
            self.journal.append(slip(self.journal))

    def tell(self, text: str) -> None:
        self.server.feed.append(self.authority.item(NoticeItem(sentence=Sentence(msgid=text))))

    def agrees(self) -> bool:
        """Return whether the server holds exactly our journal."""
        return self.server.end(self.journal.log) == self.journal.chain.last(self.journal.log.inc)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Return a kiosk with its server."""
    bench = Bench(tmp_path)
    yield bench
    bench.journal.close()


async def test_a_round_tells_everything_hears_everything_and_learns_the_time(bench: Bench) -> None:
    """One round and the counter is anchored, reported and informed."""
    bench.stamp(3)
    for text in ("一", "二", "三", "四", "五"):
        bench.tell(text)
    await bench.sync.round()
    assert bench.agrees()
    assert (bench.journal.unsent, bench.sync.state.online, bench.sync.state.sentence) == (0, True, None)
    assert [item.seq for item in bench.heard] == [1, 2, 3, 4, 5]
    assert bench.journal.now().grade is Grade.A
    assert bench.server.heads[-1].cursor == bench.feed.cursor == "e1.5"
    assert bench.sync.state.last_heard > 0
    assert list(bench.feed.items()) == bench.heard


async def test_an_outbox_of_many_goes_in_batches(bench: Bench) -> None:
    """A weekend without network is told in batches of five hundred."""
    db = bench.journal.database.conn
    db.execute("PRAGMA synchronous = OFF")  # only here: six hundred syncs would take the test's time
    for _ in range(600):
        bench.journal.append(DUTY)
    await bench.sync.round()
    assert bench.agrees()
    assert bench.server.pushes >= 3


@pytest.mark.parametrize("fault", [lost_request, lost_response, truncated, portal])
async def test_after_a_fault_everything_is_still_unsent_and_the_next_round_mends_it(
    bench: Bench, fault: Callable[..., Response]
) -> None:
    """A lost response is the case that matters: the server has it, we do not know."""
    bench.stamp(2)
    unsent = bench.journal.unsent
    bench.server.faults = [fault]
    with pytest.raises(UnavailableError):
        await bench.sync.round()
    assert bench.journal.unsent == unsent
    assert not bench.sync.state.online
    assert bench.sync.state.sentence is not None
    await bench.sync.round()
    assert bench.agrees()
    assert bench.journal.unsent == 0


async def test_a_request_that_arrives_twice_changes_nothing(bench: Bench) -> None:
    """Delivery is at least once, effect is once."""
    bench.stamp(2)
    bench.server.faults = [repeated] * 3
    await bench.sync.round()
    assert bench.agrees()


async def test_a_captive_portal_is_named_and_acknowledges_nothing(bench: Bench) -> None:
    """It answers 200 to everything."""
    bench.stamp()
    bench.server.faults = [portal]
    with pytest.raises(WrongServerError, match="登录页"):
        await bench.sync._push_all()
    assert bench.journal.unsent == 2


async def test_an_acknowledgement_with_another_hash_is_none(bench: Bench) -> None:
    """Sabotage: a server that says it holds what it does not."""
    bench.stamp()

    def lie(*_: object) -> Response:
        return Response(200, "application/json", b'{"next":3,"hash":"' + b"ab" * 32 + b'"}')

    bench.server.faults = [lie]
    with pytest.raises(UnavailableError, match="不符"):
        await bench.sync.round()
    assert bench.journal.unsent == 2


async def test_an_anchor_for_another_request_is_not_folded(bench: Bench) -> None:
    """A replayed note of time would set the clock back."""

    def replay(_: object, serve: Callable[[], Response]) -> Response:
        serve()
        old = bench.server.heads[-1]
        bench.server.heads[-1] = old
        note = bench.authority.note(bench.machine, nonce="00", head_hash=old.hash)
        import msgspec

        from shared_rules.protocol import PushAnswer

        end = bench.server.end(bench.journal.log)
        answer = PushAnswer(next=end.seq + 1, hash=end.hash.hex(), anchor=note)
        return Response(200, "application/json", msgspec.json.encode(answer))

    bench.server.faults = [replay]
    with pytest.raises(UnavailableError, match="对时"):
        await bench.sync.round()
    assert bench.journal.now().grade is Grade.C


async def test_a_server_restored_from_a_backup_gets_the_missing_records_again(bench: Bench) -> None:
    """A gap names the record that is wanted next."""
    bench.stamp(3)
    await bench.sync.round()
    del bench.server.records[bench.journal.log][2:]
    bench.stamp()
    await bench.sync.round()
    assert bench.agrees()
    assert bench.journal.unsent == 0


async def test_a_copied_kiosk_is_noticed_warned_of_and_goes_on_under_a_new_life(bench: Bench, tmp_path: Path) -> None:
    """Two machines wrote under one name: the server alarms, the counter stays open."""
    await bench.sync.round()
    log = bench.journal.log
    bench.journal.close()
    shutil.copytree(bench.folder.root, tmp_path / "copy")
    bench.start()
    bench.stamp()
    await bench.sync.round()
    bench.journal.close()
    twin = type(bench.folder)(tmp_path / "copy")
    bench.folder = twin
    bench.start()
    assert bench.journal.log == log
    bench.stamp(3)
    with pytest.raises(UnavailableError, match="复制"):
        await bench.sync.round()
    assert bench.journal.log != log
    await bench.sync.round()
    assert bench.agrees()
    assert bench.sync.state.sentence is not None


async def test_a_kiosk_rolled_back_with_its_anchor_file_learns_it_from_the_server(bench: Bench, tmp_path: Path) -> None:
    """Whoever restores the whole folder does not fool the server."""
    bench.journal.close()
    shutil.copytree(bench.folder.root, tmp_path / "old")
    bench.start()
    bench.stamp(2)
    await bench.sync.round()
    log = bench.journal.log
    bench.journal.close()
    bench.folder = type(bench.folder)(tmp_path / "old")
    bench.server.anchors = False
    bench.start()
    with pytest.raises(UnavailableError, match="备份"):
        await bench.sync.round()
    assert bench.journal.log != log
    await bench.sync.round()
    assert bench.agrees()


async def test_a_restored_server_gets_the_records_of_an_ended_life_again(bench: Bench) -> None:
    """Nothing grows there any more, so nothing but a question of our own would ever notice the loss."""
    bench.stamp(3)
    await bench.sync.round()
    old = bench.journal.log
    bench.journal.close()
    bench.folder.anchor.unlink()
    bench.start()
    bench.stamp()
    await bench.sync.round()
    del bench.server.records[old][2:]
    bench.server.records[bench.journal.log].clear()
    await bench.sync.round()
    await bench.sync.round()
    assert bench.agrees()
    assert bench.server.end(old) == bench.journal.chain.last(old.inc)


async def test_what_an_old_life_did_not_tell_is_told_before_the_new_one(bench: Bench) -> None:
    """A new life must not strand the slips of the old one."""
    bench.stamp(2)
    old = bench.journal.log
    bench.journal.close()
    bench.folder.anchor.unlink()
    bench.start()
    assert bench.journal.log != old
    await bench.sync.round()
    assert bench.server.end(old).seq == 3
    assert bench.agrees()
    assert all(head.floor == 0 for head in bench.server.heads if head.inc == old.inc)


async def test_a_stale_cursor_reads_the_feed_again_from_the_start(bench: Bench) -> None:
    """A server restored from a backup has another past to tell."""
    bench.tell("一")
    await bench.sync.round()
    bench.authority.seq, bench.authority.last = 0, "0" * 64
    bench.server.epoch, bench.server.feed = "e2", []
    bench.tell("甲")
    bench.tell("乙")
    await bench.sync.round()
    assert bench.feed.cursor == "e2.2"
    assert [item.seq for item in bench.feed.items()] == [1, 2]


async def test_of_two_questions_with_one_stale_cursor_the_second_answer_is_dropped(bench: Bench) -> None:
    """The screen's round and the long poll ask side by side: a restored server must not look out of order to one."""
    bench.tell("一")
    await bench.sync.round()
    exchange = Exchange(bench.journal, bench.feed)
    first, second = exchange.ask(0), exchange.ask(20)
    bench.authority.seq, bench.authority.last = 0, "0" * 64
    bench.server.epoch, bench.server.feed = "e2", []
    bench.tell("甲")
    refused = bench.server.tell(first.request.path)
    assert exchange.take_feed(first, refused) == (0, True)
    again = exchange.ask(0)
    assert exchange.take_feed(second, refused) == (0, True)
    assert exchange.take_feed(again, bench.server.tell(again.request.path)) == (1, False)
    assert exchange.take_feed(second, refused) == (0, True)
    assert (bench.feed.cursor, [item.seq for item in bench.feed.items()]) == ("e2.1", [1])


async def test_feed_items_of_another_signer_office_or_order_are_not_taken(bench: Bench) -> None:
    """Whoever could slip an item in could return a slip that nobody returned."""
    body = NoticeItem(sentence=Sentence(msgid="x"))
    stranger = Authority()
    stranger.server = stranger.ca.kiosk("stranger", secret=4243)
    for bad in (stranger.item(body), bench.authority.item(body, office="W")):
        bench.server.feed = [bad]
        with pytest.raises(UnavailableError):
            await bench.sync.round()
    bench.authority.item(body)
    bench.server.feed = [bench.authority.item(body)]
    with pytest.raises(UnavailableError, match="断链"):
        await bench.sync.round()
    assert (bench.heard, bench.feed.cursor) == ([], "")


async def test_an_item_that_cannot_take_effect_blocks_nothing_behind_it(bench: Bench) -> None:
    """A newer server's kinds, and items the counter refuses, are kept and passed over."""
    unknown = canonical(
        {"office": "E", "seq": 1, "prev": "0" * 64, "at": 1, "body": {"kind": "from_the_future", "x": 1}}
    )
    bench.authority.seq = 1
    bench.server.feed = [bench.authority.seal(unknown)]
    bench.tell("poison")
    bench.tell("三")
    await bench.sync.round()
    assert [item.seq for item in bench.heard] == [3]
    assert bench.feed.refused() == 2


async def test_unplugged_nothing_passes_and_an_answer_on_its_way_is_lost(bench: Bench) -> None:
    """The plug is what the demo pulls."""
    bench.stamp()
    bench.sync.offline()
    with pytest.raises(UnavailableError, match="断开"):
        await bench.sync.round()
    assert bench.server.pushes == 0
    bench.sync.online()

    def pull(_: object, serve: Callable[[], Response]) -> Response:
        answer = serve()
        bench.sync.offline()
        return answer

    bench.server.faults = [pull]
    with pytest.raises(UnreachableError):
        await bench.sync._push_all()
    assert bench.journal.unsent == 2
    bench.sync.online()
    await bench.sync.round()
    assert bench.agrees()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, at most five seconds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is waited for lies on both sides of the network
            await asyncio.sleep(0.005)


async def test_the_running_sync_drains_after_faults_and_a_wake_is_heard_at_once(bench: Bench) -> None:
    """When faults stop, the outbox drains by itself; a stamp does not wait for the heartbeat."""
    bench.server.faults = [lost_request, lost_response, portal, truncated]
    bench.stamp(2)
    running = asyncio.create_task(bench.sync.run())
    await until(lambda: bench.journal.unsent == 0 and bench.sync.state.online)
    bench.tell("一")
    bench.stamp()
    bench.sync.wake()
    await until(lambda: bench.agrees() and bool(bench.heard))
    bench.sync.offline()
    bench.stamp()
    await asyncio.sleep(0.05)
    assert bench.journal.unsent >= 1
    bench.sync.online()
    await until(lambda: bench.journal.unsent == 0)
    assert bench.changes > 2
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert bench.server.closed


async def test_retries_back_off_with_full_jitter_up_to_a_minute(bench: Bench) -> None:
    """A hundred kiosks must not come back in step."""

    class Rng:
        spans: list[float] = []

        def uniform(self, a: float, b: float, /) -> float:
            self.spans.append(b)
            return 0.0

    rng = Rng()
    sync = Sync(bench.journal, bench.feed, rng=rng, transport=bench.server, pace=Pace())
    sync.offline()
    task = asyncio.create_task(sync._forever(sync._push_all, sync._push_bell, 15.0))
    await until(lambda: len(rng.spans) >= 9)
    task.cancel()
    assert rng.spans[:8] == [1, 2, 4, 8, 16, 32, 60, 60]


async def test_when_the_network_is_back_for_one_task_the_other_does_not_sleep_on(bench: Bench) -> None:
    """A push that got through wakes the feed out of its wait of up to a minute: a return note would be late by that."""

    class Longest:
        def uniform(self, _: float, b: float, /) -> float:
            return b

    pace = Pace(heartbeat=60, wait=0, first=30, most=60, breath=0.01)
    sync = Sync(bench.journal, bench.feed, rng=Longest(), transport=bench.server, pace=pace)
    sync.offline()
    running = asyncio.create_task(sync.run())
    await asyncio.sleep(0.05)
    sync._cut.clear()  # the network comes back and nobody says so
    bench.tell("一")
    await sync._push_all()
    await until(lambda: bool(bench.heard))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_heartbeat_raises_the_floor_without_filling_the_journal(bench: Bench) -> None:
    """An idle hour leaves no trace but a higher promise."""
    await bench.sync.round()
    await bench.sync.round()
    seq, floor = bench.journal.last_seq, bench.journal.floor
    for _ in range(5):
        bench.machine.run(1_000_000)
        await bench.sync.round()
    assert bench.journal.last_seq == seq
    assert bench.journal.floor > floor
    bench.machine.run(HOUR)
    await bench.sync.round()
    assert bench.journal.last_seq > seq


def test_tls_trusts_one_authority_and_not_this_machines_date() -> None:
    """A kiosk whose battery died must still reach the server to learn the time."""
    context = pinned(Authority().ca.pem.decode())
    assert len(context.get_ca_certs()) == 1
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.verify_flags & 0x200000


def test_a_server_with_another_certificate_is_named() -> None:
    """It is not merely out of reach."""
    outer = OSError("connect")
    outer.__cause__ = ssl.SSLCertVerificationError("self-signed")
    assert isinstance(_unreachable(outer, "https://x"), WrongServerError)
    assert isinstance(_unreachable(OSError(), "https://x"), UnreachableError)


async def test_a_disk_that_fails_while_hearing_takes_nothing_of_the_answer(bench: Bench) -> None:
    """Items and cursor are one transaction."""
    bench.tell("一")

    def fail(_: Database, __: FeedItem) -> None:
        raise UnavailableError(say("disk"))

    bench.feed.on_item = fail
    with pytest.raises(UnavailableError, match="disk"):
        await bench.sync.round()
    assert (bench.feed.cursor, list(bench.feed.items())) == ("", [])
    bench.feed.on_item = bench.take
    await bench.sync.round()
    assert len(bench.heard) == 1
    with pytest.raises(EvidenceError), transaction(bench.journal.database):
        raise EvidenceError(say("x"))
