"""When returned slips come to life: with the end of what they lost to, or by their own time (一.6)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shared_rules.facts import (
    CustomerChose,
    DayClosed,
    DealClosed,
    Event,
    FindingMade,
    QuarterReported,
    RulingMade,
    SlipAmended,
    SlipContent,
    SlipRenewed,
    SlipStamped,
    SlipWithdrawn,
    Transferred,
)
from shared_rules.policy import Policies
from shared_rules.rulings import ClaimRuling, Register
from shared_rules.settlement import Settlement, settle
from shared_rules.timeline import timeline
from tests.builders import at, entered, event, slip
from tests.shared_rules.test_incremental import HalfBlind, bit_by_bit, encoded
from tests.worlds import BY_TIME, REVIVING, turned, world

NOW = at("03-20 12:00")
TIME = ('returned_revives = "never"', 'returned_revives = "by_time"')
WITH_HOLDER = ('returned_revives = "never"', 'returned_revives = "when_holder_lapses"')
BY_ITS_TIME, WITH_ITS_HOLDER = turned("by time", TIME), turned("with the holder", WITH_HOLDER)
BOTH = pytest.mark.parametrize("policies", [BY_ITS_TIME, WITH_ITS_HOLDER], ids=["by_time", "when_holder_lapses"])


def register(policies: Policies, *facts: Event, as_of: str = "03-10 12:00") -> Register:
    """Return the register of facts, every slip entered, the same from scratch and fact by fact from the last one on."""
    slips = [one for one in facts if isinstance(one.fact, (SlipStamped, SlipAmended, SlipRenewed))]
    all_ = [*facts, *(entered("03-01 09:00", one.fact.slip)._replace(time=one.time) for one in slips)]  # type: ignore[union-attr]
    whole = settle(all_, policies, at(as_of))
    settlement = Settlement(policies)
    for fact in reversed(all_):
        settlement.apply([fact], at(as_of))
    assert settlement.register() == whole
    return whole


def statuses(policies: Policies, *facts: Event, as_of: str = "03-10 12:00") -> dict[str, str]:
    """Return claim -> status."""
    claims = register(policies, *facts, as_of=as_of).claims
    return {claim: ruling.decision.status.value for claim, ruling in claims.items()}


def amended(time: str, claim: str, by: str, name: str = "张三", phone: str = "13800000001") -> Event:
    """Return an amendment that says a little more."""
    kiosk = int(claim.partition(".")[0])
    content = SlipContent(names=(name,), phones=(phone,), other={"budget": "300"})
    act = SlipAmended(slip=f"{kiosk}.90", claim=claim, salesperson=by, stamped_by="K", content=content)
    return event(time, kiosk, 90, act)


def withdrawn(time: str, claim: str, by: str) -> Event:
    """Return a withdrawal."""
    kiosk = int(claim.partition(".")[0])
    return event(time, kiosk, 95, SlipWithdrawn(claim=claim, salesperson=by))


def kin(time: str, number: str, by: str, *names: str, phone: str) -> Event:
    """Return a slip on several names."""
    one = slip(time, number, by)
    assert isinstance(one.fact, SlipStamped)
    return one._replace(fact=replace(one.fact, content=SlipContent(names=names, phones=(phone,))))


A = slip("03-02 09:10", "1.1", "A")
B = slip("03-03 09:10", "2.1", "B")
C = slip("03-04 09:10", "3.1", "C")


def reasons(ruling: ClaimRuling) -> set[str]:
    """Return what a ruling says, masked."""
    return {reason.masked.chinese() for reason in ruling.decision.reasons}


def test_by_time_a_slip_lives_again_as_soon_as_the_other_has_moved_behind_it() -> None:
    """The amendment gives up its time: who was returned stands by the own one, and the amended claim loses to it."""
    claims = register(BY_ITS_TIME, A, B, amended("03-05 09:10", "1.1", "A")).claims
    first, second = claims["1.1"], claims["2.1"]
    assert (second.decision.status.value, second.decision.because()) == ("upheld", ("一.6",))
    assert (second.effective_at, second.valid_until) == (B.time, date(2026, 3, 13))
    assert reasons(second) == {"在先的确认已失效或时间已后移，本单按原来的时间恢复有效"}
    assert (first.decision.status.value, first.decision.because(), first.against) == (
        "returned", ("二.2.1", "一.6"), ("2.1",),
    )  # fmt: skip
    assert "一份曾被退回的单按原来的时间恢复，早于本单，请停止联系该客户" in reasons(first)
    told = next(reason for reason in first.decision.reasons if reason.clause == "一.6")
    assert (told.sentence.chinese(), told.slips) == ("2.1 曾被退回，现按原来的时间恢复，早于本单", (first.slip, "2.1"))
    before = statuses(BY_ITS_TIME, A, B, amended("03-05 09:10", "1.1", "A"), as_of="03-05 09:09")
    assert before == {"1.1": "upheld", "2.1": "returned"}


def test_where_the_other_must_end_an_amendment_lets_nobody_live_again() -> None:
    """It is live, whatever its time."""
    assert statuses(WITH_ITS_HOLDER, A, B, amended("03-05 09:10", "1.1", "A")) == {"1.1": "upheld", "2.1": "returned"}


@pytest.mark.parametrize(
    ("moved_to", "first", "second"),
    [("03-02 16:10", "upheld", "returned"), ("03-03 16:10", "with_manager", "with_manager"),
     ("03-04 09:10", "returned", "upheld")],
)  # fmt: skip
def test_what_counts_is_the_day_to_which_the_other_moved(moved_to: str, first: str, second: str) -> None:
    """Still an earlier day, the same day (二.2.4), a later one."""
    assert statuses(BY_ITS_TIME, A, B, amended(moved_to, "1.1", "A")) == {"1.1": first, "2.1": second}


def test_an_amendment_that_moves_no_time_or_goes_to_another_customer() -> None:
    """The first keeps what it had; the second leaves the customer, and by time both stand."""
    kept = turned("kept", TIME, ('resets = "all"', 'resets = "none"'))
    assert statuses(kept, A, B, amended("03-05 09:10", "1.1", "A")) == {"1.1": "upheld", "2.1": "returned"}
    gone = amended("03-05 09:10", "1.1", "A", "赵六", "13800000007")
    assert statuses(BY_ITS_TIME, A, B, gone) == {"1.1": "upheld", "2.1": "upheld"}
    assert statuses(WITH_ITS_HOLDER, A, B, gone) == {"1.1": "upheld", "2.1": "returned"}


def test_an_amendment_that_waits_leaves_the_old_time_until_it_is_ruled_on() -> None:
    """The version before it holds until then, and if it is refused for good; if it stands, it does so by that word."""
    rival = slip("03-05 09:20", "3.1", "C", "王五", "13800000005")
    facts = [A, B, amended("03-05 16:10", "1.1", "A", "王五", "13800000001"), rival]
    assert statuses(BY_ITS_TIME, *facts) == {"1.1": "with_manager", "2.1": "returned", "3.1": "with_manager"}
    for winner, told in (("3.1", ["upheld", "returned", "upheld"]), ("1.1", ["upheld", "returned", "returned"])):
        ruling = RulingMade(claims=("1.1", "3.1"), winner=winner, clause="二.2.4", ruled_by="M")
        found = statuses(BY_ITS_TIME, *facts, event("03-06 10:00", 0, 1, ruling))
        assert [found[name] for name in ("1.1", "2.1", "3.1")] == told


@BOTH
def test_of_several_the_earliest_lives_again(policies: Policies) -> None:
    """The next one loses to it, and has its turn when that ends."""
    facts = [A, B, C, withdrawn("03-05 10:00", "1.1", "A")]
    assert statuses(policies, *facts) == {"1.1": "withdrawn", "2.1": "upheld", "3.1": "returned"}
    more = withdrawn("03-06 10:00", "2.1", "B")
    assert statuses(policies, *facts, more) == {"1.1": "withdrawn", "2.1": "withdrawn", "3.1": "upheld"}


@BOTH
def test_two_of_one_day_go_to_the_manager(policies: Policies) -> None:
    """二.2.4: lost to the same claim, they are compared with each other only now; their days stand still from now."""
    later = slip("03-03 16:10", "3.1", "C")
    facts = [A, B, later, withdrawn("03-05 10:00", "1.1", "A")]
    assert statuses(policies, *facts) == {"1.1": "withdrawn", "2.1": "with_manager", "3.1": "with_manager"}
    ruling = RulingMade(claims=("2.1", "3.1"), winner="3.1", clause="二.2.4", ruled_by="M")
    ruled = register(policies, *facts, event("03-07 10:00", 0, 1, ruling)).claims
    assert ruled["3.1"].valid_until == date(2026, 3, 15)


def test_one_of_the_day_that_waits_already_waits_with_both() -> None:
    """二.2.4: each pair is ruled on, and the word on one of them leaves the other open."""
    between = kin("03-03 09:10", "2.1", "B", "张三", "王五", phone="13800000002")
    waits = kin("03-03 16:10", "3.1", "C", "王五", "赵六", phone="13800000003")
    other = slip("03-03 16:20", "4.1", "D", "赵六", "13800000004")
    facts = [A, between, waits, other, withdrawn("03-05 10:00", "1.1", "A")]
    told = register(BY_ITS_TIME, *facts)
    assert told.claims["3.1"].against == ("2.1", "4.1")
    assert told.same_day[0].claims == ("2.1", "3.1", "4.1")
    for winner, then in (
        ("3.1", ["returned", "with_manager", "with_manager"]),
        ("2.1", ["upheld", "returned", "upheld"]),
    ):
        ruling = RulingMade(claims=("2.1", "3.1"), winner=winner, clause="二.2.4", ruled_by="M")
        assert list(statuses(BY_ITS_TIME, *facts, event("03-06 10:00", 0, 1, ruling)).values())[1:] == then


@BOTH
@pytest.mark.parametrize(("as_of", "status"), [("03-12 23:59", "returned"), ("03-13 00:00", "upheld")])
def test_a_lease_that_ends_lets_the_next_live_from_that_midnight(policies: Policies, as_of: str, status: str) -> None:
    """Nothing is said then: time alone does it, to the microsecond."""
    assert statuses(policies, A, B, as_of=as_of)["2.1"] == status
    moments = timeline([A, B], policies, "2.1", at("03-13 12:00"))
    assert [one.at for one in moments if one.told is None] == [at("03-13 00:00")]


@BOTH
def test_a_slip_whose_own_days_are_over_stays_returned(policies: Policies) -> None:
    """Its last day is counted from the own stamp."""
    renewal = event("03-12 09:10", 1, 2, SlipRenewed(slip="1.2", claim="1.1", salesperson="A", stamped_by="K"))
    last, over = withdrawn("03-13 23:00", "1.1", "A"), withdrawn("03-14 00:00", "1.1", "A")
    assert statuses(policies, A, B, renewal, last, as_of="03-13 23:30")["2.1"] == "upheld"
    assert statuses(policies, A, B, renewal, over, as_of="03-14 12:00")["2.1"] == "returned"


@BOTH
def test_leases_that_end_with_one_midnight_bring_up_the_earliest_first(policies: Policies) -> None:
    """What ends second in the books would otherwise let the later one take what the earlier one has."""
    one = slip("03-02 09:10", "1.1", "A", "张三", "13800000001")
    other = slip("03-02 09:20", "2.1", "B", "李四", "13800000002")
    early = kin("03-03 09:10", "3.1", "C", "李四", "王五", phone="13800000003")
    late = kin("03-04 09:10", "4.1", "D", "张三", "王五", phone="13800000004")
    told = statuses(policies, one, other, early, late, as_of="03-13 00:00")
    assert told == {"1.1": "lapsed", "2.1": "lapsed", "3.1": "upheld", "4.1": "returned"}


def test_by_time_it_takes_the_customer_from_who_came_after_it() -> None:
    """Upheld because the slip between them was returned; whom that one had kept out lives again in turn."""
    one = slip("03-02 09:10", "1.1", "A", "张三", "13800000001")
    between = kin("03-03 09:10", "2.1", "B", "张三", "王五", phone="13800000002")
    after = kin("03-04 09:10", "3.1", "C", "王五", "赵六", phone="13800000003")
    last = slip("03-05 09:10", "4.1", "D", "赵六", "13800000004")
    facts = [one, between, after, last]
    assert list(statuses(BY_ITS_TIME, *facts).values()) == ["upheld", "returned", "upheld", "returned"]
    gone = withdrawn("03-06 10:00", "1.1", "A")
    assert list(statuses(BY_ITS_TIME, *facts, gone).values()) == ["withdrawn", "upheld", "returned", "upheld"]
    kept = statuses(WITH_ITS_HOLDER, *facts, gone)
    assert list(kept.values()) == ["withdrawn", "returned", "upheld", "returned"]
    freed = statuses(WITH_ITS_HOLDER, *facts, gone, withdrawn("03-07 10:00", "3.1", "C"))
    assert list(freed.values()) == ["withdrawn", "upheld", "withdrawn", "upheld"]


def test_who_waited_with_what_it_overtakes_goes_free() -> None:
    """二.2.4: the other of that day had a case only with the claim that loses now."""
    between = kin("03-03 09:10", "2.1", "B", "张三", "王五", phone="13800000002")
    after = kin("03-04 09:10", "3.1", "C", "王五", "赵六", phone="13800000003")
    facts = [A, between, after, slip("03-04 16:10", "4.1", "D", "赵六", "13800000004")]
    assert list(statuses(BY_ITS_TIME, *facts).values()) == ["upheld", "returned", "with_manager", "with_manager"]
    told = statuses(BY_ITS_TIME, *facts, withdrawn("03-05 10:00", "1.1", "A"))
    assert list(told.values()) == ["withdrawn", "upheld", "returned", "upheld"]


@BOTH
def test_a_renewal_that_proves_to_be_nobodys_lets_the_lease_end_after_all(policies: Policies) -> None:
    """六.3: handed on before it, as is told late; the midnight that had passed by is looked at again."""
    renewal = event("03-12 09:10", 1, 2, SlipRenewed(slip="1.2", claim="1.1", salesperson="A", stamped_by="K"))
    assert statuses(policies, A, B, renewal, as_of="03-13 12:00") == {"1.1": "upheld", "2.1": "returned"}
    handed_on = event("03-11 10:00", 0, 1, Transferred(giver="A", to="C", claims=("1.1",)))
    told = statuses(policies, handed_on, A, B, renewal, as_of="03-13 12:00")
    assert told == {"1.1": "lapsed", "2.1": "upheld"}


@BOTH
def test_what_kept_it_returned_besides_and_ended_before_may_be_told_late(policies: Policies) -> None:
    """Whoever lets it live is heard again, though it named nobody but its own claim."""
    other = slip("03-03 09:10", "2.1", "B", "王五", "13800000002")
    both = kin("03-04 09:10", "3.1", "C", "张三", "王五", phone="13800000003")
    told_late = withdrawn("03-05 10:00", "2.1", "B")
    told = statuses(policies, told_late, A, other, both, withdrawn("03-06 10:00", "1.1", "A"))
    assert told == {"1.1": "withdrawn", "2.1": "withdrawn", "3.1": "upheld"}


def test_who_kept_it_returned_and_proves_to_be_another_customer_lets_it_live_from_then() -> None:
    """二.1.3: the finding works from the start, and so from the moment at which the first one ended."""
    between = kin("03-03 09:10", "2.1", "B", "张三", "王五", phone="13800000002")
    found = event("03-07 10:00", 0, 1, FindingMade(claims=("2.1", "3.1"), answer="different"))
    facts = [A, between, slip("03-04 09:10", "3.1", "C", "王五", "13800000003"), withdrawn("03-06 10:00", "1.1", "A")]
    assert statuses(WITH_ITS_HOLDER, *facts)["2.1"] == "returned"
    assert statuses(WITH_ITS_HOLDER, found, *facts) == {"1.1": "withdrawn", "2.1": "upheld", "3.1": "upheld"}


@pytest.mark.parametrize("revives", [TIME, WITH_HOLDER], ids=["by_time", "when_holder_lapses"])
def test_a_case_that_stretched_the_lease_it_lost_to_puts_off_its_life(revives: tuple[str, str]) -> None:
    """二.2.4: the days of the case do not count for the first; who lets its lease run on named another claim only."""
    policies = turned("asks", revives, ('name_only = "presume_same"', 'name_only = "query_first"'))
    first = kin("03-02 09:10", "1.1", "A", "张三", "王五", phone="13800000001")
    asked = slip("03-08 09:10", "2.1", "B", "王五", "13900000009")
    late = slip("03-08 16:10", "3.1", "C", "赵六", "13800000001")
    facts = [late, first, asked, withdrawn("03-09 10:00", "2.1", "B")]
    days = [statuses(policies, *facts, as_of=moment)["3.1"] for moment in ("03-13 23:59", "03-14 00:00")]
    assert days == ["returned", "upheld"]


@BOTH
@pytest.mark.parametrize(
    "word",
    [
        event("03-05 10:00", 0, 1, DealClosed(deal="D", closer="C", contract_name="王五", claims=("3.1",))),
        event("03-05 10:00", 0, 1, RulingMade(claims=("3.1", "4.1"), winner="3.1", clause="二.2.4", ruled_by="M")),
    ],
    ids=["bought", "ruled"],
)
def test_a_deal_or_a_persons_word_is_not_taken_back(policies: Policies, word: Event) -> None:
    """Who came after it and has closed, or was given the customer, keeps it."""
    between = kin("03-03 09:10", "2.1", "B", "张三", "王五", phone="13800000002")
    same_day = slip("03-04 16:10", "4.1", "D", "王五", "13800000004")
    after = slip("03-04 09:10", "3.1", "C", "王五", "13800000003")
    facts = [A, between, after, *([same_day] if isinstance(word.fact, RulingMade) else []), word]
    told = statuses(policies, *facts, withdrawn("03-06 10:00", "1.1", "A"))
    assert (told["2.1"], told["3.1"]) == ("returned", "closed" if isinstance(word.fact, DealClosed) else "upheld")


@BOTH
def test_who_lost_by_a_persons_word_stays_returned(policies: Policies) -> None:
    """Only who lost by time has a time to live by."""
    same_day = slip("03-02 16:10", "2.1", "B")
    ruling = event("03-03 10:00", 0, 1, RulingMade(claims=("1.1", "2.1"), winner="1.1", clause="二.2.4", ruled_by="M"))
    told = statuses(policies, A, same_day, ruling, withdrawn("03-05 10:00", "1.1", "A"))
    assert told == {"1.1": "withdrawn", "2.1": "returned"}


@BOTH
def test_the_own_claim_on_the_customer_counts_once(policies: Policies) -> None:
    """Handed in again where the first was returned: the second stands, the first stays returned (二.2.4)."""
    between = kin("03-03 09:10", "2.1", "B", "张三", "王五", phone="13800000002")
    own = slip("03-04 09:10", "2.2", "B", "王五", "13800000003")
    assert statuses(policies, A, between, own, withdrawn("03-06 10:00", "1.1", "A"))["2.1"] == "returned"


@BOTH
def test_who_was_found_to_be_the_same_stays_so(policies: Policies) -> None:
    """二.1.1: nothing on the slips agrees; the finding keeps it returned, and its end lets it live again."""
    other = slip("03-03 09:10", "2.1", "B", "李四", "13800000002")
    found = event("03-04 10:00", 0, 1, FindingMade(claims=("1.1", "2.1"), answer="same", ground="spouse"))
    facts = [A, other, found]
    moved = statuses(policies, *facts, amended("03-05 09:10", "1.1", "A"))
    expected = ["returned", "upheld"] if policies is BY_ITS_TIME else ["upheld", "returned"]
    assert list(moved.values()) == expected
    assert statuses(policies, *facts, withdrawn("03-05 10:00", "1.1", "A"))["2.1"] == "upheld"


@pytest.mark.parametrize("revives", [TIME, WITH_HOLDER], ids=["by_time", "when_holder_lapses"])
def test_an_equal_name_that_says_nothing_alone_goes_to_the_manager(revives: tuple[str, str]) -> None:
    """二.1.3, name_only = query_first: whether it is the same customer a person says, as at any stamp."""
    policies = turned("asks", revives, ('name_only = "presume_same"', 'name_only = "query_first"'))
    returned = slip("03-03 09:10", "2.1", "B", "李四", "13800000001")
    facts = [A, returned, slip("03-04 09:10", "3.1", "C", "李四", "13900000005")]
    assert list(statuses(policies, *facts).values()) == ["upheld", "returned", "upheld"]
    told = statuses(policies, *facts, withdrawn("03-05 10:00", "1.1", "A"))
    assert list(told.values()) == ["withdrawn", "with_manager", "with_manager"]


def test_it_is_a_claim_like_any_other_once_it_lives_again() -> None:
    """It takes a place (一.5), is renewed in its days and keeps its time (六.3), and is handed over or chosen."""
    renewal = event("03-13 09:10", 2, 2, SlipRenewed(slip="2.2", claim="2.1", salesperson="B", stamped_by="K"))
    for policies in (BY_ITS_TIME, WITH_ITS_HOLDER):
        told = register(policies, A, B, renewal, as_of="03-14 12:00")
        assert told.acts["2.2"].decision.status.value == "upheld"
        assert (told.claims["2.1"].effective_at, told.claims["2.1"].valid_until) == (B.time, date(2026, 3, 23))
        assert {one.salesperson: one.live for one in told.quotas} == {"A": 0, "B": 1}


@BOTH
def test_a_deal_from_before_is_whose_it_was(policies: Policies) -> None:
    """Who held the customer at the closing owns it, though the lease ended later; what it closes now is its own."""
    before = event("03-05 10:00", 0, 1, DealClosed(deal="D", closer="B", contract_name="张三"))
    (deal,) = register(policies, A, B, before, as_of="03-13 12:00").deals
    assert deal.owner == "A"
    after = event("03-13 10:00", 0, 1, DealClosed(deal="D", closer="B", contract_name="张三"))
    told = register(policies, A, B, after, as_of="03-13 12:00")
    assert (told.deals[0].owner, told.claims["2.1"].decision.status.value) == ("B", "closed")


@BOTH
def test_a_deal_of_the_closer_counts_where_the_other_gave_the_customer_up(policies: Policies) -> None:
    """The withdrawn claim stands for nothing any more: the slip that lives again is the closer's (一.9)."""
    before = event("03-05 10:00", 0, 1, DealClosed(deal="D", closer="B", contract_name="张三"))
    told = register(policies, A, B, before, withdrawn("03-06 10:00", "1.1", "A"))
    assert (told.deals[0].owner, told.claims["2.1"].decision.status.value) == ("B", "closed")


