"""Writes files as offices do: CSV, and workbooks with titles, merged headers and a numbering row.

Workbooks are written as Office Open XML without a library: libraries stamp the day, and their bytes change with
their version. Parts are stored, not deflated, because compressors differ between machines. Rows are streamed, so
that memory does not grow with the file: words that repeat are shared, as spreadsheets do, numbers in text are not.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

Cell = str | int | Decimal | dt.date | None

_STAMP = (1980, 1, 1, 0, 0, 0)
_FIRST_DAY = dt.date(1899, 12, 30)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        '<Override PartName="/xl/sharedStrings.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
        '<Override PartName="/xl/styles.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
        f'Type="{_OFFICE}/styles" Target="styles.xml"/><Relationship Id="rId3" '
        f'Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    ),
    # Style 0 is plain, style 1 a date.
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Times New Roman"/></font></fonts>'
        '<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
    ),
}


MOST_SHARED = 20_000
"""Further words are written where they stand, so that the table of shared words stays small."""


@dataclass(frozen=True)
class OfficeSheet:
    """One sheet: title lines, a unit line, header rows, rows, footer lines.

    A header cell that repeats the one to its left is merged with it; in the rows below the first, a None is merged
    with the cell above; neither where `is_merged` is false. `numbering` is the row `A | B | 1 | 2` that offices print
    under their headers.
    """

    name: str
    titles: Sequence[str]
    headers: Sequence[Sequence[str | None]]
    rows: Iterable[Sequence[Cell]]
    numbering: Sequence[str] = ()
    unit_line: str = ""
    is_merged: bool = True
    footers: Sequence[str] = field(default=("Ghi chú: Số liệu mô phỏng, không phải số liệu thống kê.",))


def write_workbook(path: Path, sheet: OfficeSheet) -> None:
    """Write one sheet as a workbook; the same sheet gives the same bytes."""
    book = (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="{escape(sheet.name)}" sheetId="1" '
        'r:id="rId1"/></sheets></workbook>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:
        for name, text in {**_PARTS, "xl/workbook.xml": book}.items():
            package.writestr(_entry(name), _HEAD + text)
        shared: dict[str, int] = {}
        with package.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as part:
            for text in _sheet_xml(sheet, shared):
                part.write(text.encode())
        words = "".join(f"<si>{_text(word)}</si>" for word in shared)
        package.writestr(_entry("xl/sharedStrings.xml"), f'{_HEAD}<sst xmlns="{_MAIN}">{words}</sst>')


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]], with_bom: bool = False) -> None:
    """Write a comma-separated file with \\n line ends, dates in ISO form, None as an empty cell."""
    with path.open("w", encoding="utf-8-sig" if with_bom else "utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def vietnamese(value: Decimal | int) -> str:
    """A number as offices print it: 19065.12 becomes 19.065,12."""
    return f"{value:,}".replace(",", " ").replace(".", ",").replace(" ", ".")


def dmy(day: dt.date) -> str:
    """A day as offices print it: 05/10/2024."""
    return f"{day:%d/%m/%Y}"


def _entry(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, _STAMP)


def _sheet_xml(sheet: OfficeSheet, shared: dict[str, int]) -> Iterator[str]:
    width = len(sheet.headers[0])
    merges: list[str] = []
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'
    number = 0
    for title in sheet.titles:
        number += 1
        yield _row(shared, number, [title])
        if width > 1:
            merges.append(f"A{number}:{_letters(width - 1)}{number}")
    if sheet.unit_line:
        number += 1
        yield _row(shared, number, [None] * (width - 1) + [sheet.unit_line])
    merges += _header_merges(sheet.headers, number + 1) if sheet.is_merged else []
    for i, header in enumerate(sheet.headers):
        number += 1
        covered = [sheet.is_merged and _is_repeat(sheet.headers, i, j) for j in range(len(header))]
        yield _row(shared, number, [None if hidden else text for hidden, text in zip(covered, header, strict=True)])
    if sheet.numbering:
        number += 1
        yield _row(shared, number, sheet.numbering)
    buffer = io.StringIO()
    for row in sheet.rows:
        number += 1
        buffer.write(_row(shared, number, row))
        if buffer.tell() > 65536:
            yield buffer.getvalue()
            buffer = io.StringIO()
    yield buffer.getvalue()
    for footer in sheet.footers:
        number += 1
        yield _row(shared, number, [footer])
    spans = "".join(f'<mergeCell ref="{ref}"/>' for ref in merges)
    yield (
        f'</sheetData><mergeCells count="{len(merges)}">{spans}</mergeCells></worksheet>'
        if merges
        else ("</sheetData></worksheet>")
    )


def _is_repeat(headers: Sequence[Sequence[str | None]], i: int, j: int) -> bool:
    """Whether a header cell is covered by the merged cell to its left (top rows only)."""
    return i < len(headers) - 1 and j > 0 and headers[i][j] is not None and headers[i][j] == headers[i][j - 1]


def _header_merges(headers: Sequence[Sequence[str | None]], first: int) -> list[str]:
    merges = []
    for i, header in enumerate(headers[:-1]):
        j = 0
        while j < len(header):
            end = j
            while end + 1 < len(header) and _is_repeat(headers, i, end + 1):
                end += 1
            depth = i
            while end == j and depth + 1 < len(headers) and headers[depth + 1][j] is None:
                depth += 1
            if end > j or depth > i:
                merges.append(f"{_letters(j)}{first + i}:{_letters(end)}{first + depth}")
            j = end + 1
    return merges


def _row(shared: dict[str, int], number: int, cells: Sequence[Cell]) -> str:
    parts = [f'<row r="{number}">']
    for i, cell in enumerate(cells):
        if cell is None:
            continue
        at = f'r="{_letters(i)}{number}"'
        if isinstance(cell, str):
            if cell in shared or (len(shared) < MOST_SHARED and not cell[-1:].isdigit()):
                parts.append(f'<c {at} t="s"><v>{shared.setdefault(cell, len(shared))}</v></c>')
            else:
                parts.append(f'<c {at} t="str"><v>{escape(cell)}</v></c>')
        elif isinstance(cell, dt.date):
            parts.append(f'<c {at} s="1"><v>{(cell - _FIRST_DAY).days}</v></c>')
        else:
            parts.append(f"<c {at}><v>{cell}</v></c>")
    parts.append("</row>")
    return "".join(parts)


def _text(words: str) -> str:
    space = ' xml:space="preserve"' if words != words.strip() else ""
    return f"<t{space}>{escape(words)}</t>"


def _letters(index: int) -> str:
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text
