"""Names and numbers with all but a hint taken away, for lists that nobody was given leave to read in full (五)."""

from __future__ import annotations

import re
from typing import Final

from shared_rules.customers import split_phones
from shared_rules.masks import masked_name

__all__ = ["masked_name", "masked_phone"]

_HIDDEN: Final = "****"
_MOBILE: Final = re.compile(r"(1[3-9]\d)\d{4}(\d{4})", re.ASCII)
_FILLING: Final = re.compile(r"[^0-9a-z]", re.IGNORECASE)


def masked_phone(text: str) -> str:
    """Return the numbers of a cell: a mobile as `138****0001`, of anything else the last two characters."""
    return " ".join(_hint(_FILLING.sub("", part)) for part in split_phones(text))


def _hint(number: str) -> str:
    mobile = _MOBILE.fullmatch(number.removeprefix("86"))
    if mobile:
        return f"{mobile[1]}{_HIDDEN}{mobile[2]}"
    return _HIDDEN + (number[-2:] if len(number) > 5 else "")
