"""`new-mart`: write the skeleton of a mart."""

from __future__ import annotations

import click

from pipeline.cli.skeletons import write_skeleton
from pipeline.settings import PROJECT_ROOT


@click.command("new-mart")
@click.argument("name")
@click.option("--reads", required=True, help="The model whose rows the mart publishes to begin with.")
@click.option("--subject", help="The subject that it belongs to (default: that of the model).")
def new_mart(name: str, reads: str, subject: str | None) -> None:
    """Write the skeleton of a mart: SQL, YAML, suite."""
    from pipeline.scaffold import mart

    write_skeleton(lambda project: mart.new_mart(name, project, PROJECT_ROOT, reads, subject))
