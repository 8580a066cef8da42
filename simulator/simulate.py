"""Simulates the offices of a province, or of a country of 63, and what they deliver."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from simulator import (
    accounts,
    aquaculture,
    capture,
    construction,
    duties,
    exports,
    follow_up,
    industry,
    national_tables,
    plans,
    production_index,
    services,
    treasury,
    wind,
)
from simulator.areas import areas_of
from simulator.delivery_folder import SIMULATED_MARK, Folder
from simulator.office_files import write_csv
from simulator.works import Options

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
        "S1", "retail_services", "retail_services__2024-Q3__2024-10-06__simulated.xlsx",
        "the total of August is 9 bn below the sum of its groups", "a warning: the groups do not add up",
    ),
    (
        "S2", "tourism", "tourism__2024-07..2024-12__2025-01-10__simulated.xlsx",
        "overnight stays of December are not known yet (…)", "a warning; the month counts without them",
    ),
    (
        "S3", "promotion_events", "promotion_events__2024-9M__2024-10-10__simulated.csv",
        "a fair was held outside the plan", "a warning; it is told and not counted",
    ),
    (
        "S4", "social_housing", "social_housing__2024__2025-01-12__simulated.csv",
        "a project was started without an approval", "a warning; it is not counted as a start",
    ),
    (
        "S5", "planning_reviews", "planning_reviews__2024-9M__2024-10-14__simulated.csv",
        "a review has no due day", "a warning; it is not counted",
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
    say("responsible_heads, growth_scenario, plan_tasks, trade_support")
    plans.write_deliveries(folder, areas, seed)
    plans.write_truth(folder, areas, seed)
    say("retail_services, tourism, promotion_events, social_housing, planning_reviews")
    services.write_deliveries(folder, areas, seed, options.clean)
    services.write_truth(folder, areas, seed)
    duties.write_deliveries(folder, areas, seed, options.clean)
    duties.write_truth(folder, areas, seed)
    say("aquaculture, seafood_exports, wind_power")
    aquaculture.write_deliveries(folder, areas, seed, options.clean)
    aquaculture.write_truth(folder, areas, seed, options.clean)
    exports.write_deliveries(folder, areas, seed, options.clean)
    exports.write_truth(folder, areas, seed)
    wind.write_deliveries(folder, areas, seed, options.clean)
    wind.write_truth(folder, areas, seed, options.clean)
    say("national_monthly_industry, _investment, _retail, _visitors")
    national_tables.write_deliveries(folder, seed)
    national_tables.write_truth(folder, seed)
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
    (root / "inbox" / SIMULATED_MARK).touch()
