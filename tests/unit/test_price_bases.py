"""Levels in more than one price base: growth stays within one, or crosses by the factor of the series and says so."""

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


OLD, NEW = {"base_year": 2010}, {"base_year": 2020, **MOVED}
LINK_YEAR = [
    *(level(s, "2024", v, **OLD) for s, v in (("IND", 100), ("CON", 100), ("II", 200))),
    *(level(s, "2024", v, **NEW) for s, v in (("IND", 200), ("CON", 120), ("II", 320))),
]


def linked(levels: list[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    return {(row["sector_code"], row["period"]): row for row in Models({"grdp": levels}).rows("int_linked_levels")}


def test_each_series_is_linked_by_its_own_factor_and_the_residual_is_shown() -> None:
    """100 to 110 and 100 to 102 in the old base; the whole by its own factor says 320 to 339.2, its parts 342.4."""
    later = [level(s, "2025", v, **OLD) for s, v in (("IND", 110), ("CON", 102), ("II", 212))]
    rows = linked([*LINK_YEAR, *later])
    assert set(rows) == {("IND", "2025"), ("CON", "2025"), ("II", "2025")}, "the year of the link itself is not linked"
    assert {s: rows[s, "2025"]["linked_value_bn"] for s in ("IND", "CON", "II")} == {
        "IND": 220, "CON": Decimal("122.4"), "II": Decimal("339.2"),
    }  # fmt: skip
    factors = [rows[s, "2025"]["exact_linking_factor"] for s in ("IND", "CON", "II")]
    assert factors == [2, Decimal("1.2"), Decimal("1.6")]
    assert rows["II", "2025"]["linking_residual_bn"] == Decimal("-3.2")
    assert {row["link_year"] for row in rows.values()} == {2024}
    assert growth([*LINK_YEAR, *later])["II", "2025"]["growth_yoy_pct"] == 6


def test_growth_across_the_link_goes_by_the_factor_is_flagged_and_contributes_nothing() -> None:
    before = [level(s, "2025-Q1", v, **OLD) for s, v in (("IND", 25), ("CON", 30), ("II", 55), ("GRDP", 100))]
    now = [level(s, "2026-Q1", v, **NEW) for s, v in (("IND", 55), ("CON", "39.6"), ("II", 95))]
    rows = growth([*LINK_YEAR, *before, *now])
    assert {s: rows[s, "2026-Q1"]["growth_yoy_pct"] for s in ("IND", "CON", "II")} == {
        "IND": 10, "CON": 10, "II": Decimal("7.9545"),
    }  # fmt: skip
    row = rows["II", "2026-Q1"]
    assert (row["is_linked"], row["link_year"], row["exact_linking_factor"]) == (True, 2024, Decimal("1.6"))
    assert (row["value_year_before_constant_bn"], row["base_year"], row["contribution_pp"]) == (88, 2020, None)
    assert rows["II", "2025-Q1"]["is_linked"] is False


def test_where_one_base_has_both_years_nothing_is_linked() -> None:
    old = [level("II", "2025", 210, **OLD)]
    row = growth([*LINK_YEAR, *old, level("II", "2025", 352, **NEW)])["II", "2025"]
    assert (row["growth_yoy_pct"], row["base_year"], row["is_linked"]) == (10, 2020, False)


def test_a_base_that_no_year_shares_or_that_is_not_stated_is_not_linked() -> None:
    apart = [level("II", "2024", 200, **OLD), level("II", "2025", 352, **NEW)]
    assert growth(apart)["II", "2025"]["growth_yoy_pct"] is None
    silent = [level("II", "2024", 200), level("II", "2024", 320, **NEW), level("II", "2023", 190)]
    assert linked(silent) == {}


def test_a_simulated_level_links_no_real_one() -> None:
    real = [level("II", "2024", 200, is_simulated=False, **OLD), level("II", "2025", 352, is_simulated=False, **NEW)]
    simulated = level("II", "2024", 320, is_simulated=True, **(NEW | {"delivery_id": "d3"}))
    row = growth([*real, simulated])["II", "2025"]
    assert (row["growth_yoy_pct"], row["is_linked"]) == (None, False)


def quarters_of(years: range, factor: str, **more: Any) -> list[dict[str, Any]]:
    """Quarters that grow unevenly, so that a projection has something to miss."""
    return [
        level("GRDP", f"{y}-Q{q}", Decimal(100 + 7 * (y - 2015) + 3 * q + (y * q) % 5) * Decimal(factor), **more)
        for y in years
        for q in (1, 2, 3, 4)
        if (y, q) != (2024, 4)
    ]


def test_projections_rest_on_linked_history_where_the_newer_base_is_short_and_say_so() -> None:
    whole = Models({"grdp": quarters_of(range(2015, 2025), "1", **OLD)})
    moved = [*quarters_of(range(2015, 2023), "1", **OLD), *quarters_of(range(2022, 2025), "1.5", **NEW)]
    in_one, in_two = (
        {(row["target_year"], row["quarters_known"]): row for row in models.rows("growth_projections")}
        for models in (whole, Models({"grdp": moved}))
    )
    assert in_two.keys() == in_one.keys()
    figures = ("earlier_years", "method", "projected_growth_pct", "low_80_pct", "high_80_pct", "actual_growth_pct")
    for key, row in in_two.items():
        assert [row[name] for name in figures] == [in_one[key][name] for name in figures], key
    newest = in_two[2024, 3]
    assert newest["earlier_years"] == 9
    assert newest["projected_growth_pct"] is not None
    assert "years before 2022 are of an older price base, linked by the factor" in newest["reason_en"]
    assert "các năm trước 2022 theo gốc so sánh cũ" in newest["reason_vi"]
    assert "older price base" not in in_two[2022, 3]["reason_en"]


def test_the_rest_of_the_year_is_counted_in_the_newer_base() -> None:
    """Year before 320 in the new base; its nine months are known in the old one alone: 150 of 200, so 240 of 320."""
    targets = Models(
        {
            "grdp": [
                *LINK_YEAR,
                level("II", "2024-9M", 150, **OLD),
                level("II", "2025-9M", 252, **NEW),
            ]
        }
    )
    (row,) = targets.rows("int_sector_growth", sector_code="II", period="2025-9M")
    assert (row["growth_yoy_pct"], row["value_year_before_constant_bn"], row["is_linked"]) == (5, 240, True)


def test_the_scorecards_evidence_says_that_its_growth_crosses_two_bases() -> None:
    link = [level("CON", "2022", 100, **OLD), level("CON", "2022", 160, **NEW)]
    told = {}
    for name, more in (("linked", NEW), ("plain", OLD)):
        levels = [*link, level("CON", "2023", 110, **OLD), level("CON", "2024", 220, **more)]
        rows = Models({"grdp": levels}).rows("int_growth_item_evidence", item="CON")
        told[name] = [(row["actual"], row["detail_en"], row["detail_vi"]) for row in rows]
    assert told["linked"] == [
        (
            25,
            "the year before is of an older price base, linked by the factor of 2022",
            "số cùng kỳ theo gốc so sánh cũ, đã nối sang gốc mới theo hệ số của năm 2022",
        )
    ]
    assert told["plain"] == [(100, None, None)]
