"""Sabotage: the counter with drafts that are kept nowhere; takes the arguments of `xianhou`."""

from __future__ import annotations

from kiosk.cli import main
from kiosk.desk import Desk


def _forget(*_: object) -> None:
    """Keep nothing."""


Desk.save_draft = _forget  # type: ignore[assignment]
main()
