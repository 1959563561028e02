"""体检: one line for each thing that can be wrong with this machine, and under each red one what to do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.widgets import Static

from kiosk.screens.base import CounterScreen, key
from kiosk.widgets.rows import Body
from shared_rules.errors import XianhouError
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from shared_rules.checkup import Finding

__all__ = ["Doctor"]


class Doctor(CounterScreen[str]):
    """The same findings as `xianhou doctor`; looked for in a thread, so that the counter stays awake."""

    BINDINGS: ClassVar[list[BindingType]] = [key("refresh", "再检一次", "refresh")]
    heading_words: ClassVar[str] = "体检"
    help_words: ClassVar[dict[str, Say | str]] = {"": "红的一行要处理，办法写在下面；自己处理不了的告诉管理员"}

    def __init__(self) -> None:
        super().__init__()
        self._findings: list[Finding] = []

    def body(self) -> Iterable[Widget]:
        """Lay out the lines."""
        body = Body(Static("", classes="said", id="findings"))
        body.can_focus = True
        yield body

    def on_mount(self) -> None:
        """Look at once."""
        super().on_mount()
        if self.again:
            self._show()
        else:
            self.action_refresh()

    def action_refresh(self) -> None:
        """F5: look again."""
        self.say("正在检查")
        self.run_worker(self._look(), exclusive=True)

    async def _look(self) -> None:
        try:
            self._findings = await asyncio.to_thread(self.counter.examine)
        except XianhouError as error:
            self.say(error.sentence, "wrong")
            return
        self._show()
        red = sum(one.red for one in self._findings)
        if red:
            self.say(say("有 {count} 项要处理", count=red), "wrong")
        else:
            self.say("都正常", "good")

    def _show(self) -> None:
        text = Text()
        for one in self._findings:
            text.append(f"{self.speak('【要处理】') if one.red else self.speak('【正常】')} {self.speak(one.what)}\n",
                        "bold #F0743A" if one.red else "")  # fmt: skip
            if one.remedy is not None:
                text.append(f"    {self.speak(one.remedy)}\n", "#E69F00")
        for lines in self.query("#findings").results(Static):
            lines.update(text)
