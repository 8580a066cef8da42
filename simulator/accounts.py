"""Regional accounts: levels by sector and quarter, and the releases that the law sets on fixed days.

The levels as known on 2024-12-01 come first: a table of sectors by quarters, raked so that the growth of every
sector and the cumulative growth of the whole agree at once. Earlier releases are made from it by revisions of the
size that the national office really had. All levels are whole hundredths of a billion VND, so that parts add up
exactly.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from simulator.areas import Area, draws
from simulator.delivery_folder import Folder
from simulator.office_files import Cell, OfficeSheet, vietnamese, write_csv, write_workbook

LEAVES = ("I", "IND", "CON", "III", "TAX")
YEARS = range(2018, 2025)
PRICE_BASE = 2010
"""Year of the prices that the office of these deliveries calls constant."""

# Published for Sóc Trăng (samples/README.md says where): growth of 2024 by sector in %, and for the whole the growth
# of the quarters of 2023, of 6 and 9 months of 2024 and of the year. IND and CON are not published apart: with an
# industry of 70 % of sector II they are set so that together they give the published 10.3 %.
SECTOR_GROWTH_2024 = {"I": 3.94, "IND": 9.6, "CON": 11.9333, "III": 8.96, "TAX": 6.85}
SHARES_2023_CONSTANT = {"I": 0.407, "IND": 0.1148, "CON": 0.0492, "III": 0.398, "TAX": 0.031}
GRDP_2023_CURRENT = 72472.00
GRDP_2024_CURRENT = 83030.00
SHARES_2024_CURRENT = {"I": 0.4097, "IND": 0.1100, "CON": 0.0518, "III": 0.3977, "TAX": 0.0308}

_SHARES_2023_CURRENT = {"I": 0.4142, "IND": 0.1092, "CON": 0.0506, "III": 0.3950, "TAX": 0.0310}
_GRDP_2022 = 36450.0
_QUARTERS_2022 = (0.249, 0.258, 0.245, 0.248)
_QUARTERLY_GROWTH_2023 = (3.3, 4.02, 7.74, 7.60)
_CUMULATIVE_GROWTH_2024 = (6.31, 6.48, 6.60)
_GRDP_GROWTH = {2019: 6.2, 2020: 2.6, 2021: 1.2, 2022: 7.7}
_SECTOR_GROWTH: Mapping[int, Mapping[str, float]] = {
    2019: {"I": 4.5, "IND": 8.5, "CON": 9.0, "TAX": 5.0},
    2020: {"I": 3.5, "IND": 2.5, "CON": 8.0, "TAX": 1.0},
    2021: {"I": 3.0, "IND": -1.5, "CON": 1.0, "TAX": -1.0},
    2022: {"I": 3.5, "IND": 11.0, "CON": 14.0, "TAX": 6.0},
    2023: {"I": 4.0, "IND": 3.5, "CON": 8.5, "TAX": 3.0},
}
"""Services, left out, close the total."""

_SEASON = {
    "I": (22, 27, 24, 27),
    "IND": (21, 24, 28, 27),
    "CON": (19, 23.5, 26, 31.5),
    "III": (24.5, 24.5, 25, 26),
    "TAX": (24, 25, 25, 26),
}
_REVISION_PP = {"I": 0.23, "IND": 0.33, "CON": 0.82, "III": 0.30, "TAX": 0.20}
"""Mean absolute revision of growth in the national accounts, quarters since 2019."""

# What the first estimates of the whole said, where it was published: growth in %, of the quarter or from January.
_FIRST_ESTIMATES = {
    (2023, 1): ("quarter", 3.3), (2023, 2): ("quarter", 4.02), (2023, 3): ("quarter", 7.74),
    (2023, 4): ("quarter", 8.13), (2024, 1): ("quarter", 6.2), (2024, 2): ("ytd", 6.54), (2024, 3): ("ytd", 6.55),
}  # fmt: skip
_MID_YEAR_ESTIMATES = {2023: 5.2, 2024: 6.8}
LAST_RELEASE = dt.date(2024, 12, 1)

SECTIONS: Mapping[str, Sequence[tuple[str, str, float]]] = {
    "IND": (
        ("B", "Khai khoáng", 0.012),
        ("C", "Công nghiệp chế biến, chế tạo", 0.788),
        ("D", "Sản xuất và phân phối điện, khí đốt", 0.155),
        ("E", "Cung cấp nước, quản lý và xử lý rác thải, nước thải", 0.045),
    ),
    "III": (
        ("G", "Bán buôn và bán lẻ; sửa chữa ô tô, mô tô, xe máy", 0.262),
        ("H", "Vận tải kho bãi", 0.082),
        ("VSIC_I", "Dịch vụ lưu trú và ăn uống", 0.101),
        ("J", "Thông tin và truyền thông", 0.068),
        ("K", "Hoạt động tài chính, ngân hàng và bảo hiểm", 0.095),
        ("L", "Hoạt động kinh doanh bất động sản", 0.088),
        ("M", "Hoạt động chuyên môn, khoa học và công nghệ", 0.021),
        ("N", "Hoạt động hành chính và dịch vụ hỗ trợ", 0.018),
        ("O", "Hoạt động của Đảng, quản lý nhà nước, an ninh quốc phòng", 0.084),
        ("P", "Giáo dục và đào tạo", 0.092),
        ("Q", "Y tế và hoạt động trợ giúp xã hội", 0.049),
        ("R", "Nghệ thuật, vui chơi và giải trí", 0.018),
        ("S", "Hoạt động dịch vụ khác", 0.022),
    ),
}

_LABELS = {
    "GRDP": "TỔNG SẢN PHẨM TRÊN ĐỊA BÀN",
    "I": "  I. Nông, lâm nghiệp và thủy sản",
    "II": "  II. Công nghiệp và xây dựng",
    "IND": "    1. Công nghiệp",
    "CON": "    2. Xây dựng",
    "III": "  III. Dịch vụ",
    "TAX": "  IV. Thuế sản phẩm trừ trợ cấp sản phẩm",
}

_QUARTERS_OF = {"Q1": (1,), "Q2": (2,), "Q3": (3,), "Q4": (4,), "6M": (1, 2), "9M": (1, 2, 3), "year": (1, 2, 3, 4)}

Quarters = list[int]
Levels = dict[int, dict[str, Quarters]]
Figures = dict[str, tuple[int, int]]
"""Of each sector: level at constant prices and at current prices, in hundredths of a billion VND."""


@dataclass(frozen=True)
class Accounts:
    """The levels of one area as known at its last release, in hundredths of a billion VND."""

    area: Area
    constant: Levels
    current: Levels
    revisions: Mapping[tuple[int, int], Mapping[str, float]]
    official: Mapping[int, Mapping[str, float]]


@dataclass
class _Margins:
    rows: dict[str, float]
    columns: list[float]
    cells: dict[str, list[float]] = field(default_factory=dict)


def accounts_of(area: Area, seed: int) -> Accounts:
    """Draw the accounts of an area; Sóc Trăng's agree with what was published."""
    draw = draws(seed, "accounts", area.code)
    other = 0.0 if area.is_home else 1.0
    size = 1.0 if area.is_home else draw.uniform(0.5, 5.0)

    def shifted(growth: float, width: float) -> float:
        return growth + other * draw.uniform(-width, width)

    tables = _tables(size, shifted)
    constant: Levels = {}
    for year, table in tables.items():
        start = {s: [c * draw.uniform(0.98, 1.02) for c in _SEASON[s]] for s in LEAVES}
        constant[year] = _raked(start, table)
    revisions = {
        (y, q): {s: draw.uniform(-2, 2) * _REVISION_PP[s] / 100 for s in LEAVES} for y in YEARS for q in range(1, 5)
    }
    official = {y: {s: draw.uniform(-0.002, 0.002) for s in LEAVES} for y in YEARS}
    return Accounts(area, constant, _current(constant, size), revisions, official)


