"""The areas that a scale stands for, their districts and calendar of working days."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

HOME = "94"
"""Sóc Trăng: the area whose totals agree with what was published."""

_LISTED = (
    "01 02 04 06 08 10 11 12 14 15 17 19 20 22 24 25 26 27 30 31 33 34 35 36 37 38 40 42 44 45 46 48 49 51 52 54 56 "
    "58 60 62 64 66 67 68 70 72 74 75 77 79 80 82 83 84 86 87 89 91 92 93 94 95 96"
)
_CODES = _LISTED.split()

_HOME_DISTRICTS = (
    ("941", "Thành phố Sóc Trăng"),
    ("942", "Huyện Châu Thành"),
    ("943", "Huyện Kế Sách"),
    ("944", "Huyện Mỹ Tú"),
    ("945", "Huyện Cù Lao Dung"),
    ("946", "Huyện Long Phú"),
    ("947", "Huyện Mỹ Xuyên"),
    ("948", "Thị xã Ngã Năm"),
    ("949", "Huyện Thạnh Trị"),
    ("950", "Thị xã Vĩnh Châu"),
    ("951", "Huyện Trần Đề"),
)

_HOLIDAYS = (
    "2023-01-02 2023-01-20 2023-01-23 2023-01-24 2023-01-25 2023-01-26 2023-05-01 2023-05-02 2023-05-03 2023-09-01 "
    "2023-09-04 2024-01-01 2024-02-08 2024-02-09 2024-02-12 2024-02-13 2024-02-14 2024-04-18 2024-04-29 2024-04-30 "
    "2024-05-01 2024-09-02 2024-09-03 2025-01-01 2025-01-27 2025-01-28 2025-01-29 2025-01-30 2025-01-31"
)
_CLOSED = frozenset(dt.date.fromisoformat(day) for day in _HOLIDAYS.split())


@dataclass(frozen=True)
class Area:
    """One province of the simulation; `density` multiplies its projects and enterprises."""

    code: str
    name: str
    density: int

    @property
    def is_home(self) -> bool:
        """Whether the published totals hold for it."""
        return self.code == HOME


def areas_of(scale: int) -> list[Area]:
    """The areas of a scale: 1 is the province alone, 63 the country; above, every province grows denser."""
    if scale < 1:
        raise ValueError(f"the scale is {scale}; it must be 1 or more")
    codes = [HOME, *(code for code in _CODES if code != HOME)][:scale]
    density = -(-scale // len(_CODES))
    names = {HOME: "tỉnh Sóc Trăng"}
    return [Area(code, names.get(code, f"tỉnh mã {code}"), density) for code in codes]


def districts_of(area: Area) -> list[tuple[str, str]]:
    """Code and name of each district; invented for every province but Sóc Trăng."""
    if area.is_home:
        return list(_HOME_DISTRICTS)
    first = 2 if area.code == "95" else 0  # 950 and 951 are real codes of Sóc Trăng
    return [(f"{area.code}{i}", f"Huyện mô phỏng {area.code}{i}") for i in range(first, 10)]


def draws(seed: int, *topic: object) -> random.Random:
    """A generator of its own for each topic, so that more of one thing does not change another."""
    return random.Random(":".join(map(str, (seed, *topic))))


def working_days(year: int, month: int) -> list[dt.date]:
    """The days of a month on which the Treasury posts vouchers."""
    day, days = dt.date(year, month, 1), []
    while day.month == month:
        if day.weekday() < 5 and day not in _CLOSED:
            days.append(day)
        day += dt.timedelta(days=1)
    return days
