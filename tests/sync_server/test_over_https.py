"""The server as it runs: a real process, real TLS, the command line beside it."""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest

from shared_rules.protocol import EnrolAnswer, FeedAnswer, PushAnswer
from sync_server.clock import SystemSource
from tests.sync_server.fakes import FakeKiosk, bodies

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

XIANHOU = [sys.executable, "-m", "kiosk.cli", "server"]


def command(*arguments: str, stdin: str = "") -> str:
    """Run one server command and return what it printed."""
    done = subprocess.run([*XIANHOU, *arguments], check=True, capture_output=True, text=True, input=stdin)
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data folder of a server with one office and two people."""
    folder = tmp_path_factory.mktemp("server") / "data"
    command("init", "--dir", str(folder), "--name", "测试")
    command("office", "add", "east", "--dir", str(folder), "--name", "东店", "--pool", "river=滨江")
    for number, role in (("101", "salesperson"), ("201", "clerk")):
        arguments = [
            "--number",
            number,
            "--name",
            f"人{number}",
            "--office",
            "east",
            "--role",
            role,
            "--badge",
            f"B{number}",
        ]
        command("person", "add", "--dir", str(folder), *arguments)
    return folder


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    """Return the address of the running server; it must stop at SIGTERM by itself."""
    arguments = [*XIANHOU, "run", "--dir", str(folder), "--port", "0"]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())["url"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    process.stdout.close()


def test_a_kiosk_enrols_pushes_and_hears_the_feed_over_tls(folder: Path, url: str) -> None:
    """The whole contract of a kiosk with a server, over a connection that trusts nothing but the pinned CA."""
    ticket = json.loads(command("enrol-code", "--dir", str(folder), "--office", "east", "--json"))
    pem = (folder / "keys" / "ca.pem").read_text()
    context = ssl.create_default_context(cadata=pem)
    with httpx.Client(base_url=url, verify=context) as client:
        assert client.get("/v1/hello").json()["fingerprint"] == ticket["fingerprint"]
        assert client.get("/v1/ca").text == pem
        kiosk = FakeKiosk()
        lost = client.post("/v1/enrol", content=msgspec.json.encode(kiosk.request(ticket["code"])))
        response = client.post("/v1/enrol", content=msgspec.json.encode(kiosk.request(ticket["code"])))
        assert response.content == lost.content
        kiosk.answer = msgspec.json.decode(response.content, type=EnrolAnswer)
        now = SystemSource(error=None).wall()
        kiosk.genesis(now)
        kiosk.stamp(now, by="101", name="张三", phone="13800000001")
        answer = client.post(f"/v1/logs/{kiosk.log.kiosk}/{kiosk.inc}", content=msgspec.json.encode(kiosk.push()))
        acknowledged = msgspec.json.decode(answer.content, type=PushAnswer)
        assert (acknowledged.next, acknowledged.hash) == (4, kiosk.last.hex())
        assert acknowledged.anchor is not None
        heard = msgspec.json.decode(
            client.get("/v1/feed?after=&wait=0", headers=kiosk.header()).content, type=FeedAnswer
        )
        assert {body["kind"] for body in bodies(heard.items)} >= {"policy", "staff"}


def test_a_client_that_trusts_another_authority_refuses_the_connection(url: str) -> None:
    """A wrong server is noticed before anything is said to it."""
    with httpx.Client(base_url=url, verify=ssl.create_default_context()) as client, pytest.raises(httpx.ConnectError):
        client.get("/v1/hello")


def test_key_files_are_for_the_operator_alone(folder: Path) -> None:
    """Nobody else on the machine can read a key."""
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder / "keys").iterdir()}
    assert set(modes.values()) == {0o600}
    assert (folder / "keys").stat().st_mode & 0o777 == 0o700
