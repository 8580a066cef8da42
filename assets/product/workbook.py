"""`growth.xlsx`: what people use of a release as one workbook, for offices that live in Excel.

A cover says of what day it is, what is simulated and which columns may be added up. Sheets of the additive views come
first: over them a plain sum is right. Marts with totals, cumulative figures and several denominators stand behind them.
Headers are Vietnamese and bear the unit, numbers are numbers and days are days, so that each machine shows them in its
own locale. A share of 3.94 % stands as 3.94 with a percent sign behind it, as in the marts. Codes that have words stand
in words, text is never a formula, whatever it begins with, and a column that is empty is left out. The same marts give
the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from assets.product.database import (
    DATABASE,
    AdditiveView,
    additive_views,
    code_words,
    columns_of,
    database,
    marts_held,
    rows_of_views,
)
from assets.product.figures import format_day
from assets.product.marts import Marts, Row
from assets.product.words import (
    clause_words,
    comparator_words,
    header_unit,
    page_words,
    status_words,
    unit_words,
    workbook_words,
)
from dbt_like_sql.access import public_columns
from dbt_like_sql.declarations import read_yaml
from dbt_like_sql.fields import Field
from dbt_like_sql.project import Project

WORKBOOK = "growth.xlsx"
COVER_SHEET = "Giới thiệu"
DICTIONARY_SHEET = "Từ điển"
WIDEST = 60
_COLUMN = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
"""A column or a view as a text about a view names it; in the workbook both have Vietnamese names."""
_SHEETS = Path(__file__).with_name("workbook.yml")
_YES_NO = {True: "có", False: "không"}
_NAMED_BY_LABEL = frozenset({"series_code", "product_code"})
"""Codes whose words stand in the column `label_vi` beside them."""
_WHOLE = frozenset({"VND", "VND a day", "count", "days", "visits", "working days"})
"""Units of which no part is shown, though a sum of them may come as a decimal."""


@dataclass(frozen=True)
class Head:
    """A column of a sheet: its name in the tables, what to call it, its unit and what it means."""

    name: str
    label: str
    unit: str
    meaning_vi: str = ""
    meaning_en: str = ""

    @property
    def text(self) -> str:
        """What stands at the top of the column."""
        unit = header_unit(self.unit)
        return self.label if unit is None or unit in self.label else f"{self.label}\n({unit})"


@dataclass(frozen=True)
class WorkbookSheet:
    """A sheet: what it shows, and which of its columns may be added up, but not across which."""

    name: str
    about: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Any]]
    sums: Sequence[str] = ()
    across: Sequence[str] = ()
    is_additive: bool = False


def workbook(marts: Marts, as_of: dt.date) -> bytes:
    """Return the workbook of some marts. Raises FileNotFoundError if one that it shows is not there."""
    content = io.BytesIO()
    book, formats = _book(content, as_of)
    cover = book.add_worksheet(COVER_SHEET)
    sheets = list(_sheets(marts))
    for sheet in sheets:
        _write_sheet(book.add_worksheet(sheet.name), sheet, formats)
    _cover(cover, sheets, as_of, formats)
    _dictionary(book.add_worksheet(DICTIONARY_SHEET), sheets, formats)
    book.close()
    return content.getvalue()


def marts_shown(project: Project) -> list[str]:
    """Return the marts that the workbook shows: those that its views read, and those that have a sheet of their own."""
    declared = read_yaml(_SHEETS)
    shown = {one["view"] for one in declared["views"]}
    read = {word for view in additive_views() if view.name in shown for word in re.findall(r"\w+", view.sql)}
    own = {one["mart"] for one in declared["marts"]}
    return sorted((read & set(marts_held(project))) | own | {"dim_directive_item"})


def list_of_an_office(columns: Sequence[Field], rows: Iterable[Mapping[str, Any]], as_of: dt.date) -> bytes:
    """Return a workbook of one list, all of its columns, for the office that gets it."""
    content = io.BytesIO()
    book, formats = _book(content, as_of)
    heads = [_head_of(field) for field in columns]
    sheet = WorkbookSheet(
        "Danh sách", "", heads, [[_shown(head.name, row[head.name], {}) for head in heads] for row in rows]
    )
    _write_sheet(book.add_worksheet(sheet.name), sheet, formats)
    _dictionary(book.add_worksheet(DICTIONARY_SHEET), [sheet], formats)
    book.close()
    return content.getvalue()


def _sheets(marts: Marts) -> Iterator[WorkbookSheet]:
    """Yield the sheets in order: views first, marts behind them."""
    declared = read_yaml(_SHEETS)
    project = marts.project
    words = {(row["column_name"], row["code"]): row["word_vi"] for row in code_words(project)}
    views = {view.name: view for view in additive_views()}
    order = _order_of_items(marts)
    sheet_of = {one["view"]: one["name"] for one in declared["views"]}
    with tempfile.TemporaryDirectory() as folder:
        path = marts.folder / DATABASE
        if not path.is_file():
            path = Path(folder) / DATABASE
            path.write_bytes(database(marts))
        shown = [views[one["view"]] for one in declared["views"]]
        for one, view, table in zip(declared["views"], shown, rows_of_views(path, shown), strict=True):
            heads = _heads_of_view(project, view)
            rows = table.to_pylist()
            labels = {column.name: column.label_vi for column in columns_of(project, view)} | sheet_of
            yield _sheet(one["name"], view.vi, heads, rows, words, order, labels, view)
    for one in declared["marts"]:
        schema = pq.read_schema(marts.folder / f"{one['mart']}.parquet").names
        heads = [_head_of(project.fields[column]) for column in public_columns(project.fields, schema)]
        heads = [head for head in heads if not _is_left_out(head.name, schema)]
        about = project.models[one["mart"]].description_vi
        yield _sheet(one["name"], " ".join(about.split()), heads, marts.rows(one["mart"]), words, order, {})


def _sheet(
    name: str,
    about: str,
    heads: Sequence[Head],
    rows: Sequence[Row],
    words: Mapping[tuple[str, str], str],
    order: Mapping[tuple[Any, Any], int],
    labels: Mapping[str, str],
    view: AdditiveView | None = None,
) -> WorkbookSheet:
    """Put rows in order, items of directives as the directives have them, and leave out what says nothing."""
    names = [head.name for head in heads]

    def sort_key(row: Row) -> tuple[Any, ...]:
        rank = order.get((row.get("directive"), row.get("item")), 0) if view is not None else 0
        return (rank, *((row[name] is not None, str(row[name])) for name in names))

    ordered = sorted(rows, key=sort_key) if view is not None else list(rows)
    ones = {n for n in names if view is not None and n in view.labels and {row[n] for row in rows} <= {1}}
    kept = [h for h in heads if h.name not in ones and any(row[h.name] is not None for row in rows)]
    marked = [Head("is_simulated", "Mô phỏng", "text", "Dòng có dựa trên số liệu mô phỏng hay không.", "Simulated.")]
    has_mark = bool(rows) and "is_simulated" in rows[0]
    cells = [
        [*([_mark(row["is_simulated"])] if has_mark else []), *(_shown(h.name, row[h.name], words) for h in kept)]
        for row in ordered
    ]
    label_of = {head.name: head.label for head in kept}
    sums = [] if view is None else [label_of[one] for one in view.sums if one in label_of]
    across = [] if view is None else [label_of.get(one, labels.get(one, one)) for one in view.across]
    text = _COLUMN.sub(lambda found: f"“{labels[found[0]]}”" if found[0] in labels else found[0], about)
    return WorkbookSheet(name, text, [*(marked if has_mark else []), *kept], cells, sums, across, view is not None)


def _heads_of_view(project: Project, view: AdditiveView) -> list[Head]:
    columns = columns_of(project, view)
    names = [column.name for column in columns]
    found = []
    for column in columns:
        if _is_left_out(column.name, names):
            continue
        field = None if column.name in view.labels else project.fields.get(column.name)
        means = ("", "") if field is None else (field.description_vi, field.description_en)
        found.append(Head(column.name, column.label_vi, column.unit, *means))
    same = Counter(head.label for head in found)
    return [head if same[head.label] == 1 else _with_its_name(project, head) for head in found]


def _with_its_name(project: Project, head: Head) -> Head:
    """Two columns of one label: the column's own name tells them apart."""
    return Head(head.name, f"{head.label} ({head.name})", head.unit, head.meaning_vi, head.meaning_en)


