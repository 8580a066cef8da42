"""Disbursement: what counts, on which plan, in which budget year, and what is unknown."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.disbursement_rows import BN, Row, delivered, plan, register, vouchers, worked_example
from tests.unit.sql_on_rows import Tables, compute

YEAR_PLAN = "year_plan_without_carried_over"


def board_row(
    rows: list[Row], on_date: str, board: str = "BQLDA1", year: int = 2024, denominator: str = YEAR_PLAN
) -> Row:
    found = [
        row
        for row in rows
        if row["board_code"] == board
        and row["budget_year"] == year
        and row["denominator"] == denominator
        and row["on_date"] == dt.date.fromisoformat(on_date)
    ]
    assert len(found) == 1, f"{board} {year} {on_date} {denominator}: {len(found)} rows"
    return found[0]


@pytest.fixture(scope="module")
def worked() -> list[Row]:
    return compute("disbursement_vs_target", "2025-02-10", validated=worked_example())


@pytest.mark.parametrize(
    ("on_date", "share", "status"),
    [("2024-09-30", "73", "achieved"), ("2024-12-31", "88", "on_track"), ("2025-01-31", "95", "missed")],
)
def test_the_worked_example_gives_its_shares(worked: list[Row], on_date: str, share: str, status: str) -> None:
    row = board_row(worked, on_date)
    assert (row["disbursed_pct"], row["status"]) == (Decimal(share), status)
    assert row["disbursed_vnd"] == int(share) * BN


def test_exactly_95_percent_is_not_more_than_95_percent(worked: list[Row]) -> None:
    row = board_row(worked, "2025-01-31")
    assert (row["gap_pp"], row["needed_vnd"], row["status"]) == (0, 1, "missed")
    assert row["advances_outstanding_vnd"] == 8 * BN
    assert row["accepted_volume_paid_vnd"] + row["advances_outstanding_vnd"] == row["disbursed_vnd"]


def test_a_recovery_and_what_it_settles_stay_with_the_budget_year_of_the_advance(worked: list[Row]) -> None:
    paid = {r["disbursed_vnd"] for r in worked if r["budget_year"] == 2023 and r["on_date"] >= dt.date(2023, 11, 30)}
    assert paid == {30 * BN}


def test_money_on_the_plan_of_2025_does_not_count_for_2024(worked: list[Row]) -> None:
    assert board_row(worked, "2025-01-31", year=2025)["disbursed_vnd"] == 50 * BN


def test_a_payment_after_closing_is_a_finding_and_not_counted() -> None:
    rows = worked_example()
    found = compute(
        "treasury_budget_year_against_posting",
        "2025-02-10",
        candidates={"treasury_disbursement": rows["treasury_disbursement"]},
    )
    late = [row for row in found if row["is_after_closing"]]
    assert [(row["posted_on"], row["amount_vnd"]) for row in late] == [(dt.date(2025, 2, 5), 4 * BN)]
    after = compute("disbursement_vs_target", "2025-03-10", validated=rows)
    assert board_row(after, "2025-01-31")["disbursed_vnd"] == 95 * BN


def test_net_payments_leave_recoveries_out_of_the_sum() -> None:
    rows = worked_example()
    net = {("treasury_disbursement", "payments"): "net"}
    row = board_row(compute("disbursement_vs_target", "2025-02-10", validated=rows, options=net), "2025-01-31")
    assert row["disbursed_vnd"] == (20 + 25 + 40 + 15 + 10 - 3) * BN
    assert row["advances_outstanding_vnd"] == 8 * BN
    assert row["over_disbursed_vnd"] == 7 * BN
    assert row["disbursed_pct"] == 100


def test_every_rate_names_its_denominator_and_counts_money_on_it_alone() -> None:
    rows = {
        "investment_plan": plan(
            ("7000001", "pm_assigned", 2025, 8957000, "2024-12-20"),
            ("7000001", "province_supplement", 2025, 58000, "2024-12-20"),
            ("7000001", "carried_over", 2025, 610556, "2025-02-20"),
            released_on="2025-03-01",
            unit=10**6,
        ),
        "treasury_disbursement": [
            *vouchers("2025-04-10 2025 payment 1016600", "2025-04", "2025-05-05", unit=10**6),
            *vouchers("2025-04-10 2025 payment 43400", "2025-04", "2025-05-05", component="carried_over", unit=10**6),
        ],
        "investment_projects": register(("7000001", "BQLDA1")),
    }
    shares = compute("disbursement_vs_target", "2025-05-15", validated=rows)
    whole = board_row(shares, "2025-04-30", "PROVINCE", 2025, "all_components")
    assigned = board_row(shares, "2025-04-30", "PROVINCE", 2025, "pm_assigned")
    assert (whole["disbursed_pct"], assigned["disbursed_pct"]) == (Decimal("11.0124"), Decimal("11.3498"))


def test_cutting_a_plan_raises_its_rate_but_not_that_on_the_plan_of_the_directive() -> None:
    rows = worked_example()
    rows["investment_plan"] = plan(
        ("7000001", "pm_assigned", 2024, 120, "2023-12-20"), ("7000001", "pm_assigned", 2024, -20, "2024-09-20")
    )
    row = board_row(compute("disbursement_vs_target", "2025-02-10", validated=rows), "2024-09-30")
    assert (row["plan_vnd"], row["plan_at_directive_vnd"]) == (100 * BN, 120 * BN)
    assert row["disbursed_pct"] == 73
    assert row["disbursed_of_plan_at_directive_pct"] == Decimal("60.8333")


def test_over_disbursement_is_a_finding_and_no_progress() -> None:
    rows = {
        "treasury_disbursement": [
            *vouchers("2024-03-05 2024 payment 120", "2024-01..2024-09", "2024-10-05"),
            *vouchers("2024-03-05 2024 payment 50", "2024-01..2024-09", "2024-10-05", project="7000002"),
        ],
        "investment_plan": plan(
            ("7000001", "pm_assigned", 2024, 100, "2023-12-20"), ("7000002", "pm_assigned", 2024, 100, "2023-12-20")
        ),
        "investment_projects": register(("7000001", "BQLDA1"), ("7000002", "BQLDA1")),
    }
    tables = Tables(validated=rows)
    row = board_row(tables.compute("disbursement_vs_target", "2024-10-10"), "2024-09-30")
    assert (row["disbursed_vnd"], row["over_disbursed_vnd"], row["disbursed_pct"]) == (170 * BN, 20 * BN, 75)
    over = [r for r in tables.compute("disbursed_within_plan", "2024-10-10") if r["over_disbursed_vnd"] > 0]
    assert [r["project_code"] for r in over] == ["7000001"]


def beyond_plan_and_total_investment() -> tuple[list[Row], list[Row], dict[str, list[Row]]]:
    """130 paid of a plan of 100 and of a total investment of 125; 50 of 100 of another project are in order."""
    first = vouchers("2024-03-05 2024 payment 90", "2024-01..2024-08", "2024-09-05")
    last = vouchers("2024-09-10 2024 payment 40", "2024-09", "2024-10-05")
    sound = vouchers("2024-03-05 2024 payment 50", "2024-01..2024-08", "2024-09-05", project="7000002")
    total = {"7000001": 125, "7000002": 500}
    projects = register(("7000001", "BQLDA1"), ("7000002", "BQLDA1"))
    rows = {
        "treasury_disbursement": [*first, *sound, *last],
        "investment_plan": plan(
            ("7000001", "pm_assigned", 2024, 100, "2023-12-20"), ("7000002", "pm_assigned", 2024, 100, "2023-12-20")
        ),
        "investment_projects": [{**row, "total_investment_bn": total[row["project_code"]]} for row in projects],
    }
    return first, last, rows


def test_money_beyond_plan_and_beyond_total_investment_are_findings_of_the_last_vouchers_delivery() -> None:
    first, last, rows = beyond_plan_and_total_investment()
    sound = [row for row in rows["treasury_disbursement"] if row["project_code"] == "7000002"]
    tables = Tables(validated=rows)
    found = {row["rule"]: row for row in tables.compute("findings", "2024-10-10")}
    assert found.keys() == {"disbursed_is_never_above_plan", "disbursed_is_never_above_total_investment"}
    for row in found.values():
        assert (row["delivery_id"], row["severity"], row["findings"]) == (last[0]["delivery_id"], "warning", 1)
    above_plan = found["disbursed_is_never_above_plan"]["next_step_vi"]
    assert above_plan.startswith(
        "1 khoản của 1 dự án giải ngân vượt kế hoạch vốn được giao, nhiều nhất là dự án 7000001 (niên độ 2024) vượt "
        "30.000.000.000 đồng. Tìm quyết định giao vốn còn thiếu"
    )
    above_total = found["disbursed_is_never_above_total_investment"]
    assert (
        "vượt tổng mức đầu tư được duyệt, nhiều nhất là dự án 7000001 vượt 5.000.000.000 đồng."
        in above_total["next_step_vi"]
    )
    assert "by 5,000,000,000 VND" in above_total["next_step_en"]
    quality = {row["delivery_id"]: row["findings_warning"] for row in tables.compute("delivery_quality", "2024-10-10")}
    assert (quality[last[0]["delivery_id"]], quality[first[0]["delivery_id"]]) == (2, 0)
    before = Tables(validated={**rows, "treasury_disbursement": [*first, *sound]})
    assert before.compute("findings", "2024-10-10") == []
    assert before.compute("findings", "2024-09-10") == []  # before any plan came there is nothing to be beyond of


def test_money_beyond_a_plan_is_waived_as_any_other_finding() -> None:
    _, last, rows = beyond_plan_and_total_investment()
    waived = {
        "rule": "disbursed_is_never_above_plan", "officer": "Trần Thị B", "waived_on": dt.date(2024, 10, 8),
        "reason": "Quyết định 95/QĐ-UBND đang trình", "delivery_file": last[0]["source_file"],
    }  # fmt: skip
    idle = {**waived, "rule": "disbursed_is_never_above_the_sky"}
    rows["finding_waivers"] = delivered([waived, idle], "finding_waivers", "2024", "2024-10-08")
    tables = Tables(validated=rows)
    found = {row["rule"]: row for row in tables.compute("findings", "2024-10-10")}
    above_plan, above_total = (
        found[rule] for rule in ("disbursed_is_never_above_plan", "disbursed_is_never_above_total_investment")
    )
    assert (above_plan["findings"], above_plan["findings_waived"], above_total["findings_waived"]) == (1, 1, 0)
    assert above_plan["next_step_vi"].endswith("Đã được chấp nhận ngày 08/10/2024: Quyết định 95/QĐ-UBND đang trình")
    quality = {row["source_file"]: row for row in tables.compute("delivery_quality", "2024-10-10")}
    row = quality[last[0]["source_file"]]
    assert (row["findings_warning"], row["findings_waived"]) == (1, 1)
    assert row["reason_vi"].startswith(
        "Đã chấp nhận phát hiện: ngày 08/10/2024, Quyết định 95/QĐ-UBND đang trình. 1 cảnh báo. "
    )
    assert row["reason_en"].startswith("Findings waived: on 2024-10-08, Quyết định 95/QĐ-UBND đang trình. 1 warning. ")
    assert "beyond the plan" not in row["reason_en"], "what was waived needs nothing more"
    assert "Trần Thị B" not in row["reason_vi"], "who waived is known to the office alone"
    # only the waiver of a rule that found nothing is waived in vain
    assert "sky" in quality["finding_waivers__2024__2024-10-08.csv"]["reason_en"]
    assert quality["finding_waivers__2024__2024-10-08.csv"]["findings_warning"] == 1
    day_before = Tables(validated=rows).compute("findings", "2024-10-07")
    assert [row["findings_waived"] for row in day_before] == [0, 0]


def monthly(*months: int, **extra: Any) -> list[Row]:
    """Ten bn VND in each month given, one delivery a month."""
    rows: list[Row] = []
    for month in months:
        period, released_on = f"2024-{month:02}", f"2024-{month + 1:02}-05"
        rows += vouchers(f"2024-{month:02}-15 2024 payment 10", period, released_on, **extra)
    return rows


def test_a_missing_month_is_unknown_and_never_zero_progress() -> None:
    rows = {**worked_example(), "treasury_disbursement": monthly(1, 2, 3, 4, 5, 6, 7, 8, 10)}
    found = compute("disbursement_vs_target", "2024-11-10", validated=rows)
    before, milestone, after = (board_row(found, day) for day in ("2024-08-31", "2024-09-30", "2024-10-31"))
    assert before["disbursed_pct"] == 80
    assert (after["disbursed_vnd"], after["disbursed_pct"], after["status"]) == (None, None, "no_data")
    assert (milestone["money_known_on"], milestone["is_final"]) == (dt.date(2024, 8, 31), False)
    for row in (milestone, after):
        assert "2024-09-01 to 2024-09-30" in row["status_reason_en"]
        assert "01/09/2024 đến ngày 30/09/2024" in row["status_reason_vi"]


def test_a_refused_first_month_is_unknown_too() -> None:
    rows = {**worked_example(), "treasury_disbursement": monthly(2, 3)}
    ledger = Tables(validated=rows).deliveries
    refused = {
        "delivery_id": "bad",
        "feed": "treasury_disbursement",
        "source_file": "treasury_disbursement__2024-01__2024-02-05.csv",
        "period": "2024-01",
        "released_on": dt.date(2024, 2, 5),
        "status": "rejected",
    }
    found = compute("disbursement_vs_target", "2024-04-10", validated=rows, ledger=[*ledger, refused])
    assert board_row(found, "2024-03-31")["disbursed_pct"] is None
    assert "rejected" in board_row(found, "2024-03-31")["status_reason_en"]


def test_a_milestone_beyond_the_data_stands_on_the_newest_money_and_is_not_judged() -> None:
    rows = {**worked_example(), "treasury_disbursement": monthly(1, 2, 3, 4, 5, 6, 7, 8)}
    found = compute("disbursement_vs_target", "2024-11-10", validated=rows)
    row = board_row(found, "2024-09-30")
    assert (row["disbursed_pct"], row["money_known_on"], row["is_final"]) == (80, dt.date(2024, 8, 31), False)
    assert row["status"] == "on_track"
    assert max(r["on_date"] for r in found) == dt.date(2024, 9, 30)


def test_the_same_day_is_replayed_from_what_was_released_by_then() -> None:
    first = vouchers("2024-03-05 2024 payment 40", "2024-01..2024-03", "2024-04-05")
    restated = [
        {**row, "amount_vnd": 45 * BN, "delivery_id": "later", "released_on": dt.date(2024, 6, 1)} for row in first
    ]
    rows = {**worked_example(), "treasury_disbursement": [*first, *restated]}
    rows["investment_plan"] = plan(("7000001", "pm_assigned", 2024, 100, "2023-12-20"), released_on="2024-01-10")
    then = board_row(compute("disbursement_vs_target", "2024-05-01", validated=rows), "2024-03-31")
    now = board_row(compute("disbursement_vs_target", "2024-06-10", validated=rows), "2024-03-31")
    assert (then["disbursed_pct"], now["disbursed_pct"]) == (40, 45)


def test_a_later_plan_of_another_year_does_not_wipe_out_this_one() -> None:
    rows = worked_example()
    rows["investment_plan"] += [
        {**row, "delivery_id": "p2", "released_on": dt.date(2025, 1, 5), "budget_year": 2025}
        for row in rows["investment_plan"]
    ]
    found = compute("disbursement_vs_target", "2025-02-10", validated=rows)
    assert board_row(found, "2025-01-31")["plan_vnd"] == 100 * BN
    assert board_row(found, "2025-01-31", year=2025)["disbursed_pct"] == 50


def test_what_was_paid_before_a_project_moved_stays_with_its_old_board() -> None:
    rows = worked_example()
    rows["investment_projects"] += register(("7000001", "BQLDA2"), released_on="2024-11-05", valid_from="2024-11-01")
    found = compute("disbursement_vs_target", "2025-02-10", validated=rows)
    assert board_row(found, "2024-09-30")["disbursed_pct"] == 73
    assert board_row(found, "2024-12-31", "BQLDA2")["disbursed_pct"] == 88


def test_money_of_a_project_without_a_register_counts_for_the_province_alone() -> None:
    rows = worked_example()
    rows["investment_projects"] = register(("7000009", "BQLDA1"))
    tables = Tables(validated=rows)
    found = tables.compute("disbursement_vs_target", "2025-02-10")
    assert board_row(found, "2024-09-30", "PROVINCE")["disbursed_pct"] == 73
    assert board_row(found, "2024-09-30", "UNASSIGNED")["disbursed_pct"] == 73
    assert board_row(found, "2024-09-30")["status"] == "no_data"
    assert not any(r["is_in_register"] for r in tables.compute("disbursed_within_plan", "2025-02-10"))


def test_a_recovery_above_the_open_advance_is_found() -> None:
    rows = vouchers("2024-03-05 2024 advance 10\n2024-04-05 2024 advance_recovery 12\n2024-04-05 2024 payment 12")
    found = compute("treasury_recoveries_within_advances", "2025-02-10", candidates={"treasury_disbursement": rows})
    assert [r["open_advance_vnd"] for r in found] == [-2 * BN]


def test_a_plan_in_the_wrong_unit_is_caught() -> None:
    first = plan(("7000001", "pm_assigned", 2024, 100, "2023-12-20"), released_on="2024-01-10")
    wrong = plan(("7000001", "pm_assigned", 2024, 100, "2023-12-20"), released_on="2024-02-10", unit=BN // 1000)
    found = compute("investment_plan_balance", "2025-02-10", candidates={"investment_plan": [*first, *wrong]})
    assert sorted(r["magnitude_ratio"] for r in found) == [Decimal("0.001"), 1]


def test_the_published_share_is_set_against_the_computed_one() -> None:
    said = {
        "indicator": "public_investment_disbursed_rate", "area_code": "94", "period": "2024-10-31", "measure": "ratio",
        "value": Decimal("53.4"), "unit": "percent", "said_on": dt.date(2024, 12, 2), "publisher": "Tỉnh ủy Sóc Trăng",
        "source_url": "https://example.vn",
    }  # fmt: skip
    rows = {**worked_example(), "published_figures": delivered([said], "published_figures", "2024", "2024-12-10")}
    found = compute("published_against_computed_disbursement", "2025-02-10", validated=rows)
    assert [(r["computed_value"], r["difference_pp"]) for r in found] == [(73, Decimal("19.6"))]


def test_working_days_leave_out_weekends_and_the_tet_closing(worked: list[Row]) -> None:
    # January 2025 has 23 weekdays; 1 January and 27 to 31 January are holidays.
    assert board_row(worked, "2024-12-31")["working_days_left"] == 17


amounts = st.integers(min_value=0, max_value=10**15)


@settings(max_examples=8, deadline=None)
@given(paid=amounts, planned=st.integers(min_value=1, max_value=10**15))
def test_the_run_rate_put_back_gives_the_target(paid: int, planned: int) -> None:
    rows = worked_example()
    rows["treasury_disbursement"] = vouchers(
        f"2024-08-05 2024 payment {paid or 1}", "2024-01..2024-08", "2024-09-05", unit=1
    )
    rows["investment_plan"] = plan(
        ("7000001", "pm_assigned", 2024, planned, "2023-12-20"), released_on="2024-01-10", unit=1
    )
    row = board_row(compute("disbursement_vs_target", "2024-09-10", validated=rows), "2024-08-31")
    counted = int(row["disbursed_vnd"] - row["over_disbursed_vnd"])
    daily, days = int(row["needed_per_working_day_vnd"]), row["working_days_left"]
    if daily:
        assert (counted + daily * days) * 100 > 60 * planned
        assert (counted + int(row["needed_vnd"]) - 1) * 100 <= 60 * planned
        assert (daily - 1) * days < row["needed_vnd"]
    else:
        assert counted * 100 > 60 * planned


projects = st.lists(
    st.tuples(
        st.sampled_from(["BQLDA1", "BQLDA2", "UBND-941"]),
        st.integers(0, 10**12),
        st.integers(1, 10**12),
        st.sampled_from(["pm_assigned", "province_supplement", "carried_over"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=6, deadline=None)
@given(projects)
def test_rows_add_up_from_projects_to_boards_to_the_province(drawn: list[tuple[str, int, int, str]]) -> None:
    codes = [f"7{number:06}" for number in range(len(drawn))]
    rows = {
        "treasury_disbursement": [
            row
            for code, (_, paid, _, component) in zip(codes, drawn, strict=True)
            for row in vouchers(
                f"2024-02-05 2024 payment {paid + 1}", "2024-01..2024-03", "2024-04-05", code, component, 1
            )
        ],
        "investment_plan": plan(
            *((c, part, 2024, planned, "2023-12-20") for c, (_, _, planned, part) in zip(codes, drawn, strict=True)),
            released_on="2024-01-10",
            unit=1,
        ),
        "investment_projects": register(*((c, board) for c, (board, *_) in zip(codes, drawn, strict=True))),
    }
    tables = Tables(validated=rows)
    boards = tables.compute("disbursement_vs_target", "2024-04-10")
    shown = tables.compute("project_disbursement", "2024-04-10")
    for denominator in {r["denominator"] for r in shown}:
        day = [r for r in boards if r["on_date"] == dt.date(2024, 3, 31) and r["denominator"] == denominator]
        parts = [r for r in shown if r["denominator"] == denominator]
        for column in ("plan_vnd", "disbursed_vnd", "over_disbursed_vnd"):
            province = sum(r[column] or 0 for r in day if r["board_code"] == "PROVINCE")
            assert province == sum(r[column] or 0 for r in day if r["board_code"] != "PROVINCE")
            assert province == sum(r[column] or 0 for r in parts)
        assert sorted(r["remaining_rank"] for r in parts) == list(range(1, len(parts) + 1))
