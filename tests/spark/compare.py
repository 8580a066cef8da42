"""Makes every model of a home's last night once more on Spark and compares it with the table that stands there.

    make test-spark            (python -m tests.spark.compare --home data --as-of 2025-02-10)

A table of equal bytes is equal. Of others the values are compared one by one, doubles to nine digits: what is published
holds none. Models read what Spark made of the models before them; of one that differs what stands in the home, so that
each fault shows where it arises. What is no model (deliveries, seeds, ledgers, history) is read as it stands.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from assets.build import write_model
from dbt_like_sql.project import load_project
from resources.files import TEMPORARY, sha256_of
from resources.warehouse import ENGINE, Warehouse


def main(home: Path, day: dt.date, verbose: bool, only: list[str]) -> int:
    """Compare, print a line for each mart and each model that differs; return how many models differ or failed."""
    os.environ[ENGINE] = "spark"
    project = load_project()
    warehouse = Warehouse(home, project)
    bad, same_bytes, published, start = 0, 0, 0, time.monotonic()
    models = [model for model in project.models_in_order() if not only or model.name in only]
    made: dict[str, Path] = {}

    def relation(layer: str, table: str) -> str:
        return (
            warehouse.file_relation(made[table])
            if layer == "ref" and table in made
            else warehouse.relation(layer, table)
        )

    with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=home) as folder:  # where the engines may read
        for model in models:
            began, path = time.monotonic(), Path(folder) / f"{model.name}.parquet"
            stands = warehouse.path(model.layer, model.name)
            try:
                rows = write_model(project, warehouse, model, relation, day, path, durable=False)
                if sha256_of(path) == sha256_of(stands):
                    problems: list[str] = []
                    same_bytes += 1
                else:
                    problems = differences(pq.ParquetFile(stands).read(), pq.ParquetFile(path).read(), model.grain)
            except Exception as error:  # noqa: BLE001 - each model is tried
                problems, rows = [f"failed: {str(error)[:1500]}"], 0
            if not problems:
                made[model.name] = path
            bad += bool(problems)
            published += model.publish
            if problems or model.publish or verbose:
                took = f", {time.monotonic() - began:.2f} s" if verbose else ""
                print(
                    f"{model.layer}/{model.name}: {rows} rows, {len(problems)} differ{took}",
                    *problems[:4],
                    sep="\n    ",
                    flush=True,
                )
    took_all = time.monotonic() - start
    warehouse.close()
    print(
        f"{len(models)} models, {published} of them marts that are published: {bad} differ; "
        f"{same_bytes} have equal bytes, {took_all:.0f} s"
    )
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
    columns = zip(expected.schema, made.schema, strict=True)
    return said + [f"{one.name}: {one.type} became {other.type}" for one, other in columns if one.type != other.type]


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
    parser.add_argument("--only", nargs="*", default=[], help="names of models; all by default")
    given = parser.parse_args()
    sys.exit(min(main(given.home, given.as_of, given.verbose, given.only), 1))
