"""A stamp under the certificates of the server's own CA, checked by a stranger with OpenSSL."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from shared_rules.facts import Grade, LogId
from shared_rules.interval import Interval
from shared_rules.journal import Record, RecordKind
from shared_rules.token import time_stamp_token
from sync_server.clock import SystemSource
from sync_server.pki import Signer, issue_kiosk, make_keys, pem
from tests.certificates import Issued
from tests.stamps import STAMP, stamp, stamped
from tests.together.stages import at, ready, stage_in
from tests.together.stages import stamp as stamp_slip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kiosk.cli.demo.stage import Stage

VERIFY = "ts -verify -data rec.bin -token_in -in rec.tst -CAfile ca.pem -untrusted kiosk.pem"


def verified(openssl: str, folder: Path, record: Record, signer: Issued, authority: Signer) -> str:
    """Return what OpenSSL says about the record's token."""
    token = time_stamp_token(record, stamped(record, signer).signature, signer.certificate)
    parts = {"rec.bin": record.pack(), "rec.tst": token, "kiosk.pem": signer.pem}
    for name, content in {**parts, "ca.pem": pem(authority.certificate).encode()}.items():
        (folder / name).write_bytes(content)
    run = subprocess.run([openssl, *VERIFY.split()], cwd=folder, capture_output=True, text=True, check=False)
    return run.stdout + run.stderr


@pytest.mark.system
def test_stamps_of_every_grade_hold_under_the_servers_own_ca(tmp_path: Path, tool: Callable[[str], str]) -> None:
    """As at enrolment: the server's CA, with a Chinese name, certifies the key that the kiosk made."""
    now = SystemSource(error=0).wall()
    keys = make_keys(tmp_path / "keys", "昌平销售公司", now=now, random=os.urandom)
    key = ec.generate_private_key(ec.SECP256R1())
    kiosk = Issued(issue_kiosk(keys.authority, key.public_key(), kiosk=7, office="东店", now=now), key)
    for grade in (Grade.A, Grade.B, Grade.C):
        said = verified(tool("openssl"), tmp_path, stamp(grade), kiosk, keys.authority)
        assert "Verification: OK" in said, (grade, said)


@pytest.mark.system
def test_records_of_the_servers_own_log_are_time_stamps_too(tmp_path: Path, tool: Callable[[str], str]) -> None:
    """What people did on the manager's page is dated by the same proof."""
    now = SystemSource(error=0).wall()
    keys = make_keys(tmp_path / "keys", "Xianhou", now=now, random=os.urandom)
    time = Interval(now - 50_000, now + 50_000)
    record = Record(LogId(0, 9), 1, RecordKind.GENESIS, Grade.A, time, 1, bytes(16), 0, bytes(32), STAMP.body)
    server = Issued(keys.server.certificate, keys.server.key)
    assert "Verification: OK" in verified(tool("openssl"), tmp_path, record, server, keys.authority)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Yield a server with two kiosks."""
    yield from stage_in(tmp_path)


@pytest.mark.system
def test_a_stranger_checks_what_a_running_kiosk_exports(
    stage: Stage, tmp_path: Path, tool: Callable[[str], str]
) -> None:
    """A kiosk process stamps, its operator exports beside it; OpenSSL and `xianhou verify` agree."""
    stage.set_time(at("03-02 09:10"))
    stage.open_kiosks()
    east = stage.kiosks["east"]
    slip = stamp_slip(stage, "east", east, ready(stage, "east", east), name="张三", phone="13900000010")
    out, folder = tmp_path / "out", stage.folder / "east"
    stage.xianhou("receipt", "export", slip, "--dir", str(folder), "--out", str(out))
    said = subprocess.run([tool("openssl"), *VERIFY.split()], cwd=out, capture_output=True, text=True, check=False)
    assert "Verification: OK" in said.stdout, said.stderr
    known = stage.server_folder / "keys" / "ca.pem"
    assert (out / "ca.pem").read_text() == known.read_text()
    journal = tmp_path / "journal.bin"
    stage.xianhou("kiosk", "export-journal", "--dir", str(folder), "--to", str(journal))
    told = stage.xianhou("verify", str(out), str(journal), "--ca", str(known))
    assert told.count("✓") == 8, told
    assert slip in stage.xianhou("receipt", "list", "--dir", str(folder))
