"""Apache Spark in the place of DuckDB: the same SQL of the models in its words, on this machine or on a cluster.

It reads the tables of a home as the Parquet files that they are, so that a cluster has to see the home under the path
that the night sees. What is no file (seeds, ledgers, what a past day sees) is sent to it. Only models in SQL are
computed here; the home, its states and its releases know nothing of it. This is the only module that knows Spark.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import shutil
import socket
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from functools import cache, cached_property
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot
from sqlglot import exp

from dbt_like_sql.phrases import LANGUAGES
from dbt_like_sql.project import Model, Project, Relation, compile_sql, load_project
from resources.engine_lost import EngineLostError, QueryFailedError
from resources.phrase_functions import messages_in

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

REMOTE, MASTER = "SPARK_REMOTE", "SPARK_MASTER"
"""Environment variables with the address of a server of Spark Connect (sc://…), or of a master (spark://…)."""
WAIT = "SPARK_WAIT"
"""Environment variable: for how many seconds nothing may move before a night ends."""
LOCAL = "local[2]"
PROJECT_ROOT = Path(__file__).resolve().parents[1]

log = logging.getLogger("provincial_growth")

EVERYWHERE = {
    "spark.sql.session.timeZone": "Asia/Ho_Chi_Minh",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
    "spark.sql.constraintPropagation.enabled": "false",
}
"""Wherever Spark runs: what figures rest on; and planning a query of many cases takes minutes with what is off."""
STARTED_HERE = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.executorEnv.PYTHONPATH": str(PROJECT_ROOT),  # where workers find the functions that give messages
}
"""Where the night is Spark's driver; a server of Spark Connect has settings of its own."""
SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.memory": "2g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
"""For hundreds of queries on the tables of a province, planning and compiling cost more than the rows."""


Asked = tuple[Callable[[], Any], Future[Any]]
"""A question to Spark, and where its answer goes."""