def _tables(size: float, shift: Callable[[float, float], float]) -> dict[int, _Margins]:
    """Sector totals and quarter totals of every year; `shift(growth, width)` moves a growth rate at random."""
    columns = {2022: [_GRDP_2022 * size * w for w in _QUARTERS_2022]}
    columns[2023] = [c * (1 + shift(g, 1.0) / 100) for c, g in zip(columns[2022], _QUARTERLY_GROWTH_2023, strict=True)]
    whole = sum(columns[2023])
    rows = {2023: {s: whole * share for s, share in SHARES_2023_CONSTANT.items()}}
    rows[2024] = {s: rows[2023][s] * (1 + shift(g, 2.0) / 100) for s, g in SECTOR_GROWTH_2024.items()}
    growth_2024 = (sum(rows[2024].values()) / whole - 1) * 100
    gap = growth_2024 - 7.07
    done = [0.0]
    for q, growth in enumerate(_CUMULATIVE_GROWTH_2024, start=1):
        drift = 0.0 if abs(gap) < 0.01 else gap  # Sóc Trăng's own growth is the published one
        done.append(sum(columns[2023][:q]) * (1 + (growth + drift) / 100))
    done.append(sum(rows[2024].values()))
    columns[2024] = [after - before for before, after in pairwise(done)]
    for year in range(2022, 2017, -1):
        if year < 2022:
            total = sum(columns[year + 1]) / (1 + _GRDP_GROWTH[year + 1] / 100)
            tilt = (0.006, 0.004, -0.014, 0.004) if year == 2021 else (0.0, 0.001, 0.002, -0.003)
            columns[year] = [total * (w + t) for w, t in zip(_QUARTERS_2022, tilt, strict=True)]
        known = {s: rows[year + 1][s] / (1 + g / 100) for s, g in _SECTOR_GROWTH[year + 1].items()}
        rows[year] = {**known, "III": sum(columns[year]) - sum(known.values())}
    return {year: _Margins(rows[year], columns[year]) for year in YEARS}


