"""A slip's proof out of a running kiosk: listed without a customer, exported privately, accepted by openssl."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from kiosk.cli import Words
from kiosk.cli.receipt import OPENSSL, receipt
from kiosk.cli.verify import verify
from shared_rules.errors import InputError, RefusedError, UnavailableError
from shared_rules.facts import Grade, SlipEntered, SlipStamped
from shared_rules.interval import HOUR, MINUTE, Interval
from shared_rules.journal import Record, commitment
from shared_rules.protocol import ErasureItem
from shared_rules.wire import encode_fact
from tests.kiosk.counters import CLERK, SALES, Kiosk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kiosk.counter import Stamped


def run(*arguments: str | Path, language: str = "zh") -> Result:
    """Run `xianhou receipt` in this process; an error of ours stays an exception."""
    obj = Words("en" if language == "en" else "zh")
    return CliRunner().invoke(receipt, [str(argument) for argument in arguments], obj=obj)


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    """Return a counter with its window open."""
    kiosk = Kiosk(tmp_path / "kiosk")
    kiosk.duty()
    yield kiosk
    kiosk.desk.close()


def stamped_in(kiosk: Kiosk, grade: Grade) -> Stamped:
    """Return a slip that the kiosk stamped while its clock had this grade."""
    if grade is Grade.B:
        kiosk.desk.close()
        kiosk.machine.reboot(MINUTE)
        kiosk.open()
        kiosk.duty()
    stamped = kiosk.stamped("张三", "13800000001")
    assert stamped.grade is grade
    return stamped


def exported(kiosk: Kiosk, slip: str, out: Path) -> Path:
    """Export a slip's proof while the counter is open."""
    done = run("export", slip, "--dir", kiosk.folder.root, "--out", out)
    assert done.exit_code == 0, done.exception
    return out


@pytest.mark.system
@pytest.mark.parametrize("grade", [Grade.A, Grade.B, Grade.C])
def test_openssl_accepts_what_a_running_kiosk_exports(tmp_path: Path, grade: Grade, tool: Callable[[str], str]) -> None:
    """The documented line, in the folder as it was written; and `xianhou verify` of the same folder."""
    kiosk = Kiosk(tmp_path / "kiosk", anchored=grade is not Grade.C)
    kiosk.duty()
    stamped = stamped_in(kiosk, grade)
    out = exported(kiosk, stamped.slip, tmp_path / "out")
    said = subprocess.run([tool("openssl"), *OPENSSL.split()[1:]], cwd=out, capture_output=True, text=True, check=False)
    assert "Verification: OK" in said.stdout, said.stderr
    (tmp_path / "known.pem").write_bytes(kiosk.authority.ca.pem)
    arguments = [str(out), "--ca", str(tmp_path / "known.pem")]
    checked = CliRunner().invoke(verify, arguments, obj=Words("zh"))
    assert (checked.exit_code, checked.output.count("✓")) == (0, 5), checked.output
    kiosk.desk.close()


def test_the_files_are_private_and_open_the_commitment(kiosk: Kiosk, tmp_path: Path) -> None:
    """Salt and canonical content hash to the record's body; nobody else on the machine reads them."""
    stamped = kiosk.stamped("张三", "13800000001")
    out = exported(kiosk, stamped.slip, tmp_path / "out")
    assert {path.name for path in out.iterdir()} == {"rec.bin", "rec.tst", "kiosk.pem", "ca.pem", "body.json"}
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
    assert out.stat().st_mode & 0o777 == 0o700
    assert (out / "rec.bin").read_bytes() == stamped.receipt[:124]
    body = json.loads((out / "body.json").read_text(encoding="utf-8"))
    record = Record.unpack(stamped.receipt[:124])
    assert commitment(bytes.fromhex(body["salt"]), body["canonical"].encode()) == record.body
    assert "张三" in body["canonical"]


