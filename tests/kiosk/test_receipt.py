"""The receipt in a pocket: base45, the QR on a terminal, plain lines, and the command that checks it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import segno
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from kiosk.cli import Words
from kiosk.cli.receipt import receipt as command
from kiosk.receipt import QR_ROWS, from_base45, link, qr_rows, receipt_in, receipt_lines, to_base45
from kiosk.receipt import modules as on_paper
from kiosk.words import LEXICON
from shared_rules.errors import EvidenceError, InputError, UnavailableError, WireError, XianhouError
from shared_rules.facts import Grade
from tests.certificates import Issued
from tests.stamps import STAMP, stamp, stamped

if TYPE_CHECKING:
    from collections.abc import Callable

CA = Issued.authority()
KIOSK = CA.kiosk()
RECEIPT = stamped(STAMP, KIOSK).receipt


# --- base45 ---


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0"), (b"", "")],
)
def test_base45_is_that_of_rfc_9285(data: bytes, text: str) -> None:
    """The examples of its sections 4.3 and 4.4."""
    assert to_base45(data) == text
    assert from_base45(text) == data


@given(st.binary(max_size=200))
def test_base45_comes_back(data: bytes) -> None:
    """Any bytes survive, even and odd in number."""
    assert from_base45(to_base45(data)) == data


@pytest.mark.parametrize("text", ["GGW", ":::", "::", "B", "bb8", "BB8B", "BB!", "中文字"])
def test_text_that_is_no_base45_is_refused(text: str) -> None:
    """Too large for its bytes, cut off, small letters, foreign characters: the sentence says where."""
    with pytest.raises(WireError, match="请重新扫描"):
        from_base45(text)


# --- QR ---


def modules(rows: tuple[str, ...]) -> list[list[int]]:
    """Return the modules that half blocks draw, without the last empty half row."""
    halves = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
    drawn = [[halves[cell][half] for cell in row] for row in rows for half in (0, 1)]
    return drawn[:-1]


def test_the_qr_fits_31_rows_of_a_terminal_and_draws_every_module() -> None:
    """Version 10-M, border of two: what the half blocks show is exactly the code that segno made."""
    rows = qr_rows(RECEIPT)
    code = segno.make_qr(to_base45(RECEIPT), version=10, error="m", mode="alphanumeric", boost_error=False)
    assert (code.designator, len(rows), {len(row) for row in rows}) == ("10-M", QR_ROWS, {61})
    assert modules(rows) == [[int(module) for module in row] for row in code.matrix_iter(border=2)]


def test_light_ink_draws_the_other_modules() -> None:
    """On a dark terminal without colours the light modules are drawn, the border too."""
    dark, light = qr_rows(RECEIPT), qr_rows(RECEIPT, light_ink=True)
    opposite = str.maketrans(" ▀▄█", "█▄▀ ")
    assert [row.translate(opposite) for row in dark] == list(light)


def test_as_a_link_it_comes_back_whole_and_fits_the_same_rows() -> None:
    """Address in bytes, the receipt in digits: 10-L on a screen, 11-M on paper, where a corner may be torn."""
    page = "https://stamps.example.cn/r/"
    text = link(RECEIPT, page)
    assert text.startswith(page + "#")
    assert len(text.removeprefix(page + "#")) == 453
    assert receipt_in(text) == RECEIPT
    assert receipt_in(link(bytes(188), page)) == bytes(188)
    rows = qr_rows(RECEIPT, page)
    assert (len(rows), {len(row) for row in rows}) == (QR_ROWS, {61})
    parts: Any = [page + "#", text.removeprefix(page + "#")]
    screen = segno.make_qr(parts, version=10, error="l", boost_error=False)
    paper = segno.make_qr(parts, error="m", boost_error=False)
    assert (screen.designator, paper.designator) == ("10-L", "11-M")
    assert modules(rows) == [[int(module) for module in row] for row in screen.matrix_iter(border=2)]
    assert on_paper(RECEIPT, page) == tuple(tuple(map(int, row)) for row in paper.matrix_iter(border=2))


def test_only_a_receipt_becomes_a_qr() -> None:
    """Other bytes would give a QR of another size, and the paper would lie."""
    with pytest.raises(WireError, match="187"):
        qr_rows(RECEIPT[:-1])


# --- plain lines ---


def texts(grade: Grade, language: str = "zh") -> list[str]:
    """Return the lines of a receipt."""
    lines = receipt_lines(stamp(grade), office="东店", slip="E-7-000012", salesperson="1007 李四", clerk="2001 王五")
    return [LEXICON.text(line, "en" if language == "en" else "zh") for line in lines]


def test_the_lines_say_number_people_and_time() -> None:
    """What a salesperson reads at the counter, in the pool's civil time."""
    assert texts(Grade.A) == [
        "东店 客户确认凭证",
        "确认单号：E-7-000012",
        "业务员：1007 李四",
        "确认人员：2001 王五",
        "确认时间：2026-03-02 09:10:01",
    ]


