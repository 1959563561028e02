"""An office is dark for a week: nothing is final without it until the sales manager signs, and then nothing flips."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from shared_rules.errors import InputError, RefusedError, UnavailableError
from shared_rules.facts import DayClosed, Role
from shared_rules.interval import DAY, HOUR, day_end, day_of
from sync_server.sessions import Visitor
from tests.sync_server.conftest import NINE, House
from tests.sync_server.test_console import SAME, audit, login

PHONE = "13800000001"
MANAGER = Visitor(person="M", name="人M", roles=(Role.MANAGER,), session="s1")
WEEK = NINE + 7 * DAY


def iso(instant: int) -> str:
    """Return the civil day of an instant."""
    return day_of(instant).isoformat()


def dark_week(town: House) -> tuple[str, str]:
    """Let east stamp on Monday and fall silent, west stamp the same customer on Tuesday; return east's slip, west's."""
    east, west = town.kiosks
    town.push(east)
    first = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    second = west.stamp(NINE + DAY, by="B", name="张三", phone=PHONE)
    town.source.now = WEEK
    town.push(west, floor=day_end(day_of(WEEK)) + HOUR)
    town.settle(WEEK)
    return first, second


def test_without_a_signature_the_week_waits_and_then_the_stamps_decide(town: House) -> None:
    """Nothing is final while the office is dark; back again, the earlier stamp owns, as if it had never been away."""
    first, second = dark_week(town)
    assert town.rulings("west")[second] == ("upheld", "yes")
    town.push(town.kiosks[0], floor=day_end(day_of(WEEK)) + HOUR)
    town.settle(WEEK + HOUR)
    assert town.rulings("east")[first] == ("upheld", "")
    assert town.rulings("west")[second] == ("returned", "")


def test_closed_without_it_the_rulings_are_final_and_its_slips_are_late(town: House) -> None:
    """Back again its claim goes the way of a dispute; what was final stays, and nobody is told anything else."""
    first, second = dark_week(town)
    town.service.closings.close_without(MANAGER, "east", iso(NINE + 2 * DAY), "东店断网，催了三次")
    town.settle(WEEK + HOUR)
    assert town.rulings("west")[second] == ("upheld", "")
    told = len(town.told("west", "ruling"))
    town.push(town.kiosks[0], floor=day_end(day_of(WEEK)) + HOUR)
    town.settle(WEEK + 2 * HOUR)
    assert town.rulings("east")[first] == ("late", "")
    assert town.rulings("west")[second] == ("upheld", "")
    assert len(town.told("west", "ruling")) == told


def test_what_was_held_of_the_office_before_is_not_late(town: House) -> None:
    """The signature names how far its journal was known; a slip that had arrived keeps its rank."""
    east, west = town.kiosks
    first = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    town.push(east)
    second = west.stamp(NINE + DAY, by="B", name="张三", phone=PHONE)
    town.push(west, floor=WEEK)
    town.settle(WEEK)
    town.service.closings.close_without(MANAGER, "east", iso(NINE + DAY), "断网")
    town.settle(WEEK + HOUR)
    assert town.rulings("east")[first] == ("upheld", "")
    assert town.rulings("west")[second] == ("returned", "")


def test_the_signature_stands_in_the_log_with_name_session_and_reason(town: House) -> None:
    """A final ruling without an office is somebody's act."""
    dark_week(town)
    town.service.closings.close_without(MANAGER, "east", iso(NINE), " 断网 ")
    facts = [event.fact for event in town.service.reconciler.archive.read().events]
    (fact,) = [fact for fact in facts if isinstance(fact, DayClosed) and fact.without]
    assert (fact.office, fact.without, fact.closed_by, fact.session) == ("east", ("east",), "M", "s1")
    assert (fact.reason, fact.known) == ("断网", {f"1.{town.kiosks[0].inc}": 1})
    assert audit(town)[-1] == ("M", "close_without", f"east {iso(NINE)}", "done")


