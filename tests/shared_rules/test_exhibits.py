"""What a stranger is handed: it holds, or the field is named that does not; forged roots and numbers used twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared_rules.errors import EvidenceError, InputError
from shared_rules.exhibits import Checked, Exhibit, Kind, Pin, body_text, examine, kind_of, pin, record_lines
from shared_rules.facts import Grade, LogId
from shared_rules.interval import Interval
from shared_rules.journal import Record, RecordKind
from shared_rules.token import time_stamp_token
from tests.certificates import FROM, UNTIL, Issued
from tests.stamps import BODY, SALT, STAMP, chain, stamp, stamped

CA = Issued.authority()
KIOSK = CA.kiosk()
PIN = pin(KIOSK.certificate, CA.certificate)
RECEIPT = stamped(STAMP, KIOSK).receipt
MEASURED = (Grade.A, Grade.B, Grade.C)


def token_of(record: Record, kiosk: Issued = KIOSK) -> bytes:
    """Return the time stamp of a record as a kiosk signed it."""
    return time_stamp_token(record, stamped(record, kiosk).signature, kiosk.certificate)


def journal_of(records: list[Record], kiosk: Issued = KIOSK) -> bytes:
    """Return a journal file."""
    return b"".join(record.pack() + stamped(record, kiosk).signature for record in records)


def handed(*files: bytes, pins: tuple[Pin, ...] = (PIN,)) -> tuple[Checked, ...]:
    """Return what comes out for some files, recognised by their look."""
    exhibits = []
    for number, data in enumerate(files):
        kind = kind_of(data)
        assert kind is not None
        exhibits.append(Exhibit(f"file {number}", kind, data))
    return examine(exhibits, pins)


def refusals(*files: bytes, pins: tuple[Pin, ...] = (PIN,)) -> list[str]:
    """Return the field that each file fails in, "" where it holds."""
    return [one.field if one.refusal else "" for one in handed(*files, pins=pins)]


def flips(data: bytes) -> list[bytes]:
    """Return the data with each single bit turned."""
    turned = []
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        turned.append(bytes(changed))
    return turned


# --- each kind by itself


def test_every_kind_is_known_by_its_look() -> None:
    """Nobody has to say what he was handed."""
    found = [kind_of(data) for data in (
        RECEIPT, STAMP.pack(), token_of(STAMP), RECEIPT * 3, body_text(SALT, BODY), b"", b"a letter", RECEIPT[:-1],
    )]  # fmt: skip
    assert found == [Kind.RECEIPT, Kind.RECORD, Kind.TOKEN, Kind.JOURNAL, Kind.BODY, None, None, None]


@pytest.mark.parametrize("grade", MEASURED)
def test_a_stamp_of_each_grade_holds_in_all_its_forms(grade: Grade) -> None:
    """Receipt, record with its time stamp, and the content that the record commits to."""
    record = stamp(grade)
    files = (stamped(record, KIOSK).receipt, record.pack(), token_of(record), body_text(SALT, BODY))
    assert refusals(*files) == [""] * 4
    assert handed(*files)[0].lines == record_lines(record)


def test_every_single_bit_flip_of_a_receipt_is_refused_with_a_field() -> None:
    """1,504 receipts that differ in one bit."""
    fields = [refusals(changed)[0] for changed in flips(RECEIPT)]
    assert len(fields) == 1504
    assert set(fields) == {"magic", "grade", "kind", "seq", "lo", "hi", "tick", "s", "signature"}


def test_every_single_bit_flip_of_a_time_stamp_is_refused() -> None:
    """No byte of a token is left unlooked at, though none is parsed."""
    token = token_of(STAMP)
    for changed in flips(token):
        if kind_of(changed) is Kind.TOKEN:
            assert refusals(STAMP.pack(), changed)[1] in ("record", "certificate", "token", "signature", "s")


def test_a_signature_whose_numbers_are_short_is_found_in_its_time_stamp() -> None:
    """One in 128 stamps has an r or s of fewer bytes: DER then writes fewer."""
    sizes = set()
    for seq in range(1, 1200):
        record = replace(STAMP, seq=seq)
        token = token_of(record)
        if len(token) not in sizes:
            sizes.add(len(token))
            assert refusals(record.pack(), token) == ["", ""]
    assert len(sizes) >= 3


# --- forged roots


def test_a_time_stamp_under_a_forged_root_of_the_same_names_is_refused_for_its_certificate() -> None:
    """Same names, same numbers, other keys: whoever trusts the names is fooled; the pinned certificate is not."""
    forger = Issued.authority(secret=666).kiosk(secret=667)
    answer = handed(STAMP.pack(), token_of(STAMP, forger))[1]
    assert answer.field == "certificate"
    assert answer.refusal is not None
    assert "伪造" in answer.refusal.chinese()


def test_a_certificate_of_a_forged_root_is_never_believed() -> None:
    """It names the CA as its issuer, and the CA's key did not sign it."""
    forger = Issued.authority(secret=666)
    with pytest.raises(EvidenceError, match="CA") as caught:
        pin(forger.kiosk().certificate, CA.certificate)
    assert caught.value.field == "certificate"


