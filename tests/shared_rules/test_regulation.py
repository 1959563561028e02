"""The regulation's words and the code that implements them cannot drift apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

import shared_rules.settlement  # loads every clause function
from shared_rules import regulation
from shared_rules.decision import Decision, Status
from shared_rules.regulation import CLAUSE_IDS, CLAUSES, clause, coded, not_yet_coded, regulation_digest


def test_the_list_of_clauses_is_closed() -> None:
    """Each id of the closed list has its words, and no other has."""
    assert tuple(CLAUSES) == CLAUSE_IDS
    assert shared_rules.settlement.settle is not None


def test_every_clause_is_coded() -> None:
    """No clause is left to people alone; what people do within one is a fact that the rules take in."""
    assert tuple(coded()) == CLAUSE_IDS
    assert not_yet_coded() == ()
    assert regulation.HUMAN_ONLY == {}


def test_a_clause_without_a_function_would_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is made from what was loaded, not written by hand."""
    monkeypatch.setattr(regulation, "CLAUSE_IDS", (*CLAUSE_IDS, "七"))
    assert not_yet_coded() == ("七",)


def test_a_changed_word_refuses_to_load_until_somebody_has_read_it() -> None:
    """The digest pins the words that a function was written from."""
    words = CLAUSES["六.3"]
    changed = {"六.3": replace(words, zh=words.zh.replace("十天", "七天"))}
    with pytest.raises(ValueError, match=r"六\.3"):
        clause("六.3", digest=words.digest, clauses=changed)
    clause("六.3", digest=words.digest, clauses={"六.3": replace(words, title_zh="另一个题目")})


def test_one_changed_word_changes_the_digest_that_every_decision_carries(monkeypatch: pytest.MonkeyPatch) -> None:
    """An old ruling says by which text it was given."""
    before = regulation_digest()
    assert Decision(Status.UPHELD, (), (), (), (), provisional=False, policy="p").regulation == before
    words = CLAUSES["五"]
    monkeypatch.setitem(CLAUSES, "五", replace(words, en=words.en + "!"))
    regulation_digest.cache_clear()
    assert regulation_digest() != before
    monkeypatch.undo()
    regulation_digest.cache_clear()
