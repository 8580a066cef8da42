"""A part of a delivery, laid out: one sheet, or all observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from dbt_like_sql.contracts import Contract

SOURCE_COLUMNS = ("delivery_id", "source_file", "source_sheet", "source_row")


@dataclass(frozen=True)
class Part:
    """The parsed rows of one part of a delivery, how its physical rows were classified, and which fields it has."""

    rows: pa.Table
    physical_rows: int
    data_rows: int
    set_aside: Mapping[str, int]
    fields: frozenset[str] = frozenset()
    column_numbers: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Of each field that has columns, their numbers, from 1; a field of a wide table has several."""
    sheet: str | None = None
    sections: frozenset[str] = frozenset()
    """The expressions of `by_section` that sections of it match."""


def parsed_schema(contract: Contract) -> pa.Schema:
    """The schema of parsed rows: lineage, the contract's fields as text, and their kinds."""
    texts = [name for name in SOURCE_COLUMNS if name != "source_row"]
    return pa.schema(
        [
            *((name, pa.string()) for name in texts),
            ("source_row", pa.int64()),
            *((rule.name, pa.string()) for rule in contract.fields),
            ("kinds", pa.string()),
        ]
    )


def constant_text(value: object) -> str:
    """A contract's constant as a cell would hold it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
