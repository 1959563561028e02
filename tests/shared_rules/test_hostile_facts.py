"""Whatever a fact that decodes says, settling goes on: one record from one kiosk cannot stop everybody's rulings."""

from __future__ import annotations

import random
import typing
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect

from shared_rules import facts
from shared_rules.errors import WireError
from shared_rules.facts import DealClosed, Event, Fact, Grade, LogId, SlipEntered, SlipStamped, calendar
from shared_rules.interval import DAY, FIRST_DAY, LAST_DAY, LATEST, OPEN, Interval
from shared_rules.journal import Record, RecordKind
from shared_rules.settlement import settle
from shared_rules.wire import decode_fact, encode_fact
from tests.builders import DEFAULT, at

KINDS = typing.get_args(Fact)
OFTEN = (SlipStamped, SlipEntered, DealClosed)
NINE = at("03-02 09:00")
TEXTS = (
    "", "1.1", "1.2", "2.1", "0.1", "east", "river", "A", "B", "张三", "13800000001", "yes", "visit", "new", "same",
    "2026Q1", "2026-03-02", "9999-12-31", "长" * 300, "\u202e\ud7ff\U0001f600",
)  # fmt: skip
NUMBERS = (0, 1, 2, 7, 50, 100, -1, 2**31, 2**63 - 1, -(2**63), NINE, NINE + DAY, LATEST, LATEST + 1)
DAYS = (date(2026, 3, 2), date(2026, 3, 3), date(2026, 4, 1), FIRST_DAY, LAST_DAY, date.min, date.max)


def anything(kind: inspect.Type, chance: random.Random) -> object:
    """Return a value of a field's type, out of few, so that facts speak of the same things."""
    return MAKERS[type(kind)](kind, chance)


def several(kind: Any, chance: random.Random) -> tuple[object, ...]:
    """Return none, one or two."""
    return tuple(anything(kind.item_type, chance) for _ in range(chance.choice([0, 1, 1, 2])))


MAKERS: dict[type, Callable[[Any, random.Random], object]] = {
    inspect.StrType: lambda _, chance: chance.choice(TEXTS),
    inspect.IntType: lambda _, chance: chance.choice(NUMBERS),
    inspect.DateType: lambda _, chance: chance.choice(DAYS),
    inspect.NoneType: lambda *_: None,
    inspect.EnumType: lambda kind, chance: chance.choice(list(kind.cls)),
    inspect.UnionType: lambda kind, chance: anything(chance.choice(kind.types), chance),
    inspect.StructType: lambda kind, chance: hostile(kind.cls, chance),
    inspect.VarTupleType: several,
    inspect.TupleType: lambda kind, chance: tuple(anything(item, chance) for item in kind.item_types),
    inspect.DictType: lambda kind, chance: {
        chance.choice(TEXTS): anything(kind.value_type, chance) for _ in range(chance.choice([0, 1, 2]))
    },
}


def hostile(cls: type[msgspec.Struct], chance: random.Random) -> msgspec.Struct:
    """Return a struct with anything in its fields; ValueError where it refuses to be made."""
    made = inspect.type_info(cls)
    assert isinstance(made, inspect.StructType)
    return cls(**{f.name: anything(f.type, chance) for f in made.fields if f.required or chance.random() < 0.5})


def world(seed: int) -> list[Event]:
    """Return what is taken in of a random world: what does not decode never becomes an event."""
    chance, events, ends = random.Random(seed), [], Counter[LogId]()
    for _ in range(chance.randint(3, 25)):
        kind = chance.choice(KINDS if chance.random() < 0.6 else OFTEN)
        try:
            fact = decode_fact(encode_fact(typing.cast("Fact", hostile(kind, chance))))
        except (WireError, ValueError):
            continue
        log = LogId(chance.choice([0, 1, 1, 2]), 1)
        ends[log] += 1
        lo = NINE + chance.randint(-3, 5) * DAY
        hi = OPEN if chance.random() < 0.05 else lo + chance.choice([0, 0, 1_000_000, 2 * DAY])
        events.append(Event(Interval(lo, hi), log, ends[log], fact, chance.choice(list(Grade))))
    return events


def many(worlds: int) -> None:
    """Settle this many random worlds."""
    for seed in range(worlds):
        settle(world(seed), DEFAULT, NINE + 10 * DAY)


@given(st.integers(0, 2**32))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_decodable_fact_stops_the_settlement(seed: int) -> None:
    """Extreme numbers and days, unknown references, odd texts: a register comes out."""
    settle(world(seed), DEFAULT, NINE + 10 * DAY)


def test_without_the_limits_at_the_border_one_fact_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage: days that the calendar cannot count on from are let in."""
    monkeypatch.setattr(calendar, "check_day", lambda _: None)
    with pytest.raises((OverflowError, ValueError)):
        many(500)


@pytest.mark.parametrize(
    ("fact", "field"),
    [
        (facts.LookApproved(by="L", requester="A", customer="1.1", purpose="p", until=LATEST + 1), "until"),
        (facts.QuarterReported(person="A", quarter="2026Q5", signings=1), "quarter"),
        (facts.QuarterReported(person="A", quarter="2026Q1", signings=-1), "signings"),
        (facts.DutyClosed(clerk="K", floor=-1), "floor"),
    ],
)
def test_a_value_that_nothing_can_be_counted_from_is_refused_with_its_field(fact: Fact, field: str) -> None:
    """At the border, in the words of the decoder."""
    with pytest.raises(WireError, match=field):
        decode_fact(encode_fact(fact))


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_day_at_the_calendar_s_end_is_refused(day: date) -> None:
    """Wherever a fact names a day."""
    for make in (
        lambda: facts.Launched(day=day),
        lambda: facts.ClosedDaysDeclared(first=day, last=NINE_DAY),
        lambda: facts.ClosedDaysDeclared(first=NINE_DAY, last=day),
        lambda: facts.ReportSigned(by="M", day=day),
        lambda: facts.DayClosed(office="east", day=day),
        lambda: facts.QuarterReported(person="A", quarter="2026Q1", signings=1, target_met_on=day),
        lambda: SlipStamped(slip="1", pool="p", office="e", salesperson="A", stamped_by="K", received_on=day),
    ):
        with pytest.raises(ValueError, match="1970-01-01"):
            make()


NINE_DAY = date(2026, 3, 2)


@pytest.mark.parametrize("shares", [{"A": 50}, {"A": 101, "B": -1}, {"A": 100, "B": 0}])
def test_shares_of_a_mediation_make_one_hundred(shares: dict[str, int]) -> None:
    """As those of a ruling do (三.1)."""
    with pytest.raises(ValueError, match="one hundred"):
        facts.Mediated(dispute="1", parties=("A", "B"), shares=shares)


@pytest.mark.parametrize(("lo", "hi", "field"), [(-1, NINE, "lo"), (NINE, LATEST + 1, "hi"), (LATEST + 1, OPEN, "lo")])
def test_a_record_of_no_time_in_the_calendar_is_not_read(lo: int, hi: int, field: str) -> None:
    """It is kept apart by its bytes, the end that is wrong named; an open end is the only time beyond."""
    record = Record(
        LogId(1, 1), 1, RecordKind.FACT, Grade.C, Interval(lo, hi), 0, bytes(16), 0, bytes(32), bytes(32)
    )  # fmt: skip
    with pytest.raises(WireError) as caught:
        Record.unpack(record.pack())
    assert caught.value.field == field
