"""A kiosk whose certificate was taken back is out at once; one code lets it in again, with a new key."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import DayClosed, KioskRevoked
from shared_rules.interval import DAY, HOUR, day_end, day_of
from sync_server.intake import Gap, Pushed, Revoked, RevokedError
from sync_server.store import certificates, persons
from tests.sync_server.conftest import NINE, House
from tests.sync_server.fakes import FakeKiosk

PHONE = "13800000001"


def alarms(town: House) -> str:
    """Return what the operator is told, in Chinese."""
    with town.store.snapshot() as tx:
        return "\n".join(alarm.sentence.chinese() for alarm in persons.alarms(tx))


def withheld(town: House, kiosk: FakeKiosk) -> int:
    """Return how many records of a kiosk lie there as evidence only."""
    with town.store.snapshot() as tx:
        return certificates.withheld(tx, kiosk.log.kiosk)


def enrolled_again(town: House, kiosk: FakeKiosk) -> FakeKiosk:
    """Return the machine with a new key and certificate and a new life of its journal."""
    code = town.service.enrolment.make_code_again(kiosk.log.kiosk, os.urandom)
    again = FakeKiosk(ec.generate_private_key(ec.SECP256R1()), inc=kiosk.inc + 1)
    again.answer = town.service.enrolment.enrol(again.request(code))
    return again


def test_a_revoked_kiosk_is_acknowledged_nothing_and_told_nothing(town: House) -> None:
    """Push, feed and history are all refused from the same moment; the others go on."""
    east, west = town.kiosks
    town.push(east)
    town.service.enrolment.revoke(east.log.kiosk, "被盗")
    east.stamp(NINE, by="A", name="张三", phone=PHONE)
    assert isinstance(town.push(east), Revoked)
    for verb in (
        lambda: town.service.office_of(east.head()),
        lambda: town.service.history(east.head(), east.log, 0),
    ):
        with pytest.raises(RevokedError):
            verb()
    west.stamp(NINE, by="B", name="李四", phone="13800000002")
    assert isinstance(town.push(west), Pushed)
    town.settle(NINE + HOUR)
    assert set(town.rulings("east", "west")) == {"west-2-1"}


def test_what_a_revoked_kiosk_sends_is_kept_as_evidence_and_alarmed_once(town: House) -> None:
    """Nothing is thrown away: slips stamped before the theft may be among it; rubbish without its signature is."""
    east = town.kiosks[0]
    town.service.enrolment.revoke(east.log.kiosk, "被盗")
    east.stamp(NINE, by="A", name="张三", phone=PHONE)
    for _ in range(2):
        town.push(east)
    assert withheld(town, east) == len(east.entries)
    assert alarms(town).count("又来联系") == 1
    assert "被盗" in alarms(town)
    thief = FakeKiosk(answer=east.answer, inc=5)
    thief.genesis(NINE)
    forged = east.push()
    town.service.intake.push(east.log, type(forged)(head=forged.head, entries=thief.entries))
    assert withheld(town, east) == len(east.entries)


def test_nobody_waits_for_a_revoked_kiosk(town: House) -> None:
    """Its office's days are closed when they are over, and the rulings of the pool become final without it."""
    east, west = town.kiosks
    slip = west.stamp(NINE, by="B", name="李四", phone="13800000002")
    town.push(west)
    town.push(east)
    town.service.enrolment.revoke(east.log.kiosk, "报废")
    town.push(west, floor=day_end(day_of(NINE)) + HOUR)
    town.settle(NINE + DAY)
    assert town.rulings("west")[slip] == ("upheld", "")
    closed = [
        fact for event in town.service.reconciler.archive.read().events if isinstance(fact := event.fact, DayClosed)
    ]
    assert {fact.office for fact in closed} == {"east", "west"}


def test_a_slip_that_comes_after_its_day_was_closed_without_the_kiosk_is_late(town: House) -> None:
    """The found machine is let in again: its old slip is heard, and flips nothing that was final."""
    east, west = town.kiosks
    older = east.stamp(NINE - DAY, by="A", name="张三", phone=PHONE)
    newer = west.stamp(NINE, by="B", name="张三", phone=PHONE)
    town.push(west)
    town.service.enrolment.revoke(east.log.kiosk, "被盗")
    town.push(west, floor=NINE + 2 * DAY)
    town.settle(NINE + 2 * DAY)
    assert town.rulings("west")[newer] == ("upheld", "")
    again = enrolled_again(town, east)
    request = east.push()
    old_life = again.head_of(east)
    assert isinstance(town.service.intake.push(east.log, type(request)(head=old_life, entries=east.entries)), Pushed)
    town.settle(NINE + 2 * DAY + HOUR)
    assert town.rulings("east")[older][0] == "late"
    assert town.rulings("west")[newer] == ("upheld", "")


def test_a_kiosk_let_in_again_has_another_key_and_its_old_one_counts_no_more(town: House) -> None:
    """Also a kiosk that was never revoked: with the new certificate the old one ends."""
    east = town.kiosks[0]
    town.push(east)
    again = enrolled_again(town, east)
    assert again.answer is not None
    assert (again.answer.kiosk, again.answer.lives) == (east.log.kiosk, (east.inc,))
    assert len(again.answer.former) == 1
    again.genesis(NINE)
    assert isinstance(town.push(again), Pushed)
    assert isinstance(town.push(east), Revoked)


def test_it_is_told_how_far_its_slip_numbers_went(town: House) -> None:
    """A reinstalled machine must not give a number twice."""
    east = town.kiosks[0]
    for seq in range(3):
        east.stamp(NINE + seq, by="A", name=f"张{seq}", phone=f"1380000000{seq}")
    town.push(east)
    again = enrolled_again(town, east)
    assert again.answer is not None
    assert again.answer.slips == 3


def test_the_code_is_good_for_one_time_and_for_that_kiosk_only(town: House) -> None:
    """A revoked kiosk stays out until the operator makes a code for it, and each code lets in once."""
    east = town.kiosks[0]
    town.service.enrolment.revoke(east.log.kiosk, "被盗")
    code = town.service.enrolment.make_code_again(east.log.kiosk, os.urandom)
    first = FakeKiosk()
    answer = town.service.enrolment.enrol(first.request(code))
    assert town.service.enrolment.enrol(first.request(code)) == answer
    with pytest.raises(RefusedError):
        town.service.enrolment.enrol(FakeKiosk().request(code))
    assert answer.kiosk == east.log.kiosk


def test_a_revocation_names_a_kiosk_and_a_reason_and_happens_once(town: House) -> None:
    """The field that is wrong is named; the fact stands in the server's log."""
    revoke = town.service.enrolment.revoke
    for kiosk, reason, field in ((99, "x", "kiosk"), (1, "  ", "reason")):
        with pytest.raises(InputError) as refused:
            revoke(kiosk, reason)
        assert refused.value.field == field
    revoke(1, "被盗")
    with pytest.raises(InputError) as twice:
        revoke(1, "被盗")
    assert twice.value.field == "kiosk"
    facts = [event.fact for event in town.service.reconciler.archive.read().events]
    (fact,) = [fact for fact in facts if isinstance(fact, KioskRevoked)]
    assert (fact.kiosk, fact.reason) == (1, "被盗")


def test_a_server_that_forgets_to_ask_is_caught(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage: a certificate is good for ever."""
    monkeypatch.setattr(certificates, "end_certificate", lambda *_, **__: True)
    east = town.kiosks[0]
    town.service.enrolment.revoke(east.log.kiosk, "被盗")
    assert isinstance(town.push(east), Pushed)
    assert not isinstance(town.push(east, 1), Gap)
