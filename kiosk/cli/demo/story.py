"""The demo's story: the ledger is handed in and stamped at two kiosks, one of them off the network for two days.

It drives the counter's own verbs; every number and every sentence it tells comes back from the product.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from kiosk.cli.demo.ledger import OFFICE_NAMES, Row
from kiosk.cli.desk_client import DeskError
from shared_rules.interval import MINUTE, SHANGHAI, day_of, from_datetime, to_the_minute
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.cli.demo.stage import Stage
    from kiosk.cli.desk_client import DeskProcess

__all__ = ["Outcome", "Story"]

CUT = date(2026, 3, 3)
"""East loses the network on the morning of this day …"""
BACK = datetime(2026, 3, 5, 16, 30, tzinfo=SHANGHAI)
"""… and has it back then."""
LAST = datetime(2026, 3, 13, 8, 30, tzinfo=SHANGHAI)


@dataclass
class Outcome:
    """One line of the final table."""

    row: Row
    slip: str = ""
    claim: str = ""
    said: list[str] = field(default_factory=list)
    """What the counter said, in order."""


class Story:
    """Plays the ledger; `tell` shows one sentence as it happens."""

    def __init__(self, stage: Stage, rows: tuple[Row, ...], tell: Callable[[Say], None]) -> None:
        self.stage = stage
        self.rows = rows
        self.tell = tell
        self.outcomes = [Outcome(row) for row in rows]
        self._cut = False
        self._back = False
        self._day: date | None = None

    def play(self) -> None:
        """Hand in every row at its time, pull East's plug and put it back, then let the days pass."""
        for outcome in self.outcomes:
            self._network(outcome.row.at)
            self._morning(outcome.row)
            self._counter(outcome)
        self.stage.set_time(from_datetime(LAST))
        for office in ("east", "west"):
            self.stage.kiosks[office].call("sync_now")
        lapsing = self._part("lapses")
        self.stage.kiosks["west"].call("wait", claim=lapsing.claim, status="lapsed")
        self.tell(say("{day}：{slip} 十天内没有再次确认，已失效", day="03-13", slip=lapsing.claim))

    def _part(self, name: str) -> Outcome:
        return next(one for one in self.outcomes if one.row.part == name)

    # --- the network

    def _network(self, at: int) -> None:
        if not self._cut and day_of(at) >= CUT:
            self._cut = True
            self.stage.kiosks["east"].call("offline")
            self.tell(say("{day}：东店断网，照常盖章", day="03-03"))
        if self._cut and not self._back and at > from_datetime(BACK):
            self._back = True
            self._reconnect()

    def _reconnect(self) -> None:
        east, west = self.stage.kiosks["east"], self.stage.kiosks["west"]
        rival = self._part("rival")
        before = west.call("wait", claim=rival.claim, status="upheld")
        rival.said.append("upheld" + ("?" if before["provisional"] else ""))
        self.tell(say("断网期间服务器对西店 {slip} 的判定：成立（暂定，东店尚未报到）", slip=rival.slip))
        self.stage.set_time(from_datetime(BACK))
        unsent = east.call("status")["unsent"]
        east.call("online")
        east.call("sync_now")
        self.tell(say("03-05 16:30：东店恢复网络，补报 {count} 条记录", count=unsent))
        west.call("wait", claim=rival.claim, status="returned")
        note = west.call("return_note", slip=rival.slip)
        west.call("returned", slip=rival.slip, note="shown")
        self.tell(say("西店收到退单 {slip}：", slip=rival.slip))
        for line in note[1:]:
            self.tell(say("        {line}", line=line))
        same_day = self._part("same_day")
        east.call("wait", claim=same_day.claim, status="with_manager")
        self.tell(say("{slip} 与西店同一天盖章：等销售经理判定", slip=same_day.slip))

    # --- the counter

    def _morning(self, row: Row) -> None:
        """Open both windows on each day of the story."""
        if self._day == day_of(row.at):
            return
        self._day = day_of(row.at)
        opening = from_datetime(datetime.combine(self._day, time(9, 0), tzinfo=SHANGHAI))
        self.stage.set_time(opening)
        for office, kiosk in self.stage.kiosks.items():
            clerk = self.stage.clerk(office)
            if kiosk.call("queue") or self._day != day_of(self.rows[0].at):
                kiosk.call("close_duty")
            kiosk.call("open_duty", badge=clerk.badge, pin=clerk.own_pin)

    def _counter(self, outcome: Outcome) -> None:
        """Log in, hand in, stamp, look a second time; tell what the counter said."""
        row = outcome.row
        kiosk, person = self.stage.kiosks[row.office], self.stage.people[row.salesperson]
        self.stage.set_time(row.at)
        kiosk.call("log_in", badge=person.badge, pin=person.own_pin)
        try:
            pending = kiosk.call("hand_in", person=person.number, form=self._form(row))
        except DeskError as error:
            outcome.said.append(error.sentence)
            self._told(row, say("不收：{why}", why=error.sentence))
            return
        finally:
            kiosk.call("log_out", person=person.number)
        self.stage.set_time(row.at + MINUTE)
        stamped = kiosk.call("stamp", pending=pending, badge=self.stage.clerk(row.office).badge)
        outcome.slip, outcome.claim = stamped["slip"], stamped["claim"]
        self._told(row, say("盖章 {slip}；{answer}", slip=outcome.slip, answer=stamped["answer"]))
        self._second_look(kiosk)
        if not (row.office == "east" and self._cut and not self._back):
            kiosk.call("sync_now")

    @staticmethod
    def _second_look(kiosk: DeskProcess) -> None:
        for waiting in kiosk.call("queue"):
            kiosk.call("enter", slip=waiting["slip"])

    def _told(self, row: Row, sentence: Say) -> None:
        when = to_the_minute(row.at)
        who = f"{OFFICE_NAMES[row.office]} {row.salesperson}"
        self.tell(say("{when} {who}　{customer}　{what}", when=when, who=who, customer=shown(row), what=sentence))

    def _form(self, row: Row) -> dict[str, Any]:
        kind = re.match(r"[^\d\s]*", row.need)
        area = [int(number) for number in re.findall(r"\d+", row.need)]
        need: dict[str, Any] = {"kind": kind.group() if kind else ""}
        if len(area) == 2:
            need |= {"area_from": area[0], "area_to": area[1]}
        content = {
            "kind": "company" if row.company else "person",
            "names": [row.name] if row.name.strip() else [],
            "company": row.unit,
            "contact": row.contact,
            "phones": [row.phone] if row.phone.strip() else [],
            "need": need,
        }
        return {"kind": row.act, "content": content, "claim": self._claim_of(row) if row.act != "new" else ""}

    def _claim_of(self, row: Row) -> str:
        return next(
            one.claim
            for one in self.outcomes
            if (one.row.name, one.row.unit, one.row.act) == (row.name, row.unit, "new")
        )

    # --- the end

    def rulings(self) -> dict[str, dict[str, Any]]:
        """Return the server's rulings as both kiosks heard them, by claim."""
        found: dict[str, dict[str, Any]] = {}
        for kiosk in self.stage.kiosks.values():
            found |= kiosk.call("rulings")
        return found


def shown(row: Row) -> str:
    """Return the customer as the ledger wrote it, without line-breaking blanks."""
    return (row.name or row.unit).strip().replace("\u3000", " ")
