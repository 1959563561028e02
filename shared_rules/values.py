"""The base of all frozen values: quick to make and to compare, small, and of no interest to the garbage collector.

A register holds a dozen values a claim. As plain frozen dataclasses they took a third more time and a quarter more
memory (tests/bench): the collector walked them again and again, though a value can be in no cycle.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

__all__ = ["Fixed", "uncollected"]


class Fixed(msgspec.Struct, frozen=True, gc=False):
    """A value that never changes; equal when all its fields are, hashable when they are."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Let the garbage collector rest while many values are made that stay; it goes on afterwards, where it was on.

    Again and again it would walk a register that only grows: an eighth of the time from scratch (tests/bench).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