class SparkModels:
    """A session in which the tables that models read are views."""

    def __init__(self, project: Project, rows_of: Callable[[str], pa.Table], files: Mapping[str, Path]) -> None:
        """`rows_of` runs a query of DuckDB's; `files` says which of its relations are Parquet files."""
        self._project = project
        self._rows_of = rows_of
        self._files = files
        self._views: dict[tuple[str, int], str] = {}
        self._endpoint = os.environ.get(REMOTE) or os.environ.get(MASTER) or LOCAL
        self._is_remote = bool(os.environ.get(REMOTE))
        self._patience = _seconds_to_wait()
        self._asked: SimpleQueue[Asked | None] = SimpleQueue()
        self._lost: str | None = None

    def compute(self, model: Model, relation: Relation, day: dt.date, types: Mapping[str, str]) -> pa.Table:
        """Return the rows of a SQL model in the order of its grain, their columns of the types that DuckDB gives.

        Raises EngineLostError where Spark is missing, out of reach or gone, QueryFailedError where it ends the query.
        """
        made = self._answer(lambda: self._frame(model, relation, day, types).toArrow())
        # Spark knows of columns that cannot be null; as a file says it of none, neither do these rows
        return pa.table(made.columns, pa.schema([pa.field(column.name, column.type) for column in made.schema]))

    def analyse(self, model: Model, relation: Relation, day: dt.date, types: Mapping[str, str]) -> None:
        """Let Spark parse and analyse what it would compute; raises as `compute` does."""
        self._answer(lambda: self._frame(model, relation, day, types).schema)

    def close(self) -> None:
        """End the session. A lost one cannot be ended: it goes with this process."""
        if "_session" in self.__dict__ and self._lost is None:
            self._session.stop()
        elif "_session" in self.__dict__ and self._is_remote:
            self._session.client.close()  # or this process would say goodbye to nobody for ten minutes
        self.__dict__.pop("_session", None)
        self._views.clear()
        if self.__dict__.pop("_thread", None) is not None:
            self._asked.put(None)

    def _answer(self, question: Callable[[], Any]) -> Any:
        """Let a thread ask Spark, so that one can stop waiting for it, and return what Spark answers.

        Raises EngineLostError, now and whenever asked again, as soon as Spark is not there.
        """
        if self._lost is not None:
            raise EngineLostError(self._lost)
        try:
            return self._wait_for(self._ask(question))
        except EngineLostError as error:
            self._lost = str(error)
            raise
        except Exception as error:
            log.debug("Spark ended a query", exc_info=error)
            self._refuse_if_lost(error)
            raise QueryFailedError(first_line(error)) from None

    def _ask(self, question: Callable[[], Any]) -> Future[Any]:
        answer: Future[Any] = Future()
        self._asked.put((question, answer))
        if not self._thread.is_alive():
            self._thread.start()
        return answer

    @cached_property
    def _thread(self) -> Thread:
        return Thread(target=_answer_all, args=(self._asked,), name="spark", daemon=True)

    def _wait_for(self, answer: Future[Any]) -> Any:
        """Raises EngineLostError if for too long nothing is computed of what could be, or nobody is there any more."""
        moved = time.monotonic()
        while not wait([answer], timeout=1).done:
            if not self._stands_still():
                moved = time.monotonic()
            elif time.monotonic() - moved > self._patience:
                if self._is_remote:
                    raise EngineLostError(self._gone(f"for {self._patience:.0f} s nobody answers there"))
                raise EngineLostError(
                    f"Spark at {self._endpoint} does nothing: for {self._patience:.0f} s no executor takes up what is "
                    "to be computed. What was made stands: see that workers run and have cores and memory to spare "
                    f"({WAIT} is how many seconds are waited), and run the night again, or run it without "
                    "GROWTH_ENGINE; it goes on from there."
                )
        return answer.result()

    def _stands_still(self) -> bool:
        """Whether Spark has work and does none of it; of a server it is known only whether it is there."""
        if self._is_remote:
            return _trouble_at(self._endpoint) is not None
        if "_session" not in self.__dict__:
            return False  # how long a session may take to start, Spark knows for itself
        try:
            tracker = self._session.sparkContext.statusTracker()
            stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        except Exception as error:
            log.debug("Spark does not say what it does", exc_info=error)
            return False
        return bool(stages) and not any(stage.numActiveTasks for stage in stages if stage is not None)

    def _frame(self, model: Model, relation: Relation, day: dt.date, types: Mapping[str, str]) -> DataFrame:
        def view(layer: str, table: str) -> str:
            return self._view(relation(layer, table), is_seed=layer == "ref" and table in self._project.seeds)

        sql = in_words_of_spark(compile_sql(model, view, day))
        typed = ", ".join(f"cast({name} as {_type(kind)}) as {name}" for name, kind in types.items())
        return self._session.sql(f"select {typed} from (\n{sql}\n) order by {', '.join(model.grain)}")

    def _view(self, relation: str, is_seed: bool) -> str:
        """Return the name under which Spark reads a relation; a file that was replaced is another."""
        path = self._files.get(relation)
        key = relation, path.stat().st_mtime_ns if path is not None else 0
        if key not in self._views or (path is None and not is_seed and "read_" in relation):
            name = self._views.setdefault(key, f"table_{len(self._views)}")
            frame = self._read(path) if path is not None else self._send(relation)
            frame.createOrReplaceTempView(name)
        return self._views[key]

    def _read(self, path: Path) -> DataFrame:
        # told what is there, it reads no file to find out
        return self._session.read.schema(_columns_of(pq.read_schema(path))).parquet(str(path.resolve()))

    def _send(self, relation: str) -> DataFrame:
        rows = self._rows_of(f"select * from {relation}").replace_schema_metadata(None)
        return self._session.createDataFrame(rows, _columns_of(rows.schema))

    @cached_property
    def _session(self) -> SparkSession:
        _refuse_what_is_missing(self._endpoint, needs_java=not self._is_remote)
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
        try:
            from pyspark.logger import PySparkLogger
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise EngineLostError(
                f"GROWTH_ENGINE is spark, and its library is missing here ({error}). Run the night in the environment "
                "that `make .venv-spark/stamp` makes (docs/scale.md), or without GROWTH_ENGINE."
            ) from None
        for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
            PySparkLogger.getLogger(name).setLevel(logging.CRITICAL)  # it would print what is raised as well
        logging.getLogger("py4j").setLevel(logging.CRITICAL)
        os.environ["PYSPARK_PYTHON"] = sys.executable
        os.environ["PYTHONPATH"] = str(PROJECT_ROOT)
        builder, settings = SparkSession.builder.appName("growth"), dict(EVERYWHERE)
        if self._is_remote:
            builder = builder.remote(self._endpoint)
        else:
            builder = builder.master(self._endpoint)
            settings |= {**STARTED_HERE, **(SMALL if self._endpoint.startswith("local") else {})}
        for key, value in settings.items():
            builder = builder.config(key, value)
        output = tempfile.TemporaryFile()  # noqa: SIM115 - Java writes to it for as long as it runs
        try:
            with _terminal_aside(output):
                session = builder.getOrCreate()
            self._give_messages(session)
        except Exception as error:
            log.debug("Spark did not start", exc_info=error)
            raise EngineLostError(_unreachable(self._endpoint, _reason_in(output) or first_line(error))) from None
        return session

    def _give_messages(self, session: SparkSession) -> None:
        from pyspark.sql.functions import arrow_udf

        for language in LANGUAGES:
            session.udf.register(f"message_{language}", arrow_udf(_messages_in(language), "string"))

    def _refuse_if_lost(self, error: Exception) -> None:
        """Raise EngineLostError if not the query but Spark is at fault: then it does not answer the simplest one."""
        if "ExecutorLostFailure" not in str(error):
            with contextlib.suppress(Exception):
                self._wait_for(self._ask(lambda: self._session.range(1).toArrow()))
                return
        self._lost = self._gone(first_line(error))
        raise EngineLostError(self._lost) from None

    def _gone(self, why: str) -> str:
        return (
            f"Spark at {self._endpoint} was lost while a table was made ({why}). What was made stands: see that Spark "
            "runs and run the night again, or run it without GROWTH_ENGINE; it goes on from there."
        )


