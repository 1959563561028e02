"""The numbers and switches of a regulation, as data: each table of a policy file cites the clause it belongs to.

A policy file names no dates: a pool's schedule says from which day it holds (`Policies`). The loader is strict: an
unknown table or key, a missing clause or a value out of its range is refused with the key, the clause and the remedy.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Annotated, Any, Final, Literal

import msgspec

from shared_rules.data import policy_text
from shared_rules.errors import PolicyError
from shared_rules.facts import Role, Source
from shared_rules.interval import HOUR, MINUTE, OPEN, Interval, day_of
from shared_rules.words import say

__all__ = [
    "AmendmentRules",
    "EntryRules",
    "HandInRules",
    "KinRules",
    "LeaseRules",
    "MatchRules",
    "Policies",
    "Policy",
    "PrecedenceRules",
    "QuotaRules",
    "SameDayRules",
    "SameRules",
    "SlipRules",
    "StampRules",
    "VisitorLogRules",
    "load_policy",
    "shipped",
]

Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Clock = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Window = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One table of a policy file; `clause` is mandatory and must be the table's own."""

    clause: str


class HandInRules(_Table, frozen=True, kw_only=True):
    """一.1: when slips are handed in."""

    windows: tuple[Window, ...]
    """Local wall times `HH:MM-HH:MM`; empty = all day."""
    end_inclusive: bool
    """Whether the closing minute's first instant still counts."""
    test_on: Literal["hand_in", "stamp"]
    """Which time must lie in a window: the queue ticket's or the stamp's."""

    def spans(self) -> tuple[tuple[int, int], ...]:
        """Return the windows as microseconds after midnight."""
        return _spans(self.windows)


