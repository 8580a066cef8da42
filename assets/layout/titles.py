"""The periods that titles and headers of a sheet name: compared with the file's name, or taken for a column."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

from assets.layout.delivery import Delivery
from assets.layout.headers import Header, HeaderRow, plain
from dbt_like_sql.contracts import PERIOD_NUMBERS
from dbt_like_sql.periods import Period, parse_period

_DAY_OF_A_LETTER = re.compile(r"ngày\s+\d{1,2}\s*(?:tháng\s+|[/.-])\d{1,2}\s*(?:năm\s+|[/.-])\d{4}")
"""On which day it was signed, or which decision it follows: not what the table speaks of."""
_PART_OF_A_YEAR = re.compile(
    r"(?:quý\s+(?:iii|ii|iv|i|[1-4])|\d{1,2}\s+tháng(?:\s+đầu)?|tháng\s+\d{1,2})\s*(?:[/,.-]\s*|\s)(?:năm\s+)?\d{4}"
    r"|(?<!\d)\d{4}-(?:q[1-4]|\d{1,2}m|\d{2})(?![\d-])"
)
_YEAR = re.compile(r"năm\s+\d{4}")


def judge_titles(delivery: Delivery, sheet: str | None, header: Header, above: Sequence[HeaderRow]) -> None:
    """Add a finding where titles or headers speak of periods, and none of them is that of the file's name.

    It is critical where the period of the rows is that of the name, because then nothing else contradicts it.
    """
    named = delivery.period
    stated = [period for row in above for text in row.texts for period in periods_named(text)]
    speaks_otherwise = bool(stated) and not any(_meet(period, named) for period in stated if named)
    by_month = [
        name
        for name, column in delivery.form.columns.items()
        if isinstance(column, str) and PERIOD_NUMBERS.search(column)
    ]
    has_no_column = bool(by_month) and not any(column.field in by_month for column in header.columns)
    if named is None or not (speaks_otherwise or has_no_column):
        return
    wanted = delivery.form.period_from
    is_by_name = wanted is not None and wanted["of"][0] == "name"
    said = ", ".join(dict.fromkeys(period.code for period in stated if not _meet(period, named)))
    delivery.found(
        "titles_speak_of_the_period_named",
        "critical" if has_no_column or is_by_name else "warning",
        f"the title speaks of {said}, and the file's name says {named.code}"
        if speaks_otherwise
        else f"the file's name says {named.code}, and no header speaks of it: {', '.join(by_month)} have no column",
        "Name the file after its period, or correct the title.",
        sheet=sheet,
        value=said or None,
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
            [delivery.period] if source == "name" else [one for text in texts[source] for one in periods_named(text)]
        )
        codes = list(dict.fromkeys(one.code for one in stated if one and kind in ("period", one.kind)))
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


def periods_named(text: str) -> Iterator[Period]:
    """Yield the periods that a title names: parts of years, or years where it names no part."""
    stated = _DAY_OF_A_LETTER.sub(" ", plain(text))
    for words in _PART_OF_A_YEAR.findall(stated) or _YEAR.findall(stated):
        try:
            yield parse_period(words)
        except ValueError:
            continue


def _meet(period: Period, named: Period) -> bool:
    return period.first_day <= named.last_day and period.last_day >= named.first_day
