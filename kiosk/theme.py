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
StatusLine.-alarm { height: 3; }
KeyBar { height: 1; background: $panel; color: $foreground; }
AloudLine { height: 1; padding: 0 1; color: $quiet; }
AloudLine.good { color: $success; }
AloudLine.wrong { color: $background; background: $error; text-style: bold; }
.title { height: 1; padding: 0 1; text-style: bold; color: $primary; }
.hint { height: auto; padding: 0 1; color: $quiet; }
.said { height: auto; padding: 0 1; }
.big { text-style: bold; }
.body { height: 1fr; padding: 0 1 0 0; overflow-y: auto; scrollbar-size: 1 1; background: $background; }
.good { color: $success; }
.waiting { color: $warning; }
.wrong { color: $error; }
.code { width: 61; height: 31; margin: 0 2; }
.sides { height: auto; }
.side { width: 1fr; height: auto; padding: 0 1; }
Horizontal { height: 1fr; }
FieldRow { height: auto; padding: 0 1; layout: grid; grid-size: 3; grid-columns: 14 30 1fr; grid-rows: auto; }
FieldRow.-choice { grid-size: 2; grid-columns: 14 1fr; }
FieldRow .label { height: 1; color: $quiet; }
FieldRow .note { height: auto; padding: 0 0 0 1; color: $quiet; }
FieldRow.-choice .note { display: none; column-span: 2; padding: 0 0 0 14; }
FieldRow.-choice.-wrong .note { display: block; }
FieldRow.-wrong .label { color: $error; text-style: bold; }
FieldRow.-wrong .note { color: $error; text-style: bold; }
FieldRow.-focused .label { color: $primary; text-style: bold; }
SlipInput { height: 1; border: none; padding: 0 1; background: $surface; color: $foreground; }
SlipInput:focus { border: none; background: #24435A; background-tint: transparent; }
Choice { height: 1; width: auto; min-width: 30; padding: 0 1; background: $surface; color: $foreground; }
Choice:focus { background: #24435A; }
Press { height: 1; padding: 0 1; }
Menu { padding: 0 1; }
PageTable { height: 1fr; padding: 0 1; background: $background; }

.-wide FieldRow { grid-columns: 16 46 1fr; }
.-wide Choice { min-width: 46; }
.-wide FieldRow.-choice { grid-columns: 16 1fr; }
.-high .title { height: 2; padding: 1 1 0 1; }
.-high .said, .-high .hint { padding: 1 1 0 1; }
.-high FieldRow { margin: 1 0 0 0; }
.-high Press { margin: 1 0 0 0; }
.-high Menu { margin: 1 0 0 0; }
.-high PageTable { margin: 1 0 0 0; }
"""
