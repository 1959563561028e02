"""Facts in, rulings out: independent of order, delivery and batching; judged by what was live at the stamp."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_rules.data import policy_text
from shared_rules.decision import Reason, Status, Verdict, weigh
from shared_rules.facts import (
    DealClosed,
    DutyOpened,
    Event,
    FindingMade,
    Grade,
    LogId,
    NameStruck,
    Role,
    RulingMade,
    SlipAmended,
    SlipContent,
    SlipCorrected,
    SlipRenewed,
    SlipStamped,
    SlipWithdrawn,
    Transferred,
)
from shared_rules.interval import exactly
from shared_rules.policy import Policies, load_policy, shipped
from shared_rules.policy_tables import PrecedenceRules
from shared_rules.settlement import Register, Settlement, settle
from shared_rules.words import say
from tests.builders import DEFAULT, at, closed, enrolled, entered, event, paper, slip

NOW = at("03-20 12:00")
MONDAY = date(2026, 3, 2)


def statuses(register: Register) -> dict[str, str]:
    """Return claim -> status."""
    return {claim: ruling.decision.status.value for claim, ruling in register.claims.items()}


def changed(old: str, new: str) -> Policies:
    """Return the shipped policy with one switch set otherwise."""
    text = policy_text("default")
    assert old in text
    return Policies.single(load_policy(text.replace(old, new), name="changed"))


def looked_at(*stamps: Event) -> list[Event]:
    """Return slips, each with its second look in the same moment."""
    looks = [entered("03-02 09:00", stamp.fact.slip)._replace(time=stamp.time) for stamp in stamps]  # type: ignore[union-attr]
    return [*stamps, *looks]


slips = st.lists(
    st.builds(
        slip,
        st.sampled_from(["03-02 09:10", "03-02 16:40", "03-03 09:05", "03-04 09:30"]),
        st.sampled_from([f"{kiosk}.{seq}" for kiosk in (1, 2) for seq in range(1, 6)]),
        st.sampled_from(["A", "B", "C"]),
        st.sampled_from(["张三", "李四"]),
        st.sampled_from(["13800000001", "13800000002"]),
    ),
    unique_by=lambda one: (one.log, one.seq),
    max_size=8,
)


@settings(deadline=None)
@given(slips, st.randoms(use_true_random=False), st.integers(1, 3))
def test_order_and_repetition_of_the_facts_change_nothing(events: list[Event], rng: object, times: int) -> None:
    """The register is a function of the set of facts (I-15)."""
    straight = settle(looked_at(*events), DEFAULT, NOW)
    again = looked_at(*events) * times
    rng.shuffle(again)  # type: ignore[attr-defined]
    assert settle(again, DEFAULT, NOW) == straight


@settings(deadline=None)
@given(slips)
def test_a_customer_has_at_most_one_owner(events: list[Event]) -> None:
    """Of the claims on one phone of different people at most one is upheld; else the manager has it (invariant 4)."""
    register = settle(looked_at(*events), DEFAULT, at("03-05 12:00"))
    phones = {one.fact.slip: one.fact.content.phones[0] for one in events}  # type: ignore[union-attr]
    for phone in set(phones.values()):
        upheld = [
            ruling.salesperson
            for claim, ruling in register.claims.items()
            if phones[claim] == phone and ruling.decision.status is Status.UPHELD
        ]
        assert len(upheld) <= 1


def test_what_the_server_heard_first_owns_nothing() -> None:
    """Sequence numbers and log numbers do not order claims, stamps do."""
    early, late = slip("03-02 16:50", "2.9", "A"), slip("03-03 09:05", "1.1", "B")
    register = settle(looked_at(early, late), DEFAULT, at("03-04 12:00"))
    assert statuses(register) == {"2.9": "upheld", "1.1": "returned"}


def test_one_salesperson_s_places_are_those_of_the_whole_register() -> None:
    """Asked alone or with everybody, the answer is the same; whoever has no slip holds none (一.5)."""
    settlement = Settlement(DEFAULT)
    two = [slip("03-02 09:00", "1.1", "A"), slip("03-02 09:05", "1.2", "A", name="李四", phone="13900000002")]
    settlement.begin(looked_at(*two), at("03-02 12:00"))
    assert (settlement.quota("A", "p"),) == settlement.register().quotas
    assert settlement.quota("A", "p").live == 2
    assert settlement.quota("B", "p").live == 0


def test_a_claims_content_is_without_the_names_that_are_not_kin() -> None:
    """The first name stays, struck or not, another struck one goes (二.1.2); of no claim nothing is said."""
    settlement = Settlement(DEFAULT)
    settlement.apply([slip("03-02 09:10", "1.1", "A", "张三/李四"), slip("03-02 09:20", "1.2", "A", "王五")], NOW)
    assert settlement.content("9.9") is None
    assert settlement.content("1.2") is not None
    group = slip("03-02 09:30", "1.3", "A", phone="13800000003")
    assert isinstance(group.fact, SlipStamped)
    assert group.fact.content is not None
    content = msgspec.structs.replace(group.fact.content, names=("赵六", "李四", "孙七"))
    struck = event("03-03 10:00", 0, 1, NameStruck(claim="1.3", name="李四", found_by="M"))
    first = event("03-03 10:01", 0, 2, NameStruck(claim="1.3", name="赵六", found_by="M"))
    settlement.apply([group._replace(fact=msgspec.structs.replace(group.fact, content=content)), struck, first], NOW)
    told = settlement.content("1.3")
    assert told is not None
    assert told.names == ("赵六", "孙七")


def test_facts_later_than_the_question_are_ignored() -> None:
    """A register can be asked for any moment of the past."""
    events = looked_at(slip("03-02 09:10", "1.1", "A"), slip("03-03 09:05", "1.2", "B"))
    assert set(settle(events, DEFAULT, at("03-02 12:00")).claims) == {"1.1"}


def test_two_late_claims_that_are_harmless_alone_take_part() -> None:
    """A late claim that upsets nothing final is a claim like any other."""
    events = looked_at(
        slip("03-02 09:10", "1.1", "A", "王五", "13800000007"),
        slip("03-02 09:20", "1.2", "B", "赵六", "13800000008"),
    )
    register = settle([*events, enrolled(1), closed("03-03 08:00", 1, MONDAY, 0)], DEFAULT, at("03-04 12:00"))
    assert statuses(register) == {"1.1": "upheld", "1.2": "upheld"}


def test_a_kiosk_that_never_met_the_server_leaves_its_order_to_the_manager() -> None:
    """A grade C stamp has no certain day, so that it never ranks automatically."""
    unsure = slip("03-02 09:10", "1.1", "A", grade=Grade.C)
    sure = slip("03-03 09:05", "2.1", "B")
    register = settle(looked_at(unsure, sure), DEFAULT, at("03-04 12:00"))
    assert statuses(register) == {"1.1": "with_manager", "2.1": "with_manager"}
    assert register.claims["1.1"].valid_until is None


def test_a_stamp_across_a_change_of_policy_asks_the_manager_only_if_the_two_differ() -> None:
    """An interval that straddles a start day is undecided only where the decision depends on it."""
    strict = load_policy(policy_text("default").replace("self_stamp = false", "self_stamp = true"), name="new")
    policies = Policies.of({"p": [(date(2026, 1, 1), shipped()), (date(2026, 3, 3), strict)]})
    own = event("03-02 23:59", 1, 1, slip("03-02 09:10", "1.1", "A").fact, until="03-03 00:01")
    exceptional = slip("03-02 23:59", "1.1", "A", stamped_by="A", role=Role.CONTRACT_OFFICE, exceptional="其他").fact
    straddling = own._replace(fact=exceptional)
    register = settle(looked_at(straddling), policies, at("03-04 12:00"))
    assert register.claims["1.1"].flags == ("exceptional", "policy_not_certain")
    harmless = slip("03-02 23:59", "1.1", "A", stamped_by="Q", role=Role.CONTRACT_OFFICE, exceptional="其他").fact
    register = settle(looked_at(own._replace(fact=harmless)), policies, at("03-04 12:00"))
    assert statuses(register) == {"1.1": "upheld"}


def test_the_minute_decides_where_a_policy_has_no_rule_of_the_day() -> None:
    """二.2.4 is a switch."""
    events = looked_at(slip("03-02 09:10", "1.1", "A"), slip("03-02 16:40", "2.1", "B"))
    register = settle(events, changed('rule = "manager"', 'rule = "minute_order"'), at("03-04 12:00"))
    assert statuses(register) == {"1.1": "upheld", "2.1": "returned"}


@pytest.mark.parametrize(
    ("resets", "content", "moves"),
    [
        ("all", SlipContent(names=("张三",), phones=("13800000001",), other={"budget": "3"}), True),
        ("none", SlipContent(names=("李四",), phones=("13800000001",)), False),
        ("identity_only", SlipContent(names=("张三",), phones=("13800000001",), other={"budget": "3"}), False),
        ("identity_only", SlipContent(names=("李四",), phones=("13800000001",)), True),
        ("changed_fields", SlipContent(names=("张 三",), phones=("13800000001",)), False),
        ("changed_fields", SlipContent(names=("李四",), phones=("13800000001",)), True),
    ],
)
def test_which_amendment_moves_the_time_is_a_switch(resets: str, content: SlipContent, moves: bool) -> None:
    """一.6 read literally moves the time at any change; other offices spare some."""
    amended = SlipAmended(slip="1.2", claim="1.1", salesperson="A", stamped_by="K", content=content)
    events = [*looked_at(slip("03-02 09:10", "1.1", "A")), event("03-05 09:10", 1, 2, amended)]
    register = settle(events, changed('resets = "all"', f'resets = "{resets}"'), at("03-06 12:00"))
    effective = register.claims["1.1"].effective_at
    assert effective == exactly(at("03-05 09:10" if moves else "03-02 09:10"))


def test_an_amendment_of_a_lapsed_claim_is_judged_as_a_new_customer() -> None:
    """After the lease nothing is left to keep: the amended slip starts with its own time."""
    content = SlipContent(names=("李四",), phones=("13800000002",))
    amended = SlipAmended(slip="1.2", claim="1.1", salesperson="A", stamped_by="K", content=content)
    events = [*looked_at(slip("03-02 09:10", "1.1", "A")), event("03-16 09:10", 1, 2, amended)]
    register = settle([*events, entered("03-16 09:30", "1.2")], DEFAULT, at("03-16 12:00"))
    assert statuses(register) == {"1.1": "upheld"}
    assert register.claims["1.1"].effective_at == exactly(at("03-16 09:10"))


def test_renewals_end_at_the_cap_of_a_policy_that_has_one() -> None:
    """六.3 knows no cap; a policy may."""
    renewals = [
        event(time, 1, seq, SlipRenewed(slip=f"1.{seq}", claim="1.1", salesperson="A", stamped_by="K"))
        for seq, time in ((2, "03-05 09:10"), (3, "03-06 09:10"))
    ]
    policies = changed("renewal_cap = 0", "renewal_cap = 1")
    register = settle([*looked_at(slip("03-02 09:10", "1.1", "A")), *renewals], policies, at("03-07 12:00"))
    assert register.acts["1.2"].decision.status is Status.UPHELD
    assert register.acts["1.3"].decision.because() == ("六.3",)
    assert register.claims["1.1"].valid_until == date(2026, 3, 15)


def test_an_act_on_a_claim_nobody_knows_is_refused_and_kept() -> None:
    """A renewal whose first slip has not arrived yet waits as refused; once the slip is there it counts."""
    renewal = event("03-05 09:10", 1, 2, SlipRenewed(slip="1.2", claim="1.1", salesperson="A", stamped_by="K"))
    alone = settle([renewal], DEFAULT, at("03-06 12:00"))
    assert alone.acts["1.2"].decision.status is Status.REFUSED
    both = settle([renewal, *looked_at(slip("03-02 09:10", "1.1", "A"))], DEFAULT, at("03-06 12:00"))
    assert both.acts["1.2"].decision.status is Status.UPHELD


def test_a_correction_that_meets_a_rival_of_its_own_day_is_the_managers_and_may_fall_back() -> None:
    """A correction that newly collides is an amendment; ruled against, the slip stands as it was."""
    right = SlipContent(names=("李四",), phones=("13800000002",))
    fact = SlipCorrected(slip="1.1", content=right, corrected_by="K", approved_by="S", reason="typing")
    events = [
        *looked_at(slip("03-02 09:10", "1.1", "A"), slip("03-03 09:05", "2.1", "B", "李四", "13800000002")),
        event("03-03 11:00", 1, 7, fact),
    ]
    register = settle(events, DEFAULT, at("03-04 12:00"))
    assert statuses(register) == {"1.1": "with_manager", "2.1": "with_manager"}
    ruling = RulingMade(claims=("1.1", "2.1"), winner="2.1", clause="二.2.4", ruled_by="M")
    register = settle([*events, event("03-04 10:00", 0, 5, ruling)], DEFAULT, at("03-04 12:00"))
    assert statuses(register) == {"1.1": "upheld", "2.1": "upheld"}
    assert register.claims["1.1"].effective_at == exactly(at("03-02 09:10"))


def test_a_correction_of_a_slip_that_is_not_live_changes_nothing() -> None:
    """What was returned stays returned, as it was."""
    fact = SlipCorrected(
        slip="2.1", content=SlipContent(names=("别人",)), corrected_by="K", approved_by="S", reason="typing"
    )
    events = looked_at(slip("03-02 09:10", "1.1", "A"), slip("03-03 09:05", "2.1", "B"))
    register = settle([*events, event("03-03 11:00", 2, 7, fact)], DEFAULT, at("03-04 12:00"))
    assert statuses(register) == {"1.1": "upheld", "2.1": "returned"}


def test_a_finding_between_own_claims_or_dead_ones_compares_nothing() -> None:
    """A finding settles a collision; where there is none it changes nothing."""
    events = looked_at(
        slip("03-02 09:10", "1.1", "A"), slip("03-03 09:05", "1.2", "A", "阿三", "13800000009"),
        slip("03-03 09:06", "2.1", "B", "阿四", "13800000008"),
    )  # fmt: skip
    own = event("03-04 09:00", 0, 1, FindingMade(claims=("1.1", "1.2"), answer="same"))
    unknown = event("03-04 09:00", 0, 2, FindingMade(claims=("1.1", "9.9"), answer="same"))
    register = settle([*events, own, unknown], DEFAULT, at("03-05 12:00"))
    assert set(statuses(register).values()) == {"upheld"}


def test_a_finding_of_one_day_goes_to_the_manager_and_a_duty_record_is_no_claim() -> None:
    """The same comparison as for slips: days, not minutes; other facts of the journal pass by."""
    events = looked_at(slip("03-02 09:10", "1.1", "A"), slip("03-02 16:05", "2.1", "B", "阿三", "13800000009"))
    found = event("03-04 09:00", 0, 1, FindingMade(claims=("1.1", "2.1"), answer="same"))
    duty = event("03-02 09:00", 1, 50, DutyOpened(clerk="K", office="office1"))
    register = settle([*events, found, duty], DEFAULT, at("03-05 12:00"))
    assert statuses(register) == {"1.1": "with_manager", "2.1": "with_manager"}
    assert register.same_day[0].edges == (("1.1", "2.1"),)


def test_a_question_about_the_name_waits_for_a_person_who_may_answer_either_way() -> None:
    """Under `query_first` an equal name alone is neither same nor different until somebody has asked."""
    policies = changed('"presume_same"', '"query_first"')
    events = looked_at(slip("03-02 09:10", "1.1", "A"), slip("03-03 09:05", "2.1", "B", "张三", "13800000009"))
    assert set(statuses(settle(events, policies, at("03-05 12:00"))).values()) == {"with_manager"}
    same = event("03-04 09:00", 0, 1, FindingMade(claims=("1.1", "2.1"), answer="same"))
    assert statuses(settle([*events, same], policies, at("03-05 12:00"))) == {"1.1": "upheld", "2.1": "returned"}
    different = event("03-04 09:00", 0, 1, FindingMade(claims=("1.1", "2.1"), answer="different"))
    assert set(statuses(settle([*events, different], policies, at("03-05 12:00"))).values()) == {"upheld"}


def test_a_ruling_reaches_only_claims_that_wait_or_stand() -> None:
    """What was already returned or withdrawn is not revived by a ruling that names it."""
    events = looked_at(slip("03-02 09:10", "1.1", "A"), slip("03-02 16:05", "2.1", "B"))
    withdrawn = event("03-03 09:00", 2, 9, SlipWithdrawn(claim="2.1", salesperson="B"))
    ruling = event("03-03 10:00", 0, 1, RulingMade(claims=("1.1", "2.1"), winner="2.1", clause="二.2.4", ruled_by="M"))
    register = settle([*events, withdrawn, ruling], DEFAULT, at("03-05 12:00"))
    assert statuses(register)["2.1"] == "withdrawn"
    again = event("03-03 11:00", 2, 10, SlipWithdrawn(claim="2.1", salesperson="B"))
    nobody = event("03-03 11:00", 2, 11, SlipWithdrawn(claim="7.7", salesperson="B"))
    assert statuses(settle([*events, withdrawn, again, nobody], DEFAULT, at("03-05 12:00")))["2.1"] == "withdrawn"


def test_a_deal_of_somebody_elses_name_closes_nothing() -> None:
    """A deal closes the closer's own claim on the name of the contract, a blank slip has no name."""
    events = [*looked_at(slip("03-02 09:10", "1.1", "A")), paper("03-02 09:20", "1.2", "A")]
    deal = event("03-04 09:00", 0, 1, DealClosed(deal="D", closer="A", contract_name="李四"))
    assert statuses(settle([*events, deal], DEFAULT, at("03-05 12:00")))["1.1"] == "upheld"


