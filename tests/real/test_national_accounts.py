"""The files of the national statistics office, from the inbox to the marts, against arithmetic done here on the XML."""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.settings import PROJECT_ROOT
from tests.house import House, Unpublished

FILES = PROJECT_ROOT.parent / "shared" / "data" / "nso_sdmx"
ACCOUNTS = FILES / "GDPVNM_prepared_2024-10-24.xml"
PRODUCTION = FILES / "IIPVNM_prepared_2024-10-24.xml"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not ACCOUNTS.exists(), reason="the national office's files are not beside this checkout"),
]

SERIES = {
    "GRDP": "NGDP_R_PA_XDC",
    "I": "NGDPVA_R_ISIC4_A_XDC",
    "II": "VNM_NGDPVA_R_ISIC4_BTF_XDC",
    "IND": "VNM_NGDPVA_R_ISIC4_BTE_XDC",
    "CON": "NGDPVA_R_ISIC4_F_XDC",
    "III": "VNM_NGDPVA_R_ISIC4_GTT_XDC",
    "TAX": "NGDPTXS_R_XDC",
    **{letter: f"NGDPVA_R_ISIC4_{letter}_XDC" for letter in "BCDEGHJKLMNOPQRST"},
    "VSIC_I": "NGDPVA_R_ISIC4_I_XDC",
}
MAIN = ("GRDP", "I", "II", "IND", "CON", "III", "TAX")

Observations = Mapping[tuple[str, str], float]
"""Value of (series, period)."""


def observations(path: Path) -> dict[tuple[str, str], float]:
    """Read an SDMX-ML file with the standard library alone; the figures of base 1994 have names of their own."""
    found = {}
    for series in ET.parse(path).getroot().iter("Series"):
        if series.get("FREQ") in ("A", "Q", "M"):
            for observation in series.iter("Obs"):
                found[series.attrib["INDICATOR"], observation.attrib["TIME_PERIOD"]] = float(
                    observation.attrib["OBS_VALUE"]
                )
    return found


@pytest.fixture(scope="module")
def accounts() -> Observations:
    return observations(ACCOUNTS)


