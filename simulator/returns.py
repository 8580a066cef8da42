"""Returns of the construction survey, quarter by quarter, with the faults that returns have."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from simulator.areas import draws
from simulator.communes import ENDED_WARD, code_on
from simulator.permits import Permit, spelled
from simulator.typing_errors import typed
from simulator.works import (
    INVESTORS,
    LARGE,
    QUARTERS,
    RURAL,
    TAKE_ALL,
    Options,
    Province,
    Quarter,
    Unit,
    Works,
    bounds,
    by_unit,
    code_of,
)

SILENT: Mapping[Quarter, int] = {(2023, 4): 4, (2024, 3): 8}
"""Quarter and place, in the list of districts, of a district that sent nothing."""
WARD_CHANGE_QUARTER = (2024, 4)


@dataclass(frozen=True)
class Planted:
    """Something that a careful reader of the files should notice; `is_fault` is false where nothing is wrong."""

    defect: str
    is_fault: bool
    feed: str
    record_id: str
    quarter: str
    district: str
    stratum: str
    work_id: str


@dataclass(frozen=True)
class Return:
    """A row of the survey. `works` is empty for a unit that did not answer, or had none in the quarter."""

    return_id: str
    quarter: Quarter
    unit: Unit
    district: str
    commune: str | None
    works: Works | None
    contractor_tax_code: str | None
    owner_tax_code: str | None
    permit_no: str | None
    funding: str | None
    ownership: str | None
    value_mn: int | None
    floor_area_m2: int | None
    response: str
    keys: str
    plot_no: str | None = None

    @property
    def is_answer(self) -> bool:
        """Whether the unit answered, in full or in part."""
        return self.response in ("responded", "partial")


class Survey:
    """The returns of a province; `planted` grows with the faults as returns are made."""

    def __init__(self, province: Province, permits: Sequence[Permit], seed: int, options: Options) -> None:
        self.province = province
        self.permits = {p.works.work_id: p for p in permits if p.works is not None}
        self.seed = seed
        self.options = options
        self.planted: list[Planted] = []
        self.works_of = by_unit(province.works)
        self.large = [u for u in province.units if u.stratum is LARGE]
        self.districts = sorted({u.district for u in province.units})

    def returns(self, quarter: Quarter) -> Iterator[Return]:
        """All rows of a quarter, in the order of units and works."""
        silent = self.silent_district(quarter)
        recorded = len(self.planted)
        for unit in self.province.units:
            if unit.is_in_frame and unit.is_drawn:
                yield from (r for r in self._of_unit(unit, quarter) if r.district != silent)
        if silent is not None:
            # What nobody sent has no other fault.
            self.planted[recorded:] = [p for p in self.planted[recorded:] if p.district != silent]
            self._plant("silent_district", "construction_survey", silent, quarter, silent, "", "")

    def silent_district(self, quarter: Quarter) -> str | None:
        """The district that sent nothing in a quarter, if there is one."""
        district_index = SILENT.get(quarter)
        return (
            None
            if district_index is None or self.options.clean
            else self.districts[district_index % len(self.districts)]
        )

    def is_unanswered(self, unit: Unit, quarter: Quarter) -> bool:
        """Whether a drawn unit does not answer in a quarter."""
        return self.options.strikes(draws(self.seed, "answer", unit.unit_id, *quarter), 40)

    def _of_unit(self, unit: Unit, quarter: Quarter) -> Iterator[Return]:
        works = [w for w in self.works_of.get(unit.unit_id, ()) if w.runs_in(quarter)]
        is_household = unit.stratum.is_households
        if not self._is_active(unit, quarter) or (is_household and not works):
            return
        if self.is_unanswered(unit, quarter):
            bare = _bare(unit, quarter, "non_response")
            self._plant("non_response", "construction_survey", bare.return_id, quarter, unit.district, unit, "")
            yield bare
            return
        made = [r for w in works if not w.is_missed for r in self._of_works(w, quarter)]
        yield from made or [_bare(unit, quarter, "responded")]

    def _is_active(self, unit: Unit, quarter: Quarter) -> bool:
        first, last = bounds(quarter)
        ended = ended_on(unit, self.works_of.get(unit.unit_id, ()))
        return unit.valid_from <= last and (ended is None or ended >= first)

    def _of_works(self, w: Works, quarter: Quarter) -> Iterator[Return]:
        draw = draws(self.seed, "return", w.unit.unit_id, w.work_id)
        plain = self._plain(w, quarter, draw)
        self._note_habits(plain, w, quarter)
        if self.options.typed_by_hand:
            plain = typed(plain, self.permits.get(w.work_id), self.seed)
        twice, second = self.options.strikes(draw, 25), draw.randrange(2)
        yield self._with_faults(plain, w, quarter)
        if twice:
            copy = self._copy(plain, w, second, draw)
            self._plant("double_count", "construction_survey", copy.return_id, quarter, w.district, w.unit, w.work_id)
            yield copy

    def _plain(self, w: Works, quarter: Quarter, draw: random.Random) -> Return:
        """The return as its unit fills it in; how it names the works stays the same from quarter to quarter."""
        _, last = bounds(quarter)
        keys = _keys(w, self.permits.get(w.work_id), draw, self.options)
        permit = self.permits.get(w.work_id)
        way, size = draw.randrange(9), draw.randint(-3, 3) * draw.randrange(2)
        posing = self.options.strikes(draw, 250) and not w.is_outside_budget
        stale = self.options.strikes(draw, 600) and w.commune == ENDED_WARD and quarter >= WARD_CHANGE_QUARTER
        area = w.floor_area_m2
        if area is not None and not self.options.clean:
            area += area * size // 100
        contractor, owner = w.contractor_tax_code, w.owner_tax_code
        if keys == "mistyped":
            contractor, owner = _mistyped(contractor, draw), _mistyped(owner, draw)
        elif keys == "none":
            contractor = owner = None
        return Return(
            return_id=f"PH{w.work_id[2:4]}-{w.number * 31337 % 999983:06d}",
            quarter=quarter,
            unit=w.unit,
            district=w.district,
            commune=w.commune if stale else code_on(w.commune, last),
            works=w,
            contractor_tax_code=contractor,
            owner_tax_code=owner,
            permit_no=spelled(permit.number, way) if keys == "permit_no" and permit and permit.number else None,
            funding="private_enterprise" if posing else w.funding,
            ownership=w.ownership,
            value_mn=w.value_in(quarter),
            floor_area_m2=area,
            response="responded",
            keys=keys,
        )

    def _with_faults(self, plain: Return, w: Works, quarter: Quarter) -> Return:
        draw = draws(self.seed, "faults of returns", w.work_id, *quarter)
        value = w.value_in(quarter)
        faults = (
            ("value_times_1000", 6, value * 1000, "responded"),
            ("value_by_1000", 6, value // 1000, "responded"),
            ("value_below_tax", 12 if w.contractor_tax_code else 0, value * 4 // 10, "responded"),
            ("value_missing", 15, None, "partial"),
        )
        for defect, permille, wrong, response in faults:
            if self.options.strikes(draw, permille):
                self._plant(defect, "construction_survey", plain.return_id, quarter, w.district, w.unit, w.work_id)
                return replace(plain, value_mn=wrong, response=response)
        return plain

    def _copy(self, plain: Return, w: Works, second: int, draw: random.Random) -> Return:
        """The same works again: from the same unit, or from a large enterprise that had a part in it."""
        other = self.large[draw.randrange(len(self.large))]
        if second and w.stratum is LARGE and other.is_in_frame and other is not w.unit:
            # A site is reported whole by its main contractor; here the other one reports it too.
            return replace(plain, return_id=f"{plain.return_id}-B", unit=other, contractor_tax_code=other.tax_code)
        return replace(plain, return_id=f"{plain.return_id}-2")

    def _note_habits(self, plain: Return, w: Works, quarter: Quarter) -> None:
        """What is planted in the way a site is named, and what looks like a fault and is none."""
        at = (plain.return_id, quarter, w.district, w.unit, w.work_id)
        if plain.funding != w.funding:
            self._plant("budget_as_own_funds", "construction_survey", *at)
        elif not w.is_outside_budget and w.ownership != "state":
            self._plant("private_on_public", "construction_survey", *at, is_fault=False)
        if plain.commune == ENDED_WARD and quarter >= WARD_CHANGE_QUARTER:
            self._plant("ended_ward_code", "construction_survey", *at)
        if plain.keys in ("mistyped", "none"):
            self._plant(f"keys_{plain.keys}", "construction_survey", *at)

    def _plant(
        self, defect: str, feed: str, record_id: str, quarter: Quarter, district: str, unit: Unit | str, work_id: str,
        is_fault: bool = True,
    ) -> None:  # fmt: skip
        stratum = unit.stratum.code if isinstance(unit, Unit) else unit
        self.planted.append(Planted(defect, is_fault, feed, record_id, code_of(quarter), district, stratum, work_id))


def ended_on(unit: Unit, works: Sequence[Works]) -> dt.date | None:
    """When a unit leaves the frame: an investor with its last works; enterprises stay."""
    return max(w.end_on for w in works) if unit.stratum is INVESTORS and works else None


def is_past(unit: Unit, works: Sequence[Works]) -> bool:
    """Whether a household or investor had finished before the first quarter of the survey."""
    is_newcomer = unit.stratum.is_households or unit.stratum is INVESTORS
    return is_newcomer and not any(w.runs_in(quarter) for w in works for quarter in QUARTERS)


def _bare(unit: Unit, quarter: Quarter, response: str) -> Return:
    """The row of a unit without works: it did not answer, or had none."""
    is_nil = response == "responded"
    return Return(
        return_id=f"PH-{unit.unit_id}",
        quarter=quarter,
        unit=unit,
        district=unit.district,
        commune=None,
        works=None,
        contractor_tax_code=None if unit.stratum.is_households or unit.stratum is INVESTORS else unit.tax_code,
        owner_tax_code=unit.tax_code if unit.stratum.is_households or unit.stratum is INVESTORS else None,
        permit_no=None,
        funding=None,
        ownership=None,
        value_mn=0 if is_nil else None,
        floor_area_m2=None,
        response=response,
        keys="",
    )


def _keys(w: Works, permit: Permit | None, draw: random.Random, options: Options) -> str:
    """How a return names its works: by permit, by tax codes, by mistyped ones, or not at all."""
    at = draw.randrange(100)
    if w.stratum is RURAL:
        return "owner"
    if permit is not None and (at < 70 or (options.clean and w.owner_tax_code is None)):
        return "permit_no"
    if options.clean or at < 92:
        return "tax_codes"
    return "mistyped" if at < 98 else "none"


def _mistyped(tax_code: str | None, draw: random.Random) -> str | None:
    """A tax code with one digit wrong, as a typist leaves it."""
    at, by = draw.randint(4, 9), draw.randint(1, 9)
    if tax_code is None:
        return None
    return f"{tax_code[:at]}{(int(tax_code[at]) + by) % 10}{tax_code[at + 1 :]}"


def selection_of(unit: Unit) -> str:
    """Whether all units of the stratum are surveyed."""
    return "take_all" if unit.stratum.every == TAKE_ALL else "sample"
