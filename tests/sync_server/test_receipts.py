"""The public page over ASGI: what it may do, which keys it gives, and what happens with a receipt that is shown."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import msgspec
import pytest

from shared_rules.errors import InputError
from shared_rules.evidence import certificate_digest, open_receipt, sign_record
from shared_rules.interval import MINUTE
from shared_rules.journal import Record, RecordKind
from sync_server.config import Settings, load_config, write_config
from sync_server.pki import public_key_of
from sync_server.receipts import HEADERS, ReceiptPages, _Allowance, alone
from sync_server.store import journals
from tests.sync_server.conftest import NINE, House, rebuilt, running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sync_server.fakes import FakeKiosk

SAME = {"sec-fetch-site": "same-origin"}
PAGE = "https://stamps.example/r/"


def receipt_of(kiosk: FakeKiosk, at: int = NINE) -> bytes:
    """Return the receipt of a new stamp; grade A."""
    kiosk.stamp(at, by="A", name="张三", phone="13800000001", entered=False)
    entry = kiosk.entries[-1]
    return entry.record + entry.signature


def forged(kiosk: FakeKiosk, receipt: bytes) -> bytes:
    """Return another receipt of the same number, signed with the kiosk's own key."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    assert kiosk.answer is not None
    der = x509.load_pem_x509_certificate(kiosk.answer.certificate.encode()).public_bytes(Encoding.DER)
    record = replace(Record.unpack(receipt[:124]), body=bytes(32))
    return record.pack() + sign_record(record, kiosk.key, certificate_digest(der))


def alarms(town: House) -> list[str]:
    """Return the subjects of what somebody must look at."""
    with town.store.snapshot() as tx:
        return [str(row["subject"]) for row in tx.rows("SELECT subject FROM alarms")]


async def show(client: httpx.AsyncClient, receipt: bytes) -> httpx.Response:
    """Post a receipt as the page does."""
    return await client.post("/r/seen", content=receipt, headers=SAME)


# --- the page


async def test_every_part_carries_the_protective_headers_and_no_inline_script(client: httpx.AsyncClient) -> None:
    """Scripts only from here, nothing framed, nothing sent elsewhere; what the page does not have is 404."""
    page = await client.get("/r/")
    assert re.findall(r"<script(?![^>]* src=)", page.text) == []
    assert "style=" not in page.text
    assert "onclick" not in page.text
    for path in ("/r/", *re.findall(r'(?:src|href)="([^":]+)"', page.text), "keys.json"):
        answer = await client.get(path if path.startswith("/") else f"/r/{path}")
        assert (answer.status_code, {name: answer.headers[name] for name in HEADERS}) == (200, HEADERS), path
    assert (await client.get("/r/page.html")).status_code == 404
    assert (await client.get("/r")).headers["location"].endswith("/r/")


async def test_the_saved_page_needs_nothing_but_itself(client: httpx.AsyncClient) -> None:
    """One file: style, scripts and keys inside, and a policy that lets it ask nobody."""
    saved = await client.get("/r/receipt.html")
    assert "attachment" in saved.headers["content-disposition"]
    assert re.findall(r"<(?:script|link)[^>]+(?:src|href)=", saved.text) == []
    assert "connect-src" not in saved.text.partition("<title>")[0]
    assert "default-src 'none'" in saved.text.partition("<title>")[0]


def test_a_server_s_name_cannot_end_the_script_that_holds_the_keys() -> None:
    """`</script>` in a name stays text."""
    text = {
        "page.html": '<title><script src="words.js"></script>',
        "page.css": "",
        "words.js": "",
        "check.js": "",
        "page.js": "",
    }
    page = alone(text, json.dumps({"server": "</script><b>"}).encode())
    assert page.count("</script>") == 2


