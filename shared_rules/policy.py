"""The numbers and switches of a regulation, as data: each table of a policy file cites the clause it belongs to.

A policy file names no dates: a pool's schedule says from which day it holds (`Policies`). The loader is strict: an
unknown table or key, a missing clause or a value out of its range is refused with the key, the clause and the remedy.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final

import msgspec

from shared_rules.data import policy_text
from shared_rules.errors import InputError, PolicyError
from shared_rules.interval import OPEN, Interval, day_of
from shared_rules.policy_faults import remedy
from shared_rules.policy_tables import (
    AccessRules,
    AmendmentRules,
    ClosingRules,
    CompanyRules,
    ContractRules,
    DisputeRules,
    EntryRules,
    HandInRules,
    HandOverRules,
    KinRules,
    LeaseRules,
    LikenessRules,
    MatchRules,
    OldCustomerRules,
    PenaltyRules,
    PrecedenceRules,
    PreRegistrationRules,
    QuotaRules,
    ReportRules,
    ReposeRules,
    ReservedRules,
    SameDayRules,
    SameRules,
    SlipRules,
    StaffIntroRules,
    StampRules,
    Table,
    VisitorLogRules,
)
from shared_rules.regulation import CLAUSE_IDS
from shared_rules.verdicts import VerdictTable, default_table, own_table
from shared_rules.words import say

__all__ = ["PARTS", "Policies", "Policy", "load_policy", "shipped"]

PARTS: Final = ("own", "lead", "day_limit")
"""Rules that are one of several of a clause: a slip handed in twice (二.2.4), too late (六.2), too many (一.5)."""
_TABLES: Final[dict[str, tuple[str, type[Table]]]] = {
    "hand_in": ("一.1", HandInRules),
    "slip": ("一.2", SlipRules),
    "stamp": ("一.3", StampRules),
    "entry": ("一.4", EntryRules),
    "quota": ("一.5", QuotaRules),
    "amendment": ("一.6", AmendmentRules),
    "old_customer": ("一.8", OldCustomerRules),
    "closing": ("一.9", ClosingRules),
    "report": ("一.10", ReportRules),
    "visitor_log": ("一.7", VisitorLogRules),
    "same": ("二", SameRules),
    "kin": ("二.1.1", KinRules),
    "match": ("二.1.3", MatchRules),
    "likeness": ("二.1.3", LikenessRules),
    "company": ("二.1.4", CompanyRules),
    "repose": ("二.2.2", ReposeRules),
    "contract": ("二.2.3", ContractRules),
    "same_day": ("二.2.4", SameDayRules),
    "dispute": ("三.1", DisputeRules),
    "penalty": ("四", PenaltyRules),
    "access": ("五", AccessRules),
    "hand_over": ("六.1", HandOverRules),
    "pre_registration": ("六.2", PreRegistrationRules),
    "reserved": ("六.4", ReservedRules),
    "staff_intro": ("六.5", StaffIntroRules),
    "precedence": ("二.2.1", PrecedenceRules),
    "lease": ("六.3", LeaseRules),
}
_MAY_BE_LEFT_OUT: Final = frozenset({"company", "likeness"})
"""Tables that came later: a file from before them reads as it always did."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One regulation's numbers and switches, by table."""

    name: str
    digest: str
    """SHA-256 of the file's text, first 16 hex digits."""
    hand_in: HandInRules
    slip: SlipRules
    stamp: StampRules
    entry: EntryRules
    quota: QuotaRules
    amendment: AmendmentRules
    old_customer: OldCustomerRules
    closing: ClosingRules
    report: ReportRules
    visitor_log: VisitorLogRules
    same: SameRules
    kin: KinRules
    match: MatchRules
    likeness: LikenessRules
    company: CompanyRules
    repose: ReposeRules
    contract: ContractRules
    same_day: SameDayRules
    dispute: DisputeRules
    penalty: PenaltyRules
    access: AccessRules
    hand_over: HandOverRules
    pre_registration: PreRegistrationRules
    reserved: ReservedRules
    staff_intro: StaffIntroRules
    precedence: PrecedenceRules
    lease: LeaseRules
    text: str = field(default="", repr=False, compare=False)
    verdicts: VerdictTable = field(default_factory=default_table, repr=False, compare=False)
    """What `likeness` comes to."""
    id: str = field(init=False, repr=False, compare=False)
    """Name and digest: enough to re-run an old ruling by the same numbers; one text for all that bear it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", f"{self.name}@{self.digest}")

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"<Policy {self.id}>"

    def tables(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return table -> clause and its keys with their values, in the order of the regulation."""
        loaded = {name: msgspec.to_builtins(getattr(self, name)) for name in _TABLES}
        return {
            name: (
                str(values["clause"]),
                {key: value for key, value in values.items() if key not in ("clause", "text")},
            )
            for name, values in loaded.items()
        }


