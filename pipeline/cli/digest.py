"""`digest`: print what a person should know this morning."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import click
from rich.console import Console

from pipeline.cli.exit_codes import LANGUAGES, fail
from pipeline.settings import home

if TYPE_CHECKING:
    from resources.releases import Release, ReleaseStore


@click.command()
@click.option("--lang", type=LANGUAGES, default="vi", show_default=True)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="What was told on a day: its newest release.")
@click.option("--agency", help="Code of an agency: its own lines alone.")
def digest(lang: str, as_of: dt.datetime | None, agency: str | None) -> None:
    """Print what a person should know this morning.

    Changes, milestones of the next 14 days, late suppliers, refusals that touch a target, the work list, decisions.
    """
    from dbt_like_sql.project import load_project
    from pipeline.morning_digest import morning_digest
    from pipeline.notifications import changes_by_release, release_before
    from resources.releases import ReleaseError, ReleaseStore
    from resources.warehouse import Warehouse

    growth_home, project = home(), load_project()
    store = ReleaseStore(growth_home.marts)
    try:
        release = store.get(store.newest_id()) if as_of is None else _release_of(store, as_of.date())
    except ReleaseError as error:
        fail(Console(stderr=True), str(error), 2)
    before = release_before(store, release)
    since = changes_by_release(Warehouse(growth_home.root, project), before, release)
    addressed = morning_digest(growth_home, project, release, "vi" if lang == "vi" else "en", since, before).for_agency(
        agency
    )
    click.echo(f"{addressed.title}\n\n{addressed.text}")


def _release_of(store: ReleaseStore, day: dt.date) -> Release:
    from resources.releases import ReleaseError

    made = [one for one in store.all() if one.manifest["as_of"] == day.isoformat()]
    if not made:
        raise ReleaseError(f"No release is kept that was made for {day}. See: python -m pipeline release list")
    return made[-1]
