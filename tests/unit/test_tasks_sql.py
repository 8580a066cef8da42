"""Tasks: the figure a year before, the way that is good, and the age of the evidence, against arithmetic by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.disbursement_rows import Row, delivered
from tests.unit.sql_on_rows import compute

LETTER = "2724-UBND-TH"


def card(item: str, as_of: str, **validated: list[Row]) -> Row:
    rows = compute("directive_scorecard", as_of, validated=validated)
    (row,) = [row for row in rows if (row["directive"], row["item"]) == (LETTER, item)]
    return row


def pond(month: str, stocked: int, damaged: int) -> Row:
    figures = {"stocked_ha": stocked, "damaged_ha": damaged, "of_which_high_tech_ha": 0}
    seed = {"seed_lots_checked": 100, "seed_lots_failed": 1, "warnings_issued": 1}
    return {"district_code": "950", "species": "whiteleg_shrimp", "month": month, **figures, **seed}


def test_a_share_of_aquaculture_stands_beside_the_same_months_a_year_before() -> None:
    before = delivered([pond("2023-01", 100, 30), pond("2023-02", 300, 10), pond("2023-03", 100, 90)],
                       "aquaculture", "2023", "2024-01-15")  # fmt: skip
    now = delivered([pond("2024-01", 100, 10), pond("2024-02", 100, 10)], "aquaculture", "2024-6M", "2024-07-15")
    row = card("KV1-ENV", "2024-09-20", aquaculture=[*before, *now])
    assert (row["actual"], row["value_year_before"]) == (10, 10), "20 of 200 ha; 40 of 400 ha, March left out"
    assert row["direction_of_good"] == "lower"
    assert (row["evidence_until_on"], row["evidence_age_days"]) == (dt.date(2024, 2, 29), 204)
    assert "; 10 % a year before; lower is better; the directive sets no threshold" in row["status_reason"]
    assert row["status_reason"].endswith("figures to 2024-02-29, 204 days old")
    assert "; cùng kỳ năm trước 10%; càng thấp càng tốt; " in row["status_reason_vi"]
    assert row["status_reason_vi"].endswith("; số liệu đến 29/02/2024, cách ngày tính 204 ngày")


def test_a_year_before_of_which_a_month_is_missing_is_not_given() -> None:
    before = delivered([pond("2023-01", 100, 30)], "aquaculture", "2023", "2024-01-15")
    now = delivered([pond("2024-01", 100, 10), pond("2024-02", 100, 10)], "aquaculture", "2024-6M", "2024-07-15")
    row = card("KV1-ENV", "2024-09-20", aquaculture=[*before, *now])
    assert (row["actual"], row["value_year_before"]) == (10, None)
    assert "a year before" not in row["status_reason"]


def answered(number: str, due_on: str, answered_on: str | None) -> Row:
    days = {"due_on": dt.date.fromisoformat(due_on)}
    if answered_on:
        days["answered_on"] = dt.date.fromisoformat(answered_on)
    outcome = "granted" if answered_on else "pending"
    return {"application_no": number, "district_code": "941", "outcome": outcome, **days}


def test_permits_stand_beside_those_due_up_to_the_same_day_a_year_before() -> None:
    rows = [
        answered("A", "2024-03-01", "2024-03-01"), answered("B", "2024-03-01", "2024-03-05"),
        answered("C", "2023-03-01", "2023-02-01"), answered("D", "2023-06-30", "2023-06-30"),
        answered("E", "2023-09-01", "2023-09-30"), answered("F", "2023-12-01", "2023-12-30"),
    ]  # fmt: skip
    permits = delivered(rows, "building_permits", "2024-9M", "2024-10-15")
    row = card("CON-PERMIT", "2024-10-20", building_permits=permits)
    assert row["actual"] == 50
    assert row["value_year_before"] == Decimal("66.6667"), "C and D of C, D and E: F was due after 15 October"
    assert row["evidence_until_on"] == dt.date(2024, 10, 15), "the delivery speaks of no day after its own"
    assert row["evidence_age_days"] == 5


def farm(code: str, month: str, commercial_on: str | None) -> Row:
    day = dt.date.fromisoformat(commercial_on) if commercial_on else None
    return {"plant_code": code, "month": month, "capacity_mw": 30, "dossier_stage": "permitted", "generation_mwh": 1,
            "commercial_operation_on": day}  # fmt: skip


def test_wind_farms_stand_beside_the_same_month_a_year_before() -> None:
    before = [farm("A", "2023-06", "2022-01-01"), farm("B", "2023-06", None), farm("B", "2023-12", "2023-11-01")]
    now = [farm("A", "2024-06", "2022-01-01"), farm("B", "2024-06", "2023-11-01")]
    row = card("IND-WIND", "2024-09-20", wind_power=[
        *delivered(before, "wind_power", "2023", "2024-01-10"), *delivered(now, "wind_power", "2024-6M", "2024-07-10"),
    ])  # fmt: skip
    assert (row["actual"], row["value_year_before"]) == (2, 1)


def test_a_case_that_is_a_year_old_stands_beside_those_of_this_year() -> None:
    def case(number: str, due_on: str, resolved_on: str | None) -> Row:
        day = dt.date.fromisoformat
        row = {"case_id": number, "agency_code": "SCT", "kind": "land", "raised_on": day("2023-01-01"),
               "due_on": day(due_on)}  # fmt: skip
        return row | ({"resolved_on": day(resolved_on)} if resolved_on else {})

    rows = [case("A", "2024-02-01", "2024-02-01"), case("B", "2023-02-01", None), case("C", "2023-12-01", "2023-12-01")]
    row = card("INV-HELP", "2024-09-20", obstacles=delivered(rows, "obstacles", "2024-6M", "2024-07-10"))
    assert (row["actual"], row["value_year_before"]) == (100, 0), "C was due after 10 July"


def exports(*months: tuple[str, int]) -> list[Row]:
    return [{"month": m, "market": "us", "product_code": "shrimp", "tonnes": 1, "value_usd": v} for m, v in months]


def test_a_growth_of_a_season_stands_beside_the_growth_of_the_season_before() -> None:
    rows = exports(("2022-07", 100), ("2023-07", 150), ("2024-07", 300), ("2022-08", 100))
    row = card("IND-SEA", "2024-09-20", seafood_exports=delivered(rows, "seafood_exports", "2024-Q3", "2024-09-15"))
    assert (row["actual"], row["value_year_before"]) == (100, 50)


@pytest.mark.parametrize("item", ["KV1-ENV", "KV1-SEED"])
def test_less_damage_is_better(item: str) -> None:
    assert card(item, "2024-09-20")["direction_of_good"] == "lower"


def test_every_indicator_says_which_way_is_good() -> None:
    assert {row["direction_of_good"] for row in _indicators()} == {"higher", "lower"}


def _indicators() -> list[dict[str, Any]]:
    rows = compute("directive_scorecard", "2024-09-20")
    unknown = {"PLAN32", "CON-PROJ"}
    assert all(row["direction_of_good"] or row["item"] in unknown for row in rows)
    return [row for row in rows if row["direction_of_good"]]