def test_three_same_day_claims_in_a_chain_are_one_case_with_its_edges() -> None:
    """What hangs together stands on one page; each colliding pair is an edge."""
    both = SlipContent(names=("张三", "李四"), phones=("13800000005",))
    middle = slip("03-02 09:20", "2.1", "B")
    middle = middle._replace(fact=with_content(middle, both))
    events = looked_at(slip("03-02 09:10", "1.1", "A"), middle, slip("03-02 09:30", "3.1", "C", "李四", "13800000003"))
    (case,) = settle(events, DEFAULT, at("03-03 12:00")).same_day
    assert case.claims == ("1.1", "2.1", "3.1")
    assert case.edges == (("1.1", "2.1"), ("2.1", "3.1"))
    assert case.day == MONDAY
    ruling = RulingMade(claims=("1.1", "2.1"), winner="2.1", clause="二.2.4", ruled_by="M")
    register = settle([*events, event("03-03 10:00", 0, 1, ruling)], DEFAULT, at("03-03 12:00"))
    assert statuses(register) == {"1.1": "returned", "2.1": "with_manager", "3.1": "with_manager"}
    gone = event("03-03 09:30", 1, 9, SlipWithdrawn(claim="1.1", salesperson="A"))
    register = settle([*events, gone], DEFAULT, at("03-03 12:00"))
    assert register.claims["2.1"].against == ("3.1",)


