"""What somebody else reads in a mutant: cells by row, as numbers and texts; None where nobody else can read it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
import math
import zipfile
from collections.abc import Callable, Collection, Mapping
from typing import Any
from xml.etree import ElementTree

import xlrd
from openpyxl.utils import column_index_from_string

Rows = dict[int, list[Any]]
"""Cells by the number of their row; what is empty at the end of a row is left out."""


def read_by_another(kind: str, content: bytes, form: str = "") -> Rows | None:
    """Read a file with another program than the product does; None where that program gives up.

    `form` is the delimiter of CSV, or the sheet of a workbook other than `GRDP`.
    """
    try:
        rows = _READERS[kind](content, form)
    except Exception:  # noqa: BLE001 - of spoilt files programs raise whatever they stumble over
        return None
    return {number: cells for number, row in rows.items() if (cells := trimmed(row))}


def trimmed(row: list[Any]) -> list[Any]:
    """Cells as they are compared: numbers as floats, blank texts as nothing."""
    cells = [_comparable(cell) for cell in row]
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _comparable(cell: Any) -> Any:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return "day"
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    try:
        number = float(cell)
        return number if math.isfinite(number) else "not finite"
    except (TypeError, ValueError):
        return str(cell).replace("\r\n", "\n").strip()


def _csv(content: bytes, delimiter: str) -> Rows:
    text = content.decode("utf-8-sig")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return dict(enumerate(([*row] for row in rows if "".join(row).strip()), start=1))


def _xlsx(content: bytes, _: str) -> Rows:
    """The sheet's XML by the standard library: openpyxl loses cells without a type, and so says less."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("sheet1.xml")]
        root = ElementTree.fromstring(archive.read(name))
    rows: Rows = {}
    number = 0
    for row in (element for element in root.iter() if _local(element) == "row"):
        number = int(row.get("r", number + 1))
        cells = rows.setdefault(number, [])
        for cell in (element for element in row if _local(element) == "c"):
            reference = cell.get("r")
            at = column_index_from_string(reference.rstrip("0123456789")) if reference else len(cells) + 1
            cells.extend([None] * (at - len(cells)))
            cells[at - 1] = "".join(e.text or "" for e in cell.iter() if _local(e) in ("t", "v"))
            if cell.get("t") == "b":
                cells[at - 1] = cells[at - 1] != "0"
    return rows


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _xls(content: bytes, name: str) -> Rows:
    with io.StringIO() as nowhere:
        sheet = xlrd.open_workbook(file_contents=content, logfile=nowhere).sheet_by_name(name or "GRDP")
    return {row + 1: [_of_xlrd(cell) for cell in sheet.row(row)] for row in range(sheet.nrows)}


def _of_xlrd(cell: Any) -> Any:
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#N/A")
    if cell.ctype == xlrd.XL_CELL_DATE:
        return dt.date.min
    return bool(cell.value) if cell.ctype == xlrd.XL_CELL_BOOLEAN else cell.value


def _ods(content: bytes, _: str) -> Rows:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = ElementTree.fromstring(archive.read("content.xml"))
    spaces = {n: f"urn:oasis:names:tc:opendocument:xmlns:{n}:1.0" for n in ("table", "office", "text")}
    rows: Rows = {}
    (table,) = [t for t in root.iter(f"{{{spaces['table']}}}table") if t.get(f"{{{spaces['table']}}}name") == "GRDP"]
    for number, row in enumerate(table.iter(f"{{{spaces['table']}}}table-row"), start=1):
        rows[number] = []
        for cell in row:
            value = cell.get(f"{{{spaces['office']}}}value")
            texts = ["".join(p.itertext()) for p in cell.iter(f"{{{spaces['text']}}}p")]
            rows[number].append("\n".join(texts) if value is None else value)
    return rows


def _json_stat(content: bytes, _: str) -> Rows:
    table = json.loads(content.rstrip(b"\0"))
    labels = []
    for name in table["id"]:
        category = table["dimension"][name]["category"]
        labels.append([category.get("label", {}).get(code, code) for code in category["index"]])
    cells = itertools.product(*labels)
    rows: Rows = {0: [*table["id"], "OBS_VALUE"]}
    for number, (place, value) in enumerate(zip(cells, table["value"], strict=True), start=1):
        rows[number] = [*place, value]
    return rows


def _sdmx(content: bytes, _: str) -> Rows:
    series = [*ElementTree.fromstring(content).iter("Series")]
    names = set[str]().union(*(one.attrib for one in series))
    return _observations([{**one.attrib, **observation.attrib} for one in series for observation in one], names)


def _generic(content: bytes, _: str) -> Rows:
    space = "{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic}"
    root = ElementTree.fromstring(content)
    at_observation = {
        one.get("structureID"): one.get("dimensionAtObservation") for one in root.iter() if _local(one) == "Structure"
    }
    (data,) = [one for one in root.iter() if _local(one) == "DataSet"]
    dimension = at_observation.get(data.get("structureRef")) or "TIME_PERIOD"
    found = []
    for one in root.iter(f"{space}Series"):
        (key,) = one.findall(f"{space}SeriesKey")
        said = {v.attrib["id"]: v.attrib["value"] for v in key}
        for observation in one.findall(f"{space}Obs"):
            (period,), (value,) = (observation.findall(f"{space}{name}") for name in ("ObsDimension", "ObsValue"))
            found.append({**said, dimension: period.attrib["value"], "OBS_VALUE": value.attrib["value"]})
    return _observations(found)


def _observations(found: list[dict[str, str]], more: Collection[str] = ()) -> Rows:
    names = [*sorted(set(more).union(*found) - {"OBS_VALUE"}), "OBS_VALUE"]
    return {0: [*names], **{at: [row.get(name) for name in names] for at, row in enumerate(found, start=1)}}


_READERS: Mapping[str, Callable[[bytes, str], Rows]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "xls": _xls,
    "ods": _ods,
    "jsonstat": _json_stat,
    "sdmx": _sdmx,
    "generic": _generic,
}
