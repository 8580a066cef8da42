"""What an officer sees of a budget year: small curves of what was expected, reached, and the year before."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from assets.dagster.pictures import SHOWN_IN_PLACE
from assets.dagster.s_curve import DENOMINATOR, HEIGHT, LINES, TOP, WIDTH, s_curves


def point(code: str, day: str, reached: str | None, expected: str | None, **more: Any) -> dict[str, Any]:
    return {
        "curve_of": "province" if code == "PROVINCE" else "board", "curve_code": code,
        "curve_name_vi": f"Ban {code} <&>",
        "budget_year": 2024, "on_date": dt.date.fromisoformat(day), "denominator": DENOMINATOR,
        "disbursed_pct": reached and Decimal(reached), "expected_pct": expected and Decimal(expected),
        "expected_basis": expected and "earlier_years_course", "disbursed_year_before_pct": None, "is_simulated": False,
        **more,
    }  # fmt: skip


def drawn(tmp_path: Path, *points: dict[str, Any]) -> dict[str, str]:
    """What is shown under each name, as Markdown with its pictures unescaped."""
    types = {name: pa.decimal128(12, 4) for name in ("disbursed_pct", "expected_pct", "disbursed_year_before_pct")}
    names = list(points[0])
    first = pa.Table.from_pylist(list(points))
    schema = pa.schema([pa.field(n, types.get(n, first.schema.field(n).type)) for n in names])
    pq.write_table(pa.Table.from_pylist(list(points), schema), tmp_path / "mart.parquet")
    shown = {name: str(value.value) for name, value in s_curves(tmp_path / "mart.parquet").items()}
    assert all(len(text) < SHOWN_IN_PLACE for text in shown.values())
    return {name: unquote(text).replace("\\\n", " ") for name, text in shown.items()}


def test_a_curve_ends_where_its_data_end_and_the_way_goes_on(tmp_path: Path) -> None:
    shown = drawn(
        tmp_path,
        point("BQLDA1", "2024-06-30", "50.0000", "40.0000"),
        point("BQLDA1", "2024-12-31", None, "100.0000"),
    )
    curve = shown["course_of_BQLDA1"]
    lines = re.findall(r"polyline points='([^']*)'", curve)
    assert [len(line.split()) for line in lines] == [2, 1]
    assert lines[0].split()[1] == f"{WIDTH},{TOP}"
    assert lines[1].endswith(f",{TOP + HEIGHT // 2}")
    assert curve.endswith("Ban BQLDA1 <&> · 50.0 % 30/06/2024 (01/2024–12/2024)")
    assert "the course of earlier budget years" in shown["course_of_disbursement"]
    assert "Simulated" not in shown["course_of_disbursement"]


def test_boards_without_a_target_are_left_out_and_simulated_data_say_so(tmp_path: Path) -> None:
    shown = drawn(
        tmp_path,
        point("PROVINCE", "2024-06-30", "50.0000", None, is_simulated=True),
        point("UBND-941", "2024-06-30", "50.0000", None),
        point("BQLDA1", "2024-06-30", None, "40.0000", expected_basis="straight_line_assumed"),
    )
    assert list(shown) == ["course_of_disbursement", "course_of_PROVINCE", "course_of_BQLDA1"]
    assert "no data" in shown["course_of_BQLDA1"]
    assert "straight lines (an assumption)" in shown["course_of_disbursement"]
    assert "Simulated data." in shown["course_of_disbursement"]


def test_a_whole_year_of_three_lines_is_short_enough_to_be_shown_in_its_place(tmp_path: Path) -> None:
    first = dt.date(2024, 1, 1)
    days = [(first + dt.timedelta(n)).isoformat() for n in range(397)]
    full = {"curve_name_vi": "Tuyến đường " * 20, "disbursed_year_before_pct": Decimal("100.0000")}
    shown = drawn(tmp_path, *(point("BQLDA1", day, "100.0000", "100.0000", **full) for day in days))
    assert shown["course_of_BQLDA1"].count("<polyline") == len(LINES)
    assert {len(line.split()) for line in re.findall(r"polyline points='([^']*)'", shown["course_of_BQLDA1"])} <= {14}
    assert f"{WIDTH},{TOP}'" in shown["course_of_BQLDA1"]
    assert "…" in shown["course_of_BQLDA1"]


def test_an_empty_mart_has_no_picture(tmp_path: Path) -> None:
    table = pa.Table.from_pylist([point("BQLDA1", "2024-06-30", None, "40.0000")])
    pq.write_table(table.slice(0, 0), tmp_path / "mart.parquet")
    assert s_curves(tmp_path / "mart.parquet") == {}
