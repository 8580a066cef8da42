"""OpenDocument spreadsheets (.ods), seen from outside: their XML is streamed, what it holds is left to calamine.

Calamine gives an error of LibreOffice (`Err:502`) as 0 and others as empty; they are found here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assets.readers.read_jobs import Limits, RefusedFileError
from assets.readers.sheet_scan import MOST_MERGED_RANGES, SheetPart, SheetScan
from assets.readers.workbook_zip import WorkbookZip
from assets.readers.xml_safely import parse_safely

_ERROR = re.compile(r"Err:\d+|#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)")
_VALUES = ("office:value", "office:date-value", "office:time-value", "office:boolean-value", "office:string-value")


_NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_OPEN_DOCUMENT = ("xmlns:office", "xmlns:table", "xmlns:text")


class OdsInspector:
    """A spreadsheet as LibreOffice writes it: all sheets in one part."""

    def __init__(self, archive: WorkbookZip, limits: Limits) -> None:
        if archive.has("META-INF/manifest.xml"):
            with archive.part("META-INF/manifest.xml") as part:
                if b"encryption-data" in part.read():
                    raise RefusedFileError(
                        "the workbook is protected by a password. Remove the password and send it again."
                    )
        self._content = _Content(limits)
        with archive.part(archive.main) as part:
            parse_safely(part, "the workbook's content", self._content, limits.xml_depth)

    def sheets(self) -> Sequence[SheetPart]:
        """The sheets in the order of the workbook."""
        return [SheetPart(name, not is_hidden, name) for name, is_hidden in self._content.hidden.items()]

    def scan(self, sheet: SheetPart) -> SheetScan:
        """What was seen of a sheet's cells."""
        return self._content.scans[sheet.part]


class _Content:
    """What is looked at in the content: the tables, and in their rows the cells, repeated as often as they say."""

    def __init__(self, limits: Limits) -> None:
        self.scans: dict[str, SheetScan] = {}
        self.hidden: dict[str, bool] = {}
        self._limits = limits
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._scan: SheetScan | None = None
        self._row = self._column = 0
        self._row_repeats = 1
        self._cells: list[tuple[int, int, str | None]] = []
        """Of the open row: first column, how many alike, the error that they hold."""
        self._cell: dict[str, str] | None = None
        self._text: list[str] = []
        self._aside = 0

    def _refuse_other_namespaces(self, attributes: dict[str, str]) -> None:
        for prefix in _OPEN_DOCUMENT:
            if not attributes.get(prefix, _NAMESPACE).startswith(_NAMESPACE):
                raise RefusedFileError(
                    f"the workbook is damaged: its {prefix} is '{attributes[prefix][:60]}', and not OpenDocument's. "
                    "Open it in the program that made it, save it again and send the new copy."
                )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "document-content":
            self._refuse_other_namespaces(attributes)
        if name == "style":
            self._style = attributes.get("style:name", "")
        elif name == "table-properties" and attributes.get("table:display") == "false":
            self._hidden_styles.add(self._style)
        elif name == "table":
            title = attributes.get("table:name", "")
            self.hidden[title] = attributes.get("table:style-name") in self._hidden_styles
            self._scan = self.scans[title] = SheetScan(title)
            self._row = 0
        elif name == "table-row":
            self._row_repeats = _repeats(attributes, "table:number-rows-repeated")
            self._column = 0
            self._cells = []
        elif name in ("table-cell", "covered-table-cell"):
            self._cell = attributes
            self._text = []
        elif name == "annotation":
            self._aside += 1

    def end(self, name: str) -> None:
        if name in ("table-cell", "covered-table-cell") and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None
        elif name == "table-row":
            self._end_row()
        elif name == "table":
            self._scan = None
        elif name == "annotation":
            self._aside -= 1

    def text(self, data: str) -> None:
        if self._cell is not None and not self._aside:
            self._text.append(data)

    def _end_cell(self, attributes: dict[str, str]) -> None:
        count = _repeats(attributes, "table:number-columns-repeated")
        shown = "".join(self._text).strip()
        if shown or any(attributes.get(value, "").strip() for value in _VALUES):
            holds_error = "table:formula" in attributes and _ERROR.fullmatch(shown) is not None
            is_error = holds_error or attributes.get("calcext:value-type") == "error"
            self._cells.append((self._column + 1, count, shown if is_error else None))
        width = _repeats(attributes, "table:number-columns-spanned")
        height = _repeats(attributes, "table:number-rows-spanned")
        if width * height > 1 and self._scan is not None and len(self._scan.merged) < MOST_MERGED_RANGES:
            top, left = self._row + 1, self._column + 1
            self._scan.merged.append([top, left, top + height - 1, left + width - 1])
        self._column += count

    def _end_row(self) -> None:
        scan, first = self._scan, self._row + 1
        self._row += self._row_repeats
        if scan is None or not self._cells:
            return
        scan.reach(self._row, max(column + count - 1 for column, count, _ in self._cells))
        scan.refuse_far_cells(self._limits)
        for row in range(first, self._row + 1):
            for column, count, error in self._cells:
                for at in range(column, column + count):
                    scan.fill(row, at, error)


def _repeats(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    return max(int(text), 1) if text.isdigit() else 1