def _is_left_out(name: str, names: Sequence[str]) -> bool:
    """English beside Vietnamese, a code beside its words, marks (they stand first) and names of deliveries in hex."""
    stem = name.removesuffix("_code")
    return (
        name in ("is_simulated", "delivery_id", "evidence_delivery_id")
        or f"{name.removesuffix('_vi')}_shown_vi" in names
        or (name.endswith("_en") and f"{name.removesuffix('_en')}_vi" in names)
        or f"{stem}_vi" in names
        or f"{stem}_label_vi" in names
        or (name in _NAMED_BY_LABEL and "label_vi" in names)
        or (name == "status" and "status_shown_vi" in names)
    )


def _head_of(field: Field) -> Head:
    return Head(field.name, field.label_vi, field.unit, field.description_vi, field.description_en)


def _order_of_items(marts: Marts) -> dict[tuple[Any, Any], int]:
    rows = sorted(marts.rows("dim_directive_item"), key=lambda r: (r["issued_on"], r["directive"], r["item_order"]))
    return {(row["directive"], row["item"]): number for number, row in enumerate(rows)}


def _mark(is_simulated: bool | None) -> str | None:
    return page_words("simulated", "vi") if is_simulated else None


def _shown(name: str, value: Any, words: Mapping[tuple[str, str], str]) -> Any:
    """A value as an office reads it: a code in words, a month as a month, a unit as it is written."""
    if not isinstance(value, str):
        return value
    if name == "month" and len(value) == 7:
        return _Month(int(value[:4]), int(value[5:]), 1)
    if name == "unit":
        return unit_words(value, "vi").strip() or words.get((name, value), value)
    if name == "clause":
        return clause_words(value)
    if name.endswith("comparator"):
        return comparator_words(value)
    if name.endswith("status"):
        return words.get(("status", value), status_words(value, "vi"))
    return words.get((name, value), value)


