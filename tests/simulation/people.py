"""Few people with few customers: much of what they hand in collides, and they do it in the narrow hours of 一.1."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from kiosk.counter import Form
from shared_rules.errors import UnavailableError
from shared_rules.facts import Need, SlipContent
from shared_rules.interval import DAY, HOUR, MINUTE
from tests.simulation.machines import SALES

if TYPE_CHECKING:
    from kiosk.counter import ClaimRow, ReturnRow
    from tests.simulation.ledger import Ledger
    from tests.simulation.machine import Machine
    from tests.simulation.plan import Plan
    from tests.simulation.schedule import Schedule

__all__ = ["People"]

_CUSTOMERS: Final = tuple(
    (name, f"1380000000{n}") for n, name in enumerate(("张三", "李四", "王五", "赵六", "钱七", "孙八"))
)
_SHORT_BREAK: Final = 7 * MINUTE
_TRIES: Final = 12


@dataclass
class People:
    """What people do at the counters."""

    schedule: Schedule
    rng: random.Random
    plan: Plan
    ledger: Ledger
    machines: list[Machine] = field(default_factory=list)
    at_home: bool = False

    def day(self, midnight: int) -> None:
        """Plan a working day."""
        for machine in self.machines:
            self.schedule.at(midnight + 8 * HOUR + self.rng.randrange(40) * MINUTE, partial(self.open, machine))
            if self.rng.random() < 0.8:
                evening = midnight + 18 * HOUR + self.rng.randrange(120) * MINUTE
                self.schedule.at(evening, partial(self.close, machine, midnight + DAY + 8 * HOUR))
        for office in SALES:
            for _ in range(self.rng.randrange(self.plan.slips + 1)):
                hour = self.rng.choice((9, 9, 16))
                at = midnight + hour * HOUR + self.rng.randrange(58) * MINUTE
                exceptional = ""
                if self.rng.random() < 0.1:
                    at, exceptional = midnight + self.rng.randrange(9 * 60, 22 * 60) * MINUTE, "当日成交"
                self.schedule.at(at, partial(self.hand_in, office, exceptional))

    def open(self, machine: Machine) -> None:
        """Open the window."""
        machine.act(machine.clerk)

    def close(self, machine: Machine, until: int) -> None:
        """Close it, and promise to stamp nothing before the next opening."""
        if machine.on and machine.desk.people.duty is not None and not self.at_home:
            duty = machine.desk.people.duty
            machine.act(lambda: machine.desk.people.close_duty(duty, until=until))
            machine.call()

    def at(self, office: str) -> Machine | None:
        """Return a machine of an office that is on."""
        on = [machine for machine in self.machines if machine.office == office and machine.on]
        return self.rng.choice(on) if on else None

    # --- slips

    def hand_in(self, office: str, exceptional: str) -> None:
        """Let a salesperson of an office hand something in."""
        machine, number = self.at(office), self.rng.choice(SALES[office])
        if machine is None:
            return
        rows: list[ClaimRow] = []
        machine.act(lambda: rows.extend(machine.desk.my_claims(machine.session(number))))
        mine = [row for row in rows if row.status in ("upheld", "awaiting_entry", "lapsed")]
        if mine and self.rng.random() < self.plan.acts:
            self._act_on(machine, number, self.rng.choice(mine), exceptional)
        else:
            self._stamp(machine, number, Form(content=self._content(), exceptional=exceptional))
        self.schedule.after(self.rng.randrange(_SHORT_BREAK), machine.call)

    def _act_on(self, machine: Machine, number: str, row: ClaimRow, exceptional: str) -> None:
        kind = self.rng.choice(("amend", "renew", "renew", "withdraw"))
        if kind == "withdraw":
            if machine.act(lambda: machine.desk.withdraw(machine.session(number), row.claim)):
                self.ledger.note("withdrawn")
            return
        content = row.content or self._content()
        if self.rng.random() < 0.3:
            content = self._content()
        content = SlipContent(names=content.names, phones=content.phones, need=self._need())
        self._stamp(machine, number, Form(content=content, kind=kind, claim=row.claim, exceptional=exceptional))

    def _stamp(self, machine: Machine, number: str, form: Form) -> None:
        stamped: list[str] = []

        def stamp() -> None:
            pending = machine.desk.hand_in(machine.session(number), form)
            if machine.filling:
                machine.fill_disk(full=True)
            try:
                stamped.append(machine.desk.stamp(pending.id, machine.clerk().person.badge).slip)
            except UnavailableError:
                self.ledger.note("disk full at the stamp")
                raise

        if machine.act(stamp) and form.kind != "renew" and self.rng.random() >= self.plan.no_entries:
            late = self.rng.random() < self.plan.late_entries
            wait = self.rng.randrange(20, 45) * HOUR if late else self.rng.randrange(10, 600) * MINUTE
            self.schedule.after(wait, lambda: self.enter(machine, stamped[0], _TRIES))

    def _need(self) -> Need:
        return Need(kind=self.rng.choice(("flat", "flat", "", "shop")))

    def _content(self) -> SlipContent:
        name, phone = self.rng.choice(_CUSTOMERS)
        typed = self.rng.choice((phone, phone, f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}"))
        return SlipContent(names=(name,), phones=(typed,), need=self._need())

    def enter(self, machine: Machine, slip: str, tries: int) -> None:
        """Let the clerk look a second time, later if the counter is not ready."""
        done = machine.act(lambda: machine.desk.enter(machine.clerk(), slip))
        if not done and tries and not self.at_home:
            self.schedule.after(2 * HOUR, lambda: self.enter(machine, slip, tries - 1))

    # --- what goes back

    def give_back(self, machine: Machine) -> None:
        """Let the clerk print what must go back, and its salespeople acknowledge some of it."""
        if not machine.on:
            return
        rows = machine.desk.returns.rows()
        for row in rows:
            if self.rng.random() < 0.5:
                machine.act(partial(self._returned, machine, row, "printed"))
            if row.salesperson in SALES[machine.office] and self.rng.random() < 0.5:
                done = machine.act(partial(self._returned, machine, row, "acknowledged"))
                if done:
                    self.ledger.note("returned")

    def _returned(self, machine: Machine, row: ReturnRow, note: str) -> None:
        by = machine.session(row.salesperson) if note == "acknowledged" else machine.clerk()
        machine.desk.returns.record(by, row.slip, note)
