"""Seafood exports by market, product and month, with their peak from July to October."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from simulator.areas import Area, draws
from simulator.delivery_folder import Folder
from simulator.office_files import Cell, write_csv
from simulator.production_index import Month, months

LINES = (
    ("US", "frozen_shrimp", 900, 9_600),
    ("JP", "frozen_shrimp", 620, 10_400),
    ("EU", "frozen_shrimp", 480, 9_100),
    ("CN", "frozen_shrimp", 700, 7_300),
    ("ZZ", "frozen_shrimp", 260, 8_400),
    ("CN", "frozen_fish", 210, 2_300),
)
"""Market, product, tonnes in a middling month, dollars a tonne."""

_SEASON = (72, 58, 78, 88, 96, 106, 124, 134, 132, 126, 96, 90)
RESTATED: tuple[str, str, Month] = ("JP", "frozen_shrimp", (2024, 8))
"""A line that customs first counted a tenth too high; the last delivery restates it."""

DELIVERIES: tuple[tuple[str, dt.date, Month, Month], ...] = (
    ("2023", dt.date(2024, 1, 15), (2023, 1), (2023, 12)),
    ("2024-6M", dt.date(2024, 7, 15), (2024, 1), (2024, 6)),
    ("2024-Q3", dt.date(2024, 10, 15), (2024, 7), (2024, 9)),
    ("2024-Q4", dt.date(2025, 1, 15), (2024, 10), (2024, 12)),
)

Line = tuple[Month, str, str, int, int]
"""Month, market, product, kilogrammes, cents."""


def exports(areas: Sequence[Area], when: Month, seed: int) -> Iterator[Line]:
    """What was exported in a month; several areas export as one, because customs names no province."""
    year, month = when
    for market, product, tonnes, price in LINES:
        kilogrammes = cents = 0
        for area in areas:
            draw = draws(seed, "exports", area.code, market, product, year, month)
            growth = 1.06 if year == 2024 else 1.0
            weight = round(tonnes * area.density * 10 * _SEASON[month - 1] * draw.uniform(0.93, 1.07) * growth)
            kilogrammes += weight
            cents += round(weight * price * draw.uniform(0.97, 1.03) / 10)
        yield when, market, product, kilogrammes, cents


def write_deliveries(folder: Folder, areas: Sequence[Area], seed: int, clean: bool = False) -> None:
    """Write the deliveries; the third has a line too high, which the fourth restates."""
    header = ("Tháng", "Mã thị trường", "Mã sản phẩm", "Khối lượng (tấn)", "Trị giá (USD)")
    for period, day, first, last in DELIVERIES:
        rows = []
        for line in (line for when in months(first, last) for line in exports(areas, when, seed)):
            is_high = (line[1], line[2], line[0]) == RESTATED and not clean
            rows.append(_cells((*line[:3], line[3] * 11 // 10, line[4] * 11 // 10) if is_high else line))
        if period == "2024-Q4" and not clean:
            rows += [_cells(line) for line in exports(areas, RESTATED[2], seed) if (line[1], line[2]) == RESTATED[:2]]
        write_csv(folder.delivery("seafood_exports", period, day, "csv"), header, rows)


def _cells(line: Line) -> Sequence[Cell]:
    (year, month), market, product, kilogrammes, cents = line
    return (f"{year}-{month:02d}", market, product, Decimal(kilogrammes).scaleb(-3), Decimal(cents).scaleb(-2))


def write_truth(folder: Folder, areas: Sequence[Area], seed: int) -> None:
    """Write the total of each month."""

    def rows() -> Iterator[Sequence[Cell]]:
        for when in months((2023, 1), (2024, 12)):
            found = list(exports(areas, when, seed))
            weight, value = sum(line[3] for line in found), sum(line[4] for line in found)
            yield (f"{when[0]}-{when[1]:02d}", Decimal(weight).scaleb(-3), Decimal(value).scaleb(-2))

    write_csv(folder.truth("seafood_exports"), ("month", "tonnes", "value_usd"), rows())
