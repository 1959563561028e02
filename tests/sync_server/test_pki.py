"""Certificates that OpenSSL and Python's TLS accept, and keys that are there or said to be missing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from shared_rules.errors import UnavailableError
from shared_rules.facts import SERVER_KIOSK
from shared_rules.interval import DAY
from shared_rules.journal import Record
from shared_rules.token import time_stamp_token
from sync_server.clock import SystemSource
from sync_server.pki import ensure_tls, issue_kiosk, load_keys, pem
from sync_server.store import journals
from tests.sync_server.conftest import House

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = SystemSource(error=None).wall()


def test_a_kiosks_certificate_is_for_time_stamps_alone_and_lasts_twenty_years(keys_folder: Path) -> None:
    """RFC 3161 2.3: extended key usage timeStamping, critical, and nothing else."""
    keys = load_keys(keys_folder)
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    certificate = issue_kiosk(keys.authority, key, kiosk=7, office="east", now=NOW)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert (usage.critical, list(usage.value)) == (True, [ExtendedKeyUsageOID.TIME_STAMPING])
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert 20 * 365 <= life.days <= 20 * 366 + 2
    assert certificate.not_valid_after_utc < keys.authority.certificate.not_valid_after_utc


def test_the_tls_certificate_is_kept_until_it_is_old_or_names_other_hosts(tmp_path: Path, keys_folder: Path) -> None:
    """The server renews it by itself; kiosks pin the authority and notice nothing."""
    folder = tmp_path / "keys"
    shutil.copytree(keys_folder, folder)
    authority = load_keys(folder).authority
    chain, _ = ensure_tls(folder, authority, ("localhost", "127.0.0.1"), now=NOW)
    first = chain.read_bytes()
    assert first.count(b"BEGIN CERTIFICATE") == 2
    ensure_tls(folder, authority, ("localhost", "127.0.0.1"), now=NOW + 600 * DAY)
    assert chain.read_bytes() == first
    ensure_tls(folder, authority, ("localhost", "127.0.0.1"), now=NOW + 750 * DAY)
    renewed = chain.read_bytes()
    ensure_tls(folder, authority, ("counter.example",), now=NOW + 750 * DAY)
    assert len({first, renewed, chain.read_bytes()}) == 3


@pytest.mark.parametrize("name", ["ca.key", "server.pem", "bodies.key"])
def test_a_missing_key_file_is_said_in_a_sentence(tmp_path: Path, keys_folder: Path, name: str) -> None:
    """And what to restore."""
    folder = tmp_path / "keys"
    shutil.copytree(keys_folder, folder)
    (folder / name).unlink()
    with pytest.raises(UnavailableError) as refused:
        load_keys(folder)
    assert "keys" in str(refused.value)


@pytest.mark.system
def test_a_record_of_the_servers_own_log_is_a_time_stamp_for_openssl(
    house: House, tmp_path: Path, tool: Callable[[str], str]
) -> None:
    """The same proof as a kiosk's: `openssl ts -verify` says OK; for other bytes it does not (sabotage)."""
    openssl = tool("openssl")
    with house.store.snapshot() as tx:
        (kept,) = journals.records_after(tx, 0, most=10)
    record = Record.unpack(kept.entry.record)
    assert record.log.kiosk == SERVER_KIOSK
    keys = house.service.keys
    token = time_stamp_token(record, kept.entry.signature, keys.server.certificate)
    (tmp_path / "rec.tst").write_bytes(token)
    (tmp_path / "rec.bin").write_bytes(kept.entry.record)
    (tmp_path / "other.bin").write_bytes(kept.entry.record[:-1] + b"\0")
    (tmp_path / "ca.pem").write_text(pem(keys.authority.certificate))
    (tmp_path / "server.pem").write_text(pem(keys.server.certificate))

    def verify(data: str) -> int:
        words = [openssl, "ts", "-verify", "-data", data, "-token_in", "-in", "rec.tst", "-CAfile", "ca.pem"]
        done = subprocess.run([*words, "-untrusted", "server.pem"], cwd=tmp_path, check=False, capture_output=True)
        return done.returncode

    assert (verify("rec.bin"), verify("other.bin")) == (0, 1)
