"""What people owe (一.4): slips that nobody entered, slips that did not go back."""

from __future__ import annotations

from shared_rules.facts import DisputeFiled, SlipAmended, SlipContent, SlipReturned
from shared_rules.settlement import Settlement, settle
from tests.builders import DEFAULT, at, entered, event, slip


def test_a_slip_that_ran_out_before_it_was_entered_has_lapsed() -> None:
    """Nobody owns a customer by a slip whose days are over, and the clerk still owes the second look."""
    stamped = slip("03-02 09:10", "1.1", "A")
    register = settle([stamped], DEFAULT, at("03-13 12:00"))
    assert register.claims["1.1"].decision.status == "lapsed"
    assert register.duties.overdue_entries == ("1.1",)
    assert settle([stamped], DEFAULT, at("03-12 12:00")).claims["1.1"].decision.status == "awaiting_entry"


def test_a_slip_that_waits_for_the_manager_must_be_entered_too() -> None:
    """A collision of one day excuses nobody from the second look within 24 hours."""
    facts = [slip("03-02 09:10", "1.1", "A"), slip("03-02 09:20", "2.1", "B"), entered("03-02 09:30", "2.1")]
    register = settle(facts, DEFAULT, at("03-04 09:00"))
    assert {ruling.decision.status.value for ruling in register.claims.values()} == {"with_manager"}
    assert register.duties.overdue_entries == ("1.1",)


def test_an_amendment_that_was_refused_goes_back_too() -> None:
    """The claim stands with its old content, but the amendment's own slip is owed to its salesperson."""
    other = SlipContent(names=("李四",), phones=("13800000002",))
    amended = SlipAmended(slip="2.2", claim="2.1", salesperson="B", stamped_by="K", content=other)
    facts = [
        slip("03-02 09:10", "1.1", "A", name="李四", phone="13800000002"), entered("03-02 09:15", "1.1"),
        slip("03-02 09:20", "2.1", "B"), entered("03-02 09:30", "2.1"),
        event("03-03 09:10", 2, 2, amended),
    ]  # fmt: skip
    assert settle(facts, DEFAULT, at("03-04 09:05")).duties.overdue_returns == ()
    late = settle(facts, DEFAULT, at("03-04 09:11"))
    assert late.acts["2.2"].decision.status == "refused"
    assert late.duties.overdue_returns == ("2.2",)
    back = event("03-04 16:00", 2, 3, SlipReturned(slip="2.2", returned_by="K", note="acknowledged"))
    assert settle([*facts, back], DEFAULT, at("03-05 12:00")).duties.overdue_returns == ()


def test_one_dispute_is_told_by_its_number_as_the_whole_register_tells_it() -> None:
    """三.1: filed on the day of the signed note or later; a number that nobody filed is none."""
    back = event("03-04 09:30", 2, 3, SlipReturned(slip="2.1", returned_by="B", note="acknowledged"))
    facts = [
        slip("03-02 09:10", "1.1", "A"), slip("03-03 09:20", "2.1", "B"), back,
        event("03-04 17:30", 2, 4, DisputeFiled(dispute="Q1", claims=("2.1", "1.1"), by="B")),
        event("03-05 09:00", 2, 5, DisputeFiled(dispute="Q2", claims=("2.1",), by="B")),
    ]  # fmt: skip
    settlement = Settlement(DEFAULT)
    settlement.begin(facts, at("03-05 12:00"))
    told = [settlement.dispute("Q1"), settlement.dispute("Q2")]
    assert [(one.state, one.late) for one in told if one] == [("filed", ()), ("filed", ("B",))]
    assert tuple(told) == settlement.register().disputes
    assert settlement.dispute("Q3") is None
