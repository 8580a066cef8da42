"""What is known of a sheet before the parser lays it out: which rows hold anything, how far cells lie apart, errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from assets.readers.read_jobs import Limits, RefusedFileError

MOST_MERGED_RANGES = 5_000


@dataclass(frozen=True)
class SheetPart:
    """A sheet of the workbook: its name, whether it is visible, and the part that holds it."""

    name: str
    visible: bool
    part: str


class SheetScan:
    """What a look at a sheet, other than the parser's, says of its cells. Rows and columns count from 1.

    `errors` holds the errors of formulas by row and column (the parser gives them as empty), `merged` the merged ranges
    as first row, first column, last row, last column; `percent` the columns of each row that are shown as percentages;
    `filled_columns` of each filled row its columns that hold anything, as a mask (bit n stands for column n).
    """

    def __init__(self, name: str) -> None:
        self.sheet = name
        self.filled_rows: list[int] = []
        self.errors: dict[int, dict[int, str]] = {}
        self.merged: list[list[int]] = []
        self.cells = 0
        self.filled_columns: list[int] = []
        self.percent: dict[int, list[int]] = {}
        self.hidden_rows: list[int] = []
        self.hidden_columns: list[range] = []
        self._last_row = self._last_column = 0
        self._far: str = ""

    def reach(self, row: int, column: int) -> None:
        """Take note that the sheet reaches as far as a cell."""
        if row > self._last_row or column > self._last_column:
            self._last_row = max(self._last_row, row)
            self._last_column = max(self._last_column, column)
            self._far = address(row, column)

    def fill(self, row: int, column: int, error: str | None = None) -> None:
        """Take note of a cell that holds something; cells come row by row.

        Raises RefusedFileError for one that is given twice, or stands where no cell can be.
        """
        if error is not None:
            self.errors.setdefault(row, {})[column] = error
        self.cells += 1
        if not self.filled_rows or self.filled_rows[-1] != row:
            self.filled_rows.append(row)
            self.filled_columns.append(0)
        if column < 1 or self.filled_columns[-1] >> column & 1:
            named = address(row, column) if column > 0 else f"a cell of row {row}"
            raise RefusedFileError(
                f"sheet '{self.sheet}' gives {named} twice, or where no cell can be; nobody knows which value holds. "
                "Copy the table, as values, into a new workbook and send that."
            )
        self.filled_columns[-1] |= 1 << column

    def hidden(self) -> dict[str, list[int]]:
        """The rows and columns that are hidden and hold something."""
        filled = set(self.filled_rows) if self.hidden_rows else set()
        every = 0
        for mask in self.filled_columns if self.hidden_columns else ():
            every |= mask
        columns = [
            n for n in range(1, every.bit_length()) if every >> n & 1 and any(n in r for r in self.hidden_columns)
        ]
        return {"rows": sorted(filled.intersection(self.hidden_rows)), "columns": columns}

    def refuse_lost_cells(self, kinds: Sequence[str]) -> None:
        """Refuse a sheet of which a cell holds something and was read as nothing, or the other way round.

        `kinds` are those of its filled rows.
        """
        for row, columns, read in zip(self.filled_rows, self.filled_columns, kinds, strict=True):
            if columns.bit_count() == len(read) - read.count("_"):
                continue
            there = {n for n in range(1, columns.bit_length()) if columns >> n & 1}
            odd = min(there ^ {n for n, kind in enumerate(read, start=1) if kind != "_"}, default=0)
            raise RefusedFileError(
                f"sheet '{self.sheet}', cell {address(row, odd)} holds something that is not read as a program for "
                "spreadsheets writes it. Copy the table, as values, into a new workbook and send that."
            )

    def refuse_far_cells(self, limits: Limits) -> None:
        """Refuse a sheet whose filled cells span more than a parser should make room for.

        Calamine counts from the first column and row when it lays rows out, so the corner A1 is part of the
        span.
        """
        span = self._last_row * self._last_column
        if span > limits.sheet_cells or self._last_column > limits.columns:
            raise RefusedFileError(
                f"sheet '{self.sheet}' spans {self._last_row:,} rows by {self._last_column:,} columns "
                "though only "
                f"{self.cells:,} cells are filled; one of them is {self._far}. Delete what lies outside "
                "the table, save "
                "the workbook and send the new copy."
            )


class FileInspector(Protocol):
    """A workbook seen from outside, whatever its kind."""

    def sheets(self) -> Sequence[SheetPart]:
        """The worksheets in the order of the workbook; charts and macro sheets are left out."""

    def scan(self, sheet: SheetPart) -> SheetScan:
        """Look at the cells of a sheet. Raises RefusedFileError for what is not safe or would be lost."""


def address(row: int, column: int) -> str:
    """The address of a cell as a spreadsheet shows it: `E9`."""
    return f"{letters_of(column)}{row}"


def letters_of(column: int) -> str:
    """The letters by which a spreadsheet names a column, from 1: `A`, `Z`, `AA`."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
