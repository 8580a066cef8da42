"""What an officer sees of a budget year: small curves of what was expected, reached, and the year before."""

from __future__ import annotations

import base64
import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from assets.dagster.s_curve import DENOMINATOR, HEIGHT, LEFT, TOP, WIDTH, s_curves


def point(code: str, day: str, reached: str | None, expected: str | None, **more: Any) -> dict[str, Any]:
    return {
        "curve_of": "province" if code == "PROVINCE" else "board", "curve_code": code,
        "curve_name_vi": f"Ban {code} <&>",
        "budget_year": 2024, "on_date": dt.date.fromisoformat(day), "denominator": DENOMINATOR,
        "disbursed_pct": reached and Decimal(reached), "expected_pct": expected and Decimal(expected),
        "expected_basis": expected and "earlier_years_course", "disbursed_year_before_pct": None, "is_simulated": False,
        **more,
    }  # fmt: skip


def drawn(tmp_path: Path, *points: dict[str, Any]) -> tuple[str, str]:
    types = {name: pa.decimal128(12, 4) for name in ("disbursed_pct", "expected_pct", "disbursed_year_before_pct")}
    names = list(points[0])
    first = pa.Table.from_pylist(list(points))
    schema = pa.schema([pa.field(n, types.get(n, first.schema.field(n).type)) for n in names])
    pq.write_table(pa.Table.from_pylist(list(points), schema), tmp_path / "mart.parquet")
    shown = s_curves(tmp_path / "mart.parquet")
    assert shown is not None
    text = str(shown.value)
    match = re.search(r"base64,([^)]*)\)", text)
    assert match is not None
    return base64.b64decode(match.group(1)).decode(), text


def test_a_curve_ends_where_its_data_end_and_the_way_goes_on(tmp_path: Path) -> None:
    svg, text = drawn(
        tmp_path,
        point("BQLDA1", "2024-06-30", "50.0000", "40.0000"),
        point("BQLDA1", "2024-12-31", None, "100.0000"),
    )
    lines = re.findall(r'polyline points="([^"]*)"', svg)
    assert [len(line.split()) for line in lines] == [2, 1]
    x, y = (float(v) for v in lines[0].split()[1].split(","))
    assert (x, y) == (LEFT + WIDTH, TOP)
    assert f"{TOP + HEIGHT / 2:.1f}" in lines[1]
    assert "50.0 % 30/06/2024" in svg
    assert "&lt;&amp;&gt;" in svg
    assert "the course of earlier budget years" in text
    assert "Simulated" not in text


def test_boards_without_a_target_are_left_out_and_simulated_data_say_so(tmp_path: Path) -> None:
    svg, text = drawn(
        tmp_path,
        point("PROVINCE", "2024-06-30", "50.0000", None, is_simulated=True),
        point("UBND-941", "2024-06-30", "50.0000", None),
        point("BQLDA1", "2024-06-30", None, "40.0000", expected_basis="straight_line_assumed"),
    )
    assert "PROVINCE" in svg
    assert "UBND-941" not in svg
    assert "no data" in svg
    assert "straight lines (an assumption)" in text
    assert "Simulated data." in text


def test_an_empty_mart_has_no_picture(tmp_path: Path) -> None:
    table = pa.Table.from_pylist([point("BQLDA1", "2024-06-30", None, "40.0000")])
    pq.write_table(table.slice(0, 0), tmp_path / "mart.parquet")
    assert s_curves(tmp_path / "mart.parquet") is None
