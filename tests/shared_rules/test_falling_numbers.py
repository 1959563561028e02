"""Where a policy releases what is beyond a number that fell: the latest confirmations lapse at that moment (一.5)."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shared_rules.clauses.quota import beyond_the_fallen_number
from shared_rules.data import policy_text
from shared_rules.facts import (
    DealCancelled,
    DealClosed,
    DisputeFiled,
    Event,
    Prelaunched,
    QuarterReported,
    RulingMade,
    SlipAmended,
    SlipContent,
    SlipRenewed,
    SlipStamped,
    Transferred,
)
from shared_rules.policy import Policies, load_policy
from shared_rules.rulings import Register
from shared_rules.settlement import Settlement, settle
from shared_rules.timeline import timeline
from tests.builders import at, entered, event, slip
from tests.shared_rules.test_incremental import encoded
from tests.worlds import RELEASING, world

LATE = at("04-12 12:00")
NEW_QUARTER = at("04-01 00:00")
NOTHING = event("03-31 18:00", 0, 90, QuarterReported(person="A", quarter="2026Q1", signings=0))
"""A signed nothing: one place is left from the first of April."""
NAMES = "云雷山泽风火水土金木石玉竹梅"


def policy(*changes: tuple[str, str], limit: int = 3, least: int = 1) -> Policies:
    """Return the shipped policy with few places, released when they fall, and more switches set otherwise."""
    text = policy_text("default")
    few = [("limit = 50", f"limit = {limit}"), ("limit_no_signing = 30", f"limit_no_signing = {least}"),
           ('on_drop = "drain"', 'on_drop = "release"')]  # fmt: skip
    for old, new in (*few, *changes):
        assert f"\n{old}" in text
        text = text.replace(f"\n{old}", f"\n{new}", 1)
    return Policies.single(load_policy(text, name="released"))


def held(*stamps: str, by: str = "A", kiosk: int = 1) -> list[Event]:
    """Return slips of one salesperson on customers of the own, stamped at these moments and entered."""
    slips = [
        slip(
            moment, f"{kiosk}.{number}", by, f"{NAMES[5 * kiosk + number]}{NAMES[number]}", f"1390000{kiosk}00{number}"
        )
        for number, moment in enumerate(stamps, 1)
    ]
    return [*slips, *(entered("04-01 09:00", one.fact.slip)._replace(time=one.time) for one in slips)]  # type: ignore[union-attr]


def statuses(register: Register) -> dict[str, str]:
    """Return claim -> status."""
    return {claim: ruling.decision.status.value for claim, ruling in register.claims.items()}


THREE = held("03-30 09:10", "03-31 09:10", "03-31 16:10")


def test_the_latest_confirmations_lapse_the_moment_the_number_falls() -> None:
    """A microsecond before all are held; they end with the day before, by 一.5, and the rest runs on."""
    before = settle([*THREE, NOTHING], policy(), NEW_QUARTER - 1)
    assert set(statuses(before).values()) == {"upheld"}
    after = settle([*THREE, NOTHING], policy(), NEW_QUARTER)
    assert statuses(after) == {"1.1": "upheld", "1.2": "lapsed", "1.3": "lapsed"}
    gone = after.claims["1.3"]
    assert (gone.decision.because(), gone.valid_until) == (("一.5",), date(2026, 3, 31))
    assert gone.decision.reasons[0].sentence.chinese() == "名额降为 1 名，本单盖章在后，超出名额，确认失效"
    assert gone.decision.reasons[0].slips == ("1.3",)
    assert [(one.limit, one.live) for one in after.quotas] == [(1, 1)]


def test_a_number_that_stays_takes_nothing_from_who_holds_more() -> None:
    """More may be held without a new slip, by a list that hands customers on; only a fall releases any."""
    rules = policy().at("", NEW_QUARTER)
    assert [beyond_the_fallen_number(before, 3, 5, rules) for before in (4, 3, 2, 0)] == [2, 0, 0, 2]


def test_the_rank_is_that_of_the_stamps_at_whichever_office() -> None:
    """One quota over all offices: who was stamped first keeps the place, in whatever order the slips arrived."""
    there = held("03-30 16:10", "03-31 09:20", kiosk=2)
    register = settle([*there, *THREE, NOTHING], policy(limit=5, least=2), NEW_QUARTER)
    assert statuses(register) == {
        "1.1": "upheld", "1.2": "lapsed", "1.3": "lapsed", "2.1": "upheld", "2.2": "lapsed",
    }  # fmt: skip


def test_what_is_over_already_or_exempt_takes_no_place_that_could_be_lost() -> None:
    """Counted is what a new slip would be measured by: no lapsed claims, none just taken over from a leaver."""
    old = held("03-20 09:10", "03-31 09:10")
    assert statuses(settle([*old, NOTHING], policy(), NEW_QUARTER)) == {"1.1": "lapsed", "1.2": "upheld"}
    moved = event("03-31 17:00", 0, 5, Transferred(giver="B", to="A", claims=("2.1",)))
    taken_over = [*held("03-30 09:10"), *held("03-31 09:20", by="B", kiosk=2), moved]
    assert set(statuses(settle([*taken_over, NOTHING], policy(), NEW_QUARTER)).values()) == {"upheld"}


def test_a_customer_who_has_bought_is_never_let_go() -> None:
    """Where such customers take places, the others make room."""
    counted = policy(
        ("counts_closed = false", "counts_closed = true"), ('evaluation = "previous"', 'evaluation = "current"')
    )
    bought = event("03-31 17:00", 0, 6, DealClosed(deal="D", closer="A", contract_name="x", claims=("1.3",)))
    signed = event("03-02 18:00", 0, 7, QuarterReported(person="A", quarter="2026Q1", signings=1))
    register = settle([*THREE, bought, signed], counted, NEW_QUARTER)
    assert statuses(register) == {"1.1": "lapsed", "1.2": "lapsed", "1.3": "closed"}


def test_a_cancelled_deal_lets_the_number_fall_at_that_instant() -> None:
    """Its own customer comes back and takes a place again; the latest goes."""
    hired = QuarterReported(person="A", quarter="2025Q4", signings=0)
    deal = DealClosed(deal="D", closer="A", contract_name="x", claims=("1.1",))
    facts = [
        event("01-02 09:00", 0, 1, hired), *held("03-02 09:10"),
        event("03-02 15:00", 0, 2, deal),
        *held("03-03 09:10", "03-03 09:20", kiosk=2),
        event("03-05 15:00", 0, 3, DealCancelled(deal="D")),
    ]  # fmt: skip
    now = at("03-05 15:00")
    assert statuses(settle(facts, policy(), now - 1)) == {"1.1": "closed", "2.1": "upheld", "2.2": "upheld"}
    after = settle(facts, policy(), now)
    assert statuses(after) == {"1.1": "upheld", "2.1": "lapsed", "2.2": "lapsed"}
    assert after.claims["2.1"].valid_until == date(2026, 3, 5)


def test_eighty_ends_with_the_quarter_and_a_new_policy_with_fewer_places_on_its_day() -> None:
    """Whatever makes the number fall; one that rises or stays releases nobody."""
    met = QuarterReported(person="A", quarter="2026Q1", signings=3, target_met_on=date(2026, 3, 20))
    most = policy(("limit_target_met = 80", "limit_target_met = 3"), limit=2)
    assert statuses(settle([*THREE, event("03-20 18:00", 0, 1, met)], most, NEW_QUARTER - 1))["1.3"] == "upheld"
    assert statuses(settle([*THREE, event("03-20 18:00", 0, 1, met)], most, NEW_QUARTER)) == {
        "1.1": "upheld", "1.2": "upheld", "1.3": "lapsed",
    }  # fmt: skip
    starts = {"": [(date(2026, 1, 1), policy(limit=0).at("", 0)), (date(2026, 4, 3), policy(limit=2).at("", 0))]}
    fewer = [
        statuses(settle(THREE, Policies.of(starts), at(moment)))["1.3"] for moment in ("04-02 23:59", "04-03 00:00")
    ]
    assert fewer == ["upheld", "lapsed"]
    more = {"": [(date(2026, 1, 1), policy(limit=3).at("", 0)), (date(2026, 4, 3), policy(limit=0).at("", 0))]}
    assert set(statuses(settle(THREE, Policies.of(more), at("04-03 00:00"))).values()) == {"upheld"}


def test_results_of_the_last_three_months_let_the_number_fall_when_they_are_over() -> None:
    """Evaluation = live: the midnight after the third month, not the quarter's end."""
    live = policy(('evaluation = "previous"', 'evaluation = "live"'))
    facts = [*THREE, event("01-05 18:00", 0, 1, QuarterReported(person="A", quarter="2026Q1", signings=1))]
    told = [statuses(settle(facts, live, at(moment)))["1.3"] for moment in ("04-05 23:59", "04-06 00:00")]
    assert told == ["upheld", "lapsed"]


