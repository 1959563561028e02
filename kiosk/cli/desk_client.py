"""A kiosk in a process of its own, as the demo and the tests drive it: `xianhou desk` at the other end of a pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path

    from shared_rules.words import Language

__all__ = ["DeskError", "DeskGoneError", "DeskProcess"]


class DeskError(Exception):
    """The desk refused: its sentence, and the field it names."""

    def __init__(self, sentence: str, field: str, kind: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        self.kind = kind


class DeskGoneError(Exception):
    """The process ended before it answered: whatever was asked is not acknowledged."""


class DeskProcess:
    """One kiosk process."""

    def __init__(
        self, folder: Path, *, offline: bool = False, language: Language = "zh", module: str = "kiosk.cli"
    ) -> None:
        command = [sys.executable, "-m", module, "--lang", language, "desk", "--dir", str(folder)]
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and command
            [*command, "--offline"] if offline else command,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1"},
        )  # fmt: skip
        self.place: dict[str, Any] = self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.endswith("\n"):
            raise DeskGoneError
        answer = json.loads(line)
        if "error" in answer:
            raise DeskError(answer["error"]["sentence"], answer["error"]["field"], answer["error"]["kind"])
        return answer["ok"]

    def ask(self, verb: str, **arguments: Any) -> None:
        """Send a verb without waiting for its answer."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps({"verb": verb, **arguments}) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise DeskGoneError from error

    def call(self, verb: str, **arguments: Any) -> Any:
        """Send a verb and return its answer; raises DeskError or DeskGoneError."""
        self.ask(verb, **arguments)
        return self._read()

    def kill(self) -> None:
        """End it as a power button would: no farewell, no flush."""
        self.process.kill()
        self._reap()

    def close(self) -> None:
        """End it in peace."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.stdin.close()
        self._reap()

    def _reap(self) -> None:
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
