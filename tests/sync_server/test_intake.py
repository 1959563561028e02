"""The acceptance table, row by row, and what a push may not do."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from shared_rules.errors import WireError
from shared_rules.facts import Grade, LogId, Received, SlipEntered
from shared_rules.interval import DAY, HOUR, MINUTE
from shared_rules.journal import ZERO_HASH
from shared_rules.protocol import Anchor, Entry, PushRequest
from shared_rules.wire import decode_canonical, encode_fact
from sync_server.bodies import TooLargeError
from sync_server.intake import BadSignatureError, Fork, Gap, Pushed, Revoked, UnknownLogError
from sync_server.store import journals, persons
from tests.sync_server.conftest import MONDAY, NINE, House, rebuilt
from tests.sync_server.fakes import FakeKiosk


def held(house: House, kiosk: FakeKiosk) -> list[Entry]:
    """Return what the server holds of a journal's main branch."""
    with house.store.snapshot() as tx:
        return journals.entries_after(tx, kiosk.log, 0, most=10_000)


def alarms(house: House) -> list[str]:
    """Return the alarms' sentences."""
    with house.store.snapshot() as tx:
        return [alarm.sentence.msgid for alarm in persons.alarms(tx)]


def acknowledged(outcome: Pushed | Gap | Fork | Revoked) -> tuple[int, str]:
    """Return what an acknowledgement says."""
    assert isinstance(outcome, Pushed)
    return outcome.answer.next, outcome.answer.hash


@pytest.fixture
def kiosk(town: House) -> FakeKiosk:
    """Return the east kiosk with three slips stamped and nothing sent."""
    kiosk = town.kiosks[0]
    for index in range(3):
        kiosk.stamp(NINE + index * MINUTE, by="A", name=f"客户{index}", phone=f"1380000000{index}")
    return kiosk


def test_the_next_records_are_kept_verbatim_and_acknowledged_with_next_and_hash(town: House, kiosk: FakeKiosk) -> None:
    """Next and matching prev: append, commit, acknowledge."""
    assert acknowledged(town.push(kiosk)) == (8, kiosk.last.hex())
    assert held(town, kiosk) == kiosk.entries


def test_an_acknowledged_record_is_there_after_a_restart(town: House, kiosk: FakeKiosk) -> None:
    """What was acknowledged was committed before."""
    town.push(kiosk)
    again = rebuilt(town)
    assert held(again, kiosk) == kiosk.entries
    again.store.close()


def test_the_same_records_again_are_fine_and_change_nothing(town: House, kiosk: FakeKiosk) -> None:
    """A lost response makes the kiosk send again: the answer is the same and nothing is written twice."""
    first = acknowledged(town.push(kiosk))
    before = town.service.reconciler.archive.read().position
    assert acknowledged(town.push(kiosk)) == first
    assert town.service.reconciler.archive.read().position == before


def test_an_overlap_keeps_what_is_new(town: House, kiosk: FakeKiosk) -> None:
    """A batch may begin with records that are held already."""
    town.push(kiosk, 0, 4)
    assert acknowledged(town.push(kiosk, 2)) == (8, kiosk.last.hex())
    assert held(town, kiosk) == kiosk.entries


def test_a_batch_beyond_is_told_which_record_is_wanted(town: House, kiosk: FakeKiosk) -> None:
    """Records before it are missing: nothing is kept, the answer names the next one."""
    town.push(kiosk, 0, 2)
    digest = hashlib.sha256(kiosk.entries[1].record).hexdigest()
    assert town.push(kiosk, 4) == Gap(3, digest)
    assert len(held(town, kiosk)) == 2


def test_an_empty_push_is_a_heartbeat_and_dates_the_head(town: House, kiosk: FakeKiosk) -> None:
    """Nothing new, but the answer carries a signed anchor for the head and its nonce."""
    town.push(kiosk)
    outcome = town.service.intake.push(kiosk.log, PushRequest(head=kiosk.head(nonce="abcd")))
    assert isinstance(outcome, Pushed)
    assert outcome.answer.anchor is not None
    anchor = decode_canonical(outcome.answer.anchor.payload, Anchor)
    assert (anchor.nonce, anchor.head_hash) == ("abcd", kiosk.last.hex())
    assert anchor.err >= 50_000