def with_content(stamped: Event, content: SlipContent) -> SlipStamped:
    """Return the slip's fact with another content."""
    return msgspec.structs.replace(stamped.fact, content=content)  # type: ignore[return-value]


def test_clauses_that_differ_go_to_the_manager_with_every_reason_kept() -> None:
    """No survivor, or two that differ, is itself an outcome; never "first wins"."""

    def answering(clause: str, status: Status) -> Verdict:
        reason = Reason(clause, say("停"), say("停"), ("1",))
        return Verdict(clause, status, reason, against=("2",))

    refused, returned = answering("一.1", Status.REFUSED), answering("二.2.1", Status.RETURNED)

    def weighed(*verdicts: Verdict, **beats: str) -> tuple[Verdict | None, tuple[Reason, ...]]:
        table: dict[str, tuple[str, ...]] = {f"{rule[0]}.{rule[1:]}": (beaten,) for rule, beaten in beats.items()}
        rules = PrecedenceRules(clause="二.2.1", beats={"二.2.1": (beats.get("last", ""),), **table})
        return weigh(verdicts, replace(shipped(), precedence=rules))

    assert weighed() == (None, ())
    differ, aside = weighed(refused, returned)
    assert differ is not None
    assert (differ.status, differ.against, len(aside)) == (Status.WITH_MANAGER, ("2",), 2)
    beaten, aside = weighed(refused, returned, 一1="二.2.1")
    assert beaten is not None
    assert (beaten.clause, [reason.clause for reason in aside]) == ("一.1", ["二.2.1"])
    each_other, aside = weighed(refused, returned, 一1="二.2.1", last="一.1")
    assert each_other is not None
    assert each_other.status is Status.WITH_MANAGER
    agreeing, _ = weighed(refused, answering("一.2", Status.REFUSED))
    assert agreeing is not None
    assert [reason.clause for reason in agreeing.reasons()] == ["一.1", "一.2"]


