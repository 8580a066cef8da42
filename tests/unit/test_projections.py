"""Projections of the year on rows given: nothing later than the origin, honest intervals, silence without history."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dbt_like_sql.python_models import run_python_model
from tests.unit.sql_on_rows import PROJECT
from tests.unit.test_growth_sql import LAST_YEAR, Models, grdp, level

SEASON = (Decimal("0.19"), Decimal("0.235"), Decimal("0.255"), Decimal("0.32"))
"""Shares of the quarters in a year, as national construction runs."""


def quarters(sector: str, first: int, years: list[Any], **more: Any) -> list[dict[str, Any]]:
    """Quarters of whole years whose levels are given, spread by the season."""
    return [
        level(sector, f"{first + number}-Q{quarter}", round(Decimal(str(year)) * share, 6), **more)
        for number, year in enumerate(years)
        for quarter, share in enumerate(SEASON, start=1)
    ]


STEADY = [1000, 1070, 1150, 1210, 1310, 1400]


def projections(levels: list[dict[str, Any]], **where: Any) -> dict[tuple[int, int], dict[str, Any]]:
    rows = Models({"grdp": levels}).rows("growth_projections", **where)
    return {(row["target_year"], row["quarters_known"]): row for row in rows}


def test_with_fewer_than_three_earlier_years_nothing_is_projected_and_the_reason_says_so() -> None:
    found = projections([*quarters("GRDP", 2021, [1000, 1070]), *quarters("GRDP", 2023, [1150])[:3]])
    row = found[2023, 3]
    assert (row["earlier_years"], row["projected_growth_pct"], row["low_80_pct"]) == (2, None, None)
    assert row["probability_of_target"] is None
    assert "known levels on this base: 2, three are needed" in row["reason_en"]
    assert "chỉ có 2 năm" in row["reason_vi"]


def test_with_three_earlier_years_the_mean_of_two_rungs_speaks() -> None:
    found = projections([*quarters("GRDP", 2021, [1000, 1070, 1150]), *quarters("GRDP", 2024, [1230])[:2]])
    row = found[2024, 2]
    assert (row["method"], row["backtest_years"]) == ("average", 2)
    so_far = 1230 / 1150
    last_four = (1150 * float(SEASON[2] + SEASON[3]) + 1230 * float(SEASON[0] + SEASON[1])) / (
        1070 * float(SEASON[2] + SEASON[3]) + 1150 * float(SEASON[0] + SEASON[1])
    )
    rest = float(SEASON[2] + SEASON[3])
    naive = so_far * (1 - rest) + last_four * rest
    expected = 100 * ((so_far + naive) / 2 - 1)
    assert float(row["projected_growth_pct"]) == pytest.approx(expected, abs=0.001)
    assert row["known_period"] == "2024-6M"


def test_a_year_is_projected_by_its_season_and_not_by_a_straight_line() -> None:
    levels = [*quarters("CON", 2019, STEADY[:5]), *quarters("CON", 2024, STEADY[5:])[:1]]
    row = next(r for r in Models({"grdp": levels}).rows("int_projection_runs", method="share_of_year",
               target_year=2024, quarters_known=1))  # fmt: skip
    assert float(row["projected_growth_pct"]) == pytest.approx(100 * (1400 / 1310 - 1), abs=0.001)
    assert 4 * float(SEASON[0]) * 1400 < 1310, "a straight line would see it shrink"


def test_the_offices_forecast_of_a_year_is_no_outcome_that_a_projection_is_scored_against() -> None:
    levels = [*quarters("GRDP", 2019, STEADY[:5]), *quarters("GRDP", 2024, [1400])[:3]]
    levels += [level("GRDP", str(2019 + number), year) for number, year in enumerate(STEADY)]
    before, after = (Models({"grdp": levels}, as_of=day) for day in ("2024-10-05", "2025-01-01"))
    assert before.row("growth_projections", target_year=2024, quarters_known=3)["actual_growth_pct"] is None
    growth = Decimal("6.8702")  # 1400 / 1310
    assert after.row("growth_projections", target_year=2024, quarters_known=3)["actual_growth_pct"] == growth
    last = {day: models.rows("projection_scores", is_chosen=True) for day, models in (("b", before), ("a", after))}
    assert {row["last_year"] for row in last["b"]} == {2023}
    assert {row["last_year"] for row in last["a"]} == {2024}
    assert not before.rows("growth_projections", target_year=2025), "a year that is not over is no base of the next"


def test_what_comes_after_the_origin_changes_no_projection_of_it() -> None:
    whole = quarters("III", 2018, [1000, 1050, 1130, 1150, 1240, 1330, 1400])
    early, late = whole[:26], [*whole[:26], *(dict(row, value_constant_bn=Decimal(999)) for row in whole[26:])]
    assert projections(early)[2024, 2]["projected_growth_pct"] == projections(late)[2024, 2]["projected_growth_pct"]
    was, now = projections(early)[2024, 2], projections(late)[2024, 2]
    told = ("method", "low_50_pct", "high_80_pct", "probability_of_target", "backtest_years")
    assert [was[name] for name in told] == [now[name] for name in told]


def test_the_seasonal_naive_lets_the_quarters_to_come_grow_as_the_last_four_did() -> None:
    q = {"2022": (20, 24, 26, 30), "2023": (21, 25, 27, 32), "2024": (22, 27)}
    levels = [level("I", f"{y}-Q{n}", v) for y, values in q.items() for n, v in enumerate(values, start=1)]
    row = Models({"grdp": levels}).row(
        "int_projection_runs", method="seasonal_naive", target_year=2024, quarters_known=2
    )
    factor = (27 + 32 + 22 + 27) / (26 + 30 + 21 + 25)
    expected = 100 * ((22 + 27 + (27 + 32) * factor) / (21 + 25 + 27 + 32) - 1)
    assert float(row["projected_growth_pct"]) == pytest.approx(expected, abs=0.0001)


def test_no_projection_reaches_across_a_break_of_base() -> None:
    levels = quarters("CON", 2005, [100, 108, 117, 126, 136, 250, 262, 275, 290], area_code="VN")
    found = projections(levels)
    assert {year: found[year, 3]["earlier_years"] for year in range(2008, 2014)} == {
        2008: 3, 2009: 4, 2010: 0, 2011: 1, 2012: 2, 2013: 3,
    }  # fmt: skip
    assert (2010, 0) in found, "the end of 2009 is known"
    assert found[2010, 0]["projected_growth_pct"] is None
    assert found[2010, 3]["projected_growth_pct"] is None
    assert found[2009, 3]["projected_growth_pct"] is not None
    runs = Models({"grdp": levels}).rows("int_projection_runs")
    assert not [row for row in runs if row["target_year"] == 2010]
    assert all(abs(row["projected_growth_pct"]) < 15 for row in runs)


def test_real_years_are_not_projected_from_simulated_ones() -> None:
    simulated = quarters("GRDP", 2019, STEADY[:5], is_simulated=True)
    real = quarters("GRDP", 2024, STEADY[5:])[:3]
    found = projections([*simulated, *real])
    assert found[2024, 3]["earlier_years"] == 0
    assert found[2024, 3]["is_simulated"] is False
    assert found[2023, 3]["is_simulated"] is True
    assert found[2023, 3]["reason_en"].endswith("on simulated data")


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_quantiles_and_probabilities_are_students_within_a_percent(n: int) -> None:
    """Years whose shares stray: the spread is of n errors, against scipy's own distribution."""
    strays = [0, 6, -5, 4, -6, 5, -4, 3, -5, 6, -3, 4][: n + 2]
    levels = []
    for number, stray in enumerate(strays):
        year = 2023 - len(strays) + 1 + number
        levels += [level("GRDP", str(year), 1000 + 10 * number), level("GRDP", f"{year}-9M", 680 + stray + 7 * number)]
    levels.append(level("GRDP", "2024-9M", 690 + 7 * len(strays)))
    models = Models({"grdp": levels})
    row = models.row("int_projection_backtest", target_year=2024, quarters_known=3, method="average")
    errors = [
        float(r["projection_error_pp"])
        for r in models.rows("int_projection_runs", quarters_known=3, method="average")
        if r["projection_error_pp"] is not None
    ]
    assert len(errors) == row["backtest_years"] == n + 1
    spread = math.sqrt(statistics.fmean(error**2 for error in errors))
    for share, low, high in ((0.9, "low_80_pct", "high_80_pct"), (0.75, "low_50_pct", "high_50_pct")):
        expected = stats.t.ppf(share, n + 1) * spread
        assert float(row[high] - row[low]) / 2 == pytest.approx(expected, rel=0.01, abs=0.01)
    chance = models.row("int_target_chances", item="GRDP", target_year=2024, quarters_known=3)
    distance = (7 - float(row["projected_growth_pct"])) / spread
    assert float(chance["probability_of_target"]) == pytest.approx(stats.t.sf(distance, n + 1), abs=0.003)


