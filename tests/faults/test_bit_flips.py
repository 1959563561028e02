"""One bit of the database file is flipped: opening and checking notices, or every record is there as it was written."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from kiosk.chain import Chain
from kiosk.config import Folder
from kiosk.journal import Journal
from shared_rules.errors import XianhouError
from tests.kiosk.machine import Machine
from tests.kiosk.places import Authority, opened, slip

FLIPS = int(os.environ.get("XIANHOU_FLIPS", "400"))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Folder, list[bytes], Machine]:
    """Return a closed journal of some slips, what it says, and its machine."""
    machine = Machine()
    folder = Authority().enrol(tmp_path_factory.mktemp("kept") / "kiosk")
    journal = opened(folder, machine)
    for number in range(200):
        machine.run(10**6)
        journal.append(slip(journal, name=f"客{number}", phone=f"139{number:08d}"))
    said = content(journal)
    journal.close()
    return folder, said, machine


def content(journal: Journal) -> list[bytes]:
    """Return every record with its signature and body, as they travel."""
    lives = [life.inc for life in journal.chain.lives()]
    entries = [one for inc in lives for one in journal.chain.entries(inc, 0, 10**6, 10**9)]
    return [entry.record + entry.signature + entry.salt + entry.body for entry in entries]


def flipped(kept: Folder, to: Path, seed: int) -> Folder:
    """Return a copy of a kiosk's folder with one bit of its database changed."""
    chance = random.Random(seed)
    shutil.copytree(kept.root, to, dirs_exist_ok=True)
    folder = Folder(to)
    data = bytearray(folder.database.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    folder.database.write_bytes(data)
    return folder


def outcome(folder: Folder, said: list[bytes], machine: Machine) -> str:
    """Return `noticed`, `whole` or `silent`: open, check everything, compare."""
    try:
        journal = opened(folder, Machine(machine.true, boots=machine.boots, ran=machine.ran))
    except XianhouError:
        return "noticed"
    try:
        journal.verify()
        return "whole" if content(journal)[: len(said)] == said else "silent"
    except XianhouError:
        return "noticed"
    finally:
        journal.close()


def test_a_flipped_bit_is_noticed_or_has_changed_nothing(
    kept: tuple[Folder, list[bytes], Machine], tmp_path: Path
) -> None:
    """No flip leaves a journal that checks out and says something else."""
    folder, said, machine = kept
    found = Counter(outcome(flipped(folder, tmp_path / "k", seed), said, machine) for seed in range(FLIPS))
    assert found["silent"] == 0
    assert found["noticed"] > FLIPS // 8


def test_without_the_walk_along_the_chain_flips_go_unseen(
    kept: tuple[Folder, list[bytes], Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sabotage: SQLite's own check alone sees but a few."""
    monkeypatch.setattr(Chain, "walk", lambda *_: None)
    folder, said, machine = kept
    found = Counter(outcome(flipped(folder, tmp_path / "k", seed), said, machine) for seed in range(120))
    assert found["silent"] > 3
