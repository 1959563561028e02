"""The published vectors are current, and a verifier that knows only the files agrees with them."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kiosk.receipt import from_base45
from shared_rules.checkpoints import check_proof
from shared_rules.errors import EvidenceError, WireError
from shared_rules.evidence import open_receipt
from shared_rules.exhibits import Exhibit, Kind, examine, kind_of, pin
from tests.vectors import FOLDER, files

KEYS: dict[str, Any] = json.loads((FOLDER / "keys.json").read_text(encoding="utf-8"))
PUBLIC = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(KEYS["kiosk_public_point"]))
DIGEST = bytes.fromhex(KEYS["certificate_sha256"])


def load(name: str) -> Any:
    """Return a vector file."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(files()))
def test_the_published_file_is_the_one_that_the_code_makes(name: str) -> None:
    """A changed layout would break every receipt in a pocket: `python -m tests.vectors` shows it in the diff."""
    assert (FOLDER / name).read_text(encoding="utf-8") == files()[name]


def test_no_other_file_lies_among_the_vectors() -> None:
    """Nothing published that no test holds."""
    assert {path.name for path in FOLDER.iterdir()} == {*files(), "README.md"}


@pytest.mark.parametrize("case", load("receipts.json"), ids=lambda case: case["grade"])
def test_a_good_receipt_holds_for_a_verifier_of_others(case: dict[str, str]) -> None:
    """Plain ECDSA over the published signed attributes, without any of our code."""
    receipt, signed = bytes.fromhex(case["receipt"]), bytes.fromhex(case["signed_attributes"])
    r, s = int.from_bytes(receipt[124:156], "big"), int.from_bytes(receipt[156:], "big")
    PUBLIC.verify(encode_dss_signature(r, s), signed, ec.ECDSA(SHA256()))
    info = bytes.fromhex(case["tst_info"])
    assert hashlib.sha256(receipt[:124]).digest() in info
    assert hashlib.sha256(info).digest() in signed
    assert DIGEST in signed
    assert from_base45(case["base45"]) == receipt
    assert int(case["link"].partition("#")[2]) == int(case["receipt"], 16)


@pytest.mark.parametrize("case", load("receipts.json"), ids=lambda case: case["grade"])
def test_a_good_receipt_holds_for_us(case: dict[str, str]) -> None:
    """The published receipts are accepted by the product's verifier."""
    assert open_receipt(bytes.fromhex(case["receipt"]), PUBLIC, DIGEST).grade.name == case["grade"]


@pytest.mark.parametrize("case", load("bad.json"), ids=lambda case: f"{case['field']}: {case['why']}")
def test_a_bad_receipt_is_refused(case: dict[str, str]) -> None:
    """Each names the field that is wrong; none proves anything."""
    with pytest.raises((WireError, EvidenceError)) as caught:
        open_receipt(bytes.fromhex(case["receipt"]), PUBLIC, DIGEST)
    assert getattr(caught.value, "field", "") == case["named"]


def test_some_bad_receipts_fool_a_verifier_that_forgets_a_rule() -> None:
    """Sabotage: checking ECDSA over the good attributes alone accepts the twin signature, so the rule is needed."""
    signed = bytes.fromhex(load("receipts.json")[0]["signed_attributes"])
    fooled = []
    for case in load("bad.json"):
        receipt = bytes.fromhex(case["receipt"])
        r, s = int.from_bytes(receipt[124:156], "big"), int.from_bytes(receipt[156:], "big")
        try:
            PUBLIC.verify(encode_dss_signature(r, s), signed, ec.ECDSA(SHA256()))
        except InvalidSignature:
            continue
        fooled.append(case["why"])
    assert "n - s: the other half" in fooled
    assert "open under grade A" in fooled


def test_every_field_of_a_receipt_has_a_bad_example() -> None:
    """Nothing in the 188 bytes is without its counter-example."""
    fields = {case["field"] for case in load("bad.json")}
    layout = ["magic", "kiosk", "grade", "kind", "seq", "lo", "hi", "tick", "boot_id", "inc", "seg", "prev", "body"]
    assert fields >= {*layout, "r", "s", "length", "certificate"}


@pytest.mark.parametrize("case", [one for one in load("exhibits.json") if "files" in one], ids=lambda case: case["why"])
def test_files_handed_over_together_are_answered_as_published(case: dict[str, Any]) -> None:
    """Forged roots, numbers used twice, journals with a gap: what is named is what the vectors say."""
    pinned = [pin(x509.load_pem_x509_certificate(KEYS["kiosk"].encode()))]
    exhibits = [Exhibit(str(n), Kind(one["kind"]), bytes.fromhex(one["data"])) for n, one in enumerate(case["files"])]
    assert [one.field for one in examine(exhibits, pinned)] == [one["named"] for one in case["files"]]
    assert [kind_of(one.data) for one in exhibits] == [one.kind for one in exhibits]


