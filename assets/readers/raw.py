"""The raw table: every cell of a delivery as text, one row for each non-empty physical row.

Columns: `delivery_id`, `source_file`, `source_sheet` (null outside workbooks), `source_row` (1-based; of SDMX
the ordinal of the observation, 0 for the row of names), `cells` (list of text; null is a cell that is not
there, "" one that is there and empty) and `kinds`, one letter per cell: `s` text, `n` number as plain decimal
text, `p` number shown as a percentage, as text with its sign (`85%`), `d` date as ISO text, `b` boolean, `e` error of a
formula, `_` nothing.

What a sheet says beside its cells travels in the metadata of the schema: `merged_cells`, per sheet the merged
ranges as [first row, first column, last row, last column], 1-based; `hidden`, per sheet the `rows` and `columns` that
are hidden and hold something; `unread_sheets`, the names of visible sheets that the contract does not speak of;
`hidden_sheets`, the names of those that are hidden; `remarks`, what the reader has to say of the file, each with the
name of a check, a message and the next step.

Imported in the reading process, where numpy is shut out: whatever is used here must do without.
"""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Sequence
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

RAW_SCHEMA = pa.schema(
    [
        pa.field("delivery_id", pa.string(), nullable=False),
        pa.field("source_file", pa.string(), nullable=False),
        pa.field("source_sheet", pa.string()),
        pa.field("source_row", pa.int64(), nullable=False),
        pa.field("cells", pa.list_(pa.field("item", pa.string())), nullable=False),
        pa.field("kinds", pa.string(), nullable=False),
    ]
)
Cells = Sequence[str | None]


class RawWriter:
    """Writes one delivery's raw table; the file appears under its name only when `finish` has run.

    `metadata` must be complete before the first row is added.
    """

    def __init__(self, destination: str, delivery_id: str, source_file: str) -> None:
        self._destination = destination
        self._delivery_id = delivery_id
        self._source_file = source_file
        self._writer: pq.ParquetWriter | None = None
        self.metadata: dict[str, Any] = {}

    def add(self, sheet: str | None, rows: Sequence[int], cells: Sequence[Cells], kinds: Sequence[str]) -> None:
        """Append rows as one row group; `rows` are their numbers in the file."""
        if not rows:
            return
        count = len(rows)
        offsets = array("i", accumulate(map(len, cells), initial=0))
        values = pa.array(list(chain.from_iterable(cells)), pa.string())
        batch = pa.record_batch(
            [
                pa.repeat(pa.scalar(self._delivery_id, pa.string()), count),
                pa.repeat(pa.scalar(self._source_file, pa.string()), count),
                pa.repeat(pa.scalar(sheet, pa.string()), count),
                pa.array(rows, pa.int64()),
                pa.ListArray.from_arrays(
                    pa.Array.from_buffers(pa.int32(), count + 1, [None, pa.py_buffer(offsets)]),
                    values,
                    type=RAW_SCHEMA.field("cells").type,
                ),
                pa.array(kinds, pa.string()),
            ],
            schema=RAW_SCHEMA,
        )
        writer = self._open()
        writer.write_batch(batch.replace_schema_metadata(writer.schema.metadata))

    def finish(self) -> None:
        """Write the footer with what the sheets hold beside their cells, and give the file its name."""
        self._open().close()
        part = _part(self._destination)
        with open(part, "rb") as written:  # noqa: PTH123 - descriptors are what fsync takes
            os.fsync(written.fileno())
        os.replace(part, self._destination)  # noqa: PTH105 - plain paths in the reading process

    def _open(self) -> pq.ParquetWriter:
        if self._writer is None:
            beside = {key: json.dumps(value, ensure_ascii=False) for key, value in self.metadata.items()}
            schema = RAW_SCHEMA.with_metadata(beside or None)
            self._writer = pq.ParquetWriter(_part(self._destination), schema, compression="snappy")
        return self._writer


def read_raw(path: Path) -> pa.Table:
    """Read a raw table row group by row group: a third less memory and time than all of it at once."""
    with pq.ParquetFile(path) as file:
        groups = [file.read_row_group(i, use_threads=False) for i in range(file.num_row_groups)]
        return pa.concat_tables(groups or [file.schema_arrow.empty_table()])


def merged_cells(raw: pa.Table) -> dict[str, list[list[int]]]:
    """The merged ranges of each sheet of a raw table; empty where its reader knew none."""
    ranges: dict[str, list[list[int]]] = _metadata(raw, b"merged_cells", {})
    return ranges


def unread_sheets(raw: pa.Table) -> list[str]:
    """The visible sheets of the delivery that were not read."""
    names: list[str] = _metadata(raw, b"unread_sheets", [])
    return names


def hidden_sheets(raw: pa.Table) -> list[str]:
    """The hidden sheets of the delivery, which are never read."""
    names: list[str] = _metadata(raw, b"hidden_sheets", [])
    return names


def hidden_cells(raw: pa.Table) -> dict[str, dict[str, list[int]]]:
    """The hidden `rows` and `columns` of each sheet that hold something and were read."""
    hidden: dict[str, dict[str, list[int]]] = _metadata(raw, b"hidden", {})
    return hidden


def remarks(raw: pa.Table) -> list[dict[str, str]]:
    """What the reader had to say of the file."""
    kept: list[dict[str, str]] = _metadata(raw, b"remarks", [])
    return kept


def _metadata(raw: pa.Table, key: bytes, default: Any) -> Any:
    text = (raw.schema.metadata or {}).get(key)
    return default if text is None else json.loads(text)


def _part(destination: str) -> str:
    return destination + ".part"
