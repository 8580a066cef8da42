"""What offices planned for 2024 and who answers for it: scenario and tasks of a plan, support of trade, posts of heads.

Posts follow from the kind of the agency; names are left blank, because a simulated person would be an invented one.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from simulator.areas import Area, draws
from simulator.delivery_folder import Folder
from simulator.office_files import Cell, OfficeSheet, dmy, vietnamese, write_csv, write_workbook

AGENCIES = Path(__file__).parent.parent / "dbt_like_sql" / "seeds" / "agencies.csv"
POSTS = {
    "department": "Giám đốc",
    "board": "Giám đốc",
    "district": "Chủ tịch",
    "statistics": "Cục trưởng",
    "tax": "Cục trưởng",
    "treasury": "Giám đốc",
    "task_force": "Tổ trưởng",
}
BOARDS = ("BQLDA1", "BQLDA2")
HEADS_RELEASED = dt.date(2024, 1, 15)

PARTS = ("2024-Q1", "2024-6M", "2024-9M", "2024")
SCENARIO = {
    "GRDP": ("6.20", "6.60", "6.90", "7.50"),
    "I": ("3.60", "3.80", "3.90", "4.10"),
    "IND": ("8.50", "9.50", "10.00", "10.60"),
    "CON": ("16.00", "20.00", "23.00", "25.61"),
    "III": ("8.50", "9.20", "9.70", "10.20"),
}
"""Growth by sector and part of the year, invented: the year's figures lie at or above the thresholds of the letter."""
SCENARIO_RELEASED = dt.date(2024, 2, 22)

TASKS = (
    ("Giao chỉ tiêu tăng trưởng cho từng ngành", "SKHDT"),
    ("Kế hoạch sản xuất nuôi trồng thủy sản", "SNNPTNT"),
    ("Kiểm tra chất lượng tôm giống", "SNNPTNT"),
    ("Tháo gỡ vướng mắc của doanh nghiệp chế biến", "SCT"),
    ("Kế hoạch xúc tiến thương mại", "SCT"),
    ("Tiến độ hồ sơ các nhà máy điện gió", "SCT"),
    ("Rà soát đồ án quy hoạch", "SXD"),
    ("Khởi công nhà ở xã hội", "SXD"),
    ("Kế hoạch giải ngân từng dự án", "BQLDA1"),
    ("Kế hoạch giải ngân từng dự án", "BQLDA2"),
    ("Chương trình kích cầu du lịch", "SVHTTDL"),
    ("Rà soát dàn mẫu điều tra xây dựng", "CTK"),
)
TASK_DELIVERIES = (("2024-6M", dt.date(2024, 7, 12)), ("2024", dt.date(2025, 1, 8)))

SUPPORT_KINDS = ("ocop_outlets", "mobile_sales", "origin_certificates")
SUPPORT_DELIVERIES = (
    ("2023-01..2024-06", dt.date(2024, 7, 10), (2023, 1), (2024, 6)),
    ("2024-07..2024-12", dt.date(2025, 1, 10), (2024, 7), (2024, 12)),
)


