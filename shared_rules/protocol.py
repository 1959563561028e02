"""The messages between kiosk and server: signed heads and anchors, pushes, the feed, enrolment.

Signatures are over payloads, not connections. A signed payload travels as its canonical bytes plus a raw P-256
signature (r, s; 64 bytes) over `CONTEXT[...] + bytes`, so that it can be stored and shown as it was signed.
Errors are RFC 9457 problem documents. Bytes are base64 in JSON (msgspec's own rule).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from shared_rules.facts import Count, Instant, Role, Value
from shared_rules.interval import DAY

__all__ = [
    "ANCHOR_CONTEXT",
    "FEED_CONTEXT",
    "HEAD_CONTEXT",
    "HEAD_HEADER",
    "LONGEST_PROMISE",
    "MAX_BATCH_BYTES",
    "MAX_BATCH_RECORDS",
    "MAX_PROOFS",
    "Anchor",
    "ClearanceAnswer",
    "ClosedDaysItem",
    "EnrolAnswer",
    "EnrolRequest",
    "Entry",
    "ErasureItem",
    "FeedAnswer",
    "FeedBody",
    "FeedItem",
    "Head",
    "Hello",
    "HolderItem",
    "LogAnswer",
    "NoticeItem",
    "PolicyItem",
    "Problem",
    "ProblemType",
    "PushAnswer",
    "PushRequest",
    "QuestionItem",
    "ReasonItem",
    "ReceiptPageItem",
    "ReturnItem",
    "RulingItem",
    "Sentence",
    "Signed",
    "Small",
    "StaffItem",
    "TreeAnswer",
    "TreeProof",
]

HEAD_CONTEXT: Final = b"xianhou-head-v1\n"
ANCHOR_CONTEXT: Final = b"xianhou-anchor-v1\n"
FEED_CONTEXT: Final = b"xianhou-feed-v1\n"
HEAD_HEADER: Final = "xianhou-head"
"""HTTP header of GET requests: base64 of the JSON of a `Signed` head, which says and proves who asks."""
LONGEST_PROMISE: Final = 31 * DAY
"""Microseconds: no closing-up promises further ahead; a floor beyond comes from a broken clock and counts nothing."""
MAX_BATCH_RECORDS: Final = 500
MAX_PROOFS: Final = 200
"""Records whose proofs one question may ask for."""
MAX_BATCH_BYTES: Final = 1024 * 1024
"""Limit of a push body after decompression."""

Small = Annotated[int, msgspec.Meta(ge=0, le=2**16 - 1)]
"""A kiosk's number, or a life of its journal: two bytes of a record."""


class Signed(Value, frozen=True, kw_only=True):
    """A payload's canonical bytes with the signature over context + payload."""

    payload: bytes
    signature: bytes


class Head(Value, frozen=True, kw_only=True):
    """A kiosk's statement of its journal: the batch's one signature, and its promise `floor`."""

    kiosk: Small
    inc: Small
    seq: Count
    """Highest sequence number in the journal, 0 = empty."""
    hash: str
    """SHA-256 of that record, hex; 64 zeros = empty."""
    floor: Instant
    """Microseconds: nothing will be stamped at or before this instant."""
    lo: Instant
    """Bounds of the kiosk's true time when it signed."""
    hi: Count
    cursor: str
    """Feed cursor the kiosk has applied, "" = none."""
    unsent: Count
    version: str
    nonce: str
    """Random, hex: binds the anchor of the answer to this request."""


class Anchor(Value, frozen=True, kw_only=True):
    """The server's signed note of when it received a head and answered: dates the chain (evidence of time)."""

    nonce: str
    head_hash: str
    rx: Instant
    tx: Instant
    err: Count
    """The server's own clock error, microseconds."""
    epoch: str


class Entry(Value, frozen=True, kw_only=True):
    """One record as it travels: the 124 bytes, its signature, salt and canonical body."""

    record: bytes
    signature: bytes
    salt: bytes
    body: bytes


class PushRequest(Value, frozen=True, kw_only=True):
    """POST /v1/logs/{kiosk}/{inc}; no entries = a heartbeat."""

    head: Signed
    entries: list[Entry] = []


class PushAnswer(Value, frozen=True, kw_only=True):
    """The only acknowledgement there is: the next sequence number wanted and the hash of the last one held."""

    next: Count
    hash: str
    anchor: Signed | None = None
    """Absent while the server's own clock is unsynchronised."""


