"""`for-dbt`: write what dbt reads beside the models."""

from __future__ import annotations

import click

from pipeline.settings import PROJECT_ROOT


@click.command("for-dbt")
def for_dbt() -> None:
    """Write what dbt reads beside the models: sources, seeds, macros."""
    from dbt_like_sql.project import load_project
    from pipeline.dbt_files import write_dbt_files

    for path in write_dbt_files(load_project(), PROJECT_ROOT):
        click.echo(path)
