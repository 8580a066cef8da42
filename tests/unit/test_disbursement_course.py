"""What is expected of a board by a day: along the course of earlier budget years where one is known, else a line."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.disbursement_rows import BN, Row, delivered, plan, register, vouchers, worked_example
from tests.unit.sql_on_rows import PROJECT, Tables, compute

YEAR_PLAN = "year_plan_without_carried_over"
COURSE = """
2023-05-10 2023 payment 30
2023-09-12 2023 payment 25
2023-10-20 2023 payment 8
2024-01-25 2023 payment 29
"""
"""Of the worked example: 30 by 30 June, 55 by 30 September, 63 by 31 October, 92 by 31 January."""
NOW = """
2024-05-15 2024 payment 20
2024-10-15 2024 payment 30
"""


def province(course: str = COURSE, period: str = "2023-01..2024-01", **extra: Any) -> dict[str, list[Row]]:
    """A board with a plan of 100 bn VND in 2024, and another office whose money of 2023 is the course."""
    return {
        "treasury_disbursement": [
            *vouchers(course, period, "2024-02-05", project="7000002", **extra),
            *vouchers(NOW, "2024-01..2024-11", "2024-12-05"),
        ],
        "investment_plan": plan(
            ("7000001", "pm_assigned", 2024, 100, "2023-12-20"), ("7000002", "pm_assigned", 2023, 100, "2022-12-20")
        ),
        "investment_projects": register(("7000001", "BQLDA1"), ("7000002", "UBND-941")),
    }


def on(rows: list[Row], day: str, board: str = "BQLDA1", denominator: str = YEAR_PLAN, year: int = 2024) -> Row:
    wanted = (board, year, dt.date.fromisoformat(day), denominator)
    (row,) = [r for r in rows if (r["board_code"], r["budget_year"], r["on_date"], r["denominator"]) == wanted]
    return row


def straight(day: str) -> Decimal:
    """The straight line of 2024, reckoned with whole days: 60 % over 274 days, then 35 over 123."""
    date = dt.date.fromisoformat(day)
    if date <= dt.date(2024, 9, 30):
        share = Decimal(60) * (date - dt.date(2023, 12, 31)).days / 274
    else:
        share = 60 + Decimal(35) * (date - dt.date(2024, 9, 30)).days / 123
    return share.quantize(Decimal("0.0001"))


@pytest.fixture(scope="module")
def along() -> list[Row]:
    return compute("disbursement_vs_target", "2024-12-10", validated=province())


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2024-01-31", "0"), ("2024-06-30", "32.7273"), ("2024-09-30", "60"), ("2024-10-31", "67.5676")],
)
def test_the_worked_course_gives_what_is_expected(along: list[Row], day: str, expected: str) -> None:
    row = on(along, day)
    assert row["expected_pct"] == Decimal(expected)
    assert (row["expected_basis"], row["expected_years"]) == ("earlier_years_course", "2023")


def test_progress_is_what_was_reached_over_what_was_expected_along_the_course(along: list[Row]) -> None:
    # 20 % on 30 June against 60 x 30/55; 50 % on 31 October against 60 + 35 x 8/37
    assert on(along, "2024-06-30")["progress_ratio"] == Decimal("0.6111")
    assert on(along, "2024-10-31")["progress_ratio"] == Decimal("0.7400")
    assert on(along, "2024-10-31")["status"] == "at_risk"


def test_where_nothing_is_expected_yet_nobody_is_behind(along: list[Row]) -> None:
    row = on(along, "2024-01-31")
    assert (row["disbursed_pct"], row["expected_pct"], row["status"]) == (0, 0, "on_track")
    assert "nothing is expected yet" in row["status_reason_en"]


def test_the_basis_stands_in_the_sentences(along: list[Row]) -> None:
    row = on(along, "2024-10-31")
    assert "67.57 % expected after the course of budget year 2023" in row["status_reason_en"]
    assert "assumption" not in row["status_reason_en"]
    assert "67,57% theo nhịp giải ngân niên độ 2023" in row["status_reason_vi"]
    item = {r["item"]: r for r in compute("directive_scorecard", "2024-12-10", validated=province())}["DIS-FY-1"]
    assert "after the course of budget year 2023" in item["status_reason_en"]
    assert "theo nhịp giải ngân niên độ 2023" in item["status_reason_vi"]


def refused_month() -> dict[str, Any]:
    rows = province()
    refused = {
        "delivery_id": "bad", "feed": "treasury_disbursement", "period": "2022-12..2023-01", "status": "rejected",
        "source_file": "treasury_disbursement__2022-12..2023-01__2023-02-05.csv", "released_on": dt.date(2023, 2, 5),
    }  # fmt: skip
    return {"validated": rows, "ledger": [*Tables(validated=rows).deliveries, refused]}


@pytest.mark.parametrize(
    "given_tables",
    [
        {"validated": province(period="2023-02..2024-01")},
        {"validated": province(period="2023-01..2023-12", course="2023-05-10 2023 payment 30")},
        refused_month(),
    ],
    ids=["begins late", "ends before the closing", "a delivery was refused"],
)
def test_a_year_that_is_not_wholly_known_has_no_course(given_tables: dict[str, Any]) -> None:
    # In each case a part of budget year 2023 is unknown; of 2024 everything is known but in the last of them.
    row = on(compute("disbursement_vs_target", "2024-12-10", **given_tables), "2024-10-31")
    assert (row["expected_basis"], row["expected_years"]) == ("straight_line_assumed", None)
    assert row["expected_pct"] == straight("2024-10-31")
    if row["disbursed_pct"] is not None:
        assert "no earlier budget year is wholly known" in row["status_reason_en"]
        assert "chưa có niên độ trước nào đủ số liệu" in row["status_reason_vi"]


def test_a_course_that_stands_still_up_to_a_milestone_is_not_used_at_all() -> None:
    rows = province(course="2023-11-10 2023 payment 30")
    for day in ("2024-06-30", "2024-10-31"):
        row = on(compute("disbursement_vs_target", "2024-12-10", validated=rows), day)
        assert (row["expected_basis"], row["expected_pct"]) == ("straight_line_assumed", straight(day))


def test_a_course_is_taken_on_the_same_denominator() -> None:
    rows = province()
    rows["treasury_disbursement"] += vouchers(
        "2023-02-10 2023 payment 100\n2023-11-10 2023 payment 1", "2023-01..2024-01", "2024-02-05",
        project="7000002", component="carried_over", prefix="C",
    )  # fmt: skip
    found = compute("disbursement_vs_target", "2024-12-10", validated=rows)
    assert on(found, "2024-06-30")["expected_pct"] == Decimal("32.7273")
    # with what was carried over 130 of 155 by the end of June and of September
    assert on(found, "2024-06-30", denominator="all_components")["expected_pct"] == Decimal("50.3226")


def test_two_earlier_years_weigh_the_same_whatever_their_size() -> None:
    rows = province()
    rows["treasury_disbursement"] += vouchers(
        "2022-06-10 2022 payment 100\n2022-08-10 2022 payment 300\n2023-01-10 2022 payment 600",
        "2022-01..2023-01", "2023-02-05", project="7000002",
    )  # fmt: skip
    row = on(compute("disbursement_vs_target", "2024-12-10", validated=rows), "2024-06-30")
    # 2022: 0.1 and 0.4 of the year; 2023: 30/92 and 55/92
    june, september = Decimal("0.1") + Decimal(30) / 92, Decimal("0.4") + Decimal(55) / 92
    assert row["expected_pct"] == (60 * june / september).quantize(Decimal("0.0001"))
    assert row["expected_years"] == "2022, 2023"


def test_milestones_come_from_the_register() -> None:
    items: list[Row] = [{k: v or None for k, v in row.items()} for row in PROJECT.seeds["directive_items"].rows()]
    for item in items:
        item["threshold"] = {"60": "50", "95": "90"}.get(item["threshold"] or "", item["threshold"])
        item["deadline_on"] = dt.date.fromisoformat(str(item["deadline_on"]))
    found = compute("disbursement_vs_target", "2024-12-10", validated=province(), seeds={"directive_items": items})
    # 50 x 30/55, and 50 + 40 x 8/37
    assert on(found, "2024-06-30")["expected_pct"] == Decimal("27.2727")
    assert on(found, "2024-10-31")["expected_pct"] == Decimal("58.6486")


def test_simulated_years_never_judge_real_money() -> None:
    rows = province(is_simulated=True)
    row = on(compute("disbursement_vs_target", "2024-12-10", validated=rows), "2024-06-30")
    assert not row["is_simulated"]
    assert (row["expected_basis"], row["expected_pct"]) == ("straight_line_assumed", straight("2024-06-30"))
    pretended = {feed: [{**r, "is_simulated": True} for r in members] for feed, members in rows.items()}
    row = on(compute("disbursement_vs_target", "2024-12-10", validated=pretended), "2024-06-30")
    assert (row["is_simulated"], row["expected_basis"]) == (True, "earlier_years_course")
    assert row["expected_pct"] == Decimal("32.7273")


def test_money_given_back_does_not_lower_what_is_expected() -> None:
    rows = province(course=COURSE + "2023-07-10 2023 refund 10\n2023-08-10 2023 payment 10")
    found = compute("disbursement_vs_target", "2024-12-10", validated=rows)
    assert on(found, "2024-07-31")["expected_pct"] == on(found, "2024-06-30")["expected_pct"] == Decimal("32.7273")


@cache
def _days() -> list[dt.date]:
    return [dt.date(2024, m + 1, 1) - dt.timedelta(1) if m < 12 else dt.date(2024, 12, 31) for m in range(1, 13)]


months = st.lists(
    st.tuples(st.integers(1, 12), st.sampled_from(["payment", "payment", "refund"]), st.integers(1, 10**12)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=8, deadline=None)
@given(months)
def test_what_is_expected_never_falls_and_meets_its_milestones(paid: list[tuple[int, str, int]]) -> None:
    lines = "\n".join(f"2023-{month:02}-15 2023 {kind} {amount}" for month, kind, amount in sorted(paid))
    rows = province(course=lines, unit=1)
    found = [
        r for r in compute("int_disbursement_expected", "2024-12-10", validated=rows)
        if (r["board_code"], r["budget_year"]) == ("BQLDA1", 2024)
    ]  # fmt: skip
    assert {r["expected_basis"] for r in found} <= {"earlier_years_course", "straight_line_assumed"}
    for denominator in {r["denominator"] for r in found}:
        course = sorted(
            (r["on_date"], r["expected_share_pct"])
            for r in found
            if r["denominator"] == denominator and not r["for_simulated"]
        )
        shares = [share for _, share in course]
        assert shares == sorted(shares)
        assert all(0 <= share <= 95 for share in shares)
        assert dict(course)[dt.date(2024, 9, 30)] == 60
        assert dict(course)[dt.date(2025, 1, 31)] == 95


# --- the curve that is drawn ----------------------------------------------------------------------------------------


def test_the_curve_goes_on_to_the_closing_and_shows_the_year_before() -> None:
    rows = province()
    rows["investment_projects"] = register(("7000001", "BQLDA1", "DIS-KEY-1"), ("7000002", "UBND-941"))
    found = compute("disbursement_s_curve", "2024-12-10", validated=rows)
    curve = {
        (r["curve_code"], r["on_date"].isoformat()): r
        for r in found
        if r["budget_year"] == 2024 and r["denominator"] == YEAR_PLAN
    }
    closing = curve["BQLDA1", "2025-01-31"]
    assert (closing["expected_pct"], closing["disbursed_pct"], closing["plan_vnd"]) == (95, None, None)
    assert curve["BQLDA1", "2024-10-31"]["disbursed_pct"] == 50
    assert curve["DIS-KEY-1", "2024-10-31"]["disbursed_pct"] == 50
    assert curve["DIS-KEY-1", "2024-10-31"]["expected_pct"] is None, "nobody asks for a share of the project"
    assert curve["PROVINCE", "2024-10-31"]["disbursed_year_before_pct"] == 63
    assert curve["PROVINCE", "2025-01-31"]["disbursed_year_before_pct"] == 92
    assert len([1 for code, _ in curve if code == "BQLDA1"]) == 366 + 31, "a point for every day until the closing"


def test_the_year_before_of_a_real_curve_is_never_simulated() -> None:
    rows = province(is_simulated=True)
    found = compute("disbursement_s_curve", "2024-12-10", validated=rows)
    board = [r for r in found if (r["curve_code"], r["budget_year"]) == ("PROVINCE", 2024)]
    assert {r["is_simulated"] for r in board} == {False}
    assert {r["disbursed_year_before_pct"] for r in board} == {None}


# --- side by side ---------------------------------------------------------------------------------------------------


def test_the_province_says_its_share_on_all_three_denominators() -> None:
    rows = worked_example()
    rows["treasury_disbursement"] += vouchers(
        "2024-06-05 2024 payment 6\n2024-06-06 2024 payment 1", "2023-11..2025-02", "2025-02-06",
        component="carried_over", prefix="C",
    )  # fmt: skip
    rows["investment_plan"] = plan(
        ("7000001", "pm_assigned", 2024, 100, "2023-12-20"), ("7000001", "carried_over", 2024, 20, "2024-02-20")
    )
    found = compute("int_disbursement_item_evidence", "2025-02-10", validated=rows)
    item = {r["item"]: r for r in found}["INV-DIS"]
    # 95 of 100, and 102 of 120
    assert item["disbursed_pct"] == 95
    assert "85 % of the whole plan with carried-over capital" in item["detail_en"]
    assert "95 % of the plan of the year without carried-over capital" in item["detail_en"]
    assert "85% toàn bộ kế hoạch vốn, gồm vốn kéo dài" in item["detail_vi"]


def test_the_largest_plans_are_counted_and_their_share_is_shown() -> None:
    codes = [f"70000{n:02}" for n in range(1, 13)]
    rows = {
        "investment_plan": plan(*((c, "pm_assigned", 2024, 10 * (n + 1), "2023-12-20") for n, c in enumerate(codes))),
        "investment_projects": register(*((c, "BQLDA1" if n % 2 else "BQLDA2") for n, c in enumerate(codes))),
        "treasury_disbursement": [
            row
            for c in codes
            for row in vouchers("2024-03-05 2024 payment 9", "2024-01..2024-09", "2024-10-05", project=c)
        ],
    }
    found = compute("int_disbursement_item_evidence", "2024-10-10", validated=rows)
    item = {r["item"]: r for r in found}["DIS-LARGE"]
    # plans 30 to 120 make 750 of 780; 9 paid on each of the ten
    assert item["disbursed_pct"] == 12
    assert "the 10 projects with the largest capital plans, 96.15 % of the plan" in item["detail_en"]
    assert "10 dự án có kế hoạch vốn lớn nhất, chiếm 96,15% kế hoạch vốn" in item["detail_vi"]


def two_years() -> dict[str, list[Row]]:
    """Plans of 200 and 100 in 2023, of 100 and 50 in 2024; by 30 September 50 and 60, then 40 and 10 are paid."""
    key, other = "7000001", "7000002"
    paid = {key: ("2023-09-10 2023 payment 50", "2024-09-10 2024 payment 40"),
            other: ("2023-09-10 2023 payment 60", "2024-09-10 2024 payment 10")}  # fmt: skip
    return {
        "investment_projects": register((key, "BQLDA1", "DIS-KEY-1"), (other, "BQLDA2"), valid_from="2023-01-01"),
        "investment_plan": plan(
            (key, "pm_assigned", 2023, 200, "2022-12-20"), (other, "pm_assigned", 2023, 100, "2022-12-20"),
            (key, "pm_assigned", 2024, 100, "2023-12-20"), (other, "pm_assigned", 2024, 50, "2023-12-20"),
        ),
        "treasury_disbursement": [
            {**row, "source_row": place} for place, row in enumerate((
                row for code, lines in paid.items()
                for row in vouchers("\n".join(lines), "2023-01..2024-09", "2024-10-05", project=code)
            ), 2)
        ],
    }  # fmt: skip


def test_tasks_of_disbursement_stand_beside_the_same_day_of_the_year_before() -> None:
    found = {r["item"]: r for r in compute("int_disbursement_item_evidence", "2024-10-10", validated=two_years())}
    assert (found["DIS-KEY-1"]["actual"], found["DIS-KEY-1"]["value_year_before"]) == (40, 25)
    # 50 of 150 now; 110 of 300 a year before
    for item in ("INV-DIS", "DIS-LARGE"):
        assert float(found[item]["actual"]) == pytest.approx(100 * 50 / 150, abs=1e-4)
        assert float(found[item]["value_year_before"]) == pytest.approx(100 * 110 / 300, abs=1e-4)
    assert found["DIS-Q3-1"]["value_year_before"] is None, "a target stands beside its threshold"


def test_the_scorecard_says_the_year_before_the_direction_and_the_age_of_a_share() -> None:
    rows = {r["item"]: r for r in compute("directive_scorecard", "2024-10-10", validated=two_years())}
    row = rows["DIS-KEY-1"]
    assert (row["value_year_before"], row["direction_of_good"], row["evidence_age_days"]) == (25, "higher", 10)
    assert "cùng kỳ năm trước 25%" in row["status_reason_vi"]
    assert "25 % a year before" in row["status_reason_en"]


def rows_under(item: str, tables: dict[str, list[Row]], day: str = "2024-10-10") -> dict[str, list[Row]]:
    """The source rows under an item by what they are to its figure, as the supplier wrote them."""
    written = {(feed, row["delivery_id"], row["source_row"]): row for feed, rows in tables.items() for row in rows}
    found: dict[str, list[Row]] = {}
    for row in compute("int_disbursement_evidence_rows", day, validated=tables):
        if row["item"] == item:
            place = row["feed"], row["delivery_id"], row["source_row"]
            found.setdefault(row["evidence_role"], []).append(written[place])
    return found


def test_the_rows_under_a_share_give_that_of_the_year_before_again() -> None:
    rows = rows_under("DIS-KEY-1", two_years())
    paid = {role: [r["amount_vnd"] for r in rows[role]] for role in rows if not role.startswith("register")}
    assert paid == {
        "plan": [100 * BN], "voucher": [40 * BN], "plan_year_before": [200 * BN], "voucher_year_before": [50 * BN],
    }  # fmt: skip
    assert [r["project_code"] for role in ("register", "register_year_before") for r in rows[role]] == ["7000001"] * 2
    everything = rows_under("INV-DIS", two_years())
    assert sum(r["amount_vnd"] for r in everything["voucher_year_before"]) == 110 * BN
    assert "plan_year_before" not in rows_under("DIS-Q3-1", two_years()), "no year before is shown of a target"


def test_a_year_before_that_is_not_shown_has_no_rows() -> None:
    tables = two_years()
    tables["treasury_disbursement"] = [
        {**row, "is_simulated": row["budget_year"] == 2023} for row in tables["treasury_disbursement"]
    ]
    assert not [role for role in rows_under("DIS-KEY-1", tables) if role.endswith("year_before")]


def test_a_key_project_is_taken_whoever_owned_it_then_and_a_board_with_what_it_owned_then() -> None:
    tables = two_years()
    key, other = "7000001", "7000002"
    tables["investment_projects"] = [
        *register((other, "BQLDA1"), valid_from="2023-01-01", released_on="2023-01-15"),
        *register((key, "BQLDA1", "DIS-KEY-1"), (other, "BQLDA2"), valid_from="2024-01-01"),
    ]
    found = {r["item"]: r for r in compute("int_disbursement_item_evidence", "2024-10-10", validated=tables)}
    assert found["DIS-KEY-1"]["value_year_before"] == 25
    taken = compute("int_disbursement_item_projects", "2024-10-10", validated=tables)
    of_board = {(r["item"], r["project_code"]) for r in taken if r["item"].startswith("DIS-Q3")}
    assert of_board == {("DIS-Q3-1", key), ("DIS-Q3-2", other)}


def test_a_project_whose_plan_was_taken_back_leaves_the_share_of_the_others_known() -> None:
    tables = two_years()
    tables["investment_projects"] = register(
        ("7000001", "BQLDA1", "DIS-KEY-1"), ("7000002", "BQLDA2", "DIS-KEY-1"), valid_from="2023-01-01"
    )
    tables["investment_plan"] = plan(
        ("7000001", "pm_assigned", 2024, 100, "2023-12-20"), ("7000002", "pm_assigned", 2024, 50, "2023-12-20"),
        ("7000002", "pm_assigned", 2024, -50, "2024-06-20"),
    )  # fmt: skip
    tables["treasury_disbursement"] = [
        row for row in tables["treasury_disbursement"] if (row["project_code"], row["budget_year"]) != ("7000002", 2024)
    ]
    found = {r["item"]: r for r in compute("int_disbursement_item_evidence", "2024-10-10", validated=tables)}
    assert (found["DIS-KEY-1"]["actual"], found["DIS-KEY-1"]["counted_vnd"]) == (40, 40 * BN)


def test_a_year_of_which_money_is_not_known_is_no_year_before() -> None:
    rows = two_years()
    rows["treasury_disbursement"] = [
        {**row, "source_file": "treasury_disbursement__2024-9M__2024-10-05.csv"}
        for row in rows["treasury_disbursement"]
        if row["budget_year"] == 2024
    ]
    found = {r["item"]: r for r in compute("int_disbursement_item_evidence", "2024-10-10", validated=rows)}
    assert (found["DIS-KEY-1"]["actual"], found["DIS-KEY-1"]["value_year_before"]) == (40, None)


def test_simulated_money_of_the_year_before_stands_beside_no_real_share() -> None:
    rows = two_years()
    rows["treasury_disbursement"] = [
        {**row, "is_simulated": row["budget_year"] == 2023} for row in rows["treasury_disbursement"]
    ]
    found = {r["item"]: r for r in compute("int_disbursement_item_evidence", "2024-10-10", validated=rows)}
    assert (found["DIS-KEY-1"]["is_simulated"], found["DIS-KEY-1"]["value_year_before"]) == (False, None)


def test_a_published_rate_stands_beside_the_one_published_a_year_before() -> None:
    said = [
        {
            "indicator": "public_investment_disbursed_rate", "area_code": "94", "period": f"{year}-10-31",
            "measure": "ratio", "value": Decimal(value), "unit": "percent", "said_on": dt.date(year, 12, 2),
            "trust": "press", "source_url": "https://example.vn", "publisher": "UBND",
            "note": "denominator: plan assigned by the Prime Minister",
        }
        for year, value in ((2023, "61.2"), (2024, "53.4"))
    ]  # fmt: skip
    published = delivered(said, "published_figures", "2023..2024", "2024-12-02")
    found = {
        r["item"]: r
        for r in compute("int_disbursement_item_evidence", "2024-12-10", validated={"published_figures": published})
    }
    row = found["INV-DIS"]
    assert (row["actual"], row["value_year_before"]) == (Decimal("53.4"), Decimal("61.2"))


def test_what_is_needed_a_day_leaves_tet_out() -> None:
    # 7 bn VND and one dong over 17 days: 23 weekdays of January 2025 less New Year and five days of Tết
    row = on(compute("disbursement_vs_target", "2025-02-10", validated=worked_example()), "2024-12-31")
    assert row["needed_vnd"] == 7 * BN + 1
    assert (row["working_days_left"], row["needed_per_working_day_vnd"]) == (17, 411_764_706)


def test_money_of_january_counts_for_the_plan_that_its_voucher_names_until_the_closing() -> None:
    text = """
    2024-12-31 2024 payment 40
    2025-01-02 2024 payment 5
    2025-01-02 2025 payment 7
    2025-01-31 2024 payment 6
    2025-02-01 2024 payment 9
    """
    rows = worked_example()
    rows["treasury_disbursement"] = vouchers(text, "2024-01..2025-02", "2025-03-05")
    rows["investment_plan"] = plan(
        ("7000001", "pm_assigned", 2024, 100, "2023-12-20"), ("7000001", "pm_assigned", 2025, 100, "2024-12-20"),
        released_on="2025-01-06",
    )  # fmt: skip
    found = compute("disbursement_vs_target", "2025-03-10", validated=rows)
    assert on(found, "2024-12-31")["disbursed_vnd"] == 40 * BN
    assert on(found, "2025-01-31")["disbursed_vnd"] == 51 * BN
    assert on(found, "2025-02-28")["disbursed_vnd"] == 51 * BN
    assert on(found, "2025-01-31", year=2025)["disbursed_vnd"] == 7 * BN