@pytest.fixture(scope="module")
def house(after_an_empty_night: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """One night on the two files, as the office would deliver them."""
    house = Unpublished(after_an_empty_night.copied_to(tmp_path_factory.mktemp("nation")).root)
    house.deliver("grdp__2024-Q3__2024-10-24.xml", ACCOUNTS.read_bytes())
    house.deliver("industrial_production_index__2024-10__2024-11-13.xml", PRODUCTION.read_bytes())
    house.part_night(
        "delivery_quality",
        "grdp_quarters_add_up",
        "grdp_sectors_add_up",
        "growth_projections",
        "industry_output_monthly",
        "projection_scores",
        "sector_growth_vs_target",
        as_of=dt.date(2024, 12, 31),
    )
    return house


@pytest.fixture(scope="module")
def growth(house: House) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows of the mart by sector and period."""
    return {(row["sector_code"], row["period"]): row for row in house.mart("sector_growth_vs_target")}


def year_before(period: str) -> str:
    return f"{int(period[:4]) - 1}{period[4:]}"


def test_growth_of_every_sector_is_that_of_the_file(
    growth: Mapping[tuple[str, str], Mapping[str, Any]], accounts: Observations
) -> None:
    compared = 0
    for sector, series in SERIES.items():
        for period in sorted({p for s, p in accounts if s == series}):
            before = accounts.get((series, year_before(period)))
            if before is None or period.startswith("2010"):
                continue
            expected = 100 * (accounts[series, period] / before - 1)
            assert float(growth[sector, period]["growth_yoy_pct"]) == pytest.approx(expected, abs=0.0001), (
                sector,
                period,
            )
            compared += 1
    assert compared > 1600


def test_levels_are_those_of_the_file_to_four_decimals(
    growth: Mapping[tuple[str, str], Mapping[str, Any]], accounts: Observations
) -> None:
    for sector in MAIN:
        for period in ("2015", "2023", "2024-Q3"):
            level = growth[sector, period]["level_constant_bn"]
            assert float(level) == pytest.approx(accounts[SERIES[sector], period], abs=0.0001)


def test_every_level_says_the_base_that_the_file_states(
    house: House, growth: Mapping[tuple[str, str], Mapping[str, Any]]
) -> None:
    assert {row["base_year"] for row in growth.values()} == {2010}
    rows = house.table("validated", "grdp")
    stated = [row for row in rows if row["value_constant_bn"] is not None]
    assert {row["base_year"] for row in stated} == {2010}
    assert sum(row["value_current_bn"] is not None for row in stated) > 1600, "both prices of a period are one row"


def test_nothing_grows_from_2009_to_2010(growth: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
    for sector in MAIN:
        assert growth[sector, "2010"]["growth_yoy_pct"] is None
        assert growth[sector, "2010"]["evidence_basis"] == "level_only"
    assert growth["CON", "2009"]["growth_yoy_pct"] is not None
    assert growth["CON", "2011"]["growth_yoy_pct"] is not None


def test_contributions_of_the_sectors_add_up_to_the_growth_of_the_whole(
    growth: Mapping[tuple[str, str], Mapping[str, Any]],
) -> None:
    judged = 0
    for (sector, period), row in growth.items():
        if sector != "GRDP" or row["growth_yoy_pct"] is None or int(period[:4]) < 2011:
            continue
        parts = sum(growth[part, period]["contribution_pp"] for part in ("I", "II", "III", "TAX"))
        assert abs(parts - row["growth_yoy_pct"]) <= Decimal("0.01"), period
        judged += 1
    assert judged > 60


def test_nine_months_are_built_from_the_quarters(
    growth: Mapping[tuple[str, str], Mapping[str, Any]], accounts: Observations
) -> None:
    for sector in MAIN:
        sums = [sum(accounts[SERIES[sector], f"{year}-Q{q}"] for q in (1, 2, 3)) for year in (2023, 2024)]
        row = growth[sector, "2024-9M"]
        assert row["level_basis"] == "sum_of_quarters"
        assert float(row["growth_yoy_pct"]) == pytest.approx(100 * (sums[1] / sums[0] - 1), abs=0.0001)


def test_the_directive_of_a_province_sets_no_target_for_the_country(
    growth: Mapping[tuple[str, str], Mapping[str, Any]],
) -> None:
    assert {row["area_code"] for row in growth.values()} == {"VN"}
    assert {row["target_growth_pct"] for row in growth.values()} == {None}


def test_the_one_defect_of_the_file_is_a_warning_and_the_delivery_counts(house: House) -> None:
    delivery = house.delivery("grdp__2024-Q3__2024-10-24.xml")
    assert (delivery["status"], delivery["findings_critical"]) == ("accepted", 0)
    assert delivery["findings_warning"] == 2, "product taxes, and GDP with them"
    apart = [row for row in house.table("audits", "grdp_quarters_add_up") if abs(row["difference_bn"]) > 1]
    constant = {(r["sector_code"], r["period"]): r["difference_bn"] for r in apart if r["price_basis"] == "constant"}
    assert set(constant) == {("TAX", "2020"), ("GRDP", "2020")}
    assert {round(difference, 2) for difference in constant.values()} == {Decimal("87.95")}


def test_sectors_add_up_within_the_vintage(house: House) -> None:
    rows = house.table("audits", "grdp_sectors_add_up")
    judged = [row for row in rows if row["difference_bn"] is not None]
    assert max(abs(row["difference_bn"]) for row in judged) < Decimal("0.001")
    assert {row["sector_code"] for row in judged} == {"GRDP", "II", "IND", "III"}
    unjudged = {row["period"] for row in rows if row["difference_bn"] is None and row["price_basis"] == "constant"}
    assert unjudged == {str(year) for year in range(2004, 2010)}, "product taxes begin in 2010"


def test_the_index_of_production_grows_as_in_its_file(house: House) -> None:
    found = observations(PRODUCTION)
    rows = {row["month"]: row for row in house.mart("industry_output_monthly") if row["series_code"] == "BTE"}
    for month in sorted(m for s, m in found if s == "AIP_ISIC4_IX" and m >= "2018"):
        expected = 100 * (found["AIP_ISIC4_IX", month] / found["AIP_ISIC4_IX", year_before(month)] - 1)
        assert float(rows[month]["output_yoy_pct"]) == pytest.approx(expected, abs=0.0001)
    months = range(1, 11)
    sums = [sum(found["AIP_ISIC4_IX", f"{year}-{m:02d}"] for m in months) for year in (2023, 2024)]
    assert float(rows["2024-10"]["output_ytd_yoy_pct"]) == pytest.approx(100 * (sums[1] / sums[0] - 1), abs=0.0001)
    assert not [row for row in house.mart("sector_growth_vs_target") if row["period"] == "2024-10"]


def test_marts_describe_their_columns(house: House) -> None:
    schema = pq.read_schema(house.home.marts / "current" / "sector_growth_vs_target.parquet")
    metadata = schema.field("growth_yoy_pct").metadata
    assert metadata[b"unit"] == b"%"
    assert metadata[b"label_vi"].decode() == "Tốc độ tăng so với cùng kỳ"


# ── projections ───────────────────────────────────────────────────────────────────────────────────────────────

CALM = (2015, 2016, 2017, 2018, 2019, 2023)
"""Years that the epidemic neither struck nor followed."""


@pytest.fixture(scope="module")
def projections(house: House) -> dict[tuple[str, int, int], dict[str, Any]]:
    """Rows of the mart by sector, year and number of known quarters."""
    return {
        (row["sector_code"], row["target_year"], row["quarters_known"]): row for row in house.mart("growth_projections")
    }


def quarter_levels(accounts: Observations, sector: str, year: int) -> list[float]:
    return [accounts[SERIES[sector], f"{year}-Q{quarter}"] for quarter in (1, 2, 3, 4)]


def test_national_construction_does_not_run_along_a_straight_line(accounts: Observations) -> None:
    bounds = ((0.18, 0.20), (0.23, 0.24), (0.24, 0.27), (0.31, 0.32))
    for year in range(2015, 2024):
        levels = quarter_levels(accounts, "CON", year)
        for level, (low, high) in zip(levels, bounds, strict=True):
            assert low - 0.005 <= level / sum(levels) <= high + 0.005, year


def test_every_quarter_since_2015_is_projected_as_of_its_time(
    projections: Mapping[tuple[str, int, int], Mapping[str, Any]],
) -> None:
    for sector in MAIN:
        for year in range(2015, 2025):
            for known in (0, 1, 2, 3):
                row = projections[sector, year, known]
                assert row["low_80_pct"] <= row["low_50_pct"] <= row["high_50_pct"] <= row["high_80_pct"]
                assert row["low_50_pct"] - 1 < row["projected_growth_pct"] < row["high_50_pct"] + 1
                assert row["backtest_years"] <= year - 2011, "errors of earlier years alone"
                assert (row["actual_growth_pct"] is None) == (year == 2024)
        assert {projections[sector, year, 3]["projected_growth_pct"] for year in (2010, 2011, 2012)} == {None}
        if sector != "TAX":  # which begin in 2010
            assert projections[sector, 2010, 0]["projected_growth_pct"] is None, "across the break of base"


def test_the_share_of_the_year_is_that_of_the_file(house: House, accounts: Observations) -> None:
    runs = {
        (row["sector_code"], row["target_year"], row["quarters_known"]): float(row["projected_growth_pct"])
        for row in house.table("intermediate", "int_projection_runs")
        if row["method"] == "share_of_year"
    }
    compared = 0
    for sector in MAIN:
        for year in range(2013, 2024):
            if sector in ("TAX", "GRDP") and year in range(2020, 2024):
                continue  # quarters of 2020 do not add up to its year in the file
            for known in (1, 2, 3):
                shares = [
                    sum(levels[:known]) / sum(levels)
                    for levels in (quarter_levels(accounts, sector, year - back) for back in (1, 2, 3))
                ]
                whole = sum(quarter_levels(accounts, sector, year)[:known]) / (sum(shares) / 3)
                expected = 100 * (whole / sum(quarter_levels(accounts, sector, year - 1)) - 1)
                assert runs[sector, year, known] == pytest.approx(expected, abs=0.001), (sector, year, known)
                compared += 1
    assert compared > 190


def test_projections_get_better_as_the_year_goes_on(
    projections: Mapping[tuple[str, int, int], Mapping[str, Any]],
) -> None:
    def mean_error(known: int) -> float:
        errors = [
            abs(float(row["projection_error_pp"]))
            for (_, year, quarters), row in projections.items()
            if quarters == known and 2015 <= year <= 2023
        ]
        assert len(errors) == 63
        return sum(errors) / 63

    assert mean_error(3) < 0.7 < mean_error(2) < 1.2 < mean_error(1) < 1.4


def test_intervals_hold_about_as_often_as_they_promise_and_more_often_in_calm_years(
    projections: Mapping[tuple[str, int, int], Mapping[str, Any]],
) -> None:
    """Bounds: the three origins of a year share its fate, so that sectors and years count as draws, 63 and 42 of them.

    Were the promise kept, a share of 63 draws of 0.8 below 0.68, or of 0.5 outside 0.35 to 0.65, would come in one of
    a hundred samples. Sectors move together, so that even this is generous. Intervals know no epidemic before it comes:
    in calm years they hold more often than over all.
    """

    def held(years: Sequence[int], low: str, high: str) -> float:
        rows = [row for (_, year, known), row in projections.items() if year in years and known > 0]
        return sum(row[low] <= row["actual_growth_pct"] <= row[high] for row in rows) / len(rows)

    every = range(2015, 2024)
    assert 0.68 <= held(every, "low_80_pct", "high_80_pct") <= 0.92
    assert 0.35 <= held(every, "low_50_pct", "high_50_pct") <= 0.65
    assert held(every, "low_80_pct", "high_80_pct") < held(CALM, "low_80_pct", "high_80_pct") <= 0.95


def test_scores_are_those_of_the_runs_and_one_method_is_chosen(house: House) -> None:
    scores = house.mart("projection_scores")
    published = house.mart("growth_projections")
    runs = [*house.table("intermediate", "int_projection_runs"), *({**r, "method": "reconciled"} for r in published)]
    for score in scores:
        errors = [
            float(run["projection_error_pp"])
            for run in runs
            if run["projection_error_pp"] is not None
            and all(run[key] == score[key] for key in ("sector_code", "quarters_known", "method"))
        ]
        assert len(errors) == score["backtest_years"]
        assert float(score["bias_pp"]) == pytest.approx(sum(errors) / len(errors), abs=0.0001)
        assert float(score["mean_absolute_error_pp"]) == pytest.approx(
            sum(abs(error) for error in errors) / len(errors), abs=0.0001
        )
    for sector in MAIN:
        for known in range(4):
            cell = [row for row in scores if (row["sector_code"], row["quarters_known"]) == (sector, known)]
            assert sum(row["is_chosen"] for row in cell) == 1
    bridges = [row for row in scores if row["method"].startswith("index_bridge")]
    assert {row["sector_code"] for row in bridges} == {"IND", "GRDP"}
    assert min(row["backtest_years"] for row in bridges) >= 2
