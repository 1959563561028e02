"""A badge that was not read right is refused at its field, at once; the next scan takes its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiosk.input_traps.text import FieldKind
from kiosk.widgets.rows import FieldRow
from kiosk.widgets.slip_input import SlipInput
from shared_rules.errors import InputError

if TYPE_CHECKING:
    from textual.widget import Widget

    from kiosk.screens.base import CounterScreen

__all__ = ["await_next", "left", "taken"]


def await_next(field: Widget) -> None:
    """Select what stands in the field of a badge, so that the next scan replaces it."""
    if isinstance(field, SlipInput) and field.kind is FieldKind.CODE:
        field.select_all()


def left(screen: CounterScreen[Any], field: SlipInput) -> None:
    """Refuse a misread badge when its field is left, and go back to it; not from a PIN that is being typed.

    A digit of the PIN must not stand in a field that can be read; from there the next scan finds its way by `taken`.
    """
    row = screen.query_one(f"#row-{field.id}", FieldRow)
    row.mark()
    try:
        screen.desk.people.read_badge(field.value)
    except InputError as error:
        now = screen.focused
        row.mark(screen.speak(error.sentence))
        screen.app.bell()
        if not (isinstance(now, SlipInput) and now.kind is FieldKind.SECRET):
            field.focus()
            await_next(field)


def taken(screen: CounterScreen[Any], text: str) -> bool:
    """Put a badge that is being scanned into the field of a PIN where one was refused; False = none was."""
    for row in screen.query(FieldRow):
        if row.has_class("-wrong") and isinstance(row.field, SlipInput) and row.field.kind is FieldKind.CODE:
            row.field.focus()
            row.field.value = text
            row.field.cursor_position = len(text)
            return True
    return False
