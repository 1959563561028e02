"""`xianhou kiosk`: open the counter of an enrolled kiosk in this terminal.

A crash shows an error number; where it happened goes into a file that only the operator can read. SIGTERM gives the
terminal back and keeps what was being typed.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import random
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kiosk.cli.journals import backup, export_journal, new_journal, restore
from shared_rules.errors import XianhouError
from shared_rules.words import Language, Say, say

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from kiosk.app import KioskApp, Opened
    from kiosk.cli import Words
    from kiosk.config import Folder, KioskConfig
    from shared_rules.checkup import Finding

__all__ = ["kiosk"]


@click.group(invoke_without_command=True, help="打开柜台：在此终端上递交、盖章、录入、退单。")
@click.option("--dir", "folder", type=click.Path(path_type=Path), help="柜台机的目录。")
@click.option("--plain", is_flag=True, help="逐行问答，供读屏软件和串口终端使用。")
@click.option("--practice", is_flag=True, help="练习：另一个目录、另一把钥匙，盖的章都不算数。")
@click.pass_context
def kiosk(ctx: click.Context, folder: Path | None, *, plain: bool, practice: bool) -> None:
    """Run until the operator leaves, a signal comes, or something breaks."""
    if ctx.invoked_subcommand is not None:
        return
    if folder is None:
        raise click.MissingParameter(ctx=ctx, param=ctx.command.params[0])
    if practice:
        folder = _practice_beside(ctx, folder)
    if plain:
        _run_plain(ctx, folder)
    else:
        _run(ctx, folder)


def _practice_beside(ctx: click.Context, folder: Path) -> Path:
    """Return the practice folder, and say who can log in there."""
    from kiosk.classroom import classroom, lesson
    from kiosk.config import Folder

    words: Words = ctx.obj
    words.echo(lesson())
    return classroom(Folder(folder)).root


for command in (new_journal, backup, restore, export_journal):
    kiosk.add_command(command)


def _run(ctx: click.Context, folder: Path) -> None:
    from kiosk.config import Folder, load_config
    from kiosk.enrolment import enrolled

    words: Words = ctx.obj
    place = Folder(folder)
    known = enrolled(place) or place.settings.exists() or not sys.stdin.isatty()  # nobody there to ask: said and ended
    language: Language = _language(ctx, load_config(place), words) if known else words.language
    opened: list[Opened] = []
    app = _app(place, language, opened) if known else _new_app(place, language, opened)
    try:
        asyncio.run(_until_ended(app))
    finally:
        for one in opened:
            one.desk.close()
    if app.ended_by is not None:
        if not known and not opened:
            place.enrolment.unlink(missing_ok=True)  # the digits differed: nobody shall open this counter
        raise app.ended_by
    ctx.exit(app.return_code or 0)


def _run_plain(ctx: click.Context, folder: Path) -> None:
    from kiosk.config import Folder, load_config
    from kiosk.plain import PlainCounter
    from kiosk.words import LEXICON

    words: Words = ctx.obj
    place = Folder(folder)
    config = load_config(place)
    language = _language(ctx, config, words)
    opened = _opened(place, config, lambda: None)
    counter = PlainCounter(opened.desk, _Console(), lambda sentence: LEXICON.text(sentence, language), language)
    try:
        asyncio.run(_beside_the_network(opened, counter.run))
    finally:
        opened.desk.close()


async def _beside_the_network(opened: Opened, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    sync = opened.sync
    if sync is None:
        await work()
        return
    opened.desk.wake = sync.wake
    network = asyncio.create_task(sync.run())
    try:
        await work()
        with contextlib.suppress(XianhouError):
            await sync.round()
    finally:
        network.cancel()
        await asyncio.gather(network, return_exceptions=True)


class _Console:
    """Lines of the terminal, or of whatever stands in its place."""

    async def ask(self, question: str, *, secret: bool = False) -> str:
        """Return one line, read beside the network."""
        hidden = secret and sys.stdin.isatty()
        return await asyncio.to_thread(getpass.getpass if hidden else input, question)

    def tell(self, text: str) -> None:
        """Print one line."""
        click.echo(text)


def _language(ctx: click.Context, config: KioskConfig, words: Words) -> Language:
    """Return the language asked for on the command line, else the folder's, else the system's."""
    root = ctx.find_root()
    asked = root.params.get("lang")
    return words.language if asked or not config.settings.language else config.settings.language


def _new_app(place: Folder, language: Language, opened: list[Opened]) -> KioskApp:
    """Return the app of a machine that no server knows yet: it asks to be enrolled, then opens."""
    from kiosk.app import KioskApp
    from kiosk.config import Settings, load_config
    from kiosk.enrolment import server_address
    from kiosk.sync import enrol_over_https

    def enrol(server: str, code: str, fingerprint: str) -> Say:
        settings = Settings(server=server_address(server), language=language)
        config = enrol_over_https(place, code=code, fingerprint=fingerprint, settings=settings, random=os.urandom)
        return say(
            "已登记为 {office} 的 {kiosk} 号机。核对码 {digits}",
            office=config.office_name, kiosk=config.kiosk, digits=config.place.comparison,
        )  # fmt: skip

    def open_counter() -> Opened:
        opened.append(_opened(place, load_config(place), app.network_changed))
        return opened[-1]

    app = KioskApp(open_counter, language=language, report=_reporter(place, language), enrol=enrol)
    return app


def _app(place: Folder, language: Language, opened: list[Opened]) -> KioskApp:
    from kiosk.app import KioskApp
    from kiosk.config import load_config
    from kiosk.keys import moved_keys

    config = load_config(place)

    def open_counter() -> Opened:
        opened.append(_opened(place, config, app.network_changed))
        return opened[-1]

    keys = moved_keys(config.settings.keys)
    app = KioskApp(open_counter, language=language, report=_reporter(place, language), keys=keys)
    return app


def _opened(place: Folder, config: KioskConfig, on_change: Callable[[], None]) -> Opened:
    """Open desk and sync; called after the first paint, so that the heavy imports do not delay it."""
    from kiosk.app import Opened
    from kiosk.checkup import examine
    from kiosk.classroom import open_classroom
    from kiosk.desk import Desk
    from kiosk.practice import ticks_of
    from kiosk.sync import Sync, probe

    if config.settings.practice:
        return Opened(open_classroom(place))
    desk = Desk.open(place, ticks=ticks_of(config), random=os.urandom)
    sync = Sync(desk.journal, desk.feed, rng=random.SystemRandom(), on_change=on_change)

    def look() -> list[Finding]:
        return list(examine(place, desk.journal.keys, probe))

    return Opened(desk, sync, look)


async def _until_ended(app: KioskApp) -> None:
    from kiosk.input_traps.crash import ending_on_signals

    with ending_on_signals(app.end):
        await app.run_async()


def _reporter(place: Folder, language: Language) -> Callable[[str], str]:
    """Return what a crash is told to: a file of mode 0600 gets the places, the screen gets the number."""

    def report(stack: str) -> str:
        from kiosk.words import LEXICON

        number = secrets.token_hex(3).upper()
        place.log.mkdir(mode=0o700, exist_ok=True)
        path = place.log / f"crash-{number}.txt"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(stack + "\n")
        sentence = say(
            "柜台程序出错，错误号 {number}；已盖章的都在磁盘上。请重新打开，并把错误号告诉管理员", number=number
        )
        return LEXICON.text(sentence, language)

    return report
