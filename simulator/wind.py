"""Wind farms by month: some in operation, one recognised in 2024, the others on their way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from simulator.areas import Area, draws
from simulator.delivery_folder import Folder
from simulator.office_files import Cell, OfficeSheet, dmy, vietnamese, write_csv, write_workbook
from simulator.production_index import Month, months


@dataclass(frozen=True)
class Farm:
    """A wind farm: capacity in tenths of a MW, its commercial operation, and its stages by month of their beginning."""

    number: int
    capacity: int
    operates_on: dt.date | None
    stages: tuple[tuple[Month, str], ...]


_DONE = "commercial_operation"
FARMS = (
    Farm(1, 300, dt.date(2021, 10, 29), (((2021, 10), _DONE),)),
    Farm(2, 720, dt.date(2021, 10, 30), (((2021, 10), _DONE),)),
    Farm(3, 300, dt.date(2022, 6, 15), (((2022, 6), _DONE),)),
    Farm(4, 654, dt.date(2024, 9, 12), (((2022, 1), "awaiting_recognition"), ((2024, 9), _DONE))),
    Farm(5, 480, None, (((2022, 1), "under_construction"), ((2024, 6), "accepted_for_grid"))),
    Farm(6, 1000, None, (((2022, 1), "investment_approved"), ((2024, 3), "building_permitted"))),
)
_WIND = (165, 150, 115, 70, 60, 75, 95, 100, 65, 70, 105, 130)
SILENT: tuple[int, Month] = (3, (2024, 11))
"""Number of the farm and month whose generation nobody reported."""

DELIVERIES: tuple[tuple[str, dt.date, Month, Month, str], ...] = (
    ("2023", dt.date(2024, 1, 10), (2023, 1), (2023, 12), "csv"),
    ("2024-9M", dt.date(2024, 10, 10), (2024, 1), (2024, 9), "csv"),
    ("2024-Q4", dt.date(2025, 1, 10), (2024, 10), (2024, 12), "xlsx"),
)

State = tuple[str, Farm, Month, str, bool, int | None]
"""Code of the farm, the farm, month, stage, whether it operates, tenths of MWh generated (None: not known)."""


def states(area: Area, when: Month, seed: int, clean: bool = False) -> Iterator[State]:
    """How every wind farm of an area stood at the end of a month, and what it generated in it."""
    year, month = when
    for farm in FARMS:
        stage = [name for first, name in farm.stages if first <= when][-1]
        operates = farm.operates_on is not None and (farm.operates_on.year, farm.operates_on.month) <= when
        draw = draws(seed, "wind", area.code, farm.number, year, month)
        load = 0.27 * _WIND[month - 1] / 100 * draw.uniform(0.9, 1.1)
        made: int | None = round(farm.capacity * 730 * load) if operates else 0
        if operates and farm.operates_on is not None and (farm.operates_on.year, farm.operates_on.month) == when:
            made = round((made or 0) / 2)
        if (farm.number, when) == SILENT and not clean:
            made = None
        yield f"DG-{area.code}-{farm.number:02d}", farm, when, stage, operates, made


def write_deliveries(folder: Folder, areas: Sequence[Area], seed: int, clean: bool = False) -> None:
    """Write two deliveries as CSV and the last one as a workbook."""
    header = ["Mã nhà máy", "Tên nhà máy", "Tháng", "Công suất (MW)", "Giai đoạn hồ sơ", "Ngày vận hành thương mại"]
    header.append("Sản lượng điện (MWh)")
    for period, day, first, last, extension in DELIVERIES:
        path = folder.delivery("wind_power", period, day, extension)
        found = [state for area in areas for when in months(first, last) for state in states(area, when, seed, clean)]
        if extension == "csv":
            write_csv(path, header, (_cells(state, is_printed=False) for state in found))
            continue
        sheet = OfficeSheet(
            name="Điện gió",
            titles=("SỞ CÔNG THƯƠNG", f"CÁC NHÀ MÁY ĐIỆN GIÓ {period}"),
            headers=(tuple(header),),
            numbering=("A", "B", "C", "1", "D", "E", "2"),
            rows=(_cells(state, is_printed=True) for state in found),
        )
        write_workbook(path, sheet)


def _cells(state: State, is_printed: bool) -> list[Cell]:
    code, farm, (year, month), stage, operates, made = state
    begun = dmy(farm.operates_on) if operates and farm.operates_on is not None else None
    capacity = Decimal(farm.capacity).scaleb(-1)
    generation: Cell = "…" if made is None else Decimal(made).scaleb(-1) if made else "-"
    if is_printed and isinstance(generation, Decimal):
        generation = vietnamese(generation)
    label = f"Tháng {month}/{year}" if is_printed else f"{year}-{month:02d}"
    name = f"Điện gió mô phỏng số {farm.number}"
    return [code, name, label, vietnamese(capacity) if is_printed else capacity, stage, begun, generation]


def write_truth(folder: Folder, areas: Sequence[Area], seed: int, clean: bool = False) -> None:
    """Write farms and capacity in operation and what they generated: one row for each area and month."""

    def rows() -> Iterator[Sequence[Cell]]:
        for area in areas:
            for when in months((2023, 1), (2024, 12)):
                found = list(states(area, when, seed, clean))
                running = [farm for _, farm, _, _, operates, _ in found if operates]
                made = sum(state[5] or 0 for state in found)
                capacity = Decimal(sum(farm.capacity for farm in running)).scaleb(-1)
                yield (area.code, f"{when[0]}-{when[1]:02d}", len(running), capacity, Decimal(made).scaleb(-1))

    header = ("area_code", "month", "plants_in_operation", "operating_mw", "generation_mwh")
    write_csv(folder.truth("wind_power"), header, rows())
