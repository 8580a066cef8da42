"""`release …`: list, verify, compare, approve, reject, tag and roll back releases."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from pipeline.cli.exit_codes import fail
from pipeline.settings import home

if TYPE_CHECKING:
    from resources.releases import ReleaseStore


@click.group()
def release() -> None:
    """Look at releases, verify them, compare them, go back to one."""


@release.command("list")
def release_list() -> None:
    """List all releases, the newest last. A star marks the current one, a question mark one that waits for approval."""
    from resources.releases import ReleaseStore

    store = ReleaseStore(home().marts)
    times = {entry["release_id"]: entry["at"] for entry in store.journal() if entry["action"] != "tag"}
    tags, looks = store.tags(), store.looked_back_on()
    for one in store.all():
        mark = "*" if one.is_current else "?" if one.release_id == store.candidate_id() else " "
        names = "".join(f"  '{name}'" for name in tags.get(one.release_id, ()))
        size, at = len(one.manifest["marts"]), times.get(one.release_id, "")
        word = store.decision(one.release_id)
        remark = f"  {word['action']}: {word['by']}: {word['reason']}" if word else ""
        remark += "  looked at, of an earlier day" if one.release_id in looks else ""
        click.echo(f"{mark} {one.release_id}  {size} marts  {at}{names}{remark}")


@release.command("verify")
@click.argument("release_id", required=False)
def release_verify(release_id: str | None) -> None:
    """Compare every byte of a release with its manifest."""
    from resources.releases import ReleaseError, ReleaseStore

    store = ReleaseStore(home().marts)
    try:
        faults = store.verify(release_id)
    except ReleaseError as error:
        fail(Console(stderr=True), str(error), 2)
    for fault in faults:
        click.echo(fault)
    if faults:
        sys.exit(1)
    click.echo(f"{release_id or store.current_id()}: every byte is as it was published.")


@release.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("release_id", required=False)
def release_export(folder: Path, release_id: str | None) -> None:
    """Copy a release (default: the current one) into FOLDER, empty or not there yet, and write nowhere else.

    What BI tools import lies beside it, in `bi`.
    """
    from assets.product.bundles import write_bundles
    from dbt_like_sql.project import load_project
    from resources.releases import ReleaseError, ReleaseStore

    try:
        exported = ReleaseStore(home().marts).export(folder, release_id)
    except ReleaseError as error:
        fail(Console(stderr=True), str(error), 2)
    write_bundles(load_project(), folder)
    click.echo(f"{exported.release_id} lies in {folder}.")


@release.command("diff")
@click.argument("before")
@click.argument("after", required=False)
def release_diff(before: str, after: str | None) -> None:
    """Say what changed from one release to another (default: to the current one)."""
    from dbt_like_sql.project import load_project
    from pipeline.release_diff import growth_changes, item_changes, mart_changes
    from resources.releases import ReleaseError, ReleaseStore
    from resources.warehouse import Warehouse

    growth_home = home()
    store = ReleaseStore(growth_home.marts)
    try:
        first, second = store.get(before), store.get(after)
    except ReleaseError as error:
        fail(Console(stderr=True), str(error), 2)
    warehouse = Warehouse(growth_home.root, load_project())
    changes = list(mart_changes(warehouse, first, second))
    for change in changes:
        click.echo(f"{change.mart}: {change.gone} rows gone, {change.new} rows new")
    for row in item_changes(warehouse, first, second):
        parts = ", ".join(
            f"{name} {row[f'{column}_change']:+f}"
            for name, column in (("revision", "revision"), ("new data", "new_data"), ("weights", "weights"))
            if row[f"{column}_change"]
        )
        click.echo(
            f"{row['directive']} {row['item']}: {row['status_before']} ({row['actual_before']}) -> "
            f"{row['status_after']} ({row['actual_after']}), {row['change_reason']}{': ' + parts if parts else ''}"
        )
    for row in growth_changes(warehouse, first, second):
        click.echo(
            f"growth {row['area_code']} {row['sector_code']} {row['period']}: {row['growth_before']} % -> "
            f"{row['growth_after']} %, revision {row['revision_pp']:+f} pp"
        )
    if not changes:
        click.echo("Nothing changed.")


@release.command("rollback")
@click.argument("release_id")
def release_rollback(release_id: str) -> None:
    """Point `marts/current` at an earlier release. The next night with something new publishes."""
    from resources.home import HomeError
    from resources.operator import releases_of
    from resources.releases import ReleaseError

    try:
        with home().locked():
            release = releases_of(home()).rollback(release_id)
    except (ReleaseError, HomeError) as error:
        fail(Console(stderr=True), str(error), 1)
    click.echo(f"Current is now {release.release_id}.")


@release.command("send")
def release_send() -> None:
    """Put the current release where settings.yml says (`publish_to`), if it is not there; every night does."""
    from resources.home import HomeError
    from resources.operator import SETTINGS, releases_of
    from resources.releases import ReleaseError

    try:
        with home().locked():
            store = releases_of(home())
            sent = store.send()
    except (ReleaseError, HomeError) as error:
        fail(Console(stderr=True), str(error), 1)
    if store.remote is None or sent is None:
        why = "names no place" if store.remote is None else "names a place, and nothing has been published yet"
        fail(Console(stderr=True), f"{home().root / SETTINGS} {why} (publish_to: s3://bucket/growth).", 2)
    click.echo(f"{store.remote.address} holds {sent} and points at it.")


@release.command("approve")
@click.argument("release_id")
@click.option("--by", required=True, help="Who decides.")
@click.option("--reason", required=True)
def release_approve(release_id: str, by: str, reason: str) -> None:
    """Make the candidate current. For homes whose settings.yml says `release: approved`."""
    _decide(lambda store: store.approve(release_id, by, reason))
    click.echo(f"Current is now {release_id}, approved by {by}.")


@release.command("reject")
@click.argument("release_id")
@click.option("--by", required=True, help="Who decides.")
@click.option("--reason", required=True)
def release_reject(release_id: str, by: str, reason: str) -> None:
    """Reject the candidate for good; the previous release stands."""
    _decide(lambda store: store.reject(release_id, by, reason))
    click.echo(f"{release_id} is rejected by {by}; the previous release stands.")


def _decide(decide: Callable[[ReleaseStore], object]) -> None:
    from resources.home import HomeError
    from resources.operator import releases_of
    from resources.releases import ReleaseError

    try:
        with home().locked():
            decide(releases_of(home()))
    except (ReleaseError, HomeError) as error:
        fail(Console(stderr=True), str(error), 1)


@release.command("tag")
@click.argument("release_id")
@click.argument("name")
def release_tag(release_id: str, name: str) -> None:
    """Give a release a NAME; it is kept for ever."""
    from resources.releases import ReleaseError, ReleaseStore

    try:
        ReleaseStore(home().marts).tag(release_id, name)
    except ReleaseError as error:
        fail(Console(stderr=True), str(error), 2)
    click.echo(f"{release_id} is kept as '{name}'.")
