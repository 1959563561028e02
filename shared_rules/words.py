"""The one translation mechanism of all three packages: sentences are values, and a lexicon speaks them.

Pure code (rules, desk, intake) never formats text for people: it returns `Say` values. Chinese is the message id, so
Chinese needs no catalogue; English comes from the files `en/<area>.toml` (`"中文句子" = "English sentence"`) of each
package. A test reads every Chinese string of the code and holds that it has an English sentence with the same places.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from shared_rules.values import Fixed

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LANGUAGES", "Arg", "Language", "Lexicon", "Say", "say"]

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")


class Say(Fixed, frozen=True):
    """A sentence in no language yet: a Chinese message id with `{places}`, and what goes into them."""

    msgid: str
    args: tuple[tuple[str, Arg], ...] = ()

    def chinese(self) -> str:
        """Return the Chinese sentence; it needs no catalogue."""
        return Lexicon().text(self, "zh")


Arg = str | int | Say


def say(msgid: str, /, **places: Arg) -> Say:
    """Build a sentence; `places` fill the `{names}` of the message id, nested sentences are translated too."""
    return Say(msgid, tuple(sorted(places.items())))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Speaks sentences; `catalogues[language][msgid]`, with Chinese as the message id itself."""

    catalogues: Mapping[Language, Mapping[str, str]] = field(default_factory=dict)

    def text(self, sentence: Say | str, language: Language) -> str:
        """Return the sentence in `language`; without an entry, the Chinese one (a test keeps that from happening)."""
        if isinstance(sentence, str):
            sentence = Say(sentence)
        template = self.catalogues.get(language, {}).get(sentence.msgid, sentence.msgid)
        places = {
            name: self.text(value, language) if isinstance(value, Say) else value for name, value in sentence.args
        }
        return template.format(**places) if places else template