def test_a_customer_who_chose_somebody_in_writing_is_not_taken_back() -> None:
    """二.2.3, choice = owner: the claim's time is that of the letter, and it stands all the same."""
    owner = turned("owner", TIME, ('choice = "service"', 'choice = "owner"'))
    letter = event("03-05 10:00", 0, 1, CustomerChose(claim="1.1", to="C"))
    assert statuses(owner, A, B, letter) == {"1.1": "upheld", "2.1": "returned"}


def test_where_the_minute_ranks_it_ranks_here_as_well() -> None:
    """二.2.4, rule = minute_order: moved behind it on one day."""
    minute = turned("minute", TIME, ('rule = "manager"', 'rule = "minute_order"'))
    assert statuses(minute, A, B, amended("03-03 16:10", "1.1", "A")) == {"1.1": "returned", "2.1": "upheld"}


def test_where_a_day_is_shared_both_stand() -> None:
    """二.2.4, rule = split."""
    split = turned("split", TIME, ('rule = "manager"', 'rule = "split"'))
    assert statuses(split, A, B, amended("03-03 16:10", "1.1", "A")) == {"1.1": "upheld", "2.1": "upheld"}


def test_what_comes_after_the_day_was_closed_draws_nobody_into_a_case() -> None:
    """A late amendment of that day moves its claim; the slip it would go to the manager with stays returned."""
    late = amended("03-03 16:10", "1.1", "A")
    closing = event("03-04 12:00", 0, 1, DayClosed(office="office1", day=date(2026, 3, 3), known={"1.1": 1}))
    assert statuses(BY_ITS_TIME, A, B, late, closing) == {"1.1": "upheld", "2.1": "returned"}


