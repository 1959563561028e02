"""Another certificate for a kiosk that has one: a new key, a new life of the journal, the old one still checked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec.structs import replace

from kiosk.config import Folder, load_config
from kiosk.enrolment import complete, load_keys, request
from shared_rules.errors import EvidenceError, RefusedError, UnavailableError
from tests.kiosk.machine import Machine
from tests.kiosk.places import SETTINGS, Authority, opened, slip


def private(path: Path) -> ec.EllipticCurvePrivateKey:
    """Return the key that a file holds."""
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def asked(folder: Folder) -> object:
    """Return the public key that a folder's kiosk wants another certificate for."""
    return x509.load_pem_x509_csr(request(folder, "code", again=True).csr.encode()).public_key()


def enrolled_again(authority: Authority, folder: Folder, *, kiosk: int = 1) -> None:
    """Let a folder's kiosk come in again."""
    wanted, held = asked(folder), load_config(folder).place
    paths = [path for path in (folder.signing_key, folder.other_signing_key) if path.exists()]
    key = next(key for path in paths if (key := private(path)).public_key() == wanted)
    issued = authority.ca.kiosk(f"kiosk-{kiosk} again", secret=777, key=key)
    answer = replace(authority.answer(key.public_key(), issued, kiosk), former=(held.certificate,))
    complete(folder, answer, fingerprint=authority.fingerprint, settings=SETTINGS, random=os.urandom)


def test_the_journal_goes_on_in_a_new_life_and_every_life_is_checked_by_its_own_certificate(tmp_path: Path) -> None:
    """What the old key signed stays proved; what is written now is signed by the new one."""
    authority, machine = Authority(), Machine()
    folder = authority.enrol(tmp_path / "k")
    before = opened(folder, machine)
    before.append(slip(before))
    old = before.log
    before.close()
    enrolled_again(authority, folder)
    after = opened(folder, machine)
    written = after.append(slip(after))
    assert after.log != old
    assert after.next_slip_number().endswith("000003")
    after.verify()
    assert written.record.log == after.log
    after.close()
    again = opened(folder, machine)
    assert again.log == written.record.log
    again.close()


def test_a_life_under_a_certificate_that_is_not_ours_is_noticed(tmp_path: Path) -> None:
    """The sabotage: the former certificate is forgotten."""
    authority, machine = Authority(), Machine()
    folder = authority.enrol(tmp_path / "k")
    opened(folder, machine).close()
    enrolled_again(authority, folder)
    journal = opened(folder, machine)
    newest = journal.keys.certificate
    object.__setattr__(journal.keys, "certificates", {newest: journal.keys.certificates[newest]})
    with pytest.raises(EvidenceError, match="证书"):
        journal.verify()
    journal.close()


def test_the_key_is_another_one_and_the_old_one_works_until_the_answer_is_here(tmp_path: Path) -> None:
    """A lost answer costs nothing: asked again with the same key, and the kiosk goes on with its old one till then."""
    authority = Authority()
    folder = authority.enrol(tmp_path / "k")
    old = load_keys(folder).signing.public_key()
    first = asked(folder)
    assert first == asked(folder) != old
    assert load_keys(folder).signing.public_key() == old
    enrolled_again(authority, folder)
    assert load_keys(folder).signing.public_key() == first
    assert asked(folder) not in (old, first)


def test_a_kiosk_that_never_was_in_cannot_come_in_again_and_a_code_for_another_is_refused(tmp_path: Path) -> None:
    """The sentence says what to do; the enrolment stays as it was."""
    authority = Authority()
    with pytest.raises(RefusedError, match="--again"):
        request(Folder(tmp_path / "empty"), "c", again=True)
    folder = authority.enrol(tmp_path / "k")
    held = folder.enrolment.read_bytes()
    with pytest.raises(EvidenceError, match="7 号机"):
        enrolled_again(authority, folder, kiosk=7)
    assert folder.enrolment.read_bytes() == held


def test_a_lost_key_can_be_replaced(tmp_path: Path) -> None:
    """The file is gone: the machine asks for another certificate, with a key made in its place."""
    authority = Authority()
    folder = authority.enrol(tmp_path / "k")
    folder.signing_key.unlink()
    with pytest.raises(UnavailableError, match=r"kiosk\.key"):
        load_keys(folder)
    enrolled_again(authority, folder)
    assert load_keys(folder).signing.public_key() == private(folder.signing_key).public_key()