@pytest.mark.parametrize(
    ("office", "day", "reason", "field"),
    [
        ("north", iso(NINE), "x", "office"),
        ("east", "昨天", "x", "day"),
        ("east", iso(WEEK), "x", "day"),  # not over
        ("west", iso(NINE), "x", "day"),  # promised by itself
        ("east", iso(NINE), "  ", "reason"),
        ("east", iso(NINE), "长" * 2001, "reason"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_signed(
    town: House, office: str, day: str, reason: str, field: str
) -> None:
    """The field, and what to do instead."""
    dark_week(town)
    with pytest.raises(InputError) as refused:
        town.service.closings.close_without(MANAGER, office, day, reason)
    assert refused.value.field == field
    assert not any(act == "close_without" for _, act, _, _ in audit(town))


def test_only_manager_or_leader_may_and_only_by_a_good_clock(town: House) -> None:
    """A clerk's signature closes nothing, and nobody signs while the time is unknown."""
    dark_week(town)
    clerk = Visitor(person="C", name="人C", roles=(Role.CLERK,), session="s2")
    with pytest.raises(RefusedError):
        town.service.closings.close_without(clerk, "east", iso(NINE), "x")
    town.source.bound = None
    with pytest.raises(UnavailableError):
        town.service.closings.close_without(MANAGER, "east", iso(NINE), "x")


def test_dark_offices_are_those_silent_for_a_day_the_longest_first(town: House) -> None:
    """An office that was never heard from stands on top; one that spoke an hour ago does not stand there."""
    dark_week(town)
    town.office("north")
    town.kiosk("north")
    assert [one.office for one in town.service.dark_offices()] == ["north", "east"]
    town.push(town.kiosks[0])
    assert [one.office for one in town.service.dark_offices()] == ["north"]
    assert town.service.dark_offices()[0].heard_at == 0


def test_a_revoked_kiosk_makes_no_office_dark(town: House) -> None:
    """Nobody waits for it any more."""
    dark_week(town)
    town.service.enrolment.revoke(town.kiosks[0].log.kiosk, "被盗")
    assert town.service.dark_offices() == ()


async def test_the_page_shows_dark_offices_and_takes_the_signature(town: House, client: httpx.AsyncClient) -> None:
    """What is missing is said on the page and what was typed stays; a good form leads back to the list."""
    dark_week(town)
    await login(client)
    page = (await client.get("/console/")).text
    assert "没有联系上的门店" in page
    form = {"office": "east", "day": iso(WEEK), "reason": "断网三天"}
    wrong = await client.post("/console/offices/close", data=form, headers=SAME)
    assert wrong.status_code == 422
    assert "还没有过完" in wrong.text
    assert "断网三天" in wrong.text
    good = await client.post("/console/offices/close", data=form | {"day": iso(NINE)}, headers=SAME)
    assert (good.status_code, good.headers["location"]) == (303, "/console/")
    day_after = (day_of(NINE) + timedelta(days=1)).isoformat()
    english = await client.get("/console/", headers={"cookie": client.headers["cookie"] + "; xianhou-language=en"})
    assert "Offices not heard from" in english.text
    assert day_after not in english.text


async def test_a_clerk_sees_no_dark_offices(town: House, client: httpx.AsyncClient) -> None:
    """It is not their task, and the form refuses them."""
    dark_week(town)
    town.person("K", Role.CLERK, office="east", password="a long password")
    await login(client, "K")
    assert "没有联系上的门店" not in (await client.get("/console/")).text
    form = {"office": "east", "day": iso(NINE), "reason": "x"}
    assert (await client.post("/console/offices/close", data=form, headers=SAME)).status_code == 403


def test_a_closing_that_forgets_what_it_knew_is_caught(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage: a closing that knows everything makes nothing late, and the final owner flips."""
    first, second = dark_week(town)
    monkeypatch.setattr("sync_server.closings._known", lambda _tx, _office: [(town.kiosks[0].log, 10**6)])
    town.service.closings.close_without(MANAGER, "east", iso(NINE + 2 * DAY), "x")
    town.settle(WEEK + HOUR)
    assert town.rulings("west")[second] == ("upheld", "")
    town.push(town.kiosks[0])
    town.settle(WEEK + 2 * HOUR)
    assert town.rulings("west")[second][0] == "returned"
    assert town.rulings("east")[first][0] == "upheld"
