"""`backup`: back the home up into a file."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from pipeline.cli.exit_codes import fail
from pipeline.settings import home


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Back the home up into a FILE (.tar or .tar.gz), also while a night runs.

    It holds what cannot be made again: landed deliveries, releases and their journal, settings. Not in it: what has
    not landed yet, Dagster's runs, secrets.
    """
    from pipeline.backup_archive import BackupError, back_up

    try:
        count = back_up(home(), file)
    except (BackupError, OSError) as error:
        fail(Console(stderr=True), str(error), 2)
    click.echo(f"{file}: {count} files.")
