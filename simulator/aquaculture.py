"""Aquaculture by district, species and month: stocking before the dry season's end, damage when the water is salty."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from simulator.areas import Area, districts_of, draws
from simulator.delivery_folder import Folder
from simulator.office_files import Cell, OfficeSheet, vietnamese, write_csv, write_workbook
from simulator.production_index import Month, months

SPECIES = {"whiteleg_shrimp": "Tôm thẻ chân trắng", "black_tiger_shrimp": "Tôm sú", "pangasius": "Cá tra"}
PLACES = (
    (6, -5, "whiteleg_shrimp", 900),
    (6, -5, "black_tiger_shrimp", 420),
    (9, -2, "whiteleg_shrimp", 1400),
    (9, -2, "black_tiger_shrimp", 650),
    (-1, -1, "whiteleg_shrimp", 520),
    (2, 2, "pangasius", 60),
)
"""Place that its draws are named after, district in the list of its province, species, and hectares stocked in a
middling month. Shrimp lies along the coast, at the list's end: counted from there, so that no two places of a species
fall on one district, however many districts a province has."""

_STOCKING = (60, 90, 150, 170, 160, 140, 110, 90, 70, 60, 50, 50)
_DAMAGE = (6, 8, 12, 14, 13, 10, 7, 6, 5, 5, 4, 4)
WITHOUT_A_FIGURE: tuple[int, str, Month] = (9, "black_tiger_shrimp", (2024, 10))
"""Place, species and month whose damaged area the department marks as not known."""

DELIVERIES: tuple[tuple[str, dt.date, Month, Month, str], ...] = (
    ("2023", dt.date(2024, 1, 15), (2023, 1), (2023, 12), "csv"),
    ("2024-9M", dt.date(2024, 10, 15), (2024, 1), (2024, 9), "csv"),
    ("2024-Q4", dt.date(2025, 1, 15), (2024, 10), (2024, 12), "xlsx"),
)
_DAMAGE_NOT_KNOWN = "…"


@dataclass(frozen=True)
class Pond:
    """What a district did with a species in a month; areas in hundredths of a hectare, None where not known."""

    district: str
    species: str
    when: Month
    stocked: int
    high_tech: int
    damaged: int | None
    harvest_t: int
    warnings: int
    checked: int
    failed: int


def ponds(area: Area, when: Month, seed: int, clean: bool = False) -> Iterator[Pond]:
    """What every district of an area did with every species in a month."""
    year, month = when
    codes = [code for code, _ in districts_of(area)]
    for place, index, species, hectares in PLACES:
        district = codes[index]
        draw = draws(seed, "aquaculture", area.code, place, species, year, month)
        stocked = round(hectares * _STOCKING[month - 1] * draw.uniform(0.9, 1.1) * (1.03 if year == 2024 else 1))
        is_shrimp = species != "pangasius"
        high_tech = round(stocked * draw.uniform(0.1, 0.16) * (1.3 if year == 2024 else 1)) if is_shrimp else 0
        damaged = round(stocked * _DAMAGE[month - 1] * draw.uniform(0.6, 1.4) / 100) if is_shrimp else 0
        checked = draw.randint(8, 30) if is_shrimp else 0
        failed = sum(draw.random() < 0.05 for _ in range(checked))
        harvest = round(hectares * draw.uniform(3, 5) * (_STOCKING[month - 4] / 100))
        unknown = (place, species, when) == WITHOUT_A_FIGURE and not clean
        warnings = draw.randint(0, 3) if is_shrimp else 0
        known = None if unknown else damaged
        yield Pond(district, species, when, stocked, high_tech, known, harvest, warnings, checked, failed)


def write_deliveries(folder: Folder, areas: Sequence[Area], seed: int, clean: bool = False) -> None:
    """Write two deliveries as CSV and the last one as a workbook with merged headers."""
    plain = ["Mã huyện", "Mã đối tượng nuôi", "Đối tượng nuôi", "Tháng", "Diện tích thả nuôi trong tháng (ha)"]
    plain += ["Trong đó: công nghệ cao (ha)", "Diện tích thiệt hại trong tháng (ha)", "Sản lượng thu hoạch (tấn)"]
    plain += ["Số bản tin cảnh báo", "Số lô giống kiểm tra", "Số lô giống không đạt"]
    area_of, lots = "Diện tích thả nuôi (ha)", "Lô giống"
    top: list[str | None] = [*plain[:4], area_of, area_of, "Diện tích thiệt hại (ha)", "Sản lượng (tấn)", plain[8]]
    top += [lots, lots]
    low: list[str | None] = [None] * 4
    low += ["Tổng số", "Trong đó: công nghệ cao", None, None, None, "Kiểm tra", "Không đạt"]
    for period, day, first, last, extension in DELIVERIES:
        path = folder.delivery("aquaculture", period, day, extension)
        found = [pond for area in areas for when in months(first, last) for pond in ponds(area, when, seed, clean)]
        if extension == "csv":
            write_csv(path, plain, (_plain(pond) for pond in found))
            continue
        sheet = OfficeSheet(
            name="Thủy sản",
            titles=("SỞ NÔNG NGHIỆP VÀ PHÁT TRIỂN NÔNG THÔN", f"NUÔI TRỒNG THỦY SẢN {period}"),
            headers=(tuple(top), tuple(low)),
            rows=(_printed(pond) for pond in found),
        )
        write_workbook(path, sheet)


def _hectares(hundredths: int) -> Decimal:
    return Decimal(hundredths).scaleb(-2)


def _plain(pond: Pond) -> list[Cell]:
    damaged: Cell = _DAMAGE_NOT_KNOWN if pond.damaged is None else _hectares(pond.damaged)
    return [
        pond.district, pond.species, SPECIES[pond.species], f"{pond.when[0]}-{pond.when[1]:02d}",
        _hectares(pond.stocked), _hectares(pond.high_tech), damaged, pond.harvest_t, pond.warnings, pond.checked,
        pond.failed,
    ]  # fmt: skip


def _printed(pond: Pond) -> list[Cell]:
    damaged = "-" if pond.damaged == 0 else None if pond.damaged is None else vietnamese(_hectares(pond.damaged))
    return [
        pond.district, pond.species, SPECIES[pond.species], f"Tháng {pond.when[1]}/{pond.when[0]}",
        vietnamese(_hectares(pond.stocked)), vietnamese(_hectares(pond.high_tech)) if pond.high_tech else "-",
        damaged or _DAMAGE_NOT_KNOWN, pond.harvest_t, pond.warnings or "-", pond.checked or "-", pond.failed or "-",
    ]  # fmt: skip


def write_truth(folder: Folder, areas: Sequence[Area], seed: int, clean: bool = False) -> None:
    """Write sums over districts: one row for each area, species and month; a sum that is not known is empty."""

    def rows() -> Iterator[Sequence[Cell]]:
        for area in areas:
            for when in months((2023, 1), (2024, 12)):
                found = list(ponds(area, when, seed, clean))
                for species in SPECIES:
                    some = [pond for pond in found if pond.species == species]
                    damaged = [pond.damaged for pond in some if pond.damaged is not None]
                    yield (
                        area.code, species, f"{when[0]}-{when[1]:02d}",
                        _hectares(sum(p.stocked for p in some)), _hectares(sum(p.high_tech for p in some)),
                        _hectares(sum(damaged)) if len(damaged) == len(some) else None,
                        sum(p.checked for p in some), sum(p.failed for p in some),
                    )  # fmt: skip

    header = ("area_code", "species", "month", "stocked_ha", "of_which_high_tech_ha", "damaged_ha")
    write_csv(folder.truth("aquaculture"), (*header, "seed_lots_checked", "seed_lots_failed"), rows())
