"""What kiosk and server say to each other, without a network: requests made, answers judged. sync.py carries them.

Nothing is remembered here that could get stuck: each request follows from the journal and the feed as they stand. Only
a 200 with `next` and `hash` that fit our own chain acknowledges anything; a captive portal answers 200 too.
"""

from __future__ import annotations

import base64
import gzip
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn, Protocol, TypeVar
from urllib.parse import quote

import msgspec

from kiosk.history import History
from kiosk.witness import Question, Witness
from shared_rules.errors import EvidenceError, InputError, UnavailableError, XianhouError
from shared_rules.facts import LogId
from shared_rules.interval import HOUR
from shared_rules.protocol import (
    HEAD_HEADER,
    MAX_BATCH_BYTES,
    MAX_BATCH_RECORDS,
    Anchor,
    ClearanceAnswer,
    FeedAnswer,
    Head,
    LogAnswer,
    Problem,
    ProblemType,
    PushAnswer,
    PushRequest,
    Signed,
    TreeAnswer,
)
from shared_rules.wire import decode_canonical
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from kiosk.feed import FeedStore
    from kiosk.journal import Journal

__all__ = [
    "Exchange",
    "ForkError",
    "Inquiry",
    "Poll",
    "Push",
    "Recall",
    "Request",
    "Response",
    "Transport",
    "UnreachableError",
    "WrongServerError",
]

T = TypeVar("T", bound=msgspec.Struct)
_ROOM: Final = MAX_BATCH_BYTES - 8 * 1024
"""For entries; the rest of a batch is its head."""
_PREFIX: Final = "urn:xianhou:problem:"
_PUSH_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent."""

    method: str
    path: str
    timeout: float
    """Seconds."""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back."""

    status: int
    content_type: str
    body: bytes


class Transport(Protocol):
    """Carries a request to the server; raises UnreachableError or WrongServerError, nothing else."""

    async def send(self, request: Request) -> Response:
        """Return the answer."""

    async def close(self) -> None:
        """Let go of connections."""


class UnreachableError(UnavailableError):
    """No answer came; whether the request arrived nobody knows."""


class WrongServerError(UnavailableError):
    """Somebody answers who is not the server that enrolled us."""


class ForkError(EvidenceError):
    """The server holds another history of this kiosk's journal: a person must look."""


@dataclass(frozen=True, slots=True)
class Push:
    """A batch on its way."""

    log: LogId
    last_seq: int
    head: Head
    request: Request


@dataclass(frozen=True, slots=True)
class Recall:
    """A question for records of an ended life that this database lost."""

    log: LogId
    request: Request


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question for proofs of the server's."""

    question: Question
    request: Request


@dataclass(frozen=True, slots=True)
class Poll:
    """A question for what is new, and the cursor it was asked with."""

    cursor: str
    request: Request


_SENTENCES: Final = {
    ProblemType.UNKNOWN_LOG: "服务器没有登记过这台柜台机；请管理员重新登记，已盖章的都在本机",
    ProblemType.BAD_SIGNATURE: "服务器不认这台柜台机的签名；请管理员查看，已盖章的都在本机",
    ProblemType.REVOKED: "这台柜台机的证书已被吊销；请管理员查看，已盖章的都在本机",
    ProblemType.UNAVAILABLE: "服务器暂时不能处理，稍后自动再试",
    ProblemType.TOO_LARGE: "服务器嫌这一批太大，改用小批再试",
    ProblemType.MALFORMED: "服务器读不懂这一批（{detail}）；请管理员查看，已盖章的都在本机",
}

_REFUSALS: Final = (ProblemType.REVOKED, ProblemType.UNKNOWN_LOG, ProblemType.BAD_SIGNATURE)
"""Problems that no second try mends: a person has to let the kiosk in again."""


