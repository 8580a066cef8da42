"""Makes every model of a home's last night once more on Spark and compares it with the table that stands there.

    make test-spark            (python -m tests.spark.compare --home data --as-of 2025-02-10)

Published values are compared one by one; doubles to nine digits. Models read what Spark made of the models before
them, of one that differs what stands in the home, so that each fault shows where it arises; what is no model
(deliveries, seeds, ledgers, history) is read as it stands.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa

from dbt_like_sql.project import load_project
from resources.warehouse import Warehouse
from tests.spark.engine import SparkModels


def main(home: Path, day: dt.date, verbose: bool) -> int:
    """Compare; return how many models differ or failed."""
    project = load_project()
    warehouse = Warehouse(home, project)
    engine = SparkModels(project, warehouse)
    bad, cells, start = 0, 0, time.monotonic()
    models = list(project.models_in_order())
    for model in models:
        expected = warehouse.read(model.layer, model.name)
        began = time.monotonic()
        try:
            made = engine.compute(model, day)
            problems = differences(expected, made, model.grain)
        except Exception as error:  # noqa: BLE001 - each model is tried
            problems = [f"failed: {str(error)[:600]}"]
            made = expected
        cells += expected.num_rows * expected.num_columns
        if problems:
            bad += 1
            print(f"{model.layer}/{model.name}: {len(problems)} differ", *problems[:4], sep="\n    ", flush=True)
            made = expected  # so that each trouble is told where it arises
        elif verbose:
            print(f"{model.layer}/{model.name}: {expected.num_rows} rows, {time.monotonic() - began:.2f} s", flush=True)
        engine.register(f"{model.layer}__{model.name}", made.select(expected.column_names).cast(expected.schema))
    took = time.monotonic() - start
    print(f"{len(models)} models, {cells} values, {bad} models differ, {took:.0f} s")
    return bad


def differences(expected: pa.Table, made: pa.Table, grain: tuple[str, ...]) -> list[str]:
    """Say where the rows of two tables differ, by the grain."""
    if made.column_names != expected.column_names:
        return [f"columns {made.column_names} instead of {expected.column_names}"]
    left, right = _by_grain(expected, grain), _by_grain(made, grain)
    said = [f"row {key} stands on one side alone" for key in left.keys() ^ right.keys()]
    for key in left.keys() & right.keys():
        for name, value in left[key].items():
            if not same(value, right[key][name]):
                said.append(f"{key} {name}: {value!r} became {right[key][name]!r}")
    if made.num_rows != expected.num_rows:
        said.append(f"{made.num_rows} rows instead of {expected.num_rows}")
    return said


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same; doubles are never compared raw."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) or (math.isnan(one) and math.isnan(other))
    return bool(one == other)


def _by_grain(table: pa.Table, grain: tuple[str, ...]) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {tuple(row[name] for name in grain): row for row in table.to_pylist()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True)
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    sys.exit(min(main(given.home, given.as_of, given.verbose), 1))
