"""Sensors: something new in the inbox, and a run that failed."""

import logging
from collections.abc import Sequence

import dagster as dg

from dbt_like_sql.contracts import feed_names
from pipeline.jobs import NightlyJob, night_request
from pipeline.settings import home
from resources.inbox import listing_digest
from resources.landing import LandingStore
from resources.runs import report_dead_runs

log = logging.getLogger("provincial_growth")


def _default(is_on: bool) -> dg.DefaultSensorStatus:
    return dg.DefaultSensorStatus.RUNNING if is_on else dg.DefaultSensorStatus.STOPPED


def inbox_sensor(job: NightlyJob, checks: Sequence[dg.AssetCheckKey], is_on: bool) -> dg.SensorDefinition:
    """Return the sensor that starts a night when the inbox has changed.

    The cursor is a digest of the inbox as it was last seen: each change is asked for once, and only if something in
    the inbox has not landed yet. No run_key is used: one that was used once would silence the sensor for ever when
    the same files come back.
    """

    @dg.sensor(
        job=job,
        name="new_in_the_inbox",
        minimum_interval_seconds=30,
        description="Starts the nightly job when files in the inbox are new or changed.",
        default_status=_default(is_on),
    )
    def new_in_the_inbox(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        from pipeline.notifications import alerting_on_failure

        current_home = home()
        with alerting_on_failure(current_home, "The sensor new_in_the_inbox"):
            report_dead_runs(context.instance, current_home)
            inbox = current_home.inbox_of_last_night()
            seen = listing_digest(inbox)
            if seen == context.cursor or not LandingStore(current_home.landing).unlanded(inbox, feed_names()):
                context.update_cursor(seen)
                return dg.SkipReason(f"Nothing new in {inbox}.")
            request = night_request(current_home, inbox, current_home.day_of_a_night(inbox), checks)
            return dg.SensorResult(run_requests=[request], cursor=seen)

    return new_in_the_inbox


def run_failure_sensor(is_on: bool) -> dg.SensorDefinition:
    """Return the sensor that says, in one place, which run failed and why."""

    @dg.run_failure_sensor(
        name="a_run_failed",
        description="Writes a line for each failed run to failures.log in the home; the last good release stands.",
        default_status=_default(is_on),
    )
    def a_run_failed(context: dg.RunFailureSensorContext) -> None:
        from pipeline.notifications import alert

        steps = [event.step_key for event in context.get_step_failure_events() if event.step_key]
        line = (
            f"Run {context.dagster_run.run_id} of {context.dagster_run.job_name} failed at "
            f"{', '.join(steps) or 'start'}: {context.failure_event.message} The last good release stands."
        )
        log.error("%s", line)
        with (home().root / "failures.log").open("a", encoding="utf-8") as file:
            file.write(line.replace("\n", " ") + "\n")
        for trouble in alert(home(), line, run_id=context.dagster_run.run_id):
            log.error("%s", trouble)

    return a_run_failed


def night_ended_sensor(job: NightlyJob, is_on: bool) -> dg.SensorDefinition:
    """Return the sensor that notifies people of a night, however it was started; a day's digest is sent once."""

    @dg.run_status_sensor(
        run_status=dg.DagsterRunStatus.SUCCESS,
        monitored_jobs=[job],
        name="a_night_ended",
        description="Tells people what a night says, by the channels of settings.yml; nothing where nothing is new.",
        default_status=_default(is_on),
    )
    def a_night_ended() -> None:
        from pipeline.notifications import notify_of_night

        for trouble in notify_of_night(home()):
            log.error("%s", trouble)

    return a_night_ended