@cache
def _spans(windows: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    pairs = (window.split("-") for window in windows)
    return tuple((_after_midnight(first), _after_midnight(last)) for first, last in pairs)


def _after_midnight(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * HOUR + int(minutes) * MINUTE


class SlipRules(_Table, frozen=True, kw_only=True):
    """一.2: what a slip must hold."""

    mandatory_fields: tuple[str, ...]
    """Fields of a personal slip: name, phone, contact, need, or a key of `other`."""
    mandatory_company_fields: tuple[str, ...]
    """Fields of a unit's slip: company, contact, phone, …"""


class StampRules(_Table, frozen=True, kw_only=True):
    """一.3: who signs the time."""

    exceptional_roles: tuple[Role, ...]
    """Who may stamp in place of a clerk, with a reason."""
    exceptional_reasons: tuple[str, ...]
    """Reasons offered on the screen; free text is taken too."""
    always_admitted_reasons: tuple[str, ...]
    """Reasons that are admitted outside the windows in any case (一.9)."""
    self_stamp: bool
    """Whether a person may stamp the own slip."""
    paper_hours: Count
    """Hours in which a slip of the emergency book must be keyed to count as the pen's day."""


class EntryRules(_Table, frozen=True, kw_only=True):
    """一.4: entry, and the return of a colliding slip."""

    entry_hours: Positive
    """Hours from the stamp until a slip that was not entered stands in the overdue list."""
    lost_after_hours: Positive
    """Hours from the stamp until it becomes a manager's task."""
    return_hours: Positive
    """Hours from the stamp until a colliding slip must be back."""


class QuotaRules(_Table, frozen=True, kw_only=True):
    """一.5: how many customers a salesperson may hold at once, per pool."""

    limit: Positive
    """The ordinary number."""
    limit_target_met: Positive
    """From the day on which the quarter's task was met, to the quarter's end."""
    limit_no_signing: Positive
    """While there is no signing."""
    evaluation: Literal["previous", "current"]
    """No signing when: in the quarter before and none yet in this one, or simply none yet in this one."""
    counts_closed: bool
    """Whether customers who have bought take a place."""
    counts_early: bool
    """Whether early claims take a place before the launch (六.3)."""
    on_drop: Literal["drain", "grandfather"]
    """When the number falls: renewals must find a place, too, or may always be had."""
    may_refuse: Literal["always", "discretion"]
    """Whether the number refuses, or only a clerk above it."""

    def lowest(self) -> int:
        """Return the number that anybody may hold at any time."""
        return min(self.limit, self.limit_target_met, self.limit_no_signing)


class VisitorLogRules(_Table, frozen=True, kw_only=True):
    """一.7: the row that a newly received customer needs."""

    check: Literal["on_query", "always"]
    """When the row is looked for."""
    required_for: tuple[Source, ...]
    """Which customers need one."""
    cure_hours: Count
    """Hours after the day within which a row may still be written."""
    call_out_after_lapse: bool
    """Whether the salesperson's own call is a contact where the own claim has lapsed."""


class AmendmentRules(_Table, frozen=True, kw_only=True):
    """一.6: what an amendment does to the time."""

    resets: Literal["all", "identity_only", "changed_fields", "none"]
    """Which changes move the confirmation time to the second hand-in."""


class SameRules(_Table, frozen=True, kw_only=True):
    """二 (head): when two needs are basically equal."""

    need_required: bool
    """Whether an unknown need separates; by default it never does."""
    need_fields: tuple[Literal["kind", "area", "units"], ...]
    """Fields of the need that are compared; none = the need is ignored."""
    area_tolerance_percent: Count
    """How far two area bands may lie apart and still be equal."""


class MatchRules(_Table, frozen=True, kw_only=True):
    """二.1.3: name or contact."""

    name_only: Literal["presume_same", "query_first", "invalid_unless_proven", "ignore"]
    """What equal names with different contacts mean."""
    key: Literal["name_or_phone", "phone", "phone_and_surname", "company"]
    """Which fields identify a customer."""


class KinRules(_Table, frozen=True, kw_only=True):
    """二.1.1: who is close kin."""

    relations: tuple[Literal["spouse", "parent_child", "siblings", "grandparent"], ...]
    """Findings of these relations make one customer."""


class SameDayRules(_Table, frozen=True, kw_only=True):
    """二.2.4: claims of one day."""

    rule: Literal["manager", "minute_order"]
    """Who or what decides among claims of one day."""
    earliest_ruling: Clock
    """Local time of the next day from which the day's reports are in."""

    def reports_in(self) -> int:
        """Return that time as microseconds after midnight."""
        return _after_midnight(self.earliest_ruling)


class PrecedenceRules(_Table, frozen=True, kw_only=True):
    """二.2: which rule's answer takes out which others, where several speak about one slip."""

    beats: dict[str, tuple[str, ...]]
    """Rule -> rules it takes out; a rule is a clause, one of its parts (`own`), or a person's `ruling`."""


class LeaseRules(_Table, frozen=True, kw_only=True):
    """六.3: how long a claim holds."""

    validity_days: Positive
    """Civil days; the day of the event is not counted."""
    renewal_cap: Count
    """How many renewals a claim may have; 0 = no limit."""
    launch_days: Positive
    """Civil days after the launch for which an early claim holds."""
    roll_over_closed_days: bool
    """Whether a lease that ends on a closed day runs to the next open one (一.1)."""


_TABLES: Final[dict[str, tuple[str, type[_Table]]]] = {
    "hand_in": ("一.1", HandInRules),
    "slip": ("一.2", SlipRules),
    "stamp": ("一.3", StampRules),
    "entry": ("一.4", EntryRules),
    "quota": ("一.5", QuotaRules),
    "amendment": ("一.6", AmendmentRules),
    "visitor_log": ("一.7", VisitorLogRules),
    "same": ("二", SameRules),
    "kin": ("二.1.1", KinRules),
    "match": ("二.1.3", MatchRules),
    "same_day": ("二.2.4", SameDayRules),
    "precedence": ("二.2.1", PrecedenceRules),
    "lease": ("六.3", LeaseRules),
}


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
    visitor_log: VisitorLogRules
    same: SameRules
    kin: KinRules
    match: MatchRules
    same_day: SameDayRules
    precedence: PrecedenceRules
    lease: LeaseRules
    text: str = field(default="", repr=False, compare=False)

    @property
    def id(self) -> str:
        """Name and digest: enough to re-run an old ruling by the same numbers."""
        return f"{self.name}@{self.digest}"


def load_policy(text: str, *, name: str) -> Policy:
    """Return the policy of a TOML text; raises PolicyError naming table, key, clause and remedy."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(say("政策文件不是合法的 TOML：{why}", why=str(error)), field=name) from error
    unknown = sorted(set(tables) - set(_TABLES))
    if unknown:
        raise PolicyError(say("政策文件没有 [{table}] 这一节，请删去或改名", table=unknown[0]), field=unknown[0])
    loaded = {table: _load(table, tables) for table in _TABLES}
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Policy(name=name, digest=digest, text=text, **loaded)


def _load(table: str, tables: Mapping[str, Any]) -> Any:
    clause, kind = _TABLES[table]
    if table not in tables:
        raise PolicyError(say("政策文件缺 [{table}] 一节（{clause}），请补上", table=table, clause=clause), field=table)
    values = tables[table]
    if not isinstance(values, dict) or values.get("clause") != clause:
        sentence = say('[{table}] 必须写明依据条款：clause = "{clause}"', table=table, clause=clause)
        raise PolicyError(sentence, field=f"{table}.clause")
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        sentence = say("[{table}]（{clause}）有错，请改正：{why}", table=table, clause=clause, why=str(error))
        raise PolicyError(sentence, field=table) from error


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

    def at(self, pool: str, instant: int) -> Policy:
        """Return the policy in force at an instant; before the first start day, the first one."""
        schedule = self.schedules.get(pool) or self.schedules[""]
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
        last = time_.lo if time_.hi == OPEN else time_.hi
        found = (self.at(pool, time_.lo), self.at(pool, last))
        return found[:1] if found[0] is found[1] else found
