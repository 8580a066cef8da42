"""A quick night on a few of the samples against what their simulator knows of obstacles, control and reports."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest

from pipeline.settings import PROJECT_ROOT
from tests.house import House


def truth(feed: str) -> dict[tuple[str, str], str]:
    """What the simulator planted and counted: (record, what) to value."""
    path = PROJECT_ROOT / "samples" / "ground_truth" / "follow_up.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {(r["record"], r["what"]): r["value"] for r in csv.DictReader(file) if r["feed"] == feed}


def test_obstacles_resolved_in_time_are_those_of_the_simulator(province: House) -> None:
    known = {what: int(value) for (record, what), value in truth("obstacles").items() if record == "2024"}
    in_time, due = known["due_and_in_time"], sum(known.values())
    row = province.item("INV-HELP")
    assert row["actual"] == (Decimal(100 * in_time) / due).quantize(Decimal("0.0001"))
    assert f"{in_time} of {due} obstacles due were resolved in time" in row["status_reason_en"]
    assert f"{in_time} trong {due} vướng mắc đến hạn được giải quyết đúng hạn" in row["status_reason_vi"]
    assert (row["status"], row["is_simulated"]) == ("monitored", True)


def test_totals_raised_are_those_planted(province: House) -> None:
    planted = {record: Decimal(value) for (record, _), value in truth("investment_projects").items()}
    raised = {
        r["project_code"]: r["total_investment_change_bn"]
        for r in province.mart("project_control")
        if r["budget_year"] == 2024 and r["is_total_investment_held"] is False
    }
    assert raised == planted
    row = province.item("INV-CTRL")
    assert row["actual"] == Decimal(100 * (40 - len(planted))) / 40
    assert f"{len(planted)} raised, by {sum(planted.values()):.0f} bn VND together" in row["status_reason_en"]


@pytest.mark.parametrize(
    ("what", "rule"),
    [
        ("not_reported", "unpaid_volume_is_reported"),
        ("value_in_million", "unpaid_volume_is_in_dong"),
        ("site_falls_without_note", "site_never_falls_without_a_note"),
    ],
)
def test_what_is_planted_in_the_reports_is_found(province: House, what: str, rule: str) -> None:
    ((code, week),) = [record.split() for record, name in truth("project_progress") if name == what]
    rows = {r["source_row"]: r for r in province.table("validated", "project_progress")}
    named = {
        (rows[f["source_row"]]["project_code"], rows[f["source_row"]]["week"])
        for f in province.table("rejects", "project_progress")
        if rule in f["rule"]
    }
    assert named == {(code, week)}


def test_preparation_is_told_in_words_that_can_be_read_aloud(province: House) -> None:
    row = province.item("INV-PREP")
    assert "of 40 projects with a plan are past preparation" in row["status_reason_en"]
    assert "trong 40 dự án có kế hoạch vốn đã hoàn tất chuẩn bị" in row["status_reason_vi"]
    assert row["status"] == "monitored"


def test_what_the_boards_reported_stands_beside_disbursement(province: House) -> None:
    shown = [r for r in province.mart("project_disbursement") if r["accepted_unpaid_week"] is not None]
    assert {r["accepted_unpaid_week"] for r in shown} == {"2025-W01"}
    silent = [r for r in province.mart("project_disbursement") if r["accepted_unpaid_week"] is None]
    assert {r["accepted_unpaid_vnd"] for r in silent} == {None}
