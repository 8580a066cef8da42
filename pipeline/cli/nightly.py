"""`nightly`: run a night and print its results."""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from pipeline.cli.exit_codes import LANGUAGES, fail
from pipeline.cli.scorecard import show_scorecard
from pipeline.settings import home

if TYPE_CHECKING:
    from pipeline.night import NightOutcome
    from resources.home import Home


@click.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day of the run; what was released later is unknown.")
@click.option("--inbox", type=click.Path(path_type=Path), help="Where suppliers put their files.")
@click.option("--publish", is_flag=True, help="Publish also as of a day before that of the current release.")
@click.option("--lang", type=LANGUAGES, default="en", show_default=True, help="Language of the scorecard.")
@click.option("--quiet", is_flag=True, help="Print no scorecard, only what went wrong.")
def nightly(as_of: dt.datetime | None, inbox: Path | None, publish: bool, lang: str, quiet: bool) -> None:
    """Run the night: land, judge, compute, publish.

    As of a day before that of the current release it computes and shows, and publishes only with --publish. A home
    without a release, and one that holds the samples, publish as of any day.

    Exit code 0: published. 1: failed, the last good release stands. 2: asked for something impossible.
    3: published, but a delivery that was refused or of which rows were quarantined affects the evidence of a target, or
    a feed stands still because a landed file is damaged.
    """
    # A night multiplies no matrices; the OpenBLAS of numpy and of scipy would each start a thread per core, which spin.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Arrow's own allocator keeps what is freed, 40 MB of a night on the samples. Read when Arrow is imported.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    from pipeline import night, progress
    from resources.files import out_of_reach
    from resources.home import HomeError

    console, errors = Console(), Console(stderr=True)
    growth_home = home()
    try:
        inbox = inbox or growth_home.inbox_of_last_night()
        if not inbox.is_dir():
            fail(errors, f"There is no inbox at {inbox}. Name one with --inbox, or make that folder.", night.IMPOSSIBLE)
        _fetch(growth_home, errors)
        day = as_of.date() if as_of else growth_home.day_of_a_night(inbox)
        with progress.shown(console) as on_step:
            outcome = night.run_night(growth_home, inbox, day, on_step, publish=publish)
    except HomeError as error:
        fail(errors, str(error), night.IMPOSSIBLE)
    except OSError as error:
        fail(errors, out_of_reach(error), night.FAILED)
    print_outcome(outcome, day, console, errors)
    _notify(growth_home, errors, outcome)
    if not quiet and (outcome.candidate or outcome.release_id):
        show_scorecard(console, lang, outcome.looked_at or outcome.candidate, None)
        console.print(f"Marts: {growth_home.marts / 'current'}", soft_wrap=True, highlight=False)
        console.print("Dagster UI: make ui   (or: python -m pipeline ui)", highlight=False)
    sys.exit(outcome.exit_code)


def _fetch(growth_home: Home, errors: Console) -> None:
    """Fetch what lies elsewhere; a failed fetch is reported and does not fail the night."""
    from pipeline.fetching import fetch

    for trouble in fetch(growth_home).troubles:
        errors.print(f"Not fetched: {trouble}", style="yellow", markup=False, soft_wrap=True, highlight=False)


def print_outcome(outcome: object, day: dt.date, console: Console, errors: Console) -> None:
    """Print the result of a night, without its figures."""
    from pipeline.night import NightOutcome

    assert isinstance(outcome, NightOutcome)
    if not outcome.had_changes:
        newest = outcome.release_id or outcome.candidate
        console.print(
            f"Nothing new: same deliveries, declarations, code and day ({day}); release {newest} stands.",
            soft_wrap=True,
            highlight=False,
        )
    for sentence in outcome.stopped:
        errors.print(f"Stopped: {sentence}", style="red", markup=False, soft_wrap=True, highlight=False)
    for verdict, deliveries in (("Refused", outcome.refused), ("Accepted in part", outcome.in_part)):
        for one in deliveries:
            style = "red" if one.targets else "yellow"
            errors.print(f"{verdict}: {one.sentence}", style=style, markup=False, soft_wrap=True, highlight=False)
    for sentence in outcome.idle:
        errors.print(f"Without effect: {sentence}", style="yellow", markup=False, soft_wrap=True, highlight=False)
    if outcome.warned and outcome.had_changes:
        where = "delivery_quality says which and why, rejects/<feed>/ holds each finding"
        text = f"Accepted with warnings: {outcome.warned} of the deliveries in force; {where}."
        console.print(text, markup=False, soft_wrap=True, highlight=False)
    if outcome.candidate:
        text = (
            f"Candidate: {outcome.candidate} waits for a person's word, and readers of the marts do not meet it yet: "
            f"python -m pipeline release approve {outcome.candidate} --by NAME --reason TEXT (or reject)."
        )
        console.print(text, style="yellow", markup=False, soft_wrap=True, highlight=False)
    if outcome.looked_at:
        text = (
            f"Looked at: {outcome.looked_at} is of a day before that of the current release {outcome.release_id}, "
            "which stands. To publish it all the same, run the night again with --publish."
        )
        console.print(text, style="yellow", markup=False, soft_wrap=True, highlight=False)
    for failure in outcome.failures:
        errors.print(f"Failed: {failure}", style="red", markup=False, soft_wrap=True, highlight=False)
    if outcome.failures:
        stands = "The last good release stands." if outcome.release_id else "Nothing has been published yet."
        errors.print(stands, highlight=False)


def _notify(growth_home: Home, errors: Console, outcome: NightOutcome) -> None:
    """Notify people of a night; a message that cannot be sent is reported and does not fail the night."""
    from pipeline.notifications import alert, notify_of_night
    from resources.files import DiskFullError, out_of_reach

    failed = f"The night failed. {' '.join(outcome.failures)}"
    troubles = []
    try:
        troubles += alert(growth_home, failed, run_id=outcome.run_id) if outcome.failures else []
        troubles += notify_of_night(growth_home) if outcome.had_changes else []
    except OSError as error:  # the disk that failed the night has no room for its messages either
        troubles.append(str(error) if isinstance(error, DiskFullError) else out_of_reach(error))
    for sentence in troubles:
        errors.print(f"Not notified: {sentence}", style="yellow", markup=False, soft_wrap=True, highlight=False)
