"""`docs/questions.md` says what `growth.duckdb` answers on the samples; plain pandas says it of the deliveries."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from assets.product.database import DATABASE, additive_views
from assets.product.words import words
from pipeline.settings import PROJECT_ROOT
from tests.house import AS_OF, House
from tests.integration.truth_of_samples import PARTS, YEAR_PLAN, Truth

DOCUMENT = PROJECT_ROOT / "docs" / "questions.md"
QUESTION = re.compile(r"^## (\d+)\. (.+?)\n.*?^```sql\n(.*?)^```\n\n(.*?)(?=\n## |\Z)", re.DOTALL | re.MULTILINE)
QUESTIONS = {int(n): (title, sql, answer) for n, title, sql, answer in QUESTION.findall(DOCUMENT.read_text("utf-8"))}
HUNDRED = Decimal(100)


@pytest.fixture(scope="module")
def database(samples_house: House) -> Path:
    return samples_house.home.marts / "current" / DATABASE


@pytest.fixture(scope="module")
def engine(database: Path) -> Iterable[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def truth(samples_house: House) -> Truth:
    return Truth(samples_house.home.root, AS_OF)


# ── sums ──────────────────────────────────────────────────────────────────────────────────────────────────


def total(column: pd.Series) -> Decimal:
    return sum((Decimal(str(value)) for value in column.dropna()), Decimal(0))


def sums_of_products(truth: Truth) -> dict[str, Decimal]:
    rows = truth.newest("industry_output", ["enterprise_code", "product_code", "month"])
    return {"quantity": total(rows["quantity"]), "value_mn": total(rows["value_mn"])}


def sums_of(feed: str, *key: str, columns: Sequence[str], without: str = "") -> Callable[[Truth], dict[str, Decimal]]:
    """The sums of columns of a feed, over the newest row of each key."""

    def sums(truth: Truth) -> dict[str, Decimal]:
        rows = truth.newest(feed, key)
        if without:
            rows = rows[~rows.eq(without).any(axis=1)]
        return {column: total(rows[column]) for column in columns}

    return sums


def sums_of_money(truth: Truth) -> dict[str, Decimal]:
    rows = truth.vouchers[truth.vouchers["plan_component"].isin(YEAR_PLAN)]
    advances = rows[rows["transaction_type"].isin(["advance", "advance_recovery"])]
    return {
        "plan_vnd": truth.plan(),
        "disbursed_vnd": truth.disbursed(),
        "remaining_vnd": truth.plan() - truth.disbursed(),
        "advances_outstanding_vnd": total(advances["paid_vnd"]),
    }


def sums_of_milestones(truth: Truth) -> dict[str, Decimal]:
    rows = milestones(truth)
    return {
        column: total(pd.Series([row[column] for row in rows])) for column in ("needed_vnd", "short_on_its_day_vnd")
    }


def sums_of_control(truth: Truth) -> dict[str, Decimal]:
    rows = truth.plans.groupby(["project_code", "budget_year"])["amount_vnd"].sum()
    return {"projects": Decimal(len(rows)), "plan_vnd": total(rows)}


def sums_of_deliveries(truth: Truth) -> dict[str, Decimal]:
    columns = ("rows_in", "rows_accepted", "rows_rejected", "rows_set_aside", "findings_critical", "findings_warning")
    sums = {column: total(truth.deliveries[column]) for column in columns}
    return sums | {"deliveries": Decimal(len(truth.deliveries))}


def sums_of_permits(truth: Truth) -> dict[str, Decimal]:
    due = truth.permits_due
    in_time = (due["answered_on"] <= due["due_on"]).fillna(False).sum()
    return {"n_due": Decimal(len(due)), "n_in_time": Decimal(int(in_time)), "n_late": Decimal(len(due) - int(in_time))}


AQUACULTURE = ("stocked_ha", "of_which_high_tech_ha", "damaged_ha", "harvest_t", "warnings_issued",
               "seed_lots_checked", "seed_lots_failed")  # fmt: skip
SUMS: Mapping[str, Callable[[Truth], Mapping[str, Decimal]]] = {
    "targets_now": lambda truth: {"items": Decimal(len(truth.items))},
    "disbursement_now": sums_of_money,
    "disbursement_by_month": lambda truth: {"disbursed_in_month_vnd": truth.disbursed()},
    "milestones_of_disbursement": sums_of_milestones,
    "disbursement_by_project": sums_of_money,
    "project_control_now": sums_of_control,
    "value_added_by_quarter": lambda truth: {"level_constant_bn": truth.grdp_of_all_quarters()},
    "deliveries_received": sums_of_deliveries,
    "building_permits_answered": sums_of_permits,
    "industrial_products": sums_of_products,
    "seafood_exports": sums_of("seafood_exports", "month", "market", "product_code", columns=("tonnes", "value_usd")),
    "wind_power_generation": sums_of("wind_power", "plant_code", "month", columns=("generation_mwh",)),
    "aquaculture_by_district": sums_of("aquaculture", "district_code", "species", "month", columns=AQUACULTURE),
    "retail_sales": sums_of("retail_services", "area_code", "service_group", "month", columns=("value_bn",),
                            without="total"),
    "tourism": sums_of("tourism", "month", columns=("visitors", "overnight_visitors", "revenue_bn")),
    "findings_on_deliveries": lambda truth: {"findings": Decimal(len(truth.findings))},
    "contradictions_between_sources": lambda truth: {"contradictions": Decimal(len(contradictions(truth)))},
}  # fmt: skip
SUMS_OF_ESTIMATES = {
    "uncounted_construction", "construction_survey_value", "construction_coverage_by_quarter",
}  # fmt: skip
"""Views of what is linked and estimated, which no plain sum over deliveries gives; the parts are held to the whole."""
NOT_SUMMED_HERE = {
    "agencies_of_targets", "changes_since_last_week", "deliveries_due", "contributions_by_year", "evidence_of_targets",
}  # fmt: skip
"""Views whose rows the questions and claims below count one by one."""


@pytest.mark.parametrize("view", SUMS)
def test_a_sum_over_a_view_is_what_the_offices_delivered(
    engine: duckdb.DuckDBPyConnection, truth: Truth, view: str
) -> None:
    expected = SUMS[view](truth)
    (said,) = [one for one in additive_views() if one.name == view]
    said_sums = [column for column in expected if column in said.sums]
    assert said_sums
    found = engine.execute(f"select {', '.join(f'sum({column})' for column in said_sums)} from {view}").fetchone()
    assert found is not None
    assert {column: Decimal(value) for column, value in zip(said_sums, found, strict=True)} == {
        column: expected[column] for column in said_sums
    }


def test_every_view_whose_columns_may_be_summed_is_held_to_something() -> None:
    summed = {view.name for view in additive_views() if view.sums}
    assert summed == SUMS.keys() | SUMS_OF_ESTIMATES | NOT_SUMMED_HERE


def test_the_parts_of_construction_add_up_to_the_row_of_the_whole_province(engine: duckdb.DuckDBPyConnection) -> None:
    columns = "value_recorded_mn", "value_left_out_mn", "n_returns_set_aside", "value_set_aside_imputed_mn"
    sums = ", ".join(f"sum({column})" for column in columns)
    parts = engine.execute(f"select {sums} from construction_survey_value").fetchall()
    whole = engine.execute(
        f"select {sums} from nonstate_construction_capture where district_code = 'total' and stratum = 'total'"
    ).fetchall()
    assert parts == whole
    assert engine.execute("select sum(value_recorded_mn) from construction_coverage_by_quarter").fetchone() == (
        parts[0][0],
    )


def test_contributions_of_a_year_add_up_to_its_growth(engine: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    found = engine.execute(
        "select calendar_year, sum(contribution_pp) from contributions_by_year group by 1"
    ).fetchall()
    assert len(found) >= 6
    for year, contribution in found:
        assert abs(contribution - truth.growth("GRDP", year)) <= Decimal("0.01"), year


# ── questions ─────────────────────────────────────────────────────────────────────────────────────────────

Rows = list[dict[str, Any]]


def milestones(truth: Truth) -> Rows:
    """The milestones that the register sets boards, with what was paid on their plan by the day."""
    items = truth.items
    rows = items[(items["board_code"] != "") & (items["threshold"] != "")]
    found = []
    for row in rows.to_dict("records"):
        year, board, on = int(row["period"][:4]), row["board_code"], dt.date.fromisoformat(row["deadline_on"])
        plan, paid = truth.plan(year, board, decided_by=on), truth.disbursed(year, board, on)
        asked = plan * Decimal(row["threshold"]) / HUNDRED
        short = max(asked - paid, Decimal(0))
        found.append(
            {
                "milestone": row["item"],
                "board_code": board,
                "milestone_on": on,
                "disbursed_pct": round(paid / plan * HUNDRED, 4),
                "threshold_pct": Decimal(row["threshold"]),
                **_missing(short + 1 if short and row["comparator"] == ">" else short, on),
            }
        )
    return sorted(found, key=lambda row: (row["board_code"], row["milestone_on"]))


def _missing(short: Decimal, on: dt.date) -> dict[str, Decimal]:
    """What is still needed for a milestone ahead, or was missing on the day of one that has passed."""
    is_open = on >= AS_OF
    return {"needed_vnd": short if is_open else Decimal(0), "short_on_its_day_vnd": Decimal(0) if is_open else short}


def figures_of_targets(truth: Truth) -> dict[tuple[str, str], Decimal]:
    """What was reached of each target of which figures are known."""
    published = truth.newest("published_figures", ["indicator", "area_code", "period", "measure"])
    published = published[(published["area_code"] == "94") & (published["period"] == "2024")]

    def said(indicator: str) -> Decimal:
        (value,) = published[published["indicator"] == indicator]["value"]
        return Decimal(value)

    homes = truth.newest("social_housing", ["project_id"])
    started = homes[(homes["started_on"] >= dt.date(2024, 1, 1)) & (homes["started_on"] <= dt.date(2024, 12, 31))]
    return {
        ("2724-UBND-TH", "KV1"): said("sector_i_growth"),
        ("2724-UBND-TH", "KV3"): said("sector_iii_growth"),
        ("2724-UBND-TH", "GRDP"): said("grdp_growth"),
        ("2724-UBND-TH", "IND"): truth.growth("IND", 2024),
        ("2724-UBND-TH", "CON"): truth.growth("CON", 2024),
        ("2724-UBND-TH", "CON-HOUSE"): Decimal(int((started["approved_on"] <= started["started_on"]).sum())),
    } | {("2724-UBND-TH", row["milestone"]): row["disbursed_pct"] for row in milestones(truth)}


def is_reached(row: Mapping[str, Any], actual: Decimal) -> bool:
    threshold = Decimal(row["threshold"])
    return actual > threshold if row["comparator"] == ">" else actual >= threshold


def missed(truth: Truth) -> Rows:
    figures = figures_of_targets(truth)
    found = []
    for row in truth.items.sort_values("item_order", key=lambda order: order.astype(int)).to_dict("records"):
        actual = figures.get((row["directive"], row["item"]))
        if actual is None or row["threshold"] == "":
            continue
        if not is_reached(row, actual):
            gap = actual - Decimal(row["threshold"])
            found.append({"item": row["item"], "actual": round(actual, 4), "gap": round(gap, 4)})
    return found


def is_survey_incomplete(truth: Truth) -> bool:
    """Whether in a quarter of 2024 less than 95 % of the units that were asked answered."""
    rows = truth.survey[truth.survey["quarter"].str.startswith("2024")]
    units = rows.groupby(["quarter", "unit"])["is_answered"].any()
    return bool((units.groupby(level="quarter").mean() < 0.95).any())


def is_survey_wrong(truth: Truth) -> bool:
    """Whether more than 0.5 % of the works told of in 2024 have a value that does not count."""
    rows = truth.works_of_survey
    return bool(rows[rows["quarter"].str.startswith("2024")]["is_set_aside"].mean() > 0.005)


TOLD_BY = {"PLAN32": "plan_tasks", "CON-PROJ": "construction_schedules"}
"""Feeds without which nobody can say anything of an item."""


SECTOR_OF = {"KV1": "I", "KV3": "III", "GRDP": "GRDP", "IND": "IND", "CON": "CON"}
"""The sector of each target of growth, by which the list of revisions names it."""
TAKEN_AS_ENOUGH = "dưới ngưỡng do hệ thống giả định"


def status_shown(row: Mapping[str, Any], actual: Decimal) -> str:
    """How a target stands in words: money of a milestone's day is final, other figures of the year are estimates."""
    word = words()["statuses"]["achieved" if is_reached(row, actual) else "missed"]["vi"]
    if row["board_code"]:
        return str(word)
    with (PROJECT_ROOT / "dbt_like_sql/seeds/revision_errors.csv").open(encoding="utf-8") as file:
        revisions = {line["sector_code"]: Decimal(line["mean_absolute_revision_pp"]) for line in csv.DictReader(file)}
    gap = abs(actual - Decimal(row["threshold"]))
    is_near = row["item"] in SECTOR_OF and gap < revisions[SECTOR_OF[row["item"]]]
    return f"ước {word}" + (" (chênh lệch nhỏ hơn mức điều chỉnh số liệu bình quân)" if is_near else "")


