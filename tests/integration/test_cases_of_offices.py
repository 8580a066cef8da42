"""Deliveries as offices really make them, through the public door: what becomes of each, and why."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dbt_like_sql.project import load_project
from tests.house import House, csv_text, table

AS_OF = dt.date(2025, 4, 1)
CASES = Path(__file__).resolve().parents[3] / "shared" / "cases"

PLAN = (
    "Mã dự án", "Tên dự án", "Năm ngân sách", "Nguồn vốn", "Thành phần kế hoạch", "Số quyết định",
    "Kế hoạch vốn (đồng)", "Ngày quyết định",
)  # fmt: skip
BN = 1_000_000_000
PLAN_FILE = "investment_plan__2024__2024-01-05.xlsx"
VISITS = ("Tháng", "Tổng lượt khách (lượt)", "Khách lưu trú (lượt)", "Doanh thu du lịch (tỷ đồng)")
VISITS_FILE = "tourism__2024-6M__2024-07-10.xlsx"


def workbook(
    sheet: str, *rows: Sequence[object], merged: Sequence[str] = (), formats: dict[str, str] | None = None
) -> bytes:
    """A workbook of one sheet, with merged ranges and number formats by address."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    for address, number_format in (formats or {}).items():
        book.active[address].number_format = number_format
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def project(code: int, amount: int, name: str = "Đường", decision: str | None = "12/QĐ") -> tuple[object, ...]:
    """A line of an investment plan."""
    return (f"789000{code}", f"{name} {code}", 2024, "local", "pm_assigned", decision, BN * amount, dt.date(2024, 1, 3))


def total(label: str, amount: int | None) -> tuple[object, ...]:
    """A line that says no more than a label and an amount."""
    return (label, None, None, None, None, None, amount and BN * amount, None)


def visits(*months: int, year: int = 2024) -> list[tuple[object, ...]]:
    """Months of tourism."""
    return [(f"{year}-{month:02}", 200_000 + month, 60_000 + month, 100.5 + month) for month in months]


def judged(
    tmp_path: Path, name: str, content: str | bytes
) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
    """What a night makes of one file: its row of the ledger, its findings by rule, and the validated rows."""
    house = House(tmp_path)
    house.deliver(name, content)
    house.intake_night(AS_OF)
    return outcome(house, name)


def outcome(house: House, name: str) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
    """What a night made of a file: its row of the ledger, its findings by rule, and the validated rows of its feed."""
    feed = name.split("__")[0]
    findings: dict[str, list[dict[str, Any]]] = {}
    for row in house.table("rejects", feed):
        if row["source_file"] == name:
            findings.setdefault(row["rule"], []).append(row)
    delivery = house.ledger(name)
    rows = [row for row in house.table("validated", feed) if row["delivery_id"] == delivery["delivery_id"]]
    return delivery, findings, rows


# ── totals ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "rows",
    [
        [total("TỔNG CỘNG", 8), project(1, 1), project(2, 2), project(3, 5)],
        [project(1, 1), project(2, 2), project(3, 5), total("Tổng số:", 8)],
        [project(1, 1), total("Cộng nguồn ngân sách tỉnh", 1), project(2, 2), project(3, 5), total("Tổng cộng", 8)],
        [total("Tổng số", 8), total("I. Ngân sách tỉnh", 3), project(1, 1), project(2, 2), total("II. ODA", 5), project(3, 5)],
        [project(1, 1), project(2, 2), project(3, 5), total("Total", 8), total("Ghi chú: số giao đầu năm", None)],
    ],
)  # fmt: skip
def test_totals_are_set_aside_wherever_they_stand_and_no_row_is_lost(tmp_path, rows):
    delivery, findings, kept = judged(tmp_path, PLAN_FILE, workbook("Kế hoạch vốn", PLAN, *rows))
    assert (delivery["status"], delivery["rows_in"], delivery["rows_accepted"]) == ("accepted", 3, 3)
    assert sum(row["amount_vnd"] for row in kept) == 8 * BN
    assert set(findings) == {"totals_are_set_aside"}
    assert delivery["rows_held"] == 1 + len(rows)
    assert delivery["rows_set_aside"] == 1 + len(rows) - 3


@pytest.mark.parametrize("rows", [[total("Tổng cộng", 9), project(1, 1), project(2, 2)], [project(1, 1), project(2, 2), total("Cộng", 9)]])  # fmt: skip
def test_a_total_that_its_parts_do_not_give_is_a_finding(tmp_path, rows):
    delivery, findings, _ = judged(tmp_path, PLAN_FILE, workbook("Kế hoạch vốn", PLAN, *rows))
    assert (delivery["status"], delivery["rows_in"], delivery["rows_rejected"]) == ("rejected", 2, 2)
    (finding,) = findings["totals_are_the_sum_of_their_parts"]
    assert "amount_vnd 9000000000, and its parts give 3000000000 (2 rows)" in finding["sentence"]


def test_rows_below_a_subtotal_are_judged_like_all_others(tmp_path):
    rows = [project(1, 1), total("Tổng cộng nguồn ngân sách tỉnh", 1), project(2, 2, decision=None), project(3, 5, decision=None)]  # fmt: skip
    delivery, findings, _ = judged(tmp_path, PLAN_FILE, workbook("Kế hoạch vốn", PLAN, *rows))
    assert (delivery["status"], delivery["rows_in"], delivery["rows_rejected"]) == ("rejected", 3, 3)
    assert [finding["source_row"] for finding in findings["decision_no_is_given"]] == [4, 5]


