"""An imported time may be contested for some days before the manager; later it stands (三.1, grade I)."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_rules.clauses.disputes import imported_time_is_contested
from shared_rules.data import policy_text
from shared_rules.facts import (
    DayClosed,
    DisputeFiled,
    Event,
    Fact,
    FindingMade,
    Grade,
    OpeningListed,
    RulingMade,
    SlipAmended,
    SlipContent,
    SlipRenewed,
    SlipStamped,
    SlipWithdrawn,
)
from shared_rules.policy import Policies, load_policy, shipped
from shared_rules.rulings import Register
from shared_rules.settlement import Settlement, settle
from tests.builders import DEFAULT, amended, at, entered, event, slip
from tests.shared_rules.test_incremental import NOW, bit_by_bit, encoded
from tests.worlds import SWITCHED

OLD = slip("03-02 10:00", "1.1", "A", grade=Grade.I)
NEW = slip("03-04 09:10", "2.1", "B")
LISTED = event("03-03 08:00", 0, 9, OpeningListed(claims=("1.1",)))


def filed(time: str, by: str = "B", claims: tuple[str, ...] = ("2.1",), number: int = 70) -> Event:
    """Return a query slip."""
    return event(time, 2, number, DisputeFiled(dispute=f"D{number}", claims=claims, by=by))


def under(days: int) -> Policies:
    """Return the default regulation with other days."""
    text = policy_text("default").replace("imported_days = 5", f"imported_days = {days}")
    return Policies.single(load_policy(text, name="days"))


def register(*facts: Event, policies: Policies = DEFAULT, as_of: str = "03-09 12:00") -> Register:
    """Return what holds, all slips entered."""
    slips = [one.fact.slip for one in facts if isinstance(one.fact, (SlipStamped, SlipAmended))]
    return settle([*facts, *(entered("03-04 17:00", name) for name in slips)], policies, at(as_of))


def statuses(*facts: Event, policies: Policies = DEFAULT) -> dict[str, str]:
    """Return claim -> status."""
    return {name: one.decision.status.value for name, one in register(*facts, policies=policies).claims.items()}


BOTH = {"1.1": "with_manager", "2.1": "with_manager"}
BY_TIME = {"1.1": "upheld", "2.1": "returned"}


@pytest.mark.parametrize(
    ("days", "filed_at", "contested"),
    [
        (5, "03-03 07:59", False),  # before the list
        (5, "03-03 08:00", True),
        (5, "03-08 23:59", True),  # the day of the import is not counted
        (5, "03-09 00:00", False),
        (1, "03-04 23:59", True),
        (1, "03-05 00:00", False),
        (0, "03-03 09:00", False),  # the imported time always stands
    ],
)
def test_the_days_are_counted_from_the_opening_list(days: int, filed_at: str, *, contested: bool) -> None:
    """Civil days, to 24:00 of the last."""
    policy = under(days).at("p", at("03-03 08:00"))
    assert imported_time_is_contested(at("03-03 08:00"), at(filed_at), policy) is contested


def test_a_claim_that_no_list_names_has_no_days() -> None:
    """An import of an earlier release wrote no list: its times stand, as they did."""
    assert not imported_time_is_contested(None, at("03-04 10:00"), shipped())
    assert statuses(OLD, NEW, filed("03-04 10:00")) == BY_TIME


def test_a_query_slip_in_time_brings_both_before_the_manager() -> None:
    """Neither the imported time nor the stamp decides; both know why, and the order by time is set aside."""
    held = register(OLD, LISTED, NEW, filed("03-04 10:00"))
    assert {name: one.decision.status.value for name, one in held.claims.items()} == BOTH
    mine, theirs = held.claims["2.1"], held.claims["1.1"]
    assert (mine.against, theirs.against) == (("1.1",), ("2.1",))
    assert {one.decision.reasons[0].masked.chinese() for one in (mine, theirs)} == {
        "导入的时间有人在期限内提出查询，等销售经理判定"
    }
    assert [reason.clause for reason in mine.decision.set_aside] == ["二.2.1"]
    assert [(case.claims, case.edges) for case in held.same_day] == [(("1.1", "2.1"), (("1.1", "2.1"),))]


def test_naming_the_others_slip_makes_no_difference() -> None:
    """Who does not know the number leaves it out; leases that stand still in a dispute stand still here, too."""
    assert statuses(OLD, LISTED, NEW, filed("03-04 10:00", claims=("2.1", "1.1"))) == BOTH


@pytest.mark.parametrize(
    "slip_of",
    [
        pytest.param(filed("03-04 10:00", by="A", claims=("1.1", "2.1")), id="the holder's"),
        pytest.param(filed("03-04 10:00", by=""), id="nobody's"),
        pytest.param(filed("03-04 10:00", by="C"), id="somebody else's"),
        pytest.param(filed("03-09 00:00"), id="one that is late"),
    ],
)
def test_another_query_slip_leaves_the_order_by_time(slip_of: Event) -> None:
    """The loser contests, in time; everybody else opens an ordinary dispute."""
    assert statuses(OLD, LISTED, NEW, slip_of) == BY_TIME


def test_a_stamped_time_is_not_contested_in_this_way() -> None:
    """Neither one that a list names by mistake, nor that of an imported claim that was amended at the counter."""
    assert statuses(slip("03-02 09:10", "1.1", "A"), LISTED, NEW, filed("03-04 10:00")) == BY_TIME
    moved = amended("03-03 09:20", "1.2", "1.1", "A", name="张三", phone="13800000003")
    assert statuses(OLD, LISTED, moved, NEW, filed("03-04 10:00")) == BY_TIME


def test_who_lost_to_a_proved_stamp_as_well_has_nothing_to_contest() -> None:
    """The manager could not give B the customer: C's stamp would stand against it all the same."""
    facts = [
        OLD, LISTED, slip("03-03 09:30", "3.1", "C", name="李四", phone="13800000002"),
        slip("03-04 09:10", "2.1", "B", phone="13800000002"), filed("03-04 10:00"),
    ]  # fmt: skip
    assert statuses(*facts) == {"1.1": "upheld", "2.1": "returned", "3.1": "upheld"}


