"""`dictionary`: write the data dictionary and the lineage of columns."""

from __future__ import annotations

import click
from rich.console import Console

from pipeline.cli.exit_codes import fail
from pipeline.settings import PROJECT_ROOT


@click.command()
@click.option("--check", "only_check", is_flag=True, help="Change nothing; fail when a generated file is stale.")
def dictionary(only_check: bool) -> None:
    """Write the data dictionary, and from which columns each column comes, from the declarations."""
    from assets.rules import refuse_loose_suites
    from dbt_like_sql.project import load_project
    from pipeline.data_dictionary import refuse_broken_models, stale_files, write_dictionary

    project = load_project()
    refuse_loose_suites(project)
    columns = refuse_broken_models(project)
    if only_check:
        stale = stale_files(project, columns, PROJECT_ROOT)
        if stale:
            fail(Console(stderr=True), f"Stale: {', '.join(stale)}. Run: python -m pipeline dictionary", 1)
        return
    for path in write_dictionary(project, columns, PROJECT_ROOT):
        click.echo(path)
