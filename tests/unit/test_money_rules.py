"""What counts as disbursed by rule: adjustments, closing days, the plan at each directive; who holds a board back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.disbursement_rows import BN, Row, plan, register, vouchers, worked_example
from tests.unit.sql_on_rows import PROJECT, Tables, compute

YEAR_PLAN = "year_plan_without_carried_over"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def on(rows: list[Row], on_date: str, board: str = "BQLDA1", denominator: str = YEAR_PLAN) -> Row:
    wanted = (board, 2024, day(on_date), denominator)
    (row,) = [r for r in rows if (r["board_code"], r["budget_year"], r["on_date"], r["denominator"]) == wanted]
    return row


def paid(text: str, period: str = "2024-01..2025-02", released_on: str = "2025-03-05", **extra: Any) -> list[Row]:
    return vouchers(text, period, released_on, **extra)


# --- adjustments ----------------------------------------------------------------------------------------------------


def test_an_adjustment_counts_with_its_sign_and_has_a_column_of_its_own() -> None:
    text = "2024-03-05 2024 advance 20\n2024-05-10 2024 payment 50\n2024-06-10 2024 adjustment -7"
    tables = Tables(validated={**worked_example(), "treasury_disbursement": paid(text)})
    row = on(tables.compute("disbursement_vs_target", "2025-03-10"), "2024-06-30")
    assert (row["disbursed_vnd"], row["adjustments_vnd"], row["disbursed_pct"]) == (63 * BN, -7 * BN, 63)
    assert (row["advances_outstanding_vnd"], row["accepted_volume_paid_vnd"]) == (20 * BN, 50 * BN)
    for mart in ("project_disbursement", "disbursement_s_curve"):
        newest = [r for r in tables.compute(mart, "2025-03-10") if r["budget_year"] == 2024]
        assert -7 * BN in {r["adjustments_vnd"] for r in newest}
    rows = tables.compute("int_disbursement_evidence_rows", "2025-03-10")
    assert {r["source_row"] for r in rows if r["item"] == "DIS-FY-1" and r["feed"] == "treasury_disbursement"} == {
        2,
        3,
        4,
    }


# --- closing days ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("component", "kind", "on_date", "counts"),
    [
        ("pm_assigned", "advance", "2024-12-31", True),
        ("pm_assigned", "advance", "2025-01-02", False),
        ("pm_assigned", "payment", "2025-01-31", True),
        ("pm_assigned", "payment", "2025-02-03", False),
        ("province_supplement", "adjustment", "2025-01-31", True),
        ("province_supplement", "adjustment", "2025-02-03", False),
        ("carried_over", "payment", "2024-12-31", True),
        ("carried_over", "payment", "2025-01-02", False),
    ],
)
def test_money_after_the_closing_of_its_component_and_type_is_a_finding_and_does_not_count(
    component: str, kind: str, on_date: str, counts: bool
) -> None:
    money = paid(f"2024-05-10 2024 payment 10\n{on_date} 2024 {kind} 5", component=component)
    rows = {
        "treasury_disbursement": money,
        "investment_plan": plan(("7000001", component, 2024, 100, "2023-12-20"), released_on="2024-01-05"),
        "investment_projects": register(("7000001", "BQLDA1")),
    }
    row = on(
        compute("disbursement_vs_target", "2025-03-10", validated=rows), "2025-01-31", denominator="all_components"
    )
    late = row["disbursed_vnd"] == 10 * BN
    found = compute("treasury_budget_year_against_posting", "2025-03-10", candidates={"treasury_disbursement": money})
    assert (row["disbursed_vnd"], late) == ((15 if counts else 10) * BN, not counts)
    assert [r["is_after_closing"] for r in found if r["amount_vnd"] == 5 * BN] == [not counts]
    assert {r["act"] for r in found} <= {"99/2021/NĐ-CP", "39/2019/QH14"}


def test_closing_days_are_data_with_their_act_and_whether_it_was_checked() -> None:
    rows: list[Row] = [{k: v or None for k, v in r.items()} for r in PROJECT.seeds["closing_days"].rows()]
    assert all(r["act"] and r["in_force_from"] and r["verified"] in {"true", "false"} for r in rows)
    moved = [
        {**r, "in_force_from": day(str(r["in_force_from"])), "in_force_to": r["in_force_to"] and day(r["in_force_to"]),
         "closing_month": 11 if (r["plan_component"], r["transaction_type"]) == ("pm_assigned", "payment") else 12,
         "closing_day": 30, "closes_years_later": 0}
        for r in rows
    ]  # fmt: skip
    given = {**worked_example(), "treasury_disbursement": paid("2024-11-29 2024 payment 10\n2024-12-02 2024 payment 5")}
    row = on(
        compute("disbursement_vs_target", "2025-03-10", validated=given, seeds={"closing_days": moved}), "2024-12-31"
    )
    assert row["disbursed_vnd"] == 10 * BN


# --- legal limits ---------------------------------------------------------------------------------------------------


def test_the_law_in_force_in_the_budget_year_says_the_group() -> None:
    """A total investment of 2,500 bn VND is of group A by the law of 2019 and of group B by that of 2024."""
    rows = {
        **worked_example(),
        "investment_projects": [
            {**row, "total_investment_bn": Decimal(2500), "approved_on": day("2023-01-10")}
            for row in register(("7000001", "BQLDA1"))
        ],
        "investment_plan": plan(
            ("7000001", "pm_assigned", 2024, 100, "2023-12-20"), ("7000001", "pm_assigned", 2025, 100, "2024-12-20"),
            released_on="2025-01-06",
        ),
    }  # fmt: skip
    found = {r["budget_year"]: r for r in compute("project_control", "2025-03-10", validated=rows)}
    assert (found[2024]["project_group"], found[2024]["allowed_allocation_years"]) == ("A", 6)
    assert (found[2025]["project_group"], found[2025]["allowed_allocation_years"]) == ("B", 4)


# --- the plan at the directive --------------------------------------------------------------------------------------


def second_directive(issued_on: str) -> dict[str, list[Row]]:
    """The registers with a second letter, of another day, that asks for 70 % by the end of October."""

    def read(seed: str) -> list[Row]:
        return [{k: v or None for k, v in row.items()} for row in PROJECT.seeds[seed].rows()]

    directives, items, agencies = (read(name) for name in ("directives", "directive_items", "directive_item_agencies"))
    for row in directives:
        row["issued_on"] = day(str(row["issued_on"]))
    for row in items:
        row["deadline_on"] = day(str(row["deadline_on"]))
    (letter,) = [r for r in directives if r["directive"] == "2724-UBND-TH"]
    directives.append({**letter, "directive": "9999-UBND-TH", "issued_on": day(issued_on)})
    (asked,) = [r for r in items if r["item"] == "DIS-Q3-1"]
    more = {"directive": "9999-UBND-TH", "item": "DIS-OCT-1", "threshold": "70", "deadline_on": day("2024-10-31")}
    items.append({**asked, **more})
    agencies += [{**r, "directive": "9999-UBND-TH", "item": "DIS-OCT-1"} for r in agencies if r["item"] == "DIS-Q3-1"]
    return {"directives": directives, "directive_items": items, "directive_item_agencies": agencies}


def test_the_plan_at_the_directive_is_that_of_each_directives_own_day() -> None:
    rows = worked_example()
    rows["investment_plan"] = plan(
        ("7000001", "pm_assigned", 2024, 120, "2023-12-20"), ("7000001", "pm_assigned", 2024, -20, "2024-09-20"),
        released_on="2024-09-25",
    )  # fmt: skip
    tables = Tables(validated=rows, seeds=second_directive("2024-10-05"))
    found = tables.compute("disbursement_vs_target", "2025-02-10")
    september, october = on(found, "2024-09-30"), on(found, "2024-10-31")
    assert (september["directive"], september["plan_at_directive_vnd"]) == ("2724-UBND-TH", 120 * BN)
    assert (october["directive"], october["plan_at_directive_vnd"]) == ("9999-UBND-TH", 100 * BN)
    known = {r["item"]: r["detail_en"] for r in tables.compute("int_disbursement_item_evidence", "2025-02-10")}
    assert "60.83 % of the plan in force when the directive was issued" in known["DIS-Q3-1"]
    assert "73 % of the plan in force when the directive was issued" in known["DIS-OCT-1"]


# --- who holds a board back -----------------------------------------------------------------------------------------


def test_projects_are_ranked_within_their_board_by_what_they_lie_behind() -> None:
    """Of 60 % expected by 30 September: 7000001 lies 20 of 100 behind, 7000002 54 of 300, 7000003 is 10 ahead."""
    codes = ("7000001", "7000002", "7000003", "7000004")
    amounts = {"7000001": (100, 40), "7000002": (300, 126), "7000003": (1000, 610), "7000004": (500, 1)}
    rows = {
        "treasury_disbursement": [
            row
            for code in codes
            for row in vouchers(f"2024-06-05 2024 payment {amounts[code][1]}", "2024-01..2024-09", "2024-10-04", code)
        ],
        "investment_plan": plan(*((c, "pm_assigned", 2024, amounts[c][0], "2023-12-20") for c in codes)),
        "investment_projects": register(*((c, "BQLDA1") for c in codes[:3]), ("7000004", "BQLDA2")),
    }
    tables = Tables(validated=rows)
    found = {
        r["project_code"]: r
        for r in tables.compute("project_disbursement", "2024-10-05")
        if r["denominator"] == YEAR_PLAN
    }
    shown = {c: (found[c]["shortfall_vnd"] / BN, found[c]["shortfall_rank"], found[c]["expected_pct"]) for c in codes}
    assert shown == {
        "7000001": (20, 2, 60), "7000002": (54, 1, 60), "7000003": (-10, 3, 60), "7000004": (299, 1, 60),
    }  # fmt: skip
    course = [
        r for r in tables.compute("project_disbursement_course", "2024-10-05")
        if (r["project_code"], r["denominator"]) == ("7000002", YEAR_PLAN)
    ]  # fmt: skip
    assert [str(r["on_date"]) for r in course][3:7] == ["2024-04-30", "2024-05-31", "2024-06-30", "2024-07-31"]
    by_day = {str(r["on_date"]): r for r in course}
    # a straight line: 60 x 182/274 % of 300 bn VND by 30 June, less 126
    assert by_day["2024-06-30"]["shortfall_vnd"] == round(300 * BN * 60 * 182 / 274 / 100) - 126 * BN
    assert by_day["2024-05-31"]["disbursed_pct"] == 0
    assert by_day["2024-06-30"]["disbursed_pct"] == 42
