"""Services, tourism, events, social housing, planning reviews and permit answers, against arithmetic by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.disbursement_rows import Row, delivered
from tests.unit.sql_on_rows import Tables, compute
from tests.unit.test_formulas import Example

AS_OF = "2025-02-10"
LETTER = "2724-UBND-TH"


def day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def retail(group: str, *values: tuple[str, Any]) -> list[Row]:
    return [{"area_code": "94", "service_group": group, "month": m, "value_bn": Decimal(str(v))} for m, v in values]


def visits(*values: tuple[Any, ...]) -> list[Row]:
    return [
        {"month": m, "visitors": v, "overnight_visitors": o, "revenue_bn": Decimal(str(r)) if r is not None else None}
        for m, v, o, r in values
    ]


def event(event_id: str, planned_on: str | None, held_on: str | None, item: str = "KV3-TRADE") -> Row:
    return {"event_id": event_id, "item": item, "planned_on": day(planned_on), "held_on": day(held_on)}


def project(project_id: str, approved_on: str | None, started_on: str | None, dwellings: int = 100) -> Row:
    days = {"approved_on": day(approved_on), "started_on": day(started_on)}
    return {"project_id": project_id, **days, "dwellings": dwellings}


def review(review_id: str, due_on: str | None, reviewed_on: str | None) -> Row:
    days = {"due_on": day(due_on), "reviewed_on": day(reviewed_on)}
    return {"review_id": review_id, "district_code": "941", "kind": "Quy hoạch chung", **days}


def application(number: str, due_on: str | None, answered_on: str | None, outcome: str = "granted", **more: Any) -> Row:
    days = {"due_on": day(due_on), "answered_on": day(answered_on)}
    return {"application_no": number, "district_code": "941", "outcome": outcome, **days, **more}


def evidence(model: str, as_of: str = AS_OF, **validated: list[Row]) -> Row | None:
    rows = compute(f"int_{model}_item_evidence", as_of, validated=validated)
    assert len(rows) <= 1
    return rows[0] if rows else None


def card(item: str, as_of: str = AS_OF, **validated: list[Row]) -> Row:
    rows = compute("directive_scorecard", as_of, validated=validated)
    (row,) = [row for row in rows if (row["directive"], row["item"]) == (LETTER, item)]
    return row


# ── monthly marts ─────────────────────────────────────────────────────────────────────────────────────────────


def test_retail_grows_on_its_month_and_since_january() -> None:
    rows = retail("goods", ("2023-01", 100), ("2023-02", 80), ("2024-01", 90), ("2024-02", 117), ("2024-04", 50))
    found = compute("retail_services_monthly", AS_OF, validated={"retail_services": delivered(rows, "retail_services",
                    "2024", "2024-05-06")})  # fmt: skip
    by_month = {row["month"]: row for row in found}
    february = by_month["2024-02"]
    assert february["value_yoy_pct"] == Decimal("46.25"), "117 / 80"
    assert (february["value_ytd_bn"], february["value_ytd_yoy_pct"]) == (207, 15), "207 / 180"
    assert february["is_distorted_by_tet"] is True
    assert by_month["2024-04"]["value_ytd_bn"] is None, "March is missing: no sum, and no zero for it"
    assert by_month["2024-04"]["value_yoy_pct"] is None


def test_tourism_grows_on_its_month_and_since_january() -> None:
    rows = visits(
        ("2023-01", 200, 50, 10), ("2023-02", 100, 20, 5), ("2024-01", 150, 60, 11), ("2024-02", 300, None, 9)
    )
    found = compute("tourism_monthly", AS_OF, validated={"tourism": delivered(rows, "tourism", "2024", "2024-03-10")})
    by_month = {row["month"]: row for row in found}
    assert by_month["2024-01"]["visitors_yoy_pct"] == -25
    assert by_month["2024-01"]["overnight_visitors_yoy_pct"] == 20
    assert by_month["2024-01"]["revenue_yoy_pct"] == 10
    assert by_month["2024-02"]["overnight_visitors_yoy_pct"] is None
    assert (by_month["2024-02"]["visitors_ytd"], by_month["2024-02"]["visitors_ytd_yoy_pct"]) == (450, 50)


def test_the_latest_release_of_a_month_counts_and_a_later_one_not_yet() -> None:
    first = delivered(retail("goods", ("2024-01", 90)), "retail_services", "2024-01", "2024-02-06")
    later = delivered(retail("goods", ("2024-01", 95)), "retail_services", "2024-01", "2024-03-06")
    for as_of, value in (("2024-02-28", 90), ("2024-03-06", 95)):
        (row,) = compute("retail_services_monthly", as_of, validated={"retail_services": [*later, *first]})
        assert row["value_bn"] == value


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(1, 10**6), min_size=12, max_size=12), st.lists(st.integers(1, 10**6), min_size=12, max_size=12)
)
def test_months_since_january_are_the_sum_of_the_months(before: list[int], now: list[int]) -> None:
    months = [(f"{y}-{m:02d}", v[m - 1]) for y, v in ((2023, before), (2024, now)) for m in range(1, 13)]
    rows = delivered(retail("total", *months), "retail_services", "2024", "2025-01-06")
    found = {
        row["month"]: row for row in compute("retail_services_monthly", AS_OF, validated={"retail_services": rows})
    }
    for month in range(1, 13):
        row = found[f"2024-{month:02d}"]
        assert row["value_ytd_bn"] == sum(now[:month])
        exact = Decimal(sum(now[:month])) * 100 / Decimal(sum(before[:month])) - 100
        assert abs(row["value_ytd_yoy_pct"] - exact) <= Decimal("0.0001")


# ── items ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_events_held_are_set_against_those_due_by_the_plan() -> None:
    rows = [
        event("A", "2024-02-01", "2024-02-03"), event("B", "2024-03-01", None), event("C", "2024-09-01", "2024-09-01"),
        event("D", "2024-12-20", None), event("E", None, "2024-05-01"), event("F", "2023-12-01", "2024-01-05"),
        event("G", "2024-04-01", "2024-04-01", item="KV3-TOUR"),
    ]  # fmt: skip
    held = delivered(rows, "promotion_events", "2024-9M", "2024-10-10")
    row = evidence("events", promotion_events=held)
    assert row is not None
    assert row["actual"] is None, "events are no retail sales"
    assert (row["evidence_period"], row["covers_target_period"]) == ("2024-01..2024-10", False)
    assert row["detail_en"] == (
        "retail sales not known; 2 of 3 events planned by then were held, 1 outside the plan not counted"
    ), "A and C of A, B and C; D is not due, E is outside the plan, F of 2023"
    assert row["detail_vi"].startswith("chưa có số liệu bán lẻ; đã tổ chức 2/3 hoạt động")


def test_retail_sales_lead_and_the_events_stand_beside_them() -> None:
    sales = retail("total", ("2023-01", 100), ("2023-02", 100), ("2024-01", 110), ("2024-02", 104), ("2024-03", 999))
    row = evidence(
        "events",
        promotion_events=delivered([event("A", "2024-02-01", "2024-02-03")], "promotion_events", "2024", "2025-01-10"),
        retail_services=delivered(sales[:4], "retail_services", "2024", "2024-04-06"),
    )
    assert row is not None
    assert row["detail_en"] == (
        "retail sales and services, up 7 % on a year before at current prices; 1 of 1 events planned by then were held"
    )
    assert (row["actual"], row["value_year_before"], row["evidence_period"]) == (214, 200, "2024-01..2024-02")
    row = evidence("events", retail_services=delivered(sales, "retail_services", "2024", "2024-04-06"))
    assert row is not None
    assert (row["actual"], row["value_year_before"]) == (1213, None), "March of the year before is not known"
    assert row["detail_en"] == "retail sales and services"


def test_visits_add_up_over_the_period_and_compare_like_with_like() -> None:
    rows = visits(("2023-01", 1000, 10, 1), ("2024-01", 1200, 400, 1), ("2024-02", 2_000_000, 5, 1))
    row = evidence(
        "tourism",
        tourism=delivered(rows, "tourism", "2024", "2024-03-10"),
        promotion_events=delivered([event("G", "2024-01-20", None, "KV3-TOUR")], "promotion_events", "2024-Q1",
                                   "2024-04-10"),
    )  # fmt: skip
    assert row is not None
    assert (row["actual"], row["evidence_period"], row["covers_target_period"]) == (2001200, "2024-01..2024-02", False)
    assert row["detail_en"] == (
        "visits in 2 months, up 20 % on the same months a year before, 405 of them with an overnight stay; "
        "0 of 1 events planned by then were held"
    )
    assert row["detail_vi"].startswith(
        "lượt khách trong 2 tháng, tăng 20% so với cùng kỳ năm trước, trong đó 405 lượt khách lưu trú"
    )


def told_of_visits(measure: str, value: str, unit: str) -> Row:
    return {
        "indicator": "visitors", "area_code": "94", "period": "2024", "measure": measure, "value": Decimal(value),
        "unit": unit, "said_on": dt.date.fromisoformat("2024-12-02"), "trust": "press", "publisher": "Tỉnh ủy",
        "source_url": "https://example.vn", "estimate_stage": "estimate_2",
    }  # fmt: skip


def months_of_visits() -> list[Row]:
    """Twelve simulated months of 220,000 visits in 2023 and of 260,000 in 2024: up 18.18 %."""
    months = [(f"{y}-{m:02d}", v, 1, 1) for y, v in ((2023, 220_000), (2024, 260_000)) for m in range(1, 13)]
    return [{**row, "is_simulated": True} for row in delivered(visits(*months), "tourism", "2024", "2025-01-10")]


@pytest.mark.parametrize("stated", ["7.9", None])
def test_a_published_figure_grows_by_what_was_published_and_not_by_simulated_months(stated: str | None) -> None:
    said = [told_of_visits("level", "3120", "thousand_visits")]
    said += [told_of_visits("growth_yoy", stated, "percent")] if stated else []
    row = card(
        "KV3-TOUR", tourism=months_of_visits(),
        published_figures=delivered(said, "published_figures", "2024", "2024-12-02"),
    )  # fmt: skip
    assert (row["actual"], row["value_year_before"]) == (3_120_000, None)
    growth = ", tăng 7,9% so với cùng kỳ năm trước" if stated else ""
    assert (
        f"(lượt khách theo số công bố{growth}; số liệu mô phỏng kèm theo: 3.120.000 lượt khách trong 12 tháng, "
        in (row["status_reason_vi"])
    )
    assert "18" not in row["status_reason_vi"]


def test_real_months_are_not_compared_with_simulated_ones() -> None:
    told = [r for r in months_of_visits() if r["month"] < "2024"]
    real = delivered(visits(("2024-01", 300_000, 1, 1)), "tourism", "2024-01", "2024-02-10")
    row = evidence("tourism", tourism=[*told, *real])
    assert row is not None
    assert (row["actual"], row["value_year_before"], row["is_simulated"]) == (300_000, None, False)
    assert "tăng" not in row["detail_vi"]


def test_the_sentence_of_tourism_can_be_read_aloud() -> None:
    rows = delivered(visits(*((f"2024-{m:02d}", 260_000, 70_000, 1) for m in range(1, 13))), "tourism", "2024", AS_OF)
    row = card("KV3-TOUR", tourism=rows)
    assert row["status_reason_en"] == (
        "3,120,000 in 2024 (visits in 12 months, 840,000 of them with an overnight stay); "
        "higher is better; the directive sets no threshold; figures to 2024-12-31, 41 days old"
    )
    assert ": 3.120.000, năm 2024 (lượt khách trong 12 tháng, trong đó 840.000 lượt" in row["status_reason_vi"]


def test_overnight_stays_that_are_missing_are_said_and_are_no_zero() -> None:
    def detail(*stays: int | None) -> str:
        rows = visits(*((f"2024-{month:02d}", 100, known, 1) for month, known in enumerate(stays, start=1)))
        row = evidence("tourism", tourism=delivered(rows, "tourism", "2024-2M", "2024-03-10"))
        assert row is not None
        return str(row["detail_en"])

    assert detail(30, 20) == "visits in 2 months, 50 of them with an overnight stay"
    assert detail(30, None) == "visits in 2 months, 30 of them with an overnight stay (known for 1 of these months)"
    assert detail(None, None) == "visits in 2 months"


@pytest.mark.parametrize(
    ("started", "as_of", "released_on", "actual", "status"),
    [
        (["2024-03-01", "2024-06-01"], "2024-08-26", "2024-07-12", 2, "achieved"),  # early
        (["2024-03-01"], "2024-08-26", "2024-08-20", 1, "at_risk"),  # 233 of 366 days gone: 1 of 1.273, R = 0.7854
        (["2024-03-01"], "2024-09-30", "2024-09-20", 1, "at_risk"),  # 264 of 366 days: 1 of 1.443, R = 0.6932
        (["2024-03-01"], "2024-12-01", "2024-11-20", 1, "off_track"),  # 325 of 366 days: R = 0.5631
        (["2024-03-01"], "2025-01-20", "2025-01-12", 1, "missed"),
        ([], "2024-08-26", "2024-08-20", 0, "off_track"),
        (["2023-11-01", "2022-05-01"], "2025-01-20", "2025-01-12", 0, "missed"),  # started before the period
        (["2024-03-01"], "2025-01-20", "2024-11-20", 1, "off_track"),  # nobody has said yet how the year ended
    ],
)
def test_a_count_may_be_achieved_early_and_is_missed_only_when_its_period_is_over(
    started: Sequence[str], as_of: str, released_on: str, actual: int, status: str
) -> None:
    rows = [project(f"P{i}", "2021-01-01", started_on) for i, started_on in enumerate(started)]
    rows.append(project("WAITING", "2023-01-01", None))
    found = card("CON-HOUSE", as_of, social_housing=delivered(rows, "social_housing", "2024", released_on))
    assert (found["actual"], found["status"]) == (actual, status)


def test_the_progress_of_a_count_follows_the_days_gone() -> None:
    rows = delivered([project("P", "2021-01-01", "2024-03-01")], "social_housing", "2024-9M", "2024-09-20")
    row = evidence("housing", "2024-09-30", social_housing=rows)
    assert row is not None
    assert row["progress_ratio"] == Decimal("0.6932"), "1 / (2 x 264 / 366): the register speaks of 20 September"
    assert row["sign_exact_difference"] == -1


def test_a_register_that_grows_old_does_not_make_a_count_fall_behind() -> None:
    rows = delivered([project("P", "2021-01-01", "2024-05-28")], "social_housing", "2024-6M", "2024-07-12")
    days = ("2024-08-26", "2024-09-30", "2024-11-30", "2024-12-31")
    seen = [card("CON-HOUSE", as_of, social_housing=rows) for as_of in days]
    said = {(row["status"], row["progress_ratio"]) for row in seen}
    example = Example("count_due")
    asked = example["threshold"] * example["days_to_register"] / example["days_of_period"]
    assert round(example["started"] / asked, 4) == example["ratio"]
    assert said == {("at_risk", example["ratio"])}, "366 / (2 x 194)"
    assert example.all_asked()
    for row in seen:
        assert "asked by 2024-07-12" in row["status_reason_en"]


def test_a_project_without_approval_is_no_start() -> None:
    rows = [
        project("A", None, "2024-03-01"),
        project("B", "2024-05-01", "2024-03-01"),
        project("C", "2024-01-02", "2024-03-01"),
    ]
    delivery = delivered(rows, "social_housing", "2024", "2025-01-12")
    assert card("CON-HOUSE", social_housing=delivery)["actual"] == 1
    judged = compute("social_housing_starts_are_approved", AS_OF, candidates={"social_housing": delivery})
    assert {row["project_id"]: row["is_approved"] for row in judged} == {"A": False, "B": False, "C": True}


def test_the_newest_register_replaces_the_one_before() -> None:
    old = delivered([project("A", "2023-01-01", "2024-03-01")], "social_housing", "2024-6M", "2024-07-12")
    new = delivered([project("B", "2023-01-01", None)], "social_housing", "2024", "2025-01-12")
    assert card("CON-HOUSE", social_housing=[*old, *new])["actual"] == 0


def test_reviews_in_time_are_set_against_those_due() -> None:
    rows = [
        review("A", "2024-03-01", "2024-03-01"), review("B", "2024-03-01", "2024-03-02"),
        review("C", "2024-03-01", None), review("D", "2024-12-01", None), review("E", None, "2024-03-01"),
        review("F", "2023-12-31", "2023-12-01"), review("G", "2024-10-14", "2024-10-01"),
    ]  # fmt: skip
    row = evidence("duties", planning_reviews=delivered(rows, "planning_reviews", "2024-9M", "2024-10-14"))
    assert row is not None
    assert row["actual"] == 50, "A and G of A, B, C and G"
    assert row["detail_en"] == (
        "2 of 4 reviews of planning schemes due were done in time, 1 overdue and not done; 1 not yet due"
    )


APPLICATIONS = [
    application("IN-TIME", "2024-02-10", "2024-02-10"),
    application("LATE", "2024-02-10", "2024-02-11"),
    application("OVERDUE", "2024-05-10", None, "pending"),
    application("PENDING", "2024-11-10", None, "pending"),
    application("EARLY", "2024-11-11", "2024-10-01"),
    application("TAKEN-BACK", "2024-02-10", None, "withdrawn"),
    application("REFUSED", "2024-02-10", "2024-02-01", "refused"),
    application("NO-DAY", None, "2024-02-01"),
    application("OF-2023", "2023-12-31", "2024-02-01"),
]


def test_permits_answered_in_time_are_set_against_those_due() -> None:
    row = evidence("duties", building_permits=delivered(APPLICATIONS, "building_permits", "2024-9M", "2024-10-15"))
    assert row is not None
    assert row["actual"] == 50, "IN-TIME and REFUSED of these, LATE and OVERDUE"
    assert row["detail_en"] == (
        "2 of 4 applications due were answered in time, 1 overdue and unanswered; 1 not yet due"
    )


def test_an_application_due_after_its_districts_last_word_is_not_late_yet() -> None:
    rows = delivered(APPLICATIONS, "building_permits", "2024-9M", "2024-10-15")
    other = {"application_no": "X", "district_code": "942", "due_on": day("2024-11-10"), "outcome": "pending"}
    rows += delivered([other], "building_permits", "2024-Q4", "2025-01-15")
    found = compute("building_permit_answers", AS_OF, validated={"building_permits": rows})
    by_cell = {(row["district_code"], row["quarter"]): row for row in found}
    counts = ("n_due", "n_in_time", "n_late", "n_late_unanswered", "n_pending")
    assert [by_cell["941", "2024-Q1"][name] for name in counts] == [3, 2, 1, 0, 0]
    assert [by_cell["941", "2024-Q2"][name] for name in counts] == [1, 0, 1, 1, 0]
    assert [by_cell["941", "2024-Q4"][name] for name in counts] == [0, 0, 0, 0, 1]
    assert [by_cell["942", "2024-Q4"][name] for name in counts] == [1, 0, 1, 1, 0]
    assert by_cell["941", "2024-Q1"]["in_time_pct"] == Decimal("66.6667")
    assert by_cell["941", "2024-Q4"]["in_time_pct"] is None


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 700), st.one_of(st.none(), st.integers(0, 700)), st.sampled_from(["941", "942"])),
        min_size=1, max_size=40,
    )
)  # fmt: skip
def test_every_application_is_counted_once(drawn: list[tuple[int, int | None, str]]) -> None:
    start, told = dt.date(2023, 1, 1), dt.date(2024, 10, 15)
    rows = [
        {
            "application_no": f"H{i}",
            "district_code": district,
            "due_on": start + dt.timedelta(days=due),
            "answered_on": None if late is None else start + dt.timedelta(days=late),
        }
        for i, (due, late, district) in enumerate(drawn)
    ]
    delivery = delivered(rows, "building_permits", "2024-9M", told.isoformat())
    found = compute("building_permit_answers", AS_OF, validated={"building_permits": delivery})
    assert all(row["n_due"] == row["n_in_time"] + row["n_late"] for row in found)
    assert sum(row["n_due"] for row in found) == sum(row["due_on"] <= told for row in rows)
    assert sum(row["n_pending"] for row in found) == sum(
        row["due_on"] > told and row["answered_on"] is None for row in rows
    )


def level(sector: str, period: str, value: int) -> Row:
    return {"area_code": "94", "sector_code": sector, "period": period, "value_constant_bn": Decimal(value)}


def test_remaining_services_grow_together_and_name_the_slowest_and_the_fastest() -> None:
    rows = [
        level("H", "2023", 100), level("H", "2024", 110), level("K", "2023", 300), level("K", "2024", 306),
        level("G", "2023", 500), level("G", "2024", 900), level("P", "2024", 50),
    ]  # fmt: skip
    row = evidence("services", grdp=delivered(rows, "grdp", "2024", "2024-12-01"))
    assert row is not None
    assert row["actual"] == 4, "416 / 400: trade is not among them, and education has no year before"
    assert (row["evidence_period"], row["covers_target_period"]) == ("2024", True)
    assert "growth of 2 of 13 service activities" in row["detail_en"]
    assert "2 %, fastest: Transportation and storage 10 %" in row["detail_en"]
    assert "Education" in row["detail_en"].split("no data: ")[1]


def test_remaining_services_are_shown_over_the_longest_part_of_the_year() -> None:
    rows = [level("H", p, v) for p, v in (("2023-Q1", 10), ("2023-9M", 90), ("2024-Q1", 12), ("2024-9M", 99))]
    row = evidence("services", "2024-11-01", grdp=delivered(rows, "grdp", "2024-9M", "2024-10-01"))
    assert row is not None
    assert (row["evidence_period"], row["actual"], row["covers_target_period"]) == ("2024-9M", 10, False)


@pytest.mark.parametrize("item", ["PLAN32", "CON-PROJ"])
def test_an_item_without_an_honest_indicator_says_why(item: str) -> None:
    row = card(item)
    assert (row["status"], row["actual"]) == ("no_indicator", None)
    assert len(row["status_reason_en"]) > 40
    assert len(row["status_reason_vi"]) > 40


@pytest.mark.parametrize("item", ["KV3-TRADE", "KV3-TOUR", "KV3-OTHER", "CON-HOUSE", "CON-PLAN", "CON-PERMIT"])
def test_without_deliveries_an_item_has_no_data_and_no_zero(item: str) -> None:
    row = card(item)
    assert (row["status"], row["actual"]) == ("no_data", None)


def test_evidence_rows_are_those_that_the_figure_rests_on() -> None:
    permits = delivered(APPLICATIONS, "building_permits", "2024-9M", "2024-10-15")
    events = delivered([event("A", "2024-02-01", "2024-02-03"), event("B", "2024-03-01", None)], "promotion_events",
                       "2024-9M", "2024-10-10")  # fmt: skip
    tables = Tables(validated={"building_permits": permits, "promotion_events": events})
    found = [(row["source_row"], row["evidence_role"]) for row in tables.compute("int_permits_evidence_rows", AS_OF)]
    assert sorted(found) == [(2, "numerator"), (3, "denominator"), (4, "denominator"), (8, "numerator")]
    found = [(row["source_row"], row["evidence_role"]) for row in tables.compute("int_events_evidence_rows", AS_OF)]
    assert sorted(found) == [(2, "numerator"), (3, "denominator")]


def test_each_activity_rests_on_its_level_and_that_of_the_year_before() -> None:
    rows = [level("H", "2023", 100), level("H", "2024", 110), level("K", "2023", 300), level("K", "2024", 306)]
    tables = Tables(validated={"grdp": delivered(rows, "grdp", "2024", "2024-12-01")})
    found = [(row["source_row"], row["evidence_role"]) for row in tables.compute("int_services_evidence_rows", AS_OF)]
    assert sorted(found) == [(2, "year_before"), (3, "value"), (4, "year_before"), (5, "value")]


# ── rules ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_unit_wrong_by_a_thousand_shows_against_the_month_before() -> None:
    good = delivered(retail("total", ("2024-01", 8000), ("2024-02", 8100)), "retail_services", "2024-2M", "2024-03-06")
    bad = delivered(retail("total", ("2024-03", 8_200_000)), "retail_services", "2024-03", "2024-04-06")
    rows = compute("retail_services_magnitude", AS_OF, candidates={"retail_services": [*good, *bad]})
    assert [(row["month"], row["reference_period"]) for row in rows] == [("2024-03", "2024-02")]
    assert rows[0]["magnitude_ratio"] == Decimal("1012.345679")


def test_a_month_is_compared_with_itself_first_then_with_the_year_before() -> None:
    old = delivered(visits(("2023-03", 100, 10, 1), ("2024-02", 500, 10, 1)), "tourism", "2024-02", "2024-03-10")
    new = delivered(visits(("2024-02", 250, 10, 1), ("2024-03", 150, 10, 1)), "tourism", "2024-03", "2024-04-10")
    rows = compute("tourism_magnitude", AS_OF, candidates={"tourism": [*old, *new]})
    found = {(r["figure_name"], r["month"]): (r["reference_period"], r["magnitude_ratio"]) for r in rows}
    assert found["visitors", "2024-02"] == ("2024-02", Decimal("0.5"))
    assert found["visitors", "2024-03"] == ("2023-03", Decimal("1.5"))


def test_groups_are_set_against_their_total_only_where_all_are_there() -> None:
    groups = ("goods", "accommodation_food", "travel", "other_services")
    whole = [row for group in groups for row in retail(group, ("2024-01", 25))] + retail("total", ("2024-01", 91))
    part = retail("goods", ("2024-02", 25)) + retail("total", ("2024-02", 91))
    rows = delivered([*whole, *part], "retail_services", "2024-2M", "2024-03-06")
    found = {row["month"]: row for row in compute("retail_parts_add_up", AS_OF, candidates={"retail_services": rows})}
    assert (found["2024-01"]["difference_bn"], found["2024-01"]["parts_missing"]) == (-9, 0)
    assert (found["2024-02"]["difference_bn"], found["2024-02"]["parts_missing"]) == (None, 3)


def test_the_district_of_a_review_is_held_against_the_list_of_districts() -> None:
    codes = {"A": "942", "B": "999", "C": "94", "D": None}
    rows = [{**review(name, "2024-09-30", None), "district_code": code} for name, code in codes.items()]
    found = {
        row["review_id"]: row["is_known_district"]
        for row in compute("planning_reviews_against_seeds", AS_OF,
                           candidates={"planning_reviews": delivered(rows, "planning_reviews", "2024", "2024-10-14")})
    }  # fmt: skip
    assert found == {"A": True, "B": False, "C": False}


def test_events_are_set_against_the_register_and_their_plan() -> None:
    rows = [
        event("A", "2024-01-10", "2024-01-15"),
        event("B", None, "2024-01-15"),
        event("C", "2024-01-10", None, "NO"),
    ]
    found = {
        row["event_id"]: (row["is_known_item"], row["is_planned"], row["days_after_plan"])
        for row in compute("promotion_events_against_seeds", AS_OF,
                           candidates={"promotion_events": delivered(rows, "promotion_events", "2024", "2024-04-10")})
    }  # fmt: skip
    assert found == {"A": (True, True, 5), "B": (True, False, None), "C": (False, None, None)}
