"""Fixtures that many tests share. A night is dear: take the cheapest house that shows what is to be shown.

- `house` holds nothing yet: `intake_night()` decides on deliveries in no time
- `opened_house` had a night on an empty inbox: its next `quick_night()` makes only what deliveries change
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
from tests.checkout import Checkout, copied_checkout
from tests.house import House

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


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """Return a folder that one worker of this run builds and all of them look at."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / f"shared-{name}"
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
    """A house after one night on an empty inbox. To be looked at."""
    return House(built_once(tmp_path_factory, "opened", lambda folder: House(folder).quick_night()))


@pytest.fixture
def opened_house(after_an_empty_night: House, tmp_path: Path) -> House:
    """A house of one test's own that had a night on an empty inbox: what comes is paid for, and no more."""
    return after_an_empty_night.copied_to(tmp_path)


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
