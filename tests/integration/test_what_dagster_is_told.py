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

from assets.change_detection import has_changes
from assets.graph import Table, downstream, graph
from dbt_like_sql.project import Project, load_project
from pipeline.dagster_home import write_dagster_home
from pipeline.definitions import build_defs
from pipeline.jobs import night_request
from pipeline.night import GOOD
from pipeline.settings import PROJECT_ROOT
from resources.files import TEMPORARY
from resources.operator import settings_of
from resources.retention import prune_releases
from resources.stores import NIGHTLY, stores_at
from resources.unreported_assets import unreported
from resources.warehouse import Warehouse
from tests.conftest import built_once
from tests.house import AS_OF, House
from tests.integration.test_broken_nights import NEW, NEW_ROWS

SILENT = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
BROKEN = "directive_scorecard"
AUDIT = "scorecard_has_every_item"
TOP, BELOW = Table("marts", "dim_project"), Table("intermediate", "int_disbursement_item_projects")
"""A table, and one that is made from it through another one."""
POISONED = "grdp__2023__2025-02-01.csv"
DIES_AT = """
import sys
from pipeline.cli.commands import cli
from tests.integration.test_broken_nights import die_at
die_at(sys.argv[1], "after")
cli(sys.argv[2:])
"""
PLANS = {dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED, dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED}
REPORTS = {dg.DagsterEventType.ASSET_MATERIALIZATION, dg.DagsterEventType.ASSET_CHECK_EVALUATION}


