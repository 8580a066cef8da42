"""Public investment: projects of the boards, plans by decision, and the Treasury's vouchers.

What is published about Sóc Trăng holds: 53.4 % of the plan assigned by the Prime Minister is disbursed by
2024-10-31, and the plan of 2023 has the published components. The boards' own rates are not published: here board 1
stays below its milestones and board 2 above them. Project codes, names, splits and vouchers are invented, the four
projects that the letter names excepted, whose names are public.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from simulator.areas import Area, districts_of, draws, working_days

BN = 1_000_000_000
PM, SUPPLEMENT, CARRIED = "pm_assigned", "province_supplement", "carried_over"

PLAN_2023 = {PM: 5_870_600_000_000, SUPPLEMENT: 328_184_000_000, CARRIED: 587_800_000_000}
"""Published (2023-11-29)."""
PLAN_2024 = {PM: 6_600 * BN, SUPPLEMENT: 480 * BN, CARRIED: 420 * BN}
"""Simulated: 7,500 bn VND, a third of it the expressway component."""
PLAN_2025 = {PM: 8_957 * BN}
"""Published (2025-05-15): what the Prime Minister assigned; the rest of that plan came later."""

EXPRESSWAY_2024 = 2_500 * BN
MOVED_2024 = 60 * BN
"""What a decision of September 2024 takes from projects of board 1 and gives to projects of board 2."""
RATE_OCTOBER = (534, 1000)
OCTOBER = 10

KEY_PROJECTS = (
    ("DIS-KEY-1", "Dự án thành phần 4 thuộc Dự án cao tốc Châu Đốc - Cần Thơ - Sóc Trăng", "BQLDA1", 11_961),
    ("DIS-KEY-2", "Tuyến đường trục phát triển kinh tế Đông Tây, tỉnh Sóc Trăng", "BQLDA2", 4_500),
    ("DIS-KEY-3", "Đầu tư xây mới, cải tạo, nâng cấp 45 Trạm y tế tuyến xã, tỉnh Sóc Trăng", "BQLDA2", 640),
    ("DIS-KEY-4", "Chương trình đầu tư phát triển mạng lưới y tế cơ sở vùng khó khăn, tỉnh Sóc Trăng", "BQLDA2", 420),
)
"""Item, name, board (an assumption: the letter does not say which), total investment in bn VND (simulated)."""

_OTHER_BOARDS = (("BQLDA1", 11), ("BQLDA2", 11), ("SNNPTNT", 3), ("BQLKCN", 1), ("SXD", 1), ("SVHTTDL", 1))
_WORKS = ("Đường huyện", "Trường trung học", "Kè chống sạt lở", "Cầu nông thôn", "Hệ thống thủy lợi", "Khu hành chính")
_STAGES = ("construction", "construction", "site_clearance", "construction")
_SOURCES = ("central_domestic", "local", "local", "central_domestic", "central_foreign")

# Cumulative share disbursed at the end of January … December and of the January after, in %.
CURVES: Mapping[str, tuple[float, ...]] = {
    "2023": (2, 5, 9, 14, 21, 30, 38, 46, 55, 63, 71, 84, 92),
    "BQLDA1": (2, 4, 9, 13, 19, 26, 32, 38, 45, 48, 58, 80, 92.4),
    "BQLDA2": (3, 6, 14, 20, 28, 38, 47, 56, 65, 67, 75, 89, 96.8),
    "other": (2, 5, 12, 18, 26, 34, 40, 46, 51, 54, 66, 85, 95.6),
}
JANUARY_AFTER = 13

DECISIONS: tuple[tuple[int, str, str, dt.date, int], ...] = (
    (2023, PM, "3480/QĐ-UBND", dt.date(2022, 12, 15), 1),
    (2023, CARRIED, "412/QĐ-UBND", dt.date(2023, 2, 24), 3),
    (2023, SUPPLEMENT, "1705/QĐ-UBND", dt.date(2023, 7, 14), 8),
    (2024, PM, "3391/QĐ-UBND", dt.date(2023, 12, 20), 1),
    (2024, CARRIED, "455/QĐ-UBND", dt.date(2024, 2, 28), 3),
    (2024, SUPPLEMENT, "1622/QĐ-UBND", dt.date(2024, 7, 12), 8),
    (2025, PM, "3502/QĐ-UBND", dt.date(2024, 12, 20), 1),
)
"""Budget year, component, decision, its day, and the month from which its money may be paid."""
MOVE = ("2210/QĐ-UBND", dt.date(2024, 9, 20))


@dataclass(frozen=True)
class InvestmentProject:
    """A project; `weight` is its share of what is left of a plan after the named amounts."""

    code: str
    name: str
    board: str
    key_item: str | None
    total_bn: int
    approved_on: dt.date
    stage: str
    source: str
    programme: str | None
    weight: float
    number: int


@dataclass(frozen=True)
class PlanRow:
    """What one decision gives to a project, or takes from it (negative), in VND."""

    project: InvestmentProject
    budget_year: int
    source: str
    component: str
    decision_no: str
    amount: int
    decided_on: dt.date


@dataclass(frozen=True)
class PlanLine:
    """A line of the plan in force at the end of its year, with what is disbursed on it month by month.

    `increments` are net amounts of the months 1–12 and of the January after.
    """

    project: InvestmentProject
    budget_year: int
    source: str
    component: str
    plan: int
    increments: tuple[int, ...]


@dataclass(frozen=True)
class Voucher:
    """One line of a Treasury voucher."""

    voucher_no: str
    line_no: int
    posted_on: dt.date
    line: PlanLine
    kind: str
    amount: int


def projects_of(area: Area, first_number: int, seed: int) -> list[InvestmentProject]:
    """The projects of an area, numbered on from `first_number`; codes are never shared between areas."""
    draw = draws(seed, "projects", area.code)
    prefix = "" if area.is_home else f"{area.code}-"
    offices = [*_OTHER_BOARDS, *((f"UBND-{code}", 1) for code, _ in districts_of(area)[:8])]
    wanted = [(item, name, board, bn) for item, name, board, bn in KEY_PROJECTS if area.is_home]
    if not area.is_home:
        wanted = [("", f"Dự án trọng điểm mô phỏng {i + 1}", b, bn) for i, (_, _, b, bn) in enumerate(KEY_PROJECTS)]
    for _ in range(area.density):
        for board, count in offices:
            wanted += [("", "", board, draw.randint(50, 300)) for _ in range(count)]
    projects = []
    for i, (item, name, board, total_bn) in enumerate(wanted):
        number = first_number + i
        weight = {0: 0.0, 1: 7.0, 2: 1.6, 3: 1.0}.get(i, draw.uniform(0.5, 1.6))
        projects.append(
            InvestmentProject(
                code=str(7_900_000 + number),
                name=name or f"{draw.choice(_WORKS)} mô phỏng số {number + 1}",
                board=prefix + board,
                key_item=item or None,
                total_bn=total_bn if i < len(KEY_PROJECTS) else total_bn + round(weight * 450),
                approved_on=dt.date(draw.randint(2020, 2022), draw.randint(1, 12), draw.randint(1, 28)),
                stage=_STAGES[i % len(_STAGES)] if i >= len(KEY_PROJECTS) else "construction",
                source=_SOURCES[i % len(_SOURCES)] if i >= len(KEY_PROJECTS) else "central_domestic",
                programme="Phục hồi và phát triển kinh tế - xã hội" if i in (2, 3) else None,
                weight=weight,
                number=number,
            )
        )
    return projects


def plan_rows(area: Area, projects: Sequence[InvestmentProject], seed: int) -> list[PlanRow]:
    """All decisions on the plans of 2023, 2024 and 2025; the amounts of each component add up exactly."""
    rows = []
    plans = {2023: PLAN_2023, 2024: PLAN_2024, 2025: PLAN_2025}
    size = 1000 if area.is_home else draws(seed, "plan size", area.code).randint(500, 4000)
    for year, component, decision_no, decided_on, _ in DECISIONS:
        total = plans[year][component] // 1000 * size
        shares = _shares(area, projects, year, component, seed)
        first = EXPRESSWAY_2024 // 1000 * size if (year, component) == (2024, PM) else None
        for project, amount in zip(projects, _divided(total, shares, first), strict=True):
            for source, part in _sources(project, amount):
                rows.append(PlanRow(project, year, source, component, decision_no, part, decided_on))
    return rows + _moves(rows, size)


def _shares(area: Area, projects: Sequence[InvestmentProject], year: int, component: str, seed: int) -> list[float]:
    if component == PM:
        first = {2023: 8.0, 2025: 22.0}.get(year, 0.0)
        return [first if i == 0 else p.weight for i, p in enumerate(projects)]
    draw = draws(seed, "component", area.code, year, component)
    # The supplement and what is carried over fall on some projects only, the expressway not among them.
    return [0.0 if i == 0 or draw.random() > 0.3 else p.weight for i, p in enumerate(projects)]


def _divided(total: int, shares: Sequence[float], first: int | None) -> list[int]:
    """Divide a total by shares into whole millions; the largest part takes what is left over."""
    amounts = [0 if first is None else first]
    rest, weight = total - amounts[0], sum(shares[1:]) + (shares[0] if first is None else 0.0)
    if first is None:
        amounts = []
    for share in shares[len(amounts) :]:
        amounts.append(int(rest * share / weight) // 1_000_000 * 1_000_000)
    largest = max(range(1, len(amounts)), key=lambda i: amounts[i])
    amounts[largest] += total - sum(amounts)
    return amounts


def _sources(project: InvestmentProject, amount: int) -> list[tuple[str, int]]:
    if amount == 0:
        return []
    if project.key_item == "DIS-KEY-2":
        central = amount * 6 // 10_000_000 * 1_000_000
        return [("central_domestic", central), ("local", amount - central)]
    return [(project.source, amount)]


def _moves(rows: Sequence[PlanRow], size: int) -> list[PlanRow]:
    """The decision of September 2024: from board 1 to board 2, the whole plan unchanged."""
    moved = MOVED_2024 // 1000 * size
    plans = [r for r in rows if (r.budget_year, r.component) == (2024, PM) and not _is_expressway(r.project)]
    changes = []
    for board, sign in (("BQLDA1", -1), ("BQLDA2", 1)):
        there = [r for r in plans if r.project.board.endswith(board)]
        left = moved
        for i, row in enumerate(there):
            share = moved * row.amount // sum(r.amount for r in there) // 1_000_000 * 1_000_000
            amount = left if i == len(there) - 1 else share
            left -= amount
            changes.append(PlanRow(row.project, 2024, row.source, PM, MOVE[0], sign * amount, MOVE[1]))
    return changes


def _is_expressway(project: InvestmentProject) -> bool:
    return project.weight == 0.0


def lines_of(area: Area, rows: Sequence[PlanRow], seed: int) -> list[PlanLine]:
    """The lines of the plans with what is disbursed on them, month by month."""
    plans: dict[tuple[str, int, str, str], tuple[InvestmentProject, int]] = {}
    for row in rows:
        key = (row.project.code, row.budget_year, row.source, row.component)
        plans[key] = (row.project, plans.get(key, (row.project, 0))[1] + row.amount)
    lean = _leanings(area, [r for r in rows if r.budget_year == 2024], seed)
    lines = []
    for (code, year, source, component), (project, plan) in plans.items():
        curve = _curve(project, year, component)
        if year == 2025:
            done = [plan * (code[-1] in "0369") * 2 // 100]
        else:
            x = lean.get(code, 0.0) if year == 2024 else 0.0
            done = [round(plan * (f + x * f * (1 - f))) // 1000 * 1000 for f in curve]
        increments = (done[0], *(after - before for before, after in pairwise(done)))
        if component == CARRIED and len(increments) == JANUARY_AFTER:  # such capital closes with the year itself
            increments = (*increments[:-2], increments[-2] + increments[-1], 0)
        lines.append(PlanLine(project, year, source, component, plan, increments))
    return _calibrated(lines) if area.is_home else lines


def _curve(project: InvestmentProject, year: int, component: str) -> list[float]:
    board = project.board.split("-")[-1]
    curve = CURVES["2023"] if year == 2023 else CURVES.get(board, CURVES["other"])
    first = next(month for y, c, _, _, month in DECISIONS if (y, c) == (year, component))
    before = curve[first - 2] if first > 1 else 0.0
    return [max(0.0, (f - before) / (curve[-1] - before)) * curve[-1] / 100 for f in curve]


def _leanings(area: Area, rows: Sequence[PlanRow], seed: int) -> dict[str, float]:
    """How far each project runs ahead of its board (−1 to 1), weighted by plan zero for the board as a whole."""
    draw = draws(seed, "leanings", area.code)
    boards: dict[str, dict[str, int]] = {}
    for row in rows:
        plans = boards.setdefault(row.project.board, {})
        plans[row.project.code] = plans.get(row.project.code, 0) + row.amount
    lean: dict[str, float] = {}
    for plans in boards.values():
        raw = {code: draw.uniform(-0.4, 0.4) for code in plans}
        mean = sum(raw[code] * plan for code, plan in plans.items()) / sum(plans.values())
        lean |= {code: x - mean for code, x in raw.items()}
    return lean


def _calibrated(lines: Sequence[PlanLine]) -> list[PlanLine]:
    """Stretch what October 2024 pays on the Prime Minister's plan, so that the published share holds to the VND."""
    chosen = [line for line in lines if (line.budget_year, line.component) == (2024, PM)]
    before = sum(sum(line.increments[: OCTOBER - 1]) for line in chosen)
    october = sum(line.increments[OCTOBER - 1] for line in chosen)
    wanted = sum(line.plan for line in chosen) * RATE_OCTOBER[0] // RATE_OCTOBER[1] - before
    scaled = {id(line): line.increments[OCTOBER - 1] * wanted // october for line in chosen}
    largest = max(chosen, key=lambda line: scaled[id(line)])
    scaled[id(largest)] += wanted - sum(scaled.values())
    result = []
    for line in lines:
        if id(line) not in scaled:
            result.append(line)
            continue
        now = list(line.increments)
        # What October pays more or less, November pays less or more.
        now[OCTOBER] -= scaled[id(line)] - now[OCTOBER - 1]
        now[OCTOBER - 1] = scaled[id(line)]
        result.append(PlanLine(line.project, line.budget_year, line.source, line.component, line.plan, tuple(now)))
    return result


# --- vouchers -------------------------------------------------------------------------------------------------------


def vouchers_of(area: Area, line: PlanLine, number: int, seed: int) -> Iterator[Voucher]:
    """The vouchers of one line of the plan, in the order of their posting; `number` is the line's own.

    Early money is an advance, up to a share of the plan; later payments recover a part of what is open, and never
    more. Some of what is still open at the closing is settled in the middle of the next year: a payment and a
    recovery of one amount, both of the budget year of the advance.
    """
    draw = draws(seed, "vouchers", area.code, number)
    may_advance = line.plan * draw.randint(5, 22) // 100
    open_advance = 0
    month_of_refund = draw.choice((6, 9, 11)) if draw.random() < 0.15 else None
    for month, increment in enumerate(line.increments, start=1):
        if increment <= 0:
            continue
        year, calendar_month = (line.budget_year, month) if month < JANUARY_AFTER else (line.budget_year + 1, 1)
        no = f"MP{area.code}-{year % 100:02d}{calendar_month:02d}-{line.budget_year % 100:02d}-{number:05d}"
        days = working_days(year, calendar_month)
        if may_advance > 0:
            amount = min(may_advance, increment)
            yield Voucher(f"{no}-A", 1, draw.choice(days[: len(days) // 2]), line, "advance", amount)
            may_advance -= amount
            open_advance += amount
            increment -= amount
        if increment <= 0:
            continue
        recovery = min(open_advance, increment * draw.randint(15, 35) // 100)
        refund = increment // 200 if month == month_of_refund else 0
        day = draw.choice(days[len(days) // 2 :])
        yield from _settlement(f"{no}-P", day, line, increment + recovery + refund, recovery, draw)
        if refund:
            yield Voucher(f"{no}-R", 1, days[-1], line, "refund", refund)
        open_advance -= recovery
    if line.budget_year == 2023 and open_advance > 0 and draw.random() < 0.3:
        day = draw.choice(working_days(2024, 6))
        yield from _settlement(f"MP{area.code}-2406-23-{number:05d}-T", day, line, open_advance, open_advance, draw)


def _settlement(
    no: str, day: dt.date, line: PlanLine, paid: int, recovered: int, draw: random.Random
) -> Iterator[Voucher]:
    parts = [paid]
    if paid > 40 * BN:
        parts = [paid * draw.randint(40, 60) // 100]
        parts.append(paid - parts[0])
    for i, part in enumerate(parts, start=1):
        yield Voucher(no, i, day, line, "payment", part)
    if recovered:
        yield Voucher(no, len(parts) + 1, day, line, "advance_recovery", recovered)
