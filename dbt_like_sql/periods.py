"""Periods: one code for each span of time, however an office writes it.

Canonical codes: `2024`, `2024-Q3`, `2024-9M` (from January, cumulative), `2024-08`, `2024-10-31`, and ranges
`2024-07..2024-10` whose two ends are of one kind. A quarter and a cumulative period of the same months keep
different codes: a quarter's figure and a cumulative figure are never mixed. The first half of a year is cumulative
(`2024-H1` is `2024-6M`), and so is what is summed up to the end of a month (`tính đến hết tháng 10/2024`); a figure
`đến 31/10/2024` has the code of that day.

Twelve cumulative months *are* the year, and offices write both: `2024-12M` becomes `2024`. One cumulative
month is refused, because `2024-1M` is as likely a slip for `2024-11M` as a way to write January. Words that
say how final a figure is (`Sơ bộ 2023`, `Ước thực hiện quý III/2024`) do not change the period that it speaks
of; words that change the matter (`Kế hoạch 2024`) are not understood, on purpose.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

KINDS = ("year", "quarter", "ytd", "month", "day", "range")
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""A number outside these is a slip of the pen rather than a year."""

LONGEST = 120
"""No office needs more characters than this to name a period."""

_HOW = (
    "write a year 2024, a quarter 2024-Q3, months from January 2024-9M, a month 2024-08, a day 2024-10-31 "
    "or a range 2024-07..2024-10"
)

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_COUNT_WORDS = {
    "một": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
    "mười": 10, "mười một": 11, "mười hai": 12,
}  # fmt: skip
_MONTH_WORDS = {**_COUNT_WORDS, "giêng": 1, "chạp": 12}

_YEAR = r"(?P<year>[0-9]{4})"
_OF = r"(?:\s*[/\-.,]\s*|\s+)(?:năm\s+)?"
"""What stands between a part of a year and the year: `/`, `-`, `,` or `năm`."""
_WORDS = "|".join(sorted(_MONTH_WORDS, key=len, reverse=True))
_SUMMED = r"(?:(?:cộng dồn|lũy kế|luỹ kế)\s+)?"
_UNTIL = rf"{_SUMMED}(?:(?:tính\s+)?(?:từ\s+đầu\s+năm\s+)?đến\s+)"
"""Before the last month, or the last day, of what is summed up since January."""
_STAGE = (
    r"(?:số liệu\s+)?(?:sơ bộ|ước tính|ước thực hiện|ước đạt|dự ước|ước|thực hiện|chính "
    r"thức|preliminary|prel\.?|"
    r"estimated?|est\.?|official)"
)
_STAGE_BEFORE = re.compile(rf"^\(?{_STAGE}\)?\s*[:,]?\s+")
_STAGE_AFTER = re.compile(rf"[\s,]*(?:\({_STAGE}\)|\s{_STAGE}|\(?\*+\)?)$")


@dataclass(frozen=True)
class Period:
    """A span of time: its canonical `code`, its `kind` (one of KINDS) and its first and last day."""

    code: str
    kind: str
    first_day: dt.date
    last_day: dt.date


@lru_cache(maxsize=65536)
def parse_period(text: str) -> Period:
    """Read a canonical code or an office's spelling of a period.

    Raises ValueError with a sentence that names the text and says how to write a period.
    """
    if len(text) > LONGEST:
        raise _refusal(text)
    plain = _plain(text)
    span = _range(plain, text)
    if span is not None:
        return span
    for pattern, make in _FORMS:
        match = pattern.fullmatch(plain)
        if match is not None:
            return make(match, text)
    raise _refusal(text)


def _plain(text: str) -> str:
    """NFC, lower case, single spaces, without the words and marks that only say how final a figure is."""
    plain = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    plain = plain.replace("–", "-").replace("—", "-").replace("quí", "quý").replace("qúy", "quý")
    while True:
        bare = _STAGE_AFTER.sub("", _STAGE_BEFORE.sub("", plain)).strip()
        if bare == plain:
            return plain
        plain = bare


def _refusal(text: str, why: str = "is not a period") -> ValueError:
    shown = text if len(text) <= 60 else text[:57] + "..."
    return ValueError(f"'{shown}' {why}: {_HOW}")


def _number(word: str) -> int:
    word = word.strip()
    return int(word) if word.isdigit() else {**_MONTH_WORDS, **_ROMAN}[word]


