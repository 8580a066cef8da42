"""Writes a DuckDB file that clients from 1.0 on open: tables, views over them, and what each of them means.

Storage is that of version 1.0.0. A primary key is not declared: what version 2 writes of one, a client of 1.0 cannot
read. A column without a missing value is declared so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

STORAGE_VERSION = "v1.0.0"


@dataclass(frozen=True)
class Relation:
    """A table or view of the file: what it means, and what each of its columns means."""

    name: str
    comment: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TableWithRows(Relation):
    """A table and its rows."""

    rows: pa.Table = field(kw_only=True)


@dataclass(frozen=True)
class View(Relation):
    """A view and its SQL, over the tables and the views before it."""

    sql: str = field(kw_only=True)


def write_duckdb_file(path: Path, tables: Sequence[TableWithRows], views: Sequence[View]) -> None:
    """Write a file that does not exist yet. Raises duckdb.Error where a view does not fit the tables."""
    import duckdb  # here, because a night with nothing new computes nothing

    # One thread, so that rows keep their order.
    with duckdb.connect(":memory:", config={"threads": 1}) as engine:
        # Left to itself it may take a longer form for texts that repeat, and begin another block for it.
        engine.execute("set force_compression = 'dictionary'")
        engine.execute(f"attach {_text(str(path))} as made (storage_version {_text(STORAGE_VERSION)})")
        engine.execute("use made")
        engine.execute("begin")
        for table in tables:
            engine.register("rows_of_table", table.rows)
            columns = ", ".join(
                f"{_name(described[0])} {described[1]}{'' if table.rows[described[0]].null_count else ' not null'}"
                for described in engine.execute("describe select * from rows_of_table").fetchall()
            )
            engine.execute(f"create table {_name(table.name)} ({columns})")
            engine.execute(f"insert into {_name(table.name)} select * from rows_of_table")
            engine.unregister("rows_of_table")
            _comment(engine, "table", table)
        for view in views:
            engine.execute(f"create view {_name(view.name)} as\n{view.sql}")
            _comment(engine, "view", view)
        engine.execute("commit")
        engine.execute("use memory")
        engine.execute("detach made")


def types_of(path: Path, relation: str) -> dict[str, str]:
    """Return the columns of a table or view of a file and their types."""
    import duckdb

    with duckdb.connect(str(path), read_only=True) as engine:
        return {row[0]: row[1] for row in engine.execute(f"describe {_name(relation)}").fetchall()}


def rows_of(path: Path, relations: Iterable[str]) -> Iterator[pa.Table]:
    """Yield the rows of tables or views of a file, each in one order. Opening it costs more than reading from it."""
    import duckdb

    with duckdb.connect(str(path), read_only=True, config={"threads": 1}) as engine:
        for relation in relations:
            yield engine.table(relation).to_arrow_table()


def _comment(engine: object, kind: str, relation: Relation) -> None:
    statements = [f"comment on {kind} {_name(relation.name)} is {_text(relation.comment)}"]
    statements += [
        f"comment on column {_name(relation.name)}.{_name(column)} is {_text(comment)}"
        for column, comment in relation.columns.items()
    ]
    for statement in statements:
        engine.execute(statement)  # type: ignore[attr-defined]  # duckdb is imported where it is used


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
