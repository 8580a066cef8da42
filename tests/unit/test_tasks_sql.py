"""Tasks: the figure a year before, the way that is good, and the age of the evidence, against arithmetic by hand."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.house import PUBLISHED
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
    assert "; 10 % a year before; lower is better; the directive sets no threshold" in row["status_reason_en"]
    assert row["status_reason_en"].endswith("figures to 2024-02-29, 204 days old")
    assert "; cùng kỳ năm trước 10%; càng thấp càng tốt; " in row["status_reason_vi"]
    assert row["status_reason_vi"].endswith("; số liệu đến ngày 29/02/2024 (cách đây 204 ngày)")


def test_a_year_before_of_which_a_month_is_missing_is_not_given() -> None:
    before = delivered([pond("2023-01", 100, 30)], "aquaculture", "2023", "2024-01-15")
    now = delivered([pond("2024-01", 100, 10), pond("2024-02", 100, 10)], "aquaculture", "2024-6M", "2024-07-15")
    row = card("KV1-ENV", "2024-09-20", aquaculture=[*before, *now])
    assert (row["actual"], row["value_year_before"]) == (10, None)
    assert "a year before" not in row["status_reason_en"]


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


# ── what was published alone ──────────────────────────────────────────────────────────────────────────────────


def published() -> list[Row]:
    """The published figures of the samples, as one collection."""
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        lines = [{key: value or None for key, value in row.items()} for row in csv.DictReader(file)]
    for row in lines:
        row |= {"value": Decimal(row["value"]), "said_on": dt.date.fromisoformat(row["said_on"])}
    return delivered(lines, "published_figures", "2022..2025", "2025-05-15")


@pytest.mark.parametrize(
    ("item", "as_of", "status", "actual", "released_on", "words"),
    [
        ("KV3-TRADE", "2024-08-26", "monitored", 41185, "2024-06-01", ()),
        ("KV3-TRADE", "2024-10-05", "monitored", 41185, "2024-06-01", ()),
        ("KV3-TRADE", "2024-12-05", "monitored", 77256, "2024-10-11",
         ("103,000 bn VND estimated in 2024, published on 2024-12-02, before the period ended",
          "exports of the province 1,345 mn USD in the first nine months of 2024")),
        ("KV3-TRADE", "2025-02-10", "monitored", 103000, "2024-12-02", ("exports of the province 1,800 mn USD",)),
        ("KV3-TOUR", "2024-08-26", "no_data", None, None, ()),
        ("KV3-TOUR", "2024-10-05", "no_data", None, None, ()),
        ("KV3-TOUR", "2024-12-05", "monitored", None, "2024-12-02",
         ("No figure yet", "3,120,000 visits estimated in 2024, published on 2024-12-02, before the period ended")),
        ("KV3-TOUR", "2025-02-10", "monitored", 3120000, "2024-12-02", ("visits as published",)),
        ("IND-SEA", "2024-08-26", "no_data", None, None, ()),
        ("IND-SEA", "2024-10-05", "no_data", None, None, ()),
        ("IND-SEA", "2024-12-05", "monitored", None, "2024-10-11", ("1,345 mn USD", "seafood alone is not known")),
        ("IND-SEA", "2025-02-10", "monitored", None, "2024-12-02", ("1,800 mn USD",)),
    ],
)  # fmt: skip
def test_published_figures_are_evidence_for_tasks_and_an_estimate_is_no_figure(
    item: str, as_of: str, status: str, actual: int | None, released_on: str | None, words: tuple[str, ...]
) -> None:
    row = card(item, as_of, published_figures=published())
    assert (row["status"], row["actual"], row["is_simulated"]) == (status, actual, False)
    assert row["evidence_released_on"] == (dt.date.fromisoformat(released_on) if released_on else None)
    for word in words:
        assert word in row["status_reason_en"]
    rows = compute("evidence", as_of, validated={"published_figures": published()})
    assert bool([row for row in rows if row["item"] == item]) == (status == "monitored")


@pytest.mark.parametrize(("item", "forecast"), [("KV3-TOUR", 3120000), ("KV3-TRADE", 103000)])
def test_what_was_said_of_a_year_before_it_ended_is_the_offices_forecast_of_a_task(item: str, forecast: int) -> None:
    """Both were said on 2 December 2024 of the whole year: a forecast until 31 December, and the figure after it."""
    before, last, after = (
        card(item, as_of, published_figures=published()) for as_of in ("2024-12-01", "2024-12-31", "2025-01-01")
    )
    assert (before["office_forecast"], last["office_forecast"], after["office_forecast"]) == (None, forecast, None)
    assert last["office_forecast_released_on"] == dt.date(2024, 12, 2)
    assert last["actual"] != forecast
    assert after["actual"] == forecast


def sales(*months: tuple[str, int]) -> list[Row]:
    return [{"area_code": "94", "service_group": "total", "month": m, "value_bn": Decimal(v)} for m, v in months]


@pytest.mark.parametrize(("is_simulated", "actual", "year_before"), [(True, 103000, None), (False, 50, 40)])
def test_months_that_are_simulated_never_displace_what_was_published(
    is_simulated: bool, actual: int, year_before: int | None
) -> None:
    months = delivered(sales(("2023-01", 40), ("2024-01", 50)), "retail_services", "2024", "2025-01-06")
    rows = [row | {"is_simulated": is_simulated} for row in months]
    row = card("KV3-TRADE", "2025-02-10", retail_services=rows, published_figures=published())
    assert (row["actual"], row["value_year_before"]) == (actual, year_before)
    assert row["is_simulated"] is False


def test_trade_support_stands_beside_the_headline_and_says_that_it_is_simulated() -> None:
    rows = [
        {"month": "2024-01", "kind": "ocop_outlets", "count": 4, "value_usd": None},
        {"month": "2024-02", "kind": "ocop_outlets", "count": 1200, "value_usd": None},
        {"month": "2024-02", "kind": "origin_certificates", "count": 2, "value_usd": Decimal(3_400_000)},
        {"month": "2023-02", "kind": "mobile_sales", "count": 2, "value_usd": None},
    ]
    support = [row | {"is_simulated": True} for row in delivered(rows, "trade_support", "2024", "2025-01-10")]
    row = card("KV3-TRADE", "2025-02-10", trade_support=support, published_figures=published())
    assert row["actual"] == 103000
    assert row["evidence_publisher"] == "Tỉnh ủy Sóc Trăng"
    assert (row["is_simulated"], row["is_actual_simulated"]) == (True, False)
    assert (
        "; what follows is simulated; trade support: 1,204 OCOP outlets opened, 2 certificates of origin (3.4 mn USD))"
        in row["status_reason_en"]
    )
    assert row["status_reason_en"].endswith("some of what stands beside it is simulated")
    assert "1.204 điểm bán OCOP mở mới, 2 giấy chứng nhận xuất xứ (3,4 triệu USD)" in row["status_reason_vi"]
    assert row["status_reason_vi"].startswith(
        "Bán lẻ, xuất khẩu; xúc tiến thương mại: kết nối cung cầu, hội chợ, OCOP, FTA: 103.000 tỷ đồng, năm 2024 ("
    )


# ── the plan ──────────────────────────────────────────────────────────────────────────────────────────────────


def task(number: str, due_on: str, done_on: str | None) -> Row:
    day = dt.date.fromisoformat
    return {"task_no": number, "title": "T", "agency_code": "SCT", "due_on": day(due_on)} | (
        {"done_on": day(done_on)} if done_on else {}
    )


def scenario(*growths: tuple[str, str, str]) -> list[Row]:
    rows = [{"area_code": "94", "sector_code": s, "period": p, "growth_pct": Decimal(g)} for s, p, g in growths]
    return delivered(rows, "growth_scenario", "2024", "2024-02-22")


def test_the_plan_is_followed_by_its_tasks_and_its_scenario() -> None:
    tasks = [
        task("1", "2024-03-01", "2024-03-01"), task("2", "2024-03-01", "2024-03-02"), task("3", "2024-10-01", None),
        task("4", "2024-12-01", None), task("5", "2023-12-01", None), task("6", "2024-02-01", "2024-01-01"),
    ]  # fmt: skip
    row = card(
        "PLAN32", "2024-10-20",
        plan_tasks=delivered(tasks, "plan_tasks", "2024-9M", "2024-10-15"),
        growth_scenario=scenario(("GRDP", "2024-9M", "6.9"), ("GRDP", "2024-6M", "6.6"), ("I", "2024", "4.1")),
        published_figures=published(),
    )  # fmt: skip
    assert (row["status"], row["actual"]) == ("monitored", 50), "1 and 6 of 1, 2, 3 and 6: 4 is not due"
    assert row["evidence_until_on"] == dt.date(2024, 10, 15)
    assert (
        "(2 of 4 tasks of the plan that were due were done in time, 1 overdue and not done; " in row["status_reason_en"]
    )
    assert (
        "growth against the scenario, in the first nine months of 2024: "
        "Gross regional domestic product 6.55 % (scenario 6.9 %))" in row["status_reason_en"]
    )


def test_a_plan_of_which_nothing_was_delivered_has_no_indicator_and_says_why() -> None:
    row = card("PLAN32", "2025-02-10", published_figures=published())
    assert row["status"] == "no_indicator"
    assert "plan 32/KH-UBND was not published" in row["status_reason_en"]


# ── the next step, and whose it is ────────────────────────────────────────────────────────────────────────────


def head(unit: str, post: str, name: str | None, valid_from: str, valid_to: str | None = None) -> Row:
    day = dt.date.fromisoformat
    row = {"unit_code": unit, "unit_kind": "agency", "post": post, "name": name, "valid_from": day(valid_from)}
    return row | {"valid_to": day(valid_to) if valid_to else None}


def test_every_row_that_is_not_achieved_says_the_next_step_and_whose_it_is() -> None:
    rows = compute("directive_scorecard", "2025-02-10", validated={"published_figures": published()})
    for row in rows:
        said = [row[name] for name in ("next_step_en", "next_step_vi", "next_step_agency", "next_step_head_vi")]
        assert all(said) if row["status"] != "achieved" else not any(said), row["item"]
    steps = {row["item"]: row for row in rows if row["directive"] == LETTER}
    assert steps["GRDP"]["next_step_en"] is None
    assert steps["CON"]["next_step_agency"] == "CTK", "who has to tell industry and construction apart"
    assert steps["KV3"]["next_step_agency"] == "CSN-KV3, SCT, SVHTTDL", "the letter names no leader"
    assert steps["DIS-KEY-1"]["next_step_agency"] == "BQLDA1, BQLDA2"
    assert "on the form “Schedules of construction projects”" in steps["CON-PROJ"]["next_step_en"]


def test_what_the_rest_of_the_year_needs_is_the_next_step_where_it_has_bounds_alone() -> None:
    """6.54 % in six months against 7 %, the part's share from 46.66 to 48.10 %."""
    row = card("GRDP", "2024-08-26", published_figures=published())
    low, high = ((7 - w * Decimal("6.54")) / (1 - w) for w in (Decimal("0.4666"), Decimal("0.4810")))
    assert (round(low, 2), round(high, 2)) == (Decimal("7.40"), Decimal("7.43"))
    assert row["next_step_vi"].startswith("Báo cáo giải pháp để phần còn lại của năm tăng từ 7,40% đến 7,43%; ")