def _year_of(match: re.Match[str], text: str) -> int:
    year = int(match["year"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _refusal(text, f"speaks of the year {year}, which is not between {FIRST_YEAR} and {LAST_YEAR}")
    return year


def _last_of_month(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _year(match: re.Match[str], text: str) -> Period:
    year = _year_of(match, text)
    return Period(f"{year:04d}", "year", dt.date(year, 1, 1), dt.date(year, 12, 31))


def _quarter(match: re.Match[str], text: str) -> Period:
    year, quarter = _year_of(match, text), _number(match["n"])
    if not 1 <= quarter <= 4:
        raise _refusal(text, f"speaks of quarter {quarter}, and a year has four")
    last = 3 * quarter
    return Period(f"{year:04d}-Q{quarter}", "quarter", dt.date(year, last - 2, 1), _last_of_month(year, last))


def _cumulative(match: re.Match[str], text: str) -> Period:
    months = _number(match["n"])
    if months == 12:
        return _year(match, text)
    if not 2 <= months <= 11:
        raise _refusal(text, f"speaks of {months} month(s) from January, and such a period has 2 to 11")
    year = _year_of(match, text)
    return Period(f"{year:04d}-{months}M", "ytd", dt.date(year, 1, 1), _last_of_month(year, months))


def _half_year(match: re.Match[str], text: str) -> Period:
    year, half = _year_of(match, text), _number(match["n"])
    if half == 1:
        return Period(f"{year:04d}-6M", "ytd", dt.date(year, 1, 1), dt.date(year, 6, 30))
    if half == 2:
        return Period(f"{year:04d}-07..{year:04d}-12", "range", dt.date(year, 7, 1), dt.date(year, 12, 31))
    raise _refusal(text, f"speaks of half {half} of a year, and a year has two")


def _rest_of_year(match: re.Match[str], text: str) -> Period:
    months = _number(match["n"])
    if not 2 <= months <= 11:
        raise _refusal(text, f"speaks of the last {months} month(s) of a year, and such a period has 2 to 11")
    year = _year_of(match, text)
    first = dt.date(year, 13 - months, 1)
    return Period(f"{first:%Y-%m}..{year:04d}-12", "range", first, dt.date(year, 12, 31))


def _month(match: re.Match[str], text: str) -> Period:
    year, month = _year_of(match, text), _number(match["n"])
    if not 1 <= month <= 12:
        raise _refusal(text, f"speaks of month {month}, and a year has twelve")
    return Period(f"{year:04d}-{month:02d}", "month", dt.date(year, month, 1), _last_of_month(year, month))


def _day(match: re.Match[str], text: str) -> Period:
    year = _year_of(match, text)
    try:
        day = dt.date(year, int(match["month"]), int(match["day"]))
    except ValueError as error:
        raise _refusal(text, "is not a day of the calendar") from error
    return Period(day.isoformat(), "day", day, day)


def _range(plain: str, text: str) -> Period | None:
    """The range that a text speaks of, None where it speaks of none."""
    for pattern in _RANGES:
        match = pattern.fullmatch(plain)
        if match is None:
            continue
        parts = match.groupdict()
        tail = parts.get("year")
        ends = [parse_period(f"{parts[end]} năm {tail}" if tail else parts[end]) for end in ("first", "last")]
        if ends[0].kind != ends[1].kind or ends[0].kind in {"ytd", "range"}:
            raise _refusal(text, "does not run between two years, quarters, months or days")
        if ends[0].first_day >= ends[1].first_day:
            raise _refusal(text, "does not end after it begins")
        return Period(f"{ends[0].code}..{ends[1].code}", "range", ends[0].first_day, ends[1].last_day)
    return None


_RANGES = (
    re.compile(r"(?P<first>[^.]+)\.\.(?P<last>[^.]+)"),
    re.compile(r"(?:giai đoạn\s+)?(?P<first>[0-9]{4})\s*-\s*(?P<last>[0-9]{4})"),
    re.compile(rf"từ\s+(?P<first>tháng\s+\S+)\s+đến\s+(?:hết\s+)?(?P<last>tháng\s+\S+?){_OF}{_YEAR}"),
)

_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], Period]], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (rf"(?:(?:cả\s+)?năm\s+)?{_YEAR}(?:-a1)?", _year),
        (rf"{_YEAR}-?[qk](?P<n>[0-9])", _quarter),
        (rf"(?:quý|q\.?)\s*(?P<n>iii|ii|iv|i|[0-9]){_OF}{_YEAR}", _quarter),
        (rf"quý\s+(?P<n>một|hai|ba|bốn|tư){_OF}{_YEAR}", _quarter),
        (rf"{_YEAR}-?h(?P<n>[0-9])", _half_year),
        (rf"{_YEAR}-(?P<n>[0-9]{{1,2}})m", _cumulative),
        (rf"{_UNTIL}(?:hết\s+)?tháng\s*(?P<n>[0-9]{{1,2}}|{_WORDS}){_OF}{_YEAR}", _cumulative),
        (rf"{_SUMMED}(?P<n>[0-9]{{1,2}}|{_WORDS})\s*(?:tháng|t)(?:\s+đầu)?(?:{_OF}|\s*){_YEAR}", _cumulative),
        (rf"(?P<n>[0-9]{{1,2}}|{_WORDS})\s*tháng\s+cuối{_OF}{_YEAR}", _rest_of_year),
        (rf"{_YEAR}(?:-m?|m)(?P<n>[0-9]{{2}})", _month),
        (rf"{_YEAR}m(?P<n>[0-9])", _month),
        (rf"(?:(?:tháng|t\.?)\s*)?(?P<n>[0-9]{{1,2}})\s*[/-]\s*{_YEAR}", _month),
        (rf"{_YEAR}\s*/\s*(?P<n>[0-9]{{1,2}})", _month),
        (rf"(?:tháng|t\.?)\s*(?P<n>[0-9]{{1,2}}|{_WORDS}){_OF}{_YEAR}", _month),
        (rf"{_YEAR}-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})", _day),
        (rf"(?:{_UNTIL})?(?:ngày\s+)?(?P<day>[0-9]{{1,2}})([/\-.])(?P<month>[0-9]{{1,2}})\2{_YEAR}", _day),
        (rf"(?:{_UNTIL})?(?:ngày\s+)?(?P<day>[0-9]{{1,2}})\s+tháng\s+(?P<month>[0-9]{{1,2}})\s+năm\s+{_YEAR}", _day),
    )
)
