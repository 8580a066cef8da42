"""Deliveries as offices really make them, through the public door: what becomes of each, and why."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import unicodedata
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from assets.intake import auditing
from assets.layout import ParsedRows, lay_out
from assets.readers import Limits, ReadJob, read_deliveries
from assets.readers.raw import read_raw
from dbt_like_sql.contracts import FieldRule, FileForm
from dbt_like_sql.periods import parse_period
from dbt_like_sql.project import load_project
from tests.house import House, csv_text
from tests.office_made_files import with_parts

AS_OF = dt.date(2025, 4, 1)
CASES = Path(__file__).resolve().parents[3] / "shared" / "cases"

PLAN = (
    "Mã dự án",
    "Tên dự án",
    "Năm ngân sách",
    "Nguồn vốn",
    "Thành phần kế hoạch",
    "Số quyết định",
    "Kế hoạch vốn (đồng)",
    "Ngày quyết định",
)
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
        [
            total("Tổng số", 8),
            total("I. Ngân sách tỉnh", 3),
            project(1, 1),
            project(2, 2),
            total("II. ODA", 5),
            project(3, 5),
        ],
        [project(1, 1), project(2, 2), project(3, 5), (None, "Tổng kế hoạch năm", *[None] * 4, 8 * BN, None)],
        [project(1, 1), project(2, 2), project(3, 5), (*[None] * 6, 8 * BN, None)],
        [project(1, 1), project(2, 2), project(3, 5), total("Total", 8), total("Ghi chú: số giao đầu năm", None)],
    ],
)
def test_totals_are_set_aside_wherever_they_stand_and_no_row_is_lost(tmp_path, rows):
    delivery, findings, kept = judged(tmp_path, PLAN_FILE, workbook("Kế hoạch vốn", PLAN, *rows))
    assert (delivery["status"], delivery["rows_in"], delivery["rows_accepted"]) == ("accepted", 3, 3)
    assert sum(row["amount_vnd"] for row in kept) == 8 * BN
    assert set(findings) == {"totals_are_set_aside"}
    assert delivery["rows_held"] == 1 + len(rows)
    assert delivery["rows_set_aside"] == 1 + len(rows) - 3


@pytest.mark.parametrize(
    "rows", [[total("Tổng cộng", 9), project(1, 1), project(2, 2)], [project(1, 1), project(2, 2), total("Cộng", 9)]]
)
def test_a_total_that_its_parts_do_not_give_is_a_finding(tmp_path, rows):
    delivery, findings, _ = judged(tmp_path, PLAN_FILE, workbook("Kế hoạch vốn", PLAN, *rows))
    assert (delivery["status"], delivery["rows_in"], delivery["rows_rejected"]) == ("rejected", 2, 2)
    (finding,) = findings["totals_are_the_sum_of_their_parts"]
    assert "amount_vnd 9000000000, and its parts give 3000000000 (2 rows)" in finding["sentence"]


def test_a_row_without_keys_that_equals_one_other_is_no_total(tmp_path):
    rows = [project(1, 5), (None, "Đường B", *[None] * 4, 5 * BN, None)]
    delivery, findings, _ = judged(tmp_path, PLAN_FILE, workbook("Kế hoạch vốn", PLAN, *rows))
    assert (delivery["status"], delivery["rows_in"]) == ("rejected", 2)
    assert "totals_are_set_aside" not in findings


def test_rows_below_a_subtotal_are_judged_like_all_others(tmp_path):
    rows = [
        project(1, 1),
        total("Tổng cộng nguồn ngân sách tỉnh", 1),
        project(2, 2, decision=None),
        project(3, 5, decision=None),
    ]
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


@pytest.mark.parametrize(("count", "status"), [(600_006, "accepted"), (700_006, "rejected")])
def test_a_quarter_between_its_months_is_a_total(tmp_path, count, status):
    quarter = ("Cộng quý I", count, 180_006, 307.5)
    rows = [*visits(1, 2, 3)[:3], quarter, *visits(4, 5, 6)]
    delivery, findings, kept = judged(tmp_path, VISITS_FILE, workbook("Du lịch", VISITS, *rows))
    assert (delivery["status"], len(kept)) == (status, 6 if status == "accepted" else 0)
    assert "is_a_period" not in findings
    assert ("totals_are_the_sum_of_their_parts" in findings) is (status == "rejected")


@pytest.mark.parametrize("numbers", [("A", 2, 3), ("A", 1, 3), ("(1)", "(2)", "(4)")])
def test_the_numbers_of_columns_are_no_data_where_a_column_was_deleted(tmp_path, numbers):
    header = (VISITS[0], VISITS[1], VISITS[3])
    rows = [(month, count, revenue) for month, count, _, revenue in visits(*range(1, 7))]
    delivery, findings, _ = judged(tmp_path, VISITS_FILE, workbook("Du lịch", header, numbers, *rows))
    assert not {"is_a_period", "is_a_month"} & set(findings)
    assert delivery["rows_in"] == 6


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
    rows = [
        ("950", "whiteleg_shrimp", "Tôm thẻ", "2024-08", 1200),
        (None, "black_tiger_shrimp", "Tôm sú", "2024-08", 800),
    ]
    content = workbook("Thủy sản", PONDS, *rows, merged=["A2:A3"])
    delivery, _, kept = judged(tmp_path, "aquaculture__2024-08__2024-09-15.xlsx", content)
    assert delivery["status"] == "accepted"
    assert [row["district_code"] for row in kept] == ["950", "950"]


def test_a_number_merged_over_several_rows_is_a_finding(tmp_path):
    rows = [
        ("950", "whiteleg_shrimp", "Tôm thẻ", "2024-08", 1200),
        ("950", "black_tiger_shrimp", "Tôm sú", "2024-08", None),
    ]
    content = workbook("Thủy sản", PONDS, *rows, merged=["E2:E3"])
    delivery, findings, _ = judged(tmp_path, "aquaculture__2024-08__2024-09-15.xlsx", content)
    assert delivery["status"] == "rejected"
    assert "rows 2 to 3" in findings["numbers_stand_in_cells_of_their_own"][0]["sentence"]


OUTPUT = ("Mã doanh nghiệp", "Mã sản phẩm", "Tên sản phẩm", "Tháng", "Sản lượng", "Đơn vị tính")
OUTPUT_FILE = "industry_output__2024-08__2024-09-10.xlsx"


@pytest.mark.parametrize("mark", ['"', "nt", "- nt -", "N.T.", "như trên", "”", "''"])
def test_a_ditto_mark_says_what_stands_above_it(tmp_path, mark):
    rows = [
        (f"DN00{n}", "frozen_shrimp", "Tôm đông lạnh", "2024-08", 300 * n, "tấn" if n == 1 else mark) for n in (1, 2, 3)
    ]
    delivery, findings, kept = judged(tmp_path, OUTPUT_FILE, workbook("Sản lượng", OUTPUT, *rows))
    assert delivery["status"] == "accepted"
    assert [row["unit"] for row in kept] == ["tấn"] * 3
    assert "unit of row 3, unit of row 4" in findings["values_are_written_out"][0]["sentence"]


@pytest.mark.parametrize("unit", ["kg", "xyz", "nghìn tấn"])
def test_a_product_in_another_unit_than_its_own_is_refused(tmp_path, unit):
    rows = [("DN001", "frozen_shrimp", "Tôm", "2024-08", 300, "Tấn"), ("DN002", "sugar", "Đường", "2024-08", 20, unit)]
    delivery, findings, _ = judged(tmp_path, OUTPUT_FILE, workbook("Sản lượng", OUTPUT, *rows))
    assert delivery["status"] == "rejected"
    (finding,) = findings["product_has_its_unit"]
    assert f"unit is {unit} and usual_unit is tấn" in finding["sentence"]
    assert (finding["source_sheet"], finding["source_row"]) == ("Sản lượng", 3)


@pytest.mark.parametrize(("unit", "status"), [("chiếc", "accepted"), ("nghìn chiếc", "rejected")])
def test_a_product_of_no_register_keeps_the_unit_of_its_first_delivery(tmp_path, unit, status):
    house = House(tmp_path)
    for month, given in (("07", "chiếc"), ("08", unit)):
        row = ("DN001", "fishing_net", "Lưới", f"2024-{month}", 300, given)
        name = OUTPUT_FILE.replace("2024-08", f"2024-{month}").replace("2024-09-10", f"2024-{int(month) + 1:02}-10")
        house.deliver(name, workbook("Sản lượng", OUTPUT, row))
    house.intake_night(AS_OF)
    assert house.ledger(OUTPUT_FILE)["status"] == status


def test_a_ditto_mark_that_repeats_nothing_or_a_number_is_a_finding(tmp_path):
    rows = [
        ("DN001", "frozen_shrimp", "Tôm", "2024-08", 300, "nt"),
        ("DN002", "frozen_shrimp", "Tôm", "2024-08", "nt", "tấn"),
    ]
    delivery, findings, _ = judged(tmp_path, OUTPUT_FILE, workbook("Sản lượng", OUTPUT, *rows))
    assert delivery["status"] == "rejected"
    assert [finding["source_row"] for finding in findings["ditto_marks_repeat_a_value"]] == [2]
    assert [finding["source_row"] for finding in findings["is_a_number"]] == [3]


# ── headers, columns and codes that are not there ─────────────────────────────────────────────────────────────

ACCOUNTS = ("Mã tỉnh", "Mã số", "Chỉ tiêu", "Kỳ", "Giá so sánh 2010", "Giá hiện hành", "Giai đoạn ước tính")
LEVELS = {"GRDP": 9000.1, "I": 4000.1, "II": 2000, "III": 2500, "TAX": 500, "IND": 1200, "CON": 800}
EARLIER, LATER = "grdp__2024-9M__2024-10-01.xlsx", "grdp__2024-9M__2024-12-01.xlsx"


def accounts(header: Sequence[str] = ACCOUNTS, without: str = "", factor: int = 1) -> bytes:
    """Levels of nine months, as the statistics office sends them."""
    rows = [
        ("94", code, code, period, round(level * share * factor, 2), level * 2, stage)
        for code, level in LEVELS.items()
        for period, share, stage in (("2024-9M", 1, "estimate_1"), ("2023-9M", 0.94, "preliminary"))
        if code != without
    ]
    return workbook("GRDP", header, *rows)


def restated(tmp_path: Path, content: bytes) -> tuple[House, dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A house in which nine months were delivered in October and restated in December."""
    house = House(tmp_path)
    house.deliver(EARLIER, accounts())
    house.deliver(LATER, content)
    house.intake_night(AS_OF)
    delivery, findings, _ = outcome(house, LATER)
    return house, delivery, findings


