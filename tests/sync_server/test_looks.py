"""五: a look takes a leader's leave, which is somebody's, for one customer, once and not for long."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner

from kiosk.cli import Words
from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import LookApproved, LookAsked, Role
from shared_rules.interval import HOUR
from sync_server.cli import server
from sync_server.looks import Look
from sync_server.sessions import Visitor
from tests.sync_server.conftest import NINE, House, rebuilt

LEADER = Visitor("L", "人L", (Role.LEADER,), "session")
PASSWORD = "a long password"


@pytest.fixture
def led(town: House) -> House:
    """Return a town with a leader, an auditor, and one slip of a customer."""
    town.person("L", Role.LEADER, password=PASSWORD)
    town.person("S", Role.AUDITOR)
    town.kiosks[0].stamp(NINE, by="A", name="张三", phone="13800000001")
    town.push(town.kiosks[0])
    return town


def approve(house: House, **changes: str) -> str:
    """Return the number of an approval for S to look at the customer of east-1-1."""
    asked = {"requester": "S", "claim": "east-1-1", "purpose": "核对佣金"} | changes
    return house.service.looks.approve(LEADER, asked["requester"], asked["claim"], purpose=asked["purpose"])


def audited(house: House) -> list[tuple[str, str, str]]:
    """Return who did what with which outcome, as far as it is about looks."""
    with house.store.snapshot() as tx:
        rows = tx.rows("SELECT person, act, outcome FROM audit WHERE act LIKE '%look' ORDER BY number")
    return [(row["person"], row["act"], row["outcome"]) for row in rows]


def test_an_approval_lets_its_bearer_look_once(led: House) -> None:
    """The second time it is refused, and both stand in the log and in the audit, also after a restart."""
    number = approve(led)
    house = rebuilt(led)
    assert house.service.looks.take("S", number) == Look("east-1-1", "L", "核对佣金")
    with pytest.raises(RefusedError, match="没有公司领导批准") as refused:
        rebuilt(house).service.looks.take("S", number)
    assert refused.value.clause == "五"
    after = rebuilt(house)
    assert audited(after) == [("L", "approve_look", "allowed"), ("S", "look", "allowed"), ("S", "look", "refused")]
    facts = [event.fact for event in after.service.library.archive.read().events]
    assert [type(fact) for fact in facts if isinstance(fact, LookApproved | LookAsked)] == [
        LookApproved,
        LookAsked,
        LookAsked,
    ]


def test_what_is_not_good_opens_nothing_and_is_kept(led: House) -> None:
    """Another person's, a made-up one, a number with one digit changed."""
    number = approve(led)
    for person, wrong in (("M", number), ("S", "1-000000000000"), ("S", number[:-1] + "g"), ("S", ""), ("S", "五")):
        with pytest.raises(RefusedError):
            led.service.looks.take(person, wrong)
    assert [outcome for _, act, outcome in audited(led) if act == "look"] == ["refused"] * 5
    assert led.service.looks.take("S", number).claim == "east-1-1"


def test_an_approval_runs_out(led: House) -> None:
    """A day is the longest; the last instant still counts."""
    first = approve(led)
    led.source.now += 24 * HOUR
    assert led.service.looks.take("S", first).by == "L"
    second = approve(led)
    led.source.now += 24 * HOUR + 1
    with pytest.raises(RefusedError, match="过期"):
        led.service.looks.take("S", second)


@pytest.mark.parametrize(
    ("visitor", "says"),
    [
        (replace(LEADER, roles=(Role.MANAGER, Role.OPERATOR)), "只有公司领导"),
        (replace(LEADER, person="S"), "自己的查询"),
    ],
)
def test_only_a_leader_approves_and_nobody_the_own_look(led: House, visitor: Visitor, says: str) -> None:
    """The attempt is on record, the approval is not made."""
    with pytest.raises(RefusedError, match=says):
        led.service.looks.approve(visitor, "S", "east-1-1", purpose="核对")
    assert audited(led) == [(visitor.person, "approve_look", "refused")]
    assert not any(isinstance(event.fact, LookApproved) for event in led.service.library.archive.read().events)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"requester": "nobody"}, "for"), ({"claim": "east-1-9"}, "claim"), ({"purpose": "  "}, "purpose")],
)
def test_an_approval_names_a_person_a_customer_and_a_purpose(led: House, changes: dict[str, str], field: str) -> None:
    """The field that is wrong is named, and nothing is written."""
    with pytest.raises(InputError) as wrong:
        approve(led, **changes)
    assert wrong.value.field == field
    assert audited(led) == []


@pytest.mark.parametrize("hours", [0, 25])
def test_an_approval_lasts_a_day_at_the_most(led: House, hours: int) -> None:
    """Nor less than an hour."""
    with pytest.raises(InputError, match="24"):
        led.service.looks.approve(LEADER, "S", "east-1-1", purpose="核对", hours=hours)


def test_of_one_customer_a_person_holds_one_approval_at_a_time(led: House) -> None:
    """So that a number and the leave that the rules see are the same; once it is used there may be another."""
    first = approve(led)
    with pytest.raises(InputError, match="没有用过"):
        approve(led)
    led.service.looks.take("S", first)
    second = approve(led)
    with pytest.raises(RefusedError):
        led.service.looks.take("S", first)
    assert led.service.looks.take("S", second).by == "L"


def test_without_using_it_up_a_leave_would_be_good_for_ever(led: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage: the look is not written into the log."""
    number = approve(led)
    append = type(led.service.log).append
    monkeypatch.setattr(
        type(led.service.log), "append",
        lambda log, tx, fact, *rest: 0 if isinstance(fact, LookAsked) else append(log, tx, fact, *rest),
    )  # fmt: skip
    led.service.looks.take("S", number)
    assert led.service.looks.take("S", number).by == "L"


def test_the_command_asks_for_the_leaders_own_password(led: House) -> None:
    """A wrong one makes no approval; a right one prints its number, and the session is over."""
    led.store.close()
    where = ["approve-look", "--dir", str(led.config.folder), "--leader", "L", "--for", "S", "--claim", "east-1-1"]
    where += ["--purpose", "核对", "--password-stdin"]
    # the machine's clock is later than the test's slips: the approval is of today
    wrong = CliRunner().invoke(server, where, obj=Words("zh"), input="another password\n")
    assert (wrong.exit_code, "工号或密码不对" in wrong.output) == (2, True)
    right = CliRunner().invoke(server, where, obj=Words("en"), input=f"{PASSWORD}\n")
    assert right.exit_code == 0, right.output
    assert "Approval: " in right.output
    after = rebuilt(led)
    with after.store.snapshot() as tx:
        assert tx.rows("SELECT * FROM sessions WHERE ended_at = 0") == []
