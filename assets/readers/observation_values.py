"""Values of observations: digits as the file writes them, an exponent written out without passing a float."""

from __future__ import annotations

import re
from decimal import Decimal

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_EXPONENT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)[eE][+-]?\d{1,3}")


def value_and_kind(text: str | None) -> tuple[str | None, str]:
    """The value and its kind: a number in plain digits, or the text as it is."""
    if text is None:
        return None, "_"
    bare = text.strip()
    if _NUMBER.fullmatch(bare):
        return bare, "n"
    if _EXPONENT.fullmatch(bare):
        return format(Decimal(bare), "f"), "n"
    return text, "s" if bare else "_"
