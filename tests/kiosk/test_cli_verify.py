"""`xianhou verify`: a stranger's files and texts, what is believed, exit codes, and the lines that a script reads."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli import Words
from kiosk.cli.verify import verify
from kiosk.receipt import link, to_base45
from shared_rules.errors import InputError, WireError
from shared_rules.exhibits import body_text
from shared_rules.token import time_stamp_token
from tests.certificates import Issued
from tests.kiosk.counters import Kiosk
from tests.stamps import BODY, SALT, STAMP, stamped

CA = Issued.authority()
KIOSK = CA.kiosk()
SIGNED = stamped(STAMP, KIOSK)
FORGED = Issued.authority(secret=666)


def run(*arguments: str | Path, language: str = "zh") -> Result:
    """Run the command in this process; an error of ours stays an exception."""
    obj = Words("en" if language == "en" else "zh")
    return CliRunner().invoke(verify, [str(argument) for argument in arguments], obj=obj)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a folder as a salesperson hands it over."""
    folder = tmp_path / "out"
    folder.mkdir()
    files = {
        "rec.bin": STAMP.pack(), "rec.tst": time_stamp_token(STAMP, SIGNED.signature, KIOSK.certificate),
        "kiosk.pem": KIOSK.pem, "ca.pem": CA.pem, "body.json": body_text(SALT, BODY),
    }  # fmt: skip
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (tmp_path / "receipt.bin").write_bytes(SIGNED.receipt)
    (tmp_path / "known-ca.pem").write_bytes(CA.pem)
    (tmp_path / "known-kiosk.pem").write_bytes(KIOSK.pem)
    (tmp_path / "forged-ca.pem").write_bytes(FORGED.pem)
    return folder


def test_a_folder_holds_under_the_ca_that_is_known_from_elsewhere(out: Path) -> None:
    """Every file of it, one line each, then what the record says."""
    result = run(out, "--ca", out.parent / "known-ca.pem")
    assert result.exit_code == 0
    held = [line.split()[1] for line in result.output.splitlines() if line.startswith("✓")]
    assert sorted(held) == ["body.json", "ca.pem", "kiosk.pem", "rec.bin", "rec.tst"]
    assert "时间不早于：2026-03-02 09:10:00.412" in result.output


@pytest.mark.parametrize("form", ["file", "text", "link"])
def test_a_receipt_holds_in_each_form(out: Path, form: str) -> None:
    """188 bytes, the text of the QR, or the link that a phone opened."""
    given = {
        "file": str(out.parent / "receipt.bin"), "text": to_base45(SIGNED.receipt),
        "link": link(SIGNED.receipt, "https://stamps.example/r/"),
    }[form]  # fmt: skip
    result = run(given, "--certificate", out.parent / "known-kiosk.pem")
    assert (result.exit_code, "成立" in result.output) == (0, True)


def test_a_forged_root_is_refused_and_says_why(out: Path) -> None:
    """The forger hands over a folder that is sound in itself, with names copied from ours."""
    forger = FORGED.kiosk(secret=667)
    token = time_stamp_token(STAMP, stamped(STAMP, forger).signature, forger.certificate)
    for name, data in (("rec.tst", token), ("kiosk.pem", forger.pem), ("ca.pem", FORGED.pem)):
        (out / name).write_bytes(data)
    result = run(out, "--ca", out.parent / "known-ca.pem")
    assert result.exit_code == 1
    assert "✗ kiosk.pem 不成立：证书不是给出的 CA 签发的（字段 certificate）" in result.output
    assert (
        "✗ rec.tst 不成立：时间戳的签名证书不是可信的那一张（可能出自伪造的 CA）（字段 certificate）" in result.output
    )
    assert run(out, "--ca", out.parent / "forged-ca.pem").exit_code == 0  # whom one believes is all that matters


def test_a_number_used_twice_is_refused_across_files(out: Path) -> None:
    """In English, for the court's expert."""
    (out.parent / "other.bin").write_bytes(stamped(replace(STAMP, seg=4), KIOSK).receipt)
    files = (out.parent / "receipt.bin", out.parent / "other.bin")
    result = run(*files, "--certificate", out.parent / "known-kiosk.pem", language="en")
    assert result.exit_code == 1
    assert "other.bin does not hold: Number 12 was used twice: receipt.bin holds another record" in result.output


