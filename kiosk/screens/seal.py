"""The last seal: its code, large enough for anybody's camera, and in words what it holds fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.widgets import Static

from kiosk.screens.base import CounterScreen, key
from kiosk.screens.done import WithCode
from shared_rules.words import Say

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import Sealed

__all__ = ["Seal", "show_last_seal"]


def show_last_seal(screen: CounterScreen[str]) -> None:
    """Open the last seal over a screen, or say that there is none yet."""
    sealed = screen.desk.seals.last()
    if sealed is None:
        screen.say("还没有封存码：收单时段结束时自动生成", "waiting")
    else:
        screen.app.push_screen(Seal(sealed))


class Seal(WithCode):
    """Shows one seal; its paper is ordered by the counter, F10 orders another."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("reprint", "补打", "reprint"),
        key("save", "返回", "save", show=False),
        Binding("enter", "save", "返回", show=False),
    ]
    heading_words: ClassVar[str] = "封存码"
    help_words: ClassVar[dict[str, Say | str]] = {
        "": "这一段的单到此为止。谁拍下这个码，谁以后就能证明这之前的单没有增减；里面没有客户资料"
    }

    def __init__(self, sealed: Sealed) -> None:
        super().__init__(sealed.receipt)
        self.sealed_now = sealed

    def words(self) -> list[Widget]:
        """Return the seal in words."""
        lines = "\n".join(self.speak(line) for line in self.sealed_now.lines)
        return [Static(lines, classes="said", markup=False)]

    def action_reprint(self) -> None:
        """F10: print it again."""
        if self.attempt(lambda: self.desk.seals.print(self.sealed_now, self.counter.language)) is not None:
            self.say("封存码已送打印", "good")

    def action_save(self) -> None:
        """Go on."""
        self.dismiss("seen")
