"""Yesterday's backup put back, over real processes: the kiosks notice and heal the server; rulings are as before."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.cli.demo.stage import Stage
from kiosk.cli.desk_client import DeskProcess
from tests.together.stages import at, ready, stage_in, stamp

Told = list[dict[str, tuple[str, str]]]
"""The rulings that each office's kiosk holds: status and reasons by slip."""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Yield a server with two kiosks."""
    yield from stage_in(tmp_path)


def told(kiosk: DeskProcess, slips: list[str]) -> dict[str, tuple[str, str]]:
    """Return what an office's kiosk holds of the rulings of its slips."""
    rulings = {slip: kiosk.call("wait", claim=slip) for slip in slips}
    return {slip: (ruling["status"], str(ruling["reasons"])) for slip, ruling in rulings.items()}


def told_in_the_end(offices: dict[DeskProcess, list[str]], wanted: Callable[[Told], bool]) -> Told:
    """Return what the kiosks hold once it is `wanted`, or after half a minute: the server rules after it answered."""
    end = time.monotonic() + 30
    while True:
        for kiosk in offices:
            assert kiosk.call("sync_now")["unsent"] == 0
        held = [told(kiosk, slips) for kiosk, slips in offices.items()]
        if wanted(held) or time.monotonic() > end:
            return held
        time.sleep(0.1)


def test_a_server_restored_from_yesterdays_backup_is_healed_by_its_kiosks(stage: Stage) -> None:
    """What was stamped since the backup arrives again, nothing twice, and each office is told the same as before."""
    stage.set_time(at("03-02 09:10"))
    stage.open_kiosks()
    east, west = stage.kiosks["east"], stage.kiosks["west"]
    seller, buyer = ready(stage, "east", east), ready(stage, "west", west)
    mine = [stamp(stage, "east", east, seller, name="张一", phone="13900000001")]
    east.call("sync_now")
    backup = stage.folder / "yesterday.db"
    stage.xianhou("server", "backup", "--dir", str(stage.server_folder), "--to", str(backup))
    stage.set_time(at("03-03 09:10"))
    mine += [stamp(stage, "east", east, seller, name=f"客{n}", phone=f"1390000001{n}") for n in range(3)]
    theirs = [stamp(stage, "west", west, buyer, name="张一", phone="13900000001")]
    offices = {east: mine, west: theirs}
    before = told_in_the_end(
        offices, lambda held: "时间在先" in held[0][mine[0]][1] and held[1][theirs[0]][0] == "returned"
    )
    assert "时间在先" in before[0][mine[0]][1]
    assert before[1][theirs[0]][0] == "returned"

    stage.stop_server()
    for name in ("server.db", "server.db-wal", "server.db-shm"):
        (stage.server_folder / name).unlink(missing_ok=True)
    stage.xianhou("server", "restore", "--dir", str(stage.server_folder), "--from", str(backup))
    stage.start_server(int(stage.url.rpartition(":")[2]))
    assert told_in_the_end(offices, lambda held: held == before) == before
    for kiosk, slips in offices.items():
        status = kiosk.call("status")
        assert status["stamped"] == status["reported"] == len(slips)
