"""Checkpoints and second receipts in the exact form of C2SP: what is signed, what is refused and why."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from shared_rules.checkpoints import (
    Checkpoint,
    check_proof,
    open_checkpoint,
    open_proof,
    origin_of,
    proof_text,
    sign_checkpoint,
    verifier_key,
)
from shared_rules.errors import EvidenceError, InputError, WireError
from shared_rules.exhibits import Exhibit, Kind, Pin, examine, kind_of, pin
from shared_rules.token import time_stamp_token
from shared_rules.tree import inclusion_proof, leaf_hash, root_of
from tests.certificates import Issued
from tests.stamps import chain, stamped

CA = Issued.authority()
SERVER = CA.kiosk("server", secret=99)
KIOSK = CA.kiosk()
PUBLIC = SERVER.key.public_key()
ORIGIN = origin_of(CA.digest, "0123456789abcdef")
RECEIPTS = [stamped(record, KIOSK).receipt for record in chain(11)]
HASHES = [leaf_hash(receipt) for receipt in RECEIPTS]
CHECKPOINT = Checkpoint(ORIGIN, len(HASHES), root_of(HASHES))
NOTE = sign_checkpoint(CHECKPOINT, SERVER.key)


def proof_of(index: int) -> str:
    """Return the second receipt of a leaf."""

    def nodes(level: int, place: int) -> bytes:
        return root_of(HASHES[place << level : (place + 1) << level])

    return proof_text(index, inclusion_proof(index, len(HASHES), nodes), NOTE)


def test_a_checkpoint_is_a_signed_note_of_three_lines() -> None:
    """Origin, size, root; a blank line; one signature line with the name that is the origin."""
    root = base64.b64encode(CHECKPOINT.root).decode()
    text, _, rest = NOTE.partition("\n\n")
    assert text.split("\n") == [ORIGIN, "11", root]
    dash, name, signature = rest.removesuffix("\n").split(" ")
    assert (dash, name) == ("\u2014", ORIGIN)
    der = PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    data = base64.b64decode(signature)
    assert data[:4] == hashlib.sha256(der).digest()[:4]
    PUBLIC.verify(data[4:], f"{text}\n".encode(), ECDSA(SHA256()))


def test_the_verifier_key_names_type_two_and_the_key_itself() -> None:
    """Name, key ID in hex, and 0x02 before the SubjectPublicKeyInfo: what tools of others are configured with."""
    name, key_id, material = verifier_key(ORIGIN, PUBLIC).split("+", 2)
    assert name == ORIGIN
    data = base64.b64decode(material)
    assert data[0] == 2
    assert hashlib.sha256(data[1:]).hexdigest()[:8] == key_id
    assert load_der_public_key(data[1:]) == PUBLIC


@pytest.mark.system
def test_openssl_verifies_a_checkpoint(tmp_path: Path) -> None:
    """With the server's certificate, the note's text and the signature alone."""
    text, _, rest = NOTE.rpartition("\n\n")
    (tmp_path / "text").write_text(f"{text}\n", encoding="utf-8")
    (tmp_path / "signature").write_bytes(base64.b64decode(rest.split(" ")[2])[4:])
    key = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(key)
    words = "dgst -sha256 -verify key.pem -signature signature text"
    run = subprocess.run(["openssl", *words.split()], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verified OK" in run.stdout, run.stderr


def test_signing_the_same_tree_again_gives_the_same_bytes() -> None:
    """A second copy is no second statement."""
    assert sign_checkpoint(CHECKPOINT, SERVER.key) == NOTE


def test_a_checkpoint_opens_as_it_was_signed() -> None:
    """And signatures of others beside ours are passed over."""
    assert open_checkpoint(NOTE, PUBLIC, CA.digest) == CHECKPOINT
    stranger = "\u2014 witness.example/w1 " + base64.b64encode(b"abcd" + bytes(68)).decode()
    assert open_checkpoint(f"{NOTE}{stranger}\n", PUBLIC, CA.digest) == CHECKPOINT


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (NOTE.replace("\n11\n", "\n011\n"), "size"),
        (NOTE.replace("\n11\n", "\n-1\n"), "size"),
        (NOTE.replace("\n11\n", "\n99999999999999999999\n"), "size"),
        (NOTE.replace("\n11\n", "\n9999999999999999999\n"), "size"),
        (NOTE.replace("\n11\n", "\n11 \n"), "size"),
        (NOTE.replace("xianhou/", "elsewhere/"), "origin"),
        (NOTE.replace("=\n\n", "\n\n", 1), "root"),
        (NOTE.replace("=\n\n", "=\nextension\n\n", 1), "checkpoint"),
        (NOTE.replace("=\n\n", "=\r\n\n", 1), "checkpoint"),
        (NOTE.removesuffix("\n"), "signature"),
        (NOTE + "one more line\n", "signature"),
        (NOTE.partition("\n\n")[0] + "\n\n", "signature"),
        (NOTE.partition("\n\n")[0] + "\n\n" + "\u2014 a b c\n", "signature"),
        (NOTE.partition("\n\n")[0] + "\n\n" + "\u2014 a YWJj\n", "signature"),
        (NOTE.partition("\n\n")[0] + "\n\n" + "\u2014 a YWJjZGU=\n" * 17, "signature"),
        ("", "checkpoint"),
    ],
)
def test_a_malformed_checkpoint_is_refused_by_the_name_of_its_line(text: str, field: str) -> None:
    """Every number and hash has one way to be written."""
    with pytest.raises(WireError) as refused:
        open_checkpoint(text, PUBLIC, CA.digest)
    assert refused.value.field == field


def test_a_root_has_one_way_to_be_written() -> None:
    """Bits that base64 does not use must be zero: else one checkpoint would have several texts."""
    root = base64.b64encode(CHECKPOINT.root).decode()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    loose = root[:-2] + alphabet[alphabet.index(root[-2]) + 1] + "="
    assert base64.b64decode(loose) == CHECKPOINT.root
    with pytest.raises(WireError) as refused:
        open_checkpoint(NOTE.replace(root, loose), PUBLIC, CA.digest)
    assert refused.value.field == "root"


def test_a_checkpoint_of_another_server_or_key_is_refused() -> None:
    """Another authority's log, another key, nobody's signature, or a changed size."""
    with pytest.raises(EvidenceError, match="不是这台服务器"):
        open_checkpoint(NOTE, PUBLIC, bytes(32))
    with pytest.raises(EvidenceError, match="没有这台服务器的签名"):
        open_checkpoint(sign_checkpoint(CHECKPOINT, KIOSK.key), PUBLIC, CA.digest)
    with pytest.raises(EvidenceError, match="签名不成立"):
        open_checkpoint(NOTE.replace("\n11\n", "\n12\n"), PUBLIC, CA.digest)
    signed = base64.b64decode(NOTE.removesuffix("\n").rpartition(" ")[2])
    for bent in (signed + b"\x00", signed[:4] + b"\x30\x00", signed[:-1], signed[:4] + b"x"):
        text = NOTE.rpartition(" ")[0] + " " + base64.b64encode(bent).decode() + "\n"
        with pytest.raises(EvidenceError, match="签名不成立"):
            open_checkpoint(text, PUBLIC, CA.digest)


@pytest.mark.parametrize("index", range(len(RECEIPTS)))
def test_a_second_receipt_proves_that_the_first_one_is_in_the_tree(index: int) -> None:
    """Each leaf by its own text, and by no other's."""
    assert check_proof(proof_of(index), RECEIPTS[index], PUBLIC, CA.digest) == CHECKPOINT
    with pytest.raises(EvidenceError, match="不包含"):
        check_proof(proof_of(index), RECEIPTS[index - 1], PUBLIC, CA.digest)