def test_a_number_that_falls_frees_the_customer_for_who_was_returned() -> None:
    """一.5, on_drop = release: by its own time, where the policy says so."""
    few = (("limit_no_signing = 30", "limit_no_signing = 1"), ('on_drop = "drain"', 'on_drop = "release"'))
    mine = [slip("03-28 09:10", "1.1", "A", "云海", "13900000001"), slip("03-29 09:10", "1.2", "A")]
    loser = slip("03-30 09:10", "2.1", "B")
    nothing = event("03-31 18:00", 0, 9, QuarterReported(person="A", quarter="2026Q1", signings=0))
    told = statuses(turned("few", TIME, *few), *mine, loser, nothing, as_of="04-01 00:00")
    assert told == {"1.1": "upheld", "1.2": "lapsed", "2.1": "upheld"}


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from([BY_TIME, REVIVING]))
def test_any_order_and_batching_lets_the_same_slips_live(seed: int, order: int, policies: Policies) -> None:
    """From scratch or bit by bit: byte for byte one register (invariant 3)."""
    events = world(seed, 90)
    assert encoded(bit_by_bit(events, policies, order)) == encoded(settle(events, policies, NOW))


def test_the_worlds_let_slips_live_again() -> None:
    """Else every comparison above would pass, whatever came of them."""
    worlds = [settle(world(seed, 90), BY_TIME, NOW) for seed in range(40)]
    assert sum("一.6" in one.decision.because() for whole in worlds for one in whole.claims.values()) > 5


@pytest.mark.parametrize("policies", [BY_TIME, REVIVING])
def test_a_settlement_that_hears_only_the_claim_itself_again_is_caught(policies: Policies) -> None:
    """The comparison has teeth."""
    worlds = {seed: world(seed, 90) for seed in range(12)}
    assert any(
        bit_by_bit(events, policies, seed, kind=HalfBlind) != settle(events, policies, NOW)
        for seed, events in worlds.items()
    )