def test_part_and_year_of_a_share_come_from_one_vintage() -> None:
    """The second delivery says 9M and year of 2023 anew, the third only nine months: 700 of 1000 hold together."""
    deliveries = (
        ("2023-12-01", {"2023-9M": 660, "2023": 980}),
        ("2024-04-01", {"2023-9M": 700, "2023": 1000}),
        ("2024-10-01", {"2023-9M": 740, "2024-9M": 777}),
    )
    levels = [
        level("GRDP", period, value, delivery_id=day, source_file=f"grdp__2024__{day}.csv",
              released_on=dt.date.fromisoformat(day))
        for day, told in deliveries
        for period, value in told.items()
    ]  # fmt: skip
    (share,) = Models({"grdp": levels}).rows("int_year_shares")
    assert (share["share_of_year"], share["is_one_vintage"]) == (Decimal("0.7"), True)
    (origin,) = Models({"grdp": levels}).rows("int_projection_origins", target_year=2024, quarters_known=3)
    assert (origin["share_of_year_before"], origin["growth_so_far_pct"]) == (Decimal("0.7"), 5)


def test_parts_and_whole_add_up_and_the_less_certain_moves_more() -> None:
    """The whole is projected 10 higher than its parts say; each moves by its variance, levels of a year before 1000."""
    choices = [
        {"area_code": "94", "sector_code": sector, "target_year": 2024, "quarters_known": 3, "is_simulated": False,
         "projected_growth_pct": Decimal(growth), "year_before_constant_bn": Decimal(before),
         "backtest_root_mean_square_error_pp": Decimal(spread)}
        for sector, growth, before, spread in (
            ("GRDP", "6.00", 1000, "1"), ("I", "5.00", 400, "1"), ("II", "5.00", 200, "4"), ("III", "5.00", 300, "2"),
            ("TAX", "5.00", 100, "0"),
        )
    ]  # fmt: skip
    found = reconciled(choices)
    # Standard deviations of the levels: 10; 4, 8, 6 and (a hundredth of a point of 100) 0.01.
    spreads = {"I": 16.0, "II": 64.0, "III": 36.0, "TAX": 0.0001}
    parts = math.fsum(spreads.values())
    whole = 60 - 10 * 100 / (100 + parts)
    assert found["GRDP"] == pytest.approx(whole / 10, abs=1e-4)
    before = {"I": 400, "II": 200, "III": 300, "TAX": 100}
    for sector, variance in spreads.items():
        moved = 0.05 * before[sector] + (whole - 50) * variance / parts
        assert found[sector] == pytest.approx(100 * moved / before[sector], abs=1e-4)
    assert math.fsum(found[s] * before[s] / 1000 for s in before) == pytest.approx(found["GRDP"], abs=1e-4)


