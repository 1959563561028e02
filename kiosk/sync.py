"""The kiosk's network: two tasks that try for ever, one telling the journal, one hearing the feed. The only httpx user.

The counter never waits for it. A lost response is as good as a lost request: the same records are sent again, and the
server knows them by their hashes. TLS is pinned to the CA of the enrolment, and certificates are not judged by this
machine's date, which may be wrong exactly when the server's time is wanted.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from kiosk.enrolment import check_authority, complete, server_address
from kiosk.enrolment import request as enrolment_request
from kiosk.exchange import (
    Exchange,
    ForkError,
    Inquiry,
    Request,
    Response,
    Transport,
    UnreachableError,
    WrongServerError,
)
from shared_rules.errors import EvidenceError, InputError, UnavailableError, WireError, XianhouError
from shared_rules.interval import to_the_minute
from shared_rules.protocol import ClearanceAnswer, EnrolAnswer, Hello, Problem
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from kiosk.config import Folder, KioskConfig, Settings
    from kiosk.feed import FeedStore
    from kiosk.journal import Journal

__all__ = ["HttpxTransport", "Pace", "Sync", "SyncState", "enrol_over_https", "pinned", "probe"]

_NO_CHECK_TIME: Final = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL."""
_KEEPALIVE_SECONDS: Final = 2.0
"""Below the server's own, so that neither closes under the other's request."""
_CONNECT_SECONDS: Final = 5.0


class Rng(Protocol):
    """The part of `random.Random` that jitter needs."""

    def uniform(self, a: float, b: float, /) -> float:
        """Return a number between the two."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often; seconds."""

    heartbeat: float = 15.0
    """A head goes out this often also without news: it carries the floor and brings an anchor."""
    wait: int = 25
    """Long poll of the feed."""
    first: float = 1.0
    most: float = 60.0
    """Retries: full jitter over a span that doubles from `first` to `most`."""
    breath: float = 0.2
    """Between two long polls."""


@dataclass(frozen=True, slots=True)
class SyncState:
    """What the screen shows of the network."""

    online: bool = False
    last_heard: int = 0
    """Lower bound of the time (µs) when the server last answered; 0 = never since the start."""
    sentence: Say | None = None
    """What stands in the way, None = nothing."""