@pytest.mark.parametrize(("as_of", "is_asked_for"), [("2024-10-31", False), ("2024-11-01", True)])
def test_newer_figures_are_asked_for_when_those_at_hand_are_a_quarter_old(as_of: str, *, is_asked_for: bool) -> None:
    """Ponds known to the end of July: 92 days old on 31 October."""
    now = delivered([pond("2024-06", 100, 10), pond("2024-07", 100, 10)], "aquaculture", "2024-7M", "2024-08-05")
    step = compute("int_item_next_steps", as_of, validated={"aquaculture": now})
    (row,) = [one for one in step if (one["directive"], one["item"]) == (LETTER, "KV1-ENV")]
    assert ("31/07/2024" in row["next_step_vi"]) is is_asked_for
    assert row["next_step_vi"].startswith("Cập nhật số liệu" if is_asked_for else "Tiếp tục thực hiện")


@pytest.mark.parametrize(
    ("as_of", "period", "growth"), [("2024-09-05", "2024-6M", "10"), ("2024-12-31", "2024-6M", "10"),
                                    ("2025-01-01", "2024", "20")],
)  # fmt: skip
def test_an_estimate_of_the_year_is_no_figure_of_the_services_before_the_year_ends(
    as_of: str, period: str, growth: str
) -> None:
    levels = {"2023-6M": 100, "2024-6M": 110, "2023": 200, "2024": 240}
    rows = [{"area_code": "94", "sector_code": "H", "period": p, "value_constant_bn": Decimal(v), "base_year": 2010,
             "estimate_stage": "estimate_1"} for p, v in levels.items()]  # fmt: skip
    row = card("KV3-OTHER", as_of, grdp=delivered(rows, "grdp", "2024-6M", "2024-07-01"))
    assert (row["evidence_period"], row["actual"]) == (period, Decimal(growth))


