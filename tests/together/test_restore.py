"""Yesterday's backup put back, over real processes: the kiosks notice and heal the server; rulings are as before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.cli.demo.stage import Stage
from kiosk.cli.desk_client import DeskProcess
from tests.together.stages import at, ready, stage_in, stamp


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Yield a server with two kiosks."""
    yield from stage_in(tmp_path)


def told(kiosk: DeskProcess, slips: list[str]) -> dict[str, tuple[str, str]]:
    """Return what an office's kiosk holds of the rulings of its slips."""
    rulings = {slip: kiosk.call("wait", claim=slip) for slip in slips}
    return {slip: (ruling["status"], str(ruling["reasons"])) for slip, ruling in rulings.items()}


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
    for kiosk in (east, west):
        assert kiosk.call("sync_now")["unsent"] == 0
    before = told(east, mine), told(west, theirs)
    assert before[1][theirs[0]][0] == "returned"

    stage.stop_server()
    for name in ("server.db", "server.db-wal", "server.db-shm"):
        (stage.server_folder / name).unlink(missing_ok=True)
    stage.xianhou("server", "restore", "--dir", str(stage.server_folder), "--from", str(backup))
    stage.start_server(int(stage.url.rpartition(":")[2]))
    for kiosk in (east, west, east, west):
        assert kiosk.call("sync_now")["unsent"] == 0
    assert (told(east, mine), told(west, theirs)) == before
    for kiosk, slips in ((east, mine), (west, theirs)):
        status = kiosk.call("status")
        assert status["stamped"] == status["reported"] == len(slips)
