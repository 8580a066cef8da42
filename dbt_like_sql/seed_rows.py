"""Rows of seeds, judged when they are read: a cell that cannot be what its column is ends in a sentence.

A seed is written by hand. The engine would stop at such a cell in the middle of a night, in words about itself, or
read past it, and a code that no other seed knows would leave a line without a name.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from dbt_like_sql.declarations import DeclarationError, below, meant, read_text
from dbt_like_sql.fields import Field
from dbt_like_sql.periods import parse_period

_WHOLE = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")

KnownCodes = Callable[[str], Iterable[str] | None]
"""Gives the codes of `<seed>.<column>`; None where there is no such seed."""


def read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return the lines of a seed, its header first, each with the number of its last line in the file.

    Raises DeclarationError, naming file and line, if it is no CSV in UTF-8 or a line has not the cells of its header.
    """
    where = below(path, "seeds")
    text = read_text(path, where)
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as error:
        raise DeclarationError(
            f"{where}: line {reader.line_num}: this is no CSV ({error}); look at the quotes"
        ) from None
    if not rows:
        raise DeclarationError(f"{where}: it is empty; its first line names its columns, separated by commas")
    _, header = rows[0]
    for line, cells in rows[1:]:
        if len(cells) != len(header):
            raise DeclarationError(
                f"{where}: line {line}: {len(cells)} cells, and the header names {len(header)} columns; a cell that "
                "holds a comma stands in double quotes"
            )
    return rows


def refuse_wrong_cells(path: Path, columns: Sequence[str], fields: Mapping[str, Field], known: KnownCodes) -> None:
    """Raise DeclarationError, naming file, line and column, at the first cell that its column cannot hold."""
    for line, cells in read_rows(path)[1:]:
        for column, cell in zip(columns, cells, strict=True):
            for wrong in _wrong(cell, fields[column], known) if cell else ():
                raise DeclarationError(f"{below(path, 'seeds')}: line {line}: {column}: {wrong}")


def _wrong(cell: str, field: Field, known: KnownCodes) -> Iterator[str]:
    expected = _expected(cell, field)
    if expected:
        yield f"{expected} is expected, not '{cell}'"
    if field.format is not None:
        try:
            parse_period(cell)
        except ValueError as error:
            yield str(error)
    codes = known(field.codes) if isinstance(field.codes, str) else field.codes
    if codes is not None and cell not in codes:
        seed = f" of {field.codes}" if isinstance(field.codes, str) else ""
        yield f"'{cell}' is none of the codes{seed}: {meant(cell, codes)}"


def _expected(cell: str, field: Field) -> str | None:
    """Say what a column holds, where a cell is not that."""
    match field.type:
        case "integer" | "bigint":
            return None if _WHOLE.fullmatch(cell) else "a whole number"
        case "boolean":
            return None if cell in ("true", "false") else "true or false"
        case "date":
            return None if _is_day(cell) else "a day such as 2024-10-31"
        case "varchar":
            return None
    if not _NUMBER.fullmatch(cell):
        return "a number with a decimal point"
    return None if field.largest is None or abs(Decimal(cell)) < field.largest else f"a number of type {field.type}"


def _is_day(cell: str) -> bool:
    try:
        return dt.date.fromisoformat(cell).isoformat() == cell
    except ValueError:
        return False
