"""What the server does with a kiosk's push: the acceptance table, in one transaction, and nothing but evidence decides.

A revoked certificate acknowledges nothing more; what comes under it is kept apart as evidence. Otherwise:
same seq and same hash → duplicate, fine · next seq and matching prev → append, commit, acknowledge · beyond → 409 with
`next` · same seq and other hash → fork: both branches kept, automatic effect frozen, alarm · a body that cannot be read
or does not fit its record → kept in quarantine, acknowledged, alarm. A push never refuses a slip for what stands on it.
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from shared_rules.errors import EvidenceError, RefusedError, WireError
from shared_rules.evidence import verify_payload, verify_record
from shared_rules.facts import ASSERTED, SERVER_KIOSK, LogId, Received
from shared_rules.journal import Place, Record, RecordKind, check_body, place_of
from shared_rules.protocol import (
    HEAD_CONTEXT,
    LONGEST_PROMISE,
    MAX_BATCH_RECORDS,
    Entry,
    Head,
    PushAnswer,
    PushRequest,
    Signed,
)
from shared_rules.wire import decode_canonical, decode_fact
from shared_rules.words import say
from sync_server.bodies import TooLargeError
from sync_server.pki import public_key_of
from sync_server.store import certificates, journals, persons, places

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    from sync_server.clock import Reading
    from sync_server.log import ServerLog
    from sync_server.store import Store, Transaction
    from sync_server.store.certificates import Certificate
    from sync_server.store.journals import LogState
    from sync_server.store.places import Kiosk

__all__ = [
    "BadSignatureError",
    "Fork",
    "Gap",
    "Intake",
    "Pushed",
    "Revoked",
    "RevokedError",
    "UnknownLogError",
]


class UnknownLogError(RefusedError):
    """No kiosk of this number was ever enrolled here."""


class BadSignatureError(EvidenceError):
    """The head, or a record that the head does not cover, was not signed by the enrolled key."""


class RevokedError(RefusedError):
    """The certificate was taken back, or replaced when the kiosk was enrolled again."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """Nothing was acknowledged; the records that were properly signed lie there as evidence."""

    error: RevokedError


@dataclass(frozen=True, slots=True)
class Gap:
    """Records before these are missing: the answer says which one is wanted."""

    next: int
    hash: str


@dataclass(frozen=True, slots=True)
class Fork:
    """This journal has two histories; both are kept, its automatic effect is frozen."""

    next: int
    hash: str


@dataclass(frozen=True, slots=True)
class Pushed:
    """The acknowledgement, and whether there is anything to settle: further batches of a backlog are waited for."""

    answer: PushAnswer
    news: bool
    more: bool
    """The head speaks of records that are not here yet."""


_CertifiedKeys = list[tuple["EllipticCurvePublicKey", bytes]]
"""Keys with the digests of their certificates, the newest first."""
_UNPROVED: Final = ("signature", "header")
"""Quarantined records whose own signature does not vouch for them: a signed head must."""


class _Placed(Enum):
    NEW = 1
    KNOWN = 2
    BRANCH = 3


@dataclass(frozen=True, slots=True)
class _Link:
    """A record as the chain needs it, with why its meaning is not taken (quarantine), if so."""

    place: Place
    record: Record | None
    """None where this release does not know its grade or kind."""
    entry: Entry
    digest: str
    quarantine: str


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes pushes in; `log` is the server's own journal."""

    store: Store
    log: ServerLog

    def identify(self, tx: Transaction, signed: Signed, number: int | None = None) -> tuple[Kiosk, Head]:
        """Return the kiosk that signed this head.

        Raises UnknownLogError, BadSignatureError, WireError, or RevokedError for a certificate that counts no more.
        """
        kiosk, head, certificate = self._signer(tx, signed, number)
        if certificate.ended_at:
            raise _revoked(kiosk)
        return kiosk, head

    def _signer(self, tx: Transaction, signed: Signed, number: int | None) -> tuple[Kiosk, Head, Certificate]:
        head = decode_canonical(signed.payload, Head)
        kiosk = places.kiosk(tx, head.kiosk)
        if kiosk is None or head.kiosk == SERVER_KIOSK or (number is not None and head.kiosk != number):
            raise UnknownLogError(say("本服务器没有登记过 {kiosk} 号机；请管理员重新登记", kiosk=head.kiosk))
        for held in certificates.certificates(tx, kiosk.kiosk):
            try:
                verify_payload(HEAD_CONTEXT, signed, public_key_of(held.certificate.encode()))
            except EvidenceError:
                continue
            return kiosk, head, held
        raise BadSignatureError(say("{kiosk} 号机的签名与登记的证书不符", kiosk=head.kiosk))

    def push(self, log: LogId, request: PushRequest) -> Pushed | Gap | Fork | Revoked:
        """Take one batch in; everything is on the disk when an acknowledgement is returned.

        Raises TooLargeError, WireError, UnknownLogError, BadSignatureError: then nothing was kept.
        """
        if len(request.entries) > MAX_BATCH_RECORDS:
            raise TooLargeError(say("一批最多 {most} 条记录", most=MAX_BATCH_RECORDS), field="entries")
        received = self.log.clock.read()
        with self.store.transaction() as tx:
            kiosk, head, certificate = self._signer(tx, request.head, log.kiosk)
            if (head.kiosk, head.inc) != log:
                raise WireError(say("报文的日志编号与地址不符"), field="head")
            if certificate.ended_at:
                return self._withhold(
                    tx, log, kiosk, certificate=certificate, entries=request.entries, received=received
                )
            links = self._links(log, _keys(certificates.certificates(tx, log.kiosk)), head, request.entries)
            state = journals.log_state(tx, log) or self._open(tx, log, received)
            if links and links[0].place.seq > state.next:
                return Gap(state.next, state.hash)
            placed = {self._place(tx, log, link, received) for link in links}
            state = journals.log_state(tx, log) or state
            if _Placed.BRANCH in placed or self._head_differs(tx, log, head, state):
                return self._fork(tx, log, kiosk, received)
            return self._acknowledge(tx, log, request.head, head, received, news=_Placed.NEW in placed)

    def _open(self, tx: Transaction, log: LogId, received: Reading) -> LogState:
        others = [state for state in journals.logs(tx) if state.log.kiosk == log.kiosk]
        journals.add_log(tx, log)
        if others:
            sentence = say("{kiosk} 号机换了新的日志：旧数据可能是恢复的备份或被复制，请管理员查看", kiosk=log.kiosk)
            persons.add_alarm(tx, f"incarnation {log.kiosk}.{log.inc}", sentence, at=received.now)
        state = journals.log_state(tx, log)
        assert state is not None
        return state

    def _withhold(
        self, tx: Transaction, log: LogId, kiosk: Kiosk, *, certificate: Certificate, entries: list[Entry],
        received: Reading,
    ) -> Revoked:  # fmt: skip
        """Keep what a revoked kiosk sends, as far as its key signed it: evidence for people, without effect."""
        for link in (_link(entry, _keys([certificate])) for entry in entries):
            if link.place.log == log and not link.quarantine:
                certificates.withhold(tx, log, link.entry, seq=link.place.seq, digest=link.digest, at=received.now)
        sentence = say("已吊销的 {kiosk} 号机又来联系：它送来的记录只作证据保存，请管理员查看", kiosk=log.kiosk)
        persons.add_alarm(tx, f"revoked contact {certificate.digest}", sentence, at=received.now)
        return Revoked(_revoked(kiosk))

    def _links(self, log: LogId, keys: _CertifiedKeys, head: Head, entries: list[Entry]) -> list[_Link]:
        links = [_link(entry, keys) for entry in entries]
        for before, link in zip([None, *links], links, strict=False):
            if link.place.log != log:
                raise WireError(say("第 {seq} 号记录不属于这本日志", seq=link.place.seq), field="log")
            if before is not None and link.place.seq != before.place.seq + 1:
                raise WireError(say("一批记录的序号必须相连"), field="seq")
        if any(link.quarantine in _UNPROVED for link in links) and not _covered(links, head):
            raise BadSignatureError(say("{kiosk} 号机的签名与登记的证书不符", kiosk=log.kiosk))
        return links

    def _place(self, tx: Transaction, log: LogId, link: _Link, received: Reading) -> _Placed:
        place = link.place
        if journals.has_record(tx, log, link.digest):
            on_main = journals.hash_at(tx, log, place.seq) == link.digest
            return _Placed.KNOWN if on_main else _Placed.BRANCH
        state = journals.log_state(tx, log)
        assert state is not None
        main = place.seq == state.next and place.prev.hex() == state.hash
        journals.add_record(
            tx, log, link.entry, seq=place.seq, digest=link.digest, at=received.now, branch=0 if main else 1,
            quarantine=link.quarantine, frozen=state.frozen or not main,
        )  # fmt: skip
        self._alarms(tx, log, link, state.floor, received)
        return _Placed.NEW if main else _Placed.BRANCH

    def _alarms(self, tx: Transaction, log: LogId, link: _Link, floor: int, received: Reading) -> None:
        where = {"kiosk": log.kiosk, "seq": link.place.seq}
        subject = f"{log.kiosk}.{log.inc}.{link.place.seq}"
        if link.quarantine:
            sentence = say("{kiosk} 号机第 {seq} 号记录无法采用（已原样保存）：请管理员查看", **where)
            persons.add_alarm(tx, f"quarantine {subject}", sentence, at=received.now)
        if link.record is None or link.record.grade in ASSERTED:
            return  # what people say of the past no clock can be held to
        if link.record.kind is RecordKind.FACT and link.record.time.hi <= floor:
            sentence = say("{kiosk} 号机第 {seq} 号记录早于它自己的封账时刻：请管理员查看", **where)
            persons.add_alarm(tx, f"floor {subject}", sentence, at=received.now)
        if received.synchronised and link.record.time.lo > received.interval.hi:
            sentence = say("{kiosk} 号机第 {seq} 号记录的时间在服务器的时间之后：请管理员查看这台机器的时钟", **where)
            persons.add_alarm(tx, f"ahead {log.kiosk}.{log.inc}", sentence, at=received.now)
        if link.record.time.hi < certificates.first_issued(tx, log.kiosk) - received.err:
            sentence = say("{kiosk} 号机第 {seq} 号记录的时间早于它的登记：请管理员查看这台机器的时钟", **where)
            persons.add_alarm(tx, f"before enrolment {log.kiosk}.{log.inc}", sentence, at=received.now)

    def _alarm_ahead(self, tx: Transaction, log: LogId, received: Reading) -> None:
        if received.synchronised:
            sentence = say("{kiosk} 号机承诺的封账时刻太远，没有采用：请管理员查看这台机器的时钟", kiosk=log.kiosk)
            persons.add_alarm(tx, f"promise ahead {log.kiosk}.{log.inc}", sentence, at=received.now)

    def _head_differs(self, tx: Transaction, log: LogId, head: Head, state: LogState) -> bool:
        return head.seq < state.next and journals.hash_at(tx, log, head.seq) != head.hash

    def _fork(self, tx: Transaction, log: LogId, kiosk: Kiosk, received: Reading) -> Fork:
        journals.freeze(tx, log)
        sentence = say(
            "{office} 的 {kiosk} 号机出现两本不同的日志，已停止自动判定：请管理员查看",
            office=kiosk.office,
            kiosk=log.kiosk,
        )
        persons.add_alarm(tx, f"fork {log.kiosk}.{log.inc}", sentence, at=received.now)
        state = journals.log_state(tx, log)
        assert state is not None
        return Fork(state.next, state.hash)

    def _acknowledge(
        self, tx: Transaction, log: LogId, signed: Signed, head: Head, received: Reading, *, news: bool
    ) -> Pushed:
        state = journals.log_state(tx, log)
        assert state is not None
        if not _told_before(tx, log, signed, head):
            journals.note_head(
                tx, log, seq=head.seq, payload=signed.payload, signature=signed.signature, at=received.now,
                unsent=head.unsent, version=head.version,
            )  # fmt: skip
        # a floor speaks of the journal up to its head: it counts only once the server holds all of that
        raised = head.seq < state.next and not state.frozen and head.floor > state.floor
        if raised and not _credible(head, received):
            raised = False
            self._alarm_ahead(tx, log, received)
        if raised:
            journals.set_floor(tx, log, head.floor)
        if news:
            self.log.append(tx, Received(kiosk=log.kiosk, inc=log.inc, upto=state.next - 1))
        anchor = self.log.anchor(tx, head, received)
        answer = PushAnswer(next=state.next, hash=state.hash, anchor=anchor)
        return Pushed(answer, news or raised, head.seq >= state.next)


