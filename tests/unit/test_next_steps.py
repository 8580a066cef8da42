"""What is to be done next: how much by when, whose it is, and what was due and has not come."""

from __future__ import annotations

from decimal import Decimal

from tests.unit.disbursement_rows import Row, delivered, plan, register, vouchers
from tests.unit.sql_on_rows import compute

LETTER = "2724-UBND-TH"
SEPTEMBER = "2024-09-20"


def steps(as_of: str, **validated: list[Row]) -> dict[str, Row]:
    rows = compute("directive_scorecard", as_of, validated=validated)
    return {row["item"]: row for row in rows if row["directive"] == LETTER}


def of_boards(*projects: tuple[str, str]) -> dict[str, list[Row]]:
    """Two projects with a plan of 100 bn VND each, of which 20 are disbursed, known to the end of August."""
    money = [vouchers("2024-05-15 2024 payment 20", "2024-01..2024-08", "2024-09-05", project=p) for p, _ in projects]
    return {
        "treasury_disbursement": [row for rows in money for row in rows],
        "investment_plan": plan(
            *((p, "pm_assigned", 2024, 100, "2023-12-20") for p, _ in projects), released_on="2024-01-05"
        ),
        "investment_projects": register(*projects),
    }


def test_a_board_behind_its_milestone_is_told_how_much_by_when_and_which_project_first() -> None:
    """60 of 100 asked for, 20 known: 40 bn VND in the six working days from 20 to 30 September."""
    row = steps(SEPTEMBER, **of_boards(("7000001", "BQLDA1")))["DIS-Q3-1"]
    assert row["status"] == "off_track"
    a_day = (Decimal(40) / 6).quantize(Decimal("0.01"))
    assert row["next_step_vi"].startswith(
        f"Giải ngân thêm 40 tỷ đồng trước ngày 30/09/2024, mỗi ngày làm việc {str(a_day).replace('.', ',')} tỷ đồng"
    )
    # on a straight line 60 % of 274 days on 31 August, the 244th day: 53.43 of 100
    short = (Decimal(60) * 244 / 274 - 20).quantize(Decimal("0.01"))
    assert f"(chậm {str(short).replace('.', ',')} tỷ đồng so với mức cần có)" in row["next_step_vi"]
    assert row["next_step_en"].startswith("Disburse 40 bn VND more by 2024-09-30, 6.67 bn VND each working day")


def test_a_milestone_that_has_passed_asks_for_no_more_money_a_day() -> None:
    row = steps("2024-10-10", **of_boards(("7000001", "BQLDA1")))["DIS-Q3-1"]
    assert "mỗi ngày làm việc" not in row["next_step_vi"]


def test_what_was_due_and_has_not_come_is_asked_for_by_period_and_day() -> None:
    pond = {
        "district_code": "941", "species": "brackish_shrimp",
        "stocked_ha": Decimal(100), "damaged_ha": Decimal(1),
    }  # fmt: skip
    told = delivered([pond | {"month": "2023-07"}, pond | {"month": "2023-08"}], "aquaculture", "2023-8M", "2023-09-15")
    row = steps(SEPTEMBER, aquaculture=told)["KV1-ENV"]
    assert (row["status"], row["next_step_agency"]) == ("no_data", "SNNPTNT")
    assert row["next_step_vi"] == "Gửi số liệu tháng 08/2024: hạn 16/09/2024, đã chậm 4 ngày"
    assert row["next_step_en"] == "Deliver the figures of 2024-08, which were due on 2024-09-16, 4 days ago"
