"""What a reader is asked and what it answers. Plain values that cross the border to the reading process as
JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict


@dataclass(frozen=True)
class Limits:
    """What reading one file may cost, and what a file may claim to hold.

    The first four are held by the operating system, so that they hold against a parser that has lost its way
    too; the rest are looked at before a parser sees the file. `sheet_cells` counts the rectangle that a
    sheet's filled cells span, which is what a parser makes room for, filled or not. A file may unpack to more
    than `unpacked_ratio` times its size only while that is less than 1/32 of `unpacked_bytes`.
    """

    memory_bytes: int = 1 << 30
    cpu_seconds: int = 60
    wall_seconds: float = 120.0
    output_bytes: int = 1 << 30
    file_bytes: int = 1 << 29
    unpacked_bytes: int = 1 << 29
    unpacked_ratio: int = 200
    sheet_cells: int = 10_000_000
    columns: int = 2_000
    xml_depth: int = 32


@dataclass(frozen=True)
class ReadJob:
    """One file to read: `form` is its contract's form as a mapping, `destination` the Parquet file to write.

    `source_file` is the name that the supplier gave it; it stands in every row, and so does `delivery_id`.
    """

    delivery_id: str
    source: Path
    form: Mapping[str, Any]
    destination: Path
    source_file: str


class Sheet(TypedDict):
    """One sheet of a workbook (of a CSV or XML file the one nameless sheet) and what was read of it."""

    name: str | None
    visible: bool
    read: bool
    physical_rows: int
    parsed_rows: int


@dataclass(frozen=True)
class Reading:
    """What came of a job.

    `path` is the Parquet file of raw rows, None where the file was refused; then `refusal` says what happened
    and what to do next. `physical_rows` counts the non-empty rows of the file (of SDMX the observations)
    without the help of the parser, `parsed_rows` those that the parser gave: they are equal, or the file is
    refused.
    """

    delivery_id: str
    path: Path | None
    physical_rows: int
    parsed_rows: int
    sheets: tuple[Sheet, ...]
    refusal: str | None


class RefusedFileError(Exception):
    """A file that cannot be read whole; the message is the sentence for its supplier."""


class ReadingFaultError(Exception):
    """The machine, not the file, kept a delivery from being read: a full disk, a missing file, a dead
    process.
    """
