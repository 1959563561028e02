"""A typing mistake put right after the stamp (更正): the time is kept, and it is the version meant that changes."""

from __future__ import annotations

from shared_rules.decision import Status
from shared_rules.facts import Event, SlipAmended, SlipContent, SlipCorrected
from shared_rules.interval import exactly
from shared_rules.settlement import settle
from tests.builders import DEFAULT, at, entered, event, slip

LI, WANG = (
    SlipContent(names=(name,), phones=(phone,)) for name, phone in (("李四", "13800000002"), ("王五", "13800000003"))
)
FIRST = [slip("03-02 09:10", "1.1", "A"), entered("03-02 09:30", "1.1")]
RIVAL = slip("03-05 09:05", "2.1", "B", "王五", "13800000003")


def amends(time: str, seq: int) -> Event:
    """Return the amendment of the claim to Li."""
    return event(time, 1, seq, SlipAmended(slip=f"1.{seq}", claim="1.1", salesperson="A", stamped_by="K", content=LI))


def corrects(number: str) -> Event:
    """Return the correction of a slip to Wang."""
    fact = SlipCorrected(slip=number, content=WANG, corrected_by="K", approved_by="S", reason="typing")
    return event("03-04 11:00", 1, 3, fact)


def test_the_correction_of_an_amendments_slip_corrects_the_claim_and_keeps_the_amendments_time() -> None:
    """The slip in the clerk's hand is the amendment's; the customer it names from now on is the right one."""
    register = settle([*FIRST, amends("03-03 09:10", 2), corrects("1.2"), RIVAL], DEFAULT, at("03-06 12:00"))
    assert register.claims["2.1"].against == ("1.1",)
    assert register.claims["1.1"].effective_at == exactly(at("03-03 09:10"))


def test_the_correction_of_a_version_that_was_amended_since_corrects_nothing() -> None:
    """The old paper is no longer what the claim says."""
    versions = [amends("03-03 09:10", 2), amends("03-04 09:10", 4)]
    register = settle([*FIRST, *versions, corrects("1.2"), RIVAL], DEFAULT, at("03-06 12:00"))
    assert register.claims["2.1"].decision.status is not Status.RETURNED