def test_a_time_without_an_anchor_is_not_printed_as_if_it_were_known() -> None:
    """The lower bound of a grade C stamp may be days off: the line asks for the operator instead."""
    assert texts(Grade.C)[-1] == "确认时间：待服务器核定（此机器需管理员处理）"
    assert "operator" in texts(Grade.C, "en")[-1]


@pytest.mark.parametrize("grade", [Grade.A, Grade.B, Grade.C])
def test_staff_words_show_no_grade(grade: Grade) -> None:
    """Grade and doubt stay in the QR and in the case."""
    said = " ".join(texts(grade) + texts(grade, "en"))
    assert not any(word in said for word in ("等级", "grade", "anchor", "锚"))


def test_a_receipt_holds_no_datum_of_the_customer_and_no_salt() -> None:
    """The same name and phone under another salt is another commitment; nothing of either stands in the bytes."""
    from tests.stamps import BODY, SALT

    assert SALT not in RECEIPT
    assert BODY[:16] not in RECEIPT


# --- the command ---


def run(*arguments: str, language: str = "zh") -> Result:
    """Run `xianhou receipt check` in this process; an error of ours stays an exception."""
    return CliRunner().invoke(command, ["check", *arguments], obj=Words("en" if language == "en" else "zh"))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with a receipt in both forms, certificates, and things that are neither."""
    (tmp_path / "receipt.bin").write_bytes(RECEIPT)
    (tmp_path / "receipt.txt").write_text(to_base45(RECEIPT) + "\n", encoding="ascii")
    (tmp_path / "kiosk.pem").write_bytes(KIOSK.pem)
    (tmp_path / "other.pem").write_bytes(CA.kiosk("kiosk-8", secret=8).pem)
    (tmp_path / "no.pem").write_bytes(b"no certificate")
    (tmp_path / "picture.bin").write_bytes(b"\x89PNG" + bytes(300))
    (tmp_path / "short.txt").write_text(to_base45(RECEIPT[:-2]), encoding="ascii")
    return tmp_path


@pytest.mark.parametrize("form", ["receipt.bin", "receipt.txt", "the text itself"])
def test_a_receipt_in_each_form_is_checked(files: Path, form: str) -> None:
    """188 bytes, the QR's text in a file, or the text as a scanner types it."""
    given_as = to_base45(RECEIPT) if form == "the text itself" else str(files / form)
    result = run(given_as, "--certificate", str(files / "kiosk.pem"))
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "凭证成立：签名由此证书的柜台机作出"
    assert "第 12 号" in result.output


def test_without_a_certificate_nothing_is_claimed(files: Path) -> None:
    """Shown is not proved, and the last line says so; in English too."""
    assert run(str(files / "receipt.bin")).output.splitlines()[-1] == "只作查看，未核对签名（没有给出证书）"
    assert "not checked" in run(str(files / "receipt.bin"), language="en").output.splitlines()[-1]


def test_the_qr_is_shown_on_demand(files: Path) -> None:
    """31 rows among the lines."""
    assert qr_rows(RECEIPT)[3] in run(str(files / "receipt.bin"), "--qr").output


