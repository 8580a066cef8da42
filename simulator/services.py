"""Retail sales and tourism month by month: seasons with Tết and the festival of November, on the totals published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from simulator.areas import Area, draws
from simulator.delivery_folder import Folder
from simulator.office_files import Cell, OfficeSheet, vietnamese, write_csv, write_workbook
from simulator.production_index import Month, months

# Published for Sóc Trăng (samples/README.md says where): retail sales and services of 2, 5, 9 and 12 months of 2024, in
# bn VND; visits and revenue of tourism in 2024.
RETAIL_2024: Mapping[int, int] = {2: 16275, 5: 41185, 9: 77256, 12: 103000}
VISITORS_2024 = 3_120_000
TOURISM_REVENUE_2024 = Decimal("1858.0")

GROUPS = (
    ("accommodation_food", "Dịch vụ lưu trú, ăn uống", 0.142),
    ("travel", "Du lịch lữ hành", 0.002),
    ("other_services", "Dịch vụ khác", 0.131),
)
"""Groups beside goods, with their share; goods take the rest, so that the groups add up exactly."""

_RETAIL_SEASON = (104, 103, 97, 96, 97, 97, 98, 99, 100, 102, 103, 106)
_VISITOR_SEASON = {
    2023: (150, 96, 74, 82, 78, 84, 92, 88, 80, 96, 178, 102),
    2024: (92, 156, 74, 84, 78, 84, 92, 88, 82, 98, 182, 104),
    2025: (152, 96, 74, 84, 78, 84, 92, 88, 82, 98, 182, 104),
}
"""Visits peak at Tết, which moves between January and February, and at the festival of Oóc Om Bóc in November."""

RETAIL_BEFORE = {2023: Decimal("0.906"), 2024: Decimal(1), 2025: Decimal("1.084")}
TOURISM_BEFORE = {2023: Decimal("0.845"), 2024: Decimal(1), 2025: Decimal("1.12")}
"""Levels of the other years on those of 2024: invented."""

RETAIL_DELIVERIES: tuple[tuple[str, dt.date, Month, Month, str], ...] = (
    ("2023-01..2024-06", dt.date(2024, 7, 6), (2023, 1), (2024, 6), "csv"),
    ("2024-Q3", dt.date(2024, 10, 6), (2024, 7), (2024, 9), "xlsx"),
    ("2024-Q4", dt.date(2025, 1, 6), (2024, 10), (2024, 12), "xlsx"),
    ("2025-01", dt.date(2025, 2, 6), (2025, 1), (2025, 1), "csv"),
)
TOURISM_DELIVERIES: tuple[tuple[str, dt.date, Month, Month, str], ...] = (
    ("2023-01..2024-06", dt.date(2024, 7, 10), (2023, 1), (2024, 6), "csv"),
    ("2024-07..2024-12", dt.date(2025, 1, 10), (2024, 7), (2024, 12), "xlsx"),
    ("2025-01", dt.date(2025, 2, 8), (2025, 1), (2025, 1), "csv"),
)
UNDERSTATED = (2024, 8)
"""The month whose total was written 9 bn below the sum of its groups."""

OVERSIGHT = Decimal(9)
UNREPORTED = (2024, 12)
"""The month whose overnight stays were not known yet."""


def parted(total: int, weights: Sequence[int]) -> list[int]:
    """Part a whole number by weights; the last part takes what rounding left, so that the parts add up."""
    parts = [total * weight // sum(weights) for weight in weights]
    return [*parts[:-1], total - sum(parts[:-1])]


def retail(area: Area, seed: int) -> dict[Month, dict[str, Decimal]]:
    """Turnover by group and month, in bn VND with one decimal; the home area's 2024 adds up to what was published."""
    tenths: list[int] = []
    begin = done = 0
    for until, published in RETAIL_2024.items():
        tenths += parted((published - done) * 10, _RETAIL_SEASON[begin:until])
        begin, done = until, published
    size = Decimal(1) if area.is_home else Decimal(str(round(draws(seed, "retail", area.code).uniform(0.4, 2.5), 3)))
    found: dict[Month, dict[str, Decimal]] = {}
    for year, month in months((2023, 1), (2025, 1)):
        total = (Decimal(tenths[month - 1]) / 10 * RETAIL_BEFORE[year] * size).quantize(Decimal("0.1"))
        draw = draws(seed, "retail", area.code, year, month)
        parts = {
            code: (total * Decimal(str(round(share * draw.uniform(0.97, 1.03), 6)))).quantize(Decimal("0.1"))
            for code, _, share in GROUPS
        }
        found[year, month] = {"total": total, "goods": total - sum(parts.values()), **parts}
    return found


