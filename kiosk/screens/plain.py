"""A form of a few plain fields: F9 calls one verb, a wrong field is marked beside itself, what was done is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.widgets import Static

from kiosk.input_traps.text import FieldKind
from kiosk.screens.base import CounterScreen, key
from kiosk.widgets.choice import Choice
from kiosk.widgets.rows import Body, FieldRow
from kiosk.widgets.slip_input import SlipInput
from shared_rules.words import Say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.widget import Widget

__all__ = ["Field", "PlainForm"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name is that of the verb's argument, so that an InputError finds it."""

    name: str
    label: str
    help: Say | str
    kind: FieldKind = FieldKind.TEXT
    limit: int = 60
    options: tuple[tuple[str, str], ...] = ()
    """Value and word; given for a choice."""
    hint: str = ""


class PlainForm(CounterScreen[str]):
    """Sub-classes give the fields, what F9 does, and whether the form stays for the next one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("save", "保存", "save"),
        key("clear", "清空", "clear"),
        Binding("up", "app.focus_previous", "上一栏", show=False),
        Binding("down", "app.focus_next", "下一栏", show=False),
    ]
    lead: ClassVar[Say | str] = ""
    """What stands above the fields, and is the help of the screen."""

    def fields(self) -> tuple[Field, ...]:
        """Return the fields, in order."""
        return ()

    def pool_field(self) -> tuple[Field, ...]:
        """Return the choice of a pool where this office sells several."""
        pools = tuple(self.desk.place.pools.items())
        return (Field("pool", "盘", "左右键选是哪个盘", options=pools),) if len(pools) > 1 else ()

    def do(self, values: dict[str, str]) -> Say | str:
        """Call the verb with what was typed, and return what to say; an error of ours marks its field."""
        raise NotImplementedError

    def body(self) -> Iterable[Widget]:
        """Lay out the lead, the fields, and what sub-classes put below."""
        self.help_words = {"": self.lead} | {field.name: field.help for field in self.fields()}  # type: ignore[misc]
        rows = [self._row(field) for field in self.fields()]
        yield Body(Static(self.speak(self.lead), classes="hint", markup=False), Static(""), *rows, *self.below())

    def _row(self, field: Field) -> FieldRow:
        if field.options:
            return FieldRow(self.speak(field.label), Choice(field.options, self.speak, id=field.name))
        box = SlipInput(field.kind, limit=field.limit, id=field.name)
        return FieldRow(self.speak(field.label), box, self.speak(field.hint) if field.hint else "")

    def below(self) -> Iterable[Widget]:
        """Return what stands under the fields."""
        return ()

    def values(self) -> dict[str, str]:
        """Return what stands in the fields, mended."""
        found = {str(choice.id): choice.value for choice in self.query(Choice)}
        return found | {str(box.id): self.value(str(box.id)) for box in self.query(SlipInput)}

    def action_save(self) -> None:
        """F9: do it; afterwards the form is empty for the next one."""
        for row in self.query(FieldRow):
            row.mark()
        values = self.values()
        done = self.attempt(lambda: self.do(values))
        if done is not None:
            self.finished(done)

    def finished(self, done: Say | str) -> None:
        """Empty the form and say what was done."""
        self.action_clear()
        self.came_back()
        self.show_status()
        self.say(done, "good")

    def action_clear(self) -> None:
        """F8: empty all fields."""
        for box in self.query(SlipInput):
            box.value = ""
        for choice in self.query(Choice):
            choice.value = choice.options[0][0]
        for field in self.fields()[:1]:
            self.query_one(f"#{field.name}").focus()
