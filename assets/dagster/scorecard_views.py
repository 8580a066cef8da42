"""The scorecard for officers: one line for each item, and growth against what each directive asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import dagster as dg
import pyarrow.parquet as pq

from assets.dagster.pictures import picture, wide_table

WIDTH, LEFT, STEP, BAR = 560, 160, 24, 16
BARS_SHOWN = 5
"""Bars in one picture: with more of them it would be too long to be shown in its place."""
COLOURS: Mapping[str, str] = {
    "achieved": "seagreen",
    "on_track": "seagreen",
    "missed": "firebrick",
    "off_track": "firebrick",
}
UNDECIDED = "darkorange"
DECIMALS = 2

Row = Mapping[str, Any]


def scorecard_views(mart: Path) -> dict[str, dg.MetadataValue]:
    """Return a picture of growth against targets for each directive that names some, and the scorecard in short."""
    rows = sorted(pq.read_table(mart).to_pylist(), key=lambda row: (row["directive"], row["item_order"]))
    views: dict[str, dg.MetadataValue] = {}
    drawn = [row for row in rows if None not in (row["threshold"], row["sector_code"], row["actual"])]
    for directive, asked in groupby(drawn, key=lambda row: str(row["directive"])):
        for number, shown in enumerate(_batches(list(asked))):
            views[f"growth_{directive}" + (f"_{number + 1}" if number else "")] = picture(
                "growth against targets, in %",
                _svg(shown),
                "Bars: growth reached, %; lines: what is asked; pale: simulated. "
                "Thanh: mức tăng đạt được, %; vạch: chỉ tiêu; nhạt: mô phỏng.",
            )
    return {**views, "scorecard": wide_table([_line(row) for row in rows])} if rows else {}


def _batches(rows: Sequence[Row]) -> Iterable[Sequence[Row]]:
    return (rows[start : start + BARS_SHOWN] for start in range(0, len(rows), BARS_SHOWN))


def _line(row: Row) -> dict[str, str]:
    target = "" if row["threshold"] is None else f"{row['comparator']} {_number(row['threshold'])}"
    return {
        "item": row["item"],
        "directive": row["directive"],
        "target": target,
        "actual": _number(row["actual"]),
        "gap": _number(row["gap"]),
        "status": row["status"],
        "unit": row["unit"] or "",
        "rests on": ""
        if row["actual"] is None
        else "simulated data"
        if row["is_actual_simulated"]
        else "published data",
        "title_vi": row["title_vi"] or "",
        "title_en": row["title_en"] or "",
    }


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{round(value, DECIMALS).normalize():f}"


def _svg(rows: Sequence[Row]) -> str:
    """Bars of one colour are one path, and so are all lines: a picture of few characters."""
    scale = (WIDTH - LEFT) / max(max(float(row["actual"]), float(row["threshold"]), 0.01) for row in rows)
    bars: dict[str, list[str]] = {}
    lines, texts = [], []
    for number, row in enumerate(rows):
        y = number * STEP + STEP // 2
        colour = f"'{COLOURS.get(row['status'], UNDECIDED)}'" + (" opacity='.5'" if row["is_actual_simulated"] else "")
        bars.setdefault(colour, []).append(f"M{LEFT} {y}h{max(float(row['actual']), 0) * scale:.0f}")
        lines.append(f"M{LEFT + float(row['threshold']) * scale:.0f} {y - BAR // 2 - 2}v{BAR + 4}")
        text = f"{row['item']} {_number(row['actual'])} ({row['comparator']} {_number(row['threshold'])})"
        texts.append(f"<text y='{y + 4}'>{escape(text)}</text>")
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH + 2}' height='{len(rows) * STEP}' "
        f"style='font:12px sans-serif' stroke-width='{BAR}'>"
        + "".join(f"<path d='{''.join(paths)}' stroke={colour}/>" for colour, paths in bars.items())
        + f"<path d='{''.join(lines)}' stroke='black' stroke-width='2'/>{''.join(texts)}</svg>"
    )
