"""How the definitions are assembled from declarations.

Reading it loads YAML and SQL files; it imports neither pandas nor Great Expectations and touches no store.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

import assets
import dbt_like_sql
import expectations
import resources
from assets.dagster.feeds import feed_assets
from assets.dagster.models import model_steps, seed_specs
from assets.dagster.readers import ReadersResource
from assets.dagster.release import release_asset
from dbt_like_sql.project import Project, load_project
from pipeline.jobs import nightly_job
from pipeline.schedules import nightly_schedule
from pipeline.sensors import inbox_sensor, run_failure_sensor
from pipeline.settings import PROJECT_ROOT, home
from resources.stores import stores_at


class AssemblyError(RuntimeError):
    """The definitions would be wrong or empty; the message says why."""


def build_defs(stores: Mapping[str, Any] | None = None, project: Project | None = None) -> dg.Definitions:
    """Return fresh definitions; `stores` (see `resources.stores.stores_at`) default to those of GROWTH_HOME.

    Raises AssemblyError if a package of another project stands in the place of ours or there are no assets:
    either would load as an empty, green code location.
    """
    _refuse_foreign_packages()
    project = project or load_project()
    if not project.contracts or not project.models:
        raise AssemblyError("There are no contracts or no models; the project's declarations were not found.")
    job = nightly_job()
    return dg.Definitions(
        assets=[*seed_specs(project), *feed_assets(project), *model_steps(project), release_asset(project)],
        jobs=[job],
        schedules=[nightly_schedule(job)],
        sensors=[inbox_sensor(job), run_failure_sensor()],
        resources={**(stores if stores is not None else stores_at(home().root)), "readers": ReadersResource()},
        executor=dg.in_process_executor,
    )


def _refuse_foreign_packages() -> None:
    for package in (assets, dbt_like_sql, expectations, resources):
        place = Path(str(package.__file__)).resolve().parent
        if place.parent != PROJECT_ROOT:
            raise AssemblyError(
                f"The package '{package.__name__}' was found at {place}, not in {PROJECT_ROOT}: another package of "
                f"this name shadows ours. Start from the project's folder; sys.path begins with {sys.path[:3]}."
            )
