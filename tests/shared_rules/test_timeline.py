"""A history replayed event by event ends where the register stands."""

from __future__ import annotations

from datetime import date

import pytest

from shared_rules.caseevents import events_of
from shared_rules.casefile import Case
from shared_rules.interval import day_end
from shared_rules.settlement import settle
from shared_rules.timeline import timeline
from tests.builders import DEFAULT, at
from tests.test_cases import CASES
from tests.worlds import world


@pytest.mark.parametrize("case", [case for case in CASES if len(case.facts) < 20], ids=lambda case: case.id)
def test_the_last_word_of_a_history_is_the_ruling(case: Case) -> None:
    """Each claim of the circle ends as the register has it."""
    events = events_of(case.facts)
    register = settle(events, case.policies, case.as_of)
    for claim in register.claims:
        last = {
            ruling.claim: ruling.decision.status
            for moment in timeline(events, case.policies, claim, case.as_of)
            for ruling in moment.claims
        }
        assert last[claim] is register.claims[claim].decision.status


def test_moments_are_in_order_and_none_is_empty() -> None:
    """What changed nothing for the customer is not told."""
    moments = timeline(world(7), DEFAULT, "1.1", at("03-20 12:00"))
    assert [moment.at for moment in moments] == sorted(moment.at for moment in moments)
    assert all(moment.claims or moment.acts or moment.deals for moment in moments)


def test_a_lapse_is_told_in_the_moment_it_happens() -> None:
    """The first microsecond after the last valid day."""
    (case,) = [case for case in CASES if case.id == "T-1.6-returned"]
    moments = timeline(events_of(case.facts), case.policies, "A1", case.as_of)
    (lapse,) = [moment for moment in moments if moment.told is None]
    assert lapse.at == day_end(date(2026, 3, 12)) + 1
