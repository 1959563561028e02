"""The one console command `xianhou`; its sub-commands come from the entry-point group `xianhou.commands`.

The language of help and messages is `--lang`, else XIANHOU_LANG, else the locale: Chinese unless the locale says
another language. Every error of ours ends a command with one sentence and exit code 2, never with a traceback.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from typing import Any

import click

from kiosk.words import LEXICON
from shared_rules.errors import XianhouError
from shared_rules.words import Language, Say, say

__all__ = ["Words", "XianhouGroup", "language_of", "main"]

_VARIABLES = ("XIANHOU_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


def language_of(environment: dict[str, str], arguments: list[str]) -> Language:
    """Return the language asked for by `--lang zh|en`, the environment or the locale; Chinese if nothing says."""
    for index, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--lang=") else ""
        if argument == "--lang" and index + 1 < len(arguments):
            value = arguments[index + 1]
        if value in ("zh", "en"):
            return "en" if value == "en" else "zh"
    locale = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    return "zh" if locale[:2] in ("zh", "", "C", "C.", "PO") else "en"


class Words:
    """Speaks to the user of a command; `click.Context.obj` of every command."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, sentence: Say | str) -> str:
        """Return the sentence in the user's language."""
        return LEXICON.text(sentence, self.language)

    def echo(self, sentence: Say | str, *, err: bool = False) -> None:
        """Print one sentence on its own line."""
        click.echo(self(sentence), err=err)


class XianhouGroup(click.Group):
    """Finds sub-commands by entry point, loads only the one that runs, and speaks their help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all sub-commands, this group's own and the installed ones."""
        installed = entry_points(group="xianhou.commands")
        return sorted({*super().list_commands(ctx), *(point.name for point in installed)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command with its help in the user's language."""
        for point in entry_points(group="xianhou.commands", name=cmd_name):
            command: click.Command = point.load()
            return translated(command, ctx.obj)
        return super().get_command(ctx, cmd_name)


def translated(command: click.Command, words: Words) -> click.Command:
    """Put a command's help, and that of its options and sub-commands, into the user's language."""
    command.help = words(command.help) if command.help else command.help
    command.short_help = words(command.short_help) if command.short_help else None
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            parameter.help = words(parameter.help)
    if isinstance(command, click.Group):
        for child in command.commands.values():
            translated(child, words)
    return command


@click.group(cls=XianhouGroup, help="先后：客户确认单的柜台、服务器与判定规则。")
@click.version_option(package_name="xianhou", message="%(version)s")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="界面语言：zh 或 en；不写则按系统语言。")
@click.pass_context
def xianhou(ctx: click.Context, lang: str | None) -> None:
    """Take the language; sub-commands do the work."""


def main(arguments: list[str] | None = None) -> Any:
    """Run `xianhou`; an error of ours becomes one sentence on stderr and exit code 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    words = Words(language_of(dict(os.environ), arguments))
    try:
        translated(xianhou, words)
        return xianhou.main(arguments, prog_name="xianhou", obj=words)
    except XianhouError as error:
        words.echo(say("错误：{sentence}", sentence=error.sentence), err=True)
        sys.exit(2)
