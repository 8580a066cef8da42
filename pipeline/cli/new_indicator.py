"""`new-indicator`: write the skeleton of an indicator."""

from __future__ import annotations

import click

from pipeline.cli.skeletons import write_skeleton
from pipeline.settings import PROJECT_ROOT


@click.command("new-indicator")
@click.argument("name")
@click.option("--reads", required=True, help="The staging model that holds its figures, such as stg_tourism.")
@click.option("--value", required=True, help="The column of it that is added up.")
@click.option("--directive", required=True, help="The directive that asks for it.")
@click.option("--item", required=True, help="The code of its line in the scorecard.")
@click.option("--lead", required=True, help="The agency that answers for it.")
@click.option("--period", required=True, help="The time that the directive speaks of, such as 2024 or 2024-Q3.")
def new_indicator(name: str, reads: str, value: str, directive: str, item: str, lead: str, period: str) -> None:
    """Write the skeleton of an indicator: models of its evidence, and a line of the scorecard."""
    from pipeline.scaffold import indicator

    write_skeleton(
        lambda project: indicator.new_indicator(
            name, project, PROJECT_ROOT,
            reads=reads, value=value, directive=directive, item=item, lead=lead, period=period,
        )
    )  # fmt: skip