def test_without_a_certificate_to_believe_nothing_holds() -> None:
    """No pin, no proof, and no error of a library."""
    assert refusals(RECEIPT, STAMP.pack(), token_of(STAMP), pins=()) == ["certificate", "signature", "certificate"]


def test_a_certificate_with_another_kind_of_key_is_refused() -> None:
    """An Ed25519 key can never have signed a receipt."""
    from cryptography import x509

    key, name = Ed25519PrivateKey.generate(), x509.Name([])
    draft = x509.CertificateBuilder(name, name, key.public_key(), 1, FROM, UNTIL)
    with pytest.raises(EvidenceError, match="P-256"):
        pin(draft.sign(key, None))


def test_a_kiosk_cannot_sign_for_another() -> None:
    """Both are believed; the certificate that the server wrote says whose key it is."""
    seven = pin(CA.kiosk("Xianhou kiosk 7", secret=70).certificate)
    eight = CA.kiosk("Xianhou kiosk 8", secret=80)
    pins = (seven, pin(eight.certificate))
    files = (stamped(STAMP, eight).receipt, STAMP.pack(), token_of(STAMP, eight))
    assert refusals(*files, pins=pins) == ["kiosk", "signature", "kiosk"]
    own = replace(STAMP, log=LogId(8, 5))
    assert refusals(stamped(own, eight).receipt, pins=pins) == [""]


# --- numbers used twice


def test_two_records_under_one_number_prove_fraud_by_themselves() -> None:
    """Both signatures hold: the kiosk's key signed two pasts. The sentence names the number and the other file."""
    other = stamped(replace(STAMP, body=bytes(32)), KIOSK).receipt
    first, second = handed(RECEIPT, other)
    assert first.refusal is None
    assert (second.field, second.refusal is not None) == ("seq", True)
    assert second.refusal is not None
    assert "第 12 号用过两次" in second.refusal.chinese()
    assert "file 0" in second.refusal.chinese()


def test_the_same_receipt_twice_is_no_fraud() -> None:
    """A reprint is identical; another life of the journal begins at one again."""
    life = stamped(replace(STAMP, log=LogId(7, 2)), KIOSK).receipt
    assert refusals(RECEIPT, RECEIPT, STAMP.pack(), token_of(STAMP), life) == [""] * 5


def test_a_pocketed_receipt_refutes_a_journal_that_was_signed_anew() -> None:
    """Number 3 edited and the chain signed again with the kiosk's own key: the chain holds, beside the pocket not."""
    honest = chain(5)
    pocket = stamped(honest[3], KIOSK).receipt
    edited = honest[:2]
    for record in honest[2:]:
        edited.append(replace(record, prev=edited[-1].digest(), body=bytes(32)))
    assert refusals(journal_of(honest), pocket) == ["", ""]
    assert refusals(journal_of(edited)) == [""]
    assert refusals(journal_of(edited), pocket) == ["", "seq"]


