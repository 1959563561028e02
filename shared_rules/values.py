"""The base of all frozen values: quick to make and to compare, small, and of no interest to the garbage collector.

A register holds a dozen values a claim. As plain frozen dataclasses they took a third more time and a quarter more
memory (tests/bench): the collector walked them again and again, though a value can be in no cycle.
"""

from __future__ import annotations

import msgspec

__all__ = ["Fixed"]


class Fixed(msgspec.Struct, frozen=True, gc=False):
    """A value that never changes; equal when all its fields are, hashable when they are."""
