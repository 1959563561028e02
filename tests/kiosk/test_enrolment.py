"""A server is believed by its fingerprint alone, and everything it answers must follow from it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
import pytest
from cryptography import x509

from kiosk.config import Folder, Settings
from kiosk.enrolment import check_authority, complete, enrolled, load_keys, request, server_address
from kiosk.practice import PracticeTicks, ticks_of
from shared_rules.errors import EvidenceError, InputError, RefusedError, UnavailableError
from tests.kiosk.places import SETTINGS, Authority

if TYPE_CHECKING:
    from pathlib import Path


def test_a_complete_enrolment_gives_private_keys_that_fit_the_certificate(tmp_path: Path) -> None:
    """From here on the kiosk can sign."""
    authority = Authority()
    folder = authority.enrol(tmp_path / "k")
    keys = load_keys(folder)
    assert enrolled(folder)
    assert len(keys.data) == len(keys.pepper) == 32
    assert keys.data != keys.pepper
    assert keys.server == authority.server.key.public_key()
    assert {path.stat().st_mode & 0o777 for path in folder.keys.iterdir()} == {0o600}
    assert folder.keys.stat().st_mode & 0o777 == 0o700


def test_the_request_keeps_its_key_so_that_a_lost_answer_can_be_had_again(tmp_path: Path) -> None:
    """The server gives the same number for the same key and code."""
    folder = Folder(tmp_path / "k")
    first, second = (x509.load_pem_x509_csr(request(folder, "c").csr.encode()) for _ in range(2))
    assert first.public_key() == second.public_key()
    assert not enrolled(folder)


def test_an_enrolled_folder_is_not_enrolled_again(tmp_path: Path) -> None:
    """Its journal belongs to its number."""
    with pytest.raises(RefusedError):
        request(Authority().enrol(tmp_path / "k"), "c")


@pytest.mark.parametrize("typed", ["{f}", " {F} ", "{c}"])
def test_a_fingerprint_may_be_typed_with_colons_spaces_and_capitals(typed: str) -> None:
    """People copy it from another screen."""
    authority = Authority()
    digits = authority.fingerprint
    pairs = ":".join(digits[at : at + 2] for at in range(0, 64, 2))
    check_authority(authority.ca.pem.decode(), typed.format(f=digits, F=digits.upper(), c=pairs))


def test_another_fingerprint_or_none_at_all_is_refused(tmp_path: Path) -> None:
    """The man in the middle has a certificate too."""
    pem = Authority().ca.pem.decode()
    with pytest.raises(EvidenceError, match="不符"):
        check_authority(pem, "ab" * 32)
    with pytest.raises(InputError):
        check_authority(pem, "ab")
    with pytest.raises(EvidenceError):
        check_authority("<html>", "ab" * 32)


@pytest.mark.parametrize("fault", ["certificate", "server_certificate", "comparison"])
def test_an_answer_that_does_not_follow_from_the_authority_keeps_nothing(tmp_path: Path, fault: str) -> None:
    """Sabotage of each part of the answer."""
    authority, stranger = Authority(), Authority()
    good = load_keys(authority.enrol(tmp_path / "good"))
    foreign = stranger.ca.kiosk("x", secret=55)
    stranger.ca = type(stranger.ca).authority("Another CA", secret=2)
    values = {
        "certificate": foreign.pem.decode(),
        "server_certificate": stranger.ca.kiosk("s", secret=5).pem.decode(),
        "comparison": "000000",
    }
    folder = Folder(tmp_path / "bad")
    folder.keys.mkdir(parents=True)
    folder.signing_key.write_bytes(good.config.folder.signing_key.read_bytes())
    answer = msgspec.structs.replace(good.config.place, **{fault: values[fault]})
    with pytest.raises(EvidenceError):
        complete(folder, answer, fingerprint=authority.fingerprint, settings=SETTINGS, random=os.urandom)
    assert not enrolled(folder)


@pytest.mark.parametrize("name", ["kiosk.key", "data.key", "pepper"])
def test_a_lost_or_damaged_key_file_is_named(tmp_path: Path, name: str) -> None:
    """It is the file to restore from the key backup."""
    folder = Authority().enrol(tmp_path / "k")
    (folder.keys / name).write_bytes(b"x")
    with pytest.raises(UnavailableError, match=name):
        load_keys(folder)
    (folder.keys / name).unlink()
    with pytest.raises(UnavailableError, match=name):
        load_keys(folder)


def test_the_key_of_another_kiosk_is_noticed(tmp_path: Path) -> None:
    """A folder put together from two backups would sign what nobody can check."""
    authority = Authority()
    one, two = authority.enrol(tmp_path / "1"), authority.enrol(tmp_path / "2")
    one.signing_key.write_bytes(two.signing_key.read_bytes())
    with pytest.raises(EvidenceError):
        load_keys(one)


def test_only_an_https_address_is_a_server() -> None:
    """Nothing is said in the clear."""
    assert server_address(" https://h:1/ ") == "https://h:1"
    for bad in ("http://h", "h:8443", "https://"):
        with pytest.raises(InputError):
            server_address(bad)


def test_a_practice_kiosk_takes_its_time_from_the_file(tmp_path: Path) -> None:
    """The trainer moves the day."""
    clock = tmp_path / "clock"
    settings = Settings(server="https://h:1", practice_clock=str(clock))
    ticks = ticks_of(load_keys(Authority().enrol(tmp_path / "k", settings=settings)).config)
    assert isinstance(ticks, PracticeTicks)
    with pytest.raises(UnavailableError):
        ticks.wall()
    clock.write_text("123\n")
    assert (ticks.wall(), ticks.tick(), len(ticks.boot_id())) == (123, 123, 16)