def test_the_head_of_the_day_is_named_and_a_blank_is_not_yet_told() -> None:
    register = [
        head("SCT", "Giám đốc", "Người Trước", "2020-01-01", "2024-08-31"),
        head("SCT", "Giám đốc", "Người Sau", "2024-09-01"),
        head("SXD", "Giám đốc", None, "2020-01-01"),
    ]
    heads = delivered(register, "responsible_heads", "2024", "2024-08-01")

    def seen(item: str, as_of: str) -> str:
        return str(card(item, as_of, responsible_heads=heads)["next_step_head_vi"])

    assert seen("IND-WIND", "2024-08-31") == "Giám đốc Sở Công Thương: Người Trước"
    assert seen("IND-WIND", "2024-09-01") == "Giám đốc Sở Công Thương: Người Sau"
    assert seen("CON-PERMIT", "2024-09-01") == "Giám đốc Sở Xây dựng (chưa có họ tên)"
    assert seen("KV1-ENV", "2024-09-01") == ("Người đứng đầu Sở Nông nghiệp và Phát triển nông thôn (chưa có họ tên)")


def test_an_item_has_a_row_for_each_agency_and_role_and_groups_are_told_by_their_members() -> None:
    rows = [row for row in compute("item_agencies", "2024-09-20") if row["directive"] == LETTER]
    seen: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        seen.setdefault((row["item"], row["agency_role"]), set()).add(row["agency_code"])
    districts = {f"UBND-{number}" for number in range(941, 952)}
    assert seen["CON-PLAN", "co_ordinate"] == districts
    assert seen["CON-PROJ", "co_ordinate"] == {*districts, "BQLKCN"}
    assert seen["KV1", "lead"] == {"SNNPTNT"}
    assert districts < seen["KV1", "co_ordinate"]
    assert "SNNPTNT" not in seen["KV1", "co_ordinate"], "who leads does not co-ordinate under the name of a group"
    assert {"BQLDA1", "BQLDA2", "SCT", "SXD", *districts} < seen["PLAN32", "addressee"]
    assert seen["PLAN32", "copy"] >= {"CUCTHUE", "KBNN", "BHXH", "QLTT", "CCHQ", "NHNN"}
    assert not [row for row in rows if row["agency_kind"] == "group"]
    assert {row["group_code"] for row in rows if row["is_assumption"]} == {"CSN-KV3"}