@pytest.mark.parametrize(
    "named",
    [
        ("Giá so sánh 2010 (tỷ đồng)", "Giá hiện hành (tỷ đồng)"),
        ("GIÁ SO SÁNH\nNĂM 2010 (Tỷ đồng)", "Giá hiện hành, tỷ đồng"),
        ("Giá so sánh 2010 [ĐVT: tỷ đồng]", unicodedata.normalize("NFD", "Giá hiện hành (tỷ đồng)")),
    ],
)
def test_a_header_may_state_the_unit_of_its_field(tmp_path, named):
    house, delivery, findings = restated(tmp_path, accounts((*ACCOUNTS[:4], *named, ACCOUNTS[6])))
    assert (delivery["status"], delivery["rows_accepted"]) == ("accepted", 14)
    assert set(findings) == {"headers_are_those_of_the_contract"}
    rows = [row for row in house.table("validated", "grdp") if row["delivery_id"] == delivery["delivery_id"]]
    assert {row["value_constant_bn"] for row in rows if row["sector_code"] == "I"} == {
        Decimal("4000.1"),
        Decimal("3760.09"),
    }


def test_a_header_that_states_another_unit_is_a_finding_and_nothing_is_converted(tmp_path):
    header = (*ACCOUNTS[:4], "Giá so sánh 2010 (triệu đồng)", "Giá hiện hành (tỷ đồng)", ACCOUNTS[6])
    _, delivery, findings = restated(tmp_path, accounts(header, factor=1000))
    assert delivery["status"] == "rejected"
    (finding,) = findings["unit_is_the_declared_one"]
    assert "the unit mn VND for value_constant_bn" in finding["sentence"]


