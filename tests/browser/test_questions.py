"""A real browser walks the way of a question: the list, both answers side by side, the signed finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from shared_rules.interval import DAY, HOUR, MINUTE
from tests.browser.house import DESK, PHONE, log_in, picture, served
from tests.sync_server.conftest import NINE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sync_server.fakes import FakeKiosk

pytestmark = pytest.mark.system


def two_days(east: FakeKiosk, west: FakeKiosk) -> None:
    """Both offices hand in what may be one customer: a name with another character, a number with two digits turned."""
    east.stamp(NINE + 4 * MINUTE, by="1001", name="张伟", phone="13800000001", clerk="1002", need="住宅")
    west.stamp(NINE + DAY + 9 * MINUTE, by="2001", name="张玮", phone="13800000010", clerk="2002", need="住宅")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the running server's address, after both offices sent slips that are only alike."""
    with served(tmp_path_factory.mktemp("browser") / "data", two_days, NINE + DAY + HOUR) as url:
        yield url


def test_the_manager_finds_who_is_who(page: Page, url: str, tmp_path: Path) -> None:
    """From the inbox to the signed finding, without JavaScript; then what was shown is shown no more."""
    log_in(page, url)
    page.get_by_role("link", name="身份核对").click()
    expect(page.get_by_role("link", name="第 1 项")).to_be_visible()
    picture(page, "questions", tmp_path)
    assert "13800000001" not in page.content()
    page.get_by_role("link", name="第 1 项").click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.get_by_role("article").first).to_contain_text("张伟")
    picture(page, "question", tmp_path)
    page.set_viewport_size(PHONE)
    picture(page, "question-phone", tmp_path)
    page.get_by_role("button", name="English").click()
    picture(page, "question-english", tmp_path)
    page.get_by_role("button", name="中文").click()
    page.set_viewport_size(DESK)
    page.get_by_label("不是同一客户").check()
    page.get_by_label("依据（必填）").fill("两店都问过：一位住城西，一位住江南，互不相识。")
    page.get_by_role("button", name="签署结论").click()
    expect(page.get_by_text("已经查明，确认单的内容和回答不再显示。")).to_be_visible()
    picture(page, "found", tmp_path)
    assert "13800000001" not in page.content()