def test_an_agency_that_ended_says_so_and_who_took_over() -> None:
    def seen(as_of: str) -> tuple[bool, str | None]:
        (row,) = [
            row for row in compute("item_agencies", as_of)
            if (row["directive"], row["item"], row["agency_code"]) == (LETTER, "CON-PERMIT", "SXD")
        ]  # fmt: skip
        return row["is_in_force"], row["valid_to"] and row["valid_to"].isoformat()

    assert seen("2025-06-30") == (True, "2025-06-30")
    assert seen("2025-07-01") == (False, "2025-06-30")


@pytest.mark.parametrize(
    ("as_of", "words"),
    [
        (
            "2024-08-26",
            "index of industrial production 4.72 % in the first five months of 2024, published on 2024-06-01",
        ),
        (
            "2024-12-05",
            "index of industrial production 10.07 % in the first nine months of 2024, published on 2024-10-11",
        ),
        ("2025-02-10", "index of industrial production 5.5 % in 2024, published on 2024-12-02"),
    ],
)
def test_the_index_of_production_stands_beside_industry_as_context_and_is_evidence_of_nothing(
    as_of: str, words: str
) -> None:
    row = card("IND", as_of, published_figures=published())
    assert words in row["status_reason_en"]
    assert (row["actual"], row["evidence_delivery_id"]) == (None, None)
    assert "chỉ số sản xuất công nghiệp" in row["status_reason_vi"]
    rows = compute("evidence", as_of, validated={"published_figures": published()})
    assert not [row for row in rows if row["item"] == "IND"]


