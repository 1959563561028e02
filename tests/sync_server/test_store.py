"""The database writes safely or says so, and what lies in it cannot be moved about unnoticed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from shared_rules.errors import EvidenceError, UnavailableError
from shared_rules.facts import Role
from shared_rules.interval import MINUTE
from sync_server.feed import StaleCursorError
from sync_server.store import Store, Transaction
from sync_server.store.sealing import Sealer
from tests.sync_server.conftest import NINE, House, rebuilt

KEY = bytes(32)


def test_every_connection_of_every_thread_writes_through_to_the_disk(tmp_path: Path) -> None:
    """WAL with synchronous=FULL and foreign keys, asked of each connection."""
    store = Store(tmp_path / "a.db", KEY)
    seen: list[tuple[object, ...]] = []

    def look() -> None:
        with store.snapshot() as tx:
            asked = ("journal_mode", "synchronous", "foreign_keys")
            seen.append(tuple(tx.db.execute(f"PRAGMA {name}").fetchone()[0] for name in asked))

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
        thread.join()
    look()
    assert seen == [("wal", 2, 1)] * 4
    store.close()


def test_a_database_that_cannot_write_safely_is_refused(tmp_path: Path) -> None:
    """Sabotage: where WAL is not to be had (here: in memory), the store does not open."""

    class InMemory(Store):
        def __init__(self) -> None:
            super().__init__(Path(":memory:"), KEY)

    with pytest.raises(UnavailableError) as refused:
        InMemory()
    assert "WAL" in str(refused.value)


def test_nothing_of_a_transaction_that_fails_is_there(tmp_path: Path) -> None:
    """All or nothing."""
    store = Store(tmp_path / "a.db", KEY)

    def half(tx: Transaction) -> None:
        tx.insert("meta", name="a", value="1")
        raise RuntimeError

    with pytest.raises(RuntimeError), store.transaction() as tx:
        half(tx)
    with store.snapshot() as tx:
        assert tx.rows("SELECT * FROM meta") == []
    store.close()


def test_two_writers_wait_for_each_other(tmp_path: Path) -> None:
    """No "database is locked", no lost update: two processes' worth of connections count to two hundred together."""
    stores = [Store(tmp_path / "a.db", KEY) for _ in range(2)]
    with stores[0].transaction() as tx:
        tx.insert("meta", name="count", value="0")

    def count(store: Store) -> None:
        for _ in range(100):
            with store.transaction() as tx:
                row = tx.one("SELECT value FROM meta")
                assert row is not None
                tx.run("UPDATE meta SET value = ?", str(int(row["value"]) + 1))

    threads = [threading.Thread(target=count, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with stores[0].snapshot() as tx:
        assert tx.one("SELECT value FROM meta") == {"value": "200"}
    for store in stores:
        store.close()


def test_a_file_that_is_no_database_is_said_in_a_sentence(tmp_path: Path) -> None:
    """No traceback of SQLite reaches the operator."""
    path = tmp_path / "a.db"
    path.write_bytes(b"no database at all, and long enough to be sure of it" * 100)
    with pytest.raises(UnavailableError) as refused:
        Store(path, KEY)
    assert "数据库打不开" in str(refused.value)


def test_closing_waits_for_what_runs_and_lets_nothing_new_begin(tmp_path: Path) -> None:
    """A stop in the middle of a write cuts nothing."""
    store = Store(tmp_path / "a.db", KEY)
    inside, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with store.transaction() as tx:
            tx.insert("meta", name="a", value="1")
            inside.set()
            go_on.wait(10)

    writer = threading.Thread(target=write)
    writer.start()
    inside.wait(10)
    closer = threading.Thread(target=store.close)
    closer.start()
    go_on.set()
    writer.join()
    closer.join()
    with pytest.raises(UnavailableError), store.snapshot():
        pass
    again = Store(tmp_path / "a.db", KEY)
    with again.snapshot() as tx:
        assert tx.one("SELECT value FROM meta WHERE name = 'a'") == {"value": "1"}
    again.close()


@pytest.mark.parametrize(
    "touch", [lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]), lambda _: b"", lambda s: s[:12]]
)
def test_a_sealed_body_that_was_touched_does_not_open(touch: object) -> None:
    """Changed, cut or emptied."""
    sealer = Sealer(KEY)
    assert callable(touch)
    with pytest.raises(EvidenceError):
        sealer.open(touch(sealer.seal("张三".encode(), b"record")), b"record")


def test_a_sealed_body_belongs_to_its_record_and_key() -> None:
    """It cannot be put beside another record, nor opened with another key."""
    sealed = Sealer(KEY).seal(b"body", b"record 1")
    assert Sealer(KEY).open(sealed, b"record 1") == b"body"
    for key, about in ((KEY, b"record 2"), (bytes([1]) * 32, b"record 1")):
        with pytest.raises(EvidenceError):
            Sealer(key).open(sealed, about)


def test_a_record_cut_out_of_the_database_is_noticed(town: House) -> None:
    """The chain of every journal is walked when the facts are read: what is missing leaves a broken link."""
    east = town.kiosks[0]
    for number in (1, 2):
        east.stamp(NINE, by="A", name=f"客户{number}", phone=f"1380000000{number}")
    town.push(east)
    assert rebuilt(town).service.reconciler.archive.read().events
    for statement in ("DELETE FROM bodies WHERE position = ?", "DELETE FROM records WHERE position = ?"):
        again = rebuilt(town)
        with again.store.transaction() as tx:
            row = tx.one("SELECT position FROM records WHERE kiosk = 1 AND seq = 3")
            assert row is not None
            tx.run(statement, row["position"])
        with pytest.raises(EvidenceError):
            again.service.reconciler.archive.read()
        again.store.close()


def test_a_body_swapped_in_the_database_stops_settling_and_raises_an_alarm(town: House) -> None:
    """Tampering with the file is noticed when the facts are read again, and pushes are still taken in."""
    east = town.kiosks[0]
    for number in (1, 2):
        east.stamp(NINE, by="A", name=f"客户{number}", phone=f"1380000000{number}")
    town.source.now = NINE + 5 * MINUTE
    town.push(east)
    with town.store.transaction() as tx:
        (one, two) = tx.rows(
            "SELECT b.position, sealed FROM bodies b JOIN records USING (position) WHERE kiosk = 1 AND seq IN (2, 4)"
        )
        tx.run("UPDATE bodies SET sealed = ? WHERE position = ?", two["sealed"], one["position"])
    again = rebuilt(town)
    again.service.rounds.once()
    assert [alarm.sentence.msgid[:6] for alarm in again.service.alarms()] == ["自动判定失败"]
    east.stamp(NINE, by="A", name="客户3", phone="13800000003")
    assert type(again.push(east)).__name__ == "Pushed"
    again.store.close()


def test_a_reader_of_a_lost_history_is_told_so_also_where_this_one_is_as_long(town: House) -> None:
    """An older database was put back and has since told as many other things: the cursor names what it has read."""
    town.store.close()
    kept = town.config.database.read_bytes()
    lost = rebuilt(town)
    lost.person("E", Role.SALESPERSON, office="east")
    cursor = lost.service.read_feed("east", "").cursor
    lost.store.close()
    town.config.database.write_bytes(kept)
    restored = rebuilt(lost)
    restored.person("F", Role.SALESPERSON, office="east")
    with pytest.raises(StaleCursorError):
        restored.service.read_feed("east", cursor)
    own = restored.service.read_feed("east", "").cursor
    assert restored.service.read_feed("east", own).items == []
    restored.store.close()