def test_a_claim_in_a_case_lapses_too_and_lets_the_other_go() -> None:
    """二.2.4 and 三: who waited with it alone is upheld; a dispute keeps nothing from falling; no ruling revives."""
    rival = slip("03-31 16:05", "2.1", "B", f"{NAMES[8]}{NAMES[3]}", "13900001003")
    filed = event("03-31 17:00", 0, 7, DisputeFiled(dispute="D", claims=("1.2",), by="A"))
    facts = [*THREE, rival, entered("03-31 17:00", "2.1"), filed, NOTHING]
    before = settle(facts, policy(), NEW_QUARTER - 1)
    assert (statuses(before)["1.3"], statuses(before)["2.1"]) == ("with_manager", "with_manager")
    alone = Settlement(policy())
    alone.apply(facts, NEW_QUARTER)
    state = alone._hearing.claims.last("1.3")
    assert state is not None
    assert (state.verdict, state.against) == (None, frozenset())
    ruling = RulingMade(claims=("1.3", "2.1"), winner="1.3", clause="二.2.4", ruled_by="M")
    for more in ([], [event("04-02 10:00", 0, 8, ruling)]):
        after = statuses(settle([*facts, *more], policy(), at("04-02 12:00")))
        assert (after["1.2"], after["1.3"]) == ("lapsed", "lapsed")
        assert after["2.1"] == ("returned" if more else "upheld")


