"""Towns that earlier releases wrote: opened, checked and ruled on as they were (invariant 16)."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from kiosk.config import Folder
from kiosk.journal import Journal
from shared_rules.settlement import settle
from sync_server.app import create_app
from sync_server.archive import floors, policies_in_force
from sync_server.clock import ServerClock
from sync_server.config import load_config
from sync_server.pki import load_keys
from sync_server.store import Store
from tests.golden.make import FOLDER, NOW, OFFICES, outline
from tests.kiosk.machine import Machine
from tests.sync_server.fakes import FakeSource

CORRECTED: dict[str, dict[str, Any]] = {
    # 六.4: closed before the company's list came; the release that kept the town gave the deal to the company because
    # somebody else handed in a slip after the notice
    "D2": {"owner": "C", "shares": []},
}
"""Rulings that were wrong when a town was kept; each has a case in tests/cases that holds the right one."""
KEPT = sorted(FOLDER.glob("*.tar.xz"))


@pytest.fixture(params=KEPT, ids=lambda path: path.name.partition(".")[0])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return the folder of a kept town, unpacked."""
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


def expected(town: Path) -> dict[str, Any]:
    """Return what held when the town was kept."""
    read: dict[str, Any] = json.loads((town / "expected.json").read_text(encoding="utf-8"))
    return read


def test_there_is_a_kept_town() -> None:
    """Without one the tests below would pass by looking at nothing."""
    assert KEPT


def test_an_old_server_settles_as_it_did(town: Path) -> None:
    """Every record is where it was, and every claim, act and deal is ruled the same, but for what was a mistake."""
    config = load_config(town / "server")
    store = Store(config.database, load_keys(config.keys).bodies)
    try:
        app = create_app(store, ServerClock(FakeSource(NOW)), config)
        contents = app.state.service.reconciler.archive.read()
        with store.snapshot() as tx:
            policies = policies_in_force(tx)
        held = expected(town)
        register = settle((*contents.events, *floors(contents.logs)), policies, held["as_of"])
        assert outline(register) == held["rulings"] | CORRECTED
        assert len(held["rulings"]) > 20
    finally:
        store.close()


@pytest.mark.parametrize("office", OFFICES)
def test_an_old_journal_is_checked_whole_and_continued(town: Path, office: str) -> None:
    """Chain, signatures and bodies hold; the same life goes on."""
    journal = Journal.open(Folder(town / office), ticks=Machine(true=NOW), random=os.urandom, machine="golden")
    try:
        journal.verify()
        kiosk, inc, seq = expected(town)["heads"][str(journal.log.kiosk)]
        assert tuple(journal.log) == (kiosk, inc)
        assert journal.last_seq >= seq
        assert sum(1 for _ in journal.events()) > 10
    finally:
        journal.close()
