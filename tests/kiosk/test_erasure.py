"""The server orders a customer's erasure: the kiosk keeps its chain and its numbers, and nothing that could be read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from kiosk.desk import Desk
from shared_rules.erasure import identity_of, redacted
from shared_rules.errors import EvidenceError
from shared_rules.facts import ReportLineWritten, SlipStamped
from shared_rules.protocol import ErasureItem, FeedAnswer
from shared_rules.wire import encode_fact
from shared_rules.words import say
from tests.kiosk.machine import Machine
from tests.kiosk.places import Authority, slip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME, PHONE = "皇甫无忌", "13987654321"


class Counter:
    """A kiosk with two slips of two customers, a printed paper each, and the server's keys."""

    def __init__(self, root: Path) -> None:
        self.authority, self.machine = Authority(), Machine()
        self.folder = self.authority.enrol(root)
        self.desk = Desk.open(self.folder, ticks=self.machine, random=os.urandom)
        self.slips = [self.stamp(NAME, PHONE), self.stamp("李四", "13800000009")]

    def stamp(self, name: str, phone: str) -> str:
        fact = slip(self.desk.journal, name, phone)
        self.desk.journal.append(fact)
        self.desk.printing.put("receipt", fact.slip, (say("客户 {name}", name=name),), "zh")
        return fact.slip

    def item(self, seq: int) -> ErasureItem:
        """Return what the server says of a record of this kiosk."""
        event = self.desk.journal.event(seq)
        assert event is not None
        told = redacted(event.fact, identity_of(event.fact), lambda _: "abcdefgh")
        log = self.desk.journal.log
        return ErasureItem(kiosk=log.kiosk, inc=log.inc, seq=seq, redacted=encode_fact(told).decode())

    def hear(self, item: ErasureItem) -> None:
        signed = self.authority.item(item)
        self.desk.feed.apply(FeedAnswer(items=[signed], cursor=f"e1.{self.authority.seq}"))

    def sealed(self, slip: str) -> bytes:
        """Return what lies on the disk of a slip's body."""
        row = self.desk.journal.database.one(
            "SELECT sealed FROM bodies JOIN slips USING (position) WHERE number = ?", slip
        )
        assert row is not None
        return bytes(row[0])

    def files(self) -> bytes:
        """Return every byte of the folder."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.root.rglob("*")) if path.is_file())


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    """Return an open counter."""
    counter = Counter(tmp_path / "kiosk")
    yield counter
    counter.desk.close()


def contents(counter: Counter) -> dict[str, str]:
    """Return slip -> what the counter knows of its customer."""
    facts = [event.fact for event in counter.desk.register.events()]
    return {fact.slip: str(fact.content) for fact in facts if isinstance(fact, SlipStamped)}


def test_body_paper_and_bytes_go_and_the_chain_stands(counter: Counter) -> None:
    """Overwritten on the disk once the counter was closed; the other customer is whole."""
    first, second = counter.slips
    assert NAME in contents(counter)[first]
    gone, kept = counter.sealed(first), counter.sealed(second)
    counter.hear(counter.item(2))
    assert NAME not in contents(counter)[first]
    assert "李四" in contents(counter)[second]
    counter.desk.journal.verify()
    counter.desk.close()
    assert gone not in counter.files()
    assert kept in counter.files()
    assert NAME.encode() not in counter.files()
    assert "李四".encode() in counter.files(), "the other's paper lies in the spool"
    counter.desk = Desk.open(counter.folder, ticks=counter.machine, random=os.urandom)
    assert sorted(contents(counter)) == sorted(counter.slips)
    assert counter.stamp("王五", "13700000007") not in counter.slips


def test_the_printed_report_of_the_day_goes_and_those_of_other_days_and_people_stay(counter: Counter) -> None:
    """一.10: what somebody wrote of the customer that day lies in the spool, too."""
    line = ReportLineWritten(by="101", claim=counter.slips[0], text=f"{NAME} 看过样板间")
    counter.desk.journal.append(line)
    days = ("101-2026-03-02", "101-2026-03-03", "102-2026-03-02")
    for day in days:
        counter.desk.printing.put("report-1", day, (say("客户 {name}", name=day),), "zh")
    counter.hear(counter.item(counter.desk.journal.last_seq))
    assert [bool([*counter.folder.spool.glob(f"{day}-*")]) for day in days] == [False, True, True]


def test_a_body_that_vanished_without_an_erasure_is_noticed(counter: Counter) -> None:
    """Deleting is the one thing that tampering and erasing have in common: the erasure is written down."""
    counter.desk.journal.database.conn.execute("DELETE FROM bodies WHERE position = 2")
    with pytest.raises(EvidenceError, match="正文不见了"):
        counter.desk.journal.verify()


def test_another_kiosks_record_is_not_touched(counter: Counter) -> None:
    """The feed is the office's: each kiosk takes what is its own."""
    item = counter.item(2)
    counter.hear(ErasureItem(kiosk=item.kiosk + 1, inc=item.inc, seq=item.seq, redacted=item.redacted))
    counter.hear(ErasureItem(kiosk=item.kiosk, inc=item.inc, seq=99, redacted=item.redacted))
    assert NAME in contents(counter)[counter.slips[0]]


def test_what_is_no_fact_replaces_nothing(counter: Counter) -> None:
    """A server gone wrong takes no body away for nothing: the item is kept as refused."""
    item = counter.item(2)
    counter.hear(ErasureItem(kiosk=item.kiosk, inc=item.inc, seq=item.seq, redacted="{}"))
    assert counter.desk.feed.refused() == 1
    assert NAME in contents(counter)[counter.slips[0]]


def test_without_overwriting_the_bytes_stay_on_the_disk(counter: Counter) -> None:
    """The sabotage: a row that is only unlinked can be read off the disk."""
    counter.desk.journal.database.rows("PRAGMA secure_delete = OFF")
    gone = counter.sealed(counter.slips[0])
    counter.hear(counter.item(2))
    counter.desk.close()
    assert gone in counter.files()
    counter.desk = Desk.open(counter.folder, ticks=counter.machine, random=os.urandom)
