"""Rules on figures through the public door: what cannot be true is refused with a sentence, its correction counts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from tests.house import House, Unpublished, csv_text

HEADER = ("area_code", "sector_code", "period", "value_constant_bn", "value_current_bn", "estimate_stage")
BEFORE = {"GRDP": 1000, "I": 400, "II": 200, "IND": 150, "CON": 50, "III": 340, "TAX": 60}
NOW = {"GRDP": 1074, "I": 415, "II": 224, "IND": 166, "CON": 58, "III": 371, "TAX": 64}

FIRST = "grdp__2023__2024-01-02.csv"
WRONG_UNIT = "grdp__2024__2024-12-01.csv"
CORRECTED = "grdp__2024__2024-12-01__r2.csv"
NOT_ADDING_UP = "grdp__2024-Q3__2024-10-01.csv"
FALLING = "grdp__2024-9M__2025-01-05.csv"
FIGURES = "published_figures__2024__2025-01-20.csv"


def accounts(*periods: tuple[str, Mapping[str, object]], factor: int = 1) -> str:
    rows = []
    for period, levels in periods:
        for sector, level in levels.items():
            rows.append(("94", sector, period, Decimal(str(level)) * factor, None, "estimate_1"))
    return csv_text(HEADER, *rows)


def published() -> str:
    header = ("indicator", "area_code", "period", "measure", "value", "unit", "said_on", "estimate_stage")
    said: list[tuple[object, ...]] = [
        ("iip", "94", "2024-9M", "growth_yoy", "10.07", "percent", "2024-10-11", "estimate_1"),
        ("iip", "94", "2024", "growth_yoy", "5.5", "percent", "2024-12-02", "estimate_2"),
        ("sector_i_share", "94", "2024", "share_of_grdp_current", "40.97", "percent", "2024-12-02", "estimate_2"),
        ("sector_ii_share", "94", "2024", "share_of_grdp_current", "16.18", "percent", "2024-12-02", "estimate_2"),
        ("sector_iii_share", "94", "2024", "share_of_grdp_current", "39.77", "percent", "2024-12-02", "estimate_2"),
    ]
    tail = ("Tỉnh ủy Sóc Trăng", "press", "https://example.org/a")
    return csv_text((*header, "publisher", "trust", "source_url"), *((*row, *tail) for row in said))


@pytest.fixture(scope="module")
def house(after_an_empty_night: House, tmp_path_factory: pytest.TempPathFactory) -> Unpublished:
    """One night on a good delivery, three bad ones, and the correction of one of them."""
    house = Unpublished(after_an_empty_night.copied_to(tmp_path_factory.mktemp("rules")).root)
    house.deliver(FIRST, accounts(("2022", {s: v * 0.95 for s, v in BEFORE.items()}), ("2023", BEFORE)))
    house.deliver(NOT_ADDING_UP, accounts(("2024-Q3", {**{s: v / 4 for s, v in NOW.items()}, "III": 110})))
    house.deliver(WRONG_UNIT, accounts(("2023", BEFORE), ("2024", NOW), factor=1000))
    house.deliver(CORRECTED, accounts(("2023", BEFORE), ("2024", NOW)))
    months = {s: v / 2 for s, v in NOW.items()}
    house.deliver(FALLING, accounts(("2024-6M", months), ("2024-9M", {s: Decimal(v) * 4 / 10 for s, v in NOW.items()})))
    house.deliver(FIGURES, published())
    house.part_night("delivery_quality", "sector_growth_vs_target")
    return house


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        (WRONG_UNIT, "magnitude that an earlier delivery gave"),
        (NOT_ADDING_UP, "add up"),
        (FALLING, "at least the shorter cumulative level"),
    ],
)
def test_figures_that_cannot_be_true_are_refused_with_their_rule(house: House, name: str, rule: str) -> None:
    delivery = house.delivery(name)
    assert delivery["status"] == "rejected"
    assert delivery["rows_accepted"] == 0
    assert rule in delivery["reason"]
    assert "r2" in delivery["reason"], "the reason says what to do"


def test_the_correction_of_a_wrong_unit_counts(house: House) -> None:
    assert house.delivery(CORRECTED)["status"] == "accepted"
    rows = {r["sector_code"]: r for r in house.mart("sector_growth_vs_target") if r["period"] == "2024"}
    assert {sector: row["level_constant_bn"] for sector, row in rows.items()} == NOW
    assert rows["GRDP"]["growth_yoy_pct"] == Decimal("7.4")
    assert (rows["I"]["is_target_met"], rows["GRDP"]["is_target_met"]) == (False, True)


def test_nothing_of_a_refused_delivery_reaches_the_marts(house: House) -> None:
    periods = {row["period"] for row in house.mart("sector_growth_vs_target")}
    assert periods == {"2022", "2023", "2024"}


def test_contradictions_of_what_was_published_are_warnings(house: House) -> None:
    delivery = house.delivery(FIGURES)
    assert (delivery["status"], delivery["findings_critical"], delivery["findings_warning"]) == ("accepted", 0, 2)
    found = {row["rule"]: row for row in house.table("rejects", "published_figures")}
    assert "96.92" in found["shares_add_to_100"]["sentence"]
    assert found["year_agrees_with_its_months"]["severity"] == "warning"
