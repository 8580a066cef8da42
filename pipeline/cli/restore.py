"""`restore`: restore a backup."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from pipeline.cli.exit_codes import fail
from pipeline.settings import home


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Restore a backup into an empty GROWTH_HOME. The next night makes all tables again."""
    from pipeline.backup_archive import BackupError
    from pipeline.backup_archive import restore as restored
    from resources.releases import ReleaseError

    try:
        current = restored(file, home())
    except (BackupError, ReleaseError, OSError) as error:
        fail(Console(stderr=True), str(error), 2)
    stands = f"The current release is {current}." if current else "Nothing had been published in it."
    click.echo(f"Restored into {home().root}. {stands} The next night makes all tables again.")
