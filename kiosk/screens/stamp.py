"""The clerk signs the time (一.3): everything the stamp commits to on one screen, badge and F9; Enter never stamps."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import Static

from kiosk.hours import asks_reason
from kiosk.input_traps.text import FieldKind
from kiosk.screens.base import CounterScreen, key
from kiosk.screens.done import Done
from kiosk.screens.hours import moment
from kiosk.screens.showing import KINDS, form_lines, who
from kiosk.visits import KINDS as VISIT_KINDS
from kiosk.widgets.choice import Choice
from kiosk.widgets.press import Press
from kiosk.widgets.rows import Body, FieldRow
from kiosk.widgets.slip_input import SlipInput
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import Pending, Session

__all__ = ["StampScreen", "table"]


def table(lines: Iterable[tuple[str, str]], width: int = 14) -> Text:
    """Return labels and texts under each other."""
    text = Text(end="")
    for label, value in lines:
        text.append(label + " " * max(1, width - cell_len(label)), "#A9B4BE")
        text.append(value + "\n", "bold")
    return text


class StampScreen(CounterScreen[str]):
    """Dismisses with `stamped`, with `again` where the salesperson takes the slip back, else None: it stays queued."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("save", "盖章", "save"),
        key("back", "暂不盖章", "back"),
        key("clear", "撤回修改", "clear"),
    ]
    help_words: ClassVar[dict[str, Say | str]] = {
        "": "开窗的确认人员核对内容，刷工牌，按 F9 盖章；回车不会盖章",
        "badge": "开窗的确认人员刷自己的工牌，再按 F9",
    }

    def __init__(self, pending: Pending, *, by: Session | None) -> None:
        super().__init__()
        self.pending = pending
        self.by = by

    def heading(self) -> Say | str:
        """Say what is to be stamped."""
        return say("盖章确认　{kind}", kind=say(KINDS[self.pending.form.kind]))

    def body(self) -> Iterable[Widget]:
        """Lay out what the stamp commits to, the badge and the way out."""
        pending = self.pending
        lines: list[tuple[str | Say, str]] = [
            ("业务员", pending.salesperson_name),
            ("递交时间", moment(pending.handed_in_at)),
        ]
        lines += [*self._renewed(), *form_lines(pending.form, self.speak)]
        shown = [(self.speak(label), text) for label, text in lines]
        yield Body(Static(table(shown), classes="said"), *self._visit())
        clerk = self.desk.people.duty.name if self.desk.people.duty is not None else ""
        yield Static(
            self.speak(say("{name} 核对后刷工牌，按 F9 盖章；按 Esc 不盖章", name=clerk)),
            classes="said waiting",
            markup=False,
        )
        if asks_reason(self.desk.people.duty, self.desk.windows(), pending.form.exceptional):
            reasons = [("", "未选"), *((reason, reason) for reason in self.desk.windows().reasons)]
            yield FieldRow(self.speak("特殊原因"), Choice(reasons, self.speak, id="exceptional"))
        yield FieldRow(self.speak("工牌"), SlipInput(FieldKind.CODE, limit=40, id="badge"))
        yield Press(self.speak("取消"), id="cancel")

    def _renewed(self) -> list[tuple[str, str]]:
        """Return whom a renewal is about: it has no content of its own."""
        form = self.pending.form
        if form.kind != "renew":
            return []
        rows = self.desk.my_claims_of(self.pending.salesperson)
        return [("客户", who(row.content)) for row in rows if row.claim == form.claim]

    def _visit(self) -> Iterable[Widget]:
        """Say whether the visitor log has the row that a new slip needs, while it can still be put right (一.7)."""
        form = self.pending.form
        if not self.desk.visits.wanted(form):
            return
        row = self.desk.visits.row_for(form, self.pending.salesperson)
        if row is None:
            sentence = say("来人来电表：本机当天没有这位客户的登记，请先登记或核对接待日期（{clause}）", clause="一.7")
        else:
            sentence = say("来人来电表：{time} {kind}，有登记", time=moment(row.at), kind=say(VISIT_KINDS[row.kind]))
        yield Static(self.speak(sentence), classes="said waiting" if row is None else "said good", markup=False)

    def action_save(self) -> None:
        """F9: stamp. When the desk returns, the slip is on the disk."""
        badge = self.value("badge")
        if not badge:
            self.mark("badge", say("请先刷工牌，再按 F9"))
            return
        reason = next((choice.value for choice in self.query(Choice)), "")
        stamped = self.attempt(lambda: self.desk.stamp(self.pending.id, badge, reason=reason))
        if stamped is not None:
            self.app.push_screen(Done(stamped), lambda _: self.dismiss("stamped"))

    def on_press_pressed(self) -> None:
        """Enter on 取消: no stamp."""
        self.action_back()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the salesperson's own session takes a slip back."""
        return self.by is not None if action == "clear" else super().check_action(action, parameters)

    def action_clear(self) -> None:
        """F8: the salesperson takes the slip back to correct it."""
        by = self.by
        if by is not None:
            self.attempt(lambda: self.desk.discard(by, self.pending.id))
            self.dismiss("again")