class _Month(dt.date):
    """A month, which is shown without its day."""


def _book(content: io.BytesIO, as_of: dt.date) -> tuple[xlsxwriter.Workbook, dict[str, Format]]:
    book = xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "dd/mm/yyyy"})
    book.set_properties({"created": dt.datetime.combine(as_of, dt.time()), "title": f"Sóc Trăng {as_of:%d/%m/%Y}"})
    return book, {
        "header": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
        "title": book.add_format({"bold": True, "font_size": 16}),
        "warning": book.add_format({"bold": True, "font_color": "#A63A00", "text_wrap": True, "valign": "top"}),
        "text": book.add_format({"valign": "top", "text_wrap": True}),
        "link": book.add_format({"valign": "top", "font_color": "#004F7C", "underline": 1}),
        "day": book.add_format({"valign": "top", "num_format": "dd/mm/yyyy"}),
        "month": book.add_format({"valign": "top", "num_format": "mm/yyyy"}),
        "count": book.add_format({"valign": "top", "num_format": "#,##0"}),
        "decimal": book.add_format({"valign": "top", "num_format": "#,##0.00"}),
        "percent": book.add_format({"valign": "top", "num_format": '#,##0.00"%"'}),
        "probability": book.add_format({"valign": "top", "num_format": "0.0%"}),
    }


