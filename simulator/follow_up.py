"""What is followed up between plan and voucher: the register sent again, the boards' weekly reports, and obstacles.

All of it is invented. The register is sent again at the end of 2024 with two totals raised; the boards report on a few
projects each quarter; the task force follows cases of both years.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator import investment as inv
from simulator.areas import Area, draws, working_days
from simulator.delivery_folder import Folder
from simulator.investment import InvestmentProject
from simulator.office_files import Cell, OfficeSheet, dmy, vietnamese, write_csv, write_workbook

REGISTER_AGAIN_ON = dt.date(2025, 1, 6)
RAISED = ((4, 25), (9, 40))
"""Which projects of an area were adjusted in 2024, and by how many percent their total investment grew."""
RAISED_ON = dt.date(2024, 8, 15)
REPORTED = (0, 1, 2, 3, 5)
"""The projects of an area on which their boards report."""
WEEKS: tuple[tuple[str, dt.date, tuple[str, ...]], ...] = (
    ("2024-Q3", dt.date(2024, 10, 3), ("2024-W31", "2024-W39")),
    ("2024-Q4", dt.date(2025, 1, 7), ("2024-W48", "2025-W01")),
)
"""Period, day and weeks of each delivery of progress reports."""
CASES = 60
KNOWN_TO = (("2024-9M", dt.date(2024, 10, 10)), ("2024-Q4", dt.date(2025, 1, 10)))
"""Period and day of each delivery of obstacles: it carries what is new or changed since the one before."""

_AGENCIES = ("SKHDT", "SXD", "SCT", "SNNPTNT", "UBND-941", "UBND-950", "BQLKCN")
_KINDS = ("đất đai", "giải phóng mặt bằng", "thủ tục đầu tư", "quy hoạch", "vốn, tín dụng", "thuế")


# --- the register sent again ----------------------------------------------------------------------------------------


def write_register_again(folder: Folder, areas: Sequence[Area], seed: int, clean: bool) -> None:
    """Write the register of the year's end as CSV: two projects adjusted, unless nothing is to be wrong."""
    header = (
        "Mã dự án", "Tên dự án", "Mã chủ đầu tư", "Mục chỉ đạo", "Tổng mức đầu tư (tỷ đồng)", "Ngày phê duyệt",
        "Giai đoạn thực hiện", "Có hiệu lực từ",
    )  # fmt: skip
    path = folder.delivery("investment_projects", "2024", REGISTER_AGAIN_ON, "csv")
    write_csv(path, header, _register_rows(areas, seed, clean))


def _register_rows(areas: Sequence[Area], seed: int, clean: bool) -> Iterator[Sequence[Cell]]:
    raised = {} if clean else dict(RAISED)
    for _, projects in _projects(areas, seed):
        for i, p in enumerate(projects):
            total = p.total_bn + p.total_bn * raised.get(i, 0) // 100
            since = RAISED_ON if i in raised else p.approved_on
            yield (p.code, p.name, p.board, p.key_item, total, since, p.stage, since)


def _projects(areas: Sequence[Area], seed: int) -> Iterator[tuple[Area, list[InvestmentProject]]]:
    number = 0
    for area in areas:
        projects = inv.projects_of(area, number, seed)
        number += len(projects)
        yield area, projects


# --- progress reports -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Report:
    """What a board says of a project in a week; None where it says nothing."""

    project: InvestmentProject
    week: str
    unpaid: int | None
    site_tenths: int
    shortage: int | None
    note: str | None
    planted: str | None = None


def reports_of(area: Area, projects: Sequence[InvestmentProject], seed: int, clean: bool) -> list[Report]:
    """The reports of an area, by project and week: sites grow, and three reports are wrong unless it is clean."""
    draw = draws(seed, "progress", area.code)
    weeks = [week for _, _, some in WEEKS for week in some]
    reports = []
    for i in REPORTED:
        site = draw.randint(550, 800)
        for number, week in enumerate(weeks):
            unpaid: int | None = draw.randint(2, 40) * 1_000_000_000
            shortage = draw.randint(0, 400) * 1000 if i < 2 else None
            note = planted = None
            if not clean and (i, number) == (1, 2):
                unpaid, planted = None, "not_reported"
            elif not clean and (i, number) == (2, 2):
                unpaid, planted = (unpaid or 0) // 1_000_000, "value_in_million"
            elif not clean and (i, number) == (3, 3):
                site, planted = site - 120, "site_falls_without_note"
            elif (i, number) == (5, 1):
                site, note = site - 50, "Thu hồi phần đất bàn giao nhầm"
            reports.append(Report(projects[i], week, unpaid, site, shortage, note, planted))
            site = min(1000, site + draw.randint(10, 80))
    return reports


