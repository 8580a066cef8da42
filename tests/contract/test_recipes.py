"""The recipes of CONTRIBUTING, typed as they stand there: after them the project loads, and a night publishes all.

`make test-recipes` runs the whole of `make test` in such a copy too.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dbt_like_sql.project import load_project
from tests.checkout import Checkout, copied_checkout
from tests.contract.recipes import recipe_commands

FEW_SAMPLES = ("published_figures", "tourism")

pytestmark = pytest.mark.skipif(
    "logistics_services" in load_project().contracts, reason="the recipes were typed in this checkout already"
)


def typed(copy: Checkout, command: str, timeout: float = 1200) -> str:
    """Type a command in the copy, as a reader would; it must end well."""
    done = copy.run("sh", "-ec", command, timeout=timeout)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def copied(root: Path) -> Checkout:
    """Copy the checkout; its environment is ours with all its commands."""
    checkout = copied_checkout(root)
    shutil.rmtree(checkout.folder / ".venv")
    (checkout.folder / ".venv").symlink_to(sys.prefix)
    return checkout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy with few samples in which all recipes were typed; the last of them is a night."""
    checkout = copied(tmp_path_factory.mktemp("recipes"))
    for feed in (checkout.folder / "samples" / "inbox").iterdir():
        if feed.is_dir() and feed.name not in FEW_SAMPLES:
            shutil.rmtree(feed)
    for command in recipe_commands():
        typed(checkout, command)
    return checkout


def mart(copy: Checkout, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(
        copy.folder / "data" / "marts" / "current" / f"{name}.parquet"
    ).to_pylist()
    return rows


def test_the_rows_of_the_new_sample_stand_in_the_new_mart(copy: Checkout) -> None:
    rows = [
        (row["area_code"], row["month"], row["value_bn"], row["is_simulated"])
        for row in mart(copy, "logistics_by_area")
    ]
    assert rows == [("94", "2023-12", 1000, True), ("94", "2024-12", 1000, True)]


def test_the_new_line_of_the_scorecard_has_a_value_that_rests_on_cells(copy: Checkout) -> None:
    (line,) = [row for row in mart(copy, "directive_scorecard") if row["item"] == "KV3-LOG"]
    assert (line["actual"], line["status"], line["evidence_period"]) == (1000, "monitored", "2024-12")
    assert (line["indicator"], line["lead_agency_code"]) == ("logistics_turnover", "SCT")
    assert ("1,000 in December 2024" in line["status_reason"], "1.000, " in line["status_reason_vi"]) == (True, True)
    told = typed(copy, ".venv/bin/python -m pipeline evidence KV3-LOG")
    assert "KV3-LOG: 1,000" in told
    assert "logistics_services__2024__2025-01-15__simulated.csv" in told
    assert " | 1000" in told


def test_the_definitions_load(copy: Checkout) -> None:
    typed(copy, ".venv/bin/dg check defs")


def test_the_contract_tests_and_the_style_of_sql_hold_for_what_was_written(copy: Checkout) -> None:
    tests = "test_definitions.py test_magnitudes.py test_sql_is_portable.py test_marts_for_bi.py"
    about = "logistics or asset or path"  # what was written, and what Dagster is given of all
    typed(copy, f"cd tests/contract && ../../.venv/bin/python -m pytest -q -p no:cacheprovider -k '{about}' {tests}")
    written = "models/*/services/*logistics*.sql"
    typed(copy, f"cd dbt_like_sql && ../.venv/bin/sqlfluff lint --config ../.sqlfluff {written}")


@pytest.mark.recipes
def test_all_tests_pass_in_a_copy_in_which_the_recipes_were_typed(tmp_path: Path) -> None:
    checkout = copied(tmp_path)
    for command in recipe_commands():
        typed(checkout, command)
    typed(checkout, ".venv/bin/python -m pipeline dictionary --check")
    shutil.rmtree(checkout.folder / "data")
    left_out = "not browser and not recipes and not bi and not spark"
    typed(checkout, f".venv/bin/python -m pytest -q -n 2 --dist loadfile -m '{left_out}'", timeout=7200)
