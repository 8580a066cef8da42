"""`calendar`: print which deliveries are late, refused and due."""

from __future__ import annotations

import click
from rich.console import Console

from pipeline.cli.exit_codes import LANGUAGES, fail
from pipeline.settings import home


@click.command()
@click.option("--lang", type=LANGUAGES, default="vi", show_default=True)
@click.option("--all", "everything", is_flag=True, help="With what is in, and what nobody expects.")
def calendar(lang: str, everything: bool) -> None:
    """Print which deliveries are late, refused and due, and what waits for them."""
    from pipeline.calendar_table import print_calendar
    from resources.releases import ReleaseError, ReleaseStore

    store = ReleaseStore(home().marts)
    try:
        release = store.get(store.newest_id())
    except ReleaseError as error:
        fail(Console(stderr=True), str(error), 2)
    print_calendar(release, Console(), "vi" if lang == "vi" else "en", everything)
