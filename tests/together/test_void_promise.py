"""A kiosk that an older release let promise 2099, and the server that would not believe it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from kiosk.config import Folder
from kiosk.enrolment import complete, request
from kiosk.journal import Journal
from shared_rules.interval import HOUR, SECOND, from_datetime, to_datetime
from shared_rules.protocol import PushRequest
from sync_server.intake import Pushed
from sync_server.store import journals, persons
from tests.kiosk.machine import Machine
from tests.kiosk.places import SETTINGS, slip
from tests.sync_server.conftest import NINE, House, keys_folder, new_house

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["keys_folder"]

FAR = from_datetime(to_datetime(0).replace(year=2099, month=1, day=5, hour=9))


@pytest.fixture
def server(tmp_path: Path, keys_folder: Path) -> Iterator[House]:
    """Return a server with one office."""
    house = new_house(tmp_path / "data", keys_folder)
    house.office("east")
    yield house
    house.store.close()


@pytest.fixture
def kiosk(server: House, tmp_path: Path) -> Iterator[Journal]:
    """Return the journal of a kiosk enrolled there."""
    folder, service = Folder(tmp_path / "kiosk"), server.service
    answer = service.enrolment.enrol(request(folder, service.enrolment.make_code("east", os.urandom)))
    complete(folder, answer, fingerprint=service.keys.fingerprint, settings=SETTINGS, random=os.urandom)
    journal = Journal.open(folder, ticks=Machine(true=NINE + SECOND), random=os.urandom, machine="m")
    yield journal
    journal.close()


def report(server: House, kiosk: Journal, machine: Machine) -> None:
    """Push all that is unsent of the growing life and take the server's note of time."""
    server.source.now = machine.true
    sent = machine.tick()
    push = PushRequest(head=kiosk.head(cursor=""), entries=kiosk.entries(kiosk.acknowledged, 500, 1 << 20))
    answer = server.service.intake.push(kiosk.log, push)
    assert isinstance(answer, Pushed)
    kiosk.acknowledge(answer.answer.next, answer.answer.hash)
    assert answer.answer.anchor is not None
    kiosk.anchored(answer.answer.anchor, sent, machine.tick())


def alarms(server: House) -> list[str]:
    """Return what the operator is told."""
    with server.store.snapshot() as tx:
        return [alarm.sentence.chinese() for alarm in persons.alarms(tx)]


def floor(server: House, kiosk: Journal) -> int:
    """Return what the server believes of the growing life's promise."""
    with server.store.snapshot() as tx:
        state = journals.log_state(tx, kiosk.log)
        return state.floor if state else 0


def test_the_new_life_is_alarmed_and_its_promises_count_where_the_old_ones_never_could(
    server: House, kiosk: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the remedy on the office's days can end again, and its slips be final."""
    machine = kiosk.clock.ticks
    assert isinstance(machine, Machine)
    report(server, kiosk, machine)
    with monkeypatch.context() as patch:
        patch.setattr("kiosk.journal.latest_promise", lambda _: 2 * FAR)
        kiosk.promise_floor(FAR)
    for _ in range(2):
        machine.run(HOUR)
        report(server, kiosk, machine)
    stood = floor(server, kiosk)
    assert stood < machine.true - HOUR
    assert any("太远" in text for text in alarms(server))
    assert not any("新的日志" in text for text in alarms(server))
    kiosk.void_promise()
    kiosk.append(slip(kiosk))
    for _ in range(2):
        machine.run(HOUR)
        report(server, kiosk, machine)
    assert any("新的日志" in text for text in alarms(server))
    assert machine.true - HOUR < floor(server, kiosk) < machine.true
    assert kiosk.acknowledged >= 2
