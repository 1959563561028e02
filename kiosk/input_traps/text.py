"""Trap 6: what a person typed or pasted is never dropped in silence.

Textual's Input inserts nothing of a paste that is too long, and its `restrict` eats full-width digits, while control
characters and U+3000 stay in. Here only control and format characters go (a paste's line breaks become spaces), a text
that is too long is cut and said so, and phone and number fields are brought to NFKC when the field is left.
"""

from __future__ import annotations

import unicodedata
from enum import Enum

__all__ = ["FieldKind", "cut", "mended", "typed"]

_SPACES = {"\t", "\n", "\r", "\v", "\f", "\u2028", "\u2029"}
_GONE = {"Cc", "Cf", "Cs", "Co", "Cn"}


class FieldKind(Enum):
    """What a field holds; it decides how the text is mended when the field is left."""

    TEXT = "text"
    PHONE = "phone"
    NUMBER = "number"
    CODE = "code"
    """A badge or a person's number."""
    ENROLMENT = "enrolment"
    """What the server's screen shows when a kiosk is enrolled."""
    SECRET = "secret"  # noqa: S105 - the name of a kind of field


def typed(text: str) -> str:
    """Return what may stand in a field while it is edited: no control, format or unassigned character."""
    spaced = "".join(" " if character in _SPACES else character for character in text)
    return "".join(character for character in spaced if unicodedata.category(character) not in _GONE)


def mended(text: str, kind: FieldKind) -> str:
    """Return a field's text when it is left: trimmed, one kind of space, phone and number fields in NFKC."""
    if kind is FieldKind.SECRET:
        return text
    folded = unicodedata.normalize("NFKC", text) if kind is not FieldKind.TEXT else text.replace("\u3000", " ")
    return " ".join(folded.split())


def cut(text: str, room: int) -> tuple[str, str]:
    """Return what fits into `room` characters and what does not, to be said aloud."""
    return text[: max(0, room)], text[max(0, room) :]
