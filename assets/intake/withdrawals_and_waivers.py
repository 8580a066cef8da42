"""Withdrawals and waivers, in force from the day that their rows say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assets.intake.context import Intake
from dbt_like_sql.contracts import WAIVERS, WITHDRAWALS


@dataclass(frozen=True)
class WithdrawalsAndWaivers:
    """Withdrawals and waivers in force on the day of the run, by file name, in words that anyone may read.

    Which officer made one stands in its own row alone.
    """

    withdrawn: Mapping[str, str]
    waived: Mapping[tuple[str, str], str]


def withdrawals_and_waivers(intake: Intake, feed: str) -> WithdrawalsAndWaivers:
    """Return withdrawals and waivers in force; the feeds that declare them are not subject to them."""
    if feed in (WITHDRAWALS, WAIVERS):
        return WithdrawalsAndWaivers({}, {})
    withdrawn = {
        row["delivery_file"]: f"withdrawn on {row['withdrawn_on']}: {row['reason']}"
        for row in _declared(intake, WITHDRAWALS, "withdrawn_on")
    }
    waived = {
        (row["delivery_file"], row["rule"]): f"waived on {row['waived_on']}: {row['reason']}"
        for row in _declared(intake, WAIVERS, "waived_on")
    }
    return WithdrawalsAndWaivers(withdrawn, waived)


def _declared(intake: Intake, feed: str, day: str) -> list[dict[str, Any]]:
    if feed not in intake.project.contracts or not intake.warehouse.was_built("validated", feed):
        return []
    rows = intake.warehouse.read("validated", feed).to_pylist()
    return [row for row in rows if row[day] <= intake.as_of and row["released_on"] <= intake.as_of]
