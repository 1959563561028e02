"""The colours of the counter: Okabe and Ito's palette on near black, the same meaning everywhere, never colour alone.

Eight hours a day: a dark, quiet ground, one bright thing at a time. Contrast and colour-blind distances are asserted
in the tests, so a colour is changed here and nowhere else.
"""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

__all__ = ["CSS", "GROUND", "MEANINGS", "THEME"]

GROUND: Final = "#10151A"
"""Behind everything."""
SURFACE: Final = "#1B232B"
"""Behind a field and a line of a table."""
TEXT: Final = "#F2F2EC"
QUIET: Final = "#A9B4BE"
"""Labels and hints."""
BAR: Final = "#0B3A57"
"""Top and bottom lines: Okabe-Ito blue, darkened for white text."""

MEANINGS: Final = {
    "working": "#56B4E9",  # sky blue: where the focus is
    "good": "#00AD7E",  # bluish green, lightened for the dark ground
    "waiting": "#E69F00",  # orange: a person must look
    "wrong": "#F0743A",  # vermillion, lightened
    "marked": "#F0E442",  # yellow: the one number that matters
}
"""Colour by meaning; each is also said in words."""

THEME: Final = Theme(
    name="counter",
    primary=MEANINGS["working"],
    secondary=BAR,
    warning=MEANINGS["waiting"],
    error=MEANINGS["wrong"],
    success=MEANINGS["good"],
    accent=MEANINGS["marked"],
    foreground=TEXT,
    background=GROUND,
    surface=SURFACE,
    panel=BAR,
    dark=True,
    variables={
        "quiet": QUIET,
        "input-cursor-background": MEANINGS["marked"],
        "input-cursor-foreground": GROUND,
        "input-selection-background": "#2F5F7F",
        "input-selection-foreground": TEXT,
        "block-cursor-background": MEANINGS["working"],
        "block-cursor-foreground": GROUND,
        "block-cursor-text-style": "bold",
    },
)

CSS: Final = """
Screen { background: $background; color: $foreground; layout: vertical; overflow: hidden; }
StatusLine { height: 2; background: $panel; color: $foreground; }
KeyBar { height: 1; background: $panel; color: $foreground; }
AloudLine { height: 1; background: $background; }
.title { height: 1; padding: 0 1; text-style: bold; color: $primary; }
.hint { height: auto; padding: 0 1; color: $quiet; }
.said { height: auto; padding: 0 1; }
.body { height: 1fr; padding: 0 1; overflow-y: auto; scrollbar-size: 1 1; background: $background; }
.good { color: $success; }
.waiting { color: $warning; }
.wrong { color: $error; }
.marked { color: $accent; text-style: bold; }
FieldRow { height: auto; layout: grid; grid-size: 3; grid-columns: 16 30 1fr; grid-rows: auto; }
FieldRow .label { height: 1; color: $quiet; }
FieldRow .note { height: auto; padding: 0 0 0 1; color: $quiet; }
FieldRow.-wrong .label { color: $error; text-style: bold; }
FieldRow.-wrong .note { color: $error; }
FieldRow.-focused .label { color: $primary; text-style: bold; }
.-narrow-labels FieldRow { grid-columns: 12 26 1fr; }
SlipInput { height: 1; border: none; padding: 0 1; background: $surface; color: $foreground; }
SlipInput:focus { border: none; background: #24435A; background-tint: transparent; }
Choice { height: 1; padding: 0 1; background: $surface; color: $foreground; }
Choice:focus { background: #24435A; }
PageTable { height: 1fr; background: $background; }
Dialog { align: center middle; background: $background 60%; }
Dialog > .box { width: 72; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $surface; }
"""