@pytest.fixture(scope="session")
def after_an_empty_night(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house after one night on an empty inbox, of the day of these tests."""
    return House(built_once(tmp_path_factory, "opened-later", lambda folder: House(folder).quick_night()))


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
    day: dt.date = AS_OF,
) -> dg.ExecuteInProcessResult:
    """Materialize assets, or the whole night, as a click in the UI does: by default in the home's own instance."""
    definitions = build_defs(stores_at(house.home.root, as_of=day, inbox=house.inbox), project)
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


def test_what_is_materialized_without_its_checks_is_owed_until_a_night_has_told_of_them(opened_house: House) -> None:
    """The webserver's "Launch all & commit" gives a run that asks for no check where a request names none."""
    opened_house.quick_night()  # its inbox moved with it
    stores = stores_at(opened_house.home.root, as_of=AS_OF, inbox=opened_house.inbox)
    bare = dg.define_asset_job("bare", selection=dg.AssetSelection.all().without_checks())
    job = dg.Definitions.merge(build_defs(stores), dg.Definitions(jobs=[bare])).resolve_job_def("bare")
    with instance_in_the_home(opened_house) as instance:
        assert job.execute_in_process(instance=instance, run_config=SILENT).success
    keys_of_checks = checks_of_all()
    owed = unreported(opened_house.home)
    assert owed == {check.asset_key.to_user_string() for check in keys_of_checks}
    assert has_changes(opened_house.home, opened_house.inbox, AS_OF)
    assert nightly(opened_house).returncode == GOOD
    assert unreported(opened_house.home) == set()
    _, (_, reported) = told(opened_house)
    assert {f"{check.asset_key.to_user_string()}: {check.name}" for check in keys_of_checks} <= reported
    assert nightly(opened_house).stdout.startswith("Nothing new")


def test_a_night_that_is_requested_names_the_checks_of_its_assets(opened_house: House) -> None:
    keys = checks_of_all()
    request = night_request(opened_house.home, opened_house.inbox, AS_OF + dt.timedelta(days=1), keys)
    assert request.asset_selection
    assert request.asset_check_keys
    assert set(request.asset_check_keys) == {key for key in keys if key.asset_key in request.asset_selection}


def checks_of_all() -> list[dg.AssetCheckKey]:
    """The checks of all assets."""
    assets = [asset for asset in build_defs().assets or () if isinstance(asset, dg.AssetsDefinition)]
    return [check.key for asset in assets for check in asset.check_specs]


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


def test_what_a_blocked_table_stops_through_others_is_stopped_when_it_is_launched_alone(opened_house: House) -> None:
    """Whoever makes tables one by one never came to those in between: their states say nothing of it."""
    warehouse = Warehouse(opened_house.home.root, load_project())
    state = warehouse.state(*TOP)
    assert state is not None
    warehouse.record(*TOP, dataclasses.replace(state, blocked=True))
    alone = launch(opened_house, [str(BELOW)], instance=dg.DagsterInstance.ephemeral())
    assert not alone.success
    assert materialized(alone) == set()
    assert sentence(alone) == (
        f"{TOP} broke a critical rule, its last good table stands: see its checks, mend the cause and run the night "
        f"again.\nNot made because of it: {BELOW}; the last good table stands."
    )


def test_the_release_names_a_blocked_table_once_and_not_what_waits_for_it(opened_house: House) -> None:
    """What waits for it may be of an older day; to run a night would not help against that."""
    warehouse = Warehouse(opened_house.home.root, load_project())
    state = warehouse.state(*TOP)
    assert state is not None
    warehouse.record(*TOP, dataclasses.replace(state, blocked=True))
    launch(opened_house, [str(BELOW)], instance=dg.DagsterInstance.ephemeral())
    said = sentence(launch(opened_house, ["release"], instance=dg.DagsterInstance.ephemeral()))
    assert said == (
        f"No release was made and the current one stands: {TOP} broke a critical rule, its last good table stands: see "
        "its checks, mend the cause and run the night again."
    )


def test_a_model_that_cannot_be_computed_names_its_file_and_the_next_step(opened_house: House) -> None:
    project = with_a_scorecard_of(load_project(), "select 1 / no_such_column from {scorecard}", "no such column")
    result = launch(opened_house, [f"marts/{BROKEN}"], project, dg.DagsterInstance.ephemeral())
    said = sentence(result)
    file = f"dbt_like_sql/models/{project.models[BROKEN].file}"
    assert said.startswith(f"marts/{BROKEN} ({file}) could not be made: ")
    assert "no_such_column" in said
    assert "LINE" not in said
    assert said.endswith("Its last good table stands; mend the cause and run the night again.")


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


def test_what_a_table_shows_is_kept_with_its_materialization_and_not_again_with_the_output_of_its_step(
    opened_house: House,
) -> None:
    keys = ["landing/tourism", "staging/stg_tourism", "release"]
    result = launch(opened_house, keys, instance=dg.DagsterInstance.ephemeral())
    shown = [event.materialization.metadata for event in result.get_asset_materialization_events()]
    assert [metadata["outcome"].value for metadata in shown] == ["unchanged"] * len(keys)
    assert all("path" in metadata for metadata in shown)
    kept_again = [event.step_output_data.metadata for event in result.all_events if event.is_successful_output]
    assert len(kept_again) > len(keys)
    assert not any(kept_again)


def test_a_release_says_of_its_marts_in_plain_text_and_gives_the_path_of_its_page(opened_house: House) -> None:
    """A list shows a text as it stands; a browser opens no file of the machine, so its path is there to be copied."""
    result = launch(opened_house, ["release"], instance=dg.DagsterInstance.ephemeral())
    (event,) = result.get_asset_materialization_events()
    metadata = event.materialization.metadata
    page = metadata["page"]
    assert isinstance(page, dg.PathMetadataValue)
    assert Path(str(page.path)).is_file()
    published = metadata["published"]
    assert isinstance(published, dg.TableMetadataValue)
    rows = [{head.strip(): cell for head, cell in record.data.items()} for record in published.records]
    says = [str(row["says"]) for row in rows]
    assert says
    assert not [one for one in says if "`" in one or "*" in one or not one.endswith(".")]


def test_materializing_all_in_an_unchanged_home_writes_nothing_anew(opened_house: House) -> None:
    opened_house.deliver(POISONED, "area_code,sector_code,period,value_constant_bn\n94,CON,2023,much\n")
    assert [one.file_name for one in opened_house.quick_night().refused] == [POISONED]
    prune_releases(opened_house.releases, settings_of(opened_house.home).retention)  # as a run does when it ends
    before = _files(opened_house)
    assert [name for name in before if name.startswith("rejects/grdp/") and name.endswith(".csv")]
    result = launch(opened_house, instance=dg.DagsterInstance.ephemeral())
    assert result.success
    assert _files(opened_house) == before


def _is_left_out(path: Path) -> bool:
    return path.parts[0] == "dagster" or any(part.startswith(TEMPORARY) for part in path.parts)


def _files(house: House) -> dict[str, tuple[int, int]]:
    """The inode and the time of every file of the home, but for its lock, leftovers and what is Dagster's own."""
    root = house.home.root
    return {
        path.relative_to(root).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != ".lock" and not _is_left_out(path.relative_to(root))
    }
