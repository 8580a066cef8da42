"""One night: land, judge, compute, publish, and report the result plainly.

The exit code is for whoever watches: 0 the night is good, 1 it failed and the last good release stands, 2 it was
asked for something impossible, 3 it published, but evidence of a target is affected by a delivery that was refused, or
of which rows were quarantined, or a feed stands still because a landed file is damaged.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from assets.affected_targets import Affected, deliveries_in_part, known_deliveries, refused_deliveries
from assets.change_detection import forget_night, has_changes
from assets.rules import refuse_loose_suites
from assets.staleness import asked_of_a_night
from dbt_like_sql.project import Project, load_project
from pipeline.dagster_home import InstanceError, move_broken_databases_away, write_dagster_home
from pipeline.dead_runs import show_dead_runs_as_failed
from pipeline.gc_tuning import collected_seldom
from resources.engine_lost import EngineLostError
from resources.files import DiskFullError, full_disk, out_of_reach
from resources.home import Home
from resources.landing import LandingStore
from resources.operator import settings_of
from resources.releases import ReleaseStore
from resources.runs import let_go, note_unreported

if TYPE_CHECKING:
    import dagster as dg

GOOD, FAILED, IMPOSSIBLE, EVIDENCE_AFFECTED = 0, 1, 2, 3

log = logging.getLogger("provincial_growth")


@dataclass(frozen=True)
class NightOutcome:
    """What came of a night. `failures` are sentences, one for each asset that failed.

    `refused` and `in_part` are deliveries that nothing has replaced yet: refused, and accepted without some rows.
    `stopped` are sentences about landed files that are damaged: their feeds stand still with their last good tables.
    `idle` are sentences about withdrawals and waivers that name nothing, `warned` counts the deliveries in force that
    were accepted with warnings.
    """

    exit_code: int
    release_id: str | None
    had_changes: bool
    failures: tuple[str, ...] = ()
    refused: tuple[Affected, ...] = ()
    in_part: tuple[Affected, ...] = ()
    stopped: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    warned: int = 0
    candidate: str | None = None
    """The release that waits for approval; `release_id` is the one that readers see."""
    looked_at: str | None = None
    """The release of this night's day where that lies before the day of the one that readers meet."""
    run_id: str | None = None
    """The run under which Dagster keeps the night; None where there was nothing to do, or it came to no run."""


def run_night(
    home: Home,
    inbox: Path,
    as_of: dt.date,
    on_step: Callable[[int], None] = lambda _: None,
    *,
    publish: bool = False,
) -> NightOutcome:
    """Run the nightly job in this process and return what came of it.

    What is made for a day before that of the current release becomes current only with `publish`. Steps are logged to
    the logger `provincial_growth`; `on_step` is told once how many assets there are. Raises
    HomeError if the home holds the other kind of inbox or another run does not end, and DeclarationError if a
    declaration cannot be understood or SQL cannot run.
    """
    log.debug("reading the declarations")
    project = load_project()
    try:
        home.root.mkdir(parents=True, exist_ok=True)
        home.accept_inbox(inbox)
        settings_of(home)  # what is wrong in it is said before anything is done
        log.debug("looking for changes")
        show_dead_runs_as_failed(home)  # what they left unreported is a change
        if not has_changes(home, inbox, as_of):
            return outcome_of(home, project, as_of, had_changes=False, failures=())
        refuse_loose_suites(project)
        with collected_seldom():
            failures, run_id = _executed(home, inbox, as_of, on_step, publish)
        if failures:
            forget_night(home)
            _refuse_broken_models(project)
    except Exception as error:
        sentence = f"the run: {error}" if isinstance(error, InstanceError) else _of_the_disk(home, error)
        if sentence is None:
            raise
        return outcome_of(home, project, as_of, had_changes=True, failures=(sentence,))
    return dataclasses.replace(outcome_of(home, project, as_of, had_changes=True, failures=failures), run_id=run_id)


def _refuse_broken_models(project: Project) -> None:
    """Raise DeclarationError if a model cannot run at all: then that is what a failed night should say, and no more."""
    from pipeline.data_dictionary import refuse_broken_models

    refuse_broken_models(project)


def _executed(
    home: Home, inbox: Path, as_of: dt.date, on_step: Callable[[int], None], publish: bool
) -> tuple[tuple[str, ...], str]:
    """Run the job; once more, with a new one, where Dagster's own database turns out to be broken on the way."""
    try:
        return _execute(home, inbox, as_of, on_step, publish)
    except Exception:
        if not move_broken_databases_away(home.dagster):
            raise
        return _execute(home, inbox, as_of, on_step, publish)


