"""What the national office publishes of the whole country every month, made up: industry, investment, retail, visitors.

The sheets have the layout of the office's own: headers broken over rows without merged cells, labels in two columns,
the noise of formulas. All figures are invented. They are the country's, and evidence for no target of the province.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest

from simulator.areas import draws
from simulator.delivery_folder import Folder
from simulator.office_files import Cell, OfficeSheet, write_csv, write_workbook
from simulator.production_index import Month, months

DELIVERIES: tuple[tuple[Month, dt.date], ...] = (((2024, 11), dt.date(2024, 12, 6)), ((2024, 12), dt.date(2025, 1, 6)))
"""The months that are published, and the day of each."""

Levels = Mapping[Month, int]
"""What is counted, month by month: hundredths of an index, million dong or persons."""

ACTIVITIES = (
    "Khai khoáng",
    "Khai thác than cứng và than non",
    "Khai thác dầu thô và khí đốt tự nhiên",
    "Công nghiệp chế biến, chế tạo",
    "Sản xuất, chế biến thực phẩm",
    "Sản xuất đồ uống",
    "Sản xuất trang phục",
    "Sản xuất sản phẩm điện tử, máy vi tính\nvà sản phẩm quang học",
    "Sản xuất và phân phối điện",
    "Cung cấp nước; hoạt động quản lý\nvà xử lý rác thải, nước thải",
)
MINISTRIES = {"Bộ Giao thông vận tải": 4_000_000, "Bộ NN và PTNT": 900_000, "Bộ Y tế": 120_000}
BUDGETS = {
    "Vốn ngân sách NN cấp tỉnh": 25_000_000,
    "Vốn ngân sách NN cấp huyện": 11_000_000,
    "Vốn ngân sách NN cấp xã": 2_000_000,
}
PROVINCES = {"Hà Nội": 5_000_000, "TP. Hồ Chí Minh": 4_000_000, "Long An": 800_000, "Sóc Trăng": 500_000}
UNNAMED = "Sóc Trăng"
"""A province that the table of the last month does not name: it has no figure then, and invested no less."""

TURNOVER = {
    "Bán lẻ hàng hóa": 300_000_000,
    "Dịch vụ lưu trú, ăn uống": 50_000_000,
    "Du lịch lữ hành": 5_000_000,
    "Dịch vụ khác": 45_000_000,
}
MODES = ("Đường không", "Đường biển", "Đường bộ")
ORIGINS: Mapping[str, Mapping[str, int]] = {
    "Châu Á": {"CHND Trung Hoa": 200_000, "Hàn Quốc": 250_000, "Cam-pu-chia": 30_000, "Một số nước khác": 180_000},
    "Châu Mỹ": {"Hoa Kỳ": 50_000, "Một số nước khác": 4_000},
    "Châu Âu": {"Pháp": 15_000, "Đức": 12_000, "Một số nước khác": 90_000},
    "Châu Úc": {"Ôx-trây-li-a": 30_000, "Niu-di-lân": 4_000},
}

Line = tuple[str, Levels | None]
"""A line of a table: its label, and its levels where it has figures."""


def industry(seed: int) -> list[Line]:
    """The index of production by activity."""
    return [(label, _levels(seed, label, 10_000)) for label in ("Toàn ngành công nghiệp", *ACTIVITIES)]


def investment(seed: int) -> list[Line]:
    """Investment under the state budget, in million dong; the provinces are some of those that the local part is of."""
    ministries, budgets, provinces = (_drawn(seed, sizes) for sizes in (MINISTRIES, BUDGETS, PROVINCES))
    other = _levels(seed, "other ministries", 1_500_000)
    central, local = _sum([other, *ministries.values()]), _sum(budgets.values())
    return [
        ("TỔNG SỐ", _sum([central, local])),
        ("Trung ương", central),
        ("Trong đó:", None),
        *ministries.items(),
        ("Địa phương", local),
        *budgets.items(),
        ("Phân theo một số tỉnh, thành phố", None),
        *provinces.items(),
    ]


def retail(seed: int) -> list[Line]:
    """Retail sales and services, in million dong."""
    groups = _drawn(seed, TURNOVER)
    return [("TỔNG SỐ", _sum(groups.values())), *groups.items()]


def visitors(seed: int) -> list[Line]:
    """International visitors, by means of travel and by origin."""
    origins = {continent: _drawn(seed, sizes, continent) for continent, sizes in ORIGINS.items()}
    continents = {continent: _sum(countries.values()) for continent, countries in origins.items()}
    total = _sum(continents.values())
    sea, road = ({when: count // share for when, count in total.items()} for share in (90, 8))
    air = {when: count - sea[when] - road[when] for when, count in total.items()}
    return [
        ("TỔNG SỐ", total),
        ("Phân theo phương tiện đến", None),
        *zip(MODES, (air, sea, road), strict=True),
        ("Phân theo một số nước và vùng lãnh thổ", None),
        *(line for one, countries in origins.items() for line in [(one, continents[one]), *countries.items()]),
    ]


def write_deliveries(folder: Folder, seed: int) -> None:
    """Write the tables of each month, a workbook for each."""
    for when, day in DELIVERIES:
        for table, sheet in _sheets(seed, when).items():
            path = folder.delivery(f"national_monthly_{table}", f"{when[0]}-{when[1]:02d}", day, "xlsx")
            write_workbook(path, sheet)


def write_truth(folder: Folder, seed: int) -> None:
    """Write what each line of a table says of the months published: its level, and the index on the year before."""
    made = {"industry": industry, "investment": investment, "retail": retail, "visitors": visitors}
    rows = (
        (table, " ".join(label.split()), f"{year}-{month:02d}", levels[year, month], _index(levels, (year, month)))
        for table, lines in made.items()
        for label, levels in lines(seed)
        for (year, month), _ in DELIVERIES
        if levels is not None and _is_named(label, (year, month))
    )
    write_csv(folder.truth("national_monthly"), ("national_table", "label", "month", "level", "index_yoy"), rows)


def _drawn(seed: int, sizes: Mapping[str, int], topic: str = "") -> dict[str, Levels]:
    return {label: _levels(seed, topic + label, size) for label, size in sizes.items()}


def _levels(seed: int, topic: str, size: int) -> Levels:
    draw = draws(seed, "national", topic)
    growth = draw.uniform(0.96, 1.18)
    return {
        (year, month): round(size * (0.85 + month / 40) * growth ** (year - 2023) * draw.uniform(0.98, 1.02))
        for year, month in months((2023, 1), DELIVERIES[-1][0])
    }


def _sum(parts: Iterable[Levels]) -> Levels:
    added: dict[Month, int] = {}
    for part in parts:
        for when, level in part.items():
            added[when] = added.get(when, 0) + level
    return added


def _is_named(label: str, when: Month) -> bool:
    return label != UNNAMED or when != DELIVERIES[-1][0]


# --- sheets ---------------------------------------------------------------------------------------------------------


def _sheets(seed: int, when: Month) -> dict[str, OfficeSheet]:
    year, month = when
    return {
        "industry": OfficeSheet(
            name="2. IIP",
            titles=("2. Chỉ số sản xuất công nghiệp",),
            unit_line="%",
            is_merged=False,
            headers=_header(
                1,
                f"Tháng {month - 1}|năm {year}|so với|cùng kỳ|năm trước",
                f"Tháng {month}|năm {year}|so với|tháng|trước",
                f"Tháng {month}|năm {year}|so với|cùng kỳ|năm trước",
                f"{month} tháng|năm {year}|so với|cùng kỳ|năm trước",
            ),
            rows=_index_rows(industry(seed), when),
        ),
        "investment": OfficeSheet(
            name="11.VĐT",
            titles=("11. Vốn đầu tư thực hiện từ nguồn ngân sách Nhà nước",),
            unit_line="Tỷ đồng",
            is_merged=False,
            headers=_header(
                2,
                f"Thực hiện|tháng {month - 1}|năm|{year}",
                f"Ước tính|tháng {month}|năm|{year}",
                f"Cộng dồn|{month} tháng|năm|{year}",
                f"{month} tháng năm|{year} so với|kế hoạch|năm {year} (%)",
                f"{month} tháng năm|{year} so với|cùng kỳ|năm trước (%)",
            ),
            rows=_investment_rows(investment(seed), when),
        ),
        "retail": OfficeSheet(
            name="13. Tongmuc",
            titles=("13. Tổng mức bán lẻ hàng hóa và doanh thu dịch vụ tiêu dùng",),
            is_merged=False,
            headers=_header(
                1,
                f"Sơ bộ|tháng {month - 1}|năm|{year}|(Tỷ đồng)",
                f"Ước tính|tháng {month}|năm|{year}|(Tỷ đồng)",
                f"Ước tính|{month} tháng|năm {year}|Tổng mức|(Tỷ đồng)",
                "|||Cơ cấu|(%)",
                f"Tháng {month}|năm {year}|so với|cùng kỳ năm|trước (%)",
                f"{month} tháng|năm {year}|so với|cùng kỳ năm|trước (%)",
            ),
            rows=_retail_rows(retail(seed), when),
        ),
        "visitors": OfficeSheet(
            name="19. KQT",
            titles=("19. Khách quốc tế đến Việt Nam",),
            unit_line="Lượt người",
            is_merged=False,
            headers=_header(
                2,
                f"Tháng {month - 1}|năm|{year}",
                f"Tháng {month}|năm|{year}",
                f"{month} tháng|năm|{year}",
                f"Tháng {month} năm|{year} so với|cùng kỳ năm|trước (%)",
                f"{month} tháng năm|{year} so với|cùng kỳ năm|trước (%)",
            ),
            rows=_visitor_rows(visitors(seed), when),
        ),
    }


def _header(labels: int, *columns: str) -> list[list[str | None]]:
    """The rows of a header whose columns say one line in each row, right of the columns of labels."""
    lines = [column.split("|") for column in columns]
    return [[*[None] * labels, *(line or None for line in row)] for row in zip_longest(*lines)]


def _index_rows(lines: Sequence[Line], when: Month) -> Iterator[Sequence[Cell]]:
    before = _month_before(when)
    for label, levels in lines:
        assert levels is not None
        on_month = _percent(levels[when], levels[before])
        yield [label, _index(levels, before), on_month, _index(levels, when), _index_of_year(levels, when)]


def _investment_rows(lines: Sequence[Line], when: Month) -> Iterator[Sequence[Cell]]:
    for label, levels in lines:
        if levels is None or not _is_named(label, when):
            yield from [] if levels else [[None, label]]
            continue
        now, so_far = Decimal(levels[when]), Decimal(_since_january(levels, when))
        plan = 1.25 * _since_january(levels, (when[0] - 1, 12))
        figures = [levels[_month_before(when)] / Decimal(1000), now / 1000, so_far / 1000]
        named = [label, None] if label == "TỔNG SỐ" else [None, label]
        yield [*named, *figures, Decimal(repr(100 * float(so_far) / plan)), _index_of_year(levels, when)]


def _retail_rows(lines: Sequence[Line], when: Month) -> Iterator[Sequence[Cell]]:
    _, total = lines[0]
    assert total is not None
    for label, levels in lines:
        assert levels is not None
        so_far = _since_january(levels, when)
        figures = [Decimal(one) / 1000 for one in (levels[_month_before(when)], levels[when], so_far)]
        share = _percent(so_far, _since_january(total, when))
        yield [label, *figures, share, _index(levels, when), _index_of_year(levels, when)]


def _visitor_rows(lines: Sequence[Line], when: Month) -> Iterator[Sequence[Cell]]:
    for label, levels in lines:
        if levels is None:
            yield [label]
            continue
        figures = [levels[_month_before(when)], levels[when], _since_january(levels, when)]
        named = [label, None] if label == "TỔNG SỐ" else [None, label]
        yield [*named, *figures, _index(levels, when), _index_of_year(levels, when)]


def _month_before(when: Month) -> Month:
    year, month = when
    return (year, month - 1) if month > 1 else (year - 1, 12)


def _since_january(levels: Levels, when: Month) -> int:
    return sum(levels[when[0], month] for month in range(1, when[1] + 1))


def _index(levels: Levels, when: Month) -> Decimal:
    return _percent(levels[when], levels[when[0] - 1, when[1]])


def _index_of_year(levels: Levels, when: Month) -> Decimal:
    return _percent(_since_january(levels, when), _since_january(levels, (when[0] - 1, when[1])))


def _percent(now: int, then: int) -> Decimal:
    """What a formula of a workbook gives, with all its digits."""
    return Decimal(repr(100 * now / then))
