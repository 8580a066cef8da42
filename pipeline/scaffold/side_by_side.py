"""Tables that stand side by side on the sheet of a sample: between empty columns, or with the same headers again."""

from __future__ import annotations

from collections.abc import Sequence

from assets.layout.headers import HeaderRow, plain
from assets.layout.labels import first_figure

Columns = tuple[int, int]
"""A table's first column and the one after its last, from 0."""


def tables_side_by_side(header: Sequence[HeaderRow], body: Sequence[HeaderRow]) -> list[Columns]:
    """The columns of each table, from the left; all of them as one where there are no two.

    Each has labels with figures at their right.
    """
    width = max(len(row.texts) for row in (*header, *body))
    runs = _runs_of_columns([*header, *body], width)
    tables = [run for run in runs if _has_labels_and_figures(body, run)]
    if len(tables) > 1:
        return tables
    for first, end in tables:
        headings = [heading(header, column) for column in range(first, end)]
        for size in range(2, len(headings) // 2 + 1):
            parts = [(at, at + size) for at in range(first, end, size)]
            is_repeated = len(headings) % size == 0 and headings == headings[:size] * len(parts)
            if is_repeated and headings[0] and all(_has_labels_and_figures(body, part) for part in parts):
                return parts
    return [(0, width)]


def heading(header: Sequence[HeaderRow], column: int) -> str:
    """What the rows of a header say of a column."""
    return " ".join(filter(None, (plain(_text(row, column)) for row in header)))


def beginning(header: Sequence[HeaderRow], tables: Sequence[Columns]) -> str | None:
    """The text in the upper left corner of every table, where all have the same; else None."""
    corners = {plain(_text(header[0], first)) for first, _ in tables}
    return corners.pop() or None if len(corners) == 1 else None


def cut_to(rows: Sequence[HeaderRow], columns: Columns) -> list[HeaderRow]:
    """Rows without the cells right of a table."""
    return [HeaderRow(row.number, row.texts[: columns[1]]) for row in rows]


def _runs_of_columns(rows: Sequence[HeaderRow], width: int) -> list[Columns]:
    """Columns that hold anything, parted at those that are empty."""
    is_filled = [any(_text(row, column).strip() for row in rows) for column in range(width)]
    begins = [at for at in range(width) if is_filled[at] and not (at and is_filled[at - 1])]
    ends = [at + 1 for at in range(width) if is_filled[at] and not (at + 1 < width and is_filled[at + 1])]
    return list(zip(begins, ends, strict=True))


def _has_labels_and_figures(body: Sequence[HeaderRow], columns: Columns) -> bool:
    """Whether most rows that hold anything in some columns have a label there and a figure at its right."""
    parts = [row.texts[columns[0] : columns[1]] for row in body]
    given = [texts for texts in parts if any(text.strip() for text in texts)]
    return sum(first_figure(texts) is not None for texts in given) * 2 > len(given)


def _text(row: HeaderRow, column: int) -> str:
    return row.texts[column] if column < len(row.texts) else ""
