"""What the comment of each additive view claims of its sums is worked out again in pandas from the marts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from assets.product.database import DATABASE, AdditiveView, additive_views
from tests.house import House

ROUNDING = Decimal("0.001")


class Database:
    """The marts and the views of a release, as frames of pandas."""

    def __init__(self, release: Path) -> None:
        self._release = release
        self._engine = duckdb.connect(str(release / DATABASE), read_only=True)

    def mart(self, name: str) -> pd.DataFrame:
        """Return a mart."""
        return pd.read_parquet(self._release / f"{name}.parquet", dtype_backend="pyarrow")

    def view(self, name: str) -> pd.DataFrame:
        """Return a view."""
        return self._engine.table(name).to_arrow_table().to_pandas(types_mapper=pd.ArrowDtype)

    def comment(self, name: str) -> str:
        """Return the comment of a view."""
        (found,) = self._engine.execute("select comment from duckdb_views() where view_name = ?", [name]).fetchall()
        return str(found[0])


@pytest.fixture(scope="module")
def database(samples_house: House) -> Database:
    return Database((samples_house.home.marts / "current").resolve())


def total(column: pd.Series) -> Decimal:
    return sum((Decimal(str(value)) for value in column.dropna()), Decimal(0))


def by(rows: pd.DataFrame, keys: Sequence[str], *columns: str) -> dict[tuple[object, ...], tuple[Decimal, ...]]:
    return {
        key if isinstance(key, tuple) else (key,): tuple(total(group[column]) for column in columns)
        for key, group in rows.groupby(list(keys))
    }


# ── one claim for each view ───────────────────────────────────────────────────────────────────────────────


def one_row_for_each_item(database: Database) -> None:
    rows, cards = database.view("targets_now"), database.mart("directive_scorecard")
    assert len(rows) == len(cards) == len(cards[["directive", "item"]].drop_duplicates())
    assert total(rows["items"]) == len(cards)
    parts = database.mart("item_agencies")
    led, addressed = (
        {tuple(key) for key in parts[parts["agency_role"] == role][["directive", "item"]].to_numpy()}
        for role in ("lead", "addressee")
    )
    names = {(row["directive"], row["item"]): row["lead_names_vi"] for row in rows.to_dict("records")}
    assert {key for key, name in names.items() if name == "các cơ quan, đơn vị nhận văn bản"} == addressed - led
    assert {key for key, name in names.items() if name == "chưa giao cơ quan cụ thể"} == names.keys() - led - addressed


def one_duty_for_each_agency(database: Database) -> None:
    """After a join on the item its own count is multiplied; duties are not."""
    rows, items = database.view("agencies_of_targets"), database.view("targets_now")
    assert total(rows["duties"]) == len(database.mart("item_agencies"))
    joined = rows.merge(items, on=["directive", "item"])
    assert total(joined["duties"]) == len(rows)
    assert total(joined["items"]) > len(items)


def changes_of_the_week_alone(database: Database) -> None:
    changed = database.mart("what_changed")
    assert total(database.view("changes_since_last_week")["changes"]) == (changed["span"] == "week").sum()


def boards_are_the_province(database: Database) -> None:
    mart = database.mart("disbursement_vs_target")
    mart = mart[mart["is_latest"] & mart["is_default_denominator"] & mart["is_total"]]
    columns = "plan_vnd", "disbursed_vnd"
    assert by(database.view("disbursement_now"), ["budget_year"], *columns) == by(mart, ["budget_year"], *columns)


def months_are_what_was_disbursed_by_the_last_of_them(database: Database) -> None:
    view, mart = database.view("disbursement_by_month"), database.mart("disbursement_vs_target")
    mart = mart[mart["is_default_denominator"] & ~mart["is_total"]]
    for (board, year), rows in view.groupby(["board_code", "budget_year"]):
        last = mart[(mart["board_code"] == board) & (mart["budget_year"] == year)]
        last = last[last["on_date"] == rows["on_date"].max()]
        assert total(rows["disbursed_in_month_vnd"]) == total(last["disbursed_vnd"])


def milestones_ahead_ask_for_money_and_those_behind_say_what_was_missing(database: Database) -> None:
    view, mart = database.view("milestones_of_disbursement"), database.mart("disbursement_vs_target")
    cards = database.mart("directive_scorecard").set_index(["directive", "item"])["days_left"]
    assert not view.duplicated(["directive", "milestone", "board_code"]).any()
    mart = mart[mart["is_target_denominator"] & mart["milestone"].notna()].sort_values("on_date")
    newest = mart.drop_duplicates(["directive", "milestone", "board_code"], keep="last")
    needed = newest.set_index(["directive", "milestone"])["needed_vnd"]
    for row in view.to_dict("records"):
        key = row["directive"], row["milestone"]
        assert row["is_open"] == (cards[key] >= 0)
        assert total(pd.Series([row["needed_vnd"], row["short_on_its_day_vnd"]])) == needed[key]
        assert row["is_open"] or row["needed_vnd"] == 0
    boards = view.groupby(["board_code", "milestone_on"]).size()
    assert (boards == 1).all(), "within one day a board has one milestone, so that boards add up"


def projects_are_the_boards(database: Database) -> None:
    keys, columns = ["budget_year", "board_code"], ("plan_vnd", "disbursed_vnd", "remaining_vnd")
    parts, boards = (by(database.view(f"disbursement_{name}"), keys, *columns) for name in ("by_project", "now"))
    assert {key: parts[key] for key in parts if key in boards} == {key: boards[key] for key in boards if key in parts}


def plans_of_every_component(database: Database) -> None:
    view, mart = database.view("project_control_now"), database.mart("disbursement_vs_target")
    mart = mart[(mart["denominator"] == "all_components") & mart["is_total"]].sort_values("on_date")
    plans = by(view, ["budget_year"], "plan_vnd")
    for row in mart.drop_duplicates("budget_year", keep="last").to_dict("records"):
        assert plans[row["budget_year"],] == (Decimal(row["plan_vnd"]),)
    boards = by(database.view("disbursement_now"), ["budget_year"], "plan_vnd")
    assert all(plans[year] >= boards[year] for year in boards)


def sectors_are_grdp_and_quarters_with_their_difference_the_year(database: Database) -> None:
    view, mart = database.view("value_added_by_quarter"), database.mart("sector_growth_vs_target")
    levels = {
        (row["area_code"], row["sector_code"], row["period"]): Decimal(str(row["level_constant_bn"]))
        for row in mart[mart["level_constant_bn"].notna()].to_dict("records")
    }
    years = by(view, ["area_code", "sector_code", "calendar_year"], "level_constant_bn", "year_less_quarters_bn")
    quarters = view.groupby(["area_code", "sector_code", "calendar_year"]).size()
    said = {key for key, count in quarters.items() if count == 4 and (*key[:2], str(key[2])) in levels}
    assert said
    for area, sector, year in said:
        assert sum(years[area, sector, year]) == levels[area, sector, str(year)]
    assert all(difference == 0 for key, (_, difference) in years.items() if key not in said)


def contributions_with_the_rest_are_the_growth_of_grdp(database: Database) -> None:
    view, mart = database.view("contributions_by_year"), database.mart("sector_growth_vs_target")
    grdp = mart[mart["sector_code"] == "GRDP"].set_index(["area_code", "period"])["growth_yoy_pct"]
    for (area, period), rows in view.groupby(["area_code", "period"]):
        assert len(rows) == 4
        whole = Decimal(str(grdp[area, period]))
        assert total(rows["contribution_pp"]) + total(rows["unexplained_pp"]) == whole
        assert set(rows["grdp_growth_pct"]) == {whole}
    assert not (view["is_contribution_simulated"] & ~view["is_simulated"]).any()


def deliveries_in_use_are_those_that_were_not_replaced(database: Database) -> None:
    view, mart = database.view("deliveries_received"), database.mart("delivery_quality")
    used = mart[mart["status"].isin(["accepted", "accepted_in_part"])]
    assert total(view[view["is_in_use"]]["rows_in"]) == total(used["rows_in"])
    assert total(view["deliveries"]) == len(mart)
    assert len(used) < len(mart), "the samples hold files that were replaced"


def late_is_late(database: Database) -> None:
    view, mart = database.view("deliveries_due"), database.mart("delivery_calendar")
    late = mart[mart["status"] == "late"]
    assert total(view["late_deliveries"]) == len(late)
    assert total(view[view["is_waited_for"]]["late_deliveries"]) == (late["items_waiting"].fillna("") != "").sum()


def works_of_each_list_stand_once(database: Database) -> None:
    mart = database.mart("nonstate_construction_omissions")
    assert total(database.view("uncounted_construction")["works"]) == len(mart)
    assert not mart.duplicated(["delivery_id", "source_row"]).any()


def strata_are_the_province(database: Database) -> None:
    (view,) = [one for one in additive_views() if one.name == "construction_survey_value"]
    mart = database.mart("nonstate_construction_capture")
    whole = mart[(mart["district_code"] == "total") & (mart["stratum"] == "total")]
    assert "value_set_aside_mn" not in view.sums, "what a return set aside says may be wrong by 1,000"
    assert by(database.view(view.name), ["quarter"], *view.sums) == by(whole, ["quarter"], *view.sums)


def what_has_an_estimate_is_part_of_what_is_recorded(database: Database) -> None:
    rows = database.view("construction_coverage_by_quarter")
    known = rows[rows["value_estimated_mn"].notna()]
    assert len(rows) == len(rows["quarter"].drop_duplicates())
    assert len(known)
    assert (known["value_estimated_mn"] <= known["value_recorded_mn"]).all()


def permits_due_are_in_time_or_late(database: Database) -> None:
    rows = database.view("building_permits_answered")
    assert total(rows["n_due"]) == total(rows["n_in_time"]) + total(rows["n_late"])


def products_add_up_within_a_unit(database: Database) -> None:
    mart = database.mart("industry_output_monthly")
    mart = mart[mart["series_kind"] == "product"]
    view = database.view("industrial_products")
    assert by(view, ["unit"], "quantity", "value_mn") == by(mart, ["unit"], "quantity", "value_mn")


def markets_and_products_stand_once_a_month(database: Database) -> None:
    rows = database.view("seafood_exports")
    assert not rows.duplicated(["area_code", "market", "product_code", "month"]).any()
    assert total(rows["value_usd"]) == total(database.mart("seafood_exports_monthly")["value_usd"])


def what_was_possible_stands_beside_what_was_generated_then(database: Database) -> None:
    rows = database.view("wind_power_generation")
    assert (rows["possible_generation_mwh"].isna() == rows["generation_in_operation_mwh"].isna()).all()
    known = rows[rows["possible_generation_mwh"].notna()]
    assert known["is_in_operation"].all()
    assert (known["generation_in_operation_mwh"] <= known["possible_generation_mwh"]).all()
    in_operation = rows[rows["is_in_operation"] & rows["generation_mwh"].notna()]
    assert total(in_operation["generation_mwh"]) == total(rows["generation_in_operation_mwh"])


def each_district_once_a_month(database: Database) -> None:
    mart, view = database.mart("aquaculture_monthly"), database.view("aquaculture_by_district")
    columns = "stocked_ha", "damaged_ha", "harvest_t"
    parts, whole = (by(rows, ["species", "month"], *columns) for rows in (view, mart[~mart["is_total"]]))
    assert parts == whole
    assert not view.duplicated(["district_code", "species", "month"]).any()


def groups_are_the_total_of_the_month_where_it_says_so(database: Database) -> None:
    mart = database.mart("retail_services_monthly")
    whole = by(mart[mart["is_total"]], ["month"], "value_bn")
    for (month,), (parts,) in by(database.view("retail_sales"), ["month"], "value_bn").items():
        rows = database.view("retail_sales")
        rows = rows[rows["month"] == month]
        (said,) = whole[month,]
        assert set(rows["total_of_month_bn"]) == {said}
        assert set(rows["is_month_balanced"]) == {abs(parts - said) <= Decimal("0.5")}


def who_stays_overnight_is_among_the_visitors(database: Database) -> None:
    rows = database.view("tourism")
    known = rows[rows["overnight_visitors"].notna()]
    assert (known["overnight_visitors"] <= known["visitors"]).all()
    assert not rows.duplicated(["area_code", "month"]).any()


def findings_of_the_mart(database: Database) -> None:
    view, mart = database.view("findings_on_deliveries"), database.mart("findings")
    assert total(view["findings"]) == total(mart["findings"])


def each_contradiction_once(database: Database) -> None:
    mart = database.mart("source_contradictions")
    assert total(database.view("contradictions_between_sources")["contradictions"]) == len(mart)
    assert not (mart["second_is_simulated"] & ~mart["is_simulated"]).any()


def each_source_row_of_an_item_once(database: Database) -> None:
    mart = database.mart("evidence")
    places = mart[["directive", "item", "delivery_id", "source_sheet", "source_row"]].drop_duplicates()
    assert total(database.view("evidence_of_targets")["rows_of_evidence"]) == len(places) < len(mart)


CLAIMS: Mapping[str, Callable[[Database], None]] = {
    "targets_now": one_row_for_each_item,
    "agencies_of_targets": one_duty_for_each_agency,
    "changes_since_last_week": changes_of_the_week_alone,
    "disbursement_now": boards_are_the_province,
    "disbursement_by_month": months_are_what_was_disbursed_by_the_last_of_them,
    "milestones_of_disbursement": milestones_ahead_ask_for_money_and_those_behind_say_what_was_missing,
    "disbursement_by_project": projects_are_the_boards,
    "project_control_now": plans_of_every_component,
    "value_added_by_quarter": sectors_are_grdp_and_quarters_with_their_difference_the_year,
    "contributions_by_year": contributions_with_the_rest_are_the_growth_of_grdp,
    "deliveries_received": deliveries_in_use_are_those_that_were_not_replaced,
    "deliveries_due": late_is_late,
    "uncounted_construction": works_of_each_list_stand_once,
    "construction_survey_value": strata_are_the_province,
    "construction_coverage_by_quarter": what_has_an_estimate_is_part_of_what_is_recorded,
    "building_permits_answered": permits_due_are_in_time_or_late,
    "industrial_products": products_add_up_within_a_unit,
    "seafood_exports": markets_and_products_stand_once_a_month,
    "wind_power_generation": what_was_possible_stands_beside_what_was_generated_then,
    "aquaculture_by_district": each_district_once_a_month,
    "retail_sales": groups_are_the_total_of_the_month_where_it_says_so,
    "tourism": who_stays_overnight_is_among_the_visitors,
    "findings_on_deliveries": findings_of_the_mart,
    "contradictions_between_sources": each_contradiction_once,
    "evidence_of_targets": each_source_row_of_an_item_once,
}


@pytest.mark.parametrize("view", CLAIMS)
def test_the_sums_of_a_view_are_what_its_comment_claims(database: Database, view: str) -> None:
    CLAIMS[view](database)


def test_each_view_with_sums_has_its_claims_checked() -> None:
    assert CLAIMS.keys() == {view.name for view in additive_views() if view.sums}


def test_a_comment_names_only_columns_and_views_that_are_there(database: Database) -> None:
    views = {view.name for view in additive_views()}
    for view in additive_views():
        named = set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", database.comment(view.name)))
        assert named <= set(database.view(view.name).columns) | views, view.name


@pytest.mark.parametrize("view", additive_views(), ids=lambda view: str(view.name))
def test_no_two_rows_of_a_view_have_the_same_key(database: Database, view: AdditiveView) -> None:
    rows = database.view(view.name)
    assert set(view.key) <= set(rows.columns)
    assert not rows.duplicated(list(view.key)).any()
    assert f"One row for each {', '.join(view.key)}." in database.comment(view.name)


def test_a_comment_says_what_a_sum_makes_of_an_empty_cell(database: Database) -> None:
    for view in additive_views():
        said = database.comment(view.name)
        assert ("SUM passes over it" in said and "SUM bỏ qua ô trống" in said) == bool(view.sums), view.name


def test_what_growth_needs_is_for_the_target_alone_and_from_the_newest_figures(database: Database) -> None:
    mart, view = database.mart("sector_what_if"), database.view("growth_needed_for_the_target")
    ends = database.mart("dim_period").set_index("period")["last_day_on"]
    asked = mart[mart["whole_basis"] == "target"]
    newest = max(set(asked["evidence_period"]), key=lambda period: ends[period])
    assert set(view["evidence_period"]) == {newest}
    assert len(view) == (asked["evidence_period"] == newest).sum()
    assert (view["whole_growth_pct"] == Decimal(7)).all()


def test_money_of_a_closed_year_is_of_its_closing_day_in_both_views(database: Database) -> None:
    """Advances go on being recovered after it, and bear a day of their own."""
    boards, projects = database.view("disbursement_now"), database.view("disbursement_by_project")
    days = {
        name: rows.groupby("budget_year")["on_date"].agg(lambda days: sorted(set(days))).to_dict()
        for name, rows in (("boards", boards), ("projects", projects))
    }
    assert days["boards"] == days["projects"]
    assert days["boards"][2023] == [dt.date(2024, 1, 31)]
    assert set(boards[boards["budget_year"] == 2023]["advances_on"]) == {dt.date(2025, 1, 31)}


def test_what_came_late_is_late_by_a_number_of_days(database: Database) -> None:
    rows = database.view("deliveries_due")
    after = rows[rows["received_late"] == 1]
    assert len(after)
    assert (after["days_late"] > 0).all()
    assert (after["status"] == "in").all()
    before = rows[(rows["feed"] == "tourism") & rows["period"].isin(["2024-01", "2024-05"])]
    assert before["days_late"].isna().all()
    assert total(before["received_late"]) == 0


def test_a_change_below_a_threshold_of_ours_is_not_called_missed(database: Database) -> None:
    rows = database.view("changes_since_last_week").set_index("item")
    for when in ("before", "after"):
        assert rows.loc["COV", f"status_{when}_shown_vi"] == "dưới ngưỡng do hệ thống giả định"
        assert rows.loc["COV", f"status_{when}_shown_en"] == "below the threshold assumed by the system"
    assert rows.loc["DIS-FY-1", "status_after_shown_vi"] == "không đạt"


def test_the_coverage_of_an_interval_stands_beside_the_years_in_which_it_was_judged(database: Database) -> None:
    rows = database.view("projections_now")
    judged = rows[rows["coverage_80_pct"].notna()]
    assert len(judged)
    held = judged["coverage_80_pct"].astype(float) * judged["intervals_judged"].astype(int) / 100
    assert (abs(held - held.round()) < 0.001).all()
    assert (judged["intervals_judged"] <= judged["backtest_years"]).all()


@pytest.mark.parametrize(
    ("view", "figure", "known"),
    [
        ("tourism", "overnight_visitors", "overnight_known"),
        ("wind_power_generation", "generation_mwh", "generation_known"),
        ("aquaculture_by_district", "damaged_ha", "damaged_known"),
        ("aquaculture_by_district", "harvest_t", "harvest_known"),
        ("uncounted_construction", "value_left_out_mn", "value_known"),
    ],
)
def test_how_many_rows_of_a_sum_are_known_stands_beside_it(
    database: Database, view: str, figure: str, known: str
) -> None:
    rows = database.view(view)
    assert total(rows[known]) == int(rows[figure].notna().sum())


def test_growth_of_visitors_says_where_tet_distorts_it(database: Database) -> None:
    view, mart = (rows.set_index("month") for rows in (database.view("tourism"), database.mart("tourism_monthly")))
    assert view["is_distorted_by_tet"].to_dict() == mart["is_distorted_by_tet"].to_dict()


def test_a_project_has_one_name_in_both_views(database: Database) -> None:
    control, money = (
        database.view(name).set_index(["project_code", "budget_year"])["project_name_vi"].to_dict()
        for name in ("project_control_now", "disbursement_by_project")
    )
    assert {key: control[key] for key in money} == money


def test_plans_of_one_project_in_several_years_are_not_one_project_each(database: Database) -> None:
    (view,) = [one for one in additive_views() if one.name == "project_control_now"]
    rows = database.view(view.name)
    assert view.across == ("budget_year",)
    assert total(rows["projects"]) > len(set(rows["project_code"]))


def test_a_rule_that_deliveries_fail_stands_in_words(database: Database) -> None:
    rows = database.view("findings_on_deliveries")
    for words in ("rule_vi", "rule_en"):
        assert [text for text in rows[words] if "_" in text] == []
