"""交接班 on the screen: what is left over, the paper counted, both badges; then the window is the next clerk's."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from kiosk.input_traps.text import FieldKind
from kiosk.screens.base import key
from kiosk.screens.login import with_own_pin
from kiosk.screens.plain import Field, PlainForm
from kiosk.widgets.rows import FieldRow
from shared_rules.words import Say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import Session

__all__ = ["HandOver"]


class HandOver(PlainForm):
    """Dismisses with `handed` when the next clerk has the window."""

    BINDINGS: ClassVar[list[BindingType]] = [key("save", "交接", "save")]
    heading_words: ClassVar[str] = "当面交接班"
    lead: ClassVar[Say | str] = "两人一起点清纸质单，交班人刷工牌，接班人刷工牌、输密码，按 F9"

    def __init__(self, session: Session, left_over: Sequence[Say]) -> None:
        super().__init__()
        self.session = session
        self.left_over = tuple(left_over)

    def fields(self) -> tuple[Field, ...]:
        """Return the count, both badges, and room for what does not fit."""
        code = FieldKind.CODE
        return (
            Field("papers", "纸质单份数", "抽屉里盖过章、还没有录入的纸质单；没有写 0", kind=FieldKind.NUMBER, limit=4),
            Field("remark", "情况说明", "份数与机器记的不符、或有别的要交代时写；没有就空着", limit=100),
            Field("badge", "交班人工牌", "交班人刷自己的工牌", kind=code, limit=40),
            Field("to", "接班人工牌", "接班的确认人员刷工牌或输入工号", kind=code, limit=40),
            Field("pin", "接班人密码", "接班人自己的密码", kind=FieldKind.SECRET, limit=12),
        )

    def below(self) -> Iterable[Widget]:
        """Say what is left over."""
        yield Static("\n".join(self.speak(one) for one in self.left_over), classes="said waiting", markup=False)

    def action_save(self) -> None:
        """F9: hand over; a successor who is here for the first time sets an own PIN, and then the same goes on."""
        for row in self.query(FieldRow):
            row.mark()
        values = self.values()
        with_own_pin(self, values["to"], values["pin"], lambda _, pin: self._hand_over(values, pin))

    def _hand_over(self, values: dict[str, str], pin: str) -> None:
        hand_over = self.desk.people.hand_over
        successor = self.attempt(lambda: hand_over(
            self.session, values["badge"], papers=values["papers"], to=values["to"], pin=pin, remark=values["remark"]
        ))  # fmt: skip
        if successor is not None:
            self.dismiss("handed")
