"""The manager's pages over ASGI: who gets in, what is shown to whom, and what a ruling needs."""

from __future__ import annotations

import httpx
import pytest

from shared_rules.facts import Role, RulingMade
from shared_rules.interval import DAY, HOUR, MINUTE
from sync_server.console.guard import HEADERS
from sync_server.console.pages import COOKIE
from sync_server.store import cases
from tests.sync_server.conftest import NINE, House

PHONE = "13800000001"
SAME = {"sec-fetch-site": "same-origin"}
PASSWORD = "a long password"


async def login(client: httpx.AsyncClient, number: str = "M", password: str = PASSWORD) -> httpx.Response:
    """Log in as the browser would; the client keeps the cookie."""
    form = {"number": number, "password": password}
    response = await client.post("/console/login", data=form, headers=SAME)
    if COOKIE in response.cookies:
        client.headers["cookie"] = f"{COOKIE}={response.cookies[COOKIE]}"
    return response


def collide(town: House) -> tuple[str, str]:
    """Two salespeople hand in one customer on Monday; return the claims, a case is open."""
    east, west = town.kiosks
    first = east.stamp(NINE, by="A", name="张三", phone=PHONE)
    east.stamp(NINE + 5 * MINUTE, by="A", name="无关客户", phone="13911112222")
    second = west.stamp(NINE + 10 * MINUTE, by="B", name="张三", phone=PHONE)
    for kiosk in town.kiosks:
        town.push(kiosk)
    town.settle(NINE + HOUR)
    return first, second


def audit(town: House) -> list[tuple[str, str, str, str]]:
    """Return (person, act, about, outcome) of everything noted."""
    with town.store.snapshot() as tx:
        rows = tx.rows("SELECT person, act, about, outcome FROM audit ORDER BY number")
    return [(row["person"], row["act"], row["about"], row["outcome"]) for row in rows]


@pytest.mark.parametrize("path", ["/console/", "/console/cases/1"])
async def test_without_a_session_every_page_leads_to_the_login(client: httpx.AsyncClient, path: str) -> None:
    """Nothing of a case is shown to somebody who is not logged in."""
    response = await client.get(path)
    assert (response.status_code, response.headers["location"]) == (303, "/console/login")


async def test_the_cookie_is_for_this_host_https_and_no_script(client: httpx.AsyncClient) -> None:
    """__Host-, Secure, HttpOnly, SameSite=Strict, and only a hash of it in the database."""
    response = await login(client)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-xianhou=")
    assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}


async def test_a_stolen_database_opens_no_session(town: House, client: httpx.AsyncClient) -> None:
    """The table holds a keyed hash of the token."""
    token = (await login(client)).cookies[COOKIE]
    with town.store.snapshot() as tx:
        (row,) = tx.rows("SELECT * FROM sessions")
    assert token not in row.values()
    client.headers["cookie"] = f"{COOKIE}={row['token']}"
    assert (await client.get("/console/")).status_code == 303


@pytest.mark.parametrize("refresh", [True, False], ids=["absolute", "idle"])
async def test_a_session_ends_by_itself(town: House, client: httpx.AsyncClient, refresh: bool) -> None:
    """After 15 idle minutes, and after 12 hours even if it was never idle."""
    await login(client)
    if refresh:
        for _ in range(12 * 6):
            town.source.now += 10 * MINUTE
            assert (await client.get("/console/")).status_code == 200
        town.source.now += MINUTE
    else:
        town.source.now += 16 * MINUTE
    assert (await client.get("/console/")).status_code == 303


async def test_logging_out_ends_the_session_at_the_server(client: httpx.AsyncClient) -> None:
    """Keeping the cookie does not help."""
    await login(client)
    await client.post("/console/logout", headers=SAME)
    assert (await client.get("/console/")).status_code == 303


@pytest.mark.parametrize("number", ["M", "nobody"])
async def test_five_wrong_passwords_lock_a_number_for_a_quarter_of_an_hour(
    town: House, client: httpx.AsyncClient, number: str
) -> None:
    """Even the right password is refused then; a number that nobody has behaves the same."""
    for _ in range(5):
        wrong = await login(client, number, "wrong password")
        assert "工号或密码不对" in wrong.text
    locked = await login(client, number)
    assert (locked.status_code, "15 分钟" in locked.text) == (403, True)
    town.source.now += 16 * MINUTE
    assert (await login(client, number)).status_code == (303 if number == "M" else 403)


