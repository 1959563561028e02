"""When a ruling is final: every kiosk has been heard for the day, and nothing stamped by then awaits entry."""

from __future__ import annotations

from datetime import date

import msgspec

from shared_rules.decision import Status
from shared_rules.facts import DayClosed, Event, KioskRevoked
from shared_rules.settlement import Settlement, settle
from tests.builders import DEFAULT, at, closed, enrolled, entered, event, floor, paper, slip

NOW = at("03-20 12:00")
MONDAY = date(2026, 3, 2)
TWO_KIOSKS = [enrolled(1), enrolled(2), slip("03-02 09:10", "1.1", "A"), entered("03-02 09:30", "1.1")]
ONE_PROMISE = [*TWO_KIOSKS, floor("03-03 08:00", 1, "03-03 08:00")]
BOTH_PROMISED = [*ONE_PROMISE, floor("03-03 08:00", 2, "03-03 08:00")]


def test_a_ruling_is_not_final_while_a_kiosk_is_unheard_from_for_that_day() -> None:
    """Only the second promise makes it final; until then the silent office is named."""
    unheard = settle(ONE_PROMISE, DEFAULT, at("03-03 09:00")).claims["1.1"].decision
    assert (unheard.provisional, unheard.pending_keys) == (True, ("office:office2",))
    assert not settle(BOTH_PROMISED, DEFAULT, at("03-03 09:00")).claims["1.1"].decision.provisional


def test_nobody_waits_for_the_promise_of_a_kiosk_whose_certificate_was_taken_back() -> None:
    """Days before the revocation are final without it; its own day is not, until somebody has closed it."""
    revoked = event("03-03 10:00", 0, 50, KioskRevoked(kiosk=2, certificate="", reason="stolen"))
    before = settle([*ONE_PROMISE, revoked], DEFAULT, at("03-03 12:00")).claims["1.1"].decision
    assert not before.provisional
    same_day = event("03-02 10:00", 0, 50, KioskRevoked(kiosk=2, certificate="", reason="stolen"))
    held = settle([*ONE_PROMISE, same_day], DEFAULT, at("03-03 12:00")).claims["1.1"].decision
    assert held.pending_keys == ("office:office2",)
    closing = closed("03-03 11:00", 2, MONDAY, 0)
    assert not settle([*ONE_PROMISE, same_day, closing], DEFAULT, at("03-03 12:00")).claims["1.1"].decision.provisional


def test_a_ruling_is_not_final_while_a_slip_stamped_by_then_awaits_entry() -> None:
    """The paper slip could be the same customer: it is named until its content is entered."""
    held = [*BOTH_PROMISED, paper("03-02 16:10", "2.1", "B")]
    waiting = settle(held, DEFAULT, at("03-03 09:00"))
    assert waiting.claims["1.1"].decision.provisional
    assert waiting.claims["1.1"].decision.pending_keys == ("entry:2.1",)
    assert waiting.claims["2.1"].decision.status is Status.AWAITING_ENTRY


def test_what_awaits_entry_is_known_by_slip_and_office() -> None:
    """Asked before a deal: any of these may name the customer; other pools are not meant."""
    settlement = Settlement(DEFAULT)
    settlement.begin([*TWO_KIOSKS, paper("03-02 16:10", "2.1", "B")], at("03-03 09:00"))
    assert settlement.unentered("p") == {"2.1": "office2"}
    assert settlement.unentered("q") == {}


def test_a_day_closed_without_an_office_is_final_without_it() -> None:
    """The manager's signature replaces the promise of a dark office."""
    base = [enrolled(1), enrolled(2), slip("03-02 09:10", "1.1", "A"), entered("03-02 09:30", "1.1")]
    closing = closed("03-04 10:00", 1, MONDAY, 1)
    without = closing._replace(fact=replace_without(closing))
    register = settle([*base, without], DEFAULT, at("03-04 12:00"))
    assert not register.claims["1.1"].decision.provisional


def replace_without(closing: Event) -> DayClosed:
    """Return the closing as one that went without the second office."""
    return msgspec.structs.replace(closing.fact, without=("office2",))  # type: ignore[return-value]


def test_a_stamp_during_the_day_says_nothing_new_of_the_others() -> None:
    """While the offices may still stamp, a slip that awaits entry is not named in every ruling of its day.

    Sabotage: naming each waiting slip at once would give every ruling of the day again with every stamp.
    """
    settlement = Settlement(DEFAULT)
    settlement.begin(TWO_KIOSKS, at("03-02 10:00"))
    changes = settlement.apply([slip("03-02 09:40", "2.1", "B", "李四", "13800000002")], at("03-02 10:00"))
    assert set(changes.claims) == {"2.1"}
    ruling = settlement.ruling("1.1")
    assert ruling is not None
    assert ruling.decision.pending_keys == ("office:office1", "office:office2")
