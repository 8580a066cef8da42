"""Rows of plans, registers and vouchers for tests, written as short as the cases are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]
BN = 10**9

WORKED_EXAMPLE = """
2023-11-10 2023 advance 30
2024-03-05 2024 advance 20
2024-06-20 2023 payment 30
2024-06-20 2023 advance_recovery 30
2024-06-20 2024 payment 25
2024-09-15 2024 payment 40
2024-09-15 2024 advance_recovery 12
2024-12-20 2024 payment 15
2025-01-20 2024 payment 10
2025-01-22 2025 advance 50
2025-01-23 2024 refund 3
2025-02-05 2024 payment 4
"""


def delivered(rows: Iterable[Row], feed: str, period: str, released_on: str, **extra: Any) -> list[Row]:
    """The rows as one delivery would bring them."""
    name = f"{feed}__{period}__{released_on}.csv"
    lineage = {"delivery_id": f"{feed}-{period}-{released_on}", "source_file": name}
    day = dt.date.fromisoformat(released_on)
    return [{**lineage, "released_on": day, "source_row": i + 2, **extra, **row} for i, row in enumerate(rows)]


def vouchers(
    text: str,
    period: str = "2023-11..2025-02",
    released_on: str = "2025-02-06",
    project: str = "7000001",
    component: str = "pm_assigned",
    unit: int = BN,
    prefix: str = "V",
    **extra: Any,
) -> list[Row]:
    """One delivery of vouchers; a line is: posting date, budget year, type, amount in bn VND."""
    rows = []
    for number, line in enumerate(line for line in text.strip().splitlines() if line.strip()):
        posted_on, budget_year, kind, amount = line.split()
        rows.append(
            {
                "voucher_no": f"{prefix}{project}{component}{period}{number}",
                "line_no": 1,
                "posted_on": dt.date.fromisoformat(posted_on),
                "budget_year": int(budget_year),
                "project_code": project,
                "source": "local",
                "plan_component": component,
                "transaction_type": kind,
                "amount_vnd": int(amount) * unit,
            }
        )
    return delivered(rows, "treasury_disbursement", period, released_on, **extra)


def plan(*amounts: tuple[str, str, int, int, str], released_on: str = "2024-09-25", unit: int = BN) -> list[Row]:
    """One delivery of the plan; an amount is (project, component, budget year, bn VND, decided on)."""
    rows = [
        {
            "project_code": project,
            "plan_component": component,
            "budget_year": year,
            "source": "local",
            "decision_no": f"{number}/QĐ",
            "amount_vnd": amount * unit,
            "decided_on": dt.date.fromisoformat(decided_on),
        }
        for number, (project, component, year, amount, decided_on) in enumerate(amounts)
    ]
    return delivered(rows, "investment_plan", "2024", released_on)


def register(
    *projects: tuple[str, str] | tuple[str, str, str], released_on: str = "2024-01-15", valid_from: str = "2024-01-01"
) -> list[Row]:
    """One delivery of the register; a project is (code, board) or (code, board, item)."""
    rows = [
        {
            "project_code": code,
            "name": f"Dự án {code}",
            "board_code": board,
            "key_item": item[0] if item else None,
            "valid_from": dt.date.fromisoformat(valid_from),
        }
        for code, board, *item in projects
    ]
    return delivered(rows, "investment_projects", released_on[:4], released_on)


def worked_example() -> dict[str, list[Row]]:
    """One project of board 1 with a plan of 100 bn VND, as worked by hand."""
    return {
        "treasury_disbursement": vouchers(WORKED_EXAMPLE),
        "investment_plan": plan(("7000001", "pm_assigned", 2024, 100, "2023-12-20")),
        "investment_projects": register(("7000001", "BQLDA1", "DIS-KEY-1")),
    }
