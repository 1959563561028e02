"""五: a leader finds the number of a slip by a name or a telephone number, and learns nothing else of it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from kiosk.cli import Words
from shared_rules.errors import InputError, RefusedError
from shared_rules.facts import CustomerKind, Role, SlipContent
from shared_rules.interval import DAY, HOUR
from sync_server.cli import server
from sync_server.searching import Found
from sync_server.sessions import Visitor
from tests.sync_server.conftest import NINE, House, rebuilt

LEADER = Visitor("L", "人L", (Role.LEADER,), "session")
PASSWORD = "a long password"
PHONE = "13812345678"


@pytest.fixture
def searched(town: House) -> House:
    """Return a town with a leader and three slips: one long lapsed, one alike, one of somebody else."""
    town.person("L", Role.LEADER, password=PASSWORD)
    east, west = town.kiosks
    east.stamp(NINE, by="A", name="张小伟", phone=PHONE)
    west.stamp(NINE + 20 * DAY, by="B", name="张小伟", phone="15812340000")
    west.stamp(NINE + 20 * DAY + HOUR, by="B", name="欧阳静", phone="15900001111")
    for kiosk in town.kiosks:
        town.push(kiosk)
    town.settle(NINE + 20 * DAY + 2 * HOUR)
    return town


def find(house: House, *, name: str = "", phone: str = "", visitor: Visitor = LEADER) -> tuple[Found, ...]:
    """Search for a person."""
    content = SlipContent(names=(name,) if name else (), phones=(phone,) if phone else ())
    return house.service.searches.find(visitor, "river", content)


def audited(house: House) -> list[tuple[str, str, str]]:
    """Return who searched for what with which outcome."""
    with house.store.snapshot() as tx:
        rows = tx.rows("SELECT person, about, outcome FROM audit WHERE act = 'find_slips' ORDER BY number")
    return [(row["person"], row["about"], row["outcome"]) for row in rows]


def test_a_lapsed_slip_and_one_that_is_alike_are_found_and_nobody_elses(searched: House) -> None:
    """The surest first, with the kind of likeness in words that hold no part of the slip."""
    found = find(searched, name="张小伟", phone=PHONE)
    assert [(one.claim, one.same) for one in found] == [("east-1-1", True), ("west-2-1", False)]
    assert [one.alike.chinese() for one in found] == ["名称和联系方式相近", "名称相近"]
    assert audited(searched) == [("L", "river 张** 138****5678", "allowed")]


@pytest.mark.parametrize(
    ("name", "phone", "wanted"),
    [
        ("张小伟", "", ["east-1-1", "west-2-1"]), ("", "138 1234 5678", ["east-1-1"]),
        ("欧阳静", "", ["west-2-2"]), ("李四", "13500000000", []),
    ],
)  # fmt: skip
def test_a_name_or_a_number_alone_will_do(searched: House, name: str, phone: str, wanted: list[str]) -> None:
    """Typed as people type; what is nobody's finds nothing."""
    assert sorted(one.claim for one in find(searched, name=name, phone=phone)) == wanted


def test_a_unit_is_found_by_its_trading_name(searched: House) -> None:
    """The legal form makes no difference, and a person of that name is not the unit."""
    unit = SlipContent(
        kind=CustomerKind.COMPANY, company="杭州云栖科技有限公司", contact="王芳", phones=("0571-88880000",)
    )
    searched.kiosks[0].slip(searched.kiosks[0].number(), NINE + 20 * DAY, by="A", content=unit)
    searched.push(searched.kiosks[0])
    searched.settle(NINE + 20 * DAY + 3 * HOUR)
    wanted = SlipContent(kind=CustomerKind.COMPANY, company="杭州云栖科技公司")
    (found,) = searched.service.searches.find(LEADER, "river", wanted)
    assert found.claim.startswith("east-1-")
    assert audited(searched)[-1][1] == "river 杭***"


def test_only_a_leader_searches_and_the_try_is_kept(searched: House) -> None:
    """The operator and the manager are refused; the clause is named."""
    for role in (Role.MANAGER, Role.AUDITOR):
        with pytest.raises(RefusedError, match="只有公司领导") as refused:
            find(searched, name="张小伟", visitor=Visitor("M", "人M", (role,), "session"))
        assert refused.value.clause == "五"
    assert [outcome for _, _, outcome in audited(searched)] == ["refused"] * 2


@pytest.mark.parametrize(("name", "phone", "pool", "field"), [
    ("王先生", "", "river", "name"), ("张小伟", "", "hill", "pool"),
])  # fmt: skip
def test_what_finds_nothing_by_its_form_is_said(searched: House, name: str, phone: str, pool: str, field: str) -> None:
    """A surname, a development that is none: refused by name, no trace of a search that was none."""
    content = SlipContent(names=(name,) if name else (), phones=(phone,) if phone else ())
    with pytest.raises(InputError) as wrong:
        searched.service.searches.find(LEADER, pool, content)
    assert wrong.value.field == field
    assert audited(searched) == []


def test_an_erased_customer_is_found_no_more(searched: House) -> None:
    """The index forgets whom the register forgot."""
    for day in (30, 50):
        searched.settle(NINE + day * DAY)
        for kiosk in searched.kiosks:
            searched.push(kiosk, len(kiosk.entries), floor=NINE + day * DAY)
        searched.settle()
    erasure = rebuilt(searched).service.erasure
    erasure.erase(erasure.plan("east-1-1"), "本人要求")
    again = rebuilt(searched)
    again.settle()
    assert [one.claim for one in find(again, name="张小伟", phone=PHONE)] == ["west-2-1"]


def test_the_command_asks_for_the_leaders_own_password(searched: House) -> None:
    """A wrong one finds nothing; a right one prints numbers in either language, for people or machines."""
    searched.store.close()
    where = ["find-slips", "--dir", str(searched.config.folder), "--leader", "L", "--pool", "river", "--password-stdin"]
    where += ["--name", "张小伟", "--phone", PHONE]
    wrong = CliRunner().invoke(server, where, obj=Words("zh"), input="another password\n")
    assert (wrong.exit_code, "工号或密码不对" in wrong.output) == (2, True)
    told = CliRunner().invoke(server, where, obj=Words("en"), input=f"{PASSWORD}\n")
    assert told.output.splitlines() == [
        "east-1-1  the same customer (name and contact alike)",
        "west-2-1  for a person to decide (name alike)",
        "2 in all; to see one of them, give leave by approve-look",
    ]
    rows = CliRunner().invoke(server, [*where, "--json"], obj=Words("en"), input=f"{PASSWORD}\n")
    assert [row["claim"] for row in json.loads(rows.output)] == ["east-1-1", "west-2-1"]
    none = CliRunner().invoke(server, [*where[:-4], "--unit", "云栖科技"], obj=Words("zh"), input=f"{PASSWORD}\n")
    assert "没有找到" in none.output
