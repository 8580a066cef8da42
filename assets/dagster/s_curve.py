"""S-curves of disbursement for an officer's eye: what was expected, what was reached, and the year before."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import dagster as dg
import pyarrow.compute as pc
import pyarrow.parquet as pq

WIDTH, HEIGHT, LEFT, TOP, GAP = 300, 150, 34, 24, 26
ACROSS = 2
CURVES_SHOWN = 12
DENOMINATOR = "year_plan_without_carried_over"
LINES: Mapping[str, tuple[str, str, str]] = {
    "expected_pct": ("#222222", "5 3", "expected"),
    "disbursed_year_before_pct": ("#9e9e9e", "", "year before"),
    "disbursed_pct": ("#1565c0", "", "reached"),
}
"""Which column is drawn in which colour and dashes, and what it is called."""

Row = Mapping[str, Any]


def s_curves(mart: Path) -> dg.MetadataValue | None:
    """Return a small chart of each curve that has a target or a name, for the newest budget year with a target.

    The year is the newest for which a share is expected of somebody, else the newest of all; None without rows. All
    shares are on the plan of the year without carried-over capital.
    """
    table = pq.read_table(mart)
    rows: list[Row] = table.filter(pc.equal(table["denominator"], DENOMINATOR)).to_pylist()
    if not rows:
        return None
    asked = [row["budget_year"] for row in rows if row["expected_pct"] is not None]
    year = max(asked or [row["budget_year"] for row in rows])
    curves: dict[tuple[int, str], list[Row]] = {}
    for row in rows:
        if row["budget_year"] == year:
            curves.setdefault((_order(row), row["curve_code"]), []).append(row)
    with_target = {key for key, points in curves.items() if any(p["expected_pct"] is not None for p in points)}
    named = [points for key, points in sorted(curves.items()) if key in with_target or key[0] != _OTHER_BOARD]
    shown = named[:CURVES_SHOWN]
    data = base64.b64encode(_svg(shown).encode()).decode()
    basis = {row["expected_basis"] for points in shown for row in points} - {None}
    along = (
        "the course of earlier budget years" if "earlier_years_course" in basis else "straight lines (an assumption)"
    )
    simulated = " Simulated data." if any(row["is_simulated"] for points in shown for row in points) else ""
    return dg.MetadataValue.md(
        f"![disbursement in budget year {year}, in %](data:image/svg+xml;base64,{data})\n\n"
        f"Budget year {year}, in % of the plan of the year without carried-over capital: blue is what was reached, "
        f"dashes what was expected along {along}, grey the year before on the same day.{simulated}\n\n"
        f"Niên độ {year}, % kế hoạch vốn trong năm (không gồm vốn kéo dài): đường xanh là tỷ lệ đạt được, đường đứt là "
        "tỷ lệ cần có, đường xám là cùng thời điểm niên độ trước."
    )


_OTHER_BOARD = 2


def _order(row: Row) -> int:
    """The province first, then named projects and boards."""
    return {"province": 0, "key_project": 1}.get(row["curve_of"], _OTHER_BOARD)


def _svg(curves: Sequence[Sequence[Row]]) -> str:
    parts = []
    for number, points in enumerate(curves):
        down, right = divmod(number, ACROSS)
        parts.append(_curve(points, LEFT + right * (WIDTH + LEFT + GAP), TOP + down * (HEIGHT + TOP + GAP)))
    width = ACROSS * (WIDTH + LEFT + GAP)
    height = -(-len(curves) // ACROSS) * (HEIGHT + TOP + GAP) + 4
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
        f'font-size="11"><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>'
    )


def _curve(points: Sequence[Row], x: int, y: int) -> str:
    """One curve with its frame, its lines and the newest share in words."""
    ordered = sorted(points, key=lambda row: row["on_date"])
    first = dt.date(ordered[0]["budget_year"], 1, 1)
    days = max((ordered[-1]["on_date"] - first).days, 1)
    name = ordered[0]["curve_name_vi"] or ordered[0]["curve_code"]
    title = name if len(name) <= 46 else f"{name[:45]}…"
    known = [row for row in ordered if row["disbursed_pct"] is not None]
    told = f" · {known[-1]['disbursed_pct']:.1f} % {known[-1]['on_date']:%d/%m/%Y}" if known else " · no data"
    parts = [
        f'<text x="{x}" y="{y - 8}" font-size="12">{escape(title)}</text>',
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#ddd"/>',
    ]
    for share in (0, 50, 100):
        at = y + HEIGHT - share * HEIGHT / 100
        parts.append(f'<text x="{x - 5}" y="{at + 4:.0f}" text-anchor="end" fill="#666">{share}</text>')
        parts.append(f'<line x1="{x}" x2="{x + WIDTH}" y1="{at:.1f}" y2="{at:.1f}" stroke="#eee"/>')
    for column, (colour, dashes, _) in LINES.items():
        places = [
            (x + (row["on_date"] - first).days * WIDTH / days, y + HEIGHT - float(row[column]) * HEIGHT / 100)
            for row in ordered
            if row[column] is not None
        ]
        path = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
        if path:
            dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
            parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>')
    parts.append(
        f'<text x="{x}" y="{y + HEIGHT + 15}" fill="#666">{first:%m/%Y}–{ordered[-1]["on_date"]:%m/%Y}{told}</text>'
    )
    return "".join(parts)
