"""Columns of periods, months and days as their codes, however an office writes them."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from assets.layout.columns import replaced
from assets.layout.delivery import Delivery
from assets.layout.missing_values import MISSING_MARKS
from dbt_like_sql.periods import parse_period

_FIRST_OF_MONTH = re.compile(r"([0-9]{4}-[0-9]{2})-01")
_WITHOUT_TIME = re.compile(r"(?<=^[0-9]{4}-[0-9]{2}-[0-9]{2})T.*")
"""What a date cell says of the time of day."""
_KIND_OF_FORMAT = {"month": "month", "day": "day"}
_SHAPE = {"period": "a period such as 2024-Q3", "month": "a month such as 2024-08", "day": "a day such as 2024-10-31"}


def period_code(text: str, format_: str) -> str:
    """The code of the period that a text names.

    `format_` is `period` for any kind, `month` or `day` for that kind alone; a month that a spreadsheet has
    turned into the first of that month is understood. Raises ValueError with a sentence.
    """
    day = _WITHOUT_TIME.sub("", text)
    first = _FIRST_OF_MONTH.fullmatch(day) if format_ == "month" else None
    period = parse_period(first.group(1) if first else day)
    wanted = _KIND_OF_FORMAT.get(format_, period.kind)
    if period.kind != wanted:
        raise ValueError(f"'{text}' is a {period.kind}, and {_SHAPE[format_]} is expected")
    return period.code


def with_period_codes(delivery: Delivery, rows: pa.Table) -> pa.Table:
    """Rows with the codes of their periods; what cannot be read stays as it is and becomes a finding."""
    for rule in delivery.contract.fields:
        field = delivery.fields.get(rule.name)
        if field is None or field.format is None:
            continue
        problems: dict[str, str] = {}

        def coded(text: str, format_: str = field.format, problems: dict[str, str] = problems) -> str:
            if not text or text in MISSING_MARKS:
                return text
            try:
                return period_code(text, format_)
            except ValueError as error:
                problems[text] = str(error)
                return text

        if field.format == "period":
            _find_ambiguous_dates(delivery, rows, rule.name)
        column = rows.column_names.index(rule.name)
        rows = rows.set_column(column, rule.name, replaced(rows.column(rule.name), coded))
        if problems:
            _find_unreadable(delivery, rows, rule.name, problems)
    return rows


def _find_ambiguous_dates(delivery: Delivery, rows: pa.Table, name: str) -> None:
    """Date cells on the first of a month: a spreadsheet turns `8/2024` into one, and it looks like a day."""
    position = [rule.name for rule in delivery.contract.fields].index(name)
    is_date = pc.equal(pc.utf8_slice_codeunits(rows.column("kinds"), position, position + 1), "d")
    first = pc.fill_null(pc.match_substring_regex(rows.column(name), "-01$"), False)
    unclear = rows.filter(pc.and_(is_date, first))
    sentence = "is a date cell, which may stand for a month or for its first day; type the period as text, e.g. 2024-08"
    _find_unreadable(delivery, unclear, name, dict.fromkeys(unclear.column(name).to_pylist(), sentence))


def _find_unreadable(delivery: Delivery, rows: pa.Table, name: str, problems: dict[str, str]) -> None:
    bad = rows.filter(pc.is_in(rows.column(name), pa.array(list(problems), pa.string())))
    if delivery.too_many("period_is_readable", bad.num_rows, f"have a {name} that cannot be read", None):
        return
    for row in bad.select(["source_sheet", "source_row", name]).to_pylist():
        delivery.found(
            "period_is_readable",
            "critical",
            f"{name} cannot be read: {problems[row[name]]}",
            sheet=row["source_sheet"],
            row=row["source_row"],
            column=name,
            value=row[name],
        )
