"""After the stamp: it is on the disk. Number, time, what this office's own slips say, and the code to carry away."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Static

from kiosk.screens.base import CounterScreen, key
from kiosk.widgets.rows import Body
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import Stamped

__all__ = ["Done", "WithCode"]


class WithCode(CounterScreen[str]):
    """Words with a receipt's code beside them, where there is room for it."""

    def __init__(self, receipt: bytes) -> None:
        super().__init__()
        self.receipt = receipt

    def words(self) -> list[Widget]:
        """Return what stands beside the code."""
        return []

    def head(self) -> Iterable[Widget]:
        """Leave the whole height to the code, where one is drawn: the heading stands beside it then."""
        return () if self.counter.draws_codes() else super().head()

    def body(self) -> Iterable[Widget]:
        """Lay out the words, and the code where there is room for it."""
        if self.counter.draws_codes():
            yield Horizontal(Body(*super().head(), *self.words()), Static(self._code(), classes="code"))
        else:
            hint = Static(self.speak("窗口太小，二维码见打印件"), classes="hint", markup=False)
            yield Body(*self.words(), hint)

    def _code(self) -> Text:
        from kiosk.receipt import qr_rows  # noqa: PLC0415 - segno only where a code is drawn

        rows = qr_rows(self.receipt, self.desk.receipt_page())
        return Text("\n".join(rows), style="#000000 on #FFFFFF", no_wrap=True, end="")


class Done(WithCode):
    """Shows one stamp and prints its receipt; any of Enter, F9 and Esc goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("save", "下一位", "save"),
        key("reprint", "补打", "reprint"),
        Binding("enter", "save", "下一位", show=False),
    ]
    help_words: ClassVar[dict[str, Say | str]] = {"": "业务员拿好凭证；二维码里没有客户资料，事后可以验证时间"}

    def __init__(self, stamped: Stamped) -> None:
        super().__init__(stamped.receipt)
        self.stamped = stamped

    def heading(self) -> Say | str:
        """Say that it is on the disk."""
        return say("已盖章，已落盘　{slip}", slip=self.stamped.slip)

    def words(self) -> list[Widget]:
        """Return the receipt in words."""
        stamped = self.stamped
        tone = "wrong" if stamped.conflict else "good"
        words: list[Widget] = [
            Static(self.speak(stamped.answer), classes=f"said {tone} big", markup=False),
            Static(""),
            Static("\n".join(self.speak(line) for line in stamped.lines[:-1]), classes="said", markup=False),
        ]
        if stamped.in_doubt:
            words.append(Static(self.speak("此机器需管理员处理，可继续盖章"), classes="said waiting", markup=False))
        return words

    def on_mount(self) -> None:
        """Print the receipt; ring where the slip cannot stand."""
        super().on_mount()
        if self.again:
            return
        if self.stamped.conflict:
            self.app.bell()
        self.action_reprint()

    def action_reprint(self) -> None:
        """F10: print it (again)."""
        if self.attempt(lambda: self.desk.print_receipt(self.stamped, self.counter.language)) is not None:
            self.say("凭证已送打印", "good")

    def action_save(self) -> None:
        """Go on."""
        self.dismiss("done")
