"""What a night has to make: what is not up to date, and all that may change with it. Nothing is run to know it.

A model's table is up to date while it was made from what it would be made from now: the same SQL, rules and code, the
same content of what it reads, and the same day where it asks for the day. A feed is while everything that landed of it
was decided on. What an ended run planned and never reported is asked for too, so that nothing stays skipped.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from assets.build import holds_on, model_fingerprint
from assets.graph import RELEASE, STRAYS, Table, downstream, graph, table_of, tables_of_feed
from assets.history import history_fingerprint
from assets.intake import Intake, is_feed_up_to_date
from assets.rules import rules_of_model
from dbt_like_sql.project import HISTORY, Project
from resources.home import Home, HomeError
from resources.landing import UNRECOGNISED, LandingStore
from resources.releases import ReleaseStore
from resources.unreported_assets import unreported
from resources.warehouse import TableMissingError, Warehouse


def asked_of_a_night(project: Project, home: Home, inbox: Path, day: dt.date) -> set[Table]:
    """Return the tables that a night of a day makes; those that a new day leaves as they are note it, and are not.

    While another run holds the home nothing is noted: the night then waits, and makes what turns out unchanged too.
    """
    with contextlib.closing(Warehouse(home.root, project)) as warehouse:
        with contextlib.suppress(HomeError), home.locked(patience_seconds=0):
            _note_the_day(project, warehouse, day)
        return _stale(project, warehouse, home, inbox, day)


def _note_the_day(project: Project, warehouse: Warehouse, day: dt.date) -> None:
    differs: set[Table] = set()
    for table, made_from in graph(project).items():
        model = project.models.get(table.name)
        if model is None or table != table_of(model) or is_up_to_date(project, warehouse, table, day):
            continue
        is_settled_above = differs.isdisjoint(made_from)
        if not is_settled_above or not holds_on(project, warehouse, model, rules_of_model(project, model), day):
            differs.add(table)


def stale(project: Project, home: Home, inbox: Path, day: dt.date) -> set[Table]:
    """Return the tables that a night of a day would ask for: what is not up to date, and all that is made from it."""
    return _stale(project, Warehouse(home.root, project), home, inbox, day)


def _stale(project: Project, warehouse: Warehouse, home: Home, inbox: Path, day: dt.date) -> set[Table]:
    landing = LandingStore(home.landing)
    intake = Intake(project, landing, warehouse, day)
    found = downstream(project, _changed(project, intake, inbox))
    owed = unreported(home)
    found.update(table for table in graph(project) if str(table) in owed)
    releases = ReleaseStore(home.marts)
    marts = {model.name: warehouse.state(model.layer, model.name) for model in project.published}
    if not releases.holds({name: state.content if state else None for name, state in marts.items()}):
        found.add(RELEASE)
    return found


def is_up_to_date(project: Project, warehouse: Warehouse, table: Table, day: dt.date) -> bool:
    """Return whether the table of a model, or of a model's history, is what it would be if it were made now."""
    state = warehouse.state(*table)
    if state is None or state.halt is not None:
        return False
    model = project.models.get(table.name)
    try:
        if table.layer == HISTORY:
            return state.fingerprint == history_fingerprint(project, warehouse, table.name, day)
        if model is None or model.layer != table.layer:
            return True
        return state.fingerprint == model_fingerprint(project, warehouse, model, rules_of_model(project, model), day)
    except TableMissingError:
        return False


def _changed(project: Project, intake: Intake, inbox: Path) -> Iterator[Table]:
    unlanded = intake.landing.unlanded(inbox, project.contracts)
    in_feeds: set[Table] = set()
    for feed in project.contracts:
        tables = tables_of_feed(project, feed)
        in_feeds.update(tables)
        is_halted = any(_is_halted(intake.warehouse, table) for table in tables)
        if feed in unlanded or is_halted or not is_feed_up_to_date(intake, feed) or intake.damaged(feed):
            yield from tables
    is_halted = _is_halted(intake.warehouse, STRAYS)
    if unlanded - project.contracts.keys() or is_halted or not _strays_are_recorded(intake):
        yield STRAYS
    for table in graph(project):
        is_model = table not in in_feeds and table not in (RELEASE, STRAYS)
        if is_model and not is_up_to_date(project, intake.warehouse, table, intake.as_of):
            yield table


def _is_halted(warehouse: Warehouse, table: Table) -> bool:
    """Whether the last run that came to a table could not make it: what waits for it stays stopped until one can."""
    state = warehouse.state(*table)
    return state is not None and state.halt is not None


def _strays_are_recorded(intake: Intake) -> bool:
    """Whether all that landed from under no known feed stands in the ledger."""
    if intake.warehouse.state("ledger", UNRECOGNISED) is None:
        return False
    recorded = intake.warehouse.read("ledger", UNRECOGNISED, ["delivery_id"]).column("delivery_id").to_pylist()
    return {receipt.delivery_id for receipt in intake.landing.receipts(UNRECOGNISED)} == set(recorded)
