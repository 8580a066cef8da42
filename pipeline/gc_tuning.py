"""How often a night, and whatever loads the definitions, looks for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS_BETWEEN = (50_000, 20, 50)
"""New objects before the youngest are looked through (Python's own: 700), and rounds before the older ones are."""


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Look for reference cycles seldom meanwhile.

    A night imports some 5,000 modules, loading the definitions some 1,000, and both keep what they build to their end:
    Python's collector walks through all of it again and again, for a tenth of the processor time, and finds next to
    nothing. Tables are not waiting for it: they go with their last reference.
    """
    before = gc.get_threshold()
    gc.set_threshold(*OBJECTS_BETWEEN)
    try:
        yield
    finally:
        gc.set_threshold(*before)