def test_a_whole_without_one_of_its_parts_stays_as_it_is() -> None:
    row = {
        "area_code": "94", "target_year": 2024, "quarters_known": 3, "is_simulated": False,
        "year_before_constant_bn": Decimal(100), "backtest_root_mean_square_error_pp": Decimal(1),
    }  # fmt: skip
    told = {"GRDP": "6", "I": "5", "II": "7", "IND": "8"}
    found = reconciled([{**row, "sector_code": s, "projected_growth_pct": Decimal(g)} for s, g in told.items()])
    assert found == {s: float(g) for s, g in told.items()}


def reconciled(choices: list[dict[str, Any]]) -> dict[str, float]:
    """What the Python model makes of choices, beside the seed of sectors."""
    models = Models({})
    models.rows("dim_sector")
    sectors = models._tables.engine.sql('from "ref__sectors"').to_arrow_table()
    given_tables = {"sectors": sectors, "int_projection_choices": pa.Table.from_pylist(choices)}
    model = PROJECT.models["int_reconciled_projections"]
    rows = run_python_model(model.source_text, model.file, given_tables.__getitem__).to_pylist()
    return {row["sector_code"]: row["reconciled_growth_pct"] for row in rows}


growths = st.lists(st.decimals(min_value=-15, max_value=20, places=2), min_size=5, max_size=7)


