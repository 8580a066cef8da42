"""The release: all published marts of one state of the world, or none. Knows no Dagster."""

from __future__ import annotations

import datetime as dt

from assets.code_version import code_version, declarations_version
from assets.graph import RELEASE, Table, trouble_of, upstream
from assets.intake import Intake
from assets.product.companions import companions
from assets.staleness import is_up_to_date
from dbt_like_sql.project import Project
from resources.home import Home
from resources.landing import LandingStore
from resources.operator import DEPUTY, settings_of
from resources.releases import ReleaseError, ReleaseStore
from resources.warehouse import Warehouse

SCHEMA_VERSION = "2.2"
"""Of the marts' columns: one more is a minor step; one that is taken out, or gets another type, a major one."""


def publish_marts(project: Project, warehouse: Warehouse, store: ReleaseStore, as_of: dt.date) -> tuple[str, bool]:
    """Publish all marts and return the release's id and whether it is new.

    Raises ReleaseError, and publishes nothing, if a mart or anything it is made from was blocked, is missing, or is not
    what it would be if it were made now for that day; and where the release stands and could not be put elsewhere too.
    """
    # A broken rule is told first.
    tables = sorted(upstream(project, RELEASE), key=lambda table: (not _is_blocked(warehouse, table), table))
    faults = {table: fault for table in tables if (fault := _fault(project, warehouse, table, as_of))}
    # What is made from a table with a fault waits for that table, and its own advice would not help.
    causes = [fault for table, fault in faults.items() if faults.keys().isdisjoint(upstream(project, table))]
    if causes:
        raise ReleaseError("No release was made and the current one stands: " + " ".join(dict.fromkeys(causes)))
    facts = {
        "schema_version": SCHEMA_VERSION,
        "code_version": code_version(),
        "declarations_version": declarations_version(),
        "inputs": _inputs(warehouse),
        "standing_still": _standing_still(project, warehouse, as_of),
    }
    published = {model.name: warehouse.path(model.layer, model.name) for model in project.published}
    newest, home = store.newest_id(), Home(warehouse.root)
    earlier = store.root / "releases" / newest if newest is not None else None
    is_signed_by_deputy = settings_of(home).report_signed_by == DEPUTY
    beside = companions(project, as_of, earlier, home.report_template, is_signed_by_deputy, store.root / "charts")
    release = store.publish(published, facts, as_of, beside)
    store.send()
    return release


def _is_blocked(warehouse: Warehouse, table: Table) -> bool:
    state = warehouse.state(*table)
    return state is not None and state.blocked


def _fault(project: Project, warehouse: Warehouse, table: Table, as_of: dt.date) -> str | None:
    """Why nothing may be published that is made from a table."""
    if table.layer in ("landing", "raw"):
        return None
    state = warehouse.state(*table)
    if state is None:
        return f"{table} {warehouse.why_unbuilt(*table)}; run the nightly job, which builds it again."
    if trouble := trouble_of(table, state):
        return trouble
    if not is_up_to_date(project, warehouse, table, as_of):
        return f"{table} was made from other tables, or for another day than {as_of}; run the nightly job for that day."
    return None


def _standing_still(project: Project, warehouse: Warehouse, as_of: dt.date) -> dict[str, list[str]]:
    """Feeds that stand still, so that the release rests on their last good tables, with the landed files damaged."""
    intake = Intake(project, LandingStore(Home(warehouse.root).landing), warehouse, as_of)
    damaged = {feed: intake.damaged(feed).values() for feed in project.contracts}
    return {feed: [one.receipt.file_name for one in those] for feed, those in damaged.items() if those}


def _inputs(warehouse: Warehouse) -> list[dict[str, str]]:
    """The deliveries that the release rests on."""
    inputs = []
    for path in sorted((warehouse.root / "ledger").glob("*.parquet")):
        rows = warehouse.read("ledger", path.stem, ["delivery_id", "feed", "source_file", "status"])
        inputs += [row for row in rows.to_pylist() if row["status"].startswith("accepted")]
    return inputs
