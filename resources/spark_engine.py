"""Apache Spark in the place of DuckDB: the same SQL of the models in its words, on this machine or on a cluster.

It reads the tables of a home as the Parquet files that they are, so that a cluster has to see the home under the path
that the night sees. What is no file (seeds, ledgers, what a past day sees) is sent to it. Only models in SQL are
computed here; the home, its states and its releases know nothing of it. This is the only module that knows Spark.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import socket
import sys
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot
from sqlglot import exp

from dbt_like_sql.phrases import LANGUAGES
from dbt_like_sql.project import Model, Project, Relation, compile_sql, load_project
from resources.engine_lost import EngineLostError
from resources.phrase_functions import messages_in

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

REMOTE, MASTER = "SPARK_REMOTE", "SPARK_MASTER"
"""Environment variables with the address of a server of Spark Connect (sc://…), or of a master (spark://…)."""
LOCAL = "local[2]"
PROJECT_ROOT = Path(__file__).resolve().parents[1]

EVERYWHERE = {
    "spark.sql.session.timeZone": "Asia/Ho_Chi_Minh",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
    "spark.sql.constraintPropagation.enabled": "false",
}
"""Wherever Spark runs: what figures rest on; and planning a query of many cases takes minutes with what is off."""
SMALL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.memory": "2g",
}
"""For hundreds of queries on the tables of a province, planning and compiling cost more than the rows."""


class SparkModels:
    """A session in which the tables that models read are views."""

    def __init__(self, project: Project, rows_of: Callable[[str], pa.Table], files: Mapping[str, Path]) -> None:
        """`rows_of` runs a query of DuckDB's; `files` says which of its relations are Parquet files."""
        self._project = project
        self._rows_of = rows_of
        self._files = files
        self._views: dict[tuple[str, int], str] = {}

    def compute(self, model: Model, relation: Relation, day: dt.date, types: Mapping[str, str]) -> pa.Table:
        """Return the rows of a SQL model in the order of its grain, their columns of the types that DuckDB gives.

        Raises EngineLostError where Spark is missing, out of reach or gone.
        """

        def view(layer: str, table: str) -> str:
            return self._view(relation(layer, table), is_seed=layer == "ref" and table in self._project.seeds)

        sql = f"select * from (\n{compile_sql(model, view, day)}\n) order by {', '.join(model.grain)}"
        try:
            typed = [f"cast({name} as {_type(kind)}) as {name}" for name, kind in types.items()]
            rows = self._session.sql(in_words_of_spark(sql)).selectExpr(*typed).toArrow()
        except Exception as error:
            self._refuse_if_lost(error)
            raise
        # Spark knows of columns that cannot be null; as a file says it of none, neither do these rows
        return pa.table(rows.columns, pa.schema([pa.field(column.name, column.type) for column in rows.schema]))

    def analyse(self, sql: str) -> None:
        """Let Spark parse and analyse a query on the views; nothing is computed. Raises what it does not understand."""
        _ = self._session.sql(in_words_of_spark(sql)).schema

    def close(self) -> None:
        """End the session."""
        if "_session" in self.__dict__:
            self._session.stop()
            del self.__dict__["_session"]
            self._views.clear()

    def _view(self, relation: str, is_seed: bool) -> str:
        """Return the name under which Spark reads a relation; a file that was replaced is another."""
        path = self._files.get(relation)
        key = relation, path.stat().st_mtime_ns if path is not None else 0
        if key not in self._views or (path is None and not is_seed):
            name = self._views.setdefault(key, f"table_{len(self._views)}")
            frame = self._read(path) if path is not None else self._send(relation)
            frame.createOrReplaceTempView(name)
        return self._views[key]

    def _read(self, path: Path) -> DataFrame:
        columns = ", ".join(f"{column.name} {_words_for(column.type)}" for column in pq.read_schema(path))
        return self._session.read.schema(columns).parquet(str(path.resolve()))  # told, it reads no file to find out

    def _send(self, relation: str) -> DataFrame:
        rows = self._rows_of(f"select * from {relation}")
        return self._session.createDataFrame(rows.replace_schema_metadata(None))

    @cached_property
    def _session(self) -> SparkSession:
        remote, master = os.environ.get(REMOTE, ""), os.environ.get(MASTER, LOCAL)
        _refuse_what_is_missing(remote or master, needs_java=not remote)
        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise EngineLostError(
                f"GROWTH_ENGINE is spark, and its library is missing here ({error}). Run the night in the environment "
                "that `make .venv-spark/stamp` makes (docs/scale.md), or without GROWTH_ENGINE."
            ) from None
        os.environ["PYSPARK_PYTHON"] = sys.executable
        os.environ["PYTHONPATH"] = str(PROJECT_ROOT)  # where workers find the functions that give messages
        builder = SparkSession.builder.remote(remote) if remote else SparkSession.builder.master(master)
        for key, value in {**EVERYWHERE, **(SMALL if not remote and master.startswith("local") else {})}.items():
            builder = builder.config(key, value)
        try:
            session = builder.appName("growth").getOrCreate()
            self._give_messages(session)
        except Exception as error:
            raise EngineLostError(_unreachable(remote or master, error)) from error
        return session

    def _give_messages(self, session: SparkSession) -> None:
        from pyspark.sql.functions import arrow_udf

        for language in LANGUAGES:
            session.udf.register(f"message_{language}", arrow_udf(_messages_in(language), "string"))

    def _refuse_if_lost(self, error: Exception) -> None:
        """Raise EngineLostError if not the query but Spark is at fault: then it does not answer the simplest one."""
        if isinstance(error, EngineLostError):
            raise error
        if "ExecutorLostFailure" not in str(error):
            with contextlib.suppress(Exception):
                self._session.range(1).toArrow()
                return
        place = os.environ.get(REMOTE) or os.environ.get(MASTER, LOCAL)
        raise EngineLostError(
            f"Spark at {place} was lost while a table was made ({_first_line(error)}). What was made stands: see that "
            "Spark runs and run the night again, or run it without GROWTH_ENGINE; it goes on from there."
        ) from error