class LogAnswer(Value, frozen=True, kw_only=True):
    """GET /v1/logs/{kiosk}/{inc}?after=: what the server holds of a kiosk's own journal, a page at a time."""

    entries: list[Entry]
    next: Count
    """The next sequence number the server wants: more pages follow while the last entry lies below next - 1."""
    hash: str


class TreeProof(Value, frozen=True, kw_only=True):
    """That one record of the kiosk's stands in the server's tree."""

    seq: Count
    index: Count
    """Its place in the order of arrival, from 0."""
    path: tuple[bytes, ...]
    """From the sibling of the leaf up to the child of the root (RFC 6962 2.1.1)."""


class TreeAnswer(Value, frozen=True, kw_only=True):
    """GET /v1/tree/{kiosk}/{inc}?seqs=&size=: the signed state of the server's tree, and proofs in it."""

    checkpoint: str
    """C2SP tlog-checkpoint, signed by the server."""
    consistency: tuple[bytes, ...] = ()
    """That the tree begins with the first `size` records as they were (RFC 6962 2.1.2)."""
    proofs: list[TreeProof] = []
    """Of the records asked for, those that the server holds."""


class ClearanceAnswer(Value, frozen=True, kw_only=True):
    """GET /v1/clear-to-sign?claim=: whether anybody could still have an earlier claim; advice, it blocks nothing.

    Clear is who has a claim that is upheld, with no other live one, nobody silent and nothing unentered.
    """

    claim: str
    at: Instant
    status: str
    """The claim's status now."""
    heard_upto: Instant
    """Every kiosk of the pool promised to stamp nothing more at or before this instant; 0 = one never promised."""
    silent: tuple[str, ...] = ()
    """Names of the offices that cannot be heard, or that have not told all."""
    unentered: tuple[str, ...] = ()
    """Names of the offices where slips await entry."""
    other_claim: int = 0
    """1 if somebody else has a live claim on a customer who may be the same."""


class Hello(Value, frozen=True, kw_only=True):
    """GET /v1/hello: who answers here, so that a wrong server is noticed."""

    product: str
    server: str
    """Name the operator gave."""
    epoch: str
    version: str
    fingerprint: str
    """SHA-256 of the CA certificate, hex: what a kiosk pins."""


class EnrolRequest(Value, frozen=True, kw_only=True):
    """POST /v1/enrol: one-time code, and the kiosk's public key as a PEM certificate signing request."""

    code: str
    csr: str


class EnrolAnswer(Value, frozen=True, kw_only=True):
    """What a kiosk keeps for ever: its number, its place, its certificate, and the keys it pins."""

    kiosk: Small
    office: str
    office_name: str
    pools: dict[str, str]
    """Pool id -> name."""
    certificate: str
    ca: str
    server_certificate: str
    """Certificate (PEM) whose key signs anchors and feed items."""
    epoch: str
    not_before: Instant
    """Server time at enrolment: no true time can lie before it."""
    comparison: str
    """Six digits that both screens show."""
    former: tuple[str, ...] = ()
    """Certificates (PEM) that this kiosk had before, the newest first: enrolled again."""
    lives: tuple[Small, ...] = ()
    """Incarnations of its journal that the server knows of: none of them may be begun again."""
    slips: Count = 0
    """The highest counter of its slip numbers that the server knows of."""


class Sentence(Value, frozen=True, kw_only=True):
    """A `Say` on the wire: message id and its places; nested sentences are flattened by the sender."""

    msgid: str
    args: dict[str, str] = {}


class ReasonItem(Value, frozen=True, kw_only=True):
    """One reason of a ruling, masked for the counter: clause and sentence, never the holder's data (五)."""

    clause: str
    sentence: Sentence


class _Item(Value, frozen=True, tag_field="kind"):
    pass


class StaffItem(_Item, frozen=True, kw_only=True, tag="staff"):
    """A person who works here; `start_pin` is an argon2 hash, good once at each kiosk."""

    person: str
    name: str
    office: str
    roles: tuple[Role, ...]
    badge: str
    start_pin: str
    left: str = ""


class PolicyItem(_Item, frozen=True, kw_only=True, tag="policy"):
    """A pool's policy from a start day on; the whole file travels, so that a kiosk judges by the same text."""

    pool: str
    start: date
    policy: str
    """Policy id."""
    text: str
    """TOML of the policy file."""


