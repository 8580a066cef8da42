"""Output of construction by district, ownership and kind of work, in step with construction in the accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from simulator.accounts import PRICE_BASE, Accounts
from simulator.areas import districts_of, draws
from simulator.delivery_folder import Folder
from simulator.office_files import Cell, OfficeSheet, vietnamese, write_csv, write_workbook

OWNERSHIPS = (("state", 0.08), ("non_state", 0.90), ("fdi", 0.02))
WORKS = (("residential", 0.48), ("non_residential", 0.14), ("civil_engineering", 0.30), ("specialised", 0.08))
VALUE_ADDED_IN_OUTPUT = 0.28
PRICES = {2023: 1.92, 2024: 1.99}
"""Output at current prices over output at constant prices."""

Quarter = tuple[int, int]
Deliver = tuple[str, dt.date, tuple[Quarter, ...], str | None]

_YEAR_2023: tuple[Quarter, ...] = tuple((2023, q) for q in range(1, 5))
FORGOTTEN_DISTRICT = "951"
DELIVERIES: tuple[Deliver, ...] = (
    ("2023", dt.date(2024, 1, 20), _YEAR_2023, None),
    ("2024-6M", dt.date(2024, 7, 20), ((2024, 1), (2024, 2)), None),
    # This one left a district out; the office withdrew it and sent the whole quarter again.
    ("2024-Q3", dt.date(2024, 10, 20), ((2024, 3),), FORGOTTEN_DISTRICT),
    ("2024-Q3", dt.date(2024, 10, 28), ((2024, 3),), None),
    ("2024-Q4", dt.date(2025, 1, 20), ((2024, 4),), None),
)
"""Period, day of release, quarters, and the district left out by mistake."""

Row = tuple[str, str, str, Quarter, str, str, int, int]
"""Area, district, name, quarter, ownership, kind of work, mn VND at current and at constant prices."""


def output(accounts: Accounts, quarter: Quarter, seed: int) -> Iterator[Row]:
    """All cells of one area and quarter, with totals by ownership and by kind of work; parts add up exactly."""
    year, q = quarter
    whole = accounts.constant[year]["CON"][q - 1] * 10 / VALUE_ADDED_IN_OUTPUT
    districts = districts_of(accounts.area)
    size = draws(seed, "districts", accounts.area.code)
    weights = {code: size.uniform(0.6, 1.6) for code, _ in districts}
    households = {code: size.uniform(0.35, 0.55) for code, _ in districts}
    rural = {code: size.random() < 0.5 for code, _ in districts}
    draw = draws(seed, "construction", accounts.area.code, year, q)
    for code, name in districts:
        cells = {}
        for owner, owner_share in OWNERSHIPS:
            for work, work_share in WORKS:
                part = whole * weights[code] / sum(weights.values()) * owner_share * work_share
                value = 0 if owner == "fdi" and rural[code] else round(part * draw.uniform(0.95, 1.05))
                cells[owner, work] = (round(value * PRICES[year]), value)
        for owner in ("total", "state", "non_state", "of_which_households", "fdi"):
            for work in ("total", *(w for w, _ in WORKS)):
                constant, current = (_cell(cells, owner, work, i, households[code]) for i in (1, 0))
                yield (accounts.area.code, code, name, quarter, owner, work, current, constant)


def _cell(cells: dict[tuple[str, str], tuple[int, int]], owner: str, work: str, price: int, households: float) -> int:
    if owner == "of_which_households":
        works = {"residential": households, "non_residential": households / 3}
        return sum(round(cells["non_state", w][price] * s) for w, s in works.items() if work in ("total", w))
    return sum(v[price] for (o, w), v in cells.items() if owner in ("total", o) and work in ("total", w))


def write_deliveries(folder: Folder, all_accounts: Sequence[Accounts], seed: int, clean: bool = False) -> None:
    """Write the deliveries, unless clean the withdrawn one and its withdrawal among them."""
    top = "Giá trị sản xuất (triệu đồng)"
    head = (
        ("Mã tỉnh", "Mã huyện", "Huyện, thị xã, thành phố", "Kỳ", "Loại hình kinh tế", "Loại công trình", top, top),
        (None, None, None, None, None, None, "Giá hiện hành", f"Giá so sánh {PRICE_BASE}"),
    )
    for period, day, quarters, forgotten in DELIVERIES:
        if clean and forgotten is not None:
            continue
        path = folder.delivery("construction_output", period, day, "xlsx")
        rows = _rows(all_accounts, quarters, seed, forgotten)
        sheet = OfficeSheet(
            name="GTSX xây dựng",
            titles=("CỤC THỐNG KÊ", f"GIÁ TRỊ SẢN XUẤT XÂY DỰNG {period}"),
            unit_line="Đơn vị tính: Triệu đồng",
            headers=head,
            numbering=("A", "B", "C", "D", "E", "F", "1", "2"),
            rows=rows,
        )
        write_workbook(path, sheet)
        if forgotten is not None:
            _withdraw(folder, path.name, dt.date(2024, 10, 25))


def _rows(
    all_accounts: Sequence[Accounts], quarters: Sequence[Quarter], seed: int, forgotten: str | None
) -> Iterator[Sequence[Cell]]:
    for accounts in all_accounts:
        for quarter in quarters:
            for area, district, name, (year, q), owner, work, current, constant in output(accounts, quarter, seed):
                if district != forgotten:
                    label = f"Quý {('I', 'II', 'III', 'IV')[q - 1]}/{year}"
                    yield (area, district, name, label, owner, work, _printed(current), _printed(constant))


def _printed(value: int) -> str:
    return vietnamese(value) if value else "-"


def _withdraw(folder: Folder, file_name: str, day: dt.date) -> None:
    path = folder.delivery("delivery_withdrawals", f"{day:%Y-%m}", day, "csv")
    reason = "Thiếu số liệu của một huyện; tệp đầy đủ gửi lại ngày 28/10/2024 (mô phỏng)"
    header = ("delivery_file", "withdrawn_on", "officer", "reason")
    write_csv(path, header, [(file_name, day, "Cán bộ phòng Thống kê Xây dựng (mô phỏng)", reason)])


def write_truth(folder: Folder, all_accounts: Sequence[Accounts], seed: int) -> None:
    """Write the output of whole areas: one row for each area and quarter."""

    def rows() -> Iterator[Sequence[Cell]]:
        for accounts in all_accounts:
            for year in (2023, 2024):
                for q in range(1, 5):
                    cells = [r for r in output(accounts, (year, q), seed) if r[4:6] == ("total", "total")]
                    yield (accounts.area.code, f"{year}-Q{q}", sum(r[6] for r in cells), sum(r[7] for r in cells))

    header = ("area_code", "period", "value_current_mn", "value_constant_mn")
    write_csv(folder.truth("construction_output"), header, rows())
