"""What the server told this office: whole, in order, signed, or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from kiosk.config import Folder
from kiosk.database import Database, open_database
from kiosk.enrolment import load_keys
from kiosk.feed import FeedStore
from shared_rules.errors import EvidenceError, InputError, UnavailableError
from shared_rules.evidence import sign_payload
from shared_rules.protocol import FEED_CONTEXT, FeedAnswer, FeedItem, NoticeItem, Sentence, Signed
from shared_rules.wire import canonical
from shared_rules.words import say
from tests.kiosk.places import Authority


def notice(text: str) -> NoticeItem:
    """Return a notice."""
    return NoticeItem(sentence=Sentence(msgid=text))


def answer(items: Sequence[Signed], cursor: str = "e1.9") -> FeedAnswer:
    """Return what the server answers with."""
    return FeedAnswer(items=list(items), cursor=cursor)


class Heard:
    """Takes items and remembers them; refuses the texts it is told to."""

    def __init__(self, *, refuse: str = "", fail: str = "") -> None:
        self.texts: list[str] = []
        self.resets = 0
        self._refuse, self._fail = refuse, fail

    def on_item(self, db: Database, item: FeedItem) -> None:
        assert db.inside()
        assert isinstance(item.body, NoticeItem)
        text = item.body.sentence.msgid
        db.run("INSERT OR REPLACE INTO state VALUES (?, x'00')", text)
        if text == self._refuse:
            raise InputError(say("政策文件没有 [{table}] 这一节，请删去或改名", table="x"))
        if text == self._fail:
            raise UnavailableError(say("数据库正被别的程序占用"))
        self.texts.append(text)

    def on_reset(self, _: Database) -> None:
        self.resets += 1


@pytest.fixture
def hand() -> Authority:
    """Return a server's hand."""
    return Authority()


def tell(hand: Authority, *texts: str, office: str = "E") -> list[Signed]:
    """Return notices as the next items of an office's feed."""
    return [hand.item(notice(text), office) for text in texts]


def store(root: Path, hand: Authority, heard: Heard) -> FeedStore:
    """Return the feed of an enrolled folder."""
    folder = Folder(root)
    if not folder.enrolment.exists():
        hand.enrol(root)
    return FeedStore(open_database(folder.database), load_keys(folder), os.urandom, heard.on_item, heard.on_reset)


def test_items_take_effect_once_and_in_order(tmp_path: Path, hand: Authority) -> None:
    """An answer that comes twice, or overlaps, has no second effect; the cursor follows."""
    heard = Heard()
    feed = store(tmp_path, hand, heard)
    first = tell(hand, "a", "b")
    assert feed.apply(answer(first, "e1.2")) == 2
    assert feed.apply(answer([*first, *tell(hand, "c")], "e1.3")) == 1
    assert heard.texts == ["a", "b", "c"]
    assert feed.cursor == "e1.3"
    assert [item.seq for item in feed.items()] == [1, 2, 3]


def test_what_was_heard_is_there_after_a_restart_and_sealed_on_the_disk(tmp_path: Path, hand: Authority) -> None:
    """Names of people come by the feed: the file alone shows none."""
    store(tmp_path, hand, Heard()).apply(answer(tell(hand, "a secret name")))
    again = store(tmp_path, hand, Heard())
    assert [msgspec.to_builtins(item.body)["sentence"]["msgid"] for item in again.items()] == ["a secret name"]
    on_disk = b"".join(path.read_bytes() for path in tmp_path.glob("kiosk.db*"))
    assert b"sentence" not in on_disk


def test_a_wrong_signature_takes_nothing_of_the_answer(tmp_path: Path, hand: Authority) -> None:
    """Also the good items before it wait: the cursor did not move."""
    heard = Heard()
    feed = store(tmp_path, hand, heard)
    good = tell(hand, "a", "b")
    forged = Signed(payload=good[1].payload, signature=good[0].signature)
    with pytest.raises(EvidenceError, match="签名"):
        feed.apply(answer([good[0], forged]))
    assert (feed.cursor, list(feed.items())) == ("", [])