def write_deliveries(folder: Folder, areas: Sequence[Area], seed: int) -> None:
    """Write what the home area's departments send of plans and of who answers for them."""
    home = next(area for area in areas if area.is_home)
    head: Sequence[str] = ("Mã đơn vị", "Loại đơn vị", "Chức vụ", "Họ và tên", "Từ ngày", "Đến ngày", "Nguồn")
    write_csv(folder.delivery("responsible_heads", "2024", HEADS_RELEASED, "csv"), head, _heads(), with_bom=True)
    head = ("Mã tỉnh", "Mã khu vực", "Kỳ", "Tốc độ tăng (%)", "Căn cứ")
    titles = ("SỞ KẾ HOẠCH VÀ ĐẦU TƯ", "KỊCH BẢN TĂNG TRƯỞNG NĂM 2024")
    path = folder.delivery("growth_scenario", "2024", SCENARIO_RELEASED, "xlsx")
    write_workbook(path, OfficeSheet("Kịch bản", titles, (head,), _scenario(home), numbering=("A", "B", "C", "1", "D")))
    for period, day in TASK_DELIVERIES:
        head = ("Số nhiệm vụ", "Nội dung nhiệm vụ", "Mã cơ quan", "Hạn hoàn thành", "Ngày hoàn thành", "Ghi chú")
        titles = ("SỞ KẾ HOẠCH VÀ ĐẦU TƯ", f"THỰC HIỆN NHIỆM VỤ CỦA KẾ HOẠCH, KỲ {period}")
        path = folder.delivery("plan_tasks", period, day, "xlsx")
        write_workbook(path, OfficeSheet("Nhiệm vụ", titles, (head,), _tasks(home, seed, day)))
    for period, day, first, last in SUPPORT_DELIVERIES:
        head = ("Tháng", "Loại hỗ trợ", "Số lượng", "Trị giá (USD)")
        rows = _support(home, seed, first, last)
        write_csv(folder.delivery("trade_support", period, day, "csv"), head, rows)


def _heads() -> Iterator[Sequence[Cell]]:
    with AGENCIES.open(encoding="utf-8", newline="") as file:
        for agency in csv.DictReader(file):
            if post := POSTS.get(agency["agency_kind"]):
                kind = "board" if agency["agency_code"] in BOARDS else "agency"
                source = "Mô phỏng: chức danh theo loại cơ quan, không nêu tên"
                yield (agency["agency_code"], kind, post, None, dmy(dt.date(2024, 1, 1)), None, source)


def _scenario(home: Area) -> Iterator[Sequence[Cell]]:
    for sector, growths in SCENARIO.items():
        for period, growth in zip(PARTS, growths, strict=True):
            yield (home.code, sector, period, vietnamese(Decimal(growth)), "Mô phỏng, không phải Kế hoạch 32/KH-UBND")


def task_days(home: Area, seed: int) -> Iterator[tuple[str, str, str, dt.date, dt.date | None]]:
    """Number, title, agency, due day of each task, and the day on which it was done, if it was."""
    for number, (title, agency) in enumerate(TASKS, start=1):
        draw = draws(seed, "plan task", home.code, number)
        due = dt.date(2024, 2, 15) + dt.timedelta(days=25 * number + draw.randrange(10))
        late = draw.random()
        done = due - dt.timedelta(days=draw.randrange(12)) if late < 0.7 else due + dt.timedelta(days=15)
        yield (f"NV-{number:02d}", title, agency, due, None if late > 0.9 else done)


def _tasks(home: Area, seed: int, by: dt.date) -> Iterator[Sequence[Cell]]:
    for number, title, agency, due, done in task_days(home, seed):
        yield (number, title, agency, dmy(due), dmy(done) if done is not None and done <= by else None, None)


def _support(home: Area, seed: int, first: tuple[int, int], last: tuple[int, int]) -> Iterator[Sequence[Cell]]:
    year, month = first
    while (year, month) <= last:
        for kind, many in zip(SUPPORT_KINDS, (6, 3, 120), strict=True):
            draw = draws(seed, "trade support", home.code, kind, year, month)
            count = many + draw.randrange(many // 3 + 1) + (year - 2023) * (many // 6)
            value = count * 32_000 + draw.randrange(90_000) if kind == "origin_certificates" else None
            yield (f"{year}-{month:02d}", kind, count, value)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def write_truth(folder: Folder, areas: Sequence[Area], seed: int) -> None:
    """Write how many tasks were due in 2024 by the last delivery, and how many were done in time."""
    home = next(area for area in areas if area.is_home)
    due = [done is not None and done <= day for _, _, _, day, done in task_days(home, seed) if day.year == 2024]
    write_csv(folder.truth("plan_tasks"), ("item", "asked", "done"), [("PLAN32", len(due), sum(due))])
