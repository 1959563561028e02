"""`xianhou regulation`: which clauses are coded, in our own words, and which are not yet."""

from __future__ import annotations

import json

import click

import shared_rules.settlement  # noqa: F401 - loads every clause function, so that `coded` is complete
from kiosk.cli import Words
from shared_rules.policy import shipped
from shared_rules.regulation import CLAUSES, coded, regulation_digest
from shared_rules.words import say

__all__ = ["regulation"]


@click.command(help="列出制度各条：哪些已编入程序，哪些尚未。")
@click.option("--json", "as_json", is_flag=True, help="每条输出一行 JSON。")
@click.pass_obj
def regulation(words: Words, *, as_json: bool) -> None:
    """Print each clause with its title, its words, and whether it is coded."""
    pinned = coded()
    for clause in CLAUSES.values():
        title, text = (clause.title_en, clause.en) if words.language == "en" else (clause.title_zh, clause.zh)
        if as_json:
            row = {"id": clause.id, "title": title, "text": text, "digest": clause.digest, "coded": clause.id in pinned}
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            state = words(say("已编入")) if clause.id in pinned else words(say("尚未编入"))
            click.echo(f"{clause.id:<6}{state}  {title}\n      {text}")
    if not as_json:
        words.echo(
            say(
                "{coded} 条已编入，{open} 条尚未；制度摘要 {digest}，政策 {policy}",
                coded=len(pinned), open=len(CLAUSES) - len(pinned), digest=regulation_digest(), policy=shipped().id,
            )
        )  # fmt: skip