async def test_somebody_without_a_password_or_role_gets_nothing(town: House, client: httpx.AsyncClient) -> None:
    """A salesperson with a console password may log in but sees no case, and the look is noted (五)."""
    assert (await login(client, "A", "")).status_code == 403
    collide(town)
    town.person("S", Role.SALESPERSON, password=PASSWORD)
    await login(client, "S")
    refused = await client.get("/console/cases/1")
    assert (refused.status_code, PHONE in refused.text) == (403, False)
    assert ("S", "case", "1", "refused") in audit(town)


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        pytest.param({"sec-fetch-site": "same-origin"}, True, id="our own page"),
        pytest.param({"sec-fetch-site": "same-site"}, False, id="a neighbour under the same domain"),
        pytest.param({"sec-fetch-site": "cross-site"}, False, id="another site"),
        pytest.param({"sec-fetch-site": "none"}, False, id="typed into the address bar"),
        pytest.param({"origin": "https://testserver"}, True, id="an old browser, our own page"),
        pytest.param({"origin": "https://evil.example"}, False, id="an old browser, another site"),
        pytest.param({"origin": "null"}, False, id="a sandboxed frame"),
        pytest.param(
            {"sec-fetch-site": "cross-site", "origin": "https://testserver"}, False, id="the newer header wins"
        ),
        pytest.param({}, False, id="no browser at all"),
    ],
)
async def test_only_our_own_pages_can_act(client: httpx.AsyncClient, headers: dict[str, str], allowed: bool) -> None:
    """The cross-site rule holds for every act, the login included."""
    response = await client.post("/console/login", data={"number": "M", "password": PASSWORD}, headers=headers)
    assert (response.status_code == 303) is allowed


async def test_every_page_carries_the_protective_headers_and_no_script(town: House, client: httpx.AsyncClient) -> None:
    """CSP without inline script, no framing, no caching of customers' data."""
    collide(town)
    await login(client)
    for path in ("/console/login", "/console/", "/console/cases/1", "/console/static/xianhou.css", "/console/cases/9"):
        response = await client.get(path)
        assert {name: response.headers[name] for name in HEADERS} == HEADERS
        assert "<script" not in response.text
        assert "style=" not in response.text


async def test_the_case_shows_both_slips_and_no_other_customer(town: House, client: httpx.AsyncClient) -> None:
    """二.2.4 with 五: the two slips side by side, each person's day by time, of other slips only the number."""
    first, second = collide(town)
    await login(client)
    page = (await client.get("/console/cases/1")).text
    for wanted in (first, second, "人A", "人B", "张三", PHONE, "09:00", "09:10", "09:05", "日报"):
        assert wanted in page
    assert "无关客户" not in page
    assert "13911112222" not in page


async def test_the_audit_row_is_on_the_disk_before_the_register_is_read(town: House, client: httpx.AsyncClient) -> None:
    """五: if the row cannot be written, nothing is shown. Sabotage: a full audit table must hide the case."""
    collide(town)
    await login(client)
    assert PHONE in (await client.get("/console/cases/1")).text
    assert audit(town)[-1] == ("M", "case", "1", "allowed")
    with town.store.transaction() as tx:
        tx.run("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'disk full'); END")
    refused = await client.get("/console/cases/1")
    assert (refused.status_code, PHONE in refused.text) == (503, False)


async def test_before_the_reports_are_in_the_page_says_so(town: House, client: httpx.AsyncClient) -> None:
    """The next day at 09:00 the day's reports are there; until then a hint stands on the page."""
    collide(town)
    await login(client)
    assert "2026-03-03 09:00" in (await client.get("/console/cases/1")).text
    town.source.now = NINE + DAY
    await login(client)
    assert "2026-03-03 09:00" not in (await client.get("/console/cases/1")).text


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"winner": "", "reason": "先联系"}, "请选定一方"),
        ({"winner": "east-9-9", "reason": "先联系"}, "请选定一方"),
        ({"winner": "east-1-1", "reason": "  "}, "请写明判定理由"),
        ({"winner": "east-1-1", "reason": "长" * 2001}, "最多 2000"),
    ],
)
async def test_a_ruling_without_side_or_reason_is_sent_back_with_what_was_typed(
    town: House, client: httpx.AsyncClient, form: dict[str, str], says: str
) -> None:
    """The sentence names the field; nothing is half-ruled and nothing typed is lost."""
    collide(town)
    await login(client)
    response = await client.post("/console/cases/1", data=form, headers=SAME)
    assert (response.status_code, says in response.text) == (422, True)
    assert form["reason"].strip() in response.text
    with town.store.snapshot() as tx:
        assert [row.state for row in cases.cases(tx)] == ["open"]


