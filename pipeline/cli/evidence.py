"""`evidence`: print the source rows under a figure."""

from __future__ import annotations

import click
from rich.console import Console

from pipeline.cli.exit_codes import fail
from pipeline.settings import home


@click.command()
@click.argument("item")
@click.option("--release", "release_id", help="A release other than the current one.")
@click.option("--rows", "limit", default=20, show_default=True, help="How many rows of each delivery to print.")
def evidence(item: str, release_id: str | None, limit: int) -> None:
    """Print the source rows under the figure of an ITEM of the scorecard, cell by cell as the supplier wrote them."""
    from pipeline.evidence_lines import EvidenceError, evidence_lines
    from resources.releases import ReleaseError, ReleaseStore

    growth_home = home()
    try:
        for line in evidence_lines(growth_home, ReleaseStore(growth_home.marts).get(release_id), item, limit):
            click.echo(line)
    except (ReleaseError, EvidenceError) as error:
        fail(Console(stderr=True), str(error), 2)
