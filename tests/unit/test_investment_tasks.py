"""Obstacles, control and preparation of projects, and what the boards report: counted by hand on few rows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.rules import rules_of_feed, rules_of_model
from expectations.runner import judge
from tests.unit.disbursement_rows import BN, Row, delivered, plan, register, vouchers
from tests.unit.sql_on_rows import PROJECT, Tables, compute


def day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def cases(*lines: tuple[str, str, str | None, str | None], released_on: str = "2025-01-10", **extra: Any) -> list[Row]:
    """One delivery of obstacles; a case is (code, raised, due, resolved)."""
    rows = [
        {
            "case_id": code, "agency_code": "SKHDT", "raised_on": day(raised), "due_on": day(due),
            "resolved_on": day(resolved), "kind": "đất đai",
        }
        for code, raised, due, resolved in lines
    ]  # fmt: skip
    return delivered(rows, "obstacles", "2024", released_on, **extra)


def item(name: str, as_of: str, **validated: list[Row]) -> Row | None:
    """What is known of an item; the sentences of the scorecard are looked at in a night of the samples."""
    model = "int_obstacles_item_evidence" if name == "INV-HELP" else "int_investment_item_evidence"
    found = {row["item"]: row for row in compute(model, as_of, validated=validated)}
    return found.get(name)


def known(name: str, as_of: str, **validated: list[Row]) -> Row:
    row = item(name, as_of, **validated)
    assert row is not None
    return row


ON_TIME = ("A", "2024-03-01", "2024-03-31", "2024-03-31")
LATE = ("B", "2024-03-01", "2024-03-31", "2024-04-01")
OPEN = ("C", "2024-11-01", "2024-12-01", None)
NOT_YET = ("D", "2024-12-20", "2025-01-31", None)
YEAR_BEFORE = ("E", "2023-03-01", "2023-03-31", "2023-03-15")
NO_DAY = ("F", "2024-03-01", None, "2024-03-05")
BACKWARDS = ("G", "2024-03-10", "2024-03-31", "2024-03-01")


def test_obstacles_count_when_their_day_has_come() -> None:
    row = known("INV-HELP", "2025-02-10", obstacles=cases(ON_TIME, LATE, OPEN, NOT_YET, YEAR_BEFORE, NO_DAY, BACKWARDS))
    assert (row["actual"], row["covers_target_period"], row["evidence_period"]) == (Decimal("33.3333"), True, "2024")
    said = row["detail_en"]
    assert "1 of 3 obstacles due were resolved in time; 1 later, 1 still open after their day" in said
    assert "without a due day: 1" in said
    assert "resolved before it was raised: 1" in said
    assert "1 trong 3 vướng mắc đến hạn được giải quyết đúng hạn" in row["detail_vi"]


@pytest.mark.parametrize(("begun", "covered"), [("2023-01-01", True), ("2023-01-02", False)])
def test_a_year_before_is_given_only_where_the_register_had_begun(begun: str, covered: bool) -> None:
    first = ("H", begun, "2023-02-28", None)
    told = {"obstacles": cases(ON_TIME, YEAR_BEFORE, first)}
    row = known("INV-HELP", "2025-02-10", **told)
    assert row["value_year_before"] == (50 if covered else None)
    why = "chưa so được với cùng kỳ năm trước vì sổ theo dõi chỉ có vướng mắc tiếp nhận từ ngày 02/01/2023"
    assert (why in row["detail_vi"]) is not covered
    rows = compute("int_obstacles_evidence_rows", "2025-02-10", validated=told)
    assert sum(r["evidence_role"] == "year_before" for r in rows) == (2 if covered else 0)


def test_what_is_due_after_the_last_delivery_is_not_yet_late() -> None:
    row = known("INV-HELP", "2025-02-10", obstacles=cases(ON_TIME, OPEN, released_on="2024-11-20"))
    assert (row["actual"], row["evidence_period"]) == (100, "2024-11-20")
    assert "not yet due: 1" in row["detail_en"]


def test_a_case_sent_again_counts_as_it_stands_last() -> None:
    before = cases(OPEN, released_on="2024-12-05")
    after = cases((*OPEN[:3], "2024-11-30"), released_on="2025-01-10")
    assert known("INV-HELP", "2024-12-10", obstacles=[*before, *after])["actual"] == 0
    assert known("INV-HELP", "2025-01-10", obstacles=[*before, *after])["actual"] == 100


def test_simulated_cases_do_not_stand_in_for_real_ones() -> None:
    rows = [*cases(ON_TIME), *cases(LATE, released_on="2025-02-01", is_simulated=True)]
    row = known("INV-HELP", "2025-02-10", obstacles=rows)
    assert (row["actual"], row["is_simulated"]) == (100, False)


def test_without_cases_due_there_is_no_share() -> None:
    assert item("INV-HELP", "2025-02-10", obstacles=cases(NOT_YET)) is None
    assert item("INV-HELP", "2025-02-10") is None


days = st.integers(0, 400).map(lambda n: dt.date(2024, 1, 1) + dt.timedelta(n))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(days, st.integers(0, 60), st.one_of(st.none(), st.integers(0, 90))), min_size=1, max_size=12))
def test_counts_are_those_of_a_loop_and_evidence_rows_are_the_cases_counted(
    drawn: list[tuple[dt.date, int, int | None]],
) -> None:
    last_day = dt.date(2025, 1, 10)
    lines = []
    due = in_time = 0
    for number, (raised, term, lasted) in enumerate(drawn):
        if raised > last_day:
            continue
        until = raised + dt.timedelta(term)
        resolved = None if lasted is None or raised + dt.timedelta(lasted) > last_day else raised + dt.timedelta(lasted)
        lines.append((f"K{number}", raised.isoformat(), until.isoformat(), resolved and resolved.isoformat()))
        if until.year == 2024:
            due += 1
            in_time += resolved is not None and resolved <= until
    tables = Tables(validated={"obstacles": cases(*lines)})
    found = tables.compute("int_obstacles_item_evidence", "2025-02-10")
    rows = tables.compute("int_obstacles_evidence_rows", "2025-02-10")
    if not due:
        assert found == rows == []
        return
    assert found[0]["actual"] == (Decimal(100 * in_time) / due).quantize(Decimal("0.0001"))
    assert len(rows) == due
    assert sum(r["evidence_role"] == "numerator" for r in rows) == in_time


# --- control and preparation ----------------------------------------------------------------------------------------


def entries(
    *projects: tuple[str, int | None, str], released_on: str = "2024-01-15", valid_from: str = "2023-01-01"
) -> list[Row]:
    """One delivery of the register; an entry is (code, total investment in bn VND, stage)."""
    rows = register(*((code, "BQLDA1") for code, _, _ in projects), released_on=released_on, valid_from=valid_from)
    for row, (_, total, stage) in zip(rows, projects, strict=True):
        row |= {"total_investment_bn": total, "preparation_stage": stage, "approved_on": row["valid_from"]}
    return rows


def three_projects() -> dict[str, list[Row]]:
    """One project as approved, one raised from 100 to 130, one whose total nobody knows; all with a plan for 2024."""
    codes = ("7000001", "7000002", "7000003")
    return {
        "investment_projects": [
            *entries((codes[0], 500, "construction"), (codes[1], 100, "tender"), (codes[2], None, "construction")),
            *entries((codes[0], 500, "construction"), (codes[1], 100, "tender"), (codes[2], None, "construction"),
                     released_on="2024-10-15"),
            *entries((codes[1], 130, "site_clearance"), released_on="2024-11-15", valid_from="2024-11-01"),
        ],
        "investment_plan": plan(*((code, "pm_assigned", 2024, 10, "2023-12-20") for code in codes)),
        "treasury_disbursement": [
            *vouchers("2024-01-09 2024 advance 2", "2024-01..2024-12", "2025-01-05", project=codes[0]),
            *vouchers("2024-02-28 2024 payment 2", "2024-01..2024-12", "2025-01-05", project=codes[1]),
        ],
    }  # fmt: skip


def test_a_total_raised_above_its_first_approval_is_not_held() -> None:
    row = known("INV-CTRL", "2025-02-10", **three_projects())
    assert row["actual"] == 50
    assert "1 of 2 projects with a plan hold the total investment" in row["detail_en"]
    assert "1 raised, by 30 bn VND together" in row["detail_en"]
    assert "unknown to the register: 1" in row["detail_en"]
    assert "1 dự án tăng tổng mức, tổng cộng 30 tỷ đồng" in row["detail_vi"]
    assert "giá trị hợp đồng của từng dự án chưa có nguồn số liệu: các ban quản lý dự án" in row["detail_vi"]


@pytest.mark.parametrize("name", ["INV-CTRL", "INV-PREP"])
def test_a_register_speaks_of_the_day_it_came_out_and_of_no_later_one(name: str) -> None:
    rows = three_projects()
    for today in ("2024-11-20", "2025-02-10"):
        row = known(name, today, **rows)
        assert (row["evidence_period"], row["covers_target_period"]) == ("2024-11-15", False)
    rows["investment_projects"] += entries(("7000001", 500, "construction"), released_on="2025-01-06")
    row = known(name, "2025-02-10", **rows)
    assert (row["evidence_period"], row["covers_target_period"]) == ("2024", True)


def test_the_raise_counts_from_the_day_it_was_released() -> None:
    assert known("INV-CTRL", "2024-11-10", **three_projects())["actual"] == 100


def test_a_raise_written_over_the_first_approval_is_seen_all_the_same() -> None:
    rows = three_projects()
    rows["investment_projects"] = [
        *entries(("7000001", 500, "construction")),
        *entries(("7000001", 501, "construction"), released_on="2024-06-15"),
    ]
    (row,) = [
        r for r in compute("project_control", "2025-02-10", validated=rows)
        if (r["project_code"], r["budget_year"]) == ("7000001", 2024)
    ]  # fmt: skip
    assert (row["first_total_investment_bn"], row["total_investment_change_bn"]) == (500, 1)
    assert row["is_total_investment_held"] is False


def test_preparation_says_stages_days_and_who_has_spent_nothing() -> None:
    row = known("INV-PREP", "2025-02-10", **three_projects())
    # 2 of 3 are past preparation; 20 days to 9 January and 70 to 28 February, 45 in the middle
    assert row["actual"] == Decimal("66.6667")
    said = row["detail_en"]
    assert "2 of 3 projects with a plan are past preparation; not yet: site clearance 1" in said
    assert "45 days from plan decision to first disbursement at the median" in said
    assert "1 with a plan and no disbursement by 2024-12-31" in said
    assert "1 dự án có vốn chưa giải ngân đến ngày 31/12/2024" in row["detail_vi"]


def test_without_treasury_data_nobody_is_said_to_have_spent_nothing() -> None:
    rows = {**three_projects(), "treasury_disbursement": []}
    assert "no Treasury data say what was disbursed" in known("INV-PREP", "2025-02-10", **rows)["detail_en"]
    assert {r["is_without_disbursement"] for r in compute("project_control", "2025-02-10", validated=rows)} == {None}


@pytest.mark.parametrize(
    ("total", "years", "group", "held"),
    [(119, 3, "C", True), (119, 4, "C", False), (120, 4, "B", True), (2300, 6, "A", True), (2300, 7, "A", False)],
)
def test_years_of_allocation_follow_the_group_of_the_total_investment(
    total: int, years: int, group: str, held: bool
) -> None:
    decided = [("7000001", "pm_assigned", year, 5, f"{year - 1}-12-20") for year in (2024 - years + 1, 2024)]
    rows = {
        "investment_plan": plan(*decided), "investment_projects": entries(("7000001", total, "construction")),
    }  # fmt: skip
    found = compute("project_control", "2025-02-10", validated=rows)
    (row,) = [r for r in found if r["budget_year"] == 2024]
    assert (row["allocation_years"], row["project_group"], row["is_allocation_held"]) == (years, group, held)


def test_evidence_rows_are_the_entries_decisions_and_first_vouchers() -> None:
    rows = compute("int_investment_evidence_rows", "2025-02-10", validated=three_projects())
    roles = {
        (name, role): len([r for r in rows if (r["item"], r["evidence_role"]) == (name, role)])
        for name in ("INV-CTRL", "INV-PREP")
        for role in ("value", "first_approval", "plan", "voucher")
    }
    assert roles == {
        ("INV-CTRL", "value"): 3,
        ("INV-CTRL", "first_approval"): 3,
        ("INV-CTRL", "plan"): 3,
        ("INV-CTRL", "voucher"): 0,
        ("INV-PREP", "value"): 3,
        ("INV-PREP", "first_approval"): 0,
        ("INV-PREP", "plan"): 3,
        ("INV-PREP", "voucher"): 2,
    }
    assert {r["delivery_id"] for r in rows if r["evidence_role"] == "value"} == {
        "investment_projects-2024-2024-10-15", "investment_projects-2024-2024-11-15",
    }  # fmt: skip


# --- what the boards report -----------------------------------------------------------------------------------------


def reports(*lines: tuple[str, int | None, str | None, str | None], project: str = "7000001") -> list[Row]:
    """One delivery of progress reports; a report is (week, unpaid in bn VND, site in %, note)."""
    rows = [
        {
            "project_code": project, "week": week, "accepted_unpaid_vnd": None if unpaid is None else unpaid * BN,
            "site_handed_over_pct": site and Decimal(site), "note": note,
        }
        for week, unpaid, site, note in lines
    ]  # fmt: skip
    return delivered(rows, "project_progress", "2024", "2025-01-20")


def with_reports(*lines: tuple[str, int | None, str | None, str | None]) -> dict[str, list[Row]]:
    return {
        "investment_plan": plan(("7000001", "pm_assigned", 2024, 100, "2023-12-20"),
                                ("7000009", "pm_assigned", 2024, 100, "2023-12-20")),
        "investment_projects": register(("7000001", "BQLDA1"), ("7000009", "BQLDA1")),
        "treasury_disbursement": vouchers("2024-06-05 2024 payment 60", "2024-01..2025-01", "2025-02-05"),
        "project_progress": reports(*lines),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("week", "ends_on"),
    [("2024-W01", "2024-01-07"), ("2024-W52", "2024-12-29"), ("2025-W01", "2025-01-05"), ("2020-W53", "2021-01-03"),
     ("2023-W01", "2023-01-08"), ("2026-W10", "2026-03-08")],
)  # fmt: skip
def test_a_week_ends_on_its_sunday(week: str, ends_on: str) -> None:
    (row,) = compute(
        "stg_project_progress", "2026-12-31", validated={"project_progress": reports((week, 1, None, None))}
    )
    assert row["week_ends_on"] == day(ends_on) == dt.date.fromisocalendar(int(week[:4]), int(week[6:]), 7)


def test_what_is_accepted_and_unpaid_stands_beside_and_is_never_zero_for_nothing_said() -> None:
    rows = with_reports(("2024-W48", 5, "80", None), ("2024-W52", 7, "85", None), ("2025-W01", None, "90", None))
    shown = {
        (r["project_code"], r["denominator"]): r
        for r in compute("project_disbursement", "2025-02-10", validated=rows)
        if r["budget_year"] == 2024
    }
    row = shown["7000001", "pm_assigned"]
    assert (row["accepted_unpaid_week"], row["accepted_unpaid_vnd"], row["site_handed_over_pct"]) == (
        "2025-W01",
        None,
        90,
    )
    assert row["disbursed_vnd"] == 60 * BN
    silent = shown["7000009", "pm_assigned"]
    assert (silent["accepted_unpaid_week"], silent["accepted_unpaid_vnd"]) == (None, None)
    before = compute("project_disbursement", "2025-02-10", validated=with_reports(("2024-W52", 7, "85", None)))
    assert {r["accepted_unpaid_vnd"] for r in before if r["project_code"] == "7000001"} == {7 * BN}


def found_by(model: str, column: str, rows: dict[str, list[Row]], kind: str = "validated") -> list[tuple[Any, Any]]:
    found = compute(model, "2025-02-10", **{kind: rows})
    return [(r["week"], r[column]) for r in sorted(found, key=lambda r: r["week"])]


def test_a_site_that_shrinks_needs_a_note() -> None:
    rows = {"project_progress": reports(
        ("2024-W01", 1, "80", None), ("2024-W02", 1, "70", None), ("2024-W03", 1, "60", "thu hồi"),
        ("2024-W04", 1, "60", None),
    )}  # fmt: skip
    explained = found_by("project_progress_course", "is_fall_explained", rows, "candidates")
    assert explained == [("2024-W01", True), ("2024-W02", False), ("2024-W03", True), ("2024-W04", True)]


def test_an_amount_in_the_wrong_unit_jumps_by_a_thousand() -> None:
    rows = {"project_progress": reports(("2024-W01", 5, "80", None), ("2024-W02", 5000, "80", None))}
    ratios = found_by("project_progress_course", "magnitude_ratio", rows, "candidates")
    assert ratios == [("2024-W01", None), ("2024-W02", 1000)]


def test_unpaid_volume_is_set_against_what_remained_when_it_was_reported() -> None:
    rows = with_reports(("2024-W20", 90, "80", None), ("2024-W40", 45, "80", None), ("2024-W44", 40, "80", None))
    beyond = found_by("accepted_unpaid_within_plan", "beyond_plan_vnd", rows)
    # 100 remained in May, 40 since June
    assert beyond == [("2024-W20", -10 * BN), ("2024-W40", 5 * BN), ("2024-W44", 0)]


def test_a_register_in_the_wrong_unit_is_no_raise() -> None:
    rows = [
        *entries(("7000001", 500, "construction")),
        *entries(("7000001", 500_000, "construction"), released_on="2024-06-15"),
    ]
    found = compute("investment_projects_magnitude", "2025-02-10", candidates={"investment_projects": rows})
    assert [r["magnitude_ratio"] for r in found] == [1000]


LINEAGE: Row = {"delivery_id": "d1", "released_on": dt.date(2025, 1, 20), "source_file": "f.csv"}
GOOD: dict[str, Row] = {
    "obstacles": {
        "case_id": "A", "agency_code": "SXD", "raised_on": dt.date(2024, 3, 1), "due_on": dt.date(2024, 3, 31),
        "resolved_on": dt.date(2024, 3, 31), "kind": "đất đai",
    },
    "project_progress": {
        "project_code": "7000001", "week": "2024-W39", "accepted_unpaid_vnd": 5 * BN, "site_handed_over_pct": 80,
        "material_shortage_m3": 0,
    },
}  # fmt: skip
FAULTS: tuple[tuple[str, str, Row], ...] = (
    ("obstacles", "obstacle_has_a_due_day", {"due_on": None}),
    ("obstacles", "resolved_after_raised", {"resolved_on": dt.date(2024, 2, 28)}),
    ("obstacles", "due_after_raised", {"due_on": dt.date(2024, 2, 28)}),
    ("obstacles", "kind_is_known", {"kind": None}),
    ("project_progress", "unpaid_volume_is_in_dong", {"accepted_unpaid_vnd": 5000}),
    ("project_progress", "unpaid_volume_is_of_one_project", {"accepted_unpaid_vnd": 30_000 * BN}),
    ("project_progress", "shortage_is_in_cubic_metres", {"material_shortage_m3": 50_000_000}),
    ("project_progress", "unpaid_volume_is_reported", {"accepted_unpaid_vnd": None}),
    ("project_progress", "site_is_reported", {"site_handed_over_pct": None}),
)


def failing(feed: str) -> dict[str, set[int]]:
    """Rules that fail, with the rows that they name: row 1 is right, row n + 2 has the nth fault of its feed."""
    key = PROJECT.contracts[feed].key[0]
    changes = [change for name, _, change in FAULTS if name == feed]
    rows = [{**LINEAGE, "source_row": 1, **GOOD[feed]}]
    for i, change in enumerate(changes):
        code = f"70001{i:02}" if key == "project_code" else f"X{i}"
        rows.append({**LINEAGE, "source_row": i + 2, **GOOD[feed], key: code, **change})
    tables = Tables(validated={feed: rows}, ledger=[])
    relation = tables.engine.sql(f"select * from {tables._relation('validated', feed)} order by source_row")
    report = judge(rules_of_feed(PROJECT, feed), relation.to_arrow_table())
    assert not [r for r in report.results if r.outcome == "errored"], report
    return {r.check: {row["source_row"] for row in r.failing_rows} for r in report.results if r.outcome == "failed"}


@pytest.mark.parametrize("feed", GOOD)
def test_each_rule_of_a_feed_finds_its_fault_and_no_other_row(feed: str) -> None:
    wanted = {check: {i + 2} for i, check in enumerate(c for f, c, _ in FAULTS if f == feed)}
    found = failing(feed)
    assert {check: rows for check, rows in found.items() if check in wanted} == wanted
    assert 1 not in set().union(*found.values())


@pytest.mark.parametrize(
    ("model", "tables", "check"),
    [
        (
            "obstacles_against_seeds",
            {"candidates": {"obstacles": [{**row, "agency_code": "NOBODY"} for row in cases(ON_TIME)]}},
            "agency_is_in_register",
        ),
        (
            "project_progress_course",
            {"candidates": {"project_progress": reports(("2024-W01", 1, "80", None), ("2024-W02", 1, "70", None))}},
            "site_never_falls_without_a_note",
        ),
        (
            "project_progress_course",
            {"candidates": {"project_progress": reports(("2024-W01", 1, "80", None), ("2024-W02", 5000, "80", None))}},
            "unpaid_volume_keeps_its_magnitude",
        ),
        (
            "accepted_unpaid_within_plan",
            {"validated": with_reports(("2024-W40", 45, "80", None))},
            "unpaid_volume_fits_the_plan",
        ),
        (
            "investment_projects_magnitude",
            {
                "candidates": {
                    "investment_projects": [
                        *entries(("7000001", 500, "construction")),
                        *entries(("7000001", 500_000, "construction"), released_on="2024-06-15"),
                    ]
                }
            },
            "total_investment_keeps_its_magnitude",
        ),
        ("project_control", {"validated": three_projects()}, "total_investment_is_not_raised"),
    ],
)  # fmt: skip
def test_a_rule_across_rows_fails_on_its_fault(model: str, tables: dict[str, Any], check: str) -> None:
    built = Tables(**tables)
    built.build([model], "2025-02-10")
    suite = rules_of_model(PROJECT, PROJECT.models[model])
    assert suite is not None
    report = judge(suite, built.engine.sql(f'select * from "{model}"').to_arrow_table())
    assert not [r for r in report.results if r.outcome == "errored"], report
    assert check in {r.check for r in report.results if r.outcome == "failed"}
