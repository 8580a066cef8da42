"""Fed with the published figures alone, the scorecard says what they say and of everything else that nothing is known.

The table below is the register of the directive, item by item, as of 10 February 2025.
"""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from dbt_like_sql.fields import HERE
from tests.house import AS_OF, House, Unpublished

EARLY = "released on 2024-12-02, before the year ended"
SECTOR_II = (
    "only sector II is published, 10.3 % in 2024",
    EARLY,
    "at least one of the two targets (IND and CON) is missed",
)
NO_TREASURY = ("No Treasury data",)
NO_FIGURES = ("No figures have been received for: ",)

# item: status, actual, comparator, threshold, gap, within revision error, words of the reason
SAID: dict[str, tuple[str, str | None, str | None, str | None, str | None, bool, tuple[str, ...]]] = {
    "PLAN32": ("no_indicator", None, None, None, None, False, ("plan 32/KH-UBND was not published",)),
    "KV1": ("missed", "3.94", ">", "4", "-0.06", True, ("3.94 % against more than 4 %", "revision (0.23 pp)", EARLY)),
    "KV1-ENV": ("no_data", None, None, None, None, False, NO_FIGURES),
    "KV1-MODEL": ("no_data", None, None, None, None, False, NO_FIGURES),
    "KV1-SEED": ("no_data", None, None, None, None, False, NO_FIGURES),
    "IND": ("no_data", None, ">", "10.5", None, False, SECTOR_II),
    "IND-SEA": ("monitored", None, None, None, None, False, ("exports of the whole province", "1,800 mn USD")),
    "IND-WIND": ("no_data", None, None, None, None, False, NO_FIGURES),
    "CON": ("no_data", None, ">=", "25.61", None, False, SECTOR_II),
    "CON-PROJ": ("no_indicator", None, None, None, None, False, ("planned dates beside its real ones",)),
    "CON-PLAN": ("no_data", None, None, None, None, False, NO_FIGURES),
    "CON-PERMIT": ("no_data", None, None, None, None, False, NO_FIGURES),
    "CON-HOUSE": ("no_data", None, ">=", "2", None, False, NO_FIGURES),
    "INV-HELP": ("no_data", None, None, None, None, False, NO_FIGURES),
    "INV-DIS": (
        "monitored", "53.4", None, None, None, False,
        ("53.4 % of the plan assigned by the Prime Minister by 2024-10-31 (published)", "sets no threshold"),
    ),
    "INV-CTRL": ("no_data", None, None, None, None, False, NO_FIGURES),
    "INV-PREP": ("no_data", None, None, None, None, False, NO_FIGURES),
    "DIS-Q3-1": ("no_data", None, ">", "60", None, False, NO_TREASURY),
    "DIS-Q3-2": ("no_data", None, ">", "60", None, False, NO_TREASURY),
    "DIS-FY-1": ("no_data", None, ">", "95", None, False, NO_TREASURY),
    "DIS-FY-2": ("no_data", None, ">", "95", None, False, NO_TREASURY),
    "DIS-KEY-1": ("no_data", None, None, None, None, False, NO_TREASURY),
    "DIS-KEY-2": ("no_data", None, None, None, None, False, NO_TREASURY),
    "DIS-KEY-3": ("no_data", None, None, None, None, False, NO_TREASURY),
    "DIS-KEY-4": ("no_data", None, None, None, None, False, NO_TREASURY),
    "DIS-LARGE": ("no_data", None, None, None, None, False, NO_TREASURY),
    "COV": ("no_data", None, None, None, None, False, NO_FIGURES),
    "COV-SURVEY": ("no_data", None, None, None, None, False, NO_FIGURES),
    "KV3": ("missed", "8.96", ">", "10", "-1.04", False, ("8.96 % against more than 10 %", EARLY)),
    "KV3-TRADE": (
        "monitored", "103000", None, None, None, False,
        ("103,000 bn VND in 2024", "as published", "exports of the province 1,800 mn USD", "sets no threshold"),
    ),
    "KV3-TOUR": ("monitored", "3120000", None, None, None, False, ("3,120,000 in 2024 (visits as published)",)),
    "KV3-OTHER": ("no_data", None, None, None, None, False, NO_FIGURES),
    "GRDP": ("achieved", "7.07", ">=", "7", "0.07", True, ("7.07 % against at least 7 %", "revision (0.15 pp)")),
}  # fmt: skip
EVIDENCE = {
    "KV1": (dt.date(2024, 12, 2), "Tỉnh ủy Sóc Trăng"),
    "KV3": (dt.date(2024, 12, 2), "Tỉnh ủy Sóc Trăng"),
    "GRDP": (dt.date(2025, 1, 15), "UBND tỉnh Sóc Trăng"),
    "INV-DIS": (dt.date(2024, 12, 2), "Tỉnh ủy Sóc Trăng"),
    "IND-SEA": (dt.date(2024, 12, 2), "Tỉnh ủy Sóc Trăng"),
    "KV3-TRADE": (dt.date(2024, 12, 2), "Tỉnh ủy Sóc Trăng"),
    "KV3-TOUR": (dt.date(2024, 12, 2), "Tỉnh ủy Sóc Trăng"),
}


