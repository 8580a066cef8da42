"""The day by which what a row speaks of had come about, in SQL as the calendar has it."""

from __future__ import annotations

import duckdb
import pytest

from assets.inputs import fact_day
from dbt_like_sql.periods import parse_period
from dbt_like_sql.project import load_project

CODES = ("2024", "2024-Q1", "2024-Q4", "2024-9M", "2024-11M", "2024-02", "2024-12", "2024-10-31", "2023..2024",
         "2024-07..2024-10", "2024-09-01..2024-09-30")  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_a_period_has_come_about_on_its_last_day_and_a_delivery_speaks_from_its_first(code: str) -> None:
    project = load_project()
    last, first = fact_day(project, "validated", "grdp"), fact_day(project, "ledger", "deliveries")
    (row,) = duckdb.sql(f"select {last}, {first} from (select '{code}' as period)").fetchall()
    assert row == (parse_period(code).last_day, parse_period(code).first_day)


def test_a_voucher_has_come_about_when_it_was_posted_and_a_project_when_it_was_first_heard_of() -> None:
    project = load_project()
    assert fact_day(project, "validated", "treasury_disbursement") == "posted_on"
    assert fact_day(project, "validated", "social_housing") == "least(approved_on, started_on, completed_on)"
