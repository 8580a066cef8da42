"""How the definitions are assembled from declarations.

Reading it loads YAML and SQL files; it imports neither pandas nor Great Expectations and touches no store.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets.dagster.feeds import feed_assets
from assets.dagster.models import model_step, seed_specs
from assets.dagster.reading_resource import ReadingProcessResource
from assets.dagster.release_step import release_asset
from assets.rules import refuse_loose_suites
from dbt_like_sql.project import Project, load_project
from pipeline.jobs import nightly_job
from pipeline.own_packages import AssemblyError, refuse_foreign_packages
from pipeline.schedules import nightly_schedule
from pipeline.sensors import inbox_sensor, night_ended_sensor, run_failure_sensor
from pipeline.settings import home, is_served
from resources.stores import stores_at


def build_defs(stores: Mapping[str, Any] | None = None, project: Project | None = None) -> dg.Definitions:
    """Return fresh definitions; `stores` (see `resources.stores.stores_at`) default to those of GROWTH_HOME.

    Raises AssemblyError if a package of another project stands in the place of ours or there are no assets:
    either would load as an empty, green code location. Raises DeclarationError if a suite is missing or idle.
    """
    refuse_foreign_packages()
    project = project or load_project()
    if not project.contracts or not project.models:
        raise AssemblyError("There are no contracts or no models; the project's declarations were not found.")
    refuse_loose_suites(project)
    job, is_on = nightly_job(), is_served()
    steps = [*feed_assets(project), model_step(project), release_asset(project)]
    checks = [check.key for step in steps for check in step.check_specs]
    return dg.Definitions(
        assets=[*seed_specs(project), *steps],
        jobs=[job],
        schedules=[nightly_schedule(job, checks, is_on)],
        sensors=[inbox_sensor(job, checks, is_on), run_failure_sensor(is_on), night_ended_sensor(job, is_on)],
        resources={**(stores if stores is not None else stores_at(home().root)), "readers": ReadingProcessResource()},
        executor=dg.in_process_executor,
    )
