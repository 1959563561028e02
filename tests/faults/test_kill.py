"""kill -9 of kiosk and server at random moments: no acknowledged slip is lost, none arrives twice.

This does not prove safety against a power cut: after kill -9 the page cache survives, and synchronous=NORMAL would pass
here just as well. The power-cut simulator is another harness.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.cli.demo.stage import Stage
from kiosk.cli.desk_client import DeskGoneError, DeskProcess
from tests.together.stages import at, form, ready, stage_in

KILLS = int(os.environ.get("XIANHOU_KILLS", "100"))
LONGEST = 0.15
"""Seconds from the first act to the latest kill: a stamp takes some milliseconds, so each run is cut within one."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Yield one server for the module; each test uses a kiosk of its own."""
    yield from stage_in(tmp_path_factory.mktemp("stage"))


def prepared(stage: Stage, office: str) -> Path:
    """Let an office's people set their PINs, and return the kiosk's folder."""
    stage.set_time(at("03-02 09:10"))
    stage._open_kiosk(office).close()
    return stage.folder / office


def stamp_until_killed(kiosk: DeskProcess, person: str, badge: str, seed: int) -> list[str]:
    """Stamp as fast as possible until the kill; return the slips that were acknowledged."""
    chance = random.Random(seed)
    killer = threading.Timer(chance.uniform(0.0, LONGEST), kiosk.process.kill)
    acknowledged: list[str] = []
    killer.start()
    try:
        for number in range(1000):
            pending = kiosk.call("hand_in", person=person, form=form("某人", f"1{seed:03d}{number:07d}"))
            acknowledged.append(kiosk.call("stamp", pending=pending, badge=badge)["slip"])
    except DeskGoneError:
        pass
    killer.join()
    kiosk.kill()
    return acknowledged


def test_no_acknowledged_slip_is_lost_when_the_kiosk_is_killed(stage: Stage) -> None:
    """What the clerk saw stamped is in the journal after every kill, and at the server exactly once in the end."""
    folder = prepared(stage, "east")
    acknowledged: list[str] = []
    for seed in range(KILLS):
        kiosk = DeskProcess(folder)
        held = kiosk.call("slips")
        assert set(acknowledged) <= set(held), f"lost before run {seed}"
        assert len(set(held)) == len(held)
        person = ready(stage, "east", kiosk)
        acknowledged += stamp_until_killed(kiosk, person, stage.clerk("east").badge, seed)
    with DeskProcess(folder) as kiosk:
        held = kiosk.call("slips")
        assert kiosk.call("sync_now")["unsent"] == 0
        for slip in held:
            kiosk.call("wait", claim=slip)
    assert set(acknowledged) <= set(held)
    assert acknowledged, "every run was killed before its first stamp: the test showed nothing"


def test_a_desk_that_acknowledges_before_it_writes_is_caught(stage: Stage) -> None:
    """The sabotage: with the answer sent before the commit the same walk loses slips."""
    folder = prepared(stage, "west")
    lost: set[str] = set()
    for _ in range(8):
        kiosk = DeskProcess(folder, module="tests.faults.early_desk")
        person = ready(stage, "west", kiosk)
        pending = kiosk.call("hand_in", person=person, form=form("某人", "13700000000"))
        slip = kiosk.call("stamp", pending=pending, badge=stage.clerk("west").badge)["slip"]
        kiosk.kill()
        with DeskProcess(folder) as after:
            lost |= {slip} - set(after.call("slips"))
    assert lost


def test_no_acknowledged_slip_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    """The server is killed under a kiosk that goes on stamping; in the end it holds every slip once."""
    for stage in stage_in(tmp_path):
        folder, slips, chance = prepared(stage, "east"), [], random.Random(7)
        with DeskProcess(folder) as kiosk:
            person, badge = ready(stage, "east", kiosk), stage.clerk("east").badge
            for number in range(KILLS):
                killer = threading.Timer(chance.uniform(0.0, LONGEST), stage.restart_server)
                killer.start()
                for part in range(3):
                    phone = f"1{number:04d}{part:06d}"
                    pending = kiosk.call("hand_in", person=person, form=form("某人", phone))
                    slips.append(kiosk.call("stamp", pending=pending, badge=badge)["slip"])
                killer.join()
            status = kiosk.call("sync_now")
            assert (status["unsent"], status["stamped"], status["reported"]) == (0, len(slips), len(slips))
            for slip in slips:
                kiosk.call("wait", claim=slip)
        assert len(set(slips)) == 3 * KILLS
