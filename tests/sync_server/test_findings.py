"""Supervisor and manager find who is who: what they are shown, what a finding needs, and what follows from it."""

from __future__ import annotations

import httpx
import pytest

from shared_rules.facts import FindingMade, Role
from shared_rules.interval import DAY, HOUR
from tests.sync_server.conftest import NINE, House
from tests.sync_server.test_console import PASSWORD, SAME, audit, login
from tests.sync_server.test_questions import FAR, PHONE, TURNED, answer, asked, open_ones, stamp

PAGE = "/console/questions/1"


@pytest.fixture
def hall(town: House) -> House:
    """Return a town with a supervisor."""
    town.person("S", Role.SUPERVISOR, password=PASSWORD)
    return town


def found(town: House) -> list[FindingMade]:
    """Return the findings in the log."""
    events = town.service.reconciler.archive.read().events
    return [event.fact for event in events if isinstance(event.fact, FindingMade)]


async def find(client: httpx.AsyncClient, said: str, reason: str = "两店都问过", known: int = 0) -> httpx.Response:
    """Sign a finding as the page does."""
    form = {"answer": said, "reason": reason, "known": str(known)}
    return await client.post(PAGE, data=form, headers=SAME)


async def test_both_answers_stand_side_by_side_with_what_is_alike(hall: House, client: httpx.AsyncClient) -> None:
    """In the authorised case everything of the two slips is shown: positions and characters too (五)."""
    stamp(hall, ("张伟", PHONE), ("张玮", TURNED))
    answer(hall, 0, asked(hall, "east")[0], NINE + DAY + 2 * HOUR)
    hall.settle(NINE + DAY + 3 * HOUR)
    await login(client, "S")
    assert "身份核对" in (await client.get("/console/")).text
    listed = (await client.get("/console/questions")).text
    assert all(word in listed for word in ("名称和联系方式相近", "1/2 已回答", "east-1-1", "west-2-1"))
    assert PHONE not in listed
    page = (await client.get(PAGE)).text
    for word in ("张伟", "张玮", PHONE, TURNED, "第 2 字", "颠倒", "城西", "还没有回答", "谁的单都没有退"):
        assert word in page, word


async def test_who_does_not_find_sees_nothing_and_the_look_is_noted(hall: House, client: httpx.AsyncClient) -> None:
    """A salesperson with a password; and where the audit row cannot be written, nobody sees anything (五)."""
    stamp(hall, ("张伟", PHONE), ("张玮", TURNED))
    hall.person("P", Role.SALESPERSON, password=PASSWORD)
    await login(client, "P")
    refused = await client.get(PAGE)
    assert (refused.status_code, PHONE in refused.text) == (403, False)
    assert audit(hall)[-1] == ("P", "question", "1", "refused")
    await login(client, "S")
    assert PHONE in (await client.get(PAGE)).text
    assert audit(hall)[-1] == ("S", "question", "1", "allowed")
    with hall.store.transaction() as tx:
        tx.run("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'disk full'); END")
    hidden = await client.get(PAGE)
    assert (hidden.status_code, PHONE in hidden.text) == (503, False)


async def test_found_different_the_returned_slip_stands_again(hall: House, client: httpx.AsyncClient) -> None:
    """The presumption is taken back by a signed finding with its reason and session; the slips are sealed again."""
    one, other = stamp(hall, ("张伟", PHONE), ("张伟", FAR))
    await login(client, "S")
    assert (await find(client, "different")).status_code == 303
    hall.settle(NINE + DAY + 2 * HOUR)
    assert {status for status, _ in hall.rulings("east", "west").values()} == {"upheld"}
    (fact,) = found(hall)
    assert (set(fact.claims), fact.answer, fact.found_by, fact.reason) == ({one, other}, "different", "S", "两店都问过")
    assert fact.session
    await login(client, "S")
    page = (await client.get(PAGE)).text
    assert ("不是同一客户" in page, PHONE in page) == (True, False)
    assert ("S", "finding", "1", "different") in audit(hall)


async def test_a_finding_can_be_taken_back_and_the_victim_stands_again(hall: House, client: httpx.AsyncClient) -> None:
    """Only alike, found to be one: the later slip goes back; found to be two after all: it stands again."""
    one, other = stamp(hall, ("张伟", PHONE), ("张玮", TURNED))
    await login(client, "M")
    await find(client, "same")
    hall.settle(NINE + DAY + 2 * HOUR)
    assert {claim: status for claim, (status, _) in hall.rulings("east", "west").items()} == {
        one: "upheld", other: "returned",
    }  # fmt: skip
    await login(client, "M")
    assert (await find(client, "different", "客户来过，是两个人", known=1)).status_code == 303
    hall.settle(NINE + DAY + 3 * HOUR)
    assert {status for status, _ in hall.rulings("east", "west").values()} == {"upheld"}
    assert [body.get("withdrawn", "") for body in hall.told("west", "return")] == ["", "yes"]
    assert open_ones(hall) == []


@pytest.mark.parametrize(
    ("said", "reason", "says"),
    [
        ("", "两店都问过", "请选是或不是同一客户"),
        ("perhaps", "两店都问过", "请选是或不是同一客户"),
        ("same", "  ", "请写明依据什么查明"),
        ("same", "长" * 2001, "最多 2000"),
    ],
)
async def test_a_finding_without_answer_or_reason_is_sent_back(
    hall: House, client: httpx.AsyncClient, said: str, reason: str, says: str
) -> None:
    """Nothing is written, and nothing typed is lost."""
    stamp(hall, ("张伟", PHONE), ("张玮", TURNED))
    await login(client, "S")
    response = await find(client, said, reason)
    assert (response.status_code, says in response.text) == (422, True)
    assert reason.strip() in response.text
    assert found(hall) == []


async def test_two_people_do_not_find_past_each_other(hall: House, client: httpx.AsyncClient) -> None:
    """The second one's page was older: nothing is signed, the list shows what there is."""
    stamp(hall, ("张伟", PHONE), ("张玮", TURNED))
    await login(client, "S")
    assert (await find(client, "same")).status_code == 303
    assert (await find(client, "different")).status_code == 409
    assert [fact.answer for fact in found(hall)] == ["same"]


async def test_a_party_does_not_find_in_the_own_matter(hall: House, client: httpx.AsyncClient) -> None:
    """A supervisor who also sells; somebody else must find it out."""
    stamp(hall, ("张伟", PHONE), ("张玮", TURNED))
    hall.person("A", Role.SALESPERSON, Role.SUPERVISOR, office="east", password=PASSWORD)
    await login(client, "A")
    page = await client.get(PAGE)
    assert ("您自己是一方" in page.text, "签署结论" in page.text) == (True, False)
    assert (await find(client, "different")).status_code == 403
    assert found(hall) == []


async def test_past_the_time_the_page_says_what_stands(hall: House, client: httpx.AsyncClient) -> None:
    """二.1.3: without answers the presumption stands; what is only alike waits for a person and nobody is returned."""
    stamp(hall, ("张伟", PHONE), ("张伟", FAR))
    hall.settle(NINE + 2 * DAY)
    await login(client, "S")
    assert "推定照旧成立" in (await client.get(PAGE)).text
    assert "已过时限" in (await client.get("/console/questions")).text


async def test_a_question_that_is_none_is_said_to_be_none(client: httpx.AsyncClient) -> None:
    """The number in the address was typed."""
    await login(client, "M")
    assert (await client.get("/console/questions/7")).status_code == 404