class Sync:
    """Carries one journal and one feed; all its methods belong to one event loop."""

    def __init__(
        self, journal: Journal, feed: FeedStore, *, rng: Rng, on_change: Callable[[], None] = lambda: None,
        transport: Transport | None = None, pace: Pace | None = None,
    ) -> None:  # fmt: skip
        config = journal.keys.config
        self.state = SyncState()
        self._exchange = Exchange(journal, feed)
        self._journal = journal
        self._rng = rng
        self._on_change = on_change
        self._transport: Transport = transport or HttpxTransport(config.server, config.place.ca)
        self._pace = pace or Pace()
        self._push_bell, self._feed_bell = asyncio.Event(), asyncio.Event()
        self._cut = asyncio.Event()
        self._pushing, self._hearing = asyncio.Lock(), asyncio.Lock()
        self._warning: Say | None = None

    # --- what others call

    async def run(self) -> None:
        """Try for ever; end it by cancelling the task."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._forever(self._push_all, self._push_bell, self._pace.heartbeat))
                group.create_task(self._forever(self._hear_wait, self._feed_bell, self._pace.breath))
        finally:
            await self._transport.close()

    async def round(self) -> None:
        """Do one full round now: all told and acknowledged, all heard, and the hearing told.

        Raises UnavailableError with what stands in the way.
        """
        try:
            await self._push_all()
            await self._hear_all()
            await self._push_all()
        except XianhouError as error:
            self._failed(error)
            raise UnavailableError(error.sentence) from error

    async def clear_to_sign(self, claim: str) -> ClearanceAnswer:
        """Tell everything, then ask the server what stands in the way of signing; UnavailableError where it is silent.

        Advice: whoever cannot wait signs without it.
        """
        try:
            await self._push_all()
            return self._exchange.take_clearance(await self._send(self._exchange.ask_clearance(claim)))
        except InputError:
            raise
        except XianhouError as error:
            heard = self.state.last_heard
            when = to_the_minute(heard) if heard else "—"
            raise UnavailableError(
                say(
                    "现在问不到服务器（最后联系 {when}）：别店可能有更早的确认；可以照常签约，后果由时间先后定",
                    when=when,
                )
            ) from error

    def wake(self) -> None:
        """Try now: a new stamp, a link that came up, a key press. From the loop's own thread."""
        self._push_bell.set()
        if not self.state.online:
            self._feed_bell.set()

    def offline(self) -> None:
        """Pull the plug (drills and tests): what is on its way is lost, answers too."""
        self._cut.set()
        self._show(replace(self.state, online=False, sentence=_cut_sentence()))

    def online(self) -> None:
        """Put the plug back."""
        self._cut.clear()
        self.wake()

    # --- the two tasks

    async def _forever(self, step: Callable[[], Awaitable[None]], bell: asyncio.Event, pause: float) -> None:
        span = self._pace.first
        while True:
            bell.clear()
            try:
                await step()
                span, rest = self._pace.first, pause
            except XianhouError as error:
                self._failed(error)
                rest = self._rng.uniform(0, span)
                span = min(2 * span, self._pace.most)
            try:
                async with asyncio.timeout(rest):
                    await bell.wait()
            except TimeoutError:
                continue

    async def _push_all(self) -> None:
        more = True
        async with self._pushing:
            while more:
                before = self._journal.unsent
                push = self._exchange.push()
                sent = self._journal.clock.ticks.tick()
                response = await self._send(push.request)
                more = self._exchange.take_push(push, response, sent, self._journal.clock.ticks.tick())
                self._heard(changed=self._journal.unsent != before)
            while (recall := self._exchange.recall()) is not None:
                changed = self._exchange.take_recall(recall, await self._send(recall.request))
                self._heard(changed=changed)
            if (inquiry := self._exchange.inquire()) is not None:
                self._prove(inquiry, await self._send(inquiry.request))

    def _prove(self, inquiry: Inquiry, response: Response) -> None:
        """Take the server's proofs: a contradiction is said until somebody looks, and holds up no record."""
        try:
            self._exchange.take_proofs(inquiry, response)
        except (EvidenceError, WireError) as error:
            self._warning = error.sentence
            self._show(replace(self.state, sentence=error.sentence))

    async def _hear_wait(self) -> None:
        async with self._hearing:
            await self._hear(self._pace.wait)

    async def _hear_all(self) -> None:
        # a long poll that waits would hold this up; two at once do no harm, the later answer is dropped
        while await self._hear(0):
            pass

    async def _hear(self, wait: int) -> bool:
        poll = self._exchange.ask(wait)
        new, more = self._exchange.take_feed(poll, await self._send(poll.request))
        self._heard(changed=new > 0)
        return more

    async def _send(self, request: Request) -> Response:
        """Return the answer, unless the plug is pulled before it is here."""
        if self._cut.is_set():
            raise UnreachableError(_cut_sentence())
        sending = asyncio.ensure_future(self._transport.send(request))
        cutting = asyncio.ensure_future(self._cut.wait())
        try:
            await asyncio.wait({sending, cutting}, return_when=asyncio.FIRST_COMPLETED)
            if self._cut.is_set():
                raise UnreachableError(_cut_sentence())
            return sending.result()
        finally:
            for task in (sending, cutting):
                task.cancel()
            await asyncio.gather(sending, cutting, return_exceptions=True)

    # --- what the screen sees

    def _heard(self, *, changed: bool) -> None:
        if not self.state.online:  # what one task has found out the other need not wait a minute for
            self._push_bell.set()
            self._feed_bell.set()
        now = self._journal.now().time.lo
        state = SyncState(online=True, last_heard=now, sentence=self._warning)
        quiet = state.online == self.state.online and state.sentence == self.state.sentence and not changed
        self.state = state
        if not quiet:
            self._on_change()

    def _failed(self, error: XianhouError) -> None:
        if isinstance(error, ForkError):
            self._warning = error.sentence
        self._show(replace(self.state, online=False, sentence=error.sentence))

    def _show(self, state: SyncState) -> None:
        if state != self.state:
            self.state = state
            self._on_change()


def _cut_sentence() -> Say:
    return say("网络已断开；照常盖章，联网后自动上报")


