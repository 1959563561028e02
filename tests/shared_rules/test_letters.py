"""Letters on a stick: only the addressee opens them, and nothing that was touched."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from shared_rules import letters
from shared_rules.errors import EvidenceError, WireError
from shared_rules.letters import JournalEnd, Letter, Reply, addressee, open_letter, seal

SERVER = ec.derive_private_key(7, ec.SECP256R1())
OTHER = ec.derive_private_key(8, ec.SECP256R1())
REPLY = Reply(kiosk=3, ends=[JournalEnd(inc=5, next=9, hash="00" * 32)], feed=[])


def ones(size: int) -> bytes:
    """Return bytes that a test can expect."""
    return b"\xff" * size


def letter() -> bytes:
    """Return a letter of kiosk 3 to the server."""
    return seal(REPLY, 3, SERVER.public_key(), ones)


def test_the_addressee_opens_a_letter_and_reads_whose_it_is() -> None:
    """The number stands outside, because the server must know whose key to look for."""
    assert addressee(letter()) == 3
    assert open_letter(letter(), SERVER, Reply) == REPLY


def test_nobody_else_opens_it_and_nothing_of_it_can_be_read() -> None:
    """A stick that is lost in the street tells nothing."""
    with pytest.raises(EvidenceError, match="打不开"):
        open_letter(letter(), OTHER, Reply)
    assert b"00000000" not in letter()
    assert b"next" not in letter()


def test_every_flipped_bit_and_every_missing_end_is_noticed() -> None:
    """A letter that was not copied whole is not half a letter."""
    whole = letter()
    for at in range(len(whole) * 8):
        touched = bytearray(whole)
        touched[at // 8] ^= 1 << at % 8
        with pytest.raises((EvidenceError, WireError)):
            open_letter(bytes(touched), SERVER, Reply)
    for length in range(len(whole)):
        with pytest.raises((EvidenceError, WireError)):
            open_letter(whole[:length], SERVER, Reply)


def test_a_file_that_is_no_letter_is_called_so() -> None:
    """Whoever picked the wrong file is told that."""
    for data in (b"", b"PK\x03\x04" + bytes(100), b"XXXX" + letter()[4:]):
        with pytest.raises(WireError, match="不是先后的信件"):
            addressee(data)


def test_a_letter_of_another_kind_or_release_is_not_understood() -> None:
    """A reply is no letter to a server."""
    with pytest.raises(WireError, match="读不懂"):
        open_letter(letter(), SERVER, Letter)


def test_a_letter_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever knows the public key can seal anything: a bomb must not fill the memory."""
    monkeypatch.setattr(letters, "MAX_CONTENT", 10)
    with pytest.raises(WireError, match="过大"):
        open_letter(letter(), SERVER, Reply)


def test_two_letters_of_one_content_have_nothing_in_common() -> None:
    """Each has a key of its own."""
    other = seal(REPLY, 3, SERVER.public_key(), lambda size: b"\x01" * size)
    assert other[6:] != letter()[6:]
    assert open_letter(other, SERVER, Reply) == REPLY
