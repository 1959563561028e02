"""Before a deal: who has not reported, what awaits entry, whether there is another claim; never whose, never what."""

from __future__ import annotations

import msgspec
import pytest

from shared_rules.errors import InputError
from shared_rules.interval import HOUR, MINUTE
from shared_rules.protocol import ClearanceAnswer
from sync_server.intake import RevokedError
from sync_server.store import persons
from tests.sync_server.conftest import NINE, House
from tests.sync_server.fakes import FakeKiosk

PHONE = "13800000001"


def reported(town: House, *kiosks: FakeKiosk) -> None:
    """Let kiosks tell everything they have, with a floor of now."""
    for kiosk in kiosks or tuple(town.kiosks):
        town.push(kiosk, floor=town.source.now - 1)


def ask(town: House, kiosk: FakeKiosk, claim: str) -> ClearanceAnswer:
    """Ask as the kiosk's software does."""
    return town.service.clear_to_sign(kiosk.head(), claim)


def test_with_everybody_heard_and_nobody_else_it_is_clear(town: House) -> None:
    """The answer says up to when all have promised."""
    east = town.kiosks[0]
    claim = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    town.source.now = NINE + HOUR
    reported(town)
    answer = ask(town, east, claim)
    assert (answer.status, answer.silent, answer.unentered, answer.other_claim) == ("upheld", (), (), 0)
    assert answer.heard_upto == town.source.now - 1


def test_an_office_that_is_silent_or_behind_is_named(town: House) -> None:
    """An older claim may lie in its journal: silent for minutes, or a head that names more than has arrived."""
    east, west = town.kiosks
    claim = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    reported(town)
    town.source.now = NINE + 6 * MINUTE
    reported(town, east)
    assert ask(town, east, claim).silent == ("west店",)
    west.stamp(NINE, by="B", name="李四", phone="13800000002")
    request = west.push(1, 2)
    town.service.intake.push(west.log, request)
    assert ask(town, east, claim).silent == ("west店",)
    reported(town)
    assert ask(town, east, claim).silent == ()


def test_an_office_that_never_promised_leaves_no_time_up_to_which_all_is_told(town: House) -> None:
    """Nought is said, not now."""
    east = town.kiosks[0]
    claim = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    town.push(east, floor=NINE)
    answer = ask(town, east, claim)
    assert (answer.heard_upto, answer.silent) == (0, ("west店",))


def test_slips_that_await_entry_are_counted_to_their_office(town: House) -> None:
    """Any of them may name this customer."""
    east, west = town.kiosks
    claim = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    west.stamp(NINE, by="B", name="李四", phone="13800000002", entered=False)
    town.source.now = NINE + HOUR
    reported(town)
    assert ask(town, east, claim).unentered == ("west店",)


def test_another_live_claim_is_said_without_whose_or_what(town: House) -> None:
    """The loser learns that there is one; the answer holds no name, number or slip of the other side."""
    east, west = town.kiosks
    mine = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    theirs = west.stamp(NINE + MINUTE, by="B", name="张三", phone=PHONE)
    town.source.now = NINE + HOUR
    reported(town)
    answer = ask(town, east, mine)
    assert (answer.status, answer.other_claim) == ("with_manager", 1)
    text = msgspec.json.encode(answer).decode()
    assert not any(secret in text for secret in (theirs, PHONE, "张三", '"B"'))


def test_a_returned_rival_stands_in_nobodys_way(town: House) -> None:
    """It has lost already."""
    east, west = town.kiosks
    mine = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    west.stamp(NINE + 25 * HOUR, by="B", name="张三", phone=PHONE)
    town.source.now = NINE + 26 * HOUR
    reported(town)
    assert ask(town, east, mine).other_claim == 0


def test_only_the_own_offices_claims_can_be_asked_for(town: House) -> None:
    """Another office's number, or none at all, gives the same answer: no oracle."""
    east, west = town.kiosks
    theirs = west.stamp(NINE, by="B", name="李四", phone="13800000002")
    reported(town)
    for claim in (theirs, "east-1-99", ""):
        with pytest.raises(InputError) as refused:
            ask(town, east, claim)
        assert refused.value.field == "claim"


def test_who_asks_too_often_is_alarmed_and_a_revoked_kiosk_is_answered_nothing(town: House) -> None:
    """Somebody may be trying customers out."""
    east = town.kiosks[0]
    claim = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    reported(town)
    for _ in range(61):
        ask(town, east, claim)
    with town.store.snapshot() as tx:
        sentences = [alarm.sentence.chinese() for alarm in persons.alarms(tx)]
    assert len([one for one in sentences if "试探" in one]) == 1
    town.service.enrolment.revoke(east.log.kiosk, "被盗")
    with pytest.raises(RevokedError):
        ask(town, east, claim)
