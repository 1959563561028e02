"""一.5: how many customers a salesperson may hold at once."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from shared_rules.decision import Reason, Situation, Status, Verdict
from shared_rules.facts import QuarterReported
from shared_rules.interval import day_end, day_of, day_start
from shared_rules.policy import Policy
from shared_rules.regulation import clause
from shared_rules.words import say

__all__ = [
    "Results",
    "beyond_the_fallen_number",
    "next_quarter",
    "over_the_days_number",
    "over_the_quota",
    "quarter_of",
    "quarter_start",
    "released",
]

_YEAR_QUARTERS = 4
_QUARTER_MONTHS = 3
_YEAR_MONTHS = 12


@lru_cache(maxsize=4096)
def quarter_of(day: date) -> str:
    """Return a civil day's quarter as `2026Q1`."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def quarter_start(quarter: str) -> int:
    """Return the first instant of a quarter."""
    return day_start(date(int(quarter[:4]), 3 * int(quarter[5]) - 2, 1))


def next_quarter(day: date) -> date:
    """Return the first day of the quarter after a day's."""
    return _last_day(quarter_of(day)) + timedelta(days=1)


def _last_day(quarter: str) -> date:
    year, month = int(quarter[:4]), _QUARTER_MONTHS * int(quarter[5])
    return date(year, month, monthrange(year, month)[1])


@lru_cache(maxsize=256)
def _quarter_before(quarter: str) -> str:
    year, number = int(quarter[:4]), int(quarter[5])
    return f"{year}Q{number - 1}" if number > 1 else f"{year - 1}Q{_YEAR_QUARTERS}"


def _quarter_later(day: date) -> date:
    """Return the day of that number three months later, or the last of a month that has no such day."""
    months = day.month - 1 + _QUARTER_MONTHS
    year, month = day.year + months // _YEAR_MONTHS, months % _YEAR_MONTHS + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@dataclass(slots=True)
class Results:
    """One salesperson's signings: what was reported, and the deals closed; instants in microseconds."""

    reports: list[tuple[int, QuarterReported]] = field(default_factory=list)
    deals: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Deal -> when closed, when cancelled (0 = never)."""

    def limit(self, instant: int, policy: Policy) -> int:
        """Return how many customers may be held at an instant; who has no quarter before is a new hire."""
        rules, day = policy.quota, day_of(instant)
        if not self.reports and not self.deals:  # a new hire: no quarter need be looked at
            return rules.limit_no_signing if rules.evaluation == "current" else rules.limit
        quarter = quarter_of(day)
        before = _quarter_before(quarter)
        newly_hired = not self._of(before)
        if rules.evaluation == "live":
            met, signed = self._met_lately(day), newly_hired or self._signed_lately(instant)
        else:
            met = any(report.target_met_on and report.target_met_on <= day for _, report in self._of(quarter))
            signed = self._signings(quarter, instant) > 0
        if rules.evaluation == "previous":
            signed = signed or newly_hired or self._signings(before, instant) > 0
        return rules.limit_target_met if met else rules.limit if signed else rules.limit_no_signing

    def ends(self) -> Iterator[date]:
        """Yield the days from which a signing or a target counts no more where the last three months count."""
        signed = (day_of(at) for at, _ in (*self.deals.values(), *self._reported()))
        met = (report.target_met_on for _, report in self.reports if report.target_met_on)
        yield from (_quarter_later(day) + timedelta(days=1) for day in (*signed, *met))

    def _met_lately(self, day: date) -> bool:
        met = (report.target_met_on for _, report in self.reports if report.target_met_on)
        return any(first <= day <= _quarter_later(first) for first in met)

    def _signed_lately(self, instant: int) -> bool:
        """Return whether a signing that stands lies in the three months up to an instant, its own day not counted."""
        day = day_of(instant)
        return any(
            signed <= instant and not 0 < cancelled <= instant and day <= _quarter_later(day_of(signed))
            for signed, cancelled in (*self.deals.values(), *self._reported())
        )

    def _reported(self) -> Iterator[tuple[int, int]]:
        """Yield a signing where a report knows of more than the deals and reports before it, as of its day.

        What is reported after a quarter was signed by its last day.
        """
        known: Counter[str] = Counter()
        for at, report in sorted(self.reports, key=lambda one: (one[0], one[1].signings)):
            signed = min(at, day_end(_last_day(report.quarter)))
            deals = self._deals(report.quarter, signed)
            if report.signings > max(known[report.quarter], deals):
                yield signed, 0
            known[report.quarter] = max(known[report.quarter], report.signings)

    def _of(self, quarter: str) -> list[tuple[int, QuarterReported]]:
        return [(at, report) for at, report in self.reports if report.quarter == quarter]

    def _signings(self, quarter: str, instant: int) -> int:
        """Return the larger of what was reported and the deals that stood; a past quarter's report counts at once."""
        past = quarter < quarter_of(day_of(instant))
        reported: Iterable[int] = (report.signings for at, report in self._of(quarter) if past or at <= instant)
        return max(self._deals(quarter, instant), *reported, 0)

    def _deals(self, quarter: str, instant: int) -> int:
        return sum(
            quarter_of(day_of(closed)) == quarter and closed <= instant and not 0 < cancelled <= instant
            for closed, cancelled in self.deals.values()
        )


@clause("一.5", digest="22801663f7cdf22e")
def over_the_days_number(situation: Situation, policy: Policy) -> Verdict | None:
    """Hold a slip void beyond the number that a person may hand in a day (一.5)."""
    most = policy.slip.day_limit
    if not most or situation.act != "new" or situation.slips_before < most:
        return None
    sentence = say("当天已递交 {most} 份，超出的无效", most=most)
    return Verdict("一.5", Status.VOID, Reason("一.5", sentence, sentence, (situation.view.slip,)), "day_limit")


@clause("一.5", digest="22801663f7cdf22e")
def over_the_quota(situation: Situation, policy: Policy) -> Verdict | None:
    """Refuse a new slip or a renewal where all of the salesperson's places are taken by other customers."""
    standing, rules = situation.quota, policy.quota
    if standing is None or situation.act == "amend" or not standing.limit or standing.live < standing.limit:
        return None
    if situation.act == "renew" and rules.on_drop == "grandfather":
        return None
    if rules.may_refuse == "discretion" and not standing.refused:
        return None
    sentence = say("名下已有 {live} 名客户，上限 {limit} 名，不再接收", live=standing.live, limit=standing.limit)
    reason = Reason("一.5", sentence, sentence, (situation.view.slip,))
    return Verdict("一.5", Status.REFUSED, reason)


@clause("一.5", digest="22801663f7cdf22e")
def beyond_the_fallen_number(before: int, limit: int, live: int, policy: Policy) -> int:
    """Return how many of the customers held must go at once, because the number fell below them; 0 = no limit."""
    fell = limit > 0 and (before == 0 or limit < before)
    return max(0, live - limit) if fell and policy.quota.on_drop == "release" else 0


def released(slip: str, limit: int) -> Reason:
    """Return why a claim lapsed before its last day: the number fell, and that many were stamped before it (一.5)."""
    sentence = say("名额降为 {limit} 名，本单盖章在后，超出名额，确认失效", limit=limit)
    return Reason("一.5", sentence, sentence, (slip,))
