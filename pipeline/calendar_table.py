"""Prints which deliveries are late, refused and due, from the mart `delivery_calendar` of a release."""

from __future__ import annotations

import datetime as dt

from rich import box
from rich.console import Console
from rich.table import Table

from assets.product.figures import UNKNOWN, Language, format_day
from assets.product.marts import rows_if_kept
from assets.product.words import delivery_words, page_words
from pipeline.scorecard_table import WIDE_FROM
from resources.releases import Release

OPEN = ("late", "refused", "due")
"""What a person still has to see to, most serious first."""
_COLUMNS = ("status", "feed", "period", "due_on", "received_on", "days_late", "supplier", "items_waiting")


def print_calendar(release: Release, console: Console, lang: Language, everything: bool) -> None:
    """Print the calendar of a release: what is open, most serious first, or everything."""
    shown = (*OPEN, "in", "not_expected") if everything else OPEN
    rows = [row for row in rows_if_kept(release.path, "delivery_calendar") if row["status"] in shown]
    rows.sort(key=lambda row: (shown.index(row["status"]), row["due_on"] or dt.date.min, row["feed"], row["period"]))
    if not console.is_terminal:
        console.width = max(console.width, WIDE_FROM)
    day = format_day(dt.date.fromisoformat(release.manifest["as_of"]), lang)
    table = Table(title=f"{page_words('calendar', lang)} {day}", box=box.SIMPLE_HEAD, expand=True)
    for name in _COLUMNS:
        wraps = name in ("supplier", "items_waiting")
        heading = page_words("state" if name == "status" else name, lang)
        table.add_column(heading, justify="right" if name == "days_late" else "left", no_wrap=not wraps)
    for row in rows:
        table.add_row(*(_cell(name, row[name], lang) for name in _COLUMNS))
    console.print(table)


def _cell(name: str, value: object, lang: Language) -> str:
    if value is None:
        return UNKNOWN
    if name == "status":
        return delivery_words(str(value), lang)
    return format_day(value, lang) if isinstance(value, dt.date) else str(value)