async def test_the_keys_are_those_of_every_certificate_and_say_which_ended(
    town: House, client: httpx.AsyncClient
) -> None:
    """Kiosk 0 is the server; a revoked one is still there, with the time, without the reason that a person wrote."""
    east, west = town.kiosks
    town.service.enrolment.revoke(west.log.kiosk, "被盗 13800000001")
    answer = await client.get("/r/keys.json")
    keys = answer.json()["keys"]
    assert [key["kiosk"] for key in keys] == [0, east.log.kiosk, west.log.kiosk]
    assert [bool(key["ended_at"]) for key in keys] == [False, False, True]
    assert "被盗" not in answer.text
    assert east.answer is not None
    receipt = receipt_of(east)
    key = public_key_of(east.answer.certificate.encode())
    assert open_receipt(receipt, key, bytes.fromhex(keys[1]["certificate"])).log == east.log
    assert keys[1]["point"].startswith("04")


# --- a receipt is shown


async def test_a_receipt_is_an_upper_bound_even_before_its_journal_arrives(
    town: House, client: httpx.AsyncClient
) -> None:
    """The kiosk is cut off; a phone shows the receipt: its record existed by then, signed into the server's own log."""
    receipt = receipt_of(town.kiosks[0])
    town.source.now = NINE + MINUTE
    answer = await show(client, receipt)
    assert answer.json() == {"latest": NINE + MINUTE + 50_000}
    with town.store.snapshot() as tx:
        (log,) = [state.log for state in journals.logs(tx) if state.log.kiosk == 0]
        entry = journals.entries_after(tx, log, 0, most=99)[-1]
    record = Record.unpack(entry.record)
    assert (record.kind, record.time.hi) == (RecordKind.OTHER, NINE + MINUTE + 50_000)
    assert msgspec.json.decode(entry.body)["receipt"] == Record.unpack(receipt[:124]).digest().hex()
    town.push(town.kiosks[0])
    assert alarms(town) == []


async def test_shown_again_it_is_the_first_time_that_counts(town: House, client: httpx.AsyncClient) -> None:
    """The same answer however often, also after a restart; one row, one record, nothing of who showed it."""
    receipt = receipt_of(town.kiosks[0])
    first = (await show(client, receipt)).json()
    town.source.now += 60 * MINUTE
    assert [(await show(client, receipt)).json() for _ in range(3)] == [first] * 3
    again = rebuilt(town)
    async with running(again.app) as other:
        assert (await show(other, receipt)).json() == first
    with again.store.snapshot() as tx:
        (row,) = tx.rows("SELECT * FROM pockets")
    assert set(row) == {"kiosk", "inc", "seq", "hash", "record", "signature", "latest"}


@pytest.mark.parametrize("first", ["journal", "receipt", "other receipt"])
async def test_a_receipt_that_the_journal_contradicts_is_an_alarm(
    town: House, client: httpx.AsyncClient, first: str
) -> None:
    """The kiosk's key signed two records of one number: whichever is seen first, the second one rings."""
    east = town.kiosks[0]
    receipt = receipt_of(east)
    other = forged(east, receipt)
    if first == "journal":
        town.push(east)
        assert (await show(client, other)).status_code == 200
    elif first == "receipt":
        assert (await show(client, other)).status_code == 200
        town.push(east)
    else:
        assert [(await show(client, one)).status_code for one in (receipt, other)] == [200, 200]
    seq = Record.unpack(receipt[:124]).seq
    assert alarms(town) == [f"pocket {east.log.kiosk}.{east.log.inc}.{seq}"]


@pytest.mark.parametrize(
    ("change", "field"),
    [("flipped", "signature"), ("stranger", "certificate"), ("short", "length"), ("long", "body"), ("noise", "magic")],
)
async def test_what_no_kiosk_signed_is_not_kept(
    town: House, client: httpx.AsyncClient, change: str, field: str
) -> None:
    """400 with the field, and nothing written: the disk cannot be filled by who holds no key."""
    receipt = receipt_of(town.kiosks[0])
    changed = {
        "flipped": receipt[:100] + bytes((receipt[100] ^ 1,)) + receipt[101:],
        "stranger": receipt[:4] + b"\xff\xff" + receipt[6:], "short": receipt[:-1], "long": receipt + b"\0",
        "noise": b"\x00\x00\x00\x00" + receipt[4:],
    }[change]  # fmt: skip
    with town.store.snapshot() as tx:
        before = journals.last_position(tx)
    answer = await show(client, changed)
    assert (answer.status_code, answer.json()) == (400, {"field": field})
    with town.store.snapshot() as tx:
        assert journals.last_position(tx) == before
        assert tx.rows("SELECT 1 FROM pockets") == []