def test_a_delivery_of_which_no_figure_was_read_is_refused_and_supersedes_nothing(tmp_path):
    header = (*ACCOUNTS[:4], "Theo giá gốc", "Theo giá thị trường", ACCOUNTS[6])
    house, delivery, findings = restated(tmp_path, accounts(header))
    assert (delivery["status"], delivery["rows_rejected"]) == ("rejected", 14)
    assert {"figures_are_read", "columns_of_earlier_deliveries_are_there"} <= set(findings)
    assert not house.ledger(EARLIER)["is_superseded"]


def test_a_column_that_every_earlier_delivery_had_is_missed(tmp_path):
    header = (*ACCOUNTS[:5], "Theo giá thị trường", ACCOUNTS[6])
    _, delivery, findings = restated(tmp_path, accounts(header))
    assert delivery["status"] == "rejected"
    (finding,) = findings["columns_of_earlier_deliveries_are_there"]
    assert "no column is value_current_bn" in finding["sentence"]


def test_a_deleted_row_that_is_evidence_of_a_target_is_missed(tmp_path):
    _, delivery, findings = restated(tmp_path, accounts(without="IND"))
    assert delivery["status"] == "rejected"
    assert "sector_code IND" in findings["codes_of_targets_are_there"][0]["sentence"]


