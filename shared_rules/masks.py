"""Names with all but a hint taken away, where nobody was given leave to read them in full (五)."""

from __future__ import annotations

from shared_rules.customers import split_names

__all__ = ["masked_name"]


def masked_name(text: str) -> str:
    """Return the first character of each person or unit of a cell, a star for each further one up to three: `张*`."""
    people = (part for part in split_names(text) if part)
    return "/".join(part[0] + "*" * min(max(len(part) - 1, 1), 3) for part in people)
