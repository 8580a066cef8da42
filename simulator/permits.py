"""Applications for building permits, appraisals of designs, and the ways in which offices spell a permit's number."""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from simulator.areas import draws
from simulator.communes import code_on
from simulator.works import INVESTORS, LARGE, SMALL, URBAN, Options, Province, Stratum, Unit, Works

DISTRICT_OFFICE, DEPARTMENT = "UBND", "SXD"
DEPARTMENT_FROM_M2 = 3000
"""Works of this floor get their permit from the department, smaller ones from the district."""
FIRST_OF_DEPARTMENT = 2001
"""Districts count their permits from 1 each, so that a number alone names no permit; the department from here."""

_KINDS = {
    URBAN.code: ("Nhà ở riêng lẻ", "Cấp mới nhà ở riêng lẻ", "nhà ở riêng lẻ (cấp mới)", "Sửa chữa, cải tạo nhà ở"),
    LARGE.code: ("Công trình không theo tuyến", "Công trình theo tuyến", "Theo giai đoạn", "Nhà xưởng"),
    SMALL.code: ("Công trình không theo tuyến", "Nhà ở riêng lẻ", "Nhà xưởng", "Nhà ở kết hợp kinh doanh"),
}
SPELLINGS = 9
UNANSWERED = (("refused", 4), ("withdrawn", 3), ("pending", 3))
"""Outcome of applications without works, and how many there are to a hundred permits; half of the pending ones are
answered later."""


@dataclass(frozen=True)
class Permit:
    """An application. `works` is empty for one that is refused, withdrawn or pending, and for works never started."""

    application_no: str
    number: tuple[int, int, str] | None
    stratum: Stratum
    unit: Unit
    district: str
    commune: str
    works: Works | None
    outcome: str
    received_on: dt.date
    due_on: dt.date
    answered_on: dt.date | None
    start_on: dt.date | None
    end_on: dt.date | None
    floor_area_m2: int | None
    value_mn: int | None
    kind: str
    owner_type: str
    owner_tax_code: str | None
    contractor_tax_code: str | None
    funding: str | None
    is_never_started: bool

    @property
    def permit_no(self) -> str | None:
        """The number as its register writes it."""
        if self.number is None:
            return None
        padded = int(self.district[-1]) % 2 == 0
        return spelled(self.number, 1 if padded else 0)


def spelled(number: tuple[int, int, str], way: int) -> str:
    """A permit's number in one of the ways in which offices write it."""
    n, year, office = number
    ways = (
        f"{n}/{year}/GPXD-{office}", f"{n:04d}/{year}/GPXD-{office}", f"{n}/{year}/GPXD {office}",
        f"{n}/{year}/gpxd-{office.lower()}", f"{n} / {year} / GPXD - {office}", f"Số {n}/{year}/GPXD-{office}",
        f"GPXD {n}/{year}", f"{n}/{year}/GPXD–{office}",
        unicodedata.normalize("NFD", f"Giấy phép số {n}/{year}/GPXD-{office}"),
    )  # fmt: skip
    return ways[way % SPELLINGS]


def permits_of(province: Province, seed: int, options: Options) -> list[Permit]:
    """All applications of an area, numbered by office and year in the order in which they were answered."""
    drafts = [_granted(province, w, seed, options) for w in province.works if w.listed == "permit"]
    drafts += _never_started(province, seed, options)
    drafts += _without_works(province, drafts, seed)
    drafts.sort(key=lambda p: (p.received_on, p.works.number if p.works else 0, p.unit.unit_id))
    counts: dict[tuple[str, int], int] = {}
    numbers: dict[int, tuple[int, int, str]] = {}
    granted = [(p.answered_on, i) for i, p in enumerate(drafts) if p.outcome == "granted" and p.answered_on]
    for day, i in sorted(granted):
        office = office_of(drafts[i])
        counter = (DEPARTMENT if office == DEPARTMENT else drafts[i].district, day.year)
        counts[counter] = counts.get(counter, FIRST_OF_DEPARTMENT - 1 if office == DEPARTMENT else 0) + 1
        numbers[i] = (counts[counter], day.year, office)
    return [_numbered(province, draft, i, numbers.get(i)) for i, draft in enumerate(drafts)]


def office_of(permit: Permit) -> str:
    """Who answers the application."""
    return DEPARTMENT if (permit.floor_area_m2 or 0) >= DEPARTMENT_FROM_M2 else DISTRICT_OFFICE


def _numbered(province: Province, draft: Permit, index: int, number: tuple[int, int, str] | None) -> Permit:
    application_no = f"HS{province.area.code}-{draft.received_on.year}-{index + 1:06d}"
    return replace(draft, application_no=application_no, number=number)


