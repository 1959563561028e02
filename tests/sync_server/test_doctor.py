"""The server's doctor: green on a well server, red with a remedy on each thing that somebody must act on."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from shared_rules.interval import DAY, HOUR
from shared_rules.words import say
from sync_server import chains
from sync_server.backup import kept
from sync_server.chains import walk
from sync_server.checkup import examine
from sync_server.cli import server
from sync_server.cli.speaking import Speaker
from sync_server.store import persons
from tests.sync_server.conftest import NINE, House


@pytest.fixture
def well(town: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Return a server with a day's slips and its backup, whose kiosks run this release."""
    monkeypatch.setattr("sync_server.checkup.version", lambda _: "0")
    for number, kiosk in enumerate(town.kiosks):
        kiosk.stamp(NINE, by="AB"[number], name=f"客{number}", phone=f"1390000{number}001")
        town.source.now = NINE + HOUR // 2
        town.push(kiosk)
    town.service.back_up_daily()
    return town


def reds(house: House) -> list[str]:
    """Return the red lines, each of which has a remedy by its type."""
    return [found.what.chinese() for found in examine(house.service) if found.red]


def test_a_well_server_is_green_on_every_line(well: House) -> None:
    """Nothing to do."""
    assert reds(well) == []


def test_a_day_without_a_word_and_without_a_backup_is_red(well: House) -> None:
    """Two kiosks and the backup; a revoked kiosk is not missed."""
    well.source.now = NINE + 2 * DAY + HOUR
    assert [line[:6] for line in reds(well)] == ["每日备份：最", "east 的", "west 的"]
    well.service.enrolment.revoke(well.kiosks[0].log.kiosk, "丢了")
    assert [line[:4] for line in reds(well)] == ["每日备份", "west", "警报：七"]


def test_a_kiosk_of_another_release_is_red(well: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the version that its last head named."""
    monkeypatch.setattr("sync_server.checkup.version", lambda _: "9.9")
    assert len([line for line in reds(well) if "版本 0" in line]) == 2


def test_a_clock_that_is_not_synchronised_is_red(well: House) -> None:
    """No kiosk can be given the time."""
    well.source.bound = None
    assert reds(well) == ["时钟：没有校准"]


def test_alarms_of_this_week_are_red_and_older_ones_are_counted(well: House) -> None:
    """They are never taken away."""
    sentence = say("每日备份没有成功（{why}）：请检查磁盘", why="x")
    with well.store.transaction() as tx:
        persons.add_alarm(tx, "x", sentence, at=NINE)
    assert [line[:3] for line in reds(well)] == ["警报："]
    well.source.now = NINE + 8 * DAY
    assert not any(line.startswith("警报") for line in reds(well))


def test_a_backup_that_does_not_open_is_red(well: House) -> None:
    """A file of the right name is no backup."""
    kept(well.config.folder)[0].write_bytes(b"no database" * 400)
    assert [line[:10] for line in reds(well)] == ["每日备份：最近一份 "]


def test_quarantined_records_and_certificates_that_end_soon_are_red(
    well: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are for the operator."""
    with well.store.transaction() as tx:
        tx.run("UPDATE records SET quarantine = 'body' WHERE position = (SELECT max(position) FROM records)")
    monkeypatch.setattr("sync_server.checkup._CERTIFICATE_DAYS", 366 * 30)
    lines = reds(well)
    assert "无法采用的记录：1 条" in lines
    assert any(line.startswith("证书 server.pem") for line in lines)


def cut(house: House, sql: str) -> None:
    """Change the database behind the server's back."""
    with sqlite3.connect(house.config.database) as connection:
        connection.execute(sql)
    connection.close()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE records SET record = zeroblob(124) WHERE position = (SELECT max(position) - 1 FROM records)",
        "DELETE FROM records WHERE position = (SELECT max(position) FROM records)",
        "UPDATE bodies SET sealed = zeroblob(80) WHERE position = (SELECT max(position) FROM records)",
    ],
    ids=["changed", "end cut off", "body changed"],
)
def test_a_touched_record_is_red(well: House, sql: str) -> None:
    """`integrity_check` sees nothing of it; the chain does."""
    cut(well, "PRAGMA foreign_keys = OFF")
    cut(well, sql)
    assert len(reds(well)) == 1


def test_a_walk_that_does_not_compare_the_end_is_caught(well: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage: the last record cut off, and nobody asks how far the journal should reach."""
    before = walk(well.store)
    cut(well, "DELETE FROM records WHERE position = (SELECT max(position) FROM records)")
    monkeypatch.setattr(chains.Chains, "reached", lambda *_: None)
    assert walk(well.store) == before - 1


def test_the_command_ends_with_1_where_a_line_is_red_and_gives_json(well: House) -> None:
    """Read by people in English, by programs as JSON."""
    well.store.close()
    where = ["doctor", "--dir", str(well.config.folder)]
    shown = CliRunner().invoke(server, where, obj=Speaker("en"))
    assert (shown.exit_code, "Database: every page is whole" in shown.output) == (1, True)  # its clock is the real one
    assert "  → " in shown.output
    lines = json.loads(CliRunner().invoke(server, [*where, "--json"], obj=Speaker("zh")).output)
    assert all(bool(line["remedy"]) == line["red"] for line in lines)
