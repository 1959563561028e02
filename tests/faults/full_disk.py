"""Runs on a disk of its own that is really full (`-m tests.faults.full_disk FOLDER`), and prints what happened."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from kiosk.ballast import Ballast
from kiosk.desk import Desk
from shared_rules.errors import UnavailableError
from tests.kiosk.machine import Machine
from tests.kiosk.places import Authority, slip


def fill(path: Path) -> None:
    """Write until the disk takes nothing more."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1 << 9):
            try:
                while True:
                    file.write(os.urandom(size))
            except OSError:
                continue


def attempts(desk: Desk, most: int) -> list[str]:
    """Stamp until refused twice in a row or `most` times; return what the clerk was told, "" where it stands."""
    told: list[str] = []
    while len(told) < most and not (len(told) > 1 and told[-1] and told[-2]):
        try:
            desk.journal.append(slip(desk.journal))
            told.append("")
        except UnavailableError as error:
            told.append(str(error))
    return told


def main(root: Path) -> None:
    """Fill the disk under an open counter, stamp, and open the counter again on the full disk."""
    folder = Authority().enrol(root / "kiosk")
    machine = Machine()
    desk = Desk.open(folder, ticks=machine, random=os.urandom)
    had = Ballast(folder.ballast).there
    fill(root / "rubbish")
    told = attempts(desk, 1500)
    left = Ballast(folder.ballast).there
    desk.journal.verify()
    stamps = sum(1 for _ in desk.journal.events())
    desk.close()
    print(json.dumps({"had": had, "left": left, "told": told, "stamps": stamps}, ensure_ascii=False))  # noqa: T201


if __name__ == "__main__":
    if "--without" in sys.argv:
        Ballast.take = lambda *_: None  # type: ignore[method-assign]
    main(Path(sys.argv[1]))
