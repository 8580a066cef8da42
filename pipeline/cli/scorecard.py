"""`scorecard`: print the directive's scorecard."""

from __future__ import annotations

import click
from rich.console import Console

from pipeline.cli.exit_codes import LANGUAGES, fail
from pipeline.settings import home


@click.command()
@click.option("--lang", type=LANGUAGES, default="en", show_default=True)
@click.option("--release", "release_id", help="A release other than the current one.")
@click.option("--wide/--narrow", "wide", default=None, help="With or without the reason of each status.")
def scorecard(lang: str, release_id: str | None, wide: bool | None) -> None:
    """Print the scorecard of the directive."""
    show_scorecard(Console(), lang, release_id, wide)


def show_scorecard(console: Console, lang: str, release_id: str | None, wide: bool | None) -> None:
    """Print the scorecard of a release, by default of the current one."""
    from pipeline.scorecard_table import print_scorecard
    from resources.releases import ReleaseError, ReleaseStore

    try:
        release = ReleaseStore(home().marts).get(release_id)
    except ReleaseError as error:
        fail(Console(stderr=True), str(error), 2)
    print_scorecard(release.path, console, lang="vi" if lang == "vi" else "en", wide=wide)
