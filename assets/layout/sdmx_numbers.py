"""Numbers as SDMX writes them, `1.02E2` and `NaN`, brought into plain digits without passing a float."""

from __future__ import annotations

import re
from decimal import Decimal

import pyarrow as pa

from assets.layout.columns import replaced
from assets.layout.delivery import Delivery

NOT_A_NUMBER = "NaN"
MISSING = "…"
"""How a missing value is passed to the casts; SDMX writes NaN."""
_EXPONENT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)[eE][+-]?\d{1,3}")


def plain_digits(text: str) -> str:
    """A number with its exponent written out, digit by digit; `…` for NaN; any other text as it is."""
    bare = text.strip()
    if bare == NOT_A_NUMBER:
        return MISSING
    return format(Decimal(bare), "f") if _EXPONENT.fullmatch(bare) else text


def with_plain_digits(delivery: Delivery, rows: pa.Table) -> pa.Table:
    """Rows whose numbers are written in plain digits."""
    for at, name in enumerate(rows.column_names):
        if name in delivery.fields and delivery.fields[name].is_number and name != "source_row":
            rows = rows.set_column(at, name, replaced(rows.column(name), plain_digits))
    return rows
