"""Revisions of growth: the first release against later ones, each within its own vintage, against hand-made numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.sql_on_rows import Tables

Row = dict[str, Any]
HUNDRED = Decimal(100)


def vintage(released_on: str, stage: str, levels: Mapping[str, str], sector: str = "CON", **more: Any) -> list[Row]:
    """One delivery of levels of a sector, by period."""
    lineage = {
        "delivery_id": f"of {released_on}",
        "source_file": f"grdp__2024__{released_on}.csv",
        "released_on": dt.date.fromisoformat(released_on),
        "estimate_stage": stage,
        **more,
    }
    return [
        {**lineage, "source_row": n, "area_code": "94", "sector_code": sector, "period": p,
         "value_constant_bn": Decimal(v)}
        for n, (p, v) in enumerate(levels.items(), start=2)
    ]  # fmt: skip


def said(period: str, value: str, said_on: str, stage: str | None, indicator: str = "grdp_growth") -> Row:
    return {
        "delivery_id": "said", "source_file": "published_figures__2024__2025-05-15.csv", "source_row": 2,
        "released_on": dt.date.fromisoformat(said_on), "indicator": indicator, "area_code": "94", "period": period,
        "measure": "growth_yoy", "value": Decimal(value), "unit": "percent", "said_on": dt.date.fromisoformat(said_on),
        "estimate_stage": stage, "publisher": "UBND", "trust": "press", "source_url": "https://example.vn",
    }  # fmt: skip


def revisions(*vintages: Sequence[Row], as_of: str = "2026-01-01") -> list[Row]:
    rows = [row for one in vintages for row in one]
    return Tables(validated={"grdp": rows}).compute("growth_revisions", as_of)


def test_a_restated_base_is_part_of_the_revision() -> None:
    first = vintage("2024-04-01", "estimate_1", {"2023-Q1": "50", "2024-Q1": "60"})
    second = vintage("2024-07-01", "preliminary", {"2023-Q1": "48", "2024-Q1": "60"})
    third = vintage("2025-10-01", "official", {"2023-Q1": "48", "2024-Q1": "57"})
    rows = revisions(first, second, third)
    assert [(r["vintage_number"], r["first_growth_pct"], r["later_growth_pct"], r["revision_pp"]) for r in rows] == [
        (2, Decimal(20), Decimal(25), Decimal(5)),
        (3, Decimal(20), Decimal("18.75"), Decimal("-1.25")),
    ]
    assert [(r["is_next_release"], r["is_latest_release"]) for r in rows] == [(True, False), (False, True)]
    assert [(r["first_estimate_stage"], r["later_estimate_stage"]) for r in rows] == [
        ("estimate_1", "preliminary"), ("estimate_1", "official"),
    ]  # fmt: skip


def test_a_vintage_without_the_base_gives_no_growth_and_no_revision() -> None:
    first = vintage("2024-04-01", "estimate_1", {"2023-Q1": "50", "2024-Q1": "60"})
    assert revisions(first, vintage("2024-07-01", "preliminary", {"2024-Q1": "66"})) == []


def test_cumulative_periods_and_years_are_added_up_within_a_vintage() -> None:
    quarters = {f"{y}-Q{q}": v for y, v in (("2023", "10"), ("2024", "11")) for q in (1, 2, 3, 4)}
    later = {**quarters, "2024-Q4": "15"}
    rows = revisions(vintage("2025-01-05", "estimate_2", quarters), vintage("2025-10-01", "preliminary", later))
    found = {row["period"]: row["revision_pp"] for row in rows}
    assert found == {
        "2024-Q1": 0, "2024-Q2": 0, "2024-Q3": 0, "2024-Q4": 40, "2024-6M": 0, "2024-9M": 0, "2024": 10,
    }  # fmt: skip


def test_the_published_growth_of_2024_was_restated_by_seven_hundredths() -> None:
    rows = [said("2024", "7.0", "2024-12-02", "estimate_2"), said("2024", "7.07", "2025-01-15", "estimate_2")]
    before = Tables(validated={"published_figures": rows}).compute("growth_revisions", "2025-01-14")
    (after,) = Tables(validated={"published_figures": rows}).compute("growth_revisions", "2025-01-15")
    assert before == []
    assert (after["revision_pp"], after["evidence_basis"]) == (Decimal("0.07"), "published_growth")


def test_simulated_and_real_vintages_are_never_compared() -> None:
    real = vintage("2024-04-01", "estimate_1", {"2023-Q1": "50", "2024-Q1": "60"})
    simulated = vintage("2024-07-01", "preliminary", {"2023-Q1": "50", "2024-Q1": "70"}, is_simulated=True)
    assert revisions(real, simulated) == []


def test_the_summary_is_bias_size_and_relative_size() -> None:
    base = {"2023-Q1": "100", "2023-Q2": "100", "2023-Q3": "100"}
    first = vintage("2024-10-01", "estimate_1", {**base, "2024-Q1": "110", "2024-Q2": "120", "2024-Q3": "130"})
    second = vintage("2024-12-01", "preliminary", {**base, "2024-Q1": "111", "2024-Q2": "118", "2024-Q3": "130"})
    tables = Tables(validated={"grdp": [*first, *second]})
    rows = {
        (row["period_type"], row["revision_horizon"]): row
        for row in tables.compute("growth_revision_summary", "2025-01-01")
        if row["revision_source"] == "landed_vintages"
    }
    # Quarters: +1, -2, 0 on later growth of 11, 18, 30.
    for horizon in ("first_to_next", "first_to_latest", "estimate_1_to_preliminary"):
        row = rows["quarter", horizon]
        assert (row["revisions"], row["first_period"], row["last_period"]) == (3, "2024-Q1", "2024-Q3")
        assert row["mean_revision_pp"] == Decimal("-0.3333")
        assert row["mean_absolute_revision_pp"] == Decimal("1.0000")
        assert row["relative_absolute_revision_ratio"] == Decimal("0.0508")  # 3 / 59
    # Six months: 230 -> 229 on 200; nine: 360 -> 359 on 300.
    assert rows["ytd", "first_to_next"]["mean_revision_pp"] == Decimal("-0.4167")


def planted(released_on: str, changes: Mapping[str, str], first_year: int = 2020, last: str = "2022-Q4") -> list[Row]:
    """One delivery of quarters of 100 each from a first year on, some of them changed, and their back data."""
    periods = [f"{y}-Q{q}" for y in range(first_year - 1, 2024) for q in (1, 2, 3, 4)]
    levels = {period: changes.get(period, "100") for period in periods if period <= last}
    return vintage(released_on, "preliminary", levels)


def summary(*vintages: Sequence[Row]) -> dict[str, Row]:
    rows = Tables(validated={"grdp": [row for one in vintages for row in one]}).compute(
        "growth_revision_summary", "2026-01-01"
    )
    return {
        row["revision_horizon"]: row
        for row in rows
        if row["area_code"] == "94" and row["period_type"] == "quarter" and row["sector_code"] == "CON"
    }


def test_a_first_release_and_a_landed_vintage_are_two_kinds_of_revision() -> None:
    """Eight quarters of 2022 and 2023, each released at 102 the day after it ended, and two years of back data.

    Of these 2021-Q4 ended 91 days before the first delivery, near enough. The last delivery says 103 of 2022-Q1, which
    is then a revision of each kind, and 97 of 2020-Q1, which came as back data two years after its end: a revision of
    a vintage, and of no first release.
    """
    ends = {"Q1": "{}-04-01", "Q2": "{}-07-01", "Q3": "{}-10-01", "Q4": "{}-12-31"}
    known: dict[str, str] = {}
    deliveries = []
    for year in (2022, 2023):
        for quarter, day in ends.items():
            known[f"{year}-{quarter}"] = "102"
            deliveries.append(planted(day.format(year), dict(known), last=f"{year}-{quarter}"))
    later = planted("2024-03-01", {**known, "2022-Q1": "103", "2020-Q1": "97"}, last="2023-Q4")
    found = summary(*deliveries, later)
    first, oldest = found["first_release_to_latest"], found["first_to_latest"]
    assert (first["revision_kind"], oldest["revision_kind"]) == ("first_release_revision", "vintage_revision")
    assert (first["revisions"], first["first_period"], first["last_period"]) == (9, "2021-Q4", "2023-Q4")
    # 2022-Q1 grows by 3 instead of 2; 2023-Q1 stands at 102 on 103 instead of 102 on 102.
    moved = [Decimal(1), HUNDRED * (Decimal(102) / 103 - 1)]
    assert first["mean_revision_pp"] == pytest.approx(sum(moved) / 9, abs=Decimal("0.0001"))
    assert first["mean_absolute_revision_pp"] == pytest.approx(sum(map(abs, moved)) / 9, abs=Decimal("0.0001"))
    # Back data beside it: 2020-Q1 falls by 3 and 2021-Q1 grows by 100/97 - 1, among 16 quarters.
    moved += [Decimal(-3), HUNDRED * (HUNDRED / 97 - 1)]
    assert (oldest["revisions"], oldest["first_period"]) == (16, "2020-Q1")
    assert oldest["mean_absolute_revision_pp"] == pytest.approx(sum(map(abs, moved)) / 16, abs=Decimal("0.0001"))
    assert (oldest["oldest_vintage_on"], oldest["newest_vintage_on"]) == (dt.date(2022, 4, 1), dt.date(2024, 3, 1))


def test_a_mean_of_fewer_than_eight_first_releases_is_not_told() -> None:
    one = planted("2022-10-09", {"2022-Q3": "104"}, last="2022-Q3")
    row = summary(one, planted("2022-12-31", {"2022-Q3": "103"}))["first_release_to_latest"]
    assert (row["revisions"], row["mean_revision_pp"], row["mean_absolute_revision_pp"]) == (1, None, None)


@pytest.mark.parametrize(
    ("day", "counts"), [("2022-08-30", True), ("2022-08-29", False), ("2023-01-08", True), ("2023-01-09", False)]
)
def test_a_first_release_lies_between_31_days_before_and_100_days_after_the_end(day: str, *, counts: bool) -> None:
    first = vintage(day, "estimate_1", {"2021-Q3": "100", "2022-Q3": "104"})
    later = vintage("2023-06-01", "preliminary", {"2021-Q3": "100", "2022-Q3": "103"})
    assert ("first_release_to_latest" in summary(first, later)) is counts


def test_an_early_forecast_is_not_the_first_release() -> None:
    forecast = vintage("2022-04-01", "estimate_1", {"2021-Q3": "100", "2022-Q3": "110"})
    first = vintage("2022-10-01", "estimate_2", {"2021-Q3": "100", "2022-Q3": "104"})
    later = vintage("2023-06-01", "preliminary", {"2021-Q3": "100", "2022-Q3": "103"})
    assert summary(forecast, first, later)["first_release_to_latest"]["revisions"] == 1
    assert "first_release_to_latest" not in summary(forecast, later)


def test_the_figures_of_the_register_are_revisions_of_vintages() -> None:
    rows = Tables().compute("growth_revision_summary", "2026-01-01")
    found = {row["sector_code"]: row for row in rows}
    assert {row["revision_kind"] for row in rows} == {"vintage_revision"}
    assert {(row["area_code"], row["period_type"], row["revision_source"]) for row in rows} == {
        ("VN", "quarter", "register")
    }
    assert (found["CON"]["mean_absolute_revision_pp"], found["CON"]["mean_revision_pp"]) == (
        Decimal("0.82"), Decimal("-0.32"),
    )  # fmt: skip
    assert (found["GRDP"]["mean_absolute_revision_pp"], found["GRDP"]["revisions"]) == (Decimal("0.15"), 18)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(50, 150), st.integers(50, 150)), min_size=2, max_size=4))
def test_steps_from_release_to_release_add_up_to_the_whole_revision(levels: list[tuple[int, int]]) -> None:
    given_vintages = [
        vintage(f"2024-0{n}-01", "estimate_1", {"2023-Q1": str(before), "2024-Q1": str(now)})
        for n, (before, now) in enumerate(levels, start=1)
    ]
    rows = revisions(*given_vintages)
    growth = [
        (HUNDRED * Decimal(now) / Decimal(before) - HUNDRED).quantize(Decimal("0.0001")) for before, now in levels
    ]
    assert [row["later_growth_pct"] for row in rows] == pytest.approx(growth[1:], abs=Decimal("0.0001"))
    steps = [b - a for a, b in zip([rows[0]["first_growth_pct"], *(r["later_growth_pct"] for r in rows)],
                                   [r["later_growth_pct"] for r in rows], strict=False)]  # fmt: skip
    assert sum(steps) == rows[-1]["revision_pp"]
