"""The sentences of this package in English, beside those of shared_rules; Chinese is the message id itself."""

from __future__ import annotations

from typing import Final

from shared_rules.data import catalogue
from shared_rules.words import Lexicon

__all__ = ["LEXICON"]

LEXICON: Final = Lexicon({"en": catalogue() | catalogue(__name__)})
