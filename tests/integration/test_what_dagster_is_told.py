"""What Dagster shows after nights and clicks that went badly, asked of a real instance in the home.

What only the files of the home show is launched in an instance in memory: one on the disk costs as much as the night.

The job is the night's own, from a project in which a rule of a mart does not hold; the night after it is the command.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from assets.graph import Table, downstream, graph
from dbt_like_sql.project import Project, load_project
from pipeline.dagster_home import write_dagster_home
from pipeline.definitions import build_defs
from pipeline.night import GOOD
from pipeline.settings import PROJECT_ROOT
from resources.stores import NIGHTLY, stores_at
from tests.house import AS_OF, House
from tests.integration.test_broken_nights import NEW, NEW_ROWS

SILENT = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
BROKEN = "directive_scorecard"
AUDIT = "scorecard_has_every_item"
DIES_AT = """
import sys
from pipeline.cli.commands import cli
from tests.integration.test_broken_nights import die_at
die_at(sys.argv[1], "after")
cli(sys.argv[2:])
"""
PLANS = {dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED, dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED}
REPORTS = {dg.DagsterEventType.ASSET_MATERIALIZATION, dg.DagsterEventType.ASSET_CHECK_EVALUATION}


def told(house: House) -> list[tuple[set[str], set[str]]]:
    """For each run, the oldest first: the assets and checks that it planned, and those that it reported."""
    with dg.DagsterInstance.from_config(str(house.home.dagster)) as instance:
        runs = [run.run_id for run in reversed(instance.get_runs())]
        return [(_names(instance, run, PLANS), _names(instance, run, REPORTS)) for run in runs]


def _names(instance: dg.DagsterInstance, run_id: str, kinds: set[dg.DagsterEventType]) -> set[str]:
    names = set()
    for entry in instance.all_logs(run_id, of_type=kinds):
        assert entry.dagster_event is not None
        data: Any = entry.dagster_event.event_specific_data
        is_check = entry.dagster_event.event_type_value.startswith("ASSET_CHECK")
        key: Any = data.asset_key if is_check else entry.dagster_event.asset_key
        names.add(f"{key.to_user_string()}: {data.check_name}" if is_check else key.to_user_string())
    return names


def left_skipped(house: House) -> set[str]:
    """What the first run planned and neither it nor a later one reported."""
    (planned, reported), *later = told(house)
    return planned - reported.union(*(names for _, names in later))


def nightly(house: House, day: dt.date = AS_OF) -> subprocess.CompletedProcess[str]:
    return house.command("nightly", "--quiet", "--inbox", str(house.inbox), "--as-of", day.isoformat())


def instance_in_the_home(house: House) -> dg.DagsterInstance:
    return dg.DagsterInstance.from_config(str(write_dagster_home(house.home.root)))


def launch(
    house: House,
    keys: Collection[str] | None = None,
    project: Project | None = None,
    instance: dg.DagsterInstance | None = None,
) -> dg.ExecuteInProcessResult:
    """Materialize assets, or the whole night, as a click in the UI does: by default in the home's own instance."""
    definitions = build_defs(stores_at(house.home.root, as_of=AS_OF, inbox=house.inbox), project)
    everything = definitions.resolve_implicit_global_asset_job_def()
    job = definitions.resolve_job_def(NIGHTLY) if keys is None else everything
    with instance or instance_in_the_home(house) as opened:
        return job.execute_in_process(
            instance=opened,
            asset_selection=None if keys is None else [dg.AssetKey(key.split("/")) for key in keys],
            raise_on_error=False,
            run_config=SILENT,
        )


def materialized(result: dg.ExecuteInProcessResult) -> set[str]:
    keys = [event.asset_key for event in result.get_asset_materialization_events()]
    return {key.to_user_string() for key in keys if key is not None}


def sentence(result: dg.ExecuteInProcessResult) -> str:
    """What the only step that failed says."""
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    data: Any = failed.event_specific_data
    return str(data.user_failure_data.description)


def with_a_scorecard_of(project: Project, query: str, digest: str) -> Project:
    """The project with a scorecard that a query makes of the true one, which stands in it as `scorecard`."""
    model = project.models[BROKEN]
    planted = dataclasses.replace(model, source_text=query.format(scorecard=f"({model.source_text})"), digest=digest)
    return dataclasses.replace(project, models={**project.models, model.name: planted})


def with_a_broken_rule(project: Project) -> Project:
    """The project with a scorecard of an unknown status, which breaks a critical rule of its own."""
    return with_a_scorecard_of(project, "select * replace ('unheard_of' as status) from {scorecard}", "unheard of")


def with_a_broken_audit(project: Project) -> Project:
    """The project with an empty scorecard: as before any directive is issued, so that only an audit tells."""
    return with_a_scorecard_of(project, "select * from {scorecard} where false", "empty")


# ── nothing stays skipped ─────────────────────────────────────────────────────────────────────────────────


