"""Every table of the pipeline and what it is made from: the one place that knows what comes before what.

A table is named by its layer and its own name, as its asset key and its path are. Seeds are no tables: nothing makes
them. Knows no Dagster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, NamedTuple

from dbt_like_sql.contracts import WAIVERS, WITHDRAWALS
from dbt_like_sql.project import FEED_SOURCES, HISTORY, Model, Project
from resources.landing import UNRECOGNISED

if TYPE_CHECKING:
    from resources.warehouse import TableState

FEED_LAYERS = ("landing", "raw", "candidates", "validated")
"""What the deliveries of a feed become, one after another."""


class Table(NamedTuple):
    """One table: its layer and its name. The release is a table too."""

    layer: str
    name: str

    def __str__(self) -> str:
        return "release" if self == RELEASE else f"{self.layer}/{self.name}"


RELEASE = Table("release", "release")
STRAYS = Table("landing", UNRECOGNISED)
"""What lies under no known feed."""


@cache
def graph(project: Project) -> Mapping[Table, tuple[Table, ...]]:
    """Return every table with those that it is made from, in an order in which they can be made.

    The tables of a feed stand together, so that a delivery goes all its way before the next feed is looked at.
    """
    made_from: dict[Table, tuple[Table, ...]] = {}
    for feed in project.contracts:
        made_from |= _of_feed(project, feed)
    made_from[STRAYS] = _declared(project, UNRECOGNISED)
    for model in project.models.values():
        if model.judged_feed is None:
            made_from[table_of(model)] = tuple(_read_by(project, model))
    for name in project.remembered:
        # It is the same model again, for past days: what tonight's is made from, it is made from.
        made_from[Table(HISTORY, name)] = (table_of(project.models[name]),)
    made_from[RELEASE] = tuple(table_of(model) for model in project.models.values() if _is_released(model))
    return {table: made_from[table] for table in TopologicalSorter(made_from).static_order()}


def table_of(model: Model) -> Table:
    """Return the table that a model makes."""
    return Table(model.layer, model.name)


def tables_of_feed(project: Project, feed: str) -> tuple[Table, ...]:
    """Return the tables that a feed's deliveries go through, the rules that judge them among them."""
    rules = [table_of(rule) for rule in project.delivery_rules(feed)]
    before, (last,) = FEED_LAYERS[:-1], FEED_LAYERS[-1:]
    return (*(Table(layer, feed) for layer in before), *rules, Table(last, feed))


def downstream(project: Project, tables: Iterable[Table]) -> set[Table]:
    """Return some tables and all that is made from them, through any number of steps."""
    found = set(tables)
    for table, made_from in graph(project).items():
        if not found.isdisjoint(made_from):
            found.add(table)
    return found


def upstream(project: Project, table: Table) -> set[Table]:
    """Return all that a table is made from, through any number of steps."""
    found: set[Table] = set()
    queue = [table]
    while queue:
        new = [one for one in graph(project)[queue.pop()] if one not in found]
        found.update(new)
        queue += new
    return found


def trouble_of(table: Table, state: TableState) -> str | None:
    """Return why nothing may be made from a table that stands, or None where nothing is wrong with it."""
    if state.halt is not None or not state.blocked:
        return state.halt
    return (
        f"{table} broke a critical rule, its last good table stands: see its checks, mend the cause and run the night "
        "again."
    )


def _of_feed(project: Project, feed: str) -> dict[Table, tuple[Table, ...]]:
    landing, raw, candidates, validated = (Table(layer, feed) for layer in FEED_LAYERS)
    rules = project.delivery_rules(feed)
    return {
        landing: (),
        raw: (landing,),
        candidates: (raw, *_declared(project, feed)),
        **{table_of(rule): tuple(_read_by(project, rule)) for rule in rules},
        validated: (candidates, *(table_of(rule) for rule in rules)),
    }


def _declared(project: Project, feed: str) -> tuple[Table, ...]:
    """Withdrawals and waivers must be known before any other delivery is decided on."""
    if feed in (WITHDRAWALS, WAIVERS):
        return ()
    return tuple(Table("validated", one) for one in (WITHDRAWALS, WAIVERS) if one in project.contracts)


def _read_by(project: Project, model: Model) -> list[Table]:
    tables = [table_of(project.models[name]) for name in model.refs if name in project.models]
    for layer, name in model.sources:
        if layer in (*FEED_SOURCES, HISTORY):
            tables.append(Table(layer, name))
        elif layer == "ledger":
            tables += [*(Table("validated", feed) for feed in project.contracts), STRAYS]
    return list(dict.fromkeys(tables))


def _is_released(model: Model) -> bool:
    """Whether the release waits for it: it is published, or is a rule across feeds that may forbid publishing."""
    return model.publish or (model.layer == "audits" and model.judged_feed is None)
