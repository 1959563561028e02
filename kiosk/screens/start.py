"""Before anybody is there: the counter comes up, and the clerk opens the window with badge and PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from kiosk.screens.ask import Ask
from kiosk.screens.base import key
from kiosk.screens.doctor import Doctor
from kiosk.screens.home import Home
from kiosk.screens.login import Login, with_own_pin
from kiosk.screens.seal import show_last_seal
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

__all__ = ["Start"]


class Start(Login):
    """No duty: only the clerk can go on; F4 ends the program for the operator."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("examine", "体检", "refresh"),
        key("seal", "封存码", "reprint", show=False),
        key("leave", "退出程序", "leave"),
    ]
    heading_words: ClassVar[str] = "窗口未开"
    hint_words: ClassVar[str] = "确认人员刷工牌，输入密码，按 F9 开窗"

    def below(self) -> Iterable[Widget]:
        """Say what waits here although nobody is at work, and in practice who can log in."""
        if self.desk.lesson is not None:
            yield Static(self.speak(self.desk.lesson), classes="said", markup=False)
        yield Static("", classes="said waiting", id="waiting", markup=False)

    def on_mount(self) -> None:
        """Say what waits."""
        super().on_mount()
        self.came_back()

    def came_back(self) -> None:
        """Count what waits for a clerk."""
        pending, entries = len(self.desk.pending()), len(self.desk.entry_queue())
        words = say("待盖章 {stamps}，待录入 {entries}", stamps=pending, entries=entries) if pending or entries else ""
        for line in self.query("#waiting").results(Static):
            line.update(self.speak(words))

    def enter(self, badge: str, pin: str) -> None:
        """Open the window."""
        with_own_pin(self, badge, pin, self._open)

    def _open(self, badge: str, pin: str) -> None:
        session = self.attempt(lambda: self.desk.people.open_duty(badge, pin))
        if session is not None:
            self.action_clear()
            self.app.push_screen(Home())

    def action_back(self) -> None:
        """There is nothing behind."""

    def action_examine(self) -> None:
        """F5: say whether this machine is well."""
        self.app.push_screen(Doctor())

    def action_seal(self) -> None:
        """F10: the last seal, for whoever wants to photograph it."""
        show_last_seal(self)

    def action_leave(self) -> None:
        """F4: end the program, after asking."""
        answers = (("1", say("不退出")), ("2", say("退出程序，回到系统")))
        self.app.push_screen(
            Ask(say("退出柜台程序？"), (say("已盖章的都在磁盘上，重新打开后照常上报"),), answers), self._left
        )

    def _left(self, answer: str | None) -> None:
        if answer == "2":
            self.app.exit(0)

    def action_lock(self) -> None:
        """Nobody is logged in: nothing to cover."""
