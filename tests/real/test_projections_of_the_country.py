"""Projections on the stated vintage of the national accounts: how far off, how wide, and whether parts make the whole.

The file's quarters are given to the models as those of many areas that know only the last three to six years before the
one projected, and of one that knows all. What came of each year, and every mean and share, is worked out here.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dbt_like_sql.project import Model
from tests.real.test_national_accounts import ACCOUNTS, MAIN, SERIES, observations
from tests.unit.sql_on_rows import Tables

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not ACCOUNTS.exists(), reason="the national office's files are not beside this checkout"),
]

HISTORIES = (3, 4, 5, 6)
YEARS = range(2015, 2024)
STRUCK = (2020, 2021, 2022)
PARTS = {"II": ("IND", "CON"), "GRDP": ("I", "II", "III", "TAX")}
PAGE = Path(__file__).parents[2] / "docs" / "formulas.md"

Row = dict[str, Any]


class WithoutSmoothing(Tables):
    """The models without exponential smoothing: only scored, part of no published projection, and slow."""

    def _run(self, model: Model) -> None:
        if model.name == "int_ets_projections":
            self.engine.execute(
                'create or replace table "int_ets_projections" (area_code varchar, sector_code varchar, '
                "target_year integer, quarters_known integer, method varchar, projected_growth_pct decimal(12, 4))"
            )
        else:
            super()._run(model)


@pytest.fixture(scope="module")
def quarters() -> dict[tuple[str, int, int], float]:
    """Levels by sector, year and quarter, billion VND at constant prices."""
    by_series = {series: sector for sector, series in SERIES.items() if sector in MAIN}
    return {
        (by_series[series], int(period[:4]), int(period[6])): value
        for (series, period), value in observations(ACCOUNTS).items()
        if series in by_series and period[5:6] == "Q"
    }


def rows_of(area: str, levels: Mapping[tuple[str, int, int], float], first: int, last: int) -> Iterable[Row]:
    for (sector, year, quarter), value in levels.items():
        if first <= year <= last:
            yield {
                "delivery_id": "stated", "source_file": "grdp__2024__2024-10-24.xml", "source_row": 2,
                "released_on": dt.date(2024, 10, 24), "area_code": area, "sector_code": sector, "base_year": 2010,
                "period": f"{year}-Q{quarter}", "value_constant_bn": Decimal(str(round(value, 6))),
            }  # fmt: skip


@pytest.fixture(scope="module")
def tables(quarters: Mapping[tuple[str, int, int], float]) -> WithoutSmoothing:
    rows = [*rows_of("all", quarters, 2010, 2024)]
    for history in HISTORIES:
        for year in range(2010 + history, 2024):
            rows += rows_of(f"{history} before {year}", quarters, year - history, year)
    tables = WithoutSmoothing(validated={"grdp": rows})
    tables.build(["growth_projections", "int_projection_runs"], "2025-01-01")
    return tables


def growth(quarters: Mapping[tuple[str, int, int], float], sector: str, year: int) -> float:
    now, before = (math.fsum(quarters[sector, y, q] for q in (1, 2, 3, 4)) for y in (year, year - 1))
    return 100 * (now / before - 1)


@pytest.fixture(scope="module")
def judged(tables: WithoutSmoothing, quarters: Mapping[tuple[str, int, int], float]) -> list[Row]:
    """Each projection of an area with a short history, from one to three known quarters, beside what came."""
    found = []
    for row in tables.compute("growth_projections", "2025-01-01"):
        history, _, year = row["area_code"].partition(" before ")
        if year and row["target_year"] == int(year) and row["quarters_known"] > 0:
            assert row["earlier_years"] == int(history)
            came = growth(quarters, row["sector_code"], int(year))
            within = {
                share: float(row[f"low_{share}_pct"]) <= came <= float(row[f"high_{share}_pct"]) for share in (50, 80)
            }
            found.append({**row, "history": int(history), "within": within})
    assert len(found) == sum((2024 - 2010 - history) * 7 * 3 for history in HISTORIES)
    return found


def coverage(rows: Sequence[Row], share: int) -> float:
    return 100 * statistics.fmean(row["within"][share] for row in rows)


def clustered_error(rows: Sequence[Row], share: int) -> float:
    """The standard error of a coverage, its errors clustered by year: sqrt(G/(G-1) sum of (sum of residuals)^2) / n."""
    mean = coverage(rows, share) / 100
    years = {row["target_year"] for row in rows}
    sums = [math.fsum(r["within"][share] - mean for r in rows if r["target_year"] == year) for year in years]
    return 100 * math.sqrt(len(years) / (len(years) - 1) * math.fsum(s * s for s in sums)) / len(rows)


@pytest.mark.parametrize("history", HISTORIES)
def test_intervals_of_a_short_history_hold_what_they_promise(judged: Sequence[Row], history: int) -> None:
    rows = [row for row in judged if row["history"] == history]
    assert 38 <= coverage(rows, 50) <= 65
    assert 70 <= coverage(rows, 80) <= 90


def test_intervals_hold_what_they_promise_over_all_histories(judged: Sequence[Row]) -> None:
    assert 45 <= coverage(judged, 50) <= 60
    assert 74 <= coverage(judged, 80) <= 86


def test_the_projection_is_not_further_off_than_the_best_rung(
    tables: WithoutSmoothing, quarters: Mapping[tuple[str, int, int], float]
) -> None:
    runs = tables.compute("int_projection_runs", "2025-01-01")
    published = tables.compute("growth_projections", "2025-01-01")
    errors: dict[str, list[float]] = {}
    for row in [*runs, *({**row, "method": "published"} for row in published)]:
        if row["area_code"] == "all" and row["target_year"] in YEARS and row["quarters_known"] > 0:
            off = float(row["projected_growth_pct"]) - growth(quarters, row["sector_code"], row["target_year"])
            errors.setdefault(row["method"], []).append(abs(off))
    assert {len(found) for found in errors.values()} == {189}
    means = {method: statistics.fmean(found) for method, found in errors.items()}
    best = min(means[method] for method in ("share_of_year", "growth_so_far", "seasonal_naive"))
    assert means["published"] <= best
    assert means["published"] < 1


def test_projections_of_parts_make_up_that_of_the_whole(
    tables: WithoutSmoothing, quarters: Mapping[tuple[str, int, int], float]
) -> None:
    found = {
        (row["area_code"], row["target_year"], row["quarters_known"], row["sector_code"]): row["projected_growth_pct"]
        for row in tables.compute("growth_projections", "2025-01-01")
    }
    checked = 0
    for (area, year, known, sector), whole in found.items():
        if sector not in PARTS or whole is None:
            continue
        weights = {s: math.fsum(quarters[s, year - 1, q] for q in (1, 2, 3, 4)) for s in (sector, *PARTS[sector])}
        if abs(math.fsum(weights[part] for part in PARTS[sector]) - weights[sector]) > 1:
            continue  # quarters of the file that do not add up themselves
        points = math.fsum(weights[p] * float(found[area, year, known, p]) for p in PARTS[sector]) / weights[sector]
        assert points == pytest.approx(float(whole), abs=0.001), (area, year, known, sector)
        checked += 1
    assert checked > 250


def test_the_page_of_formulas_tells_the_coverage_of_today(judged: Sequence[Row]) -> None:
    lines = re.findall(r"^\| (3|4|5|6|all) \|(.+)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    told = {history: [float(cell) for cell in cells.replace("±", "|").split("|")] for history, cells in lines}
    assert set(told) == {"3", "4", "5", "6", "all"}
    for history, cells in told.items():
        rows = [row for row in judged if history in ("all", str(row["history"]))]
        calm = [row for row in rows if row["target_year"] not in STRUCK]
        expected = [float(len(rows))]
        for some in (rows, calm):
            for share in (50, 80):
                expected += [round(coverage(some, share), 1), round(clustered_error(some, share), 1)]
        assert cells == expected, history