def test_what_a_killed_night_had_planned_is_reported_by_that_of_the_next_day(opened_house: House) -> None:
    opened_house.deliver(NEW, NEW_ROWS)
    arguments = ("nightly", "--quiet", "--inbox", str(opened_house.inbox), "--as-of", AS_OF.isoformat())
    night = subprocess.run(
        [sys.executable, "-c", DIES_AT, "intermediate/int_sector_growth.json", *arguments],
        cwd=PROJECT_ROOT,
        env={"GROWTH_HOME": str(opened_house.home.root), "PATH": ""},
        check=False,
    )
    assert night.returncode == -9
    assert left_skipped(opened_house)
    next_day = AS_OF + dt.timedelta(days=1)
    assert nightly(opened_house, next_day).returncode == GOOD
    assert left_skipped(opened_house) == set()
    assert nightly(opened_house, next_day).stdout.startswith("Nothing new")


# ── a blocked table ───────────────────────────────────────────────────────────────────────────────────────


@dataclasses.dataclass(frozen=True)
class Blocked:
    """A home in which the whole job met a critical rule of a mart that does not hold."""

    house: House
    release_id: str | None
    files: dict[str, str]
    result: dg.ExecuteInProcessResult


@pytest.fixture(scope="module")
def blocked(after_an_empty_night: House, tmp_path_factory: pytest.TempPathFactory) -> Blocked:
    house = after_an_empty_night.copied_to(tmp_path_factory.mktemp("blocked"))
    before = house.releases.current_id(), house.digests("marts/built")
    return Blocked(house, *before, launch(house, project=with_a_broken_rule(load_project())))


@pytest.fixture
def blocked_copy(blocked: Blocked, tmp_path: Path) -> House:
    return blocked.house.copied_to(tmp_path)


def test_a_blocked_table_stops_what_depends_on_it_and_nothing_else(blocked: Blocked) -> None:
    project = load_project()
    stopped = {str(table) for table in downstream(project, [Table("marts", BROKEN)])}
    assert len(stopped) > 1
    assert {str(table) for table in graph(project)} - materialized(blocked.result) == stopped
    assert blocked.house.digests("marts/built") == blocked.files


def test_a_run_that_met_a_blocked_table_is_red_and_says_why_and_what_was_not_made(blocked: Blocked) -> None:
    assert not blocked.result.success
    (failed,) = [event.step_key for event in blocked.result.all_events if event.is_step_failure]
    assert failed is not None
    assert failed.removesuffix("_2") == "models"  # Dagster numbers the parts
    said = sentence(blocked.result)
    assert said.startswith(f"marts/{BROKEN} was computed but not promoted, the last good table stands")
    assert "status_is_known" in said
    assert "Not made because of it: " in said


def test_the_job_makes_no_release_when_a_blocking_rule_of_a_mart_failed(blocked: Blocked) -> None:
    assert "release" not in materialized(blocked.result)
    assert "release" not in {event.step_key for event in blocked.result.all_events if event.is_step_start}
    assert blocked.house.releases.current_id() == blocked.release_id


def test_the_release_alone_refuses_too_when_a_blocking_rule_of_a_mart_failed(blocked_copy: House) -> None:
    release_id = blocked_copy.releases.current_id()
    said = sentence(launch(blocked_copy, ["release"]))
    assert said.startswith(f"No release was made and the current one stands: marts/{BROKEN} broke a critical")
    assert blocked_copy.releases.current_id() == release_id


def test_what_reads_a_blocked_table_is_stopped_when_it_is_launched_alone(blocked_copy: House) -> None:
    alone = launch(blocked_copy, ["audits/scorecard_rests_on_evidence"])
    assert not alone.success
    assert f"marts/{BROKEN}" in sentence(alone)
    assert materialized(alone) == set()


def test_once_a_rule_holds_again_the_next_night_reports_all_that_was_skipped(blocked_copy: House) -> None:
    assert left_skipped(blocked_copy)
    night = nightly(blocked_copy)
    assert night.returncode == GOOD, night.stdout + night.stderr
    assert left_skipped(blocked_copy) == set()


def test_a_blocked_audit_lets_its_mart_stand_and_stops_the_release_alone(
    after_an_empty_night: House, tmp_path: Path
) -> None:
    house = after_an_empty_night.copied_to(tmp_path)
    release_id = house.releases.current_id()
    result = launch(house, project=with_a_broken_audit(load_project()))
    said = sentence(result)
    assert said.startswith(f"audits/{AUDIT} was computed but not promoted, the last good table stands")
    assert "every_item_is_there" in said
    stopped = {str(table) for table in graph(load_project())} - materialized(result)
    assert stopped == {f"audits/{AUDIT}", "release"}
    assert house.table("marts/built", BROKEN) == []
    assert house.releases.current_id() == release_id


# ── any selection ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_selection_of_assets_of_several_steps_is_materialized_and_nothing_else(opened_house: House) -> None:
    keys = {"landing/grdp", "validated/tourism", "staging/stg_tourism", "marts/directive_scorecard", "release"}
    result = launch(opened_house, keys)
    assert result.success
    assert materialized(result) == keys


def test_materializing_all_in_an_unchanged_home_writes_no_table_anew(opened_house: House) -> None:
    opened_house.quick_night()  # its inbox moved with it
    before = _tables(opened_house)
    result = launch(opened_house, instance=dg.DagsterInstance.ephemeral())
    assert result.success
    assert _tables(opened_house) == before


def _tables(house: House) -> dict[str, tuple[int, int]]:
    """The inode and the time of every table of the home."""
    root = house.home.root
    return {
        path.relative_to(root).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in sorted(root.rglob("*.parquet"))
    }
