"""Numbers, days and gaps as readers of each language write them: `3,94%` in Vietnamese, `3.94%` in English."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from assets.product.words import chart_words, unit_words

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")
UNKNOWN = "—"
"""Stands where nothing is known; it is never a zero."""


_DECIMALS: Mapping[str, int] = {
    "%": 2, "percent": 2, "pp": 2, "bn VND": 2, "billion_vnd": 2, "count": 0, "project": 0, "projects": 0, "days": 0,
    "days left": 0, "working days left": 0, "social_housing_projects_started": 0,
    "wind_farms_in_commercial_operation": 0, "tourism_visitors": 0,
}  # fmt: skip
"""How many decimals a figure of a unit has, so that those of a column stand alike: 9,60% beside 11,93%."""
_LARGE = 10_000
"""From where on billions of dong have a decimal only where it says something: 103.000 tỷ đồng."""


def format_number(
    value: Decimal | float | int | None, unit: str | None, lang: Language, decimals: int | None = None
) -> str:
    """Write a number with its unit and as many decimals as figures of the unit have, or with up to `decimals` of them.

    One that would round to nothing keeps its decimals; one of a unit without a rule has up to two.
    """
    if value is None:
        return UNKNOWN
    exact = Decimal(str(value))
    least, most = _decimals_of(exact, unit) if decimals is None else (0, decimals)
    rounded = round(exact, most)
    if rounded == 0 and exact != 0:
        rounded = exact
    return _written(rounded, unit, lang, least)


def _decimals_of(number: Decimal, unit: str | None) -> tuple[int, int]:
    """Return how many decimals a figure has at least and at most."""
    if unit in ("bn VND", "billion_vnd") and abs(number) >= _LARGE:
        return 0, 1
    if unit is None or unit not in _DECIMALS:
        return 0, 2
    return _DECIMALS[unit], _DECIMALS[unit]


def format_threshold(
    value: Decimal | float | int | None, unit: str | None, lang: Language, decimals: int | None = None
) -> str:
    """Write a threshold as a directive does, without decimals that say nothing: trên 4%, 25,61% trở lên."""
    return UNKNOWN if value is None else _written(Decimal(str(value)), unit, lang, 0)


def _written(number: Decimal, unit: str | None, lang: Language, least_decimals: int) -> str:
    whole, _, part = f"{abs(number):,f}".partition(".")
    part = part.rstrip("0").ljust(least_decimals, "0")
    text = f"{whole}.{part}" if part else whole
    if lang == "vi":
        text = text.translate(str.maketrans(",.", ".,"))
    sign = "−" if number < 0 else ""
    return f"{sign}{text}{'' if unit is None else unit_words(unit, lang)}"


def format_gap(
    value: Decimal | float | int | None, unit: str | None, lang: Language, decimals: int | None = None
) -> str:
    """Write a gap with its sign; the gap between two percentages is in percentage points."""
    if value is None:
        return UNKNOWN
    text = format_number(value, "pp" if unit in {"%", "percent"} else unit, lang, decimals)
    return f"+{text}" if value > 0 else text


def format_money(
    vnd: Decimal | int | None, unit: str | None = None, lang: Language = "vi", decimals: int | None = None
) -> str:
    """Write an amount of dong as people speak of public money, in billions: 6,36 tỷ đồng."""
    return format_number(None if vnd is None else Decimal(vnd) / 10**9, unit or "bn VND", lang, decimals)


def format_share(share: Decimal | None, unit: str | None = None, lang: Language = "vi", decimals: int = 0) -> str:
    """Write a share of one, such as a probability, in percent."""
    return format_number(None if share is None else share * 100, unit or "percent", lang, decimals)


def format_day(day: dt.date, lang: Language) -> str:
    """Write a day."""
    return f"{day:%d/%m/%Y}" if lang == "vi" else day.isoformat()


def format_month(day: dt.date, lang: Language) -> str:
    """Write the month of a day in as few letters as an axis has room for: 8/24, Aug 24."""
    if lang == "vi":
        return f"{day.month}/{day:%y}"
    return f"{chart_words(lang)['month_names'].split(',')[day.month - 1]} {day:%y}"


def decimals_apart(actual: Decimal | None, threshold: Decimal | None) -> int | None:
    """Return how many decimals show on which side of a threshold a figure lies: 3.996 is not 4 beside "> 4".

    None where those that its unit has do.
    """
    if actual is None or threshold is None or actual == threshold:
        return None
    return None if round(actual, 2) != round(threshold, 2) else 4
