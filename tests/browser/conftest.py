"""Debian's chromium for the pages of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.house import DESK, chromium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page


@pytest.fixture
def page(tool: Callable[[str], str]) -> Iterator[Page]:
    """Return a page of Debian's chromium; whatever its console complains of fails the test."""
    complaints: list[str] = []
    options = {"viewport": DESK, "java_script_enabled": False, "color_scheme": "light"}
    with chromium(tool("chromium"), complaints, **options) as page:
        yield page
    assert [text for text in complaints if "403" not in text] == []  # the wrong password on purpose
