"""Doctor says what is wrong and what to do, changes nothing, and goes red only where somebody must act."""

from __future__ import annotations

import json
import os
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from kiosk.checkup import examine
from kiosk.cli import Words
from kiosk.cli.doctor import doctor
from kiosk.clock import SystemTicks
from kiosk.enrolment import load_keys
from kiosk.journal import Journal
from shared_rules.errors import UnavailableError
from shared_rules.facts import DutyOpened
from shared_rules.protocol import Hello
from shared_rules.words import say
from tests.kiosk.machine import Machine
from tests.kiosk.places import Authority

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk.config import Folder, KioskConfig


def answers(_: KioskConfig) -> Hello:
    """Stand in for a server that answers."""
    return Hello(product="xianhou", server="测试", epoch="e", version=version("xianhou"), fingerprint="")


def silent(_: KioskConfig) -> Hello:
    """Stand in for a network that is down."""
    raise UnavailableError(say("连不上服务器 {server}；照常盖章，联网后自动上报", server="x"))


@pytest.fixture
def authority() -> Authority:
    """Return a server reduced to its keys."""
    return Authority()


@pytest.fixture
def folder(authority: Authority, tmp_path: Path) -> Folder:
    """Return a kiosk that stamped, and was synchronised on this very machine."""
    folder = authority.enrol(tmp_path / "k")
    journal = Journal.open(folder, ticks=SystemTicks(), random=os.urandom)
    ticks = SystemTicks()
    sent = ticks.tick()
    note = authority.note(Machine(true=ticks.wall()))
    journal.anchored(note, sent, ticks.tick())
    journal.append(DutyOpened(clerk="1", office="E"))
    journal.close()
    return folder


def reds(folder: Folder, *, online: bool = True) -> list[str]:
    """Return the msgids of the red lines."""
    found = examine(folder, load_keys(folder), answers if online else silent)
    return [finding.what.msgid for finding in found if finding.red]


def test_a_well_kiosk_is_green_on_every_line(folder: Folder) -> None:
    """Nothing to do."""
    assert reds(folder) == []


def test_a_server_out_of_reach_is_red_with_a_remedy(folder: Folder) -> None:
    """The counter goes on stamping."""
    assert reds(folder, online=False) == ["连不上服务器 {server}；照常盖章，联网后自动上报"]


def test_a_clock_never_synchronised_is_red(authority: Authority, tmp_path: Path) -> None:
    """Grade C has no upper bound."""
    folder = authority.enrol(tmp_path / "c")
    Journal.open(folder, ticks=SystemTicks(), random=os.urandom).close()
    assert any("等级 C" in line for line in reds(folder))


def test_a_touched_signature_is_red(folder: Folder) -> None:
    """Sabotage by root."""
    journal = Journal.look(folder, ticks=SystemTicks(), random=os.urandom)
    journal.database.conn.execute("DROP TRIGGER records_stand")
    journal.database.conn.execute("UPDATE records SET signature = zeroblob(64) WHERE seq = 2")
    journal.close()
    assert any("签名不成立" in line for line in reds(folder))


def test_a_missing_anchor_file_and_loose_keys_are_red(folder: Folder) -> None:
    """Both are repaired by a person."""
    folder.anchor.unlink()
    folder.pepper.chmod(0o644)
    lines = reds(folder)
    assert any("anchor" in line for line in lines)
    assert any("密钥" in line for line in lines)


def test_it_looks_while_the_kiosk_runs_and_changes_nothing(folder: Folder) -> None:
    """It needs no closing time."""
    journal = Journal.open(folder, ticks=SystemTicks(), random=os.urandom)
    seq, mark = journal.last_seq, folder.anchor.read_bytes()
    assert reds(folder) == []
    assert (journal.last_seq, folder.anchor.read_bytes()) == (seq, mark)
    journal.append(DutyOpened(clerk="1", office="E"))
    journal.close()


def test_the_command_ends_with_1_where_a_line_is_red_and_speaks_english(folder: Folder) -> None:
    """Scripts read the exit code, people the screen."""
    result = CliRunner().invoke(doctor, ["--dir", str(folder.root)], obj=Words("en"))
    assert result.exit_code == 1
    assert "✗ The server https://127.0.0.1:1 is out of reach" in result.output
    assert "→ Check the cable" in result.output
    assert "Regulation" in result.output
    assert "SQLite" in result.output


def test_a_folder_never_opened_has_no_journal_to_check(authority: Authority, tmp_path: Path) -> None:
    """Right after enrolment."""
    assert reds(authority.enrol(tmp_path / "new")) == []


def older(_: KioskConfig) -> Hello:
    """Stand in for a server of another release."""
    return Hello(product="xianhou", server="测试", epoch="e", version="0.0.1", fingerprint="")


def test_a_server_of_another_release_and_a_disk_nearly_full_are_red(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two lines, each with its remedy; nothing else turns red."""
    monkeypatch.setattr("kiosk.checkup._LEAST_FREE_MB", 1 << 40)
    found = [one.what.msgid for one in examine(folder, load_keys(folder), older) if one.red]
    assert [text[:3] for text in found] == ["磁盘：", "服务器"]


def test_the_versions_and_the_last_synchronisation_are_told(folder: Folder) -> None:
    """What one asks first on the telephone."""
    told = "\n".join(one.what.chinese() for one in examine(folder, load_keys(folder), answers))
    assert f"先后 {version('xianhou')}，Python 3." in told
    assert "对时：20" in told


def test_the_same_lines_come_as_json(folder: Folder) -> None:
    """For a watching program; the exit code is the same."""
    result = CliRunner().invoke(doctor, ["--dir", str(folder.root), "--json"], obj=Words("zh"))
    lines = json.loads(result.output)
    assert result.exit_code == 1
    assert [line["red"] for line in lines].count(True) == 1
    assert all(bool(line["remedy"]) == line["red"] for line in lines)
