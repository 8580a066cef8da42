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

from simulator.hidden_provinces import SCENARIOS, Scenario, places_of_register, write_hidden_provinces

SEED = 2724
REGISTER = Path(__file__).resolve().parents[1] / "dbt_like_sql" / "seeds" / "admin_units.csv"
AREA = "94"


@dataclass(frozen=True)
class Held:
    """How often the intervals of the draws of a scenario hold the truth, and how far the estimates lie from it.

    Shares are between 0 and 1, biases are means of estimate less truth.
    """

    draws: int
    works: float
    coverage: float
    value: float
    coverage_bias: float
    value_bias: float
    coverage_bias_at_odds_2: float
    two_list_bias: float | None


def study(scenario: Scenario, draws: int, seed: int = SEED) -> Held:
    """Draw hidden provinces of a scenario, let the product estimate them, and hold that against the truth."""
    from benchmarks.capture_models import compute, take_in_all

    root = Path(tempfile.mkdtemp(prefix="benchmark-capture-study-"))
    try:
        write_hidden_provinces(root, scenario, draws, seed, places_of_register(REGISTER, AREA))
        home = take_in_all(root)
        compute(home)
        with (root / "ground_truth" / "hidden_provinces.csv").open(encoding="utf-8", newline="") as file:
            truth = {(row["district_code"], row["quarter"]): row for row in csv.DictReader(file)}
        found = pq.read_table(home / "marts" / "built" / "nonstate_construction_capture.parquet").to_pylist()
    finally:
        shutil.rmtree(root, ignore_errors=True)
    totals = [row for row in found if row["district_code"] != "total" and row["stratum"] == "total"]
    pairs = [(truth[key], row) for row in totals if (key := (row["district_code"], row["quarter"])) in truth]
    return _held(pairs)


def _held(pairs: list[tuple[dict[str, str], dict[str, Any]]]) -> Held:
    works, coverage, value = [], [], []
    bias, value_bias, odds_bias, two_lists = [], [], [], []
    for true, row in pairs:
        true_coverage = int(true["recorded"]) / int(true["works"])
        true_value = int(true["recorded_mn"]) / int(true["value_mn"])
        works.append(row["chapman_low"] <= int(true["works"]) <= row["chapman_high"])
        coverage.append(_lies(true_coverage, row["coverage_low"], row["coverage_high"]))
        value.append(_lies(true_value, row["value_coverage_low"], row["value_coverage_high"]))
        bias.append(float(row["coverage"]) - true_coverage)
        value_bias.append(float(row["value_coverage"]) - true_value)
        odds_bias.append(float(row["coverage_odds_2"]) - true_coverage)
        if row["two_list_coverage"] is not None:
            two_lists.append(float(row["two_list_coverage"]) - true_coverage)
    return Held(
        len(pairs), _mean(works), _mean(coverage), _mean(value), _mean(bias), _mean(value_bias), _mean(odds_bias),
        _mean(two_lists) if two_lists else None,
    )  # fmt: skip


def _lies(true: float, low: Any, high: Any) -> bool:
    """Whether a truth lies between limits that are rounded to four digits."""
    return float(low) - 0.00005 <= true <= float(high) + 0.00005


def _mean(numbers: list[float] | list[bool]) -> float:
    return sum(numbers) / len(numbers)


def measure_study(draws: int, seed: int, out: Callable[[str], None] = print) -> None:
    """Print, scenario by scenario, how often intervals hold and how far estimates lie from the truth."""
    out("| scenario | draws | works | coverage | by value | bias | bias by value | bias at odds ratio 2 | two lists |")
    out("|---|---|---|---|---|---|---|---|---|")
    for name, scenario in SCENARIOS.items():
        held = study(scenario, draws, seed)
        shares = " | ".join(f"{100 * share:.1f} %" for share in (held.works, held.coverage, held.value))
        biases = " | ".join(
            f"{100 * bias:+.2f} pp" for bias in (held.coverage_bias, held.value_bias, held.coverage_bias_at_odds_2)
        )
        two_lists = "" if held.two_list_bias is None else f"{100 * held.two_list_bias:+.2f} pp"
        out(f"| {name} | {held.draws} | {shares} | {biases} | {two_lists} |")
