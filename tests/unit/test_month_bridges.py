"""Months that warn: growth of each monthly indicator, and the line by which it leads to a sector's next quarter."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.capture_rows import computed_on
from tests.unit.disbursement_rows import delivered, plan, register, vouchers
from tests.unit.sql_on_rows import Tables

Row = dict[str, Any]
YEARS = range(2017, 2025)


def wave(year: int, month: int) -> Decimal:
    """A rate of growth that no two quarters share, in percent."""
    return Decimal((7 * year + 5 * month + month * month) % 13) - 4


def chained(first: Decimal) -> dict[str, Decimal]:
    """Levels of months whose growth on a year before is the wave."""
    levels = {f"2016-{m:02d}": first for m in range(1, 13)}
    for year in YEARS:
        for month in range(1, 13):
            if (year, month) <= (2024, 8):
                before = levels[f"{year - 1}-{month:02d}"]
                levels[f"{year}-{month:02d}"] = round(before * (1 + wave(year, month) / 100), 3)
    return levels


def retail() -> list[Row]:
    rows = [
        {"area_code": "94", "service_group": "total", "month": m, "value_bn": v}
        for m, v in chained(Decimal(9000)).items()
    ]
    return delivered(rows, "retail_services", "2024-08", "2024-09-06")


def visits() -> list[Row]:
    rows = [{"month": m, "visitors": int(v), "overnight_visitors": 1, "revenue_bn": Decimal(1)}
            for m, v in chained(Decimal(200_000)).items()]  # fmt: skip
    return delivered(rows, "tourism", "2024-08", "2024-09-06")


def harvests() -> list[Row]:
    rows = [
        {"district_code": district, "species": "whiteleg_shrimp", "month": m, "harvest_t": round(v, 2)}
        for district in ("949", "950")
        for m, v in chained(Decimal(5000)).items()
    ]
    return delivered(rows, "aquaculture", "2024-08", "2024-09-06")


GIVEN = {"retail": ("retail_services", retail), "visitors": ("tourism", visits), "harvest": ("aquaculture", harvests)}


def accounts(sector: str) -> list[Row]:
    """Each quarter grows by 1 + 0.8 times the mean of its months' growth."""
    levels: dict[str, Decimal] = {f"2016-Q{q}": Decimal(1000) for q in (1, 2, 3, 4)}
    for year in YEARS:
        for quarter in (1, 2, 3, 4):
            if (year, quarter) <= (2024, 2):
                months = statistics.fmean(float(wave(year, 3 * quarter - n)) for n in (0, 1, 2))
                before = levels[f"{year - 1}-Q{quarter}"]
                levels[f"{year}-Q{quarter}"] = round(before * Decimal(1 + (1 + 0.8 * months) / 100), 4)
    rows = [{"area_code": "94", "sector_code": sector, "period": p, "value_constant_bn": v, "base_year": 2010}
            for p, v in levels.items()]  # fmt: skip
    return delivered(rows, "grdp", "2024-6M", "2024-07-01")


def rates(tables: Tables, indicator: str) -> Mapping[tuple[int, int], Decimal]:
    rows = tables.compute("int_monthly_growth", "2024-09-20")
    return {(row["calendar_year"], row["month_of_year"]): row["month_yoy_pct"] for row in rows
            if row["monthly_indicator"] == indicator}  # fmt: skip


@pytest.mark.parametrize("indicator", sorted(GIVEN))
def test_a_month_is_set_against_the_same_month_a_year_before(indicator: str) -> None:
    feed, made = GIVEN[indicator]
    found = rates(Tables(validated={feed: made()}), indicator)
    assert found.keys() == {(y, m) for y in YEARS for m in range(1, 13) if (y, m) <= (2024, 8)}
    assert all(abs(growth - wave(*when)) < Decimal("0.01") for when, growth in found.items())


def test_money_of_a_month_is_what_was_paid_in_it_on_the_years_own_plan() -> None:
    """40 in January and 60 in February 2023; 50 and 90 a year later; 7 more of January 2024 are the old plan's."""
    before = vouchers("2023-01-10 2023 payment 40\n2023-02-10 2023 payment 60", "2023", "2024-01-06", prefix="A")
    now = vouchers(
        "2024-01-10 2024 payment 50\n2024-01-12 2023 payment 7\n2024-02-10 2024 payment 90", "2024-2M", "2024-03-06",
        prefix="B",
    )  # fmt: skip
    plans = plan(
        ("7000001", "pm_assigned", 2023, 200, "2023-01-01"), ("7000001", "pm_assigned", 2024, 300, "2024-01-01")
    )
    money = {
        "treasury_disbursement": [*before, *now],
        "investment_plan": plans,
        "investment_projects": register(("7000001", "BQLDA1"), released_on="2023-01-15", valid_from="2023-01-01"),
    }
    assert rates(Tables(validated=money), "disbursement") == {(2024, 1): 25, (2024, 2): 50}


