"""A disk that is really full: the first act is refused, the ballast goes, and the counter gets by meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.ballast import Ballast
from kiosk.checkup import examine
from kiosk.desk import Desk
from kiosk.enrolment import load_keys
from shared_rules.errors import UnavailableError
from shared_rules.protocol import Hello
from shared_rules.words import say
from tests.kiosk.machine import Machine
from tests.kiosk.places import Authority
from tests.paths import ROOT


def played(tool: Callable[[str], str], folder: Path, *more: str) -> dict[str, Any]:
    """Run the play on a small disk in memory that exists for that process alone; skip where the system allows none."""
    mount = (
        f'mount -t tmpfs -o size=192m tmpfs "{folder}" || exit 77; exec "$0" -m tests.faults.full_disk "{folder}" "$@"'
    )
    command = [tool("unshare"), "--map-root-user", "--mount", "bash", "-c", mount, sys.executable, *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode in {1, 77} and not done.stdout:
        pytest.skip(f"no disk of one's own may be mounted here: {done.stderr.strip()[:200]}")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.system
def test_a_full_disk_refuses_one_stamp_and_takes_the_next(tool: Callable[[str], str], tmp_path: Path) -> None:
    """Said as it is: not stamped, press again, tell the operator. What stands is whole."""
    found = played(tool, tmp_path)
    refused = [at for at, text in enumerate(found["told"]) if text]
    assert found["had"]
    assert not found["left"]
    assert "再盖一次" in found["told"][refused[0]]
    assert found["told"][refused[0] + 1] == ""
    assert found["stamps"] == found["told"].count("")
    assert len(refused) == 1


@pytest.mark.system
def test_without_ballast_the_counter_stands_still(tool: Callable[[str], str], tmp_path: Path) -> None:
    """The sabotage: nothing was kept, and nothing can be let go."""
    found = played(tool, tmp_path, "--without")
    assert not found["had"]
    assert found["told"][-1]
    assert found["told"][-2]
    assert len(found["told"]) < 100


def silent(_: object) -> Hello:
    """Stand for a server out of reach."""
    raise UnavailableError(say("连不上"))


def test_ballast_is_taken_on_where_there_is_room_and_doctor_misses_it_where_it_is_gone(tmp_path: Path) -> None:
    """The operator clears the disk; the next opening keeps room again."""
    folder = Authority().enrol(tmp_path / "kiosk")
    desk = Desk.open(folder, ticks=Machine(), random=os.urandom)
    assert Ballast(folder.ballast).there
    assert desk.journal.pen.make_room()
    assert not desk.journal.pen.make_room()
    desk.close()
    lines = [one.what.chinese() for one in examine(folder, load_keys(folder), silent) if one.red]
    assert any("备用空间" in line for line in lines)


def test_a_disk_with_little_room_is_not_filled_by_ballast(tmp_path: Path) -> None:
    """It would be the ballast that makes it full."""
    huge = Ballast(tmp_path / "ballast", size=1 << 60)
    huge.take(bytes)
    assert not huge.there
    assert not Ballast(tmp_path / "no folder" / "ballast").drop()