async def test_a_ruling_is_signed_once_and_reaches_both_offices(town: House, client: httpx.AsyncClient) -> None:
    """The fact names person and session; the loser's office hears of the return; the slips are sealed again."""
    first, second = collide(town)
    await login(client)
    form = {"winner": second, "reason": "B 先约到客户"}
    done = await client.post("/console/cases/1", data=form, headers=SAME)
    assert (done.status_code, done.headers["location"]) == (303, "/console/cases/1")
    again = await client.post("/console/cases/1", data=form | {"winner": first}, headers=SAME)
    assert again.status_code == 409
    events = town.service.reconciler.archive.read().events
    (fact,) = [event.fact for event in events if isinstance(event.fact, RulingMade)]
    with town.store.snapshot() as tx:
        (session,) = tx.rows("SELECT public FROM sessions")
    assert (fact.winner, fact.ruled_by, fact.clause, fact.reason) == (second, "M", "二.2.4", "B 先约到客户")
    assert (fact.claims, fact.losers, fact.session) == ((first, second), (first,), session["public"])
    town.settle(NINE + DAY)
    assert town.told("east", "return")[-1]["slip"] == first
    assert town.rulings("east", "west")[second][0] == "upheld"
    await login(client)
    page = (await client.get("/console/cases/1")).text
    assert ("客户归 人B" in page, PHONE in page) == (True, False)


async def test_nobody_may_win(town: House, client: httpx.AsyncClient) -> None:
    """The manager may find that neither claim holds: both slips go back."""
    collide(town)
    await login(client)
    await client.post("/console/cases/1", data={"winner": "nobody", "reason": "都没有联系"}, headers=SAME)
    town.settle(NINE + DAY)
    statuses = town.rulings("east", "west")
    assert (statuses["east-1-1"][0], statuses["west-2-1"][0]) == ("returned", "returned")


async def test_a_manager_who_is_a_party_cannot_rule(town: House, client: httpx.AsyncClient) -> None:
    """The leader rules then; the page offers no form and the post is refused."""
    town.person("B", Role.SALESPERSON, Role.MANAGER, office="west", password=PASSWORD)
    town.person("L", Role.LEADER, password=PASSWORD)
    first, _ = collide(town)
    await login(client, "B")
    assert "须由公司领导判定" in (await client.get("/console/cases/1")).text
    form = {"winner": first, "reason": "理由"}
    assert (await client.post("/console/cases/1", data=form, headers=SAME)).status_code == 403
    await login(client, "L")
    assert (await client.post("/console/cases/1", data=form, headers=SAME)).status_code == 303


async def test_while_the_clock_is_not_synchronised_nobody_rules(town: House, client: httpx.AsyncClient) -> None:
    """A ruling must bear a time that can be proved."""
    first, _ = collide(town)
    await login(client)
    town.source.bound = None
    refused = await client.post("/console/cases/1", data={"winner": first, "reason": "理由"}, headers=SAME)
    assert (refused.status_code, "时钟未校准" in refused.text) == (503, True)
    with town.store.snapshot() as tx:
        assert [row.state for row in cases.cases(tx)] == ["open"]


async def test_the_pages_speak_the_readers_language(town: House, client: httpx.AsyncClient) -> None:
    """The browser's language, else the reader's own choice, which lasts; an address outside is not followed."""
    english = await client.get("/console/login", headers={"accept-language": "en-GB,en;q=0.9,zh;q=0.5"})
    assert ('lang="en"' in english.text, "Sales manager" in english.text) == (True, True)
    assert "销售部经理" in (await client.get("/console/login", headers={"accept-language": "de"})).text
    form = {"language": "en", "back": "https://evil.example/"}
    chosen = await client.post("/console/language", data=form, headers=SAME)
    assert chosen.headers["location"] == "/console/"
    cookie = chosen.headers["set-cookie"].split(";")[0]
    page = await client.get("/console/login", headers={"accept-language": "zh-CN", "cookie": cookie})
    assert "Sales manager" in page.text


async def test_the_operator_sees_alarms_but_no_case(town: House, client: httpx.AsyncClient) -> None:
    """Machines are the operator's business, customers are not."""
    collide(town)
    town.person("O", Role.OPERATOR, password=PASSWORD)
    kiosk = town.kiosks[0]
    kiosk.append(b"{}", NINE + 30 * MINUTE)
    town.push(kiosk)
    await login(client, "O")
    page = (await client.get("/console/")).text
    assert ("无法采用" in page, "/console/cases/1" in page) == (True, False)
    assert (await client.get("/console/cases/1")).status_code == 403


async def test_what_a_customer_typed_is_shown_as_text(town: House, client: httpx.AsyncClient) -> None:
    """A name with markup stays a name."""
    east, west = town.kiosks
    for kiosk, by in ((east, "A"), (west, "B")):
        kiosk.stamp(NINE, by=by, name="<b>张三</b>", phone=PHONE)
        town.push(kiosk)
    town.settle(NINE + HOUR)
    await login(client)
    page = (await client.get("/console/cases/1")).text
    assert "&lt;b&gt;张三" in page
    assert "<b>张三" not in page
