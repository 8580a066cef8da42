"""The second engine where it is not there, and what is said to it; `make test-spark` holds that it counts alike."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from dbt_like_sql.project import load_project
from resources.engine_lost import EngineLostError
from resources.spark_engine import first_line, in_words_of_spark
from resources.warehouse import Warehouse
from tests.ports import free_port

PROJECT = load_project()


def computed_in(folder: Path) -> Path:
    """Let a model be made of no rows; return its file."""
    warehouse = Warehouse(folder / "home", PROJECT)
    path = folder / "home" / "made.parquet"
    warehouse.write_model(PROJECT.models["stg_published_figures"], warehouse.empty_relation, dt.date(2025, 2, 10), path)
    return path


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"GROWTH_ENGINE": "sparks"}, "names no engine that is known: 'sparks'; it is duckdb or spark"),
        ({"JAVA_HOME": "/nowhere"}, "there is no Java here. Install version 17 or later"),
        ({"SPARK_MASTER": "spark://127.0.0.1:{port}"}, r"Spark at spark://127.0.0.1:\d+ cannot be reached"),
        ({"SPARK_REMOTE": "sc://127.0.0.1:{port}"}, r"Spark at sc://127.0.0.1:\d+ cannot be reached"),
        ({"SPARK_REMOTE": "sc://127.0.0.1:port"}, "Spark at sc://127.0.0.1:port cannot be reached"),
    ],
)
def test_an_engine_that_is_not_there_is_told_in_one_sentence_with_what_to_do(
    environment: dict[str, str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    java = tmp_path / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.touch()
    port = str(free_port())
    for name, value in {"GROWTH_ENGINE": "spark", "JAVA_HOME": str(tmp_path / "java"), **environment}.items():
        monkeypatch.setenv(name, value.replace("{port}", port))
    with pytest.raises(EngineLostError, match=said) as refusal:
        computed_in(tmp_path)
    assert "\n" not in str(refusal.value)
    assert not list(tmp_path.rglob("*.parquet"))


def test_without_a_word_the_engine_is_duckdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROWTH_ENGINE", raising=False)
    assert computed_in(tmp_path).exists()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select a / b as q from t", "TRY_DIVIDE(CAST((a) AS DOUBLE), CAST((b) AS DOUBLE)) AS q"),
        ("select round(a - b, 1) as r from t", "CAST(ROUND((a - b) * 1e1) / 1e1 AS DECIMAL(38, 1))"),
        ("select avg(a) as m from t", "AVG(CAST((a) AS DOUBLE)) AS m"),
        ("select round(a, 3) as r from t", "CAST(ROUND((a) * 1e3) / 1e3 AS DECIMAL(38, 3)) ELSE CAST(ROUND((a), 3)"),
        (
            "select try_cast(round(a, 3) as decimal(9, 3)) as r from t",
            "TRY_CAST(ROUND((a) * 1e3) / 1e3 AS DECIMAL(38, 3))",
        ),
    ],
)
def test_what_spark_would_count_otherwise_is_said_as_duckdb_counts_it(sql: str, said: str) -> None:
    assert said in in_words_of_spark(sql)


def test_what_is_said_to_spark_of_a_tie_is_what_duckdb_makes_of_it() -> None:
    values = ", ".join(f"({n}.1625::double)" for n in range(1000, 1200))
    said = f"select count(*) as n from (values {values}) as t(x) where round(x * 1e3) / 1e3 <> round(x, 3)"
    assert duckdb.sql(said).to_arrow_table().to_pylist() == [{"n": 0}]


def test_of_what_java_passes_on_the_innermost_cause_is_told() -> None:
    passed_on = RuntimeError(
        "An error occurred while calling o15011.getResult.\n: org.apache.spark.SparkException: thrown in awaitResult\n"
        "\tat org.apache.spark.util\nCaused by: org.apache.spark.SparkException: Job aborted\n"
        "Caused by: java.lang.OutOfMemoryError: Java heap space\n\tat java.base"
    )
    assert first_line(passed_on) == "java.lang.OutOfMemoryError: Java heap space"
    assert first_line(RuntimeError("An error occurred while calling o1.x.\n: java.io.IOException: gone")) == (
        "java.io.IOException: gone"
    )
    assert first_line(ValueError("[DIVIDE_BY_ZERO] Division by zero.\nmore")) == "[DIVIDE_BY_ZERO] Division by zero."
    assert first_line(KeyError()) == "KeyError"