def statuses(truth: Truth) -> Rows:
    """How many targets and tasks stand how: targets by their figures, tasks by what there is to follow."""
    figures, of_status = figures_of_targets(truth), {name: said["vi"] for name, said in words()["statuses"].items()}
    came = set(truth.deliveries["feed"])
    is_missed = {"construction_coverage": is_survey_wrong(truth), "survey_response_rate": is_survey_incomplete(truth)}
    counts: dict[tuple[str, str], int] = {}
    for row in truth.items.to_dict("records"):
        key = row["directive"], row["item"]
        if row["item"] in TOLD_BY and TOLD_BY[row["item"]] not in came:
            status = of_status["no_indicator"]
        elif row["item_kind"] == "task":
            status = TAKEN_AS_ENOUGH if is_missed.get(row["indicator"], False) else of_status["monitored"]
        elif key in figures:
            status = status_shown(row, figures[key])
        else:
            assert dt.date.fromisoformat(row["deadline_on"]) > AS_OF
            status = of_status["not_yet_due"]
        of_kind = {"target": "chỉ tiêu", "task": "nhiệm vụ"}[row["item_kind"]], status
        counts[of_kind] = counts.get(of_kind, 0) + 1
    rows = [{"item_kind_vi": kind, "status_shown_vi": status, "items": n} for (kind, status), n in counts.items()]
    return sorted(rows, key=lambda row: (row["item_kind_vi"], -row["items"], row["status_shown_vi"]))