@settings(max_examples=8, deadline=None)
@given(growths=growths, known=st.integers(1, 3))
def test_intervals_are_nested_and_chances_are_chances(growths: list[Decimal], known: int) -> None:
    years, whole = [], Decimal(1000)
    for growth in growths:
        whole = round(whole * (1 + growth / 100), 4)
        years.append(whole)
    levels = [*quarters("I", 2024 - len(years) + 1, years)][: 4 * (len(years) - 1) + known]
    for row in Models({"grdp": levels}).rows("growth_projections"):
        if row["projected_growth_pct"] is None:
            continue
        ends = [row[name] for name in ("low_80_pct", "low_50_pct", "high_50_pct", "high_80_pct")]
        assert ends == sorted(ends)
        assert ends[1] <= round(row["projected_growth_pct"], 2) + Decimal("0.01")
        chance = row["probability_of_target"]
        assert chance is None or 0 <= chance <= 1
        if chance is not None and row["projected_growth_pct"] != row["target_growth_pct"]:
            assert (chance >= Decimal("0.5")) == (row["projected_growth_pct"] > row["target_growth_pct"])


leaves = st.fixed_dictionaries(dict.fromkeys(LAST_YEAR, st.decimals(min_value=10, max_value=10**4, places=2)))


@settings(max_examples=8, deadline=None)
@given(before=leaves, now=leaves)
def test_the_growth_asked_of_one_sector_put_back_gives_the_whole_its_target(
    before: dict[str, Decimal], now: dict[str, Decimal]
) -> None:
    models = Models({"grdp": [*grdp("2023", before), *grdp("2024", now)]})
    targets = {"I": Decimal(4), "IND": Decimal("10.5"), "CON": Decimal("25.61"), "III": Decimal(10)}
    rows = models.rows("sector_what_if", whole_basis="target", whole_sector_code="GRDP")
    assert {row["sector_code"] for row in rows} == {*LAST_YEAR, "II"}
    whole = sum(before.values())
    for row in rows:
        if row["sector_code"] == "II":
            continue
        grown = sum(
            before[part] * (1 + targets[part] / 100)
            if row["scenario"] == "others_at_target" and part in targets
            else now[part]
            for part in LAST_YEAR
            if part != row["sector_code"]
        )
        # The asked growth has four decimals: exact but for half of the last of them, taken on the sector.
        slack = before[row["sector_code"]] * Decimal("0.000001") + whole * Decimal("0.0000001")
        if not row["is_possible"]:
            assert row["needed_growth_pct"] is None
            assert grown > whole * Decimal("1.07") - slack, "the others alone are more than the whole may be"
            continue
        grown += before[row["sector_code"]] * (1 + row["needed_growth_pct"] / 100)
        assert grown == pytest.approx(whole * Decimal("1.07"), abs=slack)


def test_what_if_says_nothing_where_a_weight_is_not_known() -> None:
    levels = [row for row in [*grdp("2023", LAST_YEAR), *grdp("2024", LAST_YEAR)] if row["sector_code"] != "TAX"]
    rows = Models({"grdp": levels}).rows("sector_what_if")
    assert {row["whole_sector_code"] for row in rows} == {"II"}


