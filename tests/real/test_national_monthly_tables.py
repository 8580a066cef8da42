"""The national office's monthly workbooks as one series: every cell against one that openpyxl reads at a written address."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlrd

from assets.layout import ParsedRows, lay_out
from assets.readers import Limits, ReadJob, read_deliveries
from assets.readers.raw import read_raw
from dbt_like_sql.periods import parse_period
from dbt_like_sql.project import load_project
from pipeline.settings import PROJECT_ROOT

TABLES = PROJECT_ROOT.parent / "shared" / "data" / "nso_monthly"
PROJECT = load_project()
FILES = {
    "2014-07": "2014-07-29-Bieu-7-2014.xls",
    "2024-07": "2024-07-29-02-Bieu-so-lieu-T7.2024.xlsx",
    "2024-08": "2024-08-29-02.-Bieu-T8.2024.xlsx",
    "2024-09": "2024-09-29-2.Bieu-T9.2024.xlsx",
}

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not TABLES.exists(), reason="needs ../shared/data/nso_monthly, which is not here"),
]

INDICES = {"index_yoy_month_before": "B", "index_mom": "C", "index_yoy": "D", "index_ytd": "E"}
INVESTED = {"month_before_bn": "C", "value_bn": "D", "ytd_bn": "E", "of_plan_pct": "F", "index_ytd": "G"}
SOLD_WIDE = {
    "month_before_bn": "C", "value_bn": "D", "ytd_bn": "E", "of_total_pct": "F", "index_yoy": "G", "index_ytd": "H",
}  # fmt: skip
SOLD = {name: chr(ord(letter) - 1) for name, letter in SOLD_WIDE.items()}
VISITED = {
    "international_visits_month_before": "C", "international_visits": "D", "international_visits_ytd": "E",
    "index_yoy": "F", "index_ytd": "G",
}  # fmt: skip
VISITED_WIDE = {name: chr(ord(letter) + 1) for name, letter in VISITED.items()}

# feed, month, sheet, columns of labels, first and last row, columns of figures, lines without a figure
CASES: list[tuple[str, str, str, str, tuple[int, int], Mapping[str, str], int]] = [
    ("national_monthly_industry", "2024-07", "2. IIP", "A", (10, 46), INDICES, 0),
    ("national_monthly_industry", "2024-08", "2. IIP", "A", (10, 46), INDICES, 0),
    ("national_monthly_industry", "2024-09", "7.IIPthang", "A", (9, 45), INDICES, 0),
    ("national_monthly_industry", "2014-07", "IIP", "A", (9, 36), dict(list(INDICES.items())[1:]), 0),
    ("national_monthly_investment", "2024-07", "11.VDT", "AB", (9, 48), INVESTED, 2),
    ("national_monthly_investment", "2024-08", "11.VĐT", "AB", (9, 48), INVESTED, 2),
    ("national_monthly_investment", "2024-09", "18.VNSNN tháng", "AB", (9, 47), INVESTED, 2),
    ("national_monthly_investment", "2014-07", "VonDT", "AB", (10, 47), INVESTED, 2),
    ("national_monthly_retail", "2024-07", "13. Tongmuc", "A", (12, 16), SOLD, 0),
    ("national_monthly_retail", "2024-08", "13. Tongmuc", "A", (12, 16), SOLD, 0),
    ("national_monthly_retail", "2024-09", "21.Tongmuc", "AB", (11, 15), SOLD_WIDE, 0),
    (
        "national_monthly_retail", "2014-07", "Tongmuc", "AB", (8, 18),
        {"value_bn": "C", "ytd_bn": "D", "of_total_pct": "E", "index_ytd": "F"}, 2,
    ),
    ("national_monthly_visitors", "2024-07", "19. KQT", "AB", (8, 51), VISITED, 2),
    ("national_monthly_visitors", "2024-08", "19. KQT", "AB", (8, 51), VISITED, 2),
    ("national_monthly_visitors", "2024-09", "39.Du lich ", "BC", (8, 51), VISITED_WIDE, 2),
]  # fmt: skip


def laid_out(folder: Path, feed: str, month: str, source: Path | None = None) -> ParsedRows:
    """What the contract of a feed makes of a workbook that its name says to be of a month."""
    source = source or TABLES / FILES[month]
    form = PROJECT.contracts[feed].forms[source.suffix[1:]]
    job = ReadJob("id", source, dataclasses.asdict(form), folder / "raw.parquet", source.name)
    (reading,) = read_deliveries([job], Limits())
    assert reading.refusal is None, reading.refusal
    return lay_out(read_raw(reading.path), PROJECT.contracts[feed], form, PROJECT.fields, parse_period(month))


def cell(month: str, sheet: str, address: str) -> Any:
    """The value of a cell, as openpyxl or xlrd reads it."""
    path = TABLES / FILES[month]
    if path.suffix == ".xls":
        there = xlrd.open_workbook(path).sheet_by_name(sheet)
        row, column = int(address[1:]) - 1, ord(address[0]) - ord("A")
        return there.cell_value(row, column) if row < there.nrows and column < there.ncols else None
    return _books(path)[sheet][address].value


_READ: dict[Path, Any] = {}


def _books(path: Path) -> Any:
    if path not in _READ:
        _READ[path] = openpyxl.load_workbook(path, data_only=True)
    return _READ[path]


def one_line(label: object) -> str:
    return " ".join(str(label or "").split())


@pytest.mark.parametrize(("feed", "month", "sheet", "labels", "rows", "figures", "lines"), CASES)
def test_every_cell_is_the_one_at_its_address(tmp_path, feed, month, sheet, labels, rows, figures, lines):
    offered = laid_out(tmp_path, feed, month)
    assert [f.sentence for f in offered.findings if f.severity == "critical"] == []
    expected, without_figure = [], 0
    for row in range(rows[0], rows[1] + 1):
        label = next((text for one in reversed(labels) if (text := one_line(cell(month, sheet, f"{one}{row}")))), "")
        given = {name: cell(month, sheet, f"{letter}{row}") for name, letter in figures.items()}
        if not any(isinstance(value, int | float) for value in given.values()):
            without_figure += bool(label)
            continue
        expected.append((row, label, *(None if v in (None, "") else float(v) for v in given.values())))
    read = [
        (r["source_row"], r["row_label"], *(float(r[name]) if r[name] else None for name in figures))
        for r in offered.rows.to_pylist()
    ]
    assert read == expected
    assert without_figure == offered.rows_set_aside.get("heading", 0) == lines
    assert {r["month"] for r in offered.rows.to_pylist()} == {month}


def test_lines_of_the_same_name_are_told_apart_by_their_section(tmp_path):
    offered = laid_out(tmp_path, "national_monthly_visitors", "2024-09")
    others = [
        (r["section_label"], int(Decimal(r["international_visits"])))
        for r in offered.rows.to_pylist()
        if r["row_label"] == "Một số nước khác"
    ]
    assert others == [("Châu Á", 59834), ("Châu Mỹ", 4566), ("Châu Âu", 12071)]


@pytest.mark.parametrize("feed", ["national_monthly_industry", "national_monthly_investment", "national_monthly_visitors"])
def test_a_workbook_under_the_name_of_another_month_is_refused(tmp_path, feed):
    offered = laid_out(tmp_path, feed, "2024-09", TABLES / FILES["2024-08"])
    found = {f.check for f in offered.findings if f.severity == "critical"}
    assert "required_columns_are_present" in found
