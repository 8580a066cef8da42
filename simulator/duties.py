"""What offices were asked to do and by when: events of promotion, social housing, reviews of planning schemes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.areas import Area, districts_of, draws
from simulator.delivery_folder import Folder
from simulator.office_files import Cell, dmy, write_csv

TRADE_KINDS = (
    "Hội nghị kết nối cung cầu", "Hội chợ", "Chuyến bán hàng lưu động", "Điểm bán OCOP", "Tập huấn tận dụng FTA",
)  # fmt: skip
FESTIVALS = (
    ("Lễ hội Oóc Om Bóc", dt.date(2024, 11, 9)),
    ("Đua ghe Ngo", dt.date(2024, 11, 14)),
    ("Tuần Văn hóa, Thể thao và Du lịch", dt.date(2024, 11, 8)),
    ("Ngày hội du lịch", dt.date(2024, 4, 27)),
)
TRADE_EVENTS = 24
REVIEWS = 30

EVENT_DELIVERIES = (("2024-9M", dt.date(2024, 10, 10)), ("2024-Q4", dt.date(2025, 1, 10)))
HOUSING_DELIVERIES = (("2024-6M", dt.date(2024, 7, 12)), ("2024", dt.date(2025, 1, 12)))
REVIEW_DELIVERIES = (("2024-9M", dt.date(2024, 10, 14)), ("2024-Q4", dt.date(2025, 1, 14)))


@dataclass(frozen=True)
class Event:
    """An event of promotion: when it was planned, and when it was held if it was."""

    event_id: str
    item: str
    kind: str
    planned_on: dt.date | None
    held_on: dt.date | None
    district_code: str


@dataclass(frozen=True)
class HousingProject:
    """A project of social housing with the days of its stages, as far as it came."""

    project_id: str
    approved_on: dt.date | None
    started_on: dt.date | None
    completed_on: dt.date | None
    dwellings: int


@dataclass(frozen=True)
class Review:
    """A review of a planning scheme: by when it was due, and when it was done if it was."""

    review_id: str
    district_code: str
    kind: str
    due_on: dt.date | None
    reviewed_on: dt.date | None


PROJECTS = (
    HousingProject("MOPHONG-NOXH-01", dt.date(2023, 3, 20), dt.date(2023, 9, 15), None, 412),
    HousingProject("MOPHONG-NOXH-02", dt.date(2023, 11, 8), dt.date(2024, 5, 28), None, 560),
    HousingProject("MOPHONG-NOXH-03", dt.date(2024, 2, 16), dt.date(2024, 11, 22), None, 336),
    HousingProject("MOPHONG-NOXH-04", dt.date(2024, 8, 2), None, None, 288),
    HousingProject("MOPHONG-NOXH-05", dt.date(2021, 5, 10), dt.date(2022, 1, 12), dt.date(2024, 3, 29), 150),
)
UNAPPROVED = HousingProject("MOPHONG-NOXH-06", None, dt.date(2024, 10, 10), None, 96)
"""Planted: started without an approval."""


def events(area: Area, seed: int, clean: bool) -> list[Event]:
    """The events of the home area in 2024; a planted one was held outside the plan."""
    districts = [code for code, _ in districts_of(area)]
    found = []
    for number in range(1, TRADE_EVENTS + 1):
        draw = draws(seed, "event", area.code, number)
        planned = dt.date(2024, 1, 15) + dt.timedelta(days=14 * number + draw.randrange(7))
        held = None if draw.random() < 0.15 else planned + dt.timedelta(days=draw.randrange(0, 21))
        kind, place = TRADE_KINDS[number % len(TRADE_KINDS)], draw.choice(districts)
        found.append(Event(f"XT-{number:03d}", "KV3-TRADE", kind, planned, held, place))
    for number, (kind, day) in enumerate(FESTIVALS, start=1):
        found.append(Event(f"LH-{number:03d}", "KV3-TOUR", kind, day, day, districts[0]))
    if not clean:
        found.append(
            Event(f"XT-{TRADE_EVENTS + 1:03d}", "KV3-TRADE", TRADE_KINDS[1], None, dt.date(2024, 9, 20), districts[1])
        )
    return found


def reviews(area: Area, seed: int, clean: bool) -> list[Review]:
    """The reviews of the home area in 2024; a planted one has no due day."""
    districts = [code for code, _ in districts_of(area)]
    found = []
    for number in range(1, REVIEWS + 1):
        draw = draws(seed, "review", area.code, number)
        due = dt.date(2024, 1, 20) + dt.timedelta(days=11 * number + draw.randrange(5))
        late = draw.random()
        done = due - dt.timedelta(days=draw.randrange(0, 15)) if late < 0.75 else due + dt.timedelta(days=20)
        kind = ("Quy hoạch chung", "Quy hoạch phân khu", "Quy hoạch chi tiết")[number % 3]
        reviewed = None if late > 0.93 else done
        found.append(Review(f"QH-{number:03d}", districts[number % len(districts)], kind, due, reviewed))
    if not clean:
        found.append(Review(f"QH-{REVIEWS + 1:03d}", districts[0], "Quy hoạch chung", None, dt.date(2024, 6, 28)))
    return found


def projects(clean: bool) -> list[HousingProject]:
    """The projects of social housing of the home area."""
    return [*PROJECTS] if clean else [*PROJECTS, UNAPPROVED]


def write_deliveries(folder: Folder, areas: Sequence[Area], seed: int, clean: bool) -> None:
    """Write what the home area's departments send: first nine months, then the year, each row as known by then."""
    home = next(area for area in areas if area.is_home)
    for period, day in EVENT_DELIVERIES:
        head: Sequence[str] = (
            "Mã hoạt động",
            "Mục chỉ đạo",
            "Loại hoạt động",
            "Ngày dự kiến",
            "Ngày tổ chức",
            "Mã huyện",
        )
        rows = _event_rows(events(home, seed, clean), day)
        write_csv(folder.delivery("promotion_events", period, day, "csv"), head, rows, with_bom=True)
    for period, day in HOUSING_DELIVERIES:
        head = ("Mã dự án", "Ngày phê duyệt", "Ngày khởi công", "Ngày hoàn thành", "Số căn")
        rows = _project_rows(projects(clean), day)
        write_csv(folder.delivery("social_housing", period, day, "csv"), head, rows)
    for period, day in REVIEW_DELIVERIES:
        head = ("Mã đợt rà soát", "Mã huyện", "Loại đồ án", "Hạn hoàn thành", "Ngày hoàn thành")
        rows = _review_rows(reviews(home, seed, clean), day)
        write_csv(folder.delivery("planning_reviews", period, day, "csv"), head, rows)


