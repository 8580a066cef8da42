"""Sheets of the national office that no feed reads, by a contract alone: each cell as openpyxl reads it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assets.layout import ParsedRows, lay_out
from assets.readers import Limits, ReadJob, read_deliveries
from assets.readers.raw import read_raw
from dbt_like_sql.contracts import load_contracts
from dbt_like_sql.fields import load_fields
from dbt_like_sql.periods import parse_period
from pipeline.settings import PROJECT_ROOT

HERE = Path(__file__).parent
TABLES = PROJECT_ROOT.parent / "shared" / "data" / "nso_monthly"
FIELDS = load_fields() | load_fields(HERE / "fields_of_sheets")
CONTRACTS = load_contracts(FIELDS, HERE / "contracts_of_sheets")
FILES = {
    "2024-07": "2024-07-29-02-Bieu-so-lieu-T7.2024.xlsx",
    "2024-08": "2024-08-29-02.-Bieu-T8.2024.xlsx",
    "2024-09": "2024-09-29-2.Bieu-T9.2024.xlsx",
}

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not TABLES.exists(), reason="needs ../shared/data/nso_monthly, which is not here"),
]

EXPORTED = {
    "exported_thousand_t": "C", "exported_mn_usd": "D", "exported_thousand_t_ytd": "F", "exported_mn_usd_ytd": "G",
    "index_quantity_yoy": "I", "index_yoy": "J", "index_quantity_ytd": "L", "index_ytd": "M",
}  # fmt: skip
PRICES = {"index_base": "D", "index_yoy": "E", "index_december": "F", "index_mom": "G", "index_ytd": "H"}
PRICES_OF_QUARTER = {**PRICES, "index_quarter": "H", "index_ytd": "I"}
CORE = {
    "index_yoy": "core_yoy_pct", "index_mom": "core_mom_pct", "index_quarter": "core_quarter_pct",
    "index_ytd": "core_ytd_pct",
}  # fmt: skip
CARRIED = {
    "carried_thousand": "B", "carried_thousand_ytd": "C", "index_mom": "D", "index_yoy": "E", "index_ytd": "F",
}  # fmt: skip
CARRIED_FURTHER = {name: chr(ord(letter) + 1) for name, letter in CARRIED.items()}
TRAVELLED = {"carried_thousand": "travelled_mn_pkm", "carried_thousand_ytd": "travelled_mn_pkm_ytd"}
MADE = {
    "unit_label": "B", "amount_month_before": "C", "amount": "D", "amount_ytd": "E", "index_yoy": "F", "index_ytd": "G",
}  # fmt: skip

# feed, month, sheet, columns of labels, first and last row, columns, row from which some columns are other fields'
CASES: list[tuple[str, str, str, str, tuple[int, int], Mapping[str, str], tuple[int, Mapping[str, str]]]] = [
    ("national_exports", "2024-07", "14.XK", "AB", (9, 73), EXPORTED, (99, {})),
    ("national_exports", "2024-08", "14.XK", "AB", (9, 73), EXPORTED, (99, {})),
    ("national_exports", "2024-09", "23.XK tháng", "AB", (9, 73), EXPORTED, (99, {})),
    ("national_prices", "2024-07", "16.CPI", "ABC", (9, 60), PRICES, (28, CORE)),
    ("national_prices", "2024-08", "16.CPI", "ABC", (9, 60), PRICES, (28, CORE)),
    ("national_prices", "2024-09", "28.CPI", "ABC", (12, 31), PRICES_OF_QUARTER, (31, CORE)),
    ("national_passengers", "2024-07", "17. VT HK", "A", (9, 60), CARRIED, (20, TRAVELLED)),
    ("national_passengers", "2024-08", "17. VT HK", "A", (9, 60), CARRIED, (20, TRAVELLED)),
    ("national_passengers", "2024-09", "35.Van tai HK", "AB", (9, 60), CARRIED_FURTHER, (20, TRAVELLED)),
    ("national_products", "2024-07", "3. SP CN", "A", (9, 72), MADE, (99, {})),
    ("national_products", "2024-08", "3. SP CN", "A", (9, 73), MADE, (99, {})),
    ("national_products", "2024-09", "9.SPCNthang", "A", (8, 71), MADE, (99, {})),
]

_READ: dict[Path, Any] = {}


def laid_out(folder: Path, feed: str, month: str) -> ParsedRows:
    source = TABLES / FILES[month]
    form = CONTRACTS[feed].forms["xlsx"]
    job = ReadJob("id", source, dataclasses.asdict(form), folder / "raw.parquet", source.name)
    (reading,) = read_deliveries([job], Limits())
    assert reading.refusal is None, reading.refusal
    return lay_out(read_raw(reading.path), CONTRACTS[feed], form, FIELDS, parse_period(month))


def cells_of(month: str, sheet: str) -> Any:
    path = TABLES / FILES[month]
    if path not in _READ:
        _READ[path] = openpyxl.load_workbook(path, data_only=True)
    return _READ[path][sheet]


def one_line(value: object) -> str:
    return " ".join(str(value or "").split())


@pytest.mark.parametrize(("feed", "month", "sheet", "labels", "rows", "columns", "others"), CASES)
def test_every_cell_is_the_one_at_its_address(tmp_path, feed, month, sheet, labels, rows, columns, others):
    offered = laid_out(tmp_path, feed, month)
    assert [f.sentence for f in offered.findings if f.severity == "critical"] == []
    there = cells_of(month, sheet)
    expected, unit = [], None
    for row in range(rows[0], rows[1] + 1):
        label = next((text for one in reversed(labels) if (text := one_line(there[f"{one}{row}"].value))), "")
        given = {name: there[f"{letter}{row}"].value for name, letter in columns.items()}
        if "unit_label" in given:
            unit = given["unit_label"] = unit if one_line(given["unit_label"]) == '"' else one_line(given["unit_label"])
        if not any(isinstance(value, int | float) for value in given.values()):
            continue
        names = {name: others[1].get(name, name) if row >= others[0] else name for name in given}
        told = {names[name]: value for name, value in given.items() if value not in (None, "")}
        expected.append((row, label, {name: v if isinstance(v, str) else float(v) for name, v in told.items()}))
    read = []
    known = {*columns, *others[1].values()}
    for one in offered.rows.to_pylist():
        told = {name: one[name] for name in known if one[name]}
        told = {name: one_line(text) if name == "unit_label" else float(text) for name, text in told.items()}
        read.append((one["source_row"], one["row_label"], told))
    assert read == expected
    assert len(read) > 15
    assert {one["month"] for one in offered.rows.to_pylist()} == {month}


@pytest.mark.parametrize("month", FILES)
def test_a_kind_of_transport_stands_in_its_section_and_its_part(tmp_path, month):
    offered = laid_out(tmp_path, "national_passengers", month).rows.to_pylist()
    rows = [r for r in offered if r["row_label"] == "Đường bộ"]
    assert [(r["part_label"], r["section_label"]) for r in rows] == [
        ("I. Vận chuyển (Nghìn HK)", "Phân theo ngành vận tải"),
        ("II. Luân chuyển (Triệu HK.km)", "Phân theo ngành vận tải"),
    ]