def values_recorded(truth: Truth) -> Rows:
    rows = truth.works_of_survey
    sums = rows[~rows["is_set_aside"]].groupby("quarter")["weighted_mn"].sum()
    return [{"quarter": quarter, "value_recorded_mn": round(Decimal(value), 1)} for quarter, value in sums.items()]


def set_aside(truth: Truth) -> Rows:
    rows = truth.works_of_survey[truth.works_of_survey["is_set_aside"]]
    sums = rows.groupby("quarter")["weighted_mn"].agg(["count", "sum"])
    return [
        {"quarter": quarter, "n_returns_set_aside": row["count"], "value_set_aside_mn": round(Decimal(row["sum"]), 3)}
        for quarter, row in sums.iterrows()
    ]


def boards_of_2024(truth: Truth) -> Rows:
    boards = truth.plans[truth.plans["budget_year"] == 2024]["board_code"].unique()
    rows = [
        {"board_code": board, "plan_vnd": truth.plan(2024, board), "disbursed_vnd": truth.disbursed(2024, board)}
        for board in boards
    ]
    rows.sort(key=lambda row: (round(row["disbursed_vnd"] / row["plan_vnd"], 6), row["board_code"]))
    return rows


def years_of_money(truth: Truth) -> Rows:
    return [
        {"budget_year": year, "plan_vnd": truth.plan(year), "disbursed_vnd": truth.disbursed(year)}
        for year in (2023, 2024, 2025)
    ]


