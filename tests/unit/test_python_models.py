"""A model in Python is a declaration: read without being run, refused where it cannot be, typed by the dictionary."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from assets.build import build_model
from assets.python_rows import python_rows
from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.project import compile_sql, load_project
from dbt_like_sql.python_models import refs_in, run_python_model
from pipeline.settings import PROJECT_ROOT
from resources.warehouse import TableState, Warehouse

PROJECT = load_project()
PYTHON_MODELS = [model for model in PROJECT.models_in_order() if model.is_python]

ADDS_ONE = """
def model(dbt, session):
    dbt.config(materialized="table")
    rows = dbt.ref("sectors")
    return rows.select(["sector_code", "sort_order"])
"""


def test_refs_are_read_from_the_source() -> None:
    assert refs_in(ADDS_ONE, "x.py") == ("sectors",)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def model(dbt):\n    return None\n", "exactly one function"),
        ("x = 1\n", "exactly one function"),
        ("def model(dbt, session):\n    return dbt.ref(session)\n", "by a literal name"),
        ("def model(dbt, session):\n    return dbt.source('a', 'b')\n", "by a literal name"),
        ("def model(dbt, session):\n    return other(dbt)\n", "by a literal name"),
        ("def model(dbt, session):\n    return (\n", "line"),
    ],
)
def test_what_cannot_be_read_without_running_is_refused(source: str, said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        refs_in(source, "intermediate/x.py")


def test_a_model_is_given_the_tables_it_refers_to() -> None:
    sectors = pa.table({"sector_code": ["I"], "sort_order": [2], "label_en": ["x"]})
    made = run_python_model(ADDS_ONE, "intermediate/x.py", {"sectors": sectors}.__getitem__)
    assert made.to_pylist() == [{"sector_code": "I", "sort_order": 2}]


@pytest.mark.parametrize("model", PYTHON_MODELS, ids=lambda model: model.name)
def test_a_python_model_makes_known_columns_of_no_rows_without_importing_what_is_heavy(model) -> None:
    program = (
        "import sys, tempfile; from pathlib import Path;"
        "from dbt_like_sql.project import load_project; from pipeline.data_dictionary import describe_models;"
        "project = load_project();"
        f"columns = describe_models(project)['{model.name}'];"
        "assert all(project.fields[name].type == kind for name, kind in columns.items());"
        "assert 'statsmodels' not in sys.modules and 'scipy' not in sys.modules"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


def test_python_is_not_compiled_as_sql() -> None:
    with pytest.raises(ValueError, match="no SQL"):
        compile_sql(PYTHON_MODELS[0], lambda layer, table: table, __import__("datetime").date(2025, 1, 1))


def test_the_same_inputs_are_not_projected_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime as dt

    import assets.python_rows

    warehouse = Warehouse(tmp_path, PROJECT)
    model = PROJECT.models["int_ets_projections"]
    runs: list[str] = []

    def counted(source: str, where: str, table_of: object) -> pa.Table:
        runs.append(where)
        return run_python_model(source, where, table_of)  # type: ignore[arg-type]  # handed on as it comes

    monkeypatch.setattr(assets.python_rows, "run_python_model", counted)
    for ref in model.refs:
        columns = {"int_projection_origins": ORIGIN, "int_year_parts": PART}[ref]
        table = pa.table({name: pa.array([], kind) for name, kind in columns.items()})
        path = warehouse.path("intermediate", ref)
        warehouse.write_table(path, table)
        warehouse.record("intermediate", ref, TableState(ref, warehouse.digest_of(path), 0, "2025-02-10"))
    try:
        first = build_model(PROJECT, warehouse, model, None, dt.date(2025, 2, 10))
        again = build_model(PROJECT, warehouse, model, None, dt.date(2025, 2, 11))
    finally:
        warehouse.close()
    assert (first.reused, again.reused, runs) == (False, True, ["intermediate/growth/int_ets_projections.py"])


def test_a_column_that_the_dictionary_does_not_know_is_refused(tmp_path: Path) -> None:
    import dataclasses

    warehouse = Warehouse(tmp_path, PROJECT)
    source = "def model(dbt, session):\n    return dbt.ref('sectors').rename_columns(['colour_of_the_sky'])\n"
    model = dataclasses.replace(PYTHON_MODELS[0], source_text=source, grain=("colour_of_the_sky",))
    with pytest.raises(DeclarationError, match="colour_of_the_sky"):
        python_rows(PROJECT, warehouse, model, lambda name: pa.table({"sector_code": ["I"]}))


ORIGIN = {
    "area_code": pa.string(), "sector_code": pa.string(), "target_year": pa.int32(), "quarters_known": pa.int32(),
}  # fmt: skip
PART = {"area_code": pa.string(), "sector_code": pa.string(), "calendar_year": pa.int32(), "quarters_known": pa.int32()}
