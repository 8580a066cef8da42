"""The command line as a whole: every command, and what all of them do with a broken declaration."""

from __future__ import annotations

import click
from rich.console import Console

from pipeline.cli.backup import backup
from pipeline.cli.calendar import calendar
from pipeline.cli.check import check
from pipeline.cli.dictionary import dictionary
from pipeline.cli.digest import digest
from pipeline.cli.evidence import evidence
from pipeline.cli.exit_codes import fail
from pipeline.cli.fetch import fetch
from pipeline.cli.for_dbt import for_dbt
from pipeline.cli.form import form
from pipeline.cli.new_feed import new_feed
from pipeline.cli.new_indicator import new_indicator
from pipeline.cli.new_mart import new_mart
from pipeline.cli.nightly import nightly
from pipeline.cli.prune import prune
from pipeline.cli.release import release
from pipeline.cli.restore import restore
from pipeline.cli.scorecard import scorecard
from pipeline.cli.serve import serve
from pipeline.cli.ui import ui
from pipeline.cli.watch import watch


class _Commands(click.Group):
    """All commands; a declaration that cannot be understood ends each of them in its sentence, with exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ValueError as error:
            from dbt_like_sql.declarations import DeclarationError

            if not isinstance(error, DeclarationError):
                raise
            fail(Console(stderr=True), str(error), 2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Growth of the province against its directive: ingest, judge, compute, publish.

    All stores lie below GROWTH_HOME (default: data/ in the project).
    """


for command in (
    backup,
    calendar,
    check,
    dictionary,
    digest,
    evidence,
    fetch,
    for_dbt,
    form,
    new_feed,
    new_indicator,
    new_mart,
    nightly,
    prune,
    release,
    restore,
    scorecard,
    serve,
    ui,
    watch,
):
    cli.add_command(command)