def months_of_money(truth: Truth) -> Rows:
    ends = [day.date() for day in pd.date_range("2024-01-31", "2025-01-31", freq="ME")]
    sums = [truth.disbursed(2024, to=day) for day in ends]
    return [
        {"on_date": day, "disbursed_in_month_vnd": now - before}
        for day, now, before in zip(ends, sums, [Decimal(0), *sums], strict=False)
    ]


def behind(truth: Truth) -> Rows:
    """What each project of board 1 lies behind the 95 % that are asked of the board by the end of the budget year."""
    plans = truth.plans[(truth.plans["budget_year"] == 2024) & truth.plans["plan_component"].isin(YEAR_PLAN)]
    paid = truth.vouchers[(truth.vouchers["budget_year"] == 2024) & truth.vouchers["plan_component"].isin(YEAR_PLAN)]
    rows = []
    for project in plans[plans["board_code"] == "BQLDA1"]["project_code"].unique():
        plan = total(plans[plans["project_code"] == project]["amount_vnd"])
        done = total(paid[paid["project_code"] == project]["paid_vnd"])
        short = plan * 95 / HUNDRED - done
        rows.append({"project_code": project, "plan_vnd": plan, "disbursed_vnd": done, "remaining_vnd": plan - done,
                     "short": short})  # fmt: skip
    rows.sort(key=lambda row: -row["short"])
    return [{key: row[key] for key in row if key != "short"} for row in rows if row["short"] > 0][:5]


def without_disbursement(truth: Truth) -> Rows:
    paid = truth.vouchers.groupby(["project_code", "budget_year"])["paid_vnd"].sum()
    planned = truth.plans.groupby(["project_code", "budget_year"])["amount_vnd"].sum()
    idle = planned[~planned.index.isin(paid.index)]
    return [
        {"budget_year": year, "projects": len(rows), "plan_vnd": total(rows)}
        for year, rows in idle.groupby(level="budget_year")
    ]