def test_who_wins_against_one_claim_has_not_won_against_the_others() -> None:
    """A deal that keeps the customer from a claim found too late leaves an earlier claim of a third person as it is."""

    def weighed(kept_from: tuple[str, ...]) -> tuple[str, list[str]]:
        kept = Verdict("二.2.2", Status.UPHELD, Reason("二.2.2", say("x"), say("x")), over=kept_from)
        lost = Verdict("二.2.1", Status.RETURNED, Reason("二.2.1", say("x"), say("x")), against=("A1", "B1"))
        verdict, aside = weigh([lost, kept], shipped())
        assert verdict is not None
        return verdict.rule, [reason.clause for reason in aside]

    assert weighed(("A1", "B1")) == ("二.2.2", ["二.2.1"])
    assert weighed(("B1",)) == ("二.2.1", ["二.2.2"])


def test_a_refused_slip_names_every_clause_that_refuses_it() -> None:
    """The salesperson mends all at once."""
    stamp = slip("03-02 12:00", "1.1", "A", "", "", stamped_by="A")
    ruling = settle(looked_at(stamp), DEFAULT, at("03-03 12:00")).claims["1.1"]
    assert set(ruling.decision.because()) == {"一.1", "一.2", "一.3"}


@pytest.mark.parametrize(
    ("role", "reason", "time", "status"),
    [
        (Role.SALESPERSON, "", "03-02 09:10", "refused"),  # no role to stamp
        (Role.CONTRACT_OFFICE, "其他", "03-02 18:40", "upheld"),
        (Role.CLERK, "当日成交", "03-02 18:40", "upheld"),  # always admitted (一.9)
    ],
)
def test_who_may_stamp_when(role: Role, reason: str, time: str, status: str) -> None:
    """一.3 and 一.1 as switches read them."""
    stamp = slip(time, "1.1", "A", stamped_by="Q", role=role, exceptional=reason)
    assert statuses(settle(looked_at(stamp), DEFAULT, at("03-03 12:00"))) == {"1.1": status}