def _credible(head: Head, received: Reading) -> bool:
    """Return whether a head may promise: signed by a clock not ahead of ours, for no longer than an office closes."""
    latest = received.now + received.err
    return head.lo <= latest and head.floor <= latest + LONGEST_PROMISE


def _told_before(tx: Transaction, log: LogId, signed: Signed, head: Head) -> bool:
    """Return whether this head was heard, or is older than one that was: within a life seq, floor and lo only rise."""
    payload = journals.head_payload(tx, log)
    if not payload:
        return False
    held = decode_canonical(payload, Head)
    return signed.payload == payload or (head.seq, head.floor, head.lo) < (held.seq, held.floor, held.lo)


def _revoked(kiosk: Kiosk) -> RevokedError:
    return RevokedError(say("{kiosk} 号机的证书已吊销；要继续使用，请管理员为它生成重新登记码", kiosk=kiosk.kiosk))


def _keys(held: list[Certificate]) -> _CertifiedKeys:
    return [(public_key_of(one.certificate.encode()), bytes.fromhex(one.digest)) for one in held]


def _link(entry: Entry, keys: _CertifiedKeys) -> _Link:
    place = place_of(entry.record)
    digest = hashlib.sha256(entry.record).hexdigest()
    try:
        record = Record.unpack(entry.record)
    except WireError:
        return _Link(place, None, entry, digest, "header")
    return _Link(place, record, entry, digest, _quarantine(record, entry, keys))


def _quarantine(record: Record, entry: Entry, keys: _CertifiedKeys) -> str:
    """Return why a record's meaning is not taken; a kiosk enrolled again vouches by its head for its older keys."""
    if not any(_signed(record, entry, *key) for key in keys):
        return "signature"
    try:
        check_body(record, entry.salt, entry.body)
    except EvidenceError:
        return "commitment"
    try:
        if record.kind is RecordKind.FACT:
            decode_fact(entry.body)
    except WireError:
        return "body"
    return ""


def _signed(record: Record, entry: Entry, key: EllipticCurvePublicKey, certificate: bytes) -> bool:
    try:
        verify_record(record, entry.signature, key, certificate)
    except EvidenceError:
        return False
    return True


def _covered(links: list[_Link], head: Head) -> bool:
    """Return whether the signed head vouches for every record: an unbroken chain that ends in it."""
    chained = all(later.place.prev.hex() == link.digest for link, later in itertools.pairwise(links))
    return chained and (links[-1].place.seq, links[-1].digest) == (head.seq, head.hash)
