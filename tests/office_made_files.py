"""Files for tests of the readers: good ones as offices write them, bad ones named after their fault."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import xlwt

from assets.readers import Limits, Reading, ReadJob, read_deliveries
from assets.readers.raw import RAW_SCHEMA

CSV = {"reader": "csv", "encoding": "utf-8", "delimiter": ",", "quote": '"'}
XLSX = {"reader": "xlsx", "sheets": ["GRDP"]}
SDMX = {"reader": "sdmx"}

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET_HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<worksheet xmlns="{MAIN}">'
SDMX_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><message:StructureSpecificData '
    'xmlns:message="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" '
    'xmlns:common="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common" '
    'xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/structurespecific" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><message:Header><message:ID>1</message:ID>'
    '<message:Structure structureID="S" dimensionAtObservation="TIME_PERIOD"><common:Structure>'
    '<Ref agencyID="IMF" id="ECOFIN_DSD" version="1.0"/></common:Structure></message:Structure></message:Header>'
)


def read_files(
    folder: Path, files: Mapping[str, tuple[bytes, Mapping[str, Any]]], limits: Limits | None = None
) -> dict[str, Reading]:
    """Read files, given by name as their bytes and form, in one call; return the readings by name."""
    jobs = []
    for name, (content, form) in files.items():
        (folder / name).write_bytes(content)
        jobs.append(job(folder, name, form))
    return {reading.delivery_id: reading for reading in read_deliveries(jobs, limits or Limits())}


def job(folder: Path, name: str, form: Mapping[str, Any]) -> ReadJob:
    """A job for a file of the folder, whose delivery id is its name."""
    out = folder / "raw"
    out.mkdir(exist_ok=True)
    return ReadJob(name, folder / name, form, out / f"{name}.parquet", name)


def rows_of(reading: Reading) -> list[dict[str, Any]]:
    """The raw rows that a reading wrote."""
    assert reading.refusal is None, reading.refusal
    rows: list[dict[str, Any]] = pq.read_table(reading.path).to_pylist()
    return rows


def cells_of(reading: Reading) -> list[list[str | None]]:
    """The cells of the raw rows that a reading wrote."""
    return [row["cells"] for row in rows_of(reading)]


def saved(book: openpyxl.Workbook) -> bytes:
    """The bytes of a workbook."""
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def workbook(rows: Sequence[Sequence[object]], sheet: str = "GRDP") -> bytes:
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    return saved(book)


def with_sheet_xml(xml: str | bytes, sheet: str = "GRDP") -> bytes:
    """A workbook whose only sheet is the given XML."""
    return with_parts(workbook([["x"]], sheet), {"xl/worksheets/sheet1.xml": xml})


def with_parts(book: bytes, parts: Mapping[str, str | bytes]) -> bytes:
    """A workbook with some of its parts replaced or added."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *parts]):
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return content.getvalue()


def xls(rows: Sequence[Sequence[object]], sheet: str = "GRDP") -> bytes:
    """A workbook of one sheet as Excel wrote them up to 2003; None is a cell that is not there."""
    book = xlwt.Workbook()
    there = book.add_sheet(sheet)
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell is not None:
                there.write(row, column, cell)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


ODS_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)


def ods(rows: Sequence[Sequence[object]], sheet: str = "GRDP") -> bytes:
    """A workbook of one sheet as LibreOffice writes it; None is a cell that is not there."""
    lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    return ods_of(f'<table:table table:name="{sheet}">{lines}</table:table>')


def _ods_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>?</text:p></table:table-cell>'


def ods_of(tables: str) -> bytes:
    """A LibreOffice workbook around its tables."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {ODS_NAMES} '
            'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
            f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>",
        )
    return content.getvalue()


RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def xlsb(rows: Sequence[Sequence[object]], sheet: str = "GRDP") -> bytes:
    """A binary workbook of one sheet; None is a cell that is not there."""
    name, relation = sheet.encode("utf-16-le"), "rId1".encode("utf-16-le")
    listed = struct.pack("<III", 0, 1, 4) + relation + struct.pack("<I", len(sheet)) + name
    book = _record(131) + _record(143) + _record(156, listed) + _record(144) + _record(132)
    height, width = len(rows), max(map(len, rows))
    data = _record(129) + _record(148, struct.pack("<4I", 0, height - 1, 0, width - 1)) + _record(145)
    for row, cells in enumerate(rows):
        data += _record(0, struct.pack("<I", row) + bytes(13))
        for column, cell in enumerate(cells):
            place = struct.pack("<II", column, 0)
            if isinstance(cell, str):
                data += _record(6, place + struct.pack("<I", len(cell)) + cell.encode("utf-16-le"))
            elif isinstance(cell, int | float):
                data += _record(5, place + struct.pack("<d", cell))
    data += _record(146) + _record(130)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, kind, target in (
            ("_rels/.rels", "officeDocument", "xl/workbook.bin"),
            ("xl/_rels/workbook.bin.rels", "worksheet", "worksheets/sheet1.bin"),
        ):
            archive.writestr(
                place,
                f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{OFFICE}/{kind}" '
                f'Target="{target}"/></Relationships>',
            )
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/worksheets/sheet1.bin", data)
    return content.getvalue()


def _record(number: int, content: bytes = b"") -> bytes:
    """A record of a binary workbook."""
    head = bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])
    size, rest = b"", len(content)
    while True:
        size += bytes([rest & 0x7F | (0x80 if rest > 0x7F else 0)])
        rest >>= 7
        if not rest:
            return head + size + content


def renamed_parts(book: bytes, rename: Callable[[str], str], change: Callable[[bytes], bytes] = bytes) -> bytes:
    """A workbook whose parts have other names in the archive, and other content."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(rename(name), change(old.read(name)))
    return content.getvalue()


def at_the_root(book: bytes) -> bytes:
    """A workbook as some portals write it: its main part is `workbook.xml` at the root of the archive."""
    return renamed_parts(
        book,
        lambda name: name.removeprefix("xl/"),
        lambda part: part.replace(b'"/xl/', b'"/').replace(b'"xl/', b'"'),
    )


def with_backslashes(book: bytes) -> bytes:
    """A workbook as some programs on Windows pack it."""
    return renamed_parts(book, lambda name: name.replace("/", "\\"))


def sdmx(*bodies: str) -> bytes:
    """An SDMX-ML 2.1 message around the contents of its data sets."""
    sets = (f'<message:DataSet ss:structureRef="S" NOTE="n">{body}</message:DataSet>' for body in bodies)
    return f"{SDMX_HEAD}{''.join(sets)}</message:StructureSpecificData>".encode()


def raw_table(
    rows: Sequence[Sequence[str | None]],
    kinds: Sequence[str] | None = None,
    *,
    sheet: str | None = None,
    first: int = 1,
    merged: Sequence[Sequence[int]] | None = None,
) -> pa.Table:
    """A raw table as a reader would write it, for tests of the layout alone."""
    table = pa.table(
        {
            "delivery_id": ["id"] * len(rows),
            "source_file": ["file.csv"] * len(rows),
            "source_sheet": pa.array([sheet] * len(rows), pa.string()),
            "source_row": range(first, first + len(rows)),
            "cells": [list(row) for row in rows],
            "kinds": kinds or ["".join("s" if cell else "_" for cell in row) for row in rows],
        },
        schema=RAW_SCHEMA,
    )
    if merged is not None:
        table = table.replace_schema_metadata({"merged_cells": json.dumps({sheet: [list(m) for m in merged]})})
    return table
