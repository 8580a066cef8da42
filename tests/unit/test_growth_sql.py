"""Growth, contributions and what the rest of the year needs, as the models compute them, against hand-made numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.sql_on_rows import Tables

LINEAGE = {"delivery_id": "d1", "released_on": dt.date(2024, 1, 1), "source_file": "feed__2024__2024-01-01.csv"}
LAST_YEAR = {"I": 400, "IND": 150, "CON": 50, "III": 340, "TAX": 60}
THIS_YEAR = {"I": 415, "IND": 166, "CON": 58, "III": 371, "TAX": 64}


class Models:
    """The models on rows of feeds, which are candidates and validated at once."""

    def __init__(
        self, sources: Mapping[str, Sequence[Mapping[str, Any]]] | None = None, as_of: str = "2030-01-01"
    ) -> None:
        rows = {
            feed: [{**LINEAGE, "source_row": number, **row} for number, row in enumerate(given_rows, start=2)]
            for feed, given_rows in (sources or {}).items()
        }
        self._tables = Tables(validated=rows, candidates=rows)
        self._as_of = as_of

    def rows(self, model: str, **where: Any) -> list[dict[str, Any]]:
        """Return the rows of a model whose columns equal `where`."""
        found = self._tables.compute(model, self._as_of)
        return [row for row in found if all(row[name] == value for name, value in where.items())]

    def row(self, model: str, **where: Any) -> dict[str, Any]:
        """Return the one row of a model whose columns equal `where`."""
        found = self.rows(model, **where)
        assert len(found) == 1, f"{model} has {len(found)} rows where {where}, not one"
        return found[0]


def with_sums(leaves: Mapping[str, Any]) -> dict[str, Decimal]:
    levels = {sector: Decimal(str(level)) for sector, level in leaves.items()}
    levels["II"] = levels["IND"] + levels["CON"]
    levels["GRDP"] = sum((levels[sector] for sector in leaves), Decimal(0))
    return levels


def grdp(period: str, leaves: Mapping[str, Any], **more: Any) -> list[dict[str, Any]]:
    row = {"area_code": "94", "period": period, "estimate_stage": "estimate_1", **more}
    return [{**row, "sector_code": s, "value_constant_bn": v} for s, v in with_sums(leaves).items()]


def level(sector: str, period: str, value: Any, **more: Any) -> dict[str, Any]:
    row = {"area_code": "94", "sector_code": sector, "period": period, **more}
    return {**row, "value_constant_bn": None if value is None else Decimal(str(value))}


def said(indicator: str, period: str, value: Any, day: str, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"indicator": indicator, "area_code": "94", "period": period, "measure": "growth_yoy"}
    row |= {"value": Decimal(str(value)), "unit": "percent", "said_on": dt.date.fromisoformat(day)}
    row |= {"released_on": row["said_on"], "publisher": "Tỉnh ủy Sóc Trăng", "trust": "press"}
    row |= {"source_url": "https://example.org/a", "estimate_stage": "estimate_2", "delivery_id": "said"}
    return row | {"source_file": "published_figures__2024__2025-02-10.csv"} | more


def growth_of(models: Models, **where: Any) -> dict[str, Any]:
    return models.row("sector_growth_vs_target", **where)


# ── worked by hand ────────────────────────────────────────────────────────────────────────────────────────────


def test_growth_and_contributions_are_those_worked_by_hand() -> None:
    models = Models({"grdp": [*grdp("2023", LAST_YEAR), *grdp("2024", THIS_YEAR)]})
    rows = {row["sector_code"]: row for row in models.rows("sector_growth_vs_target", period="2024")}
    growth = {sector: float(row["growth_yoy_pct"]) for sector, row in rows.items()}
    assert growth == {"I": 3.75, "IND": 10.6667, "CON": 16, "II": 12, "III": 9.1176, "TAX": 6.6667, "GRDP": 7.4}
    points = {sector: float(row["contribution_pp"]) for sector, row in rows.items()}
    assert points == {"I": 1.5, "IND": 1.6, "CON": 0.8, "II": 2.4, "III": 3.1, "TAX": 0.4, "GRDP": 7.4}


def test_the_rest_of_the_year_needs_what_was_worked_by_hand() -> None:
    levels = [level("GRDP", "2023", 1000), level("GRDP", "2023-9M", 680), level("GRDP", "2024-9M", 720)]
    row = growth_of(Models({"grdp": levels}), period="2024-9M")
    assert row["required_growth_rest_pct"] == Decimal("9.375")
    assert 720 + 320 * (1 + float(row["required_growth_rest_pct"]) / 100) == pytest.approx(1070)
    assert row["is_required_within_history"] is None, "without history nobody can say"


def test_the_needed_growth_takes_its_place_in_the_areas_own_history() -> None:
    levels = [level("GRDP", "2023", 1000), level("GRDP", "2023-9M", 680), level("GRDP", "2024-9M", 720)]
    # Rests of earlier years: 2020 200, 2021 230 (+15 %), 2022 241.5 (+5 %), 2023 320 (+32.5052 %).
    for year, whole, part in (("2020", 700, 500), ("2021", 760, 530), ("2022", 800, "558.5")):
        levels += [level("GRDP", year, whole), level("GRDP", f"{year}-9M", part)]
    row = growth_of(Models({"grdp": levels}), period="2024-9M")
    assert row["rest_growth_history_years"] == 3
    assert (row["rest_growth_history_min_pct"], row["rest_growth_history_max_pct"]) == (5, Decimal("32.5052"))
    assert row["required_growth_place"] == 3, "9.375 lies below 32.5 and 15 and above 5"
    assert row["is_required_within_history"] is True


# ── targets ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_targets_stand_only_beside_their_own_area_and_year() -> None:
    levels = []
    for area in ("94", "VN"):
        for year in ("2022", "2023", "2024", "2025"):
            levels += [level(s, year, 100, area_code=area) for s in ("GRDP", "I", "II", "IND", "CON", "III", "TAX")]
    rows = Models({"grdp": levels}).rows("sector_growth_vs_target")
    targets = {
        row["sector_code"]: (row["target_comparator"], row["target_growth_pct"])
        for row in rows
        if row["target_growth_pct"] is not None and row["period"] == "2024"
    }
    found = {(row["area_code"], row["period"], row["sector_code"]) for row in rows if row["target_growth_pct"]}
    assert found == {("94", "2025", "GRDP"), *(("94", "2024", sector) for sector in targets)}
    expected = {"I": (">", 4), "IND": (">", Decimal("10.5")), "CON": (">=", Decimal("25.61")), "III": (">", 10)}
    assert targets == {**expected, "GRDP": (">=", 7)}, "none for sector II and none for product taxes"


def test_a_quarter_is_not_set_against_the_target_of_the_year() -> None:
    levels = [level("GRDP", p, v) for p, v in (("2023-Q3", 100), ("2024-Q3", 110))]
    row = growth_of(Models({"grdp": levels}), period="2024-Q3")
    assert (row["growth_yoy_pct"], row["target_growth_pct"], row["gap_to_target_pp"]) == (10, None, None)


def test_a_target_to_exceed_is_not_met_by_reaching_it() -> None:
    def year_of(sector: str, now: Any) -> dict[str, Any]:
        levels = [level(sector, "2023", 10000), level(sector, "2024", now)]
        return growth_of(Models({"grdp": levels}), period="2024")

    assert year_of("I", 10400)["is_target_met"] is False
    assert year_of("I", "10400.0001")["is_target_met"] is True, "compared on levels, before anything is rounded"
    assert year_of("CON", 12561)["is_target_met"] is True, "đạt: reaching is enough"
    assert year_of("CON", 12560)["is_target_met"] is False


# ── what was only published ───────────────────────────────────────────────────────────────────────────────────


def test_a_published_rate_is_carried_as_it_is_and_marked() -> None:
    models = Models({"published_figures": [said("sector_i_growth", "2024", "3.94", "2024-12-02")]})
    row = growth_of(models, sector_code="I")
    assert (row["growth_yoy_pct"], row["gap_to_target_pp"]) == (Decimal("3.94"), Decimal("-0.06"))
    assert (row["level_constant_bn"], row["contribution_pp"]) == (None, None)
    assert (row["evidence_basis"], row["is_target_met"], row["within_revision_error"]) == (
        "published_growth",
        False,
        True,
    )
    assert row["revision_basis_en"].startswith("Viet Nam, quarterly")


def test_no_gap_means_no_revision_error() -> None:
    models = Models({"published_figures": [said("sector_ii_growth", "2024", "10.3", "2024-12-02")]})
    row = growth_of(models, sector_code="II")
    assert (row["gap_to_target_pp"], row["within_revision_error"], row["revision_basis_en"]) == (None, False, None)


def test_an_index_of_production_is_no_evidence_for_industry() -> None:
    models = Models({"published_figures": [said("iip", "2024", "5.5", "2024-12-02")]})
    assert models.rows("sector_growth_vs_target") == []
    assert models.row("int_growth_item_evidence", item="IND")["actual"] is None


def test_the_latest_statement_speaks() -> None:
    statements = [
        said("grdp_growth", "2024", "7.0", "2024-12-02"),
        said("grdp_growth", "2024", "7.07", "2025-01-15", source_url="https://example.org/b"),
    ]
    assert growth_of(Models({"published_figures": statements}))["growth_yoy_pct"] == Decimal("7.07")


def test_levels_of_the_office_speak_before_a_published_rate() -> None:
    sources = {
        "grdp": [level("I", "2023", 100), level("I", "2024", "103.9")],
        "published_figures": [said("sector_i_growth", "2024", "3.94", "2024-12-02")],
    }
    row = growth_of(Models(sources), period="2024")
    assert (row["growth_yoy_pct"], row["evidence_basis"]) == (Decimal("3.9"), "computed_from_levels")
    assert row["published_growth_pct"] == Decimal("3.94"), "both are shown"
    audit = Models(sources).row("published_against_computed_growth")
    assert audit["published_minus_computed_pp"] == Decimal("0.04")


def test_what_is_simulated_never_displaces_what_was_published() -> None:
    simulated = [level("I", p, v, is_simulated=True, delivery_id="s") for p, v in (("2023", 100), ("2024", 105))]
    sources = {
        "grdp": [*simulated, level("CON", "2023", 50, is_simulated=True), level("CON", "2024", 56, is_simulated=True)],
        "published_figures": [said("sector_i_growth", "2024", "3.94", "2024-12-02")],
    }
    models = Models(sources)
    row = growth_of(models, sector_code="I", period="2024")
    assert (row["growth_yoy_pct"], row["is_simulated"], row["delivery_id"]) == (Decimal("3.94"), False, "said")
    assert growth_of(models, sector_code="CON", period="2024")["is_simulated"] is True


def test_a_real_level_is_never_set_against_a_simulated_one() -> None:
    levels = [level("I", "2023", 100, is_simulated=True), level("I", "2024", 105, delivery_id="d2")]
    row = growth_of(Models({"grdp": levels}), period="2024")
    assert (row["growth_yoy_pct"], row["evidence_basis"]) == (None, "level_only")


# ── vintages and points in time ───────────────────────────────────────────────────────────────────────────────

APRIL = {"delivery_id": "april", "released_on": dt.date(2024, 4, 1)}
JULY = {"delivery_id": "july", "released_on": dt.date(2024, 7, 1)}


def test_level_and_base_come_from_one_vintage() -> None:
    levels = [
        level("I", "2023-Q1", 100, **APRIL), level("I", "2024-Q1", 104, **APRIL),
        level("I", "2023-Q1", 120, **JULY), level("I", "2024-Q1", 126, **JULY),
    ]  # fmt: skip
    row = growth_of(Models({"grdp": levels}), period="2024-Q1")
    assert (row["growth_yoy_pct"], row["delivery_id"]) == (5, "july")
    only_the_base_again = [*levels[:2], level("I", "2023-Q1", 130, **JULY)]
    row = growth_of(Models({"grdp": only_the_base_again}), period="2024-Q1")
    assert row["growth_yoy_pct"] == 4, "the later base belongs to another vintage"


def test_a_base_of_another_vintage_serves_where_the_own_has_none() -> None:
    levels = [level("GRDP", "2023", 100, **APRIL), level("GRDP", "2024", 107, **JULY)]
    row = growth_of(Models({"grdp": levels}), period="2024")
    assert (row["growth_yoy_pct"], row["is_one_vintage"]) == (7, False)


def test_the_second_delivery_of_a_day_wins() -> None:
    again = {**JULY, "delivery_id": "again", "revision": 2}
    levels = [level("I", "2023", 100, **APRIL), level("I", "2024", 104, **JULY), level("I", "2024", 105, **again)]
    assert growth_of(Models({"grdp": levels}), period="2024")["growth_yoy_pct"] == 5


def test_a_past_day_knows_only_what_had_been_said() -> None:
    levels = [
        level("I", "2023-Q1", 100, **APRIL), level("I", "2024-Q1", 104, **APRIL),
        level("I", "2023-Q1", 100, **JULY), level("I", "2024-Q1", 103, **JULY),
    ]  # fmt: skip
    statements = [said("grdp_growth", "2024", "7.0", "2024-12-02"), said("grdp_growth", "2024", "7.07", "2025-01-15")]
    sources = {"grdp": levels, "published_figures": statements}

    def on(day: str, **where: Any) -> list[Any]:
        models = Models(sources, as_of=day)
        return [row["growth_yoy_pct"] for row in models.rows("sector_growth_vs_target", **where)]

    assert on("2024-03-31") == []
    assert on("2024-06-30", period="2024-Q1") == [4]
    assert on("2024-07-01", period="2024-Q1") == [3]
    assert on("2024-12-02", period="2024") == [7]
    assert on("2025-01-15", period="2024") == [Decimal("7.07")]


def test_nothing_grows_across_a_break_of_base() -> None:
    levels = [level("CON", y, v, area_code="VN") for y, v in (("2009", 100), ("2010", "135.9"), ("2011", 140))]
    models = Models({"grdp": [*levels, *(dict(row, area_code="94") for row in levels)]})
    national = {row["period"]: row["growth_yoy_pct"] for row in models.rows("sector_growth_vs_target", area_code="VN")}
    assert national == {"2009": None, "2010": None, "2011": Decimal("3.0169")}
    assert growth_of(models, area_code="94", period="2010")["growth_yoy_pct"] == Decimal("35.9")


def test_nine_months_are_added_up_from_quarters_where_nobody_delivered_them() -> None:
    quarters = {"2023-Q1": 20, "2023-Q2": 30, "2023-Q3": 24, "2023-Q4": 26, "2024-Q1": 21, "2024-Q2": 33, "2024-Q3": 26}
    levels = [level("GRDP", period, value) for period, value in quarters.items()]
    row = growth_of(Models({"grdp": levels}), period="2024-9M")
    assert (row["level_constant_bn"], row["level_basis"]) == (80, "sum_of_quarters")
    assert row["growth_yoy_pct"] == Decimal("8.1081")
    assert row["required_growth_rest_pct"] == Decimal("3.8462"), "(107 - 80) / 26 - 1"
    delivered = [*levels, level("GRDP", "2023-9M", 74), level("GRDP", "2024-9M", 81)]
    row = growth_of(Models({"grdp": delivered}), period="2024-9M")
    assert (row["level_constant_bn"], row["level_basis"]) == (81, "delivered")


def test_three_quarters_are_no_year() -> None:
    levels = [level("GRDP", f"{year}-Q{q}", 10) for year in (2023, 2024) for q in (1, 2, 4)]
    periods = {row["period"] for row in Models({"grdp": levels}).rows("sector_growth_vs_target")}
    assert not periods & {"2024", "2024-9M"}
    assert "2024-6M" in periods


# ── progress ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_progress_reads_the_longest_part_of_the_year() -> None:
    statements = [
        said("grdp_growth", "2024-6M", "6.54", "2024-07-01"),
        said("grdp_growth", "2024-9M", "6.55", "2024-10-11"),
        said("grdp_growth", "2024-Q2", "9.9", "2024-07-01"),
    ]
    row = Models({"published_figures": statements}).row(
        "int_growth_item_evidence", directive="2724-UBND-TH", item="GRDP"
    )
    assert (row["evidence_period"], row["covers_target_period"]) == ("2024-9M", False)
    assert row["progress_ratio"] == Decimal("0.9357")


def test_nothing_is_expected_before_the_first_release_of_the_year() -> None:
    def on(day: str) -> Any:
        return Models(as_of=day).row("int_growth_item_evidence", item="KV1")["is_evidence_expected"]

    assert on("2024-03-31") is False
    assert on("2024-04-01") is True


# ── delivery rules ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sector_that_does_not_add_up_is_found() -> None:
    wrong = {**with_sums(THIS_YEAR)}
    rows = [level(sector, "2024", value + (7 if sector == "III" else 0)) for sector, value in wrong.items()]
    found = {row["sector_code"]: row for row in Models({"grdp": rows}).rows("grdp_sectors_add_up")}
    assert found["GRDP"]["difference_bn"] == -7
    assert found["II"]["difference_bn"] == 0


def test_sums_are_not_judged_before_product_taxes_begin() -> None:
    rows = [level(s, "2009", v) for s, v in with_sums(LAST_YEAR).items() if s != "TAX"]
    rows += [level(s, "2010", v) for s, v in with_sums(THIS_YEAR).items()]
    found = {row["period"]: row for row in Models({"grdp": rows}).rows("grdp_sectors_add_up", sector_code="GRDP")}
    assert (found["2009"]["difference_bn"], found["2009"]["parts_missing"]) == (None, 0)
    assert found["2010"]["difference_bn"] == 0


def test_a_forgotten_main_sector_is_found() -> None:
    rows = [level(s, "2024", v) for s, v in with_sums(THIS_YEAR).items() if s != "III"]
    row = Models({"grdp": rows}).row("grdp_sectors_add_up", sector_code="GRDP")
    assert (row["difference_bn"], row["parts_missing"]) == (None, 1)


def test_a_cumulative_level_that_falls_is_found() -> None:
    rows = [level("I", "2024-6M", 50), level("I", "2024-9M", 26), level("I", "2024", 100)]
    found = {row["period"]: row["increase_bn"] for row in Models({"grdp": rows}).rows("grdp_cumulative_never_falls")}
    assert found == {"2024-9M": -24, "2024": 74}
    apart = [level("I", "2024-6M", 50, **APRIL), level("I", "2024-9M", 26, **JULY)]
    row = Models({"grdp": apart}).row("grdp_cumulative_never_falls")
    assert (row["delivery_id"], row["increase_on_earlier_delivery_bn"]) == ("july", -24)


def test_quarters_that_miss_their_year_are_reported() -> None:
    rows = [level("TAX", f"2020-Q{q}", 25) for q in range(1, 5)] + [level("TAX", "2020", "12.05")]
    assert Models({"grdp": rows}).row("grdp_quarters_add_up")["difference_bn"] == Decimal("87.95")


def test_a_wrong_unit_is_found_and_its_correction_is_not() -> None:
    def delivery(name: str, month: int, factor: Any) -> list[dict[str, Any]]:
        more = {"delivery_id": name, "released_on": dt.date(2024, month, 1)}
        values = (("2023", 100), ("2024", 105)) if month > 1 else (("2022", 98), ("2023", 100))
        return [level("I", period, value * Decimal(factor), **more) for period, value in values]

    rows = [*delivery("first", 1, 1), *delivery("wrong", 4, 1000), *delivery("wrong again", 5, 1000)]
    found = Models({"grdp": [*rows, *delivery("right", 6, 1)]}).rows("grdp_magnitude")
    ratios = {(row["delivery_id"], row["period"]): float(row["magnitude_ratio"]) for row in found}
    assert {d for (d, _), ratio in ratios.items() if not 0.05 <= ratio <= 20} == {"wrong", "wrong again"}
    assert ratios["wrong", "2023"] == 1000
    assert ratios["right", "2023"] == 1


def test_published_shares_without_product_taxes_do_not_add_up() -> None:
    shares = {"sector_i_share": "40.97", "sector_ii_share": "16.18", "sector_iii_share": "39.77"}
    statements = [
        said(indicator, "2024", value, "2024-12-02", measure="share_of_grdp_current")
        for indicator, value in shares.items()
    ]
    row = Models({"published_figures": statements}).row("published_shares_add_up")
    assert (row["shares_total_pct"], row["has_product_taxes"]) == (Decimal("96.92"), False)


def test_a_year_that_contradicts_its_nine_months_is_found() -> None:
    statements = [said("iip", "2024-9M", "10.07", "2024-10-11"), said("iip", "2024", "5.5", "2024-12-02")]
    row = Models({"published_figures": statements}).row("published_year_against_months")
    assert row["implied_rest_growth_pct"] == Decimal("-8.21")
    assert row["rest_minus_months_pp"] == Decimal("-18.28")


def test_construction_adds_up_by_owner_and_households_stay_inside_non_state() -> None:
    def output(ownership: str, value: int, work_type: str = "total") -> dict[str, Any]:
        row = {"area_code": "94", "district_code": "941", "period": "2024-Q1", "ownership": ownership}
        return {**row, "work_type": work_type, "value_current_mn": Decimal(value)}

    parts = [output("total", 100), output("state", 10), output("non_state", 85), output("of_which_households", 90)]
    found = {r["split_by"]: r for r in Models({"construction_output": parts}).rows("correct__parts_add_up")}
    assert (found["ownership"]["parts_missing"], found["ownership"]["unexplained_mn"]) == (1, 5)
    assert found["households"]["difference_mn"] == -5
    parts.append(output("fdi", 5))
    found = {r["split_by"]: r for r in Models({"construction_output": parts}).rows("correct__parts_add_up")}
    assert (found["ownership"]["parts_missing"], found["ownership"]["difference_mn"]) == (0, 0)


def test_a_wind_farm_cannot_make_more_than_its_capacity() -> None:
    row = {"enterprise_code": "W1", "product_code": "wind_power", "month": "2024-08", "unit": "MWh"}
    rows = [{**row, "quantity": Decimal(19_950_000), "capacity": Decimal(52_560)}]
    assert Models({"industry_output": rows}).row("industry_output_possible")["capacity_ratio"] > 300


# ── industry by month ─────────────────────────────────────────────────────────────────────────────────────────


def test_products_stand_beside_the_year_before_and_the_peak_season_is_marked() -> None:
    def made(code: str, month: str, quantity: int, enterprise: str = "E1") -> dict[str, Any]:
        row = {"enterprise_code": enterprise, "product_code": code, "month": month, "unit": "tấn"}
        return {**row, "quantity": Decimal(quantity), "value_mn": Decimal(quantity)}

    rows = [made("frozen_shrimp", f"{y}-{m:02d}", 100 + y - 2023) for y in (2023, 2024) for m in range(1, 13)]
    rows += [made("frozen_shrimp", "2024-08", 50, "E2"), made("sugar", "2024-08", 5)]
    found = Models({"industry_output": rows}).rows("industry_output_monthly", calendar_year=2024)
    august = {row["series_code"]: row for row in found if row["month"] == "2024-08"}
    assert august["frozen_shrimp"]["output_yoy_pct"] == 51
    assert august["frozen_shrimp"]["output_ytd_yoy_pct"] == Decimal("7.25")
    assert (august["frozen_shrimp"]["enterprises"], august["frozen_shrimp"]["enterprises_year_before"]) == (2, 1)
    assert (august["sugar"]["is_peak_season"], august["sugar"]["output_yoy_pct"]) == (False, None)
    assert {row["month"] for row in found if row["is_peak_season"]} == {f"2024-{m:02d}" for m in (7, 8, 9, 10)}
    assert {row["area_code"] for row in found} == {"94"}


def test_an_index_grows_only_on_its_own_base_year() -> None:
    def index(month: str, value: Any, base: int, **more: Any) -> dict[str, Any]:
        row = {"area_code": "94", "activity_code": "BTE", "month": month, "base_year": base}
        return {**row, "index_level": None if value is None else Decimal(str(value)), **more}

    rows = [index("2023-01", 100, 2015), index("2024-01", 110, 2015), index("2024-02", 90, 2020)]
    rows += [index("2023-02", 100, 2015), index("2024-03", None, 2015, index_yoy=Decimal("104.2"))]
    found = {r["month"]: r for r in Models({"industrial_production_index": rows}).rows("industry_output_monthly")}
    assert (found["2024-01"]["output_yoy_pct"], found["2024-01"]["yoy_basis"]) == (10, "computed_from_levels")
    assert found["2024-02"]["output_yoy_pct"] is None
    assert (found["2024-03"]["output_yoy_pct"], found["2024-03"]["yoy_basis"]) == (Decimal("4.2"), "as_stated")


# ── dimensions ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_code_that_was_given_to_another_ward_is_once_in_the_dimension_and_twice_in_its_validity() -> None:
    models = Models(as_of="2024-09-01")
    names = {row["name_vi"]: row["is_in_force"] for row in models.rows("admin_unit_validity", admin_unit_code="31522")}
    assert names == {"Phường 9": False, "Phường 1": True}
    row = models.row("dim_admin_unit", admin_unit_code="31522")
    assert (row["name_vi"], row["name_en"], row["province_code"]) == ("Phường 1", "Ward 1", "94")
    assert Models(as_of="2024-08-31").row("dim_admin_unit", admin_unit_code="31522")["name_vi"] == "Phường 9"
    assert Models(as_of="2025-08-01").row("dim_admin_unit", admin_unit_code="31522")["name_vi"] == "Phường 1"
    later = Models(as_of="2025-07-01").row("dim_admin_unit", admin_unit_code="94")
    assert (later["is_in_force"], later["successor_admin_unit_code"]) == (False, "92")


def test_periods_carry_their_days_and_tet() -> None:
    models = Models()
    assert len(models.rows("int_periods", calendar_year=2024)) == 1 + 4 + 12 + 10
    row = models.row("int_periods", period="2024-9M")
    assert (row["first_day_on"], row["last_day_on"], row["is_cumulative"]) == (
        dt.date(2024, 1, 1),
        dt.date(2024, 9, 30),
        True,
    )
    assert models.row("int_periods", period="2024-02")["last_day_on"] == dt.date(2024, 2, 29)
    tet = {row["period"] for row in models.rows("int_periods", period_type="month", contains_tet=True)}
    assert {"2023-01", "2024-02", "2025-01"} <= tet
    assert "2024-01" not in tet


# ── what holds for any numbers ────────────────────────────────────────────────────────────────────────────────

amounts = st.decimals(min_value=1, max_value=10**6, places=2, allow_nan=False, allow_infinity=False)
leaves = st.fixed_dictionaries(dict.fromkeys(LAST_YEAR, amounts))


@settings(max_examples=25, deadline=None)
@given(before=leaves, now=leaves)
def test_contributions_add_up_to_the_growth_of_the_whole(before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    models = Models({"grdp": [*grdp("2023", before), *grdp("2024", now)]})
    points = {row["sector_code"]: row["contribution_pp"] for row in models.rows("int_sector_growth", period="2024")}
    whole = models.row("int_sector_growth", period="2024", sector_code="GRDP")["growth_yoy_pct"]
    assert abs(sum(points[s] for s in ("I", "II", "III", "TAX")) - whole) < Decimal("0.01")
    assert abs(points["IND"] + points["CON"] - points["II"]) < Decimal("0.01")
    for row in models.rows("contributions_add_up"):
        assert abs(row["contribution_difference_pp"]) < Decimal("0.01")


@settings(max_examples=25, deadline=None)
@given(done_before=amounts, rest_before=amounts, done=amounts)
def test_the_needed_growth_put_back_gives_the_target(done_before: Any, rest_before: Any, done: Any) -> None:
    whole = done_before + rest_before
    levels: Sequence[dict[str, Any]] = [
        level("III", "2023", whole), level("III", "2023-9M", done_before), level("III", "2024-9M", done)
    ]  # fmt: skip
    row = Models({"grdp": levels}).row("int_required_growth", item="KV3")
    needed = 100 * ((float(whole) * 1.10 - float(done)) / float(rest_before) - 1)
    if abs(needed) >= 1e8:  # more than a hundred million percent: no figure, and no night that fails for it
        assert row["required_growth_rest_pct"] is None
        return
    year = float(done) + float(rest_before) * (1 + float(row["required_growth_rest_pct"]) / 100)
    # The rate has four decimals: putting it back is exact but for half of the last of them, taken on the rest.
    assert year == pytest.approx(float(whole) * 1.10, abs=float(rest_before) * 0.5e-6 + 1e-6)


# ── the rows under a figure ───────────────────────────────────────────────────────────────────────────────


def test_a_cumulative_level_rests_on_its_quarters_and_on_those_of_the_year_before_in_its_own_vintage() -> None:
    told = {"delivery_id": "told", "released_on": dt.date(2024, 1, 20), "source_file": "grdp__2023__2024-01-20.csv"}
    now = {"delivery_id": "now", "released_on": dt.date(2024, 7, 1), "source_file": "grdp__2024-Q2__2024-07-01.csv"}
    rows = [
        level("III", "2023-Q1", 90, **told),
        level("III", "2023-Q2", 100, **told),
        level("III", "2023-Q2", 99, **now),
        level("III", "2024-Q1", 98, **now),
        level("III", "2024-Q2", 110, **now),
    ]
    found = Models({"grdp": rows}, as_of="2024-08-01").rows("int_growth_evidence_rows", item="KV3")
    named = {(row["evidence_role"], row["delivery_id"], row["source_row"]) for row in found}
    # Q1 of 2023 was told only by the earlier delivery, its Q2 by both: the later one goes with its own levels.
    assert named == {("value", "now", 5), ("value", "now", 6), ("year_before", "told", 2), ("year_before", "now", 4)}


def test_a_published_growth_rests_on_the_statement_itself() -> None:
    said = {
        "indicator": "sector_iii_growth", "area_code": "94", "period": "2024", "measure": "growth_yoy",
        "value": Decimal("8.96"), "unit": "percent", "said_on": dt.date(2024, 12, 2), "trust": "press",
        "source_url": "https://example.vn/a", "publisher": "Tỉnh ủy Sóc Trăng",
    }  # fmt: skip
    earlier = {**said, "said_on": dt.date(2024, 11, 2), "value": Decimal("9.1")}
    found = Models({"published_figures": [earlier, said]}, as_of="2025-01-01").rows("int_growth_evidence_rows")
    assert [(r["item"], r["feed"], r["evidence_role"], r["source_row"]) for r in found] == [
        ("KV3", "published_figures", "value", 3)
    ]


def test_a_long_series_may_be_delivered_again_although_its_first_years_are_far_below_its_last() -> None:
    def series(day: int) -> list[dict[str, Any]]:
        told = {
            "delivery_id": f"of {day}", "released_on": dt.date(2024, 10, day),
            "source_file": f"grdp__2023__2024-10-{day}.csv",
        }  # fmt: skip
        return [level("GRDP", "1986", 1, **told), level("GRDP", "2023", 10_000, **told)]

    rows = sorted(Models({"grdp": [*series(10), *series(11)]}).rows("grdp_magnitude"), key=itemgetter("period"))
    assert [(row["period"], row["magnitude_ratio"]) for row in rows] == [("1986", 1), ("2023", 1)]


def test_published_growth_contributes_by_its_share_a_year_before() -> None:
    """Shares of 2023 are 400, 200, 340 and 60 of 1,000, each taken of its growth; together 7.0934."""
    rates = {"grdp": "7.09", "sector_i": "3.94", "sector_ii": "10.3", "sector_iii": "8.96", "product_tax": "6.85"}
    figures = [said(f"{name}_growth", "2024", rate, "2025-01-15") for name, rate in rates.items()]
    for simulated in (False, True):
        levels = grdp("2023", LAST_YEAR, is_simulated=simulated)
        rows = Models({"grdp": levels, "published_figures": figures}).rows("sector_growth_vs_target", period="2024")
        points = {row["sector_code"]: row["contribution_pp"] for row in rows}
        assert points == {
            "GRDP": Decimal("7.09"), "I": Decimal("1.576"), "II": Decimal("2.06"), "III": Decimal("3.0464"),
            "TAX": Decimal("0.411"),
        }  # fmt: skip
        marked = {row["sector_code"]: row["is_contribution_simulated"] for row in rows}
        assert marked.pop("GRDP") is False, "what the whole contributes is its own growth, which was published"
        assert set(marked.values()) == {simulated}
        assert {row["is_simulated"] for row in rows} == {False}
    (alone,) = Models({"published_figures": figures[:1]}).rows("sector_growth_vs_target", period="2024")
    assert (alone["contribution_pp"], alone["is_contribution_simulated"]) == (None, None)
