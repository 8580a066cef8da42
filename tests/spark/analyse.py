"""Lets Spark parse and analyse every model in SQL on typed tables without rows; nothing is computed.

    .venv-spark/bin/python -m tests.spark.analyse

Sources, seeds and ledgers have the types of the field dictionary, models the columns and types that DuckDB gives them.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from dbt_like_sql.project import HISTORY, HISTORY_COLUMNS, Model, Project, load_project
from pipeline.data_dictionary import Columns, describe_models
from resources.warehouse import ENGINE, Warehouse

DAY = dt.date(2025, 2, 10)


def troubles(project: Project, models: Iterable[Model], described: Columns) -> list[str]:
    """Say of each model that Spark does not understand what it says."""
    said = []
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder), project)

        def relation(layer: str, table: str) -> str:
            if layer != HISTORY and (layer != "ref" or table in project.seeds):
                return warehouse.empty_relation(layer, table)
            columns = described[table] | (dict(HISTORY_COLUMNS) if layer == HISTORY else {})
            typed = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in columns.items())
            return f"(select {typed} where false)"

        try:
            for model in models:
                try:
                    warehouse.analyse_model(model, relation, DAY, described[model.name])
                except Exception as error:  # noqa: BLE001 - each model is tried
                    said.append(f"{model.layer}/{model.name}: {error}")
        finally:
            warehouse.close()
    return said


def main() -> int:
    """Print what Spark does not understand, and of how many models; return 1 if there is any.

    One that it cannot understand is among them, so that it is seen that such a one is named.
    """
    os.environ[ENGINE] = "spark"
    project, start = load_project(), time.monotonic()
    models = [model for model in project.models_in_order() if not model.is_python]
    planted = dataclasses.replace(models[0], name="planted", source_text="select list_transform([1], x -> x) as n")
    described = {**describe_models(project), planted.name: {"n": "bigint"}}
    said = troubles(project, [*models, planted], described)
    unseen = not any(line.startswith(f"{planted.layer}/{planted.name}: ") for line in said)
    wrong = [line for line in said if f"/{planted.name}: " not in line] + ["the planted fault was not seen"] * unseen
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"{len(models)} models, {len(wrong)} not understood by Spark, {time.monotonic() - start:.0f} s")
    return min(len(wrong), 1)


if __name__ == "__main__":
    sys.exit(main())