def works(number: str, planned: tuple[str, str | None], real: tuple[str | None, str | None] = (None, None)) -> Row:
    names = ("planned_start_on", "planned_finish_on", "started_on", "completed_on")
    days = {name: dt.date.fromisoformat(text) for name, text in zip(names, (*planned, *real), strict=True) if text}
    return {"schedule_no": number, "name": "N", **days}


def test_construction_projects_are_followed_by_their_schedules_where_they_were_delivered() -> None:
    rows = [
        works("IN-TIME", ("2024-02-01", "2024-09-01"), ("2024-01-20", "2024-08-01")),
        works("RUNNING", ("2024-02-01", "2024-12-01"), ("2024-02-01", None)),
        works("BEGUN-LATE", ("2024-02-01", None), ("2024-03-01", None)),
        works("NOT-BEGUN", ("2024-02-01", None)),
        works("NOT-ENDED", ("2024-02-01", "2024-09-30"), ("2024-02-01", None)),
        works("LATER", ("2024-11-01", None)),
        works("ENDED-BEFORE", ("2022-02-01", "2023-09-30"), ("2022-02-01", "2023-09-01")),
    ]
    schedules = delivered(rows, "construction_schedules", "2024-9M", "2024-10-15")
    row = card("CON-PROJ", "2024-10-20", construction_schedules=schedules)
    assert (row["status"], row["actual"]) == ("monitored", 40), "IN-TIME and RUNNING of five that were to begin"
    assert (
        "2 of 5 projects keep to their schedules, 1 should have begun and have not, 1 should have ended"
        in (row["status_reason_en"])
    )


def test_without_schedules_the_item_says_who_sends_what_on_which_form() -> None:
    row = card("CON-PROJ", "2024-10-20")
    assert row["status"] == "no_indicator"
    assert "the board of industrial zones and the districts each send theirs" in row["status_reason_en"]
    assert "theo mẫu “Tiến độ các dự án xây dựng”" in row["status_reason_vi"]
    assert "theo mẫu “Tiến độ các dự án xây dựng”" in row["next_step_vi"]
