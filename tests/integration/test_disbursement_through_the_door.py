"""A budget year worked by hand, delivered as files: what the Treasury paid, what counts, and what came too late."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.house import House, Unpublished, csv_text

BN = 10**9
SHOWN = ("delivery_quality", "directive_scorecard", "disbursement_s_curve", "disbursement_vs_target")
VOUCHERS = (
    ("2023-11-10", 2023, "advance", 30),
    ("2024-03-05", 2024, "advance", 20),
    ("2024-06-20", 2023, "payment", 30),
    ("2024-06-20", 2023, "advance_recovery", 30),
    ("2024-06-20", 2024, "payment", 25),
    ("2024-09-15", 2024, "payment", 40),
    ("2024-09-15", 2024, "advance_recovery", 12),
    ("2024-12-20", 2024, "payment", 15),
    ("2025-01-20", 2024, "payment", 10),
    ("2025-01-22", 2025, "advance", 50),
    ("2025-01-23", 2024, "refund", 3),
    ("2025-02-05", 2024, "payment", 4),
)
PROJECTS = "project_code,name,board_code,key_item,total_investment_bn,approved_on,preparation_stage,valid_from"
PLAN = "project_code,budget_year,source,plan_component,decision_no,programme,amount_vnd,decided_on"
LINES = "voucher_no,line_no,posted_on,budget_year,project_code,source,plan_component,transaction_type,amount_vnd"


@pytest.fixture(scope="module")
def house(after_an_empty_night: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house with one project, a plan of 100 bn VND for 2024, and the vouchers of three budget years."""
    built = Unpublished(after_an_empty_night.copied_to(tmp_path_factory.mktemp("worked")).root)
    project = ("7000001", "Road", "BQLDA1", "", 500, "2023-01-10", "construction", "2023-01-10")
    built.deliver("investment_projects__2024__2024-01-05.csv", csv_text(PROJECTS.split(","), project))
    plans = [
        ("7000001", year, "local", "pm_assigned", f"{year}/QD", "", amount * BN, f"{year - 1}-12-20")
        for year, amount in ((2023, 60), (2024, 100))
    ]
    built.deliver("investment_plan__2023..2024__2024-01-05.csv", csv_text(PLAN.split(","), *plans))
    lines = [
        (f"V{number}", 1, day, year, "7000001", "local", "pm_assigned", kind, amount * BN)
        for number, (day, year, kind, amount) in enumerate(VOUCHERS)
    ]
    built.deliver("treasury_disbursement__2023..2025__2025-02-08.csv", csv_text(LINES.split(","), *lines))
    built.part_night(*SHOWN)
    return built


def on(house: House, day: dt.date, year: int = 2024) -> dict[str, Any]:
    """Return the board's row of a day, on the plan of the year without carried-over capital."""
    (row,) = [
        row
        for row in house.mart("disbursement_vs_target")
        if (row["board_code"], row["budget_year"], row["on_date"], row["denominator"])
        == ("BQLDA1", year, day, "year_plan_without_carried_over")
    ]
    return row


@pytest.mark.parametrize(
    ("day", "disbursed", "status"),
    [
        (dt.date(2024, 9, 30), 73, "achieved"),
        (dt.date(2024, 12, 31), 88, "on_track"),
        (dt.date(2025, 1, 31), 95, "missed"),
    ],
)
def test_the_budget_year_decides_what_counts(house: House, day: dt.date, disbursed: int, status: str) -> None:
    row = on(house, day)
    assert row["disbursed_vnd"] == disbursed * BN
    assert row["status"] == status


def test_exactly_95_percent_is_not_above_95_percent(house: House) -> None:
    item = house.item("DIS-FY-1")
    assert (item["actual"], item["status"]) == (95, "missed")
    assert house.item("DIS-Q3-1")["status"] == "achieved"


def test_advances_are_shown_beside_what_was_paid_for_accepted_volume(house: House) -> None:
    row = on(house, dt.date(2025, 1, 31))
    assert row["advances_outstanding_vnd"] == 8 * BN
    assert row["advances_outstanding_vnd"] + row["accepted_volume_paid_vnd"] == row["disbursed_vnd"]


def test_a_payment_after_the_closing_is_a_finding_and_not_progress(house: House) -> None:
    (finding,) = [row for row in house.table("rejects", "treasury_disbursement") if row["source_row"] == 13]
    assert finding["severity"] == "warning"
    assert "2025-02-05" in finding["sentence"] or "closing" in finding["sentence"]


# --- weekly deliveries, and a negative adjustment ---------------------------------------------------------------------


def paid(day: str, amount_vnd: int, kind: str = "payment", number: str = "") -> tuple[object, ...]:
    return (f"W{day}{number}", 1, day, 2024, "7000001", "local", "pm_assigned", kind, amount_vnd)


