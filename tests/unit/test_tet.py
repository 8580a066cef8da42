"""Tết moves between months: its holidays are counted in each period, and comparisons that it distorts are marked."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.unit.disbursement_rows import Row, delivered
from tests.unit.sql_on_rows import PROJECT, compute

HOLIDAYS = {
    # worked by hand: 20-24/01/2023, 08-12/02/2024, 27-31/01/2025; 31/01-04/02/2022 lies in two months
    "2022-01": 1, "2022-02": 4, "2023-01": 5, "2023-02": 0, "2024-01": 0, "2024-02": 5, "2025-01": 5, "2025-02": 0,
    "2023-03": 0, "2023-Q1": 5, "2024-Q1": 5, "2024-2M": 5, "2024-11M": 5, "2024-Q2": 0, "2025": 5,
}  # fmt: skip

DISTORTED = {
    "2023-01": True, "2023-02": True, "2023-03": False, "2023-Q1": False, "2023-2M": False,
    "2024-01": True, "2024-02": True, "2024-Q1": False, "2024": False,
    "2025-01": True, "2025-02": True, "2025-03": False, "2025-Q1": False,
    "2010-01": True, "2010-Q1": False, "2011-02": False,  # 13-16/02/2010 and 02-05/02/2011: four days in February
    "2014-Q1": True, "2014": False,  # the law gave a fifth day from then on
}  # fmt: skip


@pytest.fixture(scope="module")
def periods() -> dict[str, Row]:
    return {row["period"]: row for row in compute("int_periods", "2025-02-10")}


@pytest.mark.parametrize(("period", "days"), HOLIDAYS.items())
def test_a_period_counts_the_holidays_of_tet_in_it(periods: dict[str, Row], period: str, days: int) -> None:
    assert periods[period]["tet_days"] == days


@pytest.mark.parametrize(("period", "is_distorted"), DISTORTED.items())
def test_a_comparison_is_marked_where_tet_moved(periods: dict[str, Row], period: str, is_distorted: bool) -> None:
    assert periods[period]["is_distorted_by_tet"] is is_distorted


def test_each_years_holiday_holds_the_first_day_and_has_the_length_of_its_law(periods: dict[str, Row]) -> None:
    for row in PROJECT.seeds["tet_days"].rows():
        first, tet, last = (
            dt.date.fromisoformat(row[name]) for name in ("tet_holiday_first_on", "tet_first_on", "tet_holiday_last_on")
        )
        assert first < tet < last
        assert (last - first).days + 1 == (4 if tet.year < 2014 else 5)
        months = [p for p in periods.values() if p["calendar_year"] == tet.year and p["period_type"] == "month"]
        assert sum(month["tet_days"] for month in months) == (last - first).days + 1


def test_the_first_year_of_the_register_does_not_say_what_it_cannot_know(periods: dict[str, Row]) -> None:
    assert periods["2004-06"]["is_distorted_by_tet"] is None
    assert periods["2005-06"]["is_distorted_by_tet"] is False


def test_months_of_industry_that_tet_distorts_are_marked() -> None:
    rows: list[Row] = [
        {
            "area_code": "94", "activity_code": "C", "month": month, "index_level": Decimal(100), "base_year": 2020,
        }
        for month in ("2023-12", "2024-01", "2024-02", "2024-03")
    ]  # fmt: skip
    index = delivered(rows, "industrial_production_index", "2024-Q1", "2024-04-06")
    found = compute("industry_output_monthly", "2025-02-10", validated={"industrial_production_index": index})
    marked = {row["month"]: row["is_distorted_by_tet"] for row in found}
    assert marked == {"2023-12": False, "2024-01": True, "2024-02": True, "2024-03": False}
