"""Workbooks of all kinds through calamine, after a look at what calamine would be asked to do.

XLSX and XLSM, XLSB, XLS and ODS are told apart by what they are, whatever they are called.

A sheet is looked at first without calamine (of XLSX its XML is streamed), for what the parser would not say: which
cells hold anything, which are hidden, and which are shown as percentages; how far apart the filled cells lie (the
parser makes room for the whole rectangle, and aborts the process where that does not fit); which cells hold an error of
a formula (empty, to the parser); whether a formula was saved without its value (that too would be read as nothing).
Rows and cells that calamine gives are held against that look.

Numbers become plain decimal text, the shortest that is the same binary number: what Excel itself shows for
`67.569999999999993` is 67.57. Dates become ISO text.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, BinaryIO

import python_calamine

from assets.readers.ods import OdsInspector
from assets.readers.raw import RawWriter
from assets.readers.read_jobs import Limits, RefusedFileError, Sheet
from assets.readers.sheet_scan import MOST_MERGED_RANGES, FileInspector, SheetPart, SheetScan, address
from assets.readers.workbook_zip import WorkbookZip
from assets.readers.xlsb import XlsbInspector
from assets.readers.xlsx_styles import as_percent, percent_styles
from assets.readers.xml_safely import parse_safely

ROWS_AT_A_TIME = 50_000
_SAVE_AS_XLSX = "Open it, save it as 'Excel workbook (.xlsx)' and send that."
_SAVE_AGAIN = "Open it in the program that made it, save it again and send the new copy."
_TRUE = frozenset({"1", "true"})
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def read_xlsx(file: BinaryIO, form: Mapping[str, Any], limits: Limits, writer: RawWriter) -> list[Sheet]:
    """Read the sheets that the contract names and write their rows; return what was counted of every sheet.

    Where the contract names none, the workbook must have exactly one visible sheet. Hidden sheets are never
    read. Raises RefusedFileError.
    """
    outside = _look_at(file, limits)
    there = outside.sheets()
    wanted = _wanted(there, form.get("sheets") or (), form.get("sheet_pattern"))
    scans = {sheet.name: outside.scan(sheet) for sheet in wanted}
    for scan in scans.values():
        scan.refuse_far_cells(limits)
    file.seek(0)
    writer.metadata["merged_cells"] = {name: scan.merged for name, scan in scans.items()}
    read = {sheet.name for sheet in wanted}
    writer.metadata["hidden"] = {name: scan.hidden() for name, scan in scans.items()}
    writer.metadata["unread_sheets"] = [s.name for s in there if s.visible and s.name not in read]
    writer.metadata["hidden_sheets"] = [s.name for s in there if not s.visible]
    counted: dict[str, Sheet] = {}
    with _refusing_damage("its kind cannot be told"), python_calamine.load_workbook(file) as workbook:
        for sheet in wanted:
            with _refusing_damage(f"the cells of sheet '{sheet.name}' cannot be read"):
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


@contextmanager
def _refusing_damage(what: str) -> Iterator[None]:
    """Refuse a workbook whose parts contradict each other, or what spreadsheets write, with the words of the parser."""
    try:
        yield
    except python_calamine.CalamineError as error:
        message = " ".join(str(error).split())[:100].rstrip(".")
        raise RefusedFileError(f"the workbook is damaged: {what} ({message}). {_SAVE_AGAIN}") from error


def _look_at(file: BinaryIO, limits: Limits) -> FileInspector:
    """Tell by its first bytes what kind of workbook a file is. Raises RefusedFileError if it is not a workbook."""
    beginning = file.read(512)
    file.seek(0)
    if beginning.startswith(b"\xd0\xcf\x11\xe0"):
        from assets.readers.xls import XlsInspector  # imports xlrd, which few files need

        return XlsInspector(file)
    if not beginning.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise RefusedFileError(f"the file is no workbook but {_what_else(beginning)}. {_SAVE_AS_XLSX}")
    archive = WorkbookZip(file, limits)
    if archive.main.endswith(".bin"):
        return XlsbInspector(archive)
    if archive.main == "content.xml":
        return OdsInspector(archive, limits)
    return _XlsxInspector(archive, limits)


def _what_else(beginning: bytes) -> str:
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"excel.sheet" in text or b"urn:schemas-microsoft-com:office:spreadsheet" in text:
        return "an XML table of Excel 2003 under the name of one"
    if text.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<style")):
        return "a web page under the name of one"
    return "something else under the name of one"


def _wanted(there: Sequence[SheetPart], named: Sequence[str], pattern: str | None) -> list[SheetPart]:
    visible = [sheet for sheet in there if sheet.visible]
    if pattern is not None:
        matching = [sheet for sheet in visible if re.search(pattern, _key(sheet.name))]
        if not matching:
            raise RefusedFileError(
                f"no visible sheet of the workbook has a name that its contract knows ({pattern}); it has "
                f"{_names([s.name for s in there]) or 'none'}. Tell the data team under which name the table stands."
            )
        return matching
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


class _XlsxInspector:
    """A workbook of XML parts; `scan` streams the sheet's XML."""

    def __init__(self, archive: WorkbookZip, limits: Limits) -> None:
        self._archive = archive
        self._limits = limits
        self._blank_strings = self._blank_shared_strings()
        self._percent_styles = percent_styles(archive, limits)

    def sheets(self) -> list[SheetPart]:
        return self._archive.sheets()

    def scan(self, sheet: SheetPart) -> SheetScan:
        scan = _XmlScan(sheet.name, self._blank_strings, self._percent_styles)
        with self._archive.part(sheet.part) as part:
            parse_safely(part, f"sheet '{sheet.name}'", scan, self._limits.xml_depth)
        return scan

    def _blank_shared_strings(self) -> set[int]:
        strings = _SharedStrings()
        part_names = [part_name for kind, part_name in self._archive.listed().values() if kind == "sharedStrings"]
        for part_name in part_names or ["xl/sharedStrings.xml"]:  # where it lies though nothing names it
            if self._archive.has(part_name):
                with self._archive.part(part_name) as part:
                    parse_safely(part, "the workbook's list of texts", strings, self._limits.xml_depth)
        return strings.blank


