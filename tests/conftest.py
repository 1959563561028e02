"""What every test stands on: the developer's machine is shut out, missing tools are named."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable

for name in ("LANG", "LC_ALL", "LC_MESSAGES", "XIANHOU_LANG", "COLUMNS", "LINES"):
    os.environ.pop(name, None)
"""The last two pytest-xdist sets for its workers; a counter that found them would believe them and not its terminal."""
os.environ["LC_ALL"] = "C.UTF-8"
os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
"""A busy machine, or rules with every mutant in them, are no reason for a property to fail."""


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """Return the path of a tool of the machine; without it skip, or fail where CI says that it must be there."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None and os.environ.get("XIANHOU_REQUIRE_TOOLS") == "1":
            pytest.fail(f"{name} is not installed, and XIANHOU_REQUIRE_TOOLS=1 demands it")
        if path is None:
            pytest.skip(f"{name} is not installed: apt install {name}")
        return path

    return find
