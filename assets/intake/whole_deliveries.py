"""Rules about a delivery as a whole: that a figure was read from it, and that it covers the period in its name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from assets.intake.finding_messages import SEND_AGAIN, found_in
from dbt_like_sql.contracts import Contract
from dbt_like_sql.fields import Field
from dbt_like_sql.periods import Period, parse_period
from expectations.report import Finding, Severity
from resources.landing import Receipt

_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def judge_whole(
    contract: Contract, fields: Mapping[str, Field], receipt: Receipt, rows: pa.Table, texts: pa.Table
) -> Iterator[Finding]:
    """Yield what is wrong with a delivery as a whole; `rows` are its typed rows, `texts` the same before the casts."""

    def found(
        check: str, severity: Severity, column: str | None, sentence: str, how: str, value: str | None = None
    ) -> Finding:
        return found_in(receipt, check, severity, column, sentence, f"{how} {SEND_AGAIN}".strip(), value)

    figures = _figures(contract, fields)
    if figures and all(rows.column(name).null_count == rows.num_rows for name in figures):
        sentence = f"no figure was read of its {rows.num_rows} rows: {', '.join(figures)} are empty in all of them"
        yield found(
            "figures_are_read", "critical", ", ".join(figures), sentence, "See that the columns have their headers."
        )

    if receipt.period is None:
        return
    named = parse_period(receipt.period)
    name = contract.row_period or next((r.name for r in contract.fields if fields[r.name].format), None)
    if name is None:
        days = _days_of_a_register(contract, fields, rows)
        month_first = [
            column
            for column, some in days.items()
            if not any(_lies_in(day, named) for day in some)
            and _is_month_first(texts.column(column).to_pylist(), named)
        ]
        if month_first:
            yield found(
                "dates_are_day_before_month",
                "critical",
                ", ".join(month_first),
                f"{', '.join(month_first)} is written month before day: read so, every day lies in {named.code}, and "
                "otherwise none",
                "Write days as 2024-10-31 or 31/10/2024.",
            )
        elif days and not any(_lies_in(day, named) for some in days.values() for day in some):
            first, last = min(map(min, days.values())), max(map(max, days.values()))
            yield found(
                "rows_speak_of_the_period_named",
                "warning",
                None,
                f"its name says {named.code}, and no day in its rows lies in that period: they are of {first} to "
                f"{last}",
                "See that the file is the one of that period.",
                f"{first} … {last}",
            )
        return
    spans = [span for span in map(_span, pc.unique(rows.column(name)).to_pylist()) if span is not None]
    if not spans:
        return
    first, last = min(spans)[0], max(last for _, last in spans)
    if not any(_meet(span, named) for span in spans):
        yield found(
            "rows_speak_of_the_period_named",
            "critical",
            name,
            f"its name says {named.code}, and its rows speak of {first} to {last}: none speaks of that period",
            "Name the file after the period of its rows, or send the file of that period.",
            f"{first} … {last}",
        )
        return
    outside = [
        span for span in spans if span[0] > named.last_day or (contract.row_period and span[1] < named.first_day)
    ]
    if outside and contract.row_period and _is_month_first(texts.column(name).to_pylist(), named):
        yield found(
            "dates_are_day_before_month",
            "critical",
            name,
            f"{name} is written month before day: read so, every row lies in {named.code}, and otherwise not",
            "Write days as 2024-10-31 or 31/10/2024.",
        )
    elif outside:
        until = max(last for _, last in outside)
        yield found(
            "rows_speak_of_the_period_named",
            "warning",
            name,
            f"its name says {named.code}, and some rows speak of other days, from {min(outside)[0]} to {until}",
            "If they are right, nothing is to be done; otherwise correct them.",
            f"{min(outside)[0]} … {until}",
        )


def _days_of_a_register(contract: Contract, fields: Mapping[str, Field], rows: pa.Table) -> dict[str, set[dt.date]]:
    """All days in the rows of a register that is sent for each month or quarter, by column where it has any."""
    if contract.kind != "increment" or contract.schedule.frequency not in ("monthly", "quarterly"):
        return {}
    names = [rule.name for rule in contract.fields if fields[rule.name].type == "date"]
    days = {name: {day for day in pc.unique(rows.column(name)).to_pylist() if day is not None} for name in names}
    return {name: some for name, some in days.items() if some}


def _lies_in(day: dt.date, named: Period) -> bool:
    return named.first_day <= day <= named.last_day


def _figures(contract: Contract, fields: Mapping[str, Field]) -> list[str]:
    """The figures of a feed that consists of them; a register of cases has days, and may have no figure at all."""
    if any(fields[rule.name].type == "date" for rule in contract.fields):
        return []
    rules = [rule for rule in contract.fields if rule.name not in contract.key]
    return [rule.name for rule in rules if fields[rule.name].is_number and fields[rule.name].unit != "year"]


def _span(value: str | dt.date | None) -> tuple[dt.date, dt.date] | None:
    if value is None or isinstance(value, dt.date):
        return None if value is None else (value, value)
    try:
        period = parse_period(value)
    except ValueError:
        return None
    return period.first_day, period.last_day


def _meet(span: tuple[dt.date, dt.date], named: Period) -> bool:
    return span[0] <= named.last_day and span[1] >= named.first_day


def _is_month_first(texts: list[str | None], named: Period) -> bool:
    """Whether all days are written with slashes, and lie in a period if the month stands before the day."""
    days = []
    for text in {text for text in texts if text}:
        match = _SLASHED.fullmatch(text)
        if match is None:
            return False
        month, day, year = map(int, match.groups())
        try:
            days.append(dt.date(year, month, day))
        except ValueError:
            return False
    return bool(days) and all(named.first_day <= day <= named.last_day for day in days)
