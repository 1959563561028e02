# ruff: noqa: INP001 - a script beside its pictures, not a package
"""Make docs/screens.md and a picture of every screen at 80×24 and 120×36: `python docs/pictures/screens.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))
sys.path.insert(0, str(HERE))

from make import main as make_pictures  # type: ignore[import-not-found]  # noqa: E402 - the path is set above

FOLDER: Final = HERE / "screens"
PAGE: Final = HERE.parent / "screens.md"
SCREENS: Final = {
    "enrol": "登记: a machine that no server knows yet",
    "start": "窗口未开: the clerk opens the window with badge and PIN",
    "doctor": "体检: what is well, what is not, and what to do",
    "home": "the clerk's home: what waits, by digit keys",
    "queue": "盖章与录入: stamps first, then entries by the time that is left of 24 hours",
    "entry": "录入: the clerk's second look, F9 and on to the next",
    "questions": "身份核对: what to ask the own salespeople, and until when; of the other slip nothing",
    "answering": "身份核对: the same four neutral questions at both offices",
    "returns": "要退的单: slips that go back, the most urgent first",
    "note": "the return note: reasons by clause, nothing of the holder",
    "find": "查找: F3 or / in a list, again for the next line",
    "paper-entry": "录入纸质单: what stands on the paper, the phone twice",
    "rulings": "判定: what the company ruled, the latest first",
    "ruling": "one ruling with its sentences, clauses and what it waits for",
    "visits": "来人来电表: three fields and F9, and whose turn it is",
    "emergency": "补录: a page of the emergency book, vouched for by the contract office",
    "correction": "更正: name or number, with a supervisor",
    "closing": "关窗: what is left over, hand over or close up until the next window",
    "handover": "当面交接班: the paper counted, both badges, the next clerk's PIN",
    "unblock": "解锁: somebody who gave five wrong PINs may try again",
    "notices": "公告栏: what is new stands out",
    "login": "业务员登录: badge and PIN inside the open window",
    "new-pin": "the first login at a kiosk: an own PIN, twice",
    "salesperson": "a salesperson's home inside the window",
    "renewals": "批量再次确认: one gesture, one record each",
    "batch": "再次确认盖章: the clerk sees all names, one badge stamps them",
    "query": "查询单: a party disagrees",
    "query-slips": "查询单 of a day, for supervisor and manager: to be looked at only",
    "query-slip": "one query slip: both parties' daily reports of the day of stamp side by side",
    "report": "业务日报表: a way to reach the customer is refused and marked",
    "by-number": "按单号取退单: what went back comes out by its number, to its own salesperson",
    "deal": "认购与签约: the contract office asks first whether anybody could be earlier",
    "claims": "我的客户: places, days left, the ones that end first on top",
    "claim": "变更 and 再次确认 side by side, with what each costs",
    "slip": "递交确认单",
    "all-keys": "全部按键: F12 lists every key and what each field wants",
    "stamp": "盖章确认: badge and F9, never Enter",
    "done": "stamped and on the disk: number, time, this office's own check, the code",
    "lock": "covered until the PIN is given",
}
LOOKED: Final = """\
## What was changed after looking

English options ran off the form at 80 columns (now a test); the queue's first column cut "awaits entry"; ten lines of a
home did not fit on 24 rows with a blank line between each (the menu closes up by itself now); a long notice was cut off
in its row (Enter shows it whole now); the report's way to the customer codes pointed to a place that is not there; the
list of customers did not say how many days are left nor how many places are taken; with two more keys the way back
fell off the bottom line at 80 columns (the language stands last now); a claim did not show why it is ruled as it is;
F9 on a return was called "confirm" for both sides (it says "shown in person" to the clerk and "sign for it" to the
salesperson now); a renewal's stamp named no customer; a paper slip had no name in the list of customers; three pictures
of this page showed the wrong screen (the walk waits for what it expects now, and a test compares the pictures).

## By the input method

A name being typed by pinyin on a kiosk's desktop (X11, fcitx5, xterm): the candidates open beside the field. Kept by
`XIANHOU_PINYIN_PICTURE=docs/pictures/pinyin.png pytest tests/terminal/test_pinyin.py`, which reads the characters back
from the journal.

![pinyin](pictures/pinyin.png)
"""


def page() -> str:
    """Return the page."""
    lines = [
        "# The screens",
        "",
        "Made by `python docs/pictures/screens.py`: an enrolled kiosk with a journal stands behind every picture.",
    ]
    for name, words in SCREENS.items():
        lines += [
            "",
            f"## {words}",
            "",
            f"![80×24](pictures/screens/{name}-80.png)",
            f"![120×36](pictures/screens/{name}-120.png)",
        ]
    return "\n".join(lines) + "\n\n" + LOOKED


if __name__ == "__main__":
    make_pictures([str(FOLDER)])
    PAGE.write_text(page(), encoding="utf-8")
