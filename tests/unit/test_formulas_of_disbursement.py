"""The examples on disbursement in docs/formulas.md: read from the page, put through the models, they come out again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from tests.unit.disbursement_rows import BN, Row, plan, register, vouchers
from tests.unit.sql_on_rows import compute
from tests.unit.test_formulas import Example
from tests.unit.test_money_to_the_day import paced

YEAR_PLAN = "year_plan_without_carried_over"


def on(rows: list[Row], day: dt.date, denominator: str = YEAR_PLAN, board: str = "BQLDA1") -> Row:
    (row,) = [
        r
        for r in rows
        if (r["board_code"], r["on_date"], r["denominator"]) == (board, day, denominator)
        and r["budget_year"] == (day - dt.timedelta(days=31)).year
    ]
    return row


def of_one_project(example: Example) -> dict[str, list[Row]]:
    text = f"""
    2024-03-05 2024 advance {example["advance_march"]}
    2024-06-20 2024 payment {example["payment_june"]}
    2024-09-15 2024 payment {example["payment_september"]}
    2024-09-15 2024 advance_recovery {example["recovery_september"]}
    2024-12-20 2024 payment {example["payment_december"]}
    2025-01-20 2024 payment {example["payment_january"]}
    2025-01-23 2024 refund {example["refund_january"]}
    2025-02-05 2024 payment {example["payment_february"]}
    """
    return {
        "treasury_disbursement": vouchers(text, "2024-01..2025-02", "2025-02-06"),
        "investment_plan": plan(("7000001", "pm_assigned", 2024, int(example["plan"]), "2023-12-20")),
        "investment_projects": register(("7000001", "BQLDA1")),
    }


def test_what_counts_as_disbursed() -> None:
    example = Example("disbursement")
    rows = compute("disbursement_vs_target", "2025-02-10", validated=of_one_project(example))
    for name, day in (
        ("disbursed_30_september", dt.date(2024, 9, 30)),
        ("disbursed_31_december", dt.date(2024, 12, 31)),
        ("disbursed_31_january", dt.date(2025, 1, 31)),
    ):
        assert on(rows, day)["disbursed_vnd"] == example[name] * BN
    last = on(rows, dt.date(2025, 1, 31))
    assert last["advances_outstanding_vnd"] == example["advances_outstanding"] * BN
    assert (last["status"], last["needed_vnd"]) == ("missed", 1)
    assert example.all_asked()


def test_a_numerator_counts_money_on_the_components_of_its_denominator() -> None:
    example = Example("denominators")
    million = 10**6
    paid = [(name, int(example[f"paid_on_{name}"] * 1000)) for name in ("assigned", "others")]
    components = {"assigned": "pm_assigned", "others": "carried_over"}
    rows = {
        "investment_plan": plan(
            *(
                ("7000001", components[name], 2025, int(example[f"plan_{name}"] * 1000), "2024-12-20")
                for name in components
            ),
            released_on="2025-03-01",
            unit=million,
        ),
        "treasury_disbursement": [
            row
            for name, amount in paid
            for row in vouchers(
                f"2025-04-10 2025 payment {amount}", "2025-04", "2025-05-05", component=components[name], unit=million
            )
        ],
        "investment_projects": register(("7000001", "BQLDA1")),
    }
    found = compute("disbursement_vs_target", "2025-05-15", validated=rows)
    day = dt.date(2025, 4, 30)
    for denominator in ("all_components", "pm_assigned"):
        assert on(found, day, denominator, "PROVINCE")["disbursed_pct"] == example[f"rate_{denominator}"]
    assert example.all_asked()


def test_the_share_expected_by_a_day() -> None:
    example = Example("expected_share")
    june, september, october, january = (
        int(example[f"h_{day}"]) for day in ("30_june", "30_september", "31_october", "31_january")
    )
    course = f"""
    2023-05-10 2023 payment {june}
    2023-09-12 2023 payment {september - june}
    2023-10-20 2023 payment {october - september}
    2024-01-25 2023 payment {january - october}
    """
    now = vouchers("2024-05-15 2024 payment 20", "2024-01..2024-11", "2024-12-05")
    shared = {
        "investment_plan": plan(("7000001", "pm_assigned", 2024, 100, "2023-12-20")),
        "investment_projects": register(("7000001", "BQLDA1"), ("7000002", "UBND-941")),
    }
    past = vouchers(course, "2023-01..2024-01", "2024-02-05", project="7000002")
    for name, money, basis in (
        ("expected", [*past, *now], "earlier_years_course"),
        ("line", now, "straight_line_assumed"),
    ):
        rows = compute("disbursement_vs_target", "2024-12-10", validated={**shared, "treasury_disbursement": money})
        for label, day in (("30_june", dt.date(2024, 6, 30)), ("31_october", dt.date(2024, 10, 31))):
            row = on(rows, day)
            assert (row["expected_pct"], row["expected_basis"]) == (example[f"{name}_{label}"], basis)
    assert example.all_asked()


def test_what_is_needed_a_day() -> None:
    example = Example("needed_per_day")
    rows = compute("disbursement_vs_target", "2025-02-10", validated=of_one_project(Example("disbursement")))
    row = on(rows, dt.date(2024, 12, 31))
    assert row["needed_vnd"] == example["needed_vnd"]
    assert row["working_days_left"] == example["working_days"]
    assert row["needed_per_working_day_vnd"] == example["needed_per_working_day_vnd"]
    assert example["needed_per_working_day_vnd"] >= Decimal(example["needed_vnd"]) / example["working_days"]
    assert example.all_asked()


def test_the_pace_that_is_needed_and_the_best_one() -> None:
    example = Example("pace")
    best, known = int(example["best_pace"] * 10_000), int(example["known_22_september"] * 1000)
    row = on(compute("disbursement_vs_target", "2024-09-23", validated=paced(best, known)), dt.date(2024, 9, 22))
    assert row["plan_vnd"] == example["plan"] * BN
    assert (row["needed_vnd"], row["working_days_left"]) == (example["needed_vnd"], example["working_days"])
    assert (row["needed_per_working_day_pct"], row["best_pace_pct"]) == (example["pace_needed"], example["best_pace"])
    assert (row["expected_pct"], row["progress_ratio"]) == (example["expected_22_september"], example["ratio"])
    assert row["status"] == "on_track"
    assert example.all_asked()