def pinned(authority: str) -> ssl.SSLContext:
    """Return a context that trusts one CA (PEM) and nothing else, whatever this machine's date is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority)
    context.verify_flags |= _NO_CHECK_TIME
    return context


class HttpxTransport:
    """The real network."""

    def __init__(self, server: str, authority: str) -> None:
        self._server = server_address(server)
        self._authority = authority
        self._client: httpx.AsyncClient | None = None

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            import httpx

            limits = httpx.Limits(max_connections=4, keepalive_expiry=_KEEPALIVE_SECONDS)
            # no proxies of the environment: the server is reached directly or not at all
            self._client = httpx.AsyncClient(
                base_url=self._server, verify=pinned(self._authority), limits=limits, trust_env=False
            )
        return self._client

    async def send(self, request: Request) -> Response:
        """Return the answer; a connection that was closed under the request is tried once more."""
        import httpx

        client = self._open()
        timeout = httpx.Timeout(request.timeout, connect=_CONNECT_SECONDS)
        for last in (False, True):
            try:
                answer = await client.request(
                    request.method, request.path, headers=request.headers, content=request.body, timeout=timeout
                )
                return Response(answer.status_code, answer.headers.get("content-type", ""), answer.content)
            except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError) as error:
                if last:
                    raise _unreachable(error, self._server) from error
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise _unreachable(error, self._server) from error
        raise AssertionError

    async def close(self) -> None:
        """Let go of connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def _unreachable(error: BaseException, server: str) -> UnavailableError:
    """Return the sentence of a failed exchange: a server with another CA is named, not merely out of reach."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return WrongServerError(
                say("{server} 应答的不是登记时的服务器（证书不符）；没有上报任何内容，请管理员检查网络", server=server)
            )
        cause = cause.__cause__ or cause.__context__
    return UnreachableError(say("连不上服务器 {server}；照常盖章，联网后自动上报", server=server))


# --- enrolment


def enrol_over_https(
    folder: Folder,
    *,
    code: str,
    fingerprint: str,
    settings: Settings,
    random: Callable[[int], bytes],
    again: bool = False,
) -> KioskConfig:
    """Enrol this folder's kiosk with the server that the settings name.

    The CA is fetched over a connection that trusts nobody and believed only by the operator's fingerprint; the code
    is sent over a second connection pinned to that CA. Asked again with the same code, the server answers the same.
    Raises InputError, EvidenceError, RefusedError or UnavailableError.
    """
    import httpx

    server = server_address(settings.server)
    request = enrolment_request(folder, code, again=again)
    try:
        authority = _fetch_authority(server)
        check_authority(authority, fingerprint)
        with httpx.Client(base_url=server, verify=pinned(authority), trust_env=False, timeout=30) as client:
            hello = _answer(client.get("/v1/hello"), Hello)
            if hello.product != "xianhou":
                raise WrongServerError(say("{server} 不是先后的服务器；请核对地址", server=server))
            answer = _answer(client.post("/v1/enrol", content=msgspec.json.encode(request)), EnrolAnswer)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = _unreachable(error, server)
        if isinstance(why, WrongServerError):
            raise why from error
        raise UnreachableError(
            say("连不上服务器 {server}；没有登记，请检查地址、网线和服务器后再试", server=server)
        ) from error
    return complete(folder, answer, fingerprint=fingerprint, settings=settings, random=random)


def _fetch_authority(server: str) -> str:
    import httpx

    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    with httpx.Client(base_url=server, verify=blind, trust_env=False, timeout=30) as client:
        answer = client.get("/v1/ca")
    if answer.status_code != 200 or not answer.text.startswith("-----BEGIN CERTIFICATE-----"):
        raise WrongServerError(say("{server} 不是先后的服务器；请核对地址", server=server))
    return answer.text


def _answer(response: httpx.Response, kind: type[Any]) -> Any:
    """Return the message of a 200, or raise what the problem document says."""
    try:
        if response.status_code == 200:
            return msgspec.json.decode(response.content, type=kind)
        problem = msgspec.json.decode(response.content, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WrongServerError(say("应答的不是我们的服务器（可能是上网登录页）；没有当作已上报，请检查网络")) from error
    if problem.type.endswith(":bad-code"):
        raise InputError(say("登记码不对、已用过或已过期；请管理员重新生成登记码"), field="code")
    raise UnavailableError(say("服务器没有受理登记：{why}", why=problem.detail or problem.title))


def probe(config: KioskConfig) -> Hello:
    """Ask the server who it is, once; UnavailableError with what stands in the way. For doctor."""
    import httpx

    try:
        context = pinned(config.place.ca)
        with httpx.Client(base_url=config.server, verify=context, trust_env=False, timeout=_CONNECT_SECONDS) as client:
            hello: Hello = _answer(client.get("/v1/hello"), Hello)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _unreachable(error, config.server) from error
    return hello
