"""A real browser walks the manager's way: login, inbox, case, ruling; on a desk screen and on a phone."""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from shared_rules.facts import SlipEntered, SlipRenewed
from shared_rules.interval import HOUR, MINUTE
from shared_rules.protocol import EnrolAnswer
from tests.sync_server.conftest import MONDAY, NINE
from tests.sync_server.fakes import FakeKiosk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.system

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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data folder of a training server on a Monday in March, with its people."""
    folder = tmp_path_factory.mktemp("browser") / "data"
    command(folder, "init", "--name", "滨江集团销售部", "--clock", "practice")
    (folder / "practice-clock").write_text(str(NINE))
    for office, name in (("east", "东店"), ("west", "西店")):
        command(folder, "office", "add", office, "--name", name, "--pool", "river=滨江花园")
    for number, name, office, role in PEOPLE:
        words = ["--number", number, "--name", name, "--role", role, "--badge", f"B{number}", "--office", office]
        command(folder, "person", "add", *words)
    command(folder, "person", "password", "--number", "9001", "--password-stdin", stdin=PASSWORD + "\n")
    return folder


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    """Return the running server's address, after both offices sent a day with a collision in it."""
    process = subprocess.Popen(
        [*XIANHOU, "run", "--dir", str(folder), "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"]
    context = ssl.create_default_context(cadata=(folder / "keys" / "ca.pem").read_text())
    with httpx.Client(base_url=url, verify=context) as client:
        east, west = (enrolled(client, folder, office) for office in ("east", "west"))
        a_day(east, west)
        (folder / "practice-clock").write_text(str(MONDAY + 17 * HOUR))
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


def a_day(east: FakeKiosk, west: FakeKiosk) -> None:
    """Both salespeople hand in 李娜 on one day, among other work."""
    early = east.stamp(NINE + 4 * MINUTE, by="1001", name="周杰", phone="13900000006", clerk="1002", entered=False)
    east.stamp(NINE + 12 * MINUTE, by="1001", name="李娜", phone="188 0000 0005", clerk="1002", need="住宅")
    east.fact(SlipEntered(slip=early, entered_by="1002"), NINE + 30 * MINUTE)
    west.stamp(
        NINE + 7 * HOUR + 20 * MINUTE, by="2001", name="李　娜", phone="0086-18800000005", clerk="2002", need="住宅"
    )
    other = west.stamp(NINE + 7 * HOUR + 31 * MINUTE, by="2001", name="刘洋", phone="13700000002", clerk="2002")
    renewal = SlipRenewed(slip=west.number(), claim=other, salesperson="2001", stamped_by="2002")
    west.fact(renewal, NINE + 7 * HOUR + 45 * MINUTE)


@pytest.fixture
def page(tool: Callable[[str], str]) -> Iterator[Page]:
    """Return a page of Debian's chromium; whatever its console complains of fails the test."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=tool("chromium"), args=arguments)
        context = browser.new_context(
            viewport=DESK, locale="zh-CN", ignore_https_errors=True, java_script_enabled=False, color_scheme="light"
        )
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        yield page
        browser.close()
    assert [text for text in complaints if "403" not in text] == []  # the wrong password on purpose


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


def test_the_manager_logs_in_reads_the_case_and_rules(page: Page, url: str, tmp_path: Path) -> None:
    """The whole way, with JavaScript switched off."""
    log_in(page, url, "wrong password")
    expect(page.get_by_role("alert")).to_have_text("工号或密码不对")
    picture(page, "login", tmp_path)
    log_in(page, url)
    picture(page, "inbox", tmp_path)
    page.get_by_role("link", name="第 1 号案").click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.get_by_role("article").first).to_contain_text("09:12")
    picture(page, "case", tmp_path)
    page.set_viewport_size(PHONE)
    picture(page, "case-phone", tmp_path)
    page.get_by_role("button", name="English").click()
    picture(page, "case-english", tmp_path)
    expect(page.get_by_role("heading", name="Collision on one day · Case 1")).to_be_visible()
    page.get_by_role("button", name="中文").click()
    page.set_viewport_size(DESK)
    page.get_by_label("陈刚").check()
    page.get_by_label("判定理由（必填）").fill("陈刚上午已接待，日报载明看房两次；何平下午才首次联系。")
    picture(page, "filled", tmp_path)
    page.get_by_role("button", name="签署判定").click()
    expect(page.get_by_text("客户归 陈刚")).to_be_visible()
    picture(page, "ruled", tmp_path)
    assert "188 0000 0005" not in page.content()