def test_the_same_number_with_another_hash_is_a_fork_and_both_branches_are_kept(town: House, kiosk: FakeKiosk) -> None:
    """A cloned machine: evidence is kept on both sides, automatic effect stops, the operator is alarmed."""
    town.push(kiosk)
    clone = kiosk.clone()
    del clone.entries[5:]
    clone.last = hashlib.sha256(clone.entries[-1].record).digest()
    clone.stamp(NINE + DAY, by="C", name="别人", phone="13900000000")
    assert isinstance(town.push(clone), Fork)
    with town.store.snapshot() as tx:
        kept = [item for item in journals.records_after(tx, 0, most=100) if item.branch]
        state = journals.log_state(tx, kiosk.log)
    assert [item.entry for item in kept] == clone.entries[5:]
    assert state is not None
    assert state.frozen
    assert held(town, kiosk) == kiosk.entries
    assert any("两本不同的日志" in sentence for sentence in alarms(town))


def test_after_a_fork_evidence_is_still_taken_but_settles_nothing(town: House, kiosk: FakeKiosk) -> None:
    """Fence authority, never discard evidence: later slips are acknowledged and wait for a person."""
    town.push(kiosk)
    town.settle(NINE + 3 * DAY)
    clone = kiosk.clone()
    clone.stamp(NINE + DAY, by="C", name="别人", phone="13900000000")
    kiosk.stamp(NINE + DAY, by="A", name="新客", phone="13700000000")
    assert isinstance(town.push(kiosk), Pushed)
    assert isinstance(town.push(clone), Fork)
    late = kiosk.stamp(NINE + 2 * DAY, by="A", name="再来", phone="13600000000")
    assert acknowledged(town.push(kiosk)) == (12, kiosk.last.hex())
    town.settle(NINE + 3 * DAY)
    assert late not in town.rulings("east")


def test_a_heartbeat_with_another_past_is_a_fork_too(town: House, kiosk: FakeKiosk) -> None:
    """The head alone proves that the kiosk remembers another record under a number the server holds."""
    town.push(kiosk)
    request = PushRequest(head=kiosk.head(seq=4, digest="ab" * 32))
    assert isinstance(town.service.intake.push(kiosk.log, request), Fork)


def test_an_older_head_of_the_same_history_is_a_late_delivery_and_no_fork(town: House, kiosk: FakeKiosk) -> None:
    """A request that was under way for long says nothing wrong; the floor it carries never lowers a newer one."""
    town.push(kiosk, floor=NINE + DAY)
    older = PushRequest(head=kiosk.head(seq=3, floor=NINE), entries=kiosk.entries[:3])
    assert acknowledged(town.service.intake.push(kiosk.log, older)) == (8, kiosk.last.hex())
    with town.store.snapshot() as tx:
        state = journals.log_state(tx, kiosk.log)
    assert state is not None
    assert state.floor == NINE + DAY


def test_a_body_of_a_newer_version_is_kept_uninterpreted_and_acknowledged(town: House, kiosk: FakeKiosk) -> None:
    """An old server must not stop a newer kiosk: the record waits in quarantine and what follows counts."""
    kiosk.append(b'{"fact":"FromTheFuture","x":1}', NINE + 5 * MINUTE)
    after = kiosk.stamp(NINE + 6 * MINUTE, by="A", name="后来", phone="13700000009")
    assert acknowledged(town.push(kiosk)) == (11, kiosk.last.hex())
    town.settle(NINE + 3 * DAY)
    assert after in town.rulings("east")
    assert any("无法采用" in sentence for sentence in alarms(town))


def test_a_record_of_an_unknown_kind_waits_in_quarantine_and_blocks_nothing(town: House, kiosk: FakeKiosk) -> None:
    """Even a record whose layout byte this release does not know keeps its place in the chain."""
    entry = kiosk.append(b"{}", NINE + 5 * MINUTE)
    strange = bytearray(entry.record)
    strange[7] = 99
    kiosk.entries[-1] = msgspec.structs.replace(entry, record=bytes(strange))
    kiosk.last = hashlib.sha256(strange).digest()
    after = kiosk.stamp(NINE + 6 * MINUTE, by="A", name="后来", phone="13700000009")
    assert acknowledged(town.push(kiosk)) == (11, kiosk.last.hex())
    town.settle(NINE + 3 * DAY)
    assert after in town.rulings("east")