def dearer(truth: Truth) -> Rows:
    rows = truth.table("investment_projects").sort_values(["valid_from", "released_on"], kind="stable")
    rows = rows[rows["valid_from"] <= dt.date(2025, 1, 31)]
    by_project = rows.groupby("project_code")["total_investment_bn"].agg(["first", "last"])
    change = (by_project["last"] - by_project["first"]).map(Decimal)
    found = change[change > 0].sort_values(ascending=False, kind="stable")
    return [{"project_code": code, "total_investment_change_bn": value} for code, value in found.items()][:5]


def wind_of_two_feeds(truth: Truth) -> Rows:
    """What enterprises report of wind power and what the farms generated, in the years that both know whole."""
    products = truth.newest("industry_output", ["enterprise_code", "product_code", "month"])
    products = products[products["product_code"] == "wind_power"]
    farms = truth.newest("wind_power", ["plant_code", "month"])
    found: Rows = []
    for year in sorted(set(products["month"].str.slice(0, 4)) & set(farms["month"].str.slice(0, 4))):
        one, two = (rows[rows["month"].str.startswith(year)] for rows in (products, farms))
        if one["month"].nunique() == two["month"].nunique() == 12:
            reported, generated = total(one["quantity"]), total(two["generation_mwh"])
            if abs(reported - generated) > reported / 20:
                found.append({"indicator": "wind_power", "period": year, "first_value": reported,
                              "second_value": generated})  # fmt: skip
    return found


def contributions_of_2024(truth: Truth) -> Rows:
    rows = [{"sector_code": part, "contribution_pp": round(truth.contribution(part, 2024), 4)} for part in PARTS]
    return sorted(rows, key=lambda row: -row["contribution_pp"])


def levels_of_2024(truth: Truth) -> Rows:
    rows = [{"sector_code": part, "level_constant_bn": truth.level(part, "2024")} for part in PARTS]
    return sorted(rows, key=lambda row: -row["level_constant_bn"])


def fastest_sections(truth: Truth) -> Rows:
    sections = truth.register("sectors")
    codes = sections[sections["sector_depth"] == "3"]["sector_code"]
    known = set(truth.levels[truth.levels["period"] == "2024-Q4"]["sector_code"])
    rows = [
        {"sector_code": code, "growth_yoy_pct": round(truth.growth(code, 2024), 4)}
        for code in codes
        if code in known and code != "F"
    ]
    return sorted(rows, key=lambda row: -row["growth_yoy_pct"])[:5]


def contradictions(truth: Truth) -> Rows:
    said = truth.newest("published_figures", ["indicator", "area_code", "period", "measure", "said_on", "source_url"])
    said = said[said["area_code"] == "94"]
    sectors = {"grdp_growth": "GRDP", "sector_i_growth": "I", "sector_ii_growth": "II", "sector_iii_growth": "III",
               "industry_growth": "IND", "construction_growth": "CON", "product_tax_growth": "TAX"}  # fmt: skip
    rows: Rows = []
    for row in said[(said["measure"] == "growth_yoy") & said["indicator"].isin(list(sectors))].to_dict("records"):
        sector, period = sectors[row["indicator"]], row["period"]
        computed = truth.growth_of_period(sector, period)
        if computed is not None and abs(row["value"] - computed) > Decimal("0.1"):
            rows.append({"indicator": row["indicator"], "period": period, "first_value": round(row["value"], 4),
                         "second_value": round(computed, 4)})  # fmt: skip
    rows.sort(key=lambda row: row["period"])
    shares = said[(said["measure"] == "share_of_grdp_current") & said["indicator"].str.fullmatch(
        "sector_(i|ii|iii)_share|product_tax_share")]  # fmt: skip
    for (period, _, _), group in shares.groupby(["period", "publisher", "said_on"]):
        if len(group) >= 3 and abs(total(group["value"]) - 100) > Decimal("0.1"):
            rows.append({"indicator": "grdp_shares", "period": period, "first_value": total(group["value"]),
                         "second_value": HUNDRED})  # fmt: skip
    rows += wind_of_two_feeds(truth)
    for (indicator, period, _), group in said.groupby(["indicator", "period", "measure"]):
        values = group.sort_values("said_on")["value"].tolist()
        rows += [
            {"indicator": indicator, "period": period, "first_value": one, "second_value": two}
            for one, two in itertools.pairwise(values)
            if one != two
        ]
    iip = said[(said["indicator"] == "iip") & (said["measure"] == "growth_yoy")].set_index("period")["value"]
    rest = (12 * iip["2024"] - 9 * iip["2024-9M"]) / 3
    assert rest < iip["2024-9M"] - 12
    rows.append({"indicator": "iip", "period": "2024", "first_value": iip["2024-9M"], "second_value": iip["2024"]})
    return rows


