"""A run whose process is gone is marked as failed, and no other one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from pipeline.dead_runs import show_dead_runs_as_failed
from pipeline.settings import PROJECT_ROOT
from resources.runs import DIED, hold_for_life, let_go, report_dead_runs, some_may_be_dead
from resources.stores import HomeResource
from tests.house import House

DIES_IN_ITS_RUN = """
import os, sys
from pathlib import Path
import dagster as dg
from pipeline.dagster_home import write_dagster_home
from resources.stores import HomeResource

@dg.asset
def half_done(home: HomeResource):
    os._exit(1)

root = Path(sys.argv[1])
with dg.DagsterInstance.from_config(str(write_dagster_home(root))) as instance:
    dg.materialize([half_done], instance=instance, resources={"home": HomeResource(root=str(root))})
"""


@pytest.fixture
def after_a_death(house: House) -> House:
    """A home in which the only run died."""
    subprocess.run([sys.executable, "-c", DIES_IN_ITS_RUN, str(house.home.root)], cwd=PROJECT_ROOT, check=False)
    assert list(house.runs().values()) == ["STARTED"]
    assert some_may_be_dead(house.home)
    return house


def test_the_start_of_the_ui_shows_a_dead_run_as_failed_and_says_what_to_do(after_a_death: House) -> None:
    show_dead_runs_as_failed(after_a_death.home)
    assert list(after_a_death.runs().values()) == ["FAILURE"]
    assert not some_may_be_dead(after_a_death.home)
    with dg.DagsterInstance.from_config(str(after_a_death.home.dagster)) as instance:
        (run,) = instance.get_runs()
        assert DIED in [event.message for event in instance.all_logs(run.run_id)]


def test_the_next_run_of_any_asset_shows_a_dead_run_as_failed(after_a_death: House) -> None:
    @dg.asset
    def another(home: HomeResource) -> None: ...

    with dg.DagsterInstance.from_config(str(after_a_death.home.dagster)) as instance:
        dg.materialize(
            [another], instance=instance, resources={"home": HomeResource(root=str(after_a_death.home.root))}
        )
    assert list(after_a_death.runs().values()) == ["FAILURE", "SUCCESS"]


def test_a_living_run_and_one_of_another_instance_are_left_alone(after_a_death: House) -> None:
    with dg.DagsterInstance.ephemeral() as another_one:
        assert report_dead_runs(another_one, after_a_death.home) == []
    assert some_may_be_dead(after_a_death.home), "its own instance must still learn of it"
    (run_id,) = after_a_death.runs()
    hold_for_life(after_a_death.home, run_id)
    assert not some_may_be_dead(after_a_death.home)
    show_dead_runs_as_failed(after_a_death.home)
    assert after_a_death.runs() == {run_id: "STARTED"}


def test_a_run_file_is_seen_only_once_it_is_held(house: House) -> None:
    hold_for_life(house.home, "a")
    (file,) = (house.home.dagster / "living_runs").iterdir()
    assert (file.name, file.read_text()) == ("a", str(os.getpid()))
    assert not some_may_be_dead(house.home)
    assert not list(Path(house.home.root).rglob(".tmp-*"))
    let_go(house.home, "a")
    assert not file.exists()