@lru_cache(maxsize=64)
def load_policy(text: str, *, name: str) -> Policy:
    """Return the policy of a TOML text; raises PolicyError naming table, key, clause and remedy.

    One text is read once: the server asks for the policies in force at every run, the kiosk at every question.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(say("政策文件不是合法的 TOML：{why}", why=str(error)), field=name) from error
    unknown = sorted(set(tables) - set(_TABLES))
    if unknown:
        sentence = say(
            "第 {line} 行：没有 [{table}] 这一节，请删去或改名", line=_line(text, unknown[0]), table=unknown[0]
        )
        raise PolicyError(sentence, field=unknown[0])
    loaded = {table: _load(table, tables, text) for table in _TABLES}
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Policy(name=name, digest=digest, text=text, verdicts=_verdicts(loaded["likeness"], text), **loaded)


def _verdicts(rules: LikenessRules, text: str) -> VerdictTable:
    try:
        return own_table(rules.person, rules.unit, rules.mixed)
    except InputError as error:
        table, _, row = f"likeness.{error.field}".rpartition(".")
        sentence = say(
            "第 {line} 行：[{table}]（{clause}）有错，请改正：{why}",
            line=_line(text, table, row), table=table, clause=rules.clause, why=error.sentence,
        )  # fmt: skip
        raise PolicyError(sentence, field=f"likeness.{error.field}") from error


def _load(table: str, tables: Mapping[str, Any], text: str) -> Any:
    clause, kind = _TABLES[table]
    if table not in tables and table in _MAY_BE_LEFT_OUT:
        return kind(clause=clause)
    if table not in tables:
        raise PolicyError(say("政策文件缺 [{table}] 一节（{clause}），请补上", table=table, clause=clause), field=table)
    values, line = tables[table], _line(text, table)
    if not isinstance(values, dict) or values.get("clause") != clause:
        sentence = say(
            '第 {line} 行：[{table}] 必须写明依据条款：clause = "{clause}"', line=line, table=table, clause=clause
        )
        raise PolicyError(sentence, field=f"{table}.clause")
    try:
        loaded = msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        key = _key(str(error))
        sentence = say(
            "第 {line} 行：[{table}] 的 {key}（{clause}）有错，请改正：{why}",
            line=_line(text, table, key), table=table, key=key or "?", clause=clause, why=remedy(str(error), kind, key),
        )  # fmt: skip
        raise PolicyError(sentence, field=f"{table}.{key}") from error
    strangers = _unknown_rules(loaded) if isinstance(loaded, PrecedenceRules) else ()
    if strangers:
        sentence = say(
            "第 {line} 行：[{table}] 的 beats（{clause}）写了没有的规则 {rule}，请改正",
            line=line, table=table, clause=clause, rule=strangers[0],
        )  # fmt: skip
        raise PolicyError(sentence, field=f"{table}.beats")
    return loaded


def _unknown_rules(rules: PrecedenceRules) -> tuple[str, ...]:
    """Return the rules of a table of precedence that no clause uses: they would silently beat nothing."""
    named = {*rules.beats, *(other for others in rules.beats.values() for other in others)}
    return tuple(sorted(named - {*CLAUSE_IDS, *PARTS}))


def _line(text: str, table: str, key: str = "") -> int:
    """Return the line of a table, or of a key in it, counted from 1; a key that is missing stands at its table."""
    current, found = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[([^\]]+)\]", line)
        if header:
            current = header.group(1).strip()
            found = number if f"{current}.".startswith(f"{table}.") and found == 1 else found
        elif f"{current}.".startswith(f"{table}.") and key and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
            return number
    return found


def _key(message: str) -> str:
    """Return the key that a validation error is about."""
    named = re.search(r"field `([^`]+)`", message) or re.search(r"at `\$\.([^`\[.]+)", message)
    return named.group(1) if named else ""


def shipped(name: str = "default") -> Policy:
    """Return a policy that comes with the product; raises PolicyError for an unknown name."""
    try:
        text = policy_text(name)
    except FileNotFoundError as error:
        raise PolicyError(say("没有名为 {name} 的政策", name=name), field="policy") from error
    return load_policy(text, name=name)


@dataclass(frozen=True, slots=True)
class Policies:
    """Which policy holds when, per pool: start days only, so that overlaps cannot be written."""

    schedules: Mapping[str, tuple[tuple[date, Policy], ...]]
    """Pool -> (start day, policy), ascending; the pool "" serves all that have no schedule of their own."""

    @classmethod
    def single(cls, policy: Policy) -> Policies:
        """Return the schedule in which one policy always holds everywhere."""
        return cls({"": ((date.min, policy),)})

    @classmethod
    def of(cls, schedules: Mapping[str, Sequence[tuple[date, Policy]]]) -> Policies:
        """Return schedules put in order; raises PolicyError if a pool has two policies starting one day."""
        ordered: dict[str, tuple[tuple[date, Policy], ...]] = {}
        for pool, starts in schedules.items():
            if len({start for start, _ in starts}) < len(starts) or not starts:
                raise PolicyError(say("{pool} 的政策须有起始日，且同一天只能有一份", pool=pool), field="from")
            ordered[pool] = tuple(sorted(starts, key=lambda item: item[0]))
        return cls(ordered)

    def all(self) -> Iterator[Policy]:
        """Yield every policy, whenever it holds."""
        yield from (policy for schedule in self.schedules.values() for _, policy in schedule)

    def starts(self) -> Iterator[date]:
        """Yield the days from which a policy holds."""
        yield from (start for schedule in self.schedules.values() for start, _ in schedule)

    def at(self, pool: str, instant: int) -> Policy:
        """Return the policy in force at an instant; before the first start day, the first one."""
        schedule = self.schedules.get(pool) or self.schedules.get("") or self.schedules[min(self.schedules)]
        if len(schedule) == 1:
            return schedule[0][1]
        day = day_of(instant)
        in_force = schedule[0][1]
        for start, policy in schedule:
            if start <= day:
                in_force = policy
        return in_force

    def candidates(self, pool: str, time_: Interval) -> tuple[Policy, ...]:
        """Return the policies in force anywhere in an interval; an open end counts as its beginning."""
        first = self.at(pool, time_.lo)
        last = first if time_.hi in (time_.lo, OPEN) else self.at(pool, time_.hi)
        return (first,) if first is last else (first, last)
