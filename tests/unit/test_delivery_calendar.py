"""The calendar of deliveries, against a calendar on the wall: days due, days received, who waits."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.unit.sql_on_rows import compute

Row = dict[str, Any]


def sent(feed: str, period: str, released_on: str, status: str = "accepted") -> Row:
    return {
        "delivery_id": f"{feed}{period}{released_on}", "feed": feed, "period": period, "supplier": "Sở Công Thương",
        "source_file": f"{feed}__{period}__{released_on}.csv", "released_on": dt.date.fromisoformat(released_on),
        "status": status, "is_superseded": False,
    }  # fmt: skip


def row_of(feed: str, period: str, as_of: str, *ledger: Row) -> Row:
    (row,) = [
        row
        for row in compute("delivery_calendar", as_of, ledger=ledger)
        if (row["feed"], row["period"]) == (feed, period)
    ]
    return row


@pytest.mark.parametrize(
    ("feed", "period", "due_on"),
    [
        ("tourism", "2024-09", "2024-10-10"),  # ten days after its month, a Thursday
        ("tourism", "2024-10", "2024-11-11"),  # 10 November 2024 is a Sunday
        ("grdp", "2024-Q4", "2025-01-02"),  # 1 January is a holiday
        ("construction_frame", "2024", "2025-02-03"),  # 31 January 2025 lies in the holidays of Tết, a Friday
        ("treasury_disbursement", "2024-08", "2024-09-09"),  # 7 September 2024 is a Saturday
    ],
)
def test_a_period_is_due_on_the_working_day_that_its_contract_says(feed: str, period: str, due_on: str) -> None:
    row = row_of(feed, period, "2025-02-10")
    assert row["due_on"] == dt.date.fromisoformat(due_on)
    days = (dt.date(2025, 2, 10) - row["due_on"]).days
    assert (row["status"], row["received_on"], row["days_late"]) == ("late", None, days)


def test_nothing_is_late_on_the_day_that_it_is_due_and_nobody_waits_before_its_period_is_over() -> None:
    assert row_of("tourism", "2024-09", "2024-10-10")["status"] == "due"
    assert row_of("tourism", "2024-09", "2024-10-10")["items_waiting"] == "2724-UBND-TH KV3-TOUR"
    assert row_of("tourism", "2024-09", "2024-09-30")["items_waiting"] is None
    late = row_of("tourism", "2024-09", "2024-10-11")
    assert (late["status"], late["days_late"]) == ("late", 1)


def test_what_came_is_received_on_the_day_in_its_name_and_is_late_by_that_day() -> None:
    """A range answers for each of its months; the first accepted delivery counts, and no later one."""
    ledger = [sent("tourism", "2024-07..2024-09", "2024-10-15"), sent("tourism", "2024-09", "2024-12-01")]
    assert {
        period: (row["status"], row["received_on"], row["days_late"], row["items_waiting"])
        for period in ("2024-08", "2024-09", "2024-10")
        for row in [row_of("tourism", period, "2024-12-31", *ledger)]
    } == {
        "2024-08": ("in", dt.date(2024, 10, 15), 35, None),
        "2024-09": ("in", dt.date(2024, 10, 15), 5, None),
        "2024-10": ("late", None, 50, "2724-UBND-TH KV3-TOUR"),
    }


def test_a_refused_delivery_is_not_in_until_a_later_one_is_accepted() -> None:
    refused = sent("tourism", "2024-09", "2024-10-09", "rejected")
    row = row_of("tourism", "2024-09", "2024-10-12", refused)
    assert (row["status"], row["received_on"], row["days_late"]) == ("refused", dt.date(2024, 10, 9), 2)
    row = row_of("tourism", "2024-09", "2024-10-12", refused, sent("tourism", "2024-09", "2024-10-12"))
    assert (row["status"], row["received_on"], row["days_late"]) == ("in", dt.date(2024, 10, 12), 2)


def test_a_withdrawn_delivery_never_came() -> None:
    assert row_of("tourism", "2024-09", "2024-10-12", sent("tourism", "2024-09", "2024-10-09", "withdrawn"))[
        "status"
    ] == ("late")


def test_an_estimate_in_its_last_month_is_in_and_part_of_a_month_is_not() -> None:
    assert row_of("grdp", "2024-Q4", "2025-01-10", sent("grdp", "2024", "2024-12-01"))["status"] == "in"
    early = sent("tourism", "2024", "2024-08-01")
    assert row_of("tourism", "2024-12", "2025-01-20", early)["status"] == "late"
    assert row_of("tourism", "2024-07", "2025-01-20", early)["status"] == "in"


def test_nothing_was_asked_for_before_the_first_directive() -> None:
    row = row_of("tourism", "2024-05", "2024-09-30")
    assert (row["status"], row["due_on"], row["days_late"]) == ("not_expected", dt.date(2024, 6, 10), None)


def test_a_feed_that_promises_no_day_has_what_it_sent() -> None:
    row = row_of("project_progress", "2024-Q3", "2024-12-01", sent("project_progress", "2024-Q3", "2024-10-03"))
    assert (row["status"], row["due_on"], row["received_on"], row["days_late"]) == (
        "in", None, dt.date(2024, 10, 3), None,
    )  # fmt: skip
