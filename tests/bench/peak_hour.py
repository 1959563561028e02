"""The peak hour of one kiosk, through its screens in a real terminal, by hands as fast as people's.

`python3 run.py python -m tests.bench.peak_hour [--slips 60] [--log FILE]`: so many new slips of four salespeople, each
typed key by key and stamped by the clerk's badge, and as many renewals, in one gesture each salesperson. A real server
runs beside it.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.cli.demo.stage import Member, Stage
from kiosk.cli.desk_client import DeskProcess
from tests.terminal.pty_screen import Terminal
from tests.together.stages import at, form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

F9, ESC = "\x1b[20~", "\x1b"
KEY: Final = 0.16
"""Seconds a key: some 70 words a minute are nobody's at a counter; this is a practised clerk's hand."""
HAN: Final = 1.5
"""Seconds for a name by the pinyin input method, committed as one text."""
BADGE: Final = 0.8
READ: Final = 2.0
"""Seconds that people look at the stamped slip and take the receipt."""
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚"
PEOPLE: Final = 4
TURN: Final = 3
"""Slips that a salesperson hands in before the next one comes."""


@dataclass
class Hour:
    """One kiosk's hour under way."""

    stage: Stage
    terminal: Terminal
    people: list[Member]
    began: float = field(default_factory=time.monotonic)
    acts: list[tuple[float, str, float]] = field(default_factory=list)
    """Seconds since the beginning, what, and how long it took."""

    def keys(self, text: str) -> None:
        """Type key by key."""
        for key in re.findall(r"\x1b\[\d+~|\x1bO.|.", text, re.DOTALL):
            self.terminal.type(key)
            self.terminal.pump(KEY)

    def commit(self, text: str, seconds: float) -> None:
        """Let a text come at once, after the time it takes to make it."""
        self.terminal.pump(seconds)
        self.terminal.type(text)

    def did(self, what: str, since: float) -> None:
        """Note an act."""
        now = time.monotonic()
        self.acts.append((now - self.began, what, now - since))

    def come(self, person: Member) -> None:
        """Log the next salesperson in."""
        self.keys("1")
        self.terminal.see("工牌或工号")
        self.commit(f"{person.badge}\r", BADGE)
        self.keys(person.own_pin + F9)
        self.terminal.see("递交确认单")

    def slip(self, clerk: Member, name: str, phone: str) -> None:
        """One new slip, from the salesperson's home back to it."""
        since = time.monotonic()
        self.keys("1\t")
        self.commit(name, HAN)
        self.keys("\t\t\t" + phone + F9)
        self.terminal.see("盖章确认")
        self.commit(clerk.badge, BADGE)
        self.keys(F9)
        self.terminal.see("已盖章，已落盘")
        self.terminal.pump(READ)
        self.keys(F9)
        self.terminal.see("批量再次确认")
        self.did("slip", since)

    def renew(self, clerk: Member) -> None:
        """All of a salesperson's that end soon."""
        since = time.monotonic()
        self.keys("2")
        self.terminal.see("选了")
        self.keys(F9)
        self.terminal.see("再次确认盖章")
        self.commit(clerk.badge, BADGE)
        self.keys(F9)
        self.terminal.see("签收退单", seconds=60)
        self.did("renewals", since)


def customers(chance: random.Random) -> Iterator[tuple[str, str]]:
    """Yield names and numbers that nobody has twice."""
    for number in range(1, 10**6):
        yield chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN), f"139{number:08d}"


def hire(stage: Stage, count: int) -> list[Member]:
    """Have the operator enter more salespeople."""
    hired = []
    for number in range(count):
        person, badge = f"9{number:02d}", f"HIRE{number:02d}"
        stage.xianhou(
            "server", "person", "add", "--dir", str(stage.server_folder), "--number", person, "--name", f"业务{number}",
            "--office", "east", "--role", "salesperson", "--badge", badge, "--pin", "731946",
        )  # fmt: skip
        hired.append(Member(person, f"业务{number}", "east", "salesperson", badge, "731946", ""))
    return hired