def test_an_item_left_out_or_changed_breaks_the_chain(tmp_path: Path, hand: Authority) -> None:
    """A server that drops or rewrites what it told is noticed."""
    feed = store(tmp_path, hand, Heard())
    told = tell(hand, "a", "b", "c")
    feed.apply(answer(told[:1]))
    with pytest.raises(EvidenceError, match="第 3 条处断链"):
        feed.apply(answer(told[2:]))
    item = FeedItem(office="E", seq=1, prev="0" * 64, at=0, body=notice("rewritten"))
    rewritten = sign_payload(FEED_CONTEXT, canonical(item), hand.server.key)
    with pytest.raises(EvidenceError, match="第 1 条处断链"):
        feed.apply(answer([rewritten]))


def test_another_offices_items_are_refused(tmp_path: Path, hand: Authority) -> None:
    """They may hold what this office must not know."""
    feed = store(tmp_path, hand, Heard())
    with pytest.raises(EvidenceError, match="别的门店"):
        feed.apply(answer(tell(hand, "a", office="W")))


def test_an_item_of_a_newer_release_blocks_nothing(tmp_path: Path, hand: Authority) -> None:
    """What this release cannot read is kept, has no effect, and what follows has."""
    heard = Heard()
    feed = store(tmp_path, hand, heard)
    first = tell(hand, "a")
    digest = hashlib.sha256(first[0].payload).hexdigest()
    newer = canonical({"office": "E", "seq": 2, "prev": digest, "at": 1, "body": {"kind": "hologram", "x": 1}})
    item = FeedItem(office="E", seq=3, prev=hashlib.sha256(newer).hexdigest(), at=1, body=notice("c"))
    signed = [sign_payload(FEED_CONTEXT, payload, hand.server.key) for payload in (newer, canonical(item))]
    assert feed.apply(answer([*first, *signed])) == 3
    assert heard.texts == ["a", "c"]
    assert feed.refused() == 1


def test_an_item_that_cannot_be_taken_has_no_half_effect(tmp_path: Path, hand: Authority) -> None:
    """What it wrote before it failed is undone, the others stand, and it is counted."""
    heard = Heard(refuse="b")
    feed = store(tmp_path, hand, heard)
    feed.apply(answer(tell(hand, "a", "b", "c")))
    assert heard.texts == ["a", "c"]
    assert feed.refused() == 1
    rows = open_database(Folder(tmp_path).database).rows("SELECT name FROM state WHERE length(value) = 1 ORDER BY name")
    assert rows == [("a",), ("c",)]


def test_a_disk_that_fails_takes_nothing_of_the_answer(tmp_path: Path, hand: Authority) -> None:
    """That is not the item's fault: all of it comes again."""
    told = tell(hand, "a", "b")
    feed = store(tmp_path, hand, Heard(fail="b"))
    with pytest.raises(UnavailableError):
        feed.apply(answer(told))
    assert (feed.cursor, list(feed.items())) == ("", [])
    heard = Heard()
    assert store(tmp_path, hand, heard).apply(answer(told)) == 2
    assert heard.texts == ["a", "b"]


def test_a_disk_that_fills_while_an_item_takes_effect_is_said_in_a_sentence(tmp_path: Path, hand: Authority) -> None:
    """SQLite then rolls back by itself: there is no savepoint left to go back to, and nothing of the answer stands."""
    told = tell(hand, "a", "b")
    feed = store(tmp_path, hand, Heard())

    def greedy(db: Database, item: FeedItem) -> None:
        if "b" in str(item.body):
            (pages,) = db.one("PRAGMA page_count") or (0,)
            db.conn.execute(f"PRAGMA max_page_count = {pages + 20}")
            db.run("INSERT INTO state VALUES ('large', zeroblob(1000000))")

    with pytest.raises(UnavailableError, match="磁盘已满"):
        feed.apply(answer(told), greedy)
    assert (feed.cursor, list(feed.items())) == ("", [])
    assert store(tmp_path, hand, Heard()).apply(answer(told)) == 2


def test_reading_again_from_the_start_forgets_no_evidence(tmp_path: Path, hand: Authority) -> None:
    """After a restored server the feed begins again at item 1; the earlier reading stays in the file."""
    heard = Heard()
    feed = store(tmp_path, hand, heard)
    feed.apply(answer(tell(hand, "a", "b")))
    feed.reset()
    assert (feed.cursor, list(feed.items()), heard.resets) == ("", [], 1)
    fresh = Authority()
    feed.apply(answer(tell(fresh, "other")))
    assert heard.texts == ["a", "b", "other"]
    rows = open_database(Folder(tmp_path).database).rows("SELECT reading, count(*) FROM feed_items GROUP BY reading")
    assert rows == [(1, 2), (2, 1)]
