"""A training server with two offices for a browser: real commands, a real process, kiosks that speak over HTTPS."""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
from playwright.sync_api import sync_playwright

from shared_rules.protocol import EnrolAnswer
from tests.sync_server.conftest import NINE
from tests.sync_server.fakes import FakeKiosk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page, ViewportSize

__all__ = ["DESK", "PHONE", "chromium", "log_in", "picture", "served"]

XIANHOU = [sys.executable, "-m", "kiosk.cli", "server"]
PASSWORD = "先后有序 2026 年"
PEOPLE = [
    ("1001", "陈刚", "east", "salesperson"),
    ("1002", "林芳", "east", "clerk"),
    ("2001", "何平", "west", "salesperson"),
    ("2002", "孙丽", "west", "clerk"),
    ("9001", "赵敏", "", "manager"),
]
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 400, "height": 860}


def command(folder: Path, *arguments: str, stdin: str = "") -> str:
    """Run one server command on a data folder."""
    words = [*XIANHOU, *arguments, "--dir", str(folder)]
    return subprocess.run(words, check=True, capture_output=True, text=True, input=stdin).stdout


def opened(folder: Path) -> None:
    """Make the data folder of a training server on a Monday in March, with its people."""
    command(folder, "init", "--name", "滨江集团销售部", "--clock", "practice")
    (folder / "practice-clock").write_text(str(NINE))
    for office, name in (("east", "东店"), ("west", "西店")):
        command(folder, "office", "add", office, "--name", name, "--pool", "river=滨江花园")
    for number, name, office, role in PEOPLE:
        words = ["--number", number, "--name", name, "--role", role, "--badge", f"B{number}", "--office", office]
        command(folder, "person", "add", *words)
    command(folder, "person", "password", "--number", "9001", "--password-stdin", stdin=PASSWORD + "\n")


@contextmanager
def chromium(path: str, complaints: list[str], **options: Any) -> Iterator[Page]:
    """Yield a page of Debian's chromium; what its console complains of goes into `complaints`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(locale="zh-CN", ignore_https_errors=True, **options).new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        browser.close()


@contextmanager
def served(folder: Path, acts: Callable[[FakeKiosk, FakeKiosk], None], until: int) -> Iterator[str]:
    """Yield the address of a running server, after both offices sent their acts; then it is `until` (µs)."""
    opened(folder)
    process = subprocess.Popen(
        [*XIANHOU, "run", "--dir", str(folder), "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"]
    context = ssl.create_default_context(cadata=(folder / "keys" / "ca.pem").read_text())
    with httpx.Client(base_url=url, verify=context) as client:
        east, west = (enrolled(client, folder, office) for office in ("east", "west"))
        acts(east, west)
        (folder / "practice-clock").write_text(str(until))
        for kiosk in (east, west):
            sent = client.post(f"/v1/logs/{kiosk.log.kiosk}/{kiosk.inc}", content=msgspec.json.encode(kiosk.push()))
            assert sent.status_code == 200
    yield url
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    process.stdout.close()


def enrolled(client: httpx.Client, folder: Path, office: str) -> FakeKiosk:
    """Enrol a kiosk over HTTPS."""
    ticket = json.loads(command(folder, "enrol-code", "--office", office, "--json"))
    kiosk = FakeKiosk()
    answer = client.post("/v1/enrol", content=msgspec.json.encode(kiosk.request(ticket["code"])))
    kiosk.answer = msgspec.json.decode(answer.content, type=EnrolAnswer)
    kiosk.genesis(NINE)
    return kiosk


def picture(page: Page, name: str, tmp_path: Path) -> None:
    """Take a picture of the whole page, and hold that nothing sticks out sideways."""
    page.locator("body").screenshot(path=tmp_path / f"{name}.png")
    assert page.viewport_size is not None
    found = [box for element in page.locator("body *").all() if (box := element.bounding_box()) is not None]
    assert max(box["x"] + box["width"] for box in found) <= page.viewport_size["width"]


def log_in(page: Page, url: str, password: str = PASSWORD) -> None:
    """Fill in the login."""
    page.goto(f"{url}/console/")
    page.get_by_label("工号").fill("9001")
    page.get_by_label("网页密码").fill(password)
    page.get_by_role("button", name="登录").click()
