"""What the checkout promises before any of our code runs: locks, template of the instance, entry points."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import yaml
from dagster import DagsterInstance

from pipeline.dagster_home import TEMPLATE, write_dagster_home
from pipeline.dagster_ui import dagster_dev_command

CHECKOUT = Path(__file__).parents[2]
LOCKS = (
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-dbt.lock",
    "requirements-peer.lock",
    "requirements-spark.lock",
    "requirements-bi.lock",
)


def pins(lock: str) -> dict[str, set[str]]:
    """Versions by package: one, or one for each Python where a marker parts them."""
    found: dict[str, set[str]] = {}
    for line in (CHECKOUT / lock).read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", line):
            found.setdefault(match.group(1), set()).add(match.group(2))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_package_by_hash_and_names_no_place(lock):
    text = (CHECKOUT / lock).read_text(encoding="utf-8")
    for place in ("://", "--index-url", "--extra-index-url", "--find-links", "-f ", " @ "):
        assert place not in text
    assert not re.search(r"(?m)^\s*(#\s+via\s+)?/|\s/[a-z]+/", text)
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", text)[1:]
    assert blocks
    assert all("--hash=sha256:" in block for block in blocks)


def test_no_two_modules_differ_only_by_their_folder():
    packages = ("pipeline", "assets", "resources", "expectations", "dbt_like_sql", "simulator", "benchmarks")
    modules = (path for package in packages for path in (CHECKOUT / package).rglob("*.py"))
    stems = Counter(path.stem for path in modules if not path.stem.startswith("__") and "models" not in path.parts)
    assert [stem for stem, count in stems.items() if count > 1] == []


def test_the_tools_lock_holds_the_same_versions_as_the_runtime_lock():
    tools = pins("requirements-dev.lock")
    assert {name: versions for name, versions in tools.items() if name in pins("requirements.lock")} == pins(
        "requirements.lock"
    )


def test_the_runtime_carries_no_test_tools():
    tools = {"pytest", "ruff", "mypy", "sqlfluff", "hypothesis", "openpyxl", "dagster-dg-cli", "typer"}
    assert not tools & set(pins("requirements.lock"))


def test_the_project_cannot_be_uploaded_by_accident():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]


def test_the_template_makes_an_instance_that_looks_after_its_runs(tmp_path):
    folder = write_dagster_home(tmp_path)
    with DagsterInstance.from_config(str(folder)) as instance:
        assert not instance.telemetry_enabled
        assert instance.run_monitoring_enabled
        queue = instance.get_concurrency_config().run_queue_config
        assert queue is not None
        assert (queue.max_concurrent_runs, queue.tag_concurrency_limits) == (-1, []), (
            "the home's lock is the only queue"
        )
    assert yaml.safe_load(TEMPLATE.read_text())["run_monitoring"]["free_slots_after_run_end_seconds"] > 0


def test_the_settings_of_the_instance_are_written_once_and_are_the_operators_from_then_on(tmp_path):
    folder = write_dagster_home(tmp_path)
    assert (folder / "dagster.yaml").read_bytes() == TEMPLATE.read_bytes()
    (folder / "dagster.yaml").write_text("telemetry: {enabled: true}", encoding="utf-8")
    write_dagster_home(tmp_path)
    assert (folder / "dagster.yaml").read_text(encoding="utf-8") == "telemetry: {enabled: true}"


def test_the_ui_listens_on_this_machine_alone():
    command = dagster_dev_command(CHECKOUT, 3000)
    assert command[command.index("-h") + 1] == "127.0.0.1"
    assert Path(command[command.index("-w") + 1]).is_file()


@pytest.mark.parametrize("target", ["run", "ui", "test", "check", "lock"])
def test_every_entry_of_the_makefile_is_understood_by_make(target):
    said = subprocess.run(["make", "-n", target], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    assert said
    if target == "run":
        assert "-m pipeline nightly --inbox samples/inbox --as-of 2025-02-10" in said


def test_ci_runs_the_checks_and_the_tests_that_the_readme_names():
    script = (CHECKOUT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make --no-print-directory check" in script
    assert script.rstrip().endswith("make --no-print-directory test")
