"""Case files: the regulation as examples that run; read strictly, judged by the same call as the product.

A wrong file is refused with the case, the number of the fact, the key, and the line where the case begins.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any, Final, NoReturn

import msgspec

from shared_rules import casefacts
from shared_rules.casefacts import CaseFact
from shared_rules.decision import Status
from shared_rules.errors import CaseFileError, PolicyError
from shared_rules.facts.base import WHOLE
from shared_rules.interval import from_datetime
from shared_rules.policy import Policies, Policy
from shared_rules.words import Say, say

__all__ = ["Case", "ClaimExpectation", "Expectation", "read_cases"]

_KINDS: Final[Any] = reduce(
    or_,
    (
        kind
        for kind in vars(casefacts).values()
        if isinstance(kind, type) and issubclass(kind, CaseFact) and str(kind.__struct_config__.tag).islower()
    ),
)


class ClaimExpectation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a case may expect of a claim; what is left out is not compared."""

    status: Status | None = None
    because: tuple[str, ...] | None = None
    effective_at: datetime | None = None
    valid_until: date | None = None
    due_at: datetime | None = None
    pending_on: tuple[str, ...] | None = None
    provisional: bool | None = None
    flags: tuple[str, ...] | None = None
    shares: dict[str, int] | None = None
    salesperson: str | None = None
    served_by: str | None = None


class Expectation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a case may expect; of each table only what is named is compared."""

    claims: dict[str, Status | ClaimExpectation] = {}
    acts: dict[str, Status | ClaimExpectation] = {}
    duties: dict[str, tuple[str, ...]] = {}
    deals: list[dict[str, Any]] | None = None
    quota: dict[str, dict[str, int]] = {}
    disputes: dict[str, str | dict[str, Any]] = {}
    routing: list[dict[str, Any]] | None = None
    penalties: list[dict[str, Any]] | None = None
    looks: list[dict[str, Any]] | None = None
    reports: list[dict[str, Any]] | None = None


class _Start(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    start: datetime = msgspec.field(name="from")
    policy: str


class _Raw(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    title: str
    facts: list[dict[str, Any]]
    expect: Expectation = Expectation()
    because: str = ""
    policy: str | list[_Start] = "default"
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One case, ready to be judged."""

    id: str
    title: str
    line: int
    """Line of the file where the case begins."""
    facts: tuple[CaseFact, ...]
    policies: Policies
    as_of: int
    expect: Expectation


