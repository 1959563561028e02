"""Stages for tests of whole processes: one real server, real kiosks, on a practice clock."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from kiosk.cli.demo.stage import Stage
from shared_rules.interval import SHANGHAI, from_datetime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kiosk.cli.desk_client import DeskProcess

__all__ = ["at", "form", "ready", "stage_in", "stamp"]


def at(text: str) -> int:
    """Return the instant of `03-02 09:10` (2026, Asia/Shanghai)."""
    return from_datetime(datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI))


def stage_in(folder: Path) -> Iterator[Stage]:
    """Yield a built stage at Monday 03-02 08:30; every process ends with it."""
    stage = Stage(folder, "zh")
    try:
        stage.build(at("03-02 08:30"))
        yield stage
    finally:
        stage.close()


def form(name: str, phone: str) -> dict[str, Any]:
    """Return a new personal slip's form."""
    return {"content": {"names": [name] if name else [], "phones": [phone] if phone else []}}


def ready(stage: Stage, office: str, kiosk: DeskProcess) -> str:
    """Open the window and log the first salesperson in; return the number."""
    clerk = stage.clerk(office)
    person = next(one for one in stage.members(office) if one.roles == "salesperson")
    kiosk.call("open_duty", badge=clerk.badge, pin=clerk.own_pin)
    kiosk.call("log_in", badge=person.badge, pin=person.own_pin)
    return person.number


def stamp(stage: Stage, office: str, kiosk: DeskProcess, person: str, *, name: str, phone: str) -> str:
    """Hand a slip in, stamp it, look a second time; return its number."""
    pending = kiosk.call("hand_in", person=person, form=form(name, phone))
    slip = str(kiosk.call("stamp", pending=pending, badge=stage.clerk(office).badge)["slip"])
    kiosk.call("enter", slip=slip)
    return slip