def test_a_deleted_row_that_no_target_rests_on_is_not(tmp_path):
    _, _, findings = restated(tmp_path, accounts(without="TAX"))
    assert "codes_of_targets_are_there" not in findings


# ── periods ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_of_which_no_row_speaks_of_the_period_of_its_name_is_refused(tmp_path):
    content = workbook("Du lịch", VISITS, *visits(*range(1, 7)))
    delivery, findings, _ = judged(tmp_path, "tourism__2025-01__2025-02-08.xlsx", content)
    assert delivery["status"] == "rejected"
    assert "its name says 2025-01" in findings["rows_speak_of_the_period_named"][0]["sentence"]


def test_a_row_after_the_period_of_the_name_is_a_warning(tmp_path):
    delivery, findings, _ = judged(tmp_path, VISITS_FILE, workbook("Du lịch", VISITS, *visits(5, 6, 7)))
    assert (delivery["status"], delivery["findings_warning"]) == ("accepted", 1)
    assert "from 2024-07-01 to 2024-07-31" in findings["rows_speak_of_the_period_named"][0]["sentence"]


@pytest.mark.parametrize(
    ("title", "is_warned"),
    [
        ("KẾT QUẢ DU LỊCH THÁNG 8 NĂM 2024", True),
        ("Kết quả du lịch 6 tháng đầu năm 2024", False),
        ("Kết quả quý II/2024 so với quý II/2023", False),
        ("(Kèm theo Công văn số 12 ngày 05 tháng 8 năm 2024)", False),
        ("Kết quả du lịch năm 2023", True),
        ("Kết quả du lịch đến ngày 04/07/2024", False),
        ("Kết quả du lịch đến ngày 31/07/2024", True),
        ("Kết quả du lịch đến ngày 04/08/2024", True),
    ],
)
def test_a_title_of_another_period_is_a_warning(tmp_path, title, is_warned):
    content = workbook("Du lịch", (title,), VISITS, *visits(*range(1, 7)))
    delivery, findings, _ = judged(tmp_path, VISITS_FILE, content)
    assert delivery["status"] == "accepted"
    assert set(findings) == ({"titles_speak_of_the_period_named"} if is_warned else set())


VOUCHERS = (
    "voucher_no", "line_no", "posted_on", "budget_year", "project_code", "source", "plan_component", "transaction_type",
    "amount_vnd",
)  # fmt: skip


def vouchers(*days: str) -> str:
    """A file of the Treasury, with a voucher on each day."""
    rows = [
        (f"V{n}", 1, day, 2024, "7000001", "local_budget", "pm_assigned", "payment", 10**9)
        for n, day in enumerate(days)
    ]
    return csv_text(VOUCHERS, *rows)


def test_vouchers_of_another_month_than_the_name_says_are_refused(tmp_path):
    content = vouchers("2024-12-03", "2024-12-30")
    delivery, findings, _ = judged(tmp_path, "treasury_disbursement__2025-01__2025-02-05.csv", content)
    assert delivery["status"] == "rejected"
    assert "none speaks of that period" in findings["rows_speak_of_the_period_named"][0]["sentence"]


@pytest.mark.parametrize(("name", "is_warned"), [("2024-Q4", True), ("2024-Q3", False)])
def test_a_register_of_another_quarter_than_its_name_says_is_a_warning(tmp_path, name, is_warned):
    header = ("case_id", "agency_code", "raised_on", "due_on", "resolved_on", "kind")
    file = f"obstacles__{name}__2025-01-05.csv"
    row = ("K1", "SXD", "2024-08-01", "2024-09-01", "2024-08-30", "land")
    delivery, findings, _ = judged(tmp_path, file, csv_text(header, row))
    assert delivery["status"] == "accepted"
    assert ("rows_speak_of_the_period_named" in findings) is is_warned


def test_days_written_month_first_are_not_read_as_a_year_of_months(tmp_path):
    content = vouchers(*(f"08/{day:02}/2024" for day in range(1, 9)))
    delivery, findings, _ = judged(tmp_path, "treasury_disbursement__2024-08__2024-09-05.csv", content)
    assert delivery["status"] == "rejected"
    assert "month before day" in findings["dates_are_day_before_month"][0]["sentence"]


@pytest.mark.parametrize("spelling", ["2024M0{}", "2024m{}", "Tháng {}/2024", "2024-0{}"])
def test_months_are_read_as_portals_and_offices_spell_them(tmp_path, spelling):
    rows = [(spelling.format(month), *row[1:]) for month, row in enumerate(visits(*range(1, 7)), start=1)]
    delivery, _, kept = judged(tmp_path, "tourism__2024-6M__2024-07-10.csv", csv_text(VISITS, *rows))
    assert delivery["status"] == "accepted"
    assert [row["month"] for row in kept] == [f"2024-{month:02}" for month in range(1, 7)]


