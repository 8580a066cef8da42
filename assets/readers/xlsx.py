"""XLSX through calamine, after a look at what calamine would be asked to do.

The sheet's XML is streamed first, for what the parser would not say: which cells hold anything; which are hidden, and
which are shown as percentages; how far apart the filled cells lie (the parser makes room for the whole rectangle, and
aborts the process where that does not fit); which cells hold an error of a formula (the parser gives them as empty);
whether a formula was saved without its value (that too would be read as nothing).

Numbers become plain decimal text, the shortest that is the same binary number: what Excel itself shows for
`67.569999999999993` is 67.57. Dates become ISO text.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

import python_calamine

from assets.readers.raw import RawWriter, letters_of
from assets.readers.read_jobs import Limits, RefusedFileError, Sheet
from assets.readers.workbook_zip import SheetPart, WorkbookZip
from assets.readers.xlsx_styles import as_percent, percent_styles
from assets.readers.xml_safely import parse_safely

ROWS_AT_A_TIME = 50_000
MOST_MERGED_RANGES = 5_000
_TRUE = frozenset({"1", "true"})
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def read_xlsx(file: BinaryIO, form: Mapping[str, Any], limits: Limits, writer: RawWriter) -> list[Sheet]:
    """Read the sheets that the contract names and write their rows; return what was counted of every sheet.

    Where the contract names none, the workbook must have exactly one visible sheet. Hidden sheets are never
    read. Raises RefusedFileError.
    """
    archive = WorkbookZip(file, limits)
    there = archive.sheets()
    wanted = _wanted(there, form.get("sheets") or ())
    blank_strings = _blank_shared_strings(archive, limits)
    percent = percent_styles(archive, limits)
    scans = {}
    for sheet in wanted:
        scan = _SheetScan(sheet.name, blank_strings, percent)
        with archive.part(sheet.part) as part:
            parse_safely(part, f"sheet '{sheet.name}'", scan, limits.xml_depth)
        scan.refuse_far_cells(limits)
        scans[sheet.name] = scan
    file.seek(0)
    writer.metadata["merged_cells"] = {name: scan.merged for name, scan in scans.items()}
    read = {sheet.name for sheet in wanted}
    writer.metadata["hidden"] = {name: scan.hidden() for name, scan in scans.items()}
    writer.metadata["unread_sheets"] = [s.name for s in there if s.visible and s.name not in read]
    writer.metadata["hidden_sheets"] = [s.name for s in there if not s.visible]
    counted: dict[str, Sheet] = {}
    with python_calamine.load_workbook(file) as workbook:
        for sheet in wanted:
            parsed = workbook.get_sheet_by_name(sheet.name)
            counted[sheet.name] = _read_sheet(parsed, scans[sheet.name], writer)
    if sum(sheet["parsed_rows"] for sheet in counted.values()) < 2:
        names = _names(counted)
        raise RefusedFileError(
            f"sheet {names} holds no more than one row, so no data rows. Send it again, with its rows."
        )
    return [
        counted.get(s.name)
        or {"name": s.name, "visible": s.visible, "read": False, "physical_rows": 0, "parsed_rows": 0}
        for s in there
    ]


def _wanted(there: Sequence[SheetPart], named: Sequence[str]) -> list[SheetPart]:
    visible = [sheet for sheet in there if sheet.visible]
    if not named:
        if len(visible) != 1:
            raise RefusedFileError(
                f"the workbook has {len(visible)} visible sheets ({_names([s.name for s in there])}) and "
                "its contract "
                "names none. Leave one sheet, or let the contract name it."
            )
        return visible
    keys = {_key(name) for name in named}
    found = [sheet for sheet in visible if _key(sheet.name) in keys]
    if found:
        return found
    hidden = [sheet.name for sheet in there if not sheet.visible and _key(sheet.name) in keys]
    if hidden:
        raise RefusedFileError(
            f"sheet {_names(hidden)} is hidden, and hidden sheets are not read. Unhide it and send it again."
        )
    raise RefusedFileError(
        f"the workbook has no sheet {_names(named)}; it has {_names([s.name for s in there]) or 'none'}. "
        "Put the table on the sheet of that name and send it again."
    )


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _names(names: Sequence[str] | Mapping[str, Any]) -> str:
    shown = [f"'{name}'" for name in list(names)[:12]]
    return ", ".join(shown) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


class _SharedStrings:
    """Which shared strings are blank: a cell that refers to one holds nothing."""

    def __init__(self) -> None:
        self.blank: set[int] = set()
        self._count = 0
        self._filled = False
        self._aside = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._filled = False
        elif name == "rPh":  # how to pronounce it: no part of the text
            self._aside += 1

    def end(self, name: str) -> None:
        if name == "si":
            if not self._filled:
                self.blank.add(self._count)
            self._count += 1
        elif name == "rPh":
            self._aside -= 1

    def text(self, data: str) -> None:
        if not self._filled and not self._aside and data.strip():
            self._filled = True


def _blank_shared_strings(archive: WorkbookZip, limits: Limits) -> set[int]:
    strings = _SharedStrings()
    if archive.has("xl/sharedStrings.xml"):
        with archive.part("xl/sharedStrings.xml") as part:
            parse_safely(part, "the workbook's list of texts", strings, limits.xml_depth)
    return strings.blank


class _SheetScan:
    """What a sheet's XML says of its cells, without a parser that builds the sheet."""

    def __init__(self, name: str, blank_strings: set[int], percent_styles: frozenset[int]) -> None:
        self.sheet = name
        self.filled_rows: list[int] = []
        self.filled_columns: list[int] = []
        """Of each filled row the columns that hold anything, as a mask: bit n stands for column n, from 1."""
        self.percent: dict[int, list[int]] = {}
        self.errors: dict[int, dict[int, str]] = {}
        self.merged: list[list[int]] = []
        self.cells = 0
        self._blank_strings = blank_strings
        self._percent_styles = percent_styles
        self._is_percent = False
        self._hidden_rows: list[int] = []
        self._hidden_columns: list[range] = []
        self._columns: dict[str, int] = {}
        self._row = self._column = 0
        self._last_row = self._last_column = 0
        self._far: str = ""
        self._kind = ""
        self._value: list[str] = []
        self._listens = False
        self._aside = 0
        self._has_formula = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            reference = attributes.get("r")
            self._column = self._column_of(reference) if reference else self._column + 1
            self._kind = attributes.get("t", "n")
            style = attributes.get("s", "")
            self._is_percent = style.isdigit() and int(style) in self._percent_styles
            self._value.clear()
            self._has_formula = False
        elif name in ("v", "t"):
            self._listens = not self._aside
        elif name == "f":
            self._has_formula = True
        elif name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdigit() else self._row + 1
            self._column = 0
            if attributes.get("hidden") in _TRUE:
                self._hidden_rows.append(self._row)
        elif name == "col" and attributes.get("hidden") in _TRUE:
            self._hidden_columns.append(range(int(attributes.get("min", "1")), int(attributes.get("max", "1")) + 1))
        elif name == "rPh":
            self._aside += 1
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._listens = False
        elif name == "c":
            self._end_cell()
        elif name == "rPh":
            self._aside -= 1

    def text(self, data: str) -> None:
        if self._listens:
            self._value.append(data)

    def _merge(self, reference: str) -> None:
        corners = [_CELL.fullmatch(corner) for corner in reference.split(":")]
        if len(corners) == 2 and corners[0] and corners[1] and len(self.merged) < MOST_MERGED_RANGES:
            (left, top), (right, bottom) = (corner.groups() for corner in corners if corner)
            self.merged.append([int(top), self._column_of(left), int(bottom), self._column_of(right)])

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = 0
            for letter in letters.upper():
                column = column * 26 + ord(letter) - 64
            self._columns[letters] = column
        return column

    def _end_cell(self) -> None:
        value = "".join(self._value).strip()
        if not value:
            if self._has_formula and self._kind != "str":
                cell = f"{letters_of(self._column)}{self._row}"
                raise RefusedFileError(
                    f"sheet '{self.sheet}', cell {cell} holds a formula whose value was not saved. Open "
                    "the workbook "
                    "in Excel or LibreOffice, save it and send the new copy."
                )
            return
        if self._row > self._last_row or self._column > self._last_column:
            self._last_row = max(self._last_row, self._row)
            self._last_column = max(self._last_column, self._column)
            self._far = f"{letters_of(self._column)}{self._row}"
        if self._kind == "s" and value.isdigit() and int(value) in self._blank_strings:
            return
        if self._kind == "e":
            self.errors.setdefault(self._row, {})[self._column] = value
        elif self._is_percent and self._kind == "n":
            self.percent.setdefault(self._row, []).append(self._column)
        self.cells += 1
        if not self.filled_rows or self.filled_rows[-1] != self._row:
            self.filled_rows.append(self._row)
            self.filled_columns.append(0)
        self.filled_columns[-1] |= 1 << self._column

    def hidden(self) -> dict[str, list[int]]:
        """The rows and columns that are hidden and hold something, from 1."""
        filled = set(self.filled_rows) if self._hidden_rows else set()
        every = 0
        for mask in self.filled_columns if self._hidden_columns else ():
            every |= mask
        columns = [
            n for n in range(1, every.bit_length()) if every >> n & 1 and any(n in r for r in self._hidden_columns)
        ]
        return {"rows": sorted(filled.intersection(self._hidden_rows)), "columns": columns}

    def refuse_lost_cell(self, row: int, columns: int, read: str) -> None:
        """Refuse a sheet of which a cell holds something and was read as nothing; `read` are the kinds of the row."""
        if columns.bit_count() == len(read) - read.count("_"):
            return
        there = {n for n in range(1, columns.bit_length()) if columns >> n & 1}
        odd = min(there ^ {n for n, kind in enumerate(read, start=1) if kind != "_"}, default=0)
        raise RefusedFileError(
            f"sheet '{self.sheet}', cell {letters_of(odd)}{row} holds something that is not read as a program for "
            "spreadsheets writes it. Open the workbook in Excel or LibreOffice, save it and send the new copy."
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


def _read_sheet(sheet: python_calamine.CalamineSheet, scan: _SheetScan, writer: RawWriter) -> Sheet:
    rows: list[int] = []
    cells: list[list[str | None]] = []
    kinds: list[str] = []
    read: list[int] = []
    all_kinds: list[str] = []
    lead = sheet.start[1] if sheet.start else 0
    for number, values in enumerate(sheet.iter_rows(), start=1):
        errors = scan.errors.get(number)
        if errors is None and not any(value != "" for value in values):
            continue
        texts: list[str | None] = [None] * lead
        letters = ["_"] * lead
        for value in values:
            text, kind = _cell(value)
            texts.append(text)
            letters.append(kind)
        if errors:
            _put_errors(errors, texts, letters)
        if letters.count("_") == len(letters):
            continue
        for column in scan.percent.get(number, ()):
            if column <= len(letters) and letters[column - 1] == "n":
                texts[column - 1], letters[column - 1] = as_percent(texts[column - 1] or ""), "p"
        read.append(number)
        rows.append(number)
        cells.append(texts)
        kinds.append("".join(letters))
        all_kinds.append(kinds[-1])
        if len(rows) == ROWS_AT_A_TIME:
            writer.add(sheet.name, rows, cells, kinds)
            rows, cells, kinds = [], [], []
    all_kinds += _add_rows_of_errors_alone(scan, read, rows, cells, kinds)
    writer.add(sheet.name, rows, cells, kinds)
    if read != sorted(scan.filled_rows):
        odd = min(set(read) ^ set(scan.filled_rows), default=0)
        raise RefusedFileError(
            f"sheet '{sheet.name}' has {len(scan.filled_rows)} rows that are not empty, and {len(read)} "
            "were read (they "
            f"part at row {odd}). Copy the table into a new workbook and send that."
        )
    for number, columns, letters_read in zip(scan.filled_rows, scan.filled_columns, all_kinds, strict=True):
        scan.refuse_lost_cell(number, columns, letters_read)
    return {
        "name": sheet.name,
        "visible": True,
        "read": True,
        "physical_rows": len(scan.filled_rows),
        "parsed_rows": len(read),
    }


def _put_errors(errors: Mapping[int, str], texts: list[str | None], letters: list[str]) -> None:
    for column, error in errors.items():
        while len(texts) < column:
            texts.append(None)
            letters.append("_")
        texts[column - 1] = error
        letters[column - 1] = "e"


def _add_rows_of_errors_alone(
    scan: _SheetScan, read: list[int], rows: list[int], cells: list[list[str | None]], kinds: list[str]
) -> list[str]:
    """Add rows below the parser's last one that hold nothing but errors: to the parser they do not exist.

    Return their kinds.
    """
    last = read[-1] if read else 0
    before = len(kinds)
    for number in sorted(row for row in scan.errors if row > last):
        texts: list[str | None] = []
        letters: list[str] = []
        _put_errors(scan.errors[number], texts, letters)
        read.append(number)
        rows.append(number)
        cells.append(texts)
        kinds.append("".join(letters))
    return kinds[before:]


def _cell(value: object) -> tuple[str | None, str]:
    """The text and the kind of a cell as the parser gives it."""
    if isinstance(value, str):
        return (value, "s" if value.strip() else "_") if value else (None, "_")
    if isinstance(value, bool):
        return ("true" if value else "false"), "b"
    if isinstance(value, int | float):
        return number_text(value), "n"
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return (value.date() if midnight else value).isoformat(), "d"
    if isinstance(value, dt.date):
        return value.isoformat(), "d"
    return str(value), "s"


def number_text(value: int | float) -> str:
    """Write a number as plain decimal text: the shortest that is the same binary number, never an
    exponent.
    """
    text = repr(value)
    if "e" in text or "n" in text:  # an exponent; inf and nan, which no sheet holds, stay as they are
        number = Decimal(text)
        text = format(number, "f") if number.is_finite() else text
    return text.removesuffix(".0")
