"""Revisions on the national accounts: the office's file as one vintage, the same file with known changes as the next.

The growth of both vintages is computed here from the XML, and the revisions from that.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest

from tests.house import House, Unpublished
from tests.real.test_national_accounts import ACCOUNTS, SERIES, observations, year_before

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not ACCOUNTS.exists(), reason="the national office's files are not beside this checkout"),
]

RESTATED = ("CON", "II", "GRDP")
"""Construction and all that holds it: what is added to it is added to them, so that the parts add up as before."""
CHANGES = {"2023-Q1": 1500, "2023-Q2": -1500, "2024-Q1": 2500, "2024-Q2": 4000, "2024-Q3": -3000}
"""In billion VND; the year 2023 keeps its sum."""
NEXT = dt.date(2024, 12, 1)


def restated(content: str) -> str:
    """The file with the changes in the quarters of construction, sector II and GDP at constant prices."""

    def changed(series: re.Match[str]) -> str:
        if 'FREQ="Q"' not in series[1] or 'BASE_PER="2010"' not in series[1]:
            return series[0]
        text = series[0]
        for period, change in CHANGES.items():
            pattern = rf'(<Obs[^>]*TIME_PERIOD="{period}"[^>]*OBS_VALUE=")([^"]+)"'
            text, times = re.subn(pattern, lambda obs, by=change: f'{obs[1]}{Decimal(obs[2]) + by}"', text)
            assert times == 1, (period, series[1])
        return text

    for sector in RESTATED:
        name = re.escape(SERIES[sector])
        content = re.sub(rf'(<Series[^>]*INDICATOR="{name}"[^>]*>).*?</Series>', changed, content, flags=re.DOTALL)
    return content


@pytest.fixture(scope="module")
def house(after_an_empty_night: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    house = Unpublished(after_an_empty_night.copied_to(tmp_path_factory.mktemp("vintages")).root)
    house.deliver("grdp__2024-Q3__2024-10-24.xml", ACCOUNTS.read_bytes())
    house.deliver(f"grdp__2024-Q3__{NEXT}.xml", restated(ACCOUNTS.read_text(encoding="utf-8")))
    house.part_night("growth_revisions", "growth_revision_summary", as_of=dt.date(2024, 12, 31))
    return house


def test_known_changes_of_the_national_file_are_the_revisions_and_nothing_else_is(house: House) -> None:
    levels = {period: Decimal(str(v)) for (s, period), v in observations(ACCOUNTS).items() if s == SERIES["CON"]}

    def growth(period: str, *, later: bool) -> Decimal:
        now, before = (
            levels[p] + (CHANGES.get(p, 0) if later else 0) for p in (period, year_before(period))
        )  # fmt: skip
        return 100 * (now / before - 1)

    rows = {row["period"]: row for row in house.mart("growth_revisions") if row["sector_code"] == "CON"}
    touched = {*CHANGES, "2023-6M", "2023-9M", "2024-6M", "2024-9M"}
    assert {period for period, row in rows.items() if row["revision_pp"] != 0} == touched - {"2023-6M", "2023-9M"}
    assert len(rows) > 100
    for period in CHANGES:
        row = rows[period]
        assert (row["first_released_on"], row["later_released_on"]) == (dt.date(2024, 10, 24), NEXT)
        assert float(row["first_growth_pct"]) == pytest.approx(float(growth(period, later=False)), abs=6e-5)
        assert float(row["later_growth_pct"]) == pytest.approx(float(growth(period, later=True)), abs=6e-5)
        assert row["revision_pp"] == row["later_growth_pct"] - row["first_growth_pct"]
    nine = [f"2024-Q{q}" for q in (1, 2, 3)]
    before = sum(levels[year_before(p)] for p in nine)
    assert float(rows["2024-9M"]["revision_pp"]) == pytest.approx(
        float(100 * sum(CHANGES[p] for p in nine) / before), abs=2e-4
    )


def test_the_summary_of_quarters_follows_from_the_changes(house: House) -> None:
    (row,) = [
        r
        for r in house.mart("growth_revision_summary")
        if (r["sector_code"], r["period_type"], r["revision_horizon"]) == ("CON", "quarter", "first_to_latest")
        and r["revision_source"] == "landed_vintages"
    ]
    found = [
        r["revision_pp"]
        for r in house.mart("growth_revisions")
        if r["sector_code"] == "CON" and r["period_type"] == "quarter"
    ]
    assert row["revisions"] == len(found)
    assert row["mean_revision_pp"] == round(sum(found) / len(found), 4)
    assert row["mean_absolute_revision_pp"] == round(sum(abs(r) for r in found) / len(found), 4)


def test_sectors_that_were_not_restated_have_revisions_of_zero(house: House) -> None:
    others = [r["revision_pp"] for r in house.mart("growth_revisions") if r["sector_code"] not in RESTATED]
    assert len(others) > 1000
    assert set(others) == {0}
