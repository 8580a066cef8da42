"""Files for tests of the readers: good ones as offices write them, bad ones named after their fault."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

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