def _raked(start: Mapping[str, list[float]], table: _Margins) -> dict[str, Quarters]:
    """Scale cells in turns to sector totals and quarter totals until both hold; round to hundredths."""
    cells = {s: list(start[s]) for s in LEAVES}
    for _ in range(200):
        for q in range(4):
            factor = table.columns[q] / sum(cells[s][q] for s in LEAVES)
            for s in LEAVES:
                cells[s][q] *= factor
        for s in LEAVES:
            factor = table.rows[s] / sum(cells[s])
            cells[s] = [c * factor for c in cells[s]]
    return {s: [round(c * 100) for c in cells[s]] for s in LEAVES}


def _current(constant: Levels, size: float) -> Levels:
    """Levels at current prices: the published totals for 2023 and 2024, older years deflated evenly."""
    current: Levels = {}
    whole_2023 = {s: GRDP_2023_CURRENT * size * share for s, share in _SHARES_2023_CURRENT.items()}
    whole_2024 = {s: GRDP_2024_CURRENT * size * share for s, share in SHARES_2024_CURRENT.items()}
    for year in YEARS:
        wanted = {}
        for s in LEAVES:
            base = sum(constant[2023][s])
            if year == 2024:
                wanted[s] = whole_2024[s] * (sum(constant[2024][s]) / base) / (1 + SECTOR_GROWTH_2024[s] / 100)
            else:
                price = whole_2023[s] * 100 / base
                for _ in range(2023 - year):
                    price /= 1.035
                wanted[s] = sum(constant[year][s]) * price / 100
        current[year] = {s: _spread(round(wanted[s] * 100), constant[year][s]) for s in LEAVES}
        if size == 1.0 and year in (2023, 2024):
            total = round((GRDP_2023_CURRENT if year == 2023 else GRDP_2024_CURRENT) * 100)
            current[year]["TAX"][3] += total - sum(sum(current[year][s]) for s in LEAVES)
    return current


def _spread(total: int, weights: Quarters) -> Quarters:
    """Spread a total over quarters by weight with prices rising through the year; the last quarter closes it."""
    tilted = [w * p for w, p in zip(weights, (0.994, 0.998, 1.002, 1.006), strict=True)]
    parts = [round(total * w / sum(tilted)) for w in tilted[:3]]
    return [*parts, total - sum(parts)]


# --- releases -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReleaseColumn:
    """One period of a release with its stage."""

    period: str
    header: str
    stage: str
    figures: Figures


def release_days(years: Sequence[int]) -> list[dt.date]:
    """The days on which the law has the accounts released."""
    return [dt.date(year, month, 1) for year in years for month in (4, 7, 10, 12)]


def release_period(day: dt.date) -> str:
    """The period that a release is named after: its newest."""
    return str(day.year) if day.month == 12 else f"{day.year}-Q{ {4: 1, 7: 2, 10: 3}[day.month] }"


