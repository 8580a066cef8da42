"""The monthly index of industrial production (2015 = 100).

Sóc Trăng's index agrees with what was published for 2023 (−4.88 %), for 2, 5 and 12 months of 2024 (2.31, 4.72 and
5.5 %). What was published for 9 months (10.07 %) contradicts the year; here 9 months give 5.9 %.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from simulator.areas import Area, draws
from simulator.delivery_folder import Folder
from simulator.office_files import Cell, OfficeSheet, write_csv, write_workbook

ACTIVITIES = (
    ("BTE", "TOÀN NGÀNH CÔNG NGHIỆP"),
    ("B", "  B. Khai khoáng"),
    ("C", "  C. Công nghiệp chế biến, chế tạo"),
    ("C10", "    10. Sản xuất, chế biến thực phẩm"),
    ("C11", "    11. Sản xuất đồ uống"),
    ("C14", "    14. Sản xuất trang phục"),
    ("D", "  D. Sản xuất và phân phối điện"),
    ("E", "  E. Cung cấp nước, xử lý rác thải, nước thải"),
)
_SEASON = (92, 80, 94, 97, 100, 103, 109, 113, 112, 108, 98, 94)
_CUMULATIVE_2024 = ((2, 2.31), (5, 4.72), (9, 5.9), (12, 5.5))
_MEAN_2022 = 152.4
_YEAR_2023 = -4.88
_JANUARY_2025 = 6.2

Month = tuple[int, int]

DELIVERIES: tuple[tuple[str, dt.date, Month, Month], ...] = (
    ("2022..2023", dt.date(2024, 1, 6), (2022, 1), (2023, 12)),
    ("2024-6M", dt.date(2024, 7, 6), (2024, 1), (2024, 6)),
    ("2024-Q3", dt.date(2024, 10, 6), (2024, 7), (2024, 9)),
    ("2024-Q4", dt.date(2025, 1, 6), (2024, 10), (2024, 12)),
    ("2025-01", dt.date(2025, 2, 6), (2025, 1), (2025, 1)),
)
"""Period, day of release, first and last month of each delivery."""

WITH_A_REMARK = "2024-Q3"
"""The delivery to which the office added a column of its own."""


@dataclass(frozen=True)
class Index:
    """Levels of one area by activity and month, in hundredths of an index point."""

    area: Area
    levels: dict[str, dict[Month, int]]


def months(first: Month, last: Month) -> list[Month]:
    """All months from `first` to `last`."""
    count = (last[0] - first[0]) * 12 + last[1] - first[1]
    return [(first[0] + (first[1] - 1 + i) // 12, (first[1] - 1 + i) % 12 + 1) for i in range(count + 1)]


def index_of(area: Area, seed: int) -> Index:
    """Draw the index of an area; Sóc Trăng's agrees with the published growth rates."""
    draw = draws(seed, "index", area.code)
    shift = 0.0 if area.is_home else draw.uniform(-4, 6)
    total: dict[Month, float] = {}
    factor = _MEAN_2022 * 12 / sum(_SEASON)
    for month in range(1, 13):
        total[2022, month] = _SEASON[month - 1] * factor * draw.uniform(0.985, 1.015)
    _grow(total, 2023, ((12, _YEAR_2023 + shift),), draw)
    _grow(total, 2024, tuple((m, g + shift) for m, g in _CUMULATIVE_2024), draw)
    total[2025, 1] = total[2024, 1] * (1 + (_JANUARY_2025 + shift) / 100)
    levels: dict[str, dict[Month, int]] = {"BTE": {m: round(v * 100) for m, v in total.items()}}
    for code, _ in ACTIVITIES[1:]:
        trend = draw.uniform(0.999, 1.002)
        ratio = draw.uniform(0.9, 1.1)
        levels[code] = {}
        for when, value in total.items():
            ratio *= trend
            levels[code][when] = round(value * ratio * draw.uniform(0.97, 1.03) * 100)
    return Index(area, levels)