def test_without_windows_every_hour_is_open_and_an_exclusive_end_is_outside() -> None:
    """一.1 as data."""
    noon = looked_at(slip("03-02 12:00", "1.1", "A"))
    anytime = changed('windows = ["09:00-10:00", "16:00-17:00"]', "windows = []")
    assert statuses(settle(noon, anytime, at("03-03 12:00"))) == {"1.1": "upheld"}
    ten = looked_at(slip("03-02 10:00", "1.1", "A"))
    assert statuses(settle(ten, changed("end_inclusive = true", "end_inclusive = false"), at("03-03 12:00"))) == {
        "1.1": "refused"
    }


def test_two_logs_of_one_office_are_two_journals() -> None:
    """A record is known by log and sequence number together."""
    first, second = slip("03-02 09:10", "1.1", "A"), slip("03-02 09:20", "1.2", "B", "李四", "13800000002")
    other_life = second._replace(log=LogId(1, 2), seq=1)
    assert set(settle(looked_at(first, other_life), DEFAULT, at("03-03 12:00")).claims) == {"1.1", "1.2"}


def test_an_early_claim_is_never_shortened_by_a_launch() -> None:
    """六.3: the ordinary lease of an early slip outlives a launch that lies before it."""
    ruling = settle(looked_at(slip("03-02 09:10", "1.1", "A")), DEFAULT, at("03-03 12:00")).claims["1.1"]
    assert ruling.valid_until == date(2026, 3, 12)
    assert msgspec.structs.replace(ruling.decision, provisional=True) != ruling.decision


