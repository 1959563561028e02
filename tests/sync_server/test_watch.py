"""The running server looks at its database once a day; damage is an alarm, and pushes go on being taken in."""

from __future__ import annotations

import asyncio
import logging
from contextlib import closing

import pytest
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from shared_rules.interval import DAY
from sync_server.intake import Pushed
from sync_server.store import persons
from tests.sync_server.conftest import NINE, House, running


def alarms(house: House) -> list[str]:
    """Return what the operator is told of damage."""
    with house.store.snapshot() as tx:
        told = [alarm.sentence.chinese() for alarm in persons.alarms(tx)]
    return [text for text in told if "每日检查" in text]


def damage(house: House) -> None:
    """Cut the last record out behind the server's back.

    By the server's own SQLite: two SQLite libraries in one process drop each other's locks.
    """
    with closing(sqlite3.connect(house.config.database)) as connection, connection:
        connection.execute("DELETE FROM records WHERE position = (SELECT max(position) FROM records)")


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """The damage is wanted; its stack is not."""
    logging.getLogger("sync_server.watch").setLevel(logging.CRITICAL)


def test_a_well_database_is_looked_at_once_a_day_and_nobody_is_told(town: House) -> None:
    """Asked every hour, it works once."""
    check = town.service.daily_check
    assert [check.once() for _ in range(3)] == [True, False, False]
    town.source.now = NINE + DAY
    assert check.once()
    assert alarms(town) == []


def test_damage_is_alarmed_once_a_day_and_the_intake_goes_on(town: House) -> None:
    """What the database's own check does not see, the walk does."""
    town.push(town.kiosks[0])
    assert town.service.daily_check.once()
    damage(town)
    town.source.now = NINE + DAY
    for _ in range(3):
        assert not town.service.daily_check.once()
    assert len(alarms(town)) == 1
    assert isinstance(town.push(town.kiosks[1]), Pushed)


def test_a_check_of_pages_alone_is_caught(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage: nobody walks the chains, and a record that is gone is not missed."""
    town.push(town.kiosks[0])
    damage(town)
    monkeypatch.setattr("sync_server.watch.walk", lambda _: 0)
    assert town.service.daily_check.once()
    assert alarms(town) == []


async def test_the_running_server_does_it_by_itself(town: House) -> None:
    """At its start, and then by the hour."""
    town.push(town.kiosks[0])
    damage(town)
    async with running(town.app), asyncio.timeout(20):
        while not alarms(town):  # noqa: ASYNC110 - the server says nothing when it has looked
            await asyncio.sleep(0.02)
    assert len(alarms(town)) == 1
