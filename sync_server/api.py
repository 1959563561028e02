"""The kiosks' endpoints, thin: read the request within its limits, call the verb, answer or explain (RFC 9457)."""

from __future__ import annotations

import base64
import binascii
import logging
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shared_rules.errors import InputError, RefusedError, UnavailableError, WireError, XianhouError
from shared_rules.facts import LogId
from shared_rules.protocol import (
    HEAD_HEADER,
    MAX_PROOFS,
    EnrolRequest,
    FeedAnswer,
    Problem,
    ProblemType,
    PushRequest,
    Signed,
)
from shared_rules.words import say
from sync_server.bodies import TooLargeError, read_body
from sync_server.feed import StaleCursorError
from sync_server.intake import BadSignatureError, Fork, Gap, Revoked, RevokedError, UnknownLogError
from sync_server.openapi import STATUS, document

if TYPE_CHECKING:
    from sync_server.service import Service

__all__ = ["ApiRoutes", "problem"]

T = TypeVar("T", bound=msgspec.Struct)
_LARGEST_NUMBER: Final = 2**16 - 1
"""Kiosks and lives have two bytes in a record."""
_POLL_SECONDS: Final = 1.0
"""A waiting feed request looks again this often: the operator's command line publishes from another process."""
_LOGGER: Final = logging.getLogger(__name__)


def problem(
    kind: ProblemType, error: XianhouError | None = None, *, next_: int | None = None, hash_: str = ""
) -> Response:
    """Return the problem document of a kind; its detail is the error's sentence in Chinese."""
    document = Problem(
        type=f"urn:xianhou:problem:{kind}", title=kind.value, status=STATUS[kind],
        detail=str(error) if error else "", field=getattr(error, "field", ""), next=next_, hash=hash_,
    )  # fmt: skip
    return Response(msgspec.json.encode(document), STATUS[kind], media_type="application/problem+json")


def not_served(request: Request, error: HTTPException) -> Response:
    """Return what a path or method that is not served answers, in the same form as every other problem."""
    if error.status_code == STATUS[ProblemType.NOT_FOUND]:
        return problem(ProblemType.NOT_FOUND, InputError(say("没有这个地址：{path}", path=request.url.path[:200])))
    document = Problem(type="about:blank", title=error.detail, status=error.status_code)
    return Response(
        msgspec.json.encode(document), error.status_code, error.headers, media_type="application/problem+json"
    )


def problem_of(error: XianhouError) -> Response:
    """Return the problem document of an error of ours."""
    kinds: tuple[tuple[type[XianhouError], ProblemType], ...] = (
        (TooLargeError, ProblemType.TOO_LARGE),
        (UnknownLogError, ProblemType.UNKNOWN_LOG),
        (BadSignatureError, ProblemType.BAD_SIGNATURE),
        (RevokedError, ProblemType.REVOKED),
        (UnavailableError, ProblemType.UNAVAILABLE),
        (RefusedError, ProblemType.BAD_CODE),
        (InputError, ProblemType.MALFORMED),
    )
    kind = next((kind for of, kind in kinds if isinstance(error, of)), ProblemType.MALFORMED)
    if kind is ProblemType.UNAVAILABLE:
        _LOGGER.warning("not now: %s", error, exc_info=error)
    return problem(kind, error)


def answer(value: msgspec.Struct) -> Response:
    """Return a struct as JSON that no cache keeps."""
    return Response(msgspec.json.encode(value), media_type="application/json", headers={"cache-control": "no-store"})