def test_a_second_receipt_has_the_form_of_a_tlog_proof() -> None:
    """Header, index, path, a blank line, the checkpoint verbatim; extra data are taken and not believed."""
    text = proof_of(3)
    lines = text.split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 3"]
    assert lines[6] == ""
    assert text.endswith(NOTE)
    opened = open_proof(text.replace("index 3", "extra aGk=\nindex 3"))
    assert opened == open_proof(text)
    assert (opened.index, opened.checkpoint, len(opened.path)) == (3, NOTE, 4)


def test_the_only_leaf_of_a_tree_has_an_empty_path() -> None:
    """Then the blank line follows the index at once."""
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, HASHES[0]), SERVER.key)
    text = proof_text(0, (), note)
    assert text.startswith("c2sp.org/tlog-proof@v1\nindex 0\n\nxianhou/")
    assert check_proof(text, RECEIPTS[0], PUBLIC, CA.digest).size == 1


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("tlog-proof@v1", "tlog-proof@v2", "header"),
        ("index 3", "index 03", "index"),
        ("index 3", "index", "index"),
        ("index 3", "extra ?\nindex 3", "extra"),
        ("index 3\n", "index 3\nAAAA\n", "path"),
        ("index 3\n", "index 3\n" + ("A" * 43 + "=\n") * 64, "index"),
    ],
)
def test_a_malformed_second_receipt_is_refused_by_the_name_of_its_line(old: str, new: str, field: str) -> None:
    """Before any hash is computed."""
    with pytest.raises(WireError) as refused:
        check_proof(proof_of(3).replace(old, new), RECEIPTS[3], PUBLIC, CA.digest)
    assert refused.value.field == field


