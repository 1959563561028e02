"""Somebody at the operator's command line, logged in by the own console password for the length of one act."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync_server.cli.speaking import Speaker
    from sync_server.service import Service
    from sync_server.sessions import Visitor

__all__ = ["logged_in", "password_of", "password_option"]

password_option: Final = click.option("--password-stdin", is_flag=True, help="从标准输入读网页密码。")


def password_of(words: Speaker, *, from_stdin: bool) -> str:
    """Return the password that was typed, unseen, or piped in."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt(words("网页密码"), hide_input=True)
    return asked


@contextmanager
def logged_in(service: Service, number: str, password: str) -> Iterator[Visitor]:
    """Open a session and end it with the act; LoginRefusedError for a wrong password."""
    token = service.sessions.login(number, password)
    try:
        visitor = service.sessions.visitor(token)
        assert visitor is not None
        yield visitor
    finally:
        service.sessions.logout(token)
