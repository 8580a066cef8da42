"""`ui`: open the Dagster UI."""

from __future__ import annotations

import click
from rich.console import Console

from pipeline.cli.exit_codes import fail
from pipeline.settings import PROJECT_ROOT, home


@click.command()
@click.option("--port", default=3000, show_default=True)
def ui(port: int) -> None:
    """Open the Dagster UI on 127.0.0.1."""
    from pipeline.dagster_home import InstanceError
    from pipeline.dagster_ui import open_ui

    try:
        open_ui(home().root, PROJECT_ROOT, Console(), port)
    except InstanceError as error:
        fail(Console(stderr=True), str(error), 1)
