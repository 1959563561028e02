"""Counters for the tests of the screens: an enrolled folder with people, its desk, and the app over it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from argon2 import PasswordHasher

from kiosk.app import KioskApp, Opened
from kiosk.counter import Form
from kiosk.desk import Desk
from kiosk.screens.start import Start
from shared_rules.facts import CustomerKind, Need, Role, SlipContent
from shared_rules.protocol import FeedAnswer, FeedBody, StaffItem
from tests.kiosk.machine import Machine
from tests.kiosk.places import SETTINGS, Authority

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot

    from kiosk.config import Folder, Settings
    from kiosk.counter import Session, Stamped
    from shared_rules.facts import Fact
    from shared_rules.words import Language

START_PIN = "204060"
CLERK, OFFICE, SALES, OTHER = "201", "301", "101", "102"
PEOPLE = {
    SALES: ("陈明", (Role.SALESPERSON,)),
    OTHER: ("李娜", (Role.SALESPERSON,)),
    CLERK: ("王芳", (Role.CLERK,)),
    OFFICE: ("赵强", (Role.CONTRACT_OFFICE,)),
}
PINS = {SALES: "482913", OTHER: "593024", CLERK: "604135", OFFICE: "715246"}
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Kiosk:
    """An enrolled kiosk whose people have set their PINs, on a machine whose time the test moves."""

    root: Path
    settings: Settings = SETTINGS
    pins_set: bool = True
    anchored: bool = True
    authority: Authority = field(default_factory=Authority)
    machine: Machine = field(default_factory=Machine)
    seconds: float = 0.0
    """What the app's idle clock shows."""

    def __post_init__(self) -> None:
        self.folder: Folder = self.authority.enrol(self.root, settings=self.settings)
        self.open()
        self.tell(*(self.person(number) for number in PEOPLE))
        if self.pins_set:
            for number, pin in PINS.items():
                self.desk.people.set_pin(f"B{number}", START_PIN, pin)
        if self.anchored:
            self.desk.journal.anchored(self.authority.note(self.machine), self.machine.tick(), self.machine.tick())

    def open(self) -> None:
        """Open the folder (again)."""
        self.desk = Desk.open(self.folder, ticks=self.machine, random=os.urandom, hasher=CHEAP)

    @staticmethod
    def person(number: str) -> StaffItem:
        """Return what the server says of a person."""
        name, roles = PEOPLE[number]
        return StaffItem(
            person=number, name=name, office="E", roles=roles, badge=f"B{number}", start_pin=CHEAP.hash(START_PIN)
        )

    def tell(self, *bodies: FeedBody) -> None:
        """Let the server tell."""
        items = [self.authority.item(body, at=self.machine.true) for body in bodies]
        self.desk.feed.apply(FeedAnswer(items=items, cursor=f"e1.{self.authority.seq}"))

    def app(self, language: Language = "zh") -> KioskApp:
        """Return the app over this desk."""
        return KioskApp(lambda: Opened(self.desk), language=language, seconds=lambda: self.seconds)

    # --- what people did before the screens are looked at

    def duty(self, number: str = CLERK) -> Session:
        """Open the window."""
        return self.desk.people.open_duty(f"B{number}", PINS[number])

    def log_in(self, number: str = SALES) -> Session:
        """Log a salesperson in."""
        return self.desk.people.log_in(f"B{number}", PINS[number])

    def stamped(self, name: str, phone: str, *, by: str = SALES, kind: str = "new") -> Stamped:
        """Hand a slip in and stamp it."""
        session = self.log_in(by)
        company = name if name.endswith("公司") else ""
        content = SlipContent(
            kind=CustomerKind.COMPANY if company else CustomerKind.PERSON,
            names=() if company else (name,), company=company, contact="刘经理" if company else "",
            phones=(phone,), need=Need(kind="住宅", area_from=90, area_to=120),
        )  # fmt: skip
        form = Form(kind=kind, content=content, received_on=date(2026, 3, 2))
        stamped = self.desk.stamp(self.desk.hand_in(session, form).id, f"B{CLERK}")
        self.desk.people.log_out(session)
        return stamped


async def opened(pilot: Pilot[int]) -> None:
    """Wait until the counter has come up: how long that takes is the machine's."""
    while not isinstance(pilot.app.screen, Start):
        await pilot.pause(0.02)
    await pilot.pause()


async def press(pilot: Pilot[int], *keys: str) -> None:
    """Press keys and wait until all they caused has happened."""
    app = pilot.app
    assert isinstance(app, KioskApp)
    for key in keys:
        await pilot.press(key)
        await app.keys_settled()
    await pilot.pause()


async def write(pilot: Pilot[int], text: str) -> None:
    """Type a text as an input method commits it."""
    app = pilot.app
    assert isinstance(app, KioskApp)
    from textual import events

    for character in text:
        app.post_message(events.Key(character, character))
    await pilot.pause()
    await app.keys_settled()


def facts_of(kiosk: Kiosk) -> list[Fact]:
    """Return every fact of the journal."""
    return [event.fact for event in kiosk.desk.journal.events()]


async def come_in(pilot: Pilot[int], badge: str, pin: str) -> None:
    """Scan a badge, type its PIN, F9."""
    await write(pilot, badge)
    await press(pilot, "enter")
    await write(pilot, pin)
    await press(pilot, "f9")


def shown(app: KioskApp) -> str:
    """Return the screen as text, line by line."""
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in lines)
