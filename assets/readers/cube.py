"""Tables of statistics offices by dimensions (JSON-stat, PX) as raw rows: one for each cell of the cube.

As of SDMX the first row (number 0) holds names: of the dimensions as the file names them, `OBS_STATUS` where it has
one, and `OBS_VALUE`; the others hold the label of each dimension's category (its code for the dimensions that the form
lists under `codes`) and the value as it is written. The last dimension moves fastest, and rows are numbered so.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assets.readers.observation_values import value_and_kind
from assets.readers.raw import RawWriter
from assets.readers.read_jobs import Limits, RefusedFileError, Sheet

ROWS_AT_A_TIME = 50_000
VALUE, STATUS = "OBS_VALUE", "OBS_STATUS"


@dataclass(frozen=True)
class Dimension:
    """One dimension of a cube; `codes` and `labels` of its categories stand in the order of the cells."""

    name: str
    codes: Sequence[str]
    labels: Sequence[str]


def refuse_size(dimensions: Sequence[Dimension], limits: Limits) -> int:
    """Return how many cells a cube has. Raises RefusedFileError where there are none or too many."""
    cells = math.prod(len(dimension.codes) for dimension in dimensions)
    if not dimensions or cells == 0:
        raise RefusedFileError("the table has no dimension with a category, so no cell. Export it again, whole.")
    if cells > limits.sheet_cells:
        raise RefusedFileError(
            f"the table says that it has {cells:,} cells, more than the {limits.sheet_cells:,} allowed. Export fewer "
            "categories at a time."
        )
    return cells


def write_cube(
    dimensions: Sequence[Dimension],
    cells: Iterable[tuple[int, str | None, str | None]],
    form: Mapping[str, Any],
    writer: RawWriter,
) -> list[Sheet]:
    """Write the cells of a cube, given as index (from 0), value and status; return what was counted."""
    by_code: Collection[str] = form.get("codes") or ()
    unknown = sorted(set(by_code) - {dimension.name for dimension in dimensions})
    if unknown:
        there = ", ".join(f"'{dimension.name}'" for dimension in dimensions)
        raise RefusedFileError(
            f"the table has no dimension {', '.join(map(repr, unknown))}; it has {there}. Export the agreed table."
        )
    given = list(cells)
    has_status = any(status is not None for _, _, status in given)
    names = [dimension.name for dimension in dimensions] + ([STATUS] if has_status else []) + [VALUE]
    categories = itertools.product(*(d.codes if d.name in by_code else d.labels for d in dimensions))
    rows: list[int] = [0]
    lines: list[list[str | None]] = [list(names)]
    kinds = ["s" * len(names)]
    values = iter(given)
    count, upcoming = 0, next(values, None)
    for index, labels in enumerate(categories):
        if upcoming is None or upcoming[0] != index:
            continue
        _, text, status = upcoming
        upcoming = next(values, None)
        value, kind = value_and_kind(text)
        line: list[str | None] = [*labels, *([status] if has_status else []), value]
        count += 1
        rows.append(index + 1)
        lines.append(line)
        kinds.append("".join("s" if cell and cell.strip() else "_" for cell in line[:-1]) + kind)
        if len(rows) == ROWS_AT_A_TIME:
            writer.add(None, rows, lines, kinds)
            rows, lines, kinds = [], [], []
    writer.add(None, rows, lines, kinds)
    return [{"name": None, "visible": True, "read": True, "physical_rows": len(given), "parsed_rows": count}]