def test_an_open_end_is_called_open() -> None:
    """Grade C in plain words; a bound that no calendar has is refused."""
    shown = run(to_base45(stamped(stamp(Grade.C), KIOSK).receipt)).output
    assert "时间不晚于：无上限（未与服务器对时）" in shown
    far = STAMP.pack()[:24] + (2**63 - 2).to_bytes(8, "big") + STAMP.pack()[32:] + bytes(64)
    assert isinstance(run(to_base45(far)).exception, WireError)


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        (("receipt.bin", "--certificate", "other.pem"), EvidenceError, "签名不成立"),
        (("receipt.bin", "--certificate", "no.pem"), InputError, "不是 PEM 证书"),
        (("receipt.bin", "--certificate", "none.pem"), InputError, "读不出文件 none.pem"),
        (("receipt.bin", "--token", "t.tst"), InputError, "需要 --certificate"),
        (("receipt.bin", "--record", "nowhere/r.bin"), UnavailableError, "换一个位置"),
        (("picture.bin",), InputError, "这不是凭证"),
        (("short.txt",), InputError, "实为 186"),
        (("no-such-file",), WireError, "请重新扫描"),
    ],
)
def test_what_does_not_hold_is_one_sentence(
    files: Path, arguments: tuple[str, ...], error: type[XianhouError], sentence: str
) -> None:
    """Wrong certificate, no certificate, no file, no receipt: which one, and the remedy."""
    given_as = [argument if argument.startswith("--") else str(files / argument) for argument in arguments]
    result = run(*given_as)
    assert isinstance(result.exception, error)
    assert sentence in str(result.exception)


def test_a_certificate_with_another_kind_of_key_is_refused(files: Path) -> None:
    """An Ed25519 certificate can never have signed a receipt."""
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding

    from tests.certificates import FROM

    key, name = Ed25519PrivateKey.generate(), x509.Name([])
    draft = x509.CertificateBuilder(name, name, key.public_key(), 1, FROM, FROM + timedelta(days=1))
    (files / "ed.pem").write_bytes(draft.sign(key, None).public_bytes(Encoding.PEM))
    assert isinstance(run(str(files / "receipt.bin"), "--certificate", str(files / "ed.pem")).exception, EvidenceError)


def test_text_longer_than_a_files_name_may_be_is_taken_as_text() -> None:
    """The text of a QR has 282 characters, and not always a slash among them."""
    assert isinstance(run("A" * 282).exception, InputError)


@pytest.mark.system
def test_what_the_command_writes_is_accepted_by_openssl(files: Path, tool: Callable[[str], str]) -> None:
    """From the scanned text to `Verification: OK`, with two commands."""
    result = run(
        to_base45(RECEIPT), "--certificate", str(files / "kiosk.pem"),
        "--token", str(files / "rec.tst"), "--record", str(files / "rec.bin"),
    )  # fmt: skip
    assert result.exit_code == 0
    (files / "ca.pem").write_bytes(CA.pem)
    words = "ts -verify -data rec.bin -token_in -in rec.tst -CAfile ca.pem -untrusted kiosk.pem"
    said = subprocess.run([tool("openssl"), *words.split()], cwd=files, capture_output=True, text=True, check=False)
    assert "Verification: OK" in said.stdout


def test_the_installed_command_ends_with_a_sentence_and_exit_code_2(files: Path) -> None:
    """Through `xianhou` itself: no traceback reaches a person."""
    import sys

    words = [sys.executable, "-m", "kiosk.cli", "receipt", "check", str(files / "receipt.bin")]
    good = subprocess.run(words, capture_output=True, text=True, check=False)
    bad = subprocess.run(
        [*words, "--certificate", str(files / "other.pem")], capture_output=True, text=True, check=False
    )
    assert (good.returncode, bad.returncode, bad.stdout) == (0, 2, "")
    assert bad.stderr.strip() == "错误：第 12 号记录的签名不成立"
