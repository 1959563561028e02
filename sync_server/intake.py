"""What the server does with a kiosk's push: the acceptance table, in one transaction, and nothing but evidence decides.

A revoked certificate acknowledges nothing more; what comes under it is kept apart as evidence. Otherwise:
same seq and same hash → duplicate, fine · next seq and matching prev → append, commit, acknowledge · beyond → 409 with
`next` · same seq and other hash → fork: both branches kept, automatic effect frozen, alarm · a body that cannot be read
or does not fit its record → kept in quarantine, acknowledged, alarm. A push never refuses a slip for what stands on it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from shared_rules.errors import EvidenceError, RefusedError, WireError
from shared_rules.evidence import verify_payload
from shared_rules.facts import SERVER_KIOSK, LogId, Received
from shared_rules.journal import RecordKind
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
from shared_rules.seals import SealBody
from shared_rules.wire import decode_canonical
from shared_rules.words import say
from sync_server.bodies import TooLargeError
from sync_server.links import UNPROVED, CertifiedKeys, Link, covered, keys_of, link_of
from sync_server.pki import public_key_of
from sync_server.store import certificates, journals, persons, places, pockets
from sync_server.suspicions import Known, look_at, promised_too_far

if TYPE_CHECKING:
    from shared_rules.journal import Record
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


class _Placed(Enum):
    NEW = 1
    KNOWN = 2
    BRANCH = 3


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
            links = self._links(log, keys_of(certificates.certificates(tx, log.kiosk)), head, request.entries)
            state = journals.log_state(tx, log) or self._open(tx, log, received)
            if links and links[0].place.seq > state.next:
                return Gap(state.next, state.hash)
            known = _known(tx, log, links)
            placed = set()
            for link in links:
                found, state = self._place(tx, state, link, received, known)
                placed.add(found)
            if _Placed.BRANCH in placed or self._head_differs(tx, log, head, state):
                return self._fork(tx, log, kiosk, received)
            return self._acknowledge(tx, state, request.head, head, received, news=_Placed.NEW in placed)

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
        for link in (link_of(entry, keys_of([certificate])) for entry in entries):
            if link.place.log == log and not link.quarantine:
                certificates.withhold(tx, log, link.entry, seq=link.place.seq, digest=link.digest, at=received.now)
        sentence = say("已吊销的 {kiosk} 号机又来联系：它送来的记录只作证据保存，请管理员查看", kiosk=log.kiosk)
        persons.add_alarm(tx, f"revoked contact {certificate.digest}", sentence, at=received.now)
        return Revoked(_revoked(kiosk))

    def _links(self, log: LogId, keys: CertifiedKeys, head: Head, entries: list[Entry]) -> list[Link]:
        links = [link_of(entry, keys) for entry in entries]
        for before, link in zip([None, *links], links, strict=False):
            if link.place.log != log:
                raise WireError(say("第 {seq} 号记录不属于这本日志", seq=link.place.seq), field="log")
            if before is not None and link.place.seq != before.place.seq + 1:
                raise WireError(say("一批记录的序号必须相连"), field="seq")
        if any(link.quarantine in UNPROVED for link in links) and not covered(links, head):
            raise BadSignatureError(say("{kiosk} 号机的签名与登记的证书不符", kiosk=log.kiosk))
        return links

    def _place(
        self, tx: Transaction, state: LogState, link: Link, received: Reading, known: Known
    ) -> tuple[_Placed, LogState]:
        """Keep a record that is not held yet; return what it was, and the journal's state with it."""
        log, place = state.log, link.place
        main = place.seq == state.next and place.prev.hex() == state.hash
        if not main and journals.has_record(tx, log, link.digest):  # what continues the journal cannot be held already
            on_main = journals.hash_at(tx, log, place.seq) == link.digest
            return (_Placed.KNOWN if on_main else _Placed.BRANCH), state
        journals.add_record(
            tx, log, link.entry, seq=place.seq, digest=link.digest, at=received.now, branch=0 if main else 1,
            quarantine=link.quarantine, frozen=state.frozen or not main,
        )  # fmt: skip
        look_at(tx, log, link, floor=state.floor, known=known, received=received)
        if not main:
            return _Placed.BRANCH, state
        state = replace(state, next=place.seq + 1, hash=link.digest)
        if not state.frozen and not link.quarantine and link.record and link.record.kind is RecordKind.SEAL:
            state = self._take_promise(
                tx, state, link.record, decode_canonical(link.entry.body, SealBody).floor, received
            )
        return _Placed.NEW, state

    def _take_promise(self, tx: Transaction, state: LogState, seal: Record, floor: int, received: Reading) -> LogState:
        """Take the promise of a seal: all that it speaks of is held, and what follows it must keep it."""
        if not _credible(seal.time.lo, floor, received):
            promised_too_far(tx, state.log, received)
            return state
        journals.set_floor(tx, state.log, floor)
        return replace(state, floor=max(state.floor, floor))

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
        self, tx: Transaction, state: LogState, signed: Signed, head: Head, received: Reading, *, news: bool
    ) -> Pushed:
        log = state.log
        if not _told_before(tx, log, signed, head):
            journals.note_head(
                tx, log, seq=head.seq, payload=signed.payload, signature=signed.signature, at=received.now,
                unsent=head.unsent, version=head.version,
            )  # fmt: skip
        # a floor speaks of the journal up to its head: it counts only once the server holds all of that
        raised = head.seq < state.next and not state.frozen and head.floor > state.floor
        if raised and not _credible(head.lo, head.floor, received):
            raised = False
            promised_too_far(tx, log, received)
        if raised:
            journals.set_floor(tx, log, head.floor)
        if news:
            self.log.append(tx, Received(kiosk=log.kiosk, inc=log.inc, upto=state.next - 1))
        anchor = self.log.anchor(tx, head, received)
        answer = PushAnswer(next=state.next, hash=state.hash, anchor=anchor)
        return Pushed(answer, news or raised, head.seq >= state.next)


def _known(tx: Transaction, log: LogId, links: list[Link]) -> Known:
    shown = pockets.receipts_of(tx, log, links[0].place.seq, links[-1].place.seq) if links else {}
    return Known(certificates.first_issued(tx, log.kiosk), shown)


def _credible(lo: int, floor: int, received: Reading) -> bool:
    """Return whether a promise may count: given by a clock not ahead of ours, for no longer than an office closes."""
    latest = received.now + received.err
    return lo <= latest and floor <= latest + LONGEST_PROMISE


def _told_before(tx: Transaction, log: LogId, signed: Signed, head: Head) -> bool:
    """Return whether this head was heard, or is older than one that was: within a life seq, floor and lo only rise."""
    payload = journals.head_payload(tx, log)
    if not payload:
        return False
    held = decode_canonical(payload, Head)
    return signed.payload == payload or (head.seq, head.floor, head.lo) < (held.seq, held.floor, held.lo)


def _revoked(kiosk: Kiosk) -> RevokedError:
    return RevokedError(say("{kiosk} 号机的证书已吊销；要继续使用，请管理员为它生成重新登记码", kiosk=kiosk.kiosk))
