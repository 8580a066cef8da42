"""The night writes Dagster's storage through connections of its own; everybody else reads it with Dagster's classes."""

import time

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage

from pipeline.instance import TOLD_EVERY_SECONDS, OpenEventLog, open_instance
from pipeline.ui import write_dagster_home


@dg.asset
def one():
    return dg.MaterializeResult(metadata={"rows": 3})


def test_what_the_night_writes_is_read_by_the_classes_that_the_ui_uses(tmp_path):
    folder = write_dagster_home(tmp_path)
    with open_instance(folder) as night:
        assert isinstance(night.event_log_storage, OpenEventLog)
        result = dg.materialize([one], instance=night)
        written = [event.dagster_event_type for event in night.all_logs(result.run_id) if event.is_dagster_event]
        with dg.DagsterInstance.from_config(str(folder)) as beside:  # while the night still holds its connections
            assert beside.get_latest_materialization_event(one.key) is not None
    assert not list(folder.rglob("*.db-wal"))
    with dg.DagsterInstance.from_config(str(folder)) as later:
        assert type(later.event_log_storage) is SqliteEventLogStorage
        (run,) = later.get_runs()
        assert (run.run_id, run.is_success) == (result.run_id, True)
        read = [event for event in later.all_logs(run.run_id) if event.is_dagster_event]
        assert [event.dagster_event_type for event in read] == written
        known = later.get_latest_materialization_event(one.key)
        assert known is not None
        assert known.asset_materialization is not None
        assert known.asset_materialization.metadata["rows"].value == 3


def test_a_page_that_watches_a_run_is_told_while_it_goes_on(tmp_path):
    folder = write_dagster_home(tmp_path)
    heard = []
    with open_instance(folder) as night, dg.DagsterInstance.from_config(str(folder)) as page:

        @dg.asset
        def slow():
            run_id = night.get_run_records(limit=1)[0].dagster_run.run_id
            page.watch_event_logs(run_id, None, lambda event, _: heard.append(event.message))
            deadline = time.monotonic() + 10
            while not heard and time.monotonic() < deadline:
                time.sleep(TOLD_EVERY_SECONDS)
                night.report_engine_event("still at it", night.get_run_by_id(run_id))

        dg.materialize([slow], instance=night)
    assert "still at it" in heard
