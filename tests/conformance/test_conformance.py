"""Every conformance case over real HTTP against the real server; another server would be given the same files."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from shared_rules.facts import Role
from sync_server import intake
from tests.conformance.player import Play
from tests.paths import ROOT
from tests.sync_server.conftest import NINE, House, house, keys_folder
from tests.sync_server.listening import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["house", "keys_folder"]

CASES: dict[str, dict[str, Any]] = {
    case["id"]: case
    for file in sorted(Path(__file__).parent.glob("*.toml"))
    for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]
}
INVARIANTS = set(
    re.findall(r"^- \*\*(S-\d+)\*\*", (ROOT / "docs" / "sync.md").read_text(encoding="utf-8"), re.MULTILINE)
)


@dataclass
class Lent:
    """What our server lends a player."""

    house: House

    def code(self, office: str) -> str:
        """Return a new enrolment code."""
        return self.house.service.enrolment.make_code(office, os.urandom)

    def set_clock(self, now: int) -> None:
        """Put the server's clock there."""
        self.house.source.now = now

    def revoke(self, kiosk: int) -> None:
        """Take a kiosk's certificate back."""
        self.house.service.enrolment.revoke(kiosk, "conformance")


@pytest.fixture
def play(house: House) -> Iterator[Play]:
    """Return a player at the beginning of a case."""
    for office, person in (("east", "A"), ("west", "B")):
        house.office(office)
        house.person(person, Role.SALESPERSON, office=office)
    with listening(house.app) as (host, port), httpx.Client(base_url=f"http://{host}:{port}", timeout=30) as client:
        player = Play(client, Lent(house), NINE)
        player.begin()
        yield player


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_server_conforms(play: Play, case: dict[str, Any]) -> None:
    """Step by step as the file says."""
    play.steps(case["steps"])


def test_there_are_enough_cases_and_each_names_invariants_that_stand_in_the_document() -> None:
    """At least thirty; every `because` is defined, and every invariant that HTTP can show has a case."""
    named = {one for case in CASES.values() for one in case["because"]}
    assert len(CASES) >= 30
    assert named <= INVARIANTS
    assert named >= INVARIANTS - {"S-3"}


def test_a_server_that_forgets_to_look_at_the_head_fails_a_case(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage: an acknowledgement for whoever asks."""
    monkeypatch.setattr(intake, "verify_payload", lambda *_: None)
    with pytest.raises(AssertionError):
        play.steps(CASES["who-other-key"]["steps"])