def write_progress(folder: Folder, areas: Sequence[Area], seed: int, clean: bool) -> None:
    """Write the boards' reports."""
    headers = ["Mã dự án", "Tên dự án", "Tuần", "Khối lượng nghiệm thu chưa thanh toán (đồng)"]
    headers += ["Mặt bằng đã bàn giao (%)", "Vật liệu còn thiếu (m3)", "Ghi chú"]
    for period, day, weeks in WEEKS:
        rows = (
            (
                r.project.code, r.project.name[:40], r.week, None if r.unpaid is None else vietnamese(r.unpaid),
                f"{r.site_tenths // 10},{r.site_tenths % 10}", "…" if r.shortage is None else vietnamese(r.shortage),
                r.note,
            )
            for area, projects in _projects(areas, seed)
            for r in reports_of(area, projects, seed, clean)
            if r.week in weeks
        )  # fmt: skip
        sheet = OfficeSheet(
            name="Tiến độ dự án",
            titles=(f"BÁO CÁO TIẾN ĐỘ DỰ ÁN ĐẾN NGÀY {dmy(day)}",),
            headers=(headers,),
            rows=rows,
        )
        write_workbook(folder.delivery("project_progress", period, day, "xlsx"), sheet)


# --- obstacles ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """An obstacle: raised, due, and resolved or not."""

    code: str
    agency: str
    raised_on: dt.date
    due_on: dt.date | None
    resolved_on: dt.date | None
    kind: str
    planted: str | None = None


def cases_of(area: Area, seed: int, clean: bool) -> list[Case]:
    """The cases of an area since the middle of 2023; two are written wrongly unless it is clean."""
    draw = draws(seed, "obstacles", area.code)
    cases = []
    for number in range(CASES):
        year, month = divmod(2023 * 12 + 6 + number * 18 // CASES, 12)
        raised_on = draw.choice(working_days(year, month + 1))
        due: dt.date | None = raised_on + dt.timedelta(days=draw.choice((15, 30, 45)))
        lasted = draw.choice((0.4, 0.6, 0.8, 0.9, 1.0, 1.3, 1.8, 9.0))
        assert due is not None
        resolved = raised_on + dt.timedelta(days=round((due - raised_on).days * lasted))
        planted = None
        if not clean and number == 41:
            resolved, planted = raised_on - dt.timedelta(days=20), "resolved_before_raised"
        if not clean and number == 33:
            due, planted = None, "no_due_day"
        code = f"VM{area.code}-{number + 1:03d}"
        agency = draw.choice(_AGENCIES)
        cases.append(Case(code, agency, raised_on, due, resolved, draw.choice(_KINDS), planted))
    return cases


def write_obstacles(folder: Folder, areas: Sequence[Area], seed: int, clean: bool) -> None:
    """Write the deliveries of obstacles: a case comes when it is raised, and again when it is resolved."""
    header = (
        "Mã vướng mắc",
        "Cơ quan giải quyết",
        "Ngày tiếp nhận",
        "Hạn giải quyết",
        "Ngày giải quyết xong",
        "Lĩnh vực",
    )
    before = dt.date(1900, 1, 1)
    for period, day in KNOWN_TO:
        rows = [
            _case_cells(case, day)
            for area in areas
            for case in cases_of(area, seed, clean)
            if case.raised_on <= day and _case_cells(case, day) != _case_cells(case, before)
        ]
        write_csv(folder.delivery("obstacles", period, day, "csv"), header, rows)
        before = day


def _case_cells(case: Case, day: dt.date) -> Sequence[Cell]:
    """A case as it stands on a day; nothing of it before it is raised."""
    if case.raised_on > day:
        return ()
    resolved = case.resolved_on if case.resolved_on is not None and case.resolved_on <= day else None
    due = None if case.due_on is None else dmy(case.due_on)
    ended_on = None if resolved is None else dmy(resolved)
    return (case.code, case.agency, dmy(case.raised_on), due, ended_on, case.kind)


# --- truth ----------------------------------------------------------------------------------------------------------


def write_truth(folder: Folder, areas: Sequence[Area], seed: int, clean: bool) -> None:
    """Write what is followed up and what is wrong with it: raised totals, reports and cases as they are."""
    rows: list[Sequence[Cell]] = []
    for area, projects in _projects(areas, seed):
        for i, percent in () if clean else RAISED:
            more = projects[i].total_bn * percent // 100
            rows.append(("investment_projects", area.code, projects[i].code, "total_investment_raised", more))
        rows += [
            ("project_progress", area.code, f"{r.project.code} {r.week}", r.planted, None)
            for r in reports_of(area, projects, seed, clean)
            if r.planted
        ]
        rows += [("obstacles", area.code, c.code, c.planted, None) for c in cases_of(area, seed, clean) if c.planted]
        last = KNOWN_TO[-1][1]
        counts = {"in_time": 0, "late": 0, "open": 0}
        for case in cases_of(area, seed, clean):
            if case.due_on is None or case.due_on.year != 2024 or case.planted:
                continue
            if case.resolved_on is None or case.resolved_on > last:
                counts["open"] += 1
            else:
                counts["in_time" if case.resolved_on <= case.due_on else "late"] += 1
        rows += [("obstacles", area.code, "2024", f"due_and_{what}", count) for what, count in counts.items()]
    write_csv(folder.truth("follow_up"), ("feed", "area_code", "record", "what", "value"), rows)
