"""Debian's chromium for the pages of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser.house import DESK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
