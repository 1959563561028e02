"""Who is it? Two real kiosks and a server: both clerks are asked, both answer, a person finds, both offices hear."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import httpx

from kiosk.config import Folder, load_config
from tests.sync_server.test_console import SAME
from tests.together.stages import at, ready, stage_in, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kiosk.cli.demo.stage import Stage

OFFICES = ("east", "west")


def customers(stage: Stage, east: tuple[str, str], west: tuple[str, str]) -> tuple[str, str]:
    """Stamp one slip at each office, the east a day earlier; return their numbers."""
    stage.open_kiosks()
    stage.set_time(at("03-02 09:05"))
    people = {office: ready(stage, office, stage.kiosks[office]) for office in OFFICES}
    slips = []
    for office, time, (name, phone) in (("east", "03-02 09:10", east), ("west", "03-03 09:10", west)):
        stage.set_time(at(time))
        slips.append(stamp(stage, office, stage.kiosks[office], people[office], name=name, phone=phone))
    heard(stage)
    return slips[0], slips[1]


def heard(stage: Stage) -> None:
    """Let both kiosks tell and hear until nothing new comes."""
    for _ in range(2):
        for office in OFFICES:
            stage.kiosks[office].call("sync_now")


def status(stage: Stage, office: str, slip: str, wanted: str) -> dict[str, Any]:
    """Return an office's ruling of a slip once it is as wanted."""
    ruling: dict[str, Any] = stage.kiosks[office].call("wait", claim=slip, status=wanted, seconds=60)
    return ruling


def question(stage: Stage, office: str, count: int = 1) -> dict[str, Any]:
    """Return the one question that an office is asked, once it is there."""
    for _ in range(30):
        rows: list[dict[str, Any]] = stage.kiosks[office].call("questions")
        if len(rows) == count:
            return rows[0] if rows else {}
        heard(stage)
    raise AssertionError(office, rows)


def manager(stage: Stage) -> Iterator[httpx.Client]:
    """Yield a browser in which the sales manager is logged in."""
    authority = load_config(Folder(stage.folder / "east")).place.ca
    with httpx.Client(base_url=stage.url, verify=ssl.create_default_context(cadata=authority)) as client:
        person = stage.manager()
        form = {"number": person.number, "password": person.password}
        assert client.post("/console/login", data=form, headers=SAME).status_code == 303
        yield client


def test_equal_names_are_returned_asked_answered_and_found_to_be_two(tmp_path: Path) -> None:
    """二.1.3 end to end: 张偉 and 张伟 with other numbers; the returned slip stands again with its own stamp."""
    for stage in stage_in(tmp_path):
        one, other = customers(stage, ("张偉", "13800000001"), ("张伟", "13966667777"))
        status(stage, "west", other, "returned")
        for office, slip in zip(OFFICES, (one, other), strict=True):
            row = question(stage, office)
            assert (row["slip"], row["grounds"]) == (slip, ["name"])
            stage.kiosks[office].call("answer", question=row["question"], answers={"district": f"{office} side"})
        heard(stage)
        for client in manager(stage):
            page = client.get("/console/questions/1").text
            assert all(word in page for word in ("east side", "west side", "13800000001", "13966667777"))
            form = {"answer": "different", "reason": "两店都问过，不是一个人", "known": "0"}
            assert client.post("/console/questions/1", data=form, headers=SAME).status_code == 303
        assert status(stage, "west", other, "upheld")["slip"] == other
        assert status(stage, "east", one, "upheld")["slip"] == one
        assert all(question(stage, office, 0) == {} for office in OFFICES)


def test_what_is_only_alike_is_asked_and_nobody_is_returned(tmp_path: Path) -> None:
    """A near name and a number with two digits turned round: a question at both offices, and both slips stand."""
    for stage in stage_in(tmp_path):
        one, other = customers(stage, ("张伟", "13800000001"), ("张玮", "13800000010"))
        for office, slip in zip(OFFICES, (one, other), strict=True):
            row = question(stage, office)
            assert (row["slip"], row["grounds"]) == (slip, ["name", "contact"])
            status(stage, office, slip, "upheld")
            assert stage.kiosks[office].call("returns") == []