def _grow(total: dict[Month, float], year: int, cumulative: Sequence[tuple[int, float]], draw: random.Random) -> None:
    """Add a year whose months from January have the given growth, block by block."""
    done = 0
    for last, growth in cumulative:
        raw = {m: total[year - 1, m] * draw.uniform(0.985, 1.015) for m in range(done + 1, last + 1)}
        wanted = sum(total[year - 1, m] for m in range(1, last + 1)) * (1 + growth / 100)
        wanted -= sum(total[year, m] for m in range(1, done + 1))
        factor = wanted / sum(raw.values())
        total.update({(year, m): value * factor for m, value in raw.items()})
        done = last


def write_deliveries(folder: Folder, indices: Sequence[Index], clean: bool = False) -> None:
    """Write the deliveries of the index as workbooks."""
    top = "Tháng báo cáo so với (%)"
    head: list[list[str | None]] = [
        ["Mã tỉnh", "Mã ngành", "Ngành công nghiệp", "Tháng", "Chỉ số so với kỳ gốc", "Chỉ số so với kỳ gốc", top, top],
        [None, None, None, None, "Năm gốc", "Chỉ số (%)", "Tháng trước", "Cùng kỳ năm trước"],
    ]
    head[0].append("Cộng dồn từ đầu năm so với (%)")
    head[1].append("Cùng kỳ năm trước")
    for period, day, first, last in DELIVERIES:
        remark = period == WITH_A_REMARK and not clean
        headers = [[*head[0], "Ghi chú của phòng"], [*head[1], None]] if remark else head
        where = indices[0].area.name if len(indices) == 1 else "các tỉnh, thành phố"
        sheet = OfficeSheet(
            name="IIP",
            titles=(f"CỤC THỐNG KÊ {where.upper()}", "CHỈ SỐ SẢN XUẤT CÔNG NGHIỆP (IIP)"),
            unit_line="Đơn vị tính: %",
            headers=headers,
            numbering=("A", "B", "C", "D", "1", "2", "3", "4", "5", "6")[: len(headers[0])],
            rows=_rows(indices, months(first, last), remark),
        )
        write_workbook(folder.delivery("industrial_production_index", period, day, "xlsx"), sheet)


def _rows(indices: Sequence[Index], wanted: Sequence[Month], remark: bool) -> Iterator[Sequence[Cell]]:
    for index in indices:
        for when in wanted:
            for code, label in ACTIVITIES:
                row: list[Cell] = [index.area.code, code, label, f"Tháng {when[1]}/{when[0]}", 2015]
                row += _figures(index.levels[code], when)
                yield [*row, "theo báo cáo nhanh" if code == "BTE" else None] if remark else row


def _figures(levels: dict[Month, int], when: Month) -> list[Cell]:
    """Level, on the month before, on the year before, cumulative on the year before; … where it is not known."""
    year, month = when
    before = (year, month - 1) if month > 1 else (year - 1, 12)
    a_year_ago = sum(levels.get((year - 1, m), 0) for m in range(1, month + 1))
    so_far = sum(levels[year, m] for m in range(1, month + 1))
    parts = ((levels[when], levels.get(before)), (levels[when], levels.get((year - 1, month))), (so_far, a_year_ago))
    return [Decimal(levels[when]).scaleb(-2), *(percent(now, then) if then else "…" for now, then in parts)]


def percent(now: int, then: int) -> Decimal:
    """`now` with `then` as 100, to two decimals, halves up."""
    return Decimal((now * 20000 + then) // (then * 2)).scaleb(-2)


def write_truth(folder: Folder, indices: Sequence[Index]) -> None:
    """Write the index of all industry: one row for each area and month."""
    rows = (
        (index.area.code, f"{year}-{month:02d}", Decimal(level).scaleb(-2))
        for index in indices
        for (year, month), level in index.levels["BTE"].items()
    )
    write_csv(folder.truth("industrial_production_index"), ("area_code", "month", "index_level"), rows)