class Exchange:
    """One kiosk's side of the protocol."""

    def __init__(self, journal: Journal, feed: FeedStore) -> None:
        self.journal = journal
        self.feed = feed
        self._history = History(journal)
        self.witness = Witness(journal.database, journal.keys)
        self._inquired: int | None = None
        """Tick of the last question for proofs; None = none since this program started."""
        self._most = MAX_BATCH_RECORDS
        self._confirmed: set[int] = set()
        """Ended lives that the server was asked about since this program started, or since it missed anything."""

    # --- the journal goes out

    def push(self) -> Push:
        """Return the next batch: of the oldest life that has something unsent, else a heartbeat of the growing one.

        An ended life that is all acknowledged is asked after once by a heartbeat of its own: a server whose database
        was put back may have lost it, and nothing else would ever notice.
        """
        journal, log = self.journal, self.journal.log
        for life in journal.chain.lives():
            unsent = life.acknowledged < journal.chain.last(life.inc).seq
            if self._history.wants(LogId(log.kiosk, life.inc)):
                continue
            if not life.forked and (unsent or life.inc not in self._confirmed | {journal.log.inc}):
                log = LogId(log.kiosk, life.inc)
                break
        signed = journal.head(cursor=self.feed.cursor, log=log)
        # the head may have written what the witnesses said: read the batch after it
        entries = journal.entries(journal.acknowledged_of(log), self._most, _ROOM, log)
        head = decode_canonical(signed.payload, Head)
        body = gzip.compress(msgspec.json.encode(PushRequest(head=signed, entries=entries)), 6, mtime=0)
        headers = {"content-type": "application/json", "content-encoding": "gzip"}
        request = Request("POST", f"/v1/logs/{log.kiosk}/{log.inc}", _PUSH_SECONDS, headers, body)
        return Push(log, head.seq, head, request)

    def take_push(self, push: Push, response: Response, sent_tick: int, received_tick: int) -> bool:
        """Take the answer to a batch; return whether there is more to send at once.

        Raises ForkError, WrongServerError or UnavailableError with the sentence for the screen.
        """
        if response.status != 200:
            return self._push_problem(push, response)
        answer = _decoded(response, PushAnswer)
        self.journal.refused("")
        if answer.next - 1 > push.last_seq:
            given = self._history.missing(push.log, answer.next - 1)
            if push.log != self.journal.log:
                return given or self._forked(push.log)
            self.journal.overtaken(push.log)
            raise ForkError(say("服务器上本机的日志比本机的长：本机可能是从旧备份恢复的；已换新日志，请管理员查看"))
        before = self.journal.acknowledged_of(push.log)
        self.journal.acknowledge(answer.next, answer.hash, push.log)
        self._confirm(push.log, missed=answer.next - 1 < before)
        self._most = min(MAX_BATCH_RECORDS, self._most * 2)
        if answer.anchor is not None:
            self._anchor(push, answer.anchor, sent_tick, received_tick)
        # without progress there is no hurry: an answer that stands still must not be asked for in a circle
        return self.journal.unsent > 0 and (answer.next - 1 > before or push.log != self.journal.log)

    def _confirm(self, log: LogId, *, missed: bool) -> None:
        """Note what the server holds of a life; where it misses something, ask after all the others again."""
        if missed:
            self._confirmed.clear()
        self._confirmed.add(log.inc)

    def _anchor(self, push: Push, signed: Signed, sent_tick: int, received_tick: int) -> None:
        note = decode_canonical(signed.payload, Anchor)
        if note.nonce != push.head.nonce or note.head_hash != push.head.hash:
            raise EvidenceError(say("服务器的对时回执不是给这次请求的；没有采用"))
        self.journal.anchored(signed, sent_tick, received_tick)

    def _push_problem(self, push: Push, response: Response) -> bool:
        problem, kind = _problem(response)
        if kind is ProblemType.GAP and problem.next is not None:
            before = self.journal.acknowledged_of(push.log)
            try:
                self.journal.rewind(problem.next, problem.hash, push.log)
            except EvidenceError:
                kind = ProblemType.FORK
            else:
                self._confirm(push.log, missed=problem.next - 1 < before)
                return problem.next - 1 < before
        if kind is ProblemType.FORK:
            self._forked(push.log)
        if kind is ProblemType.TOO_LARGE:
            self._most = max(1, self._most // 2)
        if kind in _REFUSALS:
            self.journal.refused(kind.value)
        raise _refused(kind, problem)

    def _forked(self, log: LogId) -> NoReturn:
        self.journal.forked(log)
        raise ForkError(say("服务器上有另一本同名日志：本机可能被复制过；已换新日志，请管理员查看"))

    # --- what was lost here comes back

    def recall(self) -> Recall | None:
        """Return the question for the next page of what this database lost, None = nothing."""
        log = self._history.next()
        if log is None:
            return None
        path = f"/v1/logs/{log.kiosk}/{log.inc}?after={self.journal.chain.last(log.inc).seq}"
        return Recall(log, Request("GET", path, _PUSH_SECONDS, self._signed_head(self.feed.cursor)))

    def take_recall(self, recall: Recall, response: Response) -> bool:
        """Take a page of what was lost, and return whether there are facts that were not here.

        Raises EvidenceError where it is not our own, UnavailableError or WrongServerError otherwise.
        """
        if response.status == 200:
            return self._history.take(recall.log, _decoded(response, LogAnswer))
        problem, kind = _problem(response)
        if kind is ProblemType.UNKNOWN_LOG:
            self._history.leave(recall.log)
            return False
        raise _refused(kind, problem)

    # --- the server proves what it holds

    def inquire(self) -> Inquiry | None:
        """Return the question for the proofs that are missing, every hour at least whether the past still stands.

        None = nothing to ask now. What a question asks for is little: a long backlog is proved round by round.
        """
        now = self.journal.clock.ticks.tick()
        question = self.witness.question()
        if question is None:
            if self._inquired is not None and 0 <= now - self._inquired < HOUR:
                return None
            question = self.witness.check(self.journal.log)
        self._inquired = now
        seqs = ",".join(map(str, question.seqs))
        path = f"/v1/tree/{question.log.kiosk}/{question.log.inc}?seqs={seqs}&size={question.size}"
        return Inquiry(question, Request("GET", path, _PUSH_SECONDS, self._signed_head(self.feed.cursor)))

    def take_proofs(self, inquiry: Inquiry, response: Response) -> None:
        """Take the proofs; a server that cannot give any (an older release, a busy one) is asked again later.

        Raises EvidenceError or WireError where it contradicts what it signed before: a person must look.
        """
        if response.status == 200:
            self.witness.take(inquiry.question, _decoded(response, TreeAnswer))

    # --- the feed comes in

    def ask(self, wait: int) -> Poll:
        """Return the question for what the server has to tell, waiting up to `wait` seconds for it."""
        cursor = self.feed.cursor
        path = f"/v1/feed?after={cursor}&wait={wait}"
        return Poll(cursor, Request("GET", path, wait + _PUSH_SECONDS, self._signed_head(cursor)))

    def ask_clearance(self, claim: str) -> Request:
        """Return the question before a deal: whether anybody could still have an earlier claim on this customer."""
        path = f"/v1/clear-to-sign?claim={quote(claim)}"
        return Request("GET", path, _PUSH_SECONDS, self._signed_head(self.feed.cursor))

    def _signed_head(self, cursor: str) -> dict[str, str]:
        signed = self.journal.head(cursor=cursor)
        return {HEAD_HEADER: base64.b64encode(msgspec.json.encode(signed)).decode("ascii")}

    def take_clearance(self, response: Response) -> ClearanceAnswer:
        """Return the answer; raises InputError for a claim the server has not, WrongServerError or UnavailableError."""
        if response.status != 200:
            problem, kind = _problem(response)
            if kind is ProblemType.MALFORMED and problem.field == "claim":
                raise InputError(say("服务器还没有这份确认单；请先等它上报"), field="claim")
            raise _refused(kind, problem)
        return _decoded(response, ClearanceAnswer)

    def take_feed(self, poll: Poll, response: Response) -> tuple[int, bool]:
        """Take the answer; return how many items were new and whether there are more at once.

        Two questions may be on their way at once: the answer to the one whose cursor another has moved is dropped.
        Raises EvidenceError for items that do not hold, WrongServerError or UnavailableError.
        """
        if response.status != 200:
            problem, kind = _problem(response)
            if kind is not ProblemType.STALE_CURSOR:
                raise _refused(kind, problem)
            if not poll.cursor:
                raise UnavailableError(_plain(ProblemType.UNAVAILABLE))
            if poll.cursor == self.feed.cursor:
                self.feed.reset()
                self._confirmed.clear()
            return 0, True
        answer = _decoded(response, FeedAnswer)
        if poll.cursor != self.feed.cursor:
            return 0, True
        return self.feed.apply(answer), bool(answer.more)


def _plain(kind: ProblemType) -> Say:
    return say(_SENTENCES[kind])


def _refused(kind: ProblemType | None, problem: Problem) -> XianhouError:
    if kind is ProblemType.MALFORMED:
        return UnavailableError(say(_SENTENCES[kind], detail=problem.detail or problem.title))
    return UnavailableError(_plain(kind if kind in _SENTENCES and kind else ProblemType.UNAVAILABLE))


def _stranger() -> WrongServerError:
    return WrongServerError(say("应答的不是我们的服务器（可能是上网登录页）；没有当作已上报，请检查网络"))


def _decoded(response: Response, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(response.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _stranger() from error


def _problem(response: Response) -> tuple[Problem, ProblemType | None]:
    """Return a problem document and its kind, None for one that this release does not know."""
    if not response.content_type.startswith("application/problem+json"):
        if response.status >= 500:
            raise UnavailableError(_plain(ProblemType.UNAVAILABLE))
        raise _stranger()
    problem = _decoded(response, Problem)
    name = problem.type.removeprefix(_PREFIX)
    return problem, next((kind for kind in ProblemType if kind == name), None)
