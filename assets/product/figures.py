"""Numbers, days and gaps as readers of each language write them: `3,94%` in Vietnamese, `3.94%` in English."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

from assets.product.words import unit_words

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")
UNKNOWN = "—"
"""Stands where nothing is known; it is never a zero."""


def format_number(value: Decimal | float | int | None, unit: str | None, lang: Language, decimals: int = 2) -> str:
    """Write a number with its unit; one that would round to nothing keeps its decimals."""
    if value is None:
        return UNKNOWN
    exact = Decimal(str(value))
    rounded = round(exact, decimals)
    if rounded == 0 and exact != 0:
        rounded = exact
    text = f"{abs(rounded):,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if lang == "vi":
        text = text.translate(str.maketrans(",.", ".,"))
    sign = "−" if rounded < 0 else ""
    return f"{sign}{text}{'' if unit is None else unit_words(unit, lang)}"


def format_gap(value: Decimal | float | int | None, unit: str | None, lang: Language, decimals: int = 2) -> str:
    """Write a gap with its sign; the gap between two percentages is in percentage points."""
    if value is None:
        return UNKNOWN
    text = format_number(value, "pp" if unit in {"%", "percent"} else unit, lang, decimals)
    return f"+{text}" if value > 0 else text


def format_money(vnd: Decimal | int | None, unit: str | None = None, lang: Language = "vi", decimals: int = 2) -> str:
    """Write an amount of dong as people speak of public money, in billions: 6,36 tỷ đồng."""
    return format_number(None if vnd is None else Decimal(vnd) / 10**9, unit or "bn VND", lang, decimals)


def format_share(share: Decimal | None, unit: str | None = None, lang: Language = "vi", decimals: int = 0) -> str:
    """Write a share of one, such as a probability, in percent."""
    return format_number(None if share is None else share * 100, unit or "percent", lang, decimals)


def format_day(day: dt.date, lang: Language) -> str:
    """Write a day."""
    return f"{day:%d/%m/%Y}" if lang == "vi" else day.isoformat()


def decimals_apart(actual: Decimal | None, threshold: Decimal | None) -> int:
    """Return how many decimals show on which side of a threshold a figure lies: 3.996 is not 4 beside "> 4"."""
    if actual is None or threshold is None or actual == threshold:
        return 2
    return 2 if round(actual, 2) != round(threshold, 2) else 4