@pytest.fixture(scope="module")
def weekly(after_an_empty_night: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A plan of 1,000 bn VND, 300 paid by the end of August, 250 more by 20 September: delivered on the 23rd."""
    built = Unpublished(after_an_empty_night.copied_to(tmp_path_factory.mktemp("weekly")).root)
    project = ("7000001", "Road", "BQLDA1", "", 5000, "2023-01-10", "construction", "2023-01-10")
    built.deliver("investment_projects__2024__2024-01-05.csv", csv_text(PROJECTS.split(","), project))
    plan = ("7000001", 2024, "local", "pm_assigned", "1/QD", "", 1000 * BN, "2023-12-20")
    built.deliver("investment_plan__2024__2024-01-05.csv", csv_text(PLAN.split(","), plan))
    lines = [paid(f"2024-0{month}-14", 40 * BN) for month in range(1, 9)]
    lines.append(paid("2024-08-20", -20 * BN, "adjustment"))
    built.deliver("treasury_disbursement__2024-01..2024-08__2024-09-05.csv", csv_text(LINES.split(","), *lines))
    week = paid("2024-09-20", 250 * BN)
    built.deliver("treasury_disbursement__2024-09__2024-09-23.csv", csv_text(LINES.split(","), week))
    return built


def test_what_is_delivered_on_the_23rd_shows_on_the_23rd_and_on_the_milestones_day(weekly: House) -> None:
    weekly.part_night(*SHOWN, as_of=dt.date(2024, 9, 23))
    row = on(weekly, dt.date(2024, 9, 22))
    assert (row["disbursed_pct"], row["adjustments_vnd"], row["working_days_left"]) == (55, -20 * BN, 5)
    assert (weekly.item("DIS-Q3-1")["actual"], weekly.item("DIS-Q3-1")["evidence_period"]) == (55, "2024-09-22")
    weekly.part_night(*SHOWN, as_of=dt.date(2024, 9, 30))
    row = on(weekly, dt.date(2024, 9, 30))
    assert (row["disbursed_pct"], row["is_final"], row["status"]) == (55, False, "at_risk")
    item = weekly.item("DIS-Q3-1")
    assert (item["actual"], item["status"]) == (55, "at_risk")
    assert "số liệu đến ngày 22/09/2024" in item["status_reason_vi"]
    assert "số chính thức có vào ngày 07/10/2024" in item["status_reason_vi"]
    points = {
        row["on_date"]: row["disbursed_vnd"]
        for row in weekly.mart("disbursement_s_curve")
        if (row["curve_code"], row["denominator"]) == ("BQLDA1", "year_plan_without_carried_over")
        and row["budget_year"] == 2024
    }
    assert [points[dt.date(2024, 9, day)] for day in (19, 20, 22, 23)] == [300 * BN, 550 * BN, 550 * BN, None]


def test_a_payment_without_its_sign_is_quarantined(weekly: House) -> None:
    name = "treasury_disbursement__2024-09__2024-09-29.csv"
    lines = [paid(f"2024-09-{day:02}", 10 * BN, number="x") for day in range(2, 28)]
    weekly.deliver(name, csv_text(LINES.split(","), *lines, paid("2024-09-27", -10 * BN, number="y")))
    weekly.part_night(*SHOWN, as_of=dt.date(2024, 9, 30))
    assert weekly.delivery(name)["rows_rejected"] == 1
    assert on(weekly, dt.date(2024, 9, 28))["disbursed_vnd"] == (550 + 26 * 10) * BN


def test_money_beyond_plan_and_total_investment_stands_among_the_findings(opened_house: House) -> None:
    """120 bn VND paid of a plan of 100 and a total investment of 110."""
    project = ("7000001", "Road", "BQLDA1", "", 110, "2023-01-10", "construction", "2023-01-10")
    opened_house.deliver("investment_projects__2024__2024-01-05.csv", csv_text(PROJECTS.split(","), project))
    plan = ("7000001", 2024, "local", "pm_assigned", "1/QD", "", 100 * BN, "2023-12-20")
    opened_house.deliver("investment_plan__2024__2024-01-05.csv", csv_text(PLAN.split(","), plan))
    lines = [paid("2024-03-14", 90 * BN), paid("2024-06-14", 30 * BN)]
    name = "treasury_disbursement__2024-6M__2024-07-05.csv"
    opened_house.deliver(name, csv_text(LINES.split(","), *lines))
    assert opened_house.quick_night(dt.date(2025, 2, 11)).failures == ()
    found = {row["rule"]: row for row in opened_house.mart("findings") if row["source_file"] == name}
    above_plan = found["disbursed_is_never_above_plan"]
    assert (above_plan["severity"], above_plan["findings"], above_plan["first_source_row"]) == ("warning", 1, 3)
    assert "dự án 7000001 (niên độ 2024) vượt 20.000.000.000 đồng" in above_plan["next_step_vi"]
    above_total = found["disbursed_is_never_above_total_investment"]
    assert "dự án 7000001 vượt 10.000.000.000 đồng" in above_total["next_step_vi"]
    (delivery,) = [row for row in opened_house.mart("delivery_quality") if row["source_file"] == name]
    assert (delivery["status"], delivery["findings_warning"]) == ("accepted", 2)