# --- journals


def test_a_journal_of_two_lives_holds_and_is_told_life_by_life() -> None:
    """Each life has a chain of its own; asserted times in it are signed too, and fall back without a word."""
    records = chain(4) + chain(3, LogId(7, 9))
    paper = replace(records[6], seq=4, grade=Grade.P, prev=records[6].digest(), time=Interval(1, 2))
    (answer,) = handed(journal_of([*records, paper]))
    assert answer.refusal is None
    assert [dict(line.args) for line in answer.lines] == [
        {"kiosk": 7, "inc": 40001, "count": 4},
        {"kiosk": 7, "inc": 9, "count": 4},
    ]


def test_a_time_that_falls_is_told() -> None:
    """It is not refused: a clock event before it may say why."""
    records = chain(2)
    fallen = replace(records[1], time=Interval(1, 2))
    (answer,) = handed(journal_of([records[0], fallen]))
    assert dict(answer.lines[1].args) == {"seq": 2}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("dropped", "seq"), ("swapped", "seq"), ("edited", "prev"), ("other signer", "signature"), ("beheaded", "seq"),
        ("unknown kind", "kind"),
    ],
)  # fmt: skip
def test_a_journal_that_was_touched_is_refused(change: str, field: str) -> None:
    """A record left out, put elsewhere, changed and signed anew, signed by another, cut off at the head, of no kind."""
    records = chain(5)
    data = journal_of(records)
    if change == "dropped":
        data = journal_of(records[:2] + records[3:])
    if change == "swapped":
        data = journal_of([records[0], records[2], records[1], *records[3:]])
    if change == "edited":
        data = journal_of([*records[:2], replace(records[2], body=bytes(32)), *records[3:]])
    if change == "other signer":
        data = journal_of(records[:4]) + journal_of(records[4:], CA.kiosk("kiosk-8", secret=8))
    if change == "beheaded":
        data = journal_of(records[1:])
    if change == "unknown kind":
        data = data[: 188 + 7] + b"\x09" + data[188 + 8 :]
    assert refusals(data) == [field]


# --- what belongs together


def test_a_body_that_the_record_does_not_commit_to_is_refused() -> None:
    """One changed character, or another salt; alone with its record and among several."""
    changed = body_text(SALT, BODY.replace(b"12", b"13"))
    other = stamped(replace(STAMP, seq=13), KIOSK).receipt
    assert refusals(RECEIPT, changed) == ["", "body"]
    assert refusals(RECEIPT, other, changed, body_text(bytes(16), BODY)) == ["", "", "body", "body"]
    assert refusals(RECEIPT, body_text(bytes(3), BODY)) == ["", "salt"]


def test_a_time_stamp_of_another_record_is_refused() -> None:
    """The imprint is of other bytes."""
    assert refusals(replace(STAMP, seq=13).pack(), token_of(STAMP)) == ["signature", "record"]


@pytest.mark.parametrize(
    ("files", "field"),
    [
        ((token_of(STAMP),), "record"),
        ((STAMP.pack(),), "token"),
        ((body_text(SALT, BODY),), "record"),
        ((RECEIPT, b'{"salt":"zz","canonical":""}'), "body"),
        ((RECEIPT, b"{]"), "body"),
    ],
)
def test_half_of_a_proof_is_asked_for_the_other_half(files: tuple[bytes, ...], field: str) -> None:
    """That is no refusal: the sentence says which file is missing, or that one cannot be read."""
    with pytest.raises(InputError) as caught:
        handed(*files)
    assert caught.value.field == field


def test_an_asserted_time_is_no_receipt_and_stands_in_a_journal() -> None:
    """The emergency book's page proves who keyed it, never when."""
    paper = stamped(stamp(Grade.P), KIOSK)
    assert refusals(paper.record.pack() + paper.signature) == ["grade"]
    first = replace(stamp(Grade.P), seq=1, prev=bytes(32), kind=RecordKind.GENESIS)
    assert refusals(journal_of([first]) + journal_of(chain(1, LogId(7, 3)))) == [""]
