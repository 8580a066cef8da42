"""Months that warn, on the stated vintage of the national accounts: what the index of production says of them ahead.

The file of the index and that of the accounts are read here with the standard library; lines are fitted by it too.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import statistics
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from tests.real.test_national_accounts import ACCOUNTS, PRODUCTION, SERIES, observations
from tests.real.test_projections_of_the_country import PAGE, WithoutSmoothing, growth, rows_of

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not ACCOUNTS.exists(), reason="the national office's files are not beside this checkout"),
]

SECTORS = ("GRDP", "IND")
LEAST_PAIRS = 12

Row = dict[str, Any]
Quarters = Mapping[tuple[str, int, int], float]


@pytest.fixture(scope="module")
def quarters() -> Quarters:
    by_series = {SERIES[sector]: sector for sector in SECTORS}
    return {
        (by_series[series], int(period[:4]), int(period[6])): value
        for (series, period), value in observations(ACCOUNTS).items()
        if series in by_series and period[5:6] == "Q" and period >= "2010"
    }


@pytest.fixture(scope="module")
def index() -> Mapping[tuple[int, int], float]:
    """Growth of the index of all industry on the same month a year before, in percent, by year and month."""
    levels = {
        (int(period[:4]), int(period[5:7])): value
        for (series, period), value in observations(PRODUCTION).items()
        if series == "AIP_ISIC4_IX"
    }
    return {(y, m): 100 * (v / levels[y - 1, m] - 1) for (y, m), v in levels.items() if (y - 1, m) in levels}


@pytest.fixture(scope="module")
def tables(quarters: Quarters) -> WithoutSmoothing:
    months = [
        {
            "delivery_id": "index", "source_file": "industrial_production_index__2024-10__2024-11-13.xml",
            "source_row": 2, "released_on": dt.date(2024, 11, 13), "area_code": "VN", "activity_code": "BTE",
            "month": period, "index_level": Decimal(str(round(value, 6))), "base_year": 2015,
        }
        for (series, period), value in observations(PRODUCTION).items()
        if series == "AIP_ISIC4_IX"
    ]  # fmt: skip
    accounts = [*rows_of("VN", quarters, 2010, 2024)]
    return WithoutSmoothing(validated={"grdp": accounts, "industrial_production_index": months})


@pytest.fixture(scope="module")
def errors(tables: WithoutSmoothing, quarters: Quarters) -> Mapping[tuple[str, str], Mapping[tuple[int, int], float]]:
    """How far off each run was, by sector and method, then by year and quarters known."""
    found: dict[tuple[str, str], dict[tuple[int, int], float]] = {}
    for row in tables.compute("int_projection_runs", "2025-01-01"):
        year, sector = row["target_year"], row["sector_code"]
        if year <= 2023:
            off = float(row["projected_growth_pct"]) - growth(quarters, sector, year)
            found.setdefault((sector, row["method"]), {})[year, row["quarters_known"]] = off
    return found


def quarter_growth(quarters: Quarters, sector: str, number: int) -> float | None:
    year, quarter = divmod(number - 1, 4)
    before = quarters.get((sector, year - 1, quarter + 1))
    return None if before is None or year < 2011 else 100 * (quarters[sector, year, quarter + 1] / before - 1)


@pytest.mark.parametrize("sector", SECTORS)
@pytest.mark.parametrize("months", [1, 2, 3])
def test_bridges_are_lines_through_earlier_quarters_of_the_files(
    tables: WithoutSmoothing, quarters: Quarters, index: Mapping[tuple[int, int], float], sector: str, months: int
) -> None:
    def ahead(number: int) -> float | None:
        year, quarter = divmod(number - 1, 4)
        found = [index.get((year, 3 * quarter + n)) for n in range(1, months + 1)]
        return None if None in found else statistics.fmean(x for x in found if x is not None)

    rows = [row for row in tables.compute("int_index_bridge", "2025-01-01")
            if (row["sector_code"], row["method"]) == (sector, f"index_bridge_{months}")]  # fmt: skip
    assert len(rows) >= 15
    for row in rows:
        last = 4 * row["target_year"] + row["quarters_known"]
        earlier = [
            (ahead(number), quarter_growth(quarters, sector, number)) for number in range(4 * 2011 + 1, last + 1)
        ]
        pairs = [(x, y) for x, y in earlier if x is not None and y is not None]
        assert len(pairs) == row["bridge_quarters"] >= LEAST_PAIRS
        slope, intercept = statistics.linear_regression(*zip(*pairs, strict=True))
        month = ahead(last + 1)
        assert month is not None
        assert float(row["next_quarter_growth_pct"]) == pytest.approx(intercept + slope * month, abs=0.001)


def test_a_bridge_is_taken_only_where_its_earlier_errors_are_smaller(
    tables: WithoutSmoothing, errors: Mapping[tuple[str, str], Mapping[tuple[int, int], float]]
) -> None:
    """The newest origin of the file: three quarters of 2024 known, and October of the index; over years both saw."""
    chosen = {
        row["sector_code"]: row["method"]
        for row in tables.compute("int_projection_choices", "2025-01-01")
        if (row["target_year"], row["quarters_known"]) == (2024, 3)
    }

    for sector in SECTORS:
        plain, bridged = errors[sector, "average"], errors[sector, "index_bridge_1"]
        both = [origin for origin in plain.keys() & bridged.keys() if origin[1] == 3]
        assert len(both) >= 3
        is_better = sum(abs(bridged[origin]) for origin in both) < sum(abs(plain[origin]) for origin in both)
        assert chosen[sector] == ("index_bridge_1" if is_better else "average")


def compared(
    errors: Mapping[tuple[str, str], Mapping[tuple[int, int], float]], sector: str, months: int
) -> list[float]:
    """Projections; mean error without and with the months; what they take off, and its error clustered by year."""
    plain, bridged = errors[sector, "average"], errors[sector, f"index_bridge_{months}"]
    both = sorted(plain.keys() & bridged.keys())
    gains = {one: abs(plain[one]) - abs(bridged[one]) for one in both}
    mean = statistics.fmean(gains.values())
    years = {year for year, _ in both}
    sums = [math.fsum(gain - mean for (year, _), gain in gains.items() if year == one) for one in years]
    spread = math.sqrt(len(years) / (len(years) - 1) * math.fsum(s * s for s in sums)) / len(both)
    absolute = [statistics.fmean(abs(found[one]) for one in both) for found in (plain, bridged)]
    return [float(len(both)), *(round(value, 2) for value in (*absolute, mean, spread))]


def test_the_page_of_formulas_tells_what_months_take_off_the_error(
    errors: Mapping[tuple[str, str], Mapping[tuple[int, int], float]],
) -> None:
    lines = re.findall(r"^\| (GRDP|IND) \| (1|2|3) \|(.+)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    told = {
        (sector, int(months)): [float(cell) for cell in re.split(r"[|±]", cells)] for sector, months, cells in lines
    }
    computed: Mapping[tuple[str, int], Sequence[float]] = {
        (sector, months): compared(errors, sector, months) for sector in SECTORS for months in (1, 2, 3)
    }
    assert told == computed
