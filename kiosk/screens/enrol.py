"""登记: a machine that no server knows yet becomes a kiosk; the operator reads three things off the server's screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from kiosk.input_traps.text import FieldKind
from kiosk.screens.ask import Ask
from kiosk.screens.base import key
from kiosk.screens.plain import Field, PlainForm
from kiosk.widgets.rows import FieldRow
from shared_rules.errors import InputError, XianhouError
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.binding import BindingType

__all__ = ["Enrol"]


class Enrol(PlainForm):
    """Dismisses with `enrolled`, or `refused` where the digits on the two screens differ."""

    BINDINGS: ClassVar[list[BindingType]] = [key("save", "登记", "save"), key("leave", "退出程序", "leave")]
    heading_words: ClassVar[str] = "这台机器还没有登记"
    lead: ClassVar[Say | str] = "请管理员在服务器上运行 xianhou server enrol-code，照屏幕上的三样填写，按 F9"

    def __init__(self, enrol: Callable[[str, str, str], Say]) -> None:
        super().__init__()
        self._enrol = enrol

    def fields(self) -> tuple[Field, ...]:
        """Return the three things."""
        return (
            Field("server", "服务器地址", "https://主机:端口，例如 https://192.168.1.10:8443", FieldKind.TEXT, 80),
            Field("code", "登记码", "服务器给的一次性登记码，十分钟内有效", FieldKind.ENROLMENT, 11),
            Field("fingerprint", "证书指纹", "64 位十六进制数，可带冒号和空格", FieldKind.ENROLMENT, 95),
        )

    def action_save(self) -> None:
        """F9: ask the server, beside the screen."""
        for row in self.query(FieldRow):
            row.mark()
        values = self.values()
        missing = [field for field in self.fields() if not values[field.name]]
        if missing:
            self.mark(missing[0].name, say("请填写{label}", label=say(missing[0].label)))
            return
        self.say("正在登记，最多半分钟")
        self.run_worker(self._ask(values), exclusive=True)

    async def _ask(self, values: dict[str, str]) -> None:
        asked: Awaitable[Say] = asyncio.to_thread(self._enrol, values["server"], values["code"], values["fingerprint"])
        try:
            done = await asked
        except InputError as error:
            if not self.mark(error.field, error.sentence):
                self.say(error.sentence, "wrong")
        except XianhouError as error:
            self.say(error.sentence, "wrong")
        else:
            answers = (("1", say("一致，打开柜台")), ("2", say("不一致：立即停用，通知管理员")))
            self.app.push_screen(Ask(say("与服务器屏幕上的核对码一致吗？"), (done,), answers), self._compared)

    def _compared(self, answer: str | None) -> None:
        if answer is not None:
            self.dismiss("enrolled" if answer == "1" else "refused")

    def action_back(self) -> None:
        """There is nothing behind."""

    def action_leave(self) -> None:
        """F4: leave; nothing was kept."""
        self.dismiss("left")

    def action_lock(self) -> None:
        """Nobody is logged in."""
