"""`new-feed`: write the skeleton of a feed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.skeletons import listed, write_skeleton
from pipeline.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from dbt_like_sql.project import Project


@click.command("new-feed")
@click.argument("name")
@click.option(
    "--fields", help="Columns of dbt_like_sql/fields in the order of the table, parted by commas; - leaves one out."
)
@click.option("--key", help="The columns that name a row (default: all that are no amounts).")
@click.option("--subject", help="The subject that it belongs to, a folder of dbt_like_sql/sources (default: its own).")
@click.option("--from", "source", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="A file of the supplier, of which the contract is proposed.")  # fmt: skip
@click.option("--sheet", help="The sheet of that file which holds the table, where there are several.")
@click.option("--constant", "constants", multiple=True, metavar="FIELD=TEXT",
              help="A field that says the same in every row, such as area_code=94; may be repeated.")  # fmt: skip
@click.option("--again", is_flag=True,
              help="Write anew what an earlier run wrote, until its contract is put into words.")  # fmt: skip
def new_feed(
    name: str,
    fields: str | None,
    key: str | None,
    subject: str | None,
    source: Path | None,
    sheet: str | None,
    constants: tuple[str, ...],
    again: bool,
) -> None:
    """Write the skeleton of a feed: contract, suite, staging model, rule on magnitudes, samples."""
    from pipeline.scaffold import feed
    from pipeline.scaffold.from_file import proposed

    same = dict(part.partition("=")[::2] for part in constants)
    if not all(same.values()):
        raise click.UsageError("--constant says a field and its text, as in --constant area_code=94.")
    if sheet and not source:
        raise click.UsageError("--sheet is a sheet of the file that --from names.")

    def write(project: Project) -> list[Path]:
        proposal = proposed(source, project, listed(fields), sheet, same) if source else None
        for line in proposal.understood if proposal else ():
            click.echo(f"understood: {line}")
        for line in proposal.not_understood if proposal else ():
            click.echo(f"not understood: {line}")
        columns = (proposal.fields if proposal else listed(fields)) or feed.DEFAULT_FIELDS
        return feed.new_feed(
            name, project, PROJECT_ROOT, columns, listed(key), subject, proposal, constants=same, again=again
        )

    write_skeleton(write)