def not_counted(truth: Truth) -> Rows:
    rows = truth.deliveries
    withdrawn = rows[rows["status"] == "withdrawn"].assign(status_vi="đã rút lại")
    superseded = rows[rows["is_superseded"] & (rows["status"] != "withdrawn")].assign(status_vi="đã được thay thế")
    found = pd.concat([withdrawn, superseded]).groupby(["status_vi", "feed"])["rows_in"].agg(["count", "sum"])
    told = [
        {"status_vi": status, "feed": feed, "deliveries": row["count"], "rows_in": row["sum"]}
        for (status, feed), row in found.iterrows()
    ]
    return sorted(told, key=lambda row: (row["status_vi"] != "đã rút lại", row["feed"]))


def commonest_rules(truth: Truth) -> Rows:
    counts = truth.findings.groupby(["feed", "rule"]).size().reset_index(name="findings")
    counts = counts.sort_values(["findings", "feed", "rule"], ascending=[False, True, True])
    return counts.head(5).to_dict("records")


def late_permits(truth: Truth) -> Rows:
    due = truth.permits_due
    due = due[(due["due_on"] >= dt.date(2024, 1, 1)) & (due["due_on"] <= dt.date(2024, 12, 31))]
    late = ~(due["answered_on"] <= due["due_on"]).fillna(False)
    counts = due.assign(late=late.astype("int64")).groupby("district_code")["late"].agg(["count", "sum"]).reset_index()
    counts = counts.sort_values(["sum", "district_code"], ascending=[False, True]).head(5)
    return [
        {"district_code": row["district_code"], "n_due": row["count"], "n_late": row["sum"]}
        for row in counts.to_dict("records")
    ]


def of_2024(truth: Truth, feed: str, *key: str) -> pd.DataFrame:
    rows = truth.newest(feed, key)
    return rows[rows["month"].str.startswith("2024")]


def exports(truth: Truth) -> Rows:
    rows = of_2024(truth, "seafood_exports", "month", "market", "product_code")
    sums = rows.groupby("market")[["tonnes", "value_usd"]].sum().sort_values("value_usd", ascending=False)
    return [{"tonnes": row["tonnes"], "value_usd": row["value_usd"]} for _, row in sums.iterrows()]


def shrimp(truth: Truth) -> Rows:
    rows = of_2024(truth, "aquaculture", "district_code", "species", "month")
    rows = rows[rows["species"].str.endswith("shrimp")]
    districts = rows.groupby("district_code")
    sums = districts[["harvest_t", "stocked_ha", "damaged_ha"]].sum()
    sums = sums.assign(damaged_known=districts["damaged_ha"].count(), rows=districts.size())
    return sums.sort_values("harvest_t", ascending=False).to_dict("records")


def retail(truth: Truth) -> Rows:
    rows = truth.newest("retail_services", ["service_group", "month"])
    rows = rows[rows["service_group"] != "total"].assign(year=rows["month"].str.slice(0, 4))
    sums = rows.groupby(["service_group", "year"])["value_bn"].sum()
    groups = sorted({group for group, _ in sums.index}, key=lambda group: -sums[group, "2024"])
    return [
        {"bn_2024": sums[group, "2024"], "growth_pct": round((sums[group, "2024"] / sums[group, "2023"] - 1) * 100, 2)}
        for group in groups
    ]


def visitors(truth: Truth) -> Rows:
    rows = truth.newest("tourism", ["month"])
    rows = rows.assign(calendar_year=rows["month"].str.slice(0, 4).astype(int))
    rows = rows[rows["calendar_year"].isin([2023, 2024])]
    years = rows.groupby("calendar_year")
    sums = years[["visitors", "overnight_visitors", "revenue_bn"]].sum()
    sums = sums.assign(overnight_known=years["overnight_visitors"].count(), months=years.size())
    return sums.reset_index().to_dict("records")


def wind(truth: Truth) -> Rows:
    rows = of_2024(truth, "wind_power", "plant_code", "month")
    sums = rows.groupby("plant_code")["generation_mwh"].sum()
    known = rows.groupby("plant_code")["generation_mwh"].count()
    found = sums[sums.notna() & (sums > 0)].sort_values(ascending=False)
    months = pd.to_datetime(rows["month"].astype("str") + "-01")
    begun = pd.to_datetime(rows["commercial_operation_on"]) <= months + pd.offsets.MonthEnd(0)
    rows = rows.assign(hours=months.dt.days_in_month * 24)[begun.to_numpy() & rows["generation_mwh"].notna().to_numpy()]
    most = {plant: sum(Decimal(str(c)) * int(h) for c, h in zip(of["capacity_mw"], of["hours"], strict=True))
            for plant, of in rows.groupby("plant_code")}  # fmt: skip
    in_operation = rows.groupby("plant_code")["generation_mwh"].sum()
    return [
        {"plant_code": plant, "generation_mwh": value, "generation_known": known[plant],
         "of_possible_pct": round(100 * Decimal(str(in_operation[plant])) / most[plant], 1)}
        for plant, value in found.items()
    ]  # fmt: skip


