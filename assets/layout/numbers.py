"""Cells as numbers, as the casts will read them: for sums over a sheet, before anything is cast."""

from __future__ import annotations

import re
from decimal import Decimal

from dbt_like_sql.casts import PLAIN_NUMBER, TRUE_NIL, VI_NUMBER, VI_SPACES

NATIVE = "n"
"""Kind of a cell that is a number in the file itself."""

_PLAIN, _VIETNAMESE, _NIL = re.compile(PLAIN_NUMBER), re.compile(VI_NUMBER), re.compile(TRUE_NIL)
_GROUPING = re.compile(rf"{VI_SPACES}|\.")


def number_of(text: str, kind: str, numbers: str) -> Decimal | None:
    """The number that a cell holds, None where it holds none; `numbers` is the form's style."""
    if _NIL.search(text):
        return Decimal(0)
    if kind != NATIVE and numbers == "vi":
        return Decimal(_GROUPING.sub("", text).replace(",", ".")) if _VIETNAMESE.search(text) else None
    return Decimal(text) if _PLAIN.search(text) else None
