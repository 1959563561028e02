"""`xianhou policy`: check a policy file, compare two, or explain every key of one; nothing is ever changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kiosk.cli import Words
from shared_rules.data import policy_names, table
from shared_rules.errors import PolicyError
from shared_rules.policy import Policy, load_policy, shipped
from shared_rules.regulation import CLAUSES
from shared_rules.words import say

__all__ = ["policy", "policy_of"]


def policy_of(name: str) -> Policy:
    """Return a shipped policy by its name, or the one of a file; raises PolicyError."""
    if name in policy_names():
        return shipped(name)
    path = Path(name)
    try:
        return load_policy(path.read_text(encoding="utf-8"), name=path.stem)
    except (OSError, UnicodeDecodeError) as error:
        sentence = say("读不到政策 {name}：写文件路径，或随附的 {names}", name=name, names="、".join(policy_names()))
        raise PolicyError(sentence, field="policy") from error


@click.group(help="政策文件：检查、比较、逐项说明。")
def policy() -> None:
    """Group the commands about policies."""


@policy.command(help="检查政策文件：有错时指出行、键和条款，退出码 2。")
@click.argument("file")
@click.pass_obj
def check(words: Words, file: str) -> None:
    """Load a policy strictly, and say what it is."""
    held = policy_of(file)
    words.echo(say("{policy}：{count} 节，格式正确", policy=held.id, count=len(held.tables())))


@policy.command(help="比较两份政策：每个不同的键一行；不写第二份则与随附的 default 比较。")
@click.argument("file")
@click.argument("other", default="")
@click.pass_obj
def diff(words: Words, file: str, other: str) -> None:
    """Print each key on which two policies differ, with its clause: from the first to the second."""
    one, two = (policy_of(file), policy_of(other)) if other else (policy_of("default"), policy_of(file))
    changed = 0
    for name, (clause, values) in one.tables().items():
        for key, before in values.items():
            after = two.tables()[name][1][key]
            if before != after:
                changed += 1
                click.echo(
                    f"{clause:<6} {name}.{key}: {_shown(before)} → {_shown(after)}  {_meaning(words, name, key)}"
                )
    words.echo(say("{one} → {two}：{count} 处不同", one=one.name, two=two.name, count=changed))


@policy.command(help="逐项说明一份政策：每一节的条款，每个键的值和意思。")
@click.argument("file", default="default")
@click.pass_obj
def explain(words: Words, file: str) -> None:
    """Print every table with its clause and every key with its value and meaning."""
    held = policy_of(file)
    for name, (clause, values) in held.tables().items():
        title = CLAUSES[clause].title_en if words.language == "en" else CLAUSES[clause].title_zh
        own = getattr(held, name).text
        click.echo(f"\n[{name}] {clause} {title}" + (f" ({own})" if own else ""))
        for key, value in values.items():
            click.echo(f"  {key} = {_shown(value)}\n      {_meaning(words, name, key)}")


def _meaning(words: Words, name: str, key: str) -> str:
    chinese, english = table("policy_keys.toml")[name][key]
    return str(english if words.language == "en" else chinese)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{rule} > {' '.join(others)}" for rule, others in value.items())
    return "[" + ", ".join(map(str, value)) + "]" if isinstance(value, list | tuple) else str(value).lower()
