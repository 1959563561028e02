"""Chinese first, English complete: every Chinese string of the code has its English sentence."""

from __future__ import annotations

import ast
import re
import string
from typing import TYPE_CHECKING

import pytest

from kiosk.words import LEXICON as KIOSK
from sync_server.words import LEXICON as SERVER
from tests.paths import ROOT, SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HAN = re.compile(r"[\u4e00-\u9fff]")
CLAUSE_ID = re.compile(r"[一二三四五六](\.\d+){0,3}\.?")
"""The regulation's own numbering, the same in every language."""
NOT_SENTENCES = {
    "shared_rules/customers.py",  # normal forms: the Chinese there is data
    "sync_server/ledger/headings.py",  # headings and words of the offices' ledgers
    "shared_rules/patterns.py",  # what people write around a name: patterns
    "shared_rules/clauses/reports.py",  # how people write that something is a contact: a pattern
    "kiosk/cli/demo/ledger.py",  # the ledger's own headings and marks
}


def chinese_strings(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of each string constant with Han characters that is not a docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in documentation else None
        if (
            isinstance(text, str)
            and isinstance(node, ast.Constant)
            and HAN.search(text)
            and not CLAUSE_ID.fullmatch(text)
        ):
            yield node.lineno, text


def places(template: str) -> set[str]:
    """Return the names of the {places} of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_chinese_string_of_the_code_has_an_english_sentence(path: Path) -> None:
    """A Chinese text that no catalogue knows would show Chinese to an English reader."""
    if path.relative_to(ROOT).as_posix() in NOT_SENTENCES:
        return
    lexicon = SERVER if path.is_relative_to(ROOT / "sync_server") else KIOSK
    known = lexicon.catalogues["en"]
    missing = [f"{path.name}:{line} {text}" for line, text in chinese_strings(path) if text not in known]
    assert missing == []


@pytest.mark.parametrize("lexicon", [KIOSK, SERVER], ids=["kiosk", "server"])
def test_english_sentences_have_the_places_of_the_chinese_ones_and_no_han(lexicon: object) -> None:
    """A missing {place} would lose a name or a time on the way into English."""
    catalogue = KIOSK.catalogues["en"] if lexicon is KIOSK else SERVER.catalogues["en"]
    for chinese, english in catalogue.items():
        assert places(chinese) == places(english), chinese
        assert not HAN.search(english.replace("中文", "")), english


def test_the_pages_hold_no_chinese_outside_the_translation_call() -> None:
    """Templates speak through t("…") only, and each of their sentences is known in English."""
    known = SERVER.catalogues["en"]
    for page in sorted((ROOT / "sync_server").rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        for sentence in re.findall(r"t\(\s*\"([^\"]+)\"", text):
            assert sentence in known, (page.name, sentence)
        outside = re.sub(r"\{#.*?#\}", "", re.sub(r"t\(\s*\"[^\"]+\"", "", text), flags=re.DOTALL)
        assert not HAN.search(outside.replace("中文", "")), page.name
