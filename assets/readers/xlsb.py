"""Binary workbooks (.xlsb), seen from outside: their records are walked, what they hold is left to calamine."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from assets.readers.read_jobs import RefusedFileError
from assets.readers.sheet_scan import MOST_MERGED_RANGES, SheetPart, SheetScan
from assets.readers.workbook_zip import WorkbookZip

_ROW, _BLANK, _ERROR, _TEXT, _SHARED, _FORMULA_TEXT, _FORMULA_ERROR = 0, 1, 3, 6, 7, 8, 11
_SHARED_ITEM, _SHEET, _MERGED = 19, 156, 176
_CELLS = range(_BLANK, _FORMULA_ERROR + 1)
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


class XlsbInspector:
    """A workbook of binary parts."""

    def __init__(self, archive: WorkbookZip) -> None:
        self._archive = archive
        self._listed = archive.listed()
        self._blank_strings: set[int] = set()
        for kind, part_name in self._listed.values():
            if kind == "sharedStrings" and archive.has(part_name):
                items = (content for record, content in self._records(part_name) if record == _SHARED_ITEM)
                self._blank_strings = {at for at, item in enumerate(items) if not _text(item, 1)[0].strip()}

    def sheets(self) -> Sequence[SheetPart]:
        """The worksheets in the order of the workbook."""
        found = []
        for record, content in self._records(self._archive.main):
            if record == _SHEET:
                relation, end = _text(content, 8)
                kind, part_name = self._listed.get(relation, ("", ""))
                if kind == "worksheet":
                    is_visible = struct.unpack_from("<I", content)[0] == 0
                    found.append(SheetPart(_text(content, end)[0], is_visible, part_name))
        return found

    def scan(self, sheet: SheetPart) -> SheetScan:
        """Look at the cells of a sheet."""
        scan = SheetScan(sheet.name)
        row = 0
        for record, content in self._records(sheet.part):
            if record == _ROW:
                row = struct.unpack_from("<I", content)[0] + 1
            elif record == _MERGED and len(scan.merged) < MOST_MERGED_RANGES:
                top, bottom, left, right = struct.unpack_from("<4I", content)
                scan.merged.append([top + 1, left + 1, bottom + 1, right + 1])
            elif record in _CELLS and not self._is_blank(record, content):
                column = struct.unpack_from("<I", content)[0] + 1
                error = _ERRORS.get(content[8], "#N/A") if record in (_ERROR, _FORMULA_ERROR) else None
                scan.reach(row, column)
                scan.fill(row, column, error)
        return scan

    def _is_blank(self, record: int, content: bytes) -> bool:
        if record in (_TEXT, _FORMULA_TEXT):
            return not _text(content, 8)[0].strip()
        if record == _SHARED:
            return struct.unpack_from("<I", content, 8)[0] in self._blank_strings
        return record == _BLANK

    def _records(self, part_name: str) -> Iterator[tuple[int, bytes]]:
        """The records of a part: kind and content. Raises RefusedFileError where one is cut off."""
        with self._archive.part(part_name) as part:
            while (first := part.read(1)) != b"":
                try:
                    record = first[0] & 0x7F
                    if first[0] & 0x80:
                        record |= (part.read(1)[0] & 0x7F) << 7
                    size = shift = 0
                    while True:
                        piece = part.read(1)[0]
                        size |= (piece & 0x7F) << shift
                        shift += 7
                        if not piece & 0x80 or shift == 28:
                            break
                    content = part.read(size)
                    if len(content) < size:
                        raise IndexError(size)
                    yield record, content
                except (IndexError, struct.error, UnicodeDecodeError) as error:
                    raise RefusedFileError(
                        f"the workbook is damaged in its part {part_name}. Save it as 'Excel workbook (.xlsx)' and "
                        "send that."
                    ) from error


def _text(content: bytes, at: int) -> tuple[str, int]:
    """The text that begins at a place of a record, and where it ends."""
    (length,) = struct.unpack_from("<I", content, at)
    end = at + 4 + 2 * length
    return content[at + 4 : end].decode("utf-16-le"), end
