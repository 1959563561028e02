"""An office without a network: letters on a stick carry its slips out and its rulings back, over real processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.cli.demo.stage import Stage
from shared_rules.errors import UnavailableError
from tests.together.stages import at, ready, stage_in, stamp


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Yield a server with two kiosks."""
    yield from stage_in(tmp_path)


def test_a_stick_carries_slips_to_the_server_and_rulings_back(stage: Stage) -> None:
    """All is reported once, whoever came first has the customer, and each letter may be taken twice."""
    stage.set_time(at("03-02 09:10"))
    stage.open_kiosks()
    east, west = stage.kiosks["east"], stage.kiosks["west"]
    east.call("offline")
    seller, buyer = ready(stage, "east", east), ready(stage, "west", west)
    mine = [stamp(stage, "east", east, seller, name=f"客{n}", phone=f"1390000001{n}") for n in range(3)]
    stage.set_time(at("03-03 09:10"))
    theirs = stamp(stage, "west", west, buyer, name="客0", phone="13900000010")
    west.call("sync_now")
    assert east.call("status")["unsent"] > 3
    east.close()
    folder, out, back = stage.folder / "east", stage.folder / "stick.letter", stage.folder / "stick.reply"
    written = stage.xianhou("letter", "write", "--dir", str(folder), "--to", str(out))
    assert "记录" in written
    assert "客0".encode() not in out.read_bytes()
    for _ in range(2):
        stage.xianhou("server", "letter", str(out), "--dir", str(stage.server_folder), "--reply", str(back))
    west.call("wait", claim=theirs, status="returned")
    # the same letter again, now that the server has ruled
    stage.xianhou("server", "letter", str(out), "--dir", str(stage.server_folder), "--reply", str(back))
    told = stage.xianhou("letter", "read", str(back), "--dir", str(folder))
    assert "0 条未上报" in told
    again = stage.xianhou("letter", "read", str(back), "--dir", str(folder))
    assert "0 条记录算已上报，0 条新消息" in again
    east = stage.kiosks["east"] = stage.reopen("east")
    east.call("offline")
    rulings = [east.call("wait", claim=slip) for slip in mine]
    assert [ruling["status"] for ruling in rulings] == ["upheld"] * 3
    assert east.call("status")["reported"] == 3


def test_a_letter_of_a_stranger_or_a_damaged_one_changes_nothing(stage: Stage) -> None:
    """One sentence, nothing taken, nothing half-written."""
    folder, out, back = stage.folder / "east", stage.folder / "stick.letter", stage.folder / "stick.reply"
    stage.xianhou("letter", "write", "--dir", str(folder), "--to", str(out))
    damaged = stage.folder / "damaged.letter"
    damaged.write_bytes(out.read_bytes()[:-1])
    with pytest.raises(UnavailableError, match="打不开"):
        stage.xianhou("server", "letter", str(damaged), "--dir", str(stage.server_folder), "--reply", str(back))
    with pytest.raises(UnavailableError, match="打不开"):
        stage.xianhou("letter", "read", str(out), "--dir", str(stage.folder / "west"))
    assert not back.exists()
