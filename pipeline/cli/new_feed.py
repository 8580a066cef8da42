"""`new-feed`: write the skeleton of a feed."""

from __future__ import annotations

import click

from pipeline.cli.skeletons import listed, write_skeleton
from pipeline.settings import PROJECT_ROOT


@click.command("new-feed")
@click.argument("name")
@click.option("--fields", help="Columns of dbt_like_sql/fields in the order of the table, separated by commas.")
@click.option("--key", help="The columns that name a row (default: all that are no amounts).")
@click.option("--subject", help="The subject that it belongs to, a folder of dbt_like_sql/sources (default: its own).")
def new_feed(name: str, fields: str | None, key: str | None, subject: str | None) -> None:
    """Write the skeleton of a feed: contract, suite, staging model, rule on magnitudes, samples."""
    from pipeline.scaffold import feed

    write_skeleton(
        lambda project: feed.new_feed(
            name, project, PROJECT_ROOT,
            fields=listed(fields) or feed.DEFAULT_FIELDS, key=listed(key), subject=subject,
        )
    )  # fmt: skip