def test_what_would_take_a_fall_of_more_than_all_is_not_possible_and_has_no_number() -> None:
    """Nine months far above 7 %: the other sectors alone would make 1,143 of the 1,070 that the year may be."""
    levels = []
    for period, leaves in (
        ("2023", LAST_YEAR), ("2023-9M", {"I": 280, "IND": 105, "CON": 35, "III": 238, "TAX": 42}),
        ("2024-9M", {"I": 340, "IND": 125, "CON": 45, "III": 290, "TAX": 43}),
    ):  # fmt: skip
        levels += grdp(period, leaves)
    rows = Models({"grdp": levels}).rows(
        "sector_what_if", evidence_period="2024-9M", whole_sector_code="GRDP", scenario="others_at_observed"
    )
    found = {row["sector_code"]: row for row in rows}
    tax = found["TAX"]
    assert (tax["is_possible"], tax["needed_growth_pct"], tax["needed_growth_rest_pct"]) == (False, None, None)
    assert tax["reason_vi"].startswith("Không thể: ")
    assert tax["reason_en"].startswith("Not possible: ")
    # Sector I: the others end the year as they began it, and of 120 bn in the rest of it 11 are left.
    others = {"IND": 125 / 105, "CON": 45 / 35, "III": 290 / 238, "TAX": 43 / 42}
    year = 1070 - sum(LAST_YEAR[part] * factor for part, factor in others.items())
    assert found["I"]["is_possible"] is True
    assert float(found["I"]["needed_growth_pct"]) == pytest.approx(100 * (year / 400 - 1), abs=0.001)
    assert float(found["I"]["needed_growth_rest_pct"]) == pytest.approx(100 * ((year - 340) / 120 - 1), abs=0.01)
    assert found["I"]["reason_en"] is None


def test_every_method_of_the_ladder_stands_in_its_register() -> None:
    codes = PROJECT.fields["method"].codes
    text = PROJECT.seeds["projection_methods"].paths[0].read_text(encoding="utf-8")
    assert tuple(line.split(",")[0] for line in text.splitlines()[1:]) == codes


def test_exponential_smoothing_is_that_of_the_library() -> None:
    """The library's own forecast, fitted on the same grid from the same first states, gives the same year."""
    import numpy as np
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    noise = (1.01, 0.98, 1.02, 1.0, 0.99, 1.03, 0.97, 1.0, 1.02, 0.99, 1.01, 1.0, 0.98, 1.01)
    values = [
        1000 * share * 1.015**n * noise[n] for n, share in enumerate([float(s) for s in SEASON] * 3 + [0.19, 0.235])
    ]
    periods = [f"{2021 + n // 4}-Q{n % 4 + 1}" for n in range(14)]
    levels = [level("I", period, round(value, 4)) for period, value in zip(periods, values, strict=True)]
    rows = {
        row["method"]: row["projected_growth_pct"]
        for row in Models({"grdp": levels}).rows("int_ets_projections", target_year=2024, quarters_known=2)
    }
    values = [round(value, 4) for value in values]
    logs = np.log(values)
    apart = logs[:8] - (logs[:8].mean() + (logs[4:8].mean() - logs[:4].mean()) / 4 * (np.arange(8) - 3.5))
    seasons = (apart[:4] + apart[4:]) / 2
    slope = (logs[4:8].mean() - logs[:4].mean()) / 4
    ets = ETSModel(
        logs, trend="add", damped_trend=True, seasonal="add", seasonal_periods=4, initialization_method="known",
        initial_level=logs[:8].mean() - 4.5 * slope, initial_trend=slope, initial_seasonal=seasons - seasons.mean(),
    )  # fmt: skip
    grid = [
        (a, b, c, 0.98)
        for a in (0.1, 0.3, 0.5, 0.7, 0.9)
        for b in (0.01, 0.1, 0.3)
        for c in (0.0001, 0.1, 0.3, 0.5)
        if b <= a and c <= 1 - a
    ]
    best = max(grid, key=lambda constants: ets.loglike(np.array(constants)))
    ahead = np.exp(ets.smooth(np.array(best)).forecast(2))
    expected = 100 * ((sum(values[12:]) + ahead.sum()) / sum(values[8:12]) - 1)
    assert float(rows["ets_seasonal"]) == pytest.approx(expected, abs=0.011)
    growths = logs[4:] - logs[:-4]
    simple = ETSModel(growths, initialization_method="known", initial_level=growths[:4].mean())
    best = max(np.arange(1, 10) / 10, key=lambda constant: simple.loglike(np.array([constant])))
    grows = float(np.exp(simple.smooth(np.array([best])).forecast(1)[0]))
    expected = 100 * ((sum(values[12:]) + sum(values[10:12]) * grows) / sum(values[8:12]) - 1)
    assert float(rows["ets_growth"]) == pytest.approx(expected, abs=0.011)
