"""How often a night looks for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS_BETWEEN = (50_000, 20, 50)
"""New objects before the youngest are looked through (Python's own: 700), and rounds before the older ones are."""


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Look for reference cycles seldom meanwhile.

    A night imports some 5,000 modules and keeps what it builds to its end: Python's collector walks through all of it
    again and again, for a tenth of the processor time, and finds next to nothing. Tables are not waiting for it:
    they go with their last reference.
    """
    before = gc.get_threshold()
    gc.set_threshold(*OBJECTS_BETWEEN)
    try:
        yield
    finally:
        gc.set_threshold(*before)