def answerable(truth: Truth) -> Rows:
    rows = truth.register("directive_item_agencies")
    rows = rows[(rows["directive"] == "2724-UBND-TH") & (rows["item"] == "CON")]
    groups = truth.register("agency_groups").groupby("group_code")["agency_code"].agg(set).to_dict()
    parts: dict[str, set[str]] = {}
    for row in rows.to_dict("records"):
        parts.setdefault(row["agency_role"], set()).update(groups.get(row["agency_code"], {row["agency_code"]}))
    parts["co_ordinate"] -= parts["lead"]  # who leads an item does not co-ordinate it as well
    return [{"agencies": len(agencies)} for agencies in sorted(parts.values(), key=len)]


def shares_a_week_ago(truth: Truth) -> Rows:
    """The items of money alone; the others rest on links and are held elsewhere."""
    then = Truth(truth.home, AS_OF - dt.timedelta(days=7))
    rows = []
    for item, board in (("DIS-FY-1", "BQLDA1"), ("DIS-FY-2", "BQLDA2")):
        before, after = (
            round(one.disbursed(2024, board) / one.plan(2024, board) * HUNDRED, 4) for one in (then, truth)
        )
        rows.append({"item": item, "actual_before": before, "actual_after": after})
    return rows


TRUTHS: Mapping[int, Callable[[Truth], Rows]] = {
    1: missed, 2: statuses, 4: lambda truth: [row for row in milestones(truth) if row["board_code"] == "BQLDA1"],
    5: behind, 6: boards_of_2024, 7: years_of_money, 8: months_of_money, 9: without_disbursement, 10: dearer,
    12: contributions_of_2024, 13: levels_of_2024, 14: fastest_sections, 17: set_aside, 19: contradictions,
    20: not_counted, 21: commonest_rules, 22: late_permits, 23: exports, 24: shrimp, 25: retail, 26: visitors, 27: wind,
    28: answerable,
}  # fmt: skip


def answer(engine: duckdb.DuckDBPyConnection, number: int) -> Rows:
    result = engine.execute(QUESTIONS[number][1])
    assert result.description is not None
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


SENTENCES = {"status_reason_vi"}
"""Columns that the document leaves out of an answer, so that a wording can be corrected in its phrase alone."""


def as_table(rows: Rows) -> str:
    """Rows as the document writes them."""
    names = [name for name in rows[0] if name not in SENTENCES]
    lines = [["" if row[name] is None else str(row[name]) for name in names] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in [names, *lines]).replace(
        "\n", f"\n|{'---|' * len(names)}\n", 1
    )


def test_at_least_twenty_questions_are_answered_each_with_one_join_at_most() -> None:
    assert len(QUESTIONS) >= 20
    assert list(QUESTIONS) == list(range(1, len(QUESTIONS) + 1))
    views = {view.name for view in additive_views()}
    for title, sql, _ in QUESTIONS.values():
        assert len(re.findall(r"\bjoin\b", sql)) <= 1, title
        assert set(re.findall(r"\b(?:from|join) (\w+)", sql)) <= views, title


@pytest.mark.parametrize("number", QUESTIONS)
def test_the_answer_in_the_document_is_that_of_the_database(engine: duckdb.DuckDBPyConnection, number: int) -> None:
    assert QUESTIONS[number][2].strip() == as_table(answer(engine, number))


@pytest.mark.parametrize("number", TRUTHS)
def test_the_answer_is_what_pandas_makes_of_the_deliveries(
    engine: duckdb.DuckDBPyConnection, truth: Truth, number: int
) -> None:
    expected = TRUTHS[number](truth)
    found = answer(engine, number)
    columns = [column for column in expected[0] if column in found[0]]
    assert columns
    assert comparable(found, columns) == comparable(expected, columns)


def comparable(rows: Rows, columns: Sequence[str]) -> list[tuple[object, ...]]:
    """Rows in which a number is a number, whatever holds it; text and days stand as they are."""

    def plain(value: object) -> object:
        return value if isinstance(value, str | dt.date) or value is None else Decimal(str(value)).normalize()

    return [tuple(plain(row[column]) for column in columns) for row in rows]