def test_a_total_of_one_key_is_held_against_the_rows_of_the_others(tmp_path):
    header = ("month", "market", "product_code", "tonnes", "value_usd")
    rows = [("2024-01", "US", "frozen_shrimp", 900, 8_640_000), ("2024-01", "JP", "frozen_shrimp", 100, 960_000)]
    sums = ("2024-01", "Tổng cộng", "frozen_shrimp", 1000, 9_600_000)
    name = "seafood_exports__2024-01__2024-02-15.csv"
    delivery, findings, _ = judged(tmp_path, name, csv_text(header, *rows, sums))
    assert (delivery["status"], delivery["rows_in"]) == ("accepted", 2)
    assert set(findings) == {"totals_are_set_aside"}


@pytest.mark.parametrize(
    "stray",
    [
        project(2, 5),
        (None, None, None, None, None, None, 5, None),
        ("7890002", None, None, None, None, None, None, None),
    ],
)
def test_a_row_below_the_notes_that_fills_a_number_or_a_key_is_a_finding(tmp_path, stray):
    rows = [project(1, 1), total("Nguồn: Sở Kế hoạch và Đầu tư", None), stray, total("Người lập biểu", None)]
    delivery, findings, _ = judged(tmp_path, PLAN_FILE, workbook("Kế hoạch vốn", PLAN, *rows))
    assert (delivery["status"], delivery["rows_in"]) == ("rejected", 2)
    assert [finding["source_row"] for finding in findings["nothing_follows_the_table"]] == [4]


# ── units, merged cells, ditto marks ──────────────────────────────────────────────────────────────────────────


def test_a_row_of_units_below_the_header_is_set_aside_and_held_against_the_contract(tmp_path):
    units = (None, "(lượt)", "(lượt)", "(tỷ đồng)")
    delivery, findings, kept = judged(tmp_path, VISITS_FILE, workbook("Du lịch", VISITS, units, *visits(*range(1, 7))))
    assert (delivery["status"], delivery["rows_in"], findings) == ("accepted", 6, {})
    assert kept[0]["revenue_bn"] == Decimal("101.5")


def test_a_row_of_units_that_states_another_unit_is_a_finding(tmp_path):
    units = (None, "lượt", "nghìn lượt", "(triệu đồng)")
    delivery, findings, _ = judged(tmp_path, VISITS_FILE, workbook("Du lịch", VISITS, units, *visits(*range(1, 7))))
    assert delivery["status"] == "rejected"
    found = findings["unit_is_the_declared_one"]
    assert {finding["column_name"] for finding in found} == {"overnight_visitors", "revenue_bn"}


PONDS = ("Mã huyện", "Mã đối tượng nuôi", "Đối tượng nuôi", "Tháng", "Diện tích thả nuôi trong tháng (ha)")


def test_a_merged_key_is_that_of_every_row_of_its_range(tmp_path):
    rows = [("950", "whiteleg_shrimp", "Tôm thẻ", "2024-08", 1200), (None, "black_tiger_shrimp", "Tôm sú", "2024-08", 800)]  # fmt: skip
    content = workbook("Thủy sản", PONDS, *rows, merged=["A2:A3"])
    delivery, _, kept = judged(tmp_path, "aquaculture__2024-08__2024-09-15.xlsx", content)
    assert delivery["status"] == "accepted"
    assert [row["district_code"] for row in kept] == ["950", "950"]


def test_a_number_merged_over_several_rows_is_a_finding(tmp_path):
    rows = [("950", "whiteleg_shrimp", "Tôm thẻ", "2024-08", 1200), ("950", "black_tiger_shrimp", "Tôm sú", "2024-08", None)]  # fmt: skip
    content = workbook("Thủy sản", PONDS, *rows, merged=["E2:E3"])
    delivery, findings, _ = judged(tmp_path, "aquaculture__2024-08__2024-09-15.xlsx", content)
    assert delivery["status"] == "rejected"
    assert "rows 2 to 3" in findings["numbers_stand_in_cells_of_their_own"][0]["sentence"]


OUTPUT = ("Mã doanh nghiệp", "Mã sản phẩm", "Tên sản phẩm", "Tháng", "Sản lượng", "Đơn vị tính")
OUTPUT_FILE = "industry_output__2024-08__2024-09-10.xlsx"


@pytest.mark.parametrize("mark", ['"', "nt", "- nt -", "N.T.", "như trên", "”", "''"])
def test_a_ditto_mark_says_what_stands_above_it(tmp_path, mark):
    rows = [(f"DN00{n}", "frozen_shrimp", "Tôm đông lạnh", "2024-08", 300 * n, "tấn" if n == 1 else mark) for n in (1, 2, 3)]  # fmt: skip
    delivery, findings, kept = judged(tmp_path, OUTPUT_FILE, workbook("Sản lượng", OUTPUT, *rows))
    assert delivery["status"] == "accepted"
    assert [row["unit"] for row in kept] == ["tấn"] * 3
    assert "unit of row 3, unit of row 4" in findings["values_are_written_out"][0]["sentence"]


def test_a_ditto_mark_that_repeats_nothing_or_a_number_is_a_finding(tmp_path):
    rows = [("DN001", "frozen_shrimp", "Tôm", "2024-08", 300, "nt"), ("DN002", "frozen_shrimp", "Tôm", "2024-08", "nt", "tấn")]  # fmt: skip
    delivery, findings, _ = judged(tmp_path, OUTPUT_FILE, workbook("Sản lượng", OUTPUT, *rows))
    assert delivery["status"] == "rejected"
    assert [finding["source_row"] for finding in findings["ditto_marks_repeat_a_value"]] == [2]
    assert [finding["source_row"] for finding in findings["is_a_number"]] == [3]