def _cover(sheet: Worksheet, sheets: Sequence[WorkbookSheet], as_of: dt.date, formats: Mapping[str, Format]) -> None:
    """Say of what day the workbook is, what of it is simulated, and which columns of which sheet may be added up."""
    sheet.write_string(0, 0, f"{page_words('place', 'vi')}: {page_words('title', 'vi')}", formats["title"])
    sheet.write_string(1, 0, f"{page_words('as_of', 'vi')} {format_day(as_of, 'vi')}")
    if any(one.rows and one.heads[0].name == "is_simulated" and any(r[0] for r in one.rows) for one in sheets):
        sheet.merge_range(2, 0, 2, 3, workbook_words("simulated"), formats["warning"])
    sheet.merge_range(3, 0, 3, 3, workbook_words("how_to_sum"), formats["text"])
    sheet.set_row(3, 48)
    first = 5
    for column, key in enumerate(("sheet", "about", "sums", "across")):
        sheet.write_string(first, column, workbook_words(key), formats["header"])
    for row, one in enumerate(sheets, start=first + 1):
        name = one.name.replace("'", "''")
        sheet.write_url(row, 0, f"internal:'{name}'!A1", formats["link"], one.name)
        sheet.write_string(row, 1, one.about, formats["text"])
        named = ", ".join(one.sums) or workbook_words("nothing" if one.is_additive else "not_additive")
        sheet.write_string(row, 2, named, formats["text"])
        sheet.write_string(row, 3, ", ".join(one.across), formats["text"])
        sheet.set_row(row, 15 * max(1, -(-len(one.about) // 75), -(-len(named) // 45)))
    for column, width in enumerate((30, 80, 50, 24)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(first + 1, 0)
    sheet.autofilter(first, 0, first + len(sheets), 3)
    _for_print(sheet, first)


def _write_sheet(sheet: Worksheet, shown: WorkbookSheet, formats: Mapping[str, Format]) -> None:
    """Write a table: heads stay in sight, each column can be filtered, and a page of paper holds all columns."""
    widths = [min(max(map(len, head.text.split("\n"))), WIDEST) for head in shown.heads]
    for column, head in enumerate(shown.heads):
        sheet.write_string(0, column, head.text, formats["header"])
    last = 0
    for last, row in enumerate(shown.rows, start=1):
        for column, (head, value) in enumerate(zip(shown.heads, row, strict=True)):
            widths[column] = max(widths[column], _write(sheet, last, column, head, value, formats))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(width, WIDEST) + 2)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, last, len(shown.heads) - 1)
    _for_print(sheet, 0)


def _for_print(sheet: Worksheet, head: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, head)
    sheet.set_footer("&L&A&R&P/&N")


def _write(sheet: Worksheet, row: int, column: int, head: Head, value: Any, formats: Mapping[str, Format]) -> int:
    """Write one value in the type that it has and return how many characters it takes; nothing where it is unknown."""
    match value:
        case None:
            return 0
        case bool():
            sheet.write_string(row, column, _YES_NO[value], formats["text"])
        case int():
            sheet.write_number(row, column, value, formats["text" if head.unit == "year" else "count"])
        case Decimal() | float():
            sheet.write_number(row, column, float(value), formats[_form_of(head)])
        case _Month():
            sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), formats["month"])
        case dt.date():
            sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), formats["day"])
        case _:
            text = str(value)
            sheet.write_string(row, column, text, formats["text"])
            return len(text)
    return len(f"{value:,}") if isinstance(value, int | Decimal) else 10


def _form_of(head: Head) -> str:
    if head.unit in ("%", "percent") or head.name.endswith("_pct"):
        return "percent"
    if head.unit == "probability":
        return "probability"
    return "count" if head.unit in _WHOLE else "decimal"


def _dictionary(sheet: Worksheet, sheets: Sequence[WorkbookSheet], formats: Mapping[str, Format]) -> None:
    heads = ("Trang tính", "Cột", "Tên cột trong bảng", "Đơn vị", "Ý nghĩa", "Meaning")
    for column, text in enumerate(heads):
        sheet.write_string(0, column, text, formats["header"])
    lines = [(one.name, head) for one in sheets for head in one.heads]
    for row, (name, head) in enumerate(lines, start=1):
        texts = (name, head.label, head.name, header_unit(head.unit) or "", head.meaning_vi, head.meaning_en)
        for column, text in enumerate(texts):
            sheet.write_string(row, column, " ".join(text.split()), formats["text"])
    for column, width in enumerate((26, 30, 28, 12, 60, 60)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(lines), len(heads) - 1)
    _for_print(sheet, 0)
