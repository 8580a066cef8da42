"""Fixtures that many tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.settings import PROJECT_ROOT
from tests.house import House, run_samples

SAMPLES = PROJECT_ROOT / "samples" / "inbox"
FEW_OF_EACH_FEED = (
    "aquaculture/*",
    "building_permits/*2024-9M*.csv",
    "construction_frame/*2024-9M*",
    "construction_survey/*2024-9M*",
    "construction_tax/*2024-Q3*",
    "design_appraisals/*2024-Q3*",
    "planning_reviews/*2024-Q4*",
    "promotion_events/*2024-Q4*",
    "published_figures/*",
    "retail_services/*",
    "social_housing/*__2024__*",
    "tourism/*",
    "grdp/grdp__2018*",
    "grdp/grdp__2024__*",
    "industrial_production_index/*2024-Q3*",
    "industry_output/*__2023__*",
    "industry_output/*2024-Q3*",
    "investment_plan/*2023..2024*",
    "investment_projects/*",
    "obstacles/*",
    "project_progress/*2024-Q4*",
    "seafood_exports/*",
    "treasury_disbursement/*2024-12*",
    "treasury_disbursement/*2025-01*",
    "wind_power/*",
)
SIMULATED = {pattern.split("/")[0] for pattern in FEW_OF_EACH_FEED} | {
    "construction_output",
    "delivery_withdrawals",
}
"""The feeds of the simulator, with two of which this inbox has nothing; of any other feed it has all deliveries."""


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of one test's own."""
    return House(tmp_path)


@pytest.fixture(scope="session")
def inbox_of_a_province() -> list[Path]:
    """The published figures, and a few simulated deliveries of each feed: every mart has rows."""
    few = [path for pattern in FEW_OF_EACH_FEED for path in sorted(SAMPLES.glob(pattern))]
    return few + [path for path in sorted(SAMPLES.glob("*/*")) if path.parent.name not in SIMULATED]


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory, inbox_of_a_province: list[Path]) -> House:
    """A house after one night on that inbox. To be looked at; whoever changes something takes a copy."""
    house = House(tmp_path_factory.mktemp("province"))
    for path in inbox_of_a_province:
        house.deliver(path.name, path.read_bytes())
    house.quick_night()
    return house


@pytest.fixture
def province_copy(province: House, tmp_path: Path) -> House:
    """A province of one test's own."""
    return province.copied_to(tmp_path)


@pytest.fixture(scope="session")
def published_only(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house after one night on nothing but the published figures. To be looked at."""
    house = House(tmp_path_factory.mktemp("published"))
    house.deliver_published_figures()
    house.quick_night()
    return house


@pytest.fixture(scope="session")
def samples_house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house after the real nightly job on all samples. To be looked at."""
    house = House(tmp_path_factory.mktemp("samples"))
    run_samples(house)
    return house