def test_the_list_and_the_view_name_no_customer(kiosk: Kiosk) -> None:
    """Slip, time, salesperson's number, grade; in both languages, and as JSON lines."""
    slips = [kiosk.stamped("张三", "13800000001"), kiosk.stamped("李四", "13800000002")]
    text = run("list", "--dir", kiosk.folder.root).output
    assert [line.split()[0] for line in text.splitlines()[:-1]] == [one.slip for one in slips]
    assert SALES in text
    assert "共 2 张" in text
    told = [json.loads(line) for line in run("list", "--dir", kiosk.folder.root, "--json").output.splitlines()]
    assert [(one["slip"], one["salesperson"], one["grade"]) for one in told] == [(s.slip, SALES, "A") for s in slips]
    shown = run("show", slips[0].slip, "--dir", kiosk.folder.root, "--qr", language="en").output
    assert f"Slip: {slips[0].slip}" in shown
    assert "Not before: 2026-03-02" in shown
    assert "█" in shown
    for output in (text, shown):
        assert not any(datum in output for datum in ("张三", "李四", "1380000"))


def test_a_second_life_under_another_certificate_keeps_the_first_ones_proofs(kiosk: Kiosk, tmp_path: Path) -> None:
    """The certificate that is exported is the one that the record was signed under."""
    stamped = kiosk.stamped("张三", "13800000001")
    kiosk.desk.journal.forked(kiosk.desk.journal.log)
    later = kiosk.stamped("李四", "13800000002")
    for number, one in enumerate((stamped, later)):
        out = exported(kiosk, one.slip, tmp_path / f"out{number}")
        assert Record.unpack((out / "rec.bin").read_bytes()).log.inc == Record.unpack(one.receipt[:124]).log.inc


def test_after_an_erasure_the_time_is_proved_and_the_content_gone(kiosk: Kiosk, tmp_path: Path) -> None:
    """No body.json, and the sentence that says why."""
    stamped = kiosk.stamped("张三", "13800000001")
    record = Record.unpack(stamped.receipt[:124])
    event = kiosk.desk.journal.event(record.seq)
    assert event is not None
    redacted = encode_fact(event.fact).decode().replace("张三", "某甲").replace("13800000001", "某乙")
    log = record.log
    kiosk.tell(ErasureItem(kiosk=log.kiosk, inc=log.inc, seq=record.seq, redacted=redacted))
    done = run("export", stamped.slip, "--dir", kiosk.folder.root, "--out", tmp_path / "out")
    assert "没有 body.json" in done.output
    assert not (tmp_path / "out" / "body.json").exists()
    assert (tmp_path / "out" / "rec.tst").exists()


def test_what_cannot_be_exported_is_one_sentence_and_nothing_is_written(kiosk: Kiosk, tmp_path: Path) -> None:
    """An unknown slip, a folder that is there, a place that cannot be written."""
    stamped = kiosk.stamped("张三", "13800000001")
    there = tmp_path / "there"
    there.mkdir()
    cases: list[tuple[str, Path, type[Exception]]] = [
        ("E-1-999999", tmp_path / "out", InputError),
        (stamped.slip, there, InputError),
        (stamped.slip, tmp_path / "none" / "out", UnavailableError),
    ]
    for slip, out, error in cases:
        assert isinstance(run("export", slip, "--dir", kiosk.folder.root, "--out", out).exception, error)
    assert not list(there.iterdir())
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob("*.making"))


def test_a_page_of_the_emergency_book_has_no_receipt_to_show(kiosk: Kiosk) -> None:
    """Its time was asserted: it is not listed, and the sentence says why."""
    journal, now = kiosk.desk.journal, kiosk.desk.now()
    slip = journal.next_slip_number()
    fact = SlipStamped(
        slip=slip, pool="river", office="E", salesperson=SALES, stamped_by=CLERK, received_on=date(2026, 3, 2)
    )
    journal.write_up(fact, SlipEntered(slip=slip, entered_by=CLERK), Interval(now - HOUR, now - HOUR))
    assert slip not in run("list", "--dir", kiosk.folder.root).output
    assert isinstance(run("show", slip, "--dir", kiosk.folder.root).exception, RefusedError)
