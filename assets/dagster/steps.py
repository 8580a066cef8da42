"""What every step has in common: which tables it is asked for, and what Dagster hears of a table."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from assets.graph import RELEASE, Table, graph
from dbt_like_sql.project import Project
from resources.unreported_assets import forget_unreported, owe

if TYPE_CHECKING:
    from assets.run import Result, Stores
    from resources.home import Home

log = logging.getLogger("provincial_growth")

RESOURCES = {"home", "day", "inbox", "landing", "warehouse", "releases", "readers"}
"""Every step holds the home, also one that only reads: a table must not change under its reader."""
TABLES_NAMED = 5

Emitted = dg.MaterializeResult | dg.AssetCheckResult
Described = tuple[Mapping[str, Any], Sequence[dg.AssetCheckResult], str]
"""Metadata, results of checks and data version of a table."""


def key_of(table: Table) -> dg.AssetKey:
    """Return the key of a table's asset."""
    return dg.AssetKey([table.layer] if table == RELEASE else list(table))


def source_keys(project: Project, table: Table) -> list[dg.AssetKey]:
    """Return the keys of the tables that a table is made from, and of the seeds that its model reads."""
    keys = [key_of(source) for source in graph(project)[table]]
    model = project.models.get(table.name)
    if model is not None and model.layer == table.layer:
        keys += [dg.AssetKey(["seeds", name]) for name in model.refs if name in project.seeds]
    return keys


def stores_of_run(context: dg.AssetExecutionContext) -> Stores:
    """Return the stores of a run from its resources."""
    from assets.run import Stores

    given = context.resources
    return Stores(
        inbox=given.inbox.folder,
        landing=given.landing.store,
        warehouse=given.warehouse.store,
        releases=given.releases.store,
        readers=given.readers.process,
    )


def results_of(
    context: dg.AssetExecutionContext, project: Project, tables: Iterable[Table], checks: Sequence[dg.AssetCheckSpec]
) -> Iterator[Result]:
    """Make those of a step's tables that the run asks for, by their asset or by one of their checks.

    `checks` are all checks of the step. A table that Dagster hears of without one of its checks is owed: what it shows
    of that check is of an older materialization, so the next night tells of all of it. The home remembers the day, and
    is bound to the inbox from which something lands, whoever started the run.
    """
    from assets.run import run

    asked = {*context.selected_asset_keys, *(check.asset_key for check in context.selected_asset_check_keys)}
    wanted = [table for table in tables if key_of(table) in asked]
    home: Home = context.resources.home.home
    if any(table.layer == "landing" for table in wanted):
        home.accept_inbox(context.resources.inbox.folder)
    home.remember(as_of=context.resources.day.day.isoformat())
    whole = context.selected_asset_keys - {
        check.asset_key for check in checks if check.key not in context.selected_asset_check_keys
    }
    reported: set[dg.AssetKey] = set()
    try:
        for result in run(project, stores_of_run(context), context.resources.day.day, wanted):
            yield result
            # whoever asks for the next one has told Dagster of this one
            if key_of(result.table) in context.selected_asset_keys:
                reported.add(key_of(result.table))
    finally:
        forget_unreported(home, _names(reported & whole))
        owe(home, context.run.run_id, _names(reported - whole))


def _names(keys: Iterable[dg.AssetKey]) -> set[str]:
    return {key.to_user_string() for key in keys}


def emit(context: dg.AssetExecutionContext, result: Result, described: Described) -> Iterator[Emitted]:
    """Tell Dagster of a table that stands: its materialization, if the run asks for it, and its checks."""
    key = key_of(result.table)
    metadata, checks, version = described
    selected = list(emit_checks(context, checks))
    if key in context.selected_asset_keys:
        # Given with the result it would be kept a second time, with the output of the step, which nobody looks at.
        context.add_asset_metadata({**metadata, "outcome": result.outcome}, asset_key=key)
        yield dg.MaterializeResult(asset_key=key, check_results=selected, data_version=dg.DataVersion(version))
    else:
        yield from selected


def emit_checks(
    context: dg.AssetExecutionContext, checks: Iterable[dg.AssetCheckResult]
) -> Iterator[dg.AssetCheckResult]:
    """Tell Dagster of those checks that the run asks for."""
    asked = {(check.asset_key, check.name) for check in context.selected_asset_check_keys}
    return (check for check in checks if (check.asset_key, check.check_name) in asked)


def not_judged(context: dg.AssetExecutionContext, result: Result) -> Iterator[dg.AssetCheckResult]:
    """Fail every check of a table that could not be made: a check that is planned and not reported stays "skipped"."""
    for check in context.selected_asset_check_keys:
        if check.asset_key == key_of(result.table):
            yield dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=False,
                severity=dg.AssetCheckSeverity.ERROR,
                description=f"Not judged. {result.sentence}",
                metadata={"outcome": result.outcome},
            )


def raise_for(troubled: Sequence[Result]) -> None:
    """End a step in which tables could not be made. Raises Failure with what is wrong, causes first."""
    if not troubled:
        return
    stopped = [result for result in troubled if result.outcome == "stopped"]
    causes = [result for result in troubled if result.outcome != "stopped"]
    # Whatever is stopped says what stops it: most often one of the causes, else a table that this run does not make.
    lines = list(dict.fromkeys(result.sentence or "" for result in (*causes, *stopped)))
    if stopped and stopped[0].table != RELEASE:
        names = ", ".join(str(result.table) for result in stopped[:TABLES_NAMED])
        more = f" and {len(stopped) - TABLES_NAMED} more" if len(stopped) > TABLES_NAMED else ""
        stands = "the last good table stands" if len(stopped) == 1 else "the last good tables stand"
        lines.append(f"Not made because of it: {names}{more}; {stands}.")
    raise dg.Failure(description="\n".join(lines), allow_retries=False)