# ── cells as a person sees them ───────────────────────────────────────────────────────────────────────────────

PROGRESS = (
    "Mã dự án", "Tên dự án", "Tuần", "Khối lượng nghiệm thu chưa thanh toán (đồng)", "Mặt bằng đã bàn giao (%)",
    "Vật liệu còn thiếu (m3)",
)  # fmt: skip
PROGRESS_FILE = "project_progress__2024-Q4__2025-01-07.xlsx"


@pytest.mark.parametrize(
    ("cell", "number_format", "seen"),
    [(0.85, "0%", "85"), (0.285, "0.00%", "28.5"), (85, "0", "85"), ("85,5%", "@", "85.5"), (0.07, "#,##0.0 %", "7")],
)
def test_a_percentage_is_read_as_a_person_sees_it(tmp_path, cell, number_format, seen):
    row = ("7890001", "Đường A", "2024-W40", 1_500_000_000, cell, 1200)
    content = workbook("Tiến độ dự án", PROGRESS, row, formats={"E2": number_format})
    delivery, _, kept = judged(tmp_path, PROGRESS_FILE, content)
    assert delivery["status"] == "accepted"
    assert kept[0]["site_handed_over_pct"] == Decimal(seen)


def test_a_percentage_in_another_field_is_a_finding(tmp_path):
    row = ("7890001", "Đường A", "2024-W40", 1_500_000_000, 85, 0.12)
    content = workbook("Tiến độ dự án", PROGRESS, row, formats={"F2": "0%"})
    delivery, findings, _ = judged(tmp_path, PROGRESS_FILE, content)
    assert delivery["status"] != "accepted"
    assert "material_shortage_m3 is 12%" in findings["percentages_stand_in_fields_of_percent"][0]["sentence"]


PERMITS = (
    "Mã hồ sơ", "Loại công trình", "Loại chủ đầu tư", "Nguồn vốn", "Mã huyện", "Mã xã", "Ngày tiếp nhận",
    "Ngày hẹn trả", "Ngày trả kết quả", "Kết quả", "Ngày cấp phép",
)  # fmt: skip


def test_a_date_with_a_time_of_day_gives_its_day(tmp_path):
    at, answered = dt.datetime.fromisoformat("2024-11-04T09:30"), dt.datetime.fromisoformat("2024-11-20T16:05")
    day = dt.date(2024, 11, 20)
    lines = [
        (
            f"HS94-2024-90000{n}",
            "Nhà ở riêng lẻ",
            "household",
            "household",
            "950",
            "31807",
            received,
            day,
            said,
            "granted",
            day,
        )
        for n, (received, said) in enumerate([(at, answered), ("04/11/2024 09:30", "2024-11-20 16:05:00")], start=1)
    ]
    content = workbook("Cấp phép xây dựng", PERMITS, *lines)
    delivery, findings, kept = judged(tmp_path, "building_permits__2024-Q4__2025-01-15.xlsx", content)
    assert delivery["rows_accepted"] == 2, findings
    assert {(row["received_on"], row["answered_on"]) for row in kept} == {(dt.date(2024, 11, 4), day)}


def test_thousands_of_another_style_are_found_in_a_vietnamese_sheet(tmp_path):
    rows = [
        ("DN001", "frozen_shrimp", "Tôm", "2024-08", "2,250", "tấn"),
        ("DN002", "frozen_shrimp", "Tôm", "2024-08", 800, "tấn"),
    ]
    delivery, findings, _ = judged(tmp_path, OUTPUT_FILE, workbook("Sản lượng", OUTPUT, *rows))
    assert delivery["status"] == "rejected"
    assert "quantity '2,250'" in findings["numbers_are_written_as_agreed"][0]["sentence"]


def test_fractions_of_a_vietnamese_sheet_are_no_thousands(tmp_path):
    rows = [
        (f"DN00{n}", "frozen_shrimp", "Tôm", "2024-08", text, "tấn")
        for n, text in enumerate(["2,250", "12,5", "1.250"])
    ]
    delivery, _, kept = judged(tmp_path, OUTPUT_FILE, workbook("Sản lượng", OUTPUT, *rows))
    assert delivery["status"] == "accepted"
    assert [row["quantity"] for row in kept] == [Decimal("2.25"), Decimal("12.5"), Decimal("1250")]


