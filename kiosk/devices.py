"""Where printed bytes go: a device file, a printer on the network, a queue of the system, or a file to look at."""

from __future__ import annotations

import os
import select
import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Final

from shared_rules.errors import InputError, UnavailableError
from shared_rules.words import say

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["UncertainError", "check_device", "send", "write_paper"]

_PATIENCE: Final = 15.0
"""Seconds in which a printer must take a paper."""
_CHUNK: Final = 4096


class UncertainError(UnavailableError):
    """Part of the paper may have come out."""


def check_device(device: str) -> None:
    """Raise InputError for an address of no known kind."""
    kind, _, rest = device.partition(":")
    if not device or device.startswith("/") or (kind == "lp" and rest):
        return
    host, _, port = rest.rpartition(":")
    if kind != "tcp" or not host or not port.isdigit():
        raise InputError(
            say("打印机写成 /dev/usb/lp0、tcp:地址:9100 或 lp:队列名，不能是 {device}", device=device),
            field="printer.device",
        )


def send(device: str, data: bytes) -> None:
    """Give a paper to a printer; UnavailableError where it took nothing, UncertainError where it took a part."""
    try:
        if device.startswith("tcp:"):
            host, _, port = device.removeprefix("tcp:").rpartition(":")
            with socket.create_connection((host, int(port)), timeout=_PATIENCE) as connection:
                _all(connection.fileno(), data)
        elif device.startswith("lp:"):
            _queue(device.removeprefix("lp:"), data)
        else:
            descriptor = os.open(device, os.O_WRONLY | os.O_NONBLOCK)
            try:
                _all(descriptor, data)
            finally:
                os.close(descriptor)
    except UncertainError:
        raise
    except (OSError, subprocess.SubprocessError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnavailableError(say("打印机 {device} 没有反应：{why}", device=device, why=why)) from error


def _all(descriptor: int, data: bytes) -> None:
    """Write everything in time: a printer without paper takes a little and then nothing for ever."""
    os.set_blocking(descriptor, False)
    end, written = time.monotonic() + _PATIENCE, 0
    while written < len(data):
        _, ready, _ = select.select([], [descriptor], [], max(0.0, end - time.monotonic()))
        if not ready:
            raise UncertainError(say("打印机停住了：请检查纸和电源；可能已打出一部分"))
        try:
            written += os.write(descriptor, data[written : written + _CHUNK])
        except BlockingIOError:
            continue
        except OSError as error:
            if written:
                raise UncertainError(say("打印机中途断开；可能已打出一部分")) from error
            raise


def _queue(name: str, data: bytes) -> None:
    program = shutil.which("lp")
    if program is None:
        raise UnavailableError(say("没有打印队列：请安装 cups-client，或改用别的打印机设置"))
    done = subprocess.run(  # noqa: S603 - the operator's own queue name, no shell
        [program, "-d", name, "--"], input=data, capture_output=True, timeout=_PATIENCE, check=False
    )
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip()
        raise UnavailableError(say("打印队列 {name} 不收：{why}", name=name, why=why))


def write_paper(path: Path, data: bytes) -> None:
    """Leave a paper as a file that only its user can read; UnavailableError where the disk does not take it."""
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o600)
    except OSError as error:
        raise UnavailableError(say("打印件写不进磁盘；盖章已生效，请检查磁盘")) from error