def test_a_holder_that_is_no_more_cannot_be_contested() -> None:
    """Withdrawn before the query slip came: a returned slip does not come to life (一.6)."""
    gone = event("03-05 09:00", 1, 5, SlipWithdrawn(claim="1.1", salesperson="A"))
    assert statuses(OLD, LISTED, NEW, gone, filed("03-06 10:00")) == {"1.1": "withdrawn", "2.1": "returned"}


def ruling(time: str, winner: str, *losers: str, number: int = 80) -> Event:
    """Return the manager's ruling."""
    fact = RulingMade(claims=(winner, *losers), winner=winner, losers=losers, clause="三.3", ruled_by="M")
    return event(time, 0, number, fact)


def test_what_the_manager_ruled_is_not_contested_again() -> None:
    """A second query slip in time opens a dispute, and the ruling stands until somebody rules otherwise."""
    facts = [OLD, LISTED, NEW, filed("03-04 10:00"), ruling("03-05 10:00", "1.1", "2.1")]
    assert statuses(*facts) == BY_TIME
    assert statuses(*facts, filed("03-06 10:00", number=71)) == BY_TIME


def test_the_imported_claims_lease_stands_still_from_the_query_slip_to_the_ruling() -> None:
    """Two days; from an earlier dispute on that named it, three. The other's from its own stamp: it could not serve."""
    ruled = ruling("03-07 10:00", "1.1", "2.1")
    facts = [OLD, LISTED, NEW, filed("03-05 10:00")]
    assert register(*facts, ruled).claims["1.1"].valid_until == date(2026, 3, 14)
    before = filed("03-04 10:00", by="A", claims=("1.1",), number=71)
    assert register(*facts, before, ruled).claims["1.1"].valid_until == date(2026, 3, 15)
    other = register(*facts, ruling("03-07 10:00", "2.1", "1.1")).claims
    assert (other["1.1"].decision.status, other["2.1"].valid_until) == ("returned", date(2026, 3, 17))


def test_who_withdraws_from_the_case_leaves_the_imported_claim_upheld() -> None:
    """Nobody contests its time any more; its reasons are those of a claim that stands."""
    gone = event("03-06 09:00", 2, 5, SlipWithdrawn(claim="2.1", salesperson="B"))
    held = register(OLD, LISTED, NEW, filed("03-05 10:00"), gone).claims["1.1"]
    assert (held.decision.status, held.valid_until) == ("upheld", date(2026, 3, 13))
    assert held.decision.because() == ("一.3",)


