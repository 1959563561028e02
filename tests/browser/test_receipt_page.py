"""A real browser checks receipts: served by the server, and as a file; the vectors, flipped bits, a shown link."""

from __future__ import annotations

import json
import re
import shutil
import signal
import ssl
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from kiosk.receipt import link, to_base45
from shared_rules.protocol import EnrolAnswer
from sync_server import receipts
from tests.browser.house import chromium
from tests.sync_server.conftest import NINE
from tests.sync_server.fakes import FakeKiosk
from tests.vectors import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.system

STATIC = Path(receipts.__file__).parent / "static"
XIANHOU = [sys.executable, "-m", "kiosk.cli", "server"]
PHONE: ViewportSize = {"width": 390, "height": 800}
CHECK = """async ([receipt, key]) => {
  try { return String((await checkReceipt(hex(receipt), [key])).grade); } catch (error) { return error.field; }
}"""


def load(name: str) -> Any:
    """Return a vector file."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@pytest.fixture
def page(tool: Callable[[str], str]) -> Iterator[Page]:
    """Return a page of Debian's chromium; whatever its console complains of fails the test."""
    complaints: list[str] = []
    with chromium(tool("chromium"), complaints, viewport=PHONE) as page:
        yield page
    assert complaints == []


@pytest.fixture
def as_file(page: Page, tmp_path: Path) -> Page:
    """Return the page opened from a folder on the disk, with the vectors' certificate chosen by hand."""
    folder = tmp_path / "page"
    shutil.copytree(STATIC, folder)
    (tmp_path / "kiosk.pem").write_text(load("keys.json")["kiosk"])
    page.goto((folder / "page.html").as_uri())
    page.set_input_files("#pem", tmp_path / "kiosk.pem")
    expect(page.locator("#keys")).to_have_text("公钥：kiosk.pem")
    return page


def key_of(page: Page) -> Any:
    """Return the vectors' key, as the page reads it from the certificate."""
    return page.evaluate("(pem) => keyInPem(pem)", load("keys.json")["kiosk"])


# --- as a file


def test_from_a_file_every_good_vector_holds_and_every_bad_one_names_its_field(as_file: Page) -> None:
    """Cryptography works on file: too; base45, links and 188 bytes; the fields are those that Python names."""
    key = key_of(as_file)
    assert (key["certificate"], key["point"]) == (
        load("keys.json")["certificate_sha256"], load("keys.json")["kiosk_public_point"],
    )  # fmt: skip
    for case in load("receipts.json"):
        assert as_file.evaluate(CHECK, [case["receipt"], key]) == {"A": "1", "B": "2", "C": "3"}[case["grade"]]
        signed = as_file.evaluate(
            "async ([text, key]) => [...await signedBytes(hex(text), fieldsOf(hex(text)), hex(key.certificate))]",
            [case["receipt"], key],
        )
        assert bytes(signed).hex() == case["signed_attributes"]
        for text in (case["base45"], case["link"]):
            as_file.get_by_label("凭证二维码里的文字").fill(text)
            as_file.get_by_role("button", name="核对").click()
            expect(as_file.locator("#answer")).to_have_text("凭证成立")
    named = {case["why"]: as_file.evaluate(CHECK, [case["receipt"], key]) for case in load("bad.json")}
    assert named == {case["why"]: case["named"] for case in load("bad.json")}


