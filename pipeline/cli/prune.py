"""`prune`: delete releases and runs past their time."""

from __future__ import annotations

import click
from rich.console import Console

from pipeline.cli.exit_codes import fail
from pipeline.settings import home


@click.command()
def prune() -> None:
    """Delete releases and runs past their time, as every night does at its end (settings.yml says how long)."""
    from pipeline.dagster_home import InstanceError, write_dagster_home
    from pipeline.instance import open_instance
    from resources.home import HomeError
    from resources.operator import settings_of
    from resources.retention import prune as let_go

    growth_home = home()
    try:
        retention = settings_of(growth_home).retention
        with growth_home.locked(), open_instance(write_dagster_home(growth_home.root)) as instance:
            gone = let_go(growth_home, instance, retention)
    except (HomeError, InstanceError) as error:
        fail(Console(stderr=True), str(error), 2 if isinstance(error, HomeError) else 1)
    click.echo(f"Let go of {len(gone.releases)} releases and {len(gone.runs)} runs.")
