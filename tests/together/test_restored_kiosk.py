"""A kiosk's database put back from an old copy, and a folder copied to another machine: alarmed, nothing is lost."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.cli.demo.stage import Stage
from kiosk.cli.desk_client import DeskProcess
from sync_server.cli.opening import opened
from tests.together.stages import at, ready, stage_in, stamp


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Yield a server with two enrolled kiosks."""
    yield from stage_in(tmp_path)


def alarms(stage: Stage) -> str:
    """Return what the operator is told."""
    with opened(stage.server_folder) as service:
        return "\n".join(alarm.sentence.chinese() for alarm in service.alarms())


def database(folder: Path) -> list[Path]:
    """Return the files of a kiosk's database."""
    return sorted(folder.glob("kiosk.db*"))


def test_a_kiosk_restored_from_an_old_copy_brings_ten_new_stamps_and_is_alarmed(stage: Stage, tmp_path: Path) -> None:
    """All ten arrive under numbers never given before; what was stamped after the copy is still at the server."""
    stage.set_time(at("03-02 09:10"))
    stage._open_kiosk("east").close()
    folder, copy = stage.folder / "east", tmp_path / "copy"
    copy.mkdir()
    for path in database(folder):
        shutil.copy2(path, copy)
    with DeskProcess(folder) as kiosk:
        person = ready(stage, "east", kiosk)
        before = [stamp(stage, "east", kiosk, person, name=f"旧{n}", phone=f"1390000000{n}") for n in range(3)]
        assert kiosk.call("sync_now")["unsent"] == 0
    for path in database(folder):
        path.unlink()
    for path in sorted(copy.iterdir()):
        shutil.copy2(path, folder)
    with DeskProcess(folder) as kiosk:
        person = ready(stage, "east", kiosk)
        after = [stamp(stage, "east", kiosk, person, name=f"新{n}", phone=f"1380000000{n}") for n in range(10)]
        assert kiosk.call("sync_now")["unsent"] == 0
        for slip in after:
            assert kiosk.call("wait", claim=slip)["status"] == "upheld"
    assert len(set(before) | set(after)) == 13
    assert "恢复的备份" in alarms(stage)
    with opened(stage.server_folder) as service:
        service.reconciler.run()
        settlement = service.reconciler.docket.settlement
        assert settlement is not None
        assert all(settlement.ruling(slip) is not None for slip in (*before, *after))


def test_a_copied_kiosk_is_alarmed_at_first_contact_and_both_branches_are_kept(stage: Stage, tmp_path: Path) -> None:
    """Two machines with one folder: what each stamped is at the server, under numbers of its own."""
    stage.set_time(at("03-02 09:10"))
    stage._open_kiosk("east").close()
    clone = tmp_path / "clone"
    shutil.copytree(stage.folder / "east", clone)
    (clone / "anchor").unlink()  # another machine's anchor file says so; here both are this machine
    slips: list[str] = []
    for folder, digit in ((stage.folder / "east", 1), (clone, 2)):
        with DeskProcess(folder) as kiosk:
            person = ready(stage, "east", kiosk)
            slips += [
                stamp(stage, "east", kiosk, person, name=f"客{digit}{n}", phone=f"139000{digit}000{n}")
                for n in range(3)
            ]
            assert kiosk.call("sync_now")["unsent"] == 0
    assert len(set(slips)) == 6
    assert "被复制" in alarms(stage)
    with opened(stage.server_folder) as service:
        service.reconciler.run()
        settlement = service.reconciler.docket.settlement
        assert settlement is not None
        assert all(settlement.ruling(slip) is not None for slip in slips)
