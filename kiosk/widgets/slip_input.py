"""The field of a slip: takes whatever is typed, pasted, scanned or committed by an input method, and says what it cut.

Enter goes to the next field, never submits. The text as typed stays in `raw`; `value` is mended when the field is
left. Phone fields are masked while the focus is elsewhere, since colleagues stand behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widgets import Input

from kiosk.input_traps.text import FieldKind, cut, mended, typed

if TYPE_CHECKING:
    from textual import events

__all__ = ["SlipInput"]


class SlipInput(Input):
    """One field; `kind` decides the mending, `limit` the length in characters (0 = none)."""

    virtual_size = Reactive(Size(0, 0))
    """Textual lays the whole screen out anew when it changes, at every key; a field's place does not depend on it."""

    @dataclass
    class Cut(Message):
        """More was given than fits; `lost` did not go in and must be said."""

        field: SlipInput
        lost: str

    @dataclass
    class NoPin(Message):
        """A badge was scanned into the field of a PIN; nothing of it went in. `text` is what came of it so far."""

        field: SlipInput
        text: str

    def __init__(self, kind: FieldKind = FieldKind.TEXT, *, limit: int = 60, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, compact=True, password=kind is FieldKind.SECRET, select_on_focus=False)
        self.kind = kind
        self.limit = limit
        self.raw = ""
        self.cursor_blink = False
        self._badge_comes = False
        """A badge is being scanned into the field of a PIN, up to its Enter."""

    def leave(self) -> None:
        """Mend the text, keeping what was typed in `raw`; called when a person has moved to another field."""
        if mended(self.value, self.kind) != self.value:
            self.raw = self.value
            self.value = mended(self.value, self.kind)
        elif mended(self.raw, self.kind) != self.value:
            self.raw = self.value

    @property
    def as_typed(self) -> str:
        """The text as typed, before it was mended."""
        return self.raw if self.raw and mended(self.raw, self.kind) == self.value else self.value

    def fill(self, raw: str) -> None:
        """Put a saved text back as it was typed."""
        self.value = typed(raw)
        self.raw = ""
        self.leave()
        self.cursor_position = len(self.value)

    def replace(self, text: str, start: int, end: int) -> None:
        """Put `text` in the place of [start, end); what does not fit is cut and said, never dropped in silence."""
        start, end = sorted((max(0, start), min(len(self.value), end)))
        fits = typed(text)
        if self.kind is FieldKind.SECRET and text:
            fits = mended(fits, FieldKind.NUMBER)  # an input method's wide digits are the same PIN
            if self._badge_comes or not fits.isdecimal():
                if not self._badge_comes:
                    self.post_message(self.NoPin(self, fits))
                self._badge_comes = True
                return
        if self.limit:
            fits, lost = cut(fits, self.limit - (len(self.value) - (end - start)))
            if lost:
                self.post_message(self.Cut(self, lost))
        super().replace(fits, start, end)

    def _on_paste(self, event: events.Paste) -> None:
        self.replace(event.text, *self.selection)
        event.stop()
        event.prevent_default()

    async def action_submit(self) -> None:
        """Enter is "next field" at this counter: scanners send it. After a badge in a PIN's field it does nothing."""
        if self._badge_comes:
            self._badge_comes = False
        else:
            self.screen.focus_next()

    def on_blur(self) -> None:
        """Whoever goes elsewhere has stopped scanning."""
        self._badge_comes = False

    @property
    def _value(self) -> Text:
        shown = self.value
        if self.kind is FieldKind.SECRET:
            shown = "*" * len(shown)
        elif self.kind in (FieldKind.PHONE, FieldKind.CODE, FieldKind.ENROLMENT) and not self.has_focus:
            shown = masked(shown)
        return Text(shown, no_wrap=True, overflow="ignore", end="")


def masked(phone: str) -> str:
    """Return a phone number of which only the first three and last two characters can be read."""
    return phone if len(phone) < 7 else phone[:3] + "*" * (len(phone) - 5) + phone[-2:]
