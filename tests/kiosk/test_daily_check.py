"""A counter left alone checks its whole journal once a day, holds up no stamp, and says what is wrong."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from kiosk.app import CHECK_EVERY, CHECK_IDLE
from kiosk.chain import Chain
from kiosk.journal import Journal
from shared_rules.errors import EvidenceError
from tests.kiosk.counters import Kiosk, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    """Return a counter whose clerk opened the window."""
    kiosk = Kiosk(tmp_path / "kiosk")
    kiosk.duty()
    yield kiosk
    kiosk.desk.close()


def touch(kiosk: Kiosk) -> None:
    """Change a signature behind the kiosk's back; the chain's hashes still fit."""
    connection = sqlite3.connect(kiosk.folder.database)
    connection.execute("DROP TRIGGER records_stand")
    connection.execute("UPDATE records SET signature = zeroblob(64) WHERE seq = 2")
    connection.commit()
    connection.close()


def test_damage_stands_in_the_top_line_until_it_is_gone_and_stamping_goes_on(kiosk: Kiosk) -> None:
    """It names the doctor; what it found first is gone when a later check finds nothing."""
    kiosk.desk.check_journal()
    assert kiosk.desk.status().sentence is None
    touch(kiosk)
    kiosk.desk.check_journal()
    status = kiosk.desk.status()
    assert status.operator_needed
    assert status.sentence is not None
    assert "xianhou doctor" in status.sentence.chinese()
    assert kiosk.stamped("张三", "13800000001").slip


def test_a_stamp_in_the_middle_of_a_check_neither_waits_nor_looks_like_damage(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check reads one moment; the stamp that comes meanwhile is written beside it."""
    halfway, stamped = threading.Event(), threading.Event()
    real = Chain._reached_the_end

    def slow(chain: Chain, inc: int, seq: int) -> None:
        halfway.set()
        assert stamped.wait(20)
        real(chain, inc, seq)

    monkeypatch.setattr(Chain, "_reached_the_end", slow)
    checking = threading.Thread(target=kiosk.desk.check_journal)
    checking.start()
    assert halfway.wait(20)
    kiosk.stamped("张三", "13800000001")
    stamped.set()
    checking.join(20)
    assert kiosk.desk.damage is None


def test_a_check_that_reads_no_single_moment_is_caught(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage: page by page without a snapshot, a stamp meanwhile looks like a journal without its index."""
    look = Journal.look(kiosk.folder, ticks=kiosk.machine, random=kiosk.desk.journal.random)
    real = Chain._reached_the_end

    def slow(chain: Chain, inc: int, seq: int) -> None:
        kiosk.stamped("张三", "13800000001")
        real(chain, inc, seq)

    monkeypatch.setattr(Chain, "_reached_the_end", slow)
    with pytest.raises(EvidenceError):
        look.chain.walk(look.keys.certificates)
    look.close()


async def test_the_counter_checks_when_it_is_left_alone_and_once_a_day(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never while somebody types; what was found stands on the screen."""
    touch(kiosk)
    checks = []
    real = kiosk.desk.check_journal

    def counted() -> None:
        checks.append(1)
        real()

    monkeypatch.setattr(kiosk.desk, "check_journal", counted)
    app = kiosk.app()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()

        async def look() -> None:
            app._look()
            if app._checking is not None:
                await app._checking
            await pilot.pause()

        await look()
        assert checks == []
        kiosk.seconds += CHECK_IDLE
        await look()
        await look()
        assert checks == [1]
        assert "xianhou doctor" in shown(app)
        kiosk.seconds += CHECK_EVERY
        await look()
        assert checks == [1, 1]
