"""Monthly output of industrial enterprises: sea products with their peak from July to October, wind, sugar, beer."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from simulator.areas import Area, draws
from simulator.delivery_folder import Folder
from simulator.office_files import Cell, OfficeSheet, vietnamese, write_csv, write_workbook
from simulator.production_index import Month, months


@dataclass(frozen=True)
class Product:
    """A product: monthly output of a middling enterprise, price in mn VND a unit, season in % of its mean month."""

    code: str
    name: str
    unit: str
    quantity: int
    price: Decimal
    enterprises: int
    season: tuple[int, ...]


_SEA = (72, 58, 78, 88, 96, 106, 124, 134, 132, 126, 96, 90)
_CANE = (190, 170, 180, 130, 60, 0, 0, 0, 0, 90, 180, 200)
_BEER = (120, 70, 88, 98, 104, 104, 102, 100, 96, 98, 104, 116)
_RICE = (80, 90, 130, 125, 90, 85, 110, 115, 95, 90, 95, 95)
_WIND = (165, 150, 115, 70, 60, 75, 95, 100, 65, 70, 105, 130)
_EVEN = (98, 84, 101, 99, 101, 100, 102, 103, 101, 104, 103, 104)
PRODUCTS = (
    Product("frozen_shrimp", "Tôm đông lạnh", "tấn", 900, Decimal("215"), 6, _SEA),
    Product("frozen_fish", "Cá đông lạnh", "tấn", 260, Decimal("78"), 2, _SEA),
    Product("sugar", "Đường", "tấn", 2400, Decimal("19"), 1, _CANE),
    Product("beer", "Bia", "nghìn lít", 5200, Decimal("14.5"), 1, _BEER),
    Product("milled_rice", "Gạo xay xát", "tấn", 7800, Decimal("11.8"), 3, _RICE),
    Product("garments", "Quần áo may sẵn", "nghìn cái", 640, Decimal("58"), 2, _EVEN),
    Product("wind_power", "Điện gió", "MWh", 9000, Decimal("1.8"), 4, _WIND),
)

PLANTS_MW = (30, 72, 30, 65)
"""Capacity of the wind farms; a month of full load is 730 hours."""

DELIVERIES: tuple[tuple[str, dt.date, Month, Month], ...] = (
    ("2023", dt.date(2024, 1, 10), (2023, 1), (2023, 12)),
    ("2024-6M", dt.date(2024, 7, 10), (2024, 1), (2024, 6)),
    ("2024-Q3", dt.date(2024, 10, 10), (2024, 7), (2024, 9)),
    ("2024-Q4", dt.date(2025, 1, 10), (2024, 10), (2024, 12)),
)
GROWTH_2024 = 1.055

Row = tuple[str, Product, Month, int, int, int | None]
"""Enterprise, product, month, quantity, value in mn VND, capacity."""


def output(area: Area, when: Month, seed: int) -> Iterator[Row]:
    """What every enterprise of an area made in a month."""
    year, month = when
    number = 0
    for _ in range(area.density):
        for product in PRODUCTS:
            for i in range(product.enterprises):
                number += 1
                size = draws(seed, "enterprise", area.code, number).uniform(0.6, 1.5)
                draw = draws(seed, "industry", area.code, number, year, month)
                growth = GROWTH_2024 if year == 2024 else 1.0
                season = product.season[month - 1] / 100
                if product.code == "wind_power":
                    capacity = PLANTS_MW[i] * 730
                    quantity = round(capacity * 0.27 * season * draw.uniform(0.9, 1.1) * growth)
                else:
                    capacity = round(product.quantity * size * (2.2 if product.code == "sugar" else 1.45))
                    quantity = min(
                        round(product.quantity * size * season * draw.uniform(0.94, 1.06) * growth), capacity
                    )
                # Garment makers report no capacity.
                known = None if product.code == "garments" else capacity
                code, value = f"MOPHONG-{area.code}-{number:04d}", round(quantity * product.price)
                yield (code, product, when, quantity, value, known)


def write_deliveries(folder: Folder, areas: Sequence[Area], seed: int) -> None:
    """Write the deliveries as workbooks; one of them has its headers in decomposed Unicode, as some keyboards write."""
    head = ["Mã doanh nghiệp", "Mã sản phẩm", "Tên sản phẩm", "Tháng", "Sản lượng", "Đơn vị tính"]
    head += ["Giá trị (triệu đồng)", "Công suất tháng"]
    for period, day, first, last in DELIVERIES:
        form: Literal["NFC", "NFD"] = "NFD" if period == "2024-Q3" else "NFC"
        sheet = OfficeSheet(
            name="Sản lượng",
            titles=("SỞ CÔNG THƯƠNG", f"SẢN LƯỢNG CÔNG NGHIỆP {period}"),
            headers=(tuple(unicodedata.normalize(form, text) for text in head),),
            numbering=("A", "B", "C", "D", "1", "E", "2", "3"),
            rows=_rows(areas, months(first, last), seed),
        )
        write_workbook(folder.delivery("industry_output", period, day, "xlsx"), sheet)


def _rows(areas: Sequence[Area], wanted: Sequence[Month], seed: int) -> Iterator[Sequence[Cell]]:
    for area in areas:
        for when in wanted:
            for enterprise, product, (year, month), quantity, value, capacity in output(area, when, seed):
                made: Cell = quantity or "-"
                limit: Cell = capacity if capacity is not None else "…"
                label = f"Tháng {month}/{year}"
                yield (enterprise, product.code, product.name, label, made, product.unit, vietnamese(value), limit)


def write_truth(folder: Folder, areas: Sequence[Area], seed: int) -> None:
    """Write totals of products: one row for each area, product and month."""

    def rows() -> Iterator[Sequence[Cell]]:
        for area in areas:
            for when in months((2023, 1), (2024, 12)):
                sums: dict[str, tuple[int, int]] = {}
                for _, product, _, quantity, value, _ in output(area, when, seed):
                    done = sums.get(product.code, (0, 0))
                    sums[product.code] = (done[0] + quantity, done[1] + value)
                for code, (quantity, value) in sums.items():
                    yield (area.code, code, f"{when[0]}-{when[1]:02d}", quantity, value)

    write_csv(folder.truth("industry_output"), ("area_code", "product_code", "month", "quantity", "value_mn"), rows())
