"""`fetch`: bring what lies elsewhere into the home."""

from __future__ import annotations

import sys

import click
from rich.console import Console

from pipeline.cli.exit_codes import fail
from pipeline.settings import home


@click.command()
def fetch() -> None:
    """Fetch and land what is new at the addresses under `sources` in settings.yml; `nightly` does so first.

    Exit code 0: everything was looked at. 1: something could not be had. 2: asked for something impossible.
    """
    from pipeline.fetching import fetch as fetch_sources
    from resources.home import HomeError

    try:
        fetched = fetch_sources(home())
    except HomeError as error:
        fail(Console(stderr=True), str(error), 2)
    for receipt in fetched.new:
        click.echo(f"Fetched {receipt.file_name} ({receipt.size:,} bytes) from {receipt.fetched_from}")
    for name in fetched.waiting:
        click.echo(f"Waiting for {name}: it is still being written, or too young to tell.")
    for trouble in fetched.troubles:
        click.echo(f"Not fetched: {trouble}", err=True)
    if not fetched.new and not fetched.troubles and not fetched.waiting:
        click.echo("Nothing new.")
    sys.exit(1 if fetched.troubles else 0)