def test_a_body_that_is_not_the_one_committed_to_is_kept_but_not_believed(town: House, kiosk: FakeKiosk) -> None:
    """Somebody changed what a slip says after it was stamped: the record stays evidence, the body has no effect."""
    slip = kiosk.stamp(NINE + 5 * MINUTE, by="A", name="张三", phone="13711111111")
    forged = msgspec.structs.replace(
        kiosk.entries[7], body=kiosk.entries[7].body.replace(b"13711111111", b"13722222222")
    )
    kiosk.entries[7] = forged
    assert isinstance(town.push(kiosk), Pushed)
    town.settle(NINE + 3 * DAY)
    assert slip not in town.rulings("east")


def test_a_damaged_signature_under_a_head_that_covers_it_does_not_block_the_journal(
    town: House, kiosk: FakeKiosk
) -> None:
    """A flipped bit on the kiosk's disk quarantines that one record; the signed head vouches for the chain."""
    kiosk.entries[3] = msgspec.structs.replace(kiosk.entries[3], signature=bytes(64))
    assert isinstance(town.push(kiosk), Pushed)
    with town.store.snapshot() as tx:
        marks = [item.quarantine for item in journals.records_after(tx, 0, most=100) if item.quarantine]
    assert marks == ["signature"]


def test_a_damaged_signature_that_no_head_covers_is_refused(town: House, kiosk: FakeKiosk) -> None:
    """Otherwise an old head, seen once, would let a stranger add records."""
    kiosk.entries[3] = msgspec.structs.replace(kiosk.entries[3], signature=bytes(64))
    with pytest.raises(BadSignatureError):
        town.push(kiosk, 0, 5)
    assert held(town, kiosk) == []


def test_another_kiosks_key_is_refused(town: House, kiosk: FakeKiosk) -> None:
    """A kiosk can speak for itself only."""
    west = town.kiosks[1]
    request = PushRequest(head=west.head(), entries=kiosk.entries)
    with pytest.raises((UnknownLogError, BadSignatureError)):
        town.service.intake.push(kiosk.log, request)
    stranger = FakeKiosk(answer=kiosk.answer, entries=kiosk.entries, last=kiosk.last)
    with pytest.raises(BadSignatureError):
        town.push(stranger)
    assert held(town, kiosk) == []


def test_a_kiosk_that_was_never_enrolled_is_unknown(town: House, kiosk: FakeKiosk) -> None:
    """So is the server's own number."""
    for number in (0, 99):
        with pytest.raises(UnknownLogError):
            town.service.intake.push(LogId(number, kiosk.inc), kiosk.push())


def test_records_of_another_journal_in_the_batch_are_refused(town: House, kiosk: FakeKiosk) -> None:
    """The address, the head and every record name the same journal."""
    request = PushRequest(head=kiosk.head(), entries=town.kiosks[1].entries)
    with pytest.raises(WireError):
        town.service.intake.push(kiosk.log, request)
    with pytest.raises(WireError):
        town.service.intake.push(LogId(kiosk.log.kiosk, kiosk.inc + 1), kiosk.push())


def test_a_batch_with_a_hole_is_refused_whole(town: House, kiosk: FakeKiosk) -> None:
    """A batch is one run of the journal."""
    request = PushRequest(head=kiosk.head(), entries=[*kiosk.entries[:2], *kiosk.entries[3:]])
    with pytest.raises(WireError):
        town.service.intake.push(kiosk.log, request)
    assert held(town, kiosk) == []


def test_more_than_five_hundred_records_are_refused(town: House, kiosk: FakeKiosk) -> None:
    """The limit is checked before anything is verified."""
    request = PushRequest(head=kiosk.head(), entries=[kiosk.entries[0]] * 501)
    with pytest.raises(TooLargeError):
        town.service.intake.push(kiosk.log, request)