@pytest.fixture(scope="module")
def scorecard(published_only: House) -> dict[str, dict[str, Any]]:
    cards = published_only.mart("directive_scorecard")
    return {row["item"]: row for row in cards if row["directive"] == "2724-UBND-TH" and row["item"] in SAID}


def test_the_scorecard_has_the_33_items_of_the_directive_and_its_register_no_other(
    scorecard: dict[str, dict[str, Any]],
) -> None:
    register = HERE / "seeds" / "directives" / "2724-UBND-TH" / "directive_items__2724_ubnd_th.csv"
    with register.open(encoding="utf-8", newline="") as file:
        assert [row["item"] for row in csv.DictReader(file)] == list(SAID)
    assert set(scorecard) == set(SAID)
    assert len(SAID) == 33
    assert {row["directive"] for row in scorecard.values()} == {"2724-UBND-TH"}


@pytest.mark.parametrize("item", SAID)
def test_an_item_says_what_the_published_figures_say(scorecard: dict[str, dict[str, Any]], item: str) -> None:
    row = scorecard[item]
    status, actual, comparator, threshold, gap, within_error, words = SAID[item]
    numbers = [None if text is None else Decimal(text) for text in (actual, threshold, gap)]
    assert (row["status"], row["comparator"]) == (status, comparator)
    assert [row["actual"], row["threshold"], row["gap"]] == numbers
    assert row["within_revision_error"] is within_error
    for word in words:
        assert word in row["status_reason_en"]
    assert row["status_reason_vi"]


def test_what_is_known_names_who_said_it_and_when_and_that_it_is_provisional(
    scorecard: dict[str, dict[str, Any]], published_only: House
) -> None:
    (delivery,) = published_only.mart("delivery_quality")
    for item, row in scorecard.items():
        assert (row["evidence_released_on"], row["evidence_publisher"]) == EVIDENCE.get(item, (None, None))
        assert row["evidence_delivery_id"] == (delivery["delivery_id"] if item in EVIDENCE else None)
        assert row["provisional"] is (item in EVIDENCE and row["actual"] is not None)
        assert row["is_simulated"] is False


def test_the_share_disbursed_carries_its_denominator(scorecard: dict[str, dict[str, Any]]) -> None:
    assert scorecard["INV-DIS"]["denominator"] == "pm_assigned"


def test_what_is_not_known_is_never_a_zero(scorecard: dict[str, dict[str, Any]]) -> None:
    unknown = [row for row in scorecard.values() if row["status"] in ("no_data", "no_indicator")]
    assert len(unknown) == 26
    for row in unknown:
        assert row["actual"] is None
        assert row["gap"] is None
        assert row["evidence_delivery_id"] is None
    assert not [row for row in scorecard.values() if row["actual"] == 0]


def test_before_the_year_is_over_grdp_says_what_the_rest_needs_and_no_target_has_a_verdict(
    published_only_copy: House,
) -> None:
    """(7 - w * 6.55) / (1 - w), w from 71.68 (country, 2021) to 2.36 / 2.99 (own published 2023)."""
    house = Unpublished(published_only_copy.root)
    house.part_night("directive_scorecard", as_of=dt.date(2024, 12, 5))
    row = house.item("GRDP")
    assert (row["status"], row["actual"], row["evidence_period"]) == ("at_risk", Decimal("6.55"), "2024-9M")
    needs = (row["required_growth_rest_low_pct"], row["required_growth_rest_high_pct"])
    assert [round(need, 1) for need in needs] == [Decimal("8.1"), Decimal("8.7")]
    assert (row["office_forecast"], row["office_forecast_released_on"]) == (7, dt.date(2024, 12, 2))
    for item in ("KV1", "KV3"):
        row = house.item(item)
        assert (row["status"], row["actual"]) == ("no_data", None)
        assert row["office_forecast"] is not None


def test_days_left_are_counted_from_the_day_of_the_run(scorecard: dict[str, dict[str, Any]]) -> None:
    for row in scorecard.values():
        if row["deadline_on"] is not None:
            assert row["days_left"] == (row["deadline_on"] - AS_OF).days
