"""The operator at the counter: a new machine is enrolled on its own screen, and the check-up is one key away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kiosk.config import Folder, load_config
from kiosk.enrolment import enrolled
from tests.kiosk.test_real_server import data, url, xianhou
from tests.terminal.pty_screen import Terminal

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["data", "url"]

F4, F5, F9 = "\x1bOS", "\x1b[15~", "\x1b[20~"


def counter(folder: Path) -> Terminal:
    """Open the counter of a folder in a real terminal."""
    return Terminal(["-m", "kiosk.cli", "--lang", "zh", "kiosk", "--dir", str(folder)])


def ticket(data: Path) -> dict[str, str]:
    """Return what the server's screen shows."""
    made: dict[str, str] = json.loads(xianhou("server", "enrol-code", "--dir", str(data), "--office", "east", "--json"))
    return made


@pytest.mark.system
def test_a_new_machine_is_enrolled_on_its_own_screen_and_opens(data: Path, url: str, tmp_path: Path) -> None:
    """A wrong fingerprint is marked and nothing kept; the right one shows the digits, and the counter opens."""
    folder, made = Folder(tmp_path / "kiosk"), ticket(data)
    with counter(folder.root) as terminal:
        terminal.see("这台机器还没有登记")
        terminal.type(f"{url}\r{made['code']}\r{'ab' * 32}{F9}")
        terminal.see("指纹与管理员给的不符")
        assert not enrolled(folder)
        terminal.type("\x7f" * 64 + made["fingerprint"] + F9)
        terminal.see("核对码一致吗")
        digits = load_config(folder).place.comparison
        terminal.see(digits)
        terminal.type("1")
        terminal.see("窗口未开")
        terminal.type(F5)
        terminal.see("密钥文件：只有本用户能读")
        terminal.see("服务器：测试 在线")
        terminal.see("都正常")


@pytest.mark.system
def test_differing_digits_stop_the_machine(data: Path, url: str, tmp_path: Path) -> None:
    """Whoever sees other digits is told not to use this folder."""
    folder, made = Folder(tmp_path / "kiosk"), ticket(data)
    with counter(folder.root) as terminal:
        terminal.see("这台机器还没有登记")
        terminal.type(f"{url}\r{made['code']}\r{made['fingerprint']}{F9}")
        terminal.see("核对码一致吗")
        terminal.type("2")
        terminal.see("核对码不一致")
        assert terminal.process.wait(timeout=20) == 2
    assert not enrolled(folder)