class _XmlScan(SheetScan):
    """What a sheet's XML says of its cells, without a parser that builds the sheet."""

    def __init__(self, name: str, blank_strings: set[int], percent_styles: frozenset[int]) -> None:
        super().__init__(name)
        self._blank_strings = blank_strings
        self._percent_styles = percent_styles
        self._is_percent = False
        self._columns: dict[str, int] = {}
        self._row = self._column = 0
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
                self.hidden_rows.append(self._row)
        elif name == "col" and attributes.get("hidden") in _TRUE:
            self.hidden_columns.append(range(int(attributes.get("min", "1")), int(attributes.get("max", "1")) + 1))
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
                cell = address(self._row, self._column)
                raise RefusedFileError(
                    f"sheet '{self.sheet}', cell {cell} holds a formula whose value was not saved. Open "
                    "the workbook "
                    "in Excel or LibreOffice, save it and send the new copy."
                )
            return
        self.reach(self._row, self._column)
        if self._kind == "s" and value.isdigit() and int(value) in self._blank_strings:
            return
        self.fill(self._row, self._column, value if self._kind == "e" else None)
        if self._is_percent and self._kind == "n":
            self.percent.setdefault(self._row, []).append(self._column)


def _read_sheet(sheet: python_calamine.CalamineSheet, scan: SheetScan, writer: RawWriter) -> Sheet:
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
    scan.refuse_lost_cells(all_kinds)
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
    scan: SheetScan, read: list[int], rows: list[int], cells: list[list[str | None]], kinds: list[str]
) -> list[str]:
    """Add rows below the parser's last one that hold nothing but errors, and return their kinds.

    To the parser they do not exist.
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
        if "\0" in value:  # two bytes of one letter that were taken for two letters
            raise RefusedFileError(
                f"the workbook is damaged: the letters of {value[:20]!r} cannot be told. {_SAVE_AGAIN}"
            )
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