def test_a_finding_that_two_are_the_same_adds_nothing_to_what_their_fields_say() -> None:
    """Name or contact alike already decide from the start; the finding only confirms it."""
    events = looked_at(slip("03-02 09:10", "1.1", "A"), slip("03-03 09:10", "2.1", "B", phone="13900000002"))
    found = event("03-04 09:00", 0, 1, FindingMade(claims=("1.1", "2.1"), answer="same"))
    for facts in (events, [*events, found]):
        register = settle(facts, DEFAULT, at("03-05 12:00"))
        assert statuses(register) == {"1.1": "upheld", "2.1": "returned"}
        assert register.claims["2.1"].decision.because() == ("二.2.1", "二.1.3")


def test_a_claim_handed_on_twice_is_marked_once() -> None:
    """What a ruling is marked with says that it happened, not how often."""
    stamped = slip("03-02 09:10", "1.1", "A")
    to_c = event("03-05 10:00", 0, 1, Transferred(giver="A", to="C", claims=("1.1",)))
    to_b = event("03-06 10:00", 0, 2, Transferred(giver="C", to="B", claims=("1.1",)))
    ruling = settle([*looked_at(stamped), to_c, to_b], DEFAULT, at("03-07 12:00")).claims["1.1"]
    assert (ruling.salesperson, ruling.flags) == ("B", ("transferred",))
