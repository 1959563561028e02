"""The cover: nothing of a customer is seen and no key reaches below until the person's own PIN is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from kiosk.input_traps.text import FieldKind
from kiosk.screens.base import CounterScreen, key
from kiosk.widgets.rows import Body, FieldRow
from kiosk.widgets.slip_input import SlipInput
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import Session

__all__ = ["Lock"]


class Lock(CounterScreen[str], inherit_bindings=False):
    """Dismisses with `open` after the right PIN, or `end` when the clerk needs the window for somebody else."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("save", "解锁", "save"),
        key("end", "换人", "leave"),
        key("help_field", "帮助", "help"),
        key("language", "English", "language"),
    ]
    help_words: ClassVar[dict[str, Say | str]] = {"": "输入自己的密码按 F9 解锁；换人时按 F4，草稿已存，下次登录接着填"}

    def __init__(self, session: Session, *, can_end: bool) -> None:
        super().__init__()
        self.session = session
        self.can_end = can_end

    def heading(self) -> Say | str:
        """Say that the counter is covered."""
        return say("已锁定")

    def body(self) -> Iterable[Widget]:
        """Lay out name and PIN."""
        yield Body(
            Static(""),
            Static(self.speak(say("{name} 正在使用此窗口", name=self.session.name)), classes="said", markup=False),
            Static(self.speak("输入密码按 F9 继续"), classes="hint", markup=False),
            Static(""),
            FieldRow(self.speak("密码"), SlipInput(FieldKind.SECRET, limit=12, id="pin")),
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a salesperson's work can be ended by somebody else."""
        return self.can_end if action == "end" else super().check_action(action, parameters)

    def action_save(self) -> None:
        """F9: try the PIN."""
        box = self.query_one("#pin", SlipInput)
        pin, box.value = box.value, ""
        if self.attempt(lambda: self.desk.people.unlock(self.session, pin)) is not None:
            self.dismiss("open")

    def action_end(self) -> None:
        """F4: the salesperson is logged out; the draft is kept."""
        self.dismiss("end")

    def action_lock(self) -> None:
        """It is locked already."""
