"""`xianhou match`: levels, verdict and reasons of pairs of slips, and how good they are where the truth is known."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from shared_rules.errors import InputError
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.cli import Words
    from shared_rules.likeness import Likeness

__all__ = ["match"]


class _Slip(msgspec.Struct, frozen=True):
    """A slip of the file; what else it holds is passed over."""

    kind: str
    name: str = ""
    contact_person: str = ""
    phones: tuple[str, ...] = ()
    wechat: str = ""
    city: str = ""
    need: str = ""


class _Truth(msgspec.Struct, frozen=True):
    """What is true of a pair; None = nobody knows."""

    same_entity: bool | None = None
    name_same: bool | None = None
    contact_same: bool | None = None


class _Pair(msgspec.Struct, frozen=True):
    """One line of the file."""

    a: _Slip
    b: _Slip
    id: str = ""
    truth: _Truth | None = None


@click.command(help="比较成对的确认单：逐栏的相近程度、结论与理由；文件带真值时另给评分。")
@click.argument("pairs", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="每对一行 JSON，最后一行是评分。")
@click.option("--quiet", is_flag=True, help="只给评分。")
@click.pass_obj
def match(words: Words, pairs: Path, *, as_json: bool, quiet: bool) -> None:
    """Compare every pair of the file."""
    scores = _Scores()
    for pair in _pairs(pairs):
        found, need = _compared(pair)
        scores.take(pair.truth, found, need=need)
        if not quiet:
            click.echo(json.dumps(_line(words, pair, found, need), ensure_ascii=False) if as_json
                       else _text(words, pair, found, need=need))  # fmt: skip
    if scores.pairs:
        click.echo(json.dumps(scores.result(), ensure_ascii=False) if as_json else scores.table(words))


def _pairs(path: Path) -> Iterator[_Pair]:
    """Yield the pairs; InputError names the line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(say("读不到文件 {path}；请核对路径，内容应为 UTF-8", path=str(path)), field="pairs") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            pair = msgspec.json.decode(line, type=_Pair)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InputError(
                say("第 {number} 行不是一对确认单：{why}", number=number, why=str(error)), field="pairs"
            ) from error
        for slip in (pair.a, pair.b):
            if slip.kind not in ("person", "company"):
                why = say("第 {number} 行的 kind 应为 person 或 company，不是 {kind}", number=number, kind=slip.kind)
                raise InputError(why, field="kind")
        yield pair


def _compared(pair: _Pair) -> tuple[Likeness, bool]:
    """Return the likeness, and whether the needs let both be one slip's (unknown never separates)."""
    from shared_rules.customers import normal_need
    from shared_rules.facts import Need
    from shared_rules.likeness import compare, profile_of

    a, b = (
        profile_of(one.kind, one.name, contact=one.contact_person, phones=one.phones, wechat=one.wechat, place=one.city)
        for one in (pair.a, pair.b)
    )
    first, second = (normal_need(Need(kind=one.need)).kind for one in (pair.a, pair.b))
    return compare(a, b), not first or not second or first == second


def _line(words: Words, pair: _Pair, found: Likeness, need: bool) -> dict[str, Any]:
    return {
        "id": pair.id, "name": found.name.value, "contact": found.contact.value, "place": found.place.value,
        "need": need, "verdict": found.answer.value, "guess": found.guess,
        "reasons": [words(reason) for reason in found.reasons],
    }  # fmt: skip


def _text(words: Words, pair: _Pair, found: Likeness, *, need: bool) -> str:
    reasons = "；".join(words(reason) for reason in found.reasons)
    apart = "" if need else words("（需求不同）")
    return f"{pair.id:<10}{found.answer.value:<11}{found.name.value:<10}{found.contact.value:<15}{reasons}{apart}"


@dataclass
class _Scores:
    """Counts over the pairs whose truth is known."""

    pairs: int = 0
    entity: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    """(truth, guess) -> pairs."""
    rule: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)

    def take(self, truth: _Truth | None, found: Likeness, *, need: bool) -> None:
        """Count one pair."""
        if truth is None:
            return
        if truth.same_entity is not None:
            self.pairs += 1
            self.entity[truth.same_entity, found.guess] += 1
            wrong = found.answer.value != "ask" and (found.answer.value == "same") is not truth.same_entity
            self.answers[f"wrong_{found.answer.value}" if wrong else found.answer.value] += 1
        known = _either(truth.name_same, truth.contact_same)
        if known is not None:
            self.rule[need and known, need and found.by_rule] += 1

    def result(self) -> dict[str, Any]:
        """Return both scores and the shares of the answers."""
        shares = {name: self.answers[name] / self.pairs for name in ("wrong_same", "wrong_different", "ask")}
        return {"pairs": self.pairs, "entity": _score(self.entity), "rule": _score(self.rule), **shares}

    def table(self, words: Words) -> str:
        """Return the same for people."""
        found = self.result()
        lines = [words(say("{count} 对", count=self.pairs))]
        for name in ("entity", "rule"):
            figures = "  ".join(f"{key} {value:.4f}" for key, value in found[name].items())
            lines.append(f"{name:<8} {figures}")
        lines += [f"{name:<16}{found[name]:.4f}" for name in ("wrong_same", "wrong_different", "ask")]
        return "\n".join(lines)


def _either(one: bool | None, other: bool | None) -> bool | None:
    if one or other:
        return True
    return None if one is None or other is None else False


def _score(counts: Counter[tuple[bool, bool]]) -> dict[str, float]:
    hit, false, missed = counts[True, True], counts[False, True], counts[True, False]
    precision = hit / (hit + false) if hit + false else 0.0
    recall = hit / (hit + missed) if hit + missed else 0.0
    both = precision + recall
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / both if both else 0.0}