def test_the_floor_counts_only_once_the_server_holds_all_that_it_speaks_of(town: House, kiosk: FakeKiosk) -> None:
    """A promise made at record 7 says nothing to a server that holds five."""
    town.push(kiosk, 0, 5, floor=NINE + DAY)
    with town.store.snapshot() as tx:
        before = journals.log_state(tx, kiosk.log)
    town.push(kiosk, 5, floor=NINE + DAY)
    with town.store.snapshot() as tx:
        after = journals.log_state(tx, kiosk.log)
    assert before is not None
    assert after is not None
    assert (before.floor, after.floor) == (0, NINE + DAY)


def test_a_stamp_before_its_own_floor_is_kept_and_alarmed(town: House, kiosk: FakeKiosk) -> None:
    """A broken promise is no reason to lose a slip, but somebody must know."""
    town.push(kiosk, floor=NINE + DAY)
    kiosk.stamp(MONDAY + DAY // 2, by="A", name="补", phone="13500000000")
    assert isinstance(town.push(kiosk), Pushed)
    assert any("封账时刻" in sentence for sentence in alarms(town))


def test_a_new_incarnation_is_alarmed_at_first_contact(town: House, kiosk: FakeKiosk) -> None:
    """A restored or cloned machine that minted a new journal is noticed, and both journals are kept."""
    town.push(kiosk)
    reborn = FakeKiosk(kiosk.key, kiosk.answer, inc=4711)
    reborn.genesis(NINE + DAY)
    assert acknowledged(town.push(reborn)) == (2, reborn.last.hex())
    assert held(town, kiosk) == kiosk.entries
    assert any("换了新的日志" in sentence for sentence in alarms(town))


def test_what_the_server_received_stands_in_its_own_log(town: House, kiosk: FakeKiosk) -> None:
    """When the server knew of which record is itself a fact; a second delivery adds none."""
    town.push(kiosk, 0, 4)
    town.push(kiosk)
    town.push(kiosk)
    facts = [event.fact for event in town.service.reconciler.archive.read().events]
    assert [fact.upto for fact in facts if isinstance(fact, Received)] == [4, 7]


def test_names_and_phones_are_not_readable_in_the_files(town: House, kiosk: FakeKiosk) -> None:
    """The database alone shows no customer."""
    kiosk.stamp(NINE + 5 * MINUTE, by="A", name="欧阳明月", phone="13755557777")
    town.push(kiosk)
    town.settle(NINE + 3 * DAY)
    town.store.close()
    everything = b"".join(path.read_bytes() for path in town.config.folder.iterdir() if path.is_file())
    assert "欧阳明月".encode() not in everything
    assert b"13755557777" not in everything
    assert ZERO_HASH.hex().encode() in everything  # the sabotage: what is not sealed is found by the same look


def test_a_backlog_is_settled_when_its_last_batch_is_here(town: House, kiosk: FakeKiosk) -> None:
    """Settling between the batches would take the processor from them; the head says that more is coming."""
    for number in range(3):
        kiosk.stamp(NINE, by="A", name=f"客{number}", phone=f"1380000000{number}")
    outcomes = [town.push(kiosk, after, after + 3) for after in range(0, len(kiosk.entries), 3)]
    assert [(one.news, one.more) for one in outcomes if isinstance(one, Pushed)][-2:] == [(True, True), (True, False)]
    assert all(isinstance(one, Pushed) and one.more for one in outcomes[:-1])


def test_a_page_of_the_emergency_book_alarms_nobody(town: House, kiosk: FakeKiosk) -> None:
    """The pen's time lies before the enrolment and before the promised floor: no clock is wrong."""
    kiosk.stamp(NINE, by="A", name="张三", phone="13800000001")
    town.source.now = NINE + DAY
    town.push(kiosk, floor=NINE + HOUR)
    slip = SlipEntered(slip="x", entered_by="clerk")
    kiosk.append(encode_fact(slip), NINE - DAY, grade=Grade.P)
    town.push(kiosk)
    assert not town.service.alarms()
    kiosk.append(encode_fact(slip), NINE - DAY)
    town.push(kiosk)
    assert len(town.service.alarms()) == 2
