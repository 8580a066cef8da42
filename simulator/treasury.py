"""The files of public investment: register of projects, plans, vouchers, and the truth about what was disbursed."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from simulator import investment as inv
from simulator.areas import Area
from simulator.delivery_folder import Folder
from simulator.investment import InvestmentProject, PlanLine, PlanRow, Voucher
from simulator.office_files import Cell, OfficeSheet, dmy, vietnamese, write_csv, write_workbook
from simulator.production_index import Month, months

REGISTER_ON = dt.date(2024, 1, 5)
PLANS_ON = (("2023..2024", dt.date(2024, 1, 5)), ("2024", dt.date(2024, 9, 25)), ("2025", dt.date(2025, 1, 6)))
"""Period and day of each snapshot of the plans; it carries every decision taken by that day."""

VOUCHERS: tuple[tuple[str, Month, Month], ...] = (
    ("2023-6M", (2023, 1), (2023, 6)),
    ("2023-Q3", (2023, 7), (2023, 9)),
    ("2023-Q4", (2023, 10), (2023, 12)),
    *((f"2024-{m:02d}", (2024, m), (2024, m)) for m in range(1, 13)),
    ("2025-01", (2025, 1), (2025, 1)),
)
"""Period, first and last month of each delivery of vouchers; it is released on the 5th of the month after."""

_VOUCHER_HEADER = (
    "Số chứng từ", "Số dòng", "Ngày hạch toán", "Năm ngân sách", "Mã dự án", "Nguồn vốn", "Loại kế hoạch vốn",
    "Loại giao dịch", "Số tiền (đồng)",
)  # fmt: skip
_TRUTH_HEADER = (
    "area_code", "project_code", "board_code", "budget_year", "plan_component", "source", "month", "advance_vnd",
    "payment_vnd", "advance_recovery_vnd", "refund_vnd", "disbursed_vnd",
)  # fmt: skip
_SIGNS = {"advance": 1, "payment": 1, "advance_recovery": -1, "refund": -1}
MILESTONES = (
    dt.date(2023, 9, 30), dt.date(2024, 1, 31), dt.date(2024, 9, 30), dt.date(2024, 10, 31), dt.date(2024, 12, 31),
    dt.date(2025, 1, 31),
)  # fmt: skip

Totals = dict[tuple[str, int, str, dt.date], int]
"""What is disbursed by board, budget year, component and milestone."""


def released_on(last: Month) -> dt.date:
    """The 5th of the month after."""
    return dt.date(last[0] + last[1] // 12, last[1] % 12 + 1, 5)


def _areas_with_projects(
    areas: Sequence[Area], seed: int
) -> Iterator[tuple[Area, list[InvestmentProject], list[PlanRow]]]:
    """Area by area, so that memory holds the projects of one."""
    number = 0
    for area in areas:
        projects = inv.projects_of(area, number, seed)
        number += len(projects)
        yield area, projects, inv.plan_rows(area, projects, seed)


def write_register(folder: Folder, areas: Sequence[Area], seed: int) -> None:
    """Write the register of projects."""
    headers = ["Mã dự án", "Tên dự án", "Mã chủ đầu tư", "Mục chỉ đạo", "Tổng mức đầu tư (tỷ đồng)"]
    headers += ["Ngày phê duyệt", "Giai đoạn thực hiện", "Có hiệu lực từ"]
    rows = (
        (p.code, p.name, p.board, p.key_item, vietnamese(p.total_bn), p.approved_on, p.stage, p.approved_on)
        for _, projects, _ in _areas_with_projects(areas, seed)
        for p in projects
    )
    sheet = OfficeSheet(
        name="Danh mục dự án",
        titles=("SỞ KẾ HOẠCH VÀ ĐẦU TƯ", "DANH MỤC DỰ ÁN ĐẦU TƯ CÔNG"),
        headers=(headers,),
        numbering=("A", "B", "C", "D", "1", "2", "E", "3"),
        rows=rows,
    )
    write_workbook(folder.delivery("investment_projects", "2024", REGISTER_ON, "xlsx"), sheet)


def write_plans(folder: Folder, areas: Sequence[Area], seed: int) -> None:
    """Write the snapshots of the plans."""
    headers = ["Mã dự án", "Tên dự án", "Năm ngân sách", "Nguồn vốn", "Loại kế hoạch vốn", "Số quyết định"]
    headers += ["Chương trình", "Kế hoạch vốn (đồng)", "Ngày quyết định"]
    for period, day in PLANS_ON:
        sheet = OfficeSheet(
            name="Kế hoạch vốn",
            titles=("SỞ KẾ HOẠCH VÀ ĐẦU TƯ", f"KẾ HOẠCH VỐN ĐẦU TƯ CÔNG ĐẾN NGÀY {dmy(day)}"),
            unit_line="Đơn vị tính: Đồng",
            headers=(headers,),
            numbering=("A", "B", "1", "C", "D", "E", "F", "2", "3"),
            rows=_plan_cells(areas, day, seed),
        )
        write_workbook(folder.delivery("investment_plan", period, day, "xlsx"), sheet)


def _plan_cells(areas: Sequence[Area], day: dt.date, seed: int) -> Iterator[Sequence[Cell]]:
    for _, _, rows in _areas_with_projects(areas, seed):
        for r in rows:
            if r.decided_on <= day:
                yield (
                    r.project.code, r.project.name, r.budget_year, r.source, r.component, r.decision_no,
                    r.project.programme, vietnamese(r.amount), dmy(r.decided_on),
                )  # fmt: skip


def write_vouchers(folder: Folder, areas: Sequence[Area], seed: int) -> None:
    """Write all deliveries of vouchers in one pass, and with them the truth: sums by project and month, rates by board.

    Every file stays open while the projects go by, so that no voucher is held in memory.
    """
    with ExitStack() as files:
        by_month: dict[Month, Any] = {}
        for period, first, last in VOUCHERS:
            path = folder.delivery("treasury_disbursement", period, released_on(last), "csv")
            # With a byte order mark, as spreadsheets save it.
            file = files.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_VOUCHER_HEADER)
            by_month.update(dict.fromkeys(months(first, last), writer))
        truth_file = folder.truth("disbursement_by_project").open("w", encoding="utf-8", newline="")
        truth = csv.writer(files.enter_context(truth_file), lineterminator="\n")
        truth.writerow(_TRUTH_HEADER)
        rates = []
        for area, _, plan in _areas_with_projects(areas, seed):
            totals: Totals = {}
            for number, line in enumerate(inv.lines_of(area, plan, seed)):
                vouchers = list(inv.vouchers_of(area, line, number, seed))
                for voucher in vouchers:
                    by_month[voucher.posted_on.year, voucher.posted_on.month].writerow(_voucher_cells(voucher))
                truth.writerows(_sums(area, line, vouchers))
                _count(totals, line, vouchers)
            rates += _rates(area, plan, totals)
    header = ("area_code", "board_code", "budget_year", "on_date", "plan_component", "plan_in_force_vnd")
    write_csv(folder.truth("disbursement_by_board"), (*header, "plan_at_2024_08_26_vnd", "disbursed_vnd"), rates)


def _voucher_cells(v: Voucher) -> Sequence[Cell]:
    at = (v.voucher_no, v.line_no, dmy(v.posted_on), v.line.budget_year, v.line.project.code)
    return (*at, v.line.source, v.line.component, v.kind, v.amount)


def _sums(area: Area, line: PlanLine, vouchers: Iterable[Voucher]) -> list[Sequence[Cell]]:
    sums: dict[str, dict[str, int]] = {}
    for v in vouchers:
        kinds = sums.setdefault(f"{v.posted_on:%Y-%m}", dict.fromkeys(_SIGNS, 0))
        kinds[v.kind] += v.amount
    at = (area.code, line.project.code, line.project.board, line.budget_year, line.component, line.source)
    return [
        (*at, month, *(kinds[k] for k in _SIGNS), sum(sign * kinds[k] for k, sign in _SIGNS.items()))
        for month, kinds in sorted(sums.items())
    ]


def _count(totals: Totals, line: PlanLine, vouchers: Iterable[Voucher]) -> None:
    closing = dt.date(line.budget_year + 1, 1, 31)
    for v in vouchers:
        for milestone in MILESTONES:
            if v.posted_on <= min(milestone, closing):
                key = (line.project.board, line.budget_year, line.component, milestone)
                totals[key] = totals.get(key, 0) + _SIGNS[v.kind] * v.amount


def _rates(area: Area, plan: Sequence[PlanRow], totals: Totals) -> list[Sequence[Cell]]:
    rates: list[Sequence[Cell]] = []
    for board, year, component in sorted({(r.project.board, r.budget_year, r.component) for r in plan}):
        there = [r for r in plan if (r.project.board, r.budget_year, r.component) == (board, year, component)]
        for milestone in MILESTONES:
            if not dt.date(year, 1, 1) <= milestone <= dt.date(year + 1, 1, 31):
                continue
            in_force = sum(r.amount for r in there if r.decided_on <= milestone)
            at_letter = sum(r.amount for r in there if r.decided_on <= dt.date(2024, 8, 26))
            disbursed = totals.get((board, year, component, milestone), 0)
            rates.append((area.code, board, year, milestone, component, in_force, at_letter, disbursed))
    return rates