def test_a_certificate_among_the_files_is_not_believed_by_itself(out: Path) -> None:
    """Without anything from elsewhere nothing is checked; with a kiosk's certificate the folder's CA is not asked."""
    assert isinstance(run(out).exception, InputError)
    result = run(out, "--certificate", out.parent / "known-kiosk.pem")
    assert (result.exit_code, "ca.pem" in result.output) == (0, False)


def test_json_tells_each_exhibit_on_a_line(out: Path) -> None:
    """Name, kind, whether it holds, field, sentence, lines."""
    (out / "rec.tst").write_bytes((out / "rec.tst").read_bytes()[:-1] + b"\0")
    result = run(out, "--ca", out.parent / "known-ca.pem", "--json")
    told = {line["name"]: line for line in map(json.loads, result.output.splitlines())}
    assert (told["rec.tst"]["kind"], told["rec.tst"]["holds"]) == ("token", False)
    assert told["rec.tst"]["field"] in ("signature", "token")
    assert told["kiosk.pem"]["says"] == ["可信的证书：CN=kiosk-7"]
    assert (result.exit_code, told["rec.bin"]["field"], told["body.json"]["field"]) == (1, "signature", "body")


@pytest.mark.parametrize(
    ("name", "data", "error", "sentence"),
    [
        ("letter.bin", b"\xff" * 50, InputError, "既不是 188 字节"),
        ("note.txt", b"GGW", WireError, "请重新扫描"),
        ("short.txt", to_base45(SIGNED.receipt[:-2]).encode(), InputError, "实为 186"),
        ("link.txt", b"https://stamps.example/r/#12", WireError, "453 位数字"),
        ("link.txt", b"https://stamps.example/r/#" + b"9" * 453, WireError, "453 位数字"),
        ("kiosk.db", b"SQLite format 3\0" + bytes(99), InputError, "export-journal"),
    ],
)  # fmt: skip
def test_what_is_nothing_of_ours_is_one_sentence(
    out: Path, name: str, data: bytes, error: type[InputError], sentence: str
) -> None:
    """What it is not, and what to do."""
    (out.parent / name).write_bytes(data)
    result = run(out.parent / name, "--ca", out.parent / "known-ca.pem")
    assert isinstance(result.exception, error)
    assert sentence in str(result.exception)


def test_a_file_that_is_not_there_and_a_certificate_that_is_none(out: Path) -> None:
    """A name that is no file is taken for a text, and the sentence says what is wrong with it."""
    assert isinstance(run("no-such-file", "--ca", out.parent / "known-ca.pem").exception, WireError)
    no_pem = run(out, "--ca", out / "rec.bin").exception
    assert isinstance(no_pem, InputError)
    assert "不是 PEM 证书" in str(no_pem)


def test_the_journal_of_a_kiosk_is_exported_and_checked(tmp_path: Path) -> None:
    """While the counter is open; private to the operator; a receipt from a pocket stands in it; no datum of anybody."""
    kiosk = Kiosk(tmp_path / "kiosk")
    kiosk.duty()
    stamped_slip = kiosk.stamped("张三", "13800000001")
    words = [sys.executable, "-m", "kiosk.cli"]
    file, pocket, ca = tmp_path / "journal.bin", tmp_path / "receipt.bin", tmp_path / "ca.pem"
    export = [*words, "kiosk", "export-journal", "--dir", str(kiosk.folder.root), "--to", str(file)]
    done = subprocess.run(export, capture_output=True, text=True, check=True)
    assert f"已导出 {kiosk.desk.journal.last_seq} 条记录" in done.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_bytes()) == 188 * kiosk.desk.journal.last_seq
    assert "张三".encode() not in file.read_bytes()
    again = subprocess.run(export, capture_output=True, text=True, check=False)
    assert (again.returncode, "已经存在" in again.stderr) == (2, True)
    pocket.write_bytes(stamped_slip.receipt)
    ca.write_bytes(kiosk.authority.ca.pem)
    certificate = tmp_path / "kiosk.pem"
    certificate.write_text(kiosk.desk.journal.keys.config.place.certificate)
    result = run(file, pocket, certificate, "--ca", ca)
    assert (result.exit_code, "条记录相连" in result.output) == (0, True)
    alone = subprocess.run([*words, "verify", str(file), "--ca", str(ca)], capture_output=True, text=True, check=False)
    assert (alone.returncode, "字段 certificate" in alone.stdout) == (1, True)
    kiosk.desk.close()
