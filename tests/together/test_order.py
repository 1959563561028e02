"""Two kiosks and a server, as processes: neither the order in which the kiosks reach the server nor lost responses and
repeated batches change a ruling.
"""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path
from typing import Any

import pytest

from kiosk.cli.demo.stage import Stage
from kiosk.config import Folder, load_config
from kiosk.desk import Desk
from kiosk.exchange import Request, Response, UnreachableError
from kiosk.practice import ticks_of
from kiosk.sync import HttpxTransport, Sync
from shared_rules.errors import UnavailableError
from shared_rules.words import say
from tests.together.stages import at, ready, stage_in, stamp

PLAN = (
    ("03-02 09:10", "east", "张三", "138 0000 0001"),
    ("03-02 09:20", "west", "李四", "13800000002"),
    ("03-02 16:20", "east", "李 四", "+86 13800000002"),
    ("03-03 09:10", "west", "張三", "13900000009"),
    ("03-03 09:20", "west", "王五", "13800000005"),
)
EXPECTED = [
    ("upheld", {"二.2.1"}, False),
    ("with_manager", {"二.2.4"}, True),
    ("with_manager", {"二.2.4"}, True),
    ("returned", {"二.2.1", "二.1.3"}, False),
    ("upheld", {"一.3"}, False),
]
"""Status, clauses, provisional: of each slip of the plan, whoever reached the server first."""


def hand_in_offline(stage: Stage) -> list[tuple[str, str]]:
    """Stamp at both kiosks, both unplugged; return office and slip of each line of the plan."""
    stage.open_kiosks()
    for kiosk in stage.kiosks.values():
        kiosk.call("offline")
    stage.set_time(at("03-02 09:05"))
    people = {office: ready(stage, office, kiosk) for office, kiosk in stage.kiosks.items()}
    slips = []
    for time, office, name, phone in PLAN:
        stage.set_time(at(time))
        slips.append((office, stamp(stage, office, stage.kiosks[office], people[office], name=name, phone=phone)))
    stage.set_time(at("03-04 10:00"))
    return slips


def rulings(stage: Stage, slips: list[tuple[str, str]]) -> list[tuple[str, set[str], bool]]:
    """Return what each office heard of its slips in the end."""
    found = []
    for (office, slip), (status, _, provisional) in zip(slips, EXPECTED, strict=True):
        ruling: dict[str, Any] = stage.kiosks[office].call(
            "wait", claim=slip, status=status, provisional=provisional, seconds=30
        )
        clauses = {reason["clause"] for reason in ruling["reasons"]}
        found.append((ruling["status"], clauses, bool(ruling["provisional"])))
    return found


@pytest.mark.parametrize("order", [("east", "west"), ("west", "east")], ids=" first, then ".join)
def test_the_order_in_which_kiosks_reach_the_server_changes_no_ruling(tmp_path: Path, order: tuple[str, str]) -> None:
    """Stamp time orders claims; arrival, whole or repeated, does not."""
    for stage in stage_in(tmp_path):
        slips = hand_in_offline(stage)
        for office in (*order, *order):
            stage.kiosks[office].call("online")
            stage.kiosks[office].call("sync_now")
        assert rulings(stage, slips) == EXPECTED


class Grudging:
    """A network that loses the first response to everything, and delivers every second request twice."""

    def __init__(self, inner: HttpxTransport) -> None:
        self.inner = inner
        self.lost = 0
        self.last_lost = False

    async def send(self, request: Request) -> Response:
        first = await self.inner.send(request)
        self.last_lost = not self.last_lost
        if self.last_lost:
            self.lost += 1
            raise UnreachableError(say("lost"))
        again = await self.inner.send(request)
        return again if again.status == first.status else first

    async def close(self) -> None:
        await self.inner.close()


async def carried(desk: Desk) -> int:
    """Sync a desk over the grudging network until all is told and heard; return how many responses were lost."""
    config = desk.journal.keys.config
    network = Grudging(HttpxTransport(config.server, config.place.ca))
    sync = Sync(desk.journal, desk.feed, rng=random.Random(1), transport=network)
    for _ in range(100):
        try:
            await sync.round()
            break
        except UnavailableError:
            continue
    await network.close()
    return network.lost


def test_lost_responses_and_repeated_batches_change_nothing(tmp_path: Path) -> None:
    """A lost response is the test that matters: the server has it, the kiosk does not know."""
    for stage in stage_in(tmp_path):
        slips = hand_in_offline(stage)
        stage.close_kiosks()
        for office in ("west", "east"):
            folder = Folder(stage.folder / office)
            desk = Desk.open(folder, ticks=ticks_of(load_config(folder)), random=os.urandom)
            assert asyncio.run(carried(desk)) >= 3
            assert desk.journal.unsent == 0
            desk.close()
        for office in ("east", "west"):
            stage.kiosks[office] = stage.reopen(office)
        assert rulings(stage, slips) == EXPECTED
