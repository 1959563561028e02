"""How the server's commands speak: with this package's own sentences, in the language the user chose.

`xianhou` knows the sentences of the kiosk and of the rules only, since neither package imports the other; this group
takes the language from it and puts help, messages and errors of everything below into it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

import click

from shared_rules.errors import XianhouError
from shared_rules.words import Language, Say, say
from sync_server.words import LEXICON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["ServerCommand", "ServerGroup", "Speaker"]


class _Chosen(Protocol):
    """What `xianhou` hands on as `ctx.obj`."""

    language: Language


class Speaker:
    """Speaks to the user of a server command; its `ctx.obj`."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, sentence: Say | str) -> str:
        """Return the sentence in the user's language."""
        return LEXICON.text(sentence, self.language)

    def echo(self, sentence: Say | str, *, err: bool = False) -> None:
        """Print one sentence on its own line."""
        click.echo(self(sentence), err=err)


class _Speaking(click.Command):
    """What group and command share: the line in the list of all commands, and how an error of ours ends."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the line that the list of all commands shows."""
        ctx = click.get_current_context(silent=True)
        line = Speaker(_language(ctx.obj if ctx else None))(self.help or "")
        return line if len(line) <= limit else line[: limit - 1] + "…"

    def invoke(self, ctx: click.Context) -> Any:
        """Run; an error of ours becomes one sentence on stderr and exit code 2."""
        return _invoked(ctx, super().invoke)


class ServerGroup(_Speaking, click.Group):
    """Speaks the user's language in everything below it, its errors included."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take over the language before any help is written."""
        ctx.obj = Speaker(_language(ctx.obj))
        _speak(self.commands.values(), ctx.obj)
        self.help = ctx.obj(self.help or "")
        return super().parse_args(ctx, args)


class ServerCommand(_Speaking):
    """The same for a command that stands beside the group."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take over the language before any help is written."""
        ctx.obj = Speaker(_language(ctx.obj))
        _speak((self,), ctx.obj)
        return super().parse_args(ctx, args)


def _invoked(ctx: click.Context, invoke: Callable[[click.Context], Any]) -> Any:
    try:
        return invoke(ctx)
    except XianhouError as error:
        ctx.obj.echo(say("错误：{sentence}", sentence=error.sentence), err=True)
        sys.exit(2)


def _language(obj: _Chosen | None) -> Language:
    return obj.language if obj is not None else "zh"


def _speak(commands: Iterable[click.Command], speaker: Speaker) -> None:
    for command in commands:
        command.help = speaker(command.help) if command.help else command.help
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.help:
                parameter.help = speaker(parameter.help)
        if isinstance(command, click.Group):
            _speak(command.commands.values(), speaker)
