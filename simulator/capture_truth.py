"""What is true of the simulated construction works, and what of it each list and return should show.

All tables but `construction_works` and `construction_links` speak of construction outside the state budget.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from simulator.communes import CHANGED_ON, ENDED_WARD
from simulator.office_files import Cell
from simulator.permits import Appraisal, Permit
from simulator.returns import Planted, Return, Survey
from simulator.works import QUARTERS, RURAL, STRATA, TAKE_ALL, Province, Quarter, Works, code_of, running

Row = Sequence[Cell]

TRUTH: dict[str, tuple[str, ...]] = {
    "construction_works": (
        "work_id", "area_code", "district_code", "commune_code", "stratum", "frame_unit_id", "is_in_frame", "is_drawn",
        "listed", "is_left_out", "funding_source", "contractor_ownership", "start_on", "completed_on", "floor_area_m2",
        "value_mn",
    ),
    "construction_links": ("feed", "record_id", "work_id"),
    "construction_planted": (
        "defect", "is_fault", "feed", "record_id", "quarter", "area_code", "district_code", "stratum", "work_id",
    ),
    "construction_classes": ("feed", "record_id", "quarter", "district_code", "stratum", "class", "cause"),
    "construction_capture": (
        "area_code", "district_code", "quarter", "stratum", "selection", "works", "listed", "returned",
        "listed_and_returned", "value_mn", "value_returned_mn",
    ),
}  # fmt: skip
"""Tables of the truth and their columns."""

NOT_IN_SAMPLES = ("construction_works", "construction_classes")
"""Tables that are long and can be had by simulating again."""


class RowWriter(Protocol):
    """What rows are written with, such as a writer of CSV."""

    def writerow(self, row: Sequence[object], /) -> object:
        """Write one row."""


@dataclass(frozen=True)
class Known:
    """All that is known of a province: works, lists and returns."""

    province: Province
    permits: Sequence[Permit]
    appraisals: Sequence[Appraisal]
    survey: Survey
    returns: Mapping[Quarter, Sequence[Return]]


def write_truth(tables: Mapping[str, RowWriter], known: Known) -> None:
    """Write the truth about one province."""
    for name, rows in (
        ("construction_works", _works(known)),
        ("construction_links", _links(known)),
        ("construction_planted", _planted(known)),
        ("construction_classes", _classes(known)),
        ("construction_capture", _capture(known)),
    ):
        for row in rows:
            tables[name].writerow(row)


def building_contract(w: Works) -> str:
    """Number of the building contract under which a contractor declares its turnover; it does not tell the works."""
    area = w.work_id[2:4]
    return f"HD{area}-{w.number * 48271 % 999983:06d}"


def _works(known: Known) -> Iterator[Row]:
    for w in known.province.works:
        yield (
            w.work_id, known.province.area.code, w.district, w.commune, w.stratum.code, w.unit.unit_id,
            _yes(w.unit.is_in_frame), _yes(w.unit.is_drawn), w.listed, _yes(w.is_missed), w.funding, w.ownership,
            w.start_on, w.end_on, w.floor_area_m2, w.value_mn,
        )  # fmt: skip


def _links(known: Known) -> Iterator[Row]:
    """Which works a record speaks of; a return keeps its works from quarter to quarter, a contract too.

    Works that ended before the first quarter of the survey are left out.
    """
    known_works = {w.work_id for q in QUARTERS for w in running(known.province.works, q)}
    permits = ((p.application_no, p.works.work_id) for p in known.permits if p.works)
    yield from (("building_permits", number, work_id) for number, work_id in permits if work_id in known_works)
    yield from (("design_appraisals", a.appraisal_no, a.works.work_id) for a in known.appraisals)
    seen = {(r.return_id, r.works.work_id) for rows in known.returns.values() for r in rows if r.works}
    yield from (("construction_survey", return_id, work_id) for return_id, work_id in sorted(seen))
    declared = {w.work_id: w for q in QUARTERS for w in running(known.province.works, q) if w.contractor_tax_code}
    yield from (("construction_tax", building_contract(w), work_id) for work_id, w in declared.items())


def _planted(known: Known) -> Iterator[Row]:
    area = known.province.area.code
    for p in (*_planted_in_lists(known), *known.survey.planted):
        cells = (p.defect, _yes(p.is_fault), p.feed, p.record_id, p.quarter, area, p.district, p.stratum, p.work_id)
        yield cells


def _planted_in_lists(known: Known) -> Iterator[Planted]:
    options = known.survey.options
    permit_of = {p.works.work_id: p for p in known.permits if p.works}
    for unit in known.province.units:
        if not unit.is_in_frame and not options.clean and unit.unit_id.startswith("DN"):
            yield Planted(
                "enterprise_not_in_frame", True, "construction_frame", unit.tax_code or "", "", unit.district,
                unit.stratum.code, "",
            )  # fmt: skip
    for p in known.permits:
        at = (p.application_no, "", p.district, p.stratum.code)
        if p.is_never_started:
            yield Planted("never_started", True, "building_permits", *at, "")
        if p.works and p.contractor_tax_code is None and not p.stratum.is_households:
            yield Planted("contractor_unknown", True, "building_permits", *at, p.works.work_id)
        if p.works and p.commune == ENDED_WARD and p.works.end_on >= CHANGED_ON:
            yield Planted("ward_changed", False, "building_permits", *at, p.works.work_id)
    for w in known.province.works:
        if not w.is_outside_budget or not any(w.runs_in(q) for q in QUARTERS):
            continue
        permit = permit_of.get(w.work_id)
        record = ("building_permits", permit.application_no) if permit else ("construction_tax", building_contract(w))
        at = ("", w.district, w.stratum.code, w.work_id)
        if w.is_missed and w.unit.is_in_frame:
            yield Planted("left_out", True, *_record_of(w, known) or record, *at)
        if w.stratum.is_households and not w.unit.is_in_frame and permit:
            yield Planted("household_not_in_frame", True, *record, *at)
        if w.listed is None and w.stratum is not RURAL:
            yield Planted("built_without_permit", True, "", "", *at)


def _record_of(w: Works, known: Known) -> tuple[str, str] | None:
    for a in known.appraisals:
        if a.works is w:
            return ("design_appraisals", a.appraisal_no)
    return None


def _classes(known: Known) -> Iterator[Row]:
    """For every listed works outside the budget, quarter by quarter: what a perfect reader would call it."""
    listed = [("building_permits", p.application_no, p.works) for p in known.permits if p.works]
    listed += [("design_appraisals", a.appraisal_no, a.works) for a in known.appraisals]
    for quarter in QUARTERS:
        for feed, record_id, w in listed:
            if w.is_outside_budget and w.runs_in(quarter):
                named, cause = _class_of(w, quarter, known.survey)
                yield (feed, record_id, code_of(quarter), w.district, w.stratum.code, named, cause)


def _class_of(w: Works, quarter: Quarter, survey: Survey) -> tuple[str, str]:
    if not w.unit.is_in_frame:
        # A household that nobody drew cannot be told from one that the frame does not hold.
        return ("not_sampled", "") if w.stratum.is_households else ("omitted", "not_in_frame")
    if not w.unit.is_drawn:
        return "not_sampled", ""
    if survey.is_unanswered(w.unit, quarter):
        return "non_response", "no_answer"
    if w.is_missed:
        return "omitted", "left_out"
    if w.district == survey.silent_district(quarter):
        return ("omitted" if w.stratum.every == TAKE_ALL else "non_response"), "silent_district"
    return "matched", ""


def _capture(known: Known) -> Iterator[Row]:
    """Works and their value by district, quarter and stratum: as they are, in the lists, returned, in both."""
    area = known.province.area.code
    for quarter in QUARTERS:
        answered = {r.works.work_id for r in known.returns[quarter] if r.works and r.is_answer}
        cells: dict[tuple[str, str], list[Works]] = {}
        for w in running(known.province.works, quarter):
            if w.is_outside_budget:
                cells.setdefault((w.district, w.stratum.code), []).append(w)
        for stratum in STRATA:
            for district in known.survey.districts:
                there = cells.get((district, stratum.code), [])
                returned = [w for w in there if w.work_id in answered]
                selection = "take_all" if stratum.every == TAKE_ALL else "sample"
                yield (
                    area, district, code_of(quarter), stratum.code, selection, len(there),
                    sum(1 for w in there if w.listed), len(returned), sum(1 for w in returned if w.listed),
                    sum(w.value_in(quarter) for w in there), sum(w.value_in(quarter) for w in returned),
                )  # fmt: skip


def _yes(is_so: bool) -> str:
    return "true" if is_so else "false"
