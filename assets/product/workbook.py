"""`growth.xlsx`: the marts people use as one workbook, for offices that live in Excel.

Headers are Vietnamese, numbers are numbers and days are days, so that each machine shows them in its own locale. A
share of 3.94 % stands as 3.94 with a percent sign behind it, as in the marts. Text is never a formula, whatever it
begins with. The same marts give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from assets.product.marts import Marts
from assets.product.words import status_words
from dbt_like_sql.access import public_columns
from dbt_like_sql.declarations import read_yaml
from dbt_like_sql.fields import Field

WORKBOOK = "growth.xlsx"
DICTIONARY_SHEET = "Từ điển"
WIDEST = 60
_SHEETS = Path(__file__).with_name("workbook.yml")
_YES_NO = {True: "có", False: "không"}


def workbook(marts: Marts, as_of: dt.date) -> bytes:
    """Return the workbook of some marts. Raises FileNotFoundError if one that it shows is not there."""
    content = io.BytesIO()
    book, formats = _book(content, as_of)
    shown: dict[str, Field] = {}
    for declared in read_yaml(_SHEETS)["sheets"]:
        columns = declared.get("columns") or pq.read_schema(marts.folder / f"{declared['mart']}.parquet").names
        columns = public_columns(marts.project.fields, columns)
        fields = [marts.project.fields[column] for column in columns]
        shown |= {field.name: field for field in fields}
        rows = ([row[column] for column in columns] for row in marts.rows(declared["mart"]))
        _sheet(book.add_worksheet(declared["name"]), fields, rows, formats)
    _dictionary(book.add_worksheet(DICTIONARY_SHEET), shown, formats)
    book.close()
    return content.getvalue()


def marts_shown() -> list[str]:
    """Return the marts that the workbook has a sheet of."""
    return [declared["mart"] for declared in read_yaml(_SHEETS)["sheets"]]


def list_of_an_office(columns: Sequence[Field], rows: Iterable[Mapping[str, Any]], as_of: dt.date) -> bytes:
    """Return a workbook of one list, all of its columns, for the office that gets it."""
    content = io.BytesIO()
    book, formats = _book(content, as_of)
    fields = list(columns)
    _sheet(book.add_worksheet("Danh sách"), fields, ([row[f.name] for f in fields] for row in rows), formats)
    _dictionary(book.add_worksheet(DICTIONARY_SHEET), {field.name: field for field in fields}, formats)
    book.close()
    return content.getvalue()


def _book(content: io.BytesIO, as_of: dt.date) -> tuple[xlsxwriter.Workbook, dict[str, Format]]:
    book = xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "dd/mm/yyyy"})
    book.set_properties({"created": dt.datetime.combine(as_of, dt.time()), "title": f"Sóc Trăng {as_of:%d/%m/%Y}"})
    return book, {
        "header": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
        "text": book.add_format({"valign": "top", "text_wrap": True}),
        "day": book.add_format({"valign": "top", "num_format": "dd/mm/yyyy"}),
        "count": book.add_format({"valign": "top", "num_format": "#,##0"}),
        "decimal": book.add_format({"valign": "top", "num_format": "#,##0.00"}),
        "percent": book.add_format({"valign": "top", "num_format": '#,##0.00"%"'}),
    }


def _sheet(sheet: Worksheet, fields: list[Field], rows: Iterable[list[Any]], formats: Mapping[str, Format]) -> None:
    """Write a table: heads stay in sight, each column can be filtered."""
    widths = [min(len(field.label_vi), WIDEST) for field in fields]
    for column, field in enumerate(fields):
        sheet.write_string(0, column, field.label_vi, formats["header"])
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, (field, value) in enumerate(zip(fields, row, strict=True)):
            widths[column] = max(widths[column], _write(sheet, last, column, field, value, formats))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(width, WIDEST) + 2)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, last, len(fields) - 1)


def _write(sheet: Worksheet, row: int, column: int, field: Field, value: Any, formats: Mapping[str, Format]) -> int:
    """Write one value in the type that it has and return how many characters it takes; nothing where it is unknown."""
    match value:
        case None:
            return 0
        case bool():
            sheet.write_string(row, column, _YES_NO[value], formats["text"])
        case int():
            sheet.write_number(row, column, value, formats["text" if field.unit == "year" else "count"])
        case Decimal() | float():
            sheet.write_number(row, column, float(value), formats["percent" if _is_percent(field) else "decimal"])
        case dt.date():
            sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), formats["day"])
        case _:
            text = status_words(str(value), "vi") if field.name == "status" else str(value)
            sheet.write_string(row, column, text, formats["text"])
            return len(text)
    return len(f"{value:,}") if isinstance(value, int | Decimal) else 10


def _is_percent(field: Field) -> bool:
    return field.unit in ("%", "percent") or field.name.endswith("_pct")


def _dictionary(sheet: Worksheet, fields: Mapping[str, Field], formats: Mapping[str, Format]) -> None:
    for column, head in enumerate(("Cột", "Tên cột trong bảng", "Đơn vị", "Ý nghĩa", "Meaning")):
        sheet.write_string(0, column, head, formats["header"])
    for row, field in enumerate(sorted(fields.values(), key=lambda field: field.label_vi), start=1):
        texts = (field.label_vi, field.name, field.unit, field.description_vi, field.description_en)
        for column, text in enumerate(texts):
            sheet.write_string(row, column, " ".join(text.split()), formats["text"])
    for column, width in enumerate((30, 28, 18, 60, 60)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(fields), 4)
