"""The fields of a slip on a screen: what a new slip, an amendment and the typing of a paper slip have in common.

A unit shows the fields of a unit; problems stand beside their fields; sub-classes say what F9 does and for whom a draft
is kept at every field that is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from kiosk.input_traps.text import FieldKind
from kiosk.screens.base import CounterScreen, key
from kiosk.screens.slip_fields import NEEDS, SOURCES
from kiosk.widgets.choice import Choice
from kiosk.widgets.rows import FieldRow
from kiosk.widgets.slip_input import SlipInput
from shared_rules.facts import CustomerKind
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from textual import events
    from textual.binding import BindingType
    from textual.widget import Widget

    from kiosk.counter import FieldProblem

__all__ = ["SlipScreen"]

_COMPANY = CustomerKind.COMPANY.value


class SlipScreen(CounterScreen[str]):
    """Shows and reads the fields."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("save", "交单", "save"),
        key("clear", "清空", "clear"),
        Binding("up", "app.focus_previous", "上一栏", show=False),
        Binding("down", "app.focus_next", "下一栏", show=False),
    ]
    help_words: ClassVar[dict[str, Say | str]] = {
        "kind": say("左右键选个人或单位；单位购买要写单位全称和联系人（{clause}）", clause="二.1.4"),
        "company": "营业执照上的全称，带公司形式，例如某某有限公司",
        "name": "客户本人姓名；单位购买可以空着",
        "kin": say("同组的直系家人，用、隔开；不是直系的只认第一位（{clause}）", clause="二.1.2"),
        "contact": "单位必填；个人可以空着",
        "phone": "手机、座机或微信号，可以带空格和区号；几个号码用、隔开",
        "phone_again": "对着纸质单再输一遍电话，两遍一致才收",
        "need": say("左右键选；没说就选未说，需求明显不同的不算同一客户（{clause}）", clause="二"),
        "area": "平方米，90 或 90-120；没说就空着",
        "units": "几套；没说就空着",
        "pool": "左右键选客户要买哪个盘",
        "received_on": say("接待客户的那一天，03-02 或 2026-03-02；空着就是今天（{clause}）", clause="一.7"),
        "source": "左右键选客户从哪里来",
        "exceptional": say("左右键选时段外盖章的原因；原因写进记录，事后可查（{clause}）", clause="一.3"),
    }
    phone_twice: ClassVar[bool] = False

    def __init__(self, values: Mapping[str, str] | None = None, *, at: str = "") -> None:
        super().__init__()
        self._start = dict(values or {})
        self._at = at
        self.filled = False

    # --- laying out -----------------------------------------------------------------------------------------

    def rows(self) -> Iterator[FieldRow]:
        """Yield a row for each field, in order."""
        yield self.choice("kind", "客户类别", (("person", "个人"), (_COMPANY, "单位")))
        yield self.text("company", "单位全称", limit=60)
        yield self.text("name", "客户姓名", limit=30)
        yield self.text("kin", "同组家人", limit=60)
        yield self.text("contact", "联系人", limit=30)
        yield self.text("phone", "电话", kind=FieldKind.PHONE, limit=60)
        if self.phone_twice:
            yield self.text("phone_again", "电话再输一遍", kind=FieldKind.PHONE, limit=60)
        yield self.choice("need", "需求", self._needs())
        yield self.text("area", "面积", kind=FieldKind.NUMBER, limit=12, hint="平方米")
        yield self.text("units", "套数", kind=FieldKind.NUMBER, limit=3)

    def _needs(self) -> tuple[tuple[str, str], ...]:
        """Return the needs to choose from; one typed elsewhere is offered too."""
        given = self._start.get("need", "")
        return NEEDS if given in dict(NEEDS) else (*NEEDS, (given, given))

    def came_from(self) -> Iterator[FieldRow]:
        """Yield what only a new slip says: the day received and the source (一.7)."""
        yield self.text("received_on", "接待日期", kind=FieldKind.NUMBER, limit=12, hint="空着就是今天")
        yield self.choice("source", "来源", SOURCES)

    def text(self, name: str, label: str, *, kind: FieldKind = FieldKind.TEXT, limit: int, hint: str = "") -> FieldRow:
        """Return the row of a text field."""
        return FieldRow(self.speak(label), SlipInput(kind, limit=limit, id=name), self.speak(hint) if hint else "")

    def choice(self, name: str, label: str, options: Iterable[tuple[str, str]]) -> FieldRow:
        """Return the row of a choice."""
        return FieldRow(self.speak(label), Choice(tuple(options), self.speak, id=name))

    def on_mount(self) -> None:
        """Put in what was there before and go to the field where it was left."""
        super().on_mount()
        self.fill(self._start)
        if self._at:
            self.query(f"#{self._at}").focus()
        self.call_later(self._begin)  # also when laid out anew: putting texts in is not typing

    def _begin(self) -> None:
        self.filled = True

    def fill(self, values: Mapping[str, str]) -> None:
        """Put texts into the fields."""
        for box in self.query(SlipInput):
            box.fill(values.get(str(box.id), ""))
        for choice in self.query(Choice):
            given = values.get(str(choice.id), choice.options[0][0])
            choice.value = given if given in dict(choice.options) else choice.options[0][0]
        self._dress()

    def _dress(self) -> None:
        """Show a unit's field for a unit only; the contact person is mandatory there (二.1.4)."""
        company = self.query_one("#kind", Choice).value == _COMPANY
        self.query_one("#row-company").display = company
        row = self.query_one("#row-contact", FieldRow)
        row.relabel(self.speak("联系人"), self.speak("单位必填") if company else self.speak("可以空着"))
        name = self.query_one("#row-name", FieldRow)
        name.relabel(self.speak("客户姓名"), self.speak("可以空着") if company else "")

    # --- reading --------------------------------------------------------------------------------------------

    def values(self) -> dict[str, str]:
        """Return the texts of all fields, mended."""
        texts = {str(box.id): self.value(str(box.id)) for box in self.query(SlipInput)}
        return texts | {str(choice.id): choice.value for choice in self.query(Choice)}

    def drafted(self) -> dict[str, str]:
        """Return what a draft keeps: the texts as typed."""
        texts = {str(box.id): box.as_typed for box in self.query(SlipInput)}
        return texts | {str(choice.id): choice.value for choice in self.query(Choice)}

    def on_choice_changed(self, message: Choice.Changed) -> None:
        """Dress the form anew where the kind changed."""
        self.touched = self.touched or self.filled
        if message.choice.id == "kind":
            self._dress()

    def on_input_changed(self) -> None:
        """Remember that a person typed."""
        self.touched = self.touched or self.filled

    def field_left(self, field: Widget) -> None:
        """Mend the field, forget its old problem and keep the draft."""
        super().field_left(field)
        for row in self.query(FieldRow):
            if row.field is field:
                row.mark()
        self.keep()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """In a high terminal, say at once what the field wants."""
        super().on_descendant_focus(event)
        if self.app.size.height >= 33:
            self.action_help_field()

    def keep(self) -> None:
        """Save the draft if a person typed."""
        if self.touched:
            self.save_draft(str(self.focused.id) if self.focused is not None else "")

    def save_draft(self, at: str) -> None:
        """Keep what is typed so far; sub-classes know for whom."""

    def drop_draft(self) -> None:
        """Forget the draft."""

    def mark_all(self, problems: Iterable[FieldProblem]) -> bool:
        """Show every problem beside its field and go to the first; return whether there was any."""
        found = list(problems)
        for problem in reversed(found):
            if not self.mark(problem.field, problem.sentence):
                self.say(problem.sentence, "wrong")
        return bool(found)

    # --- keys -----------------------------------------------------------------------------------------------

    def action_clear(self) -> None:
        """F8: empty the form, the draft too."""
        self.fill({})
        self.drop_draft()
        self.query_one("#kind").focus()
        self.touched = False
        self.say("已清空")