def test_from_a_file_a_sample_of_flipped_bits_is_refused(as_file: Page) -> None:
    """Every seventh of the 1,504, over all fields; the receipt itself holds between them."""
    key, good = key_of(as_file), bytes.fromhex(load("receipts.json")[0]["receipt"])
    for bit in range(0, len(good) * 8, 7):
        changed = bytearray(good)
        changed[bit // 8] ^= 1 << bit % 8
        assert not as_file.evaluate(CHECK, [changed.hex(), key]).isdigit(), bit
    assert as_file.evaluate(CHECK, [good.hex(), key]) == "1"


@pytest.mark.parametrize(
    ("guard", "fooled"),
    [('["s", s < 1n || 2n * s >= ORDER],', "n - s: the other half"), ('["magic", ', "byte 0 changed"),
     ("await sha256(receipt.slice(0, RECORD))", "byte 60 changed")],
)  # fmt: skip
def test_a_page_without_one_of_its_checks_is_caught_by_the_vectors(
    page: Page, tmp_path: Path, guard: str, fooled: str
) -> None:
    """Sabotage: a bad vector then holds or is called something else, or a good one holds no longer."""
    folder = tmp_path / "page"
    shutil.copytree(STATIC, folder)
    text = (folder / "check.js").read_text(encoding="utf-8")
    assert guard in text
    instead = {'["magic", ': '["magic", false && '}.get(guard, "" if guard.startswith("[") else "new Uint8Array(32)")
    (folder / "check.js").write_text(text.replace(guard, instead), encoding="utf-8")
    page.goto((folder / "page.html").as_uri())
    key = key_of(page)
    good = load("receipts.json")[0]["receipt"]
    case = next(case for case in load("bad.json") if case["why"] == fooled)
    answers = (page.evaluate(CHECK, [good, key]), page.evaluate(CHECK, [case["receipt"], key]))
    assert answers != ("1", case["named"])


def test_what_is_no_receipt_is_said_in_the_readers_language(as_file: Page) -> None:
    """A text with a fault, a cut link, an empty field, a file that is no certificate, a kiosk whose key is unknown."""
    for text, answer in (("abc", "读不出"), ("x#12", "读不出"), ("", "凭证不成立")):
        as_file.get_by_label("凭证二维码里的文字").fill(text)
        as_file.get_by_role("button", name="核对").click()
        expect(as_file.locator("#answer")).to_have_text(answer)
    as_file.get_by_role("button", name="English").click()
    expect(as_file.locator("#why")).to_have_text("What is wrong: length: a receipt has 188 bytes")
    as_file.set_input_files("#pem", {"name": "x.pem", "mimeType": "text/plain", "buffer": b"nothing"})
    expect(as_file.locator("#why")).to_contain_text("certificate")


def test_every_word_of_the_page_is_there_in_both_languages() -> None:
    """The same places in both, and no name asked for that the list does not have."""
    listed = (STATIC / "words.js").read_text(encoding="utf-8").partition("WORDS = ")[2].rstrip(";\n")
    words = json.loads(re.sub(r",\s*}$", "}", listed))
    for name, (chinese, english) in words.items():
        assert sorted(re.findall(r"\{\w+\}", chinese)) == sorted(re.findall(r"\{\w+\}", english)), name
    asked = re.findall(r'data-say="(\w+)"', (STATIC / "page.html").read_text(encoding="utf-8"))
    asked += re.findall(r'say\("([\w.]+)"', (STATIC / "page.js").read_text(encoding="utf-8"))
    named = {f"field.{case['named']}" for case in load("bad.json")}
    assert {*asked, *named} - set(words) == set()


# --- served


def command(folder: Path, *arguments: str) -> str:
    """Run one server command on a data folder."""
    return subprocess.run(
        [*XIANHOU, *arguments, "--dir", str(folder)], check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, FakeKiosk]]:
    """Return a running training server's address, and a kiosk of it that has stamped and cannot reach it."""
    folder = tmp_path / "data"
    command(folder, "init", "--name", "滨江集团销售部", "--clock", "practice")
    (folder / "practice-clock").write_text(str(NINE))
    command(folder, "office", "add", "east", "--name", "东店", "--pool", "river=滨江花园")
    process = subprocess.Popen(
        [*XIANHOU, "run", "--dir", str(folder), "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"]
    kiosk = FakeKiosk()
    context = ssl.create_default_context(cadata=(folder / "keys" / "ca.pem").read_text())
    with httpx.Client(base_url=url, verify=context) as client:
        ticket = json.loads(command(folder, "enrol-code", "--office", "east", "--json"))
        answer = client.post("/v1/enrol", content=msgspec.json.encode(kiosk.request(ticket["code"])))
        kiosk.answer = msgspec.json.decode(answer.content, type=EnrolAnswer)
    kiosk.genesis(NINE)
    kiosk.stamp(NINE, by="1001", name="李娜", phone="18800000005", entered=False)
    yield url, kiosk
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    process.stdout.close()


def test_a_scanned_link_is_checked_shown_to_the_server_and_the_page_is_saved_for_later(
    page: Page, served: tuple[str, FakeKiosk], tmp_path: Path
) -> None:
    """The salesperson's phone: verdict, kiosk, number, time, by when the server knew; then the same from one file."""
    url, kiosk = served
    receipt = kiosk.entries[-1].record + kiosk.entries[-1].signature
    page.goto(link(receipt, f"{url}/r/"))
    expect(page.locator("#answer")).to_have_text("凭证成立")
    expect(page.locator("#facts")).to_contain_text(f"{kiosk.log.kiosk} 号机")
    expect(page.locator("#facts")).to_contain_text("2026-03-02 09:00:00.000 至 09:00:00.000")
    expect(page.locator("#seen")).to_contain_text("最晚在 2026-03-02 09:00:00")
    page.screenshot(path=tmp_path / "scanned.png", full_page=True)
    found = [box for element in page.locator("body *").all() if (box := element.bounding_box()) is not None]
    assert max(box["x"] + box["width"] for box in found) <= PHONE["width"]
    with page.expect_download() as downloading:
        page.get_by_role("link", name="把本页连同公钥存为一个文件").click()
    saved = tmp_path / "xianhou-receipt.html"
    downloading.value.save_as(saved)
    page.goto(saved.as_uri())
    page.get_by_label("凭证二维码里的文字").fill(to_base45(receipt))
    page.get_by_role("button", name="核对").click()
    expect(page.locator("#answer")).to_have_text("凭证成立")
    expect(page.locator("#seen")).to_be_hidden()
    page.get_by_label("凭证二维码里的文字").fill(load("receipts.json")[0]["base45"])
    page.get_by_role("button", name="核对").click()
    expect(page.locator("#why")).to_contain_text("没有这台柜台机的公钥")