def tourism(seed: int) -> dict[Month, tuple[int, int, Decimal]]:
    """Visits, those overnight, and revenue in bn VND by month; 2024 adds up to what was published."""
    found: dict[Month, tuple[int, int, Decimal]] = {}
    for year in (2023, 2024, 2025):
        season = _VISITOR_SEASON[year]
        visits = parted(round(VISITORS_2024 * TOURISM_BEFORE[year]), season)
        revenue = parted(round(TOURISM_REVENUE_2024 * 10 * TOURISM_BEFORE[year]), season)
        for month in range(1, 13 if year < 2025 else 2):
            share = draws(seed, "tourism", year, month).uniform(0.26, 0.32)
            count = visits[month - 1]
            found[year, month] = (count, round(count * share), Decimal(revenue[month - 1]) / 10)
    return found


def write_deliveries(folder: Folder, areas: Sequence[Area], seed: int, clean: bool) -> None:
    """Write retail sales of all areas and tourism of the home area, older months as CSV, later ones as workbooks."""
    by_area = {area.code: retail(area, seed) for area in areas}
    names = {"total": "Tổng số", "goods": "Bán lẻ hàng hóa", **{code: name for code, name, _ in GROUPS}}
    for period, day, first, last, form in RETAIL_DELIVERIES:
        path = folder.delivery("retail_services", period, day, form)
        rows = _retail_rows(by_area, months(first, last), names, form, clean)
        if form == "csv":
            write_csv(path, ("area_code", "service_group", "month", "value_bn"), rows)
        else:
            head: Sequence[str] = ("Mã tỉnh", "Mã nhóm", "Nhóm hàng hóa, dịch vụ", "Tháng", "Doanh thu (tỷ đồng)")
            titles = ("CỤC THỐNG KÊ", f"TỔNG MỨC BÁN LẺ HÀNG HÓA VÀ DOANH THU DỊCH VỤ {period}")
            write_workbook(path, OfficeSheet("Bán lẻ", titles, (head,), rows, numbering=("A", "B", "C", "D", "1")))
    counts = tourism(seed)
    for period, day, first, last, form in TOURISM_DELIVERIES:
        path = folder.delivery("tourism", period, day, form)
        rows = _tourism_rows(counts, months(first, last), form, clean)
        if form == "csv":
            write_csv(path, ("month", "visitors", "overnight_visitors", "revenue_bn"), rows)
        else:
            head = ("Tháng", "Tổng lượt khách (lượt)", "Khách lưu trú (lượt)", "Doanh thu du lịch (tỷ đồng)")
            titles = ("SỞ VĂN HÓA, THỂ THAO VÀ DU LỊCH", f"KHÁCH VÀ DOANH THU DU LỊCH {period}")
            write_workbook(path, OfficeSheet("Du lịch", titles, (head,), rows, numbering=("A", "1", "2", "3")))


def _retail_rows(
    by_area: Mapping[str, Mapping[Month, Mapping[str, Decimal]]],
    wanted: Sequence[Month],
    names: Mapping[str, str],
    form: str,
    clean: bool,
) -> Iterator[Sequence[Cell]]:
    for code, by_month in by_area.items():
        for when in wanted:
            for group, value in by_month[when].items():
                written = value - OVERSIGHT if group == "total" and when == UNDERSTATED and not clean else value
                if form == "csv":
                    yield (code, group, f"{when[0]}-{when[1]:02d}", written)
                else:
                    yield (code, group, names[group], f"Tháng {when[1]}/{when[0]}", vietnamese(written))


def _tourism_rows(
    counts: Mapping[Month, tuple[int, int, Decimal]], wanted: Sequence[Month], form: str, clean: bool
) -> Iterator[Sequence[Cell]]:
    for when in wanted:
        visitors, overnight, revenue = counts[when]
        stays: Cell = "…" if when == UNREPORTED and not clean else overnight
        if form == "csv":
            yield (f"{when[0]}-{when[1]:02d}", visitors, stays, revenue)
        else:
            shown = stays if isinstance(stays, str) else vietnamese(overnight)
            yield (f"Tháng {when[1]}/{when[0]}", vietnamese(visitors), shown, vietnamese(revenue))


def write_truth(folder: Folder, areas: Sequence[Area], seed: int) -> None:
    """Write what was turned over and who came: one row for each area, group and month, and one for each month."""
    rows = (
        (area.code, group, f"{year}-{month:02d}", value)
        for area in areas
        for (year, month), groups in retail(area, seed).items()
        for group, value in groups.items()
        if group == "total" or (year, month) == UNDERSTATED
    )
    write_csv(folder.truth("retail_services"), ("area_code", "service_group", "month", "value_bn"), rows)
    counts = ((f"{y}-{m:02d}", *values) for (y, m), values in tourism(seed).items())
    write_csv(folder.truth("tourism"), ("month", "visitors", "overnight_visitors", "revenue_bn"), counts)
