"""A kiosk against the server as it runs: enrolled by command, pushed, anchored, fed; a stranger is refused."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kiosk.clock import SystemTicks
from kiosk.config import Folder
from kiosk.enrolment import enrolled
from kiosk.exchange import WrongServerError
from kiosk.feed import FeedStore
from kiosk.journal import Journal
from kiosk.sync import HttpxTransport, Sync, probe
from shared_rules.facts import Grade
from shared_rules.protocol import FeedItem, StaffItem
from tests.kiosk.places import Authority, slip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kiosk.database import Database

XIANHOU = [sys.executable, "-m", "kiosk.cli"]


def xianhou(*arguments: str, code: int = 0) -> str:
    """Run a command and return what it printed."""
    done = subprocess.run([*XIANHOU, *arguments], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data folder of a server with one office and a clerk."""
    data = tmp_path_factory.mktemp("server") / "data"
    xianhou("server", "init", "--dir", str(data), "--name", "测试")
    xianhou("server", "office", "add", "east", "--dir", str(data), "--name", "东店", "--pool", "river=滨江")
    person = ["--number", "201", "--name", "王", "--office", "east", "--role", "clerk", "--badge", "B201"]
    xianhou("server", "person", "add", "--dir", str(data), *person)
    return data


@pytest.fixture(scope="module")
def url(data: Path) -> Iterator[str]:
    """Return the address of the running server."""
    arguments = [*XIANHOU, "server", "run", "--dir", str(data), "--port", "0"]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())["url"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    process.stdout.close()


async def test_a_kiosk_is_enrolled_by_command_and_does_a_full_round(data: Path, url: str, tmp_path: Path) -> None:
    """From an empty folder to a reported, anchored stamp."""
    ticket = json.loads(xianhou("server", "enrol-code", "--dir", str(data), "--office", "east", "--json"))
    folder = Folder(tmp_path / "kiosk")
    order = ["enrol", "--dir", str(folder.root), "--server", url, "--code", ticket["code"], "--fingerprint"]
    assert "指纹" in xianhou("--lang", "zh", *order, "ab" * 32, code=2)
    assert not enrolled(folder)
    assert "东店" in xianhou("--lang", "zh", *order, ticket["fingerprint"])
    journal = Journal.open(folder, ticks=SystemTicks(), random=os.urandom)
    people: list[StaffItem] = []

    def take(_: Database, item: FeedItem) -> None:
        if isinstance(item.body, StaffItem):
            people.append(item.body)

    feed = FeedStore(journal.database, journal.keys, os.urandom, take)
    sync = Sync(journal, feed, rng=random.Random(1))
    journal.append(slip(journal))
    await sync.round()
    assert (journal.unsent, sync.state.online, sync.state.sentence) == (0, True, None)
    assert journal.append(slip(journal)).grade is Grade.A
    await sync.round()
    assert journal.unsent == 0
    assert [person.badge for person in people] == ["B201"]
    assert probe(journal.keys.config).server == "测试"
    stranger = HttpxTransport(url, Authority().ca.pem.decode())
    sync._transport, real = stranger, sync._transport
    with pytest.raises(WrongServerError, match=url):
        await sync._push_all()
    await stranger.close()
    await real.close()
    journal.verify()
    journal.close()
    assert "✗" not in xianhou("--lang", "zh", "doctor", "--dir", str(folder.root))