class RulingItem(_Item, frozen=True, kw_only=True, tag="ruling"):
    """What holds for a claim now; a later one for the same claim replaces it."""

    claim: str
    slip: str
    status: str
    reasons: tuple[ReasonItem, ...] = ()
    provisional: str = ""
    """`yes` while not final."""
    pending_on: tuple[Sentence, ...] = ()
    effective_at: int = 0
    valid_until: str = ""
    """ISO day."""


class HolderItem(Value, frozen=True, kw_only=True):
    """Who holds the customer of a returned slip, by name."""

    office: str
    salesperson: str = ""
    """"" where only the office may be named."""


class ReturnItem(_Item, frozen=True, kw_only=True, tag="return"):
    """A slip must go back by `due_at` with these masked reasons; `withdrawn` takes the notice back."""

    slip: str
    claim: str
    salesperson: str
    reasons: tuple[ReasonItem, ...]
    due_at: int
    provisional: str = ""
    withdrawn: str = ""
    holders: tuple[HolderItem, ...] = ()
    """Nobody, unless the policy at the slip's stamp lets the note name them (`entry.reveal_holder`)."""


class QuestionItem(_Item, frozen=True, kw_only=True, tag="question"):
    """Who a customer is, to be asked of the own salesperson by `due_at`; nothing of the other slip or office (五)."""

    question: str
    """Name of the question at this office only."""
    slip: str
    """The slip of this office that it is about."""
    claim: str
    salesperson: str
    grounds: tuple[str, ...]
    """`name`, `contact`: which of its fields are alike with another slip's."""
    asks: tuple[str, ...]
    """Fields to be answered, the same at both offices."""
    due_at: Instant
    answered: str = ""
    """`yes` once the server has the answers."""
    withdrawn: str = ""
    """`yes` once nobody need answer any more."""


class ClosedDaysItem(_Item, frozen=True, kw_only=True, tag="closed_days"):
    """Days declared closed in advance (一.1)."""

    first: date
    last: date


class ErasureItem(_Item, frozen=True, kw_only=True, tag="erasure"):
    """A record of this office's whose body must go: the kiosk keeps `redacted` in its place."""

    kiosk: Small
    inc: Small
    seq: Count
    redacted: str
    """Canonical JSON of the fact without what tells who the customer is."""


class NoticeItem(_Item, frozen=True, kw_only=True, tag="notice"):
    """Something for the notice board."""

    sentence: Sentence


class ReceiptPageItem(_Item, frozen=True, kw_only=True, tag="receipt_page"):
    """Where on the open network receipts are checked: their codes become links to it."""

    address: str = ""
    """https://…, what stands before the # of the link; "" = nowhere any more."""


FeedBody = (
    StaffItem
    | PolicyItem
    | RulingItem
    | ReturnItem
    | QuestionItem
    | ClosedDaysItem
    | NoticeItem
    | ErasureItem
    | ReceiptPageItem
)


class FeedItem(Value, frozen=True, kw_only=True):
    """One item of an office's feed, chained by `prev` and signed by the server."""

    office: str
    seq: int
    prev: str
    """SHA-256 of the previous item's canonical bytes, hex; 64 zeros for the first."""
    at: int
    body: FeedBody


class FeedAnswer(Value, frozen=True, kw_only=True):
    """GET /v1/feed: items after the cursor, in order; the new cursor is opaque and carries the epoch."""

    items: list[Signed]
    cursor: str
    more: int = 0
    """1 if there are further items at once."""


class ProblemType(StrEnum):
    """The stable `type` of a problem document: `urn:xianhou:problem:` + value."""

    MALFORMED = "malformed"
    TOO_LARGE = "too-large"
    UNKNOWN_LOG = "unknown-log"
    BAD_SIGNATURE = "bad-signature"
    GAP = "gap"
    FORK = "fork"
    STALE_CURSOR = "stale-cursor"
    BAD_CODE = "bad-code"
    REVOKED = "revoked"
    UNAVAILABLE = "unavailable"
    NOT_FOUND = "not-found"


class Problem(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """RFC 9457 application/problem+json; a kiosk acts on `type` only, `next` and `hash` come with a gap."""

    type: str
    title: str
    status: int
    detail: str = ""
    field: str = ""
    next: Count | None = None
    hash: str = ""