def test_what_is_no_receipt_has_no_second_one() -> None:
    """A record without its signature is not what was put into the tree."""
    with pytest.raises(WireError) as refused:
        check_proof(proof_of(3), RECEIPTS[3][:124], PUBLIC, CA.digest)
    assert refused.value.field == "receipt"


# --- as an exhibit among others


def told(*exhibits: Exhibit, pins: tuple[Pin, ...] = ()) -> list[str]:
    """Return the failing field of each exhibit, "" = it holds."""
    trusted = pins or (pin(KIOSK.certificate), pin(SERVER.certificate))
    return [answer.field if answer.refusal else "" for answer in examine(exhibits, trusted)]


def handed(data: bytes) -> Exhibit:
    """Return an exhibit as it is recognised by its look."""
    kind = kind_of(data)
    assert kind is not None
    return Exhibit(kind.value, kind, data)


def test_a_second_receipt_holds_beside_receipt_journal_or_record_with_time_stamp() -> None:
    """Whatever of these proves the record: the leaf is derived from it."""
    stamped_record = stamped(chain(11)[3], KIOSK)
    token = time_stamp_token(stamped_record.record, stamped_record.signature, KIOSK.certificate)
    proof = handed(proof_of(3).encode())
    assert told(handed(RECEIPTS[3]), proof) == ["", ""]
    assert told(handed(b"".join(RECEIPTS)), proof) == ["", ""]
    assert told(handed(stamped_record.record.pack()), handed(token), proof) == ["", "", ""]
    (_, answer) = examine([handed(RECEIPTS[3]), proof], [pin(KIOSK.certificate), pin(SERVER.certificate)])
    assert answer.kind is Kind.PROOF
    assert answer.lines[0].msgid.startswith("已存入")


def test_a_second_receipt_that_does_not_fit_is_refused_by_the_name_of_what_fails() -> None:
    """Another receipt, another key, a changed size, no text at all."""
    proof, receipt = proof_of(3).encode(), handed(RECEIPTS[3])
    assert told(handed(RECEIPTS[4]), handed(proof)) == ["", "path"]
    assert told(receipt, handed(proof.replace(b"\n11\n", b"\n12\n"))) == ["", "signature"]
    assert told(receipt, handed(proof.replace(b"index 3", b"index 03"))) == ["", "index"]
    assert told(receipt, Exhibit("proof", Kind.PROOF, b"\xff")) == ["", "header"]
    assert told(receipt, handed(proof), pins=(pin(KIOSK.certificate),)) == ["", "signature"]
    with pytest.raises(InputError, match="凭证"):
        told(handed(proof))


def test_a_second_receipt_is_checked_even_where_nobody_is_to_be_believed() -> None:
    """Without pins the answer names the certificate that is missing."""
    receipt, proof = handed(RECEIPTS[3]), handed(proof_of(3).encode())
    assert [answer.field for answer in examine([receipt, proof], [])] == ["certificate", "certificate"]
