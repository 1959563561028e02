"""Sentences are values; a lexicon speaks them."""

from __future__ import annotations

from shared_rules.data import catalogue
from shared_rules.errors import InputError, RefusedError
from shared_rules.words import Lexicon, Say, say


def test_a_sentence_is_spoken_in_both_languages_with_its_places() -> None:
    """Places are filled after translation, nested sentences are translated too."""
    lexicon = Lexicon({"en": {"{who}说：{what}": "{who} says: {what}", "停": "stop"}})
    sentence = say("{who}说：{what}", who="A", what=say("停"))
    assert lexicon.text(sentence, "zh") == "A说：停"
    assert lexicon.text(sentence, "en") == "A says: stop"
    assert lexicon.text("停", "en") == "stop"
    assert sentence == Say("{who}说：{what}", (("what", Say("停")), ("who", "A")))


def test_an_error_speaks_chinese_without_any_lexicon() -> None:
    """A log line or a test shows the sentence, not its message id."""
    assert str(InputError(say("第 {n} 行", n=3), field="line")) == "第 3 行"


def test_a_refusal_names_its_clause() -> None:
    """Who is refused may ask by which clause."""
    assert RefusedError(say("停"), clause="一.3").clause == "一.3"


def test_the_catalogue_joins_the_files_of_all_areas() -> None:
    """Each area keeps its own file, readers see one catalogue."""
    assert {"联系方式相近", "等销售经理判定"} <= set(catalogue())