@pytest.mark.parametrize("case", [one for one in load("exhibits.json") if "body" in one], ids=lambda case: case["why"])
def test_a_content_opens_its_record_as_published(case: dict[str, Any]) -> None:
    """Plain SHA-256 over tag, salt and content."""
    salted = b"xianhou-body-v1\n" + bytes.fromhex(case["body"]["salt"]) + case["body"]["canonical"].encode()
    assert (hashlib.sha256(salted).hexdigest() == case["record"][-64:]) is (case["named"] == "")


def test_the_records_are_packed_as_documented() -> None:
    """Read with nothing but the layout of the documentation; the chain links by SHA-256."""
    records = load("records.json")
    for case in [*records["single"], *records["chain"]]:
        fields = struct.unpack(">4sHBBQqqQ16sHH32s32s", bytes.fromhex(case["packed"]))
        assert fields[0] == b"XHr1"
        assert (fields[1], fields[4], fields[5], fields[6], fields[7]) == (
            case["kiosk"], case["seq"], case["lo"], case["hi"], case["tick"]
        )  # fmt: skip
        assert fields[8].hex() == case["boot_id"]
        assert (fields[9], fields[10]) == (case["inc"], case["seg"])
        assert (fields[11].hex(), fields[12].hex()) == (case["prev"], case["body"])
        assert hashlib.sha256(bytes.fromhex(case["packed"])).hexdigest() == case["sha256"]
    for one, two in zip(records["chain"], records["chain"][1:], strict=False):
        assert two["prev"] == one["sha256"]
    opened = records["commitment"]
    salted = b"xianhou-body-v1\n" + bytes.fromhex(opened["salt"]) + opened["canonical"].encode()
    assert hashlib.sha256(salted).hexdigest() == opened["body"]


@pytest.mark.parametrize("case", load("seals.json"), ids=lambda case: case["why"])
def test_a_seal_is_a_receipt_whose_promise_can_be_opened(case: dict[str, str]) -> None:
    """Kind 5, and plain SHA-256 from the content to the signed record; its floor is where the content says."""
    receipt = bytes.fromhex(case["receipt"])
    assert open_receipt(receipt, PUBLIC, DIGEST).kind.name == "SEAL"
    assert from_base45(case["base45"]) == receipt
    salted = b"xianhou-body-v1\n" + bytes.fromhex(case["salt"]) + case["canonical"].encode()
    assert hashlib.sha256(salted).digest() == receipt[92:124]
    assert set(json.loads(case["canonical"])) == {"end", "floor", "slips"}


PROOFS = load("proofs.json")


def root_by(receipt: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """Return the root to which a path leads: RFC 9162, 2.1.3.2, word by word."""
    fn, sn, r = index, size - 1, hashlib.sha256(b"\0" + receipt).digest()
    if fn > sn:
        return None
    for p in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            r = hashlib.sha256(b"\1" + p + r).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = hashlib.sha256(b"\1" + r + p).digest()
        fn, sn = fn >> 1, sn >> 1
    return r if sn == 0 else None


@pytest.mark.parametrize("case", PROOFS["good"], ids=lambda case: f"{case['index']} of {case['size']}")
def test_a_second_receipt_holds_for_a_verifier_of_others(case: dict[str, Any]) -> None:
    """The path by the RFC's own words, the checkpoint by plain ECDSA over its lines; and for us."""
    receipt, (head, note) = bytes.fromhex(case["receipt"]), case["text"].split("\n\n", 1)
    header, index, *path = head.split("\n")
    assert (header, index) == ("c2sp.org/tlog-proof@v1", f"index {case['index']}")
    text, signature = note.split("\n\n")
    origin, size, root = text.split("\n")
    assert (origin, int(size)) == (PROOFS["origin"], case["size"])
    led = root_by(receipt, case["index"], int(size), [base64.b64decode(one) for one in path])
    assert led == base64.b64decode(root)
    der = bytes.fromhex(PROOFS["server_public_key"])
    key = load_der_public_key(der)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    dash, name, signed = signature.strip().split(" ")
    assert (dash, name, base64.b64decode(signed)[:4]) == ("—", origin, hashlib.sha256(der).digest()[:4])
    key.verify(base64.b64decode(signed)[4:], f"{text}\n".encode(), ec.ECDSA(SHA256()))
    assert check_proof(case["text"], receipt, key, bytes.fromhex(PROOFS["authority_sha256"])).size == case["size"]


@pytest.mark.parametrize("case", PROOFS["bad"], ids=lambda case: case["why"])
def test_a_bad_second_receipt_is_refused(case: dict[str, str]) -> None:
    """Each names what is wrong."""
    key = load_der_public_key(bytes.fromhex(PROOFS["server_public_key"]))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    with pytest.raises((WireError, EvidenceError)) as caught:
        check_proof(case["text"], bytes.fromhex(case["receipt"]), key, bytes.fromhex(PROOFS["authority_sha256"]))
    assert getattr(caught.value, "field", "") == case["named"]
