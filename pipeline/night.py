"""One night: land, judge, compute, publish, and say plainly what came of it.

The exit code is for whoever watches: 0 the night is good, 1 it failed and the last good release stands, 2 it was
asked for something impossible, 3 it published, but evidence of a target is affected by a refused delivery.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from dbt_like_sql.project import Project, load_project
from pipeline.garbage import collected_seldom
from pipeline.news import has_news, remember_night
from pipeline.settings import SAMPLES_AS_OF
from pipeline.ui import write_dagster_home
from resources.files import DiskFullError, full_disk
from resources.home import SAMPLES_MARK, Home, today
from resources.releases import ReleaseStore

if TYPE_CHECKING:
    import dagster as dg

GOOD, FAILED, IMPOSSIBLE, EVIDENCE_AFFECTED = 0, 1, 2, 3

log = logging.getLogger("provincial_growth")


@dataclass(frozen=True)
class Affected:
    """A refused delivery and the items of the directive whose evidence it would have been."""

    file_name: str
    feed: str
    reason: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What came of a night. `failures` are sentences, one for each asset that failed."""

    exit_code: int
    release_id: str | None
    had_news: bool
    failures: tuple[str, ...] = ()
    refused: tuple[Affected, ...] = ()


def run_night(home: Home, inbox: Path, as_of: dt.date, on_step: Callable[[int], None] = lambda _: None) -> Outcome:
    """Run the nightly job in this process and return what came of it.

    Steps are logged to the logger `provincial_growth`; `on_step` is told once how many assets there are. Raises
    HomeError if the home holds the other kind of inbox or another run does not end.
    """
    project = load_project()
    try:
        home.root.mkdir(parents=True, exist_ok=True)
        home.accept_inbox(inbox)
        if not has_news(home, inbox, as_of):
            return outcome_of(home, project, as_of, had_news=False, failures=())
        with collected_seldom():
            failures = _execute(home, inbox, as_of, on_step)
        home.remember(as_of=as_of.isoformat())
    except Exception as error:
        sentence = _of_the_disk(home, error)
        if sentence is None:
            raise
        return outcome_of(home, project, as_of, had_news=True, failures=(sentence,))
    outcome = outcome_of(home, project, as_of, had_news=True, failures=failures)
    if not failures and outcome.release_id:
        remember_night(home, as_of, outcome.release_id)
    return outcome


def _execute(home: Home, inbox: Path, as_of: dt.date, on_step: Callable[[int], None]) -> tuple[str, ...]:
    """Run the job under the instance in the home; return a sentence for each asset that failed."""
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    os.environ["GROWTH_HOME"] = str(home.root)
    # Imported here because a night without news must not pay for Dagster.
    from pipeline.definitions import defs
    from pipeline.instance import open_instance
    from resources.stores import NIGHTLY, stores_config

    dagster_home = write_dagster_home(home.root)
    job = defs.resolve_job_def(NIGHTLY)
    on_step(len(job.graph.node_dict))
    with open_instance(dagster_home) as instance:
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={
                "resources": stores_config(home.root, as_of=as_of, inbox=inbox),
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
        )
    return tuple(_sentence(event) for event in result.all_events if event.is_step_failure or event.is_run_failure)


def _of_the_disk(home: Home, error: BaseException | None) -> str | None:
    """Return a sentence if an error that ended the run came from a full or failing disk.

    Dagster keeps its events in SQLite, which has words of its own for that.
    """
    while error is not None:
        if isinstance(error, DiskFullError):
            return f"the run: {error}"
        if isinstance(error, sqlite3.OperationalError) and "disk" in str(error):
            return f"the run: {full_disk(home.root, error)}"
        error = error.__cause__ or error.__context__
    return None


def _sentence(event: dg.DagsterEvent) -> str:
    data: Any = event.event_specific_data
    error = getattr(data, "error", None)
    failure = getattr(data, "user_failure_data", None)
    text = (failure.description if failure is not None else None) or (error.message.strip() if error else event.message)
    while error is not None and error.cause is not None and failure is None:
        error = error.cause
        text = error.message.strip()
    return f"{event.step_key or 'the run'}: {text}"


def outcome_of(home: Home, project: Project, as_of: dt.date, *, had_news: bool, failures: tuple[str, ...]) -> Outcome:
    """Return what came of a night, from what lies in the home after it."""
    refused = refused_deliveries(home, project, as_of)
    if failures:
        code = FAILED
    elif any(affected.targets for affected in refused):
        code = EVIDENCE_AFFECTED
    else:
        code = GOOD
    return Outcome(
        exit_code=code,
        release_id=ReleaseStore(home.marts).current_id(),
        had_news=had_news,
        failures=failures,
        refused=tuple(refused),
    )


def refused_deliveries(home: Home, project: Project, as_of: dt.date) -> list[Affected]:
    """Return refused deliveries that no later one has replaced, with the targets whose evidence they are."""
    deliveries = [
        row
        for path in sorted((home.root / "ledger").glob("*.parquet"))
        for row in pq.ParquetFile(path).read().to_pylist()  # read_table would import pandas
        if row["released_on"] is None or row["released_on"] <= as_of
    ]
    targets = targets_by_feed(project)
    return [
        Affected(row["source_file"], row["feed"], row["reason"] or "", tuple(targets.get(row["feed"], ())))
        for row in deliveries
        if row["status"] == "rejected" and not _is_replaced(row, deliveries)
    ]


def _is_replaced(refused: Mapping[str, Any], deliveries: list[dict[str, Any]]) -> bool:
    """Whether a later or corrected delivery of the same feed and period was accepted."""
    if refused["period"] is None:
        return False

    def order(row: Mapping[str, Any]) -> tuple[dt.date, int]:
        return row["released_on"] or dt.date.min, row["revision"]

    return any(
        row["feed"] == refused["feed"]
        and row["period"] == refused["period"]
        and row["status"].startswith("accepted")
        and order(row) >= order(refused)
        for row in deliveries
    )


def targets_by_feed(project: Project) -> dict[str, list[str]]:
    """Return, for each feed, the items of the directive with a threshold whose evidence it gives."""
    items = [row for row in project.seeds["directive_items"].rows() if row["threshold"]]
    targets: dict[str, list[str]] = {}
    for indicator in project.seeds["indicators"].rows():
        if indicator["feed"]:
            named = [item["item"] for item in items if item["indicator"] == indicator["indicator"]]
            targets.setdefault(indicator["feed"], []).extend(named)
    return targets


def default_day(inbox: Path) -> dt.date:
    """Return the day of a night for which nobody named one: that of the samples in their home, else today."""
    return dt.date.fromisoformat(SAMPLES_AS_OF) if (inbox / SAMPLES_MARK).exists() else today()
