"""S-curves of disbursement for officers: what was expected, what was reached, and the year before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assets.dagster.pictures import in_lines, picture

WIDTH, HEIGHT, TOP = 300, 100, 4
CURVES_SHOWN = 12
NAME_SHOWN = 80
POINTS_SHOWN = 14
"""A curve has a point for every day; a picture of all of them would be too long to be shown in its place."""
DENOMINATOR = "year_plan_without_carried_over"
LINES: Mapping[str, tuple[str, str]] = {
    "expected_pct": ("black", "5 3"),
    "disbursed_year_before_pct": ("darkgrey", ""),
    "disbursed_pct": ("steelblue", ""),
}
"""Which column is drawn in which colour and dashes."""

COLUMNS = [
    "budget_year",
    "curve_of",
    "curve_code",
    "curve_name_vi",
    "on_date",
    "expected_basis",
    "is_simulated",
    *LINES,
]
"""What is read of the mart, the longest of all: its rows whole would be the peak of a night's memory."""

Row = Mapping[str, Any]


def s_curves(mart: Path) -> dict[str, dg.MetadataValue]:
    """Return a small picture of each curve that has a target or a name, for the newest budget year with a target.

    The year is the newest for which a share is expected of somebody, else the newest of all; empty without rows. All
    shares are on the plan of the year without carried-over capital. Each curve is a picture of its own, because one of
    all of them would be too long to be shown in its place.
    """
    table = pq.read_table(mart, columns=COLUMNS, filters=pc.field("denominator") == DENOMINATOR)
    if not table.num_rows:
        return {}
    asked = table.filter(pc.is_valid(table["expected_pct"]))
    year = pc.max((asked if asked.num_rows else table)["budget_year"]).as_py()
    curves: dict[tuple[int, str], list[Row]] = {}
    for row in table.filter(pc.equal(table["budget_year"], year)).to_pylist():
        curves.setdefault((_order(row), row["curve_code"]), []).append(row)
    with_target = {key for key, points in curves.items() if any(p["expected_pct"] is not None for p in points)}
    named = [(key[1], points) for key, points in sorted(curves.items()) if key in with_target or key[0] != _OTHER_BOARD]
    shown = named[:CURVES_SHOWN]
    basis = {row["expected_basis"] for _, points in shown for row in points} - {None}
    along = (
        "the course of earlier budget years" if "earlier_years_course" in basis else "straight lines (an assumption)"
    )
    simulated = " Simulated data." if any(row["is_simulated"] for _, points in shown for row in points) else ""
    legend = in_lines(
        f"Budget year {year}, in % of the plan of the year without carried-over capital: blue is what was reached, "
        f"dashes what was expected along {along}, grey the year before on the same day. Lines across stand at 0, 50 "
        f"and 100 %.{simulated}",
        f"Niên độ {year}, % kế hoạch vốn trong năm (không gồm vốn kéo dài): đường xanh là tỷ lệ đạt được, đường đứt là "
        "tỷ lệ cần có, đường xám là cùng thời điểm niên độ trước. Các vạch ngang ở mức 0, 50 và 100%.",
    )
    return {
        "course_of_disbursement": dg.MetadataValue.md(legend),
        **{f"course_of_{code}": picture(f"disbursement of {code}, in %", *_curve(points)) for code, points in shown},
    }


_OTHER_BOARD = 2


def _order(row: Row) -> int:
    """The province first, then named projects and boards."""
    return {"province": 0, "key_project": 1}.get(row["curve_of"], _OTHER_BOARD)


def _thinned(points: Sequence[Row]) -> Sequence[Row]:
    """The last of some points and others before it at even steps, as many as a picture shows."""
    step = -(-len(points) // POINTS_SHOWN) or 1
    return points[::-step][::-1]


def _curve(points: Sequence[Row]) -> tuple[str, str]:
    """The lines of one curve, and its name with the newest share in words."""
    ordered = sorted(points, key=lambda row: row["on_date"])
    first = dt.date(ordered[0]["budget_year"], 1, 1)
    days = max((ordered[-1]["on_date"] - first).days, 1)
    name = ordered[0]["curve_name_vi"] or ordered[0]["curve_code"]
    known = [row for row in ordered if row["disbursed_pct"] is not None]
    text = f"{known[-1]['disbursed_pct']:.1f} % {known[-1]['on_date']:%d/%m/%Y}" if known else "no data"
    parts = [f"<path d='M0 {TOP}h{WIDTH}M0 {TOP + HEIGHT // 2}h{WIDTH}M0 {TOP + HEIGHT}h{WIDTH}' stroke='lightgrey'/>"]
    for column, (colour, dashes) in LINES.items():
        known_points = [row for row in ordered if row[column] is not None]
        places = [
            f"{(row['on_date'] - first).days * WIDTH / days:.0f},{TOP + HEIGHT - float(row[column]) * HEIGHT / 100:.0f}"
            for row in _thinned(known_points)
        ]
        if places:
            dashed = f" stroke-dasharray='{dashes}'" if dashes else ""
            parts.append(f"<polyline points='{' '.join(places)}' stroke='{colour}'{dashed}/>")
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{TOP + HEIGHT + TOP}' fill='none' "
        f"stroke-width='2'>{''.join(parts)}</svg>"
    )
    title = name if len(name) <= NAME_SHOWN else f"{name[: NAME_SHOWN - 1]}…"
    return svg, f"{title} · {text} ({first:%m/%Y}–{ordered[-1]['on_date']:%m/%Y})"
