"""Construction works of a province: who builds what, where and when, and which of the lists and returns know it.

The works come first and are the truth. Permits, appraisals, tax declarations and the survey then each see a part of
them; what they see wrongly or not at all is decided here, by draws of their own, so that a clean and a planted
province hold the same works. Everything is invented, the codes of districts and communes of Sóc Trăng excepted.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulator.areas import Area, districts_of, draws
from simulator.communes import ENDED_WARD, communes_of

Quarter = tuple[int, int]

QUARTERS: tuple[Quarter, ...] = tuple((year, q) for year in (2023, 2024) for q in range(1, 5))
"""The quarters of the survey."""
STARTS: tuple[Quarter, ...] = tuple((year, q) for year in (2022, 2023, 2024) for q in range(1, 5))
"""The quarters in which works start, so that older works run in the first quarter of the survey."""

TAKE_ALL = 1
BUDGET = "state_budget"
ENTERPRISES_SINCE = dt.date(2022, 1, 1)


@dataclass(frozen=True)
class Stratum:
    """A stratum: one unit in `every` is drawn; starts a quarter in tenths for the seat, towns and other districts.

    Days a site takes, floor in m2, and cost of a m2 in tenths of a million dong are drawn between two bounds.
    """

    code: str
    every: int
    starts: tuple[int, int, int]
    days: tuple[int, int]
    area_m2: tuple[int, int]
    cost: tuple[int, int]

    @property
    def is_households(self) -> bool:
        """Whether its units are households, which build for themselves."""
        return self.code.startswith("households")


LARGE = Stratum("enterprises_large", TAKE_ALL, (40, 20, 10), (180, 540), (800, 6000), (60, 110))
INVESTORS = Stratum("investors", TAKE_ALL, (10, 6, 4), (270, 720), (2000, 20000), (50, 90))
SMALL = Stratum("enterprises_small", 3, (50, 30, 20), (120, 420), (200, 1500), (55, 90))
URBAN = Stratum("households_urban", 5, (100, 50, 30), (90, 270), (60, 300), (45, 80))
RURAL = Stratum("households_rural", 8, (50, 50, 50), (60, 180), (50, 180), (35, 60))
STRATA = (LARGE, INVESTORS, SMALL, URBAN, RURAL)

LARGE_ENTERPRISES = 14
SMALL_ENTERPRISES = (9, 6, 4)
"""In a province of density 1; the small ones by kind of district: seat, town, other."""
FROM_ELSEWHERE = 2
"""Large enterprises seated in another province: they declare tax where the works are."""

_OWNERSHIPS = (("non_state", 85), ("state", 10), ("fdi", 5))
_FUNDINGS = ((BUDGET, 14), ("private_enterprise", 66), ("foreign_invested", 12), ("state_enterprise", 8))
_OWNERS = {BUDGET: "state_agency", "foreign_invested": "foreign_enterprise", "household": "household"}
_AGENCIES = 6


@dataclass(frozen=True)
class Options:
    """What kind of province: clean, or with faults planted; and how far the lists depend on each other.

    With `dependence_pct` 0 works without a permit are as likely to be surveyed as others, with 100 never: what one
    list misses the other then misses too. A clean province has no faults, whatever the dependence.

    With `typed_by_hand` tax codes bear check digits, households none at all, and returns are typed as hands type:
    see `simulator.typing_errors`.
    """

    clean: bool = False
    dependence_pct: int = 0
    typed_by_hand: bool = False

    def strikes(self, draw: random.Random, permille: int) -> bool:
        """Whether a fault strikes that strikes so many of a thousand; draws once in any province."""
        return draw.randrange(1000) < permille and not self.clean


@dataclass(frozen=True)
class Unit:
    """A unit of the survey: an enterprise, an investor or a household that builds."""

    unit_id: str
    stratum: Stratum
    district: str
    tax_code: str | None
    ownership: str
    valid_from: dt.date
    is_from_elsewhere: bool
    is_in_frame: bool
    is_drawn: bool


@dataclass(frozen=True)
class Works:
    """One works. `listed` says which list holds it; `is_missed` that its unit leaves it out of its returns."""

    work_id: str
    number: int
    stratum: Stratum
    district: str
    commune: str
    start_on: dt.date
    end_on: dt.date
    floor_area_m2: int | None
    value_mn: int
    unit: Unit
    funding: str
    owner_tax_code: str | None
    contractor_tax_code: str | None
    ownership: str
    listed: str | None
    is_missed: bool
    plot_no: str | None

    @property
    def owner_type(self) -> str:
        """What the owner is; who pays is said by the funding."""
        return _OWNERS.get(self.funding, "enterprise")

    @property
    def is_outside_budget(self) -> bool:
        """Whether it is construction that the letter speaks of."""
        return self.funding != BUDGET

    @property
    def is_returned(self) -> bool:
        """Whether the survey would hold it if every drawn unit answered."""
        return self.unit.is_in_frame and self.unit.is_drawn and not self.is_missed

    def runs_in(self, quarter: Quarter) -> bool:
        """Whether work is done on it in a quarter."""
        first, last = bounds(quarter)
        return self.start_on <= last and self.end_on >= first

    def value_in(self, quarter: Quarter) -> int:
        """Value done in a quarter, in mn VND: even over the days; the quarters add up to the whole."""
        first, last = bounds(quarter)
        days = (self.end_on - self.start_on).days + 1
        done = [max(0, min(days, (day - self.start_on).days)) for day in (first, last + dt.timedelta(days=1))]
        return self.value_mn * done[1] // days - self.value_mn * done[0] // days


@dataclass(frozen=True)
class Province:
    """All units and works of an area; `agencies` are the tax codes of offices that build for the budget."""

    area: Area
    units: Sequence[Unit]
    works: Sequence[Works]
    agencies: Sequence[str]


def bounds(quarter: Quarter) -> tuple[dt.date, dt.date]:
    """First and last day of a quarter."""
    year, q = quarter
    after = dt.date(year + q // 4, q % 4 * 3 + 1, 1)
    return dt.date(year, 3 * q - 2, 1), after - dt.timedelta(days=1)


def code_of(quarter: Quarter) -> str:
    """A quarter as files write it: 2024-Q3."""
    return f"{quarter[0]}-Q{quarter[1]}"


def chosen(draw: random.Random, shares: Sequence[tuple[str, int]]) -> str:
    """One of several words with shares in percent."""
    at = draw.randrange(100)
    for word, share in shares:
        at -= share
        if at < 0:
            return word
    return shares[-1][0]


def province_of(area: Area, seed: int, options: Options) -> Province:
    """The units and works of an area."""
    return _Builder(area, seed, options).build()


class _Builder:
    """Makes a province; keeps the running numbers of units, works and tax codes."""

    def __init__(self, area: Area, seed: int, options: Options) -> None:
        self.area = area
        self.seed = seed
        self.options = options
        self.units: list[Unit] = []
        self.works: list[Works] = []
        self.taxpayers = 0
        self.newcomers: dict[tuple[str, str], int] = {}
        self.places = {code: min(i, 2) for i, code in enumerate(_by_size(area))}
        self.agencies = tuple(self._tax_code("97") for _ in range(_AGENCIES))

    def build(self) -> Province:
        large = self._enterprises(LARGE, LARGE_ENTERPRISES * self.area.density, None)
        for district, _ in districts_of(self.area):
            count = SMALL_ENTERPRISES[self.places[district]] * self.area.density
            small = self._enterprises(SMALL, count, district)
            for stratum in STRATA:
                investors: list[Unit] = []
                for quarter in STARTS:
                    for draw in self._starts(stratum, district, quarter):
                        self._start(stratum, district, quarter, draw, large, small, investors)
        return Province(self.area, self.units, self.works, self.agencies)

    def _starts(self, stratum: Stratum, district: str, quarter: Quarter) -> Iterator[random.Random]:
        draw = draws(self.seed, "starts", self.area.code, stratum.code, district, *quarter)
        tenths = stratum.starts[self.places[district]] * self.area.density
        for i in range(tenths // 10 + (draw.randrange(10) < tenths % 10)):
            yield draws(self.seed, "works", self.area.code, stratum.code, district, *quarter, i)

    def _enterprises(self, stratum: Stratum, count: int, district: str | None) -> list[Unit]:
        made = []
        codes = [code for code, _ in districts_of(self.area)]
        topic = (self.area.code, stratum.code, district)
        first_drawn = draws(self.seed, "drawn", *topic).randrange(stratum.every)
        unknown = draws(self.seed, "unknown", *topic).randrange(count)
        for i in range(count):
            draw = draws(self.seed, "enterprise of works", *topic, i)
            # One large enterprise is in no frame, and in every third district a small one.
            is_unknown = i == unknown and (district is None or codes.index(district) % 3 == 1)
            made.append(
                Unit(
                    unit_id=f"DN{self.area.code}-{len(self.units) + 1:05d}",
                    stratum=stratum,
                    district=district or codes[draw.randrange(len(codes))],
                    tax_code=self._tax_code("99"),
                    ownership=chosen(draw, _OWNERSHIPS),
                    valid_from=ENTERPRISES_SINCE,
                    is_from_elsewhere=district is None and i % 7 == FROM_ELSEWHERE,
                    is_in_frame=self.options.clean or not is_unknown,
                    is_drawn=i % stratum.every == first_drawn,
                )
            )
            self.units.append(made[-1])
        return made

    def _start(
        self, stratum: Stratum, district: str, quarter: Quarter, draw: random.Random, large: Sequence[Unit],
        small: Sequence[Unit], investors: list[Unit],
    ) -> None:  # fmt: skip
        first, last = bounds(quarter)
        start = first + dt.timedelta(days=draw.randrange((last - first).days + 1))
        end = start + dt.timedelta(days=draw.randint(*stratum.days) - 1)
        size, cost = draw.randint(*stratum.area_m2), draw.randint(*stratum.cost)
        funding = "household" if stratum.is_households else chosen(draw, _FUNDINGS)
        communes = self._communes(stratum, district)
        commune = communes[draw.randrange(len(communes))]
        # Roads and yards have no floor.
        has_floor = stratum.is_households or draw.randrange(10) > 0
        builder = (small if stratum is SMALL else large)[draw.randrange(len(small if stratum is SMALL else large))]
        investor_again, owner_new = draw.randrange(10) < 3, draw.randrange(10)
        agency = self.agencies[draw.randrange(_AGENCIES)]
        fault = draws(self.seed, "faults of works", self.area.code, len(self.works))
        is_listed = not self.options.strikes(fault, 70) and stratum is not RURAL
        # What one list misses, the other misses too, as far as the lists depend on each other.
        dependence = 0 if is_listed or stratum is RURAL else self.options.dependence_pct
        misses = 60 if stratum.every == TAKE_ALL else 80
        is_missed = self.options.strikes(fault, misses + (1000 - misses) * dependence // 100)
        household_code = draw.randrange(10) > 2 or stratum is URBAN
        unit = builder
        if self.options.typed_by_hand and stratum.is_households:
            household_code = False
        if stratum.is_households or stratum is INVESTORS:
            if stratum is INVESTORS and investors and investor_again and funding != BUDGET:
                unit = investors[-1]
            else:
                code = self._tax_code("98") if household_code or stratum is INVESTORS else None
                unit = self._newcomer(stratum, district, first, code, funding, is_missed)
                if stratum is INVESTORS and funding != BUDGET:
                    investors.append(unit)
        owner = agency if funding == BUDGET else unit.tax_code
        if funding != BUDGET and stratum in (LARGE, SMALL):
            owner = self._tax_code("96") if owner_new else builder.tax_code
        number = len(self.works) + 1
        self.works.append(
            Works(
                work_id=f"CT{self.area.code}-{number:06d}",
                number=number,
                stratum=stratum,
                district=district,
                commune=commune,
                start_on=start,
                end_on=end,
                floor_area_m2=size if has_floor else None,
                value_mn=max(1, size * cost // 10),
                unit=unit,
                funding=funding,
                owner_tax_code=owner,
                contractor_tax_code=None if stratum.is_households else builder.tax_code,
                ownership="household" if stratum.is_households else builder.ownership,
                listed=("appraisal" if stratum is INVESTORS else "permit") if is_listed else None,
                is_missed=is_missed and stratum.every == TAKE_ALL,
                plot_no=self._plot(stratum, number),
            )
        )

    def _newcomer(
        self, stratum: Stratum, district: str, since: dt.date, tax_code: str | None, funding: str, is_overlooked: bool
    ) -> Unit:
        """A unit that comes with its works: an investor, or a household, whom the frame may overlook."""
        order = self.newcomers.get((stratum.code, district), 0)
        self.newcomers[stratum.code, district] = order + 1
        prefix = "CDT" if stratum is INVESTORS else "HO"
        first_drawn = draws(self.seed, "drawn", self.area.code, stratum.code, district).randrange(stratum.every)
        unit = Unit(
            unit_id=f"{prefix}{self.area.code}-{len(self.units) + 1:05d}",
            stratum=stratum,
            district=district,
            tax_code=tax_code,
            ownership="household" if stratum.is_households else "non_state",
            valid_from=since,
            is_from_elsewhere=False,
            # Offices that build for the budget are no unit of this frame.
            is_in_frame=funding != BUDGET and not (stratum.is_households and is_overlooked),
            is_drawn=order % stratum.every == first_drawn,
        )
        self.units.append(unit)
        return unit

    def _communes(self, stratum: Stratum, district: str) -> list[str]:
        urban, rural = communes_of(self.area, district)
        if ENDED_WARD in urban:
            # More is built where the code changes, so that a linkage which overlooks the change shows.
            urban = [*urban, ENDED_WARD, ENDED_WARD]
        if stratum is URBAN:
            return urban
        if stratum is RURAL:
            return rural or urban
        return urban * 2 + rural

    def _tax_code(self, kind: str) -> str:
        """A code of ten digits that no real taxpayer has: real ones begin with 01 to 63, or 8 for persons."""
        while True:
            self.taxpayers += 1
            if not self.options.typed_by_hand:
                return f"{kind}{self.area.code}{self.taxpayers * 7919 % 1_000_000:06d}"
            code = with_check_digit(f"{kind}{self.area.code}{self.taxpayers * 7919 % 100_000:05d}")
            if code is not None:
                return code

    def _plot(self, stratum: Stratum, number: int) -> str | None:
        """Where a household of a province typed by hand builds: its parcel and the sheet of the cadastral map."""
        if not (self.options.typed_by_hand and stratum.is_households):
            return None
        draw = draws(self.seed, "plot", self.area.code, number)
        return f"thửa {draw.randint(1, 900)}, tờ {draw.randint(1, 40)}"


def _by_size(area: Area) -> list[str]:
    """Districts, the seat first, then the two towns, then the others."""
    codes = [code for code, _ in districts_of(area)]
    towns = ("948", "950") if area.is_home else tuple(codes[1:3])
    return [codes[0], *towns, *(code for code in codes[1:] if code not in towns)]


def with_check_digit(nine: str) -> str | None:
    """Nine digits of a tax code and the tenth that checks them; None where there is no such digit."""
    weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
    check = 10 - sum(w * int(digit) for w, digit in zip(weights, nine, strict=True)) % 11
    return f"{nine}{check}" if check < 10 else None


def running(works: Sequence[Works], quarter: Quarter) -> list[Works]:
    """The works on which work is done in a quarter."""
    return [w for w in works if w.runs_in(quarter)]


def by_unit(works: Sequence[Works]) -> Mapping[str, list[Works]]:
    """Works by the unit that reports them."""
    found: dict[str, list[Works]] = {}
    for w in works:
        found.setdefault(w.unit.unit_id, []).append(w)
    return found
