"""Simulates the offices of a province, or of a country of 63, and what they deliver."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    accounts,
    aquaculture,
    capture,
    construction,
    exports,
    follow_up,
    industry,
    production_index,
    treasury,
    wind,
)
from benchmarks.areas import areas_of
from benchmarks.inbox import Folder
from benchmarks.works import Options
from benchmarks.writing import write_csv

RELEASE_YEARS = (2023, 2024)
DEFAULT_SEED = 2724

DEFECTS = (
    (
        "D1", "construction_output", "construction_output__2024-Q3__2024-10-20__simulated.xlsx",
        f"district {construction.FORGOTTEN_DISTRICT} is left out; withdrawn on 2024-10-25, sent again on 2024-10-28",
        "the delivery is shown as withdrawn, the later one counts",
    ),
    (
        "D2", "industrial_production_index", "industrial_production_index__2024-Q3__2024-10-06__simulated.xlsx",
        "the office added a column of its own", "a warning about the unknown column; the delivery counts",
    ),
    (
        "A1", "aquaculture", "aquaculture__2024-Q4__2025-01-15__simulated.xlsx",
        "the area damaged of black tiger shrimp in one district in 2024-10 is marked as not known",
        "a warning; the row is left out of the damaged share, never counted as zero",
    ),
    (
        "E1", "seafood_exports", "seafood_exports__2024-Q3__2024-10-15__simulated.csv",
        "frozen shrimp to JP in 2024-08 is a tenth too high; restated on 2025-01-15",
        "the later figure counts; before that day the earlier one did",
    ),
    (
        "W1", "wind_power", "wind_power__2024-Q4__2025-01-10__simulated.xlsx",
        "a farm in commercial operation gives no generation for 2024-11", "a warning; the month is not counted as zero",
    ),
)  # fmt: skip
"""What is wrong on purpose: id, feed, file, what it is, what should come of it."""


PLANTED = Options()
"""Faults are planted, and lists that miss works do so independently."""


def simulate(
    root: Path,
    scale: int,
    seed: int = DEFAULT_SEED,
    say: Callable[[str], None] = print,
    options: Options = PLANTED,
) -> None:
    """Write an inbox under `root/inbox` and its ground truth under `root/ground_truth`.

    The same scale, seed and options give the same bytes. Raises ValueError if the scale is below 1.
    """
    areas = areas_of(scale)
    folder = Folder(root)
    all_accounts = [accounts.accounts_of(area, seed) for area in areas]
    say("grdp")
    accounts.write_history(folder, all_accounts)
    accounts.write_releases(folder, all_accounts, RELEASE_YEARS)
    accounts.write_truth(folder, all_accounts)
    say("industrial_production_index")
    indices = [production_index.index_of(area, seed) for area in areas]
    production_index.write_deliveries(folder, indices, options.clean)
    production_index.write_truth(folder, indices)
    say("construction_output")
    construction.write_deliveries(folder, all_accounts, seed, options.clean)
    construction.write_truth(folder, all_accounts, seed)
    say("industry_output")
    industry.write_deliveries(folder, areas, seed)
    industry.write_truth(folder, areas, seed)
    say("aquaculture, seafood_exports, wind_power")
    aquaculture.write_deliveries(folder, areas, seed, options.clean)
    aquaculture.write_truth(folder, areas, seed, options.clean)
    exports.write_deliveries(folder, areas, seed, options.clean)
    exports.write_truth(folder, areas, seed)
    wind.write_deliveries(folder, areas, seed, options.clean)
    wind.write_truth(folder, areas, seed, options.clean)
    say("investment_projects, investment_plan")
    treasury.write_register(folder, areas, seed)
    treasury.write_plans(folder, areas, seed)
    say("treasury_disbursement")
    treasury.write_vouchers(folder, areas, seed)
    say("project_progress, obstacles")
    follow_up.write_register_again(folder, areas, seed, options.clean)
    follow_up.write_progress(folder, areas, seed, options.clean)
    follow_up.write_obstacles(folder, areas, seed, options.clean)
    follow_up.write_truth(folder, areas, seed, options.clean)
    simulate_capture(root, scale, seed, say, options)
    planted = () if options.clean else DEFECTS
    write_csv(folder.truth("planted_defects"), ("defect_id", "feed", "file", "what", "expected"), planted)


def simulate_capture(
    root: Path,
    scale: int,
    seed: int = DEFAULT_SEED,
    say: Callable[[str], None] = print,
    options: Options = PLANTED,
) -> None:
    """Write only the feeds from which the capture of construction is judged, as `simulate` writes them."""
    say("construction_survey, construction_frame, building_permits, design_appraisals, construction_tax")
    capture.write_all(Folder(root), areas_of(scale), seed, options)
