"""What nothing depends on is kept for a while and then let go: old releases, and runs and events of Dagster's."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from resources.home import LOCAL_TIME, Home
from resources.operator import Retention
from resources.releases import Release, ReleaseStore

if TYPE_CHECKING:
    import dagster as dg


_MADE = ("publish", "candidate", "approve")


def prune_releases(store: ReleaseStore, retention: Retention) -> list[str]:
    """Delete releases that are past their time; return their ids. Only for the holder of the home's lock.

    Kept are the current one, tagged ones, the last of each of the newest days on which one was published, and the last
    of each of the newest months. Of those that look back on an earlier day the last one is kept.
    """
    times = {entry["release_id"]: entry["at"] for entry in store.journal() if entry["action"] in _MADE}
    dated = [(_local_day(times[one.release_id]), one) for one in store.all() if one.release_id in times]
    kept = {*store.tags(), *filter(None, (store.current_id(), store.candidate_id()))}
    kept |= _last_of_each(dated, lambda day: day, retention.daily_releases)
    kept |= _last_of_each(dated, lambda day: (day.year, day.month), retention.monthly_releases)
    gone = [one for _, one in dated if one.release_id not in kept]
    looks = store.looked_back_on()[:-1]
    gone += [one for one in store.all() if one.release_id in looks and one.release_id not in kept]
    for one in gone:
        store.remove(one)
    return [one.release_id for one in gone]


def _last_of_each(
    dated: Sequence[tuple[dt.date, Release]], span_of: Callable[[dt.date], Hashable], newest: int
) -> set[str]:
    """The last release of each of the newest spans of time; `dated` is in order of publication."""
    last = {span_of(day): one.release_id for day, one in sorted(dated, key=lambda pair: pair[0])}
    return set(list(last.values())[-newest:])


def _local_day(moment: str) -> dt.date:
    return dt.datetime.fromisoformat(moment).astimezone(LOCAL_TIME).date()


def prune_runs(instance: dg.DagsterInstance, dagster_home: Path, keep_days: int, now: dt.datetime) -> list[str]:
    """Delete ended runs of before, with their events; return their ids.

    A run that says when a table was made last is kept: without it Dagster would show the table as never made.
    """
    import dagster as dg  # a night without changes must not pay for it

    before = now - dt.timedelta(days=keep_days)
    ended = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
    old = instance.get_run_records(dg.RunsFilter(statuses=ended, created_before=before))
    if not old:
        return []
    latest = (instance.get_latest_materialization_event(key) for key in instance.get_asset_keys())
    needed = {entry.run_id for entry in latest if entry is not None}
    gone = [record.dagster_run.run_id for record in old if record.dagster_run.run_id not in needed]
    for run_id in gone:
        instance.delete_run(run_id)
    _delete_files(dagster_home, frozenset(gone))
    return gone


def _delete_files(dagster_home: Path, run_ids: frozenset[str]) -> None:
    """Delete the files named after runs: Dagster forgets a run and leaves its events and logs behind."""
    for path in sorted(dagster_home.rglob("*"), reverse=True):  # what lies in a folder before the folder
        if path.name.split(".", 1)[0] not in run_ids:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Pruned:
    """What was let go."""

    releases: list[str]
    runs: list[str]


def prune(home: Home, instance: dg.DagsterInstance, retention: Retention) -> Pruned:
    """Let go of what is past its time. Only for the holder of the home's lock."""
    runs = prune_runs(instance, home.dagster, retention.run_days, dt.datetime.now(dt.UTC))
    return Pruned(prune_releases(ReleaseStore(home.marts), retention), runs)
