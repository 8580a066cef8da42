"""Deliveries as offices really make them, through the public door: what becomes of each, and why."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.house import House, csv_text

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