def release(accounts: Accounts, day: dt.date) -> list[ReleaseColumn]:
    """The columns of the release of one day, this year's periods beside the same of the year before."""
    year = day.year
    pairs: list[tuple[int, str, str]] = []
    if day.month == 4:
        pairs = [(year - 1, "Q4", "preliminary"), (year, "Q1", "estimate_1")]
    elif day.month == 7:
        pairs = [(year, "Q1", "preliminary"), (year, "Q2", "estimate_1"), (year, "6M", "estimate_1")]
        pairs.append((year, "year", "estimate_1"))
    elif day.month == 10:
        pairs = [(year, "Q2", "preliminary"), (year, "6M", "preliminary"), (year, "Q3", "estimate_1")]
        pairs.append((year, "9M", "estimate_1"))
    else:
        pairs = [(year, "Q3", "preliminary"), (year, "9M", "preliminary"), (year, "Q4", "estimate_1")]
        pairs.append((year, "year", "estimate_2"))
    columns = []
    for y, part, stage in pairs:
        columns.append(_column(accounts, day, y - 1, part, "preliminary"))
        columns.append(_column(accounts, day, y, part, stage))
    if day.month == 10:
        # The preliminary year before, and the official year before that; both beside the year before them.
        columns += [_column(accounts, day, y, "year", "official") for y in (year - 3, year - 2)]
        columns.append(_column(accounts, day, year - 1, "year", "preliminary"))
    return columns


def _column(accounts: Accounts, day: dt.date, year: int, part: str, stage: str) -> ReleaseColumn:
    quarters = _QUARTERS_OF[part]
    constant = dict.fromkeys(LEAVES, 0)
    current = dict.fromkeys(LEAVES, 0)
    for q in quarters:
        levels = _known(accounts, day, year, q, stage)
        for s in LEAVES:
            constant[s] += levels[s]
            at_once = accounts.constant[year][s][q - 1]
            current[s] += (accounts.current[year][s][q - 1] * levels[s] * 2 + at_once) // (at_once * 2)
    header, period = {
        "year": (f"Năm {year}", str(year)),
        "6M": (f"6 tháng năm {year}", f"{year}-6M"),
        "9M": (f"9 tháng năm {year}", f"{year}-9M"),
    }.get(part, (f"Quý {('I', 'II', 'III', 'IV')[quarters[0] - 1]} năm {year}", f"{year}-{part}"))
    return ReleaseColumn(period, header, stage, figures_of(constant, current))


def _known(accounts: Accounts, day: dt.date, year: int, quarter: int, stage: str) -> dict[str, int]:
    """The levels of a quarter as the office knew them on the day of a release."""
    latest = {s: accounts.constant[year][s][quarter - 1] for s in LEAVES}
    if stage == "official":
        return {s: round(level * (1 + accounts.official[year][s])) for s, level in latest.items()}
    first_release = dt.date(year, {1: 4, 2: 7, 3: 10, 4: 12}[quarter], 1)
    if day > first_release or day == LAST_RELEASE:
        return latest
    estimate = {s: level * (1 + accounts.revisions[year, quarter][s]) for s, level in latest.items()}
    wanted = _wanted_total(accounts, day, year, quarter)
    factor = wanted / sum(estimate.values()) if wanted else 1.0
    return {s: round(level * factor) for s, level in estimate.items()}


def _wanted_total(accounts: Accounts, day: dt.date, year: int, quarter: int) -> float | None:
    """What the first estimate of a quarter came to, where it was published; forecasts close the mid-year estimate."""
    if not accounts.area.is_home or year not in _MID_YEAR_ESTIMATES:
        return None
    before = [sum(accounts.constant[year - 1][s][q] for s in LEAVES) for q in range(4)]
    if day < dt.date(year, {1: 4, 2: 7, 3: 10, 4: 12}[quarter], 1):
        half = sum(sum(_known(accounts, day, year, q, "").values()) for q in (1, 2))
        rest = sum(before) * (1 + _MID_YEAR_ESTIMATES[year] / 100) - half
        return rest * before[quarter - 1] / (before[2] + before[3])
    if (year, quarter) not in _FIRST_ESTIMATES:
        return None
    how, growth = _FIRST_ESTIMATES[year, quarter]
    if how == "quarter":
        return before[quarter - 1] * (1 + growth / 100)
    done = sum(sum(_known(accounts, day, year, q, "").values()) for q in range(1, quarter))
    return sum(before[:quarter]) * (1 + growth / 100) - done


def figures_of(constant: Mapping[str, int], current: Mapping[str, int]) -> Figures:
    """All sectors and sections from the five leaves; sections share their sector out exactly."""
    figures = {s: (constant[s], current[s]) for s in LEAVES}
    for sector, sections in SECTIONS.items():
        parts = {}
        for code, _, share in sections:
            parts[code] = (round(constant[sector] * share), round(current[sector] * share))
        largest = max(parts, key=lambda code: parts[code][0])
        off = [figures[sector][i] - sum(part[i] for part in parts.values()) for i in (0, 1)]
        parts[largest] = (parts[largest][0] + off[0], parts[largest][1] + off[1])
        figures |= parts
    figures["II"] = _sum(figures["IND"], figures["CON"])
    figures["GRDP"] = _sum(*(figures[s] for s in LEAVES))
    return figures