def test_what_a_person_ruled_stays_written_on_a_claim_that_lapses() -> None:
    """三: the ruling was made, whatever became of the place."""
    rival = slip("03-31 16:20", "2.1", "B", f"{NAMES[8]}{NAMES[3]}", "13900001003")
    ruling = RulingMade(claims=("1.3", "2.1"), winner="1.3", clause="二.2.4", ruled_by="M")
    settlement = Settlement(policy())
    settlement.apply([*THREE, rival, event("03-31 18:00", 0, 8, ruling), NOTHING], NEW_QUARTER)
    assert statuses(settlement.register())["1.3"] == "lapsed"
    state = settlement._hearing.claims.last("1.3")
    assert state is not None
    assert state.verdict is not None
    assert state.verdict.clause == "二.2.4"


def test_an_amendment_that_waits_falls_with_its_claim_and_no_ruling_brings_the_old_version_back() -> None:
    """一.6: a loser falls back to the version before; that had no place either."""
    rival = slip("03-31 16:20", "2.1", "B", "林海", "13700000007")
    content = SlipContent(names=("林海",), phones=("13700000007",))
    amended = SlipAmended(slip="1.4", claim="1.3", salesperson="A", stamped_by="K", content=content)
    ruling = RulingMade(claims=("1.3", "2.1"), winner="2.1", clause="二.2.4", ruled_by="M")
    facts = [*THREE, rival, event("03-31 16:30", 1, 4, amended), NOTHING]
    assert statuses(settle(facts, policy(), NEW_QUARTER - 1))["1.3"] == "with_manager"
    ruled = settle([*facts, event("04-02 10:00", 0, 8, ruling)], policy(), at("04-02 12:00"))
    assert statuses(ruled)["1.3"] == "returned"


