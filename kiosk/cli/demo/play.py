"""Plays the story on a stage and shows what happened: lines as they come, a table at the end, the next steps."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from kiosk.cli.demo.ledger import OFFICE_NAMES
from kiosk.cli.demo.stage import Stage
from kiosk.cli.demo.story import Story, shown
from shared_rules.interval import to_the_minute
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kiosk.cli import Words
    from kiosk.cli.demo.ledger import Row
    from kiosk.cli.demo.story import Outcome

__all__ = ["play"]

_STATUS = {
    "upheld": "成立",
    "awaiting_entry": "待录入",
    "returned": "退单",
    "with_manager": "待经理判定",
    "lapsed": "已失效",
    "refused": "拒收",
    "void": "无效",
    "withdrawn": "已撤回",
    "closed": "已成交",
    "late": "迟报",
}


def play(words: Words, home: Path, rows: tuple[Row, ...], *, keep: bool, seconds: Callable[[], float]) -> None:
    """Build the stage, play, show; end every process, or with `keep` only the kiosks, until Ctrl-C."""
    width = None if sys.stdout.isatty() else 120
    console = Console(highlight=False, width=width)

    def tell(sentence: Say | str) -> None:
        console.print(words(sentence), markup=False, soft_wrap=True)

    stage = Stage(home, words.language)
    try:
        tell("正在建立服务器和两台柜台机……")
        stage.build(rows[0].at - 3_600_000_000)
        stage.open_kiosks()
        tell(say("服务器在 {url}，用时 {seconds} 秒", url=stage.url, seconds=round(seconds())))
        story = Story(stage, rows, tell)
        story.play()
        console.print(_table(words, story))
        tell(say("用时 {seconds} 秒", seconds=round(seconds())))
        stage.close_kiosks()
        if keep:
            _next_steps(tell, stage)
            stage.wait_for_server()
        else:
            tell("下一步：加上 --keep 再演一次，就能在同一份数据上打开柜台和经理的网页。")
    except KeyboardInterrupt:
        tell("已停止")
    finally:
        stage.close()


def _table(words: Words, story: Story) -> Table:
    table = Table(box=SIMPLE_HEAD, title=words("台账与判定"), title_justify="left", pad_edge=False, padding=(0, 1))
    for heading in ("递交", "门店 业务员", "客户", "结果", "条款", "说明"):
        table.add_column(words(heading), overflow="fold", no_wrap=heading in ("递交", "条款"))
    rulings = story.rulings()
    for outcome in story.outcomes:
        table.add_row(*_cells(words, outcome, rulings.get(outcome.claim)))
    return table


def _cells(words: Words, outcome: Outcome, ruling: dict[str, Any] | None) -> tuple[str, ...]:
    row = outcome.row
    fixed = (to_the_minute(row.at), f"{OFFICE_NAMES[row.office]} {row.salesperson}", shown(row))
    if ruling is None:
        return (*fixed, words("不收"), "", "；".join(outcome.said))
    status = words(_STATUS[ruling["status"]]) + (words("（暂定）") if ruling["provisional"] else "")
    clauses = "、".join(reason["clause"] for reason in ruling["reasons"])
    if row.act != "new":
        clauses = "一.6" if row.act == "amend" else "六.3"
    return (*fixed, status, clauses, words(_explained(row, ruling)))


def _explained(row: Row, ruling: dict[str, Any]) -> Say:
    """Return what a row came to: its time and its last valid day, or why it did not stand."""
    time = to_the_minute(ruling["effective_at"])
    until = (ruling["valid_until"] or "")[5:]
    if row.act == "amend":
        return say("变更：时间改为 {time}，有效期至 {until}", time=time, until=until)
    if row.act == "renew":
        return say("再次确认：时间仍为 {time}，有效期至 {until}", time=time, until=until)
    if ruling["status"] in ("upheld", "awaiting_entry"):
        return say("确认时间 {time}，有效期至 {until}", time=time, until=until)
    reason = ruling["reasons"][0]["sentence"]
    return Say(reason["msgid"], tuple(sorted(reason["args"].items())))


def _next_steps(tell: Callable[[Say | str], None], stage: Stage) -> None:
    manager, person, clerk = stage.manager(), stage.members("east")[0], stage.clerk("east")
    tell("")
    tell("下一步（在另一个终端里）：")
    tell(say("  东店的柜台：xianhou kiosk --dir {dir}", dir=str(stage.folder / "east")))
    tell(
        say(
            "    开窗：{clerk}，工牌 {badge}，密码 {pin}；业务员 {person}，工牌 {own}，密码相同",
            clerk=clerk.name,
            badge=clerk.badge,
            pin=clerk.own_pin,
            person=person.name,
            own=person.badge,
        )
    )
    page = "  经理的网页：{url}/（工号 {number}，密码 {password}）"
    tell(say(page, url=stage.url, number=manager.number, password=manager.password))
    tell(say("    浏览器会提示证书：它由演示服务器自己签发，指纹 {fingerprint}", fingerprint=stage.fingerprint))
    tell("按 Ctrl-C 结束服务器。")
