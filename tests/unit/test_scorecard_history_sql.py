"""The history of the scorecard: each change parted into revision, new data and weights, against hand-made numbers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.disbursement_rows import BN, delivered, plan, register, vouchers
from tests.unit.sql_on_rows import Tables
from tests.unit.test_month_bridges import accounts, retail

Row = dict[str, Any]
BEFORE = dt.date(2024, 11, 30)
DIRECTIVE = "2724-UBND-TH"


def remembered(item: str, actual: str, period: str, basis: str = "published_growth", **more: Any) -> list[Row]:
    """One row of the history for each state of knowledge."""
    row = {
        "directive": DIRECTIVE, "item": item, "issued_on": dt.date(2024, 8, 26), "status": "on_track",
        "actual": Decimal(actual), "evidence_basis": basis, "evidence_period": period, "on_date": BEFORE, **more,
    }  # fmt: skip
    return [{**row, "knowledge": knowledge} for knowledge in ("as_then_known", "as_known_today")]


def said(value: str, period: str = "2024") -> Row:
    return {
        "indicator": "sector_i_growth", "area_code": "94", "period": period, "measure": "growth_yoy",
        "value": Decimal(value), "unit": "percent", "said_on": dt.date(2024, 12, 2), "trust": "press",
        "source_url": "https://example.vn", "publisher": "UBND", "estimate_stage": "estimate_2",
    }  # fmt: skip


def row_of(item: str, tables: Tables, on_date: str = "2024-12-31", knowledge: str = "as_then_known") -> Row:
    (row,) = [
        row
        for row in tables.compute("scorecard_history", on_date)
        if (row["item"], row["on_date"].isoformat(), row["knowledge"]) == (item, on_date, knowledge)
    ]
    return row


PARTS = ("change_since_previous", "revision_change", "new_data_change", "weights_change")


def parts(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in PARTS)


def growth(before: list[Row], now: list[Row]) -> Row:
    published = delivered(now, "published_figures", "2024", "2025-05-20") if now else []
    tables = Tables(validated={"published_figures": published}, history={"int_item_status": before})
    return row_of("KV1", tables, "2025-01-31")


def test_another_figure_for_the_same_period_is_a_revision() -> None:
    row = growth(remembered("KV1", "3.90", "2024"), [said("3.94")])
    assert (row["change_reason"], *parts(row)) == ("revision", Decimal("0.04"), Decimal("0.04"), 0, 0)
    assert (row["previous_actual"], row["previous_on_date"]) == (Decimal("3.9"), BEFORE)


def test_a_figure_for_a_longer_period_is_new_data() -> None:
    row = growth(remembered("KV1", "3.50", "2024-9M"), [said("3.94")])
    assert (row["change_reason"], *parts(row)) == ("new_data", Decimal("0.44"), 0, Decimal("0.44"), 0)


@pytest.mark.parametrize("knowledge", ["as_then_known", "as_known_today"])
def test_a_figure_released_before_the_turn_of_the_year_is_no_new_data_after_it(knowledge: str) -> None:
    """The office said 3.94 % on 2 December; on 31 December the nine months stood there, in January the year is over."""
    before = [{**row, "on_date": dt.date(2024, 12, 31)} for row in remembered("KV1", "3.50", "2024-9M")]
    published = delivered([said("3.94")], "published_figures", "2024", "2024-12-03")
    tables = Tables(validated={"published_figures": published}, history={"int_item_status": before})
    row = row_of("KV1", tables, "2025-01-31", knowledge)
    assert (row["change_reason"], row["previous_actual"], row["actual"]) == (
        "period_over", Decimal("3.5"), Decimal("3.94"),
    )  # fmt: skip


def test_a_figure_where_there_was_none_is_new_data_without_a_number() -> None:
    row = growth([], [said("3.94")])
    assert (row["change_reason"], *parts(row)) == ("first_row", None, None, None, None)
    nothing = remembered("KV1", "0", "2024", status="no_data")
    row = growth([{**r, "actual": None, "evidence_period": None, "evidence_basis": None} for r in nothing], [said("4")])
    assert (row["change_reason"], *parts(row)) == ("new_data", None, None, None, None)


@pytest.mark.parametrize(
    ("withdrawn_on", "reason"),
    [(None, "not_yet_known"), ("2025-01-20", "data_withdrawn"), ("2025-02-01", "not_yet_known")],
)
def test_a_figure_that_is_gone_was_withdrawn_only_where_its_delivery_was(withdrawn_on: str | None, reason: str) -> None:
    gone = delivered([said("3.9")], "published_figures", "2024", "2024-12-02")
    before = remembered("KV1", "3.9", "2024-9M", delivery_id=gone[0]["delivery_id"])
    validated = {}
    if withdrawn_on:
        named = {"delivery_file": gone[0]["source_file"], "withdrawn_on": dt.date.fromisoformat(withdrawn_on)}
        named |= {"officer": "Trần Thị B", "reason": "Wrong column"}
        validated["delivery_withdrawals"] = delivered([named], "delivery_withdrawals", "2025-01", withdrawn_on)
    tables = Tables(validated=validated, history={"int_item_status": before})
    tables.deliveries += Tables(validated={"published_figures": gone}).deliveries
    row = row_of("KV1", tables, "2025-01-31")
    assert (row["change_reason"], row["previous_status"], row["status"]) == (reason, "on_track", "no_data")


def test_projection_and_chance_of_a_month_end_are_kept_and_the_release_that_moved_them_is_named() -> None:
    """Sector I in ten years of quarters, every year as the one before; the third quarter comes on 1 October."""
    levels = [
        {
            "area_code": "94", "sector_code": "I", "period": f"{year}-Q{quarter}",
            "value_constant_bn": Decimal(100 + 3 * (year - 2014) + (quarter * year) % 3),
        }
        for year in range(2014, 2025)
        for quarter in (1, 2, 3, 4)
    ]  # fmt: skip
    known = delivered([row for row in levels if row["period"] <= "2024-Q2"], "grdp", "2024-Q2", "2024-07-01")
    third = delivered([row for row in levels if row["period"] == "2024-Q3"], "grdp", "2024-Q3", "2024-10-01")

    def status_on(day: str, *deliveries: list[Row]) -> list[Row]:
        tables = Tables(validated={"grdp": [row for rows in deliveries for row in rows]})
        rows = tables.compute("int_item_status", day)
        return [{**row, "on_date": dt.date.fromisoformat(day), "knowledge": "as_then_known"}
                for row in rows if row["item"] == "KV1"]  # fmt: skip

    first, second = status_on("2024-08-31", known), status_on("2024-09-30", known)
    assert first[0]["projected_growth_pct"] is not None
    tables = Tables(validated={"grdp": [*known, *third]}, history={"int_item_status": [*first, *second]})
    rows = {row["on_date"].isoformat(): row for row in tables.compute("scorecard_history", "2024-10-31")
            if row["item"] == "KV1" and row["knowledge"] == "as_then_known"}  # fmt: skip
    kept = [rows[day]["projected_growth_pct"] for day in ("2024-08-31", "2024-09-30")]
    assert kept == [first[0]["projected_growth_pct"]] * 2
    assert rows["2024-09-30"]["projection_moved_by"] is None
    assert rows["2024-10-31"]["projected_growth_pct"] != kept[1]
    assert rows["2024-10-31"]["previous_projected_growth_pct"] == kept[1]
    assert rows["2024-10-31"]["projection_moved_by"] == third[0]["source_file"]


def moved_in_september(item: str, known: list[Row], **came: list[Row]) -> Row:
    """The row of an item on 30 September after what came in that month; in August these accounts were known."""

    def seen(model: str, day: str, **validated: list[Row]) -> list[Row]:
        rows = Tables(validated=validated).compute(model, day)
        return [{**row, "on_date": dt.date.fromisoformat(day), "knowledge": "as_then_known"} for row in rows]

    history = {model: seen(model, "2024-08-31", grdp=known) for model in ("int_item_status", "int_growth_projections")}
    now = {**came, "grdp": [*known, *came.get("grdp", [])]}
    return row_of(item, Tables(validated=now, history=history), "2024-09-30")


def test_months_that_a_bridge_uses_moved_the_projection_and_are_named() -> None:
    """Accounts grow by 1 + 0.8 times the growth of sales: July and August say more than the quarters before."""
    months = retail()
    row = moved_in_september("KV3", accounts("III"), retail_services=months)
    assert row["projected_growth_pct"] != row["previous_projected_growth_pct"]
    assert row["projection_moved_by"] == months[0]["source_file"]


def test_an_index_that_no_bridge_uses_is_not_named() -> None:
    """The index of production of July came, too short for a bridge; what moved industry are its corrected accounts."""
    index = [{"area_code": "94", "activity_code": "BTE", "month": m, "index_level": Decimal(v), "base_year": 2020}
             for m, v in (("2023-07", 100), ("2024-07", 110))]  # fmt: skip
    known = accounts("IND")
    better = {"2024-Q2": Decimal(40)}
    corrected = [{**r, "value_constant_bn": r["value_constant_bn"] + better.get(r["period"], 0)} for r in known]
    lineage = ("delivery_id", "source_file", "released_on")
    bare = [{k: v for k, v in row.items() if k not in lineage} for row in corrected]
    again = delivered(bare, "grdp", "2024-6M", "2024-09-10")
    months = delivered(index, "industrial_production_index", "2024-07", "2024-09-06")
    row = moved_in_september("IND", known, grdp=again, industrial_production_index=months)
    assert row["projected_growth_pct"] != row["previous_projected_growth_pct"]
    assert row["projection_moved_by"] == again[0]["source_file"]


def disbursed(plan_now: int, paid_now: int, plan_before: int = 100, paid_before: int = 50) -> Row:
    """The share of Board 1 on 31 December after a plan and money of its own on 30 November, in bn VND."""
    share = Decimal(100 * paid_before) / plan_before
    money = {"plan_vnd": plan_before * BN, "counted_vnd": paid_before * BN}
    known = {"directive": DIRECTIVE, "item": "DIS-FY-1", "on_date": BEFORE}
    history = {
        "int_item_status": remembered("DIS-FY-1", str(share), "2024-11-30", "computed_from_vouchers"),
        "int_disbursement_item_evidence": [
            {**known, **money, "knowledge": knowledge} for knowledge in ("as_then_known", "as_known_today")
        ],
    }
    validated = {
        "investment_projects": register(("7000001", "BQLDA1")),
        "investment_plan": plan(("7000001", "pm_assigned", 2024, plan_now, "2024-09-01")),
        "treasury_disbursement": vouchers(f"2024-12-20 2024 payment {paid_now}", "2024", "2024-12-31"),
    }
    return row_of("DIS-FY-1", Tables(validated=validated, history=history))


def test_a_cut_plan_raises_the_share_and_what_it_raises_is_its_weight() -> None:
    row = disbursed(plan_now=80, paid_now=60)
    # 60 of 80 is 75 %, 60 of 100 would be 60 %, 50 of 100 was 50 %.
    assert (row["actual"], row["previous_actual"]) == (75, 50)
    assert (row["change_reason"], *parts(row)) == ("new_data", 25, 0, 10, 15)


@settings(max_examples=8, deadline=None)
@given(plan_now=st.integers(60, 200), paid_now=st.integers(1, 60))
def test_the_parts_of_a_change_add_up_to_it(plan_now: int, paid_now: int) -> None:
    row = disbursed(plan_now, paid_now)
    assert row["revision_change"] + row["new_data_change"] + row["weights_change"] == row["change_since_previous"]
    assert float(row["weights_change"]) == pytest.approx(100 * paid_now * (1 / plan_now - 1 / 100), abs=6e-5)
