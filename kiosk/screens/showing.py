"""How a slip's content is shown, line by line, on the stamp, the second look and a claim; no Textual here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.screens.slip_fields import NEEDS, SOURCES
from kiosk.slips import who
from kiosk.widgets.slip_input import masked
from shared_rules.facts import CustomerKind, SlipContent
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.counter import Form

__all__ = ["KINDS", "content_lines", "form_lines", "who"]

KINDS = {"new": "新确认", "amend": "变更", "renew": "再次确认", "paper": "纸质单"}
"""What is being stamped, as message ids."""

Line = tuple[str | Say, str]


def content_lines(content: SlipContent, speak: Callable[[Say | str], str], *, mask: bool = False) -> list[Line]:
    """Return label and text of everything that stands on a slip; empty fields are left out."""
    need = content.need
    area = f"{need.area_from}-{need.area_to}" if need.area_from != need.area_to else str(need.area_to or "")
    company = content.kind is CustomerKind.COMPANY
    lines: list[Line] = [
        ("客户类别", speak("单位") if company else speak("个人")),
        ("单位全称", content.company),
        ("客户姓名", content.names[0] if content.names else ""),
        ("同组家人", "、".join(content.names[1:])),
        ("联系人", content.contact),
        ("电话", "、".join(masked(phone) if mask else phone for phone in content.phones)),
        ("需求", speak(dict(NEEDS).get(need.kind, need.kind)) if need.kind else ""),
        ("面积", speak(say("{area} 平方米", area=area)) if area else ""),
        ("套数", str(need.units) if need.units else ""),
    ]
    return [(label, text) for label, text in lines if text]


def form_lines(form: Form, speak: Callable[[Say | str], str]) -> list[Line]:
    """Return what the stamp will commit to."""
    lines: list[Line] = [] if form.kind in ("renew", "paper") else content_lines(form.content, speak)
    if form.claim:
        lines.insert(0, ("原单号", form.claim))
    if form.received_on is not None:
        lines.append(("接待日期", form.received_on.isoformat()))
    if form.kind in ("new", "paper"):
        lines.append(("来源", speak(dict(SOURCES)[form.source.value])))
    if form.exceptional:
        lines.append(("特殊原因", speak(form.exceptional)))
    return lines