def _answer_all(asked: SimpleQueue[Asked | None]) -> None:
    """Answer one question after another, until there is none; hold none of them while nothing is asked."""
    while (one := asked.get()) is not None:
        question, answer = one
        try:
            answer.set_result(question())
        except BaseException as error:  # noqa: BLE001 - whoever asked is told
            answer.set_exception(error)
        del one, question, answer


@contextlib.contextmanager
def _terminal_aside(instead: IO[bytes]) -> Iterator[None]:
    """Let what is started meanwhile say into a file what it would say on the terminal: Java cannot be told to be quiet.

    What it is asked for comes as an exception.
    """
    terminal = os.dup(2)
    os.dup2(instead.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)


def _reason_in(output: IO[bytes]) -> str | None:
    """The first line of Java's output at its start that names an error."""
    output.seek(0)
    lines = output.read().decode(errors="replace").splitlines()
    return next((line.strip()[:300] for line in lines if "Exception" in line or "Error" in line), None)


def _seconds_to_wait() -> float:
    """Raises EngineLostError for what is no number of seconds."""
    try:
        return float(os.environ.get(WAIT) or 120)
    except ValueError:
        raise EngineLostError(f"{WAIT} is no number of seconds: '{os.environ[WAIT]}'.") from None


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
        decimals = node.args["decimals"].name if node.args.get("decimals") else "0"
        cast, kind = "try_cast" if isinstance(node.parent, exp.TryCast) else "cast", f"decimal(38, {decimals})"
        of_double = f"{cast}(round({what} * 1e{decimals}) / 1e{decimals} as {kind})"
        expression = (
            f"case when typeof({what}) = 'double' then {of_double} else cast(round({what}, {decimals}) as {kind}) end"
        )
    elif isinstance(node, exp.Avg):
        expression = f"avg(cast({what} as double))"
    else:
        expression = f"try_divide(cast({what} as double), cast(({node.expression.sql(dialect='spark')}) as double))"
    return sqlglot.parse_one(expression, dialect="spark")


@cache
def _type(name: str) -> str:
    """Spark's name of a type of DuckDB's; Spark has no whole number as wide as `hugeint`, which files hold as this."""
    return "decimal(38, 0)" if name == "hugeint" else exp.DataType.build(name, dialect="duckdb").sql(dialect="spark")


def _columns_of(schema: pa.Schema) -> str:
    return ", ".join(f"{column.name} {_words_for(column.type)}" for column in schema)


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


def _refuse_what_is_missing(endpoint: str, needs_java: bool) -> None:
    """Raise EngineLostError if there is no Java or nobody listens at an address: Spark takes minutes to say so."""
    home = os.environ.get("JAVA_HOME")
    if needs_java and not (Path(home, "bin", "java").is_file() if home else shutil.which("java")):
        raise EngineLostError(
            "GROWTH_ENGINE is spark, and there is no Java here. Install version 17 or later (Debian: apt-get install "
            "default-jre-headless) or name it in JAVA_HOME; or run the night without GROWTH_ENGINE."
        )
    if trouble := _trouble_at(endpoint):
        raise EngineLostError(_unreachable(endpoint, trouble))


def _trouble_at(endpoint: str) -> str | None:
    """Why nothing can be reached at an address of Spark's, or None."""
    address = urlsplit(endpoint)
    if address.scheme in ("sc", "spark"):
        try:
            port = address.port or (15002 if address.scheme == "sc" else 7077)
            socket.create_connection((address.hostname or "", port), timeout=10).close()
        except (OSError, ValueError) as error:
            return first_line(error)
    return None


def _unreachable(endpoint: str, why: str) -> str:
    return (
        f"Spark at {endpoint} cannot be reached ({why}). See that it runs and that {REMOTE} or {MASTER} "
        "names it, and run the night again; or run it without GROWTH_ENGINE."
    )


def first_line(error: Exception) -> str:
    """What an exception says first; of one that only passes on what Java raised, the innermost cause."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    if lines[0].startswith("An error occurred while calling"):
        causes = [line.removeprefix("Caused by:") for line in lines if line.startswith("Caused by:")]
        return (causes[-1:] or lines[1:2] or lines)[0].lstrip(": ")[:300]
    return lines[0][:300]


def _messages_in(language: str) -> Callable[[Any, Any], Any]:
    def messages(codes: pa.Array, values: pa.Array) -> pa.Array:
        return _formatter(language)(codes, values)

    return messages


@cache
def _formatter(language: str) -> Callable[[pa.Array, pa.Array], pa.Array]:
    """Each worker reads the phrases for itself: their messages cannot be sent."""
    return messages_in(load_project().phrases, language)