def in_words_of_spark(sql: str) -> str:
    """Return SQL of the models in the words of Spark, with the meaning that it has for DuckDB.

    Spark divides decimals into a decimal and DuckDB into a double; Spark rounds a double by its digits and DuckDB by
    its bits, so that a tie would fall to the other side. By zero DuckDB goes on, and Spark ends the query, even where
    a condition leaves the quotient out.
    """
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    for node in reversed(list(tree.find_all(exp.Div, exp.Avg, exp.Round))):  # what lies within first
        node.replace(_counted_alike(node))
    return tree.sql(dialect="spark")


def _counted_alike(node: exp.Expr) -> exp.Expr:
    what = f"({node.this.sql(dialect='spark')})"
    if isinstance(node, exp.Round):
        places = node.args["decimals"].name if node.args.get("decimals") else "0"
        cast, kind = "try_cast" if isinstance(node.parent, exp.TryCast) else "cast", f"decimal(38, {places})"
        of_double = f"{cast}(round({what} * 1e{places}) / 1e{places} as {kind})"
        said = f"case when typeof({what}) = 'double' then {of_double} else cast(round({what}, {places}) as {kind}) end"
    elif isinstance(node, exp.Avg):
        said = f"avg(cast({what} as double))"
    else:
        said = f"try_divide(cast({what} as double), cast(({node.expression.sql(dialect='spark')}) as double))"
    return sqlglot.parse_one(said, dialect="spark")


@cache
def _type(name: str) -> str:
    """Spark's name of a type of DuckDB's; Spark has no whole number as wide as `hugeint`, which files hold as this."""
    return "decimal(38, 0)" if name == "hugeint" else exp.DataType.build(name, dialect="duckdb").sql(dialect="spark")


def _words_for(kind: pa.DataType) -> str:
    """Spark's name of a type that a table of a home has."""
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision}, {kind.scale})"
    return _WORDS_OF_TYPES[str(kind)]


_WORDS_OF_TYPES = {
    "bool": "boolean",
    "date32[day]": "date",
    "double": "double",
    "int32": "int",
    "int64": "bigint",
    "string": "string",
}


def _refuse_what_is_missing(place: str, needs_java: bool) -> None:
    """Raise EngineLostError if there is no Java or nobody listens at an address: Spark takes minutes to say so."""
    home = os.environ.get("JAVA_HOME")
    if needs_java and not (Path(home, "bin", "java").is_file() if home else shutil.which("java")):
        raise EngineLostError(
            "GROWTH_ENGINE is spark, and there is no Java here. Install version 17 or later (Debian: apt-get install "
            "openjdk-17-jre-headless) or name it in JAVA_HOME; or run the night without GROWTH_ENGINE."
        )
    address = urlsplit(place)
    if address.scheme in ("sc", "spark"):
        try:
            port = address.port or (15002 if address.scheme == "sc" else 7077)
            socket.create_connection((address.hostname or "", port), timeout=10).close()
        except (OSError, ValueError) as error:
            raise EngineLostError(_unreachable(place, error)) from None


def _unreachable(place: str, error: Exception) -> str:
    return (
        f"Spark at {place} cannot be reached ({_first_line(error)}). See that it runs and that {REMOTE} or {MASTER} "
        "names it, and run the night again; or run it without GROWTH_ENGINE."
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


def _messages_in(language: str) -> Callable[[Any, Any], Any]:
    def messages(codes: pa.Array, values: pa.Array) -> pa.Array:
        return _formatter(language)(codes, values)

    return messages


@cache
def _formatter(language: str) -> Callable[[pa.Array, pa.Array], pa.Array]:
    """Each worker reads the phrases for itself: their messages cannot be sent."""
    return messages_in(load_project().phrases, language)
