"""The sentences of this package in English, beside those of shared_rules; Chinese is the message id itself."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final

from shared_rules.data import catalogue
from shared_rules.words import Lexicon

__all__ = ["LEXICON"]

LEXICON: Final = Lexicon({"en": catalogue()}).joined(
    {"en": tomllib.loads(files(__name__).joinpath("en.toml").read_text(encoding="utf-8"))}
)