def test_two_who_contest_one_time_are_one_case() -> None:
    """Each against the imported claim; who comes later loses to all of them at once."""
    facts = [
        OLD, LISTED, NEW, slip("03-05 09:10", "3.1", "C"), filed("03-05 10:00"),
        event("03-05 11:00", 3, 71, DisputeFiled(dispute="D71", claims=("3.1",), by="C")),
    ]  # fmt: skip
    (case,) = register(*facts).same_day
    assert (case.claims, case.edges) == (("1.1", "2.1", "3.1"), (("1.1", "2.1"), ("1.1", "3.1")))
    late = register(*facts, slip("03-06 09:10", "2.9", "D")).claims["2.9"]
    assert (late.decision.status, late.against) == ("returned", ("1.1", "2.1", "3.1"))
    won = statuses(*facts, ruling("03-07 10:00", "2.1", "1.1", "3.1"))
    assert won == {"1.1": "returned", "2.1": "upheld", "3.1": "returned"}


def test_a_list_that_comes_to_light_late_takes_effect_late() -> None:
    """The claims as they stood, then both before the manager: bit by bit as from scratch."""
    facts = [OLD, NEW, filed("03-04 10:00"), entered("03-04 17:00", "1.1"), entered("03-04 17:00", "2.1")]
    settlement = Settlement(DEFAULT)
    settlement.apply(facts, at("03-05 12:00"))
    assert {name: one.decision.status for name, one in settlement.register().claims.items()} == BY_TIME
    settlement.apply([LISTED], at("03-05 12:00"))
    assert {name: one.decision.status for name, one in settlement.register().claims.items()} == BOTH
    assert settlement.register() == settle([*facts, LISTED], DEFAULT, at("03-05 12:00"))


PEOPLE = ("A", "B", "C", "D")


def opening(seed: int) -> list[Event]:
    """Return a small register at go-live: few customers, most slips imported, and what people do about them."""
    chance = random.Random(seed)

    def day(first: int, last: int) -> str:
        return f"03-{chance.randint(first, last):02} 09:{chance.randint(10, 50)}"

    events: list[Event] = []
    owners = [(f"{chance.randint(1, 2)}.{number}", chance.choice(PEOPLE)) for number in range(1, 13)]
    for name, person in owners:
        grade = chance.choice((Grade.I, Grade.I, Grade.A))
        events += [slip(day(2, 6), name, person, phone=f"1380000000{chance.randint(1, 2)}", grade=grade)]
        events += [entered("03-06 17:00", name)]
    claims = [name for name, _ in owners]
    for number in range(20, 24):
        listed = OpeningListed(claims=tuple(chance.sample(claims, 8)))
        events.append(event(day(1, 7), 0, number, listed))
    for number in range(30, 42):
        (name, person), other = chance.choice(owners), chance.choice(claims)
        act: Fact = chance.choice((
            DisputeFiled(dispute=f"Q{chance.randint(1, 3)}", claims=(name,), by=person),
            DisputeFiled(dispute=f"Q{number}", claims=(name, other), by=person),
            DisputeFiled(dispute=f"Q{number}", claims=(name, other), by=person),
            RulingMade(claims=(name, other), winner=name, losers=(other,), clause="三.3", ruled_by="M"),
            RulingMade(claims=(name, other), winner=name, clause="三.3", ruled_by="M", dispute="Q1"),
            SlipWithdrawn(claim=name, salesperson=person),
            SlipRenewed(slip=f"1.{number}", claim=name, salesperson=person, stamped_by="K"),
            SlipAmended(slip=f"1.{number}", claim=name, salesperson=person, stamped_by="K",
                        content=SlipContent(names=("张三",), phones=(f"1380000000{chance.randint(1, 3)}",))),
            FindingMade(claims=(name, other), answer=chance.choice(("same", "different")), ground="kin", found_by="M"),
            DayClosed(office="office1", day=date(2026, 3, chance.randint(2, 6)), known={"1.1": chance.randint(1, 12)}),
        ))  # fmt: skip
        events.append(event(day(3, 12), chance.randint(1, 2), number, act))
    return events


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from([DEFAULT, SWITCHED]))
def test_any_order_and_batching_gives_the_register_from_scratch(seed: int, order: int, policies: Policies) -> None:
    """I-15: imports, lists and query slips among everything else, in whatever order they arrive."""
    events = opening(seed)
    assert encoded(bit_by_bit(events, policies, order)) == encoded(settle(events, policies, NOW))


def test_the_worlds_above_hold_contested_times() -> None:
    """Else they would prove nothing."""
    masked = "导入的时间有人在期限内提出查询，等销售经理判定"
    found = [
        reason
        for seed in range(8)
        for one in settle(opening(seed), DEFAULT, NOW).claims.values()
        for reason in (*one.decision.reasons, *one.decision.set_aside)
        if reason.masked.chinese() == masked
    ]
    assert len(found) > 8
