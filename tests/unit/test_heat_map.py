"""What an officer sees of full capture: a map by district and quarter, and three families of rules that stand apart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.dagster.feeds import feed_assets
from assets.dagster.heat_map import COLOUR_WITHOUT_RATE, HEIGHT, SHADES, capture_views
from assets.dagster.models import FAMILIES, model_step
from assets.dagster.pictures import SHOWN_IN_PLACE
from tests.unit.sql_on_rows import PROJECT


def row(district: str, quarter: str, rate: float | None, **more: Any) -> dict[str, Any]:
    return {
        "area_code": "94", "district_code": district,
        "district_name_vi": None if district == "total" else "Huyện Kế Sách",
        "quarter": quarter, "stratum": "total", "n_permits": 10, "n_matched": 9, "capture_rate": rate, "n_omitted": 0,
        "n_units_drawn": 10, "n_units_answered": 10, "is_simulated": False, **more,
    }  # fmt: skip


def drawn(tmp_path: Path, *rows: dict[str, Any]) -> tuple[str, list[dict[str, Any]], str]:
    """The map, the table and the words beside them."""
    pq.write_table(pa.Table.from_pylist(list(rows)), tmp_path / "mart.parquet")
    shown: dict[str, Any] = dict(capture_views(tmp_path / "mart.parquet"))
    assert list(shown) == ["capture", "how_to_read_it", "capture_map"]
    assert len(shown["how_to_read_it"].value) < SHOWN_IN_PLACE
    match = re.search(r"<data:image/svg\+xml,([^>]*)>", shown["capture_map"].value)
    assert match is not None
    table = [
        {name.rstrip("\u00a0"): value for name, value in record.data.items()} for record in shown["capture"].records
    ]
    return unquote(match.group(1)), table, shown["how_to_read_it"].value.replace("\\\n", " ")


def test_districts_stand_below_the_province_and_quarters_in_order(tmp_path: Path) -> None:
    svg, table, _ = drawn(
        tmp_path, row("943", "2024-Q2", 1.0), row("943", "2024-Q1", 0.5), row("total", "2024-Q1", 0.9)
    )
    assert list(table[0]) == ["district", "2024-Q2", "2024-Q1"]
    words = re.findall(r">([^<]+)</text>", svg)
    told = ["2024-Q1", "2024-Q2", "Toàn tỉnh 94", "90 %", "Huyện Kế Sách", "50 %", "100 %"]
    assert table == [
        {"district": "Toàn tỉnh 94", "2024-Q2": "", "2024-Q1": "▒ 90 %"},
        {"district": "Huyện Kế Sách", "2024-Q2": "100 %", "2024-Q1": "█ 50 %"},
    ]
    assert words == [*told, "≥ 98 %", "≥ 95 %", "≥ 90 %", "≥ 75 %", "&lt; 75 %"]


@pytest.mark.parametrize(("rate", "shade"), [(0.98, 0), (0.979, 1), (0.9, 2), (0.8, 3), (0.1, 4)])
def test_the_less_is_found_the_darker_the_cell(tmp_path: Path, rate: float, shade: int) -> None:
    svg, table, _ = drawn(tmp_path, row("943", "2024-Q1", rate))
    assert f'height="{HEIGHT - 2}" fill="{SHADES[shade][1]}"' in svg
    assert svg.count('height="14"') == len(SHADES)
    assert table[0]["2024-Q1"].startswith(SHADES[shade][2].strip())


def test_no_permits_are_grey_and_never_full(tmp_path: Path) -> None:
    svg, table, _ = drawn(tmp_path, row("943", "2024-Q1", None, n_permits=0))
    assert f'fill="{COLOUR_WITHOUT_RATE}"' in svg
    assert ">100 %" not in svg
    assert table[0]["2024-Q1"] == "—"
    assert "—" in svg


def test_a_silent_district_is_named_and_omissions_are_counted(tmp_path: Path) -> None:
    svg, table, text = drawn(tmp_path, row("943", "2024-Q1", None, n_matched=None, n_omitted=12, is_simulated=True))
    assert "0 phiếu · 12" in svg
    assert table[0]["2024-Q1"] == "█ 0 phiếu · 12"
    assert "Simulated data." in text


def test_an_empty_mart_has_no_map(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist([row("943", "2024-Q1", 1.0)]).slice(0, 0), tmp_path / "mart.parquet")
    assert capture_views(tmp_path / "mart.parquet") == {}


def test_the_three_families_are_told_by_their_tag() -> None:
    specs = {spec.key.path[-1]: spec for asset in (model_step(PROJECT), *feed_assets(PROJECT)) for spec in asset.specs}
    for family, title in FAMILIES.items():
        members = [spec for name, spec in specs.items() if name.startswith(f"{family}__")]
        assert len(members) >= 3
        assert {spec.tags["family"] for spec in members} == {family}
        assert all(spec.description is not None and title in spec.description for spec in members)
    assert not any("family" in spec.tags for name, spec in specs.items() if "__" not in name)
