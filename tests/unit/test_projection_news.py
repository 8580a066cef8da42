"""What moved the projection of GRDP, by sector and source: the rows of a day add up to its whole change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.disbursement_rows import delivered
from tests.unit.sql_on_rows import Tables

Row = dict[str, Any]
AUGUST, SEPTEMBER, OCTOBER = dt.date(2024, 8, 31), dt.date(2024, 9, 30), "2024-10-05"
SHARES = {"I": 400, "IND": 150, "CON": 50, "III": 340, "TAX": 60}
SECTORS = {**SHARES, "GRDP": 1000}


def seen(on_date: dt.date, known: int, growth: Mapping[str, tuple[str, str, str]]) -> list[Row]:
    """What a day projected of each sector: published, by itself, from accounts alone."""
    return [
        {
            "area_code": "94", "sector_code": sector, "target_year": 2024, "quarters_known": known,
            "projected_growth_pct": Decimal(published), "own_growth_pct": Decimal(own),
            "accounts_growth_pct": Decimal(accounts), "year_before_constant_bn": Decimal(SECTORS[sector]),
            "is_simulated": False, "on_date": on_date, "knowledge": "as_then_known",
        }
        for sector, (published, own, accounts) in growth.items()
    ]  # fmt: skip


def same(**growth: str) -> dict[str, tuple[str, str, str]]:
    return {sector: (value, value, value) for sector, value in growth.items()}


def news(*days: list[Row], **validated: list[Row]) -> dict[tuple[str, str], Row]:
    tables = Tables(validated=validated, history={"int_growth_projections": [row for day in days for row in day]})
    rows = [row for row in tables.compute("projection_news", OCTOBER) if row["on_date"] == SEPTEMBER]
    return {(row["sector_code"], row["news_source"]): row for row in rows}


def test_news_is_told_by_sector_and_source_and_adds_up() -> None:
    """IND: accounts 10 to 11, months take half a point off; CON 20 to 12; GRDP from 5.65 to 5.3."""
    before = same(I="4", IND="10", CON="20", III="4", TAX="3.1667", GRDP="5.65")
    after = same(I="4", CON="12", TAX="3.1667", GRDP="5.3043")
    after |= {"IND": ("10.6", "10.5", "11"), "III": ("4", "3.9", "3.9")}
    found = news(seen(AUGUST, 2, before), seen(SEPTEMBER, 2, after))
    points = {key: row["news_pp"] for key, row in found.items() if row["news_pp"]}
    assert points == {
        ("IND", "accounts"): Decimal("0.15"),  # 150 of 1,000 times one point
        ("IND", "months"): Decimal("-0.075"),
        ("IND", "adding_up"): Decimal("0.015"),
        ("CON", "accounts"): Decimal("-0.4"),
        ("III", "accounts"): Decimal("-0.034"),
        ("III", "adding_up"): Decimal("0.034"),
    }
    one = found["IND", "months"]
    assert sum(points.values()) == pytest.approx(
        one["grdp_projected_pct"] - one["grdp_previous_pct"], abs=Decimal("0.05")
    )
    assert (one["previous_on_date"], one["grdp_previous_pct"], one["grdp_projected_pct"]) == (
        AUGUST, Decimal("5.65"), Decimal("5.3043"),
    )  # fmt: skip


def test_the_newest_origin_of_each_day_speaks_and_a_year_that_is_over_does_not() -> None:
    before = [
        *seen(AUGUST, 1, same(**dict.fromkeys(SECTORS, "9"))),
        *seen(AUGUST, 2, same(**dict.fromkeys(SECTORS, "5"))),
    ]
    after = seen(SEPTEMBER, 2, same(**dict.fromkeys(SECTORS, "6")))
    found = news(before, after)
    assert {key: row["news_pp"] for key, row in found.items() if row["news_pp"]} == {
        (sector, "accounts"): Decimal(share) / 1000 for sector, share in SHARES.items()
    }
    assert len(found) == 3 * len(SHARES)


def test_a_day_on_which_a_part_could_not_be_projected_tells_no_news() -> None:
    before = seen(AUGUST, 2, same(**dict.fromkeys(SECTORS, "5")))
    after = seen(SEPTEMBER, 2, same(**dict.fromkeys([s for s in SECTORS if s != "CON"], "6")))
    assert news(before, after) == {}


def test_news_names_the_deliveries_that_brought_it() -> None:
    levels = [{"area_code": "94", "sector_code": "I", "period": "2024-Q2", "value_constant_bn": Decimal(100)}]
    months = [{"area_code": "94", "activity_code": "BTE", "month": m, "index_level": Decimal(v), "base_year": 2020}
              for m, v in (("2023-07", 100), ("2024-07", 110))]  # fmt: skip
    found = news(
        seen(AUGUST, 2, same(**dict.fromkeys(SECTORS, "5"))),
        seen(SEPTEMBER, 2, same(**dict.fromkeys(SECTORS, "6"))),
        grdp=delivered(levels, "grdp", "2024-Q2", "2024-09-02"),
        industrial_production_index=delivered(months, "industrial_production_index", "2024-07", "2024-09-06"),
    )
    assert found["I", "accounts"]["news_files"] == "grdp__2024-Q2__2024-09-02.csv"
    assert found["IND", "months"]["news_files"] == "industrial_production_index__2024-07__2024-09-06.csv"
    assert found["CON", "accounts"]["news_files"] is None
