"""Runs the models on a local Spark: the same SQL in its words, the same functions, Arrow in and Arrow out."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable
from functools import cache

import pyarrow as pa
import sqlglot
from pyspark.sql import SparkSession
from pyspark.sql.functions import arrow_udf

from assets.python_rows import python_rows
from dbt_like_sql.phrases import LANGUAGES
from dbt_like_sql.project import Model, Project, compile_sql, load_project
from pipeline.settings import PROJECT_ROOT
from resources.phrase_functions import messages_in
from resources.warehouse import Warehouse

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "Asia/Ho_Chi_Minh",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.memory": "2g",
}
"""For hundreds of queries on small tables, planning and compiling cost more than the rows."""


class SparkModels:
    """A session in which tables are views named `<layer>__<table>`; sources come from a warehouse, models are made."""

    def __init__(self, project: Project, warehouse: Warehouse) -> None:
        self.project = project
        self.warehouse = warehouse
        os.environ["PYTHONPATH"] = str(PROJECT_ROOT)  # where the workers find the functions
        os.environ["PYSPARK_PYTHON"] = sys.executable
        builder = SparkSession.builder.master("local[1]").appName("models")
        for key, value in SETTINGS.items():
            builder = builder.config(key, value)
        self.session = builder.getOrCreate()
        self.session.sparkContext.setLogLevel("ERROR")
        for language in LANGUAGES:
            self.session.udf.register(f"message_{language}", arrow_udf(_messages_in(language), "string"))
        self._known: set[str] = set()

    def relation(self, layer: str, table: str) -> str:
        """Name a table in the SQL of the models; a source is fetched when it is first named."""
        if layer == "ref" and table in self.project.models:
            layer = self.project.models[table].layer
        name = f"{layer}__{table}"
        if name not in self._known:
            self.register(name, self.warehouse.query(f"select * from {self.warehouse.relation(layer, table)}"))
        return name

    def register(self, name: str, rows: pa.Table) -> None:
        """Let a table be read under a name."""
        self.session.createDataFrame(rows.replace_schema_metadata(None)).createOrReplaceTempView(name)
        self._known.add(name)

    def compute(self, model: Model, day: dt.date) -> pa.Table:
        """Return the rows of a model as of a day, in the engine's own types."""
        if model.is_python:
            return python_rows(
                self.project,
                self.warehouse,
                model,
                lambda name: self.session.table(self.relation("ref", name)).toArrow(),
            )
        return self.session.sql(in_words_of_spark(compile_sql(model, self.relation, day))).toArrow()


def in_words_of_spark(sql: str) -> str:
    """Return a model's SQL in the words of Spark."""
    return sqlglot.transpile(sql, read="duckdb", write="spark")[0]


def _messages_in(language: str) -> Callable[[pa.Array, pa.Array], pa.Array]:
    def messages(codes: pa.Array, values: pa.Array) -> pa.Array:
        return _formatter(language)(codes, values)

    return messages


@cache
def _formatter(language: str) -> Callable[[pa.Array, pa.Array], pa.Array]:
    """Each worker reads the phrases for itself: their messages cannot be sent."""
    return messages_in(load_project().phrases, language)