def _execute(
    home: Home, inbox: Path, as_of: dt.date, on_step: Callable[[int], None], publish: bool
) -> tuple[tuple[str, ...], str]:
    """Run the job under the instance in the home; return a sentence for each asset that failed, and the run's id."""
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    os.environ["GROWTH_HOME"] = str(home.root)
    _note("importing Dagster")
    # Imported here because a night with nothing new must not pay for it.
    from assets.dagster.steps import key_of
    from pipeline.assembly import build_defs
    from pipeline.instance import open_instance
    from resources.stores import NIGHTLY, stores_at

    dagster_home = write_dagster_home(home.root)
    project = load_project()
    _note("loading the definitions")
    stores = stores_at(home.root, as_of=as_of, inbox=inbox, publish=publish)
    job = build_defs(stores, project).resolve_job_def(NIGHTLY)
    _note("looking for what is not up to date")
    wanted = asked_of_a_night(project, home, inbox, as_of)
    on_step(len(wanted))
    _note("beginning the run")
    with open_instance(dagster_home) as instance:
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            asset_selection=[key_of(table) for table in sorted(wanted)],
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},  # of this terminal alone
        )
        if not result.success:
            note_unreported(instance, home, result.run_id)
    let_go(home, result.run_id)
    failed = (event for event in result.all_events if event.is_step_failure or event.is_run_failure)
    sentences: dict[str, str] = {}
    for event in failed:
        who, sentence = _sentence(event)
        sentences.setdefault(sentence, who)  # what ended a step and with it the run is said once
    return tuple(f"{who}: {sentence}" for sentence, who in sentences.items()), result.run_id


def _note(what: str) -> None:
    """Say what the night is at, which is no asset."""
    log.info(what, extra={"within": True})


def _of_the_disk(home: Home, error: BaseException | None) -> str | None:
    """Return a sentence if an error that ended the run came from an engine that is lost, or from a disk: one that is
    full, failing or out of reach.

    Dagster keeps its events in SQLite, which has words of its own for that.
    """
    while error is not None:
        if isinstance(error, DiskFullError | EngineLostError):
            return f"the run: {error}"
        if isinstance(error, sqlite3.OperationalError) and "disk" in str(error):
            return f"the run: {full_disk(home.root, error)}"
        if isinstance(error, sqlite3.OperationalError) and ("readonly" in str(error) or "unable to open" in str(error)):
            return f"the run: Dagster's database in {home.dagster} cannot be used ({error}). Let it be written."
        if isinstance(error, OSError) and error.filename is not None:
            return f"the run: {out_of_reach(error)}"
        error = error.__cause__ or error.__context__
    return None


def _sentence(event: dg.DagsterEvent) -> tuple[str, str]:
    """Return who failed, and why."""
    data: Any = event.event_specific_data
    error = getattr(data, "error", None)
    failure = getattr(data, "user_failure_data", None)
    text = (failure.description if failure is not None else None) or (error.message.strip() if error else event.message)
    while error is not None and error.cause is not None and failure is None:
        error = error.cause
        text = error.message.strip()
    sentence = str(text).removeprefix(f"{EngineLostError.__module__}.{EngineLostError.__name__}: ")
    return event.step_key or "the run", sentence


def outcome_of(
    home: Home, project: Project, as_of: dt.date, *, had_changes: bool, failures: tuple[str, ...]
) -> NightOutcome:
    """Return what came of a night, from what lies in the home after it."""
    deliveries = known_deliveries(home, as_of)
    refused = refused_deliveries(home, project, deliveries)
    in_part = deliveries_in_part(home, project, deliveries)
    # A night with nothing new has looked: there was no damage.
    stopped = _stopped(home, project, as_of) if had_changes else []
    if failures:
        code = FAILED
    elif stopped or any(affected.targets for affected in (*refused, *in_part)):
        code = EVIDENCE_AFFECTED
    else:
        code = GOOD
    releases = ReleaseStore(home.marts)
    looks_back = had_changes and not failures and releases.is_of_an_earlier_day(as_of)
    return NightOutcome(
        exit_code=code,
        release_id=releases.current_id(),
        candidate=releases.candidate_id(),
        looked_at=releases.last_look() if looks_back else None,
        had_changes=had_changes,
        failures=failures,
        refused=tuple(refused),
        in_part=tuple(in_part),
        stopped=tuple(stopped),
        idle=tuple(_idle_declarations(home)),
        warned=sum(
            1 for r in deliveries if r["findings_warning"] and r["status"] == "accepted" and not r["is_superseded"]
        ),
    )


def _stopped(home: Home, project: Project, as_of: dt.date) -> list[str]:
    """Say which landed files are damaged, and what that stops."""
    from assets.intake import Intake  # a night with nothing new must not pay for it
    from resources.warehouse import Warehouse

    intake = Intake(project, LandingStore(home.landing), Warehouse(home.root, project), as_of)
    return [f"{feed}: {one.refusal}." for feed in project.contracts for one in intake.damaged(feed).values()]


def _idle_declarations(home: Home) -> list[str]:
    """Say which withdrawals and waivers name nothing that is there."""
    effects = home.root / "intermediate" / "int_withdrawal_and_waiver_effects.parquet"
    rows = pq.ParquetFile(effects).read().to_pylist() if effects.exists() else []
    step = "Correct it and send the file again with the note r2."
    return [f"{r['feed']}, {r['source_file']}: {r['idle_reason']}. {step}" for r in rows if r["idle_reason"]]
