"""A stolen kiosk is revoked, found again and let in again: real server, real kiosks, the operator's own commands."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.cli.demo.stage import Stage
from kiosk.cli.desk_client import DeskError, DeskProcess
from kiosk.config import Folder
from shared_rules.errors import UnavailableError
from tests.paths import ROOT
from tests.together.stages import at, ready, stage_in, stamp


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Yield one server for the module."""
    yield from stage_in(tmp_path_factory.mktemp("stage"))


def again_code(stage: Stage, kiosk: int) -> list[str]:
    """Return the options with which this kiosk may come in again."""
    told = json.loads(
        stage.xianhou("server", "enrol-code", "--dir", str(stage.server_folder), "--kiosk", str(kiosk), "--json")
    )
    return ["--server", stage.url, "--code", told["code"], "--fingerprint", told["fingerprint"]]


def doctor(folder: Path) -> str:
    """Return what the doctor says of a kiosk, red or not."""
    command = [sys.executable, "-m", "kiosk.cli", "--lang", "zh", "doctor", "--dir", str(folder)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, cwd=ROOT).stdout


def test_a_revoked_kiosk_keeps_its_slips_and_brings_them_once_it_is_let_in_again(stage: Stage) -> None:
    """Nothing stamped is lost: not what was told before, not what was stamped while it was out, and no number twice."""
    stage.set_time(at("03-02 09:10"))
    stage._open_kiosk("east").close()
    folder = stage.folder / "east"
    number = json.loads(Folder(folder).enrolment.read_bytes())["kiosk"]
    with DeskProcess(folder) as kiosk:
        person = ready(stage, "east", kiosk)
        told = stamp(stage, "east", kiosk, person, name="张一", phone="13900000001")
        assert kiosk.call("sync_now")["unsent"] == 0
        stage.xianhou(
            "server", "kiosk", "revoke", "--dir", str(stage.server_folder), "--kiosk", str(number), "--reason", "被盗"
        )
        held = stamp(stage, "east", kiosk, person, name="张二", phone="13900000002")
        with pytest.raises(DeskError, match="吊销"):
            kiosk.call("sync_now")
    assert "已吊销本机的证书" in doctor(folder)
    with pytest.raises(UnavailableError, match="--again"):
        stage.xianhou("enrol", "--dir", str(folder), *again_code(stage, number))
    options = [*again_code(stage, number), "--practice-clock", str(stage.clock)]
    stage.xianhou("enrol", "--dir", str(folder), "--again", *options)
    with DeskProcess(folder) as kiosk:
        person = ready(stage, "east", kiosk)
        later = stamp(stage, "east", kiosk, person, name="张三", phone="13900000003")
        assert kiosk.call("sync_now")["unsent"] == 0
        for slip in (told, held, later):
            kiosk.call("wait", claim=slip)
    assert "吊销" not in doctor(folder)
    assert len({told, held, later}) == 3


def test_a_reinstalled_machine_takes_over_the_number_and_repeats_no_slip(stage: Stage, tmp_path: Path) -> None:
    """An empty folder, the same kiosk number: the server told it how far the numbers went."""
    stage.set_time(at("03-02 09:20"))
    stage._open_kiosk("west").close()
    with DeskProcess(stage.folder / "west") as kiosk:
        person = ready(stage, "west", kiosk)
        first = stamp(stage, "west", kiosk, person, name="李一", phone="13900000011")
        assert kiosk.call("sync_now")["unsent"] == 0
    number = json.loads(Folder(stage.folder / "west").enrolment.read_bytes())["kiosk"]
    options = [*again_code(stage, number), "--practice-clock", str(stage.clock)]
    stage.xianhou("enrol", "--dir", str(tmp_path / "new"), *options)
    with DeskProcess(tmp_path / "new") as kiosk:
        kiosk.call("sync_now")
        for member in stage.members("west"):
            kiosk.call("set_pin", badge=member.badge, start_pin=member.pin, new_pin=member.own_pin)
        person = ready(stage, "west", kiosk)
        second = stamp(stage, "west", kiosk, person, name="李二", phone="13900000012")
        assert kiosk.call("sync_now")["unsent"] == 0
        kiosk.call("wait", claim=second)
    assert second != first
    assert second.rpartition("-")[0] == first.rpartition("-")[0]
    assert int(second.rpartition("-")[2]) > int(first.rpartition("-")[2])
