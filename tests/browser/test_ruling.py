"""A real browser walks the manager's way: login, inbox, case, ruling; on a desk screen and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from shared_rules.facts import SlipEntered, SlipRenewed
from shared_rules.interval import HOUR, MINUTE
from tests.browser.house import DESK, PHONE, log_in, picture, served
from tests.sync_server.conftest import MONDAY, NINE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sync_server.fakes import FakeKiosk

pytestmark = pytest.mark.system


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


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the running server's address, after both offices sent a day with a collision in it."""
    with served(tmp_path_factory.mktemp("browser") / "data", a_day, MONDAY + 17 * HOUR) as url:
        yield url


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
