"""Every cell of the tables of docs/sync.md, driven through the real exchange and the real intake."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from docs.sync_page import KIOSK, SERVER, Event, Held, Outcome, Reaction, Relation, Standing
from kiosk.exchange import Exchange, ForkError, Push, Response, WrongServerError
from kiosk.feed import FeedStore
from shared_rules.errors import EvidenceError, UnavailableError, WireError
from shared_rules.interval import HOUR, MINUTE
from shared_rules.journal import ZERO_HASH
from shared_rules.protocol import Entry, PushAnswer, PushRequest
from sync_server.bodies import TooLargeError
from sync_server.intake import BadSignatureError, Fork, Gap, Pushed, UnknownLogError
from sync_server.store import journals, persons
from tests.kiosk.machine import Machine
from tests.kiosk.network import PORTAL
from tests.kiosk.places import Authority, opened, slip
from tests.paths import ROOT
from tests.sync_server.conftest import NINE, House, keys_folder, new_house
from tests.sync_server.fakes import FakeKiosk

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk.journal import Journal

__all__ = ["keys_folder"]

SERVER_CELLS = [(held, one) for (held, one), cell in SERVER.items() if isinstance(cell, Outcome)]
ERRORS: dict[type[Exception], Outcome] = {
    TooLargeError: Outcome.TOO_LARGE, UnknownLogError: Outcome.UNKNOWN_LOG, BadSignatureError: Outcome.BAD_SIGNATURE,
    WireError: Outcome.MALFORMED,
}  # fmt: skip
RAISED: dict[type[Exception], Reaction] = {
    ForkError: Reaction.NEW_LIFE, WrongServerError: Reaction.STRANGER, UnavailableError: Reaction.WAITS,
    EvidenceError: Reaction.DISBELIEVED,
}  # fmt: skip


def batch(kiosk: FakeKiosk, other: FakeKiosk, at: int, relation: Relation) -> PushRequest:
    """Return a batch that stands so to a journal of which records 1…`at` are held."""
    entries, head = kiosk.entries, kiosk.head()
    clone = FakeKiosk(kiosk.key, kiosk.answer, kiosk.inc, entries[: at - 1], kiosk.last)
    if relation is Relation.OTHER_HASH:
        clone.genesis(NINE + HOUR)
        return PushRequest(head=clone.head(), entries=clone.entries[-1:])
    bent = Entry(record=entries[at].record, signature=entries[at].signature, salt=entries[at].salt, body=b"{}")
    return {
        Relation.HEARTBEAT: PushRequest(head=kiosk.head(seq=at)),
        Relation.NEXT: PushRequest(head=head, entries=entries[at:]),
        Relation.DUPLICATE: PushRequest(head=head, entries=entries[:at]),
        Relation.OVERLAP: PushRequest(head=head, entries=entries[at - 1 :] if at else []),
        Relation.BEYOND: PushRequest(head=head, entries=entries[at + 1 :]),
        Relation.OTHER_PAST: PushRequest(head=kiosk.head(seq=at, digest="ab" * 32)),
        Relation.UNREADABLE: PushRequest(head=kiosk.head(seq=at + 1), entries=[bent]),
        Relation.HOLE: PushRequest(head=head, entries=[entries[at], entries[at + 2]]),
        Relation.FOREIGN: PushRequest(head=head, entries=other.entries),
        Relation.BAD_KEY: FakeKiosk(other.key, kiosk.answer, kiosk.inc, list(entries), kiosk.last).push(at),
        Relation.TOO_MANY: PushRequest(head=head, entries=entries[:1] * 501),
    }[relation]


@pytest.mark.parametrize(("held", "relation"), SERVER_CELLS, ids=lambda one: one.name.lower())
def test_the_server_does_what_its_table_says(tmp_path: Path, keys_folder: Path, held: Held, relation: Relation) -> None:
    """The real intake over a real store: the answer, what is kept, whether it froze, and who is told."""
    house = new_house(tmp_path / "data", keys_folder)
    house.office("east")
    kiosk, other = house.kiosk("east"), house.kiosk("east")
    for index in range(4):
        kiosk.stamp(NINE + index * MINUTE, by="A", name=f"客户{index}", phone=f"1380000000{index}")
    house.source.now = NINE + HOUR
    if held is Held.UNKNOWN:
        assert kiosk.answer is not None
        stranger = msgspec.structs.replace(kiosk.answer, kiosk=999)
        kiosk = FakeKiosk(kiosk.key, stranger, entries=kiosk.entries, last=kiosk.last)
    at = 3 if held in (Held.OPEN, Held.FROZEN) else 0
    if at:
        house.service.intake.push(kiosk.log, PushRequest(head=kiosk.head(seq=at), entries=kiosk.entries[:at]))
    if held is Held.FROZEN:
        clone = FakeKiosk(kiosk.key, kiosk.answer, kiosk.inc, kiosk.entries[:1])
        clone.genesis(NINE)
        assert isinstance(house.service.intake.push(kiosk.log, clone.push(1)), Fork)
    before = kept(house)
    outcome = found(house, kiosk, batch(kiosk, other, at, relation), before)
    assert outcome is SERVER[held, relation]
    with house.store.snapshot() as tx:
        state = journals.log_state(tx, kiosk.log)
    assert (state is not None and state.frozen) == (held is Held.FROZEN or outcome is Outcome.FORK)
    house.store.close()


def kept(house: House) -> tuple[int, int]:
    """Return how many records are held of all kiosks and how many alarms were raised."""
    with house.store.snapshot() as tx:
        row = tx.one("SELECT count(*) AS n FROM records WHERE kiosk > 0")
        assert row is not None
        return int(row["n"]), len(persons.alarms(tx))


def found(house: House, kiosk: FakeKiosk, request: PushRequest, before: tuple[int, int]) -> Outcome:
    """Push, and return what happened as the table names it; what is refused keeps nothing."""
    try:
        answer = house.service.intake.push(kiosk.log, request)
    except tuple(ERRORS) as error:
        assert kept(house) == before
        return next(outcome for kind, outcome in ERRORS.items() if isinstance(error, kind))
    records, alarms = kept(house)
    if isinstance(answer, Gap):
        assert records == before[0]
        return Outcome.GAP
    if isinstance(answer, Fork):
        assert records - before[0] == len(request.entries)
        return Outcome.FORK
    assert isinstance(answer, Pushed)
    if records == before[0]:
        return Outcome.SAME
    return Outcome.QUARANTINED if alarms > before[1] else Outcome.KEPT


def answered(journal: Journal, push: Push, event: Event) -> Response:
    """Return what comes back."""
    seq = push.last_seq
    acknowledged = journal.acknowledged

    def ours(at: int) -> str:
        held = journal.chain.hash_at(push.log.inc, at)
        assert held is not None
        return held.hex()

    good = {
        Event.FITS: (seq + 1, ours(seq)), Event.LESS: (1, ZERO_HASH.hex()), Event.OTHER: (seq + 1, "ab" * 32),
        Event.MORE: (seq + 2, "ab" * 32), Event.CUT: (seq + 1, ours(seq)),
    }  # fmt: skip
    if event in good:
        body = msgspec.json.encode(PushAnswer(next=good[event][0], hash=good[event][1]))
        return Response(200, "application/json", body[:-9] if event is Event.CUT else body)
    strangers = {
        Event.PORTAL: PORTAL, Event.BROKEN: Response(502, "text/html", b"bad gateway"),
        Event.ELSEWHERE: Response(302, "text/html", b""),
    }  # fmt: skip
    if event in strangers:
        return strangers[event]
    gaps = {
        Event.GAP: (1, ZERO_HASH.hex()), Event.GAP_SAME: (acknowledged + 1, ours(acknowledged)),
        Event.GAP_OTHER: (acknowledged + 1, "ab" * 32),
    }  # fmt: skip
    kind = "gap" if event in gaps else event.name.lower().replace("_", "-")
    document: dict[str, object] = {"type": f"urn:xianhou:problem:{kind}", "title": kind, "status": 409}
    if event in gaps:
        document |= {"next": gaps[event][0], "hash": gaps[event][1]}
    return Response(409, "application/problem+json", msgspec.json.encode(document))


@pytest.mark.parametrize(("standing", "event"), KIOSK, ids=lambda one: one.name.lower())
def test_the_kiosk_does_what_its_table_says(tmp_path: Path, standing: Standing, event: Event) -> None:
    """The real exchange over a real journal; whatever is answered, every record is still there."""
    machine = Machine()
    journal = opened(Authority().enrol(tmp_path / "kiosk"), machine)
    exchange = Exchange(journal, FeedStore(journal.database, journal.keys, os.urandom, lambda *_: None))
    journal.append(slip(journal))
    first = exchange.push()
    exchange.take_push(first, answered(journal, first, Event.FITS), 0, 0)
    if standing is Standing.UNSENT:
        journal.append(slip(journal))
    log, before, push = journal.log, journal.acknowledged, exchange.push()
    held = journal.entries(0, 500, 1 << 20, log)
    reaction = react(exchange, push, event)
    assert reaction is KIOSK[standing, event]
    after = journal.acknowledged_of(log)
    expected = {Reaction.ACKNOWLEDGED: push.last_seq, Reaction.AGAIN: 0}
    assert after == expected.get(reaction, before)
    assert (journal.log != log) == (reaction is Reaction.NEW_LIFE)
    assert journal.entries(0, 500, 1 << 20, log)[: len(held)] == held
    journal.close()


def react(exchange: Exchange, push: Push, event: Event) -> Reaction:
    """Take the answer and return what was done as the table names it."""
    before = exchange.journal.acknowledged
    if event is Event.LOST:
        assert exchange.push().last_seq == push.last_seq
        return Reaction.STANDS
    try:
        exchange.take_push(push, answered(exchange.journal, push, event), 0, 0)
    except (EvidenceError, UnavailableError) as error:
        return next(reaction for kind, reaction in RAISED.items() if isinstance(error, kind))
    after = exchange.journal.acknowledged
    if after < before:
        return Reaction.AGAIN
    return Reaction.ACKNOWLEDGED if event is Event.FITS else Reaction.STANDS


def test_every_cell_has_an_outcome() -> None:
    """A state or event that somebody adds must be thought through against all others."""
    assert set(SERVER) == {(held, one) for held in Held for one in Relation}
    assert set(KIOSK) == {(one, event) for one in Standing for event in Event}


def test_the_invariants_name_tests_that_exist() -> None:
    """S-1 … S-n are numbered without a hole and held by tests that are there."""
    text = (ROOT / "docs" / "sync.md").read_text(encoding="utf-8")
    numbers = [int(number) for number in re.findall(r"^- \*\*S-(\d+)\*\*", text, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    blocks = re.split(r"^- \*\*S-\d+\*\*", text, flags=re.MULTILINE)[1:]
    for block in blocks:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", block)
        assert named, block
        for path, name in named:
            assert re.search(rf"def {name}\(", (ROOT / path).read_text(encoding="utf-8")), name
