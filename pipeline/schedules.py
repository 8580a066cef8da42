"""The schedule: 02:30 in Viet Nam, skipped with a reason when nothing is new."""

from pathlib import Path

import dagster as dg

from pipeline.jobs import NightlyJob
from pipeline.news import has_news
from pipeline.settings import home
from resources.stores import day_without_wish


def nightly_schedule(job: NightlyJob) -> dg.ScheduleDefinition:
    """Return the nightly schedule."""

    @dg.schedule(
        job=job,
        cron_schedule="30 2 * * *",
        execution_timezone="Asia/Ho_Chi_Minh",
        name="every_night",
        description="Every night at 02:30 in Viet Nam; skips when no delivery, declaration or day is new.",
        default_status=dg.DefaultScheduleStatus.STOPPED,
    )
    def every_night(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        place = home()
        as_of = day_without_wish(place, is_night=True)
        inbox = Path(place.note().get("inbox") or place.inbox)
        if not has_news(place, inbox, as_of):
            return dg.SkipReason(f"No news: the same deliveries, declarations, code and day ({as_of}) as last time.")
        config = dg.RunConfig(resources={"day": {"config": {"as_of": as_of.isoformat()}}})
        return dg.RunRequest(run_config=config)

    return every_night
