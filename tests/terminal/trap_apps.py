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

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


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


class Start(Screen[None]):
    """F2 opens the form."""

    BINDINGS: ClassVar[list[BindingType]] = [("f2", "open", "open"), ("f4", "crash", "crash")]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("START")
            yield Input(id="nothing")

    def action_open(self) -> None:
        self.app.push_screen(Form())

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
