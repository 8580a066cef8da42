"""Levels in more than one price base: growth never crosses from one into another, stated or not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.unit.test_growth_sql import LAST_YEAR, Models, grdp, level

MOVED = {"delivery_id": "d2", "released_on": dt.date(2026, 4, 1), "source_file": "grdp__2025__2026-04-01.csv"}


def growth(levels: list[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    return {(row["sector_code"], row["period"]): row for row in Models({"grdp": levels}).rows("int_sector_growth")}


def test_each_aggregate_grows_by_its_own_levels_in_one_base() -> None:
    """A 100 to 110 and B 100 to 102 in the old base, doubled and raised by a fifth in the new one."""
    old = [
        *(level(s, "2024", 100, base_year=2010) for s in ("IND", "CON")),
        level("II", "2024", 200, base_year=2010),
        level("IND", "2025", 110, base_year=2010),
        level("CON", "2025", 102, base_year=2010),
        level("II", "2025", 212, base_year=2010),
    ]
    rebased = (("IND", 220), ("CON", "122.4"), ("II", "339.2"))
    rows = growth([*old, *(level(s, "2025", v, base_year=2020, **MOVED) for s, v in rebased)])
    assert {s: rows[s, "2025"]["growth_yoy_pct"] for s in ("IND", "CON", "II")} == {"IND": 10, "CON": 2, "II": 6}
    assert {row["base_year"] for row in rows.values()} == {2010}, "the new base has nothing to grow from"


def test_the_year_before_in_the_new_base_is_what_growth_is_set_against() -> None:
    old = [level("CON", "2024", 100, base_year=2010), level("CON", "2023", 80, base_year=2010)]
    new = [level("CON", p, v, base_year=2020, **MOVED) for p, v in (("2024", 160), ("2025", 176))]
    rows = growth([*old, *new])
    assert (rows["CON", "2025"]["growth_yoy_pct"], rows["CON", "2025"]["base_year"]) == (10, 2020)
    assert (rows["CON", "2024"]["growth_yoy_pct"], rows["CON", "2024"]["base_year"]) == (25, 2010)


def test_two_bases_side_by_side_in_one_delivery_are_two_levels() -> None:
    told = ((2010, "2023", 80), (2010, "2024", 100), (2020, "2023", 150), (2020, "2024", 165))
    models = Models({"grdp": [level("CON", period, value, base_year=base) for base, period, value in told]})
    assert len(models.rows("stg_grdp")) == 4
    (row,) = models.rows("int_sector_growth", period="2024")
    assert (row["growth_yoy_pct"], row["base_year"]) == (10, 2020)
    assert [r["growth_yoy_pct"] for r in models.rows("int_growth_vintages", period="2024")] == [10]
    assert not models.rows("growth_revisions")


def test_a_level_without_a_stated_base_is_set_against_none_that_states_one() -> None:
    stated = level("CON", "2023", 80, base_year=2010)
    assert growth([stated, level("CON", "2024", 100)])["CON", "2024"]["growth_yoy_pct"] is None
    row = growth([level("CON", "2023", 80), level("CON", "2024", 100)])["CON", "2024"]
    assert (row["growth_yoy_pct"], row["base_year"]) == (25, None)


def test_quarters_of_two_bases_are_not_added_up() -> None:
    levels = [level("CON", f"2024-Q{q}", 10, base_year=2010 if q < 4 else 2020) for q in (1, 2, 3, 4)]
    found = growth(levels)
    assert ("CON", "2024-9M") in found
    assert ("CON", "2024") not in found


def test_no_projection_reaches_into_another_base() -> None:
    quarters = [
        level("GRDP", f"{year}-Q{q}", 100 + year - 2015, base_year=2010 if year < 2022 else 2020)
        for year in range(2015, 2025)
        for q in (1, 2, 3, 4)
    ][:-1]
    rows = Models({"grdp": quarters}).rows("growth_projections", quarters_known=3)
    assert {row["target_year"]: row["earlier_years"] for row in rows} == {
        2015: 0, 2016: 1, 2017: 2, 2018: 3, 2019: 4, 2020: 5, 2021: 6, 2022: 0, 2023: 1, 2024: 2,
    }  # fmt: skip


def test_parts_add_up_and_levels_never_fall_within_each_base() -> None:
    old = grdp("2024", LAST_YEAR, base_year=2010)
    new = [{**row, "base_year": 2020, "value_constant_bn": row["value_constant_bn"] * Decimal("1.6")} for row in old]
    rows = Models({"grdp": [*old, *new]}).rows("grdp_sectors_add_up")
    assert {(row["base_code"], row["difference_bn"]) for row in rows} == {("2010", 0), ("2020", 0)}
    falling = [level("I", "2024-9M", 100, base_year=2020), level("I", "2024", 90, base_year=2010)]
    assert not Models({"grdp": falling}).rows("grdp_cumulative_never_falls")


def test_a_new_base_is_no_restatement_and_a_wrong_unit_in_it_is_seen() -> None:
    for factor in (1, 1000):
        levels = [
            level("CON", "2024", 100, base_year=2010),
            level("CON", "2024", 160 * factor, base_year=2020, **MOVED),
        ]
        (row,) = Models({"grdp": levels}).rows("grdp_magnitude", delivery_id="d2")
        assert (row["restatement_pct"], row["magnitude_ratio"]) == (None, Decimal("1.6") * factor)
