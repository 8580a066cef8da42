"""Prints which deliveries are late, refused and due, from the mart `delivery_calendar` of a release."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from rich import box
from rich.console import Console
from rich.table import Table

from assets.product.figures import UNKNOWN, Language
from pipeline.morning_digest import rows_of
from pipeline.scorecard_table import WIDE_FROM
from resources.releases import Release

OPEN = ("late", "refused", "due")
"""What a person still has to see to, the gravest first."""

_WORDS: Mapping[str, tuple[str, str]] = {
    # word: (English, Vietnamese)
    "late": ("late", "gửi chậm"),
    "refused": ("refused", "bị từ chối"),
    "due": ("due", "chưa đến hạn"),
    "in": ("in", "đã nhận"),
    "not_expected": ("not expected", "không yêu cầu"),
    "title": ("Deliveries on {day}", "Lịch nhận số liệu ngày {day}"),
    "status": ("Status", "Tình trạng"),
    "feed": ("Feed", "Nguồn"),
    "period": ("Period", "Kỳ"),
    "due_on": ("Due on", "Hạn gửi"),
    "received_on": ("Received on", "Ngày nhận"),
    "days_late": ("Days late", "Số ngày chậm"),
    "supplier": ("Supplier", "Đơn vị gửi"),
    "items_waiting": ("Waiting", "Đang chờ"),
}


def print_calendar(release: Release, console: Console, lang: Language, everything: bool) -> None:
    """Print the calendar of a release: what is open, the gravest first, or everything."""
    shown = (*OPEN, "in", "not_expected") if everything else OPEN
    rows = [row for row in rows_of(release, "delivery_calendar") if row["status"] in shown]
    rows.sort(key=lambda row: (shown.index(row["status"]), row["due_on"] or dt.date.min, row["feed"], row["period"]))
    if not console.is_terminal:
        console.width = max(console.width, WIDE_FROM)
    table = Table(title=_word("title", lang).format(day=release.manifest["as_of"]), box=box.SIMPLE_HEAD, expand=True)
    columns = ("status", "feed", "period", "due_on", "received_on", "days_late", "supplier", "items_waiting")
    for name in columns:
        wraps = name in ("supplier", "items_waiting")
        table.add_column(_word(name, lang), justify="right" if name == "days_late" else "left", no_wrap=not wraps)
    for row in rows:
        table.add_row(*(_cell(name, row[name], lang) for name in columns))
    console.print(table)


def _cell(name: str, value: object, lang: Language) -> str:
    if value is None:
        return UNKNOWN
    if name == "status":
        return _word(str(value), lang)
    if isinstance(value, dt.date) and lang == "vi":
        return f"{value:%d/%m/%Y}"
    return str(value)


def _word(name: str, lang: Language) -> str:
    return _WORDS[name][lang == "vi"]
