"""A small app, mended or as Textual has it: `python -m tests.terminal.trap_apps mended|stock`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, ClassVar

if "mended" in sys.argv:
    import kiosk  # noqa: F401 - sets the environment, as the product does

from textual.app import App
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input, Static

from kiosk.input_traps.caret import CaretFollows
from kiosk.input_traps.crash import QuietCrash, ending_on_signals
from kiosk.input_traps.keyboard import OrderedKeys
from kiosk.input_traps.leaving import FieldWatch
from kiosk.widgets.slip_input import SlipInput

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget


class Form(Screen[None]):
    """Two fields; F9 says what stands in them."""

    BINDINGS: ClassVar[list[BindingType]] = [("f9", "say", "say")]

    def compose(self) -> ComposeResult:
        yield Static("FORM")
        yield Input(id="name")
        yield Input(id="phone")
        yield Static("", id="said")

    def action_say(self) -> None:
        fields = [field.value for field in self.query(Input)]
        self.query_one("#said", Static).update(f"SAID name={fields[0]} phone={fields[1]}.")


class Fields(Screen[None]):
    """Two fields that say so when they were left empty; F9 says how much stands in the first."""

    BINDINGS: ClassVar[list[BindingType]] = [("f9", "say", "say")]
    CSS = "Fields { align: left middle; }"
    mended: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.watched = FieldWatch(self.left)

    def compose(self) -> ComposeResult:
        yield Static("FIELDS")
        yield SlipInput(limit=60, id="name") if self.mended else Input(max_length=60, id="name")
        yield SlipInput(id="phone") if self.mended else Input(id="phone")
        yield Static("", id="said")
        yield Static("", id="wrong")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if self.mended:
            self.watched.focused(event.widget, self.app)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        if not self.mended:
            self.left(event.widget)

    def on_slip_input_cut(self, message: SlipInput.Cut) -> None:
        self.query_one("#wrong", Static).update(f"CUT {len(message.lost)}")

    def left(self, field: Widget) -> None:
        if isinstance(field, Input) and not field.value:
            self.query_one("#wrong", Static).update(f"EMPTY {field.id}")

    def action_say(self) -> None:
        value = self.query_one("#name", Input).value
        self.query_one("#said", Static).update(f"SAID {len(value)} {value[:8]}.")


class Start(Screen[None]):
    """F2 opens the form, F3 the fields."""

    BINDINGS: ClassVar[list[BindingType]] = [("f2", "open", "open"), ("f3", "fields", "f"), ("f4", "crash", "crash")]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("START")
            yield Input(id="nothing")

    def action_open(self) -> None:
        self.app.push_screen(Form())

    def action_fields(self) -> None:
        Fields.mended = isinstance(self.app, Mended)
        self.app.push_screen(Fields())

    def action_crash(self) -> None:
        customer = "13800000001"
        message = f"secret {customer}"
        raise RuntimeError(message)


class Mended(OrderedKeys, CaretFollows, QuietCrash):
    """With every fix."""

    report = staticmethod(lambda _stack: "ERROR NUMBER 42")

    def on_mount(self) -> None:
        self.push_screen(Start())

    async def run_ended_by_signals(self) -> None:
        with ending_on_signals(self.exit):
            await self.run_async()


class Stock(App[int]):
    """As Textual has it."""

    def on_mount(self) -> None:
        self.push_screen(Start())


if __name__ == "__main__":
    if "mended" in sys.argv:
        import asyncio

        app = Mended()
        asyncio.run(app.run_ended_by_signals())
        sys.exit(app.return_code or 0)
    stock = Stock()
    stock.run()
    sys.exit(stock.return_code or 0)
