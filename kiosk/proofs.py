"""The proof of one slip, taken out of the kiosk for whoever holds its receipt: files that strangers' tools can read.

Who may read the machine's files may export: the operator. What is written opens the record's commitment, so it names
the customer, and is private to who wrote it; the list names no customer.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.config import sync_path, write_private
from kiosk.witness import Witness
from shared_rules.errors import EvidenceError, InputError, RefusedError, UnavailableError
from shared_rules.evidence import STAMP_GRADES, certificate_digest, receipt_of
from shared_rules.exhibits import body_text
from shared_rules.facts import SlipAmended, SlipRenewed, SlipStamped
from shared_rules.journal import Record
from shared_rules.token import time_stamp_token
from shared_rules.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kiosk.journal import Journal
    from shared_rules.facts import Event
    from shared_rules.protocol import Entry

__all__ = ["Held", "Proof", "held", "proof_of", "write_proof"]

_SLIPS: Final = (SlipStamped, SlipAmended, SlipRenewed)


@dataclass(frozen=True, slots=True)
class Held:
    """A slip whose receipt this kiosk gave: what may be listed of it."""

    slip: str
    salesperson: str
    """Number."""
    event: Event


@dataclass(frozen=True, slots=True)
class Proof:
    """A slip's record as it was signed, and the certificates of who signed it."""

    held: Held
    entry: Entry
    certificate: x509.Certificate
    authority: str
    """PEM."""
    second: str = ""
    """The server's proof that the receipt stands in its log, "" = none yet."""
    server: str = ""
    """PEM of the certificate whose key signs that log."""

    @property
    def record(self) -> Record:
        """The record."""
        return Record.unpack(self.entry.record)

    @property
    def receipt(self) -> bytes:
        """The 188 bytes."""
        return receipt_of(self.record, self.entry.signature)

    @property
    def erased(self) -> bool:
        """Whether content and salt were taken away for good: then nobody can open the commitment any more."""
        return not self.entry.salt


def held(journal: Journal) -> Iterator[Held]:
    """Yield the slips of all lives that have a receipt, in the order of stamping."""
    for event in journal.events():
        if isinstance(event.fact, _SLIPS) and event.grade in STAMP_GRADES:
            yield Held(event.fact.slip, event.fact.salesperson, event)


def proof_of(journal: Journal, slip: str) -> Proof:
    """Return the proof of a slip; InputError if this kiosk has none, RefusedError if no clock saw its pen."""
    found = next((one for one in held(journal) if one.slip == slip), None)
    if found is None:
        if any(isinstance(event.fact, _SLIPS) and event.fact.slip == slip for event in journal.events()):
            raise RefusedError(say("{slip} 是应急本补录的，时间由人申报，没有凭证", slip=slip))
        raise InputError(say("这台柜台机没有盖过 {slip}；单号见 xianhou receipt list", slip=slip), field="slip")
    log, seq = found.event.log, found.event.seq
    entry = journal.chain.entry(log.inc, seq)
    digest, place = journal.chain.certificate_of(log.inc), journal.keys.config.place
    for text in (place.certificate, *place.former):
        certificate = x509.load_pem_x509_certificate(text.encode())
        if entry is not None and certificate_digest(certificate.public_bytes(Encoding.DER)) == digest:
            second = Witness(journal.database, journal.keys).second_receipt(log, seq) or ""
            return Proof(found, entry, certificate, place.ca, second, place.server_certificate)
    raise EvidenceError(say("日志的签名证书不是这台柜台机的；日志被改动过或来自别处"), field="certificate")


def write_proof(proof: Proof, out: Path) -> tuple[str, ...]:
    """Write the files of a proof into a new folder that only this user can read, all or none; return their names.

    Raises InputError if the folder is there already, UnavailableError where the disk does not take it.
    """
    if out.exists():
        raise InputError(say("{path} 已经存在；不覆盖旧文件，请换一个名字", path=str(out)), field="out")
    files = {
        "rec.bin": proof.entry.record,
        "rec.tst": time_stamp_token(proof.record, proof.entry.signature, proof.certificate),
        "kiosk.pem": proof.certificate.public_bytes(Encoding.PEM),
        "ca.pem": proof.authority.encode(),
    }
    if proof.second:
        files |= {"rec.tlog-proof": proof.second.encode(), "server.pem": proof.server.encode()}
    if not proof.erased:
        files["body.json"] = body_text(proof.entry.salt, proof.entry.body)
    making = out.with_name(out.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    try:
        making.mkdir(mode=0o700)
        for name, data in files.items():
            write_private(making / name, data)
        making.rename(out)
        sync_path(out.parent)
    except OSError as error:
        raise UnavailableError(say("写不进 {path}：{why}", path=str(out), why=error.strerror or "")) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return tuple(files)