def _sum(*pairs: tuple[int, int]) -> tuple[int, int]:
    return sum(p[0] for p in pairs), sum(p[1] for p in pairs)


def _rows_of_sheet() -> list[tuple[str, str]]:
    rows = []
    for code in ("GRDP", "I", "II", "IND", "CON", "III", "TAX"):
        rows.append((code, _LABELS[code]))
        rows += [(section, f"      {label}") for section, label, _ in SECTIONS.get(code, ())]
    return rows


ROWS = _rows_of_sheet()
"""Code and indented label of every row of a release, top to bottom."""


def _hundredths(value: int) -> Decimal:
    return Decimal(value).scaleb(-2)


def write_history(folder: Folder, all_accounts: Sequence[Accounts]) -> None:
    """Write the series 2018–2022 as one canonical CSV, as an office hands over its back data."""

    def rows() -> Iterator[Sequence[Cell]]:
        for accounts in all_accounts:
            for year in range(2018, 2023):
                stage = "official" if year <= 2020 else "preliminary"
                for part in ("Q1", "Q2", "6M", "Q3", "9M", "Q4", "year"):
                    column = _column(accounts, dt.date(2023, 3, 1), year, part, "")
                    stage_of_part = stage if year < 2022 or part not in ("Q4", "year") else "estimate_2"
                    for code, _ in ROWS:
                        constant, current = (_hundredths(level) for level in column.figures[code])
                        yield (accounts.area.code, code, column.period, constant, PRICE_BASE, current, stage_of_part)

    path = folder.delivery("grdp", "2018..2022", dt.date(2023, 3, 1), "csv")
    levels = ("value_constant_bn", "base_year", "value_current_bn")
    header = ("area_code", "sector_code", "period", *levels, "estimate_stage")
    write_csv(path, header, rows())


def write_releases(folder: Folder, all_accounts: Sequence[Accounts], years: Sequence[int]) -> None:
    """Write every release of `years` as the workbook that the office sends."""
    for day in release_days(years):
        columns = release(all_accounts[0], day)
        head: list[list[str | None]] = [["Mã tỉnh", "Mã số", "Chỉ tiêu"], [None, None, None]]
        for column in columns:
            head[0] += [column.header] * 3
            head[1] += [f"Giá so sánh {PRICE_BASE}", "Giá hiện hành", "Giai đoạn"]
        where = all_accounts[0].area.name if len(all_accounts) == 1 else "các tỉnh, thành phố"
        sheet = OfficeSheet(
            name="GRDP",
            titles=(
                f"CỤC THỐNG KÊ {where.upper()}",
                f"TỔNG SẢN PHẨM TRÊN ĐỊA BÀN (GRDP) – CÔNG BỐ NGÀY {day:%d/%m/%Y}",
            ),
            unit_line="Đơn vị tính: Tỷ đồng",
            headers=head,
            numbering=("A", "B", "C", *(str(i + 1) for i in range(3 * len(columns)))),
            rows=_release_rows(all_accounts, day),
        )
        write_workbook(folder.delivery("grdp", release_period(day), day, "xlsx"), sheet)


def _release_rows(all_accounts: Sequence[Accounts], day: dt.date) -> Iterator[Sequence[Cell]]:
    for accounts in all_accounts:
        columns = release(accounts, day)
        for code, label in ROWS:
            row: list[Cell] = [accounts.area.code, code, label]
            for column in columns:
                constant, current = column.figures[code]
                row += [vietnamese(_hundredths(constant)), vietnamese(_hundredths(current)), column.stage]
            yield row


def write_truth(folder: Folder, all_accounts: Sequence[Accounts]) -> None:
    """Write the levels as known at the last release: one row for each area, sector and quarter or year."""

    def rows() -> Iterator[Sequence[Cell]]:
        for accounts in all_accounts:
            for year in YEARS:
                for part in ("Q1", "Q2", "Q3", "Q4", "year"):
                    column = _column(accounts, LAST_RELEASE, year, part, "")
                    for code, _ in ROWS:
                        constant, current = column.figures[code]
                        yield (accounts.area.code, code, column.period, _hundredths(constant), _hundredths(current))

    header = ("area_code", "sector_code", "period", "value_constant_bn", "value_current_bn")
    write_csv(folder.truth("sector_levels"), header, rows())
