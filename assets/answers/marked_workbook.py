"""A supplier's own table once more, with the cells that are wrong marked, and a summary before it.

It is made of the raw cells and not of the supplier's bytes: nothing that a file may carry besides cells (macros, links,
formulas, pictures) comes back, and a CSV file or an old workbook becomes a workbook too. Cells stand where they stood.
Text is never a formula, whatever it begins with. The same findings give the same bytes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from assets.readers.raw import merged_cells

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

SUMMARY = "Tóm tắt"
MOST_ROWS = 20_000
"""Rows of a delivery that are shown whole; of a longer one its beginning, and the rows that are marked."""
BEGINNING = 100
MOST_COMMENTS = 2_000
_LONGEST_TEXT = 32_767
_LONGEST_COMMENT = 1_500
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_EXACT_DIGITS = 15
"""Digits that a number of a spreadsheet keeps."""
_WIDEST = 60
_SUMMARY_WIDTHS = (12, 18, 24, 70, 40, 36)
_LINE_HEIGHT = 16
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_IN_A_SHEETS_NAME = re.compile(r"[\[\]:*?/\\]")

_COLOURS = {"critical": "#F4B6B6", "warning": "#FFE699", "info": "#DDEBF7"}
_GRAVEST = tuple(_COLOURS)


@dataclass
class Mark:
    """How a cell is marked: the most severe comment on it, and all comments."""

    severity: str = "info"
    comments: dict[str, None] = field(default_factory=dict)

    def add(self, severity: str, comment: str) -> None:
        """Add a comment on the cell."""
        self.severity = min(self.severity, severity, key=_GRAVEST.index)
        self.comments[comment] = None


@dataclass(frozen=True)
class Summary:
    """The first sheet: some lines, and a table of what is wrong, whose first column is the severity."""

    lines: Sequence[str]
    header: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]


Marks = Mapping[tuple[str | None, int], Mapping[int | None, Mark]]
"""By sheet and row what is said of its cells, by column from 1; None stands for all filled cells of the row."""


def write_marked_workbook(
    path: Path, summary: Summary, raw: Path | None, marks: Marks, made_on: dt.date, fingerprint: str = ""
) -> None:
    """Write the workbook; `raw` holds the raw cells of the delivery, None where they could not be read."""
    # Imported here, because most nights and most tried files need no workbook.
    from xlsxwriter import Workbook

    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(path, options)
    book.set_properties({"created": dt.datetime.combine(made_on, dt.time()), "comments": fingerprint})
    formats = _Formats(book)
    _write_summary(book.add_worksheet(SUMMARY), summary, formats)
    if raw is not None:
        _write_cells(book, raw, marks, formats)
    book.close()


class _Formats:
    """Formats of cells, by how numbers are shown and how severe the comment is."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, str], Format] = {}
        self.title = book.add_format({"bold": True, "font_size": 14, "text_wrap": False})
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.text = book.add_format({"text_wrap": True, "valign": "top"})

    def of(self, shown_as: str = "", severity: str = "", *, wraps: bool = False) -> Format | None:
        """Return the format of a cell; None for one that is as any other."""
        if not shown_as and not severity and not wraps:
            return None
        key = shown_as, f"{severity}{wraps}"
        if key not in self._made:
            colour = {"bg_color": _COLOURS[severity], "border": 1, "border_color": "#7F7F7F"} if severity else {}
            number = {"num_format": shown_as} if shown_as else {}
            wrapped = {"text_wrap": True, "valign": "top"} if wraps else {}
            self._made[key] = self._book.add_format({**colour, **number, **wrapped})
        return self._made[key]


