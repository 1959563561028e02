"""A line between kiosk and server that breaks as lines do: a TCP proxy on the loopback, its faults drawn from one seed.

It sees TLS, not HTTP: what it cuts, doubles or holds back are bytes on the wire, at any place of handshake, request and
answer. The kiosk's own client and the server's own process stand at its ends.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

__all__ = ["FAULTS", "Proxy"]

FAULTS: Final = ("delay", "cut", "reset", "half_close", "truncate", "duplicate", "drop_response")
_MOST_BYTES: Final = 9000
"""A fault strikes after up to so many bytes: a handshake takes about three thousand of the server's, one of ours."""


@dataclass(slots=True)
class Proxy:
    """Forwards to `port`; while `faulty`, each connection gets one fault."""

    port: int
    rng: random.Random
    faulty: bool = False
    struck: Counter[str] = field(default_factory=Counter)
    """How often each fault really happened."""
    _server: asyncio.Server | None = None
    _lines: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> int:
        """Listen; return the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close every line."""
        assert self._server is not None
        self._server.close()
        for task in list(self._lines):
            task.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.port)
            fault = self.rng.choice(FAULTS) if self.faulty else ""
            line = _Line(self, fault, self.rng.randrange(_MOST_BYTES), writer, far_writer)
            ways = [
                asyncio.ensure_future(line.carry(reader, far_writer, answers=False)),
                asyncio.ensure_future(line.carry(far_reader, writer, answers=True)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                for end in (writer, far_writer):
                    end.close()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._lines.discard(task)


@dataclass(slots=True)
class _Line:
    proxy: Proxy
    fault: str
    left: int
    """Bytes until the fault strikes, of the way it strikes on."""
    near: asyncio.StreamWriter
    far: asyncio.StreamWriter

    async def carry(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, *, answers: bool) -> None:
        """Carry bytes one way until an end closes, or the fault strikes."""
        while data := await source.read(4096):
            if self.fault and answers == (self.fault not in ("cut", "duplicate")):
                if len(data) > self.left:
                    self.proxy.struck[self.fault] += 1
                    if await self._strike(data, to):
                        return
                    continue
                self.left -= len(data)
            to.write(data)
            await to.drain()

    async def _strike(self, data: bytes, to: asyncio.StreamWriter) -> bool:
        """Do what the fault does to these bytes; return whether the line is over."""
        if self.fault == "delay":
            await asyncio.sleep(0.05)
            to.write(data)
        elif self.fault == "duplicate":
            to.write(data + data)
        elif self.fault in ("cut", "truncate"):
            to.write(data[: self.left])
        elif self.fault == "half_close":
            to.write_eof()
        elif self.fault == "reset":
            # with no linger time a close is an RST
            raw = self.near.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self.fault in ("delay", "duplicate"):
            self.left = 0 if self.fault == "delay" else 1 << 40
            await to.drain()
            return False
        if self.fault == "half_close":
            # the other way stays open for a while: the kiosk must not wait for what cannot come
            await asyncio.sleep(0.05)
        return True
