"""The recipes of CONTRIBUTING, typed as they stand there: after each, the project loads and a night runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest

CHECKOUT = Path(__file__).parents[2]
RECIPE = re.compile(r"(?m)^\.venv/bin/python -m pipeline (new-[a-z]+|dictionary)\b.*$")
"""A command of CONTRIBUTING that writes into the checkout."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tracked files, with the environment of this checkout and few samples, after all recipes."""
    folder = tmp_path_factory.mktemp("recipes") / "checkout"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, target, follow_symlinks=False)
    (folder / ".venv").symlink_to((CHECKOUT / ".venv").resolve())
    for feed in (folder / "samples" / "inbox").iterdir():
        if feed.is_dir() and feed.name != "published_figures":
            shutil.rmtree(feed)
    for command in RECIPE.finditer((CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        typed(folder, command.group(0))
    return folder


def typed(copy: Path, command: str) -> str:
    """Type a command in the copy, as a reader would; it must end well."""
    environment = {name: value for name, value in os.environ.items() if name not in ("GROWTH_HOME", "PYTHONPATH")}
    done = subprocess.run(
        ["sh", "-ec", command], cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_definitions_load_with_what_the_recipes_wrote(copy: Path) -> None:
    typed(copy, ".venv/bin/dg check defs")
    listed = typed(
        copy,
        ".venv/bin/python -c 'from pipeline.definitions import defs; "
        "print(*(spec.key.to_user_string() for spec in defs.resolve_all_asset_specs()))'",
    )
    assert {"validated/logistics_services", "marts/logistics_by_area"} <= set(listed.split())


def test_a_night_publishes_the_sample_of_the_new_feed_in_the_new_mart(copy: Path) -> None:
    typed(copy, ".venv/bin/python -m pipeline nightly --inbox samples/inbox --as-of 2025-02-10")
    rows = pq.read_table(copy / "data" / "marts" / "current" / "logistics_by_area.parquet").to_pylist()
    assert [(row["area_code"], row["period"], row["is_simulated"]) for row in rows] == [("94", "2024", True)]