def read_cases(text: str, *, policy: Callable[[str], Policy]) -> tuple[Case, ...]:
    """Return the cases of a file; `policy` turns a name or path into a policy. Raises CaseFileError."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CaseFileError(say("案例文件不是合法的 TOML：{why}", why=str(error)), field="toml") from error
    unknown = sorted(set(document) - {"case"})
    if unknown or not isinstance(document.get("case"), list):
        key = unknown[0] if unknown else "case"
        raise CaseFileError(say("案例文件只能由 [[case]] 组成，{key} 有误", key=key), field=key)
    lines = [number for number, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[\s*case\s*\]\]", line)]
    cases = tuple(
        _Reader(str(raw.get("id", "?")), lines[at] if at < len(lines) else 1, policy).read(raw)
        for at, raw in enumerate(document["case"])
    )
    _refuse_twins(cases)
    return cases


def _refuse_twins(cases: tuple[Case, ...]) -> None:
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            sentence = say("第 {line} 行起的案例 {case}：编号 id 重复，请改名", line=case.line, case=case.id)
            raise CaseFileError(sentence, field="id")
        seen.add(case.id)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one case and knows where it stands."""

    case: str
    line: int
    policy: Callable[[str], Policy]

    def read(self, raw: Mapping[str, Any]) -> Case:
        """Return the case; raises CaseFileError."""
        try:
            plain = msgspec.convert(raw, _Raw)
        except msgspec.ValidationError as error:
            self.fail(_key(error), _why(error))
        facts = tuple(self._fact(number, fact) for number, fact in enumerate(plain.facts, 1))
        if not facts and plain.as_of is None:
            self.fail("facts", say("没有事实时须写明 as_of"))
        last = plain.as_of or max(fact.at for fact in facts)
        if last.tzinfo is None:
            self.fail("as_of", say("时间必须带时区，例如 +08:00"))
        self._refuse_strangers(facts)
        return Case(
            id=plain.id,
            title=plain.title,
            line=self.line,
            facts=facts,
            policies=self._policies(plain.policy),
            as_of=from_datetime(last),
            expect=plain.expect,
        )

    def _fact(self, number: int, raw: Mapping[str, Any]) -> CaseFact:
        try:
            fact: CaseFact = msgspec.convert(raw, _KINDS)
        except msgspec.ValidationError as error:
            self.fail(_key(error), _why(error), fact=number)
        if isinstance(fact, casefacts.Slip) and fact.doubt and fact.doubt[0] > fact.doubt[1]:
            self.fail("doubt", say("最早的时间晚于最晚的时间"), fact=number)
        shares = fact.shares if isinstance(fact, casefacts.Ruling | casefacts.Mediation) else {}
        if shares and (sum(shares.values()) != WHOLE or min(shares.values()) < 1):
            self.fail("shares", say("各份须为正整数，合计 100"), fact=number)
        if isinstance(fact, casefacts.Slip) and fact.entered_at is True:
            self.fail("entered_at", say("须是时间，或 false 表示待录入"), fact=number)
        return fact

    def _refuse_strangers(self, facts: tuple[CaseFact, ...]) -> None:
        """Refuse facts about a claim that no slip makes, and two slips with one number."""
        slips = [fact.claim for fact in facts if isinstance(fact, casefacts.Slip)]
        for number, fact in enumerate(facts, 1):
            named = getattr(fact, "claim", None)
            if named and named not in slips:
                self.fail("claim", say("没有编号为 {claim} 的 slip", claim=named), fact=number)
            if isinstance(fact, casefacts.Slip) and slips.count(fact.claim) > 1:
                self.fail("claim", say("编号 {claim} 用了两次", claim=fact.claim), fact=number)

    def _policies(self, named: str | list[_Start]) -> Policies:
        try:
            if isinstance(named, str):
                return Policies.single(self.policy(named))
            return Policies.of({"": [(start.start.date(), self.policy(start.policy)) for start in named]})
        except PolicyError as error:
            self.fail("policy", error.sentence)

    def fail(self, key: str, why: Say, *, fact: int = 0) -> NoReturn:
        """Refuse the file at this case."""
        sentence = (
            say("第 {line} 行起的案例 {case}：第 {fact} 个事实的 {key}：{why}",
                line=self.line, case=self.case, fact=fact, key=key, why=why)
            if fact
            else say("第 {line} 行起的案例 {case}：{key}：{why}", line=self.line, case=self.case, key=key, why=why)
        )  # fmt: skip
        raise CaseFileError(sentence, field=key)


def _key(error: msgspec.ValidationError) -> str:
    """Return the key that a validation error is about."""
    message = str(error)
    named = re.search(r"(?:field|value) `?'?([^`']+)'?`", message) or re.search(r"field `([^`]+)`", message)
    path = re.search(r"at `\$\.?([^`]*)`", message)
    where = path.group(1) if path else ""
    if named and "field" in message:
        return f"{where}.{named.group(1)}".strip(".")
    return where or "fact"


def _why(error: msgspec.ValidationError) -> Say:
    message = str(error)
    if "unknown field" in message:
        return say("没有这个键，请删去或改正拼写")
    if "missing required field" in message:
        return say("缺这个键，请补上")
    if "timezone" in message:
        return say("时间必须带时区，例如 +08:00")
    return say("值不对：{why}", why=message.partition(" - at ")[0])