def prepare(stage: Stage, people: list[Member], each: int, who: Iterator[tuple[str, str]]) -> None:
    """Give each salesperson customers of eight days ago, so that they end soon."""
    clerk = stage.clerk("east")
    stage.set_time(at("03-02 09:05"))
    with DeskProcess(stage.folder / "east") as kiosk:
        kiosk.call("sync_now")
        for member in (clerk, *people):
            kiosk.call("set_pin", badge=member.badge, start_pin=member.pin, new_pin=member.own_pin)
        kiosk.call("open_duty", badge=clerk.badge, pin=clerk.own_pin)
        for member in people:
            kiosk.call("log_in", badge=member.badge, pin=member.own_pin)
            for _ in range(each):
                name, phone = next(who)
                pending = kiosk.call("hand_in", person=member.number, form=form(name, phone))
                slip = kiosk.call("stamp", pending=pending, badge=clerk.badge)["slip"]
                kiosk.call("enter", slip=slip)
        kiosk.call("sync_now")
        kiosk.call("close_duty")


def ticking(stage: Stage, start: int, ended: threading.Event) -> Callable[[], None]:
    """Return what lets the practice clock run as fast as real time."""
    began = time.monotonic()

    def run() -> None:
        while not ended.wait(0.5):
            stage.set_time(start + int((time.monotonic() - began) * 1_000_000))

    return run


def play(folder: Path, slips: int) -> Hour:
    """Play the hour and return what was done when."""
    stage, chance, ended = Stage(folder, "zh"), random.Random(1), threading.Event()
    try:
        stage.build(at("03-02 08:30"))
        people, who = hire(stage, PEOPLE), customers(chance)
        prepare(stage, people, slips // PEOPLE, who)
        stage.set_time(at("03-10 09:00"))
        clock = threading.Thread(target=ticking(stage, at("03-10 09:00"), ended), daemon=True)
        arguments = ["-m", "kiosk.cli", "--lang", "zh", "kiosk", "--dir", str(stage.folder / "east")]
        with Terminal(arguments, columns=120, rows=36) as terminal:
            clerk = stage.clerk("east")
            terminal.see("窗口未开")
            terminal.see(lambda seen: "离线" not in seen.text, seconds=60)
            clock.start()
            hour = Hour(stage, terminal, people)
            hour.commit(f"{clerk.badge}\r", BADGE)
            hour.keys(clerk.own_pin + F9)
            terminal.see("业务员登录")
            for turn in range(max(1, slips // (PEOPLE * TURN))):
                for person in people:
                    hour.come(person)
                    if not turn:
                        hour.renew(clerk)
                    for _ in range(min(TURN, slips // PEOPLE)):
                        hour.slip(clerk, *next(who))
                    hour.keys("9")
                    terminal.see("业务员登录")
        return hour
    finally:
        ended.set()
        stage.close()


def log_of(hour: Hour, slips: int) -> str:
    """Return the hour's log as a page."""
    new = sorted(took for _, what, took in hour.acts if what == "slip")
    whole = hour.acts[-1][0]
    median, longest, spare = new[len(new) // 2], new[-1], 60 * 60 / whole
    lines = [
        "# The peak hour of one kiosk", "",
        "Made by `python3 run.py python -m tests.bench.peak_hour --log docs/peak-hour.md`: the real counter in a real",
        f"terminal, a real server beside it, keys at {KEY:.2f} s each, a name by the input method in {HAN} s, a badge",
        f"in {BADGE} s, {READ} s to take the receipt; a salesperson comes, hands in {TURN} slips, and goes.", "",
        f"{len(new)} new slips and {slips} renewals of {len(hour.people)} salespeople: **{whole / 60:.1f} minutes**;",
        f"the hour has room for {spare:.1f} times as much. A new slip, from home to home: {median:.1f} s (median),",
        f"{longest:.1f} s at most.", "", "| minute | new slips | renewals |", "|---|---|---|",
    ]  # fmt: skip
    for minute in range(int(whole // 60) + 1):
        done = [what for since, what, _ in hour.acts if int(since // 60) == minute]
        renewed = done.count("renewals") * (slips // len(hour.people))
        lines.append(f"| 09:{minute:02d} | {done.count('slip')} | {renewed} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Play and print, or keep the log."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--slips", type=int, default=60)
    parser.add_argument("--log", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = log_of(play(Path(folder), given.slips), given.slips)
    if given.log:
        given.log.write_text(text, encoding="utf-8")
    print(text)  # noqa: T201


if __name__ == "__main__":
    main()
