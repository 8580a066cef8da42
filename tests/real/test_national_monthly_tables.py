"""The national office's monthly workbooks as one series: every cell against what openpyxl reads at its address."""

from __future__ import annotations

import dataclasses
import datetime as dt
import xml.etree.ElementTree as ET
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
from tests.house import House, Unpublished

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


@pytest.mark.parametrize(
    "feed", ["national_monthly_industry", "national_monthly_investment", "national_monthly_visitors"]
)
def test_a_workbook_under_the_name_of_another_month_is_refused(tmp_path, feed):
    offered = laid_out(tmp_path, feed, "2024-09", TABLES / FILES["2024-08"])
    found = {f.check for f in offered.findings if f.severity == "critical"}
    assert "required_columns_are_present" in found


# ── from the inbox to the mart ────────────────────────────────────────────────────────────────────────────────────

RELEASED = {"2024-07": "2024-07-29", "2024-08": "2024-08-29", "2024-09": "2024-09-29"}
FEEDS = ("industry", "investment", "retail", "visitors")
PRODUCTION = TABLES.parent / "nso_sdmx" / "IIPVNM_prepared_2024-10-24.xml"


@pytest.fixture(scope="module")
def house(after_an_empty_night: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """One night on the workbooks of three months, each delivered to the four feeds."""
    house = Unpublished(after_an_empty_night.copied_to(tmp_path_factory.mktemp("nation")).root)
    for month, day in RELEASED.items():
        for table in FEEDS:
            content = (TABLES / FILES[month]).read_bytes()
            house.deliver(f"national_monthly_{table}__{month}__{day}.xlsx", content)
    house.part_night("delivery_quality", "national_monthly", as_of=dt.date(2024, 12, 31))
    return house


@pytest.fixture(scope="module")
def series(house: House) -> dict[tuple[str, str, str], dict[str, dict[str, Any]]]:
    """Rows of the mart by table, area and code, and by month."""
    found: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = {}
    for row in house.mart("national_monthly"):
        key = (row["national_table"], row["area_code"], row["national_item_code"])
        found.setdefault(key, {})[row["month"]] = row
    return found


def test_three_months_are_one_series_however_their_labels_are_spelt(house, series):
    assert {row["status"] for row in house.mart("delivery_quality") if row["feed"].startswith("national_")} == {
        "accepted"
    }
    whole = [key for key, months in series.items() if set(months) == set(RELEASED)]
    assert {table: sum(key[0] == table for key in whole) for table in FEEDS} == {
        "industry": 37, "investment": 16 + 20, "retail": 5, "visitors": 42,
    }  # fmt: skip
    assert series["visitors", "VN", "other_americas"]["2024-09"]["row_label"] == "Một số nước khác"
    assert [m["international_visits"] for _, m in sorted(series["visitors", "VN", "total"].items())] == [
        1151432, 1433000, 1274804,
    ]  # fmt: skip
    assert not any(row["is_simulated"] for months in series.values() for row in months.values())


def test_a_province_that_a_month_does_not_name_has_no_figure_in_it(series):
    assert set(series["investment", "87", "province"]) == {"2024-07", "2024-08"}
    assert set(series["investment", "46", "province"]) == {"2024-09"}
    assert ("investment", "94", "province") not in series


def test_growth_of_all_industry_is_near_that_of_the_series_of_levels(series):
    """The levels were prepared in October, the tables in each month: revisions of up to 2.3 points lie between them."""
    levels = {}
    for one in ET.parse(PRODUCTION).getroot().iter("Series"):
        if one.get("FREQ") == "M" and one.get("BASE_PER") == "2015" and one.get("INDICATOR") == "AIP_ISIC4_IX":
            levels = {seen.attrib["TIME_PERIOD"]: float(seen.attrib["OBS_VALUE"]) for seen in one.iter("Obs")}
    growth = {month: 100 * (levels[month] / levels[f"{int(month[:4]) - 1}{month[4:]}"] - 1) for month in RELEASED}
    told = {month: float(row["national_yoy_pct"]) for month, row in series["industry", "VN", "BTE"].items()}
    assert told == {month: pytest.approx(value, abs=2.5) for month, value in growth.items()}
