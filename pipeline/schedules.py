"""The schedule: 02:30 in Viet Nam, skipped with a reason when nothing is new."""

from collections.abc import Sequence

import dagster as dg

from pipeline.jobs import NightlyJob, night_request
from pipeline.settings import home
from resources.runs import report_dead_runs


def nightly_schedule(job: NightlyJob, checks: Sequence[dg.AssetCheckKey], is_on: bool) -> dg.ScheduleDefinition:
    """Return the nightly schedule of a job with all its checks; `is_on` unless somebody has switched it in the UI."""

    @dg.schedule(
        job=job,
        cron_schedule="30 2 * * *",
        execution_timezone="Asia/Ho_Chi_Minh",
        name="every_night",
        description="Every night at 02:30 in Viet Nam; skips when no delivery, declaration or day is new.",
        default_status=dg.DefaultScheduleStatus.RUNNING if is_on else dg.DefaultScheduleStatus.STOPPED,
    )
    def every_night(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        from assets.change_detection import has_changes
        from pipeline.fetching import fetch
        from pipeline.notifications import alert, alerting_on_failure

        current_home = home()
        with alerting_on_failure(current_home, "The schedule every_night"):
            report_dead_runs(context.instance, current_home)
            inbox = current_home.inbox_of_last_night()
            as_of = current_home.day_of_a_night()
            for trouble in fetch(current_home).troubles:
                alert(current_home, f"Not fetched: {trouble}")
            if not has_changes(current_home, inbox, as_of):
                return dg.SkipReason(
                    f"Nothing new: same deliveries, declarations, code and day ({as_of}) as last time."
                )
            return night_request(current_home, inbox, as_of, checks)

    return every_night
