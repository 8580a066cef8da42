"""How right the estimate of capture is: hidden provinces through the product, files in and estimates out."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from simulator.hidden_provinces import SCENARIOS, Scenario, places_of_seed, write_hidden_provinces

SEED = 2724
ADMIN_UNITS = Path(__file__).resolve().parents[1] / "dbt_like_sql" / "seeds" / "admin_units.csv"
AREA = "94"


@dataclass(frozen=True)
class IntervalCoverage:
    """How often the intervals of the draws of a scenario hold the truth, and how far the estimates lie from it.

    Shares are between 0 and 1, biases are means of estimate less truth. `works_at_odds_2` is the share that the limits
    at odds ratio 2 hold: what nobody has seen, and its limits, are twice those of the row. Precision and recall are of
    links; `false_rows` is the share of listed works that stand on the work list although the survey holds them.
    """

    draws: int
    works: float
    coverage: float
    value: float
    coverage_bias: float
    value_bias: float
    coverage_bias_at_odds_2: float
    works_at_odds_2: float
    two_list_bias: float | None


@dataclass(frozen=True)
class Linked:
    """How right the links of a scenario are, over all its draws; shares between 0 and 1."""

    precision: float
    recall: float
    false_rows: float


def study(scenario: Scenario, draws: int, seed: int = SEED) -> tuple[IntervalCoverage, Linked]:
    """Draw hidden provinces of a scenario, let the product estimate them, and hold that against the truth."""
    from benchmarks.capture_models import compute, take_in_all

    root = Path(tempfile.mkdtemp(prefix="benchmark-capture-study-"))
    try:
        write_hidden_provinces(root, scenario, draws, seed, places_of_seed(ADMIN_UNITS, AREA))
        home = take_in_all(root)
        compute(home)
        with (root / "ground_truth" / "hidden_provinces.csv").open(encoding="utf-8", newline="") as file:
            truth = {(row["district_code"], row["quarter"]): row for row in csv.DictReader(file)}
        found = pq.read_table(home / "marts" / "built" / "nonstate_construction_capture.parquet").to_pylist()
        linked = _linked(home)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    totals = [row for row in found if row["district_code"] != "total" and row["stratum"] == "total"]
    pairs = [(truth[key], row) for row in totals if (key := (row["district_code"], row["quarter"])) in truth]
    return _held(pairs), linked


def _linked(home: Path) -> Linked:
    """Hold links against the keys that permits (HS…) and returns (PH…) of one works share."""
    folder = home / "intermediate"
    returns = pq.read_table(folder / "int_survey_returns.parquet").to_pylist()
    permits = pq.read_table(folder / "int_listed_status.parquet").to_pylist()
    links = pq.read_table(folder / "int_permit_survey_links.parquet").to_pylist()
    reported = {row["return_id"].removeprefix("PH") for row in returns if row["is_answered"]}
    listed = {_key_of(row["listed_id"]) for row in permits if row["list_kind"] != "contract"}
    made = [row for row in links if row["is_counted"]]
    right = sum(_key_of(row["works_id"]) == row["return_id"].removeprefix("PH") for row in made)
    false = {_key_of(row["listed_id"]) for row in permits if row["capture_status"] == "omitted"} & reported & listed
    return Linked(right / len(made), right / len(listed & reported), len(false) / len(listed))


def _key_of(works_id: str) -> str:
    return works_id.partition(":HS")[2]


def _held(pairs: list[tuple[dict[str, str], dict[str, Any]]]) -> IntervalCoverage:
    works, coverage, value = [], [], []
    bias, value_bias, odds_bias, odds_held, two_lists = [], [], [], [], []
    for true, row in pairs:
        true_coverage = int(true["recorded"]) / int(true["works"])
        true_value = int(true["recorded_mn"]) / int(true["value_mn"])
        works.append(row["chapman_low"] <= int(true["works"]) <= row["chapman_high"])
        coverage.append(_lies(true_coverage, row["coverage_low"], row["coverage_high"]))
        value.append(_lies(true_value, row["value_coverage_low"], row["value_coverage_high"]))
        bias.append(float(row["coverage"]) - true_coverage)
        value_bias.append(float(row["value_coverage"]) - true_value)
        odds_bias.append(float(row["coverage_odds_2"]) - true_coverage)
        seen = 2 * row["chapman_estimate"] - row["chapman_odds_2"]
        odds_held.append(2 * row["chapman_low"] - seen <= int(true["works"]) <= 2 * row["chapman_high"] - seen)
        if row["two_list_coverage"] is not None:
            two_lists.append(float(row["two_list_coverage"]) - true_coverage)
    return IntervalCoverage(
        len(pairs), _mean(works), _mean(coverage), _mean(value), _mean(bias), _mean(value_bias), _mean(odds_bias),
        _mean(odds_held), _mean(two_lists) if two_lists else None,
    )  # fmt: skip


def _lies(true: float, low: Any, high: Any) -> bool:
    """Whether a truth lies between limits that are rounded to four digits."""
    return float(low) - 0.00005 <= true <= float(high) + 0.00005


def _mean(numbers: list[float] | list[bool]) -> float:
    return sum(numbers) / len(numbers)


def measure_study(draws: int, seed: int, out: Callable[[str], None] = print) -> None:
    """Print, scenario by scenario, how often intervals hold, how far estimates lie off, and how right links are."""
    columns = (
        "scenario", "draws", "works", "coverage", "by value", "bias", "bias by value", "bias at odds ratio 2",
        "works at odds ratio 2", "two lists", "links right", "pairs found", "false rows",
    )  # fmt: skip
    out(f"| {' | '.join(columns)} |")
    out("|---" * len(columns) + "|")
    for name, scenario in SCENARIOS.items():
        held, linked = study(scenario, draws, seed)
        cells = (
            name, str(held.draws), *map(_share, (held.works, held.coverage, held.value)),
            *map(_points, (held.coverage_bias, held.value_bias, held.coverage_bias_at_odds_2)),
            _share(held.works_at_odds_2), "" if held.two_list_bias is None else _points(held.two_list_bias),
            *(f"{100 * share:.2f} %" for share in (linked.precision, linked.recall, linked.false_rows)),
        )  # fmt: skip
        out(f"| {' | '.join(cells)} |")


def _share(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(difference: float) -> str:
    return f"{100 * difference:+.2f} pp"