def decoded(data: bytes, kind: type[T]) -> T:
    """Return the message in `data`; WireError where it is not one."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireError(say("报文无法解读：{why}", why=str(error)), field="body") from error


def head_of(request: Request) -> Signed:
    """Return the signed head that a GET carries in its header."""
    try:
        return decoded(base64.b64decode(request.headers.get(HEAD_HEADER, ""), validate=True), Signed)
    except binascii.Error as error:
        raise WireError(say("请求缺少 {name} 报头", name=HEAD_HEADER), field=HEAD_HEADER) from error


class ApiRoutes:
    """One method for each endpoint."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._document = msgspec.json.encode(document())

    async def hello(self, _: Request) -> Response:
        """GET /v1/hello: who answers here."""
        return answer(await run_in_threadpool(self._service.hello))

    async def authority(self, _: Request) -> Response:
        """GET /v1/ca: the CA certificate as PEM; a kiosk believes it only if its digest is the one it was told."""
        return Response(self._service.authority_pem(), media_type="application/x-pem-file")

    async def openapi(self, _: Request) -> Response:
        """GET /v1/openapi.json: the endpoints and messages, for machines."""
        return Response(self._document, media_type="application/json")

    async def enrol(self, request: Request) -> Response:
        """POST /v1/enrol."""
        message = decoded(await read_body(request), EnrolRequest)
        return answer(await run_in_threadpool(self._service.enrolment.enrol, message))

    async def push(self, request: Request) -> Response:
        """POST /v1/logs/{kiosk}/{inc}: only the 200 of this endpoint acknowledges anything."""
        log = _journal(request)
        message = decoded(await read_body(request), PushRequest)
        outcome = await run_in_threadpool(self._service.intake.push, log, message)
        if isinstance(outcome, Gap):
            return problem(ProblemType.GAP, next_=outcome.next, hash_=outcome.hash)
        if isinstance(outcome, Fork):
            return problem(ProblemType.FORK, next_=outcome.next, hash_=outcome.hash)
        if isinstance(outcome, Revoked):
            return problem_of(outcome.error)
        if outcome.news and not outcome.more:
            # settling takes the processor from the batches behind this one; if they never come, the timer settles
            self._service.rounds.wake()
        return answer(outcome.answer)

    async def feed(self, request: Request) -> Response:
        """GET /v1/feed?after=&wait=: items after the cursor, at once or when there are some."""
        signed, cursor = head_of(request), request.query_params.get("after", "")
        most = self._service.config.settings.wait_seconds
        left = float(min(_seconds(request.query_params.get("wait", "0")), most))
        office = await run_in_threadpool(self._service.office_of, signed)
        while True:
            mark = self._service.bells.mark()
            try:
                found: FeedAnswer = await run_in_threadpool(self._service.read_feed, office, cursor)
            except StaleCursorError:
                return problem(ProblemType.STALE_CURSOR)
            if found.items or left <= 0 or self._service.bells.closing or await request.is_disconnected():
                return answer(found)
            await self._service.bells.wait(mark, min(left, _POLL_SECONDS))
            left -= _POLL_SECONDS

    async def clear_to_sign(self, request: Request) -> Response:
        """GET /v1/clear-to-sign?claim=: advice before a deal."""
        signed, claim = head_of(request), request.query_params.get("claim", "")
        return answer(await run_in_threadpool(self._service.clear_to_sign, signed, claim))

    async def tree(self, request: Request) -> Response:
        """GET /v1/tree/{kiosk}/{inc}?seqs=&size=: the tree's signed state, and proofs of a kiosk's records in it."""
        log, asked = _journal(request), request.query_params.get("seqs", "")
        seqs = [_seconds(one) for one in asked.split(",")] if asked else []
        if len(seqs) > MAX_PROOFS:
            raise TooLargeError(say("一次最多问 {most} 条记录", most=MAX_PROOFS), field="seqs")
        known = _seconds(request.query_params.get("size", "0"))
        return answer(await run_in_threadpool(self._service.prove, head_of(request), log, seqs, known))

    async def history(self, request: Request) -> Response:
        """GET /v1/logs/{kiosk}/{inc}?after=: give a kiosk back what it once sent."""
        log = _journal(request)
        after = _seconds(request.query_params.get("after", "0"))
        return answer(await run_in_threadpool(self._service.history, head_of(request), log, after))


def _journal(request: Request) -> LogId:
    log = LogId(request.path_params["kiosk"], request.path_params["inc"])
    if max(log) > _LARGEST_NUMBER:
        raise UnknownLogError(say("本服务器没有 {kiosk} 号机的这本日志", kiosk=log.kiosk))
    return log


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise WireError(say("地址里的数字有误：{text}", text=text[:20]), field="query")
    return int(text)
