"""`form`: write a blank form of a feed."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from pipeline.cli.exit_codes import LANGUAGES, fail


@click.command()
@click.argument("feed")
@click.option("--to", "folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path(),
              help="Where the form is written (default: here).")  # fmt: skip
@click.option(
    "--lang", type=LANGUAGES, default="vi", show_default=True, help="Language of what is said of its columns."
)
def form(feed: str, folder: Path, lang: str) -> None:
    """Write a blank form for a supplier to fill in: the headers of FEED as CSV, with what each column holds."""
    from dbt_like_sql.project import load_project
    from pipeline.blank_forms import FormError, columns_of, write_form

    project = load_project()
    try:
        path = write_form(project, feed, folder)
    except FormError as error:
        fail(Console(stderr=True), str(error), 2)
    click.echo(str(path))
    for line in columns_of(project, feed, lang):
        click.echo(f"  {line}")