def _write_summary(sheet: Worksheet, summary: Summary, formats: _Formats) -> None:
    sheet.hide_gridlines(2)
    for row, line in enumerate(summary.lines):
        sheet.write_string(row, 0, _shown(line), formats.title if row == 0 else None)
    top = len(summary.lines) + 1
    for column, (text, width) in enumerate(zip(summary.header, _SUMMARY_WIDTHS, strict=True)):
        sheet.write_string(top, column, text, formats.head)
        sheet.set_column(column, column, width)
    for row, (severity, texts) in enumerate(summary.rows, start=top + 1):
        for column, text in enumerate(texts):
            format_ = formats.of("", severity if column == 0 else "", wraps=True)
            sheet.write_string(row, column, _shown(text), format_)
        # Not every program finds the height of wrapped text by itself.
        lines = max(-(-len(text) // width) for text, width in zip(texts, _SUMMARY_WIDTHS, strict=True))
        sheet.set_row(row, _LINE_HEIGHT * max(lines, 1))
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _write_cells(book: Workbook, raw: Path, marks: Marks, formats: _Formats) -> None:
    """Write the raw cells, sheet by sheet, row by row."""
    sheets: dict[str | None, _MarkedSheet] = {}
    comments = MOST_COMMENTS
    with pq.ParquetFile(raw) as file:
        merged = merged_cells(file.schema_arrow.empty_table())
        is_long = file.metadata.num_rows > MOST_ROWS
        for seen, (name, number, cells, kinds) in enumerate(_rows(file)):
            if name not in sheets:
                title = _title(name, [SUMMARY, *(sheet.title for sheet in sheets.values())])
                # Of SDMX and its like the names of the attributes are row 0.
                corners = {(top, left) for top, left, _, _ in merged.get(name or "", [])}
                sheets[name] = _MarkedSheet(book.add_worksheet(title), title, formats, min(number, 1), corners)
            marked = marks.get((name, number), {})
            if marked or not is_long or seen < BEGINNING:
                comments -= sheets[name].write(number, cells, kinds, marked, may_comment=comments > 0)
    for name, sheet in sheets.items():
        sheet.finish(merged.get(name or "", []))


def _rows(file: pq.ParquetFile) -> Iterator[tuple[str | None, int, Sequence[str | None], str]]:
    for batch in file.iter_batches(columns=["source_sheet", "source_row", "cells", "kinds"]):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


class _MarkedSheet:
    """One sheet of the supplier as it is written again."""

    def __init__(
        self, sheet: Worksheet, title: str, formats: _Formats, first_row: int, corners: Collection[tuple[int, int]]
    ) -> None:
        self.title = title
        self._sheet = sheet
        self._formats = formats
        self._first_row = first_row
        self._widths: dict[int, int] = {}
        self._corners: dict[tuple[int, int], tuple[str, str, Mark | None] | None] = dict.fromkeys(corners)

    def write(
        self,
        number: int,
        cells: Sequence[str | None],
        kinds: str,
        marked: Mapping[int | None, Mark],
        *,
        may_comment: bool,
    ) -> int:
        """Write a row; return how many comments it got."""
        row = number - self._first_row
        if row >= _LAST_ROW:
            return 0
        of_row = marked.get(None)
        filled = [at for at, text in enumerate(cells[:_LAST_COLUMN]) if text]
        for at in filled:
            self._write(row, at, cells[at] or "", kinds[at], marked.get(at + 1) or of_row)
        commented = dict.fromkeys(filled[:1] or [0], of_row) if of_row else {}
        for column, mark in marked.items():
            if column is not None and column <= _LAST_COLUMN:
                commented[column - 1] = mark
                if column - 1 not in filled:
                    self._sheet.write_blank(row, column - 1, None, self._formats.of("", mark.severity))
        for at, mark in commented.items() if may_comment else ():
            assert mark is not None
            text = _shown("\n".join(mark.comments))[:_LONGEST_COMMENT]
            size = {"width": 320, "height": 40 + 20 * (len(text) // 45 + text.count("\n") + 1)}
            self._sheet.write_comment(row, at, text, {"author": "", **size})
        return len(commented)

    def finish(self, merged: Sequence[Sequence[int]]) -> None:
        """Merge what was merged, and give columns their widths."""
        from xlsxwriter.exceptions import OverlappingRange

        for top, left, bottom, right in merged:
            corner = self._corners.get((top, left))
            if corner is None or (top, left) == (bottom, right) or bottom > _LAST_ROW or right > _LAST_COLUMN:
                continue
            with contextlib.suppress(OverlappingRange):  # what no program shows merged either
                self._sheet.merge_range(top - 1, left - 1, bottom - 1, right - 1, "")
                self._write(top - 1, left - 1, *corner)
        for column, width in self._widths.items():
            self._sheet.set_column(column, column, min(width, _WIDEST) + 2)
        self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)

    def _write(self, row: int, at: int, text: str, kind: str, mark: Mark | None) -> None:
        severity = mark.severity if mark else ""
        self._widths[at] = max(self._widths.get(at, 6), min(len(text), 30))
        if (row + 1, at + 1) in self._corners:
            self._corners[row + 1, at + 1] = text, kind, mark
        match kind:
            case "n" if _digits(text) <= _EXACT_DIGITS:
                format_ = self._formats.of("", severity)
                self._sheet.write_number(row, at, float(text), format_)
            case "p" if _is_number(text.rstrip("%")):
                share = Decimal(text.rstrip("%")) / 100
                decimals = max(0, -int(share.normalize().as_tuple().exponent) - 2)
                format_ = self._formats.of(f"0.{'0' * decimals}%" if decimals else "0%", severity)
                self._sheet.write_number(row, at, float(share), format_)
            case "d" if (moment := _moment(text)) is not None:
                has_time = moment.time() != dt.time()
                format_ = self._formats.of("dd/mm/yyyy hh:mm" if has_time else "dd/mm/yyyy", severity)
                self._sheet.write_datetime(row, at, moment, format_)
            case _:
                format_ = self._formats.of("", severity)
                self._sheet.write_string(row, at, _shown(text), format_)


def _digits(text: str) -> int:
    return sum(letter.isdigit() for letter in text.strip("0"))


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def _moment(text: str) -> dt.datetime | None:
    """A date of a spreadsheet, which knows none before 1900."""
    try:
        moment = dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
    return moment if moment.year > 1900 else None


def _shown(text: str) -> str:
    """A text as a workbook can hold it."""
    return _UNSHOWABLE.sub("\ufffd", text)[:_LONGEST_TEXT]


def _title(name: str | None, taken: Sequence[str]) -> str:
    """The name of a sheet as Excel allows it, and no other sheet has it."""
    wanted = _NOT_IN_A_SHEETS_NAME.sub("_", _UNSHOWABLE.sub("_", name or "Tệp gửi"))[:31].strip("'") or "_"
    names = {one.casefold() for one in (*taken, "History")}
    title, number = wanted, 2
    while title.casefold() in names:
        title, number = f"{wanted[:26]} ({number})", number + 1
    return title