def _known(when: dt.date | None, by: dt.date) -> str | None:
    return dmy(when) if when is not None and when <= by else None


def _event_rows(found: Sequence[Event], by: dt.date) -> Iterator[Sequence[Cell]]:
    for event in found:
        if event.planned_on is None and (event.held_on is None or event.held_on > by):
            continue
        planned = dmy(event.planned_on) if event.planned_on else None
        yield (event.event_id, event.item, event.kind, planned, _known(event.held_on, by), event.district_code)


def _project_rows(found: Sequence[HousingProject], by: dt.date) -> Iterator[Sequence[Cell]]:
    for project in found:
        days = [_known(day, by) for day in (project.approved_on, project.started_on, project.completed_on)]
        if any(days):
            yield (project.project_id, *days, project.dwellings)


def _review_rows(found: Sequence[Review], by: dt.date) -> Iterator[Sequence[Cell]]:
    for review in found:
        due = dmy(review.due_on) if review.due_on else None
        yield (review.review_id, review.district_code, review.kind, due, _known(review.reviewed_on, by))


def write_truth(folder: Folder, areas: Sequence[Area], seed: int) -> None:
    """Write how many were asked for in 2024 and how many were done, by item: planted rows count nowhere."""
    home = next(area for area in areas if area.is_home)
    last_on = EVENT_DELIVERIES[-1][1]

    def held(item: str) -> tuple[int, int]:
        due = [event for event in events(home, seed, clean=True) if event.item == item]
        return len(due), sum(event.held_on is not None and event.held_on <= last_on for event in due)

    asked = reviews(home, seed, clean=True)
    in_time = sum(r.reviewed_on is not None and r.due_on is not None and r.reviewed_on <= r.due_on for r in asked)
    approved = [project for project in projects(clean=True) if project.approved_on is not None]
    started = sum(project.started_on is not None and project.started_on.year == 2024 for project in approved)
    rows = (
        ("KV3-TRADE", *held("KV3-TRADE")),
        ("KV3-TOUR", *held("KV3-TOUR")),
        ("CON-HOUSE", len(approved), started),
        ("CON-PLAN", len(asked), in_time),
    )
    write_csv(folder.truth("duties"), ("item", "asked", "done"), rows)
