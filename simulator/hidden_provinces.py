"""Hidden provinces: cells of works with known truth, told by lists, survey and tax as a scenario says.

Each cell, one district in one quarter, is a draw of its own: so one home holds hundreds of draws. Quarters lie half a
year apart, because a list's works may be told of a quarter early or late.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from pathlib import Path
from random import Random

from simulator.delivery_folder import Folder
from simulator.office_files import Cell, write_csv
from simulator.typing_errors import typed_numbers
from simulator.works import with_check_digit

WORKS = 600
FIRST_YEAR, LAST_YEAR = 2015, 2024
RELEASED_ON = dt.date(2025, 1, 20)
FEEDS: Mapping[str, tuple[str, ...]] = {
    "building_permits": (
        "application_no", "permit_no", "kind", "owner_type", "funding_source", "contractor_tax_code", "district_code",
        "commune_code", "received_on", "due_on", "answered_on", "outcome", "issued_on", "start_on", "completed_on",
        "floor_area_m2",
        "owner_tax_code",
    ),
    "construction_frame": ("frame_unit_id", "valid_from", "stratum", "selection", "district_code", "status"),
    "construction_survey": (
        "return_id", "quarter", "frame_unit_id", "district_code", "commune_code", "stratum", "selection",
        "selection_probability", "weight", "contractor_tax_code", "permit_no", "funding_source",
        "contractor_ownership", "value_mn", "floor_area_m2", "response_status",
        "owner_tax_code",
    ),
    "construction_tax": (
        "declaration_id", "taxpayer_tax_code", "form", "tax_period", "commune_code", "contract_no",
        "turnover_ex_vat_mn",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Scenario:
    """How likely each list holds works, and what is reported otherwise; shares between 0 and 1.

    `reported_if_listed` and `reported_if_unlisted` are those of the survey, `declared_if_seen` and `declared_if_unseen`
    those of declarations with a site. In a sample one household of `every` is drawn and a share of them is `silent`.
    Returns that are `typed_by_hand` have the errors of `simulator.typing_errors`.
    """

    listed: float = 0.8
    reported_if_listed: float = 0.85
    reported_if_unlisted: float = 0.85
    declared_if_seen: float = 0
    declared_if_unseen: float = 0
    other_stratum: float = 0
    every: int = 1
    silent: float = 0
    typed_by_hand: bool = False


SCENARIOS: Mapping[str, Scenario] = {
    "clean": Scenario(),
    "dependent, declarations independent": Scenario(
        reported_if_listed=0.92, reported_if_unlisted=0.35, declared_if_seen=0.5, declared_if_unseen=0.5
    ),
    "dependent, declarations at odds ratio 2": Scenario(
        reported_if_listed=0.92, reported_if_unlisted=0.35, declared_if_seen=0.5, declared_if_unseen=1 / 3
    ),
    "typing errors": Scenario(typed_by_hand=True),
    "sampled households": Scenario(every=5, silent=0.2),
    "5 % told in another stratum": Scenario(other_stratum=0.05),
    "10 % told in another stratum": Scenario(other_stratum=0.1),
}


@dataclass
class DrawnRows:
    """Rows of each feed, and the truth of each cell."""

    feeds: dict[str, list[tuple[Cell, ...]]] = field(default_factory=lambda: {feed: [] for feed in FEEDS})
    truth: list[tuple[Cell, ...]] = field(default_factory=list)


def write_hidden_provinces(root: Path, scenario: Scenario, draws: int, seed: int, places: Sequence[Place]) -> None:
    """Write the deliveries of one scenario below `root`, and the truth of each draw beside them."""
    rows, folder = DrawnRows(), Folder(root)
    cells = product(_quarters(), places)
    for number, ((first_on, quarter), place) in zip(range(draws), cells, strict=False):
        _draw(rows, scenario, Random(f"{seed}:{number}"), number, first_on, quarter, place)
    period = f"{FIRST_YEAR}-Q1..{LAST_YEAR}-Q4"
    for feed, header in FEEDS.items():
        if rows.feeds[feed]:
            write_csv(folder.delivery(feed, period, RELEASED_ON, "csv"), header, rows.feeds[feed])
    header = ("district_code", "quarter", "works", "recorded", "value_mn", "recorded_mn")
    write_csv(folder.truth("hidden_provinces"), header, rows.truth)


@dataclass(frozen=True)
class Place:
    """A district with the communes its works stand in, and those of them that are urban."""

    district: str
    communes: tuple[str, ...]
    urban: tuple[str, ...]


def places_of_seed(seed: Path, area: str) -> list[Place]:
    """Return the districts of an area, with their communes, from the seed of administrative units."""
    with seed.open(encoding="utf-8", newline="") as file:
        units = [unit for unit in csv.DictReader(file) if not unit["valid_from"]]
    children: dict[str, list[str]] = {}
    urban: dict[str, list[str]] = {}
    for unit in units:
        children.setdefault(unit["parent_admin_unit_code"], []).append(unit["admin_unit_code"])
        if unit["unit_type_vi"] in ("Phường", "Thị trấn"):
            urban.setdefault(unit["parent_admin_unit_code"], []).append(unit["admin_unit_code"])
    return [Place(d, tuple(children[d]), tuple(urban[d])) for d in children[area] if d in urban]


def _quarters() -> Iterator[tuple[dt.date, str]]:
    for year, quarter in product(range(FIRST_YEAR, LAST_YEAR + 1), (1, 3)):
        yield dt.date(year, 3 * quarter - 2, 1), f"{year}-Q{quarter}"


def _draw(
    rows: DrawnRows, scenario: Scenario, chance: Random, number: int, first_on: dt.date, quarter: str, place: Place
) -> None:
    """Draw one cell: its works, and who tells of them."""
    is_sample = scenario.every > 1
    stratum = "households_urban" if is_sample else "enterprises_large"
    selection = "sample" if is_sample else "take_all"
    works_recorded, value_all, value_recorded = 0, 0, 0
    on = [first_on + dt.timedelta(days=days) for days in (0, 3, 5, 80)]
    if not is_sample:
        for unit, kind in ((f"A{number}", stratum), (f"B{number}", "investors")):
            _in_frame(rows, unit, first_on, kind, selection, place.district)
    listed = [chance.random() < scenario.listed for _ in range(WORKS)]
    reported = [
        chance.random() < (scenario.reported_if_listed if is_ else scenario.reported_if_unlisted) for is_ in listed
    ]
    framed = [n for n in range(WORKS) if reported[n]]
    drawn = set(chance.sample(framed, round(len(framed) / scenario.every)))
    weight = round(Decimal(len(framed)) / len(drawn), 6)
    for n in range(WORKS):
        key = number * 1000 + n
        area = round(chance.uniform(60, 250) if is_sample else chance.uniform(1000, 4000))
        value = round(area * (6 if is_sample else 8) * chance.lognormvariate(0, 0.2) / (10 if is_sample else 1))
        communes = place.urban if is_sample else place.communes
        commune = communes[n % len(communes)]
        is_listed, is_reported = listed[n], reported[n]
        is_seen = is_listed or is_reported
        is_declared = chance.random() < (scenario.declared_if_seen if is_seen else scenario.declared_if_unseen)
        is_elsewhere = chance.random() < scenario.other_stratum
        value_all += value
        works_recorded += is_reported
        value_recorded += value * is_reported
        builder = None if is_sample else f"{chance.randrange(10**9, 10**10)}"
        if scenario.typed_by_hand:
            builder = _tax_code(Random(f"builder:{key}"))
        owner = ("household", "household") if is_sample else ("enterprise", "private_enterprise")
        owner_code = _tax_code(Random(f"owner:{key}")) if scenario.typed_by_hand else None
        if is_listed:
            rows.feeds["building_permits"].append(
                (
                    f"HS{key}", f"{n + 1}/{first_on.year}/GPXD", "Công trình", *owner, builder, place.district,
                    commune, on[0], on[2], on[1], "granted", on[1], on[2], on[3], area, owner_code,
                )
            )  # fmt: skip
        if n in drawn:
            unit = f"H{key}" if is_sample else f"{'B' if is_elsewhere else 'A'}{number}"
            if is_sample:
                _in_frame(rows, unit, first_on, stratum, selection, place.district)
            reported_stratum = "investors" if is_elsewhere else stratum
            if chance.random() < scenario.silent:
                answer: tuple[Cell, ...] = (None, None, None, None, None, None, "non_response", None)
                where = None
            else:
                permit = f"{n + 1}/{first_on.year}/GPXD" if is_listed else None
                numbers = builder, permit, area, owner_code
                reported_builder, reported_permit, reported_area, reported_owner = (
                    typed_numbers(*numbers, Random(f"typed:{key}")) if scenario.typed_by_hand else numbers
                )
                answer = (
                    reported_builder,
                    reported_permit,
                    owner[1],
                    "non_state",
                    value,
                    reported_area,
                    "responded",
                    reported_owner,
                )
                where = commune
            rows.feeds["construction_survey"].append(
                (
                    f"PH{key}",
                    quarter,
                    unit,
                    place.district,
                    where,
                    reported_stratum,
                    selection,
                    round(1 / weight, 6),
                    weight,
                    *answer,
                )
            )
        if is_declared:
            turnover = round(value * chance.uniform(0.95, 1.05))
            rows.feeds["construction_tax"].append(
                (f"TK{key}", builder, "05/GTGT", quarter, commune, f"HD{key}", turnover)
            )
    rows.truth.append((place.district, quarter, WORKS, works_recorded, value_all, value_recorded))


def _tax_code(chance: Random) -> str:
    """Draw a code of ten digits that no real taxpayer has, of which the last checks the others."""
    while True:
        code = with_check_digit(f"9{chance.randrange(10**7, 10**8)}")
        if code is not None:
            return code


def _in_frame(rows: DrawnRows, unit: str, first_on: dt.date, stratum: str, selection: str, district: str) -> None:
    """Put a unit into the frame for one quarter."""
    for valid_from, status in ((first_on, "active"), (first_on + dt.timedelta(days=100), "ceased")):
        rows.feeds["construction_frame"].append((unit, valid_from, stratum, selection, district, status))