def test_a_number_that_fell_today_leaves_the_next_fall_awaited() -> None:
    """Evaluation = live: what is stamped on the very day of a fall lapses with the one after it."""
    live = policy(('evaluation = "previous"', 'evaluation = "live"'))
    results = [
        event(f"01-{day} 18:00", 0, number, QuarterReported(person="A", quarter="2026Q1", signings=number))
        for number, day in enumerate(("05", "10"), 1)
    ]
    facts = [*results, *held("04-06 09:10", "04-06 09:20")]
    told = [statuses(settle(facts, live, at(moment)))["1.2"] for moment in ("04-10 23:59", "04-11 00:00")]
    assert told == ["upheld", "lapsed"]


def test_who_waited_with_it_is_looked_at_again_when_somebody_else_turns_up() -> None:
    """The other went free at midnight; a third slip of the day that arrives later keeps it waiting after all."""
    rival, third = slip("03-31 16:20", "2.1", "B"), slip("03-31 16:30", "3.1", "C", "林海", "13700000007")
    assert isinstance(rival.fact, SlipStamped)
    both = SlipContent(names=(f"{NAMES[8]}{NAMES[3]}", "林海"), phones=("13900001003",))
    rival = rival._replace(fact=replace(rival.fact, content=both))
    facts = [*THREE, rival, entered("03-31 17:00", "2.1"), NOTHING]
    settlement = Settlement(policy())
    settlement.apply(facts, NEW_QUARTER)
    assert statuses(settlement.register())["2.1"] == "upheld"
    settlement.apply([third], NEW_QUARTER)
    assert statuses(settlement.register())["2.1"] == "with_manager"
    assert settlement.register() == settle([*facts, third], policy(), NEW_QUARTER)


def test_an_early_claim_lapses_too() -> None:
    """六.3: it has no last day before the launch, and takes a place all the same."""
    facts = [event("03-01 09:00", 0, 1, Prelaunched()), *THREE, NOTHING]
    assert statuses(settle(facts, policy(), NEW_QUARTER)) == {"1.1": "upheld", "1.2": "lapsed", "1.3": "lapsed"}


def test_a_renewal_after_the_fall_is_judged_as_new() -> None:
    """六.3: as after any lapse, with a place of its own to find and its own time."""
    renewal = event("04-02 09:10", 1, 9, SlipRenewed(slip="1.9", claim="1.3", salesperson="A", stamped_by="K"))
    full = settle([*THREE, NOTHING, renewal], policy(), at("04-02 12:00"))
    assert full.acts["1.9"].decision.because() == ("一.5",)
    signed = event("04-01 15:00", 0, 1, DealClosed(deal="D", closer="A", contract_name="x"))
    place = settle([*THREE, NOTHING, signed, renewal, entered("04-02 09:20", "1.9")], policy(), at("04-02 12:00"))
    assert statuses(place) == {"1.1": "upheld", "1.2": "lapsed", "1.3": "upheld"}
    assert place.claims["1.3"].effective_at == renewal.time


@pytest.mark.parametrize(
    ("revives", "then"),
    [("never", {"2.1": "returned", "3.1": "upheld"}), ("when_holder_lapses", {"2.1": "upheld", "3.1": "returned"})],
)
def test_who_was_returned_against_it_comes_to_life_only_where_the_policy_says_so(
    revives: str, then: dict[str, str]
) -> None:
    """一.6: a returned slip was judged as of its own stamp, and that is not judged again."""
    customer = f"{NAMES[7]}{NAMES[2]}", "13900001002"
    mine = held("03-30 09:10", "03-30 16:10")
    loser, later = slip("03-31 09:10", "2.1", "B", *customer), slip("04-03 09:10", "3.1", "C", *customer)
    facts = [*mine, loser, later, entered("04-03 10:00", "2.1"), entered("04-03 10:00", "3.1")]
    rules = policy(('returned_revives = "never"', f'returned_revives = "{revives}"'))
    assert statuses(settle([*facts, NOTHING], rules, NEW_QUARTER - 1))["2.1"] == "returned"
    register = settle([*facts, NOTHING], rules, at("04-03 12:00"))
    assert {name: statuses(register)[name] for name in then} == then


