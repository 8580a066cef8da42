"""The peer's night: dagster-dbt runs a dbt project in this process, as its documentation has it.

It is a script for the environment of `requirements-peer.lock`, started with the folder of the dbt project as its only
argument. dbt's own parse is kept in `target/` between runs, as it comes.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject, dbt_assets

FOLDER = Path(sys.argv[1]).resolve()
PROJECT = DbtProject(project_dir=FOLDER, profiles_dir=FOLDER)


@dbt_assets(manifest=PROJECT.manifest_path, project=PROJECT)
def models(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
    """Build and test all models."""
    yield from dbt.cli(["build"], context=context).stream()


if __name__ == "__main__":
    built = dg.Definitions(
        assets=[models],
        jobs=[dg.define_asset_job("night", selection="*", executor_def=dg.in_process_executor)],
        resources={"dbt": DbtCliResource(project_dir=PROJECT, profiles_dir=str(FOLDER))},
    )
    with dg.DagsterInstance.get() as instance:
        result = built.resolve_job_def("night").execute_in_process(
            instance=instance, run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        )
    sys.exit(0 if result.success else 1)
