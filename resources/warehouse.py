"""The warehouse: tables as Parquet files, and DuckDB as the engine that computes them.

A table is one file, written whole and replaced atomically, with a state of the same stem beside it that says
from what it was made and which bytes it has. A file with other bytes counts as unbuilt, and nothing is built upon it:
whoever asks for its state makes it again, whoever reads it is told to. DuckDB lives in memory and only for as long as a
run: it is an engine, never a shared place. This is the only module that knows it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from dbt_like_sql.fields import Field
from dbt_like_sql.project import Model, Project, Relation, compile_sql
from resources.engine_lost import EngineLostError
from resources.files import TEMPORARY, digest_or_none, read_sealed, replacing, sha256_of, write_sealed
from resources.phrase_functions import give_phrases

if TYPE_CHECKING:
    import duckdb

    from resources.spark_engine import SparkModels

ENGINE = "GROWTH_ENGINE"
"""Environment variable that names the engine of the models in SQL: `duckdb`, which is meant by none, or `spark`."""
MEMORY_LIMIT = "1536MB"
THREADS = 1
"""Planning takes longer than running on the tables of a province, and plans have one thread: a second one costs memory
(15 MB of a night on the samples) and saves 3 % of the time on twenty provinces."""
BATCH_ROWS = 100_000

LEDGER_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "deliveries": (
        "delivery_id", "feed", "source_file", "supplier", "period", "released_on", "revision", "note", "status",
        "reason", "rows_in", "rows_accepted", "rows_rejected", "findings_critical", "findings_warning",
        "findings_waived", "is_superseded", "is_simulated", "rows_held", "rows_set_aside", "set_aside_as",
        "cells_corrected",
    ),
    "findings": (
        "delivery_id", "feed", "source_file", "source_sheet", "source_row", "rule", "severity",
        "column_name", "value_text", "sentence", "next_step", "waived",
    ),
}  # fmt: skip
"""Columns of the two ledgers; their types stand in the field dictionary."""


class TableMissingError(RuntimeError):
    """A table was read that nothing has built, or that has changed since; the message says what to run."""


class SqlError(ValueError):
    """SQL that the engine does not understand; the message is the engine's, in one line.

    `line` is that of the query at which it stopped, where it says so.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class TableState:
    """What a table was made from and what became of its last audit.

    `fingerprint` stands for every input of the content; `content` is the digest of the file. `report` is the
    audit of the last attempt: if it `blocked`, the file is an older, good one (or there is none). `halt` says why the
    last run did not come to make it; then too the file is an older one.
    """

    fingerprint: str
    content: str | None
    rows: int
    as_of: str
    blocked: bool = False
    halt: str | None = None
    report: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def state_of(path: Path, digest_of: Callable[[Path], str | None] = digest_or_none) -> TableState | None:
    """Return the state beside a table's file, or None where it is not there or not as it was, or the file is not."""
    return _if_whole(_recorded(path), path, digest_of)


def _recorded(path: Path) -> TableState | None:
    try:
        return TableState(**read_sealed(path.with_suffix(".json")))
    except TypeError:
        return None


def _if_whole(state: TableState | None, path: Path, digest_of: Callable[[Path], str | None]) -> TableState | None:
    if state is None or state.content is None or digest_of(path) == state.content:
        return state
    return None