async def test_a_page_of_another_site_cannot_show_receipts(town: House, client: httpx.AsyncClient) -> None:
    """The cross-site rule of all pages."""
    receipt = receipt_of(town.kiosks[0])
    answer = await client.post("/r/seen", content=receipt, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


async def test_a_flood_is_answered_with_429_and_a_quiet_second_lets_ten_in(town: House) -> None:
    """Sixty at once, then ten a second, of everybody together."""
    now = 0.0
    allowance = _Allowance(lambda: now)
    assert [allowance.take() for _ in range(61)] == [True] * 60 + [False]
    now = 1.0
    assert [allowance.take() for _ in range(11)] == [True] * 10 + [False]
    pages = ReceiptPages(town.service, lambda: 0.0)
    pages._allowance._left = 0.0
    request = httpx.Request("POST", "https://testserver/r/seen")
    answer = await pages.seen(request)  # type: ignore[arg-type] # refused before it is read
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")


async def test_while_the_servers_clock_is_wrong_a_receipt_gives_no_bound(
    town: House, client: httpx.AsyncClient
) -> None:
    """It is kept as a witness of the record, with no time."""
    receipt = receipt_of(town.kiosks[0])
    town.source.bound = None
    assert (await show(client, receipt)).json() == {"latest": 0}


# --- the address


def test_kiosks_learn_the_address_and_that_it_is_gone(town: House) -> None:
    """By the feed, once; an office that is opened later, too; without an address nobody is told anything."""
    town.service.settle()
    assert town.told("east", "receipt_page") == []
    settings = msgspec.structs.replace(town.config.settings, public_url="https://stamps.example")
    public = rebuilt(replace(town, config=write_config(town.config.folder, settings)))
    public.office("north")
    for _ in range(3):
        public.service.settle()
    for office in ("east", "west", "north"):
        assert [item["address"] for item in public.told(office, "receipt_page")] == [PAGE]
    private = rebuilt(replace(public, config=write_config(town.config.folder, town.config.settings)))
    private.service.settle()
    assert [item.get("address", "") for item in private.told("east", "receipt_page")] == [PAGE, ""]
    private.store.close()


@pytest.mark.parametrize(
    "address",
    ["http://stamps.example", "https://stamps.example/", "https://a b", "stamps.example", "https://" + "a" * 60,
     "https://stamps.example/?x", "https://stamps.example/#"],
)  # fmt: skip
def test_an_address_that_makes_no_link_is_refused(tmp_path: Path, address: str) -> None:
    """At the start of the server, with the key's name."""
    write_config(tmp_path, Settings(name="x", hosts=("localhost",), public_url=address))
    with pytest.raises(InputError) as caught:
        load_config(tmp_path)
    assert caught.value.field == "public_url"


def test_the_longest_address_still_fits_both_codes(tmp_path: Path) -> None:
    """56 characters, with the page and the number sign: version 11 on paper, 10 on the screen."""
    from kiosk.receipt import modules, qr_rows

    address = "https://" + "a" * 45 + ".cn"
    assert len(address) == 56
    write_config(tmp_path, Settings(name="x", hosts=("localhost",), public_url=address))
    page = load_config(tmp_path).receipt_page
    assert (len(modules(bytes(188), page)), len(qr_rows(bytes(188), page))) == (65, 31)
    assert len(modules(bytes(188), "x" + page)) == 69
