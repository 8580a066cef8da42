"""The periods that titles and headers of a sheet name: compared with the file's name, or taken for a column."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator, Sequence

from assets.layout.delivery import Delivery
from assets.layout.headers import Header, HeaderRow, plain
from dbt_like_sql.contracts import PERIOD_NUMBERS
from dbt_like_sql.periods import Period, parse_period

_DAY_OF_A_LETTER = re.compile(r"ngày\s+\d{1,2}\s*(?:tháng\s+|[/.-])\d{1,2}\s*(?:năm\s+|[/.-])\d{4}")
"""On which day it was signed, or which decision it follows: not what the table speaks of."""
_DAY = r"\d{1,2}\s*(?:tháng\s+|[/.-])\s*\d{1,2}\s*(?:năm\s+|[/.-])\s*\d{4}(?!\d)"
_DAY_OF_THE_TABLE = re.compile(
    rf"(?:(?:đến|tới)\s+(?:hết\s+)?(?:thời điểm\s+)?(?:ngày\s+)?|thời điểm\s+(?:ngày\s+)?)(?P<day>{_DAY})"
)
"""Up to which day the figures go, or of which day they are."""
_STRETCH = re.compile(
    r"từ\s+(?:ngày\s+)?(?P<first>\d{1,2}[/.]\d{1,2})(?P<year>[/.]\d{4})?\s*(?:-|–|đến|tới)\s*(?:hết\s+)?(?:ngày\s+)?"
    rf"(?P<last>{_DAY})"
)
_DAY_IN_A_HEADER = re.compile(r"(?<![\d/.-])(?P<day>\d{1,2}/\d{1,2}/\d{4})(?!\d)")
"""Above a column nobody writes on which day the table was signed."""
_SUMMED_TOO = re.compile(r"tháng\s+(\d{1,2})\s+và\s+(?=\d{1,2}\s+tháng\s+(?:đầu\s+)?(?:năm\s+)?(\d{4}))")
"""`tháng 9 và 9 tháng năm 2024` speaks of the month and of the months up to it."""
_PART_OF_A_YEAR = re.compile(
    r"(?:quý\s+(?:iii|ii|iv|i|[1-4])|\d{1,2}\s+tháng(?:\s+đầu)?|tháng\s+\d{1,2})\s*(?:[/,.-]\s*|\s)(?:năm\s+)?\d{4}"
    r"|(?<!\d)\d{4}-(?:q[1-4]|\d{1,2}m|\d{2})(?![\d-])"
)
_YEAR = re.compile(r"năm\s+\d{4}")
DAYS_OF_A_REPORT = 31
"""Days after its period within which a report may be compiled: `tiến độ dự án đến ngày 07/01/2025` for quarter IV."""


def judge_titles(delivery: Delivery, sheet: str | None, header: Header, above: Sequence[HeaderRow]) -> None:
    """Add a finding where titles or headers speak of periods, and none of them is that of the file's name.

    It is critical where the period of the rows is that of the name, because then nothing else contradicts it.
    """
    named = delivery.period
    wanted = delivery.form.period_from
    is_by_name = wanted is not None and wanted["of"][0] == "name"
    stated = [period for row in above for text in row.texts for period in periods_named(text)]
    if named is not None and not is_by_name:
        stated = [period for period in stated if not _is_day_of_the_report(period, named)]
    speaks_otherwise = bool(stated) and not any(_meet(period, named) for period in stated if named)
    by_month = [
        name
        for name, column in delivery.form.columns.items()
        if isinstance(column, str) and PERIOD_NUMBERS.search(column)
    ]
    has_no_column = bool(by_month) and not any(column.field in by_month for column in header.columns)
    if named is None or not (speaks_otherwise or has_no_column):
        return
    stated_codes = ", ".join(dict.fromkeys(period.code for period in stated if not _meet(period, named)))
    delivery.found(
        "titles_speak_of_the_period_named",
        "critical" if has_no_column or is_by_name else "warning",
        f"the title speaks of {stated_codes}, and the file's name says {named.code}"
        if speaks_otherwise
        else f"the file's name says {named.code}, and no header speaks of it: {', '.join(by_month)} have no column",
        "Name the file after its period, or correct the title.",
        sheet=sheet,
        value=stated_codes or None,
    )


def with_period_found(delivery: Delivery, sheet: str | None, header: Header, above: Sequence[HeaderRow]) -> Delivery:
    """The delivery, with the period that its form looks for in headers, titles or name as a constant of this sheet."""
    wanted = delivery.form.period_from
    if wanted is None or any(column.field == wanted["field"] for column in header.columns):
        return delivery
    name = wanted["field"]
    kind = delivery.fields[name].format
    texts = {
        "header": [column.heading.replace(" | ", " ") for column in header.columns],
        "title": [text for row in above for text in row.texts],
    }
    for source in wanted["of"]:
        stated = (
            [delivery.period]
            if source == "name"
            else [one for text in texts[source] for one in periods_named(text, in_header=source == "header")]
        )
        given = [one for one in stated if one]
        of_days = [one for one in given if month_of_day(one)]
        candidates = [
            one for one in given if one not in of_days
        ] or of_days  # `năm 2024, đến ngày 31/01/2025` is of 2024
        codes = list(dict.fromkeys(one.code for one in candidates if kind in ("period", one.kind)))
        if not codes and kind == "month":
            codes = list(dict.fromkeys(one.code for one in map(month_of_day, of_days) if one))
        if len(codes) == 1:
            constants = {**delivery.form.constants, name: codes[0]}
            return dataclasses.replace(delivery, form=dataclasses.replace(delivery.form, constants=constants))
        if codes:
            break
    delivery.found(
        "period_of_the_table_is_clear",
        "critical",
        f"{name} has no column, and its {', '.join(wanted['of'])} "
        + (f"say {', '.join(codes)}" if codes else "say none"),
        f"Write one {name} into the title or the header of the table.",
        sheet=sheet,
        column=name,
    )
    return delivery


def periods_named(text: str, *, in_header: bool = False) -> Iterator[Period]:
    """Yield the periods that a title names: parts of years, the days up to which it goes, or years alone.

    The day of a letter (`ngày 15 tháng 7 năm 2024` without `đến`) is none of them.
    """
    stated = _SUMMED_TOO.sub(r"tháng \1 năm \2 và ", plain(text))
    found = []
    for match in _STRETCH.finditer(stated):
        last = _read(match["last"])
        first = _read(match["first"] + (match["year"] or f"/{last.code[:4]}")) if last else None
        found += [_read(f"{first.code}..{last.code}")] if first and last else []
    stated = _STRETCH.sub(" ", stated)
    days = [_DAY_OF_THE_TABLE, *([_DAY_IN_A_HEADER] if in_header else [])]
    for pattern in days:
        found += [_read(match["day"]) for match in pattern.finditer(stated)]
        stated = pattern.sub(" ", stated)
    stated = _DAY_OF_A_LETTER.sub(" ", stated)
    found += map(_read, _PART_OF_A_YEAR.findall(stated) or _YEAR.findall(stated))
    yield from filter(None, found)


def month_of_day(period: Period) -> Period | None:
    """The month that a day, or a stretch of days, ends in; None for any other period."""
    is_of_days = period.kind == "day" or (period.kind == "range" and len(period.code) > len("2024-07..2024-12"))
    return parse_period(f"{period.last_day:%Y-%m}") if is_of_days else None


def _read(words: str) -> Period | None:
    try:
        return parse_period(words)
    except ValueError:
        return None


def _meet(period: Period, named: Period) -> bool:
    return period.first_day <= named.last_day and period.last_day >= named.first_day


def _is_day_of_the_report(period: Period, named: Period) -> bool:
    """Whether a day in the month after a period is the one on which the report of that period was compiled.

    The last day of a month is not: it ends the period of that month's own report.
    """
    day = period.last_day
    is_month_end = (day + dt.timedelta(days=1)).day == 1
    return period.kind == "day" and not is_month_end and 0 < (day - named.last_day).days <= DAYS_OF_A_REPORT