def test_what_changed_within_the_week_is_what_the_treasury_delivered_in_it(
    engine: duckdb.DuckDBPyConnection, truth: Truth
) -> None:
    expected = shares_a_week_ago(truth)
    found = [row for row in answer(engine, 3) if row["item"] in {row["item"] for row in expected}]
    assert comparable(found, list(expected[0])) == comparable(expected, list(expected[0]))
    assert {row["cause_vi"] for row in found} == {"có số liệu mới"}


def test_who_is_late_has_delivered_nothing_for_the_period(engine: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    late = engine.execute("select feed, period, due_on from deliveries_due where late_deliveries > 0").fetchall()
    came = set(zip(truth.deliveries["feed"], truth.deliveries["period"], strict=True))
    assert late
    assert not [row for row in late if (row[0], row[1]) in came]
    assert all(due_on < AS_OF for _, _, due_on in late)


def test_what_came_after_its_day_is_counted_apart_from_what_has_not_come(
    engine: duckdb.DuckDBPyConnection, truth: Truth
) -> None:
    rows = engine.execute(
        "select feed, due_on, received_on, late_deliveries, received_late from deliveries_due"
    ).fetchall()
    came = {
        (feed, pd.Timestamp(day)) for feed, day in truth.deliveries[["feed", "released_on"]].itertuples(index=False)
    }
    after = [(feed, due_on, received_on) for feed, due_on, received_on, _, is_after in rows if is_after]
    assert after
    assert all(
        due_on < received_on and (feed, pd.Timestamp(received_on)) in came for feed, due_on, received_on in after
    )
    assert not [row for row in rows if row[3] and row[4]]


def test_what_the_survey_recorded_is_the_weighted_sum_of_its_returns(
    engine: duckdb.DuckDBPyConnection, truth: Truth
) -> None:
    """Weights have six decimals in the marts, so that a sum may differ in its last digit."""
    found = [{**row, "value_recorded_mn": round(row["value_recorded_mn"], 1)} for row in answer(engine, 16)]
    columns = ["quarter", "value_recorded_mn"]
    assert comparable(found, columns) == comparable(values_recorded(truth), columns)


def test_before_a_quarter_is_known_the_year_is_projected_as_the_last_one_grew(
    engine: duckdb.DuckDBPyConnection, truth: Truth
) -> None:
    """Parts and whole are made to add up, which moves each by less than a tenth of a point."""
    rows = answer(engine, 18)
    assert {row["quarters_known"] for row in rows} == {0}
    for row in rows:
        assert abs(row["projected_growth_pct"] - truth.growth(row["sector_code"], 2024)) < Decimal("0.1")
        assert row["low_80_pct"] < row["projected_growth_pct"] < row["high_80_pct"]


def test_what_is_uncounted_stands_on_a_list_and_is_named_by_no_return(
    engine: duckdb.DuckDBPyConnection, truth: Truth
) -> None:
    """A permit of the work list is a real one, and no return of its quarters gives its number as it is written."""
    permits = truth.newest("building_permits", ["application_no"])
    returns = truth.newest("construction_survey", ["return_id", "quarter"])
    districts = engine.execute(
        "select district_code, sum(works) from uncounted_construction where list_kind = 'permit' group by 1"
    ).fetchall()
    named = set(returns["permit_no"].dropna())
    unnamed = permits[permits["permit_no"].notna() & ~permits["permit_no"].isin(named)]
    assert districts
    for district, works in districts:
        assert works <= (unnamed["district_code"] == district).sum() + (permits["district_code"] == district).sum() // 4


def test_the_lines_of_python_in_the_document_run_beside_the_file(database: Path) -> None:
    (block,) = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    done = subprocess.run(
        [sys.executable, "-c", block], cwd=database.parent, capture_output=True, text=True, check=False
    )
    assert "KV1" in done.stdout, done.stderr


def test_a_feed_without_a_table_of_its_own_is_found_where_the_document_says(engine: duckdb.DuckDBPyConnection) -> None:
    document = (PROJECT_ROOT / "docs" / "bi.md").read_text(encoding="utf-8")
    table = document[document.index("| feed | items that rest on it |") :].partition("\n\n")[0]
    said = {
        feed: re.findall(r"`([^`]+)`", items)
        for feed, items in re.findall(r"^\| `(\w+)` \| (.+) \|$", table, re.MULTILINE)
    }
    assert len(said) == 7
    found = engine.execute(
        "select feed, list(distinct item order by item) from evidence_of_targets group by feed"
    ).fetchall()
    assert said == {feed: items for feed, items in found if feed in said}
