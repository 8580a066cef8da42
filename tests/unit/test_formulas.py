"""The examples of docs/formulas.md: read from the page, put through the models, they come out as the page says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from pipeline.settings import PROJECT_ROOT
from tests.unit.test_growth_sql import LAST_YEAR, Models, grdp, level, said

PAGE = (PROJECT_ROOT / "docs" / "formulas.md").read_text(encoding="utf-8")
PARTS = ("I", "IND", "CON", "III", "TAX")


class Example(dict[str, Decimal]):
    """The `name = value` lines of one fenced block; knows which were asked for."""

    def __init__(self, name: str) -> None:
        (block,) = re.findall(rf"(?ms)^```{name}\n(.*?)^```$", PAGE)
        lines = [line.split(" = ") for line in block.splitlines()]
        super().__init__({key: Decimal(value) for key, value in lines})
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Decimal:
        self.asked.add(name)
        return super().__getitem__(name)

    def all_asked(self) -> bool:
        return self.asked == set(self)


def two_years(example: Mapping[str, Decimal]) -> Models:
    levels = [{part: example[f"{part}_{when}"] for part in PARTS} for when in ("before", "now")]
    return Models({"grdp": [*grdp("2023", levels[0]), *grdp("2024", levels[1])]})


def filling_up(example: Mapping[str, Decimal], sector: str) -> Models:
    levels = [
        level(sector, f"{year}{suffix}", example[f"{name}_{year}"])
        for year in range(2020, 2025)
        for name, suffix in (("year", ""), ("nine_months", "-9M"))
        if f"{name}_{year}" in example
    ]
    return Models({"grdp": levels})


def test_growth_and_contributions() -> None:
    example = Example("growth")
    rows = {row["sector_code"]: row for row in two_years(example).rows("sector_growth_vs_target", period="2024")}
    for sector, row in rows.items():
        assert row["growth_yoy_pct"] == example[f"growth_{sector}"]
        if sector != "GRDP":
            assert row["contribution_pp"] == example[f"contribution_{sector}"]
    assert example.all_asked()


def test_two_price_bases() -> None:
    example = Example("price_bases")
    moved = {"base_year": 2020, "delivery_id": "d2", "source_file": "grdp__2024__2026-04-01.csv"}
    levels = [
        level(part, year, example[f"{part}_{year}_{base}"], **more)
        for year, base, more in (
            ("2024", "old", {"base_year": 2010}), ("2025", "old", {"base_year": 2010}), ("2024", "new", moved),
        )
        for part in ("IND", "CON")
    ]  # fmt: skip
    wholes = [
        {**first, "sector_code": "II", "value_constant_bn": first["value_constant_bn"] + second["value_constant_bn"]}
        for first, second in zip(levels[::2], levels[1::2], strict=True)
    ]
    rows = Models({"grdp": [*levels, *wholes]}).rows("sector_growth_vs_target", period="2025")
    found = {row["sector_code"]: row for row in rows}
    whole = found["II"]
    assert (whole["growth_yoy_pct"], whole["linking_factor"]) == (example["growth_II"], example["factor_II"])
    for sector, row in found.items():
        assert row["linked_level_constant_bn"] == example[f"linked_{sector}_2025"]
    assert whole["linking_residual_bn"] == example["residual_II_2025"]
    assert example.all_asked()


def test_what_the_rest_of_the_year_needs() -> None:
    example = Example("required_growth")
    row = filling_up(example, "GRDP").row("sector_growth_vs_target", period="2024-9M")
    assert row["target_growth_pct"] == example["target"]
    assert row["required_growth_rest_pct"] == example["required"]
    assert row["rest_growth_history_years"] == example["history_years"]
    assert row["required_growth_percentile"] == example["percentile"]
    assert example.all_asked()


def test_what_the_rest_needs_where_only_growth_is_published() -> None:
    example = Example("required_growth_bounds")
    statements = [
        said("grdp_growth", "2023-9M", example["nine_months_2023"], "2023-10-09"),
        said("grdp_growth", "2023-Q4", example["fourth_quarter_2023"], "2024-01-12"),
        said("grdp_growth", "2023", example["year_2023"], "2024-01-12"),
        said("grdp_growth", "2024-9M", example["nine_months_2024"], "2024-10-11"),
    ]
    row = Models({"published_figures": statements}).row("sector_growth_vs_target", period="2024-9M")
    assert row["target_growth_pct"] == example["target"]
    assert (row["part_share_low_pct"], row["part_share_high_pct"]) == (example["share_low"], example["share_high"])
    assert round(row["required_growth_rest_low_pct"], 3) == example["need_low"]
    assert row["required_growth_rest_high_pct"] == example["need_high"]
    assert example.all_asked()


def test_what_construction_must_do_beside_industry() -> None:
    example = Example("what_if_sector_ii")
    shares = {"IND": example["a"] * 100, "CON": (1 - example["a"]) * 100, "II": 100}
    models = Models(
        {
            "grdp": [level(sector, "2023", value) for sector, value in shares.items()],
            "published_figures": [said("sector_ii_growth", "2024", example["growth_II"], "2024-12-02")],
        }
    )
    where = {"whole_sector_code": "II", "scenario": "others_at_target"}
    row = models.row("sector_what_if", sector_code="CON", **where)
    assert row["needed_growth_pct"] == example["needed_CON"]
    assert row["target_growth_pct"] == example["target_CON"]
    assert row["whole_growth_in_scenario_pct"] == example["growth_II_both_at_target"]
    assert models.row("sector_what_if", sector_code="IND", **where)["target_growth_pct"] == example["target_IND"]
    assert example.all_asked()


def test_what_construction_must_do_for_the_whole() -> None:
    example = Example("what_if_grdp")
    row = two_years(Example("growth")).row(
        "sector_what_if",
        sector_code="CON",
        whole_sector_code="GRDP",
        whole_basis="target",
        scenario="others_at_observed",
    )
    assert row["whole_growth_pct"] == example["target_GRDP"]
    assert row["needed_growth_pct"] == example["needed_CON"]
    assert row["share_of_whole_year_before"] == Decimal(LAST_YEAR["CON"]) / sum(LAST_YEAR.values())
    assert example.all_asked()


def test_the_projection_of_the_year() -> None:
    example = Example("projection")
    models = filling_up(example, "GRDP")
    runs: dict[int, dict[str, Any]] = {
        row["target_year"]: row for row in models.rows("int_projection_runs", method="average", quarters_known=3)
    }
    for year in (2022, 2023):
        assert runs[year]["projection_error_pp"] == pytest.approx(example[f"error_{year}"], abs=Decimal("0.0001"))
    row = models.row("growth_projections", target_year=2024, quarters_known=3)
    assert (row["method"], row["earlier_years"], row["backtest_years"]) == ("average", 3, 2)
    assert row["projected_growth_pct"] == example["projected"]
    for end in ("low_50", "high_50", "low_80", "high_80"):
        assert row[f"{end}_pct"] == example[end], end
    assert row["target_growth_pct"] == example["target"]
    assert row["probability_of_target"] == example["probability"]
    assert example.all_asked()
