"""Fixtures that many tests share. A night is dear: take the cheapest house that shows what is to be shown.

- `house` holds nothing yet: `intake_night()` decides on deliveries in no time
- `Unpublished(root).part_night("delivery_quality")` makes what one mart is made of and no release: for what marts say
- `opened_house` had a night on an empty inbox, two days after the first directive was issued (`EARLY`): its next
  `quick_night(EARLY)` makes only what deliveries change, and looks back on one day
- `early_province`, and `early_province_copy` to change: a night of the same day on a few deliveries, for tests of how
  nights go rather than of what marts say; a delivery costs half of what it does in `province`
- `published_only`, and `published_only_copy` to change: one night on the published figures
- `province`, and `province_copy` to change: one night on a few deliveries of each feed, every mart has rows
- `samples_house`, and `samples_house_copy` to change: what `make run` leaves, the real nightly job on all samples
- `served_since_yesterday`: a function that gives a copy of a home with its own inbox and a night of yesterday by the
  true clock, for tests whose nights are started by a daemon
- `checkout_copy`, `checkout_with_samples`: a copy of the project to run commands in and write into, without stores or
  after `make run`; its `quick_night` runs the declarations that a test wrote into it

What a model computes is shown cheaper on rows (`tests.unit.sql_on_rows`), which keeps what was computed of the same
rows. A test that needs a second day lets the shared first night be the first, and takes the next day for its own.

What is shared is built once for all workers of a run, by whichever asks first (the others wait for it), and must not
be written to: whoever changes something takes a copy, which costs a tenth of a second.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.settings import PROJECT_ROOT
from resources.home import today
from tests.checkout import SHARED_BETWEEN_RUNS, Checkout, copied_checkout
from tests.house import EARLY, House

SAMPLES = PROJECT_ROOT / "samples" / "inbox"
LONG = (
    "test_daemon.py",
    "test_docs.py",
    "test_serve.py",
    "test_history.py",
    "test_broken_nights.py",
    "test_what_dagster_is_told.py",
    "test_recipes.py",
    "test_releases.py",
    "test_backup.py",
    "test_what_a_night_makes_anew.py",
    "test_bad_input.py",
    "test_golden_marts.py",
)
"""Files that take long, or wait for a daemon: they come first, so that no worker is left alone with one in the end."""
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
    "national_monthly_industry/*2024-12*",
    "national_monthly_investment/*2024-11*",
    "national_monthly_retail/*2024-12*",
    "national_monthly_visitors/*2024-12*",
    "obstacles/*",
    "project_progress/*2024-Q4*",
    "seafood_exports/*",
    "treasury_disbursement/*2024-12*",
    "treasury_disbursement/*2025-01*",
    "wind_power/*",
)
EARLY_FEW = (
    "aquaculture/*__2023__*",
    "construction_survey/*__2023__*",
    "grdp/grdp__2018*",
    "grdp/grdp__2023__*",
    "industrial_production_index/*__2022*",
    "industry_output/*__2023__*",
    "investment_plan/*2023..2024*",
    "published_figures/*",
    "retail_services/*2024-06*",
    "seafood_exports/*__2023__*",
    "tourism/*2024-06*",
    "trade_support/*2024-06*",
    "treasury_disbursement/*2024-06*",
    "treasury_disbursement/*2024-07*",
    "wind_power/*__2023__*",
)
SIMULATED = {pattern.split("/")[0] for pattern in FEW_OF_EACH_FEED} | {
    "construction_output",
    "delivery_withdrawals",
}
"""The feeds of the simulator, with two of which this inbox has nothing; of any other feed it has all deliveries."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """Return a folder that one worker of this run builds and all of them look at, other runs of `.ci/run` too."""
    own = factory.getbasetemp()
    of_this_run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = Path(os.environ.get(SHARED_BETWEEN_RUNS, of_this_run)) / f"shared-{name}"
    done = folder.with_suffix(".done")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # what a worker that failed or died left
            folder.mkdir()
            build(folder)
            done.touch()
    return folder


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of one test's own."""
    return House(tmp_path)


