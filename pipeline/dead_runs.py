"""Shows runs whose processes are gone as failed, and imports Dagster only if there may be some."""

from __future__ import annotations

from pipeline.dagster_home import write_dagster_home
from resources.home import Home
from resources.runs import report_dead_runs, some_may_be_dead


def show_dead_runs_as_failed(home: Home) -> None:
    """Mark runs whose processes are gone as failed.

    Raises InstanceError if Dagster's database cannot be reached.
    """
    if not some_may_be_dead(home):
        return
    from pipeline.instance import open_instance

    with open_instance(write_dagster_home(home.root)) as instance:
        report_dead_runs(instance, home)