def _draft(
    unit: Unit, stratum: Stratum, district: str, commune: str, works: Works | None, outcome: str, answered: dt.date,
    draw: random.Random, floor_area_m2: int | None, owner_type: str, owner: str | None, contractor: str | None,
    funding: str, is_never_started: bool = False,
) -> Permit:  # fmt: skip
    took, allowed = draw.randint(8, 19), 20 if stratum is not URBAN else 15
    late = draw.randint(1, 12) if draw.randrange(10) == 0 else 0
    received = answered - dt.timedelta(days=took + late)
    due = received + dt.timedelta(days=max(allowed, took))
    return Permit(
        application_no="", number=None, stratum=stratum, unit=unit, district=district,
        commune=code_on(commune, received), works=works, outcome=outcome, received_on=received, due_on=due,
        answered_on=None if outcome == "pending" else answered, start_on=None, end_on=None,
        floor_area_m2=floor_area_m2, value_mn=None, kind=_KINDS[stratum.code][draw.randrange(4)],
        owner_type=owner_type, owner_tax_code=owner, contractor_tax_code=contractor, funding=funding,
        is_never_started=is_never_started,
    )  # fmt: skip


def _granted(province: Province, w: Works, seed: int, options: Options) -> Permit:
    draw = draws(seed, "permit", province.area.code, w.work_id)
    answered = w.start_on - dt.timedelta(days=draw.randint(5, 45))
    draft = _draft(
        w.unit, w.stratum, w.district, w.commune, w, "granted", answered, draw, w.floor_area_m2, w.owner_type,
        w.owner_tax_code, w.contractor_tax_code, w.funding,
    )  # fmt: skip
    knows_value = draw.randrange(5) == 0
    # A register holds start, end and funding as a rule only where it is well kept.
    knows_dates, knows_funding = not options.strikes(draw, 400), not options.strikes(draw, 50)
    knows_contractor = not options.strikes(draw, 25)
    knows_funding = knows_funding or not w.is_outside_budget
    return replace(
        draft,
        value_mn=w.value_mn if knows_value else None,
        start_on=w.start_on if knows_dates else None,
        end_on=w.end_on if knows_dates else None,
        funding=w.funding if knows_funding else None,
        contractor_tax_code=w.contractor_tax_code if knows_contractor else None,
    )


def _never_started(province: Province, seed: int, options: Options) -> Iterator[Permit]:
    """Permits for works that nobody began: one to twenty of the others, with none of the dates that works have."""
    for w in province.works:
        draw = draws(seed, "never started", province.area.code, w.work_id)
        if w.listed == "permit" and w.is_outside_budget and options.strikes(draw, 50):
            answered = w.start_on - dt.timedelta(days=draw.randint(5, 45))
            size = draw.randint(*w.stratum.area_m2)
            yield _draft(
                w.unit, w.stratum, w.district, w.commune, None, "granted", answered, draw, size, w.owner_type,
                _another(w.owner_tax_code, draw), w.contractor_tax_code, w.funding, is_never_started=True,
            )  # fmt: skip


def _without_works(province: Province, granted: list[Permit], seed: int) -> Iterator[Permit]:
    for like in granted:
        if like.works is None:
            continue
        w = like.works
        draw = draws(seed, "application", province.area.code, w.work_id)
        at = draw.randrange(100)
        for outcome, share in UNANSWERED:
            at -= share
            if at < 0:
                answered = w.start_on + dt.timedelta(days=draw.randint(0, 60))
                # Old applications are not left lying: only those of the last weeks are pending.
                shown_outcome = "refused" if outcome == "pending" and answered < dt.date(2024, 12, 1) else outcome
                yield _draft(
                    w.unit, w.stratum, w.district, w.commune, None, shown_outcome, answered, draw,
                    draw.randint(*w.stratum.area_m2), w.owner_type, _another(w.owner_tax_code, draw),
                    w.contractor_tax_code, w.funding,
                )  # fmt: skip
                break


def _another(tax_code: str | None, draw: random.Random) -> str | None:
    """A tax code of somebody else of the same kind, who owns no works."""
    return f"95{tax_code[2:4]}{draw.randrange(1_000_000):06d}" if tax_code else None


@dataclass(frozen=True)
class Appraisal:
    """An appraised design of an investor's works, which are exempt from the permit."""

    appraisal_no: str
    works: Works
    decided_on: dt.date
    start_on: dt.date | None
    end_on: dt.date | None


def appraisals_of(province: Province, seed: int, options: Options) -> list[Appraisal]:
    """The appraisals of an area."""
    made = []
    for w in province.works:
        if w.stratum is INVESTORS and w.listed == "appraisal":
            draw = draws(seed, "appraisal", province.area.code, w.work_id)
            decided = w.start_on - dt.timedelta(days=draw.randint(20, 90))
            knows_dates = not options.strikes(draw, 400)
            made.append((decided, w, knows_dates))
    made.sort(key=lambda m: (m[0], m[1].number))
    return [
        Appraisal(
            f"{i}/{day.year}/TĐ-SXD.{province.area.code}", w, day, w.start_on if dates else None,
            w.end_on if dates else None,
        )
        for i, (day, w, dates) in enumerate(made, 1)
    ]  # fmt: skip
