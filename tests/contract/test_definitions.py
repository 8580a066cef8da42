"""What Dagster is given follows from the declarations, all of it, and is described; a wrong assembly is refused."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import pytest

from assets.change_detection import remember_night
from assets.dagster.feeds import STRAYS_ARE_OF
from dbt_like_sql.project import Project, load_project
from pipeline.dagster_home import write_dagster_home
from pipeline.definitions import AssemblyError, build_defs
from pipeline.settings import PROJECT_ROOT
from resources.home import today
from tests.house import EARLY, House

FEED_LAYERS = ("landing", "raw", "candidates", "validated")
CHECKS_AT_MOST = 8


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project()


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    return build_defs()


@pytest.fixture(scope="module")
def specs(defs: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


def test_every_contract_has_four_assets_every_model_and_register_one_and_there_is_no_other(
    project: Project, specs: dict[str, dg.AssetSpec]
) -> None:
    expected = {f"{layer}/{feed}" for layer in FEED_LAYERS for feed in project.contracts}
    expected |= {f"{model.layer}/{model.name}" for model in project.models_in_order()}
    expected |= {f"seeds/{seed}" for seed in project.seeds}
    expected |= {f"history/{name}" for name in project.remembered}
    assert set(specs) == expected | {"landing/unrecognised", "release"}


def test_the_path_begins_at_landing_and_registers_and_ends_at_the_release(specs: dict[str, dg.AssetSpec]) -> None:
    upstream = {name: {dep.asset_key.to_user_string() for dep in spec.deps} for name, spec in specs.items()}
    used = set.union(*upstream.values())
    assert used <= set(specs)
    assert {name.split("/")[0] for name, needed in upstream.items() if not needed} == {"landing", "seeds"}
    # A staging table may stand ready for marts that are still to come; nothing else is made for nobody.
    assert {name.split("/")[0] for name in set(specs) - used} - {"staging"} == {"release"}


def subject_of(project: Project, layer: str, table: str) -> str:
    """The subject of a table: the folder of its contract or its model, whatever they are called."""
    if layer in FEED_LAYERS:
        return STRAYS_ARE_OF if table == "unrecognised" else project.feed_subjects[table]
    return project.models[table].subject if table in project.models else layer


def test_every_asset_has_an_owner_a_kind_the_group_of_its_subject_and_a_description(
    project: Project, specs: dict[str, dg.AssetSpec]
) -> None:
    for name, spec in specs.items():
        assert spec.owners, name
        assert spec.kinds, name
        assert spec.group_name == subject_of(project, *name.partition("/")[::2]), name
        assert spec.description, name


def test_no_asset_has_more_checks_than_one_can_read(defs: dg.Definitions, specs: dict[str, dg.AssetSpec]) -> None:
    counted = Counter(key.asset_key.to_user_string() for key in defs.resolve_asset_graph().asset_check_keys)
    assert max(counted.values()) <= CHECKS_AT_MOST
    judged = {name for name in specs if name.split("/")[0] in (*FEED_LAYERS, "audits", "marts")}
    assert judged <= set(counted)


# ── schedule and sensors ──────────────────────────────────────────────────────────────────────────────────


def test_a_check_with_critical_rules_says_what_stops_when_one_is_broken(defs: dg.Definitions) -> None:
    """Dagster calls it non-blocking: it does not know what stops, which `assets.run` decides."""
    checks = [
        check for asset in defs.assets or () if isinstance(asset, dg.AssetsDefinition) for check in asset.check_specs
    ]
    for check in checks:
        says = str(check.description)
        refuses = "keeps the delivery, or its bad rows, out of the validated table" in says
        stops = "stops all that is made from this table, however it is launched" in says
        assert (refuses or stops) == ("(critical)" in says), check.key
        if check.asset_key.path[0] == "marts" and "(critical)" in says:
            assert stops, check.key


def test_the_night_starts_at_half_past_two_in_viet_nam(defs: dg.Definitions) -> None:
    schedule = defs.resolve_schedule_def("every_night")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 2 * * *", "Asia/Ho_Chi_Minh")
    assert schedule.job_name == "nightly"


def test_the_schedule_skips_without_news_and_runs_with_news(
    defs: dg.Definitions, early_province_copy: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROWTH_HOME", str(early_province_copy.home.root))
    release_id = early_province_copy.quick_night(EARLY).release_id  # its inbox moved with it
    assert release_id is not None
    schedule = defs.resolve_schedule_def("every_night")

    def tick() -> dg.RunRequest | dg.SkipReason:
        with instance_of(early_province_copy) as instance, dg.build_schedule_context(instance=instance) as context:
            return schedule(context)

    assert_asks_for_what_its_job_takes(defs, [tick()])  # a new day is a change
    remember_night(early_province_copy.home, today(), release_id)
    skipped = tick()
    assert isinstance(skipped, dg.SkipReason)
    assert "Nothing new" in str(skipped.skip_message)
    early_province_copy.deliver("grdp__2024__2025-02-09.csv", "a\n")
    assert isinstance(tick(), dg.RunRequest)


def instance_of(house: House) -> dg.DagsterInstance:
    return dg.DagsterInstance.from_config(str(write_dagster_home(house.home.root)))


def assert_asks_for_what_its_job_takes(defs: dg.Definitions, requests: Sequence[object]) -> None:
    (request,) = requests
    assert isinstance(request, dg.RunRequest)
    assert request.run_key is None
    assert request.asset_selection
    checks = defs.resolve_asset_graph().asset_check_keys
    assert set(request.asset_check_keys or ()) == {key for key in checks if key.asset_key in request.asset_selection}
    assert dg.validate_run_config(defs.resolve_job_def("nightly"), request.run_config)


def test_the_sensor_asks_once_for_each_change_that_has_not_landed(
    defs: dg.Definitions, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROWTH_HOME", str(house.home.root))
    house.home.remember(inbox=str(house.inbox))
    sensor = defs.resolve_sensor_def("new_in_the_inbox")

    def tick(cursor: str | None) -> tuple[Sequence[object], str | None]:
        with instance_of(house) as instance:
            context = dg.build_sensor_context(instance=instance, cursor=cursor)
            asked = sensor(context)
            if isinstance(asked, dg.SkipReason):
                return [], context.cursor
            return asked.run_requests, asked.cursor

    path = house.deliver("grdp__2024__2025-02-09.csv", "a\n")
    requests, cursor = tick(None)
    assert_asks_for_what_its_job_takes(defs, requests)
    assert tick(cursor)[0] == []
    path.unlink()
    requests, cursor = tick(cursor)
    assert requests == [], "a file that left is nothing to land"
    house.deliver(path.name, "a\n")
    requests, cursor = tick(cursor)
    assert len(requests) == 1, "the same file coming back is new again"
    house.intake_night()
    assert tick(None)[0] == [], "all has landed"


# ── assembly ──────────────────────────────────────────────────────────────────────────────────────────────


def python(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_definitions_load_without_pandas_and_great_expectations() -> None:
    heavy = ("pandas", "great_expectations")
    loaded = python(f"import sys, pipeline.definitions; print([m for m in {heavy} if m in sys.modules])")
    assert (loaded.stdout, loaded.returncode) == ("[]\n", 0), loaded.stderr


def test_a_foreign_package_in_the_place_of_ours_is_refused_instead_of_loading_empty_and_green(tmp_path: Path) -> None:
    foreign = tmp_path / "assets"
    foreign.mkdir()
    (foreign / "__init__.py").touch()
    nothing = "def __getattr__(name):\n    return lambda *arguments: []\n"
    for module in (PROJECT_ROOT / "assets").iterdir():
        if module.stem != "__init__":
            (foreign / f"{module.stem}.py").write_text(nothing, encoding="utf-8")
    loaded = python("import sys; sys.path.insert(0, sys.argv[1]); import pipeline.definitions", str(tmp_path))
    assert loaded.returncode != 0
    sentence = loaded.stderr.splitlines()[-1]
    assert f"The package 'assets' was found at {foreign}" in sentence
    assert "shadows ours. Start from the project's folder" in sentence


def test_a_project_without_declarations_is_refused(project: Project) -> None:
    with pytest.raises(AssemblyError, match="no contracts or no models"):
        build_defs(project=dataclasses.replace(project, contracts={}, models={}))