@pytest.fixture(scope="session")
def after_an_empty_night(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house after one early night on an empty inbox. To be looked at."""
    return House(built_once(tmp_path_factory, "opened", lambda folder: House(folder).quick_night(EARLY)))


@pytest.fixture
def opened_house(after_an_empty_night: House, tmp_path: Path) -> House:
    """A house of one test's own that had a night on an empty inbox: what comes is paid for, and no more."""
    return after_an_empty_night.copied_to(tmp_path)


@pytest.fixture(scope="session")
def early_inbox() -> list[Path]:
    """The published figures, and a few simulated deliveries that had come by the day of the early province."""
    return [path for pattern in EARLY_FEW for path in sorted(SAMPLES.glob(pattern))]


@pytest.fixture(scope="session")
def early_province(tmp_path_factory: pytest.TempPathFactory, early_inbox: list[Path]) -> House:
    """A house after one early night on that inbox. To be looked at; whoever changes something takes a copy."""

    def build(folder: Path) -> None:
        house = House(folder)
        for path in early_inbox:
            house.deliver(path.name, path.read_bytes())
        house.quick_night(EARLY)

    return House(built_once(tmp_path_factory, "early", build))


@pytest.fixture
def early_province_copy(early_province: House, tmp_path: Path) -> House:
    """An early province of one test's own."""
    return early_province.copied_to(tmp_path)


@pytest.fixture(scope="session")
def inbox_of_a_province() -> list[Path]:
    """The published figures, and a few simulated deliveries of each feed: every mart has rows."""
    few = [path for pattern in FEW_OF_EACH_FEED for path in sorted(SAMPLES.glob(pattern))]
    return few + [path for path in sorted(SAMPLES.glob("*/*")) if path.parent.name not in SIMULATED]


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory, inbox_of_a_province: list[Path]) -> House:
    """A house after one night on that inbox. To be looked at; whoever changes something takes a copy."""

    def build(folder: Path) -> None:
        house = House(folder)
        for path in inbox_of_a_province:
            house.deliver(path.name, path.read_bytes())
        house.quick_night()

    return House(built_once(tmp_path_factory, "province", build))


@pytest.fixture
def province_copy(province: House, tmp_path: Path) -> House:
    """A province of one test's own."""
    return province.copied_to(tmp_path)


@pytest.fixture(scope="session")
def published_only(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house after one night on nothing but the published figures. To be looked at."""

    def build(folder: Path) -> None:
        house = House(folder)
        house.deliver_published_figures()
        house.quick_night()

    return House(built_once(tmp_path_factory, "published", build))


@pytest.fixture
def published_only_copy(published_only: House, tmp_path: Path) -> House:
    """A house of one test's own after one night on nothing but the published figures."""
    return published_only.copied_to(tmp_path)


@pytest.fixture(scope="session")
def served_since_yesterday(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], House]:
    """A function that gives a house below a folder whose home had a night yesterday, on its own inbox."""

    def build(folder: Path) -> None:
        house = House(folder)
        House(house.home.root).deliver_published_figures()
        house.quick_night(today() - dt.timedelta(days=1), inbox=house.home.inbox)

    shared = House(built_once(tmp_path_factory, "yesterday", build))

    def copy(root: Path) -> House:
        house = shared.copied_to(root)
        house.home.remember(inbox=str(house.home.inbox.resolve()))
        return house

    return copy


@pytest.fixture(scope="session")
def after_make_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the checkout after `make run`, its home and its inbox beside it. To be looked at."""

    def build(folder: Path) -> None:
        checkout = copied_checkout(folder)
        House(folder).home.root.mkdir()
        (checkout.folder / "data").symlink_to("../home", target_is_directory=True)
        House(folder).inbox.symlink_to("checkout/samples/inbox", target_is_directory=True)
        night = checkout.run("make", "run")
        assert night.returncode == 0, night.stdout + night.stderr
        (folder / "said.txt").write_text(night.stdout, encoding="utf-8")

    return built_once(tmp_path_factory, "samples", build)


@pytest.fixture(scope="session")
def samples_house(after_make_run: Path) -> House:
    """The house that `make run` left: the real nightly job on all samples. To be looked at."""
    return House(after_make_run)


@pytest.fixture
def samples_house_copy(samples_house: House, tmp_path: Path) -> House:
    """A house of one test's own that holds the samples; the next night of its own takes `samples/inbox`."""
    shutil.copytree(samples_house.home.root, tmp_path / "home", symlinks=True)
    return House(tmp_path)


@pytest.fixture
def checkout_copy(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the project of one test's own, nothing run in it yet."""
    return copied_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture
def checkout_with_samples(after_make_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the project of one test's own in which `make run` was done."""
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(after_make_run, root, symlinks=True, dirs_exist_ok=True)
    return Checkout(root / "checkout")