def _stamp_of(path: Path) -> tuple[int, ...]:
    """What changes whenever a file does. Raises OSError where there is none."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


class Warehouse:
    """Tables below `root`, one folder for each layer, and an engine to compute new ones."""

    def __init__(self, root: Path, project: Project) -> None:
        self.root = root
        self.project = project
        self._digests: dict[Path, tuple[tuple[int, ...], str]] = {}
        self._states: dict[Path, tuple[tuple[int, ...], TableState | None]] = {}
        self._files: dict[str, Path] = {}

    @cached_property
    def _engine(self) -> duckdb.DuckDBPyConnection:
        """A locked-down engine: it reads our stores and our seeds, nothing else, and no network."""
        import duckdb  # here, because a night with nothing new looks at states and computes nothing

        self.root.mkdir(parents=True, exist_ok=True)
        spill = self.root / f"{TEMPORARY}spill"  # a killed run leaves what it spilled; the next one removes it
        allowed = [self.root, *{path.parent for seed in self.project.seeds.values() for path in seed.paths}]
        engine = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": MEMORY_LIMIT,
                "threads": THREADS,
                "temp_directory": str(spill),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        folders = ", ".join(_literal(f"{folder.resolve()}/") for folder in allowed)
        engine.execute(f"set allowed_directories = [{folders}]")  # refused in `config`, before the start
        engine.execute("set timezone = 'Asia/Ho_Chi_Minh'")
        engine.execute("set enable_external_access = false")
        engine.execute("set lock_configuration = true")
        give_phrases(engine, self.project.phrases)
        return engine

    @cached_property
    def _spark(self) -> SparkModels | None:
        """The engine of the models where it is not DuckDB. Raises EngineLostError for a name that is not known."""
        match os.environ.get(ENGINE, "duckdb"):
            case "duckdb" | "":
                return None
            case "spark":
                from resources.spark_engine import SparkModels  # here, because most nights need none of it

                return SparkModels(self.project, self.query, self._files)
            case other:
                raise EngineLostError(f"{ENGINE} names no engine that is known: '{other}'; it is duckdb or spark.")

    def close(self) -> None:
        """End the engines; a later call starts new ones."""
        if self.__dict__.get("_spark") is not None:
            self.__dict__.pop("_spark").close()
        if "_engine" in self.__dict__:
            self._engine.close()
            del self.__dict__["_engine"]

    # ── places ────────────────────────────────────────────────────────────────────────────────────────────

    def path(self, layer: str, table: str) -> Path:
        """Return where a table lies. Marts are built apart from their releases."""
        folder = self.root / "marts" / "built" if layer == "marts" else self.root / layer
        return folder / f"{table}.parquet"

    def state(self, layer: str, table: str) -> TableState | None:
        """Return what is known of a table, or None where it counts as unbuilt.

        That is: never built, built by a run that died over it, or its file or its state is gone or not as it was.
        """
        path = self.path(layer, table)
        try:
            stamp = _stamp_of(path.with_suffix(".json"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        known = self._states.get(path)
        if known is None or known[0] != stamp:
            known = self._states[path] = (stamp, _recorded(path))
        return _if_whole(known[1], path, self.digest_of)

    def digest_of(self, path: Path) -> str | None:
        """Return the digest of a file, or None where there is none. In one run a file is read again only if touched."""
        try:
            stamp = _stamp_of(path)
            known = self._digests.get(path)
            if known is None or known[0] != stamp:
                known = self._digests[path] = (stamp, sha256_of(path))
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        return known[1]

    def was_built(self, layer: str, table: str) -> bool:
        """Whether anything of a table is there: a file or a state, changed or not."""
        path = self.path(layer, table)
        return path.exists() or path.with_suffix(".json").exists()

    def why_unbuilt(self, layer: str, table: str) -> str:
        """Say why a table counts as unbuilt: the end of a sentence about it."""
        if self.was_built(layer, table):
            return "is not what was recorded when it was built: bytes of it, or of its record, have changed or are gone"
        return "has not been built"

    def forget(self, layer: str, table: str) -> None:
        """Let a table count as unbuilt: a crash between its file and its state then costs a rebuild, no more."""
        self.path(layer, table).with_suffix(".json").unlink(missing_ok=True)

    def record(self, layer: str, table: str, state: TableState) -> None:
        """Write the state of a table."""
        write_sealed(self.path(layer, table).with_suffix(".json"), dataclasses.asdict(state))

    def halt(self, layer: str, table: str, why: str, *, failed: bool) -> None:
        """Note that a table could not be made, beside what is known of the one that stands.

        One that failed counts as made from nothing, so that it is tried again; one that was stopped stands as it is as
        soon as what it waits for does.
        """
        state = self.state(layer, table) or TableState(fingerprint="", content=None, rows=0, as_of="")
        fingerprint = "" if failed else state.fingerprint
        self.record(layer, table, dataclasses.replace(state, halt=why, fingerprint=fingerprint))

    def resume(self, layer: str, table: str) -> None:
        """Note that nothing keeps a table any more."""
        state = self.state(layer, table)
        if state is not None and state.halt is not None:
            self.record(layer, table, dataclasses.replace(state, halt=None))

    # ── relations ─────────────────────────────────────────────────────────────────────────────────────────

    def relation(self, layer: str, table: str) -> str:
        """Name a model, seed or source in the engine's SQL.

        Raises TableMissingError if nothing has built it yet.
        """
        if layer == "ref":
            if table in self.project.seeds:
                return self._seed(table)
            layer = self.project.models[table].layer
        if layer == "contracts":
            return self._contract_facts(table)
        if layer == "ledger":
            return self._ledger(table)
        return self.file_relation(self._built(layer, table))

    def file_relation(self, path: Path) -> str:
        """Name a Parquet file below the root in the engine's SQL."""
        relation = f"read_parquet({_quoted(path)})"
        self._files[relation] = path
        return relation

    def empty_relation(self, layer: str, table: str) -> str:
        """Name a relation of no rows with the columns and types of a source or seed: for contract tests."""
        if layer == "ref":
            return self._typed_nothing(self.project.seeds[table].columns)
        if layer in ("validated", "candidates"):
            return self._typed_nothing(self.project.contracts[table].columns)
        if layer == "ledger":
            return self._typed_nothing(LEDGER_COLUMNS[table])
        return self._contract_facts(table)

    def _seed(self, name: str) -> str:
        seed = self.project.seeds[name]
        columns = ", ".join(f"'{column}': '{self.project.fields[column].type}'" for column in seed.columns)
        files = ", ".join(_quoted(path) for path in seed.paths)
        return (
            f"read_csv([{files}], columns = {{{columns}}}, header = true, delim = ',', quote = '\"', "
            "escape = '\"', nullstr = '', auto_detect = false, encoding = 'utf-8')"
        )

    def _ledger(self, table: str) -> str:
        folder = self.root / ("ledger" if table == "deliveries" else "rejects")
        paths = [self._built(folder.name, path.stem) for path in sorted(folder.glob("*.parquet"))]
        if not paths:
            return self._typed_nothing(LEDGER_COLUMNS[table])
        # By name: the ledger of a feed that stands still may be of a time when there were fewer columns.
        return f"read_parquet([{', '.join(_quoted(path) for path in paths)}], union_by_name = true)"

    def _contract_facts(self, table: str) -> str:
        contracts = self.project.contracts.values()
        if table == "options":
            rows = [(c.feed, option, value) for c in contracts for option, value in sorted(c.options.items())]
            return _values(rows, ("feed", "option", "value"), ("varchar",) * 3)
        schedules = [(c.feed, c.supplier, c.kind, c.schedule.frequency, c.schedule.due_days) for c in contracts]
        return _values(
            schedules,
            ("feed", "supplier", "kind", "frequency", "due_days"),
            ("varchar", "varchar", "varchar", "varchar", "integer"),
        )

    def _typed_nothing(self, columns: Sequence[str]) -> str:
        typed = ", ".join(f"cast(null as {self.project.fields[name].type}) as {name}" for name in columns)
        return f"(select {typed} where false)"

    # ── computing ─────────────────────────────────────────────────────────────────────────────────────────

    def query(self, sql: str, **tables: pa.Table) -> pa.Table:
        """Run a query; `tables` are Arrow tables that it may name."""
        engine = self._engine
        for name, table in tables.items():
            engine.register(name, table)
        try:
            return engine.sql(sql).to_arrow_table()
        finally:
            for name in tables:
                engine.unregister(name)

    def describe(self, sql: str) -> dict[str, str]:
        """Return the columns of a query and their types, without running it. Raises SqlError where it cannot."""
        import duckdb

        try:
            rows = self.query(f"describe {sql}").to_pylist()
        except duckdb.Error as error:
            raise SqlError(_in_one_line(error), _line_of(error)) from None
        names = [row["column_name"] for row in rows]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise SqlError(f"it selects {', '.join(twice)} twice")
        return {row["column_name"]: row["column_type"].lower().replace(" ", "") for row in rows}

    def write_query(self, path: Path, sql: str, description: str = "", durable: bool = True) -> int:
        """Write the rows of a query, in the order the query gives, to one Parquet file; return their number.

        Rows are streamed, so a table may be larger than memory. For `durable` see `replacing`.
        """
        reader: pa.RecordBatchReader = self._engine.sql(sql).to_arrow_reader(BATCH_ROWS)
        return self.write_batches(path, reader.schema, reader, description, durable)

    def write_model(self, model: Model, relation: Relation, day: dt.date, path: Path, durable: bool = True) -> int:
        """Compute a model in SQL on the tables that `relation` names and write its rows in the order of its grain.

        Return their number. Raises EngineLostError where the engine that is asked for is not there.
        """
        sql = f"select * from (\n{compile_sql(model, relation, day)}\n) order by {', '.join(model.grain)}"
        if self._spark is not None:
            return self.write_rows(path, model, self._spark.compute(model, relation, day, self.describe(sql)), durable)
        if model.publish or self._was_small(model):
            return self.write_rows(path, model, self._planned_once(sql), durable)
        return self.write_query(path, sql, model.description_en, durable)

    def _was_small(self, model: Model) -> bool:
        """Whether the table of a model that stands has so few rows that it may be computed whole."""
        state = self.state(model.layer, model.name)
        return state is not None and state.content is not None and state.rows <= BATCH_ROWS

    def _planned_once(self, sql: str) -> pa.Table:
        """Return the rows of a query that is costly to plan and has few rows.

        Rows of a relation have it planned twice, to know its columns and to run it, and planning a model costs more
        than running it on the tables of a province.
        """
        self._engine.execute(f"create or replace temp table computed as {sql}")
        try:
            return self._engine.table("computed").to_arrow_table()
        finally:
            self._engine.execute("drop table computed")

    def write_rows(self, path: Path, model: Model, rows: pa.Table, durable: bool = True) -> int:
        """Write the rows of a model, which are in the order of its grain; return their number.

        The file of a mart that is published says so: its key cannot be missing, and the rows are sorted by it. A key
        that is missing all the same is left for the rules of the mart to refuse.
        """
        if not model.publish:
            return self.write_table(path, rows, model.description_en, durable)
        given = {name for name in model.grain if rows[name].null_count == 0}
        schema = pa.schema([column.with_nullable(column.name not in given) for column in rows.schema])
        return self.write_batches(path, schema, rows.to_batches(), model.description_en, durable, model.grain)

    def analyse_model(self, model: Model, relation: Relation, day: dt.date, types: Mapping[str, str]) -> None:
        """Let the engine parse and analyse a model in SQL whose columns have these types; nothing is computed.

        Raises SqlError or QueryFailedError where it does not understand it, EngineLostError where it is not there.
        """
        if self._spark is not None:
            self._spark.analyse(model, relation, day, types)
        else:
            self.describe(compile_sql(model, relation, day))

    def write_table(self, path: Path, table: pa.Table, description: str = "", durable: bool = True) -> int:
        """Write an Arrow table to one Parquet file; return the number of rows."""
        return self.write_batches(path, table.schema, table.to_batches(), description, durable)

    def write_batches(
        self,
        path: Path,
        schema: pa.Schema,
        batches: Iterable[pa.RecordBatch],
        description: str = "",
        durable: bool = True,
        sorted_by: Sequence[str] = (),
    ) -> int:
        """Write record batches to one Parquet file, whole or not at all; it says by which columns its rows are sorted.

        Data pages of version 1, plain and dictionary encodings and Snappy: what every BI gateway reads.
        """
        schema = _described(schema, self.project.fields, description)
        rows = 0
        with (
            replacing(path, durable) as temporary,
            pq.ParquetWriter(
                temporary,
                schema,
                version="1.0",
                data_page_version="1.0",
                compression="snappy",
                sorting_columns=[pq.SortingColumn(schema.get_field_index(name)) for name in sorted_by] or None,
            ) as writer,
        ):
            for batch in _evenly(batches, schema):
                writer.write_batch(batch)
                rows += batch.num_rows
        return rows

    def read(self, layer: str, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a table, whole or some of its columns.

        Raises TableMissingError if nothing has built it, or it has changed since.
        """
        with pq.ParquetFile(self._built(layer, table)) as file:  # read_table would go through a data set of files
            return file.read(columns)

    def content_of(self, layer: str, table: str) -> str:
        """Return the digest of a table's content.

        Raises TableMissingError if nothing has built it, or it has changed since.
        """
        state = self.state(layer, table)
        if state is None or state.content is None:
            raise TableMissingError(
                f"{layer}/{table} {self.why_unbuilt(layer, table)}. Run the nightly job, or that asset, first."
            )
        return state.content

    def _built(self, layer: str, table: str) -> Path:
        self.content_of(layer, table)
        return self.path(layer, table)


def _evenly(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Cut rows into row groups of one size, so that bytes do not depend on how the engine chunked them."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        held.append(batch)
        count += batch.num_rows
        while count >= BATCH_ROWS:
            table = pa.Table.from_batches(held).combine_chunks()
            yield from table.slice(0, BATCH_ROWS).cast(schema).combine_chunks().to_batches()
            rest = table.slice(BATCH_ROWS)
            held, count = rest.to_batches(), rest.num_rows
    if count:
        yield from pa.Table.from_batches(held).cast(schema).combine_chunks().to_batches()


def _described(schema: pa.Schema, fields: Mapping[str, Field], description: str) -> pa.Schema:
    def with_meaning(column: pa.Field) -> pa.Field:
        known = fields.get(column.name)
        if known is None:
            return column.remove_metadata()
        meaning = {
            "description": known.description_en,
            "description_vi": known.description_vi,
            "unit": known.unit,
            "access": known.access,
            "label_vi": known.label_vi,
            "label_en": known.label_en,
        }
        return column.with_metadata(meaning)

    metadata = {"description": description} if description else None
    return pa.schema([with_meaning(column) for column in schema], metadata=metadata)


def _in_one_line(error: duckdb.Error) -> str:
    """What the engine says, without its drawing of the place: `LINE 3: …` and a caret under it."""
    message = str(error).split("\nLINE ")[0]
    return " ".join(message.replace("FROM clause!", "FROM clause.").split())


def _line_of(error: duckdb.Error) -> int | None:
    """The line of the query that the engine draws, where it draws one."""
    drawn = re.search(r"\nLINE (\d+): ", str(error))
    return int(drawn.group(1)) if drawn else None


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _literal(value: object) -> str:
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _values(rows: Sequence[Sequence[object]], columns: Sequence[str], types: Sequence[str]) -> str:
    if not rows:
        typed = ", ".join(f"cast(null as {t}) as {c}" for c, t in zip(columns, types, strict=True))
        return f"(select {typed} where false)"
    selects = (
        "select "
        + ", ".join(f"cast({_literal(value)} as {t}) as {c}" for value, c, t in zip(row, columns, types, strict=True))
        for row in rows
    )
    return f"({' union all '.join(selects)})"
