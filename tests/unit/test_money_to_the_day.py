"""Money to the day: what is known on a milestone's own day, what the days left need, and who ever paid so fast."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.disbursement_rows import BN, Row, plan, register, vouchers
from tests.unit.sql_on_rows import PROJECT, Tables, compute

YEAR_PLAN = "year_plan_without_carried_over"
HOLIDAYS = {dt.date.fromisoformat(row["closed_on"]) for row in PROJECT.seeds["treasury_closed_days"].rows()}
MILLION = 10**6


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def working_days(first: str, last: str) -> list[dt.date]:
    """The working days of the Treasury from one day to another, both included."""
    span = (day(first) + dt.timedelta(n) for n in range((day(last) - day(first)).days + 1))
    return [d for d in span if d.weekday() < 5 and d not in HOLIDAYS]


def on(rows: list[Row], on_date: str, board: str = "BQLDA1", denominator: str = YEAR_PLAN) -> Row:
    wanted = (board, 2024, day(on_date), denominator)
    (row,) = [r for r in rows if (r["board_code"], r["budget_year"], r["on_date"], r["denominator"]) == wanted]
    return row


def item(rows: list[Row], name: str) -> Row:
    (row,) = [r for r in rows if r["item"] == name]
    return row


def to_august(amount: int = 300, planned: int = 1000, **extra: Any) -> dict[str, list[Row]]:
    """A board with a plan of 1,000 bn VND, of which 300 are paid by the end of August."""
    return {
        "treasury_disbursement": vouchers(
            f"2024-06-14 2024 payment {amount}", "2024-01..2024-08", "2024-09-05", **extra
        ),
        "investment_plan": plan(("7000001", "pm_assigned", 2024, planned, "2023-12-20"), released_on="2024-01-05"),
        "investment_projects": register(("7000001", "BQLDA1")),
    }


def to_the_22nd() -> dict[str, list[Row]]:
    """The same board, and 250 bn VND more by 20 September, delivered on the 23rd."""
    rows = to_august()
    rows["treasury_disbursement"] += vouchers("2024-09-20 2024 payment 250", "2024-09", "2024-09-23")
    return rows


def test_vouchers_delivered_on_the_23rd_show_on_the_23rd() -> None:
    tables = Tables(validated=to_the_22nd())
    row = on(tables.compute("disbursement_vs_target", "2024-09-23"), "2024-09-22")
    assert (row["disbursed_pct"], row["money_known_on"], row["is_final"]) == (55, day("2024-09-22"), False)
    scored = item(tables.compute("directive_scorecard", "2024-09-23"), "DIS-Q3-1")
    assert (scored["actual"], scored["evidence_period"]) == (55, "2024-09-22")
    assert scored["status"] in {"on_track", "at_risk", "off_track"}


def test_of_a_project_that_was_paid_nothing_since_august_that_is_known_too() -> None:
    rows = to_august()
    rows["investment_projects"] = register(("7000001", "BQLDA1", "DIS-KEY-1"), ("7000002", "BQLDA1"))
    rows["investment_plan"] = plan(
        ("7000001", "pm_assigned", 2024, 1000, "2023-12-20"), ("7000002", "pm_assigned", 2024, 500, "2023-12-20"),
        released_on="2024-01-05",
    )  # fmt: skip
    rows["treasury_disbursement"] += vouchers("2024-09-20 2024 payment 250", "2024-09", "2024-09-23", project="7000002")
    scored = item(Tables(validated=rows).compute("directive_scorecard", "2024-09-23"), "DIS-KEY-1")
    assert (scored["evidence_period"], scored["evidence_until_on"]) == ("2024-09-22", day("2024-09-22"))
    assert (scored["actual"], scored["evidence_age_days"]) == (30, 1)


def test_on_the_milestones_own_day_the_row_stands_on_the_last_day_covered() -> None:
    for today in ("2024-09-30", "2024-10-05"):
        tables = Tables(validated=to_the_22nd())
        row = on(tables.compute("disbursement_vs_target", today), "2024-09-30")
        assert (row["disbursed_pct"], row["money_known_on"], row["is_final"]) == (55, day("2024-09-22"), False)
        assert row["status"] == "at_risk"  # 55 of the 58.25 expected by the 22nd
        assert (row["working_days_left"], row["final_due_on"]) == (0, day("2024-10-07"))
        assert "số liệu đến ngày 22/09/2024" in row["status_reason_vi"]
        assert "số chính thức có vào ngày 07/10/2024" in row["status_reason_vi"]
        scored = item(tables.compute("directive_scorecard", today), "DIS-Q3-1")
        assert (scored["actual"], scored["status"], scored["evidence_period"]) == (55, "at_risk", "2024-09-22")
        assert "số liệu đến ngày 22/09/2024" in scored["status_reason_vi"]
        assert "figures to 2024-09-22" in scored["status_reason_en"]
        assert "final ones are due on 2024-10-07" in scored["status_reason_en"]


def test_what_is_overdue_is_said_to_be_so() -> None:
    row = on(compute("disbursement_vs_target", "2024-10-08", validated=to_the_22nd()), "2024-09-30")
    assert "were due on 2024-10-07 and have not come" in row["status_reason_en"]


def test_a_milestone_is_judged_once_its_money_is_final() -> None:
    rows = to_the_22nd()
    rows["treasury_disbursement"] += vouchers("2024-09-25 2024 payment 51", "2024-09", "2024-10-04", prefix="W")
    row = on(compute("disbursement_vs_target", "2024-10-05", validated=rows), "2024-09-30")
    assert (row["disbursed_pct"], row["is_final"], row["status"]) == (Decimal("60.1"), True, "achieved")


def test_what_is_delivered_on_the_milestones_own_day_is_not_final() -> None:
    rows = to_the_22nd()
    rows["treasury_disbursement"] += vouchers("2024-09-30 2024 payment 49", "2024-09", "2024-09-30", prefix="W")
    tables = Tables(validated=rows)
    row = on(tables.compute("disbursement_vs_target", "2024-09-30"), "2024-09-30")
    assert (row["disbursed_pct"], row["is_final"], row["status"]) == (Decimal("59.9"), False, "on_track")
    scored = item(tables.compute("directive_scorecard", "2024-09-30"), "DIS-Q3-1")
    assert (scored["status"], scored["evidence_period"]) == ("on_track", "2024-09-30")
    assert "1.000.000.001 đồng" in scored["status_reason_vi"]


def test_a_gap_before_the_milestone_is_said_and_the_money_before_it_stands() -> None:
    rows = to_august()
    rows["treasury_disbursement"] += vouchers("2024-10-20 2024 payment 100", "2024-10", "2024-11-05")
    found = compute("disbursement_vs_target", "2024-11-10", validated=rows)
    row = on(found, "2024-09-30")
    assert (row["disbursed_pct"], row["money_known_on"], row["is_final"]) == (30, day("2024-08-31"), False)
    assert "Thiếu chứng từ Kho bạc từ ngày 01/09/2024 đến ngày 30/09/2024" in row["status_reason_vi"]
    assert on(found, "2024-10-31")["status"] == "no_data"


def test_a_refused_month_does_not_take_away_the_weeks_that_were_accepted() -> None:
    rows = to_the_22nd()
    refused = {
        "delivery_id": "bad", "feed": "treasury_disbursement", "period": "2024-09", "status": "rejected",
        "source_file": "treasury_disbursement__2024-09__2024-10-05.csv", "released_on": day("2024-10-05"),
    }  # fmt: skip
    ledger = [*Tables(validated=rows).deliveries, refused]
    found = compute("disbursement_vs_target", "2024-10-06", validated=rows, ledger=ledger)
    assert on(found, "2024-09-22")["disbursed_pct"] == 55
    row = on(found, "2024-09-30")
    assert (row["disbursed_pct"], row["is_final"]) == (55, False)
    assert "from 2024-09-23 to 2024-09-30 (the delivery was rejected)" in row["status_reason_en"]


@pytest.mark.parametrize(("today", "left"), [("2024-09-20", 6), ("2024-09-23", 5), ("2024-08-30", 19)])
def test_days_left_count_from_the_day_after_the_run(today: str, left: int) -> None:
    """From 30 August: National Day (2 and 3 September) is closed."""
    rows = to_august()
    rows["treasury_disbursement"] = vouchers(
        "2024-06-14 2024 payment 300", "2024-01..2024-07", "2024-08-05"
    )  # what was paid in August is unknown
    row = on(compute("disbursement_vs_target", today, validated=rows), "2024-07-31")
    assert row["working_days_left"] == left == len(working_days(str(day(today) + dt.timedelta(1)), "2024-09-30"))
    assert row["needed_vnd"] == 300 * BN + 1
    assert row["needed_per_working_day_vnd"] == -(-(300 * BN + 1) // left)


def test_an_earlier_day_counts_from_itself() -> None:
    found = compute("disbursement_vs_target", "2024-09-23", validated=to_the_22nd())
    assert on(found, "2024-07-31")["working_days_left"] == len(working_days("2024-08-01", "2024-09-30"))


# --- pace -----------------------------------------------------------------------------------------------------------


def spread(first: str, last: str, total: int, best: int, component: str = "pm_assigned") -> Iterator[str]:
    """Payments on every working day, in mn VND: `best` on each of five days of June, the rest alike on the others."""
    days = working_days(first, last)
    fast = set(working_days("2024-06-10", "2024-06-14"))
    slow = [d for d in days if d not in fast]
    each, over = divmod(total - best * len(fast), len(slow))
    for d in days:
        amount = best if d in fast else each + (over if d == slow[0] else 0)
        yield f"{d} 2024 payment {amount}"


def paced(best: int, known: int = 560_000) -> dict[str, list[Row]]:
    lines = list(spread("2024-01-02", "2024-09-20", known, best))
    august = [line for line in lines if line < "2024-09"]
    september = [line for line in lines if line >= "2024-09"]
    return {
        **to_august(),
        "treasury_disbursement": [
            *vouchers("\n".join(august), "2024-01..2024-08", "2024-09-05", unit=MILLION),
            *vouchers("\n".join(september), "2024-09", "2024-09-23", unit=MILLION),
        ],
    }


@pytest.mark.parametrize(
    ("best", "status"),
    [(8_010, "on_track"), (8_001, "on_track"), (8_000, "at_risk"), (7_900, "at_risk"), (3_900, "off_track")],
)
def test_the_pace_of_the_worked_example(best: int, status: str) -> None:
    """40 bn VND and one dong in five days; the best five days paid 0.801, 0.8001, 0.80, 0.79 and 0.39 % a day."""
    tables = Tables(validated=paced(best))
    row = on(tables.compute("disbursement_vs_target", "2024-09-23"), "2024-09-22")
    assert (row["needed_vnd"], row["working_days_left"]) == (40 * BN + 1, 5)
    assert row["needed_per_working_day_pct"] == Decimal("0.8000")
    assert (row["expected_pct"], row["progress_ratio"]) == (Decimal("58.2482"), Decimal("0.9614"))
    assert (row["best_pace_pct"], row["best_pace_to_on"]) == (Decimal(best) / 10_000, day("2024-06-14"))
    assert row["status"] == status
    assert "in 5 working days" in row["status_reason_en"]
    known = item(tables.compute("int_disbursement_item_evidence", "2024-09-23"), "DIS-Q3-1")
    assert (known["actual"], known["status"]) == (56, status)
    assert "40.000.000.001 đồng trong 5 ngày làm việc, mỗi ngày 0,8% kế hoạch vốn" in known["detail_vi"]


def test_with_no_working_day_left_a_board_stands_no_better_than_on_the_last_one() -> None:
    """4 % of the plan are needed and 0.801 % is the best of a day: five times as much on the last day, and after it."""
    tables = Tables(validated=paced(8_010))
    for today, shown, left in (("2024-09-27", "2024-09-22", 1), ("2024-09-30", "2024-09-30", 0)):
        row = on(tables.compute("disbursement_vs_target", today), shown)
        assert (row["working_days_left"], row["pace_ratio"]) == (left, Decimal("4.9938"))  # 40.000000001 / 8.01
        assert row["status"] == "off_track"
        assert item(tables.compute("directive_scorecard", today), "DIS-Q3-1")["status"] == "off_track"


def test_behind_what_is_expected_is_at_risk_at_any_pace() -> None:
    row = on(compute("disbursement_vs_target", "2024-09-23", validated=paced(25_000, 550_000)), "2024-09-22")
    assert (row["progress_ratio"], row["status"]) == (Decimal("0.9442"), "at_risk")


def test_a_pace_of_another_board_or_of_money_that_moved_with_a_project_is_no_pace() -> None:
    rows = paced(7_900)
    rows["treasury_disbursement"] += vouchers(
        "2024-05-15 2024 payment 100", "2024-01..2024-08", "2024-09-05", project="7000002"
    )
    rows["investment_projects"] = register(("7000001", "BQLDA1"), ("7000002", "BQLDA2"))
    rows["investment_projects"] += register(
        ("7000001", "BQLDA1"), ("7000002", "BQLDA1"), released_on="2024-07-05", valid_from="2024-07-01"
    )
    rows["investment_plan"] = plan(
        ("7000001", "pm_assigned", 2024, 900, "2023-12-20"), ("7000002", "pm_assigned", 2024, 100, "2023-12-20")
    )
    row = on(compute("disbursement_vs_target", "2024-09-26", validated=rows), "2024-09-22")
    assert row["disbursed_vnd"] == 660 * BN
    assert row["best_pace_to_on"] != day("2024-07-01")


def test_the_closing_weeks_of_the_two_budget_years_before_count() -> None:
    rows = paced(3_900)
    past = "2024-01-25 2023 payment 40\n2024-01-30 2023 payment 1\n2022-05-10 2022 payment 99"
    rows["treasury_disbursement"] += vouchers(past, "2022-01..2024-01", "2024-02-05")
    rows["investment_plan"] += plan(
        ("7000001", "pm_assigned", 2023, 1000, "2022-12-20"), ("7000001", "pm_assigned", 2022, 900, "2021-12-20")
    )
    row = on(compute("disbursement_vs_target", "2024-09-26", validated=rows), "2024-09-22")
    # 25 September: two working days left; 99 of 900 were paid on one day of 2022
    assert (row["working_days_left"], row["best_pace_pct"]) == (2, Decimal("5.5"))
    assert row["best_pace_to_on"] == day("2022-05-11")


def test_without_a_span_as_long_the_pace_is_shown_and_not_judged() -> None:
    rows = to_august(600)
    rows["treasury_disbursement"] = vouchers("2024-02-05 2024 payment 200", "2024-02", "2024-03-05")
    row = on(compute("disbursement_vs_target", "2024-03-06", validated=rows), "2024-02-29")
    assert (row["best_pace_pct"], row["pace_ratio"], row["status"]) == (None, None, "on_track")
    assert row["needed_per_working_day_pct"] is not None
    assert "no span of as many days is known" in row["status_reason_en"]


def test_the_limits_of_pace_are_data() -> None:
    steps: list[Row] = [{k: v or None for k, v in r.items()} for r in PROJECT.seeds["status_thresholds"].rows()]
    for step in steps:
        step["maximum_pace_ratio"] = {"on_track": "2.1"}.get(str(step["status"]), step["maximum_pace_ratio"])
    found = compute("disbursement_vs_target", "2024-09-23", validated=paced(7_900), seeds={"status_thresholds": steps})
    assert on(found, "2024-09-22")["status"] == "on_track"


# --- 60 % against more than 60 % ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid", "status", "said", "said_vi"),
    [
        (600 * BN, "missed", "1 VND short", "thiếu 1 đồng"),
        (600 * BN + 3, "achieved", "3 VND above", "vượt 3 đồng"),
        (600 * BN - 9_999, "missed", "10,000 VND short", "thiếu 10.000 đồng"),
    ],
)
def test_sixty_percent_against_more_than_sixty_is_told_with_the_dong_that_decide(
    paid: int, status: str, said: str, said_vi: str
) -> None:
    rows = to_august()
    rows["treasury_disbursement"] = vouchers(
        f"2024-08-14 2024 payment {paid}", "2024-01..2024-09", "2024-10-04", unit=1
    )
    tables = Tables(validated=rows)
    known = item(tables.compute("int_disbursement_item_evidence", "2024-10-05"), "DIS-Q3-1")
    assert known["status"] == status
    assert said in known["detail_en"]
    assert said_vi in known["detail_vi"]
    assert said in on(tables.compute("disbursement_vs_target", "2024-10-05"), "2024-09-30")["status_reason_en"]


# --- every day ------------------------------------------------------------------------------------------------------

payments = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(0, 90),
        st.sampled_from(["payment", "advance", "refund", "adjustment"]),
        st.integers(1, 10**12),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=6, deadline=None)
@given(payments, st.integers(0, 90))
def test_on_every_day_parts_add_up_to_what_was_paid_by_then(
    drawn: list[tuple[int, int, str, int]], moves_after: int
) -> None:
    """Against a loop over the vouchers: boards, the province, and the parts of the sum, on each of ninety-one days."""
    first = day("2024-01-01")
    codes, boards = [f"700000{n}" for n in range(5)], ["BQLDA1", "BQLDA1", "BQLDA2", "UBND-941", "UBND-942"]
    moved_on = first + dt.timedelta(moves_after + 1)
    money = [
        row
        for number, (project, after, kind, amount) in enumerate(drawn)
        for row in vouchers(
            f"{first + dt.timedelta(after)} 2024 {kind} {amount}", "2024-01..2024-03", "2024-04-05", codes[project],
            prefix=f"N{number}", unit=1,
        )
    ]  # fmt: skip
    rows = {
        "treasury_disbursement": money,
        "investment_plan": plan(*((c, "pm_assigned", 2024, 10**6, "2023-12-20") for c in codes), unit=10**9),
        "investment_projects": [
            *register(*zip(codes, boards, strict=True)),
            *register((codes[0], "BQLDA2"), *zip(codes[1:], boards[1:], strict=True), valid_from=str(moved_on),
                      released_on="2024-04-02"),
        ],
    }  # fmt: skip
    signs = {"payment": 1, "advance": 1, "refund": -1, "adjustment": 1}
    curve = compute("disbursement_s_curve", "2024-04-10", validated={**rows, "investment_plan": [
        {**row, "released_on": day("2024-01-05")} for row in rows["investment_plan"]]})  # fmt: skip
    shown = {(r["curve_code"], r["on_date"]): r for r in curve if r["denominator"] == YEAR_PLAN}
    for after in range(91):
        today = first + dt.timedelta(after)
        owners = [*boards]
        if today >= moved_on:
            owners[0] = "BQLDA2"
        paid = dict.fromkeys(set(boards), 0)
        for project, posted, kind, amount in drawn:
            if posted <= after:
                paid[owners[project]] += signs[kind] * amount
        for board, amount in paid.items():
            row = shown.get((board, today))
            assert (row["disbursed_vnd"] if row else 0) == amount, (board, today)
        whole = shown["PROVINCE", today]
        assert whole["disbursed_vnd"] == sum(paid.values())
        assert whole["plan_vnd"] == 5 * 10**15
        adjusted = sum(a for _, p, kind, a in drawn if p <= after and kind == "adjustment")
        advanced = sum(a for _, p, kind, a in drawn if p <= after and kind == "advance")
        assert (whole["adjustments_vnd"], whole["advances_outstanding_vnd"]) == (adjusted, advanced)