def test_thousands_of_another_style_in_every_row_of_a_plain_file_are_a_warning(tmp_path):
    rows = [(f"2024-0{month}", 200_000, 60_000, f"1.10{month}") for month in range(1, 7)]
    delivery, findings, _ = judged(tmp_path, "tourism__2024-6M__2024-07-10.csv", csv_text(VISITS, *rows))
    assert delivery["findings_warning"] >= 1
    assert findings["numbers_are_written_as_agreed"][0]["severity"] == "warning"


# ── the ledger counts everything that a file holds ────────────────────────────────────────────────────────────


def with_part(book: bytes, name: str, old: str, new: str) -> bytes:
    """A workbook with a part of its XML written otherwise."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        text = archive.read(name).decode()
    assert old in text, text
    return with_parts(book, {name: text.replace(old, new, 1)})


@pytest.mark.parametrize("written", ["<v><![CDATA[101.5]]></v>", '<v xml:space="preserve">101.5</v>'])
def test_a_cell_that_holds_something_is_read_or_named(tmp_path, written):
    book = workbook("Du lịch", VISITS, *visits(*range(1, 7)))
    content = with_part(book, "xl/worksheets/sheet1.xml", "<v>101.5</v>", written)
    delivery, _, kept = judged(tmp_path, VISITS_FILE, content)
    if delivery["status"] == "accepted":
        assert kept[0]["revenue_bn"] == Decimal("101.5")
    else:
        assert "cell D2" in delivery["reason"]


def test_hidden_rows_and_columns_are_named_and_hidden_sheets_too(tmp_path):
    book = openpyxl.load_workbook(io.BytesIO(workbook("Du lịch", VISITS, *visits(*range(1, 7)))))
    book["Du lịch"].row_dimensions[3].hidden = True
    book["Du lịch"].column_dimensions["C"].hidden = True
    book.create_sheet("Nháp").sheet_state = "hidden"
    content = io.BytesIO()
    book.save(content)
    delivery, findings, _ = judged(tmp_path, VISITS_FILE, content.getvalue())
    assert (delivery["status"], delivery["rows_accepted"], delivery["findings_warning"]) == ("accepted", 6, 2)
    said = " ".join(row["sentence"] for row in findings["nothing_is_hidden"])
    assert "the rows 3 are hidden" in said
    assert "the columns C are hidden" in said
    assert "'Nháp'" in findings["hidden_sheets_are_not_read"][0]["sentence"]


# ── errors, declarations, answers ─────────────────────────────────────────────────────────────────────────────


def test_an_error_while_judging_refuses_that_delivery_alone_and_is_logged(tmp_path, monkeypatch, caplog):
    def lay_out_or_fail(raw: pa.Table, *rest: Any) -> ParsedRows:
        if "r2" in raw.column("source_file")[0].as_py():
            raise ZeroDivisionError("a fault of ours")
        return lay_out(raw, *rest)

    monkeypatch.setattr(auditing, "lay_out", lay_out_or_fail)
    house = House(tmp_path)
    house.deliver(VISITS_FILE, workbook("Du lịch", VISITS, *visits(*range(1, 7))))
    bad = VISITS_FILE.replace(".xlsx", "__r2.xlsx")
    house.deliver(bad, workbook("Du lịch", VISITS, *visits(*range(1, 7))))
    house.intake_night(AS_OF)
    assert house.ledger(VISITS_FILE)["status"] == "accepted"
    assert house.ledger(bad)["status"] == "rejected"
    assert "ZeroDivisionError: a fault of ours" in house.ledger(bad)["reason"]
    assert "Traceback" in caplog.text


WITHDRAWAL = ("delivery_file", "withdrawn_on", "officer", "reason")


@pytest.mark.parametrize(
    ("row", "is_grave"),
    [
        (("grdp__2024-Q3__2024-10-01.xlsx", "hôm qua", "Trần Thị B", "Sai"), True),
        (("retail_services__2024-Q3__2024-10-06.xlsx", "hôm qua", "Trần Thị B", "Sai"), False),
        (("", "2024-11-20", "Trần Thị B", "Sai"), True),
    ],
)
def test_a_refused_withdrawal_is_as_grave_as_what_it_would_have_taken_back(tmp_path, row, is_grave):
    house = House(tmp_path)
    house.deliver("delivery_withdrawals__2024-11__2024-11-20.csv", csv_text(WITHDRAWAL, row))
    refused = house.intake_night(AS_OF).refused
    assert [affected.feed for affected in refused] == ["delivery_withdrawals"]
    assert bool(refused[0].targets) is is_grave
    if "grdp" in row[0]:
        assert {target.item for target in refused[0].targets} == {"KV1", "IND", "CON", "KV3", "GRDP"}


@pytest.mark.parametrize(
    "poison", ["=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "\t=1+1", "＝1+1", "<img src=x onerror=alert(1)>"]
)
def test_what_is_written_for_suppliers_runs_nothing(tmp_path, poison):
    rows = [*visits(1, 2), ("2024-03", f'"{poison}"', 1, 1)]
    house = House(tmp_path)
    house.deliver("tourism__2024-3M__2024-07-10.csv", csv_text(VISITS, *rows))
    house.intake_night(AS_OF)
    (answer,) = (house.home.root / "rejects" / "tourism").glob("*.csv")
    with answer.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert any(poison.strip().strip("<>")[-6:] in cell for cell in cells)
    assert not [cell for cell in cells if cell.strip()[:1] in set("=+-@＝") or "<" in cell]


def case_files() -> list[Path]:
    """The files of the small cases that offices really made, where they are there."""
    kinds = ("01-", "02-", "04-", "05-", "07-", "11-", "12-", "15-", "16-", "20-")
    return sorted(file for kind in kinds for file in CASES.glob(f"{kind}*/*__*"))


REFUSED_CASES = frozenset({"02-subtotal-in-the-middle", "07-name-says-another-month"})


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases of offices are not beside this checkout")
def test_the_cases_of_offices_become_what_their_readmes_say(tmp_path):
    become = {}
    for number, file in enumerate(case_files()):
        delivery, _, _ = judged(tmp_path / str(number), file.name, file.read_bytes())
        become[f"{file.parent.name}/{file.name}"] = delivery["status"].startswith("accepted")
    assert become
    assert {name for name, is_good in become.items() if not is_good} == {
        name for name in become if name.split("/")[0] in REFUSED_CASES
    }


# ── more of the same kinds ────────────────────────────────────────────────────────────────────────────────────


def visits_with(at: int, column: int, text: object) -> list[list[object]]:
    """Six months, one cell of which says something else."""
    rows = [list(row) for row in visits(1, 2, 3, 4, 5, 6)]
    rows[at][column] = text
    return rows


IN_MILLIONS = ("Tháng", "Tổng lượt khách\n(lượt)", "Khách lưu trú (lượt)", "Doanh thu du lịch\n(triệu đồng)")
OF_EXCEL = (
    'sep=;\r\n"Tháng";"Tổng lượt\r\nkhách (lượt)";Khách lưu trú (lượt);Doanh thu du lịch (tỷ đồng);\r\n'
    + "".join(f"2024-0{month};20000{month};6000{month};10{month},5;\r\n" for month in range(1, 7))
)
MONTHS_OF_2024 = visits(1, 2, 3, 4, 5, 6)
SIX_MONTHS = ("Tổng 6 tháng", *(sum(column) for column in list(zip(*MONTHS_OF_2024, strict=True))[1:]))
TRIPS = "Du lịch"
SITES = ("Mã dự án", "Tuần", "Nghiệm thu chưa thanh toán", "Mặt bằng đã bàn giao (%)")
SHARES = ("85%", "85,5 %", "0,85", "0")
PLANS = "Kế hoạch vốn"


@pytest.mark.parametrize(
    ("name", "content", "status", "rules"),
    [
        (VISITS_FILE, workbook(TRIPS, IN_MILLIONS, *MONTHS_OF_2024), "rejected", {"unit_is_the_declared_one"}),
        (
            VISITS_FILE,
            workbook(TRIPS, VISITS, (None, "(nghìn lượt)", "(lượt)", "(tỷ đồng)"), *MONTHS_OF_2024),
            "rejected",
            {"unit_is_the_declared_one"},
        ),
        ("tourism__2024-6M__2024-07-10.csv", OF_EXCEL, "rejected", {"is_a_number"}),
        (VISITS_FILE, workbook(TRIPS, VISITS, *visits_with(2, 1, "236.441 lượt")), "rejected", {"is_a_number"}),
        (VISITS_FILE, workbook(TRIPS, VISITS, *visits_with(2, 1, "236\u00a0441")), "accepted", set()),
        (VISITS_FILE, workbook(TRIPS, VISITS, *visits_with(2, 3, "(125,4)")), "rejected", {"is_a_number"}),
        (VISITS_FILE, workbook(TRIPS, VISITS, *visits_with(2, 0, "2024/03")), "accepted", set()),
        (VISITS_FILE, workbook(TRIPS, VISITS, *MONTHS_OF_2024, SIX_MONTHS), "accepted", set()),
        (
            VISITS_FILE,
            workbook(TRIPS, VISITS, *MONTHS_OF_2024, ("Ghi chú: sơ bộ",), VISITS, ("2024-07", 999, 99, 9.5)),
            "rejected",
            {"nothing_follows_the_table"},
        ),
        (
            VISITS_FILE,
            workbook(TRIPS, (*VISITS, VISITS[1]), *((*row, 1) for row in MONTHS_OF_2024)),
            "rejected",
            {"no_duplicate_headers"},
        ),
        (
            PLAN_FILE,
            workbook(
                PLANS, PLAN, total("I. Ngân sách tỉnh", 3), project(1, 1), project(2, 2),
                total("II. Ngân sách trung ương", 5), project(3, 5), total("Tổng (I+II)", 9),
            ),
            "rejected",
            {"totals_are_the_sum_of_their_parts"},
        ),
        (
            PLAN_FILE,
            workbook(PLANS, PLAN, *([*project(n, n)[:7], "03/01/2024 16:05"] for n in (1, 2, 3))),
            "accepted",
            set(),
        ),
        (
            "obstacles__2024-Q3__2024-10-12.csv",
            csv_text(
                ("case_id", "agency_code", "raised_on", "due_on"),
                ("V1", "SCT", "07/05/2024", "08/05/2024"), ("V2", "SCT", "08/06/2024", "09/06/2024"),
            ),
            "rejected",
            {"dates_are_day_before_month"},
        ),
        (
            VISITS_FILE,
            workbook(TRIPS, VISITS, *MONTHS_OF_2024[:3], ("Trang 1/2",), VISITS, *MONTHS_OF_2024[3:], ("Trang 2/2",)),
            "accepted",
            set(),
        ),
        (
            "project_progress__2024-Q4__2025-01-07.xlsx",
            workbook("Tiến độ dự án", SITES, *((f"789000{n}", "2024-W50", BN, pct) for n, pct in enumerate(SHARES))),
            "accepted",
            set(),
        ),
    ],
)  # fmt: skip
def test_another_file_of_a_kind_that_was_once_misread_is_read_right_or_refused(tmp_path, name, content, status, rules):
    delivery, findings, kept = judged(tmp_path, name, content)
    assert delivery["status"] == status, findings
    critical = {rule for rule, some in findings.items() if some[0]["severity"] == "critical"}
    assert rules <= critical
    if status == "accepted":
        assert delivery["rows_accepted"] == len(kept) == delivery["rows_in"]


def test_a_share_without_a_sign_among_percentages_is_named(tmp_path):
    sheet = workbook("Tiến độ dự án", SITES, *((f"789000{n}", "2024-W50", BN, pct) for n, pct in enumerate(SHARES)))
    _, findings, _ = judged(tmp_path, "project_progress__2024-Q4__2025-01-07.xlsx", sheet)
    (finding,) = findings["percentages_are_written_alike"]
    assert (finding["severity"], finding["source_row"]) == ("warning", 4)


@pytest.mark.skipif(not CASES.exists(), reason="needs the small cases in ../shared/cases, which are not here")
@pytest.mark.parametrize(
    ("month", "day", "first"), [("2025-03", "2025-04-06", "103.5"), ("2025-04", "2025-05-06", "104.5")]
)
def test_months_that_stand_in_title_and_header_alone_are_read_by_one_contract(tmp_path, month, day, first):
    form = FileForm(
        reader="xlsx",
        sheets=("CN",),
        numbers="vi",
        labels={"field": "row_label"},
        columns={
            "index_mom": "tháng {month} .*so tháng liền trước",
            "index_yoy": "tháng {month} .*so cùng tháng",
            "index_ytd": "{month} tháng .*so cùng kỳ",
        },
        period_from={"field": "month", "of": ["header", "title", "name"]},
    )
    rules = [FieldRule(name, required=name != "index_ytd") for name in ("row_label", "month", *form.columns)]
    project = load_project()
    one = dataclasses.replace(
        project.contracts["industrial_production_index"], key=("row_label", "month"), fields=tuple(rules)
    )
    source = CASES / "17-month-in-the-header" / f"cn_thang__{month}__{day}.xlsx"
    job = ReadJob("id", source, dataclasses.asdict(form), tmp_path / "raw.parquet", source.name)
    (reading,) = read_deliveries([job], Limits())
    raw = read_raw(reading.path)
    result = lay_out(raw, one, form, project.fields, parse_period(month))
    assert [finding.check for finding in result.findings] == []
    rows = [(r["row_label"], r["month"], r["index_mom"]) for r in result.rows.to_pylist()]
    assert (len(rows), rows[0]) == (3, ("Toàn ngành", month, first))
    other = lay_out(raw, one, form, project.fields, parse_period("2025-06"))
    assert "required_columns_are_present" in {finding.check for finding in other.findings}
