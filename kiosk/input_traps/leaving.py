"""Trap 5: a field is left when another field of the form gets the focus, not when the terminal loses it.

Textual blurs the focused field when the window does, and its validators then mark fields that nobody has touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.widget import Widget

__all__ = ["FieldWatch"]


class _HasFocus(Protocol):
    app_focus: bool


class FieldWatch:
    """Tells a form which field was really left; the form gives it every DescendantFocus event."""

    def __init__(self, left: Callable[[Widget], None]) -> None:
        self._left = left
        self.current: Widget | None = None

    def focused(self, field: Widget, app: _HasFocus) -> None:
        """Note that `field` has the focus now; call `left` with the one before, if a person moved."""
        if not app.app_focus:
            return
        before, self.current = self.current, field
        if before is not None and before is not field:
            self._left(before)
