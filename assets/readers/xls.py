"""Workbooks of the old kind (.xls), seen from outside by xlrd: which cells hold what, beside what calamine gives."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import BinaryIO

import xlrd

from assets.readers.read_jobs import RefusedFileError
from assets.readers.sheet_scan import MOST_MERGED_RANGES, SheetPart, SheetScan

_SEND_AS_XLSX = "Open it, save it as 'Excel workbook (.xlsx)' and send that."


class XlsInspector:
    """A workbook in a compound file, as Excel wrote them up to 2003."""

    def __init__(self, file: BinaryIO) -> None:
        content = file.read()
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise RefusedFileError("the workbook is protected by a password. Remove the password and send it again.")
        with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - plain paths in the reading process
            try:
                self._book = xlrd.open_workbook(
                    file_contents=content, logfile=nowhere, formatting_info=True, ragged_rows=True
                )
            except Exception as error:  # of damaged files xlrd raises whatever its code stumbles over
                if "encrypted" in str(error):
                    raise RefusedFileError(
                        "the workbook is protected by a password. Remove the password and send it again."
                    ) from error
                raise RefusedFileError(
                    f"the workbook, of the old kind (.xls), is truncated or damaged ({error}). {_SEND_AS_XLSX}"
                ) from error

    def sheets(self) -> Sequence[SheetPart]:
        """The worksheets in the order of the workbook."""
        return [SheetPart(sheet.name, sheet.visibility == 0, sheet.name) for sheet in self._book.sheets()]

    def scan(self, sheet: SheetPart) -> SheetScan:
        """Look at the cells of a sheet as xlrd has them."""
        there = self._book.sheet_by_name(sheet.part)
        scan = SheetScan(sheet.name)
        scan.merged = [[r + 1, c + 1, last, end] for r, last, c, end in there.merged_cells[:MOST_MERGED_RANGES]]
        for row in range(there.nrows):
            for column, cell in enumerate(there.row(row), start=1):
                if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                    continue
                is_text = cell.ctype == xlrd.XL_CELL_TEXT
                if is_text and not cell.value.strip():
                    continue
                scan.reach(row + 1, column)
                is_error = cell.ctype == xlrd.XL_CELL_ERROR
                error = xlrd.error_text_from_code.get(cell.value, "#N/A") if is_error else None
                scan.fill(row + 1, column, error)
        return scan
