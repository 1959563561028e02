"""The operator's commands: what they make, what they refuse with a sentence, and that nothing is half-made."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from shared_rules.errors import InputError
from sync_server.cli.run import _listen
from sync_server.config import ClockKind, Settings, load_config, write_config


def server(*words: str, stdin: str = "", lang: str = "zh") -> subprocess.CompletedProcess[str]:
    """Run one server command in a language."""
    command = [sys.executable, "-m", "kiosk.cli", "--lang", lang, "server", *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, input=stdin)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with the demonstration people."""
    folder = tmp_path_factory.mktemp("cli") / "data"
    done = server("init", "--dir", str(folder), "--name", "测试", "--demo-people")
    assert done.returncode == 0
    people = json.loads(done.stdout.splitlines()[0])["people"]
    assert {person["name"] for person in people} >= {"陈刚", "林芳", "何平", "孙丽"}
    assert [person["number"] for person in people if person["password"]] == ["9001", "9002"]
    return folder


def test_a_second_init_touches_nothing(folder: Path) -> None:
    """A data folder is never overwritten."""
    before = (folder / "keys" / "ca.pem").read_bytes()
    done = server("init", "--dir", str(folder), "--name", "另一个")
    assert (done.returncode, "不是空目录" in done.stderr) == (2, True)
    assert (folder / "keys" / "ca.pem").read_bytes() == before


def test_a_bad_host_name_leaves_nothing_behind(tmp_path: Path) -> None:
    """The set-up is whole or absent."""
    done = server("init", "--dir", str(tmp_path / "data"), "--name", "x", "--host-name", "售楼处!")
    assert (done.returncode, "既不是域名也不是 IP" in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["office", "add", "east", "--name", "x", "--pool", "river"], "已经有了"),
        (["office", "add", "n", "--name", "x", "--pool", "p=P", "--policy", "nonsense"], "没有名为 nonsense"),
        (["person", "password", "--number", "9001", "--password-stdin"], "密码是空的"),
        (["enrol-code", "--office", "north"], "没有门店 north"),
        (["policy", "set", "--pool", "lake", "--policy", "default", "--from", "2026-04-01"], "没有楼盘 lake"),
        (["closed-days", "--from", "2020-01-01"], "已经开始"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(folder: Path, words: list[str], says: str) -> None:
    """Exit code 2, no traceback."""
    done = server(*words, "--dir", str(folder))
    assert (done.returncode, says in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_a_folder_that_is_no_server_is_named(tmp_path: Path) -> None:
    """With the command that makes one."""
    done = server("run", "--dir", str(tmp_path), lang="en")
    assert (done.returncode, "xianhou server init" in done.stderr) == (2, True)


def test_the_lists_show_places_people_and_machines_without_secrets(folder: Path) -> None:
    """No PIN, no password, no hash."""
    offices, people = (server(kind, "list", "--dir", str(folder)).stdout for kind in ("office", "person"))
    assert "east\t东店\triver=滨江花园" in offices
    assert re.search(r"^1001\t陈刚\teast\tsalesperson\tXH\d{6}[0-9A-Z]{2}$", people, re.MULTILINE)
    assert "argon2" not in people
    assert server("kiosk", "list", "--dir", str(folder)).returncode == 0


def test_a_person_is_added_with_a_badge_made_and_printed(folder: Path) -> None:
    """Badge and start PIN once, in words or as JSON; `--new-badge` makes another, and not beside `--badge`."""
    words = ("person", "add", "--dir", str(folder), "--number", "2100", "--name", "周舟", "--role", "clerk")
    told = server(*words, "--office", "east").stdout
    assert re.search(r"周舟（2100）工牌 XH\d{6}[0-9A-Z]{2}，初始密码 \d{6}", told)
    kept, renewed = (
        json.loads(server(*words, "--office", "east", "--json", *more).stdout)["badge"]
        for more in ((), ("--new-badge",))
    )
    assert kept in told
    assert (renewed != kept, renewed[:2]) == (True, "XH")
    assert server(*words, "--office", "east", "--badge", "B7", "--new-badge").returncode == 2


def test_a_code_is_shown_with_the_fingerprint(folder: Path) -> None:
    """What the person at the kiosk must type and compare."""
    shown = server("enrol-code", "--office", "east", "--dir", str(folder), lang="en").stdout
    assert ("Enrolment code:" in shown, "CA fingerprint:" in shown) == (True, True)


def test_help_and_errors_are_in_the_readers_language(folder: Path) -> None:
    """Chinese by default, English on request."""
    assert "同步服务器" in server("--help").stdout
    english = server("person", "add", "--help", lang="en").stdout + server("--help", lang="en").stdout
    assert ("The sync server" in english, "Staff number" in english) == (True, True)
    refused = server("enrol-code", "--office", "north", "--dir", str(folder), lang="en")
    assert "There is no office north" in refused.stderr


def test_the_configuration_is_read_strictly(tmp_path: Path) -> None:
    """A misspelt key, a wrong type or a value out of range is refused by name."""
    write_config(tmp_path, Settings(name='引号 " 店', hosts=("a", "::1"), clock=ClockKind.STATED))
    assert load_config(tmp_path).settings.name == '引号 " 店'
    text = (tmp_path / "config.toml").read_text()
    for bad in (text + 'lang = "zh"\n', text.replace("25", '"25"'), text.replace("25", "600"), text + "["):
        (tmp_path / "config.toml").write_text(bad)
        with pytest.raises(InputError):
            load_config(tmp_path)


async def test_an_answer_leaves_at_once_also_in_two_parts() -> None:
    """Without TCP_NODELAY every answer waits some 40 ms for the other side's delayed acknowledgement."""
    asked: list[int] = []

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw = writer.get_extra_info("socket")
        asked.append(raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listening = _listen("127.0.0.1", 0)
    async with await asyncio.start_server(connected, sock=listening):
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        await reader.read()
        writer.close()
    assert asked == [1]