def test_time_alone_lets_the_number_fall_for_a_settlement_that_lives_on() -> None:
    """Nothing is said at midnight: the claims are told as changed, and the history has that moment."""
    settlement = Settlement(policy())
    settlement.apply([*THREE, NOTHING], at("03-31 20:00"))
    assert settlement.next_end() == NEW_QUARTER - 1
    assert settlement.apply((), NEW_QUARTER - 1).claims == {}
    assert sorted(settlement.apply((), NEW_QUARTER).claims) == ["1.2", "1.3"]
    assert settlement.register() == settle([*THREE, NOTHING], policy(), NEW_QUARTER)
    moments = timeline([*THREE, NOTHING], policy(), "1.3", at("04-03 12:00"))
    assert [(one.at, one.told) for one in moments][-1] == (NEW_QUARTER, None)


def test_a_result_that_is_told_late_lets_the_number_fall_where_it_fell() -> None:
    """As the number itself does: a past quarter's result counts from the quarter's end."""
    late = NOTHING._replace(time=event("04-03 18:00", 0, 1, NOTHING.fact).time)
    settlement = Settlement(policy())
    settlement.apply(THREE, at("04-02 12:00"))
    assert set(statuses(settlement.register()).values()) == {"upheld"}
    settlement.apply([late], at("04-03 18:00"))
    assert settlement.register().claims["1.3"].valid_until == date(2026, 3, 31)
    assert settlement.register() == settle([*THREE, late], policy(), at("04-03 18:00"))


def quarters(seed: int) -> list[Event]:
    """Return a world over the end of a quarter in which everybody's result is known, mostly a poor one."""
    pick = random.Random(seed)
    told = [
        event(f"03-{25 + pick.randrange(6)} 18:00", 0, 5000 + number, QuarterReported(
            person=person, quarter="2026Q1", signings=pick.choice((0, 0, 1)),
            target_met_on=pick.choice((None, None, None, date(2026, 3, 26))),
        ))
        for number, person in enumerate("ABC")
    ]  # fmt: skip
    return [*world(seed, 90, first=date(2026, 3, 25)), *told]


def bit_by_bit(events: list[Event], seed: int, *, kind: type[Settlement] = Settlement) -> Register:
    """Return the register after the events came in a random order and batches, and the clock went on in between."""
    pick = random.Random(seed)
    order = pick.sample(events, len(events))
    settlement = kind(RELEASING)
    moments = [at(text) for text in ("03-31 23:59", "04-01 00:00", "04-02 12:00")]
    while order:
        many = pick.randint(1, 9)
        batch, order = order[:many], order[many:]
        moment = moments[0] if len(order) > 40 else moments[1] if len(order) > 15 else LATE
        settlement.apply([*batch, *pick.sample(events, 2)], moment)
    settlement.apply(events, LATE)
    return settlement.register()


def let_go(register: Register) -> int:
    """Return how many claims lapsed because of a number that fell."""
    return sum(
        one.decision.status.value == "lapsed" and one.decision.because() == ("一.5",)
        for one in register.claims.values()
    )


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_any_order_and_batching_releases_the_same(seed: int, order: int) -> None:
    """From scratch or bit by bit, with the clock going on meanwhile: byte for byte one register (invariant 3)."""
    events = quarters(seed)
    assert encoded(bit_by_bit(events, order)) == encoded(settle(events, RELEASING, LATE))


class Forgetful(Settlement):
    """The sabotage: what time alone does is done once, and never again."""

    def _hear_again(self, place: tuple[int | bytes, ...]) -> None:
        if place in self._turns.come and place in self._done:
            return
        self._done.add(place)
        super()._hear_again(place)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._done: set[tuple[int | bytes, ...]] = set()


def test_the_worlds_release_and_a_settlement_that_looks_once_is_caught() -> None:
    """The comparison has teeth."""
    worlds = {seed: settle(quarters(seed), RELEASING, LATE) for seed in range(40)}
    assert sum(map(let_go, worlds.values())) > 5
    assert any(bit_by_bit(quarters(seed), seed, kind=Forgetful) != whole for seed, whole in worlds.items())
