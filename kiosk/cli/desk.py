"""`xianhou desk`: the counter's verbs as JSON lines, one kiosk in one process, with the sync beside them.

One line in, one line out: `{"verb": "stamp", "pending": 1, "badge": "…"}` -> `{"ok": …}`, or `{"error": …}` with field
and sentence. An answer to an act is written only after its commit. The demo, the fault tests and
scripts drive a kiosk this way; the screens call the same verbs.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import random
import sys
from datetime import date
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click
import msgspec

from kiosk.clearance import advice, clear
from kiosk.config import Folder, load_config
from kiosk.counter import Draft, Form, PaperPage, Session
from kiosk.desk import Desk
from kiosk.practice import ticks_of
from shared_rules.errors import InputError, UnavailableError, XianhouError
from shared_rules.facts import SlipContent
from shared_rules.words import Say, say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from kiosk.cli import Words
    from kiosk.sync import Sync

__all__ = ["desk"]

_LONGEST_LINE = 1 << 20
_PATIENCE = 30.0


@click.command(help="以 JSON 行驱动一台柜台机（演示与脚本用）：每行一个动作，每行一个答复。")
@click.option("--dir", "folder", type=click.Path(path_type=Path), required=True, help="柜台机的目录。")
@click.option("--offline", is_flag=True, help="启动时不联网，等 online 动作。")
@click.pass_obj
def desk(words: Words, *, folder: Path, offline: bool) -> None:
    """Open the folder and answer until the input ends."""
    place = Folder(folder)
    counter = Desk.open(place, ticks=ticks_of(load_config(place)), random=os.urandom)
    try:
        asyncio.run(_Driver(counter, words).run(offline=offline))
    finally:
        counter.close()


async def _lines_of(stream: BinaryIO) -> Callable[[], Awaitable[bytes]]:
    """Return what gives the next line of a pipe or a terminal, or of a file, which never lets anybody wait."""
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    try:
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), stream)
    except ValueError:
        return lambda: asyncio.to_thread(stream.readline, _LONGEST_LINE)
    return reader.readline


class _Driver:
    """Verbs by name; sessions are kept by the person's number."""

    def __init__(self, counter: Desk, words: Words) -> None:
        self.desk = counter
        self.words = words
        self.sessions: dict[str, Session] = {}
        self.changed = asyncio.Event()
        self.sync: Sync = self._make_sync()

    def _make_sync(self) -> Sync:
        from kiosk.sync import Sync

        sync = Sync(self.desk.journal, self.desk.feed, rng=random.SystemRandom(), on_change=self._ring)
        self.desk.wake = sync.wake
        return sync

    def _ring(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    async def run(self, *, offline: bool) -> None:
        """Answer line by line, the sync beside."""
        if offline:
            self.sync.offline()
        next_line = await _lines_of(sys.stdin.buffer)
        syncing = asyncio.create_task(self.sync.run())
        self._answer({"ok": {"kiosk": self.desk.place.kiosk, "office": self.desk.place.office}})
        try:
            while line := await next_line():
                self._answer(await self._one(line))
        finally:
            syncing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await syncing

    @staticmethod
    def _answer(value: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    async def _one(self, line: bytes) -> dict[str, Any]:
        try:
            asked = json.loads(line)
            name = asked.pop("verb")
            verb = getattr(self, f"do_{name}", None)
            if verb is None:
                raise InputError(say("没有动作 {name}", name=str(name)), field="verb")
            outcome = verb(**asked)
            return {"ok": self._plain(await outcome if asyncio.iscoroutine(outcome) else outcome)}
        except XianhouError as error:
            field = getattr(error, "field", "")
            return {"error": {"field": field, "sentence": self.words(error.sentence), "kind": type(error).__name__}}
        except (ValueError, TypeError, KeyError, msgspec.ValidationError) as error:
            sentence = self.words(say("这一行不是动作：{why}", why=str(error)))
            return {"error": {"field": "verb", "sentence": sentence, "kind": "InputError"}}

    def _plain(self, value: Any) -> Any:
        for kind, show in self._shown:
            if isinstance(value, kind):
                return show(value)
        if isinstance(value, msgspec.Struct):
            return {name: self._plain(getattr(value, name)) for name in value.__struct_fields__}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: self._plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return value

    @property
    def _shown(self) -> tuple[tuple[Any, Callable[[Any], Any]], ...]:
        return (
            (Say, self.words),
            ((Path, date), str),
            (Enum, lambda value: value.value),
            (bytes, bytes.hex),
            (msgspec.Struct, lambda value: {at: self._plain(getattr(value, at)) for at in value.__struct_fields__}),
            (dict, lambda value: {str(key): self._plain(item) for key, item in value.items()}),
            ((tuple, list, set, frozenset), lambda value: [self._plain(item) for item in value]),
        )

    def _session(self, person: str) -> Session:
        if person not in self.sessions:
            raise InputError(say("{person} 没有登录", person=person), field="person")
        return self.sessions[person]

    def _clerk(self) -> Session:
        if self.desk.people.duty is None:
            raise InputError(say("窗口还没有开；请确认人员先开窗"), field="duty")
        return self.desk.people.duty

    # --- people

    def do_open_duty(self, badge: str, pin: str) -> Session:
        """Open the window."""
        return self.desk.people.open_duty(badge, pin)

    def do_close_duty(self, until: int = 0) -> int:
        """Close it; return what was promised."""
        return self.desk.people.close_duty(self._clerk(), until=until)

    def do_seal(self) -> Any:
        """Seal the window that is over; null = nothing to seal."""
        return self.desk.seals.work(self.words.language)

    def do_set_pin(self, badge: str, start_pin: str, new_pin: str) -> str:
        """Set an own PIN."""
        return self.desk.people.set_pin(badge, start_pin, new_pin).number

    def do_log_in(self, badge: str, pin: str) -> Session:
        """Log a salesperson in."""
        session = self.desk.people.log_in(badge, pin)
        self.sessions[session.number] = session
        return session

    def do_log_out(self, person: str) -> None:
        """End a session."""
        self.desk.people.log_out(self._session(person))
        del self.sessions[person]

    def do_unblock_with(self, badge: str, pin: str, whom: str) -> None:
        """Let somebody try again, with badge and PIN of a supervisor or operator."""
        self.desk.people.unblock_with(badge, pin, whom)

    def do_unblock(self, person: str) -> None:
        """Let somebody try again."""
        self.desk.people.unblock(self._clerk(), person)

    # --- slips

    def do_save_draft(self, person: str, values: dict[str, str], at: str, name: str = "new") -> None:
        """Keep a half-filled form."""
        self.desk.save_draft(self._session(person), Draft(name=name, values=values, at=at))

    def do_draft(self, person: str) -> Draft | None:
        """Return it."""
        return self.desk.draft(self._session(person))

    def do_check(self, form: dict[str, Any]) -> Any:
        """Return the problems of a form."""
        return self.desk.check(msgspec.convert(form, Form))

    def do_hand_in(self, person: str, form: dict[str, Any]) -> int:
        """Hand a form in; return its place in the queue."""
        return self.desk.hand_in(self._session(person), msgspec.convert(form, Form)).id

    def do_pending(self) -> Any:
        """Return the queue."""
        return self.desk.pending()

    def do_stamp(self, pending: int, badge: str, reason: str = "") -> Any:
        """Stamp."""
        return self.desk.stamp(pending, badge, reason=reason)

    def do_write_up(self, clerk: str, page: dict[str, Any], cosigner: str, pin: str) -> Any:
        """Key a page of the emergency book."""
        keyed = msgspec.convert(page, PaperPage)
        return self.desk.write_up(self._session(clerk), keyed, cosigner_badge=cosigner, cosigner_pin=pin)

    def do_claims(self, person: str) -> Any:
        """Return a person's claims."""
        return self.desk.my_claims(self._session(person))

    def do_consequence(self, person: str, claim: str) -> Any:
        """Return what amending and renewing would do."""
        return self.desk.consequence(self._session(person), claim)

    def do_withdraw(self, person: str, claim: str) -> None:
        """Give a claim up."""
        self.desk.withdraw(self._session(person), claim)

    def do_queue(self) -> Any:
        """Return the entry queue."""
        return tuple(self.desk.entry_queue())

    def do_enter(self, slip: str, content: dict[str, Any] | None = None, phone_again: str = "") -> None:
        """Record the second look."""
        typed = None if content is None else msgspec.convert(content, SlipContent)
        self.desk.enter(self._clerk(), slip, typed, phone_again=phone_again)

    def do_returns(self) -> Any:
        """Return what must go back."""
        return self.desk.returns.rows()

    def do_return_note(self, slip: str) -> Any:
        """Return the note."""
        return self.desk.returns.note(slip)

    def do_returned(self, slip: str, note: str, person: str = "") -> None:
        """Record a return."""
        self.desk.returns.record(self._session(person) if person else self._clerk(), slip, note)

    def do_questions(self) -> Any:
        """Return what has to be asked of the own salespeople."""
        return self.desk.questions.rows()

    def do_answer(self, question: str, answers: dict[str, str] | None = None) -> None:
        """Write the answers to a question; none = the salesperson cannot say."""
        self.desk.questions.answer(self._clerk(), question, answers or {}, knows=bool(answers))

    # --- the network

    def do_status(self) -> Any:
        """Return the top line."""
        return self.desk.status(online=self.sync.state.online, trouble=self.sync.state.sentence)

    def do_rulings(self) -> Any:
        """Return what the server ruled."""
        return self.desk.register.rulings()

    def do_slips(self) -> list[str]:
        """Return the numbers of all slips in the journal, after checking the whole chain."""
        self.desk.journal.verify()
        facts = (event.fact for event in self.desk.journal.events())
        return [str(getattr(fact, "slip", "")) for fact in facts if type(fact).__name__ == "SlipStamped"]

    def do_offline(self) -> None:
        """Pull the plug."""
        self.sync.offline()

    def do_online(self) -> None:
        """Put it back."""
        self.sync.online()

    async def do_sync_now(self) -> Any:
        """Tell everything, hear everything."""
        await self.sync.round()
        return self.do_status()

    async def do_clear_to_sign(self, claim: str) -> Any:
        """Ask before a deal; the sentences are what the clerk reads."""
        answer = await self.sync.clear_to_sign(claim)
        return {"clear": clear(answer), "sentences": [one.chinese() for one in advice(answer)], "answer": answer}

    async def do_wait(self, claim: str = "", status: str = "", seconds: float = _PATIENCE, **which: Any) -> Any:
        """Return once the server's ruling of a claim has this status (and `provisional` is as asked)."""

        def there() -> bool:
            ruling = self.desk.register.rulings().get(claim)
            if not claim:
                return self.desk.journal.unsent == 0
            if ruling is None or (status and ruling.status != status):
                return False
            return "provisional" not in which or bool(ruling.provisional) == which["provisional"]

        await self._until(there, seconds)
        return self.desk.register.rulings().get(claim)

    async def _until(self, there: Callable[[], bool], seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                while True:
                    changed = self.changed
                    if there():
                        return
                    await changed.wait()
        except TimeoutError as error:
            raise UnavailableError(say("等了 {seconds} 秒仍未等到", seconds=int(seconds))) from error