@pytest.mark.parametrize(
    ("indicator", "sector"), [("retail", "III"), ("visitors", "III"), ("harvest", "I"), ("retail", "GRDP")]
)
@pytest.mark.parametrize("months", [1, 2])
def test_a_bridge_is_the_line_through_all_earlier_quarters(indicator: str, sector: str, months: int) -> None:
    feed, made = GIVEN[indicator]
    tables = Tables(validated={feed: made(), "grdp": accounts(sector)})
    (bridge,) = [
        row
        for row in tables.compute("int_index_bridge", "2024-09-20")
        if (row["sector_code"], row["target_year"], row["quarters_known"]) == (sector, 2024, 2)
        and row["method"] == f"{indicator}_bridge_{months}"
    ]
    known = {str(row["period"]): row["value_constant_bn"] for row in accounts(sector)}
    line = statistics.linear_regression(*zip(*(
        (statistics.fmean(float(wave(year, 3 * quarter - 2 + n)) for n in range(months)),
         100 * float(known[f"{year}-Q{quarter}"] / known[f"{year - 1}-Q{quarter}"] - 1))
        for year in YEARS for quarter in (1, 2, 3, 4) if (year, quarter) <= (2024, 2)
    ), strict=True))  # fmt: skip
    ahead = statistics.fmean(float(wave(2024, 7 + n)) for n in range(months))
    assert bridge["bridge_quarters"] == 30
    assert float(bridge["next_quarter_growth_pct"]) == pytest.approx(line.intercept + line.slope * ahead, abs=0.01)


def test_months_that_lead_nowhere_leave_the_projection_as_it_is() -> None:
    """Accounts that grow by 5 % a quarter whatever is sold: the mean of the rungs is right, and no bridge is better."""
    quarters = [(y, q) for y in range(2016, 2025) for q in (1, 2, 3, 4) if (y, q) <= (2024, 2)]
    levels = {f"{y}-Q{q}": Decimal(1000) * Decimal("1.05") ** (y - 2016) for y, q in quarters}
    rows = [{"area_code": "94", "sector_code": "III", "period": p, "value_constant_bn": round(v, 4), "base_year": 2010}
            for p, v in levels.items()]  # fmt: skip
    tables = Tables(validated={"retail_services": retail(), "grdp": delivered(rows, "grdp", "2024-6M", "2024-07-01")})
    (row,) = [
        row
        for row in tables.compute("int_projection_choices", "2024-09-20")
        if (row["sector_code"], row["target_year"], row["quarters_known"]) == ("III", 2024, 2)
    ]
    assert row["method"] == "average"
    assert float(row["projected_growth_pct"]) == pytest.approx(5, abs=0.01)
    assert dt.date(2024, 7, 1) == row["released_on"]


# ── a bridge and the plain mean are compared in the years that both have seen ─────────────────────────────────


def chosen(average: Mapping[int, str], bridge: Mapping[int, str]) -> Row:
    """What is chosen for 2024 after two quarters, where the mean and a bridge were off by this in earlier years."""
    place = {"area_code": "94", "sector_code": "IND", "quarters_known": 2, "is_simulated": False}
    runs = [
        {**place, "target_year": year, "method": method, "projected_growth_pct": projected, "base_from_year": 2010,
         "projection_error_pp": errors.get(year)}
        for method, errors, projected in (("average", average, "7"), ("index_bridge_2", bridge, "9"))
        for year in {**errors, 2024: None}
    ]  # fmt: skip
    backtest = [
        {**place, "target_year": 2024, "method": method, "projected_growth_pct": projected,
         "backtest_years": len(errors), "low_50_pct": "1", "high_50_pct": "2", "low_80_pct": "0", "high_80_pct": "3",
         "backtest_mean_absolute_error_pp": sum((abs(Decimal(e)) for e in errors.values()), Decimal(0)) / len(errors),
         "backtest_root_mean_square_error_pp": "1"}
        for method, errors, projected in (("average", average, "7"), ("index_bridge_2", bridge, "9"))
    ]  # fmt: skip
    origin = {
        **place, "target_year": 2024, "known_period": "2024-6M", "earlier_years": len(average),
        "year_before_constant_bn": 1000, "actual_growth_pct": None, "released_on": dt.date(2024, 7, 1),
    }  # fmt: skip
    ladder = [
        {"method": "average", "ladder_place": 6, "needs_later_months": False},
        {"method": "index_bridge_2", "ladder_place": 8, "needs_later_months": True},
    ]
    (row,) = computed_on(
        "int_projection_choices",
        {
            "int_projection_runs": runs, "int_projection_backtest": backtest, "int_projection_origins": [origin],
            "projection_methods": ladder,
        },
        "2024-09-20",
    )  # fmt: skip
    return row


BAD_START = {2016: "6", 2017: "6", 2018: "6", 2021: "1", 2022: "-1", 2023: "1"}
"""The mean was off by 6 points in three years before there were months, and by 1 since: by 3.5 on average."""


def test_a_bridge_is_not_better_for_years_that_it_has_not_seen() -> None:
    """Off by 2 in the years since 2021: less than 3.5, and more than the 1 of the same years."""
    row = chosen(BAD_START, {2021: "2", 2022: "-2", 2023: "2"})
    assert (row["method"], row["projected_growth_pct"]) == ("average", 7)


def test_a_bridge_that_was_nearer_in_the_same_years_speaks() -> None:
    row = chosen(BAD_START, {2021: "0.5", 2022: "-0.5", 2023: "1"})
    assert (row["method"], row["projected_growth_pct"], row["accounts_growth_pct"]) == ("index_bridge_2", 9, 7)


@pytest.mark.parametrize("bridge", [{2022: "0.1", 2023: "0.1"}, {2021: "1", 2022: "1", 2023: "-1"}])
def test_two_years_or_no_difference_are_no_reason_for_a_bridge(bridge: Mapping[int, str]) -> None:
    assert chosen(BAD_START, bridge)["method"] == "average"
